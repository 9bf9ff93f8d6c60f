//! The stages from chosen rows to operating points, as SQL text. What they compute is said in ARCHITECTURE.md, decision by decision.

use super::plan::{MEASURED_FIRST, POINT_FIELDS, Purpose, Scope, cell_fields, component_metrics, meets, metrics_read};
use super::sql::{list, name};
use super::{Limit, Scoring};
use crate::fields;

/// What hardware and model are, the same for all rows of one.
pub(super) const LABELS: [&str; 8] =
    ["model", "model_family", "parameters_million", "hardware", "hardware_name", "device_count", "hardware_type", "device_memory_mb"];

/// The table `suitor_point`, from stages that end in `chosen`: the operating points with the mean and the spread of each metric.
pub(super) fn table(scoring: &Scoring, scope: &Scope, purpose: Purpose, chosen: &str) -> String {
    let spreads = list(component_metrics(scoring).iter().map(|metric| format!("s.{}", name(&format!("cv_{metric}")))));
    format!(
        "CREATE OR REPLACE TEMP TABLE suitor_point AS\nWITH {chosen},\n{},\n{},\n{}
SELECT p.*,
    {spreads},
    {MEASURED_FIRST} AS provenance_rank, coalesce({within}, false) AS within, f.failed_results
FROM point AS p LEFT JOIN spread AS s USING (point_id) LEFT JOIN failed AS f ON f.model_id = p.model_id AND f.hardware_id = p.hardware_id{of_side}",
        units(scoring, purpose.sides),
        points(scoring, scope, purpose),
        deviations(scoring, purpose.sides),
        within = within(&scope.limits),
        of_side = if purpose.sides { " AND f.side = p.side" } else { "" },
    )
}

/// Whether a point meets every limit; null or false when it does not. A missing metric does not.
fn within(limits: &[Limit]) -> String {
    if limits.is_empty() { "true".to_owned() } else { limits.iter().map(meets).collect::<Vec<_>>().join(" AND ") }
}

/// Rows without a unit join the point of the same configuration that has one.
fn units(scoring: &Scoring, sides: bool) -> String {
    let mut keys = cell_fields(scoring);
    keys.extend(["hardware_id", "batch_size", "precision", "framework", "provenance"].map(str::to_owned));
    keys.extend(sides.then(|| "side".to_owned()));
    let side = side(sides);
    let same = keys.iter().map(|key| format!("u.{key} IS NOT DISTINCT FROM c.{key}")).collect::<Vec<_>>().join(" AND ");
    let keys = keys.join(", ");
    format!(
        "unit AS (SELECT {keys}, min(item_unit) AS item_unit FROM chosen WHERE good AND item_unit IS NOT NULL GROUP BY ALL),
result AS (
  SELECT * FROM chosen WHERE good AND item_unit IS NOT NULL
  UNION ALL
  SELECT c.* REPLACE (u.item_unit AS item_unit) FROM chosen AS c LEFT JOIN unit AS u ON {same} WHERE c.good AND c.item_unit IS NULL
),
failed AS (SELECT model_id, hardware_id{side}, count(*) AS failed_results FROM chosen WHERE NOT ok GROUP BY model_id, hardware_id{side})"
    )
}

/// Operating points with the mean of each metric. Sums are exact decimals; equal values keep their bits.
fn points(scoring: &Scoring, scope: &Scope, purpose: Purpose) -> String {
    let cell = cell_fields(scoring);
    let keys = cell.join(", ");
    let point = POINT_FIELDS.join(", ") + side(purpose.sides);
    let labels = list(LABELS.iter().map(|label| format!("any_value({label}) AS {label}")));
    let means = list(metrics_read(scoring, &scope.limits, purpose).into_iter().map(|metric| {
        let metric = name(metric);
        format!(
            "CASE WHEN min({metric}) = max({metric}) THEN min({metric}) ELSE sum({metric}::DECIMAL(38, 18))::DOUBLE / count({metric}) END AS {metric}"
        )
    }));
    let counts =
        list(component_metrics(scoring).iter().map(|metric| format!("count({}) AS {}", name(metric), name(&format!("n_{metric}")))));
    let order = list(cell.iter().map(|field| format!("CAST({field} AS VARCHAR) NULLS LAST")));
    format!(
        "gathered AS (
  SELECT {keys}, hardware_id, {point},
    {labels},
    count(*) AS n, max(tested_at) AS tested_at,
    sum(('0x' || substr(content_hash, 1, 15))::BIGINT::HUGEINT) AS print_high,
    sum(('0x' || substr(content_hash, 16, 15))::BIGINT::HUGEINT) AS print_low,
    {means},
    {counts}
  FROM result GROUP BY ALL
),
point AS (
  SELECT *, row_number() OVER () AS point_id, dense_rank() OVER (ORDER BY {order}) AS cell_id FROM gathered
)"
    )
}

/// `side` as a further column, where there are sides.
fn side(sides: bool) -> &'static str {
    if sides { ", side" } else { "" }
}

/// Whether the result `r` is one of the point `p`.
fn of_point(scoring: &Scoring, sides: bool) -> String {
    let mut keys = cell_fields(scoring);
    keys.push("hardware_id".to_owned());
    keys.extend(POINT_FIELDS.map(str::to_owned));
    keys.extend(sides.then(|| "side".to_owned()));
    keys.iter().map(|key| format!("r.{key} IS NOT DISTINCT FROM p.{key}")).collect::<Vec<_>>().join(" AND ")
}

/// A SELECT of each point with each of its results, by point and then by the hash of the result: side, the point's numbers and labels, its
/// fields as text, its means, and the result's metrics. Reads `suitor_point`.
pub(super) fn samples(scoring: &Scoring, sides: bool, chosen: &str) -> String {
    let fields = std::iter::once("task").chain(scoring.cell_by.iter().map(String::as_str)).chain(POINT_FIELDS);
    let fields = list(fields.map(|field| format!("CAST(p.{} AS VARCHAR)", name(field))));
    let metrics = |of: &str| list(fields::of_role(fields::Role::Metric).map(|metric| format!("{of}.{}", name(metric))));
    format!(
        "WITH {chosen},\n{}
SELECT {}, p.point_id, p.cell_id, p.model_id, p.hardware_id, p.hardware, p.n,
    {fields},
    {},
    {}
FROM suitor_point AS p JOIN result AS r ON {} ORDER BY p.point_id, r.content_hash",
        units(scoring, sides),
        if sides { "p.side AS side" } else { "0 AS side" },
        metrics("p"),
        metrics("r"),
        of_point(scoring, sides),
    )
}

/// The spread of each component metric that has several values in a point: sqrt(sum (v - mean)^2 / (n - 1)), relative
/// deviations summed exactly.
fn deviations(scoring: &Scoring, sides: bool) -> String {
    let same = of_point(scoring, sides);
    let metrics = component_metrics(scoring);
    let relative = list(metrics.iter().map(|metric| {
        let (metric, n) = (name(metric), name(&format!("n_{metric}")));
        format!("p.{n}, (r.{metric} - p.{metric}) / p.{metric} AS {metric}")
    }));
    let sums = list(metrics.iter().map(|metric| {
        let (n, cv, metric) = (name(&format!("n_{metric}")), name(&format!("cv_{metric}")), name(metric));
        format!("CASE WHEN min({n}) >= 2 THEN sqrt(sum(({metric} * {metric})::DECIMAL(38, 18))::DOUBLE / (min({n}) - 1)) END AS {cv}")
    }));
    format!(
        "deviation AS (
  SELECT p.point_id,
    {relative}
  FROM point AS p JOIN result AS r ON {same} WHERE p.n >= 2
),
spread AS (SELECT point_id,\n    {sums}\n  FROM deviation GROUP BY point_id)"
    )
}
