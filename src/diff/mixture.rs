//! Rule sets between two: the one after with some of its edits put back.

use std::collections::BTreeSet;

use super::document::{Document, applied};
use super::edits::{Edit, Part, edits};
use crate::rules::{RULES, RuleErrors, RuleSet, SCORING};

/// Two rule sets and the edits that lead from one to the other, those coupled that only check together.
pub(super) struct Mixture<'a> {
    /// The edits; those that no score can hang on are among them.
    pub edits: Vec<Edit>,
    documents: [(Document, Document); 2],
    after: &'a RuleSet,
}

impl<'a> Mixture<'a> {
    /// The edits from `before` to `after`, none coupled yet.
    pub(super) fn new(before: &RuleSet, after: &'a RuleSet) -> Self {
        let text = |set: &RuleSet, name: &str| set.files.iter().find(|file| file.name == name).map_or("", |file| &file.text).to_owned();
        let document = |file| (Document::read(file, &text(before, file)), Document::read(file, &text(after, file)));
        Self { edits: edits(before, after), documents: [document(SCORING), document(RULES)], after }
    }

    /// Numbers of the edits that a score may hang on.
    pub(super) fn live(&self) -> BTreeSet<usize> {
        (0..self.edits.len()).filter(|at| !self.edits[*at].inert).collect()
    }

    /// The set after with these edits put back.
    pub(super) fn compile(&self, put_back: &BTreeSet<usize>) -> Result<RuleSet, RuleErrors> {
        let kept: Vec<&Part> =
            self.edits.iter().enumerate().filter(|(at, _)| !put_back.contains(at)).flat_map(|(_, edit)| &edit.parts).collect();
        let [scoring, rules] = &self.documents;
        let mut files =
            vec![(SCORING.to_owned(), applied(&scoring.0, &scoring.1, &kept)), (RULES.to_owned(), applied(&rules.0, &rules.1, &kept))];
        let scripts = self.after.files.iter().filter(|file| file.name.starts_with("rules/"));
        let mut scripts: Vec<(String, String)> = scripts.map(|file| (file.name.clone(), file.text.clone())).collect();
        for part in put_back.iter().flat_map(|at| &self.edits[*at].parts) {
            if let Part::Script { name, before, .. } = part {
                scripts.retain(|(known, _)| known != name);
                scripts.extend(before.clone().map(|text| (name.clone(), text)));
            }
        }
        files.extend(scripts);
        Ok(RuleSet { engine: self.after.engine, ..self.after.compile_like(&files)? })
    }

    /// Couples the edits that do not check one without the other: a parameter that goes, and the script that read it.
    pub(super) fn couple(&mut self) {
        while let Some(together) = self.at_odds() {
            let Some(first) = together.first().copied() else { return };
            let parts: Vec<Part> = together.iter().skip(1).flat_map(|at| self.edits[*at].parts.clone()).collect();
            self.edits[first].parts.extend(parts);
            let mut at = 0;
            self.edits.retain(|_| {
                at += 1;
                at - 1 == first || !together.contains(&(at - 1))
            });
        }
    }

    /// The first edits, at least two, of which none can be put back, or be done, without the others.
    fn at_odds(&self) -> Option<BTreeSet<usize>> {
        let live = self.live();
        for at in &live {
            let back = |set: &BTreeSet<usize>| self.compile(set).is_ok();
            let done = |set: &BTreeSet<usize>| self.compile(&live.difference(set).copied().collect()).is_ok();
            let alone = BTreeSet::from([*at]);
            let needed = if !back(&alone) {
                least(*at, &live, back)
            } else if !done(&alone) {
                least(*at, &live, done)
            } else {
                continue;
            };
            if needed.len() > 1 {
                return Some(needed);
            }
        }
        None
    }
}

/// A smallest set with `at` that holds: all of them, less each that it holds without.
fn least(at: usize, all: &BTreeSet<usize>, holds: impl Fn(&BTreeSet<usize>) -> bool) -> BTreeSet<usize> {
    // Mostly it is one other.
    if let Some(other) = all.iter().find(|other| **other != at && holds(&BTreeSet::from([at, **other]))) {
        return BTreeSet::from([at, *other]);
    }
    let mut set = all.clone();
    for other in all.iter().filter(|other| **other != at) {
        set.remove(other);
        if !holds(&set) {
            set.insert(*other);
        }
    }
    set
}
