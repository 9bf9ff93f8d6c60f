//! Whether a change is one: tests, intervals and change points on logarithms of metrics. Pure; nothing here reads rows.
//!
//! Metrics are compared by their ratio, and run-to-run noise is in proportion to what is measured; so everything works on logs: a
//! difference of logs is a change in per cent. [`sample`] what is known of repeats, [`mod@welch`] the test, [`family`] many tests together
//! (pooled variance, Holm), [`bootstrap`] an interval of what is computed from several metrics, [`mod@steps`] changes along a series.

pub mod bootstrap;
pub mod family;
pub mod random;
pub mod sample;
pub mod special;
pub mod steps;
pub mod welch;

pub use family::{Decided, Hypothesis, decide, holm};
pub use sample::Sample;
pub use steps::{Step, steps};
pub use welch::{Tested, welch};

/// The level of every test: how often at most something is called significant where nothing changed.
pub const LEVEL: f64 = 0.05;

/// Runs of each side from which noise is estimated well enough to test.
pub const FEWEST: i64 = 3;

/// A difference of logs as a change in per cent.
#[must_use]
pub fn percent(log_ratio: f64) -> f64 {
    100.0 * log_ratio.exp_m1()
}
