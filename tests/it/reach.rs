//! What a rule set can never do, said of case files: each is one script, or several that begin with `//= NAME`. A script's
//! first line may hold lines of its table in rules.toml after `//:`.

use std::path::Path;
use std::time::Instant;

use suitor::rules::{RuleError, RuleSet};

const SCORING: &str = include_str!("../../config/scoring.toml");

/// Compiles scripts (name, text) in this order.
pub fn compile(scripts: &[(String, String)]) -> RuleSet {
    let mut list = String::new();
    let mut files = vec![("config/scoring.toml".to_owned(), SCORING.to_owned())];
    for (name, text) in scripts {
        let table = text.lines().next().and_then(|line| line.strip_prefix("//:")).unwrap_or("");
        list.push_str(&format!("[[rule]]\nscript = \"{name}\"\ntitle = \"case\"\n{table}\n\n"));
        files.push((format!("rules/{name}.rhai"), text.clone()));
    }
    files.push(("config/rules.toml".to_owned(), list));
    RuleSet::compile(&files).unwrap_or_else(|errors| panic!("{}", errors.render()))
}

fn case(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap();
    let mut scripts: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("//= ") {
            scripts.push((name.to_owned(), String::new()));
            continue;
        }
        if scripts.is_empty() {
            scripts.push((stem.to_owned(), String::new()));
        }
        scripts.last_mut().unwrap().1.push_str(&format!("{line}\n"));
    }
    compile(&scripts).warnings.iter().map(RuleError::render).collect()
}

#[test]
fn what_can_never_happen_is_said_with_its_reason() {
    insta::glob!("../cases", "reach/warned/*", |path| {
        insta::assert_snapshot!(case(path).join("\n\n"));
    });
}

#[test]
fn what_can_happen_is_not_warned_of() {
    insta::glob!("../cases", "reach/accepted/*", |path| {
        let warnings = case(path);
        assert!(warnings.is_empty(), "{}:\n{}", path.display(), warnings.join("\n\n"));
    });
}

/// A rule with several conditions, a helper and locals.
fn ordinary(at: usize) -> String {
    format!(
        "fn size(x) {{ if x >= 1000 {{ 2 }} else if x >= 100 {{ 1 }} else {{ 0 }} }}
fn exclude(pair, request) {{
    if pair.provenance == \"measured\" || pair.device_memory_mb == () {{ return; }}
    if pair.device_memory_mb < {at} && pair.hardware_type in [\"cpu\", \"mps\"] {{ return \"too small\"; }}
}}
fn adjust(score, pair, request) {{
    if pair.spread == () || pair.results < 2 {{ return score; }}
    let n = size(pair.parameters_million ?? 500.0);
    let factor = if n == 2 {{ 0.9 }} else if pair.device_count > {at} {{ 0.95 }} else {{ 1.0 }};
    switch pair.hardware_type {{
        \"cuda\" if n == 0 => #{{ score: score * factor, reason: \"small\" }},
        \"cuda\" | \"rocm\" => score * factor,
        _ => score - 0.01
    }}
}}"
    )
}

#[test]
fn a_hundred_rules_cost_little_beside_compiling_them() {
    let scripts = |text: &dyn Fn(usize) -> String| (0..100).map(|at| (format!("r{at}"), text(at))).collect::<Vec<_>>();
    // The best of three: what else the machine does only ever adds.
    let time = |scripts: &[(String, String)]| {
        let once = |_| {
            let begin = Instant::now();
            let set = compile(scripts);
            (begin.elapsed().as_secs_f64(), set.warnings.len())
        };
        (0..3).map(once).min_by(|one, two| one.0.total_cmp(&two.0)).unwrap()
    };
    // The same rules with a loop are compiled and checked, but not gone through.
    let (plain, none) = time(&scripts(&|at| format!("{}\nfn unused(x) {{ for y in x {{ }} }}", ordinary(at + 1))));
    let (walked, warnings) = time(&scripts(&|at| ordinary(at + 1)));
    assert_eq!((none, warnings), (100, 0));
    // Alone it is about twice as long; compiling a rule takes 0.25 ms since the language is put together once for all of them.
    assert!(walked < 4.0 * plain, "{walked} s with the walks, {plain} s without");
}
