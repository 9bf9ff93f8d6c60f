//! Change points of a series: where its level steps up or down.
//!
//! Method: binary segmentation with the maximal t test for one shift at an unknown place (Worsley 1979: the likelihood ratio test
//! under normal noise of unknown size; here with places weighted), and the same for a level in between (circular binary segmentation,
//! Olshen and Venkatraman 2004).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::percent;
use super::random::SplitMix;
use super::special::{t_quantile, t_two_sided};

/// The name of the method, as it is printed.
pub const METHOD: &str = "binary segmentation with the maximal t test (Worsley)";
/// A shorter stretch of a series is not searched: it leaves no more than one degree of freedom.
pub const SHORTEST: usize = 4;
/// How many series without a change the p value of a step is counted from.
const STEPS: usize = 4_999;
/// The same for a bump, of which there are more to try.
const BUMPS: usize = 1_999;
/// What they are drawn by.
const SEED: u64 = 0x5_7E95;

/// A step of the level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Place of the first value at the new level.
    pub at: usize,
    /// Change of the level, in per cent.
    pub change_percent: f64,
    /// Its 95 % interval, the place taken as known.
    pub interval_percent: [f64; 2],
    /// P(a step at least so clear somewhere in this stretch | there is none).
    pub p_value: f64,
}

/// Finds the steps of a series of values above 0, in order.
///
/// Each value is one observation: what counts as noise is how values vary from one to the next, not how runs of one version
/// vary. A stretch is searched for one step, then, where there is none, for two that enclose another level (a fault that came and was mended
/// shifts no mean for good). The chance of any step where there is none is `level`, a tenth of it for the second search; each
/// stretch beside a step that was found is searched at half the level.
#[must_use]
pub fn steps(values: &[f64], level: f64) -> Vec<Step> {
    if values.is_empty() || values.iter().any(|value| !value.is_finite() || *value <= 0.0) {
        return Vec::new();
    }
    let logs: Vec<f64> = values.iter().map(|value| (value / values[0]).ln()).collect();
    let mut found = Vec::new();
    search(&logs, 0, level, &mut found);
    found.sort_by_key(|step| step.at);
    found
}

/// Steps of a stretch that begins at place `from` of the series.
fn search(logs: &[f64], from: usize, level: f64, found: &mut Vec<Step>) {
    if logs.len() < SHORTEST {
        return;
    }
    for (shape, share) in [(Shape::Step, 0.9), (Shape::Bump, 0.1)] {
        let (cut, clearness) = clearest(logs, shape);
        let p_value = p_value(logs.len(), shape, clearness);
        if p_value > level * share {
            continue;
        }
        let half = t_quantile(0.95, (logs.len() - 2) as f64) * cut.error;
        let step = |at: usize, shift: f64| Step {
            at: from + at,
            change_percent: percent(shift),
            interval_percent: [percent(shift - half), percent(shift + half)],
            p_value,
        };
        found.push(step(cut.begin, cut.shift));
        search(&logs[..cut.begin], from, level / 2.0, found);
        search(&logs[cut.begin..cut.end], from + cut.begin, level / 2.0, found);
        if cut.end < logs.len() {
            found.push(step(cut.end, -cut.shift));
            search(&logs[cut.end..], from + cut.end, level / 2.0, found);
        }
        return;
    }
}

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shape {
    /// Another level from some place to the end.
    Step,
    /// Another level in between.
    Bump,
}

/// Values `begin..end` against all others.
#[derive(Clone, Copy)]
struct Cut {
    begin: usize,
    end: usize,
    shift: f64,
    error: f64,
    t: f64,
}

impl Cut {
    /// P(|T| >= t), as if it had been the only cut to look at.
    fn alone(&self, length: usize) -> f64 {
        t_two_sided(self.t, (length - 2) as f64)
    }
}

/// The clearest cut, and how clear it is: its p alone over the share of the level that its place has; the first of several.
///
/// The shares of the places of a step sum to 1 and go with 1 / k, k the values on the shorter side: one value alone (the newest
/// version, say) says so little that it needs a larger share, and in the middle a step is clear with a small one. All bumps have the same share.
fn clearest(logs: &[f64], shape: Shape) -> (Cut, f64) {
    let length = logs.len();
    let cuts = Cuts::new(logs);
    let first = |best: (Cut, f64), next: (Cut, f64)| if next.1 < best.1 { next } else { best };
    match shape {
        Shape::Step => {
            let share = |begin: usize| 1.0 / begin.min(length - begin) as f64;
            let whole: f64 = (1..length).map(share).sum();
            let scored = |begin: usize| {
                let cut = cuts.cut(begin, length);
                (cut, cut.alone(length) / (share(begin) / whole))
            };
            (2..length).map(scored).fold(scored(1), first)
        }
        Shape::Bump => {
            let all = (1..length).flat_map(|begin| (begin + 1..length).map(move |end| (begin, end)));
            let steeper = |best: Cut, next: Cut| if next.t.abs() > best.t.abs() { next } else { best };
            let best = all.map(|(begin, end)| cuts.cut(begin, end)).fold(cuts.cut(1, 2), steeper);
            (best, best.alone(length) * ((length - 1) * (length - 2) / 2) as f64)
        }
    }
}

/// The sums that all cuts of a stretch share.
struct Cuts {
    sums: Vec<f64>,
    whole: f64,
    n: f64,
}

impl Cuts {
    fn new(logs: &[f64]) -> Self {
        let n = logs.len() as f64;
        let mean = logs.iter().sum::<f64>() / n;
        let mut sums = vec![0.0];
        for log in logs {
            sums.push(sums[sums.len() - 1] + log - mean);
        }
        Self { sums, whole: logs.iter().map(|log| (log - mean) * (log - mean)).sum(), n }
    }

    /// The t test of the mean of `begin..end` against that of all others.
    fn cut(&self, begin: usize, end: usize) -> Cut {
        let (inside, sum) = ((end - begin) as f64, self.sums[end] - self.sums[begin]);
        let outside = self.n - inside;
        let shift = sum / inside + sum / outside;
        // What the cut explains is taken off the whole; what rounding leaves of nothing is nothing.
        let rest = self.whole - sum * sum * self.n / (inside * outside);
        let rest = if rest > self.whole * 1e-14 { rest } else { 0.0 };
        let error = (rest / (self.n - 2.0) * (1.0 / inside + 1.0 / outside)).sqrt();
        let t = match (shift.abs() < 1e-12, error > 0.0) {
            (true, _) => 0.0,
            (false, true) => shift / error,
            (false, false) => f64::INFINITY.copysign(shift),
        };
        Cut { begin, end, shift, error, t }
    }
}

/// P(the clearest cut of so many values without a step is as clear): counted, or Bonferroni's bound (the clearness itself) where that
/// is the sharper of the two, beyond what can be counted.
fn p_value(length: usize, shape: Shape, clearness: f64) -> f64 {
    let drawn = without_a_step(length, shape);
    let reached = drawn.partition_point(|one| *one <= clearness);
    ((1 + reached) as f64 / (drawn.len() + 1) as f64).min(clearness)
}

/// By length and shape.
type Drawn = BTreeMap<(usize, Shape), Arc<[f64]>>;

/// How clear the clearest cut is in series of so many normal values without a step, in order. Drawn once a length.
fn without_a_step(length: usize, shape: Shape) -> Arc<[f64]> {
    static KNOWN: Mutex<Drawn> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let draw = || {
        let mut random = SplitMix(SEED ^ length as u64);
        let draws = if shape == Shape::Step { STEPS } else { BUMPS };
        let mut series = || (0..length).map(|_| random.normal()).collect::<Vec<f64>>();
        let mut all: Vec<f64> = (0..draws).map(|_| clearest(&series(), shape).1).collect();
        all.sort_by(f64::total_cmp);
        all.into()
    };
    known.entry((length, shape)).or_insert_with(draw).clone()
}
