//! The stages from operating points to component scores, as SQL text. What they compute is said in ARCHITECTURE.md, decision by decision.
//!
//! A component is known by its number k in scoring.toml; columns carry it: `s_k` score, `lo_k`/`hi_k` interval, `m_k` median.

use super::plan::{Purpose, Scope, counting};
use super::sql::{list, name, number};
use super::{Direction, Scoring};

/// The statements that fill `suitor_known` from `suitor_point` and `suitor_quantile`, through `suitor_component`, a row a point and component that
/// it has a score in.
pub(super) fn tables(scoring: &Scoring, scope: &Scope, purpose: Purpose) -> [String; 2] {
    let (stages, select) = known(scoring, scope, purpose);
    [
        format!("CREATE OR REPLACE TEMP TABLE suitor_component AS\nWITH {},\n{}", held(scoring, scope, false), bounded_scores()),
        format!("CREATE OR REPLACE TEMP TABLE suitor_known AS\nWITH {stages}\n{select}"),
    ]
}

/// The same of a lean plan, as stages up to `known`: it has one weight set, so that nothing is kept, and no use for spreads and intervals.
pub(super) fn stages(scoring: &Scoring, scope: &Scope, purpose: Purpose) -> String {
    let (stages, select) = known(scoring, scope, purpose);
    format!("{},\n{},\n{TIE},\n{stages},\nknown AS (\n{select}\n)", held(scoring, scope, true), scores())
}

/// The stages up to what each metric of a point is held against.
fn held(scoring: &Scoring, scope: &Scope, lean: bool) -> String {
    [long(scoring, lean), contest(scoring, scope), open(), references()].join(",\n")
}

/// Places points of equal throughput by one number: sorting all by it takes less than sorting them by four fields.
const TIE: &str = "tie AS (
  SELECT *, row_number() OVER (ORDER BY batch_size NULLS LAST, precision NULLS LAST, framework NULLS LAST, item_unit NULLS LAST) AS tie
  FROM (SELECT DISTINCT batch_size, precision, framework, item_unit FROM suitor_point)
)";

/// One row a point and metric of a component, in order of preference.
fn long(scoring: &Scoring, lean: bool) -> String {
    let id = if lean { "rowid" } else { "point_id" };
    let parts = scoring.components.iter().enumerate().flat_map(|(k, component)| {
        component.metrics.iter().enumerate().map(move |(pick, metric)| {
            let column = name(&metric.field);
            let same = metric.same.iter().map(|field| format!("coalesce(CAST({} AS VARCHAR), '')", name(field))).collect::<Vec<_>>();
            let same = if same.is_empty() { "''".to_owned() } else { same.join(" || chr(31) || ") };
            let higher = metric.better == Direction::Higher;
            let spread = if lean { String::new() } else { format!(", {}, {}", name(&format!("n_{}", metric.field)), name(&format!("cv_{}", metric.field))) };
            format!(
                "  SELECT {id}, cell_id, hardware_id, provenance, within, {k}, {pick}, {same}, {higher}, {column}{spread} FROM suitor_point WHERE {column} IS NOT NULL"
            )
        })
    });
    format!(
        "long(point_id, cell_id, hardware_id, provenance, within, k, pick, same, higher, value{}) AS (\n{}\n)",
        if lean { "" } else { ", n, cv" },
        parts.collect::<Vec<_>>().join("\n  UNION ALL\n")
    )
}

/// Which groups exist, and which hardware is contested in a cell by a component of weight above 0.
fn contest(scoring: &Scoring, scope: &Scope) -> String {
    let counting = counting(scoring, &scope.weights).iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
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
  WHERE l.k IN ({counting})
),
placed AS (
  SELECT l.*, c.hardware_id IS NOT NULL AS contested, CASE WHEN c.hardware_id IS NULL THEN l.hardware_id END AS own
  FROM long AS l LEFT JOIN contested AS c ON c.cell_id = l.cell_id AND c.hardware_id = l.hardware_id
)"
    )
}

/// The metrics that put a point in a group (of one's own points, where one is alone), of which the first is taken; then the points that limits
/// leave.
fn open() -> String {
    "open AS (
  SELECT p.* FROM placed AS p LEFT JOIN compared AS c ON c.cell_id = p.cell_id AND c.k = p.k AND c.pick = p.pick AND c.same = p.same
  WHERE NOT p.contested OR c.cell_id IS NOT NULL
),
left_over AS (SELECT * FROM open WHERE within)"
        .to_owned()
}

/// The best of each group: of its measured points, or of all when none is measured. Values are above 0, so that the least of those that are turned
/// round where higher is better is the best.
fn references() -> String {
    "reference AS (
  SELECT cell_id, own, k, pick, same, abs(coalesce(min(turned) FILTER (provenance = 'measured'), min(turned))) AS reference
  FROM (SELECT *, CASE WHEN higher THEN -value ELSE value END AS turned FROM left_over) AS l GROUP BY cell_id, own, k, pick, same
)"
    .to_owned()
}

/// value / max or min / value, at most 1.
const SCORE: &str = "round(least(1, CASE WHEN l.higher THEN l.value / r.reference ELSE r.reference / l.value END), 12) AS score";

/// What a metric of a point is held against.
const HELD_AGAINST: &str = "JOIN reference AS r ON r.cell_id = l.cell_id AND r.own IS NOT DISTINCT FROM l.own AND r.k = l.k AND r.pick = l.pick AND r.same = l.same";

/// The scores alone, of all metrics. That of the one taken is chosen as they are put side by side: to join with what was taken would be on the
/// `rowid` of points, of which DuckDB does not know that there are many, so that it may join on the rest first and make rows without end.
fn scores() -> String {
    format!(
        "component AS (
  SELECT l.point_id, l.cell_id, l.own, l.hardware_id, l.contested, l.k, l.pick, {SCORE}
  FROM left_over AS l {HELD_AGAINST}
)"
    )
}

/// The scores with the interval of the mean carried through.
fn bounded_scores() -> String {
    format!(
        "taken AS (SELECT point_id, k, min(pick) AS pick FROM open GROUP BY point_id, k),
component AS (
  SELECT l.point_id, l.cell_id, l.own, l.hardware_id, l.contested, l.k, l.pick, l.higher, l.value, r.reference, l.n, l.cv * l.value AS sd,
    {SCORE},
    CASE WHEN l.cv IS NOT NULL THEN q.t * l.cv * l.value / sqrt(l.n) END AS half
  FROM left_over AS l JOIN taken AS t ON t.point_id = l.point_id AND t.k = l.k AND t.pick = l.pick
  {HELD_AGAINST}
  LEFT JOIN suitor_quantile AS q ON q.df = least(l.n - 1, {})
),
bounded AS (
  SELECT * EXCLUDE (half),
    CASE WHEN half IS NULL THEN score WHEN higher THEN least(1, greatest(0, (value - half) / reference)) ELSE least(1, reference / (value + half)) END AS low,
    CASE WHEN half IS NULL THEN score WHEN higher THEN least(1, (value + half) / reference) WHEN value > half THEN least(1, reference / (value - half)) ELSE 1 END AS high
  FROM component
)
SELECT * FROM bounded",
        super::student::MAX_DF,
    )
}

/// `known`, as its stages and its SELECT: a row a point with its component scores side by side, the medians of its arena, and what places it.
/// Weights come after it. In a lean plan also the metric that each component took, `pick_k`.
fn known(scoring: &Scoring, scope: &Scope, purpose: Purpose) -> (String, String) {
    let all = 0..scoring.components.len();
    let scores = list(all.clone().map(|k| {
        if purpose.lean {
            format!("arg_min(score, pick) FILTER (k = {k}) AS s_{k}, min(pick) FILTER (k = {k}) AS pick_{k}")
        } else {
            format!("max(score) FILTER (k = {k}) AS s_{k}, max(low) FILTER (k = {k}) AS lo_{k}, max(high) FILTER (k = {k}) AS hi_{k}")
        }
    }));
    let best = list(all.clone().map(|k| format!("max(s_{k}) AS s_{k}")));
    let median = list(all.clone().map(|k| format!("median(s_{k}) AS m_{k}")));
    let medians = all.map(|k| format!("a.m_{k}")).collect::<Vec<_>>().join(", ");
    let counting = counting(scoring, &scope.weights).iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let floor = number(scoring.confidence.floor);
    let spread = if purpose.lean {
        String::new()
    } else {
        format!(
            ",
    coalesce(bool_or(n >= 2) FILTER (k IN ({counting})), false) AS has_interval, max(sd / value) FILTER (k IN ({counting})) AS spread"
        )
    };
    let (component, id) = if purpose.lean { ("component", "rowid") } else { ("suitor_component", "point_id") };
    let (turn, tied) = if purpose.lean {
        let same = ["batch_size", "precision", "framework", "item_unit"].map(|field| format!("t.{field} IS NOT DISTINCT FROM p.{field}"));
        ("p.throughput_items_per_second AS throughput, t.tie", format!(" JOIN tie AS t ON {}", same.join(" AND ")))
    } else {
        (
            "rank() OVER (PARTITION BY p.model_id, p.hardware_id ORDER BY p.throughput_items_per_second DESC NULLS LAST, p.batch_size NULLS LAST,
    p.precision NULLS LAST, p.framework NULLS LAST, p.item_unit NULLS LAST) AS turn",
            String::new(),
        )
    };
    let stages = format!(
        "pivoted AS (
  SELECT point_id, any_value(cell_id) AS cell_id, any_value(own) AS own, any_value(hardware_id) AS hardware_id, any_value(contested) AS contested,
    {scores}{spread}
  FROM {component} GROUP BY point_id
),
best_in_cell AS (SELECT cell_id, own, hardware_id,\n    {best}\n  FROM pivoted GROUP BY cell_id, own, hardware_id),
arena AS (SELECT cell_id, own,\n    {median}\n  FROM best_in_cell GROUP BY cell_id, own)"
    );
    let select = format!(
        "SELECT k.* EXCLUDE (own), {medians}, p.model_id,{side} p.n, p.provenance_rank, p.tested_at,
  {turn},
  round(least(1, {floor} + (1 - {floor}) * p.n / {}), 12) AS confidence
FROM pivoted AS k JOIN arena AS a ON a.cell_id = k.cell_id AND a.own IS NOT DISTINCT FROM k.own JOIN suitor_point AS p ON p.{id} = k.point_id{tied}",
        number(scoring.confidence.full_at),
        side = if purpose.sides { " p.side," } else { "" },
    );
    (stages, select)
}
