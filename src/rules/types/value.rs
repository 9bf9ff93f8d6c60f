//! What the check knows of a value: the types that it may have, and what it is where that is certain.

use std::collections::BTreeMap;

use rhai::{Array, Dynamic, Map};

use super::words::Origin;

/// A set of types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Kinds(u16);

impl Kinds {
    pub(super) const NONE: Self = Self(0);
    pub(super) const INTEGER: Self = Self(1);
    pub(super) const NUMBER: Self = Self(2);
    pub(super) const TEXT: Self = Self(4);
    pub(super) const CHAR: Self = Self(8);
    pub(super) const BOOLEAN: Self = Self(16);
    pub(super) const MISSING: Self = Self(32);
    pub(super) const LIST: Self = Self(64);
    pub(super) const MAP: Self = Self(128);
    pub(super) const RANGE: Self = Self(256);
    pub(super) const PAIR: Self = Self(512);
    pub(super) const REQUEST: Self = Self(1024);
    pub(super) const PARAMS: Self = Self(2048);
    /// Whatever else there is.
    pub(super) const OTHER: Self = Self(4096);
    pub(super) const ANY: Self = Self(8191);

    /// Every type that can be told apart, with its name in the language and in words.
    const NAMES: [(Self, &'static str, &'static str); 12] = [
        (Self::INTEGER, "i64", "an integer"),
        (Self::NUMBER, "f64", "a number"),
        (Self::TEXT, "string", "a text"),
        (Self::CHAR, "char", "a character"),
        (Self::BOOLEAN, "bool", "a truth value"),
        (Self::MISSING, "()", "a missing value"),
        (Self::LIST, "array", "a list"),
        (Self::MAP, "map", "a map"),
        (Self::RANGE, "range", "a range"),
        (Self::PAIR, "pair", "`pair`"),
        (Self::REQUEST, "request", "`request`"),
        (Self::PARAMS, "params", "`params`"),
    ];

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// The single types of the set.
    pub(super) fn each(self) -> impl Iterator<Item = Self> {
        (0..13).map(|bit| Self(1 << bit)).filter(move |one| self.has(*one))
    }

    /// The type of a value.
    pub(super) fn of(value: &Dynamic) -> Self {
        let name = value.type_name();
        let found = Self::NAMES.iter().find(|(_, known, _)| *known == name).map(|(kind, ..)| *kind);
        found.unwrap_or(if name.contains("Range") { Self::RANGE } else { Self::OTHER })
    }

    /// What `type_of` says, where it is one thing.
    pub(super) fn type_name(self) -> Option<&'static str> {
        Self::NAMES.iter().take(8).find(|(kind, ..)| *kind == self).map(|(_, name, _)| *name)
    }

    /// The types in words.
    pub(super) fn words(self) -> String {
        let names: Vec<&str> = Self::NAMES.iter().filter(|(kind, ..)| self.has(*kind)).map(|(.., words)| *words).collect();
        match names.as_slice() {
            _ if self == Self::ANY => "anything".to_owned(),
            [] => "a value".to_owned(),
            [one] => (*one).to_owned(),
            [most @ .., last] => format!("{} or {last}", most.join(", ")),
        }
    }
}

/// What is known of one value.
#[derive(Clone, Debug)]
pub(super) struct Value {
    /// The types that it may have.
    pub(super) kinds: Kinds,
    /// What it is.
    pub(super) fixed: Option<Dynamic>,
    /// The entries of a map that has these and no others.
    pub(super) entries: Option<BTreeMap<String, Value>>,
    /// The field that its text is of, where that is known to have some texts and no others.
    pub(super) origin: Option<Origin>,
}

impl Value {
    pub(super) fn of(kinds: Kinds) -> Self {
        Self { kinds, fixed: None, entries: None, origin: None }
    }

    pub(super) fn any() -> Self {
        Self::of(Kinds::ANY)
    }

    /// Whether it is known to be the number 0.
    pub(super) fn is_zero(&self) -> bool {
        self.fixed.as_ref().is_some_and(|value| value.as_float().map_or_else(|_| value.as_int() == Ok(0), |number| number == 0.0))
    }

    pub(super) fn missing() -> Self {
        Self::fixed(Dynamic::UNIT)
    }

    pub(super) fn fixed(value: Dynamic) -> Self {
        let entries =
            value.read_lock::<Map>().map(|map| map.iter().map(|(key, value)| (key.to_string(), Self::fixed(value.clone()))).collect());
        Self { kinds: Kinds::of(&value), fixed: Some(value), entries, origin: None }
    }

    pub(super) fn map(entries: BTreeMap<String, Value>) -> Self {
        Self { kinds: Kinds::MAP, fixed: None, entries: Some(entries), origin: None }
    }

    /// The same types, but no longer known what it is.
    pub(super) fn loose(&self) -> Self {
        Self::of(self.kinds)
    }

    /// The truth value that it is.
    pub(super) fn truth(&self) -> Option<bool> {
        self.fixed.as_ref().and_then(|value| value.as_bool().ok())
    }

    /// The text that it is.
    pub(super) fn text(&self) -> Option<String> {
        self.fixed.as_ref().and_then(|value| value.clone().into_string().ok())
    }

    /// The items of the list that it is.
    pub(super) fn items(&self) -> Option<Vec<Dynamic>> {
        self.fixed.as_ref().and_then(|value| value.read_lock::<Array>().map(|items| items.to_vec()))
    }

    /// What is known where either may be.
    pub(super) fn join(self, other: Self) -> Self {
        if self.kinds.is_none() {
            return other;
        }
        if other.kinds.is_none() {
            return self;
        }
        let origin = Origin::join(&self, &other);
        let fixed = match (self.fixed, other.fixed) {
            (Some(one), Some(two)) if same(&one, &two) => Some(one),
            _ => None,
        };
        let entries = match (self.entries, other.entries) {
            (Some(one), Some(mut two)) if one.keys().eq(two.keys()) => {
                Some(one.into_iter().map(|(key, value)| (key.clone(), value.join(two.remove(&key).unwrap_or_else(Self::any)))).collect())
            }
            _ => None,
        };
        Self { kinds: self.kinds.or(other.kinds), fixed, entries, origin }
    }
}

fn same(one: &Dynamic, two: &Dynamic) -> bool {
    one.type_name() == two.type_name() && !one.is_fnptr() && format!("{one:?}") == format!("{two:?}")
}

/// The variables at one place, and how it is reached.
#[derive(Clone, Debug)]
pub(super) struct Env {
    variables: Vec<(String, Value)>,
    /// No way leads here.
    pub(super) ended: bool,
    /// Every run of the function comes here.
    pub(super) certain: bool,
    /// Every way to here has called the function that was begun with again.
    pub(super) again: bool,
}

impl Default for Env {
    fn default() -> Self {
        Self { variables: Vec::new(), ended: false, certain: true, again: false }
    }
}

impl Env {
    pub(super) fn declare(&mut self, name: &str, value: Value) {
        self.variables.push((name.to_owned(), value));
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.variables.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        if let Some((_, held)) = self.variables.iter_mut().rev().find(|(known, _)| known == name) {
            *held = value;
        }
    }

    /// A variable that a function may have changed: its type stays.
    pub(super) fn loosen(&mut self, name: &str) {
        if let Some((_, held)) = self.variables.iter_mut().rev().find(|(known, _)| known == name) {
            *held = held.loose();
        }
    }

    /// Before a loop: the variables that it assigns may be anything, what others hold may have changed.
    pub(super) fn widen(&mut self, assigned: &[String]) {
        for (name, value) in &mut self.variables {
            *value = if assigned.contains(name) { Value::any() } else { value.loose() };
        }
    }

    pub(super) fn depth(&self) -> usize {
        self.variables.len()
    }

    /// Forgets the variables of a block that ends.
    pub(super) fn leave(&mut self, depth: usize) {
        self.variables.truncate(depth);
    }

    /// The same, where a condition may or may not have led.
    pub(super) fn maybe(&self) -> Self {
        Self { certain: false, ..self.clone() }
    }

    /// What is known where two ways meet that come from this place.
    pub(super) fn join(one: Self, two: Self, certain: bool) -> Self {
        match (one.ended, two.ended) {
            (true, _) => Self { certain, ..two },
            (_, true) => Self { certain, ..one },
            _ => {
                let variables = one.variables.into_iter().zip(two.variables).map(|((name, a), (_, b))| (name, a.join(b))).collect();
                Self { variables, ended: false, certain, again: one.again && two.again }
            }
        }
    }
}
