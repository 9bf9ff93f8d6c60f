//! Turns scored and judged pairs into recommendations: numbers are copied, never computed again.

use std::collections::BTreeMap;

use super::answer::{CellScore, Coverage, Measured, Recommendation, TraceStep};
use super::judge::Judged;
use crate::rules::records::{Step, Verdict};
use crate::scoring::Scoring;
use crate::scoring::plan::Scope;
use crate::scoring::result::{Entry, ScoredPair};

/// The recommendations of judged pairs, all of them, in their order.
pub(super) fn recommendations(scoring: &Scoring, scope: &Scope, judged: &Judged) -> Vec<Recommendation> {
    let weights: BTreeMap<String, f64> =
        scoring.components.iter().map(|component| component.name.clone()).zip(scope.weights.iter().copied()).collect();
    let mut list: Vec<Recommendation> = Vec::new();
    let mut previous: Option<&ScoredPair> = None;
    for (scored, verdict) in &judged.pairs {
        let Verdict::Scored { score, steps } = verdict else { continue };
        let shared =
            previous.map(|above| above.entries.iter().any(|entry| scored.entries.iter().any(|other| other.cell_id == entry.cell_id)));
        list.push(recommendation(scoring, scope, &weights, scored, *score, steps, list.len() + 1, shared));
        previous = Some(scored);
    }
    tie(&mut list);
    list
}

#[expect(clippy::too_many_arguments, reason = "one call, one struct: the arguments are its parts")]
fn recommendation(
    scoring: &Scoring,
    scope: &Scope,
    weights: &BTreeMap<String, f64>,
    scored: &ScoredPair,
    score: f64,
    steps: &[Step],
    rank: usize,
    compared_with_previous: Option<bool>,
) -> Recommendation {
    let pair = &scored.pair;
    let cells: Vec<CellScore> = scored.entries.iter().map(|entry| cell_score(scoring, scope, entry)).collect();
    let best = scored.best_entry().map(|entry| cell_score(scoring, scope, entry));
    Recommendation {
        rank,
        hardware: pair.hardware.clone(),
        hardware_name: pair.hardware_name.clone(),
        hardware_type: Some(pair.hardware_type.clone()).filter(|kind| !kind.is_empty()),
        device_count: pair.device_count,
        score,
        suitability: scored.suitability,
        compatibility: pair.compatibility,
        confidence: pair.confidence,
        components: scoring.components.iter().map(|component| (component.name.clone(), mean_over(&cells, &component.name))).collect(),
        missing: scoring
            .components
            .iter()
            .map(|component| component.name.clone())
            .filter(|name| cells.iter().any(|cell| cell.missing.contains(name)))
            .collect(),
        weights: weights.clone(),
        metrics: best.map(|best| best.metrics).unwrap_or_default(),
        recommended_batch_size: pair.batch_size,
        recommended_precision: pair.precision.clone(),
        memory_requirement: scored.best_entry().and_then(|entry| entry.memory_peak_mb),
        results: pair.results,
        coverage: Coverage { cells: scored.cells, of: scored.of },
        cells,
        uncontested: pair.uncontested,
        compared_with_previous,
        tie_group: rank,
        interval: interval(scored, score),
        provenance: pair.provenance.clone(),
        trace: trace(scored, steps),
    }
}

/// After the rules the interval keeps its relative width.
pub(super) fn interval(scored: &ScoredPair, score: f64) -> Option<[f64; 2]> {
    let factor = if scored.suitability > 0.0 { score / scored.suitability } else { 0.0 };
    scored.interval.map(|[low, high]| [low * factor, high * factor])
}

fn cell_score(scoring: &Scoring, scope: &Scope, entry: &Entry) -> CellScore {
    let names = || scoring.components.iter().map(|component| component.name.clone());
    let cell_fields = std::iter::once("task".to_owned()).chain(scoring.cell_by.iter().cloned());
    let point_fields = ["batch_size", "precision", "framework", "item_unit", "provenance"].map(str::to_owned);
    let mut metrics = BTreeMap::new();
    for (component, declared) in entry.components.iter().zip(&scoring.components) {
        if let Some(basis) = component.basis {
            let measured = Measured { value: basis.value, reference: basis.reference, n: basis.n, spread: basis.spread };
            metrics.insert(declared.metrics[basis.pick].field.clone(), measured);
        }
    }
    CellScore {
        cell: cell_fields.zip(entry.cell.iter().cloned()).collect(),
        point: point_fields.into_iter().zip(entry.point.iter().cloned()).collect(),
        contested: entry.contested,
        components: names().zip(entry.components.iter().map(|component| component.score)).collect(),
        component_metrics: entry
            .components
            .iter()
            .zip(&scoring.components)
            .map(|(component, declared)| (declared.name.clone(), component.basis.map(|basis| declared.metrics[basis.pick].field.clone())))
            .collect(),
        metrics,
        weights: names().zip(entry.components.iter().map(|component| component.weight)).collect(),
        missing: entry
            .components
            .iter()
            .zip(&scoring.components)
            .enumerate()
            .filter(|(k, (component, _))| component.basis.is_none() && scope.weights[*k] > 0.0)
            .map(|(_, (_, declared))| declared.name.clone())
            .collect(),
        n: entry.n,
        compatibility: entry.compatibility,
        confidence: entry.confidence,
        suitability: entry.suitability,
    }
}

/// Compatibility, what confidence takes away, then every rule. Deltas sum to the score.
fn trace(scored: &ScoredPair, steps: &[Step]) -> Vec<TraceStep> {
    let step = |name: &str, delta: f64, score: f64, reason: String| TraceStep {
        step: Some(name.to_owned()),
        rule: None,
        source: None,
        delta,
        score,
        reason: Some(reason),
        fired: true,
    };
    let pair = &scored.pair;
    let results = if pair.results == 1 { "1 result".to_owned() } else { format!("{} results", pair.results) };
    let basis = if scored.entries.is_empty() {
        "prior of the model family on this hardware type: nothing is measured".to_owned()
    } else {
        format!("weighted components over {}", count(scored.entries.len(), "cell"))
    };
    let mut all = vec![
        step("compatibility", pair.compatibility, pair.compatibility, basis),
        step("confidence", scored.suitability - pair.compatibility, scored.suitability, format!("x {} for {results}", pair.confidence)),
    ];
    all.extend(steps.iter().map(|done| TraceStep {
        step: (done.rule == "clamp").then(|| "clamp".to_owned()),
        rule: (done.rule != "clamp").then(|| done.rule.clone()),
        source: done.source.clone(),
        delta: done.delta,
        score: done.score,
        reason: done.reason.clone(),
        fired: done.fired,
    }));
    all
}

/// `1 cell`, `3 cells`.
pub(super) fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

fn tie(list: &mut [Recommendation]) {
    let bounds = |one: &Recommendation| one.interval.unwrap_or([one.score, one.score]);
    let groups = tie_groups(list.iter().map(|one| (one.uncontested, one.provenance.as_str(), bounds(one))));
    for (one, group) in list.iter_mut().zip(groups) {
        one.tie_group = group;
    }
}

/// Going down a list of (uncontested, provenance, interval of the score), hardware joins the group of the first when their intervals
/// overlap, else begins a new one. Hardware of another class (uncontested, weaker provenance) is ordered by class, not by score.
pub(super) fn tie_groups<'a>(list: impl Iterator<Item = (bool, &'a str, [f64; 2])>) -> Vec<usize> {
    let (mut group, mut first) = (0, [0.0, 0.0]);
    let mut leader = None;
    list.map(|(uncontested, provenance, [low, high])| {
        if leader != Some((uncontested, provenance)) || high < first[0] || low > first[1] {
            group += 1;
            first = [low, high];
            leader = Some((uncontested, provenance));
        }
        group
    })
    .collect()
}

/// The mean of a component over the cells that have a score in it; `None` when none has.
fn mean_over(cells: &[CellScore], component: &str) -> Option<f64> {
    let scores: Vec<f64> = cells.iter().filter_map(|cell| cell.components.get(component).copied().flatten()).collect();
    (!scores.is_empty()).then(|| crate::digits::round12(scores.iter().sum::<f64>() / scores.len() as f64))
}
