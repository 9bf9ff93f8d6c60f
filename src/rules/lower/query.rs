//! The query that a rule set becomes, for those who run it themselves or want to see it.

use super::{Asked, Output, Segment, lower};
use crate::rules::records::RuleRequest;
use crate::rules::set::RuleSet;

impl RuleSet {
    /// The rules as one SELECT over `relation` (a table, or a SELECT in parentheses, with the fields of `pair` and `suitability`), for one
    /// question: the columns `keys`, `excluded` (the place of the hook that takes the pair out, else -1), `suspect` (the pair must be
    /// interpreted, whole), `score`, and what the reasons of `exclude` need; with `steps` also the score, line, reason and values of every
    /// hook. `None` when a hook cannot be said in SQL, or when there are more of them than one query takes.
    #[must_use]
    pub fn query(&self, relation: &str, keys: &[&str], request: &RuleRequest, steps: bool) -> Option<String> {
        let lowered = lower(self, Asked { request, model_of_pair: false });
        let [Segment::Compiled(compiled)] = lowered.segments.as_slice() else { return None };
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        let output = if steps { Output::Verdicts } else { Output::Scores };
        Some(compiled.sql(relation, &keys, output, self.limits.string))
    }
}
