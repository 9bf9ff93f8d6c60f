//! Bad input against the binary: each case file says what is set up and typed; its snapshot holds exit code and message.
//!
//! A case must change nothing: the database and every file of the folder are compared byte for byte before and after.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::Deserialize;
use suitor::import::{Aliases, Mappings, Options, import};
use suitor::store::{Access, Db};

use crate::support::project;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What the command line is.
    args: Vec<String>,
    /// The database: `none`, `sample` (the default), `text`, `empty`, `newer`, `locked`, `cut`, `damaged`, `folder`.
    #[serde(default = "sample")]
    database: String,
    /// What other software did in the database.
    #[serde(default)]
    sql: String,
    /// Files to write first.
    #[serde(default)]
    files: BTreeMap<String, String>,
    /// Whether the shipped config/ and rules/ are written out first.
    #[serde(default)]
    init: bool,
    /// Replacements in files of it: file, text, other text.
    #[serde(default)]
    edit: Vec<(String, String, String)>,
}

fn sample() -> String {
    "sample".to_owned()
}

fn suitor(folder: &Path, args: &[String]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_suitor"))
        .current_dir(folder)
        .args(args)
        .env_remove("SUITOR_DB")
        .env("COLUMNS", "120")
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

/// A database with the training rows of timm, made once.
fn sample_database() -> &'static Path {
    static MADE: std::sync::OnceLock<(tempfile::TempDir, PathBuf)> = std::sync::OnceLock::new();
    let (_, path) = MADE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sample.duckdb");
        let mut db = Db::open(&path, Access::Create).unwrap();
        db.create_schema().unwrap();
        let nowhere = Path::new("no such folder");
        let (mappings, aliases) = (Mappings::load(nowhere).unwrap(), Aliases::load(nowhere).unwrap());
        let files = ["timm_train.csv", "timm_infer.csv"].map(|name| project().join("tests/data").join(name));
        let report = import(&mut db, &files, &mappings, &aliases, &Options::default(), &mut |_| ()).unwrap();
        assert!(report.errors.is_empty());
        (folder, path)
    });
    path
}

fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                all.insert(path.clone(), std::fs::read(&path).unwrap());
            }
        }
    }
    all
}

#[test]
fn bad_input_is_named_with_its_place_and_changes_nothing() {
    insta::glob!("../cases/cli", "*.toml", |path| {
        let case: Case = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let database = folder.join("benchmark_db.duckdb");
        match case.database.as_str() {
            "none" => {}
            "sample" | "locked" => drop(std::fs::copy(sample_database(), &database).unwrap()),
            "newer" => {
                std::fs::copy(sample_database(), &database).unwrap();
                let db = duckdb::Connection::open(&database).unwrap();
                db.execute_batch("UPDATE suitor_schema SET version = 99").unwrap();
            }
            "text" => std::fs::write(&database, "model,throughput\n".repeat(1000)).unwrap(),
            "empty" => std::fs::write(&database, "").unwrap(),
            "cut" => std::fs::write(&database, &std::fs::read(sample_database()).unwrap()[..10_000]).unwrap(),
            "damaged" => {
                let mut bytes = std::fs::read(sample_database()).unwrap();
                bytes.iter_mut().skip(12_288).step_by(100).for_each(|byte| *byte ^= 0xff);
                std::fs::write(&database, bytes).unwrap();
            }
            "folder" => std::fs::create_dir(&database).unwrap(),
            other => panic!("no such database: {other}"),
        }
        if !case.sql.is_empty() {
            duckdb::Connection::open(&database).unwrap().execute_batch(&case.sql).unwrap();
        }
        if case.init {
            assert!(suitor(folder, &["init".to_owned()]).status.success());
        }
        for (name, text) in &case.files {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        for (name, from, to) in &case.edit {
            let path = folder.join(name);
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.contains(from), "`{from}` is not in {name}");
            std::fs::write(path, text.replacen(from, to, 1)).unwrap();
        }
        let before = contents(folder);
        let holder = (case.database == "locked").then(|| Db::open(&database, Access::Write).unwrap());
        let ended = suitor(folder, &case.args);
        drop(holder);
        let after = contents(folder);
        let changed: Vec<_> = after.iter().filter(|(path, bytes)| before.get(*path) != Some(bytes)).map(|(path, _)| path).collect();
        assert!(changed.is_empty() && before.len() == after.len(), "{}: {changed:?} changed", path.display());
        let said = String::from_utf8(ended.stderr).unwrap();
        let process = format!("process {}", std::process::id());
        let said = said.replace(&process, "process 4711").replace(&folder.display().to_string(), "HERE");
        let printed = String::from_utf8(ended.stdout).unwrap();
        let code = ended.status.code().unwrap_or(-1);
        assert!(code != 0, "{}: it went through:\n{printed}", path.display());
        assert!(!said.contains("panicked"), "{}: {said}", path.display());
        insta::assert_snapshot!(format!("exit code {code}\n--- stdout\n{printed}--- stderr\n{said}"));
    });
}
