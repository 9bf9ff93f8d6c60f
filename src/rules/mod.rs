//! Rule sets: what scoring.toml, rules.toml and rules/*.rhai say, checked and compiled whole.
//!
//! The way of a set: files ([`Source`]) -> faults or [`RuleSet`] -> evaluator over [`Pair`] and [`RuleRequest`].

mod bounded;
mod check;
pub mod codes;
mod contain;
pub(crate) mod disk;
pub mod embedded;
mod engine;
pub(crate) mod error;
mod evaluate;
pub(crate) mod faults;
pub mod fields;
mod guard;
pub mod history;
pub(crate) mod interpret;
#[cfg(test)]
mod interpret_tests;
pub(crate) mod level;
pub(crate) mod limits;
pub mod live;
pub(crate) mod lower;
mod marks;
mod meaning;
pub mod observe;
mod operators;
mod parts;
mod reach;
mod read;
pub mod records;
mod rule;
pub(crate) mod rules_file;
mod run;
mod same;
#[cfg(test)]
mod sandbox_tests;
pub(crate) mod scoring_file;
mod script;
pub(crate) mod set;
mod source;
mod stack;
mod text;
pub(crate) mod toml_read;
mod types;
mod unchanged;
mod unknown;
mod words;

pub use disk::holds_scripts;
pub(crate) use disk::stamp;
pub use error::RuleErrorKind;
pub use evaluate::{Engine, Evaluator};
pub use faults::{RuleError, RuleErrors};
pub use history::History;
pub use level::Level;
pub use limits::{Limits, SETTINGS};
pub use live::{LiveRules, LiveState, Reload};
pub use lower::{Lowering, NotLowered};
pub use observe::{Branch, Coverage, Way};
pub use records::{Pair, RuleRequest, Step, Verdict, Weights};
pub use rule::{Param, Rule, When};
pub use rules_file::HARDWARE_TYPES;
pub(crate) use same::same_code;
pub(crate) use set::hash_of;
pub use set::{RULES, RuleSet, SCORING};
pub use source::Source;
pub use words::Words;
