//! Compiled rules come to what interpreted ones come to, to the bit: scores, steps, reasons, places, errors.
//!
//! Rules are written from bytes, so that a failure shrinks; rows hold the values at which arithmetic and comparison differ.

pub mod rows;
pub mod text;

use std::collections::BTreeSet;

use suitor::rules::{Engine, Evaluator, Limits, Pair, RuleRequest, RuleSet, Verdict};
use suitor::store::Db;

use crate::rule_text::Dice;
use crate::support::say;

const SCORING: &str = include_str!("../../config/scoring.toml");

/// Scripts (name, lines of the table, text) as a set; `None` when the checks refuse them.
pub fn compile(scripts: &[(String, String, String)]) -> Option<RuleSet> {
    compile_within(scripts, &Limits::default())
}

/// The same with limits of the sandbox.
fn compile_within(scripts: &[(String, String, String)], limits: &Limits) -> Option<RuleSet> {
    let mut list = String::new();
    let mut files = vec![("config/scoring.toml".to_owned(), SCORING.to_owned())];
    for (name, table, text) in scripts {
        list.push_str(&format!("[[rule]]\nscript = \"{name}\"\ntitle = \"t\"\n{table}\n\n"));
        files.push((format!("rules/{name}.rhai"), text.clone()));
    }
    files.push(("config/rules.toml".to_owned(), list));
    RuleSet::compile_within(&files, limits).ok().map(|set| RuleSet { engine: Engine::Compiled, ..set })
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
    /// Sets that a limit of the sandbox ended, alike.
    ended: usize,
    /// Results, by their lines, that rows came to.
    branches: usize,
    lines: BTreeSet<String>,
}

/// Holds the compiled verdicts of a set against the interpreted ones: those of every pair, or the error that ends the command.
fn agrees(db: &Db, set: &RuleSet, rows: &[(Pair, f64)], request: &RuleRequest, own: bool, counts: &mut Counts) -> Result<(), String> {
    let known: Vec<(&Pair, f64)> = rows.iter().map(|(pair, score)| (pair, *score)).collect();
    let of = |pair: &Pair| if own { RuleRequest { model: pair.model.clone(), ..request.clone() } } else { request.clone() };
    let interpreted: Result<Vec<Verdict>, _> =
        known.iter().map(|(pair, score)| set.evaluator().judge(pair, *score, &of(pair), false)).collect();
    let compiled = db.judge(set, &known, request, own, false);
    counts.sets += 1;
    let (interpreted, judged) = match (interpreted, compiled) {
        (Ok(interpreted), Ok(judged)) => (interpreted, judged),
        (Err(one), Err(other)) if one.to_string() == other.to_string() => {
            counts.ended += 1;
            return Ok(());
        }
        (one, other) => return Err(format!("interpreted {:?}\ncompiled {:?}", one.err(), other.err())),
    };
    counts.compiled += judged.hooks.0;
    counts.refused += judged.hooks.1;
    counts.rows += rows.len();
    counts.interpreted += judged.interpreted;
    for ((pair, score), (interpreted, compiled)) in rows.iter().zip(interpreted.iter().zip(&judged.verdicts)) {
        match interpreted {
            Verdict::Failed { .. } => counts.failed += 1,
            Verdict::Excluded { .. } => counts.excluded += 1,
            Verdict::Scored { steps, .. } => {
                counts.fired += usize::from(steps.iter().any(|step| step.fired));
                counts.lines.extend(steps.iter().filter_map(|step| step.source.clone()));
            }
        }
        if !same(interpreted, compiled) {
            return Err(format!("interpreted {interpreted:#?}\ncompiled {compiled:#?}\non {pair:?} with {score:?}, {request:?}"));
        }
    }
    counts.branches += std::mem::take(&mut counts.lines).len();
    Ok(())
}

/// Rules that were written from bytes, held against rows; `None` when the checks refuse them.
fn written(db: &Db, bytes: &[u8], seed: u64, count: usize, counts: &mut Counts) -> Option<Result<(), String>> {
    let scripts = text::rules(&mut Dice::new(bytes));
    let set = compile(&scripts)?;
    let mut numbers = rows::Numbers::new(seed);
    let mut rows = rows::many(&mut numbers, count);
    if numbers.one_in(30) {
        // Texts at the limits: of what is computed with, and of the sandbox.
        for (pair, _) in rows.iter_mut().skip(count / 2) {
            pair.hardware = "é".repeat([299, 300, 301, 4_999][numbers.below(4)]);
        }
    }
    if numbers.one_in(2) {
        rows::narrow(&mut numbers, &mut rows);
    }
    let (request, own) = (rows::request(&mut numbers), numbers.one_in(3));
    Some(agrees(db, &set, &rows, &request, own, counts).map_err(|why| format!("{}\n{why}", shown(&scripts))))
}

fn shown(scripts: &[(String, String, String)]) -> String {
    scripts.iter().map(|(name, table, text)| ["--- ", name, "\n", table, "---\n", text].concat()).collect()
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

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

/// Writes and compares rules until so many hooks were looked at; how many sets were tried.
fn compared(wanted: usize, count: usize, seed: u64) -> (Counts, usize) {
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
            say(&format!("{}\n=====", shrunk(&db, &bytes, of_rows, count)));
            assert!(disagreed < 5, "compiled and interpreted rules disagree, see above: {counts:?}");
        }
    }
    say(&format!("compared by either engine: {counts:?} of {tried} sets tried from seed {seed}"));
    assert_eq!(disagreed, 0, "compiled and interpreted rules disagree, see above");
    (counts, tried)
}

/// `SUITOR_LOWER_RULES`, `SUITOR_LOWER_ROWS` and `SUITOR_LOWER_SEED` ask for more, or for others.
#[test]
fn generated_rules_agree() {
    let wanted = usize::try_from(setting("SUITOR_LOWER_RULES", 150)).unwrap();
    let count = usize::try_from(setting("SUITOR_LOWER_ROWS", 100)).unwrap();
    let seed = setting("SUITOR_LOWER_SEED", 1);
    let workers = if wanted < 1000 { 1 } else { std::thread::available_parallelism().map_or(1, |count| count.get().min(8)) };
    let all: Vec<(Counts, usize)> = std::thread::scope(|scope| {
        let started: Vec<_> =
            (0..workers).map(|at| scope.spawn(move || compared(wanted / workers, count, seed + 1_000_003 * at as u64))).collect();
        started.into_iter().map(|one| one.join().unwrap()).collect()
    });
    for (counts, tried) in all {
        // The test is worth something only while most rules load and are compiled, and rows come to every kind of end.
        assert!(counts.sets * 2 > tried, "most sets load: {counts:?} of {tried}");
        assert!(counts.compiled > 2 * counts.refused, "most hooks are compiled: {counts:?}");
        assert!(counts.interpreted * 3 < counts.rows, "most rows are computed: {counts:?}");
        assert!(counts.failed * 50 > counts.rows && counts.excluded * 20 > counts.rows && counts.fired * 8 > counts.rows, "{counts:?}");
        assert!(counts.branches * 2 > counts.compiled, "rows come to several results of hooks: {counts:?}");
    }
}

#[test]
fn shipped_rules_are_compiled_and_agree() {
    let db = Db::open_in_memory().unwrap();
    let set = RuleSet { engine: Engine::Compiled, ..RuleSet::embedded().unwrap() };
    let mut counts = Counts::default();
    let mut numbers = rows::Numbers::new(7);
    for _ in 0..4 {
        let rows = rows::many(&mut numbers, 2000);
        agrees(&db, &set, &rows, &rows::request(&mut numbers), false, &mut counts).unwrap();
    }
    assert_eq!(counts.refused, 0);
    assert_eq!(counts.compiled, 32);
}

#[test]
fn many_rules_are_cut_into_several_queries_with_the_same_result() {
    let scripts: Vec<(String, String, String)> = (0..90)
        .map(|at| {
            let text = match at % 5 {
                0 => "fn exclude(pair, request) { if pair.results == params.n { `${pair.hardware}: ${pair.results} of ${params.n}` } }"
                    .to_owned(),
                1 => "fn adjust(score, pair, request) { if pair.device_count > params.n { score * 2.5 } else { score - 0.01 } }".to_owned(),
                2 if at == 62 => "fn adjust(score, pair, request) { let n = 0; while n < 5 { n += 1; } score + n / 100.0 }".to_owned(),
                2 => "fn adjust(score, pair, request) { #{ score: score + pair.coverage / 9, reason: `at ${score}` } }".to_owned(),
                3 => "fn adjust(score, pair, request) { (score * 1000.0).round() / 999.0 - params.n * 0.001 }".to_owned(),
                _ => "fn adjust(score, pair, request) { if (pair.age_days ?? 0) > params.n { return min(score, 3); } score }".to_owned(),
            };
            let table = if text.contains("params") { format!("params = {{ n = {at} }}\n") } else { String::new() };
            (format!("r{at}"), table, text)
        })
        .collect();
    let (db, set) = (Db::open_in_memory().unwrap(), compile(&scripts).unwrap());
    let (mut counts, mut numbers) = (Counts::default(), rows::Numbers::new(5));
    let rows = rows::many(&mut numbers, 400);
    agrees(&db, &set, &rows, &rows::request(&mut numbers), false, &mut counts).unwrap();
    assert_eq!((counts.compiled, counts.refused), (89, 1));
    assert!(counts.interpreted * 2 < counts.rows, "{counts:?}");
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
            agrees(&db, &set, &rows, &request, seed == 3, &mut counts).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        }
        assert!(counts.refused == 0 && counts.interpreted < counts.rows, "{}: {counts:?}", path.display());
    }
}

/// A hook held against the interpreter under limits. How many hooks are part of a query, and whether a limit ended both.
#[track_caller]
fn under(limits: &Limits, table: &str, script: &str) -> (usize, bool) {
    let set = compile_within(&[("r0".to_owned(), table.to_owned(), script.to_owned())], limits).unwrap_or_else(|| panic!("{script}"));
    let (db, mut counts, mut numbers) = (Db::open_in_memory().unwrap(), Counts::default(), rows::Numbers::new(3));
    let mut rows = rows::many(&mut numbers, 200);
    rows::narrow(&mut numbers, &mut rows);
    agrees(&db, &set, &rows, &rows::request(&mut numbers), false, &mut counts).unwrap_or_else(|why| panic!("{table}\n{script}\n{why}"));
    (counts.compiled, counts.ended > 0)
}

#[test]
fn what_could_exceed_a_limit_ends_as_it_does_interpreted() {
    let limits = Limits { string: 400, list: 10, map: 10, ..Limits::default() };
    let [a, b] = ["a", "b"].map(|letter| letter.repeat(250));
    let rows = |text: &str| format!("fn adjust(score, pair, request) {{ {text} }}");
    let in_list = |list: &str| rows(&format!("let l = {list}; if pair.hardware in l {{ 0.1 }} else {{ score * 0.5 }}"));
    for (table, script) in [
        (String::new(), in_list(&format!("[\"{a}\", \"{b}\"]"))),
        (format!("params = {{ l = [\"{a}\", \"{b}\"] }}"), in_list("params.l")),
        (format!("params = {{ l = [[\"{a}\"], [\"{b}\"]] }}"), rows("let l = params.l; if l.len > 1 { 0.1 } else { score }")),
        (
            "params = { l = [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]] }".to_owned(),
            rows("let l = params.l; if l.len > 1 { 0.1 } else { score }"),
        ),
        (String::new(), rows("let m = #{ a: 1, b: 2, c: 3, d: #{ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7 } }; score * m.a")),
        (String::new(), rows(&format!("let m = #{{ a: \"{a}\", b: \"{b}\" }}; if m.a == m.b {{ 0.1 }} else {{ score }}"))),
    ] {
        assert_eq!(under(&limits, &table, &script), (0, true), "{table} {script}");
        // Within the limits the same is a query.
        assert_eq!(under(&Limits::default(), &table, &script), (1, false), "{table} {script}");
    }
    let heads = ["a", "b", "c", "d", "e", "f", "g", "h"].map(|name| format!("for {name} in params.l {{ ")).concat();
    let nested = rows(&format!("let s = 0; {heads} s += 1; {} score + s", "}".repeat(8)));
    let few = Limits { variables: 10, ..Limits::default() };
    assert_eq!(under(&few, "params = { l = [1] }", &nested), (0, true));
    assert_eq!(under(&Limits::default(), "params = { l = [1] }", &nested), (1, false));
}

#[test]
fn what_is_no_property_fails_in_a_query_as_it_does_interpreted() {
    let after_a_loop = |start: &str, end: &str| {
        format!("fn adjust(score, pair, request) {{ let x = {start}; for a in params.l {{ if a > 1 {{ x = {start}; }} }} {end} }}")
    };
    for (start, end, compiled) in [
        ("score", "x.abs", 0),
        ("score", "x.sqrt", 0),
        ("score", "x.exp", 0),
        ("score", "x.ln", 0),
        ("score", "x.to_int", 0),
        ("score", "if x.to_string == \"1\" { 0.1 } else { score }", 0),
        ("pair.results", "x.to_float", 0),
        ("score", "x.floor", 1),
        ("score", "x.round + x.ceiling + x.int", 1),
        ("pair.hardware", "if x.is_empty { 0.1 } else { 1.0 / (x.len + x.bytes) }", 1),
    ] {
        let found = under(&Limits::default(), "params = { l = [0, 1, 2] }", &after_a_loop(start, end));
        assert_eq!(found, (compiled, false), "{end} of {start}");
    }
}

#[test]
fn a_query_that_would_take_long_to_plan_is_interpreted() {
    let list = |count: i32| format!("params = {{ l = {:?} }}", (0..count).collect::<Vec<_>>());
    // Each turn hangs on whether any before it left the loop.
    let leaving = "fn adjust(score, pair, request) {
        let x = score; let n = 0;
        for a in params.l {
            if pair.results == a { continue; }
            if x > 0.5 { x = x * 0.7 + pair.coverage / 3.0; } else if pair.device_count > a { x = x + 0.1; n += 1; }
            if n > 5 || x < 0.01 * a { break; }
        }
        x
    }";
    assert_eq!(under(&Limits::default(), &list(10), leaving), (1, false));
    assert_eq!(under(&Limits::default(), &list(100), leaving), (0, false));
    // Two that are too much for one query are one each.
    let two = ["one", "two"].map(|name| (name.to_owned(), list(20), leaving.to_owned()));
    let (db, set, mut counts, mut numbers) =
        (Db::open_in_memory().unwrap(), compile(&two).unwrap(), Counts::default(), rows::Numbers::new(3));
    let some = rows::many(&mut numbers, 200);
    agrees(&db, &set, &some, &rows::request(&mut numbers), false, &mut counts).unwrap();
    assert_eq!((counts.compiled, counts.refused), (2, 0));
    let said = |count: i32| compile(&[("r0".to_owned(), list(count), leaving.to_owned())]).unwrap().lowering()[0].refused.clone();
    assert!(said(10).is_none() && said(100).is_some_and(|refused| refused.why.contains("long")), "{:?}", said(100));
    // Many operations within each other, of which little is passed on, are no harm; nor is a text of many parts.
    let summing = "fn adjust(score, pair, request) { let x = score; for a in params.l { for b in params.l { x = x * 0.999 + pair.coverage; } } x / 1000.0 }";
    assert_eq!(under(&Limits::default(), &list(25), summing), (1, false));
    let saying = "fn exclude(pair, request) { let t = \"\"; for a in params.l { for b in params.l { t += pair.hardware_type; } } if pair.results > 8 { t } }";
    assert_eq!(under(&Limits { string: 1_000_000, ..Limits::default() }, &list(35), saying), (1, false));
}

#[test]
fn a_switch_over_a_range_or_a_record_is_interpreted() {
    // A range is one of the labels when it is the same range, which no query asks.
    for (on, what) in [("0..pair.results", "0..10"), ("0..=pair.results", "0..=10"), ("params", "1"), ("pair", "1")] {
        let script = format!(
            "fn adjust(score, pair, request) {{ if params.w > 2 {{ switch {on} {{ {what} => 0.1, _ => 0.3 }} }} else {{ score }} }}"
        );
        assert_eq!(under(&Limits::default(), "params = { w = 3 }", &script), (0, false), "{on}");
    }
}
