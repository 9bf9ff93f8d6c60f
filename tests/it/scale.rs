//! What holds at any size: the same bytes within little memory and in parts, rows that lie where few blocks are read, answers that
//! are remembered and never stale.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use suitor::recommend::HardwareRecommender;
use suitor::recommend::request::Request;
use suitor::rules::{Engine, RuleSet};
use suitor::store::{Access, Db, Resources, SchemaNames};

use crate::binary::{done, folder_of_rows, suitor};
use crate::support::{ask, batch, db_from_text, no_rules};

#[path = "../../benches/generate/mod.rs"]
mod generate;
#[path = "../../benches/generate/pairs.rs"]
mod pairs;

/// How many times faster twelve compiled rules must be than interpreted ones, on so many pairs, planning among it. Measured in one run;
/// the benchmarks find far more on more pairs.
const FASTER: f64 = 8.0;
const PAIRS: u32 = 50_000;
const INTERPRETED: u32 = 5_000;

/// How many times the time of the query by hand a catalogue may take, of so many rows. Measured in one run; 1.2 to 1.6 were found.
const BY_HAND: f64 = 4.0;
const ROWS: u64 = 100_000;

fn numbers(database: &Path, sql: &str) -> Vec<i64> {
    let conn = duckdb::Connection::open(database).unwrap();
    let mut statement = conn.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<duckdb::Result<_>>().unwrap()
}

/// What readers are guarded against, each in one row of many; the other columns are read bare.
fn guarded(conn: &duckdb::Connection) {
    let planted = [
        ("throughput_items_per_second", "'nan'::DOUBLE"),
        ("latency_ms_mean", "'inf'::DOUBLE"),
        ("latency_ms_p50", "-1"),
        ("tpot_ms_mean", "0"),
        ("ttft_ms_mean", "1e12"),
        ("memory_peak_mb", "'nan'::DOUBLE"),
        ("scenario", "''"),
        ("precision", "''"),
        ("framework", "''"),
        ("status", "''"),
        ("content_hash", "NULL"),
    ];
    for (at, (column, value)) in planted.iter().enumerate() {
        conn.execute_batch(&format!("UPDATE performance_results SET {column} = {value} WHERE result_id = {}", 30_000 + at)).unwrap();
    }
}

#[test]
fn little_memory_and_one_thread_change_no_byte() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("benchmark_db.duckdb");
    generate::database(&file, generate::Shape::of(60_000));
    assert_eq!(numbers(&file, "SELECT count(*) FROM performance_results"), [60_000]);
    // Some hardware is estimated only, so that rules take it out, and some is compared with none; results of one point lack the unit, and scatter.
    let change = "UPDATE performance_results SET provenance = 'estimated' WHERE hardware_id IN (SELECT hardware_id FROM hardware_platforms WHERE hardware_type LIKE 'web%');
                  UPDATE performance_results SET scenario = 'alone' WHERE hardware_id = 5;
                  UPDATE performance_results SET item_unit = NULL WHERE result_id % 3 = 0;
                  UPDATE performance_results SET throughput_items_per_second = throughput_items_per_second * 1.5 WHERE result_id % 7 = 0";
    let conn = duckdb::Connection::open(&file).unwrap();
    conn.execute_batch(change).unwrap();
    guarded(&conn);
    drop(conn);
    let scores = ["calculate-scores", "--dry-run", "--format", "csv"];
    let free = done(folder.path(), &scores);
    assert!(free.lines().count() > 1000, "{free}");
    let little = done(folder.path(), &[&["--threads", "1", "--memory-limit", "64MiB"][..], &scores].concat());
    assert!(free == little, "the scores differ");
    std::fs::create_dir(folder.path().join("config")).unwrap();
    std::fs::write(folder.path().join("config/suitor.toml"), "[database]\nthreads = 2\nmemory_limit = \"128MiB\"\n").unwrap();
    let one = ["recommend", "--model", "model 1", "--task", "inference", "--format", "json"];
    assert_eq!(done(folder.path(), &one), done(folder.path(), &[&["--threads", "1", "--config", "."][..], &one].concat()));
    // What was spilled is gone again.
    assert!(!folder.path().join("benchmark_db.duckdb.tmp").exists());

    // In parts of a few models each, the scores are those of the whole.
    let (db, rules) = (Db::open(&file, Access::Read).unwrap(), RuleSet::embedded().unwrap());
    let whole = HardwareRecommender::new(&db, &rules).calculate(None, None).unwrap();
    let parts = HardwareRecommender::new(&db, &rules).at_once(7_000).calculate(None, None).unwrap();
    let whole = whole.pairs.read().unwrap();
    // Each keeps its own scores for as long as it is there.
    assert_eq!(whole, parts.pairs.read().unwrap());
    // Made inside the database they are what weighing and interpreting pair by pair gives, to the last character.
    let one_by_one = RuleSet { engine: Engine::Interpreted, ..RuleSet::embedded().unwrap() };
    let inside = RuleSet { engine: Engine::Compiled, ..RuleSet::embedded().unwrap() };
    let both = |model: Option<&str>, hardware: Option<&str>, task: Option<&str>| {
        let of = |rules: &RuleSet| {
            let recommender = HardwareRecommender::new(&db, rules).at_once(30_000);
            let scores = task.map_or_else(|| recommender.calculate(model, hardware), |task| recommender.task_scores(task)).unwrap();
            scores.pairs.read().unwrap()
        };
        let (left, right) = (of(&one_by_one), of(&inside));
        if let Some((one, other)) = left.iter().zip(&right).find(|(one, other)| one != other) {
            panic!("one by one {one:#?}\ninside {other:#?}");
        }
        assert_eq!(left.len(), right.len());
        left
    };
    let all = both(None, None, None);
    assert_eq!(all, whole);
    let says = |text: &str| all.iter().filter(|one| one.notes.as_ref().is_some_and(|notes| notes.contains(text))).count();
    assert!(says("excluded by") > 0 && says("uncontested") > 0 && says("missing: ") > 0, "the rows have all kinds of notes");
    assert!(!both(None, None, Some("training")).is_empty());
    assert!(!both(Some("model 3"), None, None).is_empty());
    assert!(!both(None, Some("rocm"), None).is_empty());
}

#[test]
fn threads_and_sizes_that_cannot_be_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let said = |args: &[&str]| {
        let ended = suitor(folder.path(), &[args, &["list", "models"]].concat());
        assert_eq!((ended.code, ended.printed.as_str()), (2, ""), "{args:?}: {}", ended.said);
        ended.said
    };
    assert!(said(&["--threads", "0"]).contains("0 is not in 1..=1024"));
    assert!(said(&["--memory-limit", "2GiBi"]).contains("unknown unit `GiBi` in `2GiBi`"));
    assert!(said(&["--memory-limit", "1MB"]).contains("`1MB` is too little, expected at least 64MiB"));
    std::fs::create_dir(folder.path().join("config")).unwrap();
    std::fs::write(folder.path().join("config/suitor.toml"), "[database]\nmemory_limit = \"3 GG\"\n").unwrap();
    std::fs::write(folder.path().join("benchmark_db.duckdb"), "").unwrap();
    assert!(said(&[]).contains("unknown unit `GG` in `3 GG`") && said(&[]).contains("config/suitor.toml:2:16"));
    let checked = suitor(folder.path(), &["check"]);
    assert_eq!(checked.code, 2, "{}", checked.said);
    assert!(checked.printed.contains("unknown unit `GG` in `3 GG`") || checked.said.contains("unknown unit `GG` in `3 GG`"), "{checked:?}");
}

/// Rows of `models` models, one after the other in turn.
fn interleaved(rows: usize, models: usize) -> String {
    let mut text = "model,hardware,task,batch_size,throughput_items_per_second,latency_ms_mean\n".to_owned();
    for row in 0..rows {
        text += &format!("m{},NVIDIA {},inference,1,{},{}\n", row % models, ["A100", "L4", "T4"][row % 7 % 3], 100 + row, 5 + row % 11);
    }
    text
}

#[test]
fn rows_of_a_model_lie_together_so_that_one_recommendation_reads_few_blocks() {
    let folder = folder_of_rows(&interleaved(24_000, 60));
    let file = folder.path().join("benchmark_db.duckdb");
    // DuckDB reads a column in pieces of 2048 values, and leaves out those without the model: 400 rows lie in one or two of 12.
    let pieces = numbers(&file, "SELECT count(DISTINCT rowid // 2048) FROM performance_results GROUP BY model_id");
    assert_eq!(pieces.len(), 60);
    assert!(pieces.iter().all(|pieces| *pieces <= 2), "{pieces:?}");
    // Keys follow the file all the same.
    let first = numbers(
        &file,
        "SELECT result_id FROM performance_results WHERE model_id = (SELECT model_id FROM models WHERE model_name = 'm7') ORDER BY 1",
    );
    assert_eq!((first[0], first[1], first.len()), (8, 68, 400));
}

#[test]
fn the_newest_day_is_that_of_rows_that_count() {
    let rows = "model,hardware,task,batch_size,throughput_items_per_second,tested_at\nm,NVIDIA A100,inference,1,100,2026-05-01\nm,NVIDIA L4,inference,1,90,2026-04-01\n";
    let folder = folder_of_rows(rows);
    let file = folder.path().join("benchmark_db.duckdb");
    let newest = || Db::open(&file, Access::Read).unwrap().newest_day().unwrap();
    assert_eq!(newest(), Some(20_574));
    let change = |sql: &str| duckdb::Connection::open(&file).unwrap().execute_batch(sql).unwrap();
    // Of a model that is not there.
    let copy = "INSERT INTO performance_results BY NAME SELECT * REPLACE (TIMESTAMP '2026-08-01' AS tested_at";
    change(&format!("{copy}, 77 AS model_id) FROM performance_results LIMIT 1"));
    assert_eq!(newest(), Some(20_574));
    change(&format!("{copy}) FROM performance_results WHERE model_id <> 77 LIMIT 1"));
    assert_eq!(newest(), Some(20_666));
    change("UPDATE performance_results SET tested_at = 'infinity' WHERE model_id = 77");
    assert_eq!(newest(), Some(20_666));
}

#[test]
fn a_name_stands_above_a_key() {
    let db = db_from_text("model,hardware_norm,task,throughput_items_per_second\n2,A,inference,1\nother,A,inference,2\n");
    let (named, other) = (db.model("2").unwrap(), db.model("other").unwrap());
    assert_eq!((named.name.as_str(), other.id), ("2", 2));
    assert_eq!(db.model(&named.id.to_string()).unwrap().name, "2");
    assert_eq!(db.model("othre").unwrap_err().help.unwrap(), "did you mean `other`?");
}

const TABLE: &str =
    "model,hardware_norm,task,batch_size,throughput_items_per_second,latency_ms_mean\nm,A,inference,1,100,5\nm,B,inference,1,80,4\n";

#[test]
fn an_answer_is_remembered_until_something_is_written() {
    let mut db = db_from_text(TABLE);
    let (rules, request) = (no_rules(), Request { model: "m".into(), task: Some("inference".into()), ..Request::default() });
    let took = |db: &Db| {
        let began = Instant::now();
        (ask(db, &rules, &request), began.elapsed())
    };
    let (first, computed) = took(&db);
    let again: Vec<_> = (0..5).map(|_| took(&db)).collect();
    assert!(again.iter().all(|(answer, _)| format!("{answer:?}") == format!("{first:?}")));
    let remembered = again.iter().map(|(_, time)| *time).min().unwrap();
    assert!(remembered * 10 < computed, "computed in {computed:?}, remembered in {remembered:?}");
    assert!(remembered < Duration::from_millis(100));

    // Another rule set, another question: neither is answered from memory.
    let shipped = RuleSet::embedded().unwrap();
    assert_ne!(ask(&db, &shipped, &request).rule_set, first.rule_set);
    assert_eq!(ask(&db, &rules, &Request { only: vec!["A".into()], ..request.clone() }).ranked, 1);

    // Rows that land are in the next answer.
    let more = "model,hardware_norm,task,batch_size,throughput_items_per_second,latency_ms_mean\nm,C,inference,1,300,2\n";
    let mut landing = db.land().unwrap();
    landing.append(batch(more, "more.csv")).unwrap();
    landing.finish(&suitor::store::landing::FileRecord { file: "more.csv".into(), ..Default::default() }, 0, false).unwrap();
    let (after, _) = took(&db);
    assert_eq!((after.ranked, after.recommendations[0].hardware.as_str()), (3, "C"));

    // So is what a link to a version changes, and what is forgotten.
    let model = db.model("m").unwrap().id;
    db.link_results(model, "v1", &[1, 2], 0).unwrap();
    let versioned = Request { version: Some("v1".into()), ..request.clone() };
    assert_eq!(ask(&db, &rules, &versioned).ranked, 2);
    db.link_results(model, "v1", &[3], 0).unwrap();
    assert_eq!(ask(&db, &rules, &versioned).ranked, 3);
    db.forget("more.csv").unwrap();
    assert_eq!(ask(&db, &rules, &request).ranked, 2);
}

#[test]
fn asking_on_by_other_rules_does_only_what_they_change_and_says_the_same() {
    let (db, shipped) = (db_from_text(TABLE), suitor::rules::embedded::FILES);
    let request = Request { model: "m".into(), task: Some("inference".into()), ..Request::default() };
    let edited = |file: &str, old: &str, new: &str| {
        let files = shipped.iter().map(|(name, text)| {
            assert!(*name != file || text.contains(old), "{file} has {old}");
            (*name, if *name == file { text.replace(old, new) } else { (*text).to_owned() })
        });
        RuleSet::compile(&files.collect::<Vec<_>>()).unwrap()
    };
    let plain = RuleSet::compile(shipped).unwrap();
    let sets = [
        edited("config/rules.toml", "script = \"stale\"", "enabled = false\nscript = \"stale\""),
        edited("config/scoring.toml", "weight = 0.5", "weight = 0.9"),
        edited(
            "rules/scatter.rhai",
            "fn adjust(score, pair, request) {",
            "fn adjust(score, pair, request) { if score > 0.0 { return score * 0.5; }",
        ),
        edited("config/scoring.toml", "floor = 0.8", "floor = 0.4"),
    ];
    let other = Request { only: vec!["A".into()], ..request.clone() };
    let fresh = |rules: &RuleSet, request: &Request| format!("{:?}", ask(&db_from_text(TABLE), rules, request));
    let mut answers = vec![fresh(&plain, &request)];
    for rules in &sets {
        ask(&db, &plain, &request);
        answers.push(format!("{:?}", ask(&db, rules, &request)));
        assert_eq!(answers.last().unwrap(), &fresh(rules, &request));
        // Another question puts other rows into the tables.
        assert_eq!(format!("{:?}", ask(&db, rules, &other)), fresh(rules, &other));
        assert_eq!(format!("{:?}", ask(&db, &plain, &request)), answers[0]);
    }
    answers.sort();
    answers.dedup();
    assert_eq!(answers.len(), sets.len() + 1, "each edit is seen in the answer");

    // An edit of a rule alone leaves the tables as they are.
    let took = |db: &Db, rules: &RuleSet| {
        let began = Instant::now();
        ask(db, rules, &request);
        began.elapsed()
    };
    let (mut whole, mut rest) = (Duration::MAX, Duration::MAX);
    for _ in 0..5 {
        let db = db_from_text(TABLE);
        whole = whole.min(took(&db, &plain));
        rest = rest.min(took(&db, &sets[2]));
    }
    assert!(rest * 3 < whole * 2, "all of it in {whole:?}, after an edit of a rule in {rest:?}");
}

#[test]
fn compiled_rules_are_faster_than_interpreted_ones_and_say_the_same() {
    let db = Db::open_in_memory().unwrap();
    let run = |engine: Engine, pairs: u32| {
        let rules = RuleSet { engine, ..pairs::rules(12) };
        let relation = pairs::relation(u64::from(pairs));
        let began = Instant::now();
        let interpreted = db.rule_table(&rules, &relation, &["model_id", "hardware_id"], &pairs::request(), false).unwrap();
        (began.elapsed().as_secs_f64(), interpreted, db.ruled("hardware_id").unwrap())
    };
    let (slow, all, said) = run(Engine::Interpreted, INTERPRETED);
    let (_, few, same) = run(Engine::Compiled, INTERPRETED);
    let sorted = |mut rows: Vec<(i64, Option<f64>, Option<String>)>| {
        rows.sort_by(|one, two| format!("{one:?}").cmp(&format!("{two:?}")));
        rows
    };
    assert!(sorted(said.clone()) == sorted(same), "the engines disagree");
    assert!(said.iter().filter(|(_, score, _)| score.is_none()).count() > 50, "rules take pairs out");
    assert_eq!((all, few < all / 10), (5_000, true), "{few} of {all} pairs are interpreted");
    let fast = (0..2).map(|_| run(Engine::Compiled, PAIRS).0).fold(f64::INFINITY, f64::min);
    let ratio = slow / f64::from(INTERPRETED) / (fast / f64::from(PAIRS));
    assert!(ratio >= FASTER, "compiled {fast:.3} s for {PAIRS} pairs, interpreted {slow:.3} s for {INTERPRETED}: {ratio:.1} times faster");
    crate::support::say(&format!("compiled rules: {ratio:.1} times as fast as interpreted ones on {PAIRS} pairs"));
}

#[test]
fn loading_grows_with_the_rules_and_not_with_their_square() {
    let took = |count: usize| {
        let files: Vec<(String, String)> = pairs::rules(count).files.iter().map(|file| (file.name.clone(), file.text.clone())).collect();
        let one = || {
            let began = Instant::now();
            RuleSet::compile(&files).unwrap_or_else(|errors| panic!("{}", errors.render()));
            began.elapsed().as_secs_f64()
        };
        (0..3).map(|_| one()).fold(f64::INFINITY, f64::min)
    };
    let (few, many) = (took(50), took(400));
    // Eight times where it grows with the rules, 64 where with their square.
    assert!(many < 20.0 * few, "50 rules take {few:.3} s, 400 take {many:.3} s");
    crate::support::say(&format!("400 rules take {:.1} times as long to load as 50", many / few));
}

#[test]
fn a_catalogue_takes_a_few_times_the_query_by_hand_and_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("benchmark_db.duckdb");
    generate::database(&file, generate::Shape::of(ROWS));
    let hand = || {
        let config = duckdb::Config::default().threads(1).and_then(|config| config.access_mode(duckdb::AccessMode::ReadOnly)).unwrap();
        let conn = duckdb::Connection::open_with_flags(&file, config).unwrap();
        let began = Instant::now();
        let mut statement = conn.prepare(include_str!("../../benches/catalogue/by_hand.sql")).unwrap();
        let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get::<_, Option<f64>>(4)?))).unwrap();
        let scores: BTreeMap<(String, String), Option<f64>> = rows.collect::<duckdb::Result<_>>().unwrap();
        (began.elapsed().as_secs_f64(), scores)
    };
    let rules = RuleSet::embedded().unwrap();
    let catalogue = || {
        let one = Resources { threads: Some(1), ..Resources::default() };
        let db = Db::open_within(&file, Access::Read, SchemaNames::embedded().unwrap(), one, Duration::ZERO).unwrap();
        let began = Instant::now();
        let scores = HardwareRecommender::new(&db, &rules).calculate(None, None).unwrap().pairs.read().unwrap();
        (began.elapsed().as_secs_f64(), scores)
    };
    let (mut least, mut most) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..3 {
        let ((by_hand, expected), (whole, found)) = (hand(), catalogue());
        (least, most) = (least.min(by_hand), most.min(whole));
        assert_eq!(expected.len(), found.len());
        for one in &found {
            let expected = expected[&(one.model.clone(), one.hardware.clone())];
            // It takes plain averages where the scores rest on exact sums.
            let near = one.final_score.zip(expected).is_some_and(|(score, expected)| (score - expected).abs() <= 1e-9);
            assert!(near || one.final_score == expected, "{one:?}: {expected:?} by hand");
        }
    }
    assert!(most < BY_HAND * least, "{ROWS} rows take {most:.2} s, {least:.2} s by hand");
    crate::support::say(&format!("a catalogue of {ROWS} rows takes {:.1} times the query by hand", most / least));
}
