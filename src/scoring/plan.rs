//! The planner: a pure function from settings and a scope to SQL, made of named stages.
//!
//! benchmark rows -> `chosen` -> `point` -> `long` (a row a point and metric) -> contest -> `score` -> `known` -> `scored`
//! -> `entry` (the best point of hardware in a cell) -> `pair` (one row a model and hardware).
//!
//! Stages up to `scored` are one statement that fills the temporary table `suitor_scored`; `suitor_entry` and `suitor_pair`
//! follow from it. Their columns are the derivation of every number.

use super::sql::{list, name, number, text};
use super::{Limit, Profile, Scoring, pairs, stages, student};
use crate::recommend::request::{Match, Pin};
use crate::{Error, Result, fields};

/// Which rows are scored, and how.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Only these models (keys of the row relation); `None` means all.
    pub model_id: Option<i64>,
    /// Only this task; `None` means all.
    pub task: Option<String>,
    /// Pinned fields.
    pub pins: Vec<Pin>,
    /// Only rows linked to the version of this id.
    pub version_id: Option<i64>,
    /// Labels, names or hardware types; empty means all.
    pub only: Vec<String>,
    /// Largest device count admitted.
    pub max_devices: Option<u32>,
    /// Throughput and memory are divided by the device count, time to train is multiplied by it.
    pub per_device: bool,
    /// Take the rows of one (division, suite), that with most hardware; of one for each model where several are scored.
    pub choose_division: bool,
    /// All limits in force.
    pub limits: Vec<Limit>,
    /// Weights by component in the order of scoring.toml, sum 1.
    pub weights: Vec<f64>,
    /// The arithmetic.
    pub profile: Profile,
}

/// The statements that score a scope. Run in order, on one connection; each fills one temporary table.
#[derive(Clone, Debug)]
pub struct Plan {
    /// `CREATE OR REPLACE TEMP TABLE` statements: `suitor_scored`, `suitor_entry`, `suitor_pair`.
    pub statements: Vec<String>,
}

/// Plans the scoring of `scope` over the row relation `relation` (a SELECT with the columns of [`fields::FIELDS`]).
///
/// # Errors
/// A pin on a field that is neither of the workload nor of the point, or with a value of the wrong type (exit code 2).
pub fn plan(relation: &str, scoring: &Scoring, scope: &Scope) -> Result<Plan> {
    let chosen = chosen(relation, scoring, scope)?;
    Ok(Plan {
        statements: vec![
            format!("CREATE OR REPLACE TEMP TABLE suitor_scored AS\nWITH {chosen},\n{}", stages::scored(scoring, scope, &t_values())),
            pairs::entry(),
            pairs::pair(scoring, scope.profile),
        ],
    })
}

/// A limit as a condition on a point.
pub(crate) fn meets(limit: &Limit) -> String {
    stages::meets(limit)
}

/// The metrics of the row relation, in order.
pub(crate) fn metrics() -> impl Iterator<Item = &'static str> {
    fields::of_role(fields::Role::Metric)
}

/// The distinct metrics that the components use.
pub(crate) fn component_metrics(scoring: &Scoring) -> Vec<&str> {
    let mut used: Vec<&str> = Vec::new();
    for metric in scoring.components.iter().flat_map(|component| &component.metrics) {
        if !used.contains(&metric.field.as_str()) {
            used.push(&metric.field);
        }
    }
    used
}

fn t_values() -> String {
    list(student::quantiles().iter().enumerate().map(|(at, t)| format!("({}, {})", at + 1, number(*t))))
}

/// Stages `source` and `chosen`: the rows that pins and narrowing choose, per device if asked, tokens in buckets.
fn chosen(relation: &str, scoring: &Scoring, scope: &Scope) -> Result<String> {
    let mut conditions = conditions(scope)?;
    if conditions.is_empty() {
        conditions.push("true".to_owned());
    }
    let condition = conditions.join("\n    AND ");
    let columns = list(fields::FIELDS.iter().map(|field| {
        let column = name(field.name);
        match field.name {
            "throughput_items_per_second" | "memory_peak_mb" if scope.per_device => format!("{column} / device_count AS {column}"),
            "time_to_train_s" if scope.per_device => format!("{column} * device_count AS {column}"),
            "input_tokens" | "output_tokens" => format!("{} AS {column}", bucket(&column)),
            _ => column,
        }
    }));
    let good = good(scoring);
    let rows = format!(
        "source AS (\n{relation}\n),
picked AS (
  SELECT row_id, model_id, hardware_id,
    {columns},
    {OK} AS ok, {good} AS good
  FROM source
  WHERE {condition}
)"
    );
    let choice = if chooses_division(scoring, scope) && scope.model_id.is_none() {
        "division_choice AS (
  SELECT model_id, division, suite FROM picked WHERE good GROUP BY model_id, division, suite
  QUALIFY row_number() OVER (PARTITION BY model_id
    ORDER BY count(DISTINCT hardware_id) DESC, count(*) DESC, division NULLS LAST, suite NULLS LAST) = 1
),
chosen AS (
  SELECT picked.* FROM picked JOIN division_choice AS d ON picked.model_id = d.model_id
    AND picked.division IS NOT DISTINCT FROM d.division AND picked.suite IS NOT DISTINCT FROM d.suite
)"
    } else if chooses_division(scoring, scope) {
        "division_choice AS (
  SELECT division, suite FROM picked WHERE good GROUP BY division, suite
  ORDER BY count(DISTINCT hardware_id) DESC, count(*) DESC, division NULLS LAST, suite NULLS LAST LIMIT 1
),
chosen AS (
  SELECT picked.* FROM picked, division_choice AS d
  WHERE picked.division IS NOT DISTINCT FROM d.division AND picked.suite IS NOT DISTINCT FROM d.suite
)"
    } else {
        "chosen AS (SELECT * FROM picked)"
    };
    Ok(format!("{rows},\n{choice}"))
}

/// Whether the rows of one (division, suite) are taken: only where cells are apart by both.
pub(crate) fn chooses_division(scoring: &Scoring, scope: &Scope) -> bool {
    scope.choose_division && ["division", "suite"].iter().all(|field| scoring.cell_by.iter().any(|by| by == field))
}

/// Whether a row's run succeeded, as SQL.
pub(crate) const OK: &str = "(status IS NULL OR lower(status) = 'ok')";

/// Whether a row is a result, as SQL: it succeeded and has a metric of a declared component.
pub(crate) fn good(scoring: &Scoring) -> String {
    let any = component_metrics(scoring).iter().map(|metric| format!("{} IS NOT NULL", name(metric))).collect::<Vec<_>>().join(" OR ");
    format!("({OK} AND ({any}))")
}

/// What a row must be to be chosen, as SQL conditions; empty when every row is.
///
/// # Errors
/// See [`plan`].
pub fn conditions(scope: &Scope) -> Result<Vec<String>> {
    let mut all = Vec::new();
    if let Some(model) = scope.model_id {
        all.push(format!("model_id = {model}"));
    }
    if let Some(task) = &scope.task {
        all.push(format!("task = {}", text(task)));
    }
    for pin in &scope.pins {
        all.push(pinned(pin)?);
    }
    if let Some(version) = scope.version_id {
        all.push(format!("row_id IN (SELECT result_id FROM model_version_results WHERE version_id = {version})"));
    }
    if !scope.only.is_empty() {
        let names = scope.only.iter().map(|only| text(only)).collect::<Vec<_>>().join(", ");
        all.push(format!("(hardware IN ({names}) OR hardware_name IN ({names}) OR hardware_type IN ({names}))"));
    }
    if let Some(most) = scope.max_devices {
        all.push(format!("device_count <= {most}"));
    }
    Ok(all)
}

fn pinned(pin: &Pin) -> Result<String> {
    let pinnable = || fields::FIELDS.iter().filter(|field| matches!(field.role, fields::Role::Workload | fields::Role::Point));
    let field = pinnable()
        .find(|field| field.name == pin.field)
        .ok_or_else(|| Error::unknown("field to pin", &pin.field, pinnable().map(|field| field.name)))?;
    let column = name(field.name);
    if pin.how == Match::Contains {
        return Ok(format!("contains(lower(CAST({column} AS VARCHAR)), lower({}))", text(&pin.value)));
    }
    Ok(match field.kind {
        fields::Type::Integer => {
            let value: i64 =
                pin.value.parse().map_err(|_| Error::input(format!("`{}={}`: expected a whole number", pin.field, pin.value)))?;
            format!("{column} = {value}")
        }
        _ => format!("{column} = {}", text(&pin.value)),
    })
}

/// Token counts in buckets, as the inside of a `SELECT * REPLACE (...)`.
pub(crate) fn bucketed_columns() -> String {
    ["input_tokens", "output_tokens"].map(|column| format!("{} AS {column}", bucket(column))).join(", ")
}

/// Token counts to the nearest power of two by difference, halfway up; 0 and null stay.
fn bucket(column: &str) -> String {
    let power = format!("(1::BIGINT << (length(bin({column})) - 1)::BIGINT)");
    format!("CASE WHEN {column} IS NULL OR {column} <= 0 THEN {column} WHEN 2 * {column} >= 3 * {power} THEN 2 * {power} ELSE {power} END")
}
