//! Compiled rules come to what interpreted ones come to, to the bit: scores, steps, reasons, places, errors.
//!
//! Rules are written from bytes, so that a failure shrinks; rows hold the values at which arithmetic and comparison differ.

mod rows;

use suitor::rules::{Engine, Evaluator, Pair, RuleRequest, RuleSet, Verdict};
use suitor::store::Db;

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

/// Whether two verdicts are the same, to the bit of every number.
fn same(one: &Verdict, other: &Verdict) -> bool {
    let (Verdict::Scored { score: a, steps: first }, Verdict::Scored { score: b, steps: second }) = (one, other) else {
        return one == other;
    };
    a.to_bits() == b.to_bits()
        && first == second
        && first.iter().zip(second).all(|(a, b)| (a.score.to_bits(), a.delta.to_bits()) == (b.score.to_bits(), b.delta.to_bits()))
}

/// What was compared.
#[derive(Debug, Default)]
struct Counts {
    sets: usize,
    compiled: usize,
    refused: usize,
    rows: usize,
    interpreted: usize,
    failed: usize,
    excluded: usize,
    fired: usize,
}

/// Holds the compiled verdicts of a set against the interpreted ones.
fn agrees(db: &Db, set: &RuleSet, rows: &[(Pair, f64)], request: &RuleRequest, counts: &mut Counts) -> Result<(), String> {
    db.set_engine(Engine::Compiled);
    let known: Vec<(&Pair, f64)> = rows.iter().map(|(pair, score)| (pair, *score)).collect();
    let judged = db.judge(set, &known, request, false, false).map_err(|error| error.to_string())?;
    counts.sets += 1;
    counts.compiled += judged.hooks.0;
    counts.refused += judged.hooks.1;
    counts.rows += rows.len();
    counts.interpreted += judged.interpreted;
    for ((pair, score), compiled) in rows.iter().zip(&judged.verdicts) {
        let interpreted = set.evaluator().judge(pair, *score, request, false).map_err(|error| error.to_string())?;
        match &interpreted {
            Verdict::Failed { .. } => counts.failed += 1,
            Verdict::Excluded { .. } => counts.excluded += 1,
            Verdict::Scored { steps, .. } => counts.fired += usize::from(steps.iter().any(|step| step.fired)),
        }
        if !same(&interpreted, compiled) {
            return Err(format!("interpreted {interpreted:#?}\ncompiled {compiled:#?}\non {pair:?} with {score:?}, {request:?}"));
        }
    }
    Ok(())
}

#[test]
fn shipped_rules_are_compiled_and_agree() {
    let db = Db::open_in_memory().unwrap();
    let set = RuleSet::embedded().unwrap();
    let mut counts = Counts::default();
    let mut numbers = rows::Numbers::new(7);
    for _ in 0..4 {
        let rows = rows::many(&mut numbers, 2000);
        agrees(&db, &set, &rows, &rows::request(&mut numbers), &mut counts).unwrap();
    }
    println!("{counts:?}");
    assert_eq!(counts.refused, 0);
    assert_eq!(counts.compiled, 32);
}
