//! README.md as a newcomer types it: every ```console block is run from top to bottom, and what is printed must be what stands there.
//!
//! A line `...` stands for any lines. Blocks of other kinds are not run; the two cargo commands are what CI itself runs.
//! With SUITOR_ACCEPT=1 what is printed is written into the file where it differs.

use std::process::Command;

use crate::binary::{done, folder_of};
use crate::support::project;

struct Step {
    line: usize,
    command: String,
    printed: Vec<String>,
}

fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for (at, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if inside {
            match line.strip_prefix("$ ") {
                Some(command) => steps.push(Step { line: at + 1, command: command.to_owned(), printed: Vec::new() }),
                None => steps.last_mut().expect("a block begins with a command").printed.push(line.trim_end().to_owned()),
            }
        }
    }
    steps
}

/// Whether lines fit a pattern in which `...` stands for any lines.
fn fits(pattern: &[String], lines: &[&str]) -> bool {
    match pattern.split_first() {
        None => lines.is_empty(),
        Some((first, rest)) if first == "..." => (0..=lines.len()).any(|skipped| fits(rest, &lines[skipped..])),
        Some((first, rest)) => lines.split_first().is_some_and(|(line, others)| line == first && fits(rest, others)),
    }
}

fn run_all(file: &str, least: usize) {
    let text = std::fs::read_to_string(project().join(file)).unwrap();
    let steps = steps(&text);
    assert!(steps.len() >= least, "{} commands in {file}", steps.len());
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(project().join("tests"), folder.path().join("tests")).unwrap();
    let binaries = std::path::Path::new(env!("CARGO_BIN_EXE_suitor")).parent().unwrap();
    let path = format!("{}:{}", binaries.display(), std::env::var("PATH").unwrap_or_default());
    let accept = std::env::var_os("SUITOR_ACCEPT").is_some();
    let mut lines_of_file: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut moved = 0_isize;
    let mut wrong = Vec::new();
    for step in steps {
        let ended = Command::new("bash")
            .args(["-c", &step.command])
            .current_dir(folder.path())
            .env("PATH", &path)
            .env("COLUMNS", "100")
            .env("NO_COLOR", "1")
            .env_remove("SUITOR_DB")
            .output()
            .unwrap();
        let printed = format!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
        let lines: Vec<&str> = printed.trim_end().lines().map(str::trim_end).collect();
        let stands = step.printed.len();
        let mut pattern = step.printed;
        while pattern.last().is_some_and(String::is_empty) {
            pattern.pop();
        }
        if !fits(&pattern, &lines) && accept {
            let at = step.line.checked_add_signed(moved).expect("inside the file");
            lines_of_file.splice(at..at + stands, lines.iter().map(|line| (*line).to_owned()));
            moved += lines.len().cast_signed() - stands.cast_signed();
        } else if !fits(&pattern, &lines) {
            wrong.push(format!(
                "{file}:{}: `{}` printed\n{}\nwhere this stands\n{}\n",
                step.line,
                step.command,
                lines.join("\n"),
                pattern.join("\n")
            ));
        }
    }
    if moved != 0 || accept {
        std::fs::write(project().join(file), lines_of_file.join("\n") + "\n").unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_commands_of_the_readme_print_what_it_says() {
    run_all("README.md", 6);
}

/// The first ```text block of the README is a printed ranking of rows that are in the project.
#[test]
fn the_ranking_at_the_top_of_the_readme_is_printed_so() {
    let readme = std::fs::read_to_string(project().join("README.md")).unwrap();
    let folder = folder_of(&["mlperf_training_v5.0.csv"]);
    let printed = done(folder.path(), &["recommend", "--model", "bert", "--task", "training", "--max-devices", "8"]);
    let known: Vec<&str> = printed.lines().map(str::trim_end).collect();
    let block = readme.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a block of text");
    let lines: Vec<&str> = block.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let rows = lines.iter().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())).count();
    assert!(rows >= 3, "{rows} rows in the block");
    for line in lines {
        assert!(known.contains(&line), "`{line}` is not in\n{printed}");
    }
}
