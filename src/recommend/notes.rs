//! What a reader must know to read the list right, in words.

use std::collections::BTreeSet;

use super::assemble::count;
use super::judge::Judged;
use super::narrowing;
use super::recommender::Resolved;
use super::request::Request;
use crate::rules::RuleSet;
use crate::scoring::plan::Scope;
use crate::scoring::result::{SetAside, WithoutResult};
use crate::scoring::{Component, Limit, Profile, Scoring};
use crate::store::Db;

/// Everything that the notes are drawn from.
pub(super) struct Context<'a> {
    pub db: &'a Db,
    pub rules: &'a RuleSet,
    pub request: &'a Request,
    pub resolved: &'a Resolved,
    pub judged: &'a Judged,
    pub other: Option<(Profile, String)>,
}

/// Notes and warnings of an answer.
pub(super) fn notes(context: &Context<'_>) -> (Vec<String>, Vec<String>) {
    let mut notes = context.resolved.weight_notes.clone();
    notes.extend(empty(context));
    notes.extend(estimated(context));
    notes.extend(divisions(context));
    notes.extend(device_counts(context));
    notes.extend(batch_sizes(context));
    notes.extend(requirements(context));
    if let Some((profile, winner)) = &context.other {
        notes.push(format!("under profile `{}` the winner is {winner}", profile.name()));
    }
    let mut warnings: Vec<String> = context.rules.warnings.iter().map(crate::rules::RuleError::line).collect();
    warnings.sort();
    (notes, warnings)
}

fn scored<'a>(context: &'a Context<'_>) -> impl Iterator<Item = &'a crate::scoring::result::ScoredPair> {
    context.judged.pairs.iter().map(|(scored, _)| scored)
}

/// Why the list is empty.
fn empty(context: &Context<'_>) -> Vec<String> {
    let Resolved { model, task, scope, .. } = context.resolved;
    if context.judged.winner().is_some() {
        return Vec::new();
    }
    if !scope.limits.is_empty() && context.judged.set_aside.iter().any(|aside| aside.by_limit) {
        let relax: Vec<String> = scope
            .limits
            .iter()
            .zip(&context.judged.overview.relax)
            .filter_map(|(limit, best)| best.map(|best| format!("{}{}{}", limit.metric, inclusive(limit), beyond(best, limit))))
            .collect();
        let all = scope.limits.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        return vec![if relax.is_empty() {
            format!("no operating point meets {all}, and relaxing one limit alone does not help")
        } else {
            format!("no operating point meets {all}; relax to {}", relax.join(", or to "))
        }];
    }
    if !context.judged.pairs.is_empty() || !context.judged.set_aside.is_empty() {
        return vec![format!("no hardware is left for `{model}` and task `{task}`: see what was excluded and what could not be scored")];
    }
    if context.judged.overview.failed > 0 {
        let runs = usize::try_from(context.judged.overview.failed).unwrap_or(usize::MAX);
        return vec![format!("every run of `{model}` for task `{task}` failed: {}", count(runs, "row"))];
    }
    let narrowed = !scope.pins.is_empty() || !scope.only.is_empty() || scope.max_devices.is_some() || scope.version.is_some();
    if !narrowed {
        return vec![format!(
            "nothing is measured for `{model}` and task `{task}`, and [priors] of scoring.toml has nothing for its family"
        )];
    }
    let mut said = vec![format!("no benchmark row of `{model}` and task `{task}` matches what was pinned or narrowed")];
    said.extend(narrowing::misses(context.db, scope, context.request.version.as_deref()).unwrap_or_default());
    said
}

/// A value that misses a limit, with four significant digits: rounded away from the limit, so that a limit set to it admits the
/// value, and the value never reads as one that meets the limit.
fn beyond(value: f64, limit: &Limit) -> String {
    if value.abs() < f64::MIN_POSITIVE || !value.is_finite() {
        return value.to_string();
    }
    #[expect(clippy::cast_possible_truncation, reason = "an exponent of a double is within 400")]
    let decimals = 3 - value.abs().log10().floor() as i32;
    // What has no more digits than that stays as it is: `30`, `0.5`, and large whole numbers.
    let text = value.to_string();
    if decimals <= 0 && value.fract().abs() <= 0.0 {
        return text;
    }
    let decimals = decimals.max(0);
    if text.split_once('.').is_none_or(|(_, fraction)| i32::try_from(fraction.len()).unwrap_or(i32::MAX) <= decimals) {
        return text;
    }
    let scale = 10_f64.powi(decimals);
    let up = limit.op.sign().starts_with('<');
    let rounded = if up { (value * scale).ceil() } else { (value * scale).floor() } / scale;
    let places = usize::try_from(decimals).unwrap_or(0);
    let text = format!("{rounded:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn inclusive(limit: &Limit) -> &'static str {
    if limit.op.sign().starts_with('<') { "<=" } else { ">=" }
}

fn estimated(context: &Context<'_>) -> Option<String> {
    let priors = scored(context).any(|scored| scored.entries.is_empty());
    priors.then(|| {
        format!(
            "nothing is measured for `{}` and task `{}`: these are estimates from [priors] of scoring.toml, by model family and hardware type",
            context.resolved.model, context.resolved.task
        )
    })
}

fn divisions(context: &Context<'_>) -> Option<String> {
    let [chosen, others @ ..] = context.judged.overview.divisions.as_slice() else { return None };
    if others.is_empty() {
        return None;
    }
    let say = |(division, suite, hardware, _): &(Option<String>, Option<String>, i64, i64)| {
        let name = |part: &Option<String>| part.clone().unwrap_or_else(|| "none".to_owned());
        format!("division {}, suite {} ({} hardware)", name(division), name(suite), hardware)
    };
    Some(format!(
        "answered for {}; also in the data: {}; pin with --where division=... --where suite=...",
        say(chosen),
        others.iter().map(say).collect::<Vec<_>>().join("; ")
    ))
}

fn device_counts(context: &Context<'_>) -> Option<String> {
    let counts: BTreeSet<i64> =
        scored(context).filter(|scored| !scored.entries.is_empty()).map(|scored| scored.pair.device_count).collect();
    let (least, most) = (counts.first()?, counts.last()?);
    (least != most && !context.request.per_device).then(|| {
        format!("device counts differ ({least} to {most}) and numbers are of whole systems; --per-device compares them by the device")
    })
}

fn batch_sizes(context: &Context<'_>) -> Option<String> {
    if context.request.pins.iter().any(|pin| pin.field == "batch_size") {
        return None;
    }
    let mut mixed = false;
    let mut cells: std::collections::BTreeMap<i64, BTreeSet<&str>> = std::collections::BTreeMap::new();
    for entry in scored(context).flat_map(|scored| &scored.entries).filter(|entry| entry.contested) {
        let batch = entry.point.first().and_then(Option::as_deref).unwrap_or("unknown");
        let seen = cells.entry(entry.cell_id).or_default();
        seen.insert(batch);
        mixed |= seen.len() > 1;
    }
    mixed.then(|| "batch sizes are mixed, because none was pinned: each hardware shows its best; --batch-size N compares at one".to_owned())
}

/// A requirement whose component could not be compared everywhere.
fn requirements(context: &Context<'_>) -> Vec<String> {
    let scoring: &Scoring = &context.rules.scoring;
    let mut notes = Vec::new();
    for name in &context.resolved.requirements {
        let Some(requirement) = scoring.requirements.get(name) else { continue };
        for (k, component) in scoring.components.iter().enumerate() {
            let stressed = requirement.multiply.get(&component.name).is_some_and(|factor| *factor > 1.0)
                || requirement.set.get(&component.name).is_some_and(|weight| *weight > 0.0);
            if !stressed || context.resolved.scope.weights[k] <= 0.0 {
                continue;
            }
            let mut cells: BTreeSet<i64> = BTreeSet::new();
            let mut compared: BTreeSet<i64> = BTreeSet::new();
            for entry in scored(context).flat_map(|scored| &scored.entries).filter(|entry| entry.contested) {
                cells.insert(entry.cell_id);
                if entry.components[k].basis.is_some() {
                    compared.insert(entry.cell_id);
                }
            }
            // Without a contested cell nothing was compared; without any cell there is nothing to compare.
            let measured = scored(context).any(|scored| !scored.entries.is_empty());
            if !measured || (!cells.is_empty() && compared.len() == cells.len()) {
                continue;
            }
            let at = if compared.is_empty() {
                format!("`{name}`: {} could not be compared", component.name)
            } else {
                format!("`{name}`: {} could be compared in {} of {}", component.name, compared.len(), count(cells.len(), "cell"))
            };
            notes.push(format!("{at}, {}", advice(context, component)));
        }
    }
    notes
}

fn advice(context: &Context<'_>, component: &Component) -> String {
    let metrics: Vec<&str> = component.metrics.iter().map(|metric| metric.field.as_str()).collect();
    if !component.metrics.iter().any(|metric| metric.same.iter().any(|field| field == "batch_size")) {
        return format!(
            "because too few hardware have one of its metrics ({}) on like terms; set a --limit on one of them",
            metrics.join(", ")
        );
    }
    let shared = context.db.shared_batches(&metrics).unwrap_or_default();
    if shared.is_empty() {
        return format!(
            "no two hardware have one of its metrics ({}) at one batch size; a --limit on one of them would still hold",
            metrics.join(", ")
        );
    }
    let sizes =
        shared.iter().map(|(batch, hardware)| format!("--batch-size {batch} ({hardware} hardware)")).collect::<Vec<_>>().join(" or ");
    format!("because too few hardware have it on like terms; pin {sizes}, or set a --limit")
}

/// Why a limit took hardware out, with the best that it has.
pub(super) fn limit_reason(aside: &SetAside, limits: &[Limit]) -> String {
    let missed = limits.iter().enumerate().filter(|(at, _)| !aside.meets[*at]);
    let said: Vec<String> = missed
        .map(|(at, limit)| match aside.best[at] {
            Some(best) => format!("{limit} is not met: its best is {}", beyond(best, limit)),
            None => format!("{limit} is not met: it has no {}", limit.metric),
        })
        .collect();
    if said.is_empty() { "no single operating point meets all limits at once".to_owned() } else { said.join("; ") }
}

/// Why hardware has no result: `3 failed runs, no result`.
pub(super) fn no_result_reason(scoring: &Scoring, one: &WithoutResult) -> String {
    let rows = |n: i64, what: &str| (n > 0).then(|| count(usize::try_from(n).unwrap_or(usize::MAX), what));
    let names: Vec<&str> = scoring.components.iter().map(|component| component.name.as_str()).collect();
    let empty = rows(one.empty, "row").map(|rows| format!("{rows} without any metric of {}", names.join(", ")));
    let said: Vec<String> = [rows(one.failed, "failed run"), empty].into_iter().flatten().collect();
    format!("{}, no result", said.join(" and "))
}

/// Why hardware could not be scored.
pub(super) fn unscored_reason(scoring: &Scoring, scope: &Scope) -> String {
    let names: Vec<&str> = scoring
        .components
        .iter()
        .enumerate()
        .filter(|(k, _)| scope.weights[*k] > 0.0)
        .map(|(_, component)| component.name.as_str())
        .collect();
    match scoring.missing {
        crate::scoring::Missing::Exclude => {
            "a component that others have is missing, and scoring.toml says to exclude such points".to_owned()
        }
        _ => format!("none of its components ({}) is known on terms that can be compared", names.join(", ")),
    }
}
