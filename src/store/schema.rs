//! Making and extending the schema.

use super::Db;
use crate::{Error, Result};

const BENCHMARK: &str = include_str!("sql/benchmark.sql");
const EXTENSION: &str = include_str!("sql/extension.sql");

/// What [`Db::create_schema`] found and did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SchemaReport {
    /// Tables that were there.
    pub found: Vec<String>,
    /// Tables that were made.
    pub done: Vec<String>,
    /// What the owner of the database should know.
    pub warnings: Vec<String>,
}

impl Db {
    /// Makes the benchmark tables where there are none, and Suitor's own beside them. Doing it again changes nothing.
    ///
    /// # Errors
    /// A read-only database (exit code 1).
    pub fn create_schema(&mut self) -> Result<SchemaReport> {
        let before = self.tables()?;
        let transaction = self.conn_mut().transaction().map_err(failed)?;
        transaction.execute_batch(BENCHMARK).map_err(failed)?;
        transaction.execute_batch(EXTENSION).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        let done = self.tables()?.into_iter().filter(|table| !before.contains(table)).collect();
        Ok(SchemaReport { found: before, done, warnings: Vec::new() })
    }

    /// Names of the tables, in order.
    fn tables(&self) -> Result<Vec<String>> {
        let mut statement = self
            .conn()
            .prepare("SELECT table_name FROM duckdb_tables() WHERE NOT temporary AND NOT internal ORDER BY table_name")
            .map_err(failed)?;
        let rows = statement.query_map([], |row| row.get(0)).map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used in map_err")]
fn failed(error: duckdb::Error) -> Error {
    Error::failed(format!("the schema could not be made: {error}"))
}
