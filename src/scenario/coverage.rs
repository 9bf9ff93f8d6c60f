//! What of the rules the scenarios exercised: rules that fired, branches that were taken.

use serde::Serialize;

use super::suite::Tested;
use crate::rules::{Coverage, RuleSet, Way};

/// The share of the branches of a rule set that scenarios took.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Covered {
    /// Branches that some scenario took.
    pub taken: usize,
    /// All branches of the enabled rules.
    pub of: usize,
    /// The share, per cent; 100 where there is no branch.
    pub percent: f64,
    /// The least that is asked for, per cent.
    pub least: Option<f64>,
    /// The enabled rules, in the order in which they take effect.
    pub rules: Vec<CoveredRule>,
}

/// What of one rule was exercised.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CoveredRule {
    /// Its id.
    pub rule: String,
    /// Its script.
    pub file: String,
    /// Branches that some scenario took.
    pub taken: usize,
    /// All its branches.
    pub of: usize,
    /// Scenarios in which it fired on some hardware.
    pub fired: usize,
    /// Branches that no scenario took, by place.
    pub untaken: Vec<Untaken>,
}

/// A branch that no scenario took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Untaken {
    /// Line in the script, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// Which way was not taken.
    pub way: Way,
    /// The hook's name, the condition, or the arm.
    pub text: String,
}

impl Covered {
    /// Sums up scenarios that were run with their branches watched; those that could not be run took none.
    #[must_use]
    pub fn of(rules: &RuleSet, all: &[Tested], least: Option<f64>) -> Self {
        let mut coverage = Coverage::of(rules);
        let ran = || all.iter().filter_map(|one| one.ran.as_ref().ok());
        ran().filter_map(|ran| ran.coverage.as_ref()).for_each(|one| coverage.add(one));
        let (taken, of) = coverage.share(None);
        let rules = rules.rules.iter().filter(|rule| rule.enabled).map(|rule| {
            let (taken, of) = coverage.share(Some(&rule.id));
            let untaken = coverage.branches.iter().filter(|(branch, count)| branch.rule == rule.id && **count == 0);
            CoveredRule {
                rule: rule.id.clone(),
                file: rule.file.name.clone(),
                taken,
                of,
                fired: ran().filter(|ran| ran.fired.fired.contains(&rule.id)).count(),
                untaken: untaken
                    .map(|(branch, _)| Untaken { line: branch.line, column: branch.column, way: branch.way, text: branch.text.clone() })
                    .collect(),
            }
        });
        let percent = if of == 0 { 100.0 } else { 100.0 * taken as f64 / of as f64 };
        Self { taken, of, percent, least, rules: rules.collect() }
    }

    /// Whether it is as much as is asked for.
    #[must_use]
    pub fn enough(&self) -> bool {
        self.least.is_none_or(|least| self.percent >= least)
    }
}
