//! From component scores to pairs, as SQL text: what weights make of them, the best point of hardware in each cell, and the
//! means over its cells. Everything that depends on weights is here, set-wise: each weight set of `suitor_weight` (`set_id`,
//! `ratio`, `g_k`) gives its own entries and pairs.
//!
//! A component is known by its number k in scoring.toml: `g_k` weight given, `w_k` weight in the cell, `c_k` score used.

use super::plan::counting;
use super::sql::{list, number, text};
use super::{Missing, Profile, Scoring};

/// How two forms of one expression are told apart.
#[derive(Clone, Copy)]
pub(super) enum Arithmetic {
    /// All weight sets are of one profile.
    One(Profile),
    /// Each weight set says its own.
    Either,
}

impl Arithmetic {
    fn choose(self, documented: impl FnOnce() -> String, ratio: impl FnOnce() -> String) -> String {
        match self {
            Self::One(Profile::Documented) => documented(),
            Self::One(Profile::Ratio) => ratio(),
            Self::Either => format!("CASE WHEN ratio THEN {} ELSE {} END", ratio(), documented()),
        }
    }
}

fn round12(expression: &str) -> String {
    format!("round({expression}, 12)")
}

fn sum(terms: impl Iterator<Item = String>) -> String {
    format!("({})", terms.collect::<Vec<_>>().join(" + "))
}

/// The table `suitor_entry`: by weight set, the best point of each hardware in each cell that counts. Reads `suitor_known`.
pub(super) fn entry(scoring: &Scoring, weights: &[f64], arithmetic: Arithmetic) -> String {
    let all = || 0..scoring.components.len();
    let counting = counting(scoring, weights);
    let total = sum(counting.iter().map(|k| format!("CASE WHEN s_{k} IS NULL THEN 0 ELSE g_{k} END")));
    // `greatest` passes over a null, so what is missing must be asked for first.
    let part = arithmetic.choose(
        || sum(counting.iter().map(|k| format!("coalesce(g_{k} * s_{k}, 0)"))),
        || sum(counting.iter().map(|k| format!("CASE WHEN s_{k} IS NULL THEN 0 ELSE g_{k} * ln(greatest(s_{k}, 1e-300::DOUBLE)) END"))),
    );
    let own = arithmetic.choose(|| "part / total".to_owned(), || "exp(part / total)".to_owned());
    let imputed = list(all().map(|k| {
        if !counting.contains(&k) {
            return format!("s_{k} AS c_{k}");
        }
        let filled = match scoring.missing {
            Missing::Median => round12(&format!("least(m_{k}, own_compatibility)")),
            Missing::Zero => "0::DOUBLE".to_owned(),
            Missing::Share | Missing::Exclude => "NULL::DOUBLE".to_owned(),
        };
        format!("CASE WHEN s_{k} IS NOT NULL THEN s_{k} WHEN m_{k} IS NOT NULL THEN {filled} END AS c_{k}")
    }));
    let shared = if scoring.missing == Missing::Share { "s" } else { "m" };
    let in_arena = sum(counting.iter().map(|k| format!("CASE WHEN {shared}_{k} IS NULL THEN 0 ELSE g_{k} END")));
    let shares = list(all().map(|k| {
        if counting.contains(&k) {
            format!("CASE WHEN {shared}_{k} IS NULL OR arena_total = 0 THEN 0::DOUBLE ELSE g_{k} / arena_total END AS w_{k}")
        } else {
            format!("0::DOUBLE AS w_{k}")
        }
    }));
    let any_imputed = counting.iter().map(|k| format!("(s_{k} IS NULL AND m_{k} IS NOT NULL)")).collect::<Vec<_>>().join(" OR ");
    let excluded = if scoring.missing == Missing::Exclude { format!(" AND NOT ({any_imputed})") } else { String::new() };
    let combine = |column: &str| {
        let at = |k: &usize| column.replace('#', &k.to_string());
        arithmetic.choose(
            || sum(counting.iter().map(|k| format!("CASE WHEN w_{k} > 0 THEN w_{k} * {} ELSE 0 END", at(k)))),
            || {
                let logs =
                    counting.iter().map(|k| format!("CASE WHEN w_{k} > 0 THEN w_{k} * ln(greatest({}, 1e-300::DOUBLE)) ELSE 0 END", at(k)));
                format!("exp({})", sum(logs))
            },
        )
    };
    let best = "provenance_rank, suitability DESC, throughput_items_per_second DESC NULLS LAST, batch_size NULLS LAST, precision NULLS LAST, framework NULLS LAST, item_unit NULLS LAST";
    format!(
        "CREATE OR REPLACE TEMP TABLE suitor_entry AS
WITH summed AS (SELECT *, {total} AS total, {part} AS part FROM suitor_known, suitor_weight),
own AS (SELECT *, CASE WHEN total > 0 THEN {own} END AS own_compatibility FROM summed),
filled AS (SELECT *, {in_arena} AS arena_total,\n    {imputed}\n  FROM own WHERE own_compatibility IS NOT NULL{excluded}),
shares AS (SELECT *,\n    {shares}\n  FROM filled),
combined AS (SELECT *, {compatibility} AS compatibility, {low} AS low, {high} AS high FROM shares),
suitable AS (SELECT *, {suitability} AS suitability FROM combined WHERE compatibility IS NOT NULL),
best AS (SELECT *, row_number() OVER (PARTITION BY set_id, cell_id, hardware_id ORDER BY {best}) AS place FROM suitable),
counted AS (
  SELECT *, bool_or(contested) OVER (PARTITION BY set_id, model_id, hardware_id) AS contested_somewhere FROM best WHERE place = 1
)
SELECT set_id, {ratio}model_id, hardware_id, cell_id, point_id, contested, n, compatibility, confidence, suitability, low, high, has_interval, spread,
  provenance_rank, tested_at, {kept},
  row_number() OVER (PARTITION BY set_id, model_id, hardware_id ORDER BY {best}, cell_id) AS place
FROM counted WHERE contested = contested_somewhere",
        compatibility = round12(&combine("c_#")),
        low = combine("coalesce(lo_#, c_#)"),
        high = combine("coalesce(hi_#, c_#)"),
        suitability = round12("compatibility * confidence"),
        ratio = if matches!(arithmetic, Arithmetic::Either) { "ratio, " } else { "" },
        kept = all().map(|k| format!("c_{k}, w_{k}")).collect::<Vec<_>>().join(", "),
    )
}

/// A SELECT of one row a weight set, model and hardware, by them in order: the pair relation, with everything that a rule may read.
pub(super) fn pair(scoring: &Scoring, arithmetic: Arithmetic) -> String {
    let floor = number(scoring.confidence.floor);
    let decimal = |column: &str| format!("sum({column}::DECIMAL(38, 18))::DOUBLE");
    let logs = |column: &str| format!("sum(ln(greatest({column}, 1e-300::DOUBLE))::DECIMAL(38, 18))::DOUBLE");
    // Inside an aggregation the profile is that of the whole group.
    let of_group = |expression: String| expression.replace("CASE WHEN ratio", "CASE WHEN bool_or(ratio)");
    let mean = |column: &str| {
        of_group(arithmetic.choose(|| format!("{} / count(*)", decimal(column)), || format!("exp({} / count(*))", logs(column))))
    };
    let confidence = of_group(arithmetic.choose(
        || {
            format!(
                "CASE WHEN bool_or(contested) THEN ({} + {floor} * (min(t.of) - count(*))) / min(t.of) ELSE {} / count(*) END",
                decimal("confidence"),
                decimal("confidence")
            )
        },
        || {
            format!(
                "exp({} / count(*)) * CASE WHEN bool_or(contested) THEN (count(*) + {floor} * (min(t.of) - count(*))) / min(t.of) ELSE 1 END",
                logs("confidence")
            )
        },
    ));
    format!(
        "WITH total AS (SELECT set_id, model_id, count(DISTINCT cell_id) FILTER (contested) AS of FROM suitor_entry GROUP BY set_id, model_id),
over_cells AS (
  SELECT set_id, model_id, hardware_id,
    {compatibility} AS compatibility, {confidence} AS confidence, {low} AS low, {high} AS high, bool_or(has_interval) AS has_interval,
    sum(n)::BIGINT AS results, count(*) FILTER (contested) AS cells, min(t.of) AS of, NOT bool_or(contested) AS uncontested,
    max(provenance_rank) AS weakest, max(tested_at) AS newest, max(point_id) FILTER (place = 1) AS point_id, max(spread) FILTER (place = 1) AS spread
  FROM suitor_entry JOIN total AS t USING (set_id, model_id) GROUP BY set_id, model_id, hardware_id
)
SELECT o.* REPLACE (o.low * o.confidence AS low, o.high * o.confidence AS high),
  {suitability} AS suitability,
  CASE o.weakest WHEN 0 THEN {measured} WHEN 1 THEN {simulated} ELSE {estimated} END AS provenance_said,
  date_diff('day', DATE '1970-01-01', CAST(o.newest AS DATE)) AS tested_day,
  p.* EXCLUDE (model_id, hardware_id, point_id, print_high, print_low)
FROM over_cells AS o JOIN suitor_point AS p USING (point_id) ORDER BY set_id, o.model_id, o.hardware_id",
        compatibility = round12(&mean("compatibility")),
        confidence = round12(&confidence),
        low = mean("low"),
        high = mean("high"),
        suitability = round12("o.compatibility * o.confidence"),
        measured = text("measured"),
        simulated = text("simulated"),
        estimated = text("estimated"),
    )
}
