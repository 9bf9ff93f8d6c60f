//! Runs the scoring query and reads its result.

use std::collections::HashMap;

use duckdb::{OptionalExt, Row};

use super::Db;
use super::catalog::literal;
use super::failure::told;
use crate::rules::records::Pair;
use crate::scoring::plan::{Plan, WeightSet};
use crate::scoring::result::{Basis, ComponentScore, Counted, Entry, ScoredPair};
use crate::scoring::{Profile, Scoring, student};
use crate::{Error, Result};

#[expect(clippy::needless_pass_by_value, reason = "used in map_err")]
pub(super) fn failed(error: duckdb::Error) -> Error {
    told("the scoring query failed", &error)
}

/// Key, whether it is the best, and the entry itself.
type KeyedEntry = ((i64, i64, usize), bool, Entry);

impl Db {
    /// Runs a plan up to what weights come to: fills the temporary tables that the other functions read.
    pub(crate) fn run_plan(&self, plan: &Plan) -> Result<Counted> {
        if let Some(counted) = self.filled().counted(plan) {
            return Ok(counted);
        }
        self.filled().forget();
        self.run(&plan.choose)?;
        let counted = self.run_again(plan)?;
        self.filled().with(plan, counted);
        Ok(counted)
    }

    fn run(&self, statements: &[String]) -> Result<()> {
        statements.iter().try_for_each(|statement| self.conn().execute_batch(statement).map_err(failed))
    }

    /// Runs a plan over the rows that the plan before chose: the same pins and narrowing.
    pub(crate) fn run_again(&self, plan: &Plan) -> Result<Counted> {
        self.filled().forget();
        self.run(plan.lean.as_ref().map_or(&[], |lean| std::slice::from_ref(&lean.hardware)))?;
        self.run(std::slice::from_ref(&plan.points))?;
        let (most, of, results) =
            if plan.lean.is_some() { ("NULL", "suitor_hardware", "results") } else { ("max(n)", "suitor_point", "n") };
        let counts = format!(
            "SELECT coalesce({most}, 0)::BIGINT, coalesce(sum({results}), 0)::BIGINT, CAST(coalesce(sum(print_high), 0) AS HUGEINT), CAST(coalesce(sum(print_low), 0) AS HUGEINT)
             FROM {of}"
        );
        let read = |row: &Row<'_>| -> duckdb::Result<(i64, Counted)> {
            let half = |sum: i128| u64::try_from(sum & 0xffff_ffff_ffff_ffff).unwrap_or(0);
            Ok((row.get(0)?, Counted { rows: row.get(1)?, print: (half(row.get(2)?), half(row.get(3)?)) }))
        };
        let (most, counted) = self.conn().query_row(&counts, [], read).map_err(failed)?;
        if plan.lean.is_none() {
            let quantiles = student::quantiles(usize::try_from(most - 1).unwrap_or(0));
            let rows = (1_i64..).zip(quantiles).map(|(df, t)| format!("({df}, {t:?}::DOUBLE)"));
            self.fill("suitor_quantile (df BIGINT, t DOUBLE)", rows)?;
        }
        self.run(&plan.components)?;
        Ok(counted)
    }

    /// Weighs what the plan that ran last scored, and reads the pairs of each weight set, by model and hardware label. Only the
    /// pairs of the first have entries.
    pub(crate) fn weigh(&self, plan: &Plan, scoring: &Scoring, sets: &[WeightSet]) -> Result<Vec<Vec<ScoredPair>>> {
        if let Some(pairs) = self.filled().weighed(plan, sets) {
            return Ok(pairs);
        }
        self.fill_entries(plan, scoring, sets)?;
        let pairs = self.pairs_with(plan, sets.len(), self.entries(scoring, plan.sides)?)?;
        self.filled().with_weighed(plan, sets, &pairs);
        Ok(pairs)
    }

    /// The same without entries: what rules and ranking need, and no more.
    pub(crate) fn weigh_bare(&self, plan: &Plan, scoring: &Scoring, sets: &[WeightSet]) -> Result<Vec<Vec<ScoredPair>>> {
        self.fill_entries(plan, scoring, sets)?;
        self.pairs_with(plan, sets.len(), Vec::new())
    }

    /// Fills the weight sets and what each makes of the points.
    pub(super) fn fill_entries(&self, plan: &Plan, scoring: &Scoring, sets: &[WeightSet]) -> Result<()> {
        self.filled().forget_weighed();
        let given = (0..scoring.components.len()).map(|k| format!(", g_{k} DOUBLE")).collect::<Vec<_>>().concat();
        let rows = (0_i64..).zip(sets).map(|(id, set)| {
            let weights = set.weights.iter().map(|weight| format!(", {weight:?}::DOUBLE")).collect::<Vec<_>>().concat();
            format!("({id}, {}{weights})", set.profile == Profile::Ratio)
        });
        self.fill(&format!("suitor_weight (set_id BIGINT, ratio BOOLEAN{given})"), rows)?;
        self.conn().execute_batch(&plan.entry).map_err(failed)
    }

    /// Makes a temporary table of these rows: a few in a statement of their own take less than opening an appender.
    pub(super) fn fill(&self, table: &str, mut rows: impl Iterator<Item = String>) -> Result<()> {
        let name = table.split(' ').next().unwrap_or_default();
        let mut sql = format!("CREATE OR REPLACE TEMP TABLE {table}");
        loop {
            let some: Vec<String> = rows.by_ref().take(500).collect();
            if some.is_empty() {
                return self.conn().execute_batch(&sql).map_err(failed);
            }
            sql += &format!("; INSERT INTO {name} VALUES {}", some.join(", "));
        }
    }

    fn pairs_with(&self, plan: &Plan, sets: usize, entries: Vec<KeyedEntry>) -> Result<Vec<Vec<ScoredPair>>> {
        let mut entries = entries.into_iter().peekable();
        let mut statement = self.conn().prepare(&plan.pairs).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        let mut pairs: Vec<Vec<ScoredPair>> = vec![Vec::new(); sets];
        while let Some(row) = rows.next().map_err(failed)? {
            let mut scored = pair(row, plan.sides).map_err(failed)?;
            let set = usize::try_from(row.get::<_, i64>("set_id").map_err(failed)?).unwrap_or(usize::MAX);
            while let Some((_, best, entry)) =
                entries.next_if(|(key, ..)| set == 0 && *key == (scored.model_id, scored.hardware_id, scored.side))
            {
                if best {
                    scored.best = scored.entries.len();
                }
                scored.entries.push(entry);
            }
            if let Some(pairs) = pairs.get_mut(set) {
                pairs.push(scored);
            }
        }
        for pairs in &mut pairs {
            pairs.sort_by(|a, b| {
                (&a.pair.model, &a.pair.hardware, a.hardware_id, a.side).cmp(&(&b.pair.model, &b.pair.hardware, b.hardware_id, b.side))
            });
        }
        Ok(pairs)
    }

    /// The entries of the first weight set, by model, hardware and cell.
    fn entries(&self, scoring: &Scoring, sides: bool) -> Result<Vec<KeyedEntry>> {
        let bases = self.bases()?;
        let texts = |fields: &mut dyn Iterator<Item = &str>| {
            fields.map(|field| format!("CAST(p.\"{field}\" AS VARCHAR)")).collect::<Vec<_>>().join(", ")
        };
        let point = ["batch_size", "precision", "framework", "item_unit", "provenance"];
        let weighed = (0..scoring.components.len()).map(|k| format!(", c_{k}, w_{k}")).collect::<Vec<_>>().concat();
        let cell_columns = scoring.cell_by.len() + 1;
        let side = if sides { "e.side" } else { "0" };
        let sql = format!(
            "SELECT e.model_id, e.hardware_id, e.place = 1, e.point_id, e.cell_id, e.contested, e.n, p.memory_peak_mb, e.compatibility, e.confidence, e.suitability,
               {}, {}{weighed}, {side} AS of_side
             FROM suitor_entry AS e JOIN suitor_point AS p USING (point_id) WHERE e.set_id = 0 ORDER BY e.model_id, e.hardware_id, of_side, e.cell_id",
            texts(&mut std::iter::once("task").chain(scoring.cell_by.iter().map(String::as_str))),
            texts(&mut point.into_iter()),
        );
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let read = |row: &Row<'_>| -> duckdb::Result<KeyedEntry> {
            let at_point = 11 + cell_columns;
            let of_component = |k: usize| -> duckdb::Result<ComponentScore> {
                let at = at_point + point.len() + 2 * k;
                let basis = bases.get(&(row.get(3)?, i64::try_from(k).unwrap_or(i64::MAX))).copied();
                Ok(ComponentScore { score: row.get(at)?, weight: row.get(at + 1)?, basis })
            };
            let entry = Entry {
                cell_id: row.get(4)?,
                point_id: row.get(3)?,
                contested: row.get(5)?,
                cell: (11..at_point).map(|at| row.get(at)).collect::<duckdb::Result<_>>()?,
                point: (at_point..at_point + point.len()).map(|at| row.get(at)).collect::<duckdb::Result<_>>()?,
                n: row.get(6)?,
                components: (0..scoring.components.len()).map(of_component).collect::<duckdb::Result<_>>()?,
                memory_peak_mb: row.get(7)?,
                compatibility: row.get(8)?,
                confidence: row.get(9)?,
                suitability: row.get(10)?,
            };
            Ok(((row.get(0)?, row.get(1)?, side_of(row, "of_side")?), row.get(2)?, entry))
        };
        let rows = statement.query_map([], read).map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }

    /// What each component of the entries of the first weight set rests on, by point and component.
    fn bases(&self) -> Result<HashMap<(i64, i64), Basis>> {
        let mut statement = self
            .conn()
            .prepare(
                "SELECT point_id, k, pick, value, reference, n, sd FROM suitor_component
                 WHERE point_id IN (SELECT point_id FROM suitor_entry WHERE set_id = 0)",
            )
            .map_err(failed)?;
        let rows = statement
            .query_map([], |row| {
                let pick = usize::try_from(row.get::<_, i64>(2)?).unwrap_or(0);
                Ok((
                    (row.get(0)?, row.get(1)?),
                    Basis { pick, value: row.get(3)?, reference: row.get(4)?, n: row.get(5)?, spread: row.get(6)? },
                ))
            })
            .map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }
}

/// A part of a catalogue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    /// The keys of its first and last model; `None` where it is the whole.
    pub(crate) among: Option<[i64; 2]>,
    /// How many rows it has.
    pub(crate) rows: i64,
}

impl Db {
    /// Day number of the newest tested_at of all rows: what ages are counted from when nothing else is said.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn newest_day(&self) -> Result<Option<i64>> {
        let rows = self.row_relation_of(&["tested_at"])?;
        if let Some(day) = self.newest_of_own(&rows)? {
            return Ok(Some(day));
        }
        self.conn().query_row(&format!("SELECT max({DAY}) FROM ({rows}) AS r"), [], |row| row.get(0)).map_err(failed)
    }

    /// The models in parts of about so many rows each.
    pub(crate) fn parts_of_rows(&self, rows: i64) -> Result<Vec<Part>> {
        let relation = self.row_relation_of(&["task"])?;
        let sql = format!(
            "SELECT min(model_id)::BIGINT, max(model_id)::BIGINT, sum(n)::BIGINT FROM (
               SELECT model_id, n, (sum(n) OVER (ORDER BY model_id) - n) // {rows} AS part
               FROM (SELECT model_id, count(*) AS n FROM ({relation}) AS r GROUP BY model_id) AS m) AS parted
             GROUP BY part ORDER BY 1"
        );
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let read = |row: &Row<'_>| Ok(Part { among: Some([row.get(0)?, row.get(1)?]), rows: row.get(2)? });
        let parts: Vec<Part> = statement.query_map([], read).and_then(Iterator::collect).map_err(failed)?;
        Ok(match parts.as_slice() {
            [] => vec![Part { among: None, rows: 0 }],
            [one] => vec![Part { among: None, rows: one.rows }],
            _ => parts,
        })
    }

    /// The same as [`Db::newest_day`] from what DuckDB keeps of each block of Suitor's own table: its largest value. It holds when a row of that time is one
    /// of the row relation (its model and hardware are there); `None` where that cannot be said.
    fn newest_of_own(&self, rows: &str) -> Result<Option<i64>> {
        let layout = self.layout();
        let Some(results) = layout.results.as_ref().filter(|results| results.own) else { return Ok(None) };
        if layout.flat.is_some() || layout.compatibility.is_some() {
            return Ok(None);
        }
        let newest = format!("SELECT max(tested_at) AS tested_at FROM {}", results.name());
        let sql = format!("SELECT CAST(tested_at AS VARCHAR), {DAY} FROM ({newest}) AS r WHERE isfinite(tested_at)");
        let found =
            self.conn().query_row(&sql, [], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))).optional().map_err(failed)?;
        let Some((time, day)) = found else { return Ok(None) };
        let sql = format!("SELECT 1 FROM ({rows}) AS r WHERE tested_at >= CAST({} AS TIMESTAMP) LIMIT 1", literal(&time));
        let held: Option<i64> = self.conn().query_row(&sql, [], |row| row.get(0)).optional().map_err(failed)?;
        Ok(held.map(|_| day))
    }
}

/// Day number of `tested_at`.
const DAY: &str = "date_diff('day', DATE '1970-01-01', CAST(tested_at AS DATE))";

/// Which side a row is of.
pub(super) fn side_of(row: &Row<'_>, column: &str) -> duckdb::Result<usize> {
    Ok(usize::try_from(row.get::<_, i64>(column)?).unwrap_or(0))
}

fn pair(row: &Row<'_>, sides: bool) -> duckdb::Result<ScoredPair> {
    let uncontested: bool = row.get("uncontested")?;
    let (cells, of): (i64, i64) = (row.get("cells")?, row.get("of")?);
    let either = |mean: &str, median: &str| -> duckdb::Result<Option<f64>> { Ok(row.get::<_, Option<f64>>(mean)?.or(row.get(median)?)) };
    let has_interval: bool = row.get("has_interval")?;
    Ok(ScoredPair {
        model_id: row.get("model_id")?,
        hardware_id: row.get("hardware_id")?,
        side: if sides { side_of(row, "side")? } else { 0 },
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
            provenance: row.get("provenance_said")?,
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
