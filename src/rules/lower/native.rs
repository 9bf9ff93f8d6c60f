//! Functions of the language that come to the same bits in SQL.

use std::rc::Rc;

use rhai::Position;

use super::bounds::Bounds;
use super::nodes::{Function, Id, Sign, Type};
use super::operate::Outcome;
use super::state::State;
use super::value::{Kind, Part, Value};
use super::walk::{Walk, Walked};

use Outcome::{Error, Refused};

impl Walk<'_, '_> {
    /// A function of the language, or a property that is one.
    pub(super) fn native(&mut self, name: &str, values: &[Value], position: Position, state: &mut State) -> Walked<Value> {
        let own = self.script.functions.iter().any(|function| function.name == name && function.params.len() + 1 == values.len());
        if own {
            return self.refuse(position, "a function of its own, called as a method");
        }
        let values: Vec<&Value> = values.iter().collect();
        self.combine(&values, position, state, |walk, kinds, state, condition| match kinds {
            [a] => walk.of_one(name, a),
            [Kind::List(items), b] if name == "contains" => walk.listed(items, b, state, condition),
            [a, b] => walk.of_two(name, a, b),
            _ => Refused(format!("the function `{name}`")),
        })
    }

    /// `-a`, `+a`, `!a`
    pub(super) fn unary(&mut self, sign: &str, a: &Kind) -> Outcome {
        match (sign, a) {
            ("!", Kind::Truth(id)) => Outcome::Value(Kind::Truth(self.nodes.not(*id)), None),
            ("-", Kind::Integer(id)) => {
                let zero = self.nodes.integer(0);
                self.whole("-", zero, *id)
            }
            ("-", Kind::Number(id)) => {
                let bounds = self.nodes.bounds(*id);
                self.finite(Function::Negate, &[*id], Bounds::new(-bounds.most, -bounds.least))
            }
            ("+", Kind::Integer(_) | Kind::Number(_)) => Outcome::Value(a.clone(), None),
            _ => Refused(format!("`{sign}` of {}", a.words())),
        }
    }

    fn of_one(&mut self, name: &str, a: &Kind) -> Outcome {
        let sure = |kind: Kind| Outcome::Value(kind, None);
        match (name, a) {
            ("type_of", _) => {
                let name = match a {
                    Kind::Missing => "()",
                    Kind::Truth(_) => "bool",
                    Kind::Integer(_) => "i64",
                    Kind::Number(_) => "f64",
                    Kind::Text(_) | Kind::Template(_) => "string",
                    Kind::List(_) => "array",
                    Kind::Map(_) => "map",
                    _ => return Refused(format!("the type of {}", a.words())),
                };
                sure(Kind::Text(self.nodes.text(name)))
            }
            ("to_string", Kind::Truth(id) | Kind::Integer(id) | Kind::Number(id)) => sure(Kind::Template([Part::Value(*id)].into())),
            ("to_string", Kind::Text(_) | Kind::Template(_)) | ("to_float", Kind::Number(_)) | ("to_int", Kind::Integer(_)) => {
                sure(a.clone())
            }
            ("to_float", Kind::Integer(id)) => sure(Kind::Number(self.nodes.as_float(*id))),
            ("to_int", Kind::Number(id)) => self.truncated(*id),
            ("abs", Kind::Integer(id)) => self.absolute(*id),
            ("abs", Kind::Number(id)) => {
                let bounds = self.nodes.bounds(*id);
                let most = bounds.least.abs().max(bounds.most.abs());
                self.finite(Function::Absolute, &[*id], Bounds::new(0.0, most))
            }
            ("floor" | "ceiling" | "round" | "int", Kind::Number(id)) => {
                let (function, map): (Function, fn(f64) -> f64) = match name {
                    "floor" => (Function::Floor, f64::floor),
                    "ceiling" => (Function::Ceiling, f64::ceil),
                    "round" => (Function::Round, f64::round),
                    _ => (Function::Truncate, f64::trunc),
                };
                let bounds = self.nodes.bounds(*id).map(map);
                self.finite(function, &[*id], bounds)
            }
            ("sqrt" | "exp" | "ln" | "log", Kind::Number(_) | Kind::Integer(_)) => {
                let Some(id) = self.as_number(a) else { return Error };
                self.curve(name, id)
            }
            ("len", Kind::List(items)) => sure(Kind::Integer(self.nodes.integer(i64::try_from(items.len()).unwrap_or(i64::MAX)))),
            ("is_empty", Kind::List(items)) => sure(Kind::Truth(self.nodes.truth(items.is_empty()))),
            ("len" | "bytes", Kind::Text(_) | Kind::Template(_)) => match self.as_text(a) {
                Ok(id) => {
                    let function = if name == "len" { Function::Length } else { Function::Bytes };
                    sure(Kind::Integer(self.nodes.apply(function, &[id], Type::Integer, Bounds::new(0.0, 1e12))))
                }
                Err(why) => Refused(why),
            },
            ("is_empty", Kind::Text(id)) => {
                let nothing = self.nodes.text("");
                sure(Kind::Truth(self.nodes.compare(Sign::Equal, *id, nothing)))
            }
            ("is_empty", Kind::Template(parts)) => {
                let parts = Rc::clone(parts);
                sure(Kind::Truth(self.empty(&parts)))
            }
            _ => Refused(format!("the function `{name}` of {}", a.words())),
        }
    }

    fn truncated(&mut self, id: Id) -> Outcome {
        let bounds = self.nodes.bounds(id).map(f64::trunc);
        let inside = bounds.is_whole();
        let bounds = if inside { bounds.widened() } else { bounds.clamp(i64::MIN as f64, i64::MAX as f64) };
        if let Some(number) = self.nodes.as_number(id) {
            #[expect(clippy::cast_possible_truncation, reason = "within the integers")]
            return if inside {
                Outcome::Value(Kind::Integer(self.nodes.integer(number.trunc() as i64)), None)
            } else {
                Refused("a constant beyond the integers".to_owned())
            };
        }
        let value = self.nodes.apply(Function::ToInteger, &[id], Type::Integer, bounds);
        let fails = (!inside).then(|| self.nodes.missing(value));
        Outcome::Value(Kind::Integer(value), fails)
    }

    fn absolute(&mut self, id: Id) -> Outcome {
        let zero = self.nodes.integer(0);
        let negative = self.nodes.compare(Sign::Less, id, zero);
        match self.whole("-", zero, id) {
            Outcome::Value(Kind::Integer(minus), fails) => {
                let always = self.nodes.truth(true);
                let value = self.nodes.case(&[(negative, minus), (always, id)]);
                let fails = fails.map(|fails| self.nodes.and(&[negative, fails]));
                Outcome::Value(Kind::Integer(value), fails)
            }
            other => other,
        }
    }

    fn curve(&mut self, name: &str, id: Id) -> Outcome {
        let bounds = self.nodes.bounds(id);
        let open = Bounds::new(f64::NEG_INFINITY, f64::INFINITY);
        match name {
            "sqrt" if bounds.least >= 0.0 => self.finite(Function::SquareRoot, &[id], Bounds::new(0.0, bounds.most.sqrt().next_up())),
            "sqrt" => self.finite(Function::SquareRoot, &[id], open),
            "exp" if bounds.most <= 700.0 => self.finite(Function::Exponential, &[id], Bounds::new(0.0, 1.1e304)),
            "exp" => self.finite(Function::Exponential, &[id], open),
            "ln" => self.finite(Function::Logarithm, &[id], open),
            _ => self.finite(Function::Logarithm10, &[id], open),
        }
    }

    fn of_two(&mut self, name: &str, a: &Kind, b: &Kind) -> Outcome {
        match (name, a, b) {
            ("min" | "max", Kind::Integer(_) | Kind::Number(_), Kind::Integer(_) | Kind::Number(_)) => self.either(name == "max", a, b),
            ("contains" | "starts_with" | "ends_with", Kind::Text(_) | Kind::Template(_), Kind::Text(_) | Kind::Template(_)) => {
                let (text, part) = match (self.as_text(a), self.as_text(b)) {
                    (Ok(text), Ok(part)) => (text, part),
                    (Err(why), _) | (_, Err(why)) => return Refused(why),
                };
                if self.nodes.as_text(part).is_some_and(|part| part.is_empty()) {
                    return Outcome::Value(Kind::Truth(self.nodes.truth(true)), None);
                }
                let function = match name {
                    "contains" => Function::Contains,
                    "starts_with" => Function::StartsWith,
                    _ => Function::EndsWith,
                };
                Outcome::Value(Kind::Truth(self.nodes.apply(function, &[text, part], Type::Truth, Bounds::NONE)), None)
            }
            ("contains", Kind::Range(from, to, last), Kind::Integer(id)) => {
                let after = self.nodes.compare(Sign::LessOrEqual, *from, *id);
                let before = self.nodes.compare(if *last { Sign::LessOrEqual } else { Sign::Less }, *id, *to);
                Outcome::Value(Kind::Truth(self.nodes.and(&[after, before])), None)
            }
            _ => Refused(format!("the function `{name}` of {} and {}", a.words(), b.words())),
        }
    }

    /// The greater or the smaller of two; the first when they are equal.
    fn either(&mut self, greater: bool, a: &Kind, b: &Kind) -> Outcome {
        let (a, b) = match (a, b) {
            (Kind::Integer(a), Kind::Integer(b)) => (*a, *b),
            _ => match (self.as_number(a), self.as_number(b)) {
                (Some(a), Some(b)) => (a, b),
                _ => return Error,
            },
        };
        let first = if greater { self.nodes.compare(Sign::LessOrEqual, b, a) } else { self.nodes.compare(Sign::LessOrEqual, a, b) };
        let always = self.nodes.truth(true);
        let value = self.nodes.case(&[(first, a), (always, b)]);
        Outcome::Value(Kind::typed(self.nodes, value), None)
    }

    /// `item in list`: compared with one after the other until one is equal.
    fn listed(&mut self, items: &[Kind], item: &Kind, state: &State, condition: Id) -> Outcome {
        self.items += items.len();
        let same: Option<Vec<Id>> = items.iter().map(|one| if let Kind::Text(id) = one { Some(*id) } else { None }).collect();
        if let (Some(same), Kind::Text(id)) = (same, item) {
            return Outcome::Value(Kind::Truth(self.nodes.among(*id, &same)), None);
        }
        let mut found = Vec::new();
        for one in items {
            match self.equal(one, item, false) {
                Outcome::Value(Kind::Truth(id), _) => found.push(id),
                Error => {
                    let before = self.nodes.or(&found);
                    let open = self.nodes.not(before);
                    let fails = self.nodes.and(&[condition, open]);
                    self.suspect(state, fails);
                    // Only rows that were found before come on from here.
                    let known = self.nodes.truth(true);
                    return if found.is_empty() { Error } else { Outcome::Value(Kind::Truth(known), None) };
                }
                other => return other,
            }
        }
        Outcome::Value(Kind::Truth(self.nodes.or(&found)), None)
    }
}
