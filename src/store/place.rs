//! From the landing table to the database's own tables, whatever they are called; what they have no column for goes to
//! `suitor_result_extra`.

use duckdb::Connection;

use super::bases::{self, count};
use super::catalog::literal;
use super::contexts::is_shared;
use super::landing::{FileRecord, Landed, failed};
use super::layout::{Found, Layout};
use super::relation::extra_fields;
use crate::fields::Type;
use crate::{Error, Result};

/// The name that the test run of an imported file gets.
pub(super) fn run_name(file: &str) -> String {
    format!("suitor import {file}")
}

/// A file that has landed.
pub(super) struct File<'a> {
    /// What is remembered of it.
    pub(super) record: &'a FileRecord,
    /// Rows in `suitor_landing`.
    pub(super) rows: i64,
    /// Whether any of them names a version.
    pub(super) tagged: bool,
}

/// Moves the rows of `suitor_landing` and `suitor_landing_context` to their places. Part of the caller's transaction.
pub(super) fn place(conn: &Connection, layout: &Layout, file: &File<'_>, now: i64) -> Result<Landed> {
    let run = |sql: &str| conn.execute_batch(sql).map_err(failed);
    let found = layout.results_table()?;
    let time = format!("make_timestamp({now}::BIGINT)");
    // A table that rows cannot be added to is said before anything is worked out.
    bases::key(conn, found, "result_id")?;
    let held = held(layout, found)?;
    let record = file.record;
    // The first of each content hash (the source's own key is part of it) that the database does not hold.
    run(&format!(
        "CREATE OR REPLACE TEMP TABLE suitor_keep AS
           SELECT min(l.position) AS position FROM suitor_landing AS l
           WHERE NOT EXISTS (SELECT 1 FROM ({held}) AS r WHERE r.content_hash = l.content_hash) GROUP BY l.content_hash"
    ))?;
    let added = count(conn, "SELECT count(*) FROM suitor_keep")?;
    let own_hardware = layout.hardware_table()?.own;
    add_bases(conn, layout, own_hardware, now)?;
    run(&format!(
        "INSERT INTO suitor_imports (file, format, sha256, rows_read, rows_added, rows_duplicate, rows_refused, created_at)
         VALUES ({}, {}, {}, {}, {added}, {}, {}, {time})",
        literal(&record.file),
        literal(&record.format),
        literal(&record.sha256),
        record.rows_read,
        file.rows - added,
        record.rows_refused
    ))?;
    resolve(conn, layout, own_hardware)?;
    if added > 0 {
        let kept = keyed(conn, found, added, file.rows)?;
        let from = format!("{kept} AS l JOIN suitor_context AS c ON c.context = l.context");
        let import: i64 = count(conn, "SELECT max(import_id) FROM suitor_imports")?;
        let run_id = run_of(conn, layout, found, record, &time)?;
        let (given, rest) = columns(found, import, run_id, &time);
        bases::check_required(found, &given)?;
        // Not in the order of the file, which their keys keep: by model, so that who reads one model's rows leaves out all other blocks.
        run(&bases::insert(found, &given, &format!("{from} ORDER BY c.model_id")))?;
        if !rest.is_empty() {
            let (names, values): (Vec<String>, Vec<String>) = rest.into_iter().unzip();
            run(&format!(
                "INSERT INTO suitor_result_extra (result_id, {}) SELECT l.result_id, {} FROM {from}",
                names.join(", "),
                values.join(", ")
            ))?;
        }
    }
    let (versions, linked) = if file.tagged { link(conn, &held, &time)? } else { (0, 0) };
    Ok(Landed { added, duplicate: file.rows - added, versions, linked })
}

/// A relation of the rows of `suitor_landing` that are kept, each with its `result_id`: keys follow the order of the file.
fn keyed(conn: &Connection, found: &Found, added: i64, rows: i64) -> Result<String> {
    let joined = |keys: &str| format!("(SELECT l.*, k.result_id FROM suitor_landing AS l JOIN {keys} AS k ON k.position = l.position)");
    if !found.own {
        let key = bases::key(conn, found, "result_id")?;
        conn.execute_batch(&format!(
            "CREATE OR REPLACE TEMP TABLE suitor_keyed AS
             SELECT position, {key} AS result_id FROM (SELECT position FROM suitor_keep ORDER BY position) AS n"
        ))
        .map_err(failed)?;
        return Ok(joined("suitor_keyed"));
    }
    let first = bases::keys(conn, found, "result_id", added)?;
    if added == rows {
        // Every row is new: its place is its rank.
        return Ok(format!("(SELECT *, {first} + position AS result_id FROM suitor_landing)"));
    }
    Ok(joined(&format!("(SELECT position, {first} - 1 + row_number() OVER (ORDER BY position) AS result_id FROM suitor_keep)")))
}

/// Makes `suitor_context`: the landed contexts by number, with the keys of model and hardware.
fn resolve(conn: &Connection, layout: &Layout, own_hardware: bool) -> Result<()> {
    let same_type = if own_hardware { "" } else { " AND n.type IS NOT DISTINCT FROM s.hardware_type" };
    conn.execute_batch(&format!(
        "CREATE OR REPLACE TEMP TABLE suitor_context AS
         SELECT s.*, m.model_id, h.hardware_id FROM suitor_landing_context AS s
         JOIN (SELECT model, model_id FROM ({}) AS m WHERE own_id = model_id) AS m ON m.model = s.model
         JOIN suitor_new_hardware AS n ON n.name = s.hardware_name AND n.count = s.device_count{same_type}
         JOIN suitor_hardware_map AS h ON h.position = n.position",
        layout.model_relation()?
    ))
    .map_err(failed)
}

/// A SELECT of `result_id`, `model_id`, `content_hash`, `source_key`, `import_id` of every stored result.
pub(super) fn held(layout: &Layout, found: &Found) -> Result<String> {
    let key = found
        .read("result_id", "r", Type::Integer)
        .ok_or_else(|| Error::input(format!("`{}` has no key, so files cannot be imported into it", found.table.name)))?;
    let beside = !found.own && layout.has("suitor_result_extra");
    let field = |name: &str, kind: Type| match (found.read(name, "r", kind), beside) {
        (Some(column), true) => format!("coalesce({column}, x.{name})"),
        (Some(column), false) => column,
        (None, true) => format!("x.{name}"),
        (None, false) => format!("NULL::{}", kind.sql()),
    };
    Ok(format!(
        "SELECT {key} AS result_id, {} AS model_id, {} AS content_hash, {} AS source_key, {} AS import_id FROM {} AS r{}",
        found.read("model_id", "r", Type::Integer).unwrap_or_default(),
        field("content_hash", Type::Text),
        field("source_key", Type::Text),
        field("import_id", Type::Integer),
        found.name(),
        if beside { format!(" LEFT JOIN suitor_result_extra AS x ON x.result_id = {key}") } else { String::new() }
    ))
}

fn add_bases(conn: &Connection, layout: &Layout, own_hardware: bool, now: i64) -> Result<()> {
    bases::begin(conn)?;
    let first = |column: &str| format!("first({column} ORDER BY context) FILTER ({column} IS NOT NULL)");
    let (kind, by_type) = if own_hardware { (first("hardware_type"), "") } else { ("hardware_type".to_owned(), ", hardware_type") };
    conn.execute_batch(&format!(
        "INSERT INTO suitor_new_models SELECT min(context), model, {}, {} FROM suitor_landing_context GROUP BY model;
         INSERT INTO suitor_new_hardware SELECT min(context), hardware_name, device_count, {kind}, {} FROM suitor_landing_context
           GROUP BY hardware_name, device_count{by_type}",
        first("model_family"),
        first("parameters_million"),
        first("device_memory_mb"),
    ))
    .map_err(failed)?;
    bases::add_models(conn, layout, now)?;
    bases::add_hardware(conn, layout, now)
}

/// Columns, and what goes into each.
type Given = Vec<(String, String)>;

/// The columns of the results' table with what goes into them, and those of `suitor_result_extra`, from landed rows `l` and their contexts `c`.
fn columns(found: &Found, import: i64, run_id: Option<i64>, time: &str) -> (Given, Given) {
    let mut given: Given = Vec::new();
    let mut rest: Given = Vec::new();
    let mut give = |field: &str, value: &str| {
        let written = found.write(field, value).filter(|(column, _)| !given.iter().any(|(taken, _)| taken == column));
        let is_written = written.is_some();
        given.extend(written);
        is_written
    };
    give("result_id", "l.result_id");
    give("model_id", "c.model_id");
    give("hardware_id", "c.hardware_id");
    if let Some(run_id) = run_id {
        give("run_id", &run_id.to_string());
    }
    for field in extra_fields() {
        let value = format!("{}.{}", if is_shared(field) { "c" } else { "l" }, field.name);
        let required = found.column(field.name).is_some_and(|column| column.not_null);
        let written = match field.name {
            "status" if !found.own => format!("coalesce({value}, 'ok')"),
            "tested_at" if required => format!("coalesce({value}, {time})"),
            _ => value.clone(),
        };
        if !give(field.name, &written) {
            rest.push((field.name.to_owned(), value));
        }
    }
    // What says the same in other words, for those who read the table without Suitor.
    give("test_case", "c.task");
    give("success", "c.status IS NULL OR lower(c.status) = 'ok'");
    give("is_simulated", "c.provenance <> 'measured'");
    give("simulation_reason", "CASE WHEN c.provenance <> 'measured' THEN 'imported as ' || c.provenance END");
    if !give("import_id", &import.to_string()) {
        rest.push(("import_id".to_owned(), import.to_string()));
    }
    (given, rest)
}

/// The run that the rows of a file belong to, made where each row must have one.
fn run_of(conn: &Connection, layout: &Layout, found: &Found, record: &FileRecord, time: &str) -> Result<Option<i64>> {
    let Some(column) = found.column("run_id").filter(|column| column.not_null && column.default.is_none()) else { return Ok(None) };
    let Some(runs) = &layout.runs else {
        let sql = format!("SELECT coalesce(max({}), 0)::BIGINT + 1 FROM {}", super::catalog::quote(&column.name), found.name());
        return count(conn, &sql).map(Some);
    };
    let key = bases::key(conn, runs, "run_id")?;
    let id = count(conn, &format!("SELECT {key} FROM (SELECT 1 AS position) AS one"))?;
    let given = [
        runs.write("run_id", &id.to_string()),
        runs.write("test_name", &literal(&run_name(&record.file))),
        runs.write("test_type", "'performance'"),
        runs.write("started_at", time),
        runs.write("completed_at", time),
        runs.write("success", "true"),
    ];
    let given: Vec<_> = given.into_iter().flatten().collect();
    bases::check_required(runs, &given)?;
    conn.execute_batch(&bases::insert(runs, &given, "(SELECT 1) AS one")).map_err(failed)?;
    Ok(Some(id))
}

/// Makes the versions that rows name and links the rows to them, those too that were there before. Returns how many
/// versions and links are new.
fn link(conn: &Connection, held: &str, time: &str) -> Result<(i64, i64)> {
    let versions = conn
        .execute(
            &format!(
                "INSERT INTO model_registry_versions (model_id, version_tag, created_at)
                 SELECT m.model_id, l.version_tag, {time} FROM suitor_landing AS l JOIN suitor_context AS m ON m.context = l.context
                 WHERE l.version_tag IS NOT NULL
                   AND NOT EXISTS (SELECT 1 FROM model_registry_versions AS v WHERE v.model_id = m.model_id AND v.version_tag = l.version_tag)
                 GROUP BY m.model_id, l.version_tag ORDER BY min(l.position)"
            ),
            [],
        )
        .map_err(failed)?;
    let linked = conn
        .execute(
            &format!(
                "INSERT INTO model_version_results (version_id, result_id)
                 SELECT DISTINCT v.id, r.result_id FROM suitor_landing AS l JOIN suitor_context AS m ON m.context = l.context
                 JOIN model_registry_versions AS v ON v.model_id = m.model_id AND v.version_tag = l.version_tag
                 JOIN ({held}) AS r ON r.model_id = m.model_id AND r.content_hash = l.content_hash
                 WHERE NOT EXISTS (SELECT 1 FROM model_version_results AS x WHERE x.version_id = v.id AND x.result_id = r.result_id)"
            ),
            [],
        )
        .map_err(failed)?;
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    Ok((number(versions), number(linked)))
}
