//! `suitor check`: the cases of every code, and what it prints in each form.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use suitor::check::{Report, check};
use suitor::rules::codes::CODES;
use suitor::rules::{Level, RuleError};

use crate::binary::{done, suitor};
use crate::support::scoring_toml;

/// rules.toml for one script; its first line may hold lines of its table after `//:`.
pub fn list_of(stem: &str, script: &str) -> String {
    let table = script.lines().next().and_then(|line| line.strip_prefix("//:")).unwrap_or("");
    format!("[[rule]]\nscript = \"{stem}\"\ntitle = \"case\"\n{table}\n")
}

/// A folder with the files of a case: what it does not say is the shipped scoring.toml and no rule.
pub fn folder_of_case(path: &Path) -> tempfile::TempDir {
    let text = std::fs::read_to_string(path).unwrap();
    let name = path.file_name().and_then(|name| name.to_str()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("config/scoring.toml", &scoring_toml());
    write("config/rules.toml", "");
    std::fs::create_dir_all(folder.path().join("rules")).unwrap();
    let script = "fn adjust(score, pair, request) { score * params.factor }";
    match name.split_once('.').unwrap().1 {
        "scoring.toml" => write("config/scoring.toml", &text),
        "rules.toml" => {
            write("config/rules.toml", &text);
            write("rules/adjust.rhai", if text.contains("factor") { script } else { "fn adjust(score, pair, request) { score * 0.9 }" });
        }
        "import.toml" => write("config/import/case.toml", &text),
        "suitor.toml" => write("config/suitor.toml", &text),
        "aliases.toml" => write("config/aliases.toml", &text),
        "rhai" => {
            let stem = name.trim_end_matches(".rhai");
            write("config/rules.toml", &list_of(stem, &text));
            write(&format!("rules/{name}"), &text);
        }
        "set" => {
            let mut parts: Vec<(&str, String)> = Vec::new();
            for line in text.lines() {
                match line.strip_prefix("== ").and_then(|line| line.strip_suffix(" ==")) {
                    Some(head) => parts.push((head, String::new())),
                    None => parts.last_mut().unwrap().1.push_str(&format!("{line}\n")),
                }
            }
            for (head, body) in &parts {
                match head.split_once(" is ") {
                    Some((name, "a folder")) => {
                        std::fs::remove_file(folder.path().join(name)).unwrap();
                        std::fs::create_dir(folder.path().join(name)).unwrap();
                    }
                    Some((name, "empty")) => {
                        std::fs::remove_dir_all(folder.path().join(name)).unwrap();
                        std::fs::create_dir(folder.path().join(name)).unwrap();
                    }
                    _ => write(head, body),
                }
            }
        }
        other => panic!("no such kind of case: {other}"),
    }
    folder
}

/// What the check finds in a case, with names from its folder.
fn report(path: &Path) -> Report {
    let folder = folder_of_case(path);
    check(&folder.path().join("config"), &folder.path().join("rules")).unwrap()
}

/// Faults as they are shown, without the folder.
fn shown(faults: &[RuleError]) -> String {
    let text: Vec<String> = faults
        .iter()
        .map(|fault| {
            let place = Path::new(&fault.file.name);
            let root =
                place.ancestors().find(|folder| folder.join("config").is_dir() || folder.ends_with("config") || folder.ends_with("rules"));
            let folder = root.and_then(Path::parent).map(|folder| format!("{}/", folder.display())).unwrap_or_default();
            fault.render().replace(&folder, "")
        })
        .collect();
    text.join("\n\n")
}

fn codes(report: &Report) -> BTreeSet<&'static str> {
    report.faults.iter().map(|fault| fault.kind.code()).collect()
}

#[test]
fn rejected_cases_say_what_is_wrong_and_where() {
    insta::glob!("../cases", "rules/rejected/*", |path| {
        let report = report(path);
        let name = path.file_name().unwrap().to_str().unwrap();
        match CODES.iter().find(|code| name.starts_with(&format!("{}.", code.code))) {
            Some(code) => assert!(codes(&report).contains(code.code), "{name}: {:?}", codes(&report)),
            None => assert!(!report.passes(true), "{name} was accepted"),
        }
        insta::assert_snapshot!(shown(&report.faults));
    });
}

#[test]
fn accepted_cases_are_without_fault() {
    insta::glob!("../cases", "rules/accepted/*", |path| {
        let report = report(path);
        let found: Vec<&RuleError> = report.faults.iter().filter(|fault| fault.kind.level() != Level::Note).collect();
        assert!(found.is_empty(), "{}: {}", path.display(), shown(&report.faults));
    });
}

/// The cases of the table of codes, by the name of their file.
fn case(folder: &str, file: &str) -> PathBuf {
    crate::support::project().join("tests/cases/rules").join(folder).join(file)
}

#[test]
fn every_code_has_its_cases_and_only_the_rejected_one_has_the_fault() {
    for code in CODES {
        assert!(case("rejected", code.rejected.file).is_file() && case("accepted", code.accepted.file).is_file(), "{}", code.code);
        assert!(!codes(&report(&case("accepted", code.accepted.file))).contains(code.code), "{}", code.code);
        let found = report(&case("rejected", code.rejected.file));
        let levels: Vec<Level> =
            found.faults.iter().filter(|fault| fault.kind.code() == code.code).map(|fault| fault.kind.level()).collect();
        assert!(levels.first().is_some_and(|level| *level == code.level), "{}: {levels:?}", code.code);
    }
}

#[test]
fn every_code_is_in_the_table_once_in_order_and_explained() {
    // The codes as the kinds give them.
    let kinds = std::fs::read_to_string(crate::support::project().join("src/rules/level.rs")).unwrap();
    let of_kinds: BTreeSet<&str> = kinds.match_indices("=> \"R").map(|(at, _)| &kinds[at + 4..at + 8]).collect();
    let listed: Vec<&str> = CODES.iter().map(|code| code.code).collect();
    assert!(listed.is_sorted_by(|one, two| one < two), "{listed:?}");
    assert_eq!(of_kinds, listed.iter().copied().collect());
    let folder = tempfile::tempdir().unwrap();
    let all = done(folder.path(), &["check", "--explain", "--format", "csv"]);
    for code in CODES {
        assert!(code.title.len() > 5 && code.about.len() > 20 && code.about.ends_with('.'), "{}", code.code);
        assert!(all.contains(&format!("{},{},", code.code, code.level.word())), "{}", code.code);
        let text = done(folder.path(), &["check", "--explain", &code.code.to_lowercase()]);
        assert!(text.starts_with(&format!("{} (", code.code)) && text.contains("\nrejected, ") && text.contains("\naccepted, "), "{text}");
    }
    insta::assert_snapshot!(done(folder.path(), &["check", "--explain", "R205"]));
    let page = done(folder.path(), &["check", "--explain", "--format", "markdown"]);
    assert_eq!(page.matches("\n### R").count() + 1, CODES.len());
    let ended = suitor(folder.path(), &["check", "--explain", "R999"]);
    assert_eq!(ended.code, 2);
    assert!(ended.said.contains("unknown code `R999`") && ended.said.contains("--explain"), "{}", ended.said);
}

/// A folder with the shipped files and three faults in three files.
fn faulty() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    done(folder.path(), &["init"]);
    let edit = |name: &str, old: &str, new: &str| {
        let path = folder.path().join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{name}: {old}");
        std::fs::write(path, text.replacen(old, new, 1)).unwrap();
    };
    edit("config/scoring.toml", "weight = 0.3", "weight = -0.3");
    edit("config/aliases.toml", "memory_gb = 180", "memory = 180");
    edit("rules/scatter.rhai", "pair.spread <= params.max_spread", "pair.sprad <= params.max_spread");
    std::fs::write(folder.path().join("rules/stray.rhai"), "fn adjust(score, pair, request) { if pair.results { score } else { 0.5 } }")
        .unwrap();
    folder
}

#[test]
fn all_faults_of_all_files_are_shown_at_once() {
    let folder = faulty();
    let ended = suitor(folder.path(), &["check"]);
    assert_eq!(ended.code, 2);
    assert_eq!(ended.said, "");
    let hash = ended.printed.split("rule set ").nth(1).unwrap()[..12].to_owned();
    insta::assert_snapshot!(ended.printed.replace(&hash, "HASH"));
}

#[test]
fn a_sound_set_passes_and_warnings_only_with_strict() {
    let folder = tempfile::tempdir().unwrap();
    let printed = done(folder.path(), &["check", "--strict"]);
    assert!(printed.contains("checked 0 files, rule set ") && printed.contains("as shipped") && printed.contains("no faults"), "{printed}");
    done(folder.path(), &["init"]);
    let printed = done(folder.path(), &["check", "--strict"]);
    assert!(printed.contains("dynamic (line ") && printed.contains("no faults"), "{printed}");
    std::fs::write(folder.path().join("rules/stray.rhai"), "fn adjust(score, pair, request) { score }").unwrap();
    assert!(done(folder.path(), &["check"]).contains("warning[R301]"));
    let ended = suitor(folder.path(), &["check", "--strict"]);
    assert_eq!(ended.code, 2);
    assert!(ended.printed.contains("error[R301]") && ended.printed.contains("1 error;"), "{}", ended.printed);
    let ended = suitor(folder.path(), &["check", "--config", "elsewhere"]);
    assert_eq!(ended.code, 2);
    assert!(ended.said.contains("there is no such folder"), "{}", ended.said);
}

#[test]
fn faults_are_shown_to_github_with_their_places() {
    let folder = faulty();
    let ended = suitor(folder.path(), &["check", "--format", "github"]);
    assert_eq!(ended.code, 2);
    let lines: Vec<&str> = ended.printed.lines().collect();
    assert!(
        lines.iter().all(|line| line.starts_with("::error ") || line.starts_with("::warning ") || line.starts_with("::notice ")),
        "{lines:#?}"
    );
    let weight = lines.iter().find(|line| line.contains("R101")).unwrap();
    let text = std::fs::read_to_string(folder.path().join("config/scoring.toml")).unwrap();
    let line = text.lines().position(|line| line == "weight = -0.3").unwrap() + 1;
    let place = format!("::error file=config/scoring.toml,line={line},endLine={line},col=10,endColumn=13,title=R101 weight out of range::");
    assert!(weight.starts_with(&place), "{weight}");
    assert!(lines.iter().any(|line| line.starts_with("::warning file=rules/stray.rhai,title=R301")), "{lines:#?}");
    // The help stands on a line of its own, within the one line.
    assert!(lines.iter().any(|line| line.contains("%0Ahelp: did you mean `spread`")), "{lines:#?}");
}

#[test]
fn sarif_names_rules_places_and_levels() {
    let folder = faulty();
    let ended = suitor(folder.path(), &["check", "--format", "sarif", "--strict"]);
    assert_eq!(ended.code, 2);
    let log: Json = serde_json::from_str(&ended.printed).unwrap();
    assert_eq!((&log["version"], &log["runs"][0]["columnKind"]), (&"2.1.0".into(), &"unicodeCodePoints".into()));
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), CODES.len());
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert!(results.len() >= 5, "{results:#?}");
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(["error", "note"].contains(&result["level"].as_str().unwrap()), "{result:#}");
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let place = &result["locations"][0]["physicalLocation"];
        let file = folder.path().join(place["artifactLocation"]["uri"].as_str().unwrap());
        let text = std::fs::read_to_string(&file).unwrap();
        let at = |key: &str| usize::try_from(place["region"][key].as_u64().unwrap()).unwrap();
        let line = text.lines().nth(at("startLine") - 1).unwrap();
        assert!(at("startColumn") >= 1 && at("endColumn") <= line.chars().count() + 1, "{result:#}");
    }
    let weight = results.iter().find(|result| result["ruleId"] == "R101").unwrap();
    assert_eq!(weight["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "config/scoring.toml");
}

#[test]
fn forms_of_reports_are_for_check_alone() {
    let folder = tempfile::tempdir().unwrap();
    for form in ["github", "sarif"] {
        for command in [&["init"][..], &["list", "models"], &["check", "--explain", "R001"]] {
            let ended = suitor(folder.path(), &[command, &["--format", form]].concat());
            assert_eq!((ended.code, ended.printed.as_str()), (2, ""), "{command:?}: {}", ended.said);
            assert!(ended.said.contains("expected") && ended.said.contains("markdown"), "{}", ended.said);
        }
    }
    assert!(!folder.path().join("config").exists(), "a refused command does nothing");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 150, failure_persistence: None, ..Default::default() })]

    /// Whatever becomes of a shipped file, the check says something or nothing, and every place is in the text.
    #[test]
    fn a_damaged_file_never_breaks_the_check(file in 0_usize..8, at in 0.0_f64..1.0, length in 0_usize..12, put in "[(){};.=<>!&|\"`'#a-z0-9 \n]{0,6}") {
        let mut files: Vec<(String, String)> =
            suitor::rules::embedded::FILES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        let text: Vec<char> = files[file].1.chars().collect();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place within the text")]
        let start = (at * text.len() as f64) as usize;
        let end = (start + length).min(text.len());
        files[file].1 = text[..start].iter().copied().chain(put.chars()).chain(text[end..].iter().copied()).collect();
        if let Err(errors) = suitor::rules::RuleSet::compile(&files) {
            proptest::prop_assert!(!errors.0.is_empty());
            for error in &errors.0 {
                proptest::prop_assert!(error.file.text.get(error.span.clone()).is_some(), "{:?} of {}", error.span, error.file.name);
                proptest::prop_assert!(error.render().starts_with("error[R"));
            }
        }
    }
}
