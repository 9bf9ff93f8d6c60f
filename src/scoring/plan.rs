//! The planner: a pure function from settings and a scope to SQL, made of named stages.
//!
//! benchmark rows -> `suitor_row` -> `suitor_point` -> `suitor_component` (a row a point and component) -> `suitor_known` (side by
//! side) -> with each weight set of `suitor_weight`: `suitor_entry` (the best point of hardware in a cell) -> the pair relation
//! (one row a weight set, model and hardware).
//!
//! Each name is a temporary table with several readers; between two of them is a statement of a few stages, so that each is planned
//! quickly. Weights come late: what is before them is done once for any number of weight sets. The columns are the derivation of every number.

use super::pairs::Arithmetic;
use super::sql::{list, name, number, text};
use super::{Limit, Profile, Scoring, components, pairs, points};
use crate::recommend::request::{Match, Pin};
use crate::{Error, Result, fields};

/// Which rows are scored, and how.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Only these models (keys of the row relation); `None` means all.
    pub model_id: Option<i64>,
    /// Only models whose keys lie between these two, both included: a part of a catalogue.
    pub among: Option<[i64; 2]>,
    /// Only this task; `None` means all.
    pub task: Option<String>,
    /// Pinned fields.
    pub pins: Vec<Pin>,
    /// Only rows of this version.
    pub version: Option<VersionRows>,
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

impl Scope {
    /// All rows, without any flag, by these weights.
    #[must_use]
    pub fn all(weights: Vec<f64>, profile: Profile) -> Self {
        Self {
            model_id: None,
            among: None,
            task: None,
            pins: Vec::new(),
            version: None,
            only: Vec::new(),
            max_devices: None,
            per_device: false,
            choose_division: false,
            limits: Vec::new(),
            weights,
            profile,
        }
    }

    /// The rows that snapshots of a model froze, by these weights.
    #[must_use]
    pub fn frozen(model_id: i64, weights: Vec<f64>, profile: Profile) -> Self {
        Self { model_id: Some(model_id), version: Some(VersionRows::Frozen), ..Self::all(weights, profile) }
    }
}

/// Which rows belong to a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionRows {
    /// Those linked to the version of this id.
    Linked(i64),
    /// Those of the source, which is a snapshot: they were chosen when it was made.
    Frozen,
}

/// Weights and the profile that combines by them; those of one plan are above 0 in the same components.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightSet {
    /// By component in the order of scoring.toml, sum 1.
    pub weights: Vec<f64>,
    /// The arithmetic.
    pub profile: Profile,
}

/// The statements that score a scope. Run in order, on one connection; each fills one temporary table.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The rows that pins and narrowing choose, with whether each is `ok` and `good`: a table, or a SELECT in parentheses.
    pub rows: String,
    /// Fills `suitor_row` where [`Plan::rows`] says so, and `suitor_division` where one is chosen.
    pub choose: Vec<String>,
    /// Fills `suitor_point`.
    pub points: String,
    /// Fills `suitor_component` and `suitor_known`; reads the t quantiles `suitor_quantile(df, t)` up to the most rows of a point. Nothing, of a lean
    /// plan.
    pub components: Vec<String>,
    /// Fills `suitor_entry` from them, or from `suitor_point` in a lean plan, and from `suitor_weight`.
    pub entry: String,
    /// A SELECT: the pair relation.
    pub pairs: String,
    /// A SELECT: each point with each of its results (see [`Purpose::samples`]).
    pub samples: Option<String>,
    /// Whether what it scores has two sides.
    pub sides: bool,
    /// What takes the place of sums and spreads of each point, for [`Purpose::lean`].
    pub lean: Option<Lean>,
}

/// What a lean plan knows of hardware and of its best points alone.
#[derive(Clone, Debug)]
pub struct Lean {
    /// Fills `suitor_hardware`, before points: of each model and hardware the labels, how many rows are results and how many failed, and the
    /// sums of the content hashes of the results.
    pub hardware: String,
    /// Fills `suitor_best`, after entries: the best point of each pair, whole, with its spread.
    pub best: String,
}

/// Provenances in order: measured, simulated, estimated.
pub(super) const MEASURED_FIRST: &str = "CASE provenance WHEN 'measured' THEN 0 WHEN 'simulated' THEN 1 ELSE 2 END";
/// The point's own fields, after the cell's.
pub(super) const POINT_FIELDS: [&str; 5] = ["batch_size", "precision", "framework", "item_unit", "provenance"];
/// The metrics that rules read, whatever components rest on.
const RULE_METRICS: [&str; 9] = [
    "throughput_items_per_second",
    "latency_ms_mean",
    "latency_ms_p50",
    "ttft_ms_mean",
    "ttft_ms_p50",
    "tpot_ms_mean",
    "tpot_ms_p50",
    "memory_peak_mb",
    "energy_j_per_item",
];

/// What a plan is for, beside its scope.
#[derive(Clone, Copy, Debug, Default)]
pub struct Purpose {
    /// Weight sets of both profiles, else of the scope's alone.
    pub both_profiles: bool,
    /// Score as if this hardware had no rows; division and suite are chosen with it.
    pub without: Option<i64>,
    /// The relation has a column `side`: points, entries and pairs are of one side, and what they are divided by and held against
    /// is of both together. So a score of one side is comparable with that of the other.
    pub sides: bool,
    /// Keep every metric, and plan [`Plan::samples`].
    pub samples: bool,
    /// Scores of one weight set, and what is stored beside them, of very many pairs: no intervals, spreads of best points alone.
    pub lean: bool,
}

/// Plans the scoring of `scope` over the row relation `relation` (a SELECT with the columns of [`columns`]), for weight sets that
/// are above 0 where the scope's weights are.
///
/// # Errors
/// A pin on a field that is neither of the workload nor of the point, or with a value of the wrong type (exit code 2).
pub fn plan(relation: &str, scoring: &Scoring, scope: &Scope, purpose: Purpose) -> Result<Plan> {
    let picked = picked(relation, scoring, scope, purpose)?;
    let arithmetic = if purpose.both_profiles { Arithmetic::Either } else { Arithmetic::One(scope.profile) };
    // The rows of one model have several readers; those of a whole catalogue are too many to keep.
    let keep = scope.model_id.is_some();
    let rows = if keep { "suitor_row".to_owned() } else { format!("({picked})") };
    let mut choose = Vec::new();
    if keep {
        choose.push(format!("CREATE OR REPLACE TEMP TABLE suitor_row AS\n{picked}"));
    }
    if chooses_division(scoring, scope) {
        choose.push(format!("CREATE OR REPLACE TEMP TABLE suitor_division AS\n{}", divisions(&rows)));
    }
    let chosen = chosen(&rows, scoring, scope, purpose);
    Ok(Plan {
        choose,
        points: points::table(scoring, scope, purpose, &chosen),
        components: if purpose.lean { Vec::new() } else { components::tables(scoring, scope, purpose).into() },
        entry: pairs::entry(
            scoring,
            &scope.weights,
            arithmetic,
            purpose,
            purpose.lean.then(|| components::stages(scoring, scope, purpose)).as_deref(),
        ),
        pairs: pairs::pair(scoring, arithmetic, purpose),
        lean: purpose.lean.then(|| Lean {
            hardware: points::hardware(&chosen),
            best: points::best(scoring, scope, &counting(scoring, &scope.weights), &chosen),
        }),
        samples: purpose.samples.then(|| points::samples(scoring, purpose.sides, &chosen)),
        sides: purpose.sides,
        rows,
    })
}

impl Plan {
    /// The pair relation as rules read it, a SELECT in parentheses: `set_id`, `model_id`, `hardware_id`, every field of `pair` under
    /// its name in rules, and `suitability`. `as_of`: the day that ages are counted from.
    #[must_use]
    pub fn rule_fields(&self, scoring: &Scoring, scope: &Scope, as_of: Option<i64>) -> String {
        pairs::rule_fields(&self.pairs, scoring, scope.per_device, as_of)
    }

    /// Everything that the tables before the weights hang on, beside the data.
    pub(crate) fn stages(&self) -> String {
        let lean = self.lean.as_ref().map(|lean| &lean.hardware);
        self.choose.iter().chain(lean).chain([&self.points]).chain(&self.components).map(String::as_str).collect::<Vec<_>>().join(";\n")
    }

    /// Everything that pairs hang on beside those tables: the weights to the bit.
    pub(crate) fn weighing(&self, sets: &[WeightSet]) -> String {
        let of_set = |set: &WeightSet| {
            let weights = set.weights.iter().map(|weight| format!("{:016x}", weight.to_bits())).collect::<Vec<_>>().join(" ");
            format!("{} {weights}", set.profile.name())
        };
        let statements = [self.entry.clone(), self.pairs.clone(), self.sides.to_string()];
        statements.into_iter().chain(sets.iter().map(of_set)).collect::<Vec<_>>().join(";\n")
    }
}

/// A SELECT in parentheses: the rows that pins and narrowing choose, with whether each is `ok` and `good`; for readers that score nothing.
///
/// # Errors
/// See [`plan`].
pub(crate) fn rows(relation: &str, scoring: &Scoring, scope: &Scope) -> Result<String> {
    Ok(format!("({})", picked(relation, scoring, scope, Purpose::default())?))
}

/// A SELECT of the division and suite of the rows picked (of [`rows`]), with how much hardware and how many rows each has and its place
/// within its model; that at place 1 is chosen.
pub(crate) fn divisions(rows: &str) -> String {
    format!(
        "SELECT *, row_number() OVER (PARTITION BY model_id ORDER BY hardware DESC, rows DESC, division NULLS LAST, suite NULLS LAST) AS place
FROM (
  SELECT model_id, division, suite, count(DISTINCT hardware_id) AS hardware, count(*) AS rows FROM {rows} AS r
  WHERE good GROUP BY model_id, division, suite
)"
    )
}

/// The components that count: those of weight above 0.
pub(super) fn counting(scoring: &Scoring, weights: &[f64]) -> Vec<usize> {
    (0..scoring.components.len()).filter(|k| weights[*k] > 0.0).collect()
}

/// Key columns of a cell: model, task and `cell_by`.
pub(super) fn cell_fields(scoring: &Scoring) -> Vec<String> {
    ["model_id", "task"].iter().map(|field| (*field).to_owned()).chain(scoring.cell_by.iter().map(|field| name(field))).collect()
}

/// A limit as a condition on a point; null when the metric is missing.
pub(crate) fn meets(limit: &Limit) -> String {
    format!("{} {} {}", name(&limit.metric), limit.op.sign(), number(limit.value))
}

/// The metrics that a point keeps: those of components, of limits and of rules, or all; in the order of the row relation.
pub(super) fn metrics_read(scoring: &Scoring, limits: &[Limit], purpose: Purpose) -> Vec<&'static str> {
    let weighed = metrics_weighed(scoring, limits);
    let read = |metric: &&str| purpose.samples || RULE_METRICS.contains(metric) || weighed.contains(metric);
    fields::of_role(fields::Role::Metric).filter(read).collect()
}

/// Those of them that take part in a score or a limit.
pub(super) fn metrics_weighed(scoring: &Scoring, limits: &[Limit]) -> Vec<&'static str> {
    let used = component_metrics(scoring);
    fields::of_role(fields::Role::Metric)
        .filter(|metric| used.contains(metric) || limits.iter().any(|limit| limit.metric == *metric))
        .collect()
}

/// The columns of the row relation that a plan reads, beside the keys.
#[must_use]
pub fn columns(scoring: &Scoring, scope: &Scope) -> Vec<&'static str> {
    columns_for(scoring, scope, Purpose::default())
}

/// The same for a purpose.
#[must_use]
pub fn columns_for(scoring: &Scoring, scope: &Scope, purpose: Purpose) -> Vec<&'static str> {
    let metrics = metrics_read(scoring, &scope.limits, purpose);
    let pinned = |field: &str| scope.pins.iter().any(|pin| pin.field == field);
    let read = |field: &fields::Field| match field.role {
        fields::Role::Metric => metrics.contains(&field.name),
        fields::Role::Workload => {
            ["task", "division", "suite"].contains(&field.name) || pinned(field.name) || scoring.cell_by.iter().any(|by| by == field.name)
        }
        fields::Role::Origin => ["status", "tested_at", "content_hash"].contains(&field.name),
        _ => true,
    };
    fields::FIELDS.iter().filter(|field| read(field)).map(|field| field.name).collect()
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

/// The rows that pins and narrowing choose, per device if asked, tokens in buckets.
fn picked(relation: &str, scoring: &Scoring, scope: &Scope, purpose: Purpose) -> Result<String> {
    let mut conditions = conditions(scope)?;
    if conditions.is_empty() {
        conditions.push("true".to_owned());
    }
    let condition = conditions.join("\n  AND ");
    let columns = columns_for(scoring, scope, purpose).into_iter().filter(|column| *column != "status").map(|field| {
        let column = name(field);
        match field {
            "throughput_items_per_second" | "memory_peak_mb" if scope.per_device => format!("{column} / device_count AS {column}"),
            "time_to_train_s" if scope.per_device => format!("{column} * device_count AS {column}"),
            "input_tokens" | "output_tokens" => format!("{} AS {column}", bucket(&column)),
            _ => column,
        }
    });
    Ok(format!(
        "SELECT model_id, hardware_id,{}\n    {},\n    {OK} AS ok, {} AS good\nFROM (\n{relation}\n) AS source\nWHERE {condition}",
        if purpose.sides { " side," } else { "" },
        list(columns),
        good(scoring)
    ))
}

/// The stage `chosen`: of the rows picked, those of one division and suite where these are chosen, model by model.
fn chosen(rows: &str, scoring: &Scoring, scope: &Scope, purpose: Purpose) -> String {
    let mut conditions: Vec<String> = purpose.without.map(|hardware| format!("r.hardware_id <> {hardware}")).into_iter().collect();
    let mut from = format!("{rows} AS r");
    if chooses_division(scoring, scope) {
        from += ", suitor_division AS d";
        conditions.push("r.model_id = d.model_id AND d.place = 1".to_owned());
        conditions.extend(["division", "suite"].map(|field| format!("r.{field} IS NOT DISTINCT FROM d.{field}")));
    }
    let condition = if conditions.is_empty() { String::new() } else { format!("\n  WHERE {}", conditions.join(" AND ")) };
    // Reading very many rows once more takes less than keeping them.
    let kept = if purpose.lean { "NOT MATERIALIZED " } else { "" };
    format!("chosen AS {kept}(\n  SELECT r.* FROM {from}{condition}\n)")
}

/// Whether the rows of one (division, suite) are taken: only where cells are apart by both.
pub(crate) fn chooses_division(scoring: &Scoring, scope: &Scope) -> bool {
    scope.choose_division && ["division", "suite"].iter().all(|field| scoring.cell_by.iter().any(|by| by == field))
}

/// Whether a row's run succeeded, as SQL.
pub(crate) const OK: &str = "(status IS NULL OR lower(status) = 'ok')";

/// Whether a row is a result, as SQL: it succeeded and has a metric of a declared component.
pub(crate) fn good(scoring: &Scoring) -> String {
    let any = component_metrics(scoring).iter().map(|metric| name(metric)).collect::<Vec<_>>().join(", ");
    format!("({OK} AND coalesce({any}) IS NOT NULL)")
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
    if let Some([first, last]) = scope.among {
        all.push(format!("model_id BETWEEN {first} AND {last}"));
    }
    if let Some(task) = &scope.task {
        all.push(format!("task = {}", text(task)));
    }
    for pin in &scope.pins {
        all.push(pinned(pin)?);
    }
    if let Some(VersionRows::Linked(version)) = scope.version {
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
        .ok_or_else(|| Error::unknown_listed("field to pin", &pin.field, pinnable().map(|field| field.name)))?;
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

/// Token counts to the nearest power of two by difference, halfway up; 0, null and what no count is, from 2^40 on, stay. `n` goes to the power that is
/// not above `n * 4 / 3`, and below 2^40 its logarithm is surely exact enough to tell; counting the digits of a text takes several times as long.
fn bucket(column: &str) -> String {
    let most = 1_i64 << 40;
    format!("CASE WHEN {column} > 0 AND {column} < {most} THEN 1::BIGINT << floor(log2({column} * 4 / 3))::BIGINT ELSE {column} END")
}
