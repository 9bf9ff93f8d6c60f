//! Which rules can be part of a query, and why others cannot: for people.

use rhai::Position;
use serde::Serialize;

use super::nodes::Nodes;
use super::segment::{TOO_WIDE, is_planned_soon};
use super::{Asked, Refusal, hooks};
use crate::rules::records::RuleRequest;
use crate::rules::rule::Rule;
use crate::rules::set::RuleSet;

/// A rule, and what `--engine compiled` makes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lowering {
    /// The rule's id.
    pub rule: String,
    /// Whether it is part of the query; a rule without `exclude` and `adjust` has nothing to be part of it.
    pub compiled: bool,
    /// Where it is not, why.
    pub refused: Option<NotLowered>,
}

/// Why a rule is interpreted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotLowered {
    /// The hook: `exclude` or `adjust`.
    pub hook: &'static str,
    /// The script's file.
    pub file: String,
    /// The line of what cannot be part of a query, from 1; that of the hook where it is no one place.
    pub line: usize,
    /// What it is.
    pub why: String,
}

impl RuleSet {
    /// What each rule comes to as part of a query, disabled ones included.
    #[must_use]
    pub fn lowering(&self) -> Vec<Lowering> {
        self.rules.iter().map(Rule::lowering).collect()
    }
}

impl Rule {
    /// What the rule comes to as part of a query, whatever is asked.
    #[must_use]
    pub fn lowering(&self) -> Lowering {
        let refused = self.refused();
        Lowering { rule: self.id.clone(), compiled: refused.is_none(), refused }
    }

    fn refused(&self) -> Option<NotLowered> {
        let script = self.script.as_deref()?;
        // What a question leaves out can decide which way a script goes.
        let text = || Some("any".to_owned());
        let full = RuleRequest {
            model: "any".to_owned(),
            task: text(),
            batch_size: Some(1),
            precision: text(),
            version: text(),
            as_of: Some(0),
            ..RuleRequest::default()
        };
        for request in [&full, &RuleRequest::default()] {
            for (name, hook) in [("exclude", &script.exclude), ("adjust", &script.adjust)] {
                let Some(hook) = hook else { continue };
                let mut nodes = Nodes::default();
                let score = (name == "adjust").then(|| nodes.score(true));
                let asked = Asked { request, model_of_pair: false };
                let outcome = hooks::lower(&mut nodes, self, script, hook, &asked, score).and_then(|outcome| {
                    let soon = is_planned_soon(&nodes, std::iter::empty(), &outcome);
                    if soon { Ok(()) } else { Err(Refusal::at(Position::NONE, TOO_WIDE)) }
                });
                if let Err(Refusal { position, why }) = outcome {
                    return Some(NotLowered { hook: name, file: self.file.name.clone(), line: position.line().unwrap_or(hook.line), why });
                }
            }
        }
        None
    }
}
