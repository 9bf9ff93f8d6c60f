//! Welch's t test on logs: do two sides differ, by how much, and how sure is it.

use super::sample::Sample;
use super::special::{t_quantile, t_two_sided};
use super::{FEWEST, percent};

/// A difference that was tested.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tested {
    /// Difference of logs, after less before.
    pub estimate: f64,
    /// Its standard error.
    pub error: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// P(a difference at least as large | no change), two-sided.
    pub p_value: f64,
    /// Hedges' g: the difference in standard deviations of one run, corrected for few runs; `None` where nothing spreads.
    pub effect_size: Option<f64>,
    /// Whether the variance is that of many pieces of hardware together.
    pub pooled: bool,
}

impl Tested {
    /// A test of `estimate` with this error.
    pub(super) fn new(estimate: f64, error: f64, df: f64, spread: f64, pooled: bool) -> Self {
        let correction = 1.0 - 3.0 / (4.0 * df - 1.0);
        Self {
            estimate,
            error,
            df,
            p_value: t_two_sided(estimate / error, df),
            effect_size: (spread > 0.0).then(|| estimate / spread * correction),
            pooled,
        }
    }

    /// The 95 % interval of the change, in per cent.
    #[must_use]
    pub fn interval_percent(&self) -> [f64; 2] {
        let half = t_quantile(0.95, self.df) * self.error;
        [percent(self.estimate - half), percent(self.estimate + half)]
    }
}

/// Tests one or several matched pairs of samples (before, after) of one metric: whether the mean of their differences of logs is 0.
///
/// One pair: Welch's t. Several: each counts alike, the variances of the means add up, degrees of freedom by Welch and Satterthwaite.
/// `None` where there is no pair, one side has fewer than [`FEWEST`] runs, or no run differs from another, so that nothing
/// is known of the noise.
#[must_use]
pub fn welch(pairs: &[(Sample, Sample)]) -> Option<Tested> {
    if !testable(pairs) {
        return None;
    }
    let count = pairs.len() as f64;
    let parts = || pairs.iter().flat_map(|(before, after)| [before, after]);
    let variance: f64 = parts().map(Sample::variance_of_mean).sum();
    if variance <= 0.0 {
        return None;
    }
    let fourth: f64 = parts().map(|one| one.variance_of_mean().powi(2) / one.df()).sum();
    Some(Tested::new(estimate(pairs), variance.sqrt() / count, variance * variance / fourth, spread(pairs), false))
}

/// Whether both sides of every pair, of which there is one at least, have runs enough.
pub(super) fn testable(pairs: &[(Sample, Sample)]) -> bool {
    !pairs.is_empty() && pairs.iter().all(|(before, after)| before.n >= FEWEST && after.n >= FEWEST)
}

/// The mean difference of logs.
pub(super) fn estimate(pairs: &[(Sample, Sample)]) -> f64 {
    pairs.iter().map(|(before, after)| after.mean - before.mean).sum::<f64>() / pairs.len() as f64
}

/// The standard deviation of one run, over both sides of all pairs by their degrees of freedom.
pub(super) fn spread(pairs: &[(Sample, Sample)]) -> f64 {
    let parts = || pairs.iter().flat_map(|(before, after)| [before, after]);
    let df: f64 = parts().map(Sample::df).sum();
    (parts().map(|one| one.variance() * one.df()).sum::<f64>() / df).sqrt()
}
