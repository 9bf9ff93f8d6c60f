//! Forgetting an imported file.

use duckdb::Connection;

use super::Db;
use super::catalog::{literal, quote};
use super::failure::told;
use super::layout::Layout;
use super::place::{held, run_name};
use crate::fields::Type;
use crate::{Error, Result};

/// What went with an imported file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Forgotten {
    /// Benchmark rows.
    pub results: i64,
    /// Links of these rows to model versions.
    pub links: i64,
    /// Imports of the file.
    pub imports: i64,
}

#[expect(clippy::needless_pass_by_value, reason = "used in map_err")]
fn failed(error: duckdb::Error) -> Error {
    told("the file could not be forgotten", &error).help("nothing was removed")
}

impl Db {
    /// Names of the imported files, in order.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn imported_files(&self) -> Result<Vec<String>> {
        if !self.layout().has("suitor_imports") {
            return Ok(Vec::new());
        }
        let mut statement = self.conn().prepare("SELECT DISTINCT file FROM suitor_imports ORDER BY file").map_err(failed)?;
        let rows = statement.query_map([], |row| row.get(0)).map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }

    /// Removes the rows that came from a file, what side tables hold of them, and their links to versions. One
    /// transaction. Models, hardware, versions, stored scores and snapshots stay.
    ///
    /// # Errors
    /// No such file was imported: exit code 2, with the nearest names.
    pub fn forget(&mut self, file: &str) -> Result<Forgotten> {
        let known = self.imported_files()?;
        if !known.iter().any(|name| name == file) {
            let error = Error::unknown("imported file", file, known.iter().map(String::as_str));
            return Err(if known.is_empty() { error.help("no file was imported into this database") } else { error });
        }
        let (conn, layout) = self.parts();
        let found = layout.results_table()?;
        let transaction = conn.transaction().map_err(failed)?;
        let remove = |sql: &str| transaction.execute(sql, []).map(|rows| i64::try_from(rows).unwrap_or(i64::MAX)).map_err(failed);
        transaction
            .execute_batch(&format!(
                "CREATE OR REPLACE TEMP TABLE suitor_gone AS SELECT result_id FROM ({}) AS r
                 WHERE import_id IN (SELECT import_id FROM suitor_imports WHERE file = {})",
                held(layout, found)?,
                literal(file)
            ))
            .map_err(failed)?;
        let links = remove("DELETE FROM model_version_results WHERE result_id IN (SELECT result_id FROM suitor_gone)")?;
        let key = found.read("result_id", "r", Type::Integer).unwrap_or_default();
        let results = remove(&format!("DELETE FROM {} AS r WHERE {key} IN (SELECT result_id FROM suitor_gone)", found.name()))?;
        if layout.has("suitor_result_extra") {
            remove("DELETE FROM suitor_result_extra WHERE result_id IN (SELECT result_id FROM suitor_gone)")?;
        }
        let imports = remove(&format!("DELETE FROM suitor_imports WHERE file = {}", literal(file)))?;
        transaction.execute_batch("DROP TABLE suitor_gone").map_err(failed)?;
        let referred = refers(layout);
        if !referred {
            forget_runs(&transaction, layout).map_err(failed)?;
        }
        transaction.commit().map_err(failed)?;
        if referred {
            // A foreign key still sees the rows that its own transaction removed. What is left if this fails goes with the next one.
            forget_runs(conn, layout)
                .map_err(|error| told(&format!("the rows of `{file}` are removed, but the test run of its import is not"), &error))?;
        }
        Ok(Forgotten { results, links, imports })
    }
}

/// Whether results refer to runs by a foreign key.
fn refers(layout: &Layout) -> bool {
    let (Some(runs), Some(results)) = (&layout.runs, &layout.results) else { return false };
    runs.table.referenced_by.iter().any(|table| table.eq_ignore_ascii_case(&results.table.name))
}

/// Removes the test runs that imports made and that nothing belongs to any more.
fn forget_runs(conn: &Connection, layout: &Layout) -> duckdb::Result<()> {
    let (Some(runs), Some(results)) = (&layout.runs, &layout.results) else { return Ok(()) };
    let (Some(id), Some(name), Some(of)) = (runs.column("run_id"), runs.column("test_name"), results.column("run_id")) else {
        return Ok(());
    };
    let sql = format!(
        "DELETE FROM {} WHERE starts_with({}, {}) AND {} NOT IN (SELECT {of} FROM {} WHERE {of} IS NOT NULL)",
        runs.name(),
        quote(&name.name),
        literal(&run_name("")),
        quote(&id.name),
        results.name(),
        of = quote(&of.name)
    );
    conn.execute(&sql, []).map(|_| ())
}
