//! The check against the run: what is at fault fails, and what runs is not at fault.

use std::path::Path;

use crate::rules::evaluate::Evaluator;
use crate::rules::faults::{Faults, RuleError};
use crate::rules::records::{Pair, RuleRequest, Verdict, Weights};
use crate::rules::set::{Checked, RuleSet};

const SCORING: &str = include_str!("../../../config/scoring.toml");

fn checked(table: &str, text: &str) -> Checked {
    let list = format!("[[rule]]\nscript = \"r\"\ntitle = \"t\"\n{table}\n");
    RuleSet::check(
        &[("config/scoring.toml", SCORING), ("config/rules.toml", &list), ("rules/r.rhai", text)],
        &crate::rules::Limits::default(),
        None,
        Faults::default(),
    )
}

/// Codes of the errors that were found.
fn codes(table: &str, text: &str) -> Vec<&'static str> {
    checked(table, text).faults.iter().filter(|fault| !fault.kind.is_warning()).map(|fault| fault.kind.code()).collect()
}

fn adjust(body: &str) -> String {
    format!("fn adjust(score, pair, request) {{\n{body}\n}}")
}

/// Rows that differ in everything that the cases ask for, and the requests that they come with.
fn rows() -> Vec<(Pair, RuleRequest)> {
    let full = Pair {
        model: "m".to_owned(),
        model_family: Some("vision".to_owned()),
        parameters_million: Some(25.0),
        hardware: "NVIDIA A10 x16".to_owned(),
        hardware_name: "NVIDIA A10".to_owned(),
        hardware_type: "cuda".to_owned(),
        device_count: 16,
        device_memory_mb: Some(24_000.0),
        batch_size: Some(8),
        precision: Some("fp16".to_owned()),
        framework: Some("vllm".to_owned()),
        scenario: Some("Offline".to_owned()),
        throughput: Some(100.0),
        latency_ms: Some(3.0),
        ttft_ms: Some(40.0),
        tpot_ms: Some(4.0),
        memory_peak_mb: Some(9_000.0),
        energy_j_per_item: Some(2.0),
        results: 4,
        failed_results: 1,
        spread: Some(0.2),
        age_days: Some(500),
        provenance: "measured".to_owned(),
        uncontested: true,
        coverage: 0.9,
        compatibility: 0.75,
        confidence: 0.95,
    };
    let empty = Pair {
        hardware: "A".to_owned(),
        hardware_type: "cpu".to_owned(),
        device_count: 1,
        provenance: "estimated".to_owned(),
        confidence: 0.5,
        ..Pair::default()
    };
    let asked = RuleRequest {
        model: "m".to_owned(),
        task: Some("inference".to_owned()),
        batch_size: Some(8),
        precision: Some("fp16".to_owned()),
        version: Some("v1".to_owned()),
        latency_sensitive: true,
        memory_constrained: true,
        profile: "documented".to_owned(),
        as_of: Some(20_000),
        ..RuleRequest::default()
    };
    let plain = RuleRequest { profile: "ratio".to_owned(), ..RuleRequest::default() };
    vec![(full.clone(), asked.clone()), (full, plain.clone()), (empty.clone(), asked), (empty, plain)]
}

/// Whether the rule fails on some row, run as it stands.
fn fails(set: &RuleSet) -> bool {
    let weights: Weights =
        [("throughput", 0.5), ("latency", 0.3), ("memory", 0.2), ("energy", 0.0)].map(|(name, w)| (name.to_owned(), w)).into();
    rows().iter().any(|(pair, request)| {
        let judged = set.evaluator().judge(pair, 0.6, request, false);
        let weighed = set.evaluator().weigh(&weights, request);
        // Weights that are all zero end the command, as a failure does.
        !weighed.is_ok_and(|(weights, _)| weights.values().any(|weight| *weight > 0.0))
            || !matches!(judged, Ok(Verdict::Scored { .. } | Verdict::Excluded { .. }))
    })
}

/// Scripts of a folder of cases: name, table, text.
fn cases(folder: &str) -> Vec<(String, String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/rules").join(folder);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "rhai") {
            let text = std::fs::read_to_string(&path).unwrap();
            let table = text.lines().next().and_then(|line| line.strip_prefix("//:")).unwrap_or("").to_owned();
            found.push((path.file_name().unwrap().to_str().unwrap().to_owned(), table, text));
        }
    }
    found.sort();
    found
}

#[test]
fn what_the_typed_check_rejects_fails_when_it_is_run() {
    const TYPED: [&str; 7] = ["R208", "R212", "R213", "R214", "R215", "R218", "R219"];
    let mut seen = std::collections::BTreeSet::new();
    for (name, table, text) in cases("rejected") {
        let found = checked(&table, &text);
        let codes: Vec<&str> = found.faults.iter().filter(|fault| !fault.kind.is_warning()).map(|fault| fault.kind.code()).collect();
        if codes.is_empty() || !codes.iter().all(|code| TYPED.contains(code)) || found.rules.iter().any(|rule| rule.script.is_none()) {
            continue;
        }
        seen.extend(codes);
        assert!(fails(&found.whatever_is_wrong()), "{name} runs well");
    }
    assert_eq!(seen.len(), TYPED.len(), "a case of each: {seen:?}");
}

#[test]
fn each_of_many_faults_is_found_and_fails() {
    for (body, code) in [
        ("score + pair.hardware * 2", "R212"),
        ("-pair.hardware + score", "R212"),
        ("if !pair.results { score } else { 0.1 }", "R212"),
        ("if pair.results == pair.hardware { 0.1 } else { score }", "R212"),
        ("if pair.batch_size != () && pair.batch_size == \"8\" { 0.1 } else { score }", "R212"),
        ("if pair.provenance < 1 || score > 0.1 { 0.1 } else { score }", "R212"),
        ("let x = score; x += true; x", "R212"),
        ("if pair.device_count in [\"1\", \"2\"] { 0.1 } else { score }", "R212"),
        ("if score && pair.uncontested { 0.1 } else { score }", "R213"),
        ("if pair.uncontested && pair.results { 0.1 } else { score }", "R213"),
        ("switch pair.hardware_type { \"cuda\" if pair.results => 0.1, _ => score }", "R213"),
        ("while pair.results { return 0.1; } score", "R213"),
        ("pair.results.to_upper()", "R214"),
        ("score * sqrt(pair.uncontested)", "R214"),
        ("min(score, pair.hardware)", "R214"),
        ("#{ score: score, reason: 5 }", "R208"),
        ("#{ score: \"high\" }", "R208"),
        ("switch pair.hardware_type { \"cuda\" => \"x\", _ => score }", "R208"),
        ("if pair.results > 2 { return [score]; } score", "R208"),
        ("let result = #{ score: score }; result.reson = \"x\"; result", "R215"),
        ("#{ reason: \"x\" }", "R215"),
        ("let a = 1; let b = a - 1; a / b + score", "R218"),
        ("pair.results.foo + score", "R219"),
        ("let m = #{ a: 1 }; m.b + score", "R219"),
        ("let list = [1]; for x in list { return x + true; } score", "R212"),
    ] {
        let found = checked("", &adjust(body));
        let codes: Vec<&str> = found.faults.iter().filter(|fault| !fault.kind.is_warning()).map(|fault| fault.kind.code()).collect();
        assert!(!codes.is_empty() && codes.iter().all(|found| *found == code), "{body}: {codes:?}, expected {code}");
        assert!(fails(&found.whatever_is_wrong()), "{body} runs well");
    }
}

#[test]
fn a_call_that_surely_fails_is_a_fault_of_the_call() {
    let text = format!("fn gb(mb) {{\n  (mb / 100.0).round() / 10.0\n}}\n{}", adjust("score * gb(pair.hardware)"));
    let found = checked("", &text);
    let errors: Vec<String> = found.faults.iter().map(RuleError::line).collect();
    assert_eq!(errors, ["rules/r.rhai:5:9: `gb` is given a text, and fails on line 2: cannot compute `/` with a text and a number [R214]"]);
    assert!(fails(&found.whatever_is_wrong()));
}

#[test]
fn what_runs_well_is_no_fault() {
    for (table, text) in [
        // Dead by a parameter.
        ("params = { cap = \"none\" }", adjust("if params.cap == \"none\" { score } else { min(score, params.cap) }")),
        ("params = { cap = false }", adjust("if type_of(params.cap) == \"bool\" { score } else { score * params.cap }")),
        ("params = { mode = \"off\" }", adjust("if params.mode != \"off\" && params.mode > 3 { 0.1 } else { score }")),
        // Dead by an argument.
        ("", format!("fn f(x, text) {{ if text {{ x.len() }} else {{ x + 1 }} }}\n{}", adjust("score * f(\"ab\", true) / f(1, false)"))),
        (
            "",
            format!(
                "fn f(x) {{ switch type_of(x) {{ \"i64\" => x + 1, \"string\" => x.len(), _ => 0 }} }}\n{}",
                adjust("score / (1 + f(1) + f(\"a\"))")
            ),
        ),
        (
            "",
            format!(
                "fn f(x, t) {{ if t == \"text\" {{ return x.len(); }} x * 2 }}\n{}",
                adjust(
                    "let t = if pair.results > 2 { \"text\" } else { \"no\" };\nscore / (1 + f(if t == \"text\" { \"ab\" } else { 3 }, t))"
                )
            ),
        ),
        // One of two types.
        ("", adjust("let x = if pair.results > 2 { 1 } else { \"a\" };\nif type_of(x) == \"i64\" { score / x } else { score / x.len() }")),
        ("", adjust("let x = pair.precision ?? 3;\nif type_of(x) == \"string\" && x == \"fp16\" { 0.1 } else { score }")),
        ("", adjust("let x = 1;\nx = \"a\";\nscore * x.len")),
        ("", adjust("let x = 0;\nfor i in 0..3 { if i == 1 { x = \"a\"; } }\nif x == \"a\" { score } else { 0.1 }")),
        ("", adjust("let m = #{};\nm.score = score;\nm.reason = \"x\";\nm")),
        ("", adjust("let m = #{ a: 1 };\nm.b = 2;\nscore / m.b")),
        ("", adjust("let list = [];\nlist.push(2);\nscore / list[0]")),
        ("", adjust("let text = \"ab\";\ntext.clear();\nif text == \"\" { score } else { 0.1 }")),
        ("", adjust("let list = [1, \"a\"];\nif 1 in list { score } else { 0.1 }")),
        ("", adjust("let f = |x| x * 2;\nscore / f.call(2)")),
        (
            "",
            adjust("let x = try_it(score);\nx")
                .replace("fn adjust", "fn try_it(x) { try { return x + true; } catch { return x; } }\nfn adjust"),
        ),
        ("", adjust("let n = 0;\nwhile n < 3 { n += 1; }\nscore / n")),
        ("", adjust("score * 1 + pair.results * 0.0 + max(1, 2.5) * 0.0")),
        ("", adjust("`${pair.results}${pair.hardware}`.len * 0.0 + score")),
        ("", adjust("let c = pair.hardware[0];\nif c == 'N' || c == \"N\"[0] { score } else { 0.1 }")),
        ("", adjust("if 3 in 0..5 { score } else { 0.1 }")),
        ("", adjust("switch pair.results { 4 => score, 0..3 => 0.1, _ => 0.3 }")),
        ("", adjust("let m = #{ a: #{ b: 2 } };\nscore / m.a.b")),
        ("", adjust("let x = ();\nif pair.results > 2 { x = 0.5; }\nx ?? score")),
        ("", "fn weigh(weights, request) { weights.latency = 1; weights[\"memory\"] *= 2; weights }".to_owned()),
        ("", "fn weigh(weights, request) { #{ throughput: 1, latency: 2.0, memory: 0, energy: weights.energy } }".to_owned()),
        ("", "fn exclude(pair, request) { if pair.results > 1000 { `too many: ${pair.results}` } }".to_owned()),
    ] {
        assert_eq!(
            codes(table, &text),
            Vec::<&str>::new(),
            "{text}\n{:#?}",
            checked(table, &text).faults.iter().map(RuleError::render).collect::<Vec<_>>()
        );
        assert!(!fails(&checked(table, &text).whatever_is_wrong()), "{text}");
    }
}

#[test]
fn shipped_and_accepted_scripts_are_not_flagged() {
    let set = RuleSet::check(crate::rules::embedded::FILES, &crate::rules::Limits::default(), None, Faults::default());
    let found: Vec<String> = set.faults.iter().filter(|fault| fault.kind.code() != "R308").map(RuleError::render).collect();
    assert!(found.is_empty(), "{found:#?}");
    for (name, table, text) in cases("accepted") {
        assert_eq!(codes(&table, &text), Vec::<&str>::new(), "{name}");
    }
}

mod generated {
    use proptest::prelude::*;

    use super::*;

    const TABLE: &str = "params = { n = 2, f = 0.5, t = \"ab\", list = [\"a\", \"b\"], unused = 1 }";

    fn leaf(of: &'static [&'static str]) -> BoxedStrategy<String> {
        prop::sample::select(of).prop_map(str::to_owned).boxed()
    }

    /// Expressions of one type: 0 a number, 1 a truth value, 2 a text.
    fn typed(kind: usize, depth: u32) -> BoxedStrategy<String> {
        let leaves = [
            leaf(&[
                "score",
                "pair.results",
                "pair.coverage",
                "params.n",
                "params.f",
                "2",
                "0.25",
                "pair.hardware.len",
                "(pair.spread ?? 0.1)",
            ]),
            leaf(&["pair.uncontested", "true", "request.latency_sensitive", "(pair.spread == ())", "(pair.hardware_type in params.list)"]),
            leaf(&["pair.hardware", "params.t", "\"x\"", "(pair.precision ?? \"fp32\")", "`${pair.results} of ${params.n}`"]),
        ];
        if depth == 0 {
            return leaves[kind].clone();
        }
        let (number, truth, text) = (typed(0, depth - 1), typed(1, depth - 1), typed(2, depth - 1));
        let own = typed(kind, depth - 1);
        let either = (truth.clone(), own.clone(), own).prop_map(|(c, a, b)| format!("(if {c} {{ {a} }} else {{ {b} }})")).boxed();
        let more = match kind {
            0 => prop_oneof![
                (number.clone(), leaf(&["+", "-", "*"]), number.clone()).prop_map(|(a, sign, b)| format!("({a} {sign} {b})")),
                (number.clone(), number).prop_map(|(a, b)| format!("min({a}, {b})")),
                text.prop_map(|a| format!("({a}).len")),
            ]
            .boxed(),
            1 => prop_oneof![
                (number.clone(), leaf(&["<", "<=", "==", "!="]), number).prop_map(|(a, sign, b)| format!("({a} {sign} {b})")),
                (text.clone(), leaf(&["==", "<"]), text).prop_map(|(a, sign, b)| format!("({a} {sign} {b})")),
                (truth.clone(), leaf(&["&&", "||", "=="]), truth).prop_map(|(a, sign, b)| format!("({a} {sign} {b})")),
            ]
            .boxed(),
            _ => (text.clone(), prop_oneof![text, number]).prop_map(|(a, b)| format!("({a} + {b})")).boxed(),
        };
        prop_oneof![1 => leaves[kind].clone(), 3 => more, 1 => either].boxed()
    }

    /// Expressions of whatever types, evaluated from beginning to end.
    fn untyped(depth: u32) -> BoxedStrategy<String> {
        let leaves = leaf(&[
            "score",
            "pair.results",
            "pair.hardware",
            "pair.uncontested",
            "params.n",
            "params.f",
            "params.t",
            "params.list",
            "1",
            "0.5",
            "\"a\"",
            "true",
            "'c'",
            "[1, 2]",
            "#{ a: 1 }",
            "pair",
            "0",
            "x",
        ]);
        if depth == 0 {
            return leaves;
        }
        let inner = untyped(depth - 1);
        prop_oneof![
            2 => leaves,
            3 => (inner.clone(), leaf(&["+", "-", "*", "/", "%", "==", "!=", "<", ">="]), inner.clone()).prop_map(|(a, sign, b)| format!("({a} {sign} {b})")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} in {b})")),
            1 => (leaf(&["min", "max"]), inner.clone(), inner.clone()).prop_map(|(name, a, b)| format!("{name}({a}, {b})")),
            1 => (leaf(&["abs", "sqrt", "len", "to_upper", "floor", "parse_float", "type_of", "to_string", "own"]), inner.clone()).prop_map(|(name, a)| format!("{name}({a})")),
            1 => (inner.clone(), leaf(&["len()", "len", "a", "to_lower()", "round()", "contains(\"a\")"])).prop_map(|(a, name)| format!("({a}).{name}")),
            1 => inner.clone().prop_map(|a| format!("-({a})")),
            1 => (inner.clone(), inner).prop_map(|(a, b)| format!("({a})[{b}]")),
        ]
        .boxed()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn scripts_of_right_types_are_not_flagged(first in typed(0, 3), truth in typed(1, 3), reason in typed(2, 2), last in typed(0, 2)) {
            let body = format!("let x = {first};\nif {truth} {{ x = x * 0.5; return #{{ score: score, reason: {reason} }}; }}\nx += {last};\nif {truth} {{ x }} else {{ score }}");
            let text = adjust(&body);
            let found = checked(TABLE, &text);
            let errors: Vec<String> = found.faults.iter().filter(|fault| !fault.kind.is_warning()).map(RuleError::render).collect();
            prop_assert!(errors.is_empty(), "{text}\n{}", errors.join("\n"));
        }

        #[test]
        fn what_is_flagged_in_straight_code_fails(first in untyped(2), second in untyped(2), last in untyped(3)) {
            let text = format!("fn own(y) {{ y * 2 }}\n{}", adjust(&format!("let x = {};\nx = {second};\n{last}", first.replace('x', "score"))));
            let found = checked(TABLE, &text);
            let errors: Vec<String> = found.faults.iter().filter(|fault| !fault.kind.is_warning()).map(RuleError::render).collect();
            let names_only = found.faults.iter().all(|fault| fault.kind.is_warning() || fault.kind.code() >= "R208");
            if !errors.is_empty() && names_only && found.rules[0].script.is_some() {
                prop_assert!(fails(&found.whatever_is_wrong()), "{text}\n{}", errors.join("\n"));
            }
        }
    }
}
