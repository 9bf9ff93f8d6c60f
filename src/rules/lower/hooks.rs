//! What a hook comes to: for `exclude` whether it excludes and why, for `adjust` the new score and why.

use rhai::Position;

use super::bounds::{Bounds, NUMBER};
use super::nodes::{Function, Id, Nodes, Type};
use super::state::State;
use super::value::{Kind, Part, Value};
use super::walk::Walk;
use super::{Asked, Refusal};
use crate::rules::records::excluded_by;
use crate::rules::rule::Rule;
use crate::rules::script::{Hook, Script};

/// What a lowered hook comes to, by row.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Which rows may come to an error.
    pub(super) suspect: Id,
    /// Which rows it excludes; never, of `adjust`.
    pub(super) excludes: Id,
    /// The new score, of `adjust`.
    pub(super) score: Option<Id>,
    /// The line of the result taken.
    pub(super) line: Id,
    /// Which of the reasons; -1 for none.
    pub(super) branch: Id,
    /// `excluded by RULE: REASON` on rows that it excludes; `NULL` where only the interpreter can say it. Nothing, of `adjust`.
    pub(super) why: Id,
    /// The reasons.
    pub(super) reasons: Vec<Vec<Part>>,
}

/// One way to end.
struct Leaf {
    condition: Id,
    score: Option<Id>,
    reason: Option<Vec<Part>>,
}

/// Lowers one hook; `score` for `adjust`. Why not, when it cannot be.
pub(super) fn lower(
    nodes: &mut Nodes,
    rule: &Rule,
    script: &Script,
    hook: &Hook,
    asked: &Asked<'_>,
    score: Option<Id>,
) -> Result<Outcome, Refusal> {
    let live = nodes.truth(true);
    let mut state = State::new(nodes, live, hook.line);
    if let Some(score) = score {
        let value = Value::one(nodes, Kind::Number(score));
        state.declare("score", value);
    }
    for (name, kind) in [("pair", Kind::Pair), ("request", Kind::Request)] {
        let value = Value::one(nodes, kind);
        state.declare(name, value);
    }
    let walk = Walk::new(nodes, rule, script, asked);
    let (end, mut suspects) = walk.hook(hook.ast.statements(), state)?;
    let mut leaves = Vec::new();
    let first_line = nodes.integer(i64::try_from(hook.line).unwrap_or(0));
    let mut line = first_line;
    if let Some((state, value)) = end {
        if let Some(Kind::Integer(id)) = state.line.only() {
            line = *id;
        }
        for (condition, kind) in &value.under(nodes, state.live).cases {
            let condition = nodes.and(&[state.live, *condition]);
            let wrong = match score {
                None => exclude(nodes, condition, kind, &mut leaves),
                Some(_) => adjust(nodes, condition, kind, &mut leaves),
            };
            suspects.extend(wrong);
        }
    }
    if leaves.len() > MOST_LEAVES {
        return Err(Refusal::at(Position::NONE, "it has too many kinds of results"));
    }
    let why = why(nodes, &leaves, rule);
    Ok(outcome(nodes, &leaves, suspects, line, why, score.is_some()))
}

/// Which rule excludes, and why.
fn why(nodes: &mut Nodes, leaves: &[Leaf], rule: &Rule) -> Id {
    let by = excluded_by(&rule.id, "");
    let mut whys = Vec::new();
    for leaf in leaves.iter().filter(|leaf| leaf.score.is_none()) {
        let Some(reason) = &leaf.reason else { continue };
        let whole: Vec<Part> = std::iter::once(Part::Text(by.as_str().into())).chain(reason.iter().cloned()).collect();
        whys.push((leaf.condition, nodes.said(&whole)));
    }
    if whys.is_empty() { nodes.text("") } else { nodes.case(&whys) }
}

/// Kinds of results that are told apart.
const MOST_LEAVES: usize = 200;

fn outcome(nodes: &mut Nodes, leaves: &[Leaf], mut suspects: Vec<Id>, line: Id, why: Id, adjusts: bool) -> Outcome {
    let mut reasons: Vec<Vec<Part>> = Vec::new();
    let (mut branches, mut scores, mut excludes) = (Vec::new(), Vec::new(), Vec::new());
    for leaf in leaves {
        let number = match &leaf.reason {
            None => -1,
            Some(reason) => {
                let at = reasons.iter().position(|known| known == reason).unwrap_or_else(|| {
                    reasons.push(reason.clone());
                    reasons.len() - 1
                });
                excludes.push(leaf.condition);
                i64::try_from(at).unwrap_or(-1)
            }
        };
        branches.push((leaf.condition, nodes.integer(number)));
        if let Some(score) = leaf.score {
            scores.push((leaf.condition, score));
        }
    }
    let none = nodes.integer(-1);
    let branch = if branches.is_empty() { none } else { nodes.case(&branches) };
    let score = if !adjusts {
        None
    } else if scores.is_empty() {
        // Every row is one that fails.
        Some(nodes.number(0.0))
    } else {
        Some(nodes.case(&scores))
    };
    let excludes = if adjusts { nodes.truth(false) } else { nodes.or(&excludes) };
    suspects.dedup();
    Outcome { suspect: nodes.or(&suspects), excludes, score, line, branch, why, reasons }
}

/// One result of `exclude`; where it is one that cannot be.
fn exclude(nodes: &mut Nodes, condition: Id, kind: &Kind, leaves: &mut Vec<Leaf>) -> Option<Id> {
    match kind {
        Kind::Missing => {
            leaves.push(Leaf { condition, score: None, reason: None });
            None
        }
        Kind::Text(_) | Kind::Template(_) => {
            let parts = parts(nodes, kind);
            let filled = filled(nodes, &parts);
            let blank = nodes.not(filled);
            leaves.push(Leaf { condition, score: None, reason: Some(parts) });
            Some(nodes.and(&[condition, blank]))
        }
        _ => Some(condition),
    }
}

/// One result of `adjust`; where it is one that cannot be.
fn adjust(nodes: &mut Nodes, condition: Id, kind: &Kind, leaves: &mut Vec<Leaf>) -> Option<Id> {
    let Kind::Map(entries) = kind else {
        let Some((score, fails)) = rounded(nodes, kind) else { return Some(condition) };
        leaves.push(Leaf { condition, score: Some(score), reason: None });
        return fails.map(|fails| nodes.and(&[condition, fails]));
    };
    let entry = |name: &str| entries.iter().find(|(known, _)| known == name).map(|(_, value)| value);
    if entries.iter().any(|(name, _)| !["score", "reason"].contains(&name.as_str())) {
        return Some(condition);
    }
    let Some(score) = entry("score") else { return Some(condition) };
    let none = Value::missing(nodes);
    let reason = entry("reason").unwrap_or(&none);
    let mut wrong = Vec::new();
    for (when, kind) in &score.under(nodes, condition).cases {
        let when = nodes.and(&[condition, *when]);
        let Some((score, fails)) = rounded(nodes, kind) else {
            wrong.push(when);
            continue;
        };
        wrong.extend(fails.map(|fails| nodes.and(&[when, fails])));
        for (why, kind) in &reason.under(nodes, when).cases {
            let condition = nodes.and(&[when, *why]);
            match kind {
                Kind::Missing => leaves.push(Leaf { condition, score: Some(score), reason: None }),
                Kind::Text(_) | Kind::Template(_) => {
                    leaves.push(Leaf { condition, score: Some(score), reason: Some(parts(nodes, kind)) });
                }
                _ => wrong.push(condition),
            }
        }
    }
    (!wrong.is_empty()).then(|| nodes.or(&wrong))
}

/// A score as `adjust` gives it, to 12 decimals, and where that is not finite.
fn rounded(nodes: &mut Nodes, kind: &Kind) -> Option<(Id, Option<Id>)> {
    let score = match kind {
        Kind::Number(id) => *id,
        Kind::Integer(id) => nodes.as_float(*id),
        _ => return None,
    };
    if nodes.is_rounded(score) {
        return Some((score, None));
    }
    let bounds = nodes.bounds(score);
    let after = bounds.map(|score| (score * 1e12).round() / 1e12);
    if after.is_finite() && after.least >= -NUMBER && after.most <= NUMBER {
        return Some((nodes.apply(Function::Score, &[score], Type::Number, after), None));
    }
    // Beyond these a row is interpreted, so that the next rule knows what it is given.
    let value = nodes.apply(Function::Score, &[score], Type::Number, after.clamp(-NUMBER, NUMBER));
    if nodes.is_constant(value) {
        let number = nodes.as_number(value).unwrap_or(f64::NAN);
        return (number.abs() <= NUMBER).then_some((value, None));
    }
    let (least, most) = (nodes.number(-NUMBER), nodes.number(NUMBER));
    let above = nodes.compare(super::nodes::Sign::LessOrEqual, least, value);
    let below = nodes.compare(super::nodes::Sign::LessOrEqual, value, most);
    let inside = nodes.and(&[above, below]);
    Some((value, Some(nodes.not(inside))))
}

/// Scores below it, of either sign, stay as they are when they are rounded again.
const ROUNDED_ONCE: f64 = 1000.0;

impl Nodes {
    /// Whether it is a score that was rounded already, or one of several.
    fn is_rounded(&self, id: Id) -> bool {
        match self.get(id) {
            super::nodes::Node::Apply(Function::Score, _) => {
                let bounds = self.bounds(id);
                bounds.least >= -ROUNDED_ONCE && bounds.most <= ROUNDED_ONCE
            }
            super::nodes::Node::Case(arms, last) => arms.iter().all(|(_, value)| self.is_rounded(*value)) && self.is_rounded(*last),
            _ => false,
        }
    }
}

fn parts(nodes: &Nodes, kind: &Kind) -> Vec<Part> {
    match kind {
        Kind::Template(parts) => parts.to_vec(),
        kind => kind.node().map(|id| nodes.as_text(id).map_or(Part::Value(id), Part::Text)).into_iter().collect(),
    }
}

/// Whether a text surely has more than white space in it.
fn filled(nodes: &mut Nodes, parts: &[Part]) -> Id {
    let mut any = Vec::new();
    for part in parts {
        match part {
            Part::Text(text) if text.trim().is_empty() => {}
            Part::Value(id) if nodes.kind(*id) == Type::Text => any.push(nodes.apply(Function::Visible, &[*id], Type::Truth, Bounds::NONE)),
            _ => return nodes.truth(true),
        }
    }
    nodes.or(&any)
}
