//! Splitting a change into what data, weights and rules did to it. Pure.
//!
//! The three are replaced one after the other, in each of the six orders; what a replacement changes is its part in that order, and
//! its part is the mean over the orders (Shapley's value). So the parts sum to the change, and none is favoured by coming first.

use super::answer::Parts;

/// Which of data, weights and rules are those of the version after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mix {
    /// Results, and the day that ages are counted from.
    pub data: bool,
    /// scoring.toml.
    pub weights: bool,
    /// rules.toml and the scripts.
    pub rules: bool,
}

/// The factors in the orders of replacing one after the other.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// Splits the change from all of before to all of after, per cent of before. `None` where either has no value, or before is 0.
///
/// An order with a mix that has no value (weights that do not check with the other rules, a rule that takes the hardware out) is left
/// out; where that leaves none, weights and rules are replaced together and share their part evenly.
pub(super) fn split(value: impl Fn(Mix) -> Option<f64>) -> Option<Parts> {
    let at = |replaced: [bool; 3]| value(Mix { data: replaced[0], weights: replaced[1], rules: replaced[2] });
    let (before, after) = (at([false; 3])?, at([true; 3])?);
    if before <= 0.0 {
        return None;
    }
    let mut sums = [0.0; 3];
    let mut orders = 0_u32;
    for order in ORDERS {
        if let Some(parts) = along(order.map(|factor| vec![factor]).as_slice(), &at) {
            sums = [sums[0] + parts[0], sums[1] + parts[1], sums[2] + parts[2]];
            orders += 1;
        }
    }
    if orders == 0 {
        for order in [[vec![0], vec![1, 2]], [vec![1, 2], vec![0]]] {
            if let Some(parts) = along(&order, &at) {
                sums = [sums[0] + parts[0], sums[1] + parts[1], sums[2] + parts[2]];
                orders += 1;
            }
        }
    }
    if orders == 0 {
        // Even data and rules go only together: their shares are not to be told apart.
        let each = (after - before) / 3.0;
        (sums, orders) = ([each; 3], 1);
    }
    let percent = |sum: f64| 100.0 * sum / f64::from(orders) / before;
    Some(Parts { data: percent(sums[0]), weights: percent(sums[1]), rules: percent(sums[2]) })
}

/// What each factor changes when the groups are replaced one after the other; factors of one group share evenly.
fn along(groups: &[Vec<usize>], at: &impl Fn([bool; 3]) -> Option<f64>) -> Option<[f64; 3]> {
    let mut replaced = [false; 3];
    let mut last = at(replaced)?;
    let mut parts = [0.0; 3];
    for group in groups {
        for factor in group {
            replaced[*factor] = true;
        }
        let next = at(replaced)?;
        for factor in group {
            parts[*factor] = (next - last) / group.len() as f64;
        }
        last = next;
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(parts: Parts, expected: [f64; 3]) {
        for (found, expected) in [parts.data, parts.weights, parts.rules].iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{parts:?}, expected {expected:?}");
        }
    }

    #[test]
    fn one_factor_alone_has_it_all() {
        let parts = split(|mix| Some(if mix.rules { 0.4 } else { 0.5 })).unwrap();
        near(parts, [0.0, 0.0, -20.0]);
    }

    #[test]
    fn what_only_comes_together_is_shared_and_the_parts_sum() {
        // 1 -> 1.2 x 1.5 = 1.8: data alone +0.2, weights alone +0.5, together 0.1 more, which is shared.
        let value = |mix: Mix| Some(if mix.data { 1.2 } else { 1.0 } * if mix.weights { 1.5 } else { 1.0 });
        near(split(value).unwrap(), [25.0, 55.0, 0.0]);
        // Three that multiply: the parts sum to the change whatever they are.
        let three = |mix: Mix| {
            Some([mix.data, mix.weights, mix.rules].iter().zip([0.9, 1.3, 0.7]).map(|(is, by)| if *is { by } else { 1.0 }).product())
        };
        let parts = split(three).unwrap();
        assert!((parts.data + parts.weights + parts.rules - 100.0 * (0.9 * 1.3 * 0.7 - 1.0)).abs() < 1e-12);
    }

    #[test]
    fn orders_through_a_mix_without_a_value_are_left_out() {
        // Weights and rules go only together: 0.5 -> data 0.6 -> all 0.9, or 0.5 -> weights and rules 0.7 -> all 0.9.
        let value = |mix: Mix| match (mix.data, mix.weights, mix.rules) {
            (false, false, false) => Some(0.5),
            (true, false, false) => Some(0.6),
            (false, true, true) => Some(0.7),
            (true, true, true) => Some(0.9),
            _ => None,
        };
        near(split(value).unwrap(), [30.0, 25.0, 25.0]);
        // Data before rules alone is out: the orders with rules first are left.
        let out = |mix: Mix| (!mix.data || mix.rules).then_some(if mix.data { 0.4 } else { 0.5 });
        near(split(out).unwrap(), [-20.0, 0.0, 0.0]);
        assert_eq!(split(|mix| (!mix.data).then_some(0.5)), None, "no score after");
        assert_eq!(split(|_| Some(0.0)), None, "no per cent of nothing");
    }
}
