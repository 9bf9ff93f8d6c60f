//! Rules on a whole relation: whatever mixture of queries and interpreted hooks a set becomes, each pair has the score, the reason or the error
//! that interpreting everything gives.

use std::time::Instant;

use suitor::rules::fields::{FieldKind, FieldValue, PAIR};
use suitor::rules::{Engine, Evaluator, Pair, RuleRequest, RuleSet, Verdict};
use suitor::store::{Access, Db};

use crate::lower::{compile, rows, text};
use crate::rule_text::Dice;

type Scripts = Vec<(String, String, String)>;
/// Key, the bits of the score, and why there is none.
type Said = (i64, Option<u64>, Option<String>);

/// A relation of these pairs, as SQL: `key`, which goes down where rows go up, and what rules read.
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
    let one = |(at, (pair, score)): (usize, &(Pair, f64))| {
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
        format!("SELECT {} AS key, '{score:e}'::DOUBLE AS suitability, {}", rows.len() - 1 - at, fields.join(", "))
    };
    format!("({})", rows.iter().enumerate().map(one).collect::<Vec<_>>().join("\nUNION ALL "))
}

/// A database with a table of these pairs.
struct Pairs {
    rows: Vec<(Pair, f64)>,
    db: Db,
    _folder: tempfile::TempDir,
}

const RELATION: &str = "(SELECT * FROM pairs)";

impl Pairs {
    fn of(rows: Vec<(Pair, f64)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pairs.duckdb");
        duckdb::Connection::open(&file)
            .unwrap()
            .execute_batch(&format!("CREATE TABLE pairs AS SELECT * FROM {}", relation(&rows)))
            .unwrap();
        Self { rows, db: Db::open(&file, Access::Read).unwrap(), _folder: folder }
    }

    /// By key: what interpreting everything says, score or why there is none; or the error that ends it, of the first pair by the names of model and
    /// hardware.
    fn expected(&self, set: &RuleSet, request: &RuleRequest, strict: bool) -> Result<Vec<Said>, String> {
        let evaluator = set.evaluator();
        let mut rows: Vec<(i64, &(Pair, f64))> = (0..).zip(self.rows.iter().rev()).collect();
        rows.sort_by_key(|(key, (pair, _))| (&pair.model, &pair.hardware, *key));
        let judged = rows.into_iter().map(|(key, (pair, suitability))| {
            Ok(match evaluator.judge(pair, *suitability, request, strict).map_err(|error| error.to_string())? {
                Verdict::Scored { score, .. } => (key, Some(score.to_bits()), None),
                Verdict::Excluded { rule, reason } => (key, None, Some(format!("excluded by {rule}: {reason}"))),
                Verdict::Failed { message, .. } => (key, None, Some(format!("not scored: {message}"))),
            })
        });
        let mut judged: Vec<Said> = judged.collect::<Result<_, String>>()?;
        judged.sort_by_key(|(key, ..)| *key);
        Ok(judged)
    }

    /// Holds the table against interpreting everything. How many pairs were interpreted whole; the error, where both end with the same.
    #[track_caller]
    fn agree(&self, set: &RuleSet, request: &RuleRequest, strict: bool) -> Result<usize, String> {
        let expected = self.expected(set, request, strict);
        let whole = self.db.rule_table(set, RELATION, &["key"], request, strict).map_err(|error| error.to_string());
        let found = whole.clone().map(|_| {
            let ruled = self.db.ruled("key").unwrap();
            ruled.into_iter().map(|(key, score, why)| (key, score.map(f64::to_bits), why)).collect::<Vec<_>>()
        });
        assert!(expected == found, "expected {expected:#?}\nfound {found:#?}");
        whole
    }
}

/// Pairs of which none is at an edge of what is computed with.
fn plain(count: i64) -> Vec<(Pair, f64)> {
    let one = |at: i64| {
        let pair = Pair {
            model: "m".to_owned(),
            hardware: format!("h{at}"),
            hardware_type: ["cuda", "cpu", "rocm"][usize::try_from(at % 3).unwrap()].to_owned(),
            device_count: 1 + at % 5,
            results: at % 11,
            provenance: "measured".to_owned(),
            coverage: 0.5,
            confidence: (at % 7) as f64 / 7.0,
            ..Pair::default()
        };
        (pair, (at % 10) as f64 / 10.0)
    };
    (0..count).map(one).collect()
}

/// A hook by a letter, its number in it: `e` and `a` exclude and adjust as part of a query, `E` and `A` in a loop, which is interpreted; `f` and
/// `F` are adjustments that fail on some pairs, `x` and `X` exclusions that do.
fn hook(letter: char, at: usize) -> String {
    let turns = "let n = 0; while n < pair.results { n += 1; }";
    match letter {
        'e' => format!(
            "fn exclude(pair, request) {{ if pair.results == {} {{ `${{pair.hardware}} by {at}: ${{pair.confidence}}` }} }}",
            at % 4
        ),
        'E' => format!("fn exclude(pair, request) {{ {turns} if n == {} {{ `${{n}} turns by {at}` }} }}", 4 + at % 4),
        'a' => format!("fn adjust(score, pair, request) {{ score * 0.9 + pair.confidence / {}.0 }}", 7 + at),
        'A' => format!("fn adjust(score, pair, request) {{ {turns} #{{ score: score - n / {}.0, reason: `${{n}}` }} }}", 100 + at),
        'f' => format!("fn adjust(score, pair, request) {{ if pair.results == 8 {{ throw \"f{at} at \" + score; }} score + 0.001 }}"),
        'F' => format!("fn adjust(score, pair, request) {{ {turns} if n == 9 {{ throw \"F{at} at \" + score; }} score + 0.002 }}"),
        'x' => format!("fn exclude(pair, request) {{ if pair.results == 10 && pair.device_count == 3 {{ throw \"x{at}\"; }} }}"),
        'X' => format!("fn exclude(pair, request) {{ {turns} if n == 10 && pair.device_count == 2 {{ throw \"X{at}\"; }} }}"),
        _ => panic!("{letter}"),
    }
}

fn set_of(letters: &str) -> RuleSet {
    let scripts: Scripts = letters.chars().enumerate().map(|(at, letter)| (format!("r{at}"), String::new(), hook(letter, at))).collect();
    compile(&scripts).unwrap_or_else(|| panic!("{letters} is no rule set"))
}

#[test]
fn queries_and_interpreted_hooks_may_follow_each_other_in_any_order() {
    let pairs = Pairs::of(plain(120));
    let request = RuleRequest::default();
    for letters in ["E", "A", "eE", "Ee", "eEea", "EeaA", "aAa", "Aaa", "eaAAa", "EEAA", "eEeEeaAaA"] {
        assert_eq!(pairs.agree(&set_of(letters), &request, true), Ok(0), "{letters}: no pair is interpreted whole");
    }
    for letters in ["f", "F", "x", "X", "efA", "EFa", "xEaf", "Xea", "eXeaFaf", "aFAf", "eAfFa", "XxFf"] {
        let whole = pairs.agree(&set_of(letters), &request, false).unwrap();
        assert!((1..60).contains(&whole), "{letters}: {whole}");
        let why = pairs.agree(&set_of(letters), &request, true).unwrap_err();
        assert!(why.contains("failed"), "{letters}: {why}");
    }
}

#[test]
fn more_hooks_than_one_query_takes_agree() {
    let pairs = Pairs::of(plain(120));
    let request = RuleRequest::default();
    let long = format!("{}E{}{}A{}f", "e".repeat(50), "e".repeat(30), "a".repeat(60), "a".repeat(45));
    for (letters, fails) in [("ea".repeat(60), false), (long, true)] {
        let whole = pairs.agree(&set_of(&letters), &request, false).unwrap();
        assert_eq!(whole > 0, fails, "{letters}: {whole}");
        assert!(whole < 60, "{letters}: {whole}");
        assert_eq!(pairs.agree(&set_of(&letters), &request, true).is_err(), fails);
    }
}

#[test]
fn generated_sets_agree() {
    let mut numbers = rows::Numbers::new(23);
    let (mut sets, mut whole, mut ended) = (0, 0, 0);
    while sets < 12 {
        // One set of the rules of several; hooks that must be interpreted lie among them.
        let mut scripts = Scripts::new();
        for _ in 0..4 {
            let bytes = numbers.bytes(120);
            for (_, table, text) in text::rules(&mut Dice::new(&bytes)) {
                let script = (format!("r{}", scripts.len()), table, text);
                if compile(std::slice::from_ref(&script)).is_some() {
                    scripts.push(script);
                }
            }
        }
        // A loop in the middle of each.
        scripts.insert(scripts.len() / 2, ("loops".to_owned(), String::new(), [hook('E', 1), hook('A', 2)].join("\n")));
        let Some(set) = compile(&scripts) else { continue };
        let mut rows = rows::many(&mut numbers, 40);
        if numbers.one_in(2) {
            rows::narrow(&mut numbers, &mut rows);
        }
        let pairs = Pairs::of(rows);
        let request = rows::request(&mut numbers);
        match pairs.agree(&set, &request, false) {
            Ok(count) => whole += count,
            Err(_) => ended += 1,
        }
        let _ = pairs.agree(&set, &request, true);
        sets += 1;
    }
    assert!(whole > 0 && whole < sets * 40 && ended * 2 < sets, "{whole} of {} pairs, {ended} ended", sets * 40);
}

#[test]
fn a_hook_is_interpreted_only_on_pairs_that_come_to_it() {
    // The loop would exceed a limit on each pair that the query before it takes out.
    let scripts: Scripts = [
        "fn exclude(pair, request) { if pair.results > 2 { \"out\" } }",
        "fn exclude(pair, request) { let n = 0; while pair.results > 2 { n += 1; } if n > 0 { \"never\" } }",
        "fn adjust(score, pair, request) { score / 3 }",
    ]
    .iter()
    .enumerate()
    .map(|(at, text)| (format!("r{at}"), String::new(), (*text).to_owned()))
    .collect();
    let set = compile(&scripts).unwrap();
    let pairs = Pairs::of(plain(120));
    assert_eq!(pairs.agree(&set, &RuleRequest::default(), false), Ok(0));
    let began = Instant::now();
    pairs.db.rule_table(&set, RELATION, &["key"], &RuleRequest::default(), false).unwrap();
    let table = began.elapsed();
    let began = Instant::now();
    let end = compile(&scripts[1..2]).unwrap().evaluator().judge(&pairs.rows[5].0, 0.5, &RuleRequest::default(), false);
    assert!(end.is_err(), "{end:?}");
    assert!(table < began.elapsed() * 40, "the loop was run on pairs that are out: {table:?}");
}

#[test]
fn a_limit_that_ends_the_command_is_met_once() {
    let endless = "fn adjust(score, pair, request) { let n = 0; while pair.results > 2 { n += 1; } score - n }";
    let late = "fn adjust(score, pair, request) { if pair.hardware == \"h1\" { throw \"earlier in the order\"; } score }";
    let script = |name: &str, text: &str| (name.to_owned(), String::new(), text.to_owned());
    let pairs = Pairs::of(plain(240));
    let request = RuleRequest::default();
    for scripts in [vec![script("endless", endless)], vec![script("endless", endless), script("late", late)]] {
        let set = compile(&scripts).unwrap();
        for strict in [false, true] {
            let began = Instant::now();
            let end = set.evaluator().judge(&pairs.rows[5].0, 0.5, &request, false);
            let one = began.elapsed();
            assert!(end.is_err(), "{end:?}");
            let began = Instant::now();
            pairs.agree(&set, &request, strict).unwrap_err();
            // Run on each pair it takes a hundred times as long.
            assert!(began.elapsed() < one * 25, "{:?} where one pair takes {one:?}", began.elapsed());
        }
    }
}

#[test]
fn the_engine_decides_whether_pairs_are_interpreted() {
    let mut numbers = rows::Numbers::new(11);
    let (request, few) = (rows::request(&mut numbers), Pairs::of(rows::many(&mut numbers, 150)));
    let shipped = |engine: Engine| RuleSet { engine, ..RuleSet::embedded().unwrap() };
    let by = |engine: Engine| few.agree(&shipped(engine), &request, false).unwrap();
    assert_eq!((by(Engine::Interpreted), by(Engine::Auto)), (150, 150));
    assert!(by(Engine::Compiled) < 75);
    let many = Pairs::of(plain(1_000));
    assert_eq!(many.agree(&shipped(Engine::Auto), &request, false), Ok(0), "so many pairs are worth a query");
    let nothing = RuleSet { rules: Vec::new(), ..shipped(Engine::Compiled) };
    assert_eq!(many.agree(&nothing, &request, true), Ok(0));
}

/// Rows of which one lies where a query would not come to what the interpreter comes to.
#[test]
fn what_lies_at_an_edge_is_interpreted_whatever_else_the_table_holds() {
    type Edge = fn(&mut Pair);
    let adjust = |body: &str| ("r".to_owned(), String::new(), format!("fn adjust(score, pair, request) {{ {body} }}"));
    let loops = (
        "a".to_owned(),
        String::new(),
        "fn adjust(score, pair, request) { let n = 0; while n < 2 { score *= 1e120; n += 1; } score }".to_owned(),
    );
    let cases: [(&str, Edge, Scripts); 7] = [
        ("no number", |pair| pair.spread = Some(f64::NAN), vec![adjust("if (pair.spread ?? 0.0) > 0.1 { score / 2 } else { score }")]),
        ("no end", |pair| pair.ttft_ms = Some(f64::INFINITY), vec![adjust("score / (1.0 + (pair.ttft_ms ?? 1.0))")]),
        (
            "no end below",
            |pair| pair.parameters_million = Some(f64::NEG_INFINITY),
            vec![adjust("if (pair.parameters_million ?? 1.0) < 2 { score / 3 } else { score }")],
        ),
        ("a whole number", |pair| pair.results = 999_999_999_999, vec![adjust("score / (1 + pair.results * 999_999_999)")]),
        (
            "a long text",
            |pair| pair.hardware = "h".repeat(9_999),
            vec![adjust("if (pair.hardware + \" and more\").contains(\"more\") { score / 5 } else { score }")],
        ),
        ("a score", |pair| pair.results = 3, vec![loops, adjust("score * 1e90")]),
        (
            "a missing value",
            |pair| pair.age_days = None,
            vec![adjust("if pair.age_days == () { score } else { score / (1 + pair.age_days) }")],
        ),
    ];
    for (what, edge, scripts) in cases {
        let mut rows = plain(30);
        for (pair, _) in &mut rows {
            pair.age_days = Some(pair.results);
            pair.spread = Some(0.05);
        }
        let set = compile(&scripts).unwrap_or_else(|| panic!("{what}"));
        // The score after a loop may be anything, so that the next query holds each against what it computes with.
        let sure = what != "a score";
        let untouched = Pairs::of(rows.clone()).agree(&set, &RuleRequest::default(), false);
        assert!(!sure || untouched == Ok(0), "{what}");
        edge(&mut rows[7].0);
        // Where interpreting exceeds a limit, both end with that.
        let touched = Pairs::of(rows);
        let known: Vec<(&Pair, f64)> = touched.rows.iter().map(|(pair, score)| (pair, *score)).collect();
        let one_by_one: Result<Vec<Verdict>, _> =
            known.iter().map(|(pair, score)| set.evaluator().judge(pair, *score, &RuleRequest::default(), false)).collect();
        let at_hand = touched.db.judge(&set, &known, &RuleRequest::default(), false, false);
        assert!(at_hand.ok().map(|judged| judged.verdicts) == one_by_one.ok(), "{what}");
        let touched = touched.agree(&set, &RuleRequest::default(), false);
        assert!(!sure || touched.is_err() == (what == "a long text") && touched.unwrap_or(0) <= 1, "{what}");
    }
}

/// Numbers in the reasons of `exclude`: SQL writes them where it does so as rules do, and leaves the others to the interpreter.
#[test]
fn reasons_are_written_to_the_letter() {
    let mut numbers = rows::Numbers::new(5);
    let mut values = vec![
        0.0,
        -0.0,
        1e-4,
        9.999_999_999_999_999e-5,
        1e13,
        10_000_000_000_000.002,
        9_999_999_827_968.0,
        9e12,
        8.9e12,
        0.1,
        1.0 / 3.0,
        5e-324,
        123_456_789_012.5,
        1e-14,
    ];
    while values.len() < 400 {
        let value = f64::from_bits(numbers.next());
        // Both over all magnitudes, and where rules have their numbers.
        let near = (value.to_bits() >> 12) as f64 / (1_u64 << 52) as f64 * 1e6;
        values.extend([value, near, (near * 10.0).round() / 10.0].into_iter().filter(|value| value.abs() <= 1e14));
    }
    let mut pairs = plain(i64::try_from(values.len()).unwrap());
    for ((pair, _), value) in pairs.iter_mut().zip(&values) {
        pair.parameters_million = Some(value.abs());
        pair.model_family = Some("é\0 \u{1F600}'".to_owned());
    }
    let pairs = Pairs::of(pairs);
    let script = "fn exclude(pair, request) {\n    let x = pair.parameters_million ?? 0.0;\n    let f = pair.model_family ?? \"\";\n    if pair.results > 8 { return (); }\n    \
        if pair.results > 4 { `${f}${-x}, ${pair.results > 5} of ${pair.results}` } else { `${x}` + f }\n}";
    let set = compile(&[("r".to_owned(), String::new(), script.to_owned())]).unwrap();
    let whole = pairs.agree(&set, &RuleRequest::default(), true).unwrap();
    let odd = |value: &f64| value.abs() > 0.0 && !(1e-4..=9e12).contains(&value.abs());
    let left = values.iter().filter(|value| odd(value)).count();
    assert!(whole <= left && whole * 2 > left, "{whole} of {left} pairs were left to the interpreter");
    // A text at the limit, and one beyond it.
    for (length, fits) in [(10_000, true), (10_001, false)] {
        let long = "fn exclude(pair, request) { if pair.results > 5 { params.a } }";
        let set = compile(&[("r".to_owned(), format!("[rule.params]\na = \"{}\"", "x".repeat(length)), long.to_owned())]).unwrap();
        assert_eq!((pairs.agree(&set, &RuleRequest::default(), true).is_ok(), set.limits.string), (fits, 10_000), "{length}");
    }
}

/// A field that every pair has, but other software's rows do not.
#[test]
fn a_missing_value_where_none_may_be_is_no_result() {
    let pairs = Pairs::of(plain(20));
    let set = compile(&[(
        "r".to_owned(),
        String::new(),
        "fn adjust(score, pair, request) { if pair.results > 2 { score / 2 } else { score } }".to_owned(),
    )])
    .unwrap();
    let without = "(SELECT * REPLACE (CASE WHEN key <> 4 THEN results END AS results) FROM pairs)";
    let error = pairs.db.rule_table(&set, without, &["key"], &RuleRequest::default(), false).unwrap_err();
    assert!(error.to_string().contains("Null"), "{error}");
    pairs.db.rule_table(&set, RELATION, &["key"], &RuleRequest::default(), false).unwrap();
}
