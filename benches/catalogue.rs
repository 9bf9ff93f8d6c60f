//! A whole catalogue: `calculate-scores --dry-run` as a process, at a hundred thousand rows, at a million, and so on by tens; and beside it,
//! in turns and within the same limits, the one query that a person would write by hand for it (catalogue/by_hand.sql).
//!
//! `cargo bench --bench catalogue -- [MOST] [LIMIT] [THREADS]`: up to so many rows (1,000,000), within so much memory (2GiB), on so many
//! threads (2). Prints time, processor time, largest memory, how each grew, and the ratios to the query; targets: at most 11 times for 10
//! times the rows, the largest memory under the limit, and at most 1.25 times what the query takes. All must say the same of every pair.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark that cannot go on fails there, and says what it found")]

#[path = "catalogue/by_hand.rs"]
mod by_hand;
#[path = "generate/mod.rs"]
mod generate;

use by_hand::Means;

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// The first argument of the process that runs the query, and of the one that runs it with exact means.
const BY_HAND: &str = "by-hand";
const EXACTLY: &str = "by-hand-exactly";

/// What one run took.
#[derive(Clone, Copy)]
struct Took {
    wall: f64,
    processor: f64,
    megabytes: f64,
}

impl Took {
    /// The least of each in two runs.
    fn least(self, other: Self) -> Self {
        Self {
            wall: self.wall.min(other.wall),
            processor: self.processor.min(other.processor),
            megabytes: self.megabytes.min(other.megabytes),
        }
    }

    fn said(&self) -> String {
        format!("{:.2} s, {:.2} s of processor time, {:.0} MB", self.wall, self.processor, self.megabytes)
    }
}

/// Processor time of the processes that this one has waited for, s: user and system time of children are the 14th and 15th field after the
/// name in parentheses, in hundredths of a second.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat
        .rsplit_once(')')
        .map(|(_, rest)| rest.split_whitespace().skip(13).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>());
    fields.unwrap_or(0.0) / 100.0
}

/// Runs the command, which prints into the file, and reads what the system says of it: largest memory while it runs, processor time after it.
fn run(command: &mut Command, printed: &Path) -> Took {
    let (began, before) = (Instant::now(), processor());
    let mut child = command.stdout(Stdio::from(File::create(printed).expect("a new file"))).spawn().expect("it starts");
    let mut megabytes = 0.0_f64;
    let status = loop {
        if let Some(status) = child.try_wait().expect("it can be waited for") {
            break status;
        }
        let about = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let peak = about.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
        megabytes = megabytes.max(peak.unwrap_or(0.0) / 1000.0);
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    assert!(status.success(), "{command:?} ends well");
    Took { wall: began.elapsed().as_secs_f64(), processor: processor() - before, megabytes }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let [first, database, threads, limit] = arguments.as_slice()
        && let Some(means) = match first.as_str() {
            BY_HAND => Some(Means::Plain),
            EXACTLY => Some(Means::Exact),
            _ => None,
        }
    {
        return by_hand::print(Path::new(database), threads.parse().expect("THREADS is a whole number"), limit, means);
    }
    let most = arguments.first().map_or(1_000_000, |rows| rows.replace('_', "").parse().expect("MOST is a whole number"));
    let limit = arguments.get(1).map_or("2GiB", String::as_str);
    let threads = arguments.get(2).map_or("2", String::as_str);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (database, ours, theirs) =
        (folder.path().join("catalogue.duckdb"), folder.path().join("ours.csv"), folder.path().join("theirs.csv"));
    let mut suitor = Command::new(env!("CARGO_BIN_EXE_suitor"));
    suitor.arg("--db-path").arg(&database).args(["--threads", threads, "--memory-limit", limit]);
    suitor.args(["calculate-scores", "--dry-run", "--format", "csv"]);
    let queries = [(BY_HAND, "by hand"), (EXACTLY, "by hand with exact means")];
    let mut queries = queries.map(|(first, said)| {
        let mut query = Command::new(std::env::current_exe().expect("the benchmark itself"));
        query.arg(first).arg(&database).args([threads, limit]);
        (query, said)
    });
    let (mut rows, mut before): (u64, Option<Took>) = (100_000, None);
    while rows <= most {
        generate::database(&database, generate::Shape::of(rows));
        let mut took = run(&mut suitor, &ours);
        let mut pairs = 0;
        let mut by_hand = queries.each_mut().map(|(query, _)| {
            let took = run(query, &theirs);
            pairs = by_hand::compare(&ours, &theirs);
            took
        });
        for _ in 1..if rows > 1_000_000 { 1 } else { 3 } {
            took = took.least(run(&mut suitor, &ours));
            for ((query, _), by_hand) in queries.iter_mut().zip(&mut by_hand) {
                *by_hand = by_hand.least(run(query, &theirs));
            }
        }
        std::fs::remove_file(&database).expect("the file goes");
        let grew = before.as_ref().map_or_else(String::new, |before| {
            format!(
                "; {:.1} x the time and {:.1} x the processor time of a tenth",
                took.wall / before.wall,
                took.processor / before.processor
            )
        });
        println!("{rows} rows: {}{grew}", took.said());
        for ((_, said), by_hand) in queries.iter().zip(&by_hand) {
            println!(
                "  {said}: {}; {pairs} pairs alike; {:.2} x the time and {:.2} x the processor time of it",
                by_hand.said(),
                took.wall / by_hand.wall,
                took.processor / by_hand.processor
            );
        }
        (rows, before) = (rows * 10, Some(took));
    }
}
