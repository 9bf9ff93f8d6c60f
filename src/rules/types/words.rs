//! Texts that are compared with a field which is known never to have them.
//!
//! A value carries the words of the field that it was read from, through variables, `??` and calls of the script's own functions.
//! A function may be called with different fields, so a text is told only when every comparison with it is in vain.

use std::collections::BTreeMap;
use std::ops::Range;

use rhai::{Expr, FnCallExpr, Position, SwitchCasesCollection};

use super::Typing;
use super::value::{Env, Kinds, Value};
use crate::rules::error::RuleErrorKind;
use crate::rules::faults::Faults;
use crate::rules::reach::labels::{self, Label};
use crate::rules::rules_file::HARDWARE_TYPES;
use crate::rules::script::Context;
use crate::rules::text::span;
use crate::rules::words::{Words, meant_format};

/// The field that a text was read from.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    /// `record.field`
    path: String,
    words: Words,
    /// What it may be beside: the values after `??`.
    also: Vec<String>,
}

impl Origin {
    /// That of a field; `None` where it may be any text.
    pub(super) fn new(record: &str, name: &str, words: Words) -> Option<Self> {
        (words != Words::Any).then(|| Self { path: format!("{record}.{name}"), words, also: Vec::new() })
    }

    /// That of a value which is one of both.
    pub(super) fn join(one: &Value, two: &Value) -> Option<Self> {
        match (&one.origin, &two.origin) {
            (Some(a), Some(b)) => (a.words == b.words).then(|| {
                let also = a.also.iter().chain(&b.also).cloned().collect();
                Self { also, ..a.clone() }
            }),
            (Some(origin), None) => origin.beside(two),
            (None, Some(origin)) => origin.beside(one),
            (None, None) => None,
        }
    }

    fn beside(&self, other: &Value) -> Option<Self> {
        if !other.kinds.has(Kinds::TEXT.or(Kinds::OTHER)) {
            return Some(self.clone());
        }
        let mut origin = self.clone();
        origin.also.push(other.text()?);
        Some(origin)
    }

    /// Why a text is none of the field's, and the words that it has; `None` when it may be one.
    fn fault<'a>(&self, text: &str, context: &'a Context<'_>) -> Option<(RuleErrorKind, Vec<&'a str>)> {
        if self.also.iter().any(|other| other == text) {
            return None;
        }
        let unknown = || RuleErrorKind::UnknownValue { path: self.path.clone(), value: text.to_owned() };
        match self.words {
            Words::Any => None,
            Words::Only(words) => (!words.contains(&text)).then(|| (unknown(), words.to_vec())),
            Words::Tasks => {
                // Data may have a task of its own: only what is nearly a known one is taken for a slip.
                let known = self.words.known(context.tasks?.iter().map(String::as_str));
                let meant = known.iter().copied().find(|task| crate::error::is_misspelt(text, task));
                meant.filter(|_| !known.contains(&text)).map(|meant| (unknown(), vec![meant]))
            }
            // One that `when` names has been told there.
            Words::HardwareTypes => {
                let known = text.is_empty() || HARDWARE_TYPES.contains(&text) || context.hardware_types.iter().any(|kind| kind == text);
                (!known).then(|| (RuleErrorKind::UnknownHardwareType(text.to_owned()), HARDWARE_TYPES.to_vec()))
            }
            Words::Formats => meant_format(text).map(|meant| (unknown(), vec![meant])),
        }
    }
}

/// Texts that were compared, by their place: why each is in vain; `None` where one comparison is not.
#[derive(Default)]
pub(super) struct Compared {
    texts: BTreeMap<(usize, String), Option<Found>>,
    /// A call was not followed, in which a comparison may hold.
    pub(super) unseen: bool,
}

struct Found {
    span: Range<usize>,
    kind: RuleErrorKind,
    known: Vec<String>,
}

impl Compared {
    /// Reports the texts that are always compared in vain.
    pub(super) fn report(self, context: &Context<'_>, faults: &mut Faults) {
        for ((_, text), found) in self.texts.into_iter().filter(|_| !self.unseen) {
            let Some(Found { span, kind, known }) = found else { continue };
            faults.name(context.file, span, kind, &text, known.iter().map(String::as_str));
        }
    }
}

impl Typing<'_, '_> {
    /// Looks at the operands of `==` or `!=`.
    pub(super) fn equals(&mut self, call: &FnCallExpr, values: &[Value], env: &Env) {
        let ([left, right], [a, b]) = (call.args.as_slice(), values) else { return };
        for (value, other, literal) in [(a, b, right), (b, a, left)] {
            if let Some(text) = other.text().filter(|_| value.fixed.is_none()) {
                self.meets(value, text, literal.start_position(), env);
            }
        }
    }

    /// Looks at a value that is looked for in a list. `literal`: the list as it is written.
    pub(super) fn is_listed(&mut self, literal: &Expr, list: &Value, value: &Value, env: &Env) {
        if value.fixed.is_some() {
            return;
        }
        if let Expr::Array(items, _) = literal {
            for item in items {
                if let Expr::StringConstant(text, position) = item {
                    self.meets(value, text.to_string(), *position, env);
                }
            }
            return;
        }
        for item in list.items().into_iter().flatten() {
            if let Ok(text) = item.into_string() {
                self.meets(value, text, literal.start_position(), env);
            }
        }
    }

    /// Looks at the labels of a `switch`.
    pub(super) fn labelled(&mut self, value: &Value, cases: &SwitchCasesCollection, position: Position, env: &Env) {
        if value.fixed.is_some() {
            return;
        }
        for arm in labels::read(self.context.file, cases, position).into_iter().flatten() {
            for (label, place) in arm.labels.into_iter().zip(arm.places) {
                if let Label::Text(text) = label {
                    self.compared(value, text, place, env);
                }
            }
        }
    }

    fn meets(&mut self, value: &Value, text: String, position: Position, env: &Env) {
        let place = span(self.context.file, position);
        self.compared(value, text, place, env);
    }

    fn compared(&mut self, value: &Value, text: String, place: Range<usize>, env: &Env) {
        let found = match &value.origin {
            Some(origin) => origin.fault(&text, self.context),
            // The parameters of a function by itself: what they are shows in its calls.
            None if self.frame.hook.is_none() && !self.frame.call => return,
            None => None,
        };
        let found = found.map(|(kind, known)| Found { span: place.clone(), kind, known: known.into_iter().map(str::to_owned).collect() });
        match found {
            // Where nothing is told, only that a comparison may hold is noted.
            Some(_) if self.quiet > 0 || env.ended => {}
            Some(found) => {
                self.texts.texts.entry((place.start, text)).or_insert(Some(found));
            }
            None => {
                self.texts.texts.insert((place.start, text), None);
            }
        }
    }
}
