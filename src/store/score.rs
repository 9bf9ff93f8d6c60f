//! Runs the scoring query and reads its result.

use std::collections::BTreeMap;

use duckdb::Row;

use super::Db;
use super::catalog::literal;
use crate::rules::records::{Pair, Verdict};
use crate::scoring::plan::{self, Plan, Scope};
use crate::scoring::result::{Basis, ComponentScore, Entry, Overview, ScoredPair, SetAside, WithoutResult};
use crate::scoring::{LimitOp, Scoring};
use crate::{Error, Result};

#[expect(clippy::needless_pass_by_value, reason = "used in map_err")]
fn failed(error: duckdb::Error) -> Error {
    Error::failed(format!("the scoring query failed: {error}"))
}

impl Db {
    /// Runs a plan: fills the temporary tables that the other functions of this file read.
    pub(crate) fn run_plan(&self, plan: &Plan) -> Result<()> {
        plan.statements.iter().try_for_each(|statement| self.conn().execute_batch(statement).map_err(failed))
    }

    /// Reads the scored pairs of the plan that ran last, by model and hardware label.
    pub(crate) fn scored_pairs(&self, scoring: &Scoring) -> Result<Vec<ScoredPair>> {
        self.pairs_with(self.entries(scoring)?)
    }

    /// The same without their entries: what rules and ranking need, and no more.
    pub(crate) fn bare_pairs(&self) -> Result<Vec<ScoredPair>> {
        self.pairs_with(Vec::new())
    }

    fn pairs_with(&self, entries: Vec<((i64, i64), i64, Entry)>) -> Result<Vec<ScoredPair>> {
        let mut entries = entries.into_iter().peekable();
        let mut statement = self
            .conn()
            .prepare(&format!("SELECT *, {DAY} AS tested_day FROM suitor_pair ORDER BY model_id, hardware_id"))
            .map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        let mut pairs = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let mut scored = pair(row).map_err(failed)?;
            while let Some((_, place, entry)) = entries.next_if(|(key, ..)| *key == (scored.model_id, scored.hardware_id)) {
                if place == 1 {
                    scored.best = scored.entries.len();
                }
                scored.entries.push(entry);
            }
            pairs.push(scored);
        }
        pairs.sort_by(|a, b| (&a.pair.model, &a.pair.hardware, a.hardware_id).cmp(&(&b.pair.model, &b.pair.hardware, b.hardware_id)));
        Ok(pairs)
    }

    #[expect(clippy::type_complexity, reason = "key, place and entry live for one loop")]
    fn entries(&self, scoring: &Scoring) -> Result<Vec<((i64, i64), i64, Entry)>> {
        let cell: Vec<String> = std::iter::once("task")
            .chain(scoring.cell_by.iter().map(String::as_str))
            .map(|field| format!("CAST(\"{field}\" AS VARCHAR)"))
            .collect();
        let point = ["batch_size", "precision", "framework", "item_unit", "provenance"].map(|field| format!("CAST({field} AS VARCHAR)"));
        let sql = format!(
            "SELECT * EXCLUDE (n), n::BIGINT AS rows_of_point, [{}] AS cell_text, [{}] AS point_text FROM suitor_entry ORDER BY model_id, hardware_id, cell_id",
            cell.join(", "),
            point.join(", ")
        );
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            all.push(entry(row, scoring.components.len()).map_err(failed)?);
        }
        Ok(all)
    }

    /// Reads the hardware that the plan that ran last left out, by label.
    pub(crate) fn set_aside(&self, scope: &Scope) -> Result<Vec<SetAside>> {
        let limits = scope.limits.iter().map(|limit| {
            let best = if matches!(limit.op, LimitOp::AtMost | LimitOp::Below) { "min" } else { "max" };
            format!(", {best}(\"{}\"), coalesce(bool_or({}), false)", limit.metric, plan::meets(limit))
        });
        let sql = format!(
            "SELECT s.model_id, min(s.hardware), NOT bool_or(s.within){} FROM suitor_scored AS s
             ANTI JOIN suitor_entry AS e ON e.model_id = s.model_id AND e.hardware_id = s.hardware_id
             GROUP BY s.model_id, s.hardware_id ORDER BY 2, s.hardware_id",
            limits.collect::<String>()
        );
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let aside = || -> duckdb::Result<SetAside> {
                Ok(SetAside {
                    model_id: row.get(0)?,
                    hardware: row.get(1)?,
                    by_limit: row.get(2)?,
                    best: (0..scope.limits.len()).map(|at| row.get(3 + 2 * at)).collect::<duckdb::Result<_>>()?,
                    meets: (0..scope.limits.len()).map(|at| row.get(4 + 2 * at)).collect::<duckdb::Result<_>>()?,
                })
            };
            all.push(aside().map_err(failed)?);
        }
        Ok(all)
    }

    /// Reads what the notes need about the rows of the plan that ran last.
    pub(crate) fn overview(&self, relation: &str, scoring: &Scoring, scope: &Scope) -> Result<Overview> {
        let mut overview = self
            .conn()
            .query_row(
                "SELECT coalesce(sum(n), 0)::BIGINT, CAST(coalesce(sum(print_high), 0) AS HUGEINT), CAST(coalesce(sum(print_low), 0) AS HUGEINT) FROM suitor_scored",
                [],
                |row| {
                    let (high, low): (i128, i128) = (row.get(1)?, row.get(2)?);
                    Ok(Overview {
                        rows: row.get(0)?,
                        fingerprint: format!("{:016x}{:016x}", high & 0xffff_ffff_ffff_ffff, low & 0xffff_ffff_ffff_ffff),
                        ..Overview::default()
                    })
                },
            )
            .map_err(failed)?;
        if overview.rows == 0 {
            overview.failed = self.failed_runs(relation, scope)?;
        }
        if plan::chooses_division(scoring, scope) {
            overview.divisions = self.divisions(relation, scoring, scope)?;
        }
        for at in 0..scope.limits.len() {
            let others =
                scope.limits.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, limit)| format!(" AND {}", plan::meets(limit)));
            let limit = &scope.limits[at];
            let best = if matches!(limit.op, LimitOp::AtMost | LimitOp::Below) { "min" } else { "max" };
            let sql = format!("SELECT {best}(\"{}\") FROM suitor_scored WHERE true{}", limit.metric, others.collect::<String>());
            overview.relax.push(self.conn().query_row(&sql, [], |row| row.get(0)).map_err(failed)?);
        }
        Ok(overview)
    }

    /// Halves of the order-free sum of the content hashes of the rows of the plan that ran last.
    pub(crate) fn print(&self) -> Result<(u64, u64)> {
        let sql = "SELECT CAST(coalesce(sum(print_high), 0) AS HUGEINT), CAST(coalesce(sum(print_low), 0) AS HUGEINT) FROM suitor_scored";
        let half = |sum: i128| u64::try_from(sum & 0xffff_ffff_ffff_ffff).unwrap_or(0);
        self.conn().query_row(sql, [], |row| Ok((half(row.get(0)?), half(row.get(1)?)))).map_err(failed)
    }

    /// How many of the rows that the scope picks failed, by key of the model.
    pub(crate) fn failed_by_model(&self, relation: &str, scope: &Scope) -> Result<BTreeMap<i64, i64>> {
        let failed_ones = std::iter::once(format!("NOT {}", plan::OK));
        let conditions: Vec<String> = failed_ones.chain(plan::conditions(scope)?).collect();
        let sql = format!("SELECT model_id, count(*) FROM ({relation}) AS r WHERE {} GROUP BY model_id", conditions.join(" AND "));
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }

    /// How many of the rows that the scope picks failed.
    fn failed_runs(&self, relation: &str, scope: &Scope) -> Result<i64> {
        let failed_ones = std::iter::once(format!("NOT {}", plan::OK));
        let conditions: Vec<String> = failed_ones.chain(plan::conditions(scope)?).collect();
        let sql = format!("SELECT count(*) FROM ({relation}) AS r WHERE {}", conditions.join(" AND "));
        self.conn().query_row(&sql, [], |row| row.get(0)).map_err(failed)
    }

    /// Hardware of the scope none of whose rows is a result, by label. Of the rows that were chosen by division and suite, and of
    /// those that name neither.
    pub(crate) fn without_result(&self, scoring: &Scoring, scope: &Scope, overview: &Overview) -> Result<Vec<WithoutResult>> {
        let mut conditions = plan::conditions(scope)?;
        if let Some((division, suite, ..)) = overview.divisions.first().filter(|_| plan::chooses_division(scoring, scope)) {
            let is = |field: &str, value: &Option<String>| match value {
                Some(value) => format!("{field} = {}", literal(value)),
                None => format!("{field} IS NULL"),
            };
            let chosen = format!("{} AND {}", is("division", division), is("suite", suite));
            conditions.push(format!("(({chosen}) OR (division IS NULL AND suite IS NULL))"));
        }
        let conditions = if conditions.is_empty() { "true".to_owned() } else { conditions.join(" AND ") };
        let sql = format!(
            "SELECT hardware_id, min(hardware), count(*) FILTER (NOT {ok}), count(*) FILTER ({ok}) FROM ({}) AS r
             WHERE {conditions} GROUP BY hardware_id HAVING NOT bool_or({}) ORDER BY 2, hardware_id",
            self.row_relation()?,
            plan::good(scoring),
            ok = plan::OK,
        );
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let rows = statement
            .query_map([], |row| {
                Ok(WithoutResult { hardware_id: row.get(0)?, hardware: row.get(1)?, failed: row.get(2)?, empty: row.get(3)? })
            })
            .map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }

    /// (division, suite, hardware, rows) among the rows that the scope picks, most hardware first.
    #[expect(clippy::type_complexity, reason = "read once, into the overview")]
    pub(crate) fn divisions(
        &self,
        relation: &str,
        scoring: &Scoring,
        scope: &Scope,
    ) -> Result<Vec<(Option<String>, Option<String>, i64, i64)>> {
        let conditions = plan::conditions(scope)?.join(" AND ");
        let good = plan::good(scoring);
        let sql = format!(
            "SELECT division, suite, count(DISTINCT hardware_id) AS hardware, count(*) AS rows FROM ({relation}) AS r
             WHERE {good} AND {conditions} GROUP BY division, suite
             ORDER BY hardware DESC, rows DESC, division NULLS LAST, suite NULLS LAST"
        );
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }
}

impl Db {
    /// Day number of the newest tested_at of all rows: what ages are counted from when nothing else is said.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn newest_day(&self) -> Result<Option<i64>> {
        let sql = format!("SELECT max({DAY}) FROM ({}) AS r", self.row_relation()?);
        self.conn().query_row(&sql, [], |row| row.get(0)).map_err(failed)
    }
}

/// Day number of `tested_at`.
const DAY: &str = "date_diff('day', DATE '1970-01-01', CAST(tested_at AS DATE))";

fn pair(row: &Row<'_>) -> duckdb::Result<ScoredPair> {
    let uncontested: bool = row.get("uncontested")?;
    let (cells, of): (i64, i64) = (row.get("cells")?, row.get("of")?);
    let either = |mean: &str, median: &str| -> duckdb::Result<Option<f64>> { Ok(row.get::<_, Option<f64>>(mean)?.or(row.get(median)?)) };
    let has_interval: bool = row.get("has_interval")?;
    Ok(ScoredPair {
        model_id: row.get("model_id")?,
        hardware_id: row.get("hardware_id")?,
        pair: Pair {
            model: row.get("model")?,
            model_family: row.get("model_family")?,
            parameters_million: row.get("parameters_million")?,
            hardware: row.get("hardware")?,
            hardware_name: row.get("hardware_name")?,
            hardware_type: row.get::<_, Option<String>>("hardware_type")?.unwrap_or_default(),
            device_count: row.get("device_count")?,
            device_memory_mb: row.get("device_memory_mb")?,
            batch_size: row.get("batch_size")?,
            precision: row.get("precision")?,
            framework: row.get("framework")?,
            scenario: row.get("scenario").or_else(|_| Ok::<_, duckdb::Error>(None))?,
            throughput: row.get("throughput_items_per_second")?,
            latency_ms: either("latency_ms_mean", "latency_ms_p50")?,
            ttft_ms: either("ttft_ms_mean", "ttft_ms_p50")?,
            tpot_ms: either("tpot_ms_mean", "tpot_ms_p50")?,
            memory_peak_mb: row.get("memory_peak_mb")?,
            energy_j_per_item: row.get("energy_j_per_item")?,
            results: row.get("results")?,
            failed_results: row.get::<_, Option<i64>>("failed_results")?.unwrap_or(0),
            spread: row.get("spread")?,
            age_days: None,
            provenance: row.get("provenance")?,
            uncontested,
            coverage: if of == 0 { 0.0 } else { cells as f64 / of as f64 },
            compatibility: row.get("compatibility")?,
            confidence: row.get("confidence")?,
        },
        suitability: row.get("suitability")?,
        interval: if has_interval { Some([row.get("low")?, row.get("high")?]) } else { None },
        cells,
        of,
        tested_day: row.get("tested_day")?,
        entries: Vec::new(),
        best: 0,
    })
}

fn texts(row: &Row<'_>, column: &str) -> duckdb::Result<Vec<Option<String>>> {
    let value: duckdb::types::Value = row.get(column)?;
    let duckdb::types::Value::List(items) = value else { return Ok(Vec::new()) };
    Ok(items
        .into_iter()
        .map(|item| match item {
            duckdb::types::Value::Text(text) => Some(text),
            _ => None,
        })
        .collect())
}

fn entry(row: &Row<'_>, components: usize) -> duckdb::Result<((i64, i64), i64, Entry)> {
    let component = |k: usize| -> duckdb::Result<ComponentScore> {
        let pick: Option<i32> = row.get(format!("pick_{k}").as_str())?;
        let basis = match pick {
            None => None,
            Some(pick) => Some(Basis {
                pick: usize::try_from(pick).unwrap_or(0),
                value: row.get(format!("v_{k}").as_str())?,
                reference: row.get(format!("r_{k}").as_str())?,
                n: row.get(format!("n_{k}").as_str())?,
                spread: row.get(format!("sd_{k}").as_str())?,
            }),
        };
        Ok(ComponentScore { score: row.get(format!("c_{k}").as_str())?, weight: row.get(format!("w_{k}").as_str())?, basis })
    };
    Ok((
        (row.get("model_id")?, row.get("hardware_id")?),
        row.get("place")?,
        Entry {
            cell_id: row.get("cell_id")?,
            contested: row.get("contested")?,
            cell: texts(row, "cell_text")?,
            point: texts(row, "point_text")?,
            n: row.get("rows_of_point")?,
            components: (0..components).map(component).collect::<duckdb::Result<_>>()?,
            memory_peak_mb: row.get("memory_peak_mb")?,
            compatibility: row.get("compatibility")?,
            confidence: row.get("confidence")?,
            suitability: row.get("suitability")?,
        },
    ))
}

impl Db {
    /// Puts judged pairs in order and returns their positions: by model; with a score before without; contested first;
    /// measured, simulated, estimated; score, compatibility descending; hardware label.
    pub(crate) fn rank<'a>(&self, judged: impl Iterator<Item = (&'a ScoredPair, &'a Verdict)>) -> Result<Vec<usize>> {
        self.conn()
            .execute_batch(
                "CREATE OR REPLACE TEMP TABLE suitor_verdict (
                   position BIGINT, model VARCHAR, hardware VARCHAR, uncontested BOOLEAN, provenance VARCHAR, score DOUBLE, compatibility DOUBLE)",
            )
            .map_err(failed)?;
        let mut rows = self.conn().appender("suitor_verdict").map_err(failed)?;
        for (position, (scored, verdict)) in judged.enumerate() {
            let score = if let Verdict::Scored { score, .. } = verdict { Some(*score) } else { None };
            let pair = &scored.pair;
            rows.append_row(duckdb::params![
                i64::try_from(position).unwrap_or(i64::MAX),
                pair.model,
                pair.hardware,
                pair.uncontested,
                pair.provenance,
                score,
                pair.compatibility
            ])
            .map_err(failed)?;
        }
        rows.flush().map_err(failed)?;
        drop(rows);
        let mut statement = self
            .conn()
            .prepare(
                "SELECT position FROM suitor_verdict ORDER BY model, score IS NULL, uncontested,
                   CASE provenance WHEN 'measured' THEN 0 WHEN 'simulated' THEN 1 ELSE 2 END,
                   score DESC NULLS LAST, compatibility DESC, hardware, position",
            )
            .map_err(failed)?;
        let rows = statement.query_map([], |row| row.get::<_, i64>(0)).map_err(failed)?;
        rows.map(|row| row.map(|position| usize::try_from(position).unwrap_or(usize::MAX)).map_err(failed)).collect()
    }

    /// Batch sizes at which the most hardware of the plan that ran last has one of these metrics: (batch size, hardware).
    pub(crate) fn shared_batches(&self, metrics: &[&str]) -> Result<Vec<(i64, i64)>> {
        let any = metrics.iter().map(|metric| format!("\"{metric}\" IS NOT NULL")).collect::<Vec<_>>().join(" OR ");
        let sql = format!(
            "SELECT batch_size, count(DISTINCT hardware_id) AS hardware FROM suitor_scored WHERE batch_size IS NOT NULL AND ({any})
             GROUP BY batch_size HAVING count(DISTINCT hardware_id) >= 2 ORDER BY hardware DESC, batch_size LIMIT 3"
        );
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }
}
