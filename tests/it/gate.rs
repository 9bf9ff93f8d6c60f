//! `gate`: one exit code, annotations, a job summary; and the workflow of the README, step by step.

use std::path::Path;
use std::process::Command;

use crate::binary::{done, suitor};
use crate::compare::{folder, row, snapshot};
use crate::support::project;
use crate::versions::json;

fn two(after: &str) -> String {
    row("A", ["400", "", ""], "a", "v1")
        + &*row("B", ["200", "", ""], "b", "v1")
        + &*row("A", [after, "", ""], "c", "v2")
        + &*row("B", ["200", "", ""], "d", "v2")
}

/// Runs the binary as a step of a job does.
fn in_actions(at: &Path, args: &[&str]) -> (i32, String) {
    let ended = Command::new(env!("CARGO_BIN_EXE_suitor"))
        .current_dir(at)
        .args(args)
        .env_remove("SUITOR_DB")
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", at.join("summary.md"))
        .output()
        .unwrap();
    (ended.status.code().unwrap_or(-1), String::from_utf8(ended.stdout).unwrap())
}

#[test]
fn a_gate_is_met_or_not_and_says_so_where_it_is_read() {
    for (after, code, first) in [
        ("360", 3, "❌ gate not met: A: throughput_items_per_second -10.0 %"),
        ("404", 0, "✅ gate passed: v2 may take the place of v1 for m"),
    ] {
        let folder = folder(&two(after));
        let at = folder.path();
        snapshot(at, "m", "v1");
        snapshot(at, "m", "v2");
        let args = ["gate", "--model", "m", "--baseline", "v1", "--candidate", "v2"];
        let (ended, printed) = in_actions(at, &args);
        assert_eq!(ended, code, "{printed}");
        let verdict = printed.lines().last().unwrap();
        assert!(
            verdict.starts_with(if code == 0 {
                "::notice title=suitor gate%2C m::gate passed"
            } else {
                "::error title=suitor gate%2C m::gate not met"
            }),
            "{printed}"
        );
        let summary = std::fs::read_to_string(at.join("summary.md")).unwrap();
        assert!(summary.starts_with(&format!("### {first}")) && summary.contains("| A"), "{summary}");
        // Outside of a job: a table, and nothing is written.
        let ended = suitor(at, &args);
        assert_eq!(ended.code, code);
        assert!(ended.printed.starts_with("gate ") && !ended.printed.contains("::"), "{}", ended.printed);
        if code == 0 {
            let decision = json(at, &args);
            assert_eq!((&decision["passed"], &decision["reasons"]), (&true.into(), &serde_json::json!([])));
        }
    }
}

#[test]
fn a_gate_is_not_met_where_nothing_is_compared_and_fails_where_there_is_no_snapshot() {
    let folder = folder(&(row("A", ["400", "", ""], "a", "v1") + &*row("B", ["200", "", ""], "b", "v2")));
    let at = folder.path();
    snapshot(at, "m", "v1");
    let args = ["gate", "--model", "m", "--baseline", "v1", "--candidate", "v2"];
    assert_eq!(suitor(at, &args).code, 2);
    snapshot(at, "m", "v2");
    let ended = suitor(at, &args);
    assert_eq!(ended.code, 3);
    assert!(ended.printed.contains("no hardware was measured in both v1 and v2"), "{}", ended.printed);
}

/// The `run:` steps of the workflow in the README, in order.
fn steps(readme: &str) -> Vec<String> {
    let block = readme
        .split("```yaml\n")
        .skip(1)
        .find(|block| block.contains("suitor gate"))
        .and_then(|block| block.split("```").next())
        .expect("a workflow");
    let mut steps: Vec<String> = Vec::new();
    let mut lines = block.lines().peekable();
    while let Some(line) = lines.next() {
        let Some((before, command)) = line.split_once("run: ") else { continue };
        if command.trim() == "|" {
            let deep = |line: &&str| line.trim().is_empty() || line.len() - line.trim_start().len() > before.len();
            let mut script = String::new();
            while let Some(line) = lines.next_if(deep) {
                script += &format!("{}\n", line.trim());
            }
            steps.push(script);
        } else {
            steps.push(command.to_owned());
        }
    }
    steps
}

#[test]
fn the_workflow_of_the_readme_runs() {
    let readme = std::fs::read_to_string(project().join("README.md")).unwrap();
    // The step that installs Suitor has nothing to do here: the binary is at hand.
    let steps: Vec<String> = steps(&readme).into_iter().filter(|step| !step.starts_with("cargo install")).collect();
    assert!(steps.len() >= 2 && steps.iter().any(|step| step.contains("suitor gate")), "{steps:?}");
    for (after, code) in [("404", 0), ("360", 3)] {
        let folder = folder(&row("A", ["400", "", ""], "a", "v1"));
        let at = folder.path();
        // What lies in the repository: the database with the champion, and the results of this run.
        done(at, &["alias-version", "--model", "m", "--alias", "champion", "--version", "v1"]);
        snapshot(at, "m", "v1");
        std::fs::rename(at.join("benchmark_db.duckdb"), at.join("suitor.duckdb")).unwrap();
        std::fs::create_dir_all(at.join("results")).unwrap();
        std::fs::write(at.join("results/run.csv"), format!("{}{}", crate::compare::HEADER, row("A", [after, "", ""], "b", "abc123")))
            .unwrap();
        let binaries = Path::new(env!("CARGO_BIN_EXE_suitor")).parent().unwrap();
        let mut ended = 0;
        for step in &steps {
            let out = Command::new("bash")
                .args(["-e", "-c", step])
                .current_dir(at)
                .env("PATH", format!("{}:{}", binaries.display(), std::env::var("PATH").unwrap_or_default()))
                .env("SUITOR_DB", "suitor.duckdb")
                .env("MODEL", "m")
                .env("VERSION", "abc123")
                .env("GITHUB_ACTIONS", "true")
                .env("GITHUB_STEP_SUMMARY", at.join("summary.md"))
                .output()
                .unwrap();
            ended = out.status.code().unwrap_or(-1);
            if ended != 0 {
                assert!(
                    step.contains("suitor gate"),
                    "{step}: {}{}",
                    String::from_utf8_lossy(&out.stdout),
                    String::from_utf8_lossy(&out.stderr)
                );
                break;
            }
        }
        assert_eq!(ended, code);
        assert!(std::fs::read_to_string(at.join("summary.md")).unwrap().contains("gate"), "a summary");
    }
}
