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
    /// Whether a change that counts is more than noise.
    pub significant: bool,
    /// Whether one of these is for the worse.
    pub regression: bool,
    /// What says so.
    pub test: Option<Test>,
    /// What makes it significant, in words.
    pub reasons: Vec<String>,
    /// What is more than noise and does not count, in words, each with why.
    pub uncounted: Vec<String>,
}

/// What a change is held against.
#[derive(Clone, Copy)]
pub(super) struct Bar<'a> {
    /// Where runs are too few to test.
    pub thresholds: &'a Thresholds,
    /// A change of fewer per cent does not count, however sure it is.
    pub min_change: f64,
}

/// Decides by tests where there are runs enough, else by the thresholds.
///
/// What the data did to compatibility and score is held against thresholds only where no metric was tested (the tests have told noise
/// from change) and both sides were measured alike (a cell or metric more is no change of the hardware). What weights and rules did has
/// no noise, and always is. This is the one place that says what counts: everything that is printed goes by `reasons` and `uncounted`.
pub(super) fn decide(found: &Found<'_>, bar: Bar<'_>) -> Verdict {
    let Bar { thresholds, min_change } = bar;
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
    let mut memory_said = false;
    for (name, metric) in found.metrics.iter().filter(|(_, metric)| metric.significant) {
        let change = metric.change_percent.unwrap_or_default();
        let reason = format!("{name} {}", signed(change));
        if let Some(why) = why_uncounted(metric, found.metrics) {
            verdict.uncounted.push(format!("{reason} ({why})"));
        } else {
            let counted = verdict.weigh(metric.test.unwrap_or(Test::Threshold), metric.is_worse(), reason, change, min_change);
            memory_said |= counted && name == "memory_peak_mb";
        }
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
            verdict.weigh(Test::Threshold, change < 0.0, format!("{name} {}{by}", signed(change)), change, min_change);
        }
    }
    // Where peak memory is a reason already, this would say it twice.
    if let Some(change) = found.memory.filter(|change| change.abs() > thresholds.of("memory") && by_data && !memory_said) {
        verdict.weigh(Test::Threshold, change > 0.0, format!("memory requirement {}", signed(change)), change, min_change);
    }
    verdict.test = verdict.test.or(tested).or(of(|_| true));
    verdict
}

/// Why a metric does not count; `None` where it does.
fn why_uncounted(metric: &MetricChange, all: &BTreeMap<String, MetricChange>) -> Option<String> {
    if metric.counts {
        return None;
    }
    let judge = all.iter().find(|(_, other)| other.counts && other.component == metric.component);
    Some(match judge {
        Some((name, _)) => format!("{} is judged by {name}", metric.component),
        None => format!("{} weighs nothing", metric.component),
    })
}

impl Verdict {
    /// Adds a change that is more than noise: large enough, or beside the verdict. Returns whether it became a reason.
    fn weigh(&mut self, test: Test, worse: bool, reason: String, change: f64, min_change: f64) -> bool {
        let counted = change.abs() >= min_change;
        if counted {
            self.add(test, worse, reason);
        } else {
            self.uncounted.push(format!("{reason} (smaller than {min_change} %)"));
        }
        counted
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    /// A metric of a component that changed by so many per cent, surely; larger is better.
    fn metric(component: &str, change: f64, counts: bool) -> MetricChange {
        MetricChange {
            component: component.to_owned(),
            before: Some(100.0),
            after: Some(100.0 + change),
            change_percent: Some(change),
            p_value: Some(0.0),
            significant: true,
            p_adjusted: Some(0.0),
            effect_size: None,
            interval: None,
            test: Some(Test::Welch),
            higher_is_better: true,
            counts,
            points: Vec::new(),
        }
    }

    /// What is said of hardware with these metrics whose rules took so many per cent off its score.
    fn decided(metrics: &[(&str, MetricChange)], by_rules: f64, min_change: f64) -> Verdict {
        with_memory(metrics, by_rules, min_change, None)
    }

    /// The same where the memory that the recommendation needs changed by so many per cent.
    fn with_memory(metrics: &[(&str, MetricChange)], by_rules: f64, min_change: f64, memory: Option<f64>) -> Verdict {
        let metrics = metrics.iter().map(|(name, metric)| ((*name).to_owned(), metric.clone())).collect();
        let cause = Cause { compatibility: None, score: Some(Parts { rules: by_rules, ..Parts::default() }) };
        let found = Found {
            state: State::Changed,
            metrics: &metrics,
            alike: true,
            changes: [None; 3],
            cause: &cause,
            scored: [true; 2],
            memory,
            failing: 0,
        };
        decide(&found, Bar { thresholds: &Thresholds::default(), min_change })
    }

    #[test]
    fn only_what_counts_is_a_reason() {
        let metrics =
            [("fast", metric("speed", -3.0, false)), ("first", metric("speed", 2.0, true)), ("heat", metric("energy", 9.0, false))];
        let verdict = decided(&metrics, 0.0, 0.0);
        assert_eq!((verdict.significant, verdict.regression, verdict.test), (true, false, Some(Test::Welch)));
        assert_eq!(verdict.reasons, ["first +2.0 %"]);
        assert_eq!(verdict.uncounted, ["fast -3.0 % (speed is judged by first)", "heat +9.0 % (energy weighs nothing)"]);
        let verdict = decided(&metrics[2..], 0.0, 0.0);
        assert_eq!((verdict.significant, verdict.reasons.len(), verdict.uncounted.len()), (false, 0, 1));
    }

    #[test]
    fn a_sure_change_below_the_least_does_not_count_either_way() {
        let metrics = [("down", metric("a", -2.0, true)), ("up", metric("b", 1.5, true))];
        let verdict = decided(&metrics, -12.0, 2.0);
        assert_eq!(verdict.reasons, ["down -2.0 %", "score -12.0 % by weights and rules"]);
        assert_eq!((verdict.regression, verdict.uncounted), (true, vec!["up +1.5 % (smaller than 2 %)".to_owned()]));
        let verdict = decided(&metrics, -12.0, 12.5);
        assert_eq!((verdict.significant, verdict.regression, verdict.uncounted.len()), (false, false, 3));
    }

    #[test]
    fn more_memory_is_said_once_and_not_hidden_by_a_metric_that_does_not_count() {
        let peak = |change: f64, counts: bool| {
            let metric = MetricChange { test: Some(Test::Threshold), higher_is_better: false, ..metric("memory", change, counts) };
            [("memory_peak_mb", metric)]
        };
        let said = |peak: &[(&str, MetricChange)], min_change: f64| {
            let verdict = with_memory(peak, 0.0, min_change, Some(60.0));
            assert!(verdict.regression, "{verdict:?}");
            (verdict.reasons, verdict.uncounted)
        };
        let of = |reason: &str, uncounted: &[&str]| (vec![reason.to_owned()], uncounted.iter().map(|text| (*text).to_owned()).collect());
        assert_eq!(said(&peak(50.0, true), 0.0), of("memory_peak_mb +50.0 %", &[]));
        let weightless = of("memory requirement +60.0 %", &["memory_peak_mb +50.0 % (memory weighs nothing)"]);
        assert_eq!(said(&peak(50.0, false), 0.0), weightless);
        let small = of("memory requirement +60.0 %", &["memory_peak_mb +50.0 % (smaller than 55 %)"]);
        assert_eq!(said(&peak(50.0, true), 55.0), small);
        assert_eq!(said(&[], 0.0), of("memory requirement +60.0 %", &[]));
    }
}
