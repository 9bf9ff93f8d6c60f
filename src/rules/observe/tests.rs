use super::*;
use crate::rules::records::{Pair, RuleRequest, Verdict};
use crate::rules::{Evaluator, RuleSet};

fn set(script: &str, params: &str) -> RuleSet {
    let files: Vec<(String, String)> = crate::rules::embedded::FILES
        .iter()
        .filter(|(name, _)| !name.starts_with("rules/") && *name != "config/rules.toml")
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .chain([
            ("config/rules.toml".to_owned(), format!("[[rule]]\nscript = \"probe\"\ntitle = \"a probe\"\n[rule.params]\n{params}\n")),
            ("rules/probe.rhai".to_owned(), script.to_owned()),
        ])
        .collect();
    RuleSet::compile(&files).unwrap_or_else(|errors| panic!("{}", errors.render()))
}

fn why(set: &RuleSet, pair: &Pair) -> String {
    let request = RuleRequest::default();
    let Verdict::Scored { mut steps, .. } = set.evaluator().judge(pair, 0.5, &request, true).unwrap() else { panic!("not scored") };
    set.tell_why(pair, 0.5, &request, &mut steps);
    steps[0].reason.clone().unwrap_or_default()
}

#[test]
fn a_silent_rule_says_which_condition_kept_it_silent_and_on_what_values() {
    let rules = set(
        "fn adjust(score, pair, request) {\n    if pair.spread == () || pair.results < 2 || pair.spread <= params.most { return score; }\n    score * 0.5\n}",
        "most = 0.1",
    );
    let pair = |spread, results| Pair { results, spread, ..Pair::default() };
    assert_eq!(why(&rules, &pair(None, 5)), "left the score as it is: line 2: `pair.spread == ()` holds (pair.spread = ())");
    assert_eq!(why(&rules, &pair(Some(0.5), 1)), "left the score as it is: line 2: `pair.results < 2` holds (pair.results = 1)");
    assert_eq!(
        why(&rules, &pair(Some(0.05), 5)),
        "left the score as it is: line 2: `pair.spread <= params.most` holds (pair.spread = 0.05, params.most = 0.1)"
    );
    // It fired without a word: the conditions are its reason.
    assert_eq!(
        why(&rules, &pair(Some(0.5), 5)),
        "line 2: `pair.spread == ()` does not hold (pair.spread = 0.5) and `pair.results < 2` does not hold (pair.results = 5) and \
         `pair.spread <= params.most` does not hold (pair.spread = 0.5, params.most = 0.1)"
    );
}

#[test]
fn what_a_function_decided_and_the_values_of_variables_are_said() {
    let rules = set(
        "fn heavy(pair) {\n    switch pair.hardware_type { \"cpu\" => \"a { brace\", \"cuda\" if pair.device_count > 4 => \"many\", _ => \"\" }\n}\n\
         fn adjust(score, pair, request) {\n    let kind = heavy(pair);\n    if kind == \"\" { score } else { score * 0.5 }\n}",
        "",
    );
    assert_eq!(
        why(&rules, &Pair { hardware_type: "cuda".to_owned(), device_count: 2, ..Pair::default() }),
        "left the score as it is: line 2: `switch` comes to `\"\"`, then line 6: `kind == \"\"` holds (kind = \"\")"
    );
}

#[test]
fn every_branch_is_counted_and_those_not_taken_too() {
    let rules = set(
        "fn exclude(pair, request) {\n    if pair.device_count > 8 { return \"too many\"; }\n}\n\
         fn adjust(score, pair, request) {\n    if pair.uncontested && pair.results > 1 { score * 0.5 } else { score }\n}",
        "",
    );
    let mut coverage = Coverage::of(&rules);
    assert_eq!(coverage.share(None), (0, 6));
    let request = RuleRequest::default();
    rules.cover(&Pair { device_count: 9, ..Pair::default() }, 0.5, &request, &mut coverage);
    // An excluded pair meets no `adjust`.
    assert_eq!(coverage.share(None), (2, 6));
    rules.cover(&Pair { device_count: 1, ..Pair::default() }, 0.5, &request, &mut coverage);
    assert_eq!(coverage.share(Some("probe")), (5, 6));
    let left: Vec<String> = coverage
        .branches
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(branch, _)| format!("{}:{} {:?} {}", branch.line, branch.column, branch.way, branch.text))
        .collect();
    assert_eq!(left, ["5:8 Holds pair.uncontested && pair.results > 1"]);
}

#[test]
fn notes_change_no_result_of_the_shipped_rules() {
    let rules = RuleSet::embedded().unwrap();
    let request = RuleRequest { task: Some("inference".to_owned()), ..RuleRequest::default() };
    let mut seed = 7_u64;
    let mut next = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for script in rules.rules.iter().map(|rule| (rule, rule.script.as_ref().unwrap())) {
        assert!(script.1.observed(&script.0.file).is_some_and(|observed| !observed.marks.conditions.is_empty()), "{}", script.0.id);
    }
    for _ in 0..300 {
        let mut some = |values: &[&str]| values.get(usize::try_from(next(values.len() as u64 + 1)).unwrap()).map(|text| (*text).to_owned());
        let mut pair = Pair {
            hardware: "X".to_owned(),
            hardware_name: some(&["NVIDIA A100", "NVIDIA T4", "Apple M2"]).unwrap_or_default(),
            hardware_type: some(&["cuda", "mps", "webgpu", "cpu"]).unwrap_or_default(),
            precision: some(&["fp8", "fp4", "bf16", "fp16"]),
            model_family: some(&["llama", "vit", "whisper", "clip"]),
            provenance: some(&["measured", "estimated"]).unwrap_or_else(|| "measured".to_owned()),
            device_count: 1,
            ..Pair::default()
        };
        pair.parameters_million = (next(3) > 0).then(|| next(20_000) as f64);
        pair.device_memory_mb = (next(3) > 0).then(|| next(80_000) as f64 + 1.0);
        pair.memory_peak_mb = (next(3) > 0).then(|| next(80_000) as f64);
        pair.spread = (next(2) > 0).then(|| next(100) as f64 / 300.0);
        pair.age_days = (next(2) > 0).then(|| i64::try_from(next(2_000)).unwrap());
        pair.results = i64::try_from(next(6)).unwrap();
        pair.failed_results = i64::try_from(next(2)).unwrap();
        for rule in &rules.rules {
            let script = rule.script.as_ref().unwrap();
            let observed = script.observed(&rule.file).unwrap();
            for (name, plain) in script.hooks().filter(|(name, _)| *name != "weigh") {
                let given = || {
                    let records = (
                        rhai::Dynamic::from(crate::rules::engine::PairRecord::new(&pair, false)),
                        rhai::Dynamic::from(crate::rules::engine::RequestRecord::new(&request, false)),
                    );
                    crate::rules::interpret::arguments((name == "adjust").then_some(0.7), ("pair", records.0), ("request", records.1))
                };
                let a = crate::rules::run::run(script, plain, given()).unwrap().0;
                let b = crate::rules::run::run(script, observed.hook(name).unwrap(), given()).unwrap().0;
                assert_eq!(format!("{a:?}"), format!("{b:?}"), "{} {name} {pair:?}", rule.id);
            }
        }
    }
}
