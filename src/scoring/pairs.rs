//! From scored points to pairs, as SQL text: the best point of hardware in each cell, and the means over its cells.

use super::sql::{number, text};
use super::stages::{MEASURED_FIRST, round12};
use super::{Profile, Scoring};

/// The best point of each hardware in each cell, and whether its cell counts.
pub(super) fn entry() -> String {
    let best = format!(
        "{MEASURED_FIRST}, suitability DESC, throughput_items_per_second DESC NULLS LAST, batch_size NULLS LAST, precision NULLS LAST, framework NULLS LAST, item_unit NULLS LAST"
    );
    format!(
        "CREATE OR REPLACE TEMP TABLE suitor_entry AS
WITH best AS (
  SELECT *, row_number() OVER (PARTITION BY cell_id, hardware_id ORDER BY {best}) AS place
  FROM suitor_scored WHERE within AND compatibility IS NOT NULL
),
counted AS (
  SELECT *, bool_or(contested) OVER (PARTITION BY model_id, hardware_id) AS contested_somewhere FROM best WHERE place = 1
)
SELECT * EXCLUDE (place, contested_somewhere),
  row_number() OVER (PARTITION BY model_id, hardware_id ORDER BY {best}, cell_id) AS place
FROM counted WHERE contested = contested_somewhere"
    )
}

/// Text of a mean over the cells, of a column.
type Mean = Box<dyn Fn(&str) -> String>;

/// One row a model and hardware, with everything that a rule may read.
pub(super) fn pair(scoring: &Scoring, profile: Profile) -> String {
    let floor = number(scoring.confidence.floor);
    let decimal = |column: &str| format!("sum({column}::DECIMAL(38, 18))::DOUBLE");
    let logs = |column: &str| format!("sum(ln(greatest({column}, 1e-300::DOUBLE))::DECIMAL(38, 18))::DOUBLE");
    let (mean, confidence): (Mean, String) = match profile {
        Profile::Documented => (
            Box::new(move |column| format!("{} / count(*)", decimal(column))),
            format!(
                "CASE WHEN bool_or(e.contested) THEN ({} + {floor} * (min(t.of) - count(*))) / min(t.of) ELSE {} / count(*) END",
                decimal("e.confidence"),
                decimal("e.confidence")
            ),
        ),
        Profile::Ratio => (
            Box::new(move |column| format!("exp({} / count(*))", logs(column))),
            format!(
                "exp({} / count(*)) * CASE WHEN bool_or(e.contested) THEN (count(*) + {floor} * (min(t.of) - count(*))) / min(t.of) ELSE 1 END",
                logs("e.confidence")
            ),
        ),
    };
    let names = format!("WHEN 0 THEN {} WHEN 1 THEN {} ELSE {}", text("measured"), text("simulated"), text("estimated"));
    format!(
        "CREATE OR REPLACE TEMP TABLE suitor_pair AS
WITH total AS (SELECT model_id, count(DISTINCT cell_id) FILTER (contested) AS of FROM suitor_entry GROUP BY model_id),
over_cells AS (
  SELECT e.model_id, e.hardware_id,
    {compatibility} AS compatibility, {confidence} AS confidence, {low} AS low, {high} AS high, bool_or(e.has_interval) AS has_interval,
    sum(e.n)::BIGINT AS results, count(*) FILTER (e.contested) AS cells, min(t.of) AS of, NOT bool_or(e.contested) AS uncontested,
    max({MEASURED_FIRST}) AS provenance_rank, max(e.tested_at) AS tested_at
  FROM suitor_entry AS e JOIN total AS t USING (model_id) GROUP BY e.model_id, e.hardware_id
)
SELECT o.* REPLACE (o.low * o.confidence AS low, o.high * o.confidence AS high),
  {suitability} AS suitability,
  CASE o.provenance_rank {names} END AS provenance,
  b.* EXCLUDE (model_id, hardware_id, compatibility, confidence, suitability, provenance, low, high, has_interval, tested_at)
FROM over_cells AS o JOIN suitor_entry AS b ON b.model_id = o.model_id AND b.hardware_id = o.hardware_id AND b.place = 1",
        compatibility = round12(&mean("e.compatibility")),
        confidence = round12(&confidence),
        low = mean("e.low"),
        high = mean("e.high"),
        suitability = round12("o.compatibility * o.confidence"),
    )
}
