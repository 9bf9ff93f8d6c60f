//! The scenarios of tests/scenarios/*.toml: each passes as `suitor test` has it, every shipped rule fires in one and is silent in
//! another.

use std::path::Path;
use std::sync::OnceLock;

use suitor::import::{Aliases, Mappings};
use suitor::rules::{Engine, RuleSet};
use suitor::scenario::{Covered, Snapshots, Tested, select, test};

use crate::support::project;

/// The shipped scenarios by the shipped rule set, run once.
fn shipped() -> &'static Vec<Tested> {
    static RAN: OnceLock<Vec<Tested>> = OnceLock::new();
    RAN.get_or_init(|| ran_by(Engine::Auto))
}

/// The shipped scenarios by the shipped rule set, applied in one way.
fn ran_by(engine: Engine) -> Vec<Tested> {
    let selection = select(&project().join("tests/scenarios"), &[]).unwrap_or_else(|error| panic!("{error}"));
    let nowhere = Path::new("no such folder");
    let (mappings, aliases) = (Mappings::load(nowhere).unwrap(), Aliases::load(nowhere).unwrap());
    let rules = RuleSet { engine, ..RuleSet::embedded().unwrap() };
    test(&selection.scenarios, &rules, &mappings, &aliases, &Snapshots::new(&project().join("snapshots")), true).unwrap()
}

#[test]
fn every_shipped_scenario_meets_its_expectations_and_is_its_snapshot() {
    passes(shipped());
}

#[test]
fn every_shipped_scenario_passes_with_compiled_rules() {
    passes(&ran_by(Engine::Compiled));
}

fn passes(all: &[Tested]) {
    assert!(all.len() >= 12, "{} scenarios", all.len());
    let mut failed = String::new();
    for one in all.iter().filter(|one| !one.passed()) {
        failed += &format!("\n{}\n", one.scenario.name);
        match &one.ran {
            Err(error) => failed += &format!("{error}\n"),
            Ok(ran) => {
                ran.unmet.iter().for_each(|unmet| failed += &format!("{}: {}\n", one.scenario.line(&unmet.span), unmet.message));
                one.moves.iter().for_each(|moved| failed += &format!("{moved}\n"));
                failed += &one.diff;
            }
        }
    }
    assert!(failed.is_empty(), "`suitor test --review` shows and accepts changes\n{failed}");
}

#[test]
fn every_shipped_snapshot_has_its_scenario() {
    let names: Vec<String> = shipped().iter().map(|one| one.scenario.name.clone()).collect();
    let mut orphans = Snapshots::new(&project().join("snapshots")).orphans(&names);
    // What waits for a decision is nothing that ships.
    orphans.retain(|path| path.extension().is_some_and(|end| end == "snap"));
    assert!(orphans.is_empty(), "{orphans:?}");
}

#[test]
fn every_shipped_rule_fires_in_one_scenario_and_is_silent_in_another() {
    let fired: Vec<_> = shipped().iter().filter_map(|one| one.ran.as_ref().ok()).map(|ran| &ran.fired).collect();
    for rule in RuleSet::embedded().unwrap().rules {
        assert!(fired.iter().any(|one| one.fired.contains(&rule.id)), "{} fires in no scenario", rule.id);
        let silent = fired.iter().any(|one| one.considered.contains(&rule.id) && !one.fired.contains(&rule.id));
        assert!(silent, "{} is silent in no scenario", rule.id);
    }
}

#[test]
fn the_shipped_scenarios_take_nearly_every_branch_of_the_shipped_rules() {
    let coverage = Covered::of(&RuleSet::embedded().unwrap(), shipped(), Some(95.0));
    let untaken: Vec<_> = coverage.rules.iter().flat_map(|rule| rule.untaken.iter().map(move |branch| (&rule.file, branch))).collect();
    assert!(coverage.enough(), "{} of {} branches: {untaken:#?}", coverage.taken, coverage.of);
}

/// `cargo insta review` reads the same files: header and text come through insta's own reader.
#[test]
fn insta_reads_the_snapshots() {
    for one in shipped() {
        let path = project().join("snapshots").join(format!("{}.snap", one.scenario.name));
        let read = insta::Snapshot::from_file(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(read.metadata().description(), Some(one.scenario.title.as_str()), "{}", path.display());
        assert_eq!(read.metadata().source(), Some(format!("tests/scenarios/{}.toml", one.scenario.name).as_str()));
        let body = suitor::scenario::Snapshot::parse(&std::fs::read_to_string(&path).unwrap()).body;
        assert_eq!(read.as_text().unwrap().to_string(), body, "{}", path.display());
    }
}
