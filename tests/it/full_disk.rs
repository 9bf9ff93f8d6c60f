//! A disk that is full while `rules rollback`, `test --accept` and `test record` write: nothing is half written, and what is left is said.

use std::path::Path;
use std::process::{Command, Output};

use suitor::scenario::Snapshot;

use crate::binary::{done, folder_of_rows, suitor};
use crate::rollback::{Edited, files};
use crate::scenario_test::{self, ROWS, read, scenario, write};
use crate::support::say;

/// Copies FOLDER to a disk of its own, fills it but for FREE bytes, runs the command there, and copies what it left to AFTER.
const ON_A_SMALL_DISK: &str = r#"
folder=$1 disk=$2 after=$3 free=$4; shift 4
mount -t tmpfs -o size=32m none "$disk" || exit 99
cp -a "$folder/." "$disk" && cd "$disk" || exit 99
dd if=/dev/zero of=.fill bs=4096 2>/dev/null
truncate -s $(($(stat -c %s .fill) - free)) .fill || exit 99
"$@"
code=$?
rm .fill
cp -a "$disk/." "$after" || exit 99
exit $code
"#;

/// A run on a disk with so many pages of 4096 bytes free, and the folder as it was afterwards; `None` where no such disk can be made here.
fn with_pages(folder: &Path, pages: usize, args: &[&str]) -> Option<(i32, String, tempfile::TempDir)> {
    let (disk, after) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for own in [&["--mount"][..], &["--user", "--map-root-user", "--mount"]] {
        let ran = Command::new("unshare")
            .args(own)
            .args(["sh", "-c", ON_A_SMALL_DISK, "sh"])
            .args([folder, disk.path(), after.path()])
            .arg((pages * 4096).to_string())
            .arg(env!("CARGO_BIN_EXE_suitor"))
            .args(args)
            .env_remove("SUITOR_DB")
            .env("NO_COLOR", "1")
            .output();
        let Ok(Output { status, stderr, .. }) = ran else { continue };
        let said = String::from_utf8_lossy(&stderr).into_owned();
        if status.code().is_some_and(|code| code != 99) && !said.contains("unshare:") {
            return Some((status.code().unwrap(), said, after));
        }
    }
    say("SKIPPED: no disk of a few pages can be mounted here (unshare and tmpfs are needed)");
    None
}

/// A run that may write so many blocks (of 512 or 1024 bytes, as the shell has it) to any file.
fn with_blocks(folder: &Path, blocks: usize, args: &[&str]) -> (i32, String) {
    let ran = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f $0; exec \"$@\""])
        .args([blocks.to_string().as_str(), env!("CARGO_BIN_EXE_suitor")])
        .args(args)
        .current_dir(folder)
        .env_remove("SUITOR_DB")
        .output()
        .unwrap();
    (ran.status.code().unwrap_or(-1), String::from_utf8_lossy(&ran.stderr).into_owned())
}

#[track_caller]
fn is_said(code: i32, said: &str) {
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("error: `") && (said.contains("No space left") || said.contains("File too large")), "{said}");
}

/// No file that was on its way to its place is left.
#[track_caller]
fn nothing_is_left_beside(folder: &Path) {
    let hidden = scenario_test::files(folder).into_iter().filter(|name| name.starts_with('.') && name != ".suitor");
    assert_eq!(hidden.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn a_rollback_on_a_full_disk_loses_nothing_and_is_completed_when_there_is_room() {
    let edited = Edited::new();
    let args = ["rules", "rollback", edited.kept.0.as_str()];
    let (code, said) = with_blocks(edited.path(), 0, &args);
    is_said(code, &said);
    assert_eq!(files(edited.path()), edited.present.1);
    edited.is_whole();
    let (mut failed, mut between) = (0, 0);
    for pages in 0..80 {
        let Some((code, said, after)) = with_pages(edited.path(), pages, &args) else { return };
        let after = Edited { folder: after, kept: edited.kept.clone(), present: edited.present.clone() };
        after.is_whole();
        for folder in ["config", "rules"] {
            nothing_is_left_beside(&after.path().join(folder));
        }
        if code == 0 {
            assert_eq!(files(after.path()), edited.kept.1);
            say(&format!("rollback on a full disk: {failed} times out of room, {between} of them between two files"));
            assert!(failed > 5 && between > 0);
            return;
        }
        is_said(code, &said);
        failed += 1;
        between += usize::from(files(after.path()) != edited.present.1);
        after.is_completed_by_repeating();
    }
    panic!("80 pages are not enough");
}

#[test]
fn accepting_on_a_full_disk_leaves_each_snapshot_whole_or_out() {
    let home = tempfile::tempdir().unwrap();
    let at = home.path();
    let names: Vec<String> = (0..6).map(|number| format!("scenario_{number}")).collect();
    for name in &names {
        write(at, &format!("tests/scenarios/{name}.toml"), &scenario(name, ROWS, ""));
    }
    write(at, "snapshots/about.txt", "the folder is there");
    // Its rows are within the limit, its snapshot is not.
    let long = scenario(&"long ".repeat(300), ROWS, "");
    write(at, "tests/scenarios/long.toml", &long);
    let (code, said) = with_blocks(at, 1, &["test", "--accept", "long"]);
    is_said(code, &said);
    assert_eq!(scenario_test::files(&at.join("snapshots")), ["about.txt"]);
    std::fs::remove_file(at.join("tests/scenarios/long.toml")).unwrap();
    for pages in 0..20 {
        let Some((code, said, after)) = with_pages(at, pages, &["test", "--accept"]) else { return };
        let found = scenario_test::files(&after.path().join("snapshots"));
        let accepted: Vec<&String> = found.iter().filter(|name| *name != "about.txt").collect();
        assert!(accepted.iter().zip(&names).all(|(file, name)| **file == format!("{name}.snap")), "{found:?}");
        for file in &accepted {
            let text = read(after.path(), &format!("snapshots/{file}"));
            assert_eq!(Snapshot::parse(&text).render(), text);
            assert!(text.ends_with("GPU C | batch 8\n"), "{text}");
        }
        if code == 0 {
            assert_eq!(accepted.len(), names.len());
            assert!(pages > 2, "the disk was not full");
            return;
        }
        is_said(code, &said);
        assert!(accepted.len() < names.len());
        // With room again it goes on.
        done(after.path(), &["test", "--accept"]);
        assert_eq!(scenario_test::files(&after.path().join("snapshots")).len(), names.len() + 1);
    }
    panic!("20 pages are not enough");
}

#[test]
fn recording_on_a_full_disk_writes_all_of_a_scenario_or_nothing() {
    // More rows than stand in a scenario itself, so that three files are written.
    let rows = (0..60).fold("model,hardware,task,batch_size,throughput_items_per_second\n".to_owned(), |text, at| {
        text + format!("m,GPU {at},inference,1,{}\n", 100 + at).as_str()
    });
    let folder = folder_of_rows(&rows);
    let at = folder.path();
    let args = ["test", "record", "--model", "m", "--name", "one"];
    let all = |at: &Path| -> Vec<String> {
        let of = |folder: &'static str| {
            let path = at.join(folder);
            let names = if path.is_dir() { scenario_test::files(&path) } else { Vec::new() };
            names.into_iter().map(move |name| format!("{folder}/{name}"))
        };
        of("tests/scenarios").chain(of("snapshots")).collect()
    };
    let (code, said) = with_blocks(at, 0, &args);
    is_said(code, &said);
    assert_eq!(all(at), Vec::<String>::new());
    for pages in 0..40 {
        let Some((code, said, after)) = with_pages(at, pages, &args) else { return };
        if code == 0 {
            assert_eq!(all(after.path()), ["tests/scenarios/one.csv", "tests/scenarios/one.toml", "snapshots/one.snap"]);
            assert!(pages > 2, "the disk was not full");
            assert_eq!(suitor(after.path(), &["test", "--check"]).code, 0);
            return;
        }
        is_said(code, &said);
        assert_eq!(all(after.path()), Vec::<String>::new(), "{pages} pages");
    }
    panic!("40 pages are not enough");
}

#[test]
fn a_database_made_on_a_full_disk_is_whole_or_is_not_there() {
    let rows = (0..400).fold("model,hardware,task,batch_size,throughput_items_per_second\n".to_owned(), |text, at| {
        text + format!("m{at},GPU {at},inference,1,{}\n", 100 + at).as_str()
    });
    let home = tempfile::tempdir().unwrap();
    write(home.path(), "rows.csv", &rows);
    let args = ["--db-path", "new.duckdb", "import", "rows.csv"];
    let new = |at: &Path| scenario_test::files(at).into_iter().filter(|name| name.starts_with("new.duckdb")).collect::<Vec<_>>();
    let (mut failed, mut late) = (0, 0);
    // The engine writes blocks of 64 pages.
    for pages in (0..2_000).step_by(40) {
        let Some((code, said, after)) = with_pages(home.path(), pages, &args) else { return };
        if code == 0 {
            let conn = duckdb::Connection::open(after.path().join("new.duckdb")).unwrap();
            assert_eq!(conn.query_row("SELECT count(*) FROM performance_results", [], |row| row.get::<_, i64>(0)).unwrap(), 400);
            assert!(failed > 5 && late > 0, "{failed} failed, {late} of them when the file was closed");
            return;
        }
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("the disk is full"), "{said}");
        assert_eq!(new(after.path()), Vec::<String>::new(), "{pages} pages");
        failed += 1;
        late += usize::from(said.contains("the database could not be written"));
    }
    panic!("2,000 pages are not enough");
}

#[test]
fn two_that_accept_at_once_leave_what_one_would() {
    let home = tempfile::tempdir().unwrap();
    let at = home.path();
    let names: Vec<String> = (0..8).map(|number| format!("scenario_{number}")).collect();
    for name in &names {
        write(at, &format!("tests/scenarios/{name}.toml"), &scenario(name, ROWS, ""));
    }
    let snapshots =
        || scenario_test::files(&at.join("snapshots")).into_iter().map(|name| (name.clone(), read(at, &format!("snapshots/{name}"))));
    done(at, &["test", "--accept"]);
    let expected: Vec<(String, String)> = snapshots().collect();
    assert_eq!(expected.len(), names.len());
    for round in 0..10 {
        for name in names.iter().skip(round % 2) {
            write(at, &format!("snapshots/{name}.snap"), "---\nsource: x\n---\nof before\n");
            write(at, &format!("snapshots/{name}.snap.new"), "---\nsource: x\n---\nwaits\n");
        }
        let run = || Command::new(env!("CARGO_BIN_EXE_suitor")).current_dir(at).args(["test", "--accept"]).output().unwrap();
        let both = std::thread::scope(|scope| [scope.spawn(run), scope.spawn(run)].map(|one| one.join().unwrap()));
        for ended in both {
            assert!(ended.status.success(), "{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
        }
        assert_eq!(snapshots().collect::<Vec<_>>(), expected, "round {round}");
    }
}
