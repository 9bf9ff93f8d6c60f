//! What the walks through a script have seen: which branches were taken, and what conditions came to.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use rhai::{Expr, FlowControl, FnCallExpr, Position, Stmt, SwitchCasesCollection};

use super::labels::Arm;
use super::say;
use super::value::Value;
use crate::rules::error::RuleErrorKind;
use crate::rules::faults::Faults;
use crate::rules::source::Source;
use crate::rules::text::span;

/// What a condition came to, over all walks.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) yes: bool,
    pub(super) no: bool,
    /// Whether it may come to an error instead.
    pub(super) fails: bool,
    /// What both sides of a comparison were.
    pub(super) sides: Option<(Value, Value)>,
}

impl Seen {
    fn add(&mut self, holds: bool) {
        self.yes |= holds;
        self.no |= !holds;
    }

    /// Whether it came to this alone.
    pub(super) fn only(&self, holds: bool) -> bool {
        if holds { self.yes && !self.no } else { self.no && !self.yes }
    }
}

/// An `if` that a row can come to.
struct Fork<'a> {
    flow: &'a FlowControl,
    yes: bool,
    no: bool,
}

/// A `switch` that a row can come to.
pub(super) struct Choice<'a> {
    pub(super) on: &'a Expr,
    pub(super) value: Value,
    pub(super) arms: Vec<(Range<usize>, bool)>,
    /// Which arm an earlier one without a condition leaves nothing to.
    pub(super) covered: Vec<bool>,
}

/// All that was seen.
#[derive(Default)]
pub(super) struct Notes<'a> {
    forks: BTreeMap<Position, Fork<'a>>,
    choices: BTreeMap<Position, Choice<'a>>,
    conditions: HashMap<usize, Seen>,
    live: BTreeSet<Position>,
    dead: BTreeMap<Position, &'a Stmt>,
}

/// Where an expression lives: the key under which its outcomes are kept.
fn key(expression: &Expr) -> usize {
    match expression {
        Expr::FnCall(call, _) => key_of_call(call),
        other => std::ptr::from_ref(other).addr(),
    }
}

fn key_of_call(call: &FnCallExpr) -> usize {
    std::ptr::from_ref(call).addr()
}

impl<'a> Notes<'a> {
    /// A row can come to a statement.
    pub(super) fn comes_to(&mut self, statement: &Stmt) {
        self.live.insert(statement.position());
    }

    /// Every way before a statement has ended.
    pub(super) fn never_comes_to(&mut self, statement: &'a Stmt) {
        self.dead.insert(statement.position(), statement);
    }

    /// An `if` goes one way.
    pub(super) fn branches_at(&mut self, flow: &'a FlowControl, position: Position, holds: bool) {
        let fork = self.forks.entry(position).or_insert(Fork { flow, yes: false, no: false });
        fork.yes |= holds;
        fork.no |= !holds;
    }

    /// A condition comes to this.
    pub(super) fn comes_out(&mut self, condition: &Expr, holds: bool) {
        self.conditions.entry(key(condition)).or_default().add(holds);
    }

    /// A comparison of these sides comes to this.
    pub(super) fn compares(&mut self, call: &FnCallExpr, holds: bool, left: &Value, right: &Value) {
        let seen = self.conditions.entry(key_of_call(call)).or_default();
        seen.add(holds);
        seen.sides = Some(match seen.sides.take() {
            None => (left.plain(), right.plain()),
            Some((a, b)) => (a.join(&left.plain()), b.join(&right.plain())),
        });
    }

    /// A comparison may come to an error.
    pub(super) fn fails_at(&mut self, call: &FnCallExpr) {
        self.conditions.entry(key_of_call(call)).or_default().fails = true;
    }

    /// What a condition came to.
    pub(super) fn seen(&self, condition: &Expr) -> Option<&Seen> {
        self.conditions.get(&key(condition))
    }

    /// A `switch` meets a value.
    pub(super) fn switches_at(&mut self, position: Position, on: &'a Expr, arms: &[Arm], cases: &SwitchCasesCollection, value: &Value) {
        let choice = self.choices.entry(position).or_insert_with(|| {
            let plain = |at: usize| matches!(cases.expressions[at].lhs, Expr::BoolConstant(true, _));
            let covered = |at: usize| {
                let earlier = || arms[..at].iter().enumerate().filter(|(at, _)| plain(*at)).flat_map(|(_, arm)| &arm.labels);
                !arms[at].labels.is_empty() && arms[at].labels.iter().all(|label| earlier().any(|other| other == label))
            };
            Choice {
                on,
                value: Value::default(),
                arms: arms.iter().map(|arm| (arm.span.clone(), false)).collect(),
                covered: (0..arms.len()).map(covered).collect(),
            }
        });
        choice.value = choice.value.join(&value.plain());
    }

    /// A `switch` takes an arm.
    pub(super) fn takes_arm(&mut self, position: Position, arm: usize) {
        if let Some(arm) = self.choices.get_mut(&position).and_then(|choice| choice.arms.get_mut(arm)) {
            arm.1 = true;
        }
    }

    /// Reports every branch that no row can take, the outermost only. `known`: whether all ways to a place were walked.
    pub(super) fn report(&self, file: &Arc<Source>, known: impl Fn(usize) -> bool, faults: &mut Faults) {
        // Asked once: a script may have a hundred thousand branches.
        let told = faults.unknown_values_in(file);
        let mut report = |span: Range<usize>, why: String, help: &str| {
            // A text that the field never has explains it, and has been told.
            if !known(span.start) || told.iter().any(|text| span.start <= text.start && text.end <= span.end) {
                return;
            }
            faults.add(file, span, RuleErrorKind::UnreachableBranch(why)).help = Some(help.to_owned());
        };
        for (position, fork) in &self.forks {
            if !fork.yes {
                let why = say::condition(self, &fork.flow.expr, false);
                report(condition_span(file, *position, fork.flow), why, "correct the condition, or delete the branch");
            } else if !fork.no && !fork.flow.branch.is_empty() {
                let why = say::condition(self, &fork.flow.expr, true);
                report(else_span(file, fork.flow), why, "correct the condition, or delete the branch");
            }
        }
        for choice in self.choices.values() {
            for (at, (span, taken)) in choice.arms.iter().enumerate() {
                // `_` is often there for the sake of having a value.
                if !taken && file.text.get(span.clone()) != Some("_") {
                    report(span.clone(), say::arm(choice, at, &file.text), "correct the arm, or delete it");
                }
            }
        }
        for (position, statement) in &self.dead {
            if !self.live.contains(position) {
                report(span(file, statement.position()), "every way before it returns".to_owned(), "delete what comes after the return");
            }
        }
    }
}

fn byte(file: &Source, position: Position) -> Option<usize> {
    Some(file.byte(position.line()?, position.position()?))
}

/// The bytes of the condition of an `if`: all between `if` and the brace.
fn condition_span(file: &Source, position: Position, flow: &FlowControl) -> Range<usize> {
    let whole = byte(file, position).zip(byte(file, flow.body.position())).and_then(|(start, end)| {
        let inner = file.text.get(start..end)?.strip_prefix("if")?;
        let from = end - inner.trim_start().len();
        Some(from..from + inner.trim().len())
    });
    whole.filter(|whole| !whole.is_empty()).unwrap_or_else(|| span(file, position))
}

/// The `else` of an `if`.
fn else_span(file: &Source, flow: &FlowControl) -> Range<usize> {
    let start = byte(file, flow.branch.position());
    let word = start.and_then(|start| {
        let before = file.text.get(..start)?.trim_end();
        before.ends_with("else").then(|| before.len() - 4..before.len())
    });
    word.unwrap_or_else(|| span(file, flow.branch.position()))
}
