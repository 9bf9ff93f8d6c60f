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
