//! Making and extending the schema.

use super::Db;
use crate::{Error, Result};

const BENCHMARK: &str = include_str!("sql/benchmark.sql");
const EXTENSION: &str = include_str!("sql/extension.sql");

impl Db {
    /// Makes the benchmark tables where there are none, and Suitor's own beside them. Doing it again changes nothing.
    ///
    /// # Errors
    /// A read-only database (exit code 1).
    pub fn create_schema(&mut self) -> Result<()> {
        let transaction = self.conn_mut().transaction().map_err(failed)?;
        transaction.execute_batch(BENCHMARK).map_err(failed)?;
        transaction.execute_batch(EXTENSION).map_err(failed)?;
        transaction.commit().map_err(failed)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used in map_err")]
fn failed(error: duckdb::Error) -> Error {
    Error::failed(format!("the schema could not be made: {error}"))
}
