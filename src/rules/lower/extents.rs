//! How far the fields go in the rows that come to a query, when that is known before it is written.
//!
//! Asking costs next to nothing (a table knows the least and greatest values of its columns), and saves much: what surely lies within what is
//! computed with is not held against it row by row, what is there in every row is not asked whether it is, and tighter bounds leave fewer
//! results that might not be finite.

use super::bounds::{Bounds, NUMBER, TEXT, WHOLE};
use crate::rules::fields::{FieldKind, FieldValue, PAIR};
use crate::rules::records::Pair;

/// How far one field goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Extent {
    /// Not known, or beyond what is computed with: each row is held against that, and interpreted where it lies outside.
    Open,
    /// No row has it.
    Absent,
    /// It lies within these, where it is there; of a text its bytes.
    Within {
        bounds: Bounds,
        /// Whether every row has it.
        everywhere: bool,
    },
}

/// What was found of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Found {
    /// The least and the greatest value, of a text of its bytes, of a truth value any; `None` where no row has one.
    pub(crate) ends: Option<(f64, f64)>,
    /// Whether some row has none.
    pub(crate) missing: bool,
}

/// How far each field of `pair` goes, and the score before the rules.
#[derive(Clone, Debug)]
pub(crate) struct Extents {
    fields: Vec<Extent>,
    score: Extent,
}

impl Default for Extents {
    /// Nothing is known.
    fn default() -> Self {
        Self { fields: vec![Extent::Open; PAIR.len()], score: Extent::Open }
    }
}

impl Extents {
    /// Of what was found of each field of `pair`, in their order (nothing, of one that was not looked at), and of the score; `string`: the longest text that is computed with, bytes.
    pub(crate) fn new(fields: &[Option<Found>], score: Found, string: usize) -> Self {
        let fields =
            (0..PAIR.len()).map(|at| fields.get(at).copied().flatten().map_or(Extent::Open, |found| extent(at, found, string))).collect();
        let score = within(score, Some(Bounds::new(0.0, 1.0)), false);
        Self { fields, score }
    }

    pub(super) fn field(&self, at: usize) -> Extent {
        self.fields.get(at).copied().unwrap_or(Extent::Open)
    }

    pub(super) fn score(&self) -> Extent {
        self.score
    }

    /// The same fields, after hooks that left the score within these; `None` when they promise nothing.
    pub(super) fn after(&self, score: Option<Bounds>) -> Self {
        let inside = score.filter(|bounds| bounds.least >= -NUMBER && bounds.most <= NUMBER);
        let score = inside.map_or(Extent::Open, |bounds| Extent::Within { bounds, everywhere: true });
        Self { fields: self.fields.clone(), score }
    }
}

fn extent(at: usize, found: Found, string: usize) -> Extent {
    let limits = match PAIR[at].kind {
        FieldKind::Boolean => None,
        _ => Some(computed_with(at, string)),
    };
    within(found, limits, PAIR[at].optional)
}

fn within(found: Found, limits: Option<Bounds>, optional: bool) -> Extent {
    match found.ends {
        _ if found.missing && !optional => Extent::Open,
        None if found.missing => Extent::Absent,
        Some((least, most)) if limits.is_none_or(|limits| least >= limits.least && most <= limits.most) => {
            Extent::Within { bounds: limits.map_or(Bounds::NONE, |_| Bounds::new(least, most)), everywhere: !found.missing }
        }
        _ => Extent::Open,
    }
}

/// Between which values a field is computed with; of a text its bytes, of which at most `string`. A row beyond them is interpreted.
pub(super) fn computed_with(at: usize, string: usize) -> Bounds {
    let field = &PAIR[at];
    let (least, most) = field.range.unwrap_or((f64::MIN, f64::MAX));
    let most_of_kind = match field.kind {
        FieldKind::Text => return Bounds::new(0.0, TEXT.min(string as f64)),
        FieldKind::Boolean => return Bounds::NONE,
        FieldKind::Integer => WHOLE,
        FieldKind::Number => NUMBER,
    };
    Bounds::new(least.clamp(-most_of_kind, most_of_kind), most.clamp(-most_of_kind, most_of_kind))
}

impl Extents {
    /// Of pairs that are at hand, with their scores before the rules.
    pub(crate) fn of_pairs(pairs: &[(&Pair, f64)], string: usize) -> Self {
        let mut fields = vec![Found::default(); PAIR.len()];
        let mut score = Found::default();
        for (pair, suitability) in pairs {
            for (field, found) in PAIR.iter().zip(&mut fields) {
                match (field.get)(pair) {
                    FieldValue::Missing => found.missing = true,
                    FieldValue::Integer(integer) => found.take(integer as f64),
                    FieldValue::Number(number) => found.take(number),
                    FieldValue::Text(text) => found.take(text.len() as f64),
                    FieldValue::Boolean(_) => found.take(0.0),
                }
            }
            score.take(*suitability);
        }
        let fields: Vec<Option<Found>> = fields.into_iter().map(Some).collect();
        Self::new(&fields, score, string)
    }
}

impl Found {
    fn take(&mut self, value: f64) {
        // What is no number lies within nothing.
        let value = if value.is_nan() { f64::INFINITY } else { value };
        let (least, most) = self.ends.unwrap_or((value, value));
        self.ends = Some((least.min(value), most.max(value)));
    }
}
