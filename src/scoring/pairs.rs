//! From component scores to pairs, as SQL text: what weights make of them, the best point of hardware in each cell, and the
//! means over its cells. Everything that depends on weights is here, set-wise: each weight set of `suitor_weight` (`set_id`,
//! `ratio`, `g_k`) gives its own entries and pairs.
//!
//! A component is known by its number k in scoring.toml: `g_k` weight given, `w_k` weight in the cell, `c_k` score used.

use super::plan::{Purpose, counting};
use super::sql::{list, number, text};
use super::{Missing, Profile, Scoring};

/// What stands for the logarithm of 0: so low that a geometric mean with a 0 in it is 0, with a weight of a billionth and over a hundred million
/// cells, whose sum is still one of the decimals that logarithms are summed in.
pub(crate) const LN_OF_ZERO: f64 = -1e12;

/// Which arithmetic the weight sets of a plan have: what differs between profiles is written once, and chosen by row where both occur.
#[derive(Clone, Copy)]
pub(super) enum Arithmetic {
    /// All weight sets are of one profile.
    One(Profile),
    /// Each weight set says its own.
    Either,
}

impl Arithmetic {
    /// `ratio` for weight sets of that profile, else `documented`; `of` says how the profile of a row is read.
    fn choose(self, of: &str, documented: &str, ratio: &str) -> String {
        match self {
            Self::One(Profile::Documented) => documented.to_owned(),
            Self::One(Profile::Ratio) => ratio.to_owned(),
            Self::Either => format!("CASE WHEN {of} THEN {ratio} ELSE {documented} END"),
        }
    }

    /// A value that is summed: its logarithm under `ratio`. Not null.
    fn term(self, value: &str) -> String {
        self.choose("ratio", value, &format!("CASE WHEN {value} > 0 THEN ln({value}) ELSE {} END", number(LN_OF_ZERO)))
    }

    /// What a weighted sum of terms comes to.
    fn whole(self, of: &str, sum: &str) -> String {
        self.choose(of, sum, &format!("exp({sum})"))
    }
}

/// `side` as a further column, where there are sides.
fn side(sides: bool) -> &'static str {
    if sides { ", side" } else { "" }
}

fn round12(expression: &str) -> String {
    format!("round({expression}, 12)")
}

fn sum(terms: impl Iterator<Item = String>) -> String {
    format!("({})", terms.collect::<Vec<_>>().join(" + "))
}

/// The table `suitor_entry`: by weight set, the best point of each hardware in each cell that counts. Reads `suitor_known`, or `known` of the
/// stages of a lean plan.
pub(super) fn entry(scoring: &Scoring, weights: &[f64], arithmetic: Arithmetic, purpose: Purpose, stages: Option<&str>) -> String {
    let all = || 0..scoring.components.len();
    let counting = counting(scoring, weights);
    let total = sum(counting.iter().map(|k| format!("CASE WHEN s_{k} IS NULL THEN 0 ELSE g_{k} END")));
    // `greatest` passes over a null, so what is missing must be asked for first.
    let part =
        sum(counting.iter().map(|k| format!("CASE WHEN s_{k} IS NULL THEN 0 ELSE g_{k} * {} END", arithmetic.term(&format!("s_{k}")))));
    let own = arithmetic.whole("ratio", "part / total");
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
        let term = |k: &usize| arithmetic.term(&column.replace('#', &k.to_string()));
        sum(counting.iter().map(|k| format!("CASE WHEN w_{k} > 0 THEN w_{k} * {} ELSE 0 END", term(k))))
    };
    let whole = |column: &str| arithmetic.whole("ratio", column);
    let (stages, known) = stages.map_or((String::new(), "suitor_known"), |stages| (format!("{stages},\n"), "known"));
    let best = if purpose.lean {
        "provenance_rank, suitability DESC, throughput DESC NULLS LAST, tie"
    } else {
        "provenance_rank, suitability DESC, turn"
    };
    let used = all().map(|k| if purpose.lean { format!("c_{k}, pick_{k}") } else { format!("c_{k}, w_{k}") });
    let side = side(purpose.sides);
    // The ends of the interval: a sum each, then what it comes to.
    let (sums, ends, kept) = if purpose.lean {
        (String::new(), String::new(), "")
    } else {
        (
            format!(", {} AS sum_low, {} AS sum_high", combine("coalesce(lo_#, c_#)"), combine("coalesce(hi_#, c_#)")),
            format!(", {} AS low, {} AS high", whole("sum_low"), whole("sum_high")),
            "low, high, has_interval, spread,",
        )
    };
    // Cells that are contested come first, so that one order says both whether there is any and which is the best of those that count.
    format!(
        "CREATE OR REPLACE TEMP TABLE suitor_entry AS
WITH {stages}summed AS (SELECT *, {total} AS total, {part} AS part FROM {known}, suitor_weight),
own AS (SELECT *, CASE WHEN total > 0 THEN {own} END AS own_compatibility FROM summed),
filled AS (SELECT *, {in_arena} AS arena_total,\n    {imputed}\n  FROM own WHERE own_compatibility IS NOT NULL{excluded}),
shares AS (SELECT *,\n    {shares}\n  FROM filled),
weighed AS (SELECT *, {sum} AS sum{sums} FROM shares),
combined AS (SELECT *, {compatibility} AS compatibility{ends} FROM weighed),
suitable AS (SELECT *, {suitability} AS suitability FROM combined WHERE compatibility IS NOT NULL),
best AS (SELECT *, row_number() OVER (PARTITION BY set_id, cell_id, hardware_id{side} ORDER BY {best}) AS place FROM suitable),
counted AS (
  SELECT * EXCLUDE (place), row_number() OVER over_cells AS place, first_value(contested) OVER over_cells AS contested_somewhere FROM best WHERE place = 1
  WINDOW over_cells AS (PARTITION BY set_id, model_id, hardware_id{side} ORDER BY contested DESC, {best}, cell_id)
)
SELECT set_id, {ratio}model_id, hardware_id{side}, cell_id, point_id, contested, n, compatibility, confidence, suitability, {kept}
  provenance_rank, tested_at, {used}, place
FROM counted WHERE contested = contested_somewhere",
        sum = combine("c_#"),
        compatibility = round12(&whole("sum")),
        suitability = round12("compatibility * confidence"),
        ratio = if matches!(arithmetic, Arithmetic::Either) { "ratio, " } else { "" },
        used = used.collect::<Vec<_>>().join(", "),
    )
}

/// A SELECT of one row a weight set, model and hardware, by them in order: the pair relation, with everything that a rule may read.
pub(super) fn pair(scoring: &Scoring, arithmetic: Arithmetic, purpose: Purpose) -> String {
    let Purpose { sides, lean, .. } = purpose;
    let side = side(sides);
    let floor = number(scoring.confidence.floor);
    let total = |column: &str| format!("sum(({})::DECIMAL(38, 18))::DOUBLE AS {column}", arithmetic.term(column));
    let mean = |column: &str| arithmetic.whole("ratio", &format!("{column} / counted"));
    let confidence = arithmetic.choose(
        "ratio",
        &format!("CASE WHEN uncontested THEN confidence / counted ELSE (confidence + {floor} * (of - counted)) / of END"),
        &format!("exp(confidence / counted) * CASE WHEN uncontested THEN 1 ELSE (counted + {floor} * (of - counted)) / of END"),
    );
    format!(
        "WITH total AS (SELECT set_id, model_id, count(DISTINCT cell_id) FILTER (contested) AS of FROM suitor_entry GROUP BY set_id, model_id),
summed AS (
  SELECT set_id, model_id, hardware_id{side}, {ratio}
    {sums},
    {has_interval}count(*) AS counted, sum(n)::BIGINT AS results, count(*) FILTER (contested) AS cells,
    NOT bool_or(contested) AS uncontested, max(provenance_rank) AS weakest, max(tested_at) AS newest,
    max(point_id) FILTER (place = 1) AS point_id{spread}
  FROM suitor_entry GROUP BY set_id, model_id, hardware_id{side}
),
over_cells AS (
  SELECT s.* REPLACE ({compatibility} AS compatibility, {confidence} AS confidence{ends}), t.of
  FROM summed AS s JOIN total AS t USING (set_id, model_id)
)
SELECT o.*{interval},
  {suitability} AS suitability,
  CASE o.weakest WHEN 0 THEN {measured} WHEN 1 THEN {simulated} ELSE {estimated} END AS provenance_said,
  date_diff('day', DATE '1970-01-01', CAST(o.newest AS DATE)) AS tested_day,
  p.* EXCLUDE (model_id, hardware_id{side}, point_id{prints})
FROM over_cells AS o JOIN {points} AS p USING (point_id) ORDER BY set_id, o.model_id, o.hardware_id{of_side}",
        of_side = if sides { ", o.side" } else { "" },
        ratio = if matches!(arithmetic, Arithmetic::Either) { "any_value(ratio) AS ratio," } else { "" },
        sums = list(["compatibility", "confidence", "low", "high"].into_iter().take(if lean { 2 } else { 4 }).map(total)),
        has_interval = if lean { "" } else { "bool_or(has_interval) AS has_interval, " },
        spread = if lean { "" } else { ", max(spread) FILTER (place = 1) AS spread" },
        ends = if lean { String::new() } else { format!(", {} AS low, {} AS high", mean("low"), mean("high")) },
        interval = if lean { "" } else { " REPLACE (o.low * o.confidence AS low, o.high * o.confidence AS high)" },
        prints = if lean { "" } else { ", print_high, print_low" },
        points = if lean { "suitor_best" } else { "suitor_point" },
        compatibility = round12(&mean("compatibility")),
        confidence = round12(&confidence),
        suitability = round12("o.compatibility * o.confidence"),
        measured = text("measured"),
        simulated = text("simulated"),
        estimated = text("estimated"),
    )
}

/// A SELECT in parentheses over a pair relation (of [`pair`]): keys, every field of `pair` under its name in rules, and `suitability`.
pub(crate) fn rule_fields(pairs: &str, scoring: &Scoring, per_device: bool, as_of: Option<i64>) -> String {
    use crate::rules::fields::{FieldKind, PAIR};
    let scenario = scoring.cell_by.iter().any(|field| field == "scenario");
    let columns = PAIR.iter().map(|field| {
        let value = match field.name {
            "hardware_type" => "coalesce(hardware_type, '')".to_owned(),
            "scenario" if !scenario => "NULL".to_owned(),
            "throughput" => "throughput_items_per_second".to_owned(),
            "latency_ms" | "ttft_ms" | "tpot_ms" => format!("coalesce({name}_mean, {name}_p50)", name = field.name),
            // Rules hold the peak against the memory of all devices together, so they read it as it was measured.
            "memory_peak_mb" if per_device => "memory_peak_mb * device_count::DOUBLE".to_owned(),
            "failed_results" => "coalesce(failed_results, 0)".to_owned(),
            "age_days" => as_of.map_or_else(|| "NULL".to_owned(), |day| format!("({day}::BIGINT - tested_day)")),
            "provenance" => "provenance_said".to_owned(),
            "coverage" => "CASE WHEN \"of\" = 0 THEN 0::DOUBLE ELSE cells::DOUBLE / \"of\"::DOUBLE END".to_owned(),
            name => super::sql::name(name),
        };
        let kind = match field.kind {
            FieldKind::Integer => "BIGINT",
            FieldKind::Number => "DOUBLE",
            FieldKind::Text => "VARCHAR",
            FieldKind::Boolean => "BOOLEAN",
        };
        format!("({value})::{kind} AS {}", super::sql::name(field.name))
    });
    format!("(SELECT set_id, model_id, hardware_id, suitability,\n    {}\n  FROM ({pairs}) AS every)", list(columns))
}
