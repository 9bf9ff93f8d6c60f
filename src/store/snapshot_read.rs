//! Reading snapshots: what there are, the rule sets that made them, and the points of a plan over them.

use std::collections::BTreeMap;

use duckdb::Row;

use super::Db;
use super::failure::told;
use super::score::side_of;
use super::snapshots::frozen_inputs;
use super::stored::StoredScore;
use crate::fields::{self, Role};
use crate::rules::{Limits, RuleSet};
use crate::scoring::Scoring;
use crate::scoring::plan::Plan;
use crate::versions::snapshot::{FrozenPoint, Samples, Snapshot};
use crate::{Error, Result};

#[expect(clippy::needless_pass_by_value, reason = "used in map_err")]
fn failed(error: duckdb::Error) -> Error {
    told("the snapshots could not be read", &error)
}

impl Db {
    /// The snapshots of a model, newest first (by when they were made, then by version and revision).
    ///
    /// # Errors
    /// The database cannot be read. One without Suitor's tables has no snapshots.
    pub fn snapshots(&self, model_id: i64) -> Result<Vec<Snapshot>> {
        if !self.layout().has("suitor_snapshot") {
            return Ok(Vec::new());
        }
        let mut statement = self
            .conn()
            .prepare(
                "SELECT s.snapshot_id, s.model_id, s.version_id, v.version_tag, s.revision, strftime(s.created_at, '%Y-%m-%dT%H:%M:%SZ'), s.all_results,
                   s.result_count, s.point_count, s.hardware_count, s.as_of, s.rule_set, s.engine_version, s.data_fingerprint
                 FROM suitor_snapshot AS s JOIN model_registry_versions AS v ON v.id = s.version_id
                 WHERE s.model_id = ? ORDER BY s.created_at DESC NULLS LAST, s.snapshot_id DESC",
            )
            .map_err(failed)?;
        let read = |row: &Row<'_>| {
            Ok(Snapshot {
                id: row.get(0)?,
                model_id: row.get(1)?,
                version_id: row.get(2)?,
                version: row.get(3)?,
                revision: row.get(4)?,
                created_at: row.get(5)?,
                all_results: row.get(6)?,
                results: row.get(7)?,
                points: row.get(8)?,
                hardware: row.get(9)?,
                as_of: row.get(10)?,
                rule_set: row.get(11)?,
                engine_version: row.get(12)?,
                data_fingerprint: row.get(13)?,
            })
        };
        let rows = statement.query_map([model_id], read).map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }

    /// The rule set that a snapshot was made by, compiled from the text that was kept, within the limits of then.
    ///
    /// # Errors
    /// Text that is not there or not that of its hash (exit code 1); a set that this program refuses (exit code 2).
    pub fn snapshot_rules(&self, snapshot: &Snapshot) -> Result<RuleSet> {
        let mut statement =
            self.conn().prepare("SELECT name, text FROM suitor_rule_file WHERE rule_set = ? ORDER BY name").map_err(failed)?;
        let rows = statement.query_map([&snapshot.rule_set], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed)?;
        let files: Vec<(String, String)> = rows.collect::<duckdb::Result<_>>().map_err(failed)?;
        let limits: String = self
            .conn()
            .query_row("SELECT CAST(limits AS VARCHAR) FROM suitor_snapshot WHERE snapshot_id = ?", [snapshot.id], |row| row.get(0))
            .map_err(failed)?;
        let limits: Limits = serde_json::from_str(&limits).map_err(|error| damaged(snapshot, &error.to_string()))?;
        if crate::rules::hash_of(&files) != snapshot.rule_set {
            return Err(damaged(snapshot, "the files of its rule set are not those of its hash"));
        }
        Ok(RuleSet::compile_within(&files, &limits)?)
    }

    /// Checks that the results of a snapshot are all there, and as they were.
    ///
    /// # Errors
    /// They are not: exit code 1.
    pub(crate) fn whole_snapshot(&self, snapshot: &Snapshot) -> Result<()> {
        let what = match frozen_inputs(self.conn(), snapshot)? {
            (there, _) if there != snapshot.results => format!("{there} of its {} results are there", snapshot.results),
            (_, false) => "its results are not those that it was made of".to_owned(),
            (_, true) => return Ok(()),
        };
        Err(damaged(snapshot, &what).help("`suitor create-snapshot` makes a new revision"))
    }

    /// The scores that a snapshot stored, by rank; those without a score last.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn snapshot_scores(&self, snapshot: &Snapshot) -> Result<Vec<StoredScore>> {
        let (label, hardware, models) =
            (super::base_relation::label("h"), self.layout().hardware_relation()?, self.layout().model_relation()?);
        let sql = format!(
            "SELECT c.model_id, m.model, h.hardware_id, {label} AS label, compatibility_score, suitability_score, final_score, rank, confidence, results,
               recommended_batch_size, recommended_precision, memory_requirement, CAST(components AS VARCHAR), provenance, notes, rule_set, data_fingerprint
             FROM hardware_compatibility_snapshots AS c JOIN ({hardware}) AS h ON h.own_id = c.hardware_id JOIN ({models}) AS m ON m.own_id = c.model_id
             WHERE c.version_id = ? AND c.revision = ? ORDER BY rank NULLS LAST, label"
        );
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let rows = statement.query_map([snapshot.version_id, snapshot.revision], super::stored::stored_score).map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }

    /// The operating points of the plan that ran last, which was planned with samples, each with the values of its metrics.
    ///
    /// # Errors
    /// The database cannot be read; a plan without samples gives none.
    pub(crate) fn samples(&self, plan: &Plan, scoring: &Scoring) -> Result<Vec<FrozenPoint>> {
        let Some(sql) = &plan.samples else { return Ok(Vec::new()) };
        let metrics: Vec<&str> = fields::of_role(Role::Metric).collect();
        let cell: Vec<&str> = std::iter::once("task").chain(scoring.cell_by.iter().map(String::as_str)).collect();
        let point = ["batch_size", "precision", "framework", "item_unit", "provenance"];
        let (at_cell, at_point) = (7, 7 + cell.len());
        let at_mean = at_point + point.len();
        let at_value = at_mean + metrics.len();
        let texts = |row: &Row<'_>, at: usize, names: &[&str]| {
            names.iter().enumerate().map(|(k, name)| Ok(((*name).to_owned(), row.get(at + k)?))).collect::<duckdb::Result<BTreeMap<_, _>>>()
        };
        let mut statement = self.conn().prepare(sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        let mut all: Vec<Reading> = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let point_id: i64 = row.get(1).map_err(failed)?;
            if all.last().is_none_or(|(last, ..)| last.point_id != point_id) {
                let read = || -> duckdb::Result<FrozenPoint> {
                    Ok(FrozenPoint {
                        side: side_of(row, "side")?,
                        point_id,
                        cell_id: row.get(2)?,
                        hardware_id: row.get(4)?,
                        hardware: row.get(5)?,
                        cell: texts(row, at_cell, &cell)?,
                        point: texts(row, at_point, &point)?,
                        results: row.get(6)?,
                        metrics: BTreeMap::new(),
                    })
                };
                let means = (0..metrics.len()).map(|k| row.get(at_mean + k)).collect::<duckdb::Result<_>>().map_err(failed)?;
                all.push((read().map_err(failed)?, means, vec![Vec::new(); metrics.len()]));
            }
            let Some((_, _, values)) = all.last_mut() else { continue };
            for (k, values) in values.iter_mut().enumerate() {
                values.extend(row.get::<_, Option<f64>>(at_value + k).map_err(failed)?);
            }
        }
        Ok(all
            .into_iter()
            .map(|(mut point, means, values)| {
                for ((metric, mean), values) in metrics.iter().zip(means).zip(values) {
                    point.metrics.extend(mean.map(|mean| ((*metric).to_owned(), Samples::new(mean, values))));
                }
                point
            })
            .collect())
    }
}

/// A point, the mean of each metric, and its values so far.
type Reading = (FrozenPoint, Vec<Option<f64>>, Vec<Vec<f64>>);

fn damaged(snapshot: &Snapshot, what: &str) -> Error {
    Error::failed(format!("revision {} of version `{}` is damaged: {what}", snapshot.revision, snapshot.version))
}
