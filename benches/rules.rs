//! Rules inside the query against the same rules interpreted, and what a rule set of 1, 10, 100 and 1,000 rules costs.
//!
//! `cargo bench --bench rules`. Twelve rules (the six that ship and those of benches/rules) over a table of a million pairs:
//! [`Db::rule_table`] in either engine in one run; interpreting is timed on a part of the pairs, since each pair costs the same.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark that cannot go on fails there, and says what it found")]

#[path = "generate/pairs.rs"]
mod pairs;

use std::time::Instant;

use suitor::rules::live::{LiveRules, Reload};
use suitor::rules::{Engine, RuleSet};
use suitor::store::{Access, Db};

const PAIRS: u32 = 1_000_000;
const INTERPRETED: u32 = 20_000;

/// Seconds for so many pairs, the least of `runs`.
fn seconds(db: &Db, rules: &RuleSet, pairs: u32, runs: usize) -> f64 {
    let relation = if pairs == PAIRS { "pairs".to_owned() } else { format!("(SELECT * FROM pairs LIMIT {pairs})") };
    let one = || {
        let began = Instant::now();
        db.rule_table(rules, &relation, &["model_id", "hardware_id"], &pairs::request(), false).expect("the rules run");
        began.elapsed().as_secs_f64()
    };
    (0..runs).map(|_| one()).fold(f64::INFINITY, f64::min)
}

/// Seconds from a set's files on disk to the set, and from a save of one of its scripts to the set in force beyond the quiet time: the
/// least of five.
fn loading(rules: &RuleSet) -> (f64, f64) {
    let folder = tempfile::tempdir().expect("a folder");
    for file in &rules.files {
        let path = folder.path().join(&file.name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, &file.text).expect("a file");
    }
    let load = || {
        LiveRules::load(&folder.path().join("config"), &folder.path().join("rules")).unwrap_or_else(|errors| panic!("{}", errors.render()))
    };
    let whole = || {
        let began = Instant::now();
        load();
        began.elapsed().as_secs_f64()
    };
    let loaded = (0..5).map(|_| whole()).fold(f64::INFINITY, f64::min);
    let live = load();
    let script = rules.files.last().expect("a script");
    let saved = (0..5).map(|at| {
        std::fs::write(folder.path().join(&script.name), format!("// save {at}\n{}", script.text)).expect("a file");
        let began = Instant::now();
        assert_eq!(live.reload(), Reload::Swapped);
        began.elapsed().as_secs_f64()
    });
    (loaded, saved.fold(f64::INFINITY, f64::min))
}

fn by(engine: Engine, rules: usize) -> RuleSet {
    RuleSet { engine, ..pairs::rules(rules) }
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pairs.duckdb");
    let made = duckdb::Connection::open(&file).expect("a database");
    made.execute_batch(&format!("CREATE TABLE pairs AS SELECT * FROM {} AS r; CHECKPOINT", pairs::relation(u64::from(PAIRS))))
        .expect("the pairs are made");
    drop(made);
    let db = Db::open(&file, Access::Read).expect("the database opens");
    let compiled = seconds(&db, &by(Engine::Compiled, 12), PAIRS, 3);
    let interpreted = seconds(&db, &by(Engine::Interpreted, 12), INTERPRETED, 2) * f64::from(PAIRS / INTERPRETED);
    println!(
        "12 rules, {PAIRS} pairs: compiled {compiled:.2} s, interpreted {interpreted:.1} s (from {INTERPRETED} pairs), ratio {:.0} (target: at least 50)",
        interpreted / compiled
    );
    for count in [1, 10, 100, 1_000] {
        let rules = by(Engine::Compiled, count);
        let (loaded, saved) = loading(&rules);
        let (few, many) = (seconds(&db, &rules, 1, 2), seconds(&db, &rules, 100_000, 2));
        println!(
            "{count} rules: loading from disk {:.0} ms, from a save of one to the set in force {:.0} ms, one pair (lowering, planning) {:.0} ms, 100,000 pairs {:.0} ms, {:.2} us a pair",
            loaded * 1e3,
            saved * 1e3,
            few * 1e3,
            many * 1e3,
            (many - few) * 10.0
        );
    }
}
