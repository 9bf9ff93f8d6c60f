//! Rule sets: what scoring.toml, rules.toml and rules/*.rhai say, checked and compiled whole.
//!
//! The way of a set: files ([`Source`]) -> faults or [`RuleSet`] -> evaluator over [`Pair`] and [`RuleRequest`].

mod check;
mod disk;
pub mod embedded;
mod engine;
mod error;
mod evaluate;
pub mod fields;
mod guard;
mod interpret;
#[cfg(test)]
mod interpret_tests;
pub mod live;
pub mod observe;
mod operators;
pub mod records;
mod rule;
mod rules_file;
mod run;
mod scoring_file;
mod script;
mod set;
mod source;
mod toml_read;

pub use disk::holds_scripts;
pub use error::{RuleError, RuleErrorKind, RuleErrors};
pub use evaluate::Evaluator;
pub use live::{LiveRules, LiveState, Reload, Watch};
pub use observe::{Branch, Coverage, Way};
pub use records::{Pair, RuleRequest, Step, Verdict, Weights};
pub use rule::{Param, Rule, When};
pub use set::{RULES, RuleSet, SCORING};
pub use source::Source;
