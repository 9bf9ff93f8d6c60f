//! The version of Suitor's tables, and the steps from one to the next.

use duckdb::Connection;

use super::catalog::Catalog;
use super::extension::{side_tables, snapshot_tables};
use super::failure::told;
use crate::{Error, Result};

/// One step forward.
pub(super) struct Step {
    /// The version that it leads to.
    pub(super) to: i64,
    /// What it does.
    pub(super) sql: fn() -> String,
}

/// Every step, oldest first. Version 1 had no side tables, version 2 no snapshots (nor the columns of theirs that [`super::rebuild`] adds).
pub(super) const STEPS: &[Step] = &[Step { to: 2, sql: side_tables }, Step { to: 3, sql: snapshot_tables }];

/// The version that this program makes.
pub(super) const VERSION: i64 = 3;

#[expect(clippy::needless_pass_by_value, reason = "used in map_err")]
fn failed(error: duckdb::Error) -> Error {
    told("the schema's version could not be read or written", &error)
}

/// The version of the tables; `None` where there are none. Tables without a version are of the first.
pub(super) fn version(conn: &Connection, catalog: &Catalog) -> Result<Option<i64>> {
    if catalog.get("suitor_schema").is_none_or(|table| table.column("version").is_none()) {
        return Ok(None);
    }
    let newest: Option<i64> = conn.query_row("SELECT max(version)::BIGINT FROM suitor_schema", [], |row| row.get(0)).map_err(failed)?;
    Ok(Some(newest.unwrap_or(1)))
}

/// Refuses a database that a newer Suitor wrote.
///
/// # Errors
/// It is newer: exit code 2.
pub(super) fn refuse_newer(conn: &Connection, catalog: &Catalog, shown: &str) -> Result<()> {
    match version(conn, catalog)? {
        Some(newer) if newer > VERSION => {
            Err(Error::input(format!("{shown} has schema version {newer}, and this suitor knows versions up to {VERSION}"))
                .help("a newer suitor wrote it: use that one, or a copy from before"))
        }
        _ => Ok(()),
    }
}

/// Takes the steps that lead beyond `from` and records them. Part of the caller's transaction.
pub(super) fn forward(conn: &Connection, from: i64, steps: &[Step], now: i64) -> Result<Vec<String>> {
    let mut done = Vec::new();
    for step in steps.iter().filter(|step| step.to > from) {
        conn.execute_batch(&(step.sql)()).map_err(failed)?;
        record(conn, step.to, now)?;
        done.push(format!("schema version {}", step.to));
    }
    Ok(done)
}

/// Records a version.
pub(super) fn record(conn: &Connection, version: i64, now: i64) -> Result<()> {
    let sql = format!("INSERT INTO suitor_schema (version, applied_at) VALUES ({version}, make_timestamp({now}::BIGINT))");
    conn.execute_batch(&sql).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_end_at_the_version_of_this_program() {
        assert!(STEPS.windows(2).all(|pair| pair[0].to < pair[1].to));
        assert_eq!(STEPS.last().unwrap().to, VERSION);
    }

    #[test]
    fn a_step_that_fails_leaves_nothing_of_the_steps_before_it() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(
            "CREATE TABLE suitor_schema (version INTEGER, applied_at TIMESTAMP); INSERT INTO suitor_schema VALUES (1, NULL)",
        )
        .unwrap();
        let steps = [
            Step { to: 2, sql: || "CREATE TABLE second (a INTEGER)".into() },
            Step { to: 3, sql: || "CREATE TABLE third (a WHATEVER)".into() },
        ];
        let transaction = conn.transaction().unwrap();
        assert!(forward(&transaction, 1, &steps, 0).is_err());
        drop(transaction);
        let catalog = Catalog::read(&conn).unwrap();
        assert!(!catalog.has("second"));
        assert_eq!(version(&conn, &catalog).unwrap(), Some(1));
        assert_eq!(forward(&conn, 1, &steps[..1], 0).unwrap(), ["schema version 2"]);
        assert_eq!(version(&conn, &catalog).unwrap(), Some(2));
    }
}
