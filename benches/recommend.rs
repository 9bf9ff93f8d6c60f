//! One recommendation on a database of a million rows: a cold process beside a bare one that opens the same file and reads the same
//! rows, and warm in the library, computed and remembered.
//!
//! `cargo bench --bench recommend`. Both processes are timed in turns, their wall and their processor time; the ratio is what counts.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark that cannot go on fails there, and says what it found")]

#[path = "generate/mod.rs"]
mod generate;

use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use criterion::Criterion;
use suitor::recommend::HardwareRecommender;
use suitor::recommend::request::Request;
use suitor::rules::RuleSet;
use suitor::store::{Access, Db};

/// A model with about as many rows as the middle one, and that with the most.
const MODELS: [&str; 2] = ["model 400", "model 1"];
/// Says to the process that it is the bare one, and what to read.
const BARE: &str = "SUITOR_BENCH_BARE";
/// Runs of each process, in turns.
const RUNS: usize = 15;

/// What any program has to do: open the file read-only and read the model's rows with what the query of Suitor's reads of them.
fn bare(database: &Path, model: &str) {
    let config = duckdb::Config::default().access_mode(duckdb::AccessMode::ReadOnly).expect("a setting");
    let conn = duckdb::Connection::open_with_flags(database, config).expect("the database opens");
    let sql = "SELECT r.* EXCLUDE (metadata, published_at, import_id, source, source_version, source_file, source_key, submitter), m.*, h.*
               FROM performance_results AS r JOIN models AS m USING (model_id) JOIN hardware_platforms AS h USING (hardware_id)
               WHERE r.model_id = (SELECT model_id FROM models WHERE model_name = ?)";
    let mut statement = conn.prepare(sql).expect("a query");
    let batches: usize = statement.query_arrow([model]).expect("rows").map(|batch| black_box(batch).num_rows()).sum();
    assert!(batches > 100, "{model} has rows");
}

fn run(command: &mut Command) -> Duration {
    let began = Instant::now();
    let status = command.stdout(Stdio::null()).status().expect("it runs");
    assert!(status.success(), "{command:?}");
    began.elapsed()
}

fn cold(database: &Path) {
    let this = std::env::current_exe().expect("this program");
    for model in MODELS {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            theirs.push(run(Command::new(&this).env(BARE, model).arg(database)));
            let mut suitor = Command::new(env!("CARGO_BIN_EXE_suitor"));
            ours.push(run(suitor.arg("--db-path").arg(database).args(["recommend", "--model", model, "--task", "inference"])));
        }
        ours.sort();
        theirs.sort();
        let (ours, theirs) = (ours[RUNS / 2], theirs[RUNS / 2]);
        println!(
            "cold, {model}: suitor {ours:?}, bare {theirs:?}, ratio {:.2} (target: at most 2, and under 100 ms)",
            ours.as_secs_f64() / theirs.as_secs_f64()
        );
    }
}

fn warm(database: &Path) {
    let (db, rules) = (Db::open(database, Access::Read).expect("the database"), RuleSet::embedded().expect("the shipped rules"));
    let recommender = HardwareRecommender::new(&db, &rules);
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    for model in MODELS {
        let request = Request { model: model.into(), task: Some("inference".into()), top_k: Some(5), ..Request::default() };
        // Another number of places to show is another question with the same work.
        let mut places = 1_000;
        let mut ask = |model: &str| {
            places += 1;
            let request = Request { model: model.into(), top_k: Some(places), ..request.clone() };
            let began = Instant::now();
            black_box(recommender.recommend_hardware(&request).expect("an answer"));
            began.elapsed()
        };
        // A question about another model in between, so that nothing of the one before can serve.
        criterion.bench_function(&format!("warm, computed, {model}"), |b| {
            b.iter_custom(|count| {
                let timed = (0..count).map(|_| {
                    ask("model 7");
                    ask(model)
                });
                timed.sum()
            });
        });
        // The same rows and weights asked on: after an edit of a rule this is what is left to do.
        criterion.bench_function(&format!("warm, asked on, {model}"), |b| b.iter_custom(|count| (0..count).map(|_| ask(model)).sum()));
        criterion.bench_function(&format!("warm, remembered, {model}"), |b| {
            b.iter(|| black_box(recommender.recommend_hardware(&request).expect("an answer")));
        });
    }
}

fn main() {
    if let Some(model) = std::env::var_os(BARE) {
        let database = std::env::args_os().nth(1).expect("a database");
        return bare(Path::new(&database), &model.to_string_lossy());
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = folder.path().join("million.duckdb");
    generate::database(&database, generate::Shape::of(1_000_000));
    cold(&database);
    warm(&database);
}
