//! Rows that do not fit together: latency x throughput against the batch, far off what other hardware has for the same model.

use duckdb::Connection;

use super::failure::told;
use super::layout::Layout;
use crate::Result;

/// How far off its neighbours a row may be, as a factor.
const FACTOR: f64 = 10.0;

/// Latency times throughput is the number of items under way; over the batch size it is about 1 for batches, the number of
/// tokens for sequences, and whatever it is, it is alike for one model on all hardware.
const DOUBTS: &str = "WITH r AS MATERIALIZED (
  SELECT model, coalesce(task, '') AS task, coalesce(scenario, '') AS scenario, coalesce(item_unit, '') AS unit, hardware,
         latency_ms_mean / 1000 * throughput_items_per_second / batch_size AS ratio,
         CASE WHEN source_file = $1 THEN source_key END AS key
  FROM ({relation}) AS rows
  WHERE latency_ms_mean IS NOT NULL AND throughput_items_per_second IS NOT NULL AND batch_size > 0
    AND model IN (SELECT name FROM suitor_new_models)
), h AS MATERIALIZED (
  SELECT model, task, scenario, unit, hardware, median(ratio) AS ratio FROM r GROUP BY ALL
), o AS (
  SELECT a.model, a.task, a.scenario, a.unit, a.hardware, median(b.ratio) AS others
  FROM h AS a JOIN h AS b USING (model, task, scenario, unit) WHERE a.hardware <> b.hardware GROUP BY ALL
)
SELECT r.key, r.model, r.hardware, r.ratio, o.others FROM r JOIN o USING (model, task, scenario, unit, hardware)
WHERE r.key IS NOT NULL AND (r.ratio > {factor} * o.others OR r.ratio * {factor} < o.others)
ORDER BY ALL";

/// Returns a line for each row of an imported file that is far off. Part of the caller's transaction, after the placing:
/// `suitor_new_models` says which models the file has.
pub(super) fn doubts(conn: &Connection, layout: &Layout, file: &str) -> Result<Vec<String>> {
    let failed = |error: duckdb::Error| told("the imported rows could not be looked through", &error);
    let sql = DOUBTS.replace("{relation}", &layout.rows(None)?).replace("{factor}", &format!("{FACTOR:?}"));
    let mut statement = conn.prepare(&sql).map_err(failed)?;
    let rows = statement.query_map([file], |row| {
        let (key, model, hardware): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (ratio, others): (f64, f64) = (row.get(3)?, row.get(4)?);
        Ok(format!(
            "{key}: latency x throughput / batch is {ratio:.3} for `{model}` on {hardware}, {others:.3} on other hardware: one of the three may be wrong"
        ))
    });
    rows.map_err(failed)?.collect::<duckdb::Result<_>>().map_err(failed)
}
