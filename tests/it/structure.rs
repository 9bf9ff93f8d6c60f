//! What the layout promises: who may reach the database, the clock and files, and how long a file may be.

use std::path::{Path, PathBuf};

use crate::support::project;

/// Lines of a file, tests among them.
const LONGEST: usize = 500;

fn rust_files(folder: &Path, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.extension().is_some_and(|end| end == "rs") {
            into.push(path);
        }
    }
}

/// Files under a folder of the project, as paths from there, with their texts.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut paths = Vec::new();
    rust_files(&project().join(folder), &mut paths);
    let named = |path: &PathBuf| path.strip_prefix(project()).expect("inside").to_string_lossy().replace('\\', "/");
    let all: Vec<(String, String)> = paths.iter().map(|path| (named(path), std::fs::read_to_string(path).expect("a text"))).collect();
    assert!(!all.is_empty(), "{folder} holds no source");
    all
}

/// Places outside comments where one of the words stands.
fn naming<'a>(files: impl Iterator<Item = &'a (String, String)>, words: &[&str]) -> Vec<String> {
    let mut places = Vec::new();
    for (name, text) in files {
        for (at, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if words.iter().any(|word| code.contains(word)) {
                places.push(format!("{name}:{}: {}", at + 1, line.trim()));
            }
        }
    }
    places
}

fn none(what: &str, places: &[String]) {
    assert!(places.is_empty(), "{what}:\n{}", places.join("\n"));
}

#[test]
fn only_the_store_names_duckdb() {
    let files = sources("src");
    assert!(files.iter().any(|(name, text)| name.starts_with("src/store/") && text.contains("duckdb::")), "the search finds what is there");
    let others = files.iter().filter(|(name, _)| !name.starts_with("src/store/"));
    none("duckdb outside src/store", &naming(others, &["duckdb::", "extern crate duckdb", "use duckdb"]));
}

#[test]
fn only_the_registry_reaches_the_network() {
    let files = sources("src");
    let others = files.iter().filter(|(name, _)| !name.starts_with("src/registry"));
    let serving = |line: &String| !line.starts_with("src/cli/serve") && !line.starts_with("src/serve");
    let places: Vec<String> = naming(others, &["TcpStream", "UdpSocket", "ureq::", "reqwest::", "hyper::", "ToSocketAddrs"]);
    none("network outside src/registry", &places.into_iter().filter(serving).collect::<Vec<_>>());
}

#[test]
fn the_result_is_written_to_a_given_output_and_never_printed() {
    // stderr is free: warnings and progress go there.
    let files: Vec<(String, String)> =
        sources("src").into_iter().map(|(name, text)| (name, text.replace("eprintln!", "").replace("eprint!", ""))).collect();
    none("printing", &naming(files.iter(), &["println!", "print!(", "dbg!("]));
}

#[test]
fn planning_ranking_and_diffing_touch_neither_files_nor_clock() {
    let files = sources("src");
    let reads = ["src/diff/against.rs", "src/diff/git.rs"];
    let pure = files.iter().filter(|(name, _)| {
        ["src/scoring/", "src/recommend/", "src/diff/", "src/statistics/"].iter().any(|folder| name.starts_with(folder))
            && !reads.contains(&name.as_str())
    });
    let impure = [
        "std::fs",
        "fs::",
        "File::open",
        "std::time",
        "Instant::",
        "SystemTime",
        "::now(",
        "std::env",
        "std::net",
        "std::process",
        "stdin(",
        "stdout(",
    ];
    none("file or clock access where there must be none", &naming(pure, &impure));
}

#[test]
fn no_file_is_long() {
    let mut long = Vec::new();
    for folder in ["src", "tests"] {
        let files = sources(folder);
        long.extend(
            files
                .iter()
                .map(|(name, text)| (name, text.lines().count()))
                .filter(|(_, lines)| *lines > LONGEST)
                .map(|(name, lines)| format!("{name}: {lines} lines")),
        );
    }
    none("files to split", &long);
}
