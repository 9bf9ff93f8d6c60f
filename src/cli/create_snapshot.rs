//! `suitor create-snapshot`.

use std::io::Write;

use super::context::Context;
use super::output::{Column, Outcome, Sheet, print, remarks};
use super::render::{memory, score, short};
use crate::Result;
use crate::store::{Access, StoredScore};
use crate::versions::snapshot::Snapshot;
use crate::versions::{Takes, VersionControlSystem};

/// Keep what is recommended for a model version: its results, the rule set and the scores, never changed again
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Model, by name or id
    #[arg(long)]
    model: String,
    /// Tag of the version, or a name given to it
    #[arg(long)]
    version: String,
    /// Take all results of the model, and not only those linked to the version
    #[arg(long)]
    all_results: bool,
}

#[derive(serde::Serialize)]
struct Done {
    schema_version: u32,
    model: String,
    /// `created`, or `unchanged` when the newest snapshot was made of the same.
    state: &'static str,
    #[serde(flatten)]
    snapshot: Snapshot,
    scores: Vec<Score>,
    notes: Vec<String>,
    warnings: Vec<String>,
}

#[derive(serde::Serialize)]
struct Score {
    rank: Option<i64>,
    hardware: String,
    compatibility_score: f64,
    suitability_score: f64,
    final_score: Option<f64>,
    confidence: f64,
    results: i64,
    recommended_batch_size: Option<i64>,
    recommended_precision: Option<String>,
    memory_requirement: Option<f64>,
    provenance: String,
    notes: Option<String>,
}

impl From<StoredScore> for Score {
    fn from(one: StoredScore) -> Self {
        Self {
            rank: one.rank,
            hardware: one.hardware,
            compatibility_score: one.compatibility,
            suitability_score: one.suitability,
            final_score: one.final_score,
            confidence: one.confidence,
            results: one.results,
            recommended_batch_size: one.recommended_batch_size,
            recommended_precision: one.recommended_precision,
            memory_requirement: one.memory_requirement,
            provenance: one.provenance,
            notes: one.notes,
        }
    }
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let rules = context.rule_set()?;
    let mut db = context.open(Access::Write)?;
    let model = db.model(&args.model)?.name;
    let takes = if args.all_results { Takes::All } else { Takes::Linked };
    let made = VersionControlSystem::new(&mut db).create_compatibility_snapshot(&rules, &args.model, &args.version, takes)?;
    drop(db);
    let mut warnings: Vec<String> = rules.warnings.iter().map(crate::rules::RuleError::line).collect();
    warnings.sort();
    let done = Done {
        schema_version: crate::recommend::answer::SCHEMA_VERSION,
        model,
        state: if made.created { "created" } else { "unchanged" },
        snapshot: made.snapshot,
        scores: made.scores.into_iter().map(Score::from).collect(),
        notes: made.notes,
        warnings,
    };
    print(context, out, &done, || sheet(&done), || data(&done))?;
    Ok(Outcome::Done)
}

/// `1 result`, `2 results`.
fn count(n: i64, what: &str) -> String {
    let end = if n == 1 { "" } else { "s" };
    format!("{n} {what}{end}")
}

fn sheet(done: &Done) -> Sheet {
    let Done { model, snapshot, .. } = done;
    let line = match done.state {
        "created" => format!(
            "created compatibility snapshot for model '{model}' version '{}': revision {}, {}, {}, {} hardware",
            snapshot.version,
            snapshot.revision,
            count(snapshot.results, "result"),
            count(snapshot.points, "operating point"),
            snapshot.hardware,
        ),
        _ => format!(
            "nothing has changed for model '{model}' version '{}': revision {} of {} stays the newest snapshot",
            snapshot.version,
            snapshot.revision,
            snapshot.created_at.clone().unwrap_or_default()
        ),
    };
    let rows = done.scores.iter().map(|one| {
        vec![
            one.rank.map(|rank| rank.to_string()).unwrap_or_default(),
            one.hardware.clone(),
            one.final_score.map(score).unwrap_or_default(),
            score(one.suitability_score),
            score(one.compatibility_score),
            one.recommended_batch_size.map(|batch| batch.to_string()).unwrap_or_default(),
            one.recommended_precision.clone().unwrap_or_default(),
            one.memory_requirement.map(memory).unwrap_or_default(),
            one.results.to_string(),
            one.notes.clone().unwrap_or_default(),
        ]
    });
    let mut below = remarks(&done.notes, &done.warnings);
    below.push(format!("rule set {}, data {}", short(&snapshot.rule_set), short(&snapshot.data_fingerprint)));
    Sheet {
        above: vec![line],
        columns: vec![
            Column::number("#", 0),
            Column::text("hardware", 0),
            Column::number("score", 0),
            Column::number("suitability", 3),
            Column::number("compatibility", 4),
            Column::number("batch", 6),
            Column::word("precision", 7),
            Column::number("peak memory", 8),
            Column::number("n", 5),
            Column::text("notes", 2),
        ],
        rows: rows.collect(),
        below,
    }
}

/// The scores with their numbers in full.
fn data(done: &Done) -> Sheet {
    let text = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let columns = [
        "model",
        "version",
        "revision",
        "state",
        "created_at",
        "rank",
        "hardware",
        "final_score",
        "suitability_score",
        "compatibility_score",
        "confidence",
        "results",
        "recommended_batch_size",
        "recommended_precision",
        "memory_requirement",
        "provenance",
        "notes",
        "rule_set",
        "data_fingerprint",
    ];
    let rows = done.scores.iter().map(|one| {
        vec![
            done.model.clone(),
            done.snapshot.version.clone(),
            done.snapshot.revision.to_string(),
            done.state.to_owned(),
            done.snapshot.created_at.clone().unwrap_or_default(),
            one.rank.map(|rank| rank.to_string()).unwrap_or_default(),
            one.hardware.clone(),
            text(one.final_score),
            one.suitability_score.to_string(),
            one.compatibility_score.to_string(),
            one.confidence.to_string(),
            one.results.to_string(),
            one.recommended_batch_size.map(|batch| batch.to_string()).unwrap_or_default(),
            one.recommended_precision.clone().unwrap_or_default(),
            text(one.memory_requirement),
            one.provenance.clone(),
            one.notes.clone().unwrap_or_default(),
            done.snapshot.rule_set.clone(),
            done.snapshot.data_fingerprint.clone(),
        ]
    });
    let below = remarks(&done.notes, &done.warnings);
    Sheet { columns: columns.into_iter().map(|name| Column::text(name, 0)).collect(), rows: rows.collect(), below, ..Sheet::default() }
}
