//! Model versions and the results that belong to them.

use super::Db;
use super::failure::told;
use crate::{Error, Result};

/// One version of a model, as its history shows it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct VersionEntry {
    /// Its key.
    pub id: i64,
    /// Its tag.
    pub version: String,
    /// Hash of its weights or code.
    pub hash: Option<String>,
    /// When it was added, UTC, ISO 8601.
    pub created_at: Option<String>,
    /// Results linked to it.
    pub linked_results: i64,
    /// Snapshots of it.
    pub snapshots: i64,
    /// What else is known of it.
    pub metadata: Option<serde_json::Value>,
}

/// What adding a version did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Added {
    /// It is new.
    Created,
    /// It was there, and its empty fields were filled.
    Filled,
    /// It was there with the same content.
    Unchanged,
}

#[expect(clippy::needless_pass_by_value, reason = "used in map_err")]
fn failed(error: duckdb::Error) -> Error {
    told("the versions could not be read or written", &error).help("nothing was changed")
}

impl Db {
    /// Adds a version of a model. The same content again is no change; empty fields of a version that `link-tests` or an
    /// import made are filled once. `now`: microseconds since 1970, UTC.
    ///
    /// # Errors
    /// An empty tag, metadata that is not a JSON object, other content under the same tag: exit code 2.
    pub fn add_version(&mut self, model_id: i64, tag: &str, hash: Option<&str>, metadata: Option<&str>, now: i64) -> Result<Added> {
        if tag.trim().is_empty() {
            return Err(Error::input("a version's tag is empty"));
        }
        self.layout().need("model_registry_versions")?;
        let metadata = metadata.map(json_object).transpose()?;
        let transaction = self.conn_mut().transaction().map_err(failed)?;
        let existing = transaction
            .query_row(
                "SELECT id, version_hash, CAST(metadata AS VARCHAR) FROM model_registry_versions WHERE model_id = ? AND version_tag = ?",
                duckdb::params![model_id, tag],
                |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<String>>(1)?, row.get::<_, Option<String>>(2)?)),
            )
            .map(Some)
            .or_else(|error| if matches!(error, duckdb::Error::QueryReturnedNoRows) { Ok(None) } else { Err(failed(error)) })?;
        let Some((id, old_hash, old_metadata)) = existing else {
            transaction
                .execute(
                    &format!("INSERT INTO model_registry_versions (model_id, version_tag, version_hash, created_at, metadata) VALUES (?, ?, ?, make_timestamp({now}::BIGINT), ?)"),
                    duckdb::params![model_id, tag, hash, metadata.as_ref().map(ToString::to_string)],
                )
                .map_err(failed)?;
            transaction.commit().map_err(failed)?;
            return Ok(Added::Created);
        };
        let old_json = old_metadata.as_deref().and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
        let differs = |what: &str, old: &str, new: &str| {
            Error::input(format!("version `{tag}` exists with {what} `{old}`, not `{new}`"))
                .help("a version does not change; add another tag")
        };
        if let (Some(old), Some(new)) = (old_hash.as_deref(), hash)
            && old != new
        {
            return Err(differs("hash", old, new));
        }
        if let (Some(old), Some(new)) = (&old_json, &metadata)
            && old != new
        {
            return Err(differs("metadata", &old.to_string(), &new.to_string()));
        }
        let fills = (old_hash.is_none() && hash.is_some()) || (old_json.is_none() && metadata.is_some());
        if !fills {
            return Ok(Added::Unchanged);
        }
        transaction
            .execute(
                "UPDATE model_registry_versions SET version_hash = coalesce(version_hash, ?), metadata = coalesce(metadata, CAST(? AS JSON)) WHERE id = ?",
                duckdb::params![hash, metadata.as_ref().map(ToString::to_string), id],
            )
            .map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok(Added::Filled)
    }

    /// Links results to a version of a model, which is made when it is not there. Returns how many links are new.
    ///
    /// # Errors
    /// Ids that do not exist, or that belong to another model: exit code 2, listing them; nothing is linked.
    pub fn link_results(&mut self, model_id: i64, tag: &str, ids: &[i64], now: i64) -> Result<i64> {
        if ids.is_empty() {
            return Err(Error::input("no result is named").help("--result-ids 1,2,3; `suitor list results` shows the ids"));
        }
        if tag.trim().is_empty() {
            return Err(Error::input("a version's tag is empty"));
        }
        self.layout().need("model_version_results")?;
        let relation = self.row_relation()?;
        let wanted = ids.iter().map(|id| format!("({id})")).collect::<Vec<_>>().join(", ");
        let transaction = self.conn_mut().transaction().map_err(failed)?;
        let mut missing = Vec::new();
        let mut foreign = Vec::new();
        {
            let sql = format!(
                "SELECT DISTINCT w.id, r.model_id, r.model FROM (VALUES {wanted}) AS w(id) LEFT JOIN ({relation}) AS r ON r.row_id = w.id
                 WHERE r.model_id IS DISTINCT FROM {model_id} ORDER BY w.id"
            );
            let mut statement = transaction.prepare(&sql).map_err(failed)?;
            let mut rows = statement.query([]).map_err(failed)?;
            while let Some(row) = rows.next().map_err(failed)? {
                let (id, model): (i64, Option<String>) = (row.get(0).map_err(failed)?, row.get(2).map_err(failed)?);
                match model {
                    None => missing.push(id.to_string()),
                    Some(model) => foreign.push(format!("{id} (of `{model}`)")),
                }
            }
        }
        let mut faults = Vec::new();
        if !missing.is_empty() {
            faults.push(format!("there is no result {}", missing.join(", ")));
        }
        if !foreign.is_empty() {
            faults.push(format!("of another model: {}", foreign.join(", ")));
        }
        if !faults.is_empty() {
            return Err(
                Error::input(format!("nothing was linked: {}", faults.join("; "))).help("`suitor list results --model M` shows the ids")
            );
        }
        transaction
            .execute(
                &format!(
                    "INSERT INTO model_registry_versions (model_id, version_tag, created_at) SELECT ?, ?, make_timestamp({now}::BIGINT)
                     WHERE NOT EXISTS (SELECT 1 FROM model_registry_versions WHERE model_id = ? AND version_tag = ?)"
                ),
                duckdb::params![model_id, tag, model_id, tag],
            )
            .map_err(failed)?;
        let added = transaction
            .execute(
                &format!(
                    "INSERT INTO model_version_results (version_id, result_id)
                     SELECT DISTINCT v.id, w.id FROM (VALUES {wanted}) AS w(id), model_registry_versions AS v
                     WHERE v.model_id = ? AND v.version_tag = ?
                       AND NOT EXISTS (SELECT 1 FROM model_version_results AS x WHERE x.version_id = v.id AND x.result_id = w.id)"
                ),
                duckdb::params![model_id, tag],
            )
            .map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok(i64::try_from(added).unwrap_or(i64::MAX))
    }

    /// Returns the versions of a model, newest first.
    ///
    /// # Errors
    /// The database cannot be read. One without Suitor's tables has no versions.
    pub fn version_history(&self, model_id: i64) -> Result<Vec<VersionEntry>> {
        if !["model_registry_versions", "model_version_results", "hardware_compatibility_snapshots"]
            .iter()
            .all(|name| self.layout().has(name))
        {
            return Ok(Vec::new());
        }
        let mut statement = self
            .conn()
            .prepare(
                "SELECT v.id, version_tag, version_hash, strftime(created_at, '%Y-%m-%dT%H:%M:%SZ'),
                   (SELECT count(*) FROM model_version_results AS l WHERE l.version_id = v.id),
                   (SELECT count(DISTINCT revision) FROM hardware_compatibility_snapshots AS s WHERE s.version_id = v.id),
                   CAST(metadata AS VARCHAR)
                 FROM model_registry_versions AS v WHERE model_id = ? ORDER BY v.created_at DESC NULLS LAST, v.id DESC",
            )
            .map_err(failed)?;
        let rows = statement
            .query_map([model_id], |row| {
                Ok(VersionEntry {
                    id: row.get(0)?,
                    version: row.get(1)?,
                    hash: row.get(2)?,
                    created_at: row.get(3)?,
                    linked_results: row.get(4)?,
                    snapshots: row.get(5)?,
                    metadata: row.get::<_, Option<String>>(6)?.and_then(|text| serde_json::from_str(&text).ok()),
                })
            })
            .map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }
}

fn json_object(text: &str) -> Result<serde_json::Value> {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(value) if value.is_object() => Ok(value),
        Ok(_) => {
            Err(Error::input(format!("metadata `{text}` is not a JSON object")).help("for example --metadata '{\"commit\": \"abc123\"}'"))
        }
        Err(error) => {
            Err(Error::input(format!("metadata `{text}` is not JSON: {error}")).help("for example --metadata '{\"commit\": \"abc123\"}'"))
        }
    }
}
