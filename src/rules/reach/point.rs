//! Single rows of a region. One that is in no other region shows at once that these do not cover it.

use super::state::{Region, WEIGHTS, declared};
use super::texts::Texts;
use super::value::{Other, Value};

/// One value of a field.
#[derive(Clone, Debug, PartialEq)]
enum Point {
    Missing,
    Truth(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    /// Not known which: it is taken to be among any.
    Some,
}

/// One row, a value each field.
pub(super) struct Row(Vec<Point>);

impl Row {
    /// A row of a region: of numbers the least or the greatest, of what may be missing that it is.
    pub(super) fn of(region: &Region, greatest: bool) -> Self {
        Self((0..=WEIGHTS).map(|field| Point::of(region.get(&field).unwrap_or_else(|| declared(field)), greatest)).collect())
    }

    /// Whether it may be a row of a region.
    pub(super) fn is_in(&self, region: &Region) -> bool {
        region.iter().all(|(field, value)| self.0.get(*field).is_none_or(|point| point.is_among(value)))
    }
}

impl Point {
    fn of(value: &Value, greatest: bool) -> Self {
        if value.other != Other::No {
            return Self::Some;
        }
        match value {
            Value { missing: true, .. } => Self::Missing,
            Value { texts: Some(texts), .. } => text(texts).map_or(Self::Some, Self::Text),
            Value { floats: Some(range), .. } => Self::Number(if greatest { range.hi } else { range.lo }),
            Value { ints: Some(range), .. } => Self::Integer(if greatest { range.hi } else { range.lo }),
            Value { no: true, .. } => Self::Truth(false),
            Value { yes: true, .. } => Self::Truth(true),
            _ => Self::Some,
        }
    }

    fn is_among(&self, values: &Value) -> bool {
        match self {
            Self::Missing => values.missing,
            Self::Truth(truth) => {
                if *truth {
                    values.yes
                } else {
                    values.no
                }
            }
            Self::Integer(integer) => values.ints.is_some_and(|range| (range.lo..=range.hi).contains(integer)),
            Self::Number(number) => values.floats.is_some_and(|range| (range.lo..=range.hi).contains(number)),
            Self::Text(text) => values.texts.as_ref().is_some_and(|texts| texts.contains(text)),
            Self::Some => true,
        }
    }
}

/// A text of a set; of all but some one that no rule is likely to name.
fn text(texts: &Texts) -> Option<String> {
    match texts {
        Texts::In(set) => set.last().map(|text| text.as_ref().to_owned()),
        Texts::NotIn { .. } => (1..9).map(|length| "\u{2042}".repeat(length)).find(|text| texts.contains(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::range::Range;
    use super::super::shadow::covered;
    use super::*;

    #[test]
    fn a_row_of_a_region_is_in_it() {
        let but = |all: &[&str]| Value::texts(Texts::all().minus(&Texts::of(all).unwrap()).unwrap());
        let values = [
            Value::missing(),
            Value::truth(true),
            Value::ints(Range { lo: 2, hi: 5 }),
            Value::floats(Range { lo: -0.5, hi: 0.5 }),
            but(&["a", "\u{2042}"]),
            Value::texts(Texts::of(["x", "y"]).unwrap()),
            Value::any(),
            Value::texts(Texts::filled()).join(&Value::missing()),
        ];
        let region: Region = values.iter().cloned().enumerate().collect();
        for greatest in [false, true] {
            let row = Row::of(&region, greatest);
            assert!(row.is_in(&region));
            let outside: Vec<bool> = values
                .iter()
                .enumerate()
                .map(|(field, _)| row.is_in(&[(field, Value::ints(Range { lo: 90, hi: 91 }))].into_iter().collect()))
                .collect();
            assert_eq!(outside, [false, false, false, false, false, false, true, false]);
        }
        assert!(Row::of(&Region::new(), true).is_in(&Region::new()));
    }

    #[test]
    fn what_is_cut_in_two_is_covered_by_both_and_by_neither() {
        let part = |lo: f64, hi: f64| -> Region { [(2, Value::floats(Range { lo, hi }).join(&Value::missing()))].into_iter().collect() };
        let (low, high) = (part(f64::MIN, 7.0), part(7.0, f64::MAX));
        assert_eq!(covered(&Region::new(), &[&low, &high]), Some(vec![0, 1]));
        assert_eq!(covered(&Region::new(), &[&low]), None);
        assert_eq!(covered(&Region::new(), &[&high]), None);
        assert_eq!(covered(&low, &[&high, &low]), Some(vec![0, 1]));
    }
}
