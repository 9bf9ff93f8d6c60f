//! Rule files in and out: what is rejected and how it reads, what fails at run time, what is accepted.

use std::path::Path;

use crate::check::list_of;
use suitor::rules::{Evaluator, Pair, RuleErrors, RuleRequest, RuleSet, Verdict};

const SCORING: &str = include_str!("../../config/scoring.toml");

/// Compiles one script beside the shipped weights. Its first line may hold lines of its table in rules.toml after `//:`.
fn compile(path: &Path) -> Result<RuleSet, RuleErrors> {
    let text = std::fs::read_to_string(path).unwrap();
    let name = path.file_name().and_then(|name| name.to_str()).unwrap();
    let list = list_of(name.trim_end_matches(".rhai"), &text);
    RuleSet::compile(&[("config/scoring.toml", SCORING), ("config/rules.toml", &list), (&format!("rules/{name}"), &text)])
}

fn pair() -> Pair {
    Pair {
        model: "resnet50".to_owned(),
        hardware: "NVIDIA A10 x2".to_owned(),
        hardware_name: "NVIDIA A10".to_owned(),
        hardware_type: "cuda".to_owned(),
        device_count: 2,
        results: 4,
        provenance: "measured".to_owned(),
        coverage: 1.0,
        compatibility: 0.75,
        confidence: 0.8,
        ..Pair::default()
    }
}

#[test]
fn failures_name_rule_place_and_values() {
    insta::glob!("../cases", "rules/failing/*", |path| {
        let set = compile(path).unwrap_or_else(|errors| panic!("{}:\n{}", path.display(), errors.render()));
        let shown = match set.evaluator().judge(&pair(), 0.6, &RuleRequest::default(), false) {
            Ok(Verdict::Failed { message, .. }) => format!("not scored: {message}"),
            Ok(other) => panic!("{}: {other:?}", path.display()),
            Err(error) => format!("exit code {}: {error}", error.exit_code()),
        };
        insta::assert_snapshot!(shown);
    });
}

/// What the shipped rules make of 0.5: the score and the rules that fired, or the one that took it out.
fn shipped(pair: &Pair, request: &RuleRequest) -> (Option<f64>, Vec<String>) {
    let set = RuleSet::embedded().unwrap_or_else(|errors| panic!("{}", errors.render()));
    match set.evaluator().judge(pair, 0.5, request, true).unwrap() {
        Verdict::Scored { score, steps } => (
            Some(score),
            steps.into_iter().filter(|step| step.fired).map(|step| format!("{}: {}", step.rule, step.reason.unwrap_or_default())).collect(),
        ),
        Verdict::Excluded { rule, reason } => (None, vec![format!("{rule}: {reason}")]),
        Verdict::Failed { message, .. } => panic!("{message}"),
    }
}

#[test]
fn what_was_measured_is_never_taken_out_by_an_estimate() {
    let inference = RuleRequest { task: Some("inference".to_owned()), ..RuleRequest::default() };
    let large = Pair { parameters_million: Some(70_000.0), device_memory_mb: Some(24_000.0), precision: Some("fp16".to_owned()), ..pair() };
    assert_eq!(shipped(&large, &inference), (Some(0.5), vec![]));
    let estimated = Pair { provenance: "estimated".to_owned(), ..large.clone() };
    let reason = "memory_fit: needs about 168.0 GB (70000.0 million parameters, precision fp16, headroom x1.2), has 48.0 GB";
    assert_eq!(shipped(&estimated, &inference), (None, vec![reason.to_owned()]));
    let small = Pair { precision: Some("int4".to_owned()), ..estimated.clone() };
    assert_eq!(shipped(&small, &inference), (Some(0.5), vec![]));
    let training = RuleRequest { task: Some("training".to_owned()), ..RuleRequest::default() };
    assert_eq!(shipped(&Pair { parameters_million: Some(3_000.0), ..estimated }, &training).0, None);
    let tight = Pair { memory_peak_mb: Some(46_100.0), ..large };
    let reason = "memory_fit: peak 46.1 GB of 48.0 GB leaves 4 % free, asked 10 %";
    assert_eq!(shipped(&tight, &inference), (Some(0.475), vec![reason.to_owned()]));
}

#[test]
fn priors_and_number_formats_move_estimates() {
    let request = RuleRequest { precision: Some("fp8".to_owned()), ..RuleRequest::default() };
    let on = |name: &str, kind: &str, millions: f64| Pair {
        hardware: name.to_owned(),
        hardware_name: name.to_owned(),
        hardware_type: kind.to_owned(),
        provenance: "estimated".to_owned(),
        model_family: Some("text_generation".to_owned()),
        parameters_million: Some(millions),
        ..pair()
    };
    assert_eq!(shipped(&on("NVIDIA A100 SXM 80GB", "cuda", 7_000.0), &request).0, Some(0.35));
    for native in ["NVIDIA H100 SXM 80GB", "NVIDIA RTX 2000E Ada", "NVIDIA RTX 5880 Ada Generation", "NVIDIA L40S"] {
        assert_eq!(shipped(&on(native, "cuda", 7_000.0), &request), (Some(0.5), vec![]), "{native}");
    }
    let browser = shipped(&on("Chrome", "webgpu", 1_500.0), &RuleRequest::default());
    let reason = "web_mobile_limits: Chrome only supports text_generation models up to small size (a prior, not a measurement)";
    assert_eq!(browser, (None, vec![reason.to_owned()]));
    assert_eq!(shipped(&on("Apple M4", "mps", 30_000.0), &RuleRequest::default()).0, Some(0.25));
    let measured = Pair { provenance: "measured".to_owned(), ..on("Apple M4", "mps", 30_000.0) };
    assert_eq!(shipped(&measured, &RuleRequest::default()), (Some(0.5), vec![]));
}

#[test]
fn scatter_age_and_failures_cost_score() {
    let request = RuleRequest::default();
    assert_eq!(shipped(&Pair { spread: Some(0.28), ..pair() }, &request).0, Some(0.45));
    assert_eq!(shipped(&Pair { spread: Some(0.28), results: 1, ..pair() }, &request).0, Some(0.5));
    assert_eq!(shipped(&Pair { age_days: Some(730), ..pair() }, &request).0, Some(0.45));
    assert_eq!(shipped(&Pair { age_days: Some(36_500), ..pair() }, &request).0, Some(0.35));
    assert_eq!(shipped(&Pair { age_days: Some(365), ..pair() }, &request).0, Some(0.5));
    assert_eq!(
        shipped(&Pair { failed_results: 1, ..pair() }, &request),
        (Some(0.45), vec!["failed_runs: 1 failed beside 4 that count".to_owned()])
    );
}
