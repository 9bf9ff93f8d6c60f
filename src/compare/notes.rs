//! What a reader of a comparison must know.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::{Change, OfPoint, State, Test};
use super::run::Prepared;
use crate::statistics::FEWEST;

/// A line each, most important first.
pub(super) fn notes(prepared: &Prepared, changes: &[Change], family_size: usize) -> Vec<String> {
    let mut notes = Vec::new();
    let [one, two] = &prepared.snapshots;
    if changes.iter().all(|change| change.state == State::Same) {
        let what = if one.id == two.id { "both are the same snapshot" } else { "every metric, score and recommendation is the same" };
        notes.push(format!("nothing differs: {what}"));
    }
    let metrics = || changes.iter().flat_map(|change| &change.metrics);
    if let Some(which) = by_threshold(changes) {
        notes.push(format!(
            "fewer than {FEWEST} runs a side, or runs that do not vary: thresholds of scoring.toml, and no test, for {which}"
        ));
    }
    let software = other_software(changes);
    if !software.is_empty() {
        notes.push(format!(
            "the software differs (in JSON, `points` says how); the best of each side was compared, metric by metric: {}",
            some(&software)
        ));
    }
    if metrics().any(|(_, metric)| metric.test == Some(Test::WelchPooled)) {
        notes.push("variance was pooled across hardware, where Bartlett's test found nothing against it".to_owned());
    }
    let unlike: BTreeSet<&str> = changes
        .iter()
        .filter(|change| change.score_change.is_some_and(|by| by.abs() > 0.0) && !change.alike)
        .map(|change| change.hardware.as_str())
        .collect();
    if !unlike.is_empty() {
        notes.push(format!(
            "other cells or metrics were measured than before, so that the score says little of the change, and is not held against thresholds: {}",
            some(&unlike)
        ));
    }
    if family_size > 0 && changes.iter().any(|change| change.state != State::Same) {
        notes.push(format!("Welch's t test on logarithms, Holm's correction over {family_size} tests"));
    }
    let apart: BTreeSet<&str> = changes
        .iter()
        .filter(|change| matches!(change.state, State::Changed | State::Same))
        .filter(|change| change.metrics.values().any(|metric| metric.test.is_none() && metric.before.is_some() && metric.after.is_some()))
        .map(|change| change.hardware.as_str())
        .collect();
    if !apart.is_empty() {
        notes.push(format!("metrics without an operating point that both versions have are not compared: {}", some(&apart)));
    }
    for change in changes {
        for (name, metric) in &change.metrics {
            let least = metric.points.iter().min_by(|a, b| a.change_percent.total_cmp(&b.change_percent));
            let most = metric.points.iter().max_by(|a, b| a.change_percent.total_cmp(&b.change_percent));
            if let (Some(least), Some(most)) = (least, most)
                && least.change_percent < -prepared.rules[1].scoring.thresholds.compatibility
                && most.change_percent > prepared.rules[1].scoring.thresholds.compatibility
            {
                notes.push(format!(
                    "{}: {name} went both ways, {:+.1} % to {:+.1} % over {} operating points; what is shown is their mean",
                    change.hardware,
                    least.change_percent,
                    most.change_percent,
                    metric.points.len()
                ));
            }
        }
    }
    if prepared.rules[0].hash != prepared.rules[1].hash {
        notes.push("the snapshots were made by different rule sets: `cause` says what weights and rules did".to_owned());
        if !prepared.mixes() {
            notes.push("weights and rules of the two sets do not go together, so that their parts are shared evenly".to_owned());
        }
    }
    for snapshot in [one, two].into_iter().filter(|snapshot| snapshot.all_results) {
        notes.push(format!("the snapshot of {} holds all results of the model, not only those of its version", snapshot.version));
    }
    notes
}

/// The metrics held against thresholds, each with its hardware; metrics of the same hardware stand together.
fn by_threshold(changes: &[Change]) -> Option<String> {
    let mut of: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for change in changes {
        for (name, _) in change.metrics.iter().filter(|(_, metric)| metric.test == Some(Test::Threshold)) {
            of.entry(name).or_default().insert(&change.hardware);
        }
    }
    let mut together: Vec<(BTreeSet<&str>, Vec<&str>)> = Vec::new();
    for (name, hardware) in of {
        match together.iter_mut().find(|(same, _)| *same == hardware) {
            Some((_, names)) => names.push(name),
            None => together.push((hardware, vec![name])),
        }
    }
    let said: Vec<String> = together.iter().map(|(hardware, names)| format!("{} of {}", names.join(", "), some(hardware))).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// The hardware of which points of other software were compared.
fn other_software(changes: &[Change]) -> BTreeSet<&str> {
    let differs = |change: &&Change| {
        let mut points = change.metrics.values().flat_map(|metric| &metric.points);
        points.any(|point| matches!(point.point.get("framework"), Some(OfPoint::Differs(_))))
    };
    changes.iter().filter(differs).map(|change| change.hardware.as_str()).collect()
}

/// The first few names and how many more.
fn some(names: &BTreeSet<&str>) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<&str> = names.iter().copied().take(SHOWN).collect();
    let more = names.len().saturating_sub(SHOWN);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}
