//! Keys of tables that Suitor did not make: nothing forbids that one stands for two things.

use duckdb::Connection;

use super::failure::told;
use super::layout::{Found, Layout};
use crate::fields::Type;
use crate::{Error, Result};

impl Found {
    /// Whether the database itself keeps the column of this field free of repeats.
    pub(super) fn is_unique(&self, field: &str) -> bool {
        self.own || self.column(field).is_some_and(|column| self.table.is_key(&[column.name.as_str()]))
    }
}

/// Refuses models and hardware of which one key names several: each of its results would count for all of them.
///
/// Rows that repeat key and name alike are one thing said twice, and are read as one.
///
/// # Errors
/// The key, and what it names (exit code 2).
pub(super) fn refuse_double(conn: &Connection, layout: &Layout) -> Result<()> {
    let failed = |error: duckdb::Error| told("the keys of the tables could not be read", &error);
    let tables = [
        (&layout.models, "model_id", &["model_name"][..]),
        (&layout.hardware, "hardware_id", &["device_name", "device_count", "hardware_type"]),
    ];
    for (found, key, names) in tables {
        let Some(found) = found.as_ref().filter(|found| !found.is_unique(key)) else { continue };
        let Some(id) = found.read(key, "t", Type::Integer) else { continue };
        let parts: Vec<String> = names.iter().filter_map(|name| found.read(name, "t", Type::Text)).collect();
        let sql = format!(
            "SELECT id, min(name), max(name) FROM (SELECT {id} AS id, concat_ws(', ', {}) AS name FROM {} AS t)
             WHERE id IS NOT NULL GROUP BY id HAVING min(name) <> max(name) ORDER BY id LIMIT 1",
            parts.join(", "),
            found.name()
        );
        let double = conn
            .query_row(&sql, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?)))
            .map(Some)
            .or_else(|error| if matches!(error, duckdb::Error::QueryReturnedNoRows) { Ok(None) } else { Err(failed(error)) })?;
        if let Some((id, one, other)) = double {
            let message = format!(
                "in the table `{}` the key {id} names both `{one}` and `{other}`: results of one would count for the other",
                found.table.name
            );
            return Err(Error::input(message).help("give each row a key of its own"));
        }
    }
    Ok(())
}
