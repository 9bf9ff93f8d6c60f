//! Rows read out in full, so that a scenario can keep them; and what tells whether rows have moved.

use duckdb::types::{TimeUnit, Value};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::Db;
use crate::fields::FIELDS;
use crate::scoring::Profile;
use crate::scoring::plan::{self, Scope, VersionRows};
use crate::{Error, Result};

#[expect(clippy::needless_pass_by_value, reason = "used in map_err")]
fn failed(error: duckdb::Error) -> Error {
    Error::failed(format!("the rows could not be read: {error}"))
}

impl Db {
    /// Every row of a model and a task (and of a version, if one is named), a value for each of [`FIELDS`] as text that reads
    /// back to the same bits; times in UTC. The order is that of hardware, then of all other fields.
    ///
    /// # Errors
    /// A database without benchmark tables.
    pub fn frozen_rows(&self, model_id: i64, task: &str, version: Option<VersionRows>) -> Result<Vec<Vec<Option<String>>>> {
        let scope = Scope { model_id: Some(model_id), task: Some(task.to_owned()), version, ..Scope::all(Vec::new(), Profile::Documented) };
        let names = FIELDS.iter().map(|field| field.name).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "SELECT {names} FROM ({}) AS rows WHERE {} ORDER BY hardware, batch_size, {names}, row_id",
            self.row_relation()?,
            plan::conditions(&scope)?.join(" AND ")
        );
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let values = (0..FIELDS.len()).map(|at| row.get::<_, Value>(at).map(text)).collect::<duckdb::Result<_>>();
            all.push(values.map_err(failed)?);
        }
        Ok(all)
    }

    /// A hash of all rows of a model and of the newest day of the database: 64 hex digits that are the same while both are.
    ///
    /// # Errors
    /// A database without benchmark tables.
    pub fn rows_fingerprint(&self, model_id: i64) -> Result<String> {
        let sql = format!("SELECT content_hash FROM ({}) AS rows WHERE model_id = {model_id} ORDER BY content_hash", self.row_relation()?);
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let hashes = statement.query_map([], |row| row.get::<_, String>(0)).map_err(failed)?;
        let mut digest = Sha256::new();
        for hash in hashes {
            digest.update(hash.map_err(failed)?.as_bytes());
        }
        digest.update(self.newest_day()?.unwrap_or(i64::MIN).to_le_bytes());
        Ok(digest.finalize().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}")))
    }
}

/// A value as text that reads back to it.
fn text(value: Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text),
        Value::BigInt(integer) => Some(integer.to_string()),
        Value::Int(integer) => Some(integer.to_string()),
        // The shortest text that means the same double.
        Value::Double(number) => Some(format!("{number:?}")),
        Value::Timestamp(unit, count) => {
            let micros = match unit {
                TimeUnit::Second => count.checked_mul(1_000_000)?,
                TimeUnit::Millisecond => count.checked_mul(1_000)?,
                TimeUnit::Microsecond => count,
                TimeUnit::Nanosecond => count / 1_000,
            };
            Timestamp::from_microsecond(micros).ok().map(|time| time.to_string())
        }
        _ => None,
    }
}
