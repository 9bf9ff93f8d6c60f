//! The typed expressions that rules become: a graph without repetition, so that what is said twice is computed once.
//!
//! A node is right on the rows that come to its place; elsewhere it may be anything, `NULL` among it. Conditions that say
//! which rows come to a place are right everywhere: `false AND NULL` is false.

use std::collections::HashMap;
use std::rc::Rc;

use super::bounds::Bounds;
use super::extents::Extents;

/// A node, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id(pub(super) u32);

/// What a node comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// BOOLEAN
    Truth,
    /// BIGINT
    Integer,
    /// DOUBLE, finite
    Number,
    /// VARCHAR
    Text,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Sign {
    Equal,
    Less,
    LessOrEqual,
}

/// What a relation gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Column {
    /// A field of `pair`, by its number in [`crate::rules::fields::PAIR`].
    Field(usize),
    /// The score before the rules that are lowered.
    Score,
}

/// A function of SQL that comes to the same bits as the one of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Function {
    /// Of two numbers.
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    /// Of two integers; `NULL` where the result is out of range.
    AddWhole,
    SubtractWhole,
    MultiplyWhole,
    DivideWhole,
    RemainderWhole,
    /// Of one number.
    Negate,
    Absolute,
    Floor,
    Ceiling,
    Round,
    Truncate,
    SquareRoot,
    Exponential,
    Logarithm,
    Logarithm10,
    /// The score to 12 decimals, -0.0 as 0.0.
    Score,
    /// Whether it is finite.
    Finite,
    /// A number as an integer, towards zero; `NULL` where it is out of range.
    ToInteger,
    /// An integer as a number.
    ToNumber,
    /// Of texts.
    Contains,
    StartsWith,
    EndsWith,
    Join,
    /// Characters.
    Length,
    /// Bytes.
    Bytes,
    /// Whether it has an ASCII character that can be seen.
    Visible,
    /// An integer or a truth value as a text.
    ToText,
    /// A number as a text; `NULL` where SQL writes it in another way than rules do.
    NumberToText,
}

/// One expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    Truth(bool),
    Integer(i64),
    /// By its bits.
    Number(u64),
    Text(Rc<str>),
    Column(Column),
    /// Whether it is `NULL`.
    Missing(Id),
    Not(Id),
    And(Rc<[Id]>),
    Or(Rc<[Id]>),
    Compare(Sign, Id, Id),
    /// Whether it is one of these constants.
    Among(Id, Rc<[Id]>),
    Apply(Function, Rc<[Id]>),
    /// The value of the first condition that holds, or the last.
    Case(Rc<[(Id, Id)]>, Id),
}

impl Node {
    /// What it is made of.
    pub(super) fn parts(&self) -> Vec<Id> {
        match self {
            Self::Truth(_) | Self::Integer(_) | Self::Number(_) | Self::Text(_) | Self::Column(_) => Vec::new(),
            Self::Missing(of) | Self::Not(of) => vec![*of],
            Self::And(parts) | Self::Or(parts) | Self::Apply(_, parts) => parts.to_vec(),
            Self::Compare(_, a, b) => vec![*a, *b],
            Self::Among(of, items) => std::iter::once(*of).chain(items.iter().copied()).collect(),
            Self::Case(arms, last) => arms.iter().flat_map(|(condition, value)| [*condition, *value]).chain([*last]).collect(),
        }
    }
}

/// All expressions of one piece of SQL.
#[derive(Debug, Default)]
pub(crate) struct Nodes {
    nodes: Vec<(Node, Type, Bounds)>,
    /// How many operations stand within each other, node by node.
    depths: Vec<usize>,
    known: HashMap<Node, Id>,
    /// Conditions with their opposites.
    negations: HashMap<Id, Id>,
    /// What conditions are where another holds: asked once, since conditions share their parts at every depth.
    pub(super) narrowed: HashMap<(Id, Id), Id>,
    /// How far the columns go.
    pub(super) extents: Extents,
}

impl Nodes {
    /// Of rows that go so far.
    pub(super) fn of(extents: Extents) -> Self {
        Self { extents, ..Self::default() }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.nodes.len()
    }

    /// How many operations stand within each other in it, itself among them.
    pub(super) fn depth(&self, id: Id) -> usize {
        self.depths[id.0 as usize]
    }

    /// The node.
    pub(super) fn get(&self, id: Id) -> &Node {
        &self.nodes[id.0 as usize].0
    }

    /// What it comes to.
    pub(crate) fn kind(&self, id: Id) -> Type {
        self.nodes[id.0 as usize].1
    }

    /// The numbers that it can come to.
    pub(super) fn bounds(&self, id: Id) -> Bounds {
        self.nodes[id.0 as usize].2
    }

    pub(super) fn negated(&self, of: Id) -> Option<Id> {
        self.negations.get(&of).copied()
    }

    pub(super) fn note_negated(&mut self, one: Id, other: Id) {
        self.negations.insert(one, other);
        self.negations.insert(other, one);
    }

    pub(super) fn add(&mut self, node: Node, kind: Type, bounds: Bounds) -> Id {
        if let Some(id) = self.known.get(&node) {
            return *id;
        }
        let id = Id(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        let below = node.parts().iter().map(|part| self.depth(*part)).max().unwrap_or(0);
        self.depths.push(below + 1);
        self.known.insert(node.clone(), id);
        self.nodes.push((node, kind, bounds));
        id
    }

    pub(super) fn truth(&mut self, truth: bool) -> Id {
        self.add(Node::Truth(truth), Type::Truth, Bounds::NONE)
    }

    pub(super) fn integer(&mut self, integer: i64) -> Id {
        self.add(Node::Integer(integer), Type::Integer, Bounds::integer(integer))
    }

    pub(super) fn number(&mut self, number: f64) -> Id {
        self.add(Node::Number(number.to_bits()), Type::Number, Bounds::one(number))
    }

    pub(super) fn text(&mut self, text: &str) -> Id {
        self.add(Node::Text(text.into()), Type::Text, Bounds::one(text.len() as f64))
    }

    /// The value of a constant truth.
    pub(super) fn as_truth(&self, id: Id) -> Option<bool> {
        if let Node::Truth(truth) = self.get(id) { Some(*truth) } else { None }
    }

    /// The value of a constant integer.
    pub(super) fn as_integer(&self, id: Id) -> Option<i64> {
        if let Node::Integer(integer) = self.get(id) { Some(*integer) } else { None }
    }

    /// The value of a constant number.
    pub(super) fn as_number(&self, id: Id) -> Option<f64> {
        if let Node::Number(bits) = self.get(id) { Some(f64::from_bits(*bits)) } else { None }
    }

    /// The value of a constant text.
    pub(super) fn as_text(&self, id: Id) -> Option<Rc<str>> {
        if let Node::Text(text) = self.get(id) { Some(Rc::clone(text)) } else { None }
    }

    /// Whether it is a constant.
    pub(super) fn is_constant(&self, id: Id) -> bool {
        matches!(self.get(id), Node::Truth(_) | Node::Integer(_) | Node::Number(_) | Node::Text(_))
    }

    /// Those that are columns of the relation.
    pub(super) fn columns(&self) -> Vec<Id> {
        let all = (0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).map(Id);
        all.filter(|id| matches!(self.get(*id), Node::Column(_))).collect()
    }

    /// The fields of `pair` among them, by their numbers.
    pub(super) fn fields(&self) -> Vec<usize> {
        let field = |node: &Node| if let Node::Column(Column::Field(at)) = node { Some(*at) } else { None };
        self.nodes.iter().filter_map(|(node, ..)| field(node)).collect()
    }
}
