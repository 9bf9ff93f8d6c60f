//! What an expression may come to: every kind of value side by side, each with the values that are possible.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::range::Range;
use super::texts::Texts;

/// What a value is a copy of, so that a condition on it narrows that too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A field, by its number; fields never change.
    Field(usize),
    /// A variable, by its position among those in sight.
    Variable(usize),
}

/// A record that a hook is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Record {
    Pair,
    Request,
    Params,
}

/// Values that are neither missing nor truth values, numbers or texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Other {
    /// None.
    #[default]
    No,
    /// The record.
    Record(Record),
    /// A list of these values.
    List(Arc<[Value]>),
    /// A map of these values.
    Map(Arc<BTreeMap<String, Value>>),
    /// Anything.
    Any,
}

/// A set of values; the default is the empty one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Value {
    /// Whether it may be `()`.
    pub(super) missing: bool,
    /// Whether it may be `true`.
    pub(super) yes: bool,
    /// Whether it may be `false`.
    pub(super) no: bool,
    /// The integers.
    pub(super) ints: Option<Range<i64>>,
    /// The numbers.
    pub(super) floats: Option<Range<f64>>,
    /// The texts.
    pub(super) texts: Option<Texts>,
    /// All else.
    pub(super) other: Other,
    /// What it is a copy of.
    pub(super) place: Option<Place>,
}

impl Value {
    pub(super) fn missing() -> Self {
        Self { missing: true, ..Self::default() }
    }

    pub(super) fn truth(truth: bool) -> Self {
        Self { yes: truth, no: !truth, ..Self::default() }
    }

    pub(super) fn ints(range: Range<i64>) -> Self {
        Self { ints: Some(range), ..Self::default() }
    }

    pub(super) fn floats(range: Range<f64>) -> Self {
        Self { floats: Some(range), ..Self::default() }
    }

    pub(super) fn texts(texts: Texts) -> Self {
        Self { texts: Some(texts), ..Self::default() }
    }

    pub(super) fn other(other: Other) -> Self {
        Self { other, ..Self::default() }
    }

    /// Any value at all.
    pub(super) fn any() -> Self {
        Self {
            missing: true,
            yes: true,
            no: true,
            ints: Some(Range::ALL),
            floats: Some(Range::ALL),
            texts: Some(Texts::all()),
            other: Other::Any,
            place: None,
        }
    }

    /// The same values, a copy of nothing.
    pub(super) fn plain(&self) -> Self {
        Self { place: None, ..self.clone() }
    }

    /// The same values, a copy of this place.
    pub(super) fn at(self, place: Place) -> Self {
        Self { place: Some(place), ..self }
    }

    /// Whether no value is possible.
    pub(super) fn is_empty(&self) -> bool {
        self.kinds() == 0 && self.other == Other::No
    }

    /// How many kinds beside lists, maps and records are possible.
    fn kinds(&self) -> usize {
        usize::from(self.missing)
            + usize::from(self.yes || self.no)
            + usize::from(self.ints.is_some())
            + usize::from(self.floats.is_some())
            + usize::from(self.texts.is_some())
    }

    /// Whether it is one known value.
    pub(super) fn is_one(&self) -> bool {
        self.other == Other::No
            && self.kinds() == 1
            && !(self.yes && self.no)
            && self.ints.is_none_or(Range::is_one)
            && self.floats.is_none_or(Range::is_one)
            && self.texts.as_ref().is_none_or(|texts| texts.one().is_some())
    }

    /// Whether it is missing for sure.
    pub(super) fn is_missing(&self) -> bool {
        self.missing && self.kinds() == 1 && self.other == Other::No
    }

    /// Whether it is a number of either kind for sure.
    pub(super) fn is_number(&self) -> bool {
        self.other == Other::No
            && self.number().is_some()
            && self.kinds() == usize::from(self.ints.is_some()) + usize::from(self.floats.is_some())
    }

    /// Whether it is a truth value for sure.
    pub(super) fn is_truth(&self) -> bool {
        self.other == Other::No && (self.yes || self.no) && self.kinds() == 1
    }

    /// Whether it is a text for sure.
    pub(super) fn is_text(&self) -> bool {
        self.other == Other::No && self.texts.is_some() && self.kinds() == 1
    }

    /// The numbers of both kinds, integers as floating-point numbers.
    pub(super) fn number(&self) -> Option<Range<f64>> {
        either(self.ints.map(Range::as_floats), self.floats, |a, b| Some(Range::join(a, b)))
    }

    /// Without the missing value.
    pub(super) fn there(&self) -> Self {
        Self { missing: false, ..self.clone() }
    }

    /// What is in one of them.
    pub(super) fn join(&self, other: &Self) -> Self {
        Self {
            missing: self.missing || other.missing,
            yes: self.yes || other.yes,
            no: self.no || other.no,
            ints: either(self.ints, other.ints, |a, b| Some(a.join(b))),
            floats: either(self.floats, other.floats, |a, b| Some(a.join(b))),
            texts: either(self.texts.clone(), other.texts.clone(), |a, b| Some(a.join(&b))),
            other: match (&self.other, &other.other) {
                (Other::No, one) | (one, Other::No) => one.clone(),
                (a, b) if a == b => a.clone(),
                _ => Other::Any,
            },
            place: self.place.filter(|place| other.place == Some(*place)),
        }
    }

    /// What is in both (or more, of lists and maps).
    pub(super) fn meet(&self, other: &Self) -> Self {
        Self {
            missing: self.missing && other.missing,
            yes: self.yes && other.yes,
            no: self.no && other.no,
            ints: self.ints.zip(other.ints).and_then(|(a, b)| a.meet(b)),
            floats: self.floats.zip(other.floats).and_then(|(a, b)| a.meet(b)),
            texts: self.texts.as_ref().zip(other.texts.as_ref()).and_then(|(a, b)| a.meet(b)),
            other: if other.other == Other::No { Other::No } else { self.other.clone() },
            place: self.place,
        }
    }

    /// Whether [`Value::meet`] leaves anything; makes nothing, since every rule is held against all others.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.missing && other.missing
            || self.yes && other.yes
            || self.no && other.no
            || self.ints.zip(other.ints).is_some_and(|(a, b)| a.meet(b).is_some())
            || self.floats.zip(other.floats).is_some_and(|(a, b)| a.meet(b).is_some())
            || self.texts.as_ref().zip(other.texts.as_ref()).is_some_and(|(a, b)| a.meets(b))
            || self.other != Other::No && other.other != Other::No
    }

    /// What is in this one and not in the other (or more, where that is no such set).
    pub(super) fn minus(&self, other: &Self) -> Self {
        Self {
            missing: self.missing && !other.missing,
            yes: self.yes && !other.yes,
            no: self.no && !other.no,
            ints: self.ints.and_then(|a| other.ints.map_or(Some(a), |b| a.minus(b))),
            floats: self.floats.and_then(|a| other.floats.map_or(Some(a), |b| a.minus(b))),
            texts: self.texts.as_ref().and_then(|a| other.texts.as_ref().map_or_else(|| Some(a.clone()), |b| a.minus(b))),
            other: self.other.clone(),
            place: self.place,
        }
    }
}

/// What two give together, or the one that is there.
fn either<T>(a: Option<T>, b: Option<T>, both: impl FnOnce(T, T) -> Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => both(a, b),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_meet_where_something_is_in_both() {
        let texts = |all: &[&str]| Texts::of(all).map_or_else(Value::default, Value::texts);
        let but = |all: &[&str]| Texts::of(all).and_then(|some| Texts::all().minus(&some)).map_or_else(Value::default, Value::texts);
        let mut all = vec![
            Value::default(),
            Value::missing(),
            Value::truth(true),
            Value::truth(false),
            Value::ints(Range { lo: 1, hi: 3 }),
            Value::ints(Range::one(4)),
            Value::floats(Range { lo: 0.5, hi: 1.5 }),
            Value::floats(Range::one(1.5)),
            texts(&["a", "b"]),
            texts(&["b"]),
            but(&["b"]),
            but(&["a", "b"]),
            Value::texts(Texts::filled()),
            texts(&[" "]),
            Value::other(Other::Record(Record::Pair)),
            Value::any(),
        ];
        let joined: Vec<Value> = all.iter().zip(all.iter().skip(3)).map(|(a, b)| a.join(b)).collect();
        all.extend(joined);
        let mut met = 0;
        for a in &all {
            for b in &all {
                assert_eq!(a.meets(b), !a.meet(b).is_empty(), "{a:?} {b:?}");
                met += usize::from(a.meets(b));
            }
        }
        assert!(met > 100 && met < all.len() * all.len() / 2 + 200, "{met} of {}", all.len() * all.len());
    }
}
