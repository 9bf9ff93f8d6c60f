//! Twelve rules over a million pairs: Suitor beside other rules engines, the same logic as SQL by hand, and Rust over columns.
//!
//! `cargo run --release --manifest-path benches/peers/Cargo.toml -- [PAIRS] [--sample N] [--threads N] [--runs N] [--json]`. What costs
//! microseconds a pair is timed on a sample, spread over all pairs, since each pair costs the same. Every result is checked: the same pairs
//! excluded by the same rules, the same score after each rule. benches/README.md says how each engine is used.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark that cannot go on fails there, and says what it found")]

mod cel_rules;
mod data;
mod hand;
mod native;
mod outcome;
#[path = "../../generate/pairs.rs"]
mod pairs;
mod rego;
mod report;
mod sql;
mod zen;

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use duckdb::Connection;
use suitor::rules::{Engine, Pair, RuleSet};
use suitor::store::{Access, Db, PATIENCE, Resources, SchemaNames};

use data::{Columns, Keyed, RULES};
use outcome::{Outcome, Truth};
use report::{Bound, Line, Report, Target};

/// Pairs whose verdicts are made as records.
const RECORDS: u64 = 200_000;

struct Arguments {
    pairs: u64,
    sample: u64,
    threads: u32,
    runs: usize,
    json: bool,
}

fn arguments() -> Arguments {
    let mut arguments = Arguments { pairs: 1_000_000, sample: 20_000, threads: 1, runs: 5, json: false };
    let mut words = std::env::args().skip(1);
    let number = |word: Option<String>| word.and_then(|word| word.replace('_', "").parse::<u64>().ok()).expect("a whole number");
    while let Some(word) = words.next() {
        match word.as_str() {
            "--sample" => arguments.sample = number(words.next()),
            "--threads" => arguments.threads = u32::try_from(number(words.next())).expect("a few"),
            "--runs" => arguments.runs = usize::try_from(number(words.next())).expect("a few").max(1),
            "--json" => arguments.json = true,
            _ => arguments.pairs = number(Some(word)).max(100),
        }
    }
    arguments.sample = arguments.sample.min(arguments.pairs);
    arguments
}

/// The result, and the least time that it took.
fn timed<T>(runs: usize, mut work: impl FnMut() -> T) -> (T, f64) {
    let mut least = f64::INFINITY;
    let mut last = None;
    for _ in 0..runs {
        drop(last.take());
        let began = Instant::now();
        let result = black_box(work());
        least = least.min(began.elapsed().as_secs_f64());
        last = Some(result);
    }
    (last.expect("at least one run"), least)
}

/// A file that is removed in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("suitor-peers-{}.duckdb", std::process::id())))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        for end in ["duckdb", "duckdb.wal"] {
            let _ = std::fs::remove_file(self.0.with_extension(end));
        }
    }
}

fn main() {
    let asked = arguments();
    let file = Scratch::new();
    data::create(&file.0, asked.pairs, asked.threads);
    let rules = pairs::rules(RULES);
    let queries = sql::lowered(&suitor(&file, &asked), &rules, &pairs::request());
    let conn = data::open(&file.0, asked.threads);
    let sample = data::sample(&conn, asked.pairs, asked.sample);
    let (verdicts, interpreted) = timed(asked.runs.min(2), || outcome::interpret(&rules, &pairs::request(), &sample));
    let truths = outcome::truths(&rules, verdicts);
    let mut lines = Vec::new();
    let scores = in_one_database(&conn, queries, &asked, &sample, &truths, &mut lines);
    natively(&data::columns(&conn), &scores, &asked, &mut lines);
    let records = data::sample(&conn, asked.pairs, RECORDS.min(asked.pairs));
    drop(conn);
    suitor_alone(&file, &rules, &asked, &records, &scores, &mut lines);
    let line = |id, what, gives, seconds| Line { id, what, gives, pairs: sample.len(), seconds };
    lines.push(line("interpreted", "Suitor, interpreted", STEPS_RECORDS, interpreted));
    by_peers(&sample, &truths, &asked, |id, what, seconds| lines.push(line(id, what, PEERS_GIVE, seconds)));
    let report = Report {
        pairs: usize::try_from(asked.pairs).expect("it fits"),
        threads: asked.threads,
        lines,
        targets: targets(),
        base: "compiled",
    };
    if asked.json {
        println!("{:#}", report.json());
    } else {
        println!("{}", report.text());
    }
}

const SCORES_TEXT: &str = "score, why there is none";
const STEPS_TEXT: &str = "the same, delta and reason of each rule";
const STEPS_VALUES: &str = "the same, score and reason's number of each rule";
const STEPS_RECORDS: &str = "verdicts with delta and reason of each rule";
const PEERS_GIVE: &str = "which rule excludes, or the score after each";

fn targets() -> Vec<Target> {
    let slower = |over| Target { over, under: "compiled", bound: Bound::AtLeast(50.0) };
    let near = |over, under| Target { over, under, bound: Bound::AtMost(1.25) };
    vec![
        slower("interpreted"),
        slower("zen"),
        slower("cel"),
        slower("regorus"),
        near("compiled", "hand_scores"),
        near("suitor_scores", "hand_scores"),
        near("suitor_steps", "hand_steps"),
        near("suitor_steps", "hand_steps_as_values"),
    ]
}

/// The queries; what the one by hand says of every pair.
fn in_one_database(
    conn: &Connection,
    queries: [String; 2],
    asked: &Arguments,
    sample: &[Keyed],
    truths: &[Truth],
    lines: &mut Vec<Line>,
) -> Vec<(Option<f64>, Option<String>)> {
    for query in sql::run(conn, queries, asked.runs) {
        let (what, gives) = match query.name {
            "hand_scores" => ("SQL by hand", SCORES_TEXT),
            "suitor_scores" => ("the query that Suitor makes, alone", SCORES_TEXT),
            "hand_steps" => ("SQL by hand", STEPS_TEXT),
            "hand_steps_as_values" => ("SQL by hand", STEPS_VALUES),
            _ => ("the query that Suitor makes, alone", STEPS_VALUES),
        };
        let pairs = usize::try_from(asked.pairs).expect("it fits");
        lines.push(Line { id: query.name, what, gives, pairs, seconds: query.seconds });
    }
    sql::check(conn, sample, truths);
    sql::scores(conn)
}

fn natively(columns: &Columns, scores: &[(Option<f64>, Option<String>)], asked: &Arguments, lines: &mut Vec<Line>) {
    for (id, gives, steps) in [("native_scores", SCORES_TEXT, false), ("native_steps", STEPS_TEXT, true)] {
        let (told, seconds) = timed(asked.runs, || native::run(columns, steps));
        lines.push(Line { id, what: "Rust over columns", gives, pairs: scores.len(), seconds });
        assert_eq!(told.score.len(), scores.len());
        for ((score, excluded), (expected, why)) in told.score.iter().zip(&told.excluded).zip(scores) {
            let told = excluded.as_ref().map(|(rule, why)| format!("excluded by {rule}: {why}"));
            assert_eq!((score.map(f64::to_bits), told.as_ref()), (expected.map(f64::to_bits), why.as_ref()), "Rust over columns differs");
        }
    }
}

/// The database as Suitor opens it.
fn suitor(file: &Scratch, asked: &Arguments) -> Db {
    let resources = Resources { threads: Some(asked.threads), ..Resources::default() };
    let names = SchemaNames::embedded().expect("the names are sound");
    Db::open_within(&file.0, Access::Write, names, resources, PATIENCE).expect("the database opens")
}

/// Suitor as it is used: the whole way from pairs to stored scores, and to verdicts.
fn suitor_alone(
    file: &Scratch,
    rules: &RuleSet,
    asked: &Arguments,
    records: &[Keyed],
    scores: &[(Option<f64>, Option<String>)],
    lines: &mut Vec<Line>,
) {
    let db = suitor(file, asked);
    let compiled = RuleSet { engine: Engine::Compiled, ..pairs::rules(RULES) };
    let request = pairs::request();
    let (_, seconds) =
        timed(asked.runs, || db.rule_table(&compiled, "(SELECT * FROM pairs)", &["pair_id"], &request, true).expect("the rules run"));
    lines.push(Line { id: "compiled", what: "Suitor, compiled", gives: SCORES_TEXT, pairs: scores.len(), seconds });
    let ruled = db.ruled("pair_id").expect("the rules ran");
    assert_eq!(ruled.len(), scores.len());
    for ((key, score, why), (expected, by_hand)) in ruled.iter().zip(scores) {
        assert_eq!((score.map(f64::to_bits), why), (expected.map(f64::to_bits), by_hand), "SQL by hand differs on pair {key}");
    }
    let judged: Vec<(&Pair, f64)> = records.iter().map(|keyed| (&keyed.pair, keyed.suitability)).collect();
    let (verdicts, seconds) =
        timed(asked.runs.min(2), || db.judge(&compiled, &judged, &request, false, true).expect("the rules run").verdicts);
    lines.push(Line {
        id: "compiled_verdicts",
        what: "Suitor, compiled, from records in memory",
        gives: STEPS_RECORDS,
        pairs: judged.len(),
        seconds,
    });
    let expected = outcome::interpret(rules, &request, &records[..records.len().min(2000)]);
    assert!(expected.iter().zip(&verdicts).all(|(one, other)| one == other), "compiled verdicts differ from interpreted ones");
}

fn by_peers(sample: &[Keyed], truths: &[Truth], asked: &Arguments, mut line: impl FnMut(&'static str, &'static str, f64)) {
    let runs = asked.runs.min(3);
    let mut peer = |id, what, relative: f64, absolute: f64, run: &mut dyn FnMut() -> Vec<Outcome>| {
        let (outcomes, seconds) = timed(runs, run);
        outcome::same(what, sample, truths, &outcomes, relative, absolute);
        line(id, what, seconds);
    };
    let decision = zen::decision();
    // Decimals, not floats: each rounding to 12 decimals may fall the other way.
    peer("zen", "GoRules Zen 2.1.6: one expression node, compiled", 1e-12, 1.2e-11, &mut || zen::run(&decision, sample));
    let programs = cel_rules::compile();
    peer("cel", "CEL (cel 0.15.0): a program a hook, resolved by reference", 1e-12, 0.0, &mut || cel_rules::run(&programs, sample));
    let policy = rego::policy();
    let program = rego::program(&policy);
    peer("regorus", "Rego (regorus 0.14.1): virtual machine, kept", 1e-12, 0.0, &mut || rego::run(&program, sample));
    peer("regorus_ast", "Rego (regorus 0.14.1): compiled policy", 1e-12, 0.0, &mut || rego::interpret(&policy, sample));
}
