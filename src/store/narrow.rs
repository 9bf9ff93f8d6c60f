//! What rows a scope chooses: whether any, on which hardware, with which values of a field.

use super::Db;
use super::catalog::quote;
use super::failure::told;
use crate::scoring::plan::{self, Scope};
use crate::{Error, Result};

#[expect(clippy::needless_pass_by_value, reason = "used in map_err")]
fn failed(error: duckdb::Error) -> Error {
    told("the rows could not be read", &error)
}

impl Db {
    /// The rows of a scope, as the end of a SELECT.
    fn chosen(&self, scope: &Scope) -> Result<String> {
        let mut conditions = plan::conditions(scope)?;
        conditions.push("true".to_owned());
        Ok(format!("FROM ({}) AS r WHERE {}", self.row_relation()?, conditions.join(" AND ")))
    }

    /// Whether the scope chooses any row.
    pub(crate) fn has_rows(&self, scope: &Scope) -> Result<bool> {
        self.conn().query_row(&format!("SELECT EXISTS (SELECT 1 {})", self.chosen(scope)?), [], |row| row.get(0)).map_err(failed)
    }

    /// The labels of the hardware that the scope chooses rows of, by label.
    pub(crate) fn labels(&self, scope: &Scope) -> Result<Vec<String>> {
        let mut statement =
            self.conn().prepare(&format!("SELECT DISTINCT hardware {} ORDER BY hardware", self.chosen(scope)?)).map_err(failed)?;
        let rows = statement.query_map([], |row| row.get(0)).map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }

    /// The values that a field has within a scope: those of most rows, at most `most`, in order; and how many more there are.
    pub(crate) fn values_of(&self, field: &str, scope: &Scope, most: usize) -> Result<(Vec<String>, usize)> {
        let (column, chosen) = (quote(field), self.chosen(scope)?);
        let sql = format!(
            "WITH v AS (SELECT {column} AS value, count(*) AS n {chosen} AND {column} IS NOT NULL GROUP BY {column}),
             top AS (SELECT value, (SELECT count(*) FROM v) AS total FROM v ORDER BY n DESC, value LIMIT {most})
             SELECT CAST(value AS VARCHAR), total FROM top ORDER BY value"
        );
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))).map_err(failed)?;
        let found: Vec<(String, i64)> = rows.collect::<duckdb::Result<_>>().map_err(failed)?;
        let total = found.first().map_or(0, |(_, total)| usize::try_from(*total).unwrap_or(0));
        let values: Vec<String> = found.into_iter().map(|(value, _)| value).collect();
        let more = total.saturating_sub(values.len());
        Ok((values, more))
    }
}
