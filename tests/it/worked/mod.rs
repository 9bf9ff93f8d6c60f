//! Examples worked out by hand, at least one a line of DESIGN.md, "Scoring, exactly". Weights of the shipped scoring.toml:
//! inference throughput 0.5 x 1.2 = 0.6, latency 0.3 x 1.5 = 0.45, memory 0.2, of 1.25; one result has confidence 0.84.

mod combine;
mod compare;
mod narrow;

use std::fmt::Write as _;

use suitor::recommend::Answer;
use suitor::recommend::answer::Recommendation;
use suitor::recommend::request::{Match, Pin, Request};
use suitor::scoring::Profile;

use crate::support::{ask, db_from_text, no_rules, rules_of, scoring_toml};

/// Answers a request about model `m`, from rows written as a table whose first column is the hardware.
fn answer(table: &str, request: Request) -> Answer {
    answer_by(table, &no_rules(), request)
}

fn answer_by(table: &str, rules: &suitor::rules::RuleSet, request: Request) -> Answer {
    let task = request.task.clone().unwrap_or_else(|| "inference".to_owned());
    let request = Request { model: "m".to_owned(), task: Some(task), ..request };
    ask(&db_from_text(&whole(table)), rules, &request)
}

/// The table with the columns that every row needs: model `m` and, unless it says otherwise, task inference.
fn whole(table: &str) -> String {
    let mut lines = table.lines().map(str::trim).filter(|line| !line.is_empty());
    let header = lines.next().expect("a header");
    let task = header.split(',').any(|name| name == "task");
    let mut text = format!("model,hardware_norm,{header}{}\n", if task { "" } else { ",task" });
    for line in lines {
        let _ = writeln!(text, "m,{line}{}", if task { "" } else { ",inference" });
    }
    text
}

fn plain() -> Request {
    Request::default()
}

fn requiring(name: &str) -> Request {
    Request { requirements: vec![name.to_owned()], ..plain() }
}

fn pinned(field: &str, value: &str) -> Request {
    Request { pins: vec![Pin { field: field.to_owned(), how: Match::Equal, value: value.to_owned() }], ..plain() }
}

fn limited(limit: &str) -> Request {
    Request { limits: vec![limit.parse().expect("a limit")], ..plain() }
}

fn ratio() -> Request {
    Request { profile: Some(Profile::Ratio), ..plain() }
}

fn of<'a>(answer: &'a Answer, hardware: &str) -> &'a Recommendation {
    answer.recommendations.iter().find(|one| one.hardware == hardware).unwrap_or_else(|| panic!("{hardware} is not ranked: {answer:#?}"))
}

fn order(answer: &Answer) -> Vec<&str> {
    answer.recommendations.iter().map(|one| one.hardware.as_str()).collect()
}

#[track_caller]
fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-11, "found {found}, expected {expected}");
}

/// Weights by name: throughput, latency, memory, energy.
#[track_caller]
fn weights_are(answer: &Answer, expected: [f64; 4]) {
    for (name, expected) in ["throughput", "latency", "memory", "energy"].iter().zip(expected) {
        near(answer.recommendations[0].weights[*name], expected);
    }
}
