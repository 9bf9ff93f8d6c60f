//! What scripts mean, from text to verdict.
#![expect(clippy::float_cmp, reason = "scores are rounded to 12 decimals: equal ones have equal bits")]

use super::evaluate::Evaluator;
use super::records::{Pair, RuleRequest, Step, Verdict, Weights};
use super::set::RuleSet;

const SCORING: &str = include_str!("../../config/scoring.toml");

/// A set of scripts (name, lines of its table in rules.toml, text), in order.
fn set(rules: &[(&str, &str, &str)]) -> RuleSet {
    load(rules).unwrap_or_else(|errors| panic!("{}", errors.render()))
}

fn load(rules: &[(&str, &str, &str)]) -> Result<RuleSet, super::RuleErrors> {
    RuleSet::compile(&files(rules))
}

/// The set as it runs where the check finds what the run shall meet.
fn unchecked(rules: &[(&str, &str, &str)]) -> RuleSet {
    RuleSet::check(&files(rules), &super::Limits::default(), None, super::faults::Faults::default()).whatever_is_wrong()
}

fn files(rules: &[(&str, &str, &str)]) -> Vec<(String, String)> {
    let mut list = String::new();
    let mut files = vec![("config/scoring.toml".to_owned(), SCORING.to_owned())];
    for (name, table, text) in rules {
        list.push_str(&format!("[[rule]]\nscript = \"{name}\"\ntitle = \"t\"\n{table}\n"));
        files.push((format!("rules/{name}.rhai"), (*text).to_owned()));
    }
    files.push(("config/rules.toml".to_owned(), list));
    files
}

fn one(table: &str, text: &str) -> RuleSet {
    set(&[("r", table, text)])
}

fn pair() -> Pair {
    Pair {
        model: "m".to_owned(),
        hardware: "H x2".to_owned(),
        hardware_name: "H".to_owned(),
        hardware_type: "cuda".to_owned(),
        device_count: 2,
        results: 3,
        throughput: Some(100.0),
        provenance: "measured".to_owned(),
        compatibility: 0.9,
        confidence: 0.8,
        ..Pair::default()
    }
}

fn judge(set: &RuleSet, score: f64) -> Verdict {
    set.evaluator().judge(&pair(), score, &request(), false).unwrap_or_else(|error| panic!("{error}"))
}

fn request() -> RuleRequest {
    RuleRequest { model: "m".to_owned(), task: Some("inference".to_owned()), profile: "documented".to_owned(), ..RuleRequest::default() }
}

fn score_of(set: &RuleSet, score: f64) -> (f64, Vec<Step>) {
    match judge(set, score) {
        Verdict::Scored { score, steps } => (score, steps),
        other => panic!("{other:?}"),
    }
}

fn failure(text: &str) -> String {
    match judge(&unchecked(&[("r", "", text)]), 0.5) {
        Verdict::Failed { rule, message } => {
            assert_eq!(rule, "r");
            message
        }
        other => panic!("{other:?}"),
    }
}

fn adjust(body: &str) -> String {
    format!("fn adjust(score, pair, request) {{\n{body}\n}}")
}

#[test]
fn a_rule_reads_fields_and_parameters_and_says_why() {
    let text = adjust(
        "if pair.results >= params.least {\n  return #{ score: score * params.factor, reason: `${pair.results} results` };\n}\nscore",
    );
    let set = one("params = { factor = 0.5, least = 3 }", &text);
    let (score, steps) = score_of(&set, 0.8);
    assert_eq!(score, 0.4);
    assert_eq!(
        steps,
        [Step {
            rule: "r".to_owned(),
            source: Some("rules/r.rhai:3".to_owned()),
            delta: -0.4,
            score: 0.4,
            reason: Some("3 results".to_owned()),
            fired: true
        }]
    );
}

#[test]
fn the_line_of_the_result_taken_is_named() {
    let text = adjust(
        "let x = 2;\nif score > 0.9 { return 0.1; }\nif score > 0.8 {\n  0.2\n} else if score > 0.7 {\n  switch x {\n    1 => 0.3,\n    2 => 0.4 + 0.0,\n    _ => { 0.5 }\n  }\n} else {\n  (score * 0.5)\n}",
    );
    let set = one("", &text);
    for (score, line) in [(0.95, 3), (0.85, 5), (0.75, 9), (0.5, 13)] {
        assert_eq!(score_of(&set, score).1[0].source.as_deref(), Some(format!("rules/r.rhai:{line}").as_str()), "{score}");
    }
}

#[test]
fn exclude_runs_before_adjust_whatever_the_order() {
    let set =
        set(&[("a", "", &adjust("if score > 0.1 { throw \"never\" }\nscore")), ("b", "", "fn exclude(pair, request) { \"too small\" }")]);
    assert_eq!(judge(&set, 0.5), Verdict::Excluded { rule: "b".to_owned(), reason: "too small".to_owned() });
}

#[test]
fn a_rule_that_only_excludes_is_told_of_when_it_does_not() {
    let hook = "fn exclude(pair, request) {\n  if pair.results > 1000 { return \"too many\"; }\n}";
    let set = set(&[("a", "", &adjust("score * 0.5")), ("b", "", hook), ("c", "when = { tasks = [\"training\"] }", hook)]);
    let (score, steps) = score_of(&set, 0.5);
    assert_eq!(score, 0.25);
    let told: Vec<(&str, bool, Option<&str>)> = steps.iter().map(|step| (step.rule.as_str(), step.fired, step.reason.as_deref())).collect();
    assert_eq!(told, [("b", false, Some("did not exclude it")), ("c", false, Some("only for tasks: training")), ("a", true, None)]);
    assert_eq!(steps[0].source.as_deref().map(|source| source.starts_with("rules/b.rhai:")), Some(true));
    assert!((steps.iter().map(|step| step.delta).sum::<f64>() + 0.5 - score).abs() < 1e-12);
}

#[test]
fn rules_that_do_not_apply_say_why() {
    let set = set(&[
        ("a", "enabled = false", &adjust("0.1")),
        ("b", "when = { tasks = [\"training\"] }", &adjust("0.1")),
        ("c", "when = { requirements = [\"latency-sensitive\"] }", &adjust("0.1")),
        ("d", "when = { hardware_types = [\"mps\", \"cpu\"] }", &adjust("0.1")),
        ("e", "", &adjust("score")),
    ]);
    let (score, steps) = score_of(&set, 0.5);
    assert_eq!(score, 0.5);
    let reasons: Vec<&str> = steps.iter().filter_map(|step| step.reason.as_deref()).collect();
    assert_eq!(
        reasons,
        [
            "disabled",
            "only for tasks: training",
            "only for requirements: latency-sensitive",
            "only for hardware types: mps, cpu",
            "left the score as it is"
        ]
    );
    assert!(steps.iter().all(|step| !step.fired));
    let without = RuleRequest { task: None, ..request() };
    let set = one("when = { tasks = [\"inference\"] }", &adjust("0.1"));
    let verdict = set.evaluator().judge(&pair(), 0.5, &without, false);
    assert!(matches!(verdict, Ok(Verdict::Scored { score, .. }) if score == 0.5), "{verdict:?}");
}

#[test]
fn scores_are_rounded_at_each_step_and_clamped_at_the_end() {
    let set = set(&[("a", "", &adjust("score / 3")), ("b", "", &adjust("score + 2"))]);
    let (score, steps) = score_of(&set, 1.0);
    assert_eq!(score, 1.0);
    assert_eq!(steps[0].score, 0.333_333_333_333);
    assert_eq!(steps[2].rule, "clamp");
    assert!((1.0 + steps.iter().map(|step| step.delta).sum::<f64>() - score).abs() < 1e-11);
}

#[test]
fn numbers_compare_exactly() {
    let same = adjust("if 0.1 + 0.2 == 0.3 || 1 == 1.0000000000000002 || !(1e-17 > 0.0) { 0.1 } else { 0.2 }");
    assert_eq!(score_of(&one("", &same), 0.5).0, 0.2);
    let mixed = adjust("if 1 == 1.0 && 2 > 1.5 && \"a\" < \"b\" && 1 != 2 && 2.0 >= 2 { 0.1 } else { 0.2 }");
    assert_eq!(score_of(&one("", &mixed), 0.5).0, 0.1);
}

#[test]
fn what_is_not_finite_is_an_error_at_its_expression() {
    assert_eq!(
        failure(&adjust("let a = 1.0;\na / 0.0")),
        "rule `r` failed on m x H x2 at rules/r.rhai:3:3: `1 / 0` is infinite, not a finite number; score = 0.5"
    );
    assert!(failure(&adjust("let a = 0.0;\na /= 0;\na")).contains("3:3: `0 / 0` is undefined"));
    assert!(failure(&adjust("let a = 1e300;\na *= 1e300;\nscore")).contains("3:3: `1"));
    assert!(failure(&adjust("let a = 9223372036854775807;\na + 1")).contains("out of the range of integers"));
    assert!(failure(&adjust("let a = 1;\na / 0")).contains("`1 / 0` is a division by zero"));
    assert!(failure(&adjust("sqrt(score - 1)")).contains("`sqrt(-0.5)` is undefined"));
    assert!(failure(&adjust("1e308 * 10")).contains("infinite"));
}

#[test]
fn unlike_types_do_not_compare() {
    assert!(
        failure(&adjust("for i in 0..1 { if pair.spread < 1 { return 0.1; } }\nscore"))
            .contains("cannot compare a missing value with the integer 1 by `<`")
    );
    assert!(failure(&adjust("if \"a\" == 1 { 0.1 } else { 0.2 }")).contains("cannot compare the text \"a\" with the integer 1 by `==`"));
    assert!(
        failure(&adjust("for i in 0..1 { return score + pair.spread; }\nscore"))
            .contains("cannot compute `+` with the number 0.5 and a missing value")
    );
    assert_eq!(score_of(&one("", &adjust("if pair.spread == () { 0.1 } else { 0.2 }")), 0.5).0, 0.1);
    assert_eq!(score_of(&one("", &adjust("if pair.throughput != () { 0.1 } else { 0.2 }")), 0.5).0, 0.1);
    assert_eq!(score_of(&one("", &adjust("pair.spread ?? 0.3")), 0.5).0, 0.3);
}

#[test]
fn wrong_results_name_rule_place_and_values() {
    assert_eq!(
        failure(&adjust("let t = pair.results;\n\"good\"")),
        "rule `r` failed on m x H x2 at rules/r.rhai:3:1: `adjust` returned the text \"good\", expected the new score, or `#{ score: .., reason: .. }`; score = 0.5, pair.results = 3"
    );
    assert!(failure(&adjust("#{ scor: 1 }")).contains("unknown key `scor`"));
    assert!(failure(&adjust("#{ reason: \"x\" }")).contains("without `score`"));
    assert!(failure(&adjust("#{ score: 1, reason: 2 }")).contains("the integer 2 as reason"));
    assert!(failure(&adjust("for i in 0..1 { }\n()")).contains("returned a missing value"));
    assert!(failure("fn exclude(pair, request) { false }").contains("`exclude` returned the truth value false"));
}

#[test]
fn strict_turns_a_failure_into_an_error() {
    let set = one("", &adjust("if score > 0.1 { throw \"no\" }\nscore"));
    let error = set.evaluator().judge(&pair(), 0.5, &request(), true).unwrap_err();
    assert_eq!(error.exit_code(), 1);
    assert_eq!(error.message, "rule `r` failed on m x H x2 at rules/r.rhai:2:18: the script threw the text \"no\"; score = 0.5");
}

fn limit(text: &str) -> String {
    let error = one("", text).evaluator().judge(&pair(), 0.5, &request(), false).unwrap_err();
    assert_eq!(error.exit_code(), 1);
    error.message
}

#[test]
fn limits_of_the_sandbox_end_the_command() {
    let message = limit(&adjust("while true { }\nscore"));
    assert!(message.starts_with("rule `r` exceeded a limit of the sandbox on m x H x2 at rules/r.rhai:2:"), "{message}");
    assert!(message.contains("more than 100000 operations"), "{message}");
    assert!(
        limit(&adjust("let a = [];\nloop { a.push(1); }\nscore"))
            .contains("more than 1000 items in a list (`list` in [sandbox] of suitor.toml)")
    );
    assert!(limit(&adjust("let a = \"aaaaaaaaaa\";\nloop { a += a; }\nscore")).contains("more than 10000 characters in a text"));
    assert!(limit(&format!("fn f(x) {{ if x < 0 {{ return x; }} f(x + 1) }}\n{}", adjust("f(1)"))).contains("calls within each other"));
}

#[test]
fn nothing_outside_can_be_reached_through_function_pointers() {
    for name in ["sleep", "timestamp", "exit", "eval", "rand", "parse_json"] {
        let message = failure(&adjust(&format!("Fn(\"{name}\").call(1);\nscore")));
        assert!(message.contains("function") || message.contains("reserved"), "{name}: {message}");
    }
}

#[test]
fn functions_of_the_script_see_parameters_and_constants() {
    let text = "const HALF = 0.5;\nfn scaled(x) { x * params.factor * global::HALF }\nfn adjust(score, pair, request) { scaled(score) }";
    assert_eq!(score_of(&one("params = { factor = 0.5 }", text), 0.8).0, 0.2);
}

fn weights() -> Weights {
    [("throughput", 0.5), ("latency", 0.3), ("memory", 0.2), ("energy", 0.0)].map(|(name, weight)| (name.to_owned(), weight)).into()
}

#[test]
fn weigh_changes_weights_and_says_so() {
    let set = one("", "fn weigh(weights, request) {\n  weights.latency *= 2;\n  weights\n}");
    let (new, notes) = set.evaluator().weigh(&weights(), &request()).unwrap();
    assert_eq!(new["latency"], 0.6);
    assert_eq!(notes, ["rule `r` (rules/r.rhai:3) set weights: latency 0.3 -> 0.6"]);
}

#[test]
fn weigh_must_return_every_weight() {
    let error = |text: &str| unchecked(&[("r", "", text)]).evaluator().weigh(&weights(), &request()).unwrap_err().to_string();
    assert!(error("fn weigh(weights, request) { #{ latency: 1 } }").contains("no weight of `energy`"));
    assert!(error("fn weigh(weights, request) { weights.latency = -1; weights }").contains("the integer -1 as weight of `latency`"));
    assert!(error("fn weigh(weights, request) { 1 }").contains("returned the integer 1, expected the weights"));
}
