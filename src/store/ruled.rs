//! The rules on a whole relation, without leaving the database: only pairs that a rule took out or that might come to an error are read.

use duckdb::Row;

use super::Db;
use super::catalog::literal;
use super::rules::{Own, cell};
use super::score::failed;
use crate::Result;
use crate::rules::fields::PAIR;
use crate::rules::lower::{Asked, Compiled, Output, Reader, SCORE, Segment, lower};
use crate::rules::records::{Pair, RuleRequest, Verdict};
use crate::rules::{Engine, Evaluator, RuleSet};
use crate::scoring::sql::{name, number};

/// Holds what the rules made of each pair: the keys, `final_score` (null without one) and `why` there is none.
pub const RULED: &str = "suitor_ruled";
/// The relation, with a number for each pair.
const FIELDS: &str = "suitor_rule_fields";

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
        self.conn()
            .execute_batch(&format!(
                "CREATE OR REPLACE TEMP TABLE {FIELDS} AS SELECT *, (row_number() OVER (ORDER BY {key_list}))::BIGINT AS k FROM {relation} AS r"
            ))
            .map_err(failed)?;
        let lowered = lower(rules, asked);
        let whole = match lowered.segments.as_slice() {
            _ if rules.engine == Engine::Interpreted => None,
            [Segment::Compiled(compiled)] => Some(&**compiled),
            _ => None,
        };
        let ruled = |score: &str, why: &str, from: &str| {
            format!("CREATE OR REPLACE TEMP TABLE {RULED} AS SELECT {key_list}, {score} AS final_score, {why} AS why FROM {from}")
        };
        let Some(compiled) = whole else {
            // One by one, in order; what is interpreted costs more than reading it.
            let read = self.judge_all(rules, "true", None, asked, strict)?;
            self.conn()
                .execute_batch(&ruled("o.score", "o.why", &format!("{FIELDS} JOIN suitor_rule_told AS o USING (k)")))
                .map_err(failed)?;
            return Ok(read);
        };
        let sql = compiled.sql(FIELDS, &["k".to_owned()], Output::Scores, rules.limits.string);
        self.conn().execute_batch(&format!("CREATE OR REPLACE TEMP TABLE suitor_rule_rows AS {sql}")).map_err(failed)?;
        let interpreted = self.judge_all(rules, "(q.suspect OR q.excluded >= 0)", Some(compiled), asked, strict)?;
        let score =
            "CASE WHEN o.k IS NOT NULL THEN o.score WHEN q.score < 0 THEN 0::DOUBLE WHEN q.score > 1 THEN 1::DOUBLE ELSE q.score END";
        let from = format!("{FIELDS} AS f JOIN suitor_rule_rows AS q USING (k) LEFT JOIN suitor_rule_told AS o USING (k)");
        self.conn().execute_batch(&ruled(score, "o.why", &from)).map_err(failed)?;
        Ok(interpreted)
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

    /// Reads the pairs for which the condition holds and says what became of them, in `suitor_rule_told`; how many were interpreted.
    fn judge_all(&self, rules: &RuleSet, condition: &str, compiled: Option<&Compiled>, asked: Asked<'_>, strict: bool) -> Result<usize> {
        let fields = PAIR.iter().map(|field| format!("f.{}", name(field.name))).collect::<Vec<_>>().join(", ");
        let roots = compiled.map(|compiled| compiled.roots(Output::Scores)).unwrap_or_default();
        let outputs = roots.iter().map(|(column, _)| format!(", q.{}", name(column))).collect::<Vec<_>>().concat();
        let join = if compiled.is_some() { " JOIN suitor_rule_rows AS q USING (k)" } else { "" };
        let sql = format!("SELECT f.k, f.{SCORE}, {fields}{outputs} FROM {FIELDS} AS f{join} WHERE {condition} ORDER BY f.k");
        let reader = compiled.map(|compiled| Reader::new(compiled, rules, Output::Scores));
        let evaluator = rules.evaluator();
        let mut own = Own::new(asked);
        let mut told: Vec<Ruled> = Vec::new();
        let mut interpreted = 0;
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let (k, suitability): (i64, f64) = (row.get(0).map_err(failed)?, row.get(1).map_err(failed)?);
            let pair = pair(row, 2).map_err(failed)?;
            let from = 2 + PAIR.len();
            let cells = (from..from + roots.len()).map(|at| cell(row, at)).collect::<Result<Vec<_>>>()?;
            let excluded = reader.as_ref().and_then(|reader| reader.excluded(&cells, &pair));
            if let Some((at, reason)) = excluded {
                told.push((k, None, Some(format!("excluded by {}: {reason}", rules.rules[at.rule].id))));
                continue;
            }
            interpreted += 1;
            told.push(match evaluator.judge(&pair, suitability, own.of(&pair), strict)? {
                Verdict::Scored { score, .. } => (k, Some(score), None),
                Verdict::Excluded { rule, reason } => (k, None, Some(format!("excluded by {rule}: {reason}"))),
                Verdict::Failed { message, .. } => (k, None, Some(format!("not scored: {message}"))),
            });
        }
        drop(rows);
        let rows = told.iter().map(|(k, score, why)| {
            let score = score.map_or_else(|| "NULL".to_owned(), number);
            format!("({k}, {score}, {})", why.as_ref().map_or_else(|| "NULL".to_owned(), |why| literal(why)))
        });
        self.fill("suitor_rule_told (k BIGINT, score DOUBLE, why VARCHAR)", rows)?;
        Ok(interpreted)
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
