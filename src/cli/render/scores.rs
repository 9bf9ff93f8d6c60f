//! Stored scores as tables.

use super::numbers::{memory, score};
use crate::cli::output::{Column, Sheet, remarks};
use crate::recommend::{Scores, StoredList};

/// What calculate-scores and update-task print.
pub(in crate::cli) fn scores(scores: &Scores) -> Sheet {
    let models: std::collections::BTreeSet<&str> = scores.pairs.iter().map(|pair| pair.model.as_str()).collect();
    let what = scores.task.as_ref().map_or_else(String::new, |task| format!(" for task {task}"));
    let done = if scores.stored { "stored" } else { "not stored (dry run)" };
    let mut below = remarks(&scores.notes, &scores.warnings);
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let (pairs, models) = (scores.pairs.len(), models.len());
    below.push(format!("{pairs} pair{} of {models} model{}{what}: {done}", plural(pairs), plural(models)));
    Sheet {
        above: Vec::new(),
        columns: vec![
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
        ],
        rows: scores
            .pairs
            .iter()
            .map(|pair| {
                vec![
                    pair.model.clone(),
                    pair.hardware.clone(),
                    score(pair.compatibility_score),
                    score(pair.suitability_score),
                    pair.final_score.map_or_else(|| "-".to_owned(), score),
                    score(pair.confidence),
                    pair.results.to_string(),
                    pair.recommended_batch_size.map(|batch| batch.to_string()).unwrap_or_default(),
                    pair.recommended_precision.clone().unwrap_or_default(),
                    pair.memory_requirement.map(memory).unwrap_or_default(),
                    [pair.notes.clone(), (pair.provenance != "measured").then(|| pair.provenance.clone())]
                        .into_iter()
                        .flatten()
                        .collect::<Vec<_>>()
                        .join("; "),
                ]
            })
            .collect(),
        below,
    }
}

/// The same as data: every number in full.
pub(in crate::cli) fn scores_data(scores: &Scores) -> Sheet {
    let names = [
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
    let text = |value: Option<String>| value.unwrap_or_default();
    let rows = scores.pairs.iter().map(|pair| {
        vec![
            pair.model.clone(),
            pair.hardware.clone(),
            pair.compatibility_score.to_string(),
            pair.suitability_score.to_string(),
            text(pair.final_score.map(|score| score.to_string())),
            pair.confidence.to_string(),
            pair.results.to_string(),
            text(pair.recommended_batch_size.map(|batch| batch.to_string())),
            text(pair.recommended_precision.clone()),
            text(pair.memory_requirement.map(|memory| memory.to_string())),
            pair.provenance.clone(),
            text(pair.notes.clone()),
        ]
    });
    let below = remarks(&scores.notes, &scores.warnings);
    Sheet { columns: names.map(|name| Column::text(name, 0)).to_vec(), rows: rows.collect(), below, ..Sheet::default() }
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
