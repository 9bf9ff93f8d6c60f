//! A row of a query as what the interpreter would say of it.

use std::collections::HashMap;

use rhai::Dynamic;

use super::nodes::{Column, Id, Node};
use super::segment::{Compiled, HookAt, Output};
use super::value::Part;
use crate::rules::fields::{FieldValue, PAIR};
use crate::rules::interpret::{self, Outcome};
use crate::rules::records::{Pair, RuleRequest, Verdict};
use crate::rules::set::RuleSet;

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    /// NULL
    Missing,
    Truth(bool),
    Integer(i64),
    Number(f64),
    Text(String),
}

impl From<FieldValue<'_>> for Cell {
    fn from(value: FieldValue<'_>) -> Self {
        match value {
            FieldValue::Missing => Self::Missing,
            FieldValue::Integer(integer) => Self::Integer(integer),
            FieldValue::Number(number) => Self::Number(number),
            FieldValue::Text(text) => Self::Text(text.to_owned()),
            FieldValue::Boolean(truth) => Self::Truth(truth),
        }
    }
}

/// A pair on its way through the segments.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    /// The score so far.
    pub(crate) score: f64,
    /// What the hooks came to; those that were not run have nothing.
    pub(crate) outcomes: Vec<(HookAt, Outcome)>,
    /// Whether a hook took it out.
    pub(crate) excluded: bool,
    /// Whether the whole of it must be interpreted.
    pub(crate) suspect: bool,
}

impl Progress {
    /// Before any rule.
    pub(crate) fn new(suitability: f64) -> Self {
        Self { score: suitability, outcomes: Vec::new(), excluded: false, suspect: false }
    }

    /// Whether further hooks come to it.
    pub(crate) fn goes_on(&self) -> bool {
        !self.suspect && !self.excluded
    }

    /// Takes over what a hook came to.
    pub(crate) fn note(&mut self, at: HookAt, outcome: Outcome) {
        self.excluded |= matches!(outcome, Outcome::Excluded(_));
        if let Outcome::Adjusted(score, ..) = &outcome {
            self.score = *score;
        }
        self.outcomes.push((at, outcome));
    }

    /// The hook that took it out, and why; `None` when none did.
    pub(crate) fn exclusion(self) -> Option<(HookAt, String)> {
        self.outcomes.into_iter().find_map(|(at, outcome)| if let Outcome::Excluded(reason) = outcome { Some((at, reason)) } else { None })
    }

    /// The verdict; `None` when it must be interpreted.
    pub(crate) fn verdict(self, rules: &RuleSet, pair: &Pair, suitability: f64, request: &RuleRequest) -> Option<Verdict> {
        if self.suspect {
            return None;
        }
        let mut outcomes = self.outcomes.into_iter().peekable();
        let verdict = interpret::verdict(rules, pair, suitability, request, |rule, _, _, score| {
            let wanted = |at: &HookAt| at.adjusts == score.is_some() && rules.rules.get(at.rule).is_some_and(|known| known.id == rule.id);
            outcomes.next_if(|(at, _)| wanted(at)).map(|(_, outcome)| outcome).ok_or(())
        });
        verdict.ok()
    }
}

/// Reads the rows of one query.
pub(crate) struct Reader<'a> {
    compiled: &'a Compiled,
    rules: &'a RuleSet,
    places: HashMap<Id, usize>,
}

impl<'a> Reader<'a> {
    /// Of the columns of [`Compiled::roots`] for [`Output::Verdicts`].
    pub(crate) fn new(compiled: &'a Compiled, rules: &'a RuleSet) -> Self {
        let roots = compiled.roots(Output::Verdicts);
        let places = roots.iter().enumerate().rev().map(|(place, (_, id))| (*id, place)).collect();
        Self { compiled, rules, places }
    }

    /// Takes over a row: `cells` are those of [`Compiled::roots`] in their order.
    pub(crate) fn read(&self, cells: &[Cell], pair: &Pair, progress: &mut Progress) {
        if self.follow(cells, pair, progress).is_none() {
            progress.suspect = true;
        }
    }

    /// `None` when the pair must be interpreted.
    fn follow(&self, cells: &[Cell], pair: &Pair, progress: &mut Progress) -> Option<()> {
        let field = |at: usize| Cell::from((PAIR[at].get)(pair));
        let (Some(Cell::Integer(excluded)), Some(Cell::Truth(false))) = (cells.first(), cells.get(1)) else { return None };
        let excluded = usize::try_from(*excluded).ok();
        for (place, (at, outcome)) in self.compiled.hooks.iter().enumerate() {
            let rule = self.rules.rules.get(at.rule)?;
            let types = &rule.when.hardware_types;
            if !types.is_empty() && !types.contains(&pair.hardware_type) {
                continue;
            }
            let line = self.integer(outcome.line, cells, &field)?;
            let line = usize::try_from(line).ok()?;
            let reason = match usize::try_from(self.integer(outcome.branch, cells, &field)?) {
                Ok(branch) => Some(self.text(outcome.reasons.get(branch)?, cells, &field)?),
                Err(_) => None,
            };
            if !at.adjusts {
                if excluded == Some(place) {
                    progress.note(*at, Outcome::Excluded(reason?));
                    return Some(());
                }
                progress.note(*at, Outcome::Passed(line));
                continue;
            }
            let Cell::Number(score) = self.cell(outcome.score?, cells, &field)? else { return None };
            progress.note(*at, Outcome::Adjusted(score, reason.filter(|reason| !reason.trim().is_empty()), line));
        }
        Some(())
    }

    fn integer(&self, id: Id, cells: &[Cell], field: &dyn Fn(usize) -> Cell) -> Option<i64> {
        if let Cell::Integer(integer) = self.cell(id, cells, field)? { Some(integer) } else { None }
    }

    /// The value of a node on a row.
    fn cell(&self, id: Id, cells: &[Cell], field: &dyn Fn(usize) -> Cell) -> Option<Cell> {
        Some(match self.compiled.nodes.get(id) {
            Node::Truth(truth) => Cell::Truth(*truth),
            Node::Integer(integer) => Cell::Integer(*integer),
            Node::Number(bits) => Cell::Number(f64::from_bits(*bits)),
            Node::Text(text) => Cell::Text(text.to_string()),
            Node::Column(Column::Field(at)) => field(*at),
            _ => cells.get(*self.places.get(&id)?)?.clone(),
        })
    }

    /// A text with the values in it, written as the engine writes them; `None` when it is beyond the limit.
    fn text(&self, parts: &[Part], cells: &[Cell], field: &dyn Fn(usize) -> Cell) -> Option<String> {
        let mut whole = String::new();
        for part in parts {
            match part {
                Part::Text(text) => whole.push_str(text),
                Part::Value(id) => match self.cell(*id, cells, field)? {
                    Cell::Missing => return None,
                    Cell::Truth(truth) => whole.push_str(&truth.to_string()),
                    Cell::Integer(integer) => whole.push_str(&integer.to_string()),
                    Cell::Number(number) => whole.push_str(&Dynamic::from_float(number).to_string()),
                    Cell::Text(text) => whole.push_str(&text),
                },
            }
        }
        (whole.len() <= self.rules.limits.string).then_some(whole)
    }
}
