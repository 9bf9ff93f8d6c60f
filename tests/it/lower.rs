//! Compiled rules come to what interpreted ones come to, to the bit: scores, steps, reasons, places, errors.
//!
//! Rules are written from bytes, so that a failure shrinks; rows hold the values at which arithmetic and comparison differ.

mod rows;
mod text;

use suitor::rules::fields::{FieldKind, FieldValue, PAIR};
use suitor::rules::{Engine, Evaluator, Pair, RuleRequest, RuleSet, Verdict};
use suitor::store::Db;

use crate::rule_text::Dice;

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
    RuleSet::compile(&files).ok().map(|set| RuleSet { engine: Engine::Compiled, ..set })
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

/// Rules that were written from bytes, held against rows; `None` when the checks refuse them.
fn written(db: &Db, bytes: &[u8], seed: u64, count: usize, counts: &mut Counts) -> Option<Result<(), String>> {
    let scripts = text::rules(&mut Dice::new(bytes));
    let set = compile(&scripts)?;
    let mut numbers = rows::Numbers::new(seed);
    let rows = rows::many(&mut numbers, count);
    let request = rows::request(&mut numbers);
    Some(agrees(db, &set, &rows, &request, counts).map_err(|why| format!("{}\n{why}", shown(&scripts))))
}

fn shown(scripts: &[(String, String, String)]) -> String {
    scripts.iter().map(|(name, table, text)| format!("--- {name}\n{table}---\n{text}")).collect()
}

/// The fewest and smallest choices that still disagree.
fn shrunk(db: &Db, bytes: &[u8], seed: u64, count: usize) -> String {
    let fails = |bytes: &[u8]| written(db, bytes, seed, count, &mut Counts::default()).and_then(Result::err);
    let (mut best, mut why) = (bytes.to_vec(), fails(bytes).unwrap_or_default());
    let mut tries = 0;
    let mut size = best.len() / 2;
    while size > 0 && tries < 600 {
        let mut at = 0;
        while at < best.len() && tries < 600 {
            let end = (at + size).min(best.len());
            for shorter in [true, false] {
                let mut other = best.clone();
                if shorter {
                    other.drain(at..end);
                } else {
                    other[at..end].fill(0);
                }
                tries += 1;
                if other != best
                    && let Some(found) = fails(&other)
                {
                    (best, why) = (other, found);
                    break;
                }
            }
            at += size;
        }
        size /= 2;
    }
    why
}

#[test]
fn generated_rules_agree() {
    let wanted: usize = std::env::var("SUITOR_LOWER_RULES").ok().and_then(|rules| rules.parse().ok()).unwrap_or(300);
    let count: usize = std::env::var("SUITOR_LOWER_ROWS").ok().and_then(|rows| rows.parse().ok()).unwrap_or(200);
    let seed: u64 = std::env::var("SUITOR_LOWER_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let db = Db::open_in_memory().unwrap();
    let mut numbers = rows::Numbers::new(seed);
    let mut counts = Counts::default();
    let (mut tried, mut disagreed) = (0, 0);
    while counts.compiled + counts.refused < wanted {
        let length = 40 + numbers.below(260);
        let bytes = numbers.bytes(length);
        let of_rows = numbers.next();
        tried += 1;
        if let Some(Err(_)) = written(&db, &bytes, of_rows, count, &mut counts) {
            disagreed += 1;
            println!("{}\n=====", shrunk(&db, &bytes, of_rows, count));
            assert!(disagreed < 5, "compiled and interpreted rules disagree, see above: {counts:?}");
        }
    }
    println!("{counts:?} of {tried} sets tried");
    assert_eq!(disagreed, 0, "compiled and interpreted rules disagree, see above");
    // The test is worth something only while most rules load and are compiled, and rows come to every kind of end.
    assert!(counts.sets * 2 > tried, "most sets load: {counts:?} of {tried}");
    assert!(counts.compiled > 2 * counts.refused, "most hooks are compiled: {counts:?}");
    assert!(counts.interpreted * 2 < counts.rows, "most rows are computed: {counts:?}");
    assert!(counts.failed * 50 > counts.rows && counts.excluded * 20 > counts.rows && counts.fired * 5 > counts.rows, "{counts:?}");
}

#[test]
fn shipped_rules_are_compiled_and_agree() {
    let db = Db::open_in_memory().unwrap();
    let set = RuleSet { engine: Engine::Compiled, ..RuleSet::embedded().unwrap() };
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

/// A relation of these pairs, as SQL: `key` and what rules read.
fn relation(rows: &[(Pair, f64)]) -> String {
    let text = |text: &str| {
        format!("concat({})", text.split('\0').map(|part| format!("'{}'", part.replace('\'', "''"))).collect::<Vec<_>>().join(", chr(0), "))
    };
    let value = |value: FieldValue<'_>| match value {
        FieldValue::Missing => "NULL".to_owned(),
        FieldValue::Integer(i64::MIN) => "(-9223372036854775807 - 1)".to_owned(),
        FieldValue::Integer(integer) => format!("{integer}"),
        FieldValue::Number(number) => format!("'{number:e}'::DOUBLE"),
        FieldValue::Text(value) => text(value),
        FieldValue::Boolean(truth) => truth.to_string(),
    };
    let one = |(key, (pair, score)): (usize, &(Pair, f64))| {
        let fields: Vec<String> = PAIR
            .iter()
            .map(|field| {
                let kind = match field.kind {
                    FieldKind::Integer => "BIGINT",
                    FieldKind::Number => "DOUBLE",
                    FieldKind::Text => "VARCHAR",
                    FieldKind::Boolean => "BOOLEAN",
                };
                format!("{}::{kind} AS {}", value((field.get)(pair)), field.name)
            })
            .collect();
        format!("SELECT {key} AS key, '{score:e}'::DOUBLE AS suitability, {}", fields.join(", "))
    };
    format!("({})", rows.iter().enumerate().map(one).collect::<Vec<_>>().join("\nUNION ALL "))
}

#[test]
fn rules_on_a_relation_agree_with_the_interpreter() {
    let db = Db::open_in_memory().unwrap();
    let mut numbers = rows::Numbers::new(11);
    let rows = rows::many(&mut numbers, 150);
    let request = rows::request(&mut numbers);
    let relation = relation(&rows);
    let loops = (
        "loops".to_owned(),
        String::new(),
        "fn adjust(score, pair, request) { let n = 0; while n < pair.results { n += 1; if n > 3 { return score * 0.5; } } score }"
            .to_owned(),
    );
    let sets = [
        (RuleSet { engine: Engine::Compiled, ..RuleSet::embedded().unwrap() }, true),
        (RuleSet::embedded().unwrap(), true),
        (RuleSet { engine: Engine::Interpreted, ..RuleSet::embedded().unwrap() }, false),
        (compile(&[loops]).unwrap(), false),
    ];
    for (set, compiled) in &sets {
        let interpreted = db.rule_table(set, &relation, &["key"], &request, false).unwrap();
        assert_eq!(interpreted < rows.len(), *compiled, "{interpreted}");
        let found = db.ruled("key").unwrap();
        assert_eq!(found.len(), rows.len());
        for ((key, score, why), (at, (pair, suitability))) in found.iter().zip(rows.iter().enumerate()) {
            assert_eq!(usize::try_from(*key).unwrap(), at);
            let expected = match set.evaluator().judge(pair, *suitability, &request, false).unwrap() {
                Verdict::Scored { score, .. } => (Some(score.to_bits()), None),
                Verdict::Excluded { rule, reason } => (None, Some(format!("excluded by {rule}: {reason}"))),
                Verdict::Failed { message, .. } => (None, Some(format!("not scored: {message}"))),
            };
            assert_eq!((score.map(f64::to_bits), why.clone()), expected, "{pair:?} {suitability}");
        }
    }
}

/// Sets that once came apart.
#[test]
fn saved_cases_agree() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/lower");
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    assert!(!names.is_empty());
    let db = Db::open_in_memory().unwrap();
    for path in names {
        let text = std::fs::read_to_string(&path).unwrap();
        let (table, script) = text.split_once("---\n").unwrap();
        let set =
            compile(&[("r0".to_owned(), table.replace("#: ", ""), script.to_owned())]).unwrap_or_else(|| panic!("{}", path.display()));
        let mut counts = Counts::default();
        for seed in 0..4 {
            let mut numbers = rows::Numbers::new(seed);
            let rows = rows::many(&mut numbers, 1500);
            let request = rows::request(&mut numbers);
            agrees(&db, &set, &rows, &request, &mut counts).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        }
        assert!(counts.refused == 0 && counts.interpreted < counts.rows, "{}: {counts:?}", path.display());
    }
}
