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
    /// Reads the catalog, keys and references among it.
    pub(super) fn read(conn: &Connection) -> duckdb::Result<Self> {
        let mut catalog = Self::read_tables(conn)?;
        catalog.read_keys(conn)?;
        Ok(catalog)
    }

    /// Reads the tables and their columns: what reading rows needs.
    pub(super) fn read_tables(conn: &Connection) -> duckdb::Result<Self> {
        let mut tables: BTreeMap<String, Table> = BTreeMap::new();
        let here = "database_name = current_database() AND schema_name = 'main' AND NOT internal AND NOT temporary";
        let mut statement = conn.prepare(&format!(
            "SELECT table_name, false FROM duckdb_tables() WHERE {here} UNION ALL SELECT view_name, true FROM duckdb_views() WHERE {here}"
        ))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let name: String = row.get(0)?;
            let (columns, keys, referenced_by) = (Vec::new(), Vec::new(), Vec::new());
            tables.insert(name.to_lowercase(), Table { name, view: row.get(1)?, columns, keys, referenced_by });
        }
        Self::read_columns(conn, &mut tables)?;
        Ok(Self { tables })
    }

    /// Reads the keys, and which table refers to which.
    fn read_keys(&mut self, conn: &Connection) -> duckdb::Result<()> {
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
                if let Some(parent) = self.tables.get_mut(&referenced) {
                    parent.referenced_by.push(table);
                }
            } else if let Some(table) = self.tables.get_mut(&table.to_lowercase()) {
                let columns: String = row.get(2)?;
                table.keys.push(columns.split('\u{1f}').map(str::to_owned).collect());
            }
        }
        Ok(())
    }

    /// Reads the columns table by table: `duckdb_columns()` binds every view of DuckDB's own first, which takes longer than all else.
    fn read_columns(conn: &Connection, tables: &mut BTreeMap<String, Table>) -> duckdb::Result<()> {
        let one =
            |name: &String| format!("SELECT {}, * FROM pragma_table_info({})", literal(name), literal(&format!("main.{}", quote(name))));
        let all = tables.keys().map(one).collect::<Vec<_>>();
        if all.is_empty() {
            return Ok(());
        }
        // A view of a table that is gone cannot be bound: then each is asked alone, and such a one has no columns.
        if let Ok(mut statement) = conn.prepare(&format!("{} ORDER BY 1, 2", all.join(" UNION ALL "))) {
            return Self::read_some_columns(&mut statement, tables);
        }
        for sql in all {
            let Ok(mut statement) = conn.prepare(&sql) else { continue };
            Self::read_some_columns(&mut statement, tables)?;
        }
        Ok(())
    }

    fn read_some_columns(statement: &mut duckdb::Statement<'_>, tables: &mut BTreeMap<String, Table>) -> duckdb::Result<()> {
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let default = row.get::<_, Option<String>>(5)?.filter(|default| default != "NULL");
            let column = TableColumn { name: row.get(2)?, kind: row.get(3)?, default, not_null: row.get(4)? };
            if let Some(table) = tables.get_mut(&row.get::<_, String>(0)?) {
                table.columns.push(column);
            }
        }
        Ok(())
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
