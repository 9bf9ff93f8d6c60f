//! Operators: what they come to on each kind of value, and when they come to an error.

use rhai::Position;

use super::bounds::Bounds;
use super::nodes::{Function, Id, Sign};
use super::state::State;
use super::value::{Kind, MOST_CASES, Part, Value};
use super::walk::{Walk, Walked};

/// What an operation comes to on one kind of values.
pub(super) enum Outcome {
    /// A value; an error where the condition holds.
    Value(Kind, Option<Id>),
    /// An error, always.
    Error,
    /// It cannot be said in SQL: why.
    Refused(String),
}

use Outcome::{Error, Refused};

/// Why a text is not put together.
pub(super) const TOO_LONG: &str = "a text that could exceed `string` of [sandbox]";

impl Outcome {
    fn sure(kind: Kind) -> Self {
        Self::Value(kind, None)
    }
}

impl Walk<'_, '_> {
    /// Does something with each combination of the kinds of values.
    pub(super) fn combine(
        &mut self,
        values: &[&Value],
        position: Position,
        state: &mut State,
        mut operation: impl FnMut(&mut Self, &[Kind], &mut State, Id) -> Outcome,
    ) -> Walked<Value> {
        if state.is_dead(self.nodes) {
            return Ok(Value::never());
        }
        let mut ways: Vec<(Id, Vec<Kind>)> = vec![(self.nodes.truth(true), Vec::new())];
        for value in values {
            let value = value.under(self.nodes, state.live);
            let mut next = Vec::new();
            for (condition, before) in &ways {
                for (when, kind) in &value.cases {
                    let condition = self.nodes.and(&[*condition, *when]);
                    if self.nodes.as_truth(condition) != Some(false) {
                        next.push((condition, before.iter().cloned().chain([kind.clone()]).collect()));
                    }
                }
            }
            if next.len() > MOST_CASES {
                return self.refuse(position, "values of too many kinds");
            }
            ways = next;
        }
        let mut cases = Vec::new();
        for (condition, kinds) in ways {
            match operation(self, &kinds, state, condition) {
                Outcome::Value(kind, fails) => {
                    if let Some(fails) = fails {
                        let fails = self.nodes.and(&[condition, fails]);
                        self.suspect(state, fails);
                    }
                    cases.push((condition, kind));
                }
                Error => self.suspect(state, condition),
                Refused(why) => return self.refuse(position, why),
            }
        }
        if cases.is_empty() {
            state.live = self.nodes.truth(false);
        }
        Ok(Value::of(self.nodes, cases))
    }

    /// `a sign b`
    pub(super) fn operate(&mut self, sign: &str, a: &Value, b: &Value, position: Position, state: &mut State) -> Walked<Value> {
        self.combine(&[a, b], position, state, |walk, kinds, _, _| walk.operate_kinds(sign, &kinds[0], &kinds[1]))
    }

    fn operate_kinds(&mut self, sign: &str, a: &Kind, b: &Kind) -> Outcome {
        match sign {
            "==" => self.equal(a, b, false),
            "!=" => self.equal(a, b, true),
            "<" => self.ordered(Sign::Less, a, b, false),
            "<=" => self.ordered(Sign::LessOrEqual, a, b, false),
            ">" => self.ordered(Sign::Less, b, a, false),
            ">=" => self.ordered(Sign::LessOrEqual, b, a, false),
            "+" | "-" | "*" | "/" | "%" | "**" => self.arithmetic(sign, a, b),
            ".." | "..=" => match (a, b) {
                (Kind::Integer(from), Kind::Integer(to)) => Outcome::sure(Kind::Range(*from, *to, sign == "..=")),
                _ => Refused("a range of other than integers".to_owned()),
            },
            _ => Refused(format!("the operator `{sign}`")),
        }
    }

    /// `a == b`
    pub(super) fn equal(&mut self, a: &Kind, b: &Kind, negated: bool) -> Outcome {
        let truth = |walk: &mut Self, truth: bool| Outcome::sure(Kind::Truth(walk.nodes.truth(truth != negated)));
        match (a, b) {
            (_, Kind::Missing) => truth(self, *a == Kind::Missing),
            (Kind::Missing, _) => Error,
            (Kind::Truth(a), Kind::Truth(b)) => {
                let same = self.nodes.compare(Sign::Equal, *a, *b);
                Outcome::sure(Kind::Truth(if negated { self.nodes.not(same) } else { same }))
            }
            (Kind::Template(parts), other) | (other, Kind::Template(parts)) if self.is_empty_text(other) => {
                let empty = self.empty(parts);
                Outcome::sure(Kind::Truth(if negated { self.nodes.not(empty) } else { empty }))
            }
            _ => self.ordered(Sign::Equal, a, b, negated),
        }
    }

    fn is_empty_text(&self, kind: &Kind) -> bool {
        matches!(kind, Kind::Text(id) if self.nodes.as_text(*id).is_some_and(|text| text.is_empty()))
    }

    /// Whether a text with values in it is empty.
    pub(super) fn empty(&mut self, parts: &[Part]) -> Id {
        let nothing = self.nodes.text("");
        let mut each = Vec::new();
        for part in parts {
            match part {
                Part::Text(text) if text.is_empty() => {}
                Part::Value(id) if self.nodes.kind(*id) == super::nodes::Type::Text => {
                    each.push(self.nodes.compare(Sign::Equal, *id, nothing));
                }
                _ => return self.nodes.truth(false),
            }
        }
        self.nodes.and(&each)
    }

    fn ordered(&mut self, sign: Sign, a: &Kind, b: &Kind, negated: bool) -> Outcome {
        let (a, b) = match (a, b) {
            (Kind::Integer(a), Kind::Integer(b)) => (*a, *b),
            (Kind::Integer(_) | Kind::Number(_), Kind::Integer(_) | Kind::Number(_)) => {
                let (Some(a), Some(b)) = (self.as_number(a), self.as_number(b)) else { return Error };
                (a, b)
            }
            (Kind::Text(_) | Kind::Template(_), Kind::Text(_) | Kind::Template(_)) => match (self.as_text(a), self.as_text(b)) {
                (Ok(a), Ok(b)) => (a, b),
                (Err(why), _) | (_, Err(why)) => return Refused(why),
            },
            (Kind::List(_) | Kind::Map(_) | Kind::Pair | Kind::Request | Kind::Params | Kind::Range(..), _)
            | (_, Kind::List(_) | Kind::Map(_) | Kind::Pair | Kind::Request | Kind::Params | Kind::Range(..)) => {
                return Refused(format!("a comparison of {} with {}", a.words(), b.words()));
            }
            _ => return Error,
        };
        let holds = self.nodes.compare(sign, a, b);
        Outcome::sure(Kind::Truth(if negated { self.nodes.not(holds) } else { holds }))
    }

    /// A number, or an integer as one.
    pub(super) fn as_number(&mut self, kind: &Kind) -> Option<Id> {
        match kind {
            Kind::Number(id) => Some(*id),
            Kind::Integer(id) => Some(self.nodes.as_float(*id)),
            _ => None,
        }
    }

    /// A text as one node; why not, when it cannot be one.
    pub(super) fn as_text(&mut self, kind: &Kind) -> Result<Id, String> {
        match kind {
            Kind::Text(id) => Ok(*id),
            Kind::Template(parts) => {
                let is_number = |part: &Part| matches!(part, Part::Value(id) if self.nodes.kind(*id) == super::nodes::Type::Number);
                if parts.iter().any(is_number) {
                    return Err("a text with a number in it, used as more than a reason".to_owned());
                }
                Ok(self.nodes.said(parts))
            }
            other => Err(format!("{} where a text is expected", other.words())),
        }
    }

    fn arithmetic(&mut self, sign: &str, a: &Kind, b: &Kind) -> Outcome {
        match (a, b) {
            (Kind::Integer(a), Kind::Integer(b)) => self.whole(sign, *a, *b),
            (Kind::Integer(_) | Kind::Number(_), Kind::Integer(_) | Kind::Number(_)) => {
                let (Some(a), Some(b)) = (self.as_number(a), self.as_number(b)) else { return Error };
                self.number(sign, a, b)
            }
            (Kind::Text(_) | Kind::Template(_), other) | (other, Kind::Text(_) | Kind::Template(_)) if sign == "+" => match other {
                Kind::Missing => Error,
                Kind::Integer(_) | Kind::Number(_) | Kind::Text(_) | Kind::Template(_) => {
                    let parts = |walk: &Self, kind: &Kind| match kind {
                        Kind::Template(parts) => parts.to_vec(),
                        kind => kind.node().map(|id| walk.nodes.as_text(id).map_or(Part::Value(id), Part::Text)).into_iter().collect(),
                    };
                    let whole: Vec<Part> = parts(self, a).into_iter().chain(parts(self, b)).collect();
                    if self.nodes.longest(&whole) > self.script.limits.string as f64 {
                        return Refused(TOO_LONG.to_owned());
                    }
                    Outcome::sure(Kind::Template(whole.into()))
                }
                _ => Refused(format!("a text and {} together", other.words())),
            },
            (
                Kind::Missing | Kind::Truth(_) | Kind::Integer(_) | Kind::Number(_),
                Kind::Missing | Kind::Truth(_) | Kind::Integer(_) | Kind::Number(_),
            ) => Error,
            _ => Refused(format!("`{sign}` of {} and {}", a.words(), b.words())),
        }
    }

    /// Arithmetic of two numbers: what is not finite is an error.
    fn number(&mut self, sign: &str, a: Id, b: Id) -> Outcome {
        let (left, right) = (self.nodes.bounds(a), self.nodes.bounds(b));
        let divisor = !right.has_zero();
        let (function, bounds) = match sign {
            "+" => (Function::Add, left.corners(right, |a, b| a + b)),
            "-" => (Function::Subtract, left.corners(right, |a, b| a - b)),
            "*" => (Function::Multiply, left.corners(right, |a, b| a * b)),
            "/" if divisor => (Function::Divide, left.corners(right, |a, b| a / b)),
            "/" => (Function::Divide, Bounds::new(f64::NEG_INFINITY, f64::INFINITY)),
            "%" if divisor => (Function::Remainder, Bounds::new(left.least.min(0.0), left.most.max(0.0))),
            "%" => (Function::Remainder, Bounds::new(f64::NEG_INFINITY, f64::INFINITY)),
            _ => (Function::Power, Bounds::new(f64::NEG_INFINITY, f64::INFINITY)),
        };
        self.finite(function, &[a, b], bounds)
    }

    /// A function whose result is an error where it is not finite.
    pub(super) fn finite(&mut self, function: Function, parts: &[Id], bounds: Bounds) -> Outcome {
        let value = self.nodes.apply(function, parts, super::nodes::Type::Number, bounds.clamp(f64::MIN, f64::MAX));
        if self.nodes.is_constant(value) && self.nodes.as_number(value).is_none_or(|number| !number.is_finite()) {
            return Error;
        }
        let fails = (!bounds.is_finite() && !self.nodes.is_constant(value)).then(|| {
            let finite = self.nodes.apply(Function::Finite, &[value], super::nodes::Type::Truth, Bounds::NONE);
            self.nodes.not(finite)
        });
        Outcome::Value(Kind::Number(value), fails)
    }

    /// Arithmetic of two integers: what is out of range is an error, and so is a division by zero.
    pub(super) fn whole(&mut self, sign: &str, a: Id, b: Id) -> Outcome {
        let (left, right) = (self.nodes.bounds(a), self.nodes.bounds(b));
        let all = Bounds::new(i64::MIN as f64, i64::MAX as f64);
        let (function, bounds) = match sign {
            "+" => (Function::AddWhole, left.corners(right, |a, b| a + b)),
            "-" => (Function::SubtractWhole, left.corners(right, |a, b| a - b)),
            "*" => (Function::MultiplyWhole, left.corners(right, |a, b| a * b)),
            "/" if self.divides(b) && left.is_whole() => (Function::DivideWhole, left.corners(right, |a, b| (a / b).trunc())),
            "/" => (Function::DivideWhole, all),
            "%" if self.divides(b) && left.is_whole() => (Function::RemainderWhole, Bounds::new(left.least.min(0.0), left.most.max(0.0))),
            "%" => (Function::RemainderWhole, all),
            _ => return self.whole_power(a, b),
        };
        let bounds = bounds.widened();
        let whole = bounds.is_whole();
        let bounds = if whole { bounds } else { bounds.clamp(all.least, all.most) };
        let value = self.nodes.apply(function, &[a, b], super::nodes::Type::Integer, bounds);
        let fails = (!whole && !self.nodes.is_constant(value)).then(|| self.nodes.missing(value));
        Outcome::Value(Kind::Integer(value), fails)
    }

    /// Whether an integer is a constant that can be divided by without an error.
    fn divides(&self, by: Id) -> bool {
        self.nodes.as_integer(by).is_some_and(|by| by != 0)
    }

    fn whole_power(&mut self, a: Id, b: Id) -> Outcome {
        match self.nodes.as_integer(b) {
            Some(0) => Outcome::sure(Kind::Integer(self.nodes.integer(1))),
            Some(1) => Outcome::sure(Kind::Integer(a)),
            Some(2) => self.whole("*", a, a),
            Some(negative) if negative < 0 => Error,
            _ => Refused("an integer to a power that is not 0, 1 or 2".to_owned()),
        }
    }
}
