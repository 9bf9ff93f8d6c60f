//! What an import leaves behind on disk, when it ends well, when it does not, and when it is stopped.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::binary::{done, suitor};

const HEADER: &str = "model,hardware,throughput_items_per_second\n";

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn tables(path: &Path) -> Vec<String> {
    let db = duckdb::Connection::open(path).unwrap();
    let mut statement = db.prepare("SELECT table_name FROM duckdb_tables() ORDER BY 1").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_broken_file_makes_no_tables_in_a_database_of_other_things() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let path = folder.join("benchmark_db.duckdb");
    duckdb::Connection::open(&path).unwrap().execute_batch("CREATE TABLE notes (text VARCHAR)").unwrap();
    std::fs::write(folder.join("broken.csv"), format!("{HEADER}a,L4,100\na,L4\n")).unwrap();
    std::fs::write(folder.join("whole.csv"), format!("{HEADER}a,L4,100\n")).unwrap();
    let ended = suitor(folder, &["import", "broken.csv"]);
    assert_eq!(ended.code, 2, "{}", ended.said);
    assert_eq!(tables(&path), ["notes"]);
    // What is broken does not keep the next file from landing, tables and all.
    let ended = suitor(folder, &["import", "broken.csv", "whole.csv"]);
    assert_eq!(ended.code, 2, "{}", ended.said);
    assert!(tables(&path).contains(&"performance_results".to_owned()));
    assert!(done(folder, &["list", "hardware"]).contains("NVIDIA L4"));
}

#[test]
fn an_import_that_is_stopped_leaves_no_database_and_the_next_one_clears_what_it_left() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let rows: String = (0..200_000).fold(String::new(), |text, at| text + "m,L4," + (at + 1).to_string().as_str() + "\n");
    std::fs::write(folder.join("many.csv"), format!("{HEADER}{rows}")).unwrap();
    std::fs::write(folder.join("one.csv"), format!("{HEADER}a,L4,100\n")).unwrap();
    let mut running = Command::new(env!("CARGO_BIN_EXE_suitor"))
        .current_dir(folder)
        .args(["import", "many.csv"])
        .env_remove("SUITOR_DB")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while !folder.join("benchmark_db.duckdb.importing").exists() && started.elapsed() < Duration::from_mins(1) {
        std::thread::sleep(Duration::from_millis(1));
    }
    running.kill().unwrap();
    running.wait().unwrap();
    assert!(!folder.join("benchmark_db.duckdb").exists());
    let ended = suitor(folder, &["import", "broken.csv"]);
    assert_eq!(ended.code, 2, "{}", ended.said);
    assert_eq!(names(folder), ["many.csv", "one.csv"]);
    done(folder, &["import", "one.csv"]);
    assert_eq!(names(folder), ["benchmark_db.duckdb", "many.csv", "one.csv"]);
}
