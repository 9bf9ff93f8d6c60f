//! Making and extending the schema.

use duckdb::Connection;
use jiff::Timestamp;

use super::Db;
use super::aliases::SchemaNames;
use super::catalog::Catalog;
use super::extension::{EXTENSIONS, References, further, side_tables, snapshot_tables};
use super::failure::told;
use super::layout::{Found, Layout, list};
use super::migrate::{self, STEPS, VERSION};
use super::{bases, rebuild};
use crate::{Error, Result};

const MODELS: &str = include_str!("sql/models.sql");
const HARDWARE: &str = include_str!("sql/hardware_platforms.sql");
const RESULTS: &str = include_str!("sql/performance_results.sql");

/// Tables of benchmark databases that hold nothing that Suitor reads.
const IGNORED: [&str; 7] = [
    "web_platform_results",
    "webgpu_advanced_features",
    "integration_test_results",
    "integration_test_assertions",
    "hardware_availability_log",
    "test_results",
    "benchmark_performance",
];

/// What [`Db::create_schema`] found and did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SchemaReport {
    /// Tables that were there, and under which names they keep what Suitor reads.
    pub found: Vec<String>,
    /// What was made: tables, and what went into them.
    pub done: Vec<String>,
    /// What the owner of the database should know.
    pub warnings: Vec<String>,
}

impl Db {
    /// Makes the benchmark tables where there are none, and Suitor's own beside them; rows that are there are never
    /// rewritten. Extension tables of other software are made anew with their rows and ids; a schema of an older version
    /// is brought forward. One transaction. Doing it again changes nothing.
    ///
    /// # Errors
    /// Base tables without a column that Suitor needs, rows of other software that the keys forbid: exit code 2.
    /// A read-only database: exit code 1.
    pub fn create_schema(&mut self) -> Result<SchemaReport> {
        let aliases = self.aliases();
        let before = self.layout().clone();
        let transaction = self.conn_mut().transaction().map_err(failed)?;
        let (report, after) = make(&transaction, &before, &aliases)?;
        transaction.commit().map_err(failed)?;
        self.set_layout(after);
        Ok(report)
    }
}

/// Makes and extends the tables; also returns what they are then. Part of the caller's transaction.
pub(super) fn make(conn: &Connection, before: &Layout, aliases: &SchemaNames) -> Result<(SchemaReport, Layout)> {
    let now = Timestamp::now().as_microsecond();
    let mut report = SchemaReport { found: found(before), ..SchemaReport::default() };
    let version = migrate::version(conn, &before.catalog)?;
    make_bases(conn, before)?;
    let with_bases = Layout::resolve(Catalog::read(conn).map_err(failed)?, aliases)?;
    let mut said = Vec::new();
    let away = rebuild::take_away(conn, &with_bases, &mut said)?;
    let rest = Catalog::read(conn).map_err(failed)?;
    let references = References::of(&with_bases, &rest);
    for extension in &EXTENSIONS {
        conn.execute_batch(&extension.create(&references)).map_err(failed)?;
    }
    conn.execute_batch(&further(&references)).map_err(failed)?;
    rebuild::bring_back(conn, &away, &mut said)?;
    match version {
        None => {
            conn.execute_batch(&side_tables()).map_err(failed)?;
            conn.execute_batch(&snapshot_tables()).map_err(failed)?;
            migrate::record(conn, VERSION, now)?;
        }
        Some(from) => said.extend(migrate::forward(conn, from, STEPS, now)?),
    }
    let after = Layout::resolve(Catalog::read(conn).map_err(failed)?, aliases)?;
    said.extend(bases::register_flat(conn, &after, now)?);
    said.extend(link_by_column(conn, &after)?);
    report.done = after.catalog.names().into_iter().filter(|name| !before.has(name)).collect();
    report.done.extend(said);
    report.warnings = warnings(conn, &after)?;
    Ok((report, after))
}

/// Makes the benchmark tables that no table of the database is.
fn make_bases(conn: &Connection, layout: &Layout) -> Result<()> {
    let missing = [
        ("models", layout.models.is_none(), MODELS),
        ("hardware_platforms", layout.hardware.is_none(), HARDWARE),
        ("performance_results", layout.results.is_none(), RESULTS),
    ];
    for (name, is_missing, sql) in missing {
        if is_missing && layout.has(name) {
            return Err(layout.lacking(name));
        }
        if is_missing {
            conn.execute_batch(sql).map_err(failed)?;
        }
    }
    Ok(())
}

/// Links results to the versions that a column of theirs names, where both are of one model.
fn link_by_column(conn: &Connection, layout: &Layout) -> Result<Option<String>> {
    let Some(results) = layout.results.as_ref().filter(|results| !results.own) else { return Ok(None) };
    let (Some(version), Some(key), Some(model)) =
        (results.column("version_id"), results.raw("result_id", "r"), results.raw("model_id", "r"))
    else {
        return Ok(None);
    };
    let added = conn
        .execute(
            &format!(
                "INSERT INTO model_version_results (version_id, result_id)
                 SELECT DISTINCT v.id, {key} FROM {} AS r JOIN model_registry_versions AS v ON v.id = TRY_CAST(r.{} AS BIGINT) AND v.model_id = {model}
                 WHERE NOT EXISTS (SELECT 1 FROM model_version_results AS l WHERE l.version_id = v.id AND l.result_id = {key})",
                results.name(),
                super::catalog::quote(&version.name)
            ),
            [],
        )
        .map_err(failed)?;
    Ok((added > 0).then(|| format!("{added} links of results to versions, by `{}`.`{}`", results.table.name, version.name)))
}

/// The tables that were there, as Suitor reads them.
fn found(layout: &Layout) -> Vec<String> {
    let mut lines = Vec::new();
    let all = [&layout.models, &layout.hardware, &layout.results, &layout.flat, &layout.batches, &layout.power, &layout.compatibility];
    for found in all.into_iter().flatten() {
        let renamed = if found.own { Vec::new() } else { found.renamed() };
        let kind = if found.table.view { " (a view)" } else { "" };
        lines.push(match renamed.as_slice() {
            [] => format!("{}{kind}", found.table.name),
            some => format!("{}{kind}: {}", found.table.name, some.join(", ")),
        });
    }
    lines.extend(rebuild::existing(&layout.catalog));
    lines
}

fn warnings(conn: &Connection, layout: &Layout) -> Result<Vec<String>> {
    let mut warnings = Vec::new();
    let read: Vec<&str> =
        [&layout.models, &layout.hardware, &layout.results, &layout.flat, &layout.batches, &layout.power, &layout.compatibility]
            .into_iter()
            .flatten()
            .map(|found| found.table.name.as_str())
            .collect();
    let count = |sql: String| conn.query_row(&sql, [], |row| row.get::<_, i64>(0)).map_err(failed);
    let users: Vec<&Found> = [&layout.models, &layout.hardware].into_iter().flatten().filter(|found| !found.own).collect();
    let keyed = |found: &&Found| found.is_keyed("model_id") || found.is_keyed("hardware_id");
    for found in users.iter().filter(|found| keyed(found)) {
        warnings.push(format!(
            "tables of Suitor's now refer to `{}`: its columns can be added, but not renamed, dropped or retyped, nor the table dropped, and rows that are referred to stay",
            found.table.name
        ));
    }
    for found in users.iter().filter(|found| !keyed(found)) {
        warnings.push(format!("`{}` has no key that a foreign key could refer to: Suitor checks it", found.table.name));
    }
    if let (Some(models), false) = (&layout.models, users.is_empty()) {
        let merged = count(format!("SELECT count(*) FROM ({}) AS m WHERE own_id <> model_id", layout.model_relation()?))?;
        if merged > 0 && !models.own {
            warnings.push(format!("{merged} rows of `{}` repeat a model's name: they count as one model", models.table.name));
        }
    }
    if let (Some(hardware), false) = (&layout.hardware, users.is_empty()) {
        let merged = count(format!("SELECT count(*) FROM ({}) AS h WHERE own_id <> hardware_id", layout.hardware_relation()?))?;
        if merged > 0 && !hardware.own {
            warnings.push(format!(
                "{merged} rows of `{}` repeat a name, type and count: they count as one piece of hardware",
                hardware.table.name
            ));
        }
    }
    if let Some(results) = layout.results.as_ref().filter(|results| !results.own) {
        if results.table.view {
            warnings.push(format!("`{}` is a view: it is read, and files cannot be imported into it", results.table.name));
        } else if !results.has("result_id") {
            warnings.push(format!(
                "`{}` has no key: links to its rows hold only as long as none is deleted, and files cannot be imported into it",
                results.table.name
            ));
        }
        if let (Some(model), Some(hardware)) = (results.raw("model_id", "r"), results.raw("hardware_id", "r")) {
            let lost = count(format!(
                "SELECT count(*) FROM {} AS r WHERE {model} NOT IN (SELECT own_id FROM ({}) AS m WHERE own_id IS NOT NULL) OR {hardware} NOT IN (SELECT own_id FROM ({}) AS h WHERE own_id IS NOT NULL)
                   OR {model} IS NULL OR {hardware} IS NULL",
                results.name(),
                layout.model_relation()?,
                layout.hardware_relation()?
            ))?;
            if lost > 0 {
                warnings.push(format!(
                    "{lost} rows of `{}` refer to models or hardware that are not there: they are left out",
                    results.table.name
                ));
            }
        }
    }
    if let Some(flat) = layout.flat.as_ref().filter(|flat| !flat.has("result_id")) {
        warnings.push(format!("`{}` has no key: links to its rows hold only as long as none is deleted", flat.table.name));
    }
    if let Some(batches) = &layout.batches {
        warnings.push(format!(
            "samples in `{}` give latency and memory where a result has none; they do not count as repeats",
            batches.table.name
        ));
    }
    let ignored: Vec<String> = IGNORED
        .iter()
        .filter(|name| layout.has(name) && !read.iter().any(|read| read.eq_ignore_ascii_case(name)))
        .map(|name| (*name).to_owned())
        .collect();
    if !ignored.is_empty() {
        warnings.push(format!("not read: {}", list(&ignored)));
    }
    Ok(warnings)
}

#[expect(clippy::needless_pass_by_value, reason = "used in map_err")]
fn failed(error: duckdb::Error) -> Error {
    told("the schema could not be made", &error).help("nothing was changed")
}
