//! The interface that interpreted and compiled rules share.

use super::interpret::Interpreter;
use super::records::{Pair, RuleRequest, Verdict, Weights};
use super::set::RuleSet;
use crate::Result;

/// How rules are applied. The result is the same, to the bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// By the number of pairs.
    #[default]
    Auto,
    /// Every script is run on every pair.
    Interpreted,
    /// Scripts become part of the query; what cannot is interpreted.
    Compiled,
}

/// Applies the rules of one set.
pub trait Evaluator {
    /// Runs the `weigh` hooks in listed order: the weights after them, and a note for each that changed one.
    ///
    /// # Errors
    /// A hook that fails (exit code 1): weights are one a request, so there is no pair to leave out.
    fn weigh(&self, weights: &Weights, request: &RuleRequest) -> Result<(Weights, Vec<String>)>;

    /// Runs every `exclude` hook, then every `adjust` hook, on one pair.
    ///
    /// # Errors
    /// A limit of the sandbox, and with `strict` any failure of a rule (exit code 1).
    fn judge(&self, pair: &Pair, suitability: f64, request: &RuleRequest, strict: bool) -> Result<Verdict>;
}

impl RuleSet {
    /// The evaluator of this set.
    #[must_use]
    pub fn evaluator(&self) -> impl Evaluator + '_ {
        Interpreter::new(self)
    }
}
