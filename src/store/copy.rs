//! A copy in memory of what rankings need, so that the file is free for others while somebody waits.

use std::path::Path;
use std::sync::Arc;

use duckdb::{Config, Connection};

use super::aliases::SchemaNames;
use super::catalog::{Catalog, literal, quote};
use super::failure::unopened;
use super::layout::{Found, Layout};
use super::source::Source;
use super::{Access, Db, migrate, open};
use crate::fields::Type;
use crate::{Error, Result};

/// What is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows<'a> {
    /// Results of every model.
    All,
    /// Results of these models, by name or id; all models and all hardware are known all the same.
    Of(&'a [String]),
}

/// A copy, and what is known of all rows though not all are in it.
pub struct Copied {
    /// The database in memory; nothing leads back to the file.
    pub db: Db,
    /// Day number of the newest test of all rows: ages count from it.
    pub newest_day: Option<i64>,
}

impl Db {
    /// Copies the benchmark tables of a database into memory and closes the file.
    ///
    /// # Errors
    /// Those of [`Db::open_with`]; a model that is not there (exit code 2).
    pub fn copy(path: &Path, aliases: Arc<SchemaNames>, rows: Rows<'_>) -> Result<Copied> {
        open::refuse_path(path, Access::Read)?;
        let shown = path.display();
        let failed = |error: duckdb::Error| Error::failed(format!("the tables of `{shown}` could not be copied: {error}"));
        // Attaching needs what no query ever gets: it is turned off again before the first one.
        let config =
            [("autoinstall_known_extensions", "false"), ("autoload_known_extensions", "false"), ("allow_community_extensions", "false")];
        let config = config.into_iter().try_fold(Config::default(), |config, (key, value)| config.with(key, value)).map_err(failed)?;
        let conn = Connection::open_in_memory_with_flags(config).map_err(failed)?;
        let file = literal(&path.display().to_string());
        conn.execute_batch(&format!("ATTACH {file} AS suitor_source (READ_ONLY); USE suitor_source"))
            .map_err(|error| unopened(&error, path))?;
        let catalog = Catalog::read(&conn).map_err(failed)?;
        migrate::refuse_newer(&conn, &catalog, &format!("`{shown}`"))?;
        let layout = Layout::resolve(catalog, &aliases)?;
        let db = Self::of_parts(conn, aliases, layout, Source::Results);
        let newest_day = db.newest_day()?;
        for (table, filter) in db.needed(rows)? {
            let name = quote(&table);
            let sql = format!("CREATE TABLE memory.main.{name} AS SELECT * FROM suitor_source.main.{name} AS r WHERE {filter}");
            db.conn().execute_batch(&sql).map_err(failed)?;
        }
        db.conn()
            .execute_batch("USE memory; DETACH suitor_source; SET enable_external_access = false; SET lock_configuration = true")
            .map_err(failed)?;
        Ok(Copied { db, newest_day })
    }

    /// The tables that rankings read, and which rows of each.
    fn needed(&self, rows: Rows<'_>) -> Result<Vec<(String, String)>> {
        let layout = self.layout();
        let wanted = match rows {
            Rows::All => None,
            Rows::Of(names) => {
                let keys: Vec<String> =
                    names.iter().map(|name| self.model(name).map(|model| model.id.to_string())).collect::<Result<_>>()?;
                Some(format!("SELECT own_id FROM ({}) AS m WHERE model_id IN ({})", layout.model_relation()?, keys.join(", ")))
            }
        };
        let filter = |found: &Found| match (&wanted, found.read("model_id", "r", Type::Integer)) {
            (Some(wanted), Some(key)) => format!("{key} IN ({wanted})"),
            _ => "true".to_owned(),
        };
        let mut all: Vec<(String, String)> = Vec::new();
        for found in [&layout.results, &layout.compatibility].into_iter().flatten() {
            all.push((found.table.name.clone(), filter(found)));
        }
        for found in [&layout.models, &layout.hardware, &layout.flat, &layout.batches, &layout.power].into_iter().flatten() {
            all.push((found.table.name.clone(), "true".to_owned()));
        }
        let own = [
            "suitor_model_extra",
            "suitor_hardware_extra",
            "suitor_result_extra",
            "model_registry_versions",
            "model_version_results",
            "suitor_version_alias",
        ];
        all.extend(own.into_iter().filter(|table| layout.has(table)).map(|table| (table.to_owned(), "true".to_owned())));
        all.sort();
        all.dedup_by(|a, b| a.0 == b.0);
        Ok(all)
    }

    /// Every model and task that has rows, in order.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn asks(&self) -> Result<Vec<(String, String)>> {
        let failed = |error: duckdb::Error| Error::failed(format!("the database could not be read: {error}"));
        let sql = format!("SELECT DISTINCT model, task FROM ({}) AS r WHERE task IS NOT NULL ORDER BY model, task", self.row_relation()?);
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }
}
