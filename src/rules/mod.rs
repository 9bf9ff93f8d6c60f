//! Rule sets: what scoring.toml, rules.toml and rules/*.rhai say, checked and compiled whole.

pub mod records;

pub use records::{Pair, RuleRequest, Step, Verdict};
