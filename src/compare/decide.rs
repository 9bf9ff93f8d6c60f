//! Whether what changed on one piece of hardware is more than noise, and for the worse. Pure.

use std::collections::BTreeMap;

use super::answer::{Cause, MetricChange, Parts, State, Test};
use crate::scoring::Thresholds;

/// What is known of one piece of hardware.
pub(super) struct Found<'a> {
    /// Where it is.
    pub state: State,
    /// Its metrics.
    pub metrics: &'a BTreeMap<String, MetricChange>,
    /// Whether both sides were measured in the same cells and scored by the same metrics.
    pub alike: bool,
    /// Changes of compatibility, suitability and score, per cent.
    pub changes: [Option<f64>; 3],
    /// Their causes.
    pub cause: &'a Cause,
    /// Whether it had and has a score.
    pub scored: [bool; 2],
    /// Change of the memory that each side's recommendation needs, per cent.
    pub memory: Option<f64>,
    /// Runs that fail after, where none is left that does not.
    pub failing: i64,
}

/// What is said of it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Verdict {
    /// Whether a change is more than noise.
    pub significant: bool,
    /// Whether one is for the worse.
    pub regression: bool,
    /// What says so.
    pub test: Option<Test>,
    /// What is significant, in words.
    pub reasons: Vec<String>,
}

/// Decides by tests where there are runs enough, else by the thresholds.
///
/// What the data did to compatibility and score is held against thresholds only where no metric was tested (the tests have told noise
/// from change) and both sides were measured alike (a cell or metric more is no change of the hardware). What weights and rules did has
/// no noise, and always is. Of the metrics those that count make a regression.
pub(super) fn decide(found: &Found<'_>, thresholds: &Thresholds) -> Verdict {
    let mut verdict = Verdict::default();
    if found.state == State::Removed && found.failing > 0 {
        let runs = if found.failing == 1 { "run" } else { "runs" };
        verdict.add(Test::Failure, true, format!("every run of it fails now ({} {runs})", found.failing));
    }
    if matches!(found.state, State::Added | State::Removed) {
        return verdict;
    }
    let of = |test: fn(Test) -> bool| found.metrics.values().filter_map(|metric| metric.test).find(|kind| test(*kind));
    let tested = of(|kind| matches!(kind, Test::Welch | Test::WelchPooled));
    for (name, metric) in found.metrics.iter().filter(|(_, metric)| metric.significant) {
        let change = metric.change_percent.unwrap_or_default();
        verdict.add(metric.test.unwrap_or(Test::Threshold), metric.counts && metric.is_worse(), format!("{name} {}", signed(change)));
    }
    match found.scored {
        [true, false] => verdict.add(Test::Exclusion, true, "it has no score any more".to_owned()),
        [false, true] => verdict.add(Test::Exclusion, false, "it has a score now".to_owned()),
        _ => {}
    }
    let without_data = |parts: Option<Parts>| parts.map(|parts| parts.weights + parts.rules);
    let certain = [without_data(found.cause.compatibility), None, without_data(found.cause.score)];
    let by_data = tested.is_none() && found.alike;
    let held = if by_data { found.changes } else { certain };
    let names = ["compatibility", "suitability", "score"];
    let limits = [thresholds.compatibility, thresholds.suitability, thresholds.suitability];
    for ((name, change), limit) in names.iter().zip(held).zip(limits) {
        if let Some(change) = change.filter(|change| change.abs() > limit) {
            let by = if by_data { "" } else { " by weights and rules" };
            verdict.add(Test::Threshold, change < 0.0, format!("{name} {}{by}", signed(change)));
        }
    }
    let memory = found.memory.filter(|change| change.abs() > thresholds.of("memory") && by_data);
    if let Some(change) = memory.filter(|_| !found.metrics.get("memory_peak_mb").is_some_and(|metric| metric.significant)) {
        verdict.add(Test::Threshold, change > 0.0, format!("memory requirement {}", signed(change)));
    }
    verdict.test = verdict.test.or(tested).or(of(|_| true));
    verdict
}

impl Verdict {
    fn add(&mut self, test: Test, worse: bool, reason: String) {
        self.significant = true;
        self.regression |= worse;
        self.test = self.test.or(Some(test));
        self.reasons.push(reason);
    }
}

/// `-10.3 %`.
pub(super) fn signed(percent: f64) -> String {
    format!("{percent:+.1} %")
}
