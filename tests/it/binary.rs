//! Running the binary as a user does, on databases that it made itself.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::project;

/// How a run of the binary ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub printed: String,
    pub said: String,
}

/// Runs the binary in `folder`; `columns` is the width of the terminal.
pub fn suitor_at(folder: &Path, columns: usize, args: &[&str]) -> Ended {
    let ended = Command::new(env!("CARGO_BIN_EXE_suitor"))
        .current_dir(folder)
        .args(args)
        .env_remove("SUITOR_DB")
        .env("COLUMNS", columns.to_string())
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: ended.status.code().unwrap_or(-1), printed: text(ended.stdout), said: text(ended.stderr) }
}

pub fn suitor(folder: &Path, args: &[&str]) -> Ended {
    suitor_at(folder, 120, args)
}

/// Runs the binary, which must end well, and returns what it printed.
#[track_caller]
pub fn done(folder: &Path, args: &[&str]) -> String {
    let ended = suitor(folder, args);
    assert_eq!(ended.code, 0, "{args:?}: {}{}", ended.printed, ended.said);
    ended.printed
}

/// A folder with the sample files that are named, under their own names, and a database of them (the default one).
pub fn folder_of(files: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        std::fs::copy(sample(file), folder.path().join(Path::new(file).file_name().unwrap())).unwrap();
        done(folder.path(), &["import", "--quiet", Path::new(file).file_name().unwrap().to_str().unwrap()]);
    }
    folder
}

/// A folder with a database of these rows.
pub fn folder_of_rows(rows: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rows.csv"), rows).unwrap();
    done(folder.path(), &["import", "--quiet", "rows.csv"]);
    folder
}

pub fn sample(file: &str) -> PathBuf {
    project().join("tests/data").join(file)
}
