//! Whether regions of rows are covered by others.

use super::point::Row;
use super::state::{Region, in_region, meets};

/// Pieces that a region may be cut into before the question is given up.
const MOST_PIECES: usize = 64;

/// Whether every row of a region is in one of the others; those that take part, by their index.
pub(super) fn covered(region: &Region, by: &[&Region]) -> Option<Vec<usize>> {
    // Most regions are not covered, which one row tells.
    let seen = |greatest: bool| {
        let row = Row::of(region, greatest);
        by.iter().any(|cover| row.is_in(cover))
    };
    if !(seen(false) && seen(true)) {
        return None;
    }
    let mut left = vec![region.clone()];
    let mut parts = Vec::new();
    // What has no row in common with the region has none with its parts.
    for (at, cover) in by.iter().enumerate().filter(|(_, cover)| overlap(region, cover)) {
        let mut next = Vec::new();
        let mut takes = false;
        for piece in left {
            match outside(&piece, cover) {
                Some(pieces) => {
                    takes = true;
                    next.extend(pieces);
                }
                None => next.push(piece),
            }
        }
        if takes {
            parts.push(at);
        }
        left = next;
        if left.is_empty() {
            return Some(parts);
        }
        if left.len() > MOST_PIECES {
            return None;
        }
    }
    None
}

/// Whether they have a row in common.
fn overlap(region: &Region, cover: &Region) -> bool {
    cover.iter().all(|(field, covered)| meets(region, *field, covered))
}

/// The parts of a region that are not in the other; `None` when they have no row in common.
fn outside(region: &Region, cover: &Region) -> Option<Vec<Region>> {
    if !overlap(region, cover) {
        return None;
    }
    let mut inside = region.clone();
    let mut pieces = Vec::new();
    for (field, covered) in cover {
        let value = in_region(&inside, *field);
        let common = value.meet(covered);
        let rest = value.minus(covered);
        if !rest.is_empty() {
            let mut piece = inside.clone();
            piece.insert(*field, rest.plain());
            pieces.push(piece);
        }
        inside.insert(*field, common.plain());
    }
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use super::super::range::Range;
    use super::super::state::in_region;
    use super::super::texts::Texts;
    use super::super::value::Value;
    use super::*;

    /// The same by cutting alone.
    fn cut(region: &Region, by: &[&Region]) -> Option<Vec<usize>> {
        let mut left = vec![region.clone()];
        let mut parts = Vec::new();
        for (at, cover) in by.iter().enumerate() {
            let mut next = Vec::new();
            let mut takes = false;
            for piece in left {
                if cover.iter().any(|(field, covered)| in_region(&piece, *field).meet(covered).is_empty()) {
                    next.push(piece);
                } else {
                    takes = true;
                    next.extend(outside(&piece, cover).unwrap());
                }
            }
            parts.extend(takes.then_some(at));
            left = next;
            if left.is_empty() {
                return Some(parts);
            }
            if left.len() > MOST_PIECES {
                return None;
            }
        }
        None
    }

    #[test]
    fn what_is_someis_what_cutting_finds() {
        let mut seed = 4711_u64;
        let mut below = |count: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % count
        };
        let mut region = || -> Region {
            let mut fields = Region::new();
            for _ in 0..below(4) {
                let (low, high) = (below(4), below(4));
                let words: Vec<&str> = ["a", "b", "c"].into_iter().filter(|_| below(2) == 0).collect();
                // A text that may be missing, one that may not, a number that may be, an integer that may not, a truth value.
                let (field, value) = match below(5) {
                    0 => (1, Texts::of(words).map(Value::texts)),
                    1 => (5, Texts::of(words).and_then(|some| Texts::all().minus(&some)).map(Value::texts)),
                    2 => (2, Range { lo: f64::MIN, hi: high as f64 }.meet(Range::ALL).map(Value::floats)),
                    3 => (18, (low <= high).then(|| Value::ints(Range { lo: low.cast_signed(), hi: high.cast_signed() }))),
                    _ => (23, Some(Value::truth(low < 2))),
                };
                if let Some(value) = value {
                    let optional = field < 5 && below(2) == 0;
                    fields.insert(field, if optional { value.join(&Value::missing()) } else { value });
                }
            }
            fields
        };
        let (mut some, mut open) = (0, 0);
        for _ in 0..20_000 {
            let one = region();
            let others: Vec<Region> = (0..6).map(|_| region()).collect();
            let by: Vec<&Region> = others.iter().collect();
            let found = covered(&one, &by);
            assert_eq!(found, cut(&one, &by), "{one:?} by {others:?}");
            if found.is_some() { some += 1 } else { open += 1 }
        }
        assert!(some > 1_000 && open > 1_000, "{some} covered, {open} not");
    }
}
