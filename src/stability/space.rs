//! The weight space: all weights of the counting components that are above 0 and sum to 1. Pure; nothing here scores.

use crate::statistics::random::SplitMix;

/// The weights with one component moved to `to` of the whole, the others in proportion.
pub(super) fn moved(weights: &[f64], component: usize, to: f64) -> Vec<f64> {
    let rest = 1.0 - weights[component];
    weights.iter().enumerate().map(|(k, weight)| if k == component { to } else { weight / rest * (1.0 - to) }).collect()
}

/// What a weight is multiplied by, the others kept, for its share to come from `from` to `to`.
pub(super) fn factor(from: f64, to: f64) -> f64 {
    to * (1.0 - from) / (from * (1.0 - to))
}

/// Independent groups that the samples are drawn in: how far they differ says how exact their mean is.
pub(super) const GROUPS: usize = 16;

/// The 97.5 % quantile of Student's t with [`GROUPS`] - 1 degrees of freedom.
const T: f64 = 2.131_449_545_559_775;

/// `groups` x `each` points, spread evenly over the simplex (uniform, Dirichlet(1, ..., 1)) of the components of weight above 0; the
/// others stay 0. Each group is an additive recurrence (steps of the generalised golden ratio, which leave no gap) from a start of
/// its own, drawn by the seed.
pub(super) fn samples(weights: &[f64], each: usize, seed: u64) -> Vec<Vec<Vec<f64>>> {
    let counting: Vec<usize> = (0..weights.len()).filter(|k| weights[*k] > 0.0).collect();
    let dimensions = counting.len() - 1;
    let steps = recurrence(dimensions);
    let mut random = SplitMix(seed);
    (0..GROUPS)
        .map(|_| {
            let start: Vec<f64> = (0..dimensions).map(|_| random.unit()).collect();
            (0..each)
                .map(|at| {
                    let mut cuts: Vec<f64> = start.iter().zip(&steps).map(|(start, step)| (start + step * at as f64).fract()).collect();
                    cuts.sort_by(f64::total_cmp);
                    cuts.push(1.0);
                    // The gaps between sorted uniform cuts are uniform on the simplex; none may be 0, or the component would not count.
                    let mut last = 0.0;
                    let mut set = vec![0.0; weights.len()];
                    for (k, cut) in counting.iter().zip(cuts) {
                        set[*k] = f64::max(cut - last, 1e-12);
                        last = cut;
                    }
                    let sum: f64 = set.iter().sum();
                    set.iter().map(|weight| weight / sum).collect()
                })
                .collect()
        })
        .collect()
}

/// The steps of the additive recurrence of so many dimensions: powers of 1 / phi, phi the root above 1 of x^(d + 1) = x + 1.
fn recurrence(dimensions: usize) -> Vec<f64> {
    let mut phi = 2.0_f64;
    for _ in 0..60 {
        phi = (1.0 + phi).powf(1.0 / (dimensions as f64 + 1.0));
    }
    (1..=dimensions).map(|power| phi.powf(-(power as f64)).fract()).collect()
}

/// The mean of the groups' shares, and half the width of its 95 % interval; never narrower than one sample.
///
/// Where none or all of the samples won, nothing scatters. The width is then the one-sided 95 % bound: the largest share that
/// leaves so many draws without it a chance of 5 %, about 3 / samples.
pub(super) fn share(groups: &[f64], samples: usize) -> (f64, f64) {
    let n = groups.len() as f64;
    let mean = groups.iter().sum::<f64>() / n;
    if groups.iter().all(|share| *share <= 0.0) || groups.iter().all(|share| *share >= 1.0) {
        return (mean, 1.0 - 0.05_f64.powf(1.0 / samples as f64));
    }
    let variance = groups.iter().map(|share| (share - mean) * (share - mean)).sum::<f64>() / (n - 1.0);
    (mean, f64::max(T * (variance / n).sqrt(), 1.0 / samples as f64))
}

/// Kendall's tau of two orders of the same things, none of them tied, and how many pairs are ordered otherwise.
pub(super) fn kendall(one: &[i64], two: &[i64]) -> (Option<f64>, usize) {
    let places: std::collections::HashMap<i64, usize> = two.iter().enumerate().map(|(place, key)| (*key, place)).collect();
    let common: Vec<usize> = one.iter().filter_map(|key| places.get(key).copied()).collect();
    let swaps = common.iter().enumerate().map(|(at, place)| common[at + 1..].iter().filter(|after| *after < place).count()).sum();
    let pairs = common.len() * common.len().saturating_sub(1) / 2;
    ((pairs > 0).then(|| 1.0 - 2.0 * swaps as f64 / pairs as f64), swaps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_a_weight_keeps_the_sum_and_the_others_proportion() {
        let set = moved(&[0.5, 0.3, 0.2], 0, 0.2);
        for (found, expected) in set.iter().zip([0.2, 0.48, 0.32]) {
            assert!((found - expected).abs() < 1e-15, "{set:?}");
        }
        // 0.5 x f / (0.5 x f + 0.5) = 0.2 for f = 0.25.
        assert!((factor(0.5, 0.2) - 0.25).abs() < 1e-15);
    }

    #[test]
    fn samples_are_even_over_the_simplex_and_leave_out_what_has_no_weight() {
        let groups = samples(&[0.4, 0.0, 0.3, 0.3], 256, 7);
        let all: Vec<&Vec<f64>> = groups.iter().flatten().collect();
        assert_eq!(all.len(), GROUPS * 256);
        for set in &all {
            assert!((set.iter().sum::<f64>() - 1.0).abs() < 1e-12 && set[1].to_bits() == 0 && [0, 2, 3].iter().all(|k| set[*k] > 0.0));
        }
        // Under Dirichlet(1, 1, 1): mean 1/3, P(w > 1/2) = 1/4, P(w0 > w2) = 1/2.
        let share = |is: &dyn Fn(&Vec<f64>) -> bool| all.iter().filter(|set| is(set)).count() as f64 / all.len() as f64;
        assert!((all.iter().map(|set| set[0]).sum::<f64>() / all.len() as f64 - 1.0 / 3.0).abs() < 0.003);
        assert!((share(&|set| set[2] > 0.5) - 0.25).abs() < 0.005);
        assert!((share(&|set| set[0] > set[3]) - 0.5).abs() < 0.005);
    }

    #[test]
    fn a_share_of_none_or_all_has_the_bound_of_so_many_draws() {
        for all in [0.0, 1.0] {
            let (mean, error) = share(&[all; GROUPS], 2048);
            // (1 - p)^2048 = 0.05
            assert!((mean - all).abs() < 1e-15 && ((1.0 - error).powi(2048) - 0.05).abs() < 1e-9, "{error}");
            assert!((0.001_46..0.001_47).contains(&error));
        }
        // Alike in every group, but neither none nor all: no narrower than one draw.
        assert_eq!(share(&[0.5; GROUPS], 2048), (0.5, 1.0 / 2048.0));
    }

    #[test]
    fn tau_counts_the_pairs_that_stand_otherwise() {
        assert_eq!(kendall(&[1, 2, 3], &[1, 2, 3]), (Some(1.0), 0));
        assert_eq!(kendall(&[1, 2, 3], &[3, 2, 1]), (Some(-1.0), 3));
        // 4 is in one order only; of the three pairs of 1, 2, 3 one is turned.
        assert_eq!(kendall(&[4, 1, 2, 3], &[2, 1, 3]).1, 1);
        assert_eq!(kendall(&[1], &[1]), (None, 0));
    }
}
