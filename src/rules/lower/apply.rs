//! Functions of values, computed where the values are known.

use rhai::Dynamic;

use super::bounds::{Bounds, NUMBER, SHOWN};
use super::extents::{Extent, computed_with};
use super::nodes::{Column, Function, Id, Node, Nodes, Type};
use super::value::Part;
use crate::rules::fields::{FieldKind, PAIR};

impl Nodes {
    /// A field of the pair.
    pub(super) fn field(&mut self, at: usize) -> Id {
        let kind = match PAIR[at].kind {
            FieldKind::Integer => Type::Integer,
            FieldKind::Number => Type::Number,
            FieldKind::Text => Type::Text,
            FieldKind::Boolean => Type::Truth,
        };
        let bounds = match self.extents.field(at) {
            Extent::Within { bounds, .. } => bounds,
            Extent::Open | Extent::Absent => computed_with(at, usize::MAX),
        };
        self.add(Node::Column(Column::Field(at)), kind, bounds)
    }

    /// The score before these rules; `first` before any.
    pub(super) fn score(&mut self, first: bool) -> Id {
        let bounds = match self.extents.score() {
            Extent::Within { bounds, .. } => bounds,
            _ if first => Bounds::new(0.0, 1.0),
            _ => Bounds::new(-NUMBER, NUMBER),
        };
        self.add(Node::Column(Column::Score), Type::Number, bounds)
    }

    /// The most bytes of a text with values in it.
    pub(super) fn longest(&self, parts: &[Part]) -> f64 {
        let of = |part: &Part| match part {
            Part::Text(text) => text.len() as f64,
            Part::Value(id) if self.kind(*id) == Type::Text => self.bounds(*id).most,
            Part::Value(_) => SHOWN,
        };
        parts.iter().map(of).sum()
    }

    /// A text with values in it as one node; `NULL` where a number in it is one that SQL writes in another way.
    pub(super) fn said(&mut self, parts: &[Part]) -> Id {
        let longest = self.longest(parts);
        let mut texts: Vec<Id> = Vec::new();
        for part in parts {
            let one = match part {
                Part::Text(text) => self.text(text),
                Part::Value(id) => match self.kind(*id) {
                    Type::Text => *id,
                    Type::Number => self.apply(Function::NumberToText, &[*id], Type::Text, Bounds::new(0.0, SHOWN)),
                    Type::Integer | Type::Truth => self.apply(Function::ToText, &[*id], Type::Text, Bounds::new(0.0, SHOWN)),
                },
            };
            let before = texts.last().and_then(|last| self.as_text(*last));
            match (before, self.as_text(one)) {
                (Some(before), Some(text)) => {
                    texts.pop();
                    texts.push(self.text(&format!("{before}{text}")));
                }
                _ => texts.push(one),
            }
        }
        match texts.as_slice() {
            [] => self.text(""),
            [one] => *one,
            several => self.apply(Function::Join, several, Type::Text, Bounds::new(0.0, longest)),
        }
    }

    pub(super) fn as_float(&mut self, id: Id) -> Id {
        let bounds = self.bounds(id);
        self.apply(Function::ToNumber, &[id], Type::Number, bounds)
    }

    /// A function of parts; a constant where these are. Out of range integers stay as they are: they come to `NULL`.
    pub(super) fn apply(&mut self, function: Function, parts: &[Id], kind: Type, bounds: Bounds) -> Id {
        if let Some(constant) = self.folded(function, parts) {
            return constant;
        }
        self.add(Node::Apply(function, parts.into()), kind, bounds)
    }

    fn folded(&mut self, function: Function, parts: &[Id]) -> Option<Id> {
        match parts {
            [a] => self.folded_one(function, *a),
            [a, b] => self.folded_two(function, *a, *b),
            _ => None,
        }
    }

    fn folded_one(&mut self, function: Function, a: Id) -> Option<Id> {
        if let Some(integer) = self.as_integer(a) {
            return match function {
                Function::ToNumber => Some(self.number(integer as f64)),
                Function::ToText => Some(self.text(&integer.to_string())),
                _ => None,
            };
        }
        if let Some(text) = self.as_text(a) {
            return match function {
                Function::Length => Some(self.integer(i64::try_from(text.chars().count()).ok()?)),
                Function::Bytes => Some(self.integer(i64::try_from(text.len()).ok()?)),
                Function::Visible => Some(self.truth(text.chars().any(|c| c.is_ascii_graphic()))),
                _ => None,
            };
        }
        let number = self.as_number(a)?;
        let value = match function {
            Function::NumberToText => return Some(self.text(&Dynamic::from_float(number).to_string())),
            Function::Negate => -number,
            Function::Absolute => number.abs(),
            Function::Floor => number.floor(),
            Function::Ceiling => number.ceil(),
            Function::Round => number.round(),
            Function::Truncate => number.trunc(),
            Function::SquareRoot => number.sqrt(),
            Function::Exponential => number.exp(),
            Function::Logarithm => number.ln(),
            Function::Logarithm10 => number.log10(),
            Function::Score => crate::digits::round12(number) + 0.0,
            Function::Finite => return Some(self.truth(number.is_finite())),
            _ => return None,
        };
        Some(self.number(value))
    }

    fn folded_two(&mut self, function: Function, a: Id, b: Id) -> Option<Id> {
        if let (Some(a), Some(b)) = (self.as_number(a), self.as_number(b)) {
            let value = match function {
                Function::Add => a + b,
                Function::Subtract => a - b,
                Function::Multiply => a * b,
                Function::Divide => a / b,
                Function::Remainder => a % b,
                Function::Power => a.powf(b),
                _ => return None,
            };
            return Some(self.number(value));
        }
        if let (Some(a), Some(b)) = (self.as_integer(a), self.as_integer(b)) {
            let value = match function {
                Function::AddWhole => a.checked_add(b),
                Function::SubtractWhole => a.checked_sub(b),
                Function::MultiplyWhole => a.checked_mul(b),
                Function::DivideWhole => a.checked_div(b),
                Function::RemainderWhole => a.checked_rem(b),
                _ => return None,
            };
            return value.map(|value| self.integer(value));
        }
        let (a, b) = (self.as_text(a)?, self.as_text(b)?);
        let holds = match function {
            Function::Contains => a.contains(&*b),
            Function::StartsWith => a.starts_with(&*b),
            Function::EndsWith => a.ends_with(&*b),
            _ => return None,
        };
        Some(self.truth(holds))
    }
}
