//! Extension tables that other software made: they are made anew as Suitor needs them, rows and ids kept.

use duckdb::Connection;

use super::catalog::{Catalog, Table, quote};
use super::extension::{EXTENSIONS, Extension};
use super::failure::told;
use super::layout::{Found, Layout};
use crate::{Error, Result};

#[expect(clippy::needless_pass_by_value, reason = "used in map_err")]
fn failed(error: duckdb::Error) -> Error {
    told("the tables of other software could not be rebuilt", &error).help("nothing was changed")
}

/// Tables that go out of the way and come back: what [`take_away`] copied for [`bring_back`].
pub(super) struct Away {
    /// The extension tables that are made anew.
    rebuilt: Vec<(&'static Extension, Table)>,
    /// Whether the links go with the versions that they refer to.
    links: bool,
}

/// Copies and drops the extension tables that are not as Suitor makes them. Part of the caller's transaction.
///
/// A table that other tables refer to cannot be dropped: it is completed where it stands, which `said` tells.
///
/// # Errors
/// Rows that the keys of the design forbid: exit code 2, naming them.
pub(super) fn take_away(conn: &Connection, layout: &Layout, said: &mut Vec<String>) -> Result<Away> {
    let catalog = &layout.catalog;
    let mut rebuilt = Vec::new();
    let mut faults = Vec::new();
    for extension in &EXTENSIONS {
        let Some(table) = catalog.get(extension.name) else { continue };
        if extension.is_ours(table) {
            continue;
        }
        if let Some(further) = extension.of_old(table) {
            for (column, kind) in further {
                conn.execute_batch(&format!("ALTER TABLE {} ADD COLUMN {column} {kind}", extension.name)).map_err(failed)?;
            }
            continue;
        }
        if table.view {
            faults.push(format!("`{}` is a view", extension.name));
        } else if let Some(holder) = held_by(table) {
            if !extension.is_complete(table) {
                complete(conn, extension, table, &holder, said)?;
            }
        } else {
            faults.extend(unfit(conn, layout, extension, table)?);
            rebuilt.push((extension, table.clone()));
        }
    }
    if !faults.is_empty() {
        return Err(Error::input(format!("tables of other software cannot be taken over: {}", faults.join("; ")))
            .help("nothing was changed; correct these rows, then run create-schema again"));
    }
    let is_rebuilt = |name: &str| rebuilt.iter().any(|(extension, _)| extension.name == name);
    if is_rebuilt("model_registry_versions") && !is_rebuilt("hardware_compatibility_snapshots") {
        let snapshots = &EXTENSIONS[3];
        if let Some(table) = catalog.get(snapshots.name) {
            rebuilt.push((snapshots, table.clone()));
        }
    }
    let links = rebuilt.iter().any(|(extension, _)| extension.name == "model_registry_versions") && catalog.has("model_version_results");
    let run = |sql: &str| conn.execute_batch(sql).map_err(failed);
    if links {
        run("CREATE OR REPLACE TEMP TABLE suitor_away_links AS FROM model_version_results; DROP TABLE model_version_results")?;
    }
    for (extension, _) in rebuilt.iter().rev() {
        run(&format!("CREATE OR REPLACE TEMP TABLE suitor_away_{0} AS FROM {0}; DROP TABLE {0}", extension.name))?;
        let next: i64 = conn
            .query_row(&format!("SELECT coalesce(max(id), 0)::BIGINT + 1 FROM suitor_away_{}", extension.name), [], |row| row.get(0))
            .map_err(failed)?;
        run(&format!("CREATE OR REPLACE SEQUENCE {} START {}", extension.sequence, next.max(1)))?;
    }
    Ok(Away { rebuilt, links })
}

/// Fills the tables, which have been made in the meantime.
pub(super) fn bring_back(conn: &Connection, away: &Away, said: &mut Vec<String>) -> Result<()> {
    let run = |sql: &str| conn.execute_batch(sql).map_err(failed);
    for (extension, old) in &away.rebuilt {
        let (mut columns, mut values) = (vec!["id".to_owned()], vec!["id".to_owned()]);
        for (name, kind) in extension.columns {
            match old.column(name) {
                Some(column) => {
                    let raw = quote(&column.name);
                    columns.push((*name).to_owned());
                    values.push(if *kind == "JSON" && column.kind != "JSON" {
                        format!("coalesce(TRY_CAST({raw} AS JSON), to_json({raw}))")
                    } else {
                        raw
                    });
                }
                None if *name == "revision" => {
                    columns.push("revision".to_owned());
                    values.push("row_number() OVER (PARTITION BY version_id, hardware_id ORDER BY id)".to_owned());
                }
                None => {}
            }
        }
        let further = old.columns.iter().filter(|column| {
            !column.name.eq_ignore_ascii_case("id") && !extension.columns.iter().any(|(name, _)| column.name.eq_ignore_ascii_case(name))
        });
        for column in further {
            let name = quote(&column.name);
            run(&format!("ALTER TABLE {} ADD COLUMN {name} {}", extension.name, column.kind))?;
            columns.push(name.clone());
            values.push(name);
        }
        let rows = conn
            .execute(
                &format!(
                    "INSERT INTO {0} ({1}) SELECT {2} FROM suitor_away_{0} ORDER BY id",
                    extension.name,
                    columns.join(", "),
                    values.join(", ")
                ),
                [],
            )
            .map_err(failed)?;
        run(&format!("DROP TABLE suitor_away_{}", extension.name))?;
        said.push(format!("{} anew, in place of other software's, with its {rows} rows and their ids", extension.name));
    }
    if away.links {
        run("INSERT INTO model_version_results SELECT * FROM suitor_away_links; DROP TABLE suitor_away_links")?;
    }
    Ok(())
}

/// A table outside of Suitor's that refers to this one.
fn held_by(table: &Table) -> Option<String> {
    let ours = |name: &str| EXTENSIONS.iter().any(|extension| extension.name.eq_ignore_ascii_case(name)) || name == "model_version_results";
    table.referenced_by.iter().find(|name| !ours(name)).cloned()
}

/// Adds what is missing to a table that cannot be dropped.
fn complete(conn: &Connection, extension: &Extension, table: &Table, holder: &str, said: &mut Vec<String>) -> Result<()> {
    let name = extension.name;
    if table.column("id").is_none() {
        return Err(Error::input(format!("`{name}` has no column `id`, and cannot be made anew because `{holder}` refers to it")));
    }
    let next: i64 =
        conn.query_row(&format!("SELECT coalesce(max(id), 0)::BIGINT + 1 FROM {name}"), [], |row| row.get(0)).map_err(failed)?;
    let mut sql = vec![format!(
        "CREATE OR REPLACE SEQUENCE {seq} START {}; ALTER TABLE {name} ALTER COLUMN id SET DEFAULT nextval('{seq}');",
        next.max(1),
        seq = extension.sequence
    )];
    for (column, kind) in extension.columns {
        if table.column(column).is_none() {
            let kind = Extension::plain(kind).ok_or_else(|| {
                Error::input(format!("`{name}` has no column `{column}`, and cannot be made anew because `{holder}` refers to it"))
            })?;
            sql.push(format!("ALTER TABLE {name} ADD COLUMN {column} {kind};"));
        }
    }
    conn.execute_batch(&sql.concat()).map_err(failed)?;
    said.push(format!("{name} completed where it stands: `{holder}` refers to it, so its keys and types stay"));
    Ok(())
}

/// What in the rows of a table the keys of the design forbid.
fn unfit(conn: &Connection, layout: &Layout, extension: &Extension, table: &Table) -> Result<Vec<String>> {
    let name = extension.name;
    let rows: i64 = conn.query_row(&format!("SELECT count(*) FROM {name}"), [], |row| row.get(0)).map_err(failed)?;
    if rows == 0 {
        return Ok(Vec::new());
    }
    let first = |sql: String| -> Result<Option<String>> {
        let found = conn.query_row(&sql, [], |row| row.get::<_, Option<String>>(0));
        found.or_else(|error| if matches!(error, duckdb::Error::QueryReturnedNoRows) { Ok(None) } else { Err(failed(error)) })
    };
    let required =
        extension.columns.iter().filter(|(_, kind)| kind.starts_with('{') || kind.ends_with("NOT NULL")).map(|(column, _)| *column);
    let required: Vec<&str> = std::iter::once("id").chain(required).collect();
    let lacking: Vec<&str> = required.iter().copied().filter(|column| table.column(column).is_none()).collect();
    if !lacking.is_empty() {
        return Ok(vec![format!("`{name}` has rows and no column `{}`", lacking.join("`, `"))]);
    }
    let mut faults = Vec::new();
    let empty = required.iter().map(|column| format!("{column} IS NULL")).collect::<Vec<_>>().join(" OR ");
    if let Some(id) = first(format!("SELECT coalesce(id::VARCHAR, 'null') FROM {name} WHERE {empty} ORDER BY id LIMIT 1"))? {
        faults.push(format!("row {id} of `{name}` has no {}", required.join(", no ")));
    }
    for key in [&["id"][..], extension.key] {
        if key.iter().any(|column| table.column(column).is_none()) {
            continue;
        }
        let key = key.join(", ");
        let ids = format!(
            "SELECT string_agg(id::VARCHAR, ', ' ORDER BY id) FROM {name} GROUP BY {key} HAVING count(*) > 1 ORDER BY min(id) LIMIT 1"
        );
        if let Some(ids) = first(ids)? {
            faults.push(format!("rows {ids} of `{name}` have the same {key}"));
        }
    }
    let mut parents: Vec<(&str, String, String)> = Vec::new();
    let base = |found: Option<&Found>, field: &str| {
        found.filter(|found| found.is_keyed(field)).and_then(|found| Some((found.name(), quote(&found.column(field)?.name))))
    };
    for (column, kind) in extension.columns {
        let parent = match *kind {
            "{model}" => base(layout.models.as_ref(), "model_id"),
            "{hardware}" => base(layout.hardware.as_ref(), "hardware_id"),
            "{version}" => Some(("model_registry_versions".to_owned(), "id".to_owned())).filter(|_| layout.has("model_registry_versions")),
            _ => None,
        };
        parents.extend(parent.map(|(table, key)| (*column, table, key)));
    }
    for (column, parent, key) in parents {
        let sql = format!(
            "SELECT c.id || ' of `{name}` has {column} ' || c.{column} FROM {name} AS c WHERE c.{column} IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM {parent} AS p WHERE p.{key} = c.{column}) ORDER BY c.id LIMIT 1"
        );
        if let Some(dangling) = first(sql)? {
            faults.push(format!("row {dangling}, which is not in {parent}"));
        }
    }
    Ok(faults)
}

/// Tables with the name of an extension, for the report.
pub(super) fn existing(catalog: &Catalog) -> Vec<String> {
    let mut names: Vec<String> = EXTENSIONS.iter().map(|extension| extension.name.to_owned()).filter(|name| catalog.has(name)).collect();
    let further =
        ["model_version_results", "suitor_schema", "suitor_imports", "suitor_model_extra", "suitor_hardware_extra", "suitor_result_extra"];
    let further = further.iter().chain(&super::extension::SNAPSHOT_TABLES);
    names.extend(further.map(|name| (*name).to_owned()).filter(|name| catalog.has(name)));
    names
}
