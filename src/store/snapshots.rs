//! Making a snapshot: one transaction, whole or not at all.

use duckdb::{Connection, Transaction};
use sha2::{Digest, Sha256};

use super::Db;
use super::failure::told;
use super::stored::StoredScore;
use super::version_alias::Version;
use crate::fields::FIELDS;
use crate::rules::RuleSet;
use crate::versions::snapshot::{FrozenPoint, Snapshot};
use crate::{Error, Result};

/// What is hashed of a result, in this order. The hash is kept with each snapshot and taken again when one is read: the list stays as it
/// is, or those that there are would seem damaged, also where the fields of a result become more. Without `source_file` and `source_key`,
/// the place of a result in its file: moving it there changes no score.
const HASHED: [&str; 41] = [
    "model",
    "model_family",
    "parameters_million",
    "hardware",
    "hardware_name",
    "device_count",
    "hardware_type",
    "device_memory_mb",
    "task",
    "scenario",
    "division",
    "suite",
    "image_size",
    "input_tokens",
    "output_tokens",
    "batch_size",
    "precision",
    "framework",
    "item_unit",
    "provenance",
    "throughput_items_per_second",
    "latency_ms_mean",
    "latency_ms_p50",
    "latency_ms_p90",
    "latency_ms_p99",
    "ttft_ms_mean",
    "ttft_ms_p50",
    "ttft_ms_p99",
    "tpot_ms_mean",
    "tpot_ms_p50",
    "tpot_ms_p99",
    "memory_peak_mb",
    "power_watts",
    "energy_j_per_item",
    "time_to_train_s",
    "status",
    "source",
    "source_version",
    "submitter",
    "tested_at",
    "content_hash",
];

/// What a snapshot is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inputs {
    /// Key of the model.
    pub model_id: i64,
    /// The version.
    pub version: Version,
    /// All results of the model, and not only those linked to the version.
    pub all_results: bool,
    /// How many results.
    pub results: i64,
    /// Hash of them, hex.
    pub digest: String,
    /// Day number that ages are counted from.
    pub as_of: Option<i64>,
}

impl Inputs {
    /// The rows, as a condition on the row relation.
    fn condition(&self) -> String {
        let linked = format!(" AND row_id IN (SELECT result_id FROM model_version_results WHERE version_id = {})", self.version.id);
        format!("model_id = {}{}", self.model_id, if self.all_results { "" } else { &linked })
    }

    /// Hash of results and rule set, hex: what the same snapshot would be made of again.
    fn identity(&self, rules: &RuleSet) -> String {
        identity(self.all_results, &self.digest, &rules.hash, RuleSet::engine_version())
    }
}

fn identity(all_results: bool, results: &str, rule_set: &str, engine: &str) -> String {
    let mut digest = Sha256::new();
    for part in [if all_results { "all" } else { "linked" }, results, rule_set, engine] {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part.as_bytes());
    }
    crate::digits::hex(&digest.finalize())
}

/// Whether the results that a snapshot froze are still what it was made of: their number, and whether every field is as it was.
pub(super) fn frozen_inputs(conn: &Connection, snapshot: &Snapshot) -> Result<(i64, bool)> {
    let (count, digest) = read_frozen(conn, snapshot.id)?;
    let made_of: String =
        conn.query_row("SELECT inputs FROM suitor_snapshot WHERE snapshot_id = ?", [snapshot.id], |row| row.get(0)).map_err(unread)?;
    Ok((count, made_of == identity(snapshot.all_results, &digest, &snapshot.rule_set, &snapshot.engine_version)))
}

/// A snapshot that is to be made.
pub(crate) struct NewSnapshot<'a> {
    /// What of.
    pub inputs: &'a Inputs,
    /// By what.
    pub rules: &'a RuleSet,
    /// What each hardware of the model came to, over the cells of every task.
    pub scores: &'a [StoredScore],
    /// The operating points.
    pub points: &'a [FrozenPoint],
    /// Order-free sum of the content hashes of the results used, hex.
    pub fingerprint: &'a str,
}

#[expect(clippy::needless_pass_by_value, reason = "used in map_err")]
fn failed(error: duckdb::Error) -> Error {
    told("the snapshot could not be made", &error).help("nothing was stored")
}

#[expect(clippy::needless_pass_by_value, reason = "used in map_err")]
fn unread(error: duckdb::Error) -> Error {
    told("what a snapshot is made of could not be read", &error)
}

impl Db {
    /// What a snapshot of a version would be made of now.
    ///
    /// # Errors
    /// A database without Suitor's tables (exit code 2).
    pub(crate) fn snapshot_inputs(&self, model_id: i64, version: &Version, all_results: bool) -> Result<Inputs> {
        self.layout().need("suitor_snapshot")?;
        let as_of = self.newest_day()?;
        let mut inputs = Inputs { model_id, version: version.clone(), all_results, results: 0, digest: String::new(), as_of };
        (inputs.results, inputs.digest) = read_inputs(self.conn(), &self.row_relation()?, &inputs.condition())?;
        Ok(inputs)
    }

    /// Stores a snapshot. The newest one of the version stays the only one where it was made of the same results by the same rules, and
    /// its scores are these: a day that has passed makes a new one only where it changes a score. One that is damaged does not stay the
    /// only one. Returns the revision, and whether it is new. `now`: microseconds since 1970, UTC.
    ///
    /// # Errors
    /// Results that changed in the meantime, a database that cannot be written (exit code 1): nothing is stored then.
    pub(crate) fn store_snapshot(&mut self, new: &NewSnapshot<'_>, now: i64) -> Result<(i64, bool)> {
        let relation = self.row_relation()?;
        let transaction = self.conn_mut().transaction().map_err(failed)?;
        let inputs = new.inputs;
        if read_inputs(&transaction, &relation, &inputs.condition())? != (inputs.results, inputs.digest.clone()) {
            return Err(Error::failed("the results changed while the snapshot was being made").help("nothing was stored; run it again"));
        }
        let identity = inputs.identity(new.rules);
        if let Some(revision) = same(&transaction, inputs, &identity, new.scores)? {
            return Ok((revision, false));
        }
        let version = inputs.version.id;
        let last = |table: &str| format!("coalesce((SELECT max(revision) FROM {table} WHERE version_id = {version}), 0)");
        let revision = format!("SELECT 1 + greatest({}, {})::BIGINT", last("suitor_snapshot"), last("hardware_compatibility_snapshots"));
        let revision: i64 = transaction.query_row(&revision, [], |row| row.get(0)).map_err(failed)?;
        let id = header(&transaction, new, revision, &identity, now)?;
        let fields = FIELDS.iter().map(|field| field.name).collect::<Vec<_>>().join(", ");
        transaction
            .execute_batch(&format!(
                "INSERT INTO suitor_snapshot_row (snapshot_id, row_id, model_id, hardware_id, {fields})
                 SELECT {id}, row_id, model_id, hardware_id, {fields} FROM ({relation}) AS r WHERE {} ORDER BY row_id",
                inputs.condition()
            ))
            .map_err(failed)?;
        points(&transaction, id, new.points)?;
        scores(&transaction, new, revision, now)?;
        for file in &new.rules.files {
            transaction
                .execute(
                    "INSERT INTO suitor_rule_file (rule_set, name, text) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                    duckdb::params![new.rules.hash, file.name, file.text],
                )
                .map_err(failed)?;
        }
        transaction.commit().map_err(failed)?;
        Ok((revision, true))
    }
}

/// How many rows there are, and a hash of them. How it is taken stays as it is, like what is hashed.
fn read_inputs(conn: &Connection, relation: &str, condition: &str) -> Result<(i64, String)> {
    let values = HASHED.map(|name| format!("coalesce(CAST({name} AS VARCHAR), chr(30))")).join(", chr(31), ");
    let sql = format!(
        "SELECT count(*), coalesce(sha256(string_agg(h, '' ORDER BY h)), '') FROM (SELECT md5(concat({values})) AS h FROM ({relation}) AS r WHERE {condition}) AS hashes"
    );
    conn.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?))).map_err(unread)
}

/// The same of the rows that a snapshot froze.
fn read_frozen(conn: &Connection, snapshot: i64) -> Result<(i64, String)> {
    read_inputs(conn, "SELECT * FROM suitor_snapshot_row", &format!("snapshot_id = {snapshot}"))
}

/// What is held of one score against that of another moment: hardware, score to the bit, rank, notes.
type Kept = (i64, Option<u64>, Option<i64>, Option<String>);

/// The newest revision of the version, where it is what would be made again, and its rows are still what it was made of: a damaged one
/// is followed by a new one.
fn same(transaction: &Transaction<'_>, inputs: &Inputs, identity: &str, scores: &[StoredScore]) -> Result<Option<i64>> {
    let sql = format!(
        "SELECT revision, inputs, as_of, snapshot_id FROM suitor_snapshot WHERE version_id = {} ORDER BY revision DESC LIMIT 1",
        inputs.version.id
    );
    let newest = transaction
        .query_row(&sql, [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<i64>>(2)?, row.get::<_, i64>(3)?))
        })
        .map(Some)
        .or_else(|error| if matches!(error, duckdb::Error::QueryReturnedNoRows) { Ok(None) } else { Err(failed(error)) })?;
    let Some((revision, _, as_of, id)) = newest.filter(|(_, made_of, ..)| made_of == identity) else { return Ok(None) };
    if read_frozen(transaction, id)? != (inputs.results, inputs.digest.clone()) {
        return Ok(None);
    }
    if as_of == inputs.as_of {
        return Ok(Some(revision));
    }
    let sql = format!(
        "SELECT hardware_id, final_score, rank, notes FROM hardware_compatibility_snapshots WHERE version_id = {} AND revision = {revision}
         ORDER BY hardware_id",
        inputs.version.id
    );
    let mut statement = transaction.prepare(&sql).map_err(failed)?;
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get::<_, Option<f64>>(1)?.map(f64::to_bits), row.get(2)?, row.get(3)?)))
        .map_err(failed)?;
    let kept: Vec<Kept> = rows.collect::<duckdb::Result<_>>().map_err(failed)?;
    let mut now: Vec<Kept> =
        scores.iter().map(|one| (one.hardware_id, one.final_score.map(f64::to_bits), one.rank, one.notes.clone())).collect();
    now.sort_unstable();
    Ok((kept == now).then_some(revision))
}

fn header(transaction: &Transaction<'_>, new: &NewSnapshot<'_>, revision: i64, identity: &str, now: i64) -> Result<i64> {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let limits = json(&new.rules.limits)?;
    transaction
        .query_row(
            &format!(
                "INSERT INTO suitor_snapshot (model_id, version_id, revision, created_at, all_results, result_count, point_count, hardware_count, as_of,
                   inputs, data_fingerprint, rule_set, engine_version, limits)
                 VALUES (?, ?, ?, make_timestamp({now}::BIGINT), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING snapshot_id"
            ),
            duckdb::params![
                new.inputs.model_id,
                new.inputs.version.id,
                revision,
                new.inputs.all_results,
                new.inputs.results,
                count(new.points.len()),
                count(new.scores.len()),
                new.inputs.as_of,
                identity,
                new.fingerprint,
                new.rules.hash,
                RuleSet::engine_version(),
                limits
            ],
            |row| row.get(0),
        )
        .map_err(failed)
}

fn points(transaction: &Transaction<'_>, id: i64, points: &[FrozenPoint]) -> Result<()> {
    let mut rows = transaction.appender("suitor_snapshot_point").map_err(failed)?;
    for point in points {
        let of = |field: &str| point.point.get(field).cloned().flatten();
        rows.append_row(duckdb::params![
            id,
            point.point_id,
            point.hardware_id,
            point.hardware,
            json(&point.cell)?,
            of("batch_size").and_then(|text| text.parse::<i64>().ok()),
            of("precision"),
            of("framework"),
            of("item_unit"),
            of("provenance"),
            point.results,
            json(&point.metrics)?
        ])
        .map_err(failed)?;
    }
    rows.flush().map_err(failed)
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::failed(error.to_string()))
}

fn scores(transaction: &Transaction<'_>, new: &NewSnapshot<'_>, revision: i64, now: i64) -> Result<()> {
    let sql = format!(
        "INSERT INTO hardware_compatibility_snapshots (model_id, version_id, hardware_id, compatibility_score, suitability_score,
           recommended_batch_size, recommended_precision, memory_requirement, created_at, revision, final_score, rank, confidence, results,
           components, provenance, notes, rule_set, engine_version, data_fingerprint)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, make_timestamp({now}::BIGINT), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    );
    let mut statement = transaction.prepare(&sql).map_err(failed)?;
    for one in new.scores {
        statement
            .execute(duckdb::params![
                one.model_id,
                new.inputs.version.id,
                one.hardware_id,
                one.compatibility,
                one.suitability,
                one.recommended_batch_size,
                one.recommended_precision,
                one.memory_requirement,
                revision,
                one.final_score,
                one.rank,
                one.confidence,
                one.results,
                one.components,
                one.provenance,
                one.notes,
                one.rule_set,
                RuleSet::engine_version(),
                one.data_fingerprint
            ])
            .map_err(failed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digests were worked out outside the database: md5 of the values of a row with 0x1f between them and 0x1e for none, sha256 of
    /// the sorted ones after each other. Another digest here means that every snapshot there is would seem damaged.
    #[test]
    fn what_is_hashed_of_a_result_stays_as_it_is() {
        let row = |batch_size: i64| {
            let value = |name: &str| match name {
                "batch_size" => format!("{batch_size}::BIGINT"),
                "latency_ms_mean" => "5.1::DOUBLE".to_owned(),
                "precision" => "NULL::VARCHAR".to_owned(),
                "tested_at" => "TIMESTAMP '2026-01-02 03:04:05'".to_owned(),
                other => format!("'{other}'"),
            };
            let columns: Vec<String> = FIELDS.iter().map(|field| format!("{} AS {}", value(field.name), field.name)).collect();
            format!("SELECT {}", columns.join(", "))
        };
        let relation = format!("{} UNION ALL {}", row(8), row(16));
        let (count, digest) = read_inputs(&Connection::open_in_memory().unwrap(), &relation, "true").unwrap();
        assert_eq!((count, digest.as_str()), (2, "e66368f30a2196bd8970fb3f52fc44de28f0234a15c2a60fc1c31d829d3df6af"));
        let whole = "6d659ec7930adc6c2fc02b79300964e9441a4c173903a8dbf5aa3875a28eccae";
        assert_eq!(identity(false, &digest, "rules", "engine"), whole);
    }
}
