//! The stages of the scoring query up to the scored points, as SQL text. What they compute is said in ARCHITECTURE.md, decision by decision.
//!
//! A component is known by its number k in scoring.toml; its columns carry it: `s_k` score, `w_k` weight, `pick_k` which
//! of its metrics, `v_k` value, `r_k` reference, `n_k` rows, `sd_k` spread, `lo_k`/`hi_k` interval.

use super::plan::{Scope, component_metrics, metrics};
use super::sql::{list, name, number};
use super::{Direction, Limit, Missing, Profile, Scoring};

/// Places of the provenances: measured, simulated, estimated.
pub(super) const MEASURED_FIRST: &str = "CASE provenance WHEN 'measured' THEN 0 WHEN 'simulated' THEN 1 ELSE 2 END";
/// The point's own fields, after the cell's.
const POINT_FIELDS: [&str; 5] = ["batch_size", "precision", "framework", "item_unit", "provenance"];
/// What hardware and model are, the same for all rows of one.
const LABELS: [&str; 8] =
    ["model", "model_family", "parameters_million", "hardware", "hardware_name", "device_count", "hardware_type", "device_memory_mb"];

/// Everything from `chosen` to the scored points, ending in the SELECT that fills `suitor_scored`.
pub(super) fn scored(scoring: &Scoring, scope: &Scope, t_values: &str) -> String {
    [
        units(scoring),
        points(scoring),
        spreads(scoring),
        long(scoring),
        contest(scoring, &scope.weights),
        taken(),
        left(&scope.limits),
        references(),
        component_scores(t_values),
        known(scoring, &scope.weights, scope.profile),
        medians(scoring),
        compatibility(scoring, scope),
    ]
    .join(",\n")
        + "\nSELECT * FROM suitability"
}

/// Rounded to 12 decimals.
pub(super) fn round12(expression: &str) -> String {
    format!("round({expression}, 12)")
}

/// Key columns of a cell: model, task and `cell_by`.
fn cell_fields(scoring: &Scoring) -> Vec<String> {
    ["model_id", "task"].iter().map(|field| (*field).to_owned()).chain(scoring.cell_by.iter().map(|field| name(field))).collect()
}

/// Rows without a unit join the point of the same configuration that has one.
fn units(scoring: &Scoring) -> String {
    let mut keys = cell_fields(scoring);
    keys.extend(["hardware_id", "batch_size", "precision", "framework", "provenance"].map(str::to_owned));
    let same = keys.iter().map(|key| format!("u.{key} IS NOT DISTINCT FROM c.{key}")).collect::<Vec<_>>().join(" AND ");
    let keys = keys.join(", ");
    format!(
        "unit AS (SELECT {keys}, min(item_unit) AS item_unit FROM chosen WHERE good AND item_unit IS NOT NULL GROUP BY {keys}),
result AS (
  SELECT * FROM chosen WHERE good AND item_unit IS NOT NULL
  UNION ALL BY NAME
  SELECT c.* REPLACE (u.item_unit AS item_unit) FROM chosen AS c LEFT JOIN unit AS u ON {same} WHERE c.good AND c.item_unit IS NULL
),
failed AS (SELECT model_id, hardware_id, count(*) AS failed_results FROM chosen WHERE NOT ok GROUP BY model_id, hardware_id)"
    )
}

/// Operating points with the mean of each metric. Sums are exact decimals; equal values keep their bits.
fn points(scoring: &Scoring) -> String {
    let cell = cell_fields(scoring);
    let keys = cell.join(", ");
    let point = POINT_FIELDS.join(", ");
    let labels = list(LABELS.iter().map(|label| format!("min({label}) AS {label}")));
    let means = list(metrics().map(|metric| {
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
  FROM result GROUP BY {keys}, hardware_id, {point}
),
point AS (
  SELECT *, row_number() OVER () AS point_id, dense_rank() OVER (ORDER BY {order}) AS cell_id FROM gathered
)"
    )
}

/// The spread of each component metric that has several values in a point: sqrt(sum (v - mean)^2 / (n - 1)), relative
/// deviations summed exactly.
fn spreads(scoring: &Scoring) -> String {
    let mut keys = cell_fields(scoring);
    keys.push("hardware_id".to_owned());
    keys.extend(POINT_FIELDS.map(str::to_owned));
    let same = keys.iter().map(|key| format!("r.{key} IS NOT DISTINCT FROM p.{key}")).collect::<Vec<_>>().join(" AND ");
    let sums = list(component_metrics(scoring).iter().map(|metric| {
        let (column, n) = (name(metric), name(&format!("n_{metric}")));
        format!(
            "CASE WHEN min(p.{n}) >= 2 THEN sqrt(sum((((r.{column} - p.{column}) / p.{column}) * ((r.{column} - p.{column}) / p.{column}))::DECIMAL(38, 18))::DOUBLE / (min(p.{n}) - 1)) END AS {}",
            name(&format!("cv_{metric}"))
        )
    }));
    format!(
        "spread AS (
  SELECT p.point_id,
    {sums}
  FROM point AS p JOIN result AS r ON {same}
  WHERE p.n >= 2 GROUP BY p.point_id
)"
    )
}

/// One row a point and metric of a component, in order of preference.
fn long(scoring: &Scoring) -> String {
    let parts = scoring.components.iter().enumerate().flat_map(|(k, component)| {
        component.metrics.iter().enumerate().map(move |(pick, metric)| {
            let column = name(&metric.field);
            let same = metric.same.iter().map(|field| format!("coalesce(CAST(p.{} AS VARCHAR), '')", name(field))).collect::<Vec<_>>();
            let same = if same.is_empty() { "''".to_owned() } else { same.join(" || chr(31) || ") };
            let higher = metric.better == Direction::Higher;
            format!(
                "  SELECT p.point_id, p.cell_id, p.hardware_id, p.provenance, {k} AS k, {pick} AS pick, {same} AS same, {higher} AS higher, p.{column} AS value, p.{n} AS n, s.{cv} AS cv FROM point AS p LEFT JOIN spread AS s USING (point_id) WHERE p.{column} IS NOT NULL",
                n = name(&format!("n_{}", metric.field)),
                cv = name(&format!("cv_{}", metric.field)),
            )
        })
    });
    format!("long AS (\n{}\n)", parts.collect::<Vec<_>>().join("\n  UNION ALL\n"))
}

/// Which groups exist, and which hardware is contested in a cell by a component of weight above 0.
fn contest(scoring: &Scoring, weights: &[f64]) -> String {
    let counting: Vec<String> = (0..scoring.components.len()).filter(|k| weights[*k] > 0.0).map(|k| k.to_string()).collect();
    format!(
        "wide AS (SELECT cell_id, k, count(DISTINCT hardware_id) AS hardware FROM long GROUP BY cell_id, k),
compared AS (
  SELECT g.cell_id, g.k, g.pick, g.same
  FROM (SELECT cell_id, k, pick, same, count(DISTINCT hardware_id) AS hardware FROM long GROUP BY cell_id, k, pick, same) AS g
  JOIN wide AS w ON w.cell_id = g.cell_id AND w.k = g.k
  WHERE g.hardware >= 2 AND 2 * g.hardware > w.hardware
),
contested AS (
  SELECT DISTINCT l.cell_id, l.hardware_id
  FROM long AS l JOIN compared AS c ON c.cell_id = l.cell_id AND c.k = l.k AND c.pick = l.pick AND c.same = l.same
  WHERE l.k IN ({})
),
placed AS (
  SELECT l.*, c.hardware_id IS NOT NULL AS contested, CASE WHEN c.hardware_id IS NULL THEN l.hardware_id END AS own
  FROM long AS l LEFT JOIN contested AS c ON c.cell_id = l.cell_id AND c.hardware_id = l.hardware_id
)",
        counting.join(", ")
    )
}

/// The first metric that puts a point in a group (of one's own points, where one is alone).
fn taken() -> String {
    "open AS (
  SELECT p.* FROM placed AS p LEFT JOIN compared AS c ON c.cell_id = p.cell_id AND c.k = p.k AND c.pick = p.pick AND c.same = p.same
  WHERE NOT p.contested OR c.cell_id IS NOT NULL
),
taken AS (SELECT point_id, k, min(pick) AS pick FROM open GROUP BY point_id, k)"
        .to_owned()
}

/// The points that meet every limit. A missing metric does not.
fn left(limits: &[Limit]) -> String {
    let condition = if limits.is_empty() { "true".to_owned() } else { limits.iter().map(meets).collect::<Vec<_>>().join(" AND ") };
    format!(
        "within AS (SELECT point_id, coalesce({condition}, false) AS within FROM point),\nleft_over AS (SELECT o.* FROM open AS o JOIN within AS w USING (point_id) WHERE w.within)"
    )
}

/// A limit as a condition on a point; null when the metric is missing.
pub(super) fn meets(limit: &Limit) -> String {
    format!("{} {} {}", name(&limit.metric), limit.op.sign(), number(limit.value))
}

/// The best of each group: of its measured points, or of all when none is measured.
fn references() -> String {
    "reference AS (
  SELECT cell_id, own, k, pick, same,
    CASE WHEN bool_or(higher)
      THEN coalesce(max(value) FILTER (provenance = 'measured'), max(value))
      ELSE coalesce(min(value) FILTER (provenance = 'measured'), min(value)) END AS reference
  FROM left_over GROUP BY cell_id, own, k, pick, same
)"
    .to_owned()
}

/// value / max or min / value, at most 1, with the interval of the mean carried through.
fn component_scores(t_values: &str) -> String {
    format!(
        "t_quantile(df, t) AS (VALUES
    {t_values}
),
component AS (
  SELECT l.point_id, l.cell_id, l.own, l.hardware_id, l.contested, l.k, l.pick, l.higher, l.value, r.reference, l.n, l.cv * l.value AS sd,
    {score} AS score,
    CASE WHEN l.cv IS NOT NULL THEN q.t * l.cv * l.value / sqrt(l.n) END AS half
  FROM left_over AS l
  JOIN taken AS t ON t.point_id = l.point_id AND t.k = l.k AND t.pick = l.pick
  JOIN reference AS r ON r.cell_id = l.cell_id AND r.own IS NOT DISTINCT FROM l.own AND r.k = l.k AND r.pick = l.pick AND r.same = l.same
  LEFT JOIN t_quantile AS q ON q.df = least(l.n - 1, {max_df})
),
bounded AS (
  SELECT *,
    CASE WHEN half IS NULL THEN score WHEN higher THEN greatest(0, (value - half) / reference) ELSE least(1, reference / (value + half)) END AS low,
    CASE WHEN half IS NULL THEN score WHEN higher THEN least(1, (value + half) / reference) WHEN value > half THEN least(1, reference / (value - half)) ELSE 1 END AS high
  FROM component
)",
        score = round12("least(1, CASE WHEN l.higher THEN l.value / r.reference ELSE r.reference / l.value END)"),
        max_df = super::student::MAX_DF,
    )
}

fn weighted(indices: &[usize], weights: &[f64]) -> Vec<(usize, String)> {
    indices.iter().map(|k| (*k, number(weights[*k]))).collect()
}

fn sum(terms: impl Iterator<Item = String>) -> String {
    format!("({})", terms.collect::<Vec<_>>().join(" + "))
}

/// One row a point: its component scores side by side, and its own compatibility over those that it has.
fn known(scoring: &Scoring, weights: &[f64], profile: Profile) -> String {
    let all = 0..scoring.components.len();
    let columns = list(all.clone().flat_map(|k| {
        ["score AS s", "pick AS pick", "value AS v", "reference AS r", "n AS n", "sd AS sd", "low AS lo", "high AS hi"].map(|pair| {
            let (column, short) = pair.split_once(" AS ").unwrap_or((pair, pair));
            format!("max({column}) FILTER (k = {k}) AS {short}_{k}")
        })
    }));
    let counting: Vec<usize> = all.filter(|k| weights[*k] > 0.0).collect();
    let terms = weighted(&counting, weights);
    let total = sum(terms.iter().map(|(k, w)| format!("CASE WHEN s_{k} IS NULL THEN 0 ELSE {w} END")));
    let part = match profile {
        Profile::Documented => sum(terms.iter().map(|(k, w)| format!("coalesce({w} * s_{k}, 0)"))),
        // `greatest` passes over a null, so what is missing must be asked for first.
        Profile::Ratio => {
            sum(terms.iter().map(|(k, w)| format!("CASE WHEN s_{k} IS NULL THEN 0 ELSE {w} * ln(greatest(s_{k}, 1e-300::DOUBLE)) END")))
        }
    };
    let own = match profile {
        Profile::Documented => "part / total",
        Profile::Ratio => "exp(part / total)",
    };
    format!(
        "pivoted AS (
  SELECT point_id, any_value(cell_id) AS cell_id, any_value(own) AS own, any_value(hardware_id) AS hardware_id, any_value(contested) AS contested,
    {columns}
  FROM bounded GROUP BY point_id
),
summed AS (SELECT *, {total} AS total, {part} AS part FROM pivoted),
known AS (SELECT *, CASE WHEN total > 0 THEN {own} END AS own_compatibility FROM summed)"
    )
}

/// Per arena and component: the median over hardware of its best score, null when no point has one.
fn medians(scoring: &Scoring) -> String {
    let all = 0..scoring.components.len();
    let best = list(all.clone().map(|k| format!("max(s_{k}) AS s_{k}")));
    let median = list(all.map(|k| format!("median(s_{k}) AS m_{k}")));
    format!(
        "best AS (SELECT cell_id, own, hardware_id,\n    {best}\n  FROM known GROUP BY cell_id, own, hardware_id),
arena AS (SELECT cell_id, own,\n    {median}\n  FROM best GROUP BY cell_id, own)"
    )
}

/// Compatibility, confidence and suitability of every point; those that cannot be scored stay, with null.
fn compatibility(scoring: &Scoring, scope: &Scope) -> String {
    let counting: Vec<usize> = (0..scoring.components.len()).filter(|k| scope.weights[*k] > 0.0).collect();
    let terms = weighted(&counting, &scope.weights);
    let imputed = list((0..scoring.components.len()).map(|k| {
        if scope.weights[k] <= 0.0 {
            return format!("s_{k} AS c_{k}");
        }
        let filled = match scoring.missing {
            Missing::Median => round12(&format!("least(a.m_{k}, own_compatibility)")),
            Missing::Zero => "0::DOUBLE".to_owned(),
            Missing::Share | Missing::Exclude => "NULL::DOUBLE".to_owned(),
        };
        format!("CASE WHEN k.s_{k} IS NOT NULL THEN k.s_{k} WHEN a.m_{k} IS NOT NULL THEN {filled} END AS c_{k}")
    }));
    let shared = if scoring.missing == Missing::Share { "s" } else { "m" };
    let in_arena = sum(terms.iter().map(|(k, w)| format!("CASE WHEN {shared}_{k} IS NULL THEN 0 ELSE {w} END")));
    let weight_columns = list((0..scoring.components.len()).map(|k| {
        let w = number(scope.weights[k]);
        format!("CASE WHEN {shared}_{k} IS NULL OR arena_total = 0 THEN 0::DOUBLE ELSE {w} / arena_total END AS w_{k}")
    }));
    let imputes = |k: &usize| format!("(s_{k} IS NULL AND m_{k} IS NOT NULL)");
    let any_imputed = counting.iter().map(imputes).collect::<Vec<_>>().join(" OR ");
    let excluded = if scoring.missing == Missing::Exclude { format!("NOT ({any_imputed})") } else { "true".to_owned() };
    let combine = |column: &str| -> String {
        match scope.profile {
            Profile::Documented => {
                sum(counting.iter().map(|k| format!("CASE WHEN w_{k} > 0 THEN w_{k} * {} ELSE 0 END", column.replace('#', &k.to_string()))))
            }
            Profile::Ratio => format!(
                "exp({})",
                sum(counting.iter().map(|k| format!(
                    "CASE WHEN w_{k} > 0 THEN w_{k} * ln(greatest({}, 1e-300::DOUBLE)) ELSE 0 END",
                    column.replace('#', &k.to_string())
                )))
            ),
        }
    };
    let spread = counting.iter().map(|k| format!("sd_{k} / v_{k}")).collect::<Vec<_>>().join(", ");
    let has_interval = counting.iter().map(|k| format!("coalesce(n_{k}, 0) >= 2")).collect::<Vec<_>>().join(" OR ");
    let floor = number(scoring.confidence.floor);
    let confidence = round12(&format!("least(1, {floor} + (1 - {floor}) * p.n / {})", number(scoring.confidence.full_at)));
    format!(
        "filled AS (
  SELECT k.*, a.* EXCLUDE (cell_id, own),
    {imputed}
  FROM known AS k JOIN arena AS a ON a.cell_id = k.cell_id AND a.own IS NOT DISTINCT FROM k.own
),
shared AS (SELECT *, {in_arena} AS arena_total FROM filled),
shares AS (SELECT *,\n    {weight_columns}\n  FROM shared),
combined AS (
  SELECT *,
    CASE WHEN own_compatibility IS NOT NULL AND {excluded} THEN {compatibility} END AS compatibility,
    {low} AS low, {high} AS high, {has_interval} AS has_interval, greatest({spread}) AS spread
  FROM shares
),
suitability AS (
  SELECT p.*, w.within, c.* EXCLUDE (point_id, cell_id, hardware_id), f.failed_results,
    {confidence} AS confidence,
    {suitability} AS suitability
  FROM point AS p JOIN within AS w USING (point_id)
  LEFT JOIN combined AS c ON c.point_id = p.point_id
  LEFT JOIN failed AS f ON f.model_id = p.model_id AND f.hardware_id = p.hardware_id
)",
        compatibility = round12(&combine("c_#")),
        low = combine("coalesce(lo_#, c_#)"),
        high = combine("coalesce(hi_#, c_#)"),
        suitability = round12(&format!("c.compatibility * {confidence}")),
    )
}
