//! New models and hardware: into whichever tables the database has, the rest into Suitor's side tables.
//!
//! The callers fill `suitor_new_models` (position, name, family, size) or `suitor_new_hardware` (position, name, count,
//! type, memory in MB), one row a model or a piece of hardware; positions say the order in which keys are given.

use duckdb::Connection;

use super::base_relation::FLAT_IDS;
use super::catalog::{literal, quote};
use super::failure::told;
use super::layout::{Found, Layout};
use crate::{Error, Result};

/// Which row of [`Layout::hardware_relation`] (`h`) is the new hardware (`n`).
const SAME_HARDWARE: &str =
    "h.base_name = n.name AND h.device_count = n.count AND (h.hardware_type = n.type OR h.hardware_type IS NULL OR n.type IS NULL)";

#[expect(clippy::needless_pass_by_value, reason = "used in map_err")]
fn failed(error: duckdb::Error) -> Error {
    told("models and hardware could not be stored", &error).help("nothing was stored")
}

/// Makes the empty tables that callers fill.
pub(super) fn begin(conn: &Connection) -> Result<()> {
    conn.execute_batch(
        "CREATE OR REPLACE TEMP TABLE suitor_new_models (position BIGINT, name VARCHAR, family VARCHAR, size DOUBLE);
         CREATE OR REPLACE TEMP TABLE suitor_new_hardware (position BIGINT, name VARCHAR, count BIGINT, type VARCHAR, memory DOUBLE)",
    )
    .map_err(failed)
}

/// Drops what [`begin`] and the functions after it made.
pub(super) fn end(conn: &Connection) -> Result<()> {
    let names = ["suitor_new_models", "suitor_new_hardware", "suitor_adding", "suitor_hardware_map"];
    names.iter().try_for_each(|name| conn.execute_batch(&format!("DROP TABLE IF EXISTS {name}")).map_err(failed))
}

/// How a new row gets its key: by the column's default, or the next after the largest; `position` orders the rows.
pub(super) fn key(conn: &Connection, found: &Found, field: &str) -> Result<String> {
    let column = found.column(field).ok_or_else(|| {
        Error::input(format!("`{}` has no key, so rows cannot be added to it", found.table.name)).help("import into another database")
    })?;
    if found.table.view {
        return Err(
            Error::input(format!("`{}` is a view, so rows cannot be added to it", found.table.name)).help("import into another database")
        );
    }
    if let Some(default) = &column.default {
        return Ok(default.clone());
    }
    let sql = format!("SELECT coalesce(max({}), 0)::BIGINT FROM {}", quote(&column.name), found.name());
    let largest: i64 = conn.query_row(&sql, [], |row| row.get(0)).map_err(failed)?;
    Ok(format!("{largest} + row_number() OVER (ORDER BY position)"))
}

/// Takes as many keys from a sequence of Suitor's as there are new rows, one after the other, and returns the first.
pub(super) fn keys(conn: &Connection, found: &Found, field: &str, rows: i64) -> Result<i64> {
    let key = key(conn, found, field)?;
    // Several threads may ask the sequence at once, so that single keys say nothing; nobody else takes keys meanwhile.
    let last = count(conn, &format!("SELECT max(key)::BIGINT FROM (SELECT {key} AS key FROM range({rows}) AS t(position)) AS k"))?;
    Ok(last - rows + 1)
}

/// Refuses a table that requires what an import does not have.
pub(super) fn check_required(found: &Found, given: &[(String, String)]) -> Result<()> {
    let lacking = found.table.columns.iter().find(|column| {
        column.not_null && column.default.is_none() && !given.iter().any(|(name, _)| name.eq_ignore_ascii_case(&column.name))
    });
    lacking.map_or(Ok(()), |column| {
        Err(Error::input(format!("`{}`.`{}` may not be null, and imported rows have nothing for it", found.table.name, column.name))
            .help("give the column a default, or import into another database"))
    })
}

/// An INSERT of these columns.
pub(super) fn insert(found: &Found, given: &[(String, String)], from: &str) -> String {
    let (columns, values): (Vec<String>, Vec<String>) = given.iter().map(|(name, value)| (quote(name), value.clone())).unzip();
    format!("INSERT INTO {} ({}) SELECT {} FROM {from}", found.name(), columns.join(", "), values.join(", "))
}

/// Adds the models of `suitor_new_models` that are not there, and fills what is unknown of those that are.
pub(super) fn add_models(conn: &Connection, layout: &Layout, now: i64) -> Result<()> {
    let run = |sql: String| conn.execute_batch(&sql).map_err(failed);
    let found = layout.models_table()?;
    let known = layout.model_relation()?;
    let unregistered = if layout.flat.is_some() { format!(" WHERE model_id < {FLAT_IDS}") } else { String::new() };
    run(format!(
        "CREATE OR REPLACE TEMP TABLE suitor_adding AS SELECT {} AS id, * FROM (
           SELECT * FROM suitor_new_models WHERE name NOT IN (SELECT model FROM ({known}) AS m{unregistered}) ORDER BY position) AS n",
        key(conn, found, "model_id")?
    ))?;
    let mut given = vec![found.write("model_id", "id"), found.write("model_name", "name")];
    let family = if found.column("model_family").is_some_and(|column| column.not_null) { "coalesce(family, 'unknown')" } else { "family" };
    given.extend([found.write("model_family", family), found.write("parameters_million", "size")]);
    given.push(found.write("created_at", &format!("make_timestamp({now}::BIGINT)")));
    let given: Vec<_> = given.into_iter().flatten().collect();
    if count(conn, "SELECT count(*) FROM suitor_adding")? > 0 {
        check_required(found, &given)?;
    }
    run(insert(found, &given, "suitor_adding ORDER BY position"))?;
    if found.own {
        return run(
            "UPDATE models SET model_family = coalesce(models.model_family, n.family), parameters_million = coalesce(models.parameters_million, n.size)
             FROM suitor_new_models AS n WHERE n.name = models.model_name
               AND ((models.model_family IS NULL AND n.family IS NOT NULL) OR (models.parameters_million IS NULL AND n.size IS NOT NULL))".to_owned(),
        );
    }
    run(format!(
        "INSERT INTO suitor_model_extra (model_id, model_family, parameters_million)
         SELECT m.model_id, CASE WHEN m.model_family IS NULL THEN n.family END, CASE WHEN m.parameters_million IS NULL THEN n.size END
         FROM suitor_new_models AS n JOIN ({}) AS m ON m.model = n.name AND m.own_id = m.model_id
         WHERE (m.model_family IS NULL AND n.family IS NOT NULL) OR (m.parameters_million IS NULL AND n.size IS NOT NULL)
         ON CONFLICT (model_id) DO UPDATE SET model_family = coalesce(model_family, excluded.model_family),
           parameters_million = coalesce(parameters_million, excluded.parameters_million)",
        layout.model_relation()?
    ))
}

/// Adds the hardware of `suitor_new_hardware` that is not there, fills what is unknown of that which is, and makes
/// `suitor_hardware_map` (position, `hardware_id`).
pub(super) fn add_hardware(conn: &Connection, layout: &Layout, now: i64) -> Result<()> {
    let run = |sql: String| conn.execute_batch(&sql).map_err(failed);
    let found = layout.hardware_table()?;
    let same = if found.own { "h.base_name = n.name AND h.device_count = n.count" } else { SAME_HARDWARE };
    let known = match layout.flat {
        Some(_) => format!("SELECT * FROM ({}) AS h WHERE hardware_id < {FLAT_IDS}", layout.hardware_relation()?),
        None => layout.hardware_relation()?,
    };
    run(format!(
        "CREATE OR REPLACE TEMP TABLE suitor_adding AS SELECT {} AS id, * FROM (
           SELECT * FROM suitor_new_hardware AS n WHERE NOT EXISTS (SELECT 1 FROM ({known}) AS h WHERE {same}) ORDER BY position) AS n",
        key(conn, found, "hardware_id")?
    ))?;
    // Where there is no column for the count, the name says it, for those who read the table without Suitor.
    let counted = found.has("device_count");
    let name = if counted { "name" } else { "name || CASE WHEN count = 1 THEN '' ELSE ' x' || count END" };
    let given = [
        found.write("hardware_id", "id"),
        found.write("device_name", name),
        found.write("device_count", "count"),
        found.write("hardware_type", "type"),
        found.write("device_memory_mb", "memory"),
        found.write("created_at", &format!("make_timestamp({now}::BIGINT)")),
    ];
    let given: Vec<_> = given.into_iter().flatten().collect();
    if count(conn, "SELECT count(*) FROM suitor_adding")? > 0 {
        check_required(found, &given)?;
    }
    run(insert(found, &given, "suitor_adding ORDER BY position"))?;
    if !found.own && (!counted || !found.has("device_name")) {
        run(format!(
            "INSERT INTO suitor_hardware_extra (hardware_id, device_name, device_count) SELECT id, name, count FROM suitor_adding WHERE count <> 1 OR {}",
            !found.has("device_name")
        ))?;
    }
    run(format!(
        "CREATE OR REPLACE TEMP TABLE suitor_hardware_map AS
         SELECT n.position, arg_min(h.hardware_id, {{'other': h.hardware_type IS DISTINCT FROM n.type, 'id': h.hardware_id}}) AS hardware_id
         FROM suitor_new_hardware AS n JOIN ({known}) AS h ON {same} GROUP BY n.position"
    ))?;
    if found.own {
        return run(
            "UPDATE hardware_platforms SET hardware_type = coalesce(hardware_platforms.hardware_type, n.type), memory_gb = coalesce(hardware_platforms.memory_gb, n.memory / 1000)
             FROM suitor_new_hardware AS n WHERE n.name = hardware_platforms.device_name AND n.count = hardware_platforms.device_count
               AND ((hardware_platforms.hardware_type IS NULL AND n.type IS NOT NULL) OR (hardware_platforms.memory_gb IS NULL AND n.memory IS NOT NULL))".to_owned(),
        );
    }
    run(format!(
        "INSERT INTO suitor_hardware_extra (hardware_id, hardware_type, device_memory_mb)
         SELECT h.own_id, CASE WHEN h.hardware_type IS NULL THEN n.type END, CASE WHEN h.device_memory_mb IS NULL THEN n.memory END
         FROM suitor_new_hardware AS n JOIN suitor_hardware_map AS p USING (position) JOIN ({known}) AS h ON h.own_id = p.hardware_id
         WHERE (h.hardware_type IS NULL AND n.type IS NOT NULL) OR (h.device_memory_mb IS NULL AND n.memory IS NOT NULL)
         ON CONFLICT (hardware_id) DO UPDATE SET hardware_type = coalesce(hardware_type, excluded.hardware_type),
           device_memory_mb = coalesce(device_memory_mb, excluded.device_memory_mb)"
    ))
}

/// Gives the models and hardware that a flat table names rows of their own, so that other tables can refer to them.
/// Says what it added. Part of the caller's transaction.
pub(super) fn register_flat(conn: &Connection, layout: &Layout, now: i64) -> Result<Vec<String>> {
    let Some(flat) = &layout.flat else { return Ok(Vec::new()) };
    let (models, hardware) = (layout.model_relation()?, layout.hardware_relation()?);
    begin(conn)?;
    conn.execute_batch(&format!(
        "INSERT INTO suitor_new_models SELECT row_number() OVER (ORDER BY model), model, NULL, NULL FROM ({models}) AS m WHERE model_id >= {FLAT_IDS};
         INSERT INTO suitor_new_hardware SELECT row_number() OVER (ORDER BY hardware_name), hardware_name, 1, hardware_type, NULL
           FROM ({hardware}) AS h WHERE hardware_id >= {FLAT_IDS}"
    ))
    .map_err(failed)?;
    let added = (count(conn, "SELECT count(*) FROM suitor_new_models")?, count(conn, "SELECT count(*) FROM suitor_new_hardware")?);
    if added != (0, 0) {
        add_models(conn, layout, now)?;
        add_hardware(conn, layout, now)?;
    }
    end(conn)?;
    let said = format!("{} models and {} pieces of hardware that `{}` names", added.0, added.1, flat.table.name);
    Ok(if added == (0, 0) { Vec::new() } else { vec![said] })
}

/// Adds one model by name, unless it is there.
pub(super) fn add_model(conn: &Connection, layout: &Layout, name: &str, now: i64) -> Result<()> {
    begin(conn)?;
    conn.execute_batch(&format!("INSERT INTO suitor_new_models VALUES (1, {}, NULL, NULL)", literal(name))).map_err(failed)?;
    add_models(conn, layout, now)?;
    end(conn)
}

/// Reads one number.
pub(super) fn count(conn: &Connection, sql: &str) -> Result<i64> {
    conn.query_row(sql, [], |row| row.get(0)).map_err(failed)
}
