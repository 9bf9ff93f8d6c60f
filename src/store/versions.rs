//! Model versions and their history.

use super::Db;
use super::failure::told;
use super::version_alias::LATEST;
use crate::error::shown;
use crate::import::Unambiguous;
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
    /// Names given to it, `latest` among them for the newest one where no other has it; by name.
    pub aliases: Vec<String>,
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
    /// A tag that cannot be one, an empty hash, metadata that is not a JSON object or repeats a key, other content under the same tag: exit code 2.
    pub fn add_version(&mut self, model_id: i64, tag: &str, hash: Option<&str>, metadata: Option<&str>, now: i64) -> Result<Added> {
        self.layout().need("model_registry_versions")?;
        self.refuse_tag(model_id, tag)?;
        if hash.is_some_and(|hash| hash.trim().is_empty()) {
            return Err(Error::input("the hash is empty, expected a hash of the version's weights or code")
                .help("leave --hash out where there is none; it can be added later"));
        }
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
        // Other software may have left one without a letter.
        let old_hash = old_hash.filter(|hash| !hash.is_empty());
        let old_json = old_metadata.as_deref().and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
        let mut differs = Vec::new();
        if let (Some(old), Some(new)) = (old_hash.as_deref(), hash)
            && old != new
        {
            differs.push(format!("hash `{old}`, not `{new}`"));
        }
        if let (Some(old), Some(new)) = (&old_json, &metadata)
            && old != new
        {
            differs.push(format!("metadata `{old}`, not `{new}`"));
        }
        if !differs.is_empty() {
            return Err(Error::input(format!("version `{tag}` exists with {}", differs.join(", and with ")))
                .help("a version does not change; add another tag"));
        }
        let fills = (old_hash.is_none() && hash.is_some()) || (old_json.is_none() && metadata.is_some());
        if !fills {
            return Ok(Added::Unchanged);
        }
        transaction
            .execute(
                "UPDATE model_registry_versions SET version_hash = coalesce(nullif(version_hash, ''), ?), metadata = coalesce(metadata, CAST(? AS JSON)) WHERE id = ?",
                duckdb::params![hash, metadata.as_ref().map(ToString::to_string), id],
            )
            .map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok(Added::Filled)
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
                    aliases: Vec::new(),
                    metadata: row.get::<_, Option<String>>(6)?.and_then(|text| serde_json::from_str(&text).ok()),
                })
            })
            .map_err(failed)?;
        let mut all: Vec<VersionEntry> = rows.collect::<duckdb::Result<_>>().map_err(failed)?;
        let aliases = self.version_aliases(model_id)?;
        for entry in &mut all {
            entry.aliases = aliases.iter().filter(|(_, id)| *id == entry.id).map(|(alias, _)| alias.clone()).collect();
        }
        // A tag or a name that says `latest` comes before what it means by itself.
        let is_taken = all.iter().any(|entry| entry.version == LATEST) || aliases.iter().any(|(alias, _)| alias == LATEST);
        if let Some(newest) = all.first_mut().filter(|_| !is_taken) {
            newest.aliases.push(LATEST.to_owned());
            newest.aliases.sort();
        }
        Ok(all)
    }
}

/// A JSON object in which every key stands once: of two values of one key, one would be lost without a word.
fn json_object(text: &str) -> Result<serde_json::Value> {
    let wrong = |what: &str| Error::input(format!("metadata `{}` is {what}", shown(text)));
    let example = "for example --metadata '{\"commit\": \"abc123\"}'";
    match serde_json::from_str::<Unambiguous>(text) {
        Ok(Unambiguous(value)) if value.is_object() => Ok(value),
        Ok(_) => Err(wrong("not a JSON object").help(example)),
        Err(error) if error.is_data() => {
            Err(wrong(&format!("ambiguous: {error}")).help("say each key once; a list holds several values: {\"a\": [1, 2]}"))
        }
        Err(error) => Err(wrong(&format!("not JSON: {error}")).help(example)),
    }
}
