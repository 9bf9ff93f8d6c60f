//! Rules as SQL: what the hooks of a rule set come to on every pair, in one query, to the bit as the interpreter has it.
//!
//! The way: a hook is gone through once ([`walk`]) with nodes in place of values ([`nodes`], [`value`]), which gives what it
//! comes to ([`hooks`]); the hooks that follow each other make a segment ([`segment`]); its nodes become nested SELECTs
//! ([`stages`], [`sql`]); a row of the result becomes a verdict ([`verdict`]). A hook that cannot be lowered is a segment of
//! its own, which is interpreted in its place.
//!
//! Rows on which anything could come to an error, or whose fields lie outside what is computed with, are `suspect`: they are
//! interpreted, whole.

mod apply;
mod bounds;
mod call;
mod expression;
mod extents;
mod forms;
mod hooks;
mod logic;
mod native;
mod nodes;
mod operate;
mod report;
mod segment;
mod sql;
mod stages;
mod state;
mod switch;
mod uses;
mod value;
mod verdict;
mod walk;

use rhai::Position;

pub(crate) use extents::{Extents, Found};
pub use report::{Lowering, NotLowered};
pub(crate) use segment::{Compiled, HookAt, Output, Segment, lower};
pub(crate) use verdict::{Cell, Progress, Reader};

use super::records::RuleRequest;

/// The column of the score before the rules.
pub(crate) const SCORE: &str = "suitability";

/// What rules are lowered for: all of it is known while planning.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// The question.
    pub(crate) request: &'a RuleRequest,
    /// Whether `request.model` is the model of each pair: questions about many models that are alike in all else.
    pub(crate) model_of_pair: bool,
}

/// Why a hook cannot be said in SQL.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    /// Where, when it is one place.
    pub(crate) position: Position,
    /// What cannot be said.
    pub(crate) why: String,
}

impl Refusal {
    fn at(position: Position, why: impl Into<String>) -> Self {
        Self { position, why: why.into() }
    }
}
