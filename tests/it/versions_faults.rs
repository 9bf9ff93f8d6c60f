//! What is killed in the middle, and what two processes at once do: nothing acknowledged is lost, nothing is left half done.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use suitor::store::{Access, Db};

use crate::binary::{done, folder_of_rows, suitor};
use crate::versions::base;

/// How often a process is killed.
const KILLS: usize = 200;
/// Results that one command links.
const BLOCK: usize = 3;

/// Starts the binary in a folder.
fn start(at: &Path, args: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_suitor"));
    command.current_dir(at).args(args).env_remove("SUITOR_DB").env("NO_COLOR", "1").stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// What a process had printed when it ended, and whether it ended well by itself.
fn ended(mut child: Child) -> (bool, String, String) {
    let status = child.wait().unwrap();
    let (mut printed, mut said) = (String::new(), String::new());
    child.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (status.success(), printed, said)
}

/// A fixed sequence of numbers in [0, 1).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// What is in the database: linked results, and the revisions, each of which must be whole.
fn state(at: &Path) -> (BTreeSet<i64>, BTreeSet<i64>) {
    // A reader must get at it too, before anybody writes again.
    let reader = Db::open(&base(at), Access::Read).unwrap_or_else(|error| panic!("{error}"));
    let seen = reader.model("m").and_then(|model| reader.snapshots(model.id)).unwrap().len();
    drop(reader);
    let db = duckdb::Connection::open(base(at)).unwrap_or_else(|error| panic!("the database cannot be opened any more: {error}"));
    let numbers = |sql: &str| -> BTreeSet<i64> {
        let mut statement = db.prepare(sql).unwrap();
        statement.query_map([], |row| row.get::<_, i64>(0)).unwrap().collect::<duckdb::Result<_>>().unwrap()
    };
    let none = |what: &str, sql: &str| assert_eq!(numbers(sql), BTreeSet::new(), "{what}");
    none(
        "snapshots of which a part is missing",
        "SELECT snapshot_id FROM suitor_snapshot AS s WHERE
           result_count <> (SELECT count(*) FROM suitor_snapshot_row AS r WHERE r.snapshot_id = s.snapshot_id)
           OR point_count <> (SELECT count(*) FROM suitor_snapshot_point AS p WHERE p.snapshot_id = s.snapshot_id)
           OR hardware_count <> (SELECT count(*) FROM hardware_compatibility_snapshots AS h WHERE h.version_id = s.version_id AND h.revision = s.revision)
           OR NOT EXISTS (SELECT 1 FROM suitor_rule_file AS f WHERE f.rule_set = s.rule_set AND f.name = 'config/scoring.toml')",
    );
    none(
        "rows of no snapshot",
        "SELECT DISTINCT snapshot_id FROM suitor_snapshot_row WHERE snapshot_id NOT IN (SELECT snapshot_id FROM suitor_snapshot)",
    );
    none(
        "points of no snapshot",
        "SELECT DISTINCT snapshot_id FROM suitor_snapshot_point WHERE snapshot_id NOT IN (SELECT snapshot_id FROM suitor_snapshot)",
    );
    none(
        "scores of no snapshot",
        "SELECT DISTINCT revision FROM hardware_compatibility_snapshots WHERE revision NOT IN (SELECT revision FROM suitor_snapshot)",
    );
    assert_eq!(numbers("SELECT count(*) FROM suitor_snapshot"), [i64::try_from(seen).unwrap()].into(), "a reader sees what a writer sees");
    (numbers("SELECT result_id FROM model_version_results"), numbers("SELECT revision FROM suitor_snapshot"))
}

#[test]
fn two_hundred_kills_lose_nothing_acknowledged_and_leave_nothing_half_done() {
    let mut rows = "model,hardware,task,batch_size,throughput_items_per_second,latency_ms_mean\n".to_owned();
    for n in 0..KILLS * BLOCK {
        rows.push_str(&format!("m,H{},inference,{},{},{}\n", n % 7, 1 << (n % 5), 100 + n, 1 + n % 13));
    }
    let folder = folder_of_rows(&rows);
    let at = folder.path();
    let block = |k: usize| (1..=BLOCK).map(|n| i64::try_from(k * BLOCK + n).unwrap()).collect::<Vec<i64>>();
    let link = |k: usize| {
        let ids = block(k).iter().map(i64::to_string).collect::<Vec<_>>().join(",");
        ["link-tests", "--model", "m", "--version", "v1", "--result-ids", &ids].map(str::to_owned)
    };
    let snapshot = ["create-snapshot", "--model", "m", "--version", "v1"];
    // Both done once, for the time that they take.
    let timed = |args: &[&str]| {
        let began = Instant::now();
        done(at, args);
        began.elapsed()
    };
    let first = link(0);
    let mut takes = [timed(&first.each_ref().map(String::as_str)), timed(&snapshot)];
    let mut chance = Chance(7);
    let (mut linked, mut revisions): (BTreeSet<i64>, BTreeSet<i64>) = (block(0).into_iter().collect(), [1].into());
    let (mut killed, mut finished) = (0, 0);
    let mut k = 0;
    for round in 0..KILLS {
        let links = round % 2 == 0;
        k += usize::from(links);
        let args = link(k);
        let mut child = if links { start(at, &args.each_ref().map(String::as_str)) } else { start(at, &snapshot) };
        // Every second time in the later half, where it writes.
        let (kind, began) = (usize::from(!links), Instant::now());
        let share = if round % 4 < 2 { chance.next() } else { f64::midpoint(1.0, chance.next()) };
        let moment = takes[kind].mul_f64(1.1 * share);
        while began.elapsed() < moment && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(2));
        }
        // The kills are to fall where the work is, however busy the machine is by now.
        takes[kind] = takes[kind].mul_f64(if child.try_wait().unwrap().is_some() { 0.9 } else { 1.05 });
        let _ = child.kill();
        let (well, printed, said) = ended(child);
        assert!(well || said.is_empty(), "{args:?}: {said}");
        // What was printed was acknowledged, even when the process was killed before it ended.
        let acknowledged = printed.ends_with('\n');
        assert!(acknowledged || !well);
        if well {
            finished += 1;
        } else {
            killed += 1;
        }
        let (now_linked, now_revisions) = state(at);
        if links {
            let both: BTreeSet<i64> = linked.iter().copied().chain(block(k)).collect();
            assert!(now_linked == both || (now_linked == linked && !acknowledged), "round {round}: {printed}");
        } else {
            let more: BTreeSet<i64> = revisions.iter().copied().chain([revisions.len() as i64 + 1]).collect();
            let made = printed.contains("created");
            assert!(now_revisions == more || (now_revisions == revisions && !made), "round {round}: {printed}");
            assert_eq!(now_linked, linked, "round {round}");
        }
        (linked, revisions) = (now_linked, now_revisions);
    }
    crate::support::say(&format!("{killed} processes killed, {finished} had ended: {} revisions, {} links", revisions.len(), linked.len()));
    assert!(killed >= KILLS / 10, "{killed} were killed");
    // It goes on from there.
    let last = link(KILLS - 1);
    done(at, &last.each_ref().map(String::as_str));
    done(at, &snapshot);
    assert_eq!(state(at).1.len(), revisions.len() + 1);
    done(at, &["recommend", "--model", "m", "--version", "v1", "--replay-at", "1"]);
}

const ROWS: &str = "model,hardware,task,throughput_items_per_second\nm,A,inference,100\nm,B,inference,50\n";

#[test]
fn a_database_in_use_is_waited_for_and_then_the_process_is_named() {
    let folder = folder_of_rows(ROWS);
    let at = folder.path();
    let path = base(at);
    let holder = Db::open(&path, Access::Write).unwrap();
    let args = ["link-tests", "--model", "m", "--version", "v1", "--result-ids", "1,2", "--lock-timeout"];
    let began = Instant::now();
    let refused = suitor(at, &[&args[..], &["0.3"]].concat());
    let took = began.elapsed();
    assert_eq!((refused.code, refused.printed.as_str()), (1, ""));
    let expected = format!("error: `./benchmark_db.duckdb` is in use by process {}\nhelp: wait until it is done", std::process::id());
    assert!(refused.said.starts_with(&expected), "{}", refused.said);
    assert!(took >= Duration::from_millis(300), "{took:?}");
    let at_once = suitor(at, &[&args[..], &["0"]].concat());
    assert!(at_once.said.starts_with(&expected), "{}", at_once.said);
    // One that waits gets it when the other is done.
    let waiting = start(at, &[&args[..], &["60"]].concat());
    std::thread::sleep(Duration::from_millis(600));
    drop(holder);
    let (well, printed, said) = ended(waiting);
    assert!(well && printed.starts_with("linked 2 test result(s)"), "{printed}{said}");
    for wrong in ["-1", "soon", "nan", "1e9"] {
        let ended = suitor(at, &["list", "results", &format!("--lock-timeout={wrong}")]);
        assert_eq!(ended.code, 2, "{wrong}");
        assert!(ended.said.contains("expected seconds, 0 to 86400"), "{}", ended.said);
    }
}

#[test]
fn of_two_processes_at_once_one_waits_and_both_are_done() {
    let folder = folder_of_rows(ROWS);
    let at = folder.path();
    done(at, &["link-tests", "--model", "m", "--version", "v1", "--result-ids", "1,2"]);
    let args = ["create-snapshot", "--model", "m", "--version", "v1", "--lock-timeout", "60"];
    let both: Vec<Child> = (0..4).map(|_| start(at, &args)).collect();
    let ends: Vec<(bool, String, String)> = both.into_iter().map(ended).collect();
    assert!(ends.iter().all(|(well, ..)| *well), "{ends:?}");
    let made = |(_, printed, _): &&(bool, String, String)| printed.starts_with("created");
    assert_eq!(ends.iter().filter(made).count(), 1, "one made it, the others found it: {ends:?}");
    assert_eq!(state(at).1, [1].into());
}
