//! What a database holds: tables and views, their columns and keys.

use std::collections::BTreeMap;

use duckdb::Connection;

pub(super) use crate::scoring::sql::{name as quote, text as literal};

/// Tables and views of the main schema by lower-case name.
#[derive(Clone, Debug, Default)]
pub(super) struct Catalog {
    tables: BTreeMap<String, Table>,
}

/// A table or a view.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// Its name as it was made.
    pub(super) name: String,
    /// Whether it is a view.
    pub(super) view: bool,
    /// In order.
    pub(super) columns: Vec<TableColumn>,
    /// Primary and unique keys: their columns.
    pub(super) keys: Vec<Vec<String>>,
    /// Tables that refer to it.
    pub(super) referenced_by: Vec<String>,
}

/// A column.
#[derive(Clone, Debug)]
pub(super) struct TableColumn {
    /// Its name.
    pub(super) name: String,
    /// Its type, as `DuckDB` writes it.
    pub(super) kind: String,
    /// Its default, an expression.
    pub(super) default: Option<String>,
    /// Whether it may not be null.
    pub(super) not_null: bool,
}

impl Catalog {
    /// Reads the catalog.
    pub(super) fn read(conn: &Connection) -> duckdb::Result<Self> {
        let mut tables: BTreeMap<String, Table> = BTreeMap::new();
        let here = "database_name = current_database() AND schema_name = 'main' AND NOT internal";
        let mut statement = conn.prepare(&format!(
            "SELECT t.name, t.view, c.column_name, c.data_type, c.column_default, c.is_nullable
             FROM duckdb_columns() AS c JOIN (
               SELECT table_name AS name, table_oid AS oid, false AS view FROM duckdb_tables() WHERE {here} AND NOT temporary
               UNION ALL SELECT view_name, view_oid, true FROM duckdb_views() WHERE {here} AND NOT temporary) AS t
             ON c.table_oid = t.oid AND c.table_name = t.name WHERE {here} ORDER BY t.name, c.column_index"
        ))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let name: String = row.get(0)?;
            let view: bool = row.get(1)?;
            let table = tables.entry(name.to_lowercase()).or_insert_with(|| Table {
                name,
                view,
                columns: Vec::new(),
                keys: Vec::new(),
                referenced_by: Vec::new(),
            });
            table.columns.push(TableColumn {
                name: row.get(2)?,
                kind: row.get(3)?,
                default: row.get::<_, Option<String>>(4)?.filter(|default| default != "NULL"),
                not_null: !row.get::<_, bool>(5)?,
            });
        }
        let mut statement = conn.prepare(
            "SELECT table_name, constraint_type, array_to_string(constraint_column_names, chr(31)), referenced_table FROM duckdb_constraints()
             WHERE database_name = current_database() AND schema_name = 'main' AND constraint_type IN ('PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY')",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let table: String = row.get(0)?;
            let kind: String = row.get(1)?;
            if kind == "FOREIGN KEY" {
                let referenced = row.get::<_, Option<String>>(3)?.unwrap_or_default().to_lowercase();
                if let Some(parent) = tables.get_mut(&referenced) {
                    parent.referenced_by.push(table);
                }
            } else if let Some(table) = tables.get_mut(&table.to_lowercase()) {
                let columns: String = row.get(2)?;
                table.keys.push(columns.split('\u{1f}').map(str::to_owned).collect());
            }
        }
        Ok(Self { tables })
    }

    /// The table of that name, any case.
    pub(super) fn get(&self, name: &str) -> Option<&Table> {
        self.tables.get(&name.to_lowercase())
    }

    /// Whether there is one.
    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Names, in order.
    pub(super) fn names(&self) -> Vec<String> {
        self.tables.values().map(|table| table.name.clone()).collect()
    }
}

impl Table {
    /// The column of that name, any case.
    pub(super) fn column(&self, name: &str) -> Option<&TableColumn> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// Whether these columns are a primary or unique key.
    pub(super) fn is_key(&self, columns: &[&str]) -> bool {
        self.keys
            .iter()
            .any(|key| key.len() == columns.len() && columns.iter().all(|one| key.iter().any(|of| of.eq_ignore_ascii_case(one))))
    }
}

impl TableColumn {
    /// Whether it holds whole numbers.
    pub(super) fn is_integer(&self) -> bool {
        matches!(
            self.kind.as_str(),
            "TINYINT" | "SMALLINT" | "INTEGER" | "BIGINT" | "HUGEINT" | "UTINYINT" | "USMALLINT" | "UINTEGER" | "UBIGINT" | "UHUGEINT"
        )
    }

    /// Whether its values come from a sequence of Suitor's.
    pub(super) fn has_sequence(&self) -> bool {
        self.default.as_deref().is_some_and(|default| default.contains("nextval('suitor_") || default.contains("nextval('main.suitor_"))
    }
}
