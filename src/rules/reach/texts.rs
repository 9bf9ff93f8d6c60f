//! Sets of texts: some, or all but some.

use std::collections::BTreeSet;
use std::sync::Arc;

type Set = Arc<BTreeSet<Arc<str>>>;

/// A set of texts, never empty.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Texts {
    /// These.
    In(Set),
    /// All but these.
    NotIn {
        /// The texts that are not in it.
        set: Set,
        /// Whether blank ones are not in it either.
        filled: bool,
    },
}

fn blank(text: &str) -> bool {
    text.trim().is_empty()
}

impl Texts {
    /// Every text.
    pub(super) fn all() -> Self {
        Self::NotIn { set: Set::default(), filled: false }
    }

    /// Every text that is not blank.
    pub(super) fn filled() -> Self {
        Self::NotIn { set: Set::default(), filled: true }
    }

    /// These texts; `None` when there are none.
    pub(super) fn of<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Option<Self> {
        Self::within(texts.into_iter().map(|text| Arc::from(text.as_ref())).collect())
    }

    fn within(set: BTreeSet<Arc<str>>) -> Option<Self> {
        (!set.is_empty()).then(|| Self::In(Arc::new(set)))
    }

    /// The only text in it.
    pub(super) fn one(&self) -> Option<&str> {
        match self {
            Self::In(set) if set.len() == 1 => set.first().map(AsRef::as_ref),
            _ => None,
        }
    }

    /// Whether a text is in it.
    pub(super) fn contains(&self, text: &str) -> bool {
        match self {
            Self::In(set) => set.contains(text),
            Self::NotIn { set, filled } => !(set.contains(text) || *filled && blank(text)),
        }
    }

    /// Whether no blank text is in it.
    pub(super) fn is_filled(&self) -> bool {
        match self {
            Self::In(set) => set.iter().all(|text| !blank(text)),
            Self::NotIn { filled, .. } => *filled,
        }
    }

    /// Whether only blank texts are in it.
    pub(super) fn is_blank(&self) -> bool {
        matches!(self, Self::In(set) if set.iter().all(|text| blank(text)))
    }

    /// What is in both.
    pub(super) fn meet(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::In(set), other) | (other, Self::In(set)) => {
                Self::within(set.iter().filter(|text| other.contains(text)).cloned().collect())
            }
            (Self::NotIn { set: a, filled: x }, Self::NotIn { set: b, filled: y }) => {
                Some(Self::NotIn { set: Arc::new(a.union(b).cloned().collect()), filled: *x || *y })
            }
        }
    }

    /// Whether any text is in both.
    pub(super) fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::In(set), other) | (other, Self::In(set)) => set.iter().any(|text| other.contains(text)),
            (Self::NotIn { .. }, Self::NotIn { .. }) => true,
        }
    }

    /// What is in one of them.
    pub(super) fn join(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::In(a), Self::In(b)) => Self::In(Arc::new(a.union(b).cloned().collect())),
            (Self::In(a), Self::NotIn { set, filled }) | (Self::NotIn { set, filled }, Self::In(a)) => {
                Self::NotIn { set: Arc::new(set.difference(a).cloned().collect()), filled: *filled && a.iter().all(|text| !blank(text)) }
            }
            (Self::NotIn { set: a, filled: x }, Self::NotIn { set: b, filled: y }) => {
                Self::NotIn { set: Arc::new(a.intersection(b).cloned().collect()), filled: *x && *y }
            }
        }
    }

    /// What is in this one and not in the other (or more, where that is no such set).
    pub(super) fn minus(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::In(set), other) => Self::within(set.iter().filter(|text| !other.contains(text)).cloned().collect()),
            (Self::NotIn { set: a, filled }, Self::In(b)) => {
                Some(Self::NotIn { set: Arc::new(a.union(b).cloned().collect()), filled: *filled })
            }
            (Self::NotIn { filled: false, .. }, Self::NotIn { filled: true, .. }) => Some(self.clone()),
            (Self::NotIn { .. }, Self::NotIn { set: b, .. }) => {
                Self::within(b.iter().filter(|text| self.contains(text)).cloned().collect())
            }
        }
    }
}
