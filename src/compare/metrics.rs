//! The metrics of one piece of hardware, before and after: matched, tested, judged. Pure.

use std::collections::BTreeMap;

use super::answer::{MetricChange, Test};
use super::matching::{Matched, change_percent, matched};
use crate::scoring::{Direction, Scoring};
use crate::statistics::{Decided, FEWEST, Hypothesis};
use crate::versions::snapshot::FrozenPoint;

/// One metric of one piece of hardware.
pub(super) struct Candidate<'a> {
    /// Name of the metric.
    pub field: String,
    component: &'a str,
    better: Direction,
    /// Whether its component is judged by it.
    counts: bool,
    matched: Vec<Matched<'a>>,
    /// What either side has where nothing could be matched.
    alone: [Option<f64>; 2],
}

/// The metrics of the components that either side has, by name. Of points that cannot be matched, `best` says which are shown: those that
/// each side is recommended at.
pub(super) fn candidates<'a>(scoring: &'a Scoring, points: [&[&'a FrozenPoint]; 2], best: [Option<i64>; 2]) -> Vec<Candidate<'a>> {
    let mut all: BTreeMap<&str, Candidate<'a>> = BTreeMap::new();
    for component in &scoring.components {
        let mut judged = component.weight <= 0.0;
        for metric in &component.metrics {
            let has = |point: &&&FrozenPoint| point.metrics.contains_key(&metric.field);
            if !points.iter().any(|side| side.iter().any(|point| has(&point))) {
                continue;
            }
            let alone = [0, 1].map(|side| {
                let at_best = points[side].iter().find(|point| Some(point.point_id) == best[side]).filter(has);
                at_best.or_else(|| points[side].iter().find(has)).map(|point| point.metrics[&metric.field].mean)
            });
            if all.contains_key(metric.field.as_str()) {
                continue;
            }
            let matched = matched(points, metric);
            let counts = !judged && !matched.is_empty();
            judged |= counts;
            let (field, component, better) = (metric.field.clone(), component.name.as_str(), metric.better);
            all.insert(&metric.field, Candidate { field, component, better, counts, matched, alone });
        }
    }
    all.into_values().collect()
}

impl Candidate<'_> {
    /// The points with runs enough on both sides, as a hypothesis; `None` where there is none.
    pub(super) fn hypothesis(&self) -> Option<Hypothesis> {
        let pairs: Vec<_> = self.matched.iter().filter(|one| one.has_runs(FEWEST)).map(Matched::pair).collect();
        (!pairs.is_empty()).then(|| Hypothesis { kind: self.field.clone(), pairs })
    }

    /// What became of it. `decided`: of its hypothesis; points that were not tested are held against the threshold of the component.
    pub(super) fn judged(&self, scoring: &Scoring, decided: Option<Decided>) -> MetricChange {
        let (before, after) = match self.matched.as_slice() {
            [] => (self.alone[0], self.alone[1]),
            [one] => (Some(one.values[0].mean), Some(one.values[1].mean)),
            several => {
                let mean = |side: usize| {
                    let logs: f64 = several.iter().map(|one| one.values[side].mean.ln()).sum();
                    Some((logs / several.len() as f64).exp())
                };
                let (before, after) = (mean(0), mean(1));
                let same = several.iter().all(|one| one.values[0].mean.to_bits() == one.values[1].mean.to_bits());
                (before, if same { before } else { after })
            }
        };
        let change = before.zip(after).filter(|_| !self.matched.is_empty()).map(|(before, after)| change_percent(before, after));
        let untested: Vec<f64> = self.matched.iter().filter(|one| decided.is_none() || !one.has_runs(FEWEST)).map(log_change).collect();
        let untested = (!untested.is_empty()).then(|| 100.0 * (untested.iter().sum::<f64>() / untested.len() as f64).exp_m1());
        let beyond = untested.is_some_and(|change| change.abs() > scoring.thresholds.of(self.component));
        let found = decided.is_some_and(|one| one.significant);
        let test = match decided {
            Some(one) if found || !beyond => Some(if one.tested.pooled { Test::WelchPooled } else { Test::Welch }),
            _ if self.matched.is_empty() => None,
            _ => Some(Test::Threshold),
        };
        MetricChange {
            component: self.component.to_owned(),
            before,
            after,
            change_percent: change,
            p_value: decided.map(|one| one.tested.p_value),
            significant: found || beyond,
            p_adjusted: decided.map(|one| one.p_adjusted),
            effect_size: decided.and_then(|one| one.tested.effect_size),
            interval: decided.map(|one| one.tested.interval_percent()),
            test,
            higher_is_better: self.better == Direction::Higher,
            counts: self.counts,
            points: self.matched.iter().map(Matched::said).collect(),
        }
    }
}

fn log_change(one: &Matched<'_>) -> f64 {
    (one.values[1].mean / one.values[0].mean).ln()
}

impl MetricChange {
    /// Whether it changed for the worse.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        self.change_percent.is_some_and(|change| if self.higher_is_better { change < 0.0 } else { change > 0.0 })
    }
}
