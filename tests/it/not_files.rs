//! Pipes, devices and folders where a file is expected: every command says so at once, with exit code 2, and changes nothing.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::binary::done;
use crate::scenario_test::{ROWS, scenario, write};

/// How long a command may take that must not wait for anything.
const PATIENCE: Duration = Duration::from_mins(1);

/// Exit code and what was said; a command that hangs is killed and fails the test.
fn ended(folder: &Path, args: &[&str]) -> (i32, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_suitor"))
        .current_dir(folder)
        .args(args)
        .env_remove("SUITOR_DB")
        .env("COLUMNS", "200")
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("{args:?} does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (output.status.code().unwrap_or(-1), text)
}

/// Puts a pipe, a device and a folder into the place of a file in turn.
fn instead_of(folder: &Path, file: &str, args: &[&str]) {
    let (path, aside) = (folder.join(file), folder.join("aside"));
    let was_there = path.exists();
    if was_there {
        std::fs::rename(&path, &aside).unwrap();
    }
    for thing in ["a pipe", "a device", "a folder"] {
        match thing {
            "a pipe" => assert!(Command::new("mkfifo").arg(&path).status().unwrap().success()),
            "a device" => std::os::unix::fs::symlink("/dev/zero", &path).unwrap(),
            _ => std::fs::create_dir(&path).unwrap(),
        }
        let (code, said) = ended(folder, args);
        let why = if thing == "a folder" { "is a folder, expected a file" } else { "is neither a file nor a link to one" };
        assert_eq!(code, 2, "{file} is {thing}, {args:?}: {said}");
        assert!(said.contains(&format!("{file}` {why}")), "{file} is {thing}, {args:?}: {said}");
        if thing == "a folder" { std::fs::remove_dir(&path) } else { std::fs::remove_file(&path) }.unwrap();
    }
    if was_there {
        std::fs::rename(&aside, &path).unwrap();
    }
}

#[test]
fn what_is_no_file_is_said_by_every_command_and_hangs_none() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "rows.csv", ROWS);
    write(at, "tests/scenarios/gpus.toml", &scenario("Three GPUs", ROWS, "winner = \"GPU A\"\n"));
    done(at, &["init"]);
    done(at, &["import", "--quiet", "rows.csv"]);
    done(at, &["test", "--accept"]);
    let recommend = ["recommend", "--model", "net", "--task", "inference"];
    let import = ["import", "--dry-run", "rows.csv"];
    for args in [&recommend[..], &import, &["test"], &["check"], &["list", "models"], &["diff", "--against", "shipped"]] {
        instead_of(at, "config/suitor.toml", args);
    }
    instead_of(at, "config/aliases.toml", &import);
    instead_of(at, "config/aliases.toml", &["test"]);
    instead_of(at, "config/import/own.toml", &import);
    for file in ["config/scoring.toml", "config/rules.toml", "rules/stale.rhai"] {
        for args in [&recommend[..], &["test"], &["check"], &["diff", "--against", "shipped"], &["rules", "new", "fresh"]] {
            instead_of(at, file, args);
        }
    }
    instead_of(at, "tests/scenarios/gpus.toml", &["test"]);
    instead_of(at, "snapshots/gpus.snap", &["test"]);
    std::fs::create_dir_all(at.join(".suitor/history/config")).unwrap();
    instead_of(at, ".suitor/history/config/index.json", &["rules", "history"]);
    // All is as it was.
    done(at, &["test", "--check"]);
    done(at, &["check", "--strict"]);
}

#[test]
fn nothing_is_written_into_a_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("config/rules.toml");
    std::fs::create_dir(folder.path().join("config")).unwrap();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let (code, said) = ended(folder.path(), &["init", "--force"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("nothing was written: `config/rules.toml` is no file"), "{said}");
    assert!(!folder.path().join("config/scoring.toml").exists());
}
