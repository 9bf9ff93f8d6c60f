//! Stored scores: what `calculate-scores` and `update-task` keep.

use super::base_relation::label;
use super::catalog::literal;
use super::failure::told;
use super::{Db, Scored};
use crate::{Error, Result};

/// One stored score of a model on hardware.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredScore {
    /// Key of the model.
    pub model_id: i64,
    /// Name of the model.
    pub model: String,
    /// Key of the hardware.
    pub hardware_id: i64,
    /// Label of the hardware.
    pub hardware: String,
    /// In [0, 1].
    pub compatibility: f64,
    /// compatibility x confidence, before rules.
    pub suitability: f64,
    /// After the rules; `None` when a rule took it out or failed.
    pub final_score: Option<f64>,
    /// 1 is best among those of the model that have a score.
    pub rank: Option<i64>,
    /// In [0, 1].
    pub confidence: f64,
    /// Rows that count.
    pub results: i64,
    /// Of the best point.
    pub recommended_batch_size: Option<i64>,
    /// Of the best point.
    pub recommended_precision: Option<String>,
    /// Of the best point, MB.
    pub memory_requirement: Option<f64>,
    /// Component scores as a JSON object.
    pub components: String,
    /// measured, simulated or estimated.
    pub provenance: String,
    /// What is missing or uncontested, and why there is no score.
    pub notes: Option<String>,
    /// Hash of the rule set.
    pub rule_set: String,
    /// Fingerprint of the rows used.
    pub data_fingerprint: String,
}

/// Which stored scores new ones take the place of: those that these do not have go.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replaced {
    /// Those for a task; `None` means those of pairs.
    pub task: Option<String>,
    /// Only those of this model.
    pub model_id: Option<i64>,
    /// Only those on this hardware.
    pub hardware_ids: Option<Vec<i64>>,
}

#[expect(clippy::needless_pass_by_value, reason = "used in map_err")]
fn failed(error: duckdb::Error) -> Error {
    told("the scores could not be stored", &error).help("nothing was stored")
}

impl Scored<'_> {
    /// Stores them: new ones are made, old ones moved on (`created_at` stays), and those of Suitor's that
    /// nothing gives a score any more are removed, whose number is returned. One transaction.
    /// `now`: microseconds since 1970, UTC.
    ///
    /// # Errors
    /// The database cannot be written; nothing is stored then.
    pub(crate) fn store(&self, replaced: &Replaced, engine: &str, now: i64) -> Result<usize> {
        let task = replaced.task.as_deref();
        let table = if task.is_none() { "hardware_model_compatibility" } else { "task_recommendations" };
        self.db().layout().need(table)?;
        let transaction = self.db().conn_to_store().unchecked_transaction().map_err(failed)?;
        let now = format!("make_timestamp({now}::BIGINT)");
        let [rule_set, engine, fingerprint] = [self.rule_set(), engine, self.data_fingerprint()].map(literal);
        let scored = self.table();
        let sql = match task {
            None => format!(
                "INSERT INTO hardware_model_compatibility (model_id, hardware_id, compatibility_score, suitability_score, recommended_batch_size,
                   recommended_precision, memory_requirement, created_at, last_updated, notes, final_score, confidence, results, components,
                   provenance, rule_set, engine_version, data_fingerprint)
                 SELECT model_id, hardware_id, compatibility, suitability, batch_size, precision, memory, {now}, {now}, notes, final_score, confidence,
                   results, components, provenance, {rule_set}, {engine}, {fingerprint} FROM {scored}
                 ON CONFLICT (model_id, hardware_id) DO UPDATE SET compatibility_score = excluded.compatibility_score,
                   suitability_score = excluded.suitability_score, recommended_batch_size = excluded.recommended_batch_size,
                   recommended_precision = excluded.recommended_precision, memory_requirement = excluded.memory_requirement,
                   last_updated = excluded.last_updated, notes = excluded.notes, final_score = excluded.final_score, confidence = excluded.confidence,
                   results = excluded.results, components = excluded.components, provenance = excluded.provenance, rule_set = excluded.rule_set,
                   engine_version = excluded.engine_version, data_fingerprint = excluded.data_fingerprint"
            ),
            Some(task) => format!(
                "INSERT INTO task_recommendations (task_type, model_id, hardware_id, suitability_score, created_at, last_updated, final_score, rank,
                   confidence, results, provenance, rule_set, engine_version, data_fingerprint)
                 SELECT {}, model_id, hardware_id, suitability, {now}, {now}, final_score, rank, confidence, results, provenance, {rule_set},
                   {engine}, {fingerprint} FROM {scored}
                 ON CONFLICT (task_type, model_id, hardware_id) DO UPDATE SET suitability_score = excluded.suitability_score,
                   last_updated = excluded.last_updated, final_score = excluded.final_score, rank = excluded.rank, confidence = excluded.confidence,
                   results = excluded.results, provenance = excluded.provenance, rule_set = excluded.rule_set,
                   engine_version = excluded.engine_version, data_fingerprint = excluded.data_fingerprint",
                literal(task)
            ),
        };
        transaction.execute_batch(&sql).map_err(failed)?;
        let gone = transaction.execute(&gone(table, scored, replaced), []).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok(gone)
    }
}

impl Db {
    /// Reads the stored scores of a model: of a task, or the pairs; best first, those without a score last.
    ///
    /// # Errors
    /// A database without Suitor's tables.
    pub fn stored_scores(&self, model_id: i64, task: Option<&str>) -> Result<Vec<StoredScore>> {
        let name = if task.is_none() { "hardware_model_compatibility" } else { "task_recommendations" };
        let Some(table) = self.layout().catalog.get(name) else { return Ok(Vec::new()) };
        if table.column("rule_set").is_none() {
            self.layout().need("suitor_schema")?;
        }
        // Rows of other software have no rule set: their score is what that software made of the pair.
        let shared = "CASE WHEN rule_set IS NULL THEN suitability_score ELSE final_score END AS score";
        let origin = "coalesce(provenance, 'estimated')";
        let (label, models, hardware) = (label("h"), self.layout().model_relation()?, self.layout().hardware_relation()?);
        let joined = format!(
            "JOIN ({models}) AS m ON m.own_id = c.model_id JOIN ({hardware}) AS h ON h.own_id = c.hardware_id WHERE m.model_id = {model_id}"
        );
        let sql = match task {
            None => format!(
                "SELECT m.model_id, m.model, h.hardware_id, {label} AS label, coalesce(compatibility_score, 0), coalesce(suitability_score, 0), {shared}, NULL::BIGINT,
                   coalesce(confidence, 0), coalesce(results, 0), recommended_batch_size, recommended_precision, memory_requirement,
                   coalesce(components::VARCHAR, '{{}}'), {origin}, notes, coalesce(rule_set, ''), coalesce(data_fingerprint, '')
                 FROM {name} AS c {joined} ORDER BY score DESC NULLS LAST, compatibility_score DESC, label"
            ),
            Some(task) => format!(
                "SELECT m.model_id, m.model, h.hardware_id, {label} AS label, 0::DOUBLE, coalesce(suitability_score, 0), {shared}, rank,
                   coalesce(confidence, 0), coalesce(results, 0), NULL::BIGINT, NULL::VARCHAR, NULL::DOUBLE,
                   '{{}}', {origin}, NULL::VARCHAR, coalesce(rule_set, ''), coalesce(data_fingerprint, '')
                 FROM {name} AS c {joined} AND task_type = {} ORDER BY rank NULLS LAST, score DESC NULLS LAST, label",
                literal(task)
            ),
        };
        let read = |error: duckdb::Error| told("the stored scores could not be read", &error);
        let mut statement = self.conn().prepare(&sql).map_err(read)?;
        let rows = statement.query_map([], stored_score).map_err(read)?;
        rows.collect::<duckdb::Result<_>>().map_err(read)
    }
}

/// Removes what is replaced and not stored anew. Rows of other software, which have no rule set, stay.
fn gone(table: &str, scored: &str, replaced: &Replaced) -> String {
    let mut conditions = vec!["rule_set IS NOT NULL".to_owned()];
    conditions.extend(replaced.task.as_ref().map(|task| format!("task_type = {}", literal(task))));
    conditions.extend(replaced.model_id.map(|id| format!("model_id = {id}")));
    conditions.extend(replaced.hardware_ids.as_ref().map(|ids| {
        let ids = ids.iter().map(ToString::to_string).chain(["NULL".to_owned()]).collect::<Vec<_>>().join(", ");
        format!("hardware_id IN ({ids})")
    }));
    format!(
        "DELETE FROM {table} AS t WHERE {}
           AND NOT EXISTS (SELECT 1 FROM {scored} AS s WHERE s.model_id = t.model_id AND s.hardware_id = t.hardware_id)",
        conditions.join(" AND ")
    )
}

/// A stored score of a row whose columns are the fields of [`StoredScore`], in their order.
pub(super) fn stored_score(row: &duckdb::Row<'_>) -> duckdb::Result<StoredScore> {
    Ok(StoredScore {
        model_id: row.get(0)?,
        model: row.get(1)?,
        hardware_id: row.get(2)?,
        hardware: row.get(3)?,
        compatibility: row.get(4)?,
        suitability: row.get(5)?,
        final_score: row.get(6)?,
        rank: row.get(7)?,
        confidence: row.get(8)?,
        results: row.get(9)?,
        recommended_batch_size: row.get(10)?,
        recommended_precision: row.get(11)?,
        memory_requirement: row.get(12)?,
        components: row.get(13)?,
        provenance: row.get(14)?,
        notes: row.get(15)?,
        rule_set: row.get(16)?,
        data_fingerprint: row.get(17)?,
    })
}
