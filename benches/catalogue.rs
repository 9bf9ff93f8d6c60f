//! A whole catalogue: `calculate-scores --dry-run` as a process, at a hundred thousand rows, at a million, and so on by tens.
//!
//! `cargo bench --bench catalogue -- [MOST] [LIMIT]`: up to so many rows (1,000,000), within so much memory (2GiB). Prints time, processor
//! time, largest memory and how each grew; targets: at most 11 times for 10 times the rows, and the largest memory under the limit.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark that cannot go on fails there, and says what it found")]

#[path = "generate/mod.rs"]
mod generate;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// What one run took.
struct Took {
    wall: f64,
    processor: f64,
    megabytes: f64,
}

/// Runs the command and reads what the system says of it while it runs: largest memory, and processor time at its end.
fn run(database: &Path, limit: &str) -> Took {
    let began = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_suitor"))
        .arg("--db-path")
        .arg(database)
        .args(["--memory-limit", limit, "calculate-scores", "--dry-run", "--format", "csv"])
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts");
    let (mut megabytes, mut processor) = (0.0_f64, 0.0_f64);
    let status = loop {
        if let Some(status) = child.try_wait().expect("it can be waited for") {
            break status;
        }
        let of = |name: &str| std::fs::read_to_string(format!("/proc/{}/{name}", child.id())).unwrap_or_default();
        let peak = of("status").lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
        megabytes = megabytes.max(peak.unwrap_or(0.0) / 1000.0);
        // After the name in parentheses: user and system time are fields 14 and 15 of the line, in hundredths of a second.
        let times = of("stat").rsplit_once(')').map(|(_, rest)| {
            let fields: Vec<f64> = rest.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
            fields.iter().sum::<f64>() / 100.0
        });
        processor = processor.max(times.unwrap_or(0.0));
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    assert!(status.success(), "calculate-scores ends well");
    Took { wall: began.elapsed().as_secs_f64(), processor, megabytes }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let most = arguments.first().map_or(1_000_000, |rows| rows.replace('_', "").parse().expect("MOST is a whole number"));
    let limit = arguments.get(1).map_or("2GiB", String::as_str);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (mut rows, mut before): (u64, Option<Took>) = (100_000, None);
    while rows <= most {
        let database = folder.path().join("catalogue.duckdb");
        generate::database(&database, generate::Shape::of(rows));
        let took = run(&database, limit);
        std::fs::remove_file(&database).expect("the file goes");
        let grew = before.as_ref().map_or_else(String::new, |before| {
            format!(
                "; {:.1} x the time and {:.1} x the processor time of a tenth",
                took.wall / before.wall,
                took.processor / before.processor
            )
        });
        println!("{rows} rows: {:.2} s, {:.2} s of processor time, {:.0} MB{grew}", took.wall, took.processor, took.megabytes);
        (rows, before) = (rows * 10, Some(took));
    }
}
