//! The typed check: finds what can only fail, whatever the row says.
//!
//! Every expression is given the types that its value may have; parameters and constants also have their value, so that
//! branches which they decide against are not looked at. An operation is at fault only when it fails for every
//! combination of the types of its operands, and the engine itself is asked for that ([`operations`]), so that the check
//! cannot disagree with the run. Where a type cannot be known (loops, closures), any type is assumed.

mod assign;
mod calls;
mod chains;
mod expressions;
mod operations;
mod results;
mod statements;
#[cfg(test)]
mod tests;
mod value;
mod words;

use std::collections::BTreeMap;

use rhai::{AST, Dynamic, Position};

use super::engine::param_value;
use super::error::RuleErrorKind;
use super::faults::Faults;
use super::guard;
use super::script::{Context, Function};
use super::text::span;
use value::{Env, Kinds, Value};
use words::Compared;

/// Calls of the script's own functions that are followed; beyond, any result is assumed.
const MOST_CALLS: usize = 500;
/// Calls within each other that are followed.
const MOST_LEVELS: usize = 6;

/// Reports expressions that can only fail and results that are not what the hook must return.
pub(crate) fn check(context: &Context<'_>, ast: &AST, functions: &[Function], constants: &BTreeMap<String, Dynamic>, faults: &mut Faults) {
    if guard::calls_by_pointer(ast) {
        return;
    }
    let dynamic = guard::is_dynamic(ast);
    let mut texts = Compared::default();
    for (at, function) in functions.iter().enumerate() {
        let mut typing = Typing {
            context,
            functions,
            constants,
            faults,
            texts,
            dynamic,
            quiet: 0,
            perhaps: 0,
            open: vec![at],
            frame: Frame::default(),
            calls: 0,
        };
        let mut env = Env::default();
        for name in &function.params {
            env.declare(name, typing.parameter(&function.name, name));
        }
        typing.frame.hook = results::Hook::of(function);
        let result = typing.body(&function.body, &mut env);
        let hook = typing.frame.hook.is_some();
        // A `try` makes an end of what fails; a hook may call itself with values of other types than it is called with.
        let can_end = hook || guard::catches(ast);
        let endless = typing.frame.again.filter(|_| !can_end && typing.frame.is_endless(&env));
        texts = typing.texts;
        // A function that could not be read is stood in for after the end of the text.
        let lines = context.file.text.lines().count();
        let read = function.body.iter().all(|statement| statement.position().line().is_none_or(|line| line <= lines));
        if hook && env.ended && result.kinds.is_none() && read {
            let why = format!("`{}` comes to `throw` on every way", function.name);
            faults.add(context.file, function.span.clone(), RuleErrorKind::AlwaysFails(why));
        }
        if let Some((position, called)) = endless {
            let by = if called == at { String::new() } else { format!(" (by `{}`)", functions[called].name) };
            let why = format!("`{}` calls itself on every way{by}, without an end", function.name);
            faults.add(context.file, span(context.file, position), RuleErrorKind::AlwaysFails(why));
        }
    }
    texts.report(context, faults);
}

/// The function that is looked at.
#[derive(Default)]
struct Frame {
    /// Which hook it is.
    hook: Option<results::Hook>,
    /// Whether it is looked at for the arguments of one call: only what surely happens then is a fault, and the call's.
    call: bool,
    /// What surely fails, and on which line.
    failed: Option<(String, usize)>,
    /// What `return` gives.
    returned: Option<Value>,
    /// Whether a branch may have returned already.
    may_have_returned: bool,
    /// The first call that leads back to the function that was begun with, and what it calls.
    again: Option<(Position, usize)>,
    /// Whether a way may end before such a call.
    ends_before: bool,
}

impl Frame {
    /// Whether every way through the function, at the end of which this holds, leads back to the function that was begun with.
    fn is_endless(&self, end: &Env) -> bool {
        self.again.is_some() && !self.ends_before && (end.ended || end.again)
    }
}

/// The typed check of one script.
struct Typing<'a, 'f> {
    context: &'a Context<'a>,
    functions: &'a [Function],
    constants: &'a BTreeMap<String, Dynamic>,
    faults: &'f mut Faults,
    /// Texts that fields are compared with.
    texts: Compared,
    dynamic: bool,
    /// Faults are not reported while this is above 0.
    quiet: usize,
    /// While this is above 0, what is looked at may never be done: nothing is said to fail always.
    perhaps: usize,
    /// Functions whose call is being followed.
    open: Vec<usize>,
    frame: Frame,
    calls: usize,
}

impl Typing<'_, '_> {
    /// What a parameter of a function holds before anything is known of its calls.
    fn parameter(&self, function: &str, name: &str) -> Value {
        match (function, name) {
            ("exclude" | "adjust", "pair") => Value::of(Kinds::PAIR),
            ("weigh" | "exclude" | "adjust", "request") => Value::of(Kinds::REQUEST),
            ("adjust", "score") => Value::of(Kinds::NUMBER),
            ("weigh", "weights") => {
                let weights = self.context.components.iter().map(|name| ((*name).to_owned(), Value::of(Kinds::NUMBER)));
                if self.context.components.is_empty() { Value::of(Kinds::MAP) } else { Value::map(weights.collect()) }
            }
            _ => Value::any(),
        }
    }

    /// The value of a parameter of the rule.
    fn param(&self, name: &str) -> Value {
        self.context.params.get(name).map_or_else(Value::any, |(param, _)| Value::fixed(param_value(param)))
    }

    /// Reports a fault at a position, when it is certain.
    fn report(&mut self, env: &Env, position: Position, kind: RuleErrorKind, help: Option<String>) {
        if self.quiet > 0 || env.ended || (self.perhaps > 0 && matches!(kind, RuleErrorKind::AlwaysFails(_))) {
            return;
        }
        if self.frame.call {
            if env.certain && !self.frame.may_have_returned && self.frame.failed.is_none() {
                self.frame.failed = Some((kind.to_string(), position.line().unwrap_or(0)));
            }
            return;
        }
        let place = span(self.context.file, position);
        self.faults.add(self.context.file, place, kind).help = help;
    }

    /// Looks at what may never be done, such as the turn of a loop.
    fn perhaps<T>(&mut self, perhaps: bool, work: impl FnOnce(&mut Self) -> T) -> T {
        self.perhaps += usize::from(perhaps);
        let result = work(self);
        self.perhaps -= usize::from(perhaps);
        result
    }

    /// Does something without reporting faults.
    fn quietly<T>(&mut self, quiet: bool, work: impl FnOnce(&mut Self) -> T) -> T {
        self.quiet += usize::from(quiet);
        let result = work(self);
        self.quiet -= usize::from(quiet);
        result
    }
}
