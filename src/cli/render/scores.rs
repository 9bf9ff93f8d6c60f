//! Stored scores as tables.

use super::numbers::{memory, score};
use crate::Result;
use crate::cli::context::Context;
use crate::cli::long::{self, Long, Printed};
use crate::cli::output::{Column, Sheet, remarks};
use crate::recommend::{Scores, StoredList};
use crate::store::StoredScore;

/// What calculate-scores and update-task print.
pub(in crate::cli) fn scores(context: &Context, scores: &Scores<'_>) -> Result<Printed> {
    let (pairs, models) = scores.pairs.count()?;
    let what = scores.task.as_ref().map_or_else(String::new, |task| format!(" for task {task}"));
    let done = if scores.stored { "stored" } else { "not stored (dry run)" };
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let below = remarks(&scores.notes, &scores.warnings);
    let counted = format!("{pairs} pair{} of {models} model{}{what}: {done}", plural(pairs), plural(models));
    let columns = vec![
        Column::text("model", 0),
        Column::text("hardware", 0),
        Column::number("compatibility", 3),
        Column::number("suitability", 0),
        Column::number("score", 1),
        Column::number("confidence", 6),
        Column::number("n", 4),
        Column::number("batch", 5),
        Column::word("precision", 7),
        Column::number("peak memory", 8),
        Column::text("notes", 2),
    ];
    let sheet = Sheet { columns, below: [below.clone(), vec![counted]].concat(), ..Sheet::default() };
    let data = Sheet { columns: DATA.map(|name| Column::text(name, 0)).to_vec(), below, ..Sheet::default() };
    long::print(
        context,
        scores,
        &Long { sheet, rows: &|take| scores.pairs.each(&mut |pair| take(shown(pair))) },
        &Long { sheet: data, rows: &|take| scores.pairs.each(&mut |pair| take(in_full(pair))) },
    )
}

fn shown(pair: StoredScore) -> Vec<String> {
    let provenance = (pair.provenance != "measured").then_some(pair.provenance);
    vec![
        pair.model,
        pair.hardware,
        score(pair.compatibility),
        score(pair.suitability),
        pair.final_score.map_or_else(|| "-".to_owned(), score),
        score(pair.confidence),
        pair.results.to_string(),
        pair.recommended_batch_size.map(|batch| batch.to_string()).unwrap_or_default(),
        pair.recommended_precision.unwrap_or_default(),
        pair.memory_requirement.map(memory).unwrap_or_default(),
        [pair.notes, provenance].into_iter().flatten().collect::<Vec<_>>().join("; "),
    ]
}

/// Columns of the same as data.
const DATA: [&str; 12] = [
    "model",
    "hardware",
    "compatibility_score",
    "suitability_score",
    "final_score",
    "confidence",
    "results",
    "recommended_batch_size",
    "recommended_precision",
    "memory_requirement",
    "provenance",
    "notes",
];

/// The same as data: every number in full.
fn in_full(pair: StoredScore) -> Vec<String> {
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    vec![
        pair.model,
        pair.hardware,
        pair.compatibility.to_string(),
        pair.suitability.to_string(),
        number(pair.final_score),
        pair.confidence.to_string(),
        pair.results.to_string(),
        pair.recommended_batch_size.map(|batch| batch.to_string()).unwrap_or_default(),
        pair.recommended_precision.unwrap_or_default(),
        number(pair.memory_requirement),
        pair.provenance,
        pair.notes.unwrap_or_default(),
    ]
}

/// What has become of what a stored score rests on.
fn state(stale: &[String]) -> String {
    let moved: Vec<&str> = stale.iter().map(String::as_str).filter(|what| *what != "rows").collect();
    match (stale.len() > moved.len(), moved.is_empty()) {
        (true, _) => "stale: no row of it is left".to_owned(),
        (false, true) => "current".to_owned(),
        (false, false) => format!("stale: {} moved", moved.join(" and ")),
    }
}

/// What `recommend --stored` prints.
pub(in crate::cli) fn stored(list: &StoredList) -> Sheet {
    Sheet {
        above: vec![format!(
            "{}, stored scores{}",
            list.model,
            list.task.as_ref().map_or_else(String::new, |task| format!(" of task {task}"))
        )],
        columns: vec![
            Column::number("#", 0),
            Column::text("hardware", 0),
            Column::number("score", 0),
            Column::number("suitability", 1),
            Column::number("confidence", 3),
            Column::number("n", 2),
            Column::word("provenance", 4),
            Column::text("state", 0),
        ],
        rows: list
            .pairs
            .iter()
            .map(|pair| {
                vec![
                    pair.rank.map(|rank| rank.to_string()).unwrap_or_default(),
                    pair.hardware.clone(),
                    pair.score.map_or_else(|| "-".to_owned(), score),
                    score(pair.suitability),
                    score(pair.confidence),
                    pair.results.to_string(),
                    pair.provenance.clone(),
                    state(&pair.stale),
                ]
            })
            .collect(),
        below: remarks(&list.notes, &list.warnings),
    }
}
