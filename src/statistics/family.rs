//! Many tests at once: variance pooled where that is sound, and Holm's correction.

use std::collections::BTreeMap;

use super::LEVEL;
use super::sample::Sample;
use super::special::chi_square_above;
use super::welch::{Tested, estimate, spread, testable, welch};

/// The fewest tests whose variances are pooled: with fewer, a test of equal variances sees too little, and Welch's test alone finds a
/// change of 10 % with five runs a side at 2 % noise in more than 95 of 100.
const POOLED_FROM: usize = 20;
/// Runs of each side that a pooled test must have: below, its own variance says too little against the pooled one.
const POOLED_RUNS: i64 = 4;
/// Bartlett's test must not find the variances unlike at this level; a liberal one, since we look for a reason not to pool.
const HOMOGENEOUS: f64 = 0.3;
/// A test whose own variance is this many times the pooled one keeps its own.
const OUTLYING: f64 = 2.5;
/// What the pooled variance is multiplied by, so that noise that differs a little more than the test saw raises no false alarm.
const SAFETY: f64 = 1.25;

/// One question of a family: did this metric change on this hardware.
#[derive(Clone, Debug)]
pub struct Hypothesis {
    /// Tests of one kind (one metric) may be pooled by themselves.
    pub kind: String,
    /// Matched samples, before and after.
    pub pairs: Vec<(Sample, Sample)>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decided {
    /// The test by itself.
    pub tested: Tested,
    /// Its p by Holm's correction, over all tests of the family.
    pub p_adjusted: f64,
    /// Whether that is at most [`LEVEL`].
    pub significant: bool,
}

/// Tests every hypothesis that can be tested (see [`welch`]), corrected over those together.
///
/// The chance that any is called significant though nothing changed is at most [`LEVEL`]. In families of at least 20 tests
/// variances are pooled over those with at least four runs a side where Bartlett's test at a level of 0.3 finds nothing
/// against it: over all of them, else over those of one kind; taken 1.25 times, and not for a test whose own variance is above 2.5 times
/// the pooled one. These numbers are the outcome of simulations (see ARCHITECTURE.md).
#[must_use]
pub fn decide(family: &[Hypothesis]) -> Vec<Option<Decided>> {
    let mut tests: Vec<Option<Tested>> = family.iter().map(|one| welch(&one.pairs)).collect();
    let tested: Vec<usize> = (0..family.len()).filter(|at| tests[*at].is_some()).collect();
    if tested.len() >= POOLED_FROM {
        pool(family, &tested, &mut tests);
    }
    let adjusted = holm(&tested.iter().filter_map(|at| tests[*at].map(|one| one.p_value)).collect::<Vec<f64>>());
    let mut adjusted = adjusted.into_iter();
    tests
        .into_iter()
        .map(|test| {
            let (tested, p_adjusted) = (test?, adjusted.next()?);
            Some(Decided { tested, p_adjusted, significant: p_adjusted <= LEVEL })
        })
        .collect()
}

/// Replaces tests by pooled ones where that is sound.
fn pool(family: &[Hypothesis], tested: &[usize], tests: &mut [Option<Tested>]) {
    let enough = |at: &usize| family[*at].pairs.iter().all(|(before, after)| before.n >= POOLED_RUNS && after.n >= POOLED_RUNS);
    let all: Vec<usize> = tested.iter().copied().filter(enough).collect();
    let mut by_kind: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for at in &all {
        by_kind.entry(&family[*at].kind).or_default().push(*at);
    }
    let groups = match homogeneous(family, &all) {
        Some(variance) => vec![(all, variance)],
        None => by_kind.into_values().filter_map(|group| homogeneous(family, &group).map(|variance| (group, variance))).collect(),
    };
    for (group, (variance, df)) in groups {
        for at in group {
            let pairs = &family[at].pairs;
            if spread(pairs).powi(2) > OUTLYING * variance {
                continue;
            }
            let inverse: f64 = pairs.iter().flat_map(|(before, after)| [before, after]).map(|one| 1.0 / one.n as f64).sum();
            let error = (SAFETY * variance * inverse).sqrt() / pairs.len() as f64;
            tests[at] = Some(Tested::new(estimate(pairs), error, df, (SAFETY * variance).sqrt(), true));
        }
    }
}

/// The pooled variance of one run and its degrees of freedom, where the tests are many enough and alike enough.
fn homogeneous(family: &[Hypothesis], tests: &[usize]) -> Option<(f64, f64)> {
    let samples: Vec<Sample> = tests.iter().flat_map(|at| &family[*at].pairs).flat_map(|(before, after)| [*before, *after]).collect();
    if tests.len() < POOLED_FROM || !tests.iter().all(|at| testable(&family[*at].pairs)) {
        return None;
    }
    let df: f64 = samples.iter().map(Sample::df).sum();
    let variance = samples.iter().map(|one| one.variance() * one.df()).sum::<f64>() / df;
    (bartlett(&samples)? >= HOMOGENEOUS).then_some((variance, df))
}

/// Bartlett's test: P(variances at least so unlike | all are equal). `None` below two samples; 0 where one does not spread at all.
#[must_use]
pub fn bartlett(samples: &[Sample]) -> Option<f64> {
    if samples.len() < 2 {
        return None;
    }
    if samples.iter().any(|one| one.variance() <= 0.0) {
        return Some(0.0);
    }
    let k = samples.len() as f64;
    let df: f64 = samples.iter().map(Sample::df).sum();
    let pooled = samples.iter().map(|one| one.variance() * one.df()).sum::<f64>() / df;
    let logs: f64 = samples.iter().map(|one| one.df() * one.variance().ln()).sum();
    let inverse: f64 = samples.iter().map(|one| 1.0 / one.df()).sum();
    let statistic = (df * pooled.ln() - logs) / (1.0 + (inverse - 1.0 / df) / (3.0 * (k - 1.0)));
    Some(chi_square_above(statistic, k - 1.0))
}

/// Holm's correction: the p values as they may be held against the level of the whole family, in the same order.
#[must_use]
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut adjusted = vec![0.0; p_values.len()];
    let mut highest = 0.0_f64;
    for (place, at) in order.iter().enumerate() {
        highest = highest.max(p_values[*at] * (p_values.len() - place) as f64).min(1.0);
        adjusted[*at] = highest;
    }
    adjusted
}
