//! Which tables of a database hold what, and under which names: found once, when it is opened.

use std::collections::BTreeMap;

use super::aliases::{SchemaNames, TableAliases, Unit};
use super::bare::Bare;
use super::catalog::{Catalog, Table, TableColumn, quote};
use super::relation::row_fields;
use crate::fields::{Role, Type};
use crate::{Error, Result};

/// The tables of a database.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Everything that is there.
    pub(super) catalog: Catalog,
    /// Models.
    pub(super) models: Option<Found>,
    /// Hardware.
    pub(super) hardware: Option<Found>,
    /// Benchmark results with the keys of both.
    pub(super) results: Option<Found>,
    /// Benchmark results by name, in one table. Read only where no other software's results are.
    pub(super) flat: Option<Found>,
    /// Samples within one result.
    pub(super) batches: Option<Found>,
    /// Power of results.
    pub(super) power: Option<Found>,
    /// What was found not to run.
    pub(super) compatibility: Option<Found>,
    /// Test runs.
    pub(super) runs: Option<Found>,
    /// Words of a status that mean success.
    pub(super) ok: Vec<String>,
    /// Test cases that mean training.
    pub(super) training: Vec<String>,
    /// Tables with a name that Suitor looks for, and what they lack.
    pub(super) unusable: Vec<(String, String)>,
    /// Fields of own results that are read without a guard.
    pub(super) bare: Bare,
}

/// A table with the columns of its fields.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The table.
    pub(super) table: Table,
    /// Whether Suitor made it.
    pub(super) own: bool,
    fields: BTreeMap<String, (TableColumn, Unit)>,
}

impl Layout {
    /// Finds the tables by their aliases.
    pub(super) fn resolve(catalog: Catalog, aliases: &SchemaNames) -> Result<Self> {
        let shipped = SchemaNames::embedded()?;
        let mut unusable = Vec::new();
        let mut find = |kind: &str, key: &str, needs: &dyn Fn(&Found) -> Option<String>| {
            let of = aliases.of(kind);
            let ours = shipped.of(kind);
            let mut found = None;
            for name in of.tables.iter().chain(&ours.tables) {
                let Some(table) = catalog.get(name) else { continue };
                let own = table.columns.iter().any(|column| column.name == key && column.has_sequence());
                if !own && !of.tables.contains(name) {
                    continue;
                }
                let candidate = Found::new(table, own, if own { &ours } else { &of });
                match needs(&candidate) {
                    None if found.is_none() => found = Some(candidate),
                    None => {}
                    Some(lack) => unusable.push((table.name.clone(), lack)),
                }
            }
            found
        };
        let column =
            |found: &Found, fields: &[&str]| fields.iter().find(|field| !found.has(field)).map(|field| format!("no column for `{field}`"));
        let metric = |found: &Found| {
            let any = row_fields().any(|field| field.role == Role::Metric && found.has(field.name));
            (!any).then(|| "no column for any metric".to_owned())
        };
        let models = find("models", "model_id", &|found| column(found, &["model_id", "model_name"]));
        let hardware = find("hardware", "hardware_id", &|found| {
            let name = if found.has("hardware_type") { None } else { column(found, &["device_name"]) };
            column(found, &["hardware_id"]).or(name)
        });
        let results = find("results", "result_id", &|found| column(found, &["model_id", "hardware_id"]).or_else(|| metric(found)));
        let flat = find("flat", "", &|found| {
            let name = if found.has("device") { None } else { column(found, &["hardware"]) };
            column(found, &["model"]).or(name).or_else(|| metric(found))
        });
        let batches = find("batches", "", &|found| column(found, &["result_id"]));
        let power = find("power", "", &|found| column(found, &["result_id", "power_watts"]));
        let compatibility = find("compatibility", "", &|found| column(found, &["row_id", "model_id", "hardware_id"]));
        let runs = find("runs", "", &|found| column(found, &["run_id"]));
        let reads_flat = results.as_ref().is_none_or(|results| results.own);
        unusable.sort();
        unusable.dedup();
        Ok(Self {
            models,
            hardware,
            results,
            flat: flat.filter(|_| reads_flat),
            batches,
            power,
            compatibility,
            runs,
            ok: aliases.ok.clone(),
            training: aliases.training.clone(),
            unusable,
            catalog,
            bare: Bare::default(),
        })
    }

    /// The models' table.
    pub(super) fn models_table(&self) -> Result<&Found> {
        self.models.as_ref().ok_or_else(|| self.lacking("models"))
    }

    /// The hardware's table.
    pub(super) fn hardware_table(&self) -> Result<&Found> {
        self.hardware.as_ref().ok_or_else(|| self.lacking("hardware_platforms"))
    }

    /// The results' table.
    pub(super) fn results_table(&self) -> Result<&Found> {
        self.results.as_ref().ok_or_else(|| self.lacking("performance_results"))
    }

    /// What to say where a benchmark table is missing.
    pub(super) fn lacking(&self, table: &str) -> Error {
        let names = self.catalog.names();
        let held = match (self.unusable.iter().find(|(name, _)| name.eq_ignore_ascii_case(table)), names.len()) {
            (Some((_, lack)), _) => return self.refuse(table, lack),
            (None, 0) => "it holds no table".to_owned(),
            (None, 1..=12) => format!("it holds {}", list(&names)),
            (None, many) => format!("it holds {} and {} more", list(&names[..12]), many - 12),
        };
        Error::input(format!("the database has no benchmark table `{table}`: {held}"))
            .help("`suitor create-schema` makes the tables; [schema] of suitor.toml says what other names mean")
    }

    /// What to say of a table that lacks something.
    pub(super) fn refuse(&self, table: &str, lack: &str) -> Error {
        let columns = self.catalog.get(table).map(|table| table.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>());
        Error::input(format!("table `{table}` has {lack}: it has {}", list(&columns.unwrap_or_default())))
            .help("[schema] of suitor.toml says what other names mean")
    }

    /// Whether a table of Suitor's is there.
    pub(super) fn has(&self, table: &str) -> bool {
        self.catalog.has(table)
    }
}

/// Names in backticks, with commas.
pub(super) fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

impl Found {
    fn new(table: &Table, own: bool, aliases: &TableAliases) -> Self {
        let fields = aliases
            .fields
            .iter()
            .filter_map(|(field, columns)| {
                let found = columns.iter().find_map(|alias| table.column(&alias.column).map(|column| (column.clone(), alias.unit)))?;
                Some((field.clone(), found))
            })
            .collect();
        Self { table: table.clone(), own, fields }
    }

    /// Its name, for SQL.
    pub(super) fn name(&self) -> String {
        quote(&self.table.name)
    }

    /// Whether a column holds the field.
    pub(super) fn has(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    /// The column of a field.
    pub(super) fn column(&self, field: &str) -> Option<&TableColumn> {
        self.fields.get(field).map(|(column, _)| column)
    }

    /// The column of a field, for SQL, qualified.
    pub(super) fn raw(&self, field: &str, of: &str) -> Option<String> {
        self.column(field).map(|column| format!("{of}.{}", quote(&column.name)))
    }

    /// The field's value, for SQL: an expression of its type, null for an empty text or what is not of the type.
    pub(super) fn read(&self, field: &str, of: &str, kind: Type) -> Option<String> {
        let (column, unit) = self.fields.get(field)?;
        let raw = format!("{of}.{}", quote(&column.name));
        let typed = if column.kind == kind.sql() {
            raw
        } else if kind == Type::Text {
            format!("CAST({raw} AS VARCHAR)")
        } else {
            format!("TRY_CAST({raw} AS {})", kind.sql())
        };
        Some(if kind == Type::Text { format!("nullif({typed}, '')") } else { unit.read(&typed) })
    }

    /// The column of a field and what to write into it for a value of the field.
    pub(super) fn write(&self, field: &str, value: &str) -> Option<(String, String)> {
        self.fields.get(field).map(|(column, unit)| (column.name.clone(), unit.write(value)))
    }

    /// Fields that are kept under another name or unit, `average_latency_ms` for `latency_ms_mean`.
    pub(super) fn renamed(&self) -> Vec<String> {
        let other = |field: &str, column: &TableColumn, unit: Unit| !column.name.eq_ignore_ascii_case(field) || unit != Unit::Same;
        let named = self.fields.iter().filter(|(field, (column, unit))| other(field, column, *unit));
        named.map(|(field, (column, unit))| format!("{field} = {}", unit.read(&column.name).replace("::DOUBLE", ""))).collect()
    }

    /// Whether the key that rows of other tables refer to is a primary or unique key.
    pub(super) fn is_keyed(&self, field: &str) -> bool {
        !self.table.view && self.column(field).is_some_and(|column| self.table.is_key(&[column.name.as_str()]))
    }
}
