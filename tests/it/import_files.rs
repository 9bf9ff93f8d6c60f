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

/// Starts an import, whose end is not waited for.
fn begin(folder: &Path, file: &str) -> std::process::Child {
    Command::new(env!("CARGO_BIN_EXE_suitor"))
        .current_dir(folder)
        .args(["import", file])
        .env_remove("SUITOR_DB")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn many(hardware: &str, rows: usize) -> String {
    (0..rows).fold(HEADER.to_owned(), |text, at| text + "m," + hardware + "," + (at + 1).to_string().as_str() + "\n")
}

#[test]
fn of_two_imports_that_make_a_database_at_once_one_waits_for_the_other_and_both_land() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("many.csv"), many("L4", 60_000)).unwrap();
    for round in 0..6 {
        let _ = std::fs::remove_file(folder.join("benchmark_db.duckdb"));
        let files: Vec<String> = (0..3).map(|number| format!("small_{number}.csv")).collect();
        for (number, file) in files.iter().enumerate() {
            std::fs::write(folder.join(file), many(&format!("T{}", number + 1), 2)).unwrap();
        }
        let mut running = vec![begin(folder, "many.csv")];
        if round % 2 == 0 {
            // In its midst: the others must wait.
            while !folder.join("benchmark_db.duckdb.importing").exists() && running[0].try_wait().unwrap().is_none() {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        running.push(begin(folder, &files[0]));
        let mut said = Vec::new();
        for one in running {
            let ended = one.wait_with_output().unwrap();
            said.push(String::from_utf8_lossy(&ended.stderr).into_owned());
            assert!(ended.status.success(), "round {round}: {said:?}");
        }
        let listed = done(folder, &["list", "hardware", "--format", "csv"]);
        assert!(listed.contains("L4") && listed.contains("T1"), "round {round}: {listed}");
        let left = names(folder).into_iter().filter(|name| name.contains("importing"));
        assert_eq!(left.collect::<Vec<_>>(), Vec::<String>::new());
    }
}

#[test]
fn what_a_stopped_import_leaves_is_said_and_goes_with_the_next_command_that_writes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("many.csv"), many("L4", 200_000)).unwrap();
    let unfinished = folder.join("benchmark_db.duckdb.importing");
    let stopped = || {
        let mut running = begin(folder, "many.csv");
        while !unfinished.exists() && running.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        // While it is at work it is said to be, and nothing of it is taken away.
        let ended = suitor(folder, &["recommend", "--model", "m"]);
        let (running_still, there) = (running.try_wait().unwrap().is_none(), folder.join("benchmark_db.duckdb").exists());
        if running_still && !there {
            assert!(ended.code == 2 && ended.said.contains("is making it; ask again when it is done"), "{}", ended.said);
        }
        running.kill().unwrap();
        running.wait().unwrap();
    };
    stopped();
    assert!(unfinished.exists());
    let ended = suitor(folder, &["recommend", "--model", "m"]);
    assert_eq!(ended.code, 2);
    assert!(ended.said.contains("an import was stopped before its rows landed: import again"), "{}", ended.said);
    assert!(unfinished.exists(), "who only reads takes nothing away");
    let ended = suitor(folder, &["create-schema"]);
    assert_eq!(ended.code, 0, "{}", ended.said);
    assert!(ended.said.contains("benchmark_db.duckdb.importing`, which an import left that was stopped"), "{}", ended.said);
    assert_eq!(names(folder), ["benchmark_db.duckdb", "many.csv"]);
}
