//! Rule files in and out: what is rejected and how it reads, what fails at run time, what is accepted.

use std::path::Path;

use suitor::rules::{Evaluator, Pair, RuleError, RuleErrors, RuleRequest, RuleSet, Verdict};

const SCORING: &str = include_str!("../../config/scoring.toml");

/// Compiles one case: a script beside the shipped weights, or a TOML file of the set. A script's first line may hold
/// lines of its table in rules.toml after `//:`.
fn compile(path: &Path) -> Result<RuleSet, RuleErrors> {
    let text = std::fs::read_to_string(path).unwrap();
    let name = path.file_name().and_then(|name| name.to_str()).unwrap();
    if name.ends_with(".scoring.toml") {
        return RuleSet::compile(&[("config/scoring.toml", text.as_str()), ("config/rules.toml", "")]);
    }
    if name.ends_with(".rules.toml") {
        let script = "fn adjust(score, pair, request) { score }";
        return RuleSet::compile(&[("config/scoring.toml", SCORING), ("config/rules.toml", &text), ("rules/adjust.rhai", script)]);
    }
    let stem = name.trim_end_matches(".rhai");
    let table = text.lines().next().and_then(|line| line.strip_prefix("//:")).unwrap_or("");
    let list = format!("[[rule]]\nscript = \"{stem}\"\ntitle = \"case\"\n{table}\n");
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
fn rejected_rule_files_say_what_is_wrong_and_where() {
    insta::glob!("../cases", "rules/rejected/*", |path| {
        let errors = compile(path).err().unwrap_or_else(|| panic!("{} was accepted", path.display()));
        insta::assert_snapshot!(errors.render());
    });
}

#[test]
fn accepted_rule_files_load_without_a_warning() {
    insta::glob!("../cases", "rules/accepted/*", |path| {
        let set = compile(path).unwrap_or_else(|errors| panic!("{}:\n{}", path.display(), errors.render()));
        let warnings: Vec<String> = set.warnings.iter().map(RuleError::render).collect();
        assert!(warnings.is_empty(), "{}: {warnings:#?}", path.display());
        let request = RuleRequest { profile: "documented".to_owned(), ..RuleRequest::default() };
        let verdict = set.evaluator().judge(&pair(), 0.6, &request, true);
        assert!(verdict.is_ok(), "{}: {verdict:?}", path.display());
    });
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
