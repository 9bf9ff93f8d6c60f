//! The scenarios of tests/scenarios/*.toml against the binary: what is asked of which rows, what must hold of the answer, and
//! the printed ranking as a snapshot in snapshots/.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::support::project;

/// One scenario.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    /// What it shows, in a sentence.
    title: String,
    /// Files of tests/data.
    #[serde(default)]
    data: Vec<String>,
    /// Rows as CSV, beside the files or alone.
    rows: Option<String>,
    /// recommend's flags by their names, without the dashes.
    ask: BTreeMap<String, toml::Value>,
    #[serde(default)]
    expect: Expect,
}

/// What must hold of the answer.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Expect {
    winner: Option<String>,
    /// Hardware in this order, others may stand between.
    order: Vec<String>,
    excluded: Vec<String>,
    /// Hardware that must not be ranked nor excluded.
    absent: Vec<String>,
    /// Rules that must fire on some hardware, and that must not on any.
    fired: Vec<String>,
    silent: Vec<String>,
    /// Rules without which the order would be another.
    decisive: Vec<String>,
    /// A text in one of the notes.
    note: Option<String>,
    exit: i32,
}

fn flags(ask: &BTreeMap<String, toml::Value>) -> Vec<String> {
    let mut flags = Vec::new();
    for (name, value) in ask {
        let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        for value in values {
            match value {
                toml::Value::Boolean(true) => flags.push(format!("--{name}")),
                toml::Value::Boolean(false) => {}
                toml::Value::String(text) => flags.extend([format!("--{name}"), text]),
                other => flags.extend([format!("--{name}"), other.to_string()]),
            }
        }
    }
    flags
}

fn suitor(folder: &Path, database: &Path, args: &[String]) -> (i32, String, String) {
    let ended = Command::new(env!("CARGO_BIN_EXE_suitor"))
        .current_dir(folder)
        .arg("--db-path")
        .arg(database)
        .args(args)
        .env("COLUMNS", "120")
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (ended.status.code().unwrap_or(-1), text(ended.stdout), text(ended.stderr))
}

/// A database of these files, made once a test run for each set of files.
fn database(data: &[String], rows: Option<&str>, home: &Path) -> PathBuf {
    static MADE: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let key = format!("{data:?}{rows:?}");
    if let Some(path) = made.get(&key) {
        return path.clone();
    }
    let path = home.join(format!("{}.duckdb", made.len()));
    let mut args = vec!["import".to_owned(), "--quiet".to_owned()];
    args.extend(data.iter().map(|name| project().join("tests/data").join(name).display().to_string()));
    if let Some(rows) = rows {
        let file = home.join(format!("rows{}.csv", made.len()));
        std::fs::write(&file, rows).unwrap();
        args.push(file.display().to_string());
    }
    let (code, printed, said) = suitor(home, &path, &args);
    assert_eq!(code, 0, "{printed}{said}");
    made.insert(key, path.clone());
    path
}

fn home() -> &'static Path {
    static HOME: std::sync::OnceLock<tempfile::TempDir> = std::sync::OnceLock::new();
    HOME.get_or_init(|| tempfile::tempdir().unwrap()).path()
}

struct Ran {
    name: String,
    fired: BTreeSet<String>,
    considered: BTreeSet<String>,
}

fn order(answer: &Json) -> Vec<String> {
    answer["recommendations"].as_array().unwrap().iter().map(|one| one["hardware"].as_str().unwrap().to_owned()).collect()
}

/// The order when one rule is switched off.
fn without(rule: &str, database: &Path, args: &[String]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(suitor(folder.path(), database, &["init".to_owned()]).0, 0);
    let file = folder.path().join("config/rules.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let line = format!("script = \"{rule}\"");
    assert!(text.contains(&line), "{rule}");
    std::fs::write(&file, text.replace(&line, &format!("{line}\nenabled = false"))).unwrap();
    let (_, printed, said) = suitor(folder.path(), database, args);
    order(&serde_json::from_str(&printed).unwrap_or_else(|_| panic!("{said}")))
}

fn check(path: &Path) -> Ran {
    let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
    let text = std::fs::read_to_string(path).unwrap();
    let scenario: Scenario = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let database = database(&scenario.data, scenario.rows.as_deref(), home());
    let mut args = vec!["recommend".to_owned()];
    args.extend(flags(&scenario.ask));
    let (code, table, said) = suitor(home(), &database, &args);
    let expect = &scenario.expect;
    assert_eq!(code, expect.exit, "{name}: {table}{said}");
    insta::with_settings!({ snapshot_path => project().join("snapshots"), prepend_module_to_snapshot => false, description => scenario.title.clone(), omit_expression => true }, {
        insta::assert_snapshot!(name.as_str(), table);
    });
    let mut json = args.clone();
    json.extend(["--format".to_owned(), "json".to_owned(), "--top-k".to_owned(), "0".to_owned()]);
    let at = json.iter().position(|word| word == "--top-k").unwrap();
    if at < json.len() - 2 {
        json.drain(at..at + 2);
    }
    let (_, printed, _) = suitor(home(), &database, &json);
    let answer: Json = serde_json::from_str(&printed).unwrap();
    let ranked = order(&answer);
    if let Some(winner) = &expect.winner {
        assert_eq!(ranked.first(), Some(winner), "{name}");
    }
    let places: Vec<usize> = expect
        .order
        .iter()
        .map(|hardware| {
            ranked.iter().position(|other| other == hardware).unwrap_or_else(|| panic!("{name}: {hardware} is not in {ranked:?}"))
        })
        .collect();
    assert!(places.is_sorted(), "{name}: {:?} stand at {places:?}", expect.order);
    let excluded: Vec<&str> = answer["excluded"].as_array().unwrap().iter().map(|one| one["hardware"].as_str().unwrap()).collect();
    for hardware in &expect.excluded {
        assert!(excluded.contains(&hardware.as_str()), "{name}: {hardware} is not excluded: {excluded:?}");
    }
    for hardware in &expect.absent {
        assert!(!ranked.contains(hardware) && !excluded.contains(&hardware.as_str()), "{name}: {hardware} is there");
    }
    if let Some(note) = &expect.note {
        assert!(answer["notes"].to_string().contains(note.as_str()), "{name}: {}", answer["notes"]);
    }
    let mut fired: BTreeSet<String> =
        answer["excluded"].as_array().unwrap().iter().filter_map(|one| one["rule"].as_str()).map(str::to_owned).collect();
    let mut considered = fired.clone();
    for one in answer["recommendations"].as_array().unwrap() {
        for step in one["trace"].as_array().unwrap() {
            if let Some(rule) = step["rule"].as_str() {
                considered.insert(rule.to_owned());
                if step["fired"] == true {
                    fired.insert(rule.to_owned());
                }
            }
        }
    }
    for rule in &expect.fired {
        assert!(fired.contains(rule), "{name}: {rule} did not fire, {fired:?} did");
    }
    for rule in &expect.silent {
        assert!(!fired.contains(rule), "{name}: {rule} fired");
    }
    for rule in &expect.decisive {
        assert_ne!(without(rule, &database, &json), ranked, "{name}: without {rule} the order is the same");
    }
    Ran { name, fired, considered }
}

#[test]
fn every_scenario_gives_its_ranking_and_every_shipped_rule_fires_in_one_and_is_silent_in_another() {
    let mut files: Vec<PathBuf> = std::fs::read_dir(project().join("tests/scenarios"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    files.sort();
    assert!(files.len() >= 12, "{} scenarios", files.len());
    // Every scenario runs, so that one failure does not hide the next.
    let (ran, failed): (Vec<_>, Vec<_>) = files.iter().map(|path| std::panic::catch_unwind(|| check(path))).partition(Result::is_ok);
    assert!(failed.is_empty(), "{} scenarios failed, see above", failed.len());
    let ran: Vec<Ran> = ran.into_iter().flatten().collect();
    let snapshots: BTreeSet<String> = std::fs::read_dir(project().join("snapshots"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().trim_end_matches(".snap").to_owned())
        .collect();
    let names: BTreeSet<String> = ran.iter().map(|one| one.name.clone()).collect();
    assert_eq!(snapshots, names, "a snapshot without its scenario, or the other way round");
    for rule in suitor::rules::RuleSet::embedded().unwrap().rules {
        assert!(ran.iter().any(|one| one.fired.contains(&rule.id)), "{} fires in no scenario", rule.id);
        assert!(
            ran.iter().any(|one| one.considered.contains(&rule.id) && !one.fired.contains(&rule.id)),
            "{} is silent in no scenario",
            rule.id
        );
    }
}
