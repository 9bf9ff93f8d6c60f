//! What the hooks return, held against what they must.

use std::collections::BTreeMap;

use rhai::Position;

use super::Typing;
use super::value::{Env, Kinds, Value};
use crate::rules::error::RuleErrorKind;
use crate::rules::script::Function;

/// A hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hook {
    Weigh,
    Exclude,
    Adjust,
}

impl Hook {
    /// Which hook a function is.
    pub(super) fn of(function: &Function) -> Option<Self> {
        match function.name.as_str() {
            "weigh" => Some(Self::Weigh),
            "exclude" => Some(Self::Exclude),
            "adjust" => Some(Self::Adjust),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Weigh => "weigh",
            Self::Exclude => "exclude",
            Self::Adjust => "adjust",
        }
    }

    fn expected(self) -> &'static str {
        match self {
            Self::Weigh => "the weights",
            Self::Exclude => "`()` or the reason as a text",
            Self::Adjust => "the new score, or `#{ score: .., reason: .. }`",
        }
    }

    fn kinds(self) -> Kinds {
        let number = Kinds::INTEGER.or(Kinds::NUMBER);
        match self {
            Self::Weigh => Kinds::MAP,
            Self::Exclude => Kinds::TEXT.or(Kinds::MISSING),
            Self::Adjust => number.or(Kinds::MAP),
        }
    }
}

impl Typing<'_, '_> {
    /// Looks at a value that the hook returns.
    pub(super) fn result(&mut self, value: &Value, position: Position, env: &Env) {
        let Some(hook) = self.frame.hook else { return };
        if value.kinds.is_none() || value.kinds.has(Kinds::OTHER) || value.kinds == Kinds::MISSING {
            return;
        }
        if !value.kinds.has(hook.kinds()) {
            return self.wrong(hook, value.kinds.words(), position, env);
        }
        if hook == Hook::Exclude && value.text().is_some_and(|text| text.trim().is_empty()) {
            return self.wrong(hook, "an empty text".to_owned(), position, env);
        }
        if value.kinds == Kinds::MAP
            && let Some(entries) = &value.entries
        {
            match hook {
                Hook::Adjust => self.score_map(entries, position, env),
                Hook::Weigh => self.weights(entries, position, env),
                Hook::Exclude => {}
            }
        }
    }

    fn wrong(&mut self, hook: Hook, found: String, position: Position, env: &Env) {
        let kind = RuleErrorKind::WrongResult { hook: hook.name().to_owned(), found, expected: hook.expected().to_owned() };
        self.report(env, position, kind, None);
    }

    fn wrong_map(&mut self, hook: Hook, found: String, help: Option<String>, position: Position, env: &Env) {
        let kind = RuleErrorKind::ResultMap { hook: hook.name().to_owned(), found, expected: hook.expected().to_owned() };
        self.report(env, position, kind, help);
    }

    /// `#{ score: .., reason: .. }`
    fn score_map(&mut self, entries: &BTreeMap<String, Value>, position: Position, env: &Env) {
        for key in entries.keys().filter(|key| !["score", "reason"].contains(&key.as_str())) {
            let near = crate::error::nearest(key, ["score", "reason"]);
            let help = (!near.is_empty()).then(|| format!("did you mean {}?", near.join(", ")));
            self.wrong_map(Hook::Adjust, format!("with the unknown key `{key}`"), help, position, env);
        }
        let Some(score) = entries.get("score") else {
            // A misspelt `score` has been named above.
            let misspelt = |key: &String| !crate::error::nearest(key, ["score"]).is_empty();
            if entries.keys().any(misspelt) {
                return;
            }
            return self.wrong_map(Hook::Adjust, "without `score`".to_owned(), None, position, env);
        };
        let number = Kinds::INTEGER.or(Kinds::NUMBER).or(Kinds::OTHER);
        if !score.kinds.is_none() && !score.kinds.has(number) && !self.left_to_the_guards(&[score]) {
            self.wrong(Hook::Adjust, format!("{} as score", score.kinds.words()), position, env);
        }
        if let Some(reason) = entries.get("reason")
            && !reason.kinds.is_none()
            && !reason.kinds.has(Kinds::TEXT.or(Kinds::MISSING).or(Kinds::OTHER))
        {
            self.wrong(Hook::Adjust, format!("{} as reason", reason.kinds.words()), position, env);
        }
    }

    /// A weight for every component.
    fn weights(&mut self, entries: &BTreeMap<String, Value>, position: Position, env: &Env) {
        let components = self.context.components;
        if components.is_empty() {
            return;
        }
        for key in entries.keys().filter(|key| !components.contains(&key.as_str())) {
            let near = crate::error::nearest(key, components.iter().copied());
            let help = (!near.is_empty()).then(|| format!("did you mean {}?", near.join(", ")));
            self.wrong_map(Hook::Weigh, format!("with the unknown component `{key}`"), help, position, env);
        }
        let absent: Vec<&str> = components.iter().copied().filter(|name| !entries.contains_key(*name)).collect();
        if !absent.is_empty() {
            self.wrong_map(Hook::Weigh, format!("without a weight of {}", crate::rules::faults::list(&absent)), None, position, env);
        }
        for name in components {
            let Some(weight) = entries.get(*name) else { continue };
            let negative = weight
                .fixed
                .as_ref()
                .is_some_and(|value| value.as_float().map_or_else(|_| value.as_int().is_ok_and(|whole| whole < 0), |number| number < 0.0));
            let number = Kinds::INTEGER.or(Kinds::NUMBER).or(Kinds::OTHER);
            if negative {
                self.wrong(Hook::Weigh, format!("a weight of `{name}` below 0"), position, env);
            } else if !weight.kinds.is_none() && !weight.kinds.has(number) && !self.left_to_the_guards(&[weight]) {
                self.wrong(Hook::Weigh, format!("{} as weight of `{name}`", weight.kinds.words()), position, env);
            }
        }
        if components.iter().all(|name| entries.get(*name).is_some_and(Value::is_zero)) {
            let found = "the weight 0 for every component".to_owned();
            let expected = "at least one weight above 0".to_owned();
            let kind = RuleErrorKind::WrongResult { hook: Hook::Weigh.name().to_owned(), found, expected };
            self.report(env, position, kind, None);
        }
    }
}
