//! What is known on one way through a script: a region of the fields, and the variables in sight.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rhai::Position;

use super::value::{Place, Value};
use crate::rules::fields::{FieldKind, PAIR, REQUEST};
use crate::rules::rule::When;
use crate::rules::words::Words;

use super::range::Range;
use super::texts::Texts;
use super::value::Record;

/// The number of the score that `adjust` is given: it follows the fields of `pair` and of `request`.
pub(super) const SCORE: usize = PAIR.len() + REQUEST.len();
/// The number of the weights that `weigh` is given.
pub(super) const WEIGHTS: usize = SCORE + 1;

/// The number of a field; `None` when the record has none of that name.
pub(super) fn number(record: Record, name: &str) -> Option<usize> {
    match record {
        Record::Pair => PAIR.iter().position(|field| field.name == name),
        Record::Request => REQUEST.iter().position(|field| field.name == name).map(|at| at + PAIR.len()),
        Record::Params => None,
    }
}

/// What a field may be before anything is asked of it. The score is any number.
pub(super) fn declared(number: usize) -> &'static Value {
    static ALL: LazyLock<Vec<Value>> = LazyLock::new(|| (0..=WEIGHTS).map(declaration).collect());
    &ALL[number.min(WEIGHTS)]
}

fn declaration(number: usize) -> Value {
    fn of(kind: FieldKind, optional: bool, range: Option<(f64, f64)>, words: Words) -> Value {
        let (least, most) = range.unwrap_or((f64::MIN, f64::MAX));
        let mut value = match kind {
            FieldKind::Integer => Value::ints(Range { lo: least, hi: most }.as_ints()),
            FieldKind::Number => Value::floats(Range { lo: least, hi: most }),
            FieldKind::Text => Value::texts(Texts::of(words.only()).unwrap_or_else(Texts::all)),
            FieldKind::Boolean => Value { yes: true, no: true, ..Value::default() },
        };
        value.missing = optional;
        value
    }
    if let Some(field) = PAIR.get(number) {
        return of(field.kind, field.optional, field.range, field.words);
    }
    match number.checked_sub(PAIR.len()).and_then(|at| REQUEST.get(at)) {
        Some(field) => of(field.kind, field.optional, field.range, field.words),
        None if number == SCORE => Value::floats(Range::ALL),
        None => Value::any(),
    }
}

/// Fields that are narrower than declared, by number.
pub(super) type Region = BTreeMap<usize, Value>;

/// What a field may be in a region.
pub(super) fn in_region(fields: &Region, number: usize) -> Value {
    fields.get(&number).unwrap_or_else(|| declared(number)).clone()
}

/// Whether a field may be one of these values in a region.
pub(super) fn meets(fields: &Region, number: usize, values: &Value) -> bool {
    fields.get(&number).unwrap_or_else(|| declared(number)).meets(values)
}

/// The rows that a rule runs on, by its `when`.
pub(super) fn admitted(when: &When) -> Region {
    let mut fields = Region::new();
    let mut narrow = |record: Record, name: &str, value: Option<Value>| {
        if let Some((at, value)) = number(record, name).zip(value) {
            fields.insert(at, value);
        }
    };
    narrow(Record::Request, "task", Texts::of(&when.tasks).map(Value::texts));
    narrow(Record::Pair, "hardware_type", Texts::of(&when.hardware_types).map(Value::texts));
    for (requirement, field) in [("latency-sensitive", "latency_sensitive"), ("memory-constrained", "memory_constrained")] {
        let only = !when.requirements.is_empty() && when.requirements.iter().all(|name| name == requirement);
        narrow(Record::Request, field, only.then(|| Value::truth(true)));
    }
    fields
}

/// A variable.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) value: Value,
}

/// What is known at one place on one way.
#[derive(Clone, Debug)]
pub(super) struct State {
    /// The rows that can come here, or more.
    pub(super) fields: Region,
    /// Whether every row of the region comes here.
    pub(super) exact: bool,
    /// The variables, those of the callers before those in sight.
    pub(super) variables: Vec<Variable>,
    /// Where those in sight begin.
    pub(super) base: usize,
    /// How often a variable was given a value.
    pub(super) writes: usize,
    /// The statement that this way comes from, of those that may give the result; none where several ways meet.
    pub(super) from: Position,
}

impl State {
    pub(super) fn new(fields: Region) -> Self {
        Self { fields, exact: true, variables: Vec::new(), base: 0, writes: 0, from: Position::NONE }
    }

    /// What a field may be here.
    pub(super) fn field(&self, number: usize) -> Value {
        in_region(&self.fields, number).at(Place::Field(number))
    }

    /// What a variable may be here; `None` when it is not in sight.
    pub(super) fn variable(&self, name: &str) -> Option<Value> {
        let at = self.position(name)?;
        let value = &self.variables[at].value;
        Some(match value.place {
            Some(Place::Field(number)) => value.meet(&in_region(&self.fields, number)),
            _ => value.clone().at(Place::Variable(at)),
        })
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.variables.iter().rposition(|variable| variable.name == name).filter(|at| *at >= self.base)
    }

    /// Adds a variable.
    pub(super) fn declare(&mut self, name: &str, value: Value) {
        self.variables.push(Variable { name: name.to_owned(), value: kept(value) });
    }

    /// Gives a variable another value; `false` when it is not in sight.
    pub(super) fn assign(&mut self, name: &str, value: Value) -> bool {
        let Some(at) = self.position(name) else { return false };
        self.variables[at].value = kept(value);
        self.writes += 1;
        true
    }

    /// Forgets the variables from there on.
    pub(super) fn forget(&mut self, from: usize) {
        self.variables.truncate(from);
    }

    /// Narrows what a value is a copy of; `false` when no value is left.
    pub(super) fn narrow(&mut self, place: Option<Place>, value: &Value) -> bool {
        match place {
            Some(Place::Field(number)) => {
                let left = in_region(&self.fields, number).meet(value).plain();
                let possible = !left.is_empty();
                self.fields.insert(number, left);
                possible
            }
            Some(Place::Variable(at)) => {
                if let Some(variable) = self.variables.get_mut(at) {
                    variable.value = variable.value.meet(value).plain();
                    return !variable.value.is_empty();
                }
                true
            }
            None => true,
        }
    }

    /// What is known where two ways meet: less than on each.
    pub(super) fn join(mut self, other: &Self) -> Self {
        let fields = std::mem::take(&mut self.fields);
        self.fields =
            fields.into_iter().filter_map(|(at, value)| other.fields.get(&at).map(|there| (at, value.join(there).plain()))).collect();
        for (variable, there) in self.variables.iter_mut().zip(&other.variables) {
            variable.value = match (variable.value.place, there.value.place) {
                (a, b) if a == b => variable.value.join(&there.value),
                _ => variable.value.plain().join(&there.value.plain()),
            };
        }
        self.variables.truncate(other.variables.len());
        self.exact = false;
        self.writes = self.writes.max(other.writes);
        if self.from != other.from {
            self.from = Position::NONE;
        }
        self
    }
}

/// A value as a variable keeps it: a copy of a field, or of nothing.
fn kept(value: Value) -> Value {
    match value.place {
        Some(Place::Variable(_)) => value.plain(),
        _ => value,
    }
}
