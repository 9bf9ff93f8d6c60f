//! The nearest weight at which another comes first: a walk over even steps to the end of each way, then a narrowing of the first
//! step in which the first changes. Every round asks for the weight sets of all ways at once.

use super::space::moved;
use crate::Result;

/// A weight is exact to this.
pub(super) const TOLERANCE: f64 = 1e-9;
/// Steps from a weight to the end of its way: what comes first only within less than one of them is not seen.
pub(super) const STEPS: u32 = 64;
/// Parts that a step is narrowed by in a round.
const PARTS: u32 = 16;

/// One weight, up or down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    /// The component.
    pub component: usize,
    /// Towards 1, else towards 0.
    pub up: bool,
}

/// What comes first under weight sets, in their order.
pub(super) type First<'a> = &'a mut dyn FnMut(&[Vec<f64>]) -> Result<Vec<Option<i64>>>;

/// A weight at which the winner does not come first, and what does.
pub(super) type Turn = (f64, Option<i64>);

/// For each way: the nearest weight at which `winner` does not come first, and what does.
pub(super) fn nearest(weights: &[f64], ways: &[Way], winner: Option<i64>, first: First<'_>) -> Result<Vec<Option<Turn>>> {
    // The interval in which the first changes: at its begin it is the winner still, at its end another.
    let mut ranges: Vec<Option<(f64, f64)>> =
        ways.iter().map(|way| Some((weights[way.component], if way.up { 1.0 - TOLERANCE } else { TOLERANCE }))).collect();
    let mut found: Vec<Option<Turn>> = vec![None; ways.len()];
    let mut parts = STEPS;
    loop {
        let open: Vec<usize> = (0..ways.len()).filter(|at| ranges[*at].is_some_and(|(from, to)| (to - from).abs() > TOLERANCE)).collect();
        if open.is_empty() {
            return Ok(found);
        }
        let points: Vec<(usize, f64)> = open
            .iter()
            .filter_map(|at| ranges[*at].map(|range| (*at, range)))
            .flat_map(|(at, (from, to))| {
                (1..=parts).map(move |part| (at, if part == parts { to } else { from + (to - from) * f64::from(part) / f64::from(parts) }))
            })
            .collect();
        let sets: Vec<Vec<f64>> = points.iter().map(|(at, to)| moved(weights, ways[*at].component, *to)).collect();
        let firsts = first(&sets)?;
        for at in open {
            let (mut begin, mut range) = (ranges[at].map_or(0.0, |(from, _)| from), None);
            for ((_, point), first) in points.iter().zip(&firsts).filter(|((of, _), _)| *of == at) {
                if *first != winner {
                    found[at] = Some((*point, *first));
                    range = Some((begin, *point));
                    break;
                }
                begin = *point;
            }
            ranges[at] = range;
        }
        parts = PARTS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_change_is_found_to_the_tolerance_and_not_a_farther_one() {
        // 2 comes first from a weight of 0.7 on, 3 from 0.9 on; below the winner stays first.
        let mut asked = 0;
        let mut first = |sets: &[Vec<f64>]| {
            asked += sets.len();
            Ok(sets
                .iter()
                .map(|set| {
                    Some(if set[0] >= 0.9 {
                        3
                    } else if set[0] >= 0.7 {
                        2
                    } else {
                        1
                    })
                })
                .collect())
        };
        let ways = [Way { component: 0, up: true }, Way { component: 0, up: false }];
        let found = nearest(&[0.5, 0.5], &ways, Some(1), &mut first).unwrap();
        let (weight, winner) = found[0].unwrap();
        assert!(winner == Some(2) && weight >= 0.7 && weight - 0.7 <= TOLERANCE, "{found:?}");
        assert_eq!(found[1], None);
        assert!(asked < 300, "{asked} weight sets");
    }
}
