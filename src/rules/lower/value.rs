//! What an expression of a script may come to: of each kind of value the node that gives it, and when it is of that kind.
//!
//! A script is typed by its values, SQL by its columns: `if x { 1 } else { 0.5 }` is an integer on some rows and a number
//! on others, and stays both until something makes them one.

use std::rc::Rc;

use super::nodes::{Id, Nodes, Type};

/// A value of one kind.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// `()`
    Missing,
    Truth(Id),
    Integer(Id),
    Number(Id),
    Text(Id),
    /// A text with values in it, which is put together where it is read.
    Template(Rc<[Part]>),
    /// A list of constants.
    List(Rc<[Kind]>),
    Map(Rc<[(String, Value)]>),
    Pair,
    Request,
    Params,
    /// Integers from the first up to the second, which is one of them or not.
    Range(Id, Id, bool),
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    Text(Rc<str>),
    /// A node of any type.
    Value(Id),
}

/// What the sandbox counts of a value: items of lists and entries of maps, inside each other too, and bytes of all texts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Size {
    pub(super) items: f64,
    pub(super) entries: f64,
    pub(super) bytes: f64,
}

impl Size {
    fn plus(self, other: Self) -> Self {
        Self { items: self.items + other.items, entries: self.entries + other.entries, bytes: self.bytes + other.bytes }
    }

    fn most(self, other: Self) -> Self {
        Self { items: self.items.max(other.items), entries: self.entries.max(other.entries), bytes: self.bytes.max(other.bytes) }
    }
}

/// Kinds with the conditions under which the value is of them: of the rows that come here, each has one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Value {
    pub(super) cases: Vec<(Id, Kind)>,
}

/// Cases of one value that are kept apart.
pub(super) const MOST_CASES: usize = 12;

impl Value {
    pub(super) fn one(nodes: &mut Nodes, kind: Kind) -> Self {
        Self { cases: vec![(nodes.truth(true), kind)] }
    }

    pub(super) fn missing(nodes: &mut Nodes) -> Self {
        Self::one(nodes, Kind::Missing)
    }

    /// Of what never comes to an end.
    pub(super) fn never() -> Self {
        Self { cases: Vec::new() }
    }

    /// The value where a condition holds: cases that cannot be are left out.
    pub(super) fn under(&self, nodes: &mut Nodes, live: Id) -> Self {
        let mut cases = Vec::new();
        for (condition, kind) in &self.cases {
            let condition = nodes.under(live, *condition);
            if nodes.as_truth(condition) != Some(false) {
                cases.push((condition, kind.clone()));
            }
        }
        if let [(condition, _)] = cases.as_mut_slice() {
            *condition = nodes.truth(true);
        }
        Self { cases }
    }

    /// The first value whose condition holds.
    pub(super) fn join(nodes: &mut Nodes, ways: &[(Id, Self)]) -> Self {
        if let Some((_, first)) = ways.first()
            && ways.iter().all(|(_, value)| value == first)
        {
            return first.clone();
        }
        let mut all: Vec<(Id, Kind)> = Vec::new();
        for (live, value) in ways {
            for (condition, kind) in &value.cases {
                all.push((nodes.and(&[*live, *condition]), kind.clone()));
            }
        }
        Self::of(nodes, all)
    }

    /// Cases of which each row has the first that holds; those of one kind become one.
    pub(super) fn of(nodes: &mut Nodes, all: Vec<(Id, Kind)>) -> Self {
        let mut groups: Vec<Vec<(Id, Kind)>> = Vec::new();
        for (condition, kind) in all {
            match groups.iter_mut().find(|group| group[0].1.joins(&kind)) {
                Some(group) => group.push((condition, kind)),
                None => groups.push(vec![(condition, kind)]),
            }
        }
        let alone = groups.len() == 1;
        let cases = groups
            .into_iter()
            .map(|group| {
                let conditions: Vec<Id> = group.iter().map(|(condition, _)| *condition).collect();
                let condition = if alone { nodes.truth(true) } else { nodes.or(&conditions) };
                let arms: Option<Vec<(Id, Id)>> = group.iter().map(|(condition, kind)| Some((*condition, kind.node()?))).collect();
                let kind = match arms {
                    Some(arms) => Kind::of(nodes, &arms),
                    None => group[0].1.clone(),
                };
                (condition, kind)
            })
            .collect();
        Self { cases }
    }

    /// The only kind that it can be.
    pub(super) fn only(&self) -> Option<&Kind> {
        if let [(_, kind)] = self.cases.as_slice() { Some(kind) } else { None }
    }
}

impl Kind {
    /// The node of a value that has one.
    pub(super) fn node(&self) -> Option<Id> {
        match self {
            Self::Truth(id) | Self::Integer(id) | Self::Number(id) | Self::Text(id) => Some(*id),
            _ => None,
        }
    }

    /// The kind of a node.
    pub(super) fn typed(nodes: &Nodes, id: Id) -> Self {
        match nodes.kind(id) {
            Type::Truth => Self::Truth(id),
            Type::Integer => Self::Integer(id),
            Type::Number => Self::Number(id),
            Type::Text => Self::Text(id),
        }
    }

    fn of(nodes: &mut Nodes, arms: &[(Id, Id)]) -> Self {
        let node = nodes.case(arms);
        Self::typed(nodes, node)
    }

    /// Whether two can be one case.
    fn joins(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Truth(_), Self::Truth(_))
            | (Self::Integer(_), Self::Integer(_))
            | (Self::Number(_), Self::Number(_))
            | (Self::Text(_), Self::Text(_)) => true,
            _ => self == other,
        }
    }

    /// What it is, in the words of messages.
    pub(super) fn words(&self) -> &'static str {
        match self {
            Self::Missing => "a missing value",
            Self::Truth(_) => "a truth value",
            Self::Integer(_) => "an integer",
            Self::Number(_) => "a number",
            Self::Text(_) | Self::Template(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
            Self::Pair | Self::Request | Self::Params => "a record",
            Self::Range(..) => "a range",
        }
    }
}

impl Nodes {
    /// The most that a value can hold.
    pub(super) fn size(&self, kind: &Kind) -> Size {
        let none = Size::default();
        match kind {
            Kind::Text(id) => Size { bytes: self.longest(&[Part::Value(*id)]), ..none },
            Kind::Template(parts) => Size { bytes: self.longest(parts), ..none },
            Kind::List(items) => {
                let own = Size { items: items.len() as f64, ..none };
                items.iter().map(|item| self.size(item)).fold(own, Size::plus)
            }
            Kind::Map(entries) => {
                let own = Size { entries: entries.len() as f64, ..none };
                let of = |value: &Value| value.cases.iter().map(|(_, kind)| self.size(kind)).fold(none, Size::most);
                entries.iter().map(|(_, value)| of(value)).fold(own, Size::plus)
            }
            _ => none,
        }
    }
}
