//! The rules on a whole relation, without leaving the database: only pairs that a rule took out or that might come to an error are read.

use std::collections::BTreeSet;

use duckdb::{Row, ToSql};

use super::Db;
use super::rules::{Own, cell};
use super::score::failed;
use crate::Result;
use crate::rules::fields::{FieldKind, PAIR};
use crate::rules::lower::{Asked, Compiled, Output, Reader, SCORE, Segment, lower};
use crate::rules::records::{Pair, RuleRequest, Verdict};
use crate::rules::{Engine, Evaluator, RuleSet};
use crate::scoring::sql::{name, number};

/// Holds what the rules made of each pair: the keys, `final_score` (null without one) and `why` there is none.
pub const RULED: &str = "suitor_ruled";
/// The pairs that are interpreted, with the number `k` of each.
const FIELDS: &str = "suitor_rule_fields";
/// What the query said of each pair.
const ROWS: &str = "suitor_rule_rows";
/// What was said of pairs outside the query, by the number of each.
const TOLD: &str = "suitor_rule_told";

/// The key of a pair, its final score, and why there is none.
pub type Ruled = (i64, Option<f64>, Option<String>);

impl Db {
    /// Fills [`RULED`] from a relation with the fields of `pair` and `suitability` (a SELECT in parentheses, such as
    /// [`crate::scoring::plan::Plan::rule_fields`]) and the key columns `keys`. Returns how many pairs were interpreted whole.
    ///
    /// # Errors
    /// Those of [`Evaluator::judge`] on the first pair that has one, in the order of the keys; a query that fails.
    pub fn rule_table(&self, rules: &RuleSet, relation: &str, keys: &[&str], request: &RuleRequest, strict: bool) -> Result<usize> {
        let asked = Asked { request, model_of_pair: false };
        let key_list = keys.iter().map(|key| name(key)).collect::<Vec<_>>().join(", ");
        let run = |sql: &str| self.conn().execute_batch(sql).map_err(failed);
        let lowered = lower(rules, asked);
        let whole = match lowered.segments.as_slice() {
            _ if rules.engine == Engine::Interpreted => None,
            [Segment::Compiled(compiled)] => Some(&**compiled),
            _ => None,
        };
        let Some(compiled) = whole else {
            run(&format!(
                "CREATE OR REPLACE TEMP TABLE {FIELDS} AS SELECT *, (row_number() OVER (ORDER BY {key_list}))::BIGINT AS k FROM {relation} AS r"
            ))?;
            let told = self.interpret(rules, "k", asked, strict)?;
            self.fill_told(&told)?;
            run(&format!(
                "CREATE OR REPLACE TEMP TABLE {RULED} AS SELECT {key_list}, o.score AS final_score, o.why FROM {FIELDS} JOIN {TOLD} AS o USING (k)"
            ))?;
            return Ok(told.len());
        };
        // Of the fields only those that reasons name are kept: writing them all takes as long as the rules.
        let kept: BTreeSet<&str> = compiled.fields_of_exclusions().into_iter().map(|at| PAIR[at].name).collect();
        let carried: Vec<String> =
            keys.iter().copied().chain(kept.iter().copied().filter(|name| !keys.contains(name))).map(str::to_owned).collect();
        let sql = compiled.sql(relation, &carried, Output::Scores, rules.limits.string);
        run(&format!("CREATE OR REPLACE TEMP TABLE {ROWS} AS {sql}"))?;
        let (mut told, unsaid) = self.exclusions(rules, compiled, &kept)?;
        let suspects: i64 =
            self.conn().query_row(&format!("SELECT count(*) FROM {ROWS} WHERE suspect"), [], |row| row.get(0)).map_err(failed)?;
        let mut interpreted = Vec::new();
        if suspects > 0 || !unsaid.is_empty() {
            let unsaid = std::iter::once(-1).chain(unsaid).map(|k: i64| k.to_string()).collect::<Vec<_>>().join(", ");
            run(&format!(
                "CREATE OR REPLACE TEMP TABLE {FIELDS} AS SELECT r.*, q.rowid AS k FROM {relation} AS r JOIN {ROWS} AS q USING ({key_list})
                 WHERE q.suspect OR q.rowid IN ({unsaid})"
            ))?;
            interpreted = self.interpret(rules, &key_list, asked, strict)?;
        }
        let count = interpreted.len();
        told.extend(interpreted);
        self.fill_told(&told)?;
        run(&format!(
            "CREATE OR REPLACE TEMP TABLE {RULED} AS SELECT {key_list},
               CASE WHEN o.k IS NOT NULL THEN o.score WHEN q.score < 0 THEN 0::DOUBLE WHEN q.score > 1 THEN 1::DOUBLE ELSE q.score END AS final_score,
               o.why FROM {ROWS} AS q LEFT JOIN {TOLD} AS o ON o.k = q.rowid"
        ))?;
        Ok(count)
    }

    /// What [`Db::rule_table`] made of each pair, in the order of a whole-number key: the key, the final score, why there is none.
    ///
    /// # Errors
    /// When [`Db::rule_table`] was not run, or not with that key.
    pub fn ruled(&self, key: &str) -> Result<Vec<Ruled>> {
        let sql = format!("SELECT {key}::BIGINT, final_score, why FROM {RULED} ORDER BY 1", key = name(key));
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }

    /// The pairs that rules took out, by the numbers of their rows, and those of which only the interpreter can say why.
    fn exclusions(&self, rules: &RuleSet, compiled: &Compiled, kept: &BTreeSet<&str>) -> Result<(Vec<Ruled>, Vec<i64>)> {
        let fields = PAIR.iter().map(|field| match field.kind {
            _ if kept.contains(field.name) => name(field.name),
            FieldKind::Text => "''".to_owned(),
            FieldKind::Integer => "0::BIGINT".to_owned(),
            FieldKind::Number => number(0.0),
            FieldKind::Boolean => "false".to_owned(),
        });
        let roots = compiled.roots(Output::Scores);
        let columns: Vec<String> = fields.chain(roots.iter().map(|(column, _)| name(column))).collect();
        let sql = format!("SELECT rowid, {} FROM {ROWS} WHERE NOT suspect AND excluded >= 0", columns.join(", "));
        let reader = Reader::new(compiled, rules, Output::Scores);
        let (mut told, mut unsaid) = (Vec::new(), Vec::new());
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        let mut cells = Vec::with_capacity(roots.len());
        while let Some(row) = rows.next().map_err(failed)? {
            let k: i64 = row.get(0).map_err(failed)?;
            let pair = pair(row, 1).map_err(failed)?;
            cells.clear();
            for at in 1 + PAIR.len()..=PAIR.len() + roots.len() {
                cells.push(cell(row, at)?);
            }
            match reader.excluded(&cells, &pair) {
                Some((at, reason)) => told.push((k, None, Some(format!("excluded by {}: {reason}", rules.rules[at.rule].id)))),
                None => unsaid.push(k),
            }
        }
        Ok((told, unsaid))
    }

    /// Interprets the pairs of [`FIELDS`], in an order.
    fn interpret(&self, rules: &RuleSet, order: &str, asked: Asked<'_>, strict: bool) -> Result<Vec<Ruled>> {
        let fields = PAIR.iter().map(|field| name(field.name)).collect::<Vec<_>>().join(", ");
        let evaluator = rules.evaluator();
        let mut own = Own::new(asked);
        let mut told = Vec::new();
        let mut statement = self.conn().prepare(&format!("SELECT k, {SCORE}, {fields} FROM {FIELDS} ORDER BY {order}")).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let (k, suitability): (i64, f64) = (row.get(0).map_err(failed)?, row.get(1).map_err(failed)?);
            let pair = pair(row, 2).map_err(failed)?;
            told.push(match evaluator.judge(&pair, suitability, own.of(&pair), strict)? {
                Verdict::Scored { score, .. } => (k, Some(score), None),
                Verdict::Excluded { rule, reason } => (k, None, Some(format!("excluded by {rule}: {reason}"))),
                Verdict::Failed { message, .. } => (k, None, Some(format!("not scored: {message}"))),
            });
        }
        Ok(told)
    }

    /// Fills [`TOLD`].
    fn fill_told(&self, told: &[Ruled]) -> Result<()> {
        self.conn().execute_batch(&format!("CREATE OR REPLACE TEMP TABLE {TOLD} (k BIGINT, score DOUBLE, why VARCHAR)")).map_err(failed)?;
        let mut rows = self.conn().appender(TOLD).map_err(failed)?;
        for (k, score, why) in told {
            let values: [&dyn ToSql; 3] = [k, score, why];
            rows.append_row(values.as_slice()).map_err(failed)?;
        }
        rows.flush().map_err(failed)
    }
}

/// A pair of the columns from there on, which are in the order of [`PAIR`].
fn pair(row: &Row<'_>, from: usize) -> duckdb::Result<Pair> {
    Ok(Pair {
        model: row.get(from)?,
        model_family: row.get(from + 1)?,
        parameters_million: row.get(from + 2)?,
        hardware: row.get(from + 3)?,
        hardware_name: row.get(from + 4)?,
        hardware_type: row.get(from + 5)?,
        device_count: row.get(from + 6)?,
        device_memory_mb: row.get(from + 7)?,
        batch_size: row.get(from + 8)?,
        precision: row.get(from + 9)?,
        framework: row.get(from + 10)?,
        scenario: row.get(from + 11)?,
        throughput: row.get(from + 12)?,
        latency_ms: row.get(from + 13)?,
        ttft_ms: row.get(from + 14)?,
        tpot_ms: row.get(from + 15)?,
        memory_peak_mb: row.get(from + 16)?,
        energy_j_per_item: row.get(from + 17)?,
        results: row.get(from + 18)?,
        failed_results: row.get(from + 19)?,
        spread: row.get(from + 20)?,
        age_days: row.get(from + 21)?,
        provenance: row.get(from + 22)?,
        uncontested: row.get(from + 23)?,
        coverage: row.get(from + 24)?,
        compatibility: row.get(from + 25)?,
        confidence: row.get(from + 26)?,
    })
}
