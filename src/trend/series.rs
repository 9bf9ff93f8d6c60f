//! Values by version and hardware, on one scale.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::answer::{Series, StepAt, Trend, Value};
use crate::error::listed;
use crate::fields;
use crate::recommend::answer::SCHEMA_VERSION;
use crate::recommend::judge::{apply, score_for, weights_for};
use crate::rules::records::{RuleRequest, Verdict};
use crate::rules::{RuleError, RuleSet};
use crate::scoring::plan::{Purpose, Scope};
use crate::scoring::{Direction, Scoring};
use crate::statistics::steps::{METHOD, SHORTEST};
use crate::statistics::{LEVEL, steps};
use crate::store::{Db, Model};
use crate::versions::snapshot::{FrozenPoint, Snapshot};
use crate::{Error, Result};

/// What is followed when nothing is named.
const SCORE: &str = "score";

/// What to follow.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Model, by name or id.
    pub model: String,
    /// Only hardware with this label, name or type; `None` is all.
    pub hardware: Option<String>,
    /// A metric; `None` is the score.
    pub metric: Option<String>,
}

/// Values of one piece of hardware: by version, with how many results.
type Values = Vec<Option<(f64, i64)>>;

/// Follows a metric or the score over the versions of a model that have a snapshot: the newest of each.
///
/// Scores are those of the newest snapshot's rule set, components against the best of all versions together: so a step is the hardware's, not
/// its rivals' nor the rules'. A metric is followed at one operating point a piece of hardware: that which most versions have (whatever the
/// software; the best of several).
///
/// # Errors
/// Unknown model, hardware or metric, fewer than two versions with a snapshot: exit code 2.
pub fn trend(db: &Db, request: &Request) -> Result<Trend> {
    let model = db.model(&request.model)?;
    let metric = request.metric.clone().unwrap_or_else(|| SCORE.to_owned());
    if metric != SCORE && !fields::of_role(fields::Role::Metric).any(|known| known == metric) {
        return Err(Error::unknown_listed("metric", &metric, [SCORE].into_iter().chain(fields::of_role(fields::Role::Metric))));
    }
    let (snapshots, without) = snapshots(db, &model)?;
    if snapshots.len() < 2 {
        return Err(Error::input(format!("`{}` has {} with a snapshot, and a trend needs two", model.name, versions(snapshots.len())))
            .help("`suitor create-snapshot --model M --version V` makes one"));
    }
    let wanted: Option<BTreeSet<i64>> = match &request.hardware {
        None => None,
        Some(name) => {
            db.known_hardware(std::slice::from_ref(name))?;
            Some(db.hardware()?.into_iter().filter(|one| one.is_named(name)).map(|one| one.id).collect())
        }
    };
    // Sides are the snapshots, oldest first.
    let ids: Vec<i64> = snapshots.iter().map(|one| one.id).collect();
    let rules = db.snapshot_rules(&snapshots[snapshots.len() - 1])?;
    let over = db.over(&ids)?;
    let (points, scores) = scored(&over, &model, &rules, &snapshots, metric == SCORE)?;
    let mut all: Vec<(i64, String, BTreeMap<String, String>, Values)> = Vec::new();
    let mut by_hardware: BTreeMap<i64, Vec<&FrozenPoint>> = BTreeMap::new();
    for point in points.iter().filter(|point| wanted.as_ref().is_none_or(|wanted| wanted.contains(&point.hardware_id))) {
        by_hardware.entry(point.hardware_id).or_default().push(point);
    }
    let better = direction(&rules.scoring, &metric);
    for (key, points) in &by_hardware {
        let (point, values) = if metric == SCORE {
            (BTreeMap::new(), (0..snapshots.len()).map(|side| scores.get(&(side, *key)).copied()).collect())
        } else {
            followed(points, &metric, better, snapshots.len())
        };
        if values.iter().any(Option::is_some) {
            all.push((*key, points[0].hardware.clone(), point, values));
        }
    }
    if all.is_empty() {
        return Err(Error::input(format!("no snapshot of `{}` has a value of `{metric}`", model.name)));
    }
    let higher = better != Some(Direction::Lower);
    let newest = |values: &Values| values.iter().rev().flatten().next().map_or(0.0, |(value, _)| if higher { -value } else { *value });
    all.sort_by(|a, b| newest(&a.3).total_cmp(&newest(&b.3)).then_with(|| a.1.cmp(&b.1)));
    // The level is shared, so that a page of many pieces of hardware raises no more false alarms than one.
    let searched = all.iter().filter(|(.., values)| values.iter().flatten().count() >= SHORTEST).count();
    let level = LEVEL / searched.max(1) as f64;
    let series: Vec<Series> =
        all.into_iter().map(|(_, hardware, point, values)| one(hardware, point, &values, &snapshots, better, level)).collect();
    let mut notes = Vec::new();
    if searched == 0 {
        notes.push(format!("steps are looked for from {SHORTEST} versions on"));
    } else {
        let shared = if searched > 1 { format!(" for all {searched} series together") } else { String::new() };
        notes.push(format!("steps: {METHOD}, level {} %{shared}; a value of a version is one observation", 100.0 * LEVEL));
    }
    if !without.is_empty() {
        notes.push(format!("without a snapshot, and left out: {}", listed(without.iter().map(String::as_str), 5).unwrap_or_default()));
    }
    if snapshots.iter().any(|one| one.rule_set != rules.hash) {
        notes.push(format!(
            "versions were snapshot by several rule sets; all are scored by that of {}",
            snapshots[snapshots.len() - 1].version
        ));
    }
    Ok(Trend {
        schema_version: SCHEMA_VERSION,
        model: model.name,
        metric,
        method: METHOD.to_owned(),
        versions: snapshots.iter().map(|one| one.version.clone()).collect(),
        series,
        notes,
        warnings: rules.warnings.iter().map(RuleError::line).collect(),
    })
}

fn versions(n: usize) -> String {
    if n == 1 { "1 version".to_owned() } else { format!("{n} versions") }
}

/// The newest snapshot of each version, oldest version first, and the tags of those without.
fn snapshots(db: &Db, model: &Model) -> Result<(Vec<Snapshot>, Vec<String>)> {
    let all = db.snapshots(model.id)?;
    let (mut found, mut without) = (Vec::new(), Vec::new());
    let mut history = db.version_history(model.id)?;
    // Versions of one import are of one moment: their tags say which is older.
    history.sort_by(|a, b| a.created_at.cmp(&b.created_at).then_with(|| natural(&a.version).cmp(&natural(&b.version))));
    for version in history {
        match all.iter().filter(|one| one.version_id == version.id).max_by_key(|one| one.revision) {
            Some(newest) => {
                db.whole_snapshot(newest)?;
                found.push(newest.clone());
            }
            None => without.push(version.version),
        }
    }
    Ok((found, without))
}

/// A tag as it is counted: `v1.10` after `v1.9`.
fn natural(tag: &str) -> Vec<(u64, String)> {
    let mut parts: Vec<(u64, String)> = Vec::new();
    let mut digits = false;
    for c in tag.chars() {
        if c.is_ascii_digit() && digits {
            if let Some((number, _)) = parts.last_mut() {
                *number = number.saturating_mul(10).saturating_add(u64::from(c.to_digit(10).unwrap_or(0)));
            }
        } else if c.is_ascii_digit() {
            parts.push((u64::from(c.to_digit(10).unwrap_or(0)), String::new()));
        } else if let Some((_, text)) = parts.last_mut().filter(|_| !digits) {
            text.push(c);
        } else {
            parts.push((0, c.to_string()));
        }
        digits = c.is_ascii_digit();
    }
    parts
}

/// The points of all snapshots, and scores by side and hardware where they are asked for.
#[expect(clippy::type_complexity, reason = "read once")]
fn scored(
    over: &Db,
    model: &Model,
    rules: &RuleSet,
    snapshots: &[Snapshot],
    judge: bool,
) -> Result<(Vec<FrozenPoint>, HashMap<(usize, i64), (f64, i64)>)> {
    let request = |side: usize| RuleRequest {
        model: model.name.clone(),
        version: (!snapshots[side].all_results).then(|| snapshots[side].version.clone()),
        profile: rules.scoring.profile.name().to_owned(),
        as_of: snapshots[side].as_of,
        ..RuleRequest::default()
    };
    let (weights, _) = weights_for(rules, None, &request(snapshots.len() - 1))?;
    let scope = Scope::frozen(model.id, weights, rules.scoring.profile);
    let mut scored = score_for(over, rules, &scope, &[], Purpose { sides: true, samples: true, ..Purpose::default() })?;
    let points = over.samples(&scored.plan, &rules.scoring)?;
    let mut scores = HashMap::new();
    let mut by_side: BTreeMap<usize, Vec<_>> = BTreeMap::new();
    for pair in scored.sets.pop().unwrap_or_default().into_iter().filter(|_| judge) {
        by_side.entry(pair.side).or_default().push(pair);
    }
    for (side, pairs) in by_side {
        for (pair, verdict) in apply(over, rules, pairs, &request(side), false)? {
            if let Verdict::Scored { score, .. } = verdict {
                scores.insert((side, pair.hardware_id), (score, pair.pair.results));
            }
        }
    }
    Ok((points, scores))
}

/// Which way a metric is better; `None` where no component says.
fn direction(scoring: &Scoring, metric: &str) -> Option<Direction> {
    if metric == SCORE {
        return Some(Direction::Higher);
    }
    scoring.components.iter().flat_map(|component| &component.metrics).find(|one| one.field == metric).map(|one| one.better)
}

/// The fields of a point that a version does not change by being another.
const SAME: [&str; 4] = ["batch_size", "precision", "item_unit", "provenance"];

/// Cell and fields of an operating point.
type Place<'a> = (i64, Vec<Option<&'a str>>);

/// The operating point that most versions have (then the first by its fields), and its value in each.
fn followed(points: &[&FrozenPoint], metric: &str, better: Option<Direction>, sides: usize) -> (BTreeMap<String, String>, Values) {
    let mut all: BTreeMap<Place<'_>, (&FrozenPoint, Values)> = BTreeMap::new();
    for point in points {
        let Some(samples) = point.metrics.get(metric) else { continue };
        let fields = SAME.iter().map(|field| point.point.get(*field).and_then(Option::as_deref)).collect();
        let (_, values) = all.entry((point.cell_id, fields)).or_insert_with(|| (point, vec![None; sides]));
        let best = values[point.side].is_none_or(|(known, _)| match better {
            Some(Direction::Lower) => samples.mean < known,
            _ => samples.mean > known,
        });
        if best {
            values[point.side] = Some((samples.mean, i64::try_from(samples.n).unwrap_or(i64::MAX)));
        }
    }
    let most = all.values().map(|(_, values)| values.iter().flatten().count()).max().unwrap_or(0);
    let chosen = all.into_values().find(|(_, values)| values.iter().flatten().count() == most);
    chosen.map_or_else(
        || (BTreeMap::new(), vec![None; sides]),
        |(point, values)| {
            let fields = point.cell.iter().chain(point.point.iter().filter(|(name, _)| SAME.contains(&name.as_str())));
            (fields.filter_map(|(name, value)| Some((name.clone(), value.clone()?))).collect(), values)
        },
    )
}

/// One series with its steps; versions without a value are passed over.
fn one(
    hardware: String,
    point: BTreeMap<String, String>,
    values: &Values,
    snapshots: &[Snapshot],
    better: Option<Direction>,
    level: f64,
) -> Series {
    let known: Vec<(usize, f64)> = values.iter().enumerate().filter_map(|(side, value)| Some((side, (*value)?.0))).collect();
    let found = steps(&known.iter().map(|(_, value)| *value).collect::<Vec<f64>>(), level);
    let steps = found
        .into_iter()
        .map(|step| StepAt {
            version: snapshots[known[step.at].0].version.clone(),
            change_percent: step.change_percent,
            interval: step.interval_percent,
            p_value: step.p_value,
            better: better.map(|better| (step.change_percent > 0.0) == (better == Direction::Higher)),
        })
        .collect();
    let values = values.iter().zip(snapshots).map(|(value, snapshot)| Value {
        version: snapshot.version.clone(),
        revision: snapshot.revision,
        value: value.map(|(value, _)| value),
        n: value.map_or(0, |(_, n)| n),
    });
    Series { hardware, point, values: values.collect(), steps }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_put_in_order_as_they_are_counted() {
        let mut tags = ["pt2.9.1", "pt2.10.0", "pt1.13", "pt2.2.1"];
        tags.sort_by_key(|tag| natural(tag));
        assert_eq!(tags, ["pt1.13", "pt2.2.1", "pt2.9.1", "pt2.10.0"]);
    }
}
