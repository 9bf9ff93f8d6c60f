//! Generated rules and rows never contradict what is said of the rules: a branch said to be unreachable is never taken, a
//! rule said never to fire never fires, and what reaches a rule said to be shadowed is taken out by those that shadow it.
//!
//! A rule is written from a string of bytes, each a choice, so that a failure shrinks to few and simple choices. Values of
//! rows lie on and beside the constants that the rules use.

use std::cell::RefCell;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use suitor::rules::{Evaluator, Pair, RuleErrorKind, RuleRequest, RuleSet, Verdict};

use crate::rule_text::{Dice, rules};

const SCORING: &str = include_str!("../../config/scoring.toml");

/// Scripts (name, lines of the table, text) as a set; `None` when the checks refuse them.
fn compile(scripts: &[(String, String, String)]) -> Option<RuleSet> {
    let mut list = String::new();
    let mut files = vec![("config/scoring.toml".to_owned(), SCORING.to_owned())];
    for (name, table, text) in scripts {
        list.push_str(&format!("[[rule]]\nscript = \"{name}\"\ntitle = \"t\"\n{table}\n\n"));
        files.push((format!("rules/{name}.rhai"), text.clone()));
    }
    files.push(("config/rules.toml".to_owned(), list));
    RuleSet::compile(&files).ok()
}

/// A number on or beside a constant of the rules.
fn number(dice: &mut Dice<'_>) -> f64 {
    let base = [0.0, 1.0, 0.5, 0.25, 2.0, 3.0, 4.0, 8.0, 100.0, 0.75, 1.5, 7.0][dice.roll(12)];
    match dice.roll(6) {
        0 => f64::next_up(base),
        1 => f64::next_down(base),
        2 => base + 1.0,
        _ => base,
    }
}

fn integer(dice: &mut Dice<'_>) -> i64 {
    [0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 100, 1000][dice.roll(12)]
}

fn maybe<T>(dice: &mut Dice<'_>, value: impl FnOnce(&mut Dice<'_>) -> T) -> Option<T> {
    (dice.roll(3) != 0).then(|| value(dice))
}

fn word(dice: &mut Dice<'_>, words: &[&str]) -> String {
    words[dice.roll(words.len())].to_owned()
}

/// A row as the pipeline can give it.
fn row(dice: &mut Dice<'_>) -> (Pair, RuleRequest) {
    let any_integer = |dice: &mut Dice<'_>| integer(dice) - i64::from(dice.roll(5) == 0) * 3;
    let share = |dice: &mut Dice<'_>| number(dice).clamp(0.0, 1.0);
    let amount = |dice: &mut Dice<'_>| number(dice).max(0.0);
    let pair = Pair {
        model: "m".to_owned(),
        model_family: maybe(dice, |dice| word(dice, &["vision", "audio", "x"])),
        parameters_million: maybe(dice, |dice| number(dice) - 1.0),
        hardware: "h".to_owned(),
        hardware_name: word(dice, &["A10", "T4", "h"]),
        hardware_type: word(dice, &["cuda", "rocm", "cpu", "mps", "", "webgpu"]),
        device_count: integer(dice).max(1),
        device_memory_mb: maybe(dice, number),
        batch_size: maybe(dice, any_integer),
        precision: maybe(dice, |dice| word(dice, &["fp8", "fp16", "int8", ""])),
        framework: maybe(dice, |dice| word(dice, &["vllm", "x"])),
        scenario: maybe(dice, |dice| word(dice, &["offline", "server"])),
        throughput: maybe(dice, amount),
        latency_ms: maybe(dice, amount),
        ttft_ms: maybe(dice, amount),
        tpot_ms: maybe(dice, amount),
        memory_peak_mb: maybe(dice, amount),
        energy_j_per_item: maybe(dice, amount),
        results: integer(dice),
        failed_results: integer(dice),
        spread: maybe(dice, amount),
        age_days: maybe(dice, any_integer),
        provenance: word(dice, &["measured", "simulated", "estimated"]),
        uncontested: dice.roll(2) == 0,
        coverage: share(dice),
        compatibility: share(dice),
        confidence: share(dice),
    };
    let requirements: Vec<String> =
        ["latency-sensitive", "memory-constrained"].iter().filter(|_| dice.roll(2) == 0).map(|&name| name.to_owned()).collect();
    let request = RuleRequest {
        model: "m".to_owned(),
        task: maybe(dice, |dice| word(dice, &["inference", "training"])),
        batch_size: maybe(dice, any_integer),
        precision: maybe(dice, |dice| word(dice, &["fp8", "fp16", "int8", ""])),
        version: None,
        latency_sensitive: requirements.iter().any(|name| name == "latency-sensitive"),
        memory_constrained: requirements.iter().any(|name| name == "memory-constrained"),
        requirements,
        profile: word(dice, &["documented", "ratio"]),
        as_of: maybe(dice, any_integer),
    };
    (pair, request)
}

/// What is claimed of a set.
#[derive(Default)]
struct Claims {
    never_fires: Vec<String>,
    /// A rule and those that shadow it.
    shadowed: Vec<(String, Vec<String>)>,
    /// Rules of which `adjust` never acts, because of their own `exclude`.
    never_adjust: Vec<String>,
}

/// What the verdicts of a set claim; puts a `throw` at the beginning of every branch that is said to be unreachable.
fn claims(set: &RuleSet, scripts: &mut [(String, String, String)]) -> (Claims, usize, usize) {
    let mut found = Claims::default();
    let (mut unreachable, mut never_given) = (0, 0);
    for warning in &set.warnings {
        let id = warning.file.name.trim_start_matches("rules/").trim_end_matches(".rhai").to_owned();
        match &warning.kind {
            RuleErrorKind::UnreachableBranch(why) => {
                unreachable += 1;
                let script = scripts.iter_mut().find(|(name, ..)| *name == id).unwrap();
                // The mark of a branch stands at its beginning, that of a statement before it.
                let mark = if why.starts_with("every way") {
                    warning.file.text[..warning.span.start].rfind("/*b")
                } else {
                    warning.file.text[warning.span.end..].find("/*b").map(|at| at + warning.span.end)
                };
                let mark = &warning.file.text[mark.unwrap()..];
                let mark = &mark[..mark.find("*/").unwrap() + 2];
                script.2 = script.2.replace(mark, &format!("throw \"unreachable {}\";", mark.trim_matches(['/', '*'])));
            }
            RuleErrorKind::ShadowedResult { what, .. } if what.contains("`adjust`") => found.never_adjust.push(id),
            RuleErrorKind::ShadowedResult { .. } => {
                never_given += 1;
                let script = scripts.iter_mut().find(|(name, ..)| *name == id).unwrap();
                let text = &warning.file.text;
                let mark = &text[text[..warning.span.start].rfind("/*b").unwrap()..];
                let mark = &mark[..mark.find("*/").unwrap() + 2];
                script.2 = script.2.replace(mark, &format!("throw \"unreachable {}\";", mark.trim_matches(['/', '*'])));
            }
            RuleErrorKind::NeverFires(_) => found.never_fires.push(id),
            RuleErrorKind::Shadowed(by) => {
                let line = warning.file.text[warning.span.clone()].trim_matches('"').to_owned();
                found.shadowed.push((line, by.split("` or `").map(str::to_owned).collect()));
            }
            _ => {}
        }
    }
    (found, unreachable, never_given)
}

/// Whether a rule did anything: excluded, adjusted, gave a reason.
fn fired(verdict: &Verdict, id: &str) -> bool {
    match verdict {
        Verdict::Excluded { rule, .. } => rule == id,
        Verdict::Scored { steps, .. } => steps.iter().any(|step| step.rule == id && step.fired),
        Verdict::Failed { .. } => false,
    }
}

fn shown(scripts: &[(String, String, String)]) -> String {
    scripts.iter().map(|(name, table, text)| ["--- ", name, "\n", table, text].concat()).collect()
}

/// How often each was seen.
#[derive(Clone, Debug, Default)]
struct Counts {
    sets: usize,
    rows: usize,
    unreachable: usize,
    never_fires: usize,
    shadowed: usize,
    never_adjust: usize,
    never_given: usize,
    fired: usize,
}

/// Holds a set against rows; counts what was claimed.
fn holds(choices: &[u8], rows: &[Vec<u8>], counts: &RefCell<Counts>) -> Result<(), TestCaseError> {
    let plain = rules(&mut Dice::new(choices));
    let Some(set) = compile(&plain) else { return Ok(()) };
    let mut marked = plain.clone();
    let (claims, unreachable, never_given) = claims(&set, &mut marked);
    {
        let mut counts = counts.borrow_mut();
        counts.sets += 1;
        counts.unreachable += unreachable;
        counts.never_fires += claims.never_fires.len();
        counts.shadowed += claims.shadowed.len();
        counts.never_adjust += claims.never_adjust.len();
        counts.never_given += never_given;
    }
    let whole = compile(&marked).unwrap_or(set);
    let alone: Vec<(&str, RuleSet)> = marked
        .iter()
        .zip(&plain)
        .map(|(marked, plain)| {
            (marked.0.as_str(), compile(std::slice::from_ref(marked)).or_else(|| compile(std::slice::from_ref(plain))).unwrap())
        })
        .collect();
    let judge =
        |set: &RuleSet, (pair, request): &(Pair, RuleRequest), score: f64| set.evaluator().judge(pair, score, request, false).unwrap();
    for bytes in rows {
        let mut dice = Dice::new(bytes);
        let row = row(&mut dice);
        let score = (number(&mut dice).clamp(0.0, 1.0) * 1e12).round() / 1e12;
        let all: Vec<Verdict> = alone.iter().map(|(_, set)| judge(set, &row, score)).collect();
        counts.borrow_mut().rows += 1;
        for verdict in all.iter().chain([&judge(&whole, &row, score)]) {
            if let Verdict::Failed { message, .. } = verdict {
                prop_assert!(!message.contains("unreachable"), "{message}\non {row:?}\n{}", shown(&plain));
            }
            for id in &claims.never_adjust {
                let acts = matches!(verdict, Verdict::Scored { .. }) && fired(verdict, id);
                prop_assert!(!acts, "`adjust` of `{id}` acts: {verdict:?}\non {row:?}\n{}", shown(&plain));
            }
            for id in &claims.never_fires {
                prop_assert!(!fired(verdict, id), "`{id}` fired: {verdict:?}\non {row:?}\n{}", shown(&plain));
            }
        }
        let verdict = |id: &str| alone.iter().zip(&all).find(|((name, _), _)| *name == id).map(|(_, verdict)| verdict).unwrap();
        let any = alone.iter().any(|(id, _)| fired(verdict(id), id));
        counts.borrow_mut().fired += usize::from(any);
        for (id, by) in &claims.shadowed {
            let acts = fired(verdict(id), id);
            let out = by.iter().any(|other| matches!(verdict(other), Verdict::Excluded { .. }));
            prop_assert!(!acts || out, "`{id}` fires where none of {by:?} excludes: {:?}\non {row:?}\n{}", verdict(id), shown(&plain));
        }
    }
    Ok(())
}

#[test]
fn no_row_contradicts_a_verdict() {
    let cases: u32 = std::env::var("SUITOR_REACH_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(640);
    let counts = RefCell::new(Counts::default());
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let strategy = (vec(any::<u8>(), 20..400), vec(vec(any::<u8>(), 80), 64));
    if let Err(error) = runner.run(&strategy, |(choices, rows)| holds(&choices, &rows, &counts)) {
        panic!("{error}");
    }
    let counts = counts.into_inner();
    println!("{counts:?}");
    let sets = counts.sets;
    assert!(sets * 10 > cases as usize * 7, "most generated sets load: {counts:?}");
    assert!(counts.rows >= 64 * sets && counts.fired * 5 > counts.rows, "rules fire on many rows: {counts:?}");
    assert!(counts.unreachable * 3 > sets, "{counts:?}");
    assert!(counts.never_fires * 20 > sets, "{counts:?}");
    // Rare ones: several times fewer than are expected, so that chance does not fail.
    assert!(counts.shadowed * 80 > sets && counts.never_adjust * 80 > sets && counts.never_given * 300 > sets, "{counts:?}");
}
