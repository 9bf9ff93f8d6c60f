//! The stages from chosen rows to operating points, as SQL text. What they compute is said in ARCHITECTURE.md, decision by decision.

use super::plan::{MEASURED_FIRST, POINT_FIELDS, Purpose, Scope, cell_fields, component_metrics, meets, metrics_read, metrics_weighed};
use super::sql::{list, name};
use super::{Limit, Scoring};
use crate::fields;

/// What hardware and model are, the same for all rows of one.
pub(super) const LABELS: [&str; 8] =
    ["model", "model_family", "parameters_million", "hardware", "hardware_name", "device_count", "hardware_type", "device_memory_mb"];

/// The table `suitor_point`, from stages that end in `chosen`: the operating points with the mean and the spread of each metric.
pub(super) fn table(scoring: &Scoring, scope: &Scope, purpose: Purpose, chosen: &str) -> String {
    if purpose.lean {
        return format!(
            "CREATE OR REPLACE TEMP TABLE suitor_point AS\nWITH {chosen},\n{},\n{}
SELECT *, {MEASURED_FIRST} AS provenance_rank, coalesce({}, false) AS within FROM point",
            units(scoring, false),
            points(scoring, scope, purpose),
            within(&scope.limits),
        );
    }
    let taken = list(component_metrics(scoring).iter().map(|metric| format!("s.{}", name(&format!("cv_{metric}")))));
    format!(
        "CREATE OR REPLACE TEMP TABLE suitor_point AS\nWITH {chosen},\n{},\n{},\n{},\n{}
SELECT p.*,
    {taken},
    {MEASURED_FIRST} AS provenance_rank, coalesce({within}, false) AS within, f.failed_results
FROM point AS p LEFT JOIN spread AS s USING (point_id) LEFT JOIN failed AS f ON f.model_id = p.model_id AND f.hardware_id = p.hardware_id{of_side}",
        units(scoring, purpose.sides),
        points(scoring, scope, purpose),
        deviations(scoring, purpose.sides),
        spreads(scoring, ""),
        within = within(&scope.limits),
        of_side = if purpose.sides { " AND f.side = p.side" } else { "" },
    )
}

/// Whether a point meets every limit; null or false when it does not. A missing metric does not.
fn within(limits: &[Limit]) -> String {
    if limits.is_empty() { "true".to_owned() } else { limits.iter().map(meets).collect::<Vec<_>>().join(" AND ") }
}

/// What the rows of a point have in common beside the unit.
fn configuration(scoring: &Scoring) -> Vec<String> {
    let others = ["hardware_id", "batch_size", "precision", "framework", "provenance"];
    cell_fields(scoring).into_iter().chain(others.map(str::to_owned)).collect()
}

/// Rows without a unit join the point of the same configuration that has one.
fn units(scoring: &Scoring, sides: bool) -> String {
    let mut keys = configuration(scoring);
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

/// Operating points with the mean of each metric; in a lean plan, of each that takes part in a score or a limit.
fn points(scoring: &Scoring, scope: &Scope, purpose: Purpose) -> String {
    let cell = cell_fields(scoring);
    let keys = cell.join(", ");
    let point = POINT_FIELDS.join(", ") + side(purpose.sides);
    let metrics = if purpose.lean { metrics_weighed(scoring, &scope.limits) } else { metrics_read(scoring, &scope.limits, purpose) };
    let means = list(metrics.into_iter().map(mean));
    let (known, counts) = if purpose.lean {
        (String::new(), String::new())
    } else {
        let count = |metric: &&str| format!(",\n    count({}) AS {}", name(metric), name(&format!("n_{metric}")));
        (format!("\n    {},\n    {},", labels(), prints("")), component_metrics(scoring).iter().map(count).collect())
    };
    format!(
        "gathered AS (
  SELECT {keys}, hardware_id, {point},{known}
    count(*) AS n, max(tested_at) AS tested_at,
    {means}{counts}
  FROM result GROUP BY ALL
),
{}",
        numbered(&cell, purpose.lean),
    )
}

/// The mean of a metric over a group of rows. Sums are exact, of whole numbers of 1e-18: of decimals they would take a fifth longer, and an average
/// of those has other bits where DuckDB makes it of a sum and a count, as it does where it sees fit. Equal values keep their bits: their mean comes
/// within a few units of the last place of each of them, and 1e-18.
fn mean(metric: &str) -> String {
    let metric = name(metric);
    let mean = format!("avg(({metric} * 1e18::DOUBLE)::HUGEINT) / 1e18::DOUBLE");
    format!("CASE WHEN {mean} <= min({metric}) * (1 + 1e-15::DOUBLE) + 1e-18::DOUBLE THEN min({metric}) ELSE {mean} END AS {metric}")
}

/// `point`: what was gathered, with the number of the cell and one of its own. In a lean plan that one is the `rowid` of the table, since numbering
/// rows takes one thread, and cells are numbered by themselves.
fn numbered(cell: &[String], lean: bool) -> String {
    let order = list(cell.iter().map(|field| format!("CAST({field} AS VARCHAR) NULLS LAST")));
    if lean {
        let same = cell.iter().map(|key| format!("g.{key} IS NOT DISTINCT FROM c.{key}")).collect::<Vec<_>>().join(" AND ");
        return format!(
            "cell AS (SELECT *, row_number() OVER (ORDER BY {order}) AS cell_id FROM (SELECT DISTINCT {} FROM gathered)),
point AS (SELECT g.*, c.cell_id FROM gathered AS g JOIN cell AS c ON {same})",
            cell.join(", ")
        );
    }
    format!("point AS (\n  SELECT *, row_number() OVER () AS point_id, dense_rank() OVER (ORDER BY {order}) AS cell_id FROM gathered\n)")
}

/// What hardware and model of a group of rows are.
fn labels() -> String {
    list(LABELS.iter().map(|label| format!("any_value({label}) AS {label}")))
}

/// The sums of the content hashes of a group of rows, in two halves.
fn prints(filter: &str) -> String {
    list(
        [(1, "high"), (16, "low")]
            .map(|(from, half)| format!("sum(('0x' || substr(content_hash, {from}, 15))::BIGINT::HUGEINT){filter} AS print_{half}")),
    )
}

/// The table `suitor_hardware` of a lean plan.
pub(super) fn hardware(chosen: &str) -> String {
    format!(
        "CREATE OR REPLACE TEMP TABLE suitor_hardware AS\nWITH {chosen}
SELECT model_id, hardware_id,
    {},
    count(*) FILTER (good) AS results, nullif(count(*) FILTER (NOT ok), 0) AS failed_results,
    {}
FROM chosen GROUP BY model_id, hardware_id",
        labels(),
        prints(" FILTER (good)"),
    )
}

/// The table `suitor_best` of a lean plan: points as they are in `suitor_point` without one, each the best of its pair, and the largest spread
/// of the `counting` components; metrics that only rules read are taken of their results. Reads `suitor_entry`, `suitor_point` and `suitor_hardware`.
pub(super) fn best(scoring: &Scoring, scope: &Scope, counting: &[usize], chosen: &str) -> String {
    // Where a component took a metric its deviation is that metric's; as a share of the value, as everywhere.
    let spread = list(counting.iter().map(|k| {
        let metrics = scoring.components[*k].metrics.iter().enumerate();
        let each = metrics.map(|(pick, metric)| {
            let (value, cv) = (name(&metric.field), name(&format!("cv_{}", metric.field)));
            format!(" WHEN {pick} THEN s.{cv} * p.{value} / p.{value}")
        });
        format!("CASE p.pick_{k}{} END", each.collect::<String>())
    }));
    let picks = list(counting.iter().map(|k| format!("e.pick_{k}")));
    let weighed = metrics_weighed(scoring, &scope.limits);
    let read: Vec<&str> =
        metrics_read(scoring, &scope.limits, Purpose::default()).into_iter().filter(|metric| !weighed.contains(metric)).collect();
    let means = read.iter().map(|metric| format!(",\n    {}", mean(metric))).collect::<Vec<_>>().concat();
    let further = |of: &str| read.iter().map(|metric| format!("{of}.{}, ", name(metric))).collect::<Vec<_>>().concat();
    let labels = list(LABELS.iter().map(|label| format!("h.{label}")));
    format!(
        "CREATE OR REPLACE TEMP TABLE suitor_best AS\nWITH point AS (
  SELECT p.*, p.rowid AS point_id, {labels}, h.failed_results, {picks}
  FROM suitor_point AS p JOIN suitor_entry AS e ON e.point_id = p.rowid JOIN suitor_hardware AS h ON h.model_id = p.model_id AND h.hardware_id = p.hardware_id
  WHERE e.place = 1
),
{chosen},
{},
{}
SELECT p.*, {}greatest({spread}) AS spread
FROM point AS p LEFT JOIN spread AS s USING (point_id)",
        deviations_of_few(scoring, &further("r")),
        spreads(scoring, &means),
        further("s"),
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

/// The deviation of each result from the mean of its point `p`, as a share of it, metric by metric.
fn relative(scoring: &Scoring) -> String {
    list(component_metrics(scoring).iter().map(|metric| {
        let metric = name(metric);
        format!("(r.{metric} - p.{metric}) / p.{metric} AS {metric}")
    }))
}

/// `deviation`: of each result of each point.
fn deviations(scoring: &Scoring, sides: bool) -> String {
    format!(
        "deviation AS (
  SELECT p.point_id,
    {}
  FROM point AS p JOIN result AS r ON {} WHERE p.n >= 2
)",
        relative(scoring),
        of_point(scoring, sides),
    )
}

/// The same of a few of the points, with `further` columns of the results, each with a comma: rows of their configurations, whatever the unit, of which those without
/// a unit take the least as in [`units`]. To look for the units of all rows again would take longer than the rest.
fn deviations_of_few(scoring: &Scoring, further: &str) -> String {
    let same = configuration(scoring).iter().map(|key| format!("r.{key} IS NOT DISTINCT FROM p.{key}")).collect::<Vec<_>>().join(" AND ");
    format!(
        "near AS (
  SELECT p.point_id, p.item_unit AS own_unit, r.item_unit, {further}
    {}
  FROM point AS p JOIN chosen AS r ON {same} WHERE r.good
),
united AS (SELECT *, coalesce(item_unit, min(item_unit) OVER (PARTITION BY point_id)) AS unit FROM near),
deviation AS (SELECT * FROM united WHERE unit IS NOT DISTINCT FROM own_unit)",
        relative(scoring),
    )
}

/// `spread`, from `deviation`, with `further` columns: that of each component metric that has several values in a point, sqrt(sum (v - mean)^2 / (n - 1)), relative
/// deviations summed exactly.
fn spreads(scoring: &Scoring, further: &str) -> String {
    let sums = list(component_metrics(scoring).iter().map(|metric| {
        let (cv, metric) = (name(&format!("cv_{metric}")), name(metric));
        format!("CASE WHEN count({metric}) >= 2 THEN sqrt(sum(({metric} * {metric})::DECIMAL(38, 18))::DOUBLE / (count({metric}) - 1)) END AS {cv}")
    }));
    format!("spread AS (SELECT point_id,\n    {sums}{further}\n  FROM deviation GROUP BY point_id)")
}
