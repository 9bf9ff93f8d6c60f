//! Rules inside the query against the same rules interpreted, and what a rule set of 1, 10, 100 and 1,000 rules costs.
//!
//! `cargo bench --bench rules`. Twelve rules (the six that ship and those of benches/rules) over a million pairs: [`Db::rule_table`] in
//! either engine over one relation in one run; interpreting is timed on a part of the pairs, since each pair costs the same.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark that cannot go on fails there, and says what it found")]

#[path = "generate/pairs.rs"]
mod pairs;

use std::time::Instant;

use suitor::rules::{Engine, RuleSet};
use suitor::store::Db;

const PAIRS: u32 = 1_000_000;
const INTERPRETED: u32 = 20_000;

/// Seconds for so many pairs, the least of `runs`.
fn seconds(db: &Db, rules: &RuleSet, pairs: u32, runs: usize) -> f64 {
    let relation = pairs::relation(u64::from(pairs));
    let one = || {
        let began = Instant::now();
        db.rule_table(rules, &relation, &["model_id", "hardware_id"], &pairs::request(), false).expect("the rules run");
        began.elapsed().as_secs_f64()
    };
    (0..runs).map(|_| one()).fold(f64::INFINITY, f64::min)
}

fn by(engine: Engine, rules: usize) -> RuleSet {
    RuleSet { engine, ..pairs::rules(rules) }
}

fn main() {
    let db = Db::open_in_memory().expect("a database in memory");
    // Both make the pairs first, which is no part of the rules and counts for both.
    let compiled = seconds(&db, &by(Engine::Compiled, 12), PAIRS, 3);
    let interpreted = seconds(&db, &by(Engine::Interpreted, 12), INTERPRETED, 2) * f64::from(PAIRS / INTERPRETED);
    println!(
        "12 rules, {PAIRS} pairs: compiled {compiled:.2} s, interpreted {interpreted:.1} s (from {INTERPRETED} pairs), ratio {:.0} (target: at least 50)",
        interpreted / compiled
    );
    for count in [1, 10, 100, 1_000] {
        let began = Instant::now();
        let rules = by(Engine::Compiled, count);
        let loaded = began.elapsed().as_secs_f64();
        let (few, many) = (seconds(&db, &rules, 1, 2), seconds(&db, &rules, 100_000, 2));
        println!(
            "{count} rules: loading {:.0} ms, one pair (lowering, planning) {:.0} ms, 100,000 pairs {:.0} ms, {:.2} us a pair",
            loaded * 1e3,
            few * 1e3,
            many * 1e3,
            (many - few) * 10.0
        );
    }
}
