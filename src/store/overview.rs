//! Reads what else the plan that ran last says: what was left out, and what the notes need.

use std::collections::BTreeMap;

use super::Db;
use super::catalog::literal;
use super::score::{failed, side_of};
use crate::Result;
use crate::scoring::plan::{self, Plan, Scope};
use crate::scoring::result::{Counted, Overview, SetAside, WithoutResult};
use crate::scoring::{LimitOp, Scoring};

impl Db {
    /// Reads the hardware that the plan that ran last left out, by label.
    pub(crate) fn set_aside(&self, scope: &Scope) -> Result<Vec<SetAside>> {
        let limits = scope.limits.iter().map(|limit| {
            let best = if matches!(limit.op, LimitOp::AtMost | LimitOp::Below) { "min" } else { "max" };
            format!(", {best}(\"{}\"), coalesce(bool_or({}), false)", limit.metric, plan::meets(limit))
        });
        let limits = limits.collect::<String>();
        let (side, of_side, by_side) = if self.has_sides() { ("s.side", " AND e.side = s.side", ", s.side") } else { ("0", "", "") };
        let sql = format!(
            "SELECT s.model_id, min(s.hardware), NOT bool_or(s.within){limits}, {side} AS side FROM suitor_point AS s
             ANTI JOIN suitor_entry AS e ON e.set_id = 0 AND e.model_id = s.model_id AND e.hardware_id = s.hardware_id{of_side}
             GROUP BY s.model_id, s.hardware_id{by_side} ORDER BY 2, s.hardware_id{by_side}"
        );
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let aside = || -> duckdb::Result<SetAside> {
                Ok(SetAside {
                    model_id: row.get(0)?,
                    side: side_of(row, "side")?,
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
    pub(crate) fn overview(&self, plan: &Plan, counted: Counted, scoring: &Scoring, scope: &Scope) -> Result<Overview> {
        let mut overview = Overview { rows: counted.rows, fingerprint: counted.fingerprint(), print: counted.print, ..Overview::default() };
        if overview.rows == 0 {
            overview.failed = self.failed_runs(plan)?;
        }
        if plan::chooses_division(scoring, scope) {
            overview.divisions = self.divisions("suitor_division")?;
        }
        for at in 0..scope.limits.len() {
            let others =
                scope.limits.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, limit)| format!(" AND {}", plan::meets(limit)));
            let limit = &scope.limits[at];
            let best = if matches!(limit.op, LimitOp::AtMost | LimitOp::Below) { "min" } else { "max" };
            let sql = format!("SELECT {best}(\"{}\") FROM suitor_point WHERE true{}", limit.metric, others.collect::<String>());
            overview.relax.push(self.conn().query_row(&sql, [], |row| row.get(0)).map_err(failed)?);
        }
        Ok(overview)
    }

    /// How many of the rows picked (of [`plan::rows`]) failed, by key of the model; models without such are left out.
    pub(crate) fn failed_by_model(&self, rows: &str) -> Result<BTreeMap<i64, i64>> {
        let sql = format!("SELECT model_id, count(*) FROM {rows} AS r WHERE NOT ok GROUP BY model_id");
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }

    /// How many of the rows that the scope picks failed.
    fn failed_runs(&self, plan: &Plan) -> Result<i64> {
        let sql = format!("SELECT count(*) FROM {} AS r WHERE NOT ok", plan.rows);
        self.conn().query_row(&sql, [], |row| row.get(0)).map_err(failed)
    }

    /// Hardware of the rows picked none of whose rows is a result, by label. Of the rows that were chosen by division and suite, and
    /// of those that name neither.
    pub(crate) fn without_result(&self, rows: &str, scoring: &Scoring, scope: &Scope, overview: &Overview) -> Result<Vec<WithoutResult>> {
        let mut condition = "true".to_owned();
        if let Some((division, suite, ..)) = overview.divisions.first().filter(|_| plan::chooses_division(scoring, scope)) {
            let is = |field: &str, value: &Option<String>| match value {
                Some(value) => format!("{field} = {}", literal(value)),
                None => format!("{field} IS NULL"),
            };
            let chosen = format!("{} AND {}", is("division", division), is("suite", suite));
            condition = format!("(({chosen}) OR (division IS NULL AND suite IS NULL))");
        }
        let sql = format!(
            "SELECT hardware_id, min(hardware), count(*) FILTER (NOT ok), count(*) FILTER (ok) FROM {rows} AS r
             WHERE {condition} GROUP BY hardware_id HAVING NOT bool_or(good) ORDER BY 2, hardware_id"
        );
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let rows = statement
            .query_map([], |row| {
                Ok(WithoutResult { hardware_id: row.get(0)?, hardware: row.get(1)?, failed: row.get(2)?, empty: row.get(3)? })
            })
            .map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }

    /// (division, suite, hardware, rows), most hardware first: of `suitor_division` or of a SELECT in parentheses ([`plan::divisions`]).
    #[expect(clippy::type_complexity, reason = "read once, into the overview")]
    pub(crate) fn divisions(&self, of: &str) -> Result<Vec<(Option<String>, Option<String>, i64, i64)>> {
        let sql = format!("SELECT division, suite, hardware, rows FROM {of} AS d ORDER BY model_id, place");
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }

    /// Batch sizes at which the most hardware of the plan that ran last has one of these metrics: (batch size, hardware).
    pub(crate) fn shared_batches(&self, metrics: &[&str]) -> Result<Vec<(i64, i64)>> {
        let any = metrics.iter().map(|metric| format!("\"{metric}\" IS NOT NULL")).collect::<Vec<_>>().join(" OR ");
        let sql = format!(
            "SELECT batch_size, count(DISTINCT hardware_id) AS hardware FROM suitor_point WHERE batch_size IS NOT NULL AND ({any})
             GROUP BY batch_size HAVING count(DISTINCT hardware_id) >= 2 ORDER BY hardware DESC, batch_size LIMIT 3"
        );
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }

    /// Key and label of all hardware that the plan that ran last has points of, by label.
    pub(crate) fn scored_hardware(&self) -> Result<Vec<(i64, String)>> {
        let sql = "SELECT hardware_id, any_value(hardware) FROM suitor_point GROUP BY hardware_id ORDER BY 2, 1";
        let mut statement = self.conn().prepare(sql).map_err(failed)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }
}
