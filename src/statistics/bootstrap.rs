//! A studentised bootstrap: an interval of a number that is computed from several measured means.

use super::random::SplitMix;
use super::sample::Sample;

/// How often is drawn.
const DRAWS: usize = 1_999;
/// The step of a numeric slope, on the log scale.
const STEP: f64 = 1e-5;

/// Returns the 95 % interval of `value` of the log means of the samples; `None` where it does not hang on their noise, or fewer than
/// two runs are known of every one that it hangs on.
///
/// Each draw takes new runs from a log-normal distribution with the measured mean and spread (mean of n, spread with n - 1 degrees
/// of freedom), computes the value, and divides its distance by its own standard error (delta method); the interval is the measured value less the
/// quantiles of that, times the measured standard error. Drawing from the few runs themselves would know no noise that they do not show
/// (three runs drawn from three are one and the same in one draw of nine).
pub fn interval(samples: &[Sample], value: impl Fn(&[f64]) -> f64, seed: u64) -> Option<[f64; 2]> {
    let means: Vec<f64> = samples.iter().map(|one| one.mean).collect();
    let noisy: Vec<usize> = (0..samples.len()).filter(|at| samples[*at].n >= 2 && samples[*at].sd > 0.0).collect();
    let spreads: Vec<f64> = samples.iter().map(|one| one.sd).collect();
    let measured = value(&means);
    let error = standard_error(samples, &noisy, &means, &spreads, &value);
    if error <= 0.0 || !error.is_finite() {
        return None;
    }
    let mut random = SplitMix(seed);
    let mut distances: Vec<f64> = Vec::with_capacity(DRAWS);
    for _ in 0..DRAWS {
        let (mut drawn, mut spread) = (means.clone(), spreads.clone());
        for at in &noisy {
            let one = &samples[*at];
            drawn[*at] += one.sd / (one.n as f64).sqrt() * random.normal();
            spread[*at] = one.sd * (random.chi_square(one.df()) / one.df()).sqrt();
        }
        let own = standard_error(samples, &noisy, &drawn, &spread, &value);
        if own > 0.0 {
            distances.push((value(&drawn) - measured) / own);
        }
    }
    distances.sort_by(f64::total_cmp);
    let last = distances.len().checked_sub(1)?;
    // (DRAWS + 1) x 2.5 % is whole.
    let cut = (distances.len() + 1) * 25 / 1000;
    let (low, high) = (distances[cut.saturating_sub(1)], distances[last - cut.saturating_sub(1)]);
    Some([measured - high * error, measured - low * error])
}

/// The standard error of the value by its slopes.
fn standard_error(samples: &[Sample], noisy: &[usize], means: &[f64], spreads: &[f64], value: &impl Fn(&[f64]) -> f64) -> f64 {
    let mut at_hand = means.to_vec();
    let mut variance = 0.0;
    for at in noisy {
        at_hand[*at] = means[*at] + STEP;
        let above = value(&at_hand);
        at_hand[*at] = means[*at] - STEP;
        let below = value(&at_hand);
        at_hand[*at] = means[*at];
        let slope = (above - below) / (2.0 * STEP);
        variance += slope * slope * spreads[*at] * spreads[*at] / samples[*at].n as f64;
    }
    variance.sqrt()
}
