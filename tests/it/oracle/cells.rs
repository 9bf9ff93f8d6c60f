//! Points of a cell held against each other: contest, arenas, component scores, imputation, compatibility, confidence.

use std::collections::{BTreeMap, BTreeSet};

use super::config::Metric;
use super::points::Point;
use super::{Ask, Config, round12};

/// A point with its scores.
#[derive(Clone, Debug)]
pub struct Scored {
    pub point: Point,
    /// Whether its hardware is contested in this cell.
    pub contested: bool,
    /// One a component; `None` where it has no score, imputed ones included.
    pub components: Vec<Option<f64>>,
    /// One a component: the metric that it rests on, as its place in the list, and what it was divided by.
    pub basis: Vec<Option<(usize, f64)>>,
    /// After sharing out those of components that are out.
    pub weights: Vec<f64>,
    pub compatibility: f64,
    pub confidence: f64,
    pub suitability: f64,
}

/// What became of the points of all cells.
pub struct Cells {
    pub scored: Vec<Scored>,
    /// Hardware with a point before limits.
    pub had_points: BTreeSet<String>,
    /// Hardware with a point after them.
    pub left: BTreeSet<String>,
}

/// A component's metric, with the values of its `same` fields.
type Group = (usize, usize, Vec<Option<String>>);

fn group_of(k: usize, place: usize, metric: &Metric, point: &Point) -> Group {
    (k, place, metric.same.iter().map(|field| point.get(field)).collect())
}

pub fn cells(points: Vec<Point>, ask: &Ask, config: &Config) -> Cells {
    let mut by_cell: BTreeMap<Vec<Option<String>>, Vec<Point>> = BTreeMap::new();
    let mut had_points = BTreeSet::new();
    for point in points {
        had_points.insert(point.hardware.clone());
        by_cell.entry(point.cell.clone()).or_default().push(point);
    }
    let mut all = Cells { scored: Vec::new(), had_points, left: BTreeSet::new() };
    for points in by_cell.into_values() {
        let groups = existing(&points, config);
        let contested: BTreeSet<String> = points
            .iter()
            .filter(|point| {
                taken(point, &groups, config).iter().zip(&ask.weights).any(|(metric, weight)| metric.is_some() && *weight > 0.0)
            })
            .map(|point| point.hardware.clone())
            .collect();
        let (together, apart): (Vec<Point>, Vec<Point>) = points.into_iter().partition(|point| contested.contains(&point.hardware));
        arena(&together, Some(&groups), ask, config, &mut all);
        let mut alone: BTreeMap<String, Vec<Point>> = BTreeMap::new();
        for point in apart {
            alone.entry(point.hardware.clone()).or_default().push(point);
        }
        for points in alone.values() {
            arena(points, None, ask, config, &mut all);
        }
    }
    all
}

/// Groups of at least two hardware, and of more than half of those that have any metric of the component.
fn existing(points: &[Point], config: &Config) -> BTreeSet<Group> {
    let mut exist = BTreeSet::new();
    for (k, component) in config.components.iter().enumerate() {
        let mut any: BTreeSet<&str> = BTreeSet::new();
        let mut members: BTreeMap<Group, BTreeSet<&str>> = BTreeMap::new();
        for point in points {
            for (place, metric) in component.metrics.iter().enumerate() {
                if point.mean(&metric.field).is_some() {
                    any.insert(&point.hardware);
                    members.entry(group_of(k, place, metric, point)).or_default().insert(&point.hardware);
                }
            }
        }
        for (group, hardware) in members {
            if hardware.len() >= 2 && 2 * hardware.len() > any.len() {
                exist.insert(group);
            }
        }
    }
    exist
}

/// For each component, the first listed metric that puts the point in a group.
fn taken(point: &Point, groups: &BTreeSet<Group>, config: &Config) -> Vec<Option<usize>> {
    let mut taken = Vec::new();
    for (k, component) in config.components.iter().enumerate() {
        taken.push(
            component
                .metrics
                .iter()
                .enumerate()
                .position(|(place, metric)| point.mean(&metric.field).is_some() && groups.contains(&group_of(k, place, metric, point))),
        );
    }
    taken
}

fn meets(point: &Point, limits: &[(String, String, f64)]) -> bool {
    limits.iter().all(|(metric, op, bound)| match point.mean(metric) {
        None => false,
        Some(value) => match op.as_str() {
            "<=" => value <= *bound,
            "<" => value < *bound,
            ">=" => value >= *bound,
            ">" => value > *bound,
            other => panic!("`{other}` is no comparison"),
        },
    })
}

/// Scores the points of an arena. Without groups it is one hardware by itself, and a point takes the first metric that it has.
fn arena(points: &[Point], groups: Option<&BTreeSet<Group>>, ask: &Ask, config: &Config, all: &mut Cells) {
    let count = config.components.len();
    let chosen: Vec<Vec<Option<usize>>> = points
        .iter()
        .map(|point| match groups {
            Some(groups) => taken(point, groups, config),
            None => config
                .components
                .iter()
                .map(|component| component.metrics.iter().position(|metric| point.mean(&metric.field).is_some()))
                .collect(),
        })
        .collect();
    let left: Vec<(&Point, &Vec<Option<usize>>)> = points.iter().zip(&chosen).filter(|(point, _)| meets(point, &ask.limits)).collect();
    all.left.extend(left.iter().map(|(point, _)| point.hardware.clone()));

    let mut rests: Vec<Vec<Option<(usize, f64)>>> = Vec::new();
    let mut scores: Vec<Vec<Option<f64>>> = Vec::new();
    for (point, takes) in &left {
        let mut basis = vec![None; count];
        let mut score = vec![None; count];
        for k in 0..count {
            let Some(place) = takes[k] else { continue };
            let metric = &config.components[k].metrics[place];
            let group = group_of(k, place, metric, point);
            let members: Vec<&Point> = left
                .iter()
                .map(|(other, _)| *other)
                .filter(|other| other.mean(&metric.field).is_some() && group_of(k, place, metric, other) == group)
                .collect();
            let measured = members.iter().any(|other| other.measured());
            let values = members.iter().filter(|other| !measured || other.measured()).filter_map(|other| other.mean(&metric.field));
            let reference = if metric.higher { values.fold(f64::MIN, f64::max) } else { values.fold(f64::MAX, f64::min) };
            let value = point.mean(&metric.field).expect("it takes a metric that it has");
            let ratio = if metric.higher { value / reference } else { reference / value };
            basis[k] = Some((place, reference));
            score[k] = Some(round12(ratio.min(1.0)));
        }
        rests.push(basis);
        scores.push(score);
    }

    // Components that nobody has a score in are out.
    let there: Vec<bool> = (0..count).map(|k| scores.iter().any(|score| score[k].is_some())).collect();
    let sum: f64 = (0..count).filter(|k| there[*k]).map(|k| ask.weights[k]).sum();
    let weights: Vec<f64> = (0..count).map(|k| if there[k] && sum > 0.0 { ask.weights[k] / sum } else { 0.0 }).collect();
    let medians: Vec<Option<f64>> = (0..count).map(|k| median(&left, &scores, k)).collect();

    for (at, (point, _)) in left.iter().enumerate() {
        let known: Vec<usize> = (0..count).filter(|k| weights[*k] > 0.0 && scores[at][*k].is_some()).collect();
        let lacking: Vec<usize> = (0..count).filter(|k| weights[*k] > 0.0 && scores[at][*k].is_none()).collect();
        if known.is_empty() || (config.missing == "exclude" && !lacking.is_empty()) {
            continue;
        }
        let share: f64 = known.iter().map(|k| weights[*k]).sum();
        let own: Vec<(f64, f64)> = known.iter().map(|k| (weights[*k] / share, scores[at][*k].expect("known"))).collect();
        let own = mean(&own, ask.ratio);
        let mut components = scores[at].clone();
        let mut weights = weights.clone();
        for k in lacking {
            match config.missing.as_str() {
                "median" => components[k] = Some(round12(medians[k].expect("somebody has it").min(own))),
                "zero" => components[k] = Some(0.0),
                "share" => {}
                other => panic!("`{other}` is no way to treat what is missing"),
            }
        }
        if config.missing == "share" {
            for (k, weight) in weights.iter_mut().enumerate() {
                *weight = if known.contains(&k) { *weight / share } else { 0.0 };
            }
        }
        let terms: Vec<(f64, f64)> =
            (0..count).filter(|k| weights[*k] > 0.0).map(|k| (weights[k], components[k].expect("scored"))).collect();
        let compatibility = round12(mean(&terms, ask.ratio));
        let confidence = round12((config.floor + (1.0 - config.floor) * point.n as f64 / config.full_at).min(1.0));
        all.scored.push(Scored {
            point: (*point).clone(),
            contested: groups.is_some(),
            components,
            basis: rests[at].clone(),
            weights,
            compatibility,
            confidence,
            suitability: round12(compatibility * confidence),
        });
    }
}

/// Weighted mean of (weight, score), weights summing to 1.
pub fn mean(terms: &[(f64, f64)], ratio: bool) -> f64 {
    if !ratio {
        return terms.iter().map(|(weight, score)| weight * score).sum();
    }
    terms.iter().map(|(weight, score)| score.powf(*weight)).product()
}

/// Median over the hardware of their best scores in a component.
fn median(points: &[(&Point, &Vec<Option<usize>>)], scores: &[Vec<Option<f64>>], k: usize) -> Option<f64> {
    let mut best: BTreeMap<&str, f64> = BTreeMap::new();
    for ((point, _), score) in points.iter().zip(scores) {
        if let Some(score) = score[k] {
            let at = best.entry(&point.hardware).or_insert(score);
            *at = at.max(score);
        }
    }
    let mut best: Vec<f64> = best.into_values().collect();
    best.sort_by(f64::total_cmp);
    let n = best.len();
    if n == 0 {
        return None;
    }
    Some(if n % 2 == 1 { best[n / 2] } else { f64::midpoint(best[n / 2 - 1], best[n / 2]) })
}
