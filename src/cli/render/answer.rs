//! A ranked list as a table.

use super::numbers::{bar, delta, memory, score};
use crate::cli::output::{self, Column, Sheet};
use crate::recommend::Answer;
use crate::recommend::answer::Recommendation;
use crate::recommend::words::{self, Looks, question};
use crate::versions::Replayed;

/// Which snapshot an answer is from, in one line.
pub(super) fn replayed(from: &Replayed) -> String {
    let all = if from.all_results { ", of all results of the model" } else { "" };
    let made = from.created_at.as_ref().map(|at| format!(", made at {at}")).unwrap_or_default();
    format!("replayed: revision {} of version {}{all}{made}", from.revision, from.version)
}

/// The list for people.
pub(in crate::cli) fn answer(answer: &Answer) -> Sheet {
    let weighted: Vec<&String> = answer
        .recommendations
        .first()
        .map(|first| first.weights.iter().filter(|(_, weight)| **weight > 0.0).map(|(name, _)| name).collect())
        .unwrap_or_default();
    // A component that none of them has says nothing; the heaviest stands first.
    let known = |name: &&String| answer.recommendations.iter().any(|one| one.components.get(*name).copied().flatten().is_some());
    let weighted: Vec<&String> = weighted.into_iter().filter(known).collect();
    let mut components = weighted.clone();
    if let Some(first) = answer.recommendations.first() {
        components.sort_by(|a, b| first.weights[*b].total_cmp(&first.weights[*a]));
    }
    let mut columns = vec![Column::number("#", 0), Column::text("hardware", 0), Column::number("score", 0), Column::word("", 3)];
    columns.extend(components.iter().enumerate().map(|(at, name)| Column::number(name.as_str(), 4 + u8::try_from(at).unwrap_or(9))));
    columns.extend([
        Column::number("batch", 10),
        Column::word("precision", 13),
        Column::number("peak memory", 14),
        Column::number("n", 9),
        Column::text("notes", 2),
    ]);
    let rows = answer.recommendations.iter().map(|one| {
        let mut row = vec![one.rank.to_string(), one.hardware.clone(), score(one.score), bar(one.score)];
        row.extend(components.iter().map(|name| component(one, name)));
        row.extend([
            one.recommended_batch_size.map(|batch| batch.to_string()).unwrap_or_default(),
            one.recommended_precision.clone().unwrap_or_default(),
            one.memory_requirement.map(memory).unwrap_or_default(),
            one.results.to_string(),
            remarks(one, &answer.recommendations),
        ]);
        row
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let mut above = vec![question(&answer.request)];
    above.extend(answer.replayed.as_ref().map(replayed));
    Sheet { above, columns, rows, below: below(answer) }
}

fn component(one: &Recommendation, name: &str) -> String {
    match one.components.get(name).copied().flatten() {
        Some(value) if one.missing.iter().any(|missing| missing == name) => format!("~{}", score(value)),
        Some(value) => score(value),
        None => "-".to_owned(),
    }
}

fn remarks(one: &Recommendation, all: &[Recommendation]) -> String {
    words::remarks(one, all, Looks { rank: |rank| format!("#{rank}"), delta }).join("; ")
}

fn below(answer: &Answer) -> Vec<String> {
    let mut lines = Vec::new();
    let shown = answer.recommendations.len();
    if shown < answer.ranked {
        lines.push(format!("{shown} of {} ranked hardware shown; --top-k 0 shows all", answer.ranked));
    }
    let imputed = |one: &Recommendation| one.missing.iter().any(|name| one.components.get(name).copied().flatten().is_some());
    if answer.recommendations.iter().any(imputed) {
        lines.push("~ not measured: the median of the others, never above the hardware's own".to_owned());
    }
    let excluded = answer.excluded.iter().map(|one| (one.hardware.as_str(), format!("({}): {}", one.rule, one.reason)));
    lines.extend(alike(excluded).into_iter().map(|(hardware, why)| format!("excluded: {hardware} {why}")));
    let not_scored = answer.not_scored.iter().map(|one| (one.hardware.as_str(), one.reason.clone()));
    lines.extend(alike(not_scored).into_iter().map(|(hardware, why)| format!("not scored: {hardware}: {why}")));
    lines.extend(stability(answer));
    lines.extend(output::remarks(&answer.notes, &answer.warnings));
    lines.push(format!("rule set {}, data {}", short(&answer.rule_set), short(&answer.data_fingerprint)));
    lines
}

/// What one weight doubled or halved does to the first, in a line.
fn stability(answer: &Answer) -> Option<String> {
    let (first, changes) = (answer.recommendations.first()?, answer.sensitivity.as_ref()?);
    if changes.is_empty() {
        return (answer.ranked > 1).then(|| format!("stability: {} stays first when any one weight is doubled or halved", first.hardware));
    }
    // What puts the same one first stands together.
    let mut said: Vec<(&str, Vec<String>)> = Vec::new();
    for change in changes {
        let winner = change.winner.as_deref().unwrap_or("nothing");
        let was = first.weights.get(&change.component).copied().unwrap_or(0.0);
        let weight = format!("{} {:.2} instead of {was:.2}", change.component, change.weight);
        match said.iter_mut().find(|(of, _)| *of == winner) {
            Some((_, weights)) => weights.push(weight),
            None => said.push((winner, vec![weight])),
        }
    }
    let said: Vec<String> = said.iter().map(|(winner, weights)| format!("{winner} is first with {}", weights.join(" or with "))).collect();
    Some(format!("stability: {}; `suitor stability` says how far each weight may move", said.join(", ")))
}

/// Hardware that is out for one reason, in one line; in the order of the first of each.
fn alike<'a>(all: impl Iterator<Item = (&'a str, String)>) -> Vec<(String, String)> {
    let mut lines: Vec<(String, String)> = Vec::new();
    for (hardware, why) in all {
        match lines.iter_mut().find(|(_, other)| *other == why) {
            Some((others, _)) => {
                others.push_str(", ");
                others.push_str(hardware);
            }
            None => lines.push((hardware.to_owned(), why)),
        }
    }
    lines
}

/// The first twelve digits of a hash.
pub(in crate::cli) fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

/// The list as data: every number in full.
pub(in crate::cli) fn answer_data(answer: &Answer) -> Sheet {
    let components: Vec<&String> = answer.recommendations.first().map(|first| first.components.keys().collect()).unwrap_or_default();
    let fixed =
        ["rank", "hardware", "hardware_name", "hardware_type", "device_count", "score", "suitability", "compatibility", "confidence"];
    let tail = [
        "missing",
        "recommended_batch_size",
        "recommended_precision",
        "memory_requirement",
        "results",
        "cells",
        "of_cells",
        "uncontested",
        "tie_group",
        "provenance",
        "remarks",
    ];
    let names = fixed
        .iter()
        .map(|name| (*name).to_owned())
        .chain(components.iter().map(|name| (*name).clone()))
        .chain(tail.iter().map(|name| (*name).to_owned()));
    let rows = answer.recommendations.iter().map(|one| {
        let mut row = vec![
            one.rank.to_string(),
            one.hardware.clone(),
            one.hardware_name.clone(),
            one.hardware_type.clone().unwrap_or_default(),
            one.device_count.to_string(),
            one.score.to_string(),
            one.suitability.to_string(),
            one.compatibility.to_string(),
            one.confidence.to_string(),
        ];
        row.extend(
            components.iter().map(|name| one.components.get(*name).copied().flatten().map(|value| value.to_string()).unwrap_or_default()),
        );
        row.extend([
            one.missing.join(" "),
            one.recommended_batch_size.map(|batch| batch.to_string()).unwrap_or_default(),
            one.recommended_precision.clone().unwrap_or_default(),
            one.memory_requirement.map(|memory| memory.to_string()).unwrap_or_default(),
            one.results.to_string(),
            one.coverage.cells.to_string(),
            one.coverage.of.to_string(),
            one.uncontested.to_string(),
            one.tie_group.to_string(),
            one.provenance.clone(),
            remarks(one, &answer.recommendations),
        ]);
        row
    });
    let below = output::remarks(&answer.notes, &answer.warnings);
    Sheet { columns: names.map(|name| Column::text(name, 0)).collect(), rows: rows.collect(), below, ..Sheet::default() }
}
