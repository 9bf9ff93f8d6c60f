//! Which branches of which rules have run.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Observed;
use super::trail::Event;
use crate::rules::rule::Rule;
use crate::rules::set::RuleSet;

/// A way that a run of a rule may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// A hook ran at all.
    Ran,
    /// The condition of an `if` held.
    Holds,
    /// It did not.
    Fails,
    /// An arm of a `switch` was taken.
    Arm,
}

/// One branch of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Branch {
    /// The rule's id.
    pub rule: String,
    /// Line in its script, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// Which way.
    pub way: Way,
    /// The text of the hook's name, the condition or the arm's result, in one line.
    pub text: String,
}

/// How often each branch of the enabled rules of a set was taken.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Every branch that there is, with how often it was taken.
    pub branches: BTreeMap<Branch, u64>,
}

impl Coverage {
    /// Every branch of the enabled rules of a set, none taken yet.
    #[must_use]
    pub fn of(set: &RuleSet) -> Self {
        let mut coverage = Self::default();
        for rule in set.rules.iter().filter(|rule| rule.enabled) {
            let Some(script) = &rule.script else { continue };
            for (name, hook) in script.hooks() {
                coverage.branches.insert(ran(rule, name, hook.line), 0);
            }
            let Some(observed) = script.observed(&rule.file) else { continue };
            for number in 0..observed.marks.conditions.len() {
                for way in [Way::Holds, Way::Fails] {
                    coverage.branches.extend(condition(rule, observed, number, way).map(|branch| (branch, 0)));
                }
            }
            coverage
                .branches
                .extend((0..observed.marks.arms.len()).filter_map(|number| arm(rule, observed, number)).map(|branch| (branch, 0)));
        }
        coverage
    }

    /// Adds what another run took.
    pub fn add(&mut self, other: &Self) {
        for (branch, count) in &other.branches {
            *self.branches.entry(branch.clone()).or_default() += count;
        }
    }

    /// Taken branches and all branches, of one rule or of all.
    #[must_use]
    pub fn share(&self, rule: Option<&str>) -> (usize, usize) {
        let of_rule = || self.branches.iter().filter(|(branch, _)| rule.is_none_or(|rule| branch.rule == rule));
        (of_rule().filter(|(_, count)| **count > 0).count(), of_rule().count())
    }

    /// Notes the way that one hook of a rule took.
    pub(crate) fn note(&mut self, rule: &Rule, hook: &str, line: usize, observed: Option<&Observed>, trail: &[Event]) {
        let taken = std::iter::once(Some(ran(rule, hook, line))).chain(trail.iter().map(|event| {
            let observed = observed?;
            match event {
                Event::If(number, true) => condition(rule, observed, *number, Way::Holds),
                Event::If(number, false) => condition(rule, observed, *number, Way::Fails),
                Event::Arm(number) => arm(rule, observed, *number),
                Event::Leaf(..) => None,
            }
        }));
        for branch in taken.flatten() {
            *self.branches.entry(branch).or_default() += 1;
        }
    }
}

fn ran(rule: &Rule, hook: &str, line: usize) -> Branch {
    Branch { rule: rule.id.clone(), line, column: 1, way: Way::Ran, text: hook.to_owned() }
}

fn condition(rule: &Rule, observed: &Observed, number: usize, way: Way) -> Option<Branch> {
    branch(rule, observed.marks.conditions.get(number)?.span.clone(), way)
}

fn arm(rule: &Rule, observed: &Observed, number: usize) -> Option<Branch> {
    branch(rule, observed.marks.arms.get(number)?.clone(), Way::Arm)
}

fn branch(rule: &Rule, span: std::ops::Range<usize>, way: Way) -> Option<Branch> {
    let (line, column) = rule.file.line_column(span.start);
    let text = rule.file.text.get(span)?.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(Branch { rule: rule.id.clone(), line, column, way, text })
}
