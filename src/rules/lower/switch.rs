//! `switch`: arms with a literal first, then those with a range, then the one for all others.

use rhai::{Expr, Position, SwitchCasesCollection};

use super::nodes::{Id, Sign};
use super::state::State;
use super::value::{Kind, Value};
use super::walk::{Walk, Walked};
use crate::rules::reach::labels::{self, Label};

impl<'a> Walk<'a, '_> {
    pub(super) fn switch(
        &mut self,
        on: &'a Expr,
        cases: &'a SwitchCasesCollection,
        position: Position,
        state: &mut State,
    ) -> Walked<Value> {
        if matches!(on, Expr::Stmt(_)) {
            return self.refuse(position, "a `switch` on a block");
        }
        let Some(arms) = labels::read(&self.rule.file, cases, position) else {
            return self.refuse(position, "a `switch` whose labels cannot be read");
        };
        let ranged = |label: &Label| matches!(label, Label::Integers(..));
        let value = self.expression(on, state)?;
        let mut order: Vec<(usize, Vec<&Label>)> = Vec::new();
        for ranges in [false, true] {
            for (at, arm) in arms.iter().enumerate() {
                let labels: Vec<&Label> = arm.labels.iter().filter(|label| ranged(label) == ranges).collect();
                if labels.contains(&&Label::Unknown) {
                    return self.refuse(position, "a `switch` with a label that is no text, integer or truth value");
                }
                if !labels.is_empty() {
                    order.push((at, labels));
                }
            }
        }
        self.arms(&order, cases, &value, position, state)
    }

    fn arms(
        &mut self,
        order: &[(usize, Vec<&Label>)],
        cases: &'a SwitchCasesCollection,
        value: &Value,
        position: Position,
        state: &mut State,
    ) -> Walked<Value> {
        if state.is_dead(self.nodes) {
            return Ok(Value::never());
        }
        let Some(((at, labels), rest)) = order.split_first() else {
            return match cases.def_case {
                Some(at) => self.expression(&cases.expressions[at].rhs, state),
                None => Ok(Value::missing(self.nodes)),
            };
        };
        let fits = self.fits(value, labels, position, state)?;
        let arm = &cases.expressions[*at];
        let guarded = !matches!(arm.lhs, Expr::BoolConstant(true, _));
        let mut taken = fits;
        if guarded {
            let no = self.nodes.truth(false);
            let no = Value::one(self.nodes, Kind::Truth(no));
            let guard = self.branch(
                fits,
                state,
                |walk, state| {
                    let holds = walk.condition(&arm.lhs, state)?;
                    Ok(Value::one(walk.nodes, Kind::Truth(holds)))
                },
                |_, _| Ok(no),
            )?;
            if state.is_dead(self.nodes) {
                return Ok(Value::never());
            }
            taken = self.truth(&guard, state);
        }
        self.branch(
            taken,
            state,
            |walk, state| walk.expression(&arm.rhs, state),
            |walk, state| walk.arms(rest, cases, value, position, state),
        )
    }

    /// Whether a value is one of the labels.
    fn fits(&mut self, value: &Value, labels: &[&Label], position: Position, state: &State) -> Walked<Id> {
        let value = value.under(self.nodes, state.live);
        let mut all = Vec::new();
        for (condition, kind) in &value.cases {
            let mut each = Vec::new();
            for label in labels {
                let one = match (label, kind) {
                    (Label::Missing, Kind::Missing) => self.nodes.truth(true),
                    (Label::Truth(truth), Kind::Truth(id)) => {
                        if *truth {
                            *id
                        } else {
                            self.nodes.not(*id)
                        }
                    }
                    (Label::Integer(integer), Kind::Integer(id)) => {
                        let integer = self.nodes.integer(*integer);
                        self.nodes.compare(Sign::Equal, *id, integer)
                    }
                    (Label::Text(text), Kind::Text(_) | Kind::Template(_)) => {
                        let text = self.nodes.text(text);
                        match self.as_text(kind) {
                            Ok(id) => self.nodes.compare(Sign::Equal, id, text),
                            Err(why) => return self.refuse(position, why),
                        }
                    }
                    (Label::Integers(from, to), Kind::Integer(id)) => {
                        let (from, to) = (self.nodes.integer(*from), self.nodes.integer(*to));
                        let (after, before) =
                            (self.nodes.compare(Sign::LessOrEqual, from, *id), self.nodes.compare(Sign::LessOrEqual, *id, to));
                        self.nodes.and(&[after, before])
                    }
                    (Label::Integers(..), Kind::Number(_))
                    | (_, Kind::List(_) | Kind::Map(_) | Kind::Range(..) | Kind::Pair | Kind::Request | Kind::Params) => {
                        return self.refuse(position, format!("a `switch` of {} over these labels", kind.words()));
                    }
                    _ => continue,
                };
                each.push(one);
            }
            let any = self.nodes.or(&each);
            all.push(self.nodes.and(&[*condition, any]));
        }
        Ok(self.nodes.or(&all))
    }
}
