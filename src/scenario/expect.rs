//! What a scenario expects, held against an answer.

use std::collections::BTreeSet;
use std::ops::Range;

use super::file::Placed;
use crate::recommend::Answer;

/// An expectation that is not met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// What was expected, and what is.
    pub message: String,
    /// The expectation's bytes in the scenario's file.
    pub span: Range<usize>,
}

/// Rules by what they did to the hardware of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fired {
    /// Rules that changed a score or a weight, or gave a reason.
    pub fired: BTreeSet<String>,
    /// Rules that were considered on some hardware, those that fired among them.
    pub considered: BTreeSet<String>,
}

impl Fired {
    /// What the traces of an answer say.
    pub(super) fn of(answer: &Answer) -> Self {
        let fired: BTreeSet<String> = answer.excluded.iter().map(|one| one.rule.clone()).filter(|rule| rule != "limit").collect();
        let weighed = answer.notes.iter().filter_map(|note| super::body::weighed(note)).map(|(rule, _)| rule.to_owned());
        let fired: BTreeSet<String> = fired.into_iter().chain(weighed).collect();
        let mut all = Self { considered: fired.clone(), fired };
        for step in answer.recommendations.iter().flat_map(|one| &one.trace) {
            if let Some(rule) = &step.rule {
                all.considered.insert(rule.clone());
                if step.fired {
                    all.fired.insert(rule.clone());
                }
            }
        }
        all
    }
}

/// What an answer is held against.
pub(super) struct Checked<'a> {
    pub answer: &'a Answer,
    pub fired: &'a Fired,
    /// Ids of the rule set's rules.
    pub rules: Vec<&'a str>,
    /// Labels of all hardware in the rows.
    pub hardware: Vec<String>,
}

/// Gathers what is not met.
#[derive(Default)]
pub(super) struct Found(pub Vec<Unmet>);

impl Found {
    fn add(&mut self, span: &Range<usize>, message: impl Into<String>) {
        self.0.push(Unmet { message: message.into(), span: span.clone() });
    }
}

impl super::file::Expect {
    /// Everything of the answer that is not as expected; `decisive` and `exit` are held elsewhere.
    pub(super) fn unmet(&self, checked: &Checked<'_>) -> Vec<Unmet> {
        let mut found = Found::default();
        self.ranking(checked, &mut found);
        self.out(checked, &mut found);
        self.rules(checked, &mut found);
        for note in &self.note {
            if !checked.answer.notes.iter().any(|said| said.contains(&note.value)) {
                found.add(&note.span, format!("no note has the text `{}`{}", note.value, notes(checked.answer)));
            }
        }
        found.0
    }

    fn ranking(&self, checked: &Checked<'_>, found: &mut Found) {
        let list = &checked.answer.recommendations;
        let rank = |hardware: &str| list.iter().find(|one| one.hardware == hardware).map(|one| one.rank);
        if let Some(winner) = &self.winner {
            match list.first() {
                Some(first) if first.hardware == winner.value => {}
                Some(first) => found.add(
                    &winner.span,
                    format!("the winner is {}, expected {}{}", first.hardware, winner.value, where_is(checked, &winner.value)),
                ),
                None => found.add(&winner.span, format!("nothing is ranked, expected {} to win", winner.value)),
            }
        }
        let mut before: Option<(&str, usize)> = None;
        for hardware in &self.order {
            match rank(&hardware.value) {
                None => found.add(&hardware.span, format!("{} is not ranked{}", hardware.value, where_is(checked, &hardware.value))),
                Some(rank) => {
                    if let Some((above, higher)) = before.filter(|(_, higher)| *higher > rank) {
                        found.add(&hardware.span, format!("{} is at {rank} and {above} at {higher}, expected it below", hardware.value));
                    }
                    before = Some((&hardware.value, rank));
                }
            }
        }
        for (hardware, expected) in &self.score {
            match list.iter().find(|one| one.hardware == *hardware) {
                None => found.add(&expected.span, format!("{hardware} is not ranked{}", where_is(checked, hardware))),
                // Scores have 12 decimals: what is off by the last of them is as far off as was said.
                Some(one) if (one.score - expected.value).abs() <= self.tolerance + 1e-12 => {}
                Some(one) => found.add(
                    &expected.span,
                    format!("the score of {hardware} is {}, expected {} within {}", one.score, expected.value, self.tolerance),
                ),
            }
        }
    }

    fn out(&self, checked: &Checked<'_>, found: &mut Found) {
        let answer = checked.answer;
        let is_ranked = |hardware: &str| answer.recommendations.iter().any(|one| one.hardware == hardware);
        let is_excluded = |hardware: &str| answer.excluded.iter().any(|one| one.hardware == hardware);
        for hardware in self.excluded.iter().filter(|hardware| !is_excluded(&hardware.value)) {
            found.add(&hardware.span, format!("{} is not excluded{}", hardware.value, where_is(checked, &hardware.value)));
        }
        for hardware in &self.absent {
            if is_ranked(&hardware.value) || is_excluded(&hardware.value) {
                found.add(&hardware.span, format!("{} is there{}", hardware.value, where_is(checked, &hardware.value)));
            } else if !checked.hardware.contains(&hardware.value) {
                // A name that the rows do not have is absent from everything: most likely it is misspelt.
                found.add(
                    &hardware.span,
                    format!("no row is of {}, so that it says nothing{}", hardware.value, alike(&hardware.value, &checked.hardware)),
                );
            }
        }
    }

    fn rules(&self, checked: &Checked<'_>, found: &mut Found) {
        let fired = &checked.fired.fired;
        for rule in self.fired.iter().chain(&self.silent).chain(&self.decisive) {
            if !checked.rules.contains(&rule.value.as_str()) {
                let near = crate::error::nearest(&rule.value, checked.rules.iter().copied());
                let help = if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(", ")) };
                found.add(&rule.span, format!("the rule set has no rule `{}`{help}", rule.value));
            }
        }
        let known = |rule: &&Placed<String>| checked.rules.contains(&rule.value.as_str());
        for rule in self.fired.iter().filter(known).filter(|rule| !fired.contains(&rule.value)) {
            let others: Vec<&str> = fired.iter().map(String::as_str).collect();
            let others = if others.is_empty() { "no rule did".to_owned() } else { format!("{} did", others.join(", ")) };
            found.add(&rule.span, format!("rule `{}` did not fire ({others})", rule.value));
        }
        for rule in self.silent.iter().filter(known).filter(|rule| fired.contains(&rule.value)) {
            let list = &checked.answer.recommendations;
            let by = |one: &&crate::recommend::answer::Recommendation| {
                one.trace.iter().any(|step| step.fired && step.rule.as_deref() == Some(rule.value.as_str()))
            };
            let on = list.iter().find(by).map(|one| one.hardware.as_str());
            let on = on.or_else(|| checked.answer.excluded.iter().find(|one| one.rule == rule.value).map(|one| one.hardware.as_str()));
            found.add(&rule.span, format!("rule `{}` fired{}", rule.value, on.map(|on| format!(" on {on}")).unwrap_or_default()));
        }
    }
}

/// Where hardware stands that stands elsewhere than expected.
fn where_is(checked: &Checked<'_>, hardware: &str) -> String {
    let answer = checked.answer;
    if let Some(one) = answer.recommendations.iter().find(|one| one.hardware == hardware) {
        return format!(": it is at {}", one.rank);
    }
    if let Some(one) = answer.excluded.iter().find(|one| one.hardware == hardware) {
        return format!(": it is excluded by {}: {}", one.rule, one.reason);
    }
    if let Some(one) = answer.not_scored.iter().find(|one| one.hardware == hardware) {
        return format!(": it is not scored: {}", one.reason);
    }
    if checked.hardware.iter().any(|label| label == hardware) {
        return ": none of its rows is asked for".to_owned();
    }
    format!(": no row is of it{}", alike(hardware, &checked.hardware))
}

fn alike(hardware: &str, known: &[String]) -> String {
    let near = crate::error::nearest(hardware, known.iter().map(String::as_str));
    if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(", ")) }
}

fn notes(answer: &Answer) -> String {
    if answer.notes.is_empty() { ": there is none".to_owned() } else { format!(": they are `{}`", answer.notes.join("`, `")) }
}
