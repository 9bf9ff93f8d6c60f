//! What the database holds, as tables of text: for people who look for a name or an id.

use super::Db;
use super::catalog::literal;
use super::failure::told;
use crate::fields::{self, Role};
use crate::recommend::request::Pin;
use crate::scoring::plan::{self, Scope, VersionRows};
use crate::scoring::{Profile, Scoring};
use crate::{Error, Result};

/// A table: column names and rows of values; a missing value is null.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Listing {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Values, numbers as numbers.
    pub rows: Vec<Vec<serde_json::Value>>,
    /// How many rows there are in all, shown or not.
    pub total: i64,
}

/// What to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Models with the number of rows and tasks.
    Models,
    /// Hardware with the number of rows and models.
    Hardware,
    /// Benchmark rows.
    Results,
    /// Model versions.
    Versions,
    /// Cells: what may be compared, and how much hardware is in each.
    Cells,
}

/// Which of them.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Key of the model.
    pub model_id: Option<i64>,
    /// Only names that contain this, any case.
    pub name: Option<String>,
    /// Only this task.
    pub task: Option<String>,
    /// Labels, names or hardware types.
    pub only: Vec<String>,
    /// Pinned fields.
    pub pins: Vec<Pin>,
    /// Only rows linked to the version of this id.
    pub version_id: Option<i64>,
    /// At most so many.
    pub limit: Option<u64>,
}

impl Filter {
    /// The rows that it chooses, all names aside.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope {
            model_id: self.model_id,
            task: self.task.clone(),
            pins: self.pins.clone(),
            version: self.version_id.map(VersionRows::Linked),
            only: self.only.clone(),
            ..Scope::all(Vec::new(), Profile::Documented)
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used in map_err")]
fn failed(error: duckdb::Error) -> Error {
    told("the list could not be read", &error)
}

impl Db {
    /// Lists what the filter admits.
    ///
    /// # Errors
    /// A pin on an unknown field: exit code 2.
    pub fn list(&self, what: What, filter: &Filter, scoring: &Scoring) -> Result<Listing> {
        let relation = self.row_relation()?;
        let models = self.layout().model_relation()?;
        let versioned = ["model_registry_versions", "model_version_results"].iter().all(|name| self.layout().has(name));
        let mut conditions = plan::conditions(&filter.scope())?;
        let named = |column: &str| filter.name.as_ref().map(|name| format!("contains(lower({column}), lower({}))", literal(name)));
        let sql = match what {
            What::Models => {
                conditions.extend(named("model"));
                format!(
                    "SELECT model_id AS id, model, min(model_family) AS family, min(parameters_million) AS parameters_million,
                       string_agg(DISTINCT task, ', ' ORDER BY task) AS tasks, count(DISTINCT hardware_id) AS hardware, count(*) AS results
                     FROM rows{} GROUP BY model_id, model ORDER BY model",
                    clause(&conditions)
                )
            }
            What::Hardware => {
                conditions.extend(named("hardware"));
                format!(
                    "SELECT hardware_id AS id, hardware, min(hardware_name) AS name, min(device_count) AS device_count, min(hardware_type) AS type,
                       min(device_memory_mb) AS memory_mb, count(DISTINCT model_id) AS models, count(*) AS results
                     FROM rows{} GROUP BY hardware_id, hardware ORDER BY hardware",
                    clause(&conditions)
                )
            }
            What::Results => {
                conditions.extend(named("model"));
                let columns = fields::FIELDS
                    .iter()
                    .filter(|field| {
                        matches!(field.role, Role::Workload | Role::Point | Role::Metric)
                            || ["model", "hardware", "status", "source_file", "source_key", "tested_at"].contains(&field.name)
                    })
                    .map(|field| {
                        if field.name == "tested_at" {
                            "strftime(tested_at, '%Y-%m-%dT%H:%M:%SZ') AS tested_at".to_owned()
                        } else {
                            format!("\"{}\"", field.name)
                        }
                    })
                    .collect::<Vec<_>>()
                    .join(", ");
                format!("SELECT row_id AS id, {columns} FROM rows{} ORDER BY row_id", clause(&conditions))
            }
            What::Cells => {
                conditions.extend(named("model"));
                cells(scoring)
            }
            What::Versions if !versioned => NO_VERSIONS.to_owned(),
            What::Versions => {
                let mut about = Vec::new();
                about.extend(filter.model_id.map(|id| format!("v.model_id = {id}")));
                about.extend(named("version_tag"));
                format!(
                    "SELECT v.id, m.model, version_tag AS version, version_hash AS hash, strftime(created_at, '%Y-%m-%dT%H:%M:%SZ') AS created_at,
                       (SELECT count(*) FROM model_version_results AS l WHERE l.version_id = v.id) AS results
                     FROM model_registry_versions AS v JOIN ({models}) AS m ON m.own_id = v.model_id{} ORDER BY model, v.created_at DESC, v.id DESC",
                    clause(&about)
                )
            }
        };
        let with = if what == What::Cells {
            // Pins are exact: they choose rows before token counts are put into buckets.
            let bucketed = plan::bucketed_columns();
            format!(
                "WITH raw AS ({relation}), chosen AS (SELECT * FROM raw{}), rows AS (SELECT * REPLACE ({bucketed}) FROM chosen) ",
                clause(&conditions)
            )
        } else {
            format!("WITH rows AS ({relation}) ")
        };
        let total =
            self.conn().query_row(&format!("{with}SELECT count(*) FROM ({sql}) AS listed"), [], |row| row.get(0)).map_err(failed)?;
        let limit = filter.limit.map_or_else(String::new, |limit| format!(" LIMIT {limit}"));
        let mut statement = self.conn().prepare(&format!("{with}{sql}{limit}")).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        let mut listing = Listing { total, ..Listing::default() };
        while let Some(row) = rows.next().map_err(failed)? {
            if listing.columns.is_empty() {
                listing.columns = row.as_ref().column_names();
            }
            let values = (0..listing.columns.len()).map(|at| row.get::<_, duckdb::types::Value>(at).map(json));
            listing.rows.push(values.collect::<duckdb::Result<_>>().map_err(failed)?);
        }
        Ok(listing)
    }
}

/// The list of versions where there are no tables of Suitor's.
const NO_VERSIONS: &str = "SELECT NULL::BIGINT AS id, NULL::VARCHAR AS model, NULL::VARCHAR AS version, NULL::VARCHAR AS hash,
  NULL::VARCHAR AS created_at, 0::BIGINT AS results WHERE false";

/// The cells of `rows`, those with most hardware first.
fn cells(scoring: &Scoring) -> String {
    let keys = ["model", "task"].into_iter().chain(scoring.cell_by.iter().map(String::as_str));
    let cell = keys.map(|field| format!("\"{field}\"")).collect::<Vec<_>>().join(", ");
    format!(
        "SELECT {cell}, count(DISTINCT hardware_id) AS hardware, count(*) AS results,
           string_agg(DISTINCT CAST(batch_size AS VARCHAR), ', ' ORDER BY CAST(batch_size AS VARCHAR)) AS batch_sizes
         FROM rows GROUP BY {cell} ORDER BY hardware DESC, results DESC, {cell}"
    )
}

fn clause(conditions: &[String]) -> String {
    if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) }
}

fn json(value: duckdb::types::Value) -> serde_json::Value {
    use duckdb::types::Value;
    match value {
        Value::Boolean(value) => value.into(),
        Value::Int(value) => value.into(),
        Value::BigInt(value) => value.into(),
        Value::HugeInt(value) => i64::try_from(value).map_or_else(|_| value.to_string().into(), Into::into),
        Value::Double(value) => value.into(),
        Value::Text(value) => value.into(),
        _ => serde_json::Value::Null,
    }
}
