//! The rules on a whole relation, without leaving the database: only pairs that a rule took out, that come to a hook that is no part of a
//! query, or that might come to an error are read.

use super::Db;
use super::rules::WORTH_A_QUERY;
use super::score::failed;
use super::segments::Way;
use crate::Result;
use crate::rules::lower::{Asked, Output, Segment, lower};
use crate::rules::records::RuleRequest;
use crate::rules::{Engine, RuleSet};
use crate::scoring::sql::name;

/// Holds what the rules made of each pair: the keys, `final_score` (null without one) and `why` there is none.
pub const RULED: &str = "suitor_ruled";

/// The key of a pair, its final score, and why there is none.
pub type Ruled = (i64, Option<f64>, Option<String>);

impl Db {
    /// Fills [`RULED`] from a relation with the fields of `pair` and `suitability` (a SELECT in parentheses, such as
    /// [`crate::scoring::plan::Plan::rule_fields`]) and the key columns `keys`. Returns how many pairs were interpreted whole.
    ///
    /// # Errors
    /// Those of [`crate::rules::Evaluator::judge`] on the first pair that has one, in the order of models and hardware by name, then of the keys; a query that fails.
    pub fn rule_table(&self, rules: &RuleSet, relation: &str, keys: &[&str], request: &RuleRequest, strict: bool) -> Result<usize> {
        let compiled = match rules.engine {
            Engine::Auto => self.are_worth_a_query(relation)?,
            Engine::Interpreted => false,
            Engine::Compiled => true,
        };
        let asked = Asked { request, model_of_pair: false };
        let mut way = Way::new(self, rules, asked, strict, relation, keys);
        if compiled {
            let segments = lower(rules, asked, &self.extents(rules, relation)?).segments;
            let (first, rest) = match segments.as_slice() {
                [Segment::Compiled(first), rest @ ..] => (Some(&**first), rest),
                rest => (None, rest),
            };
            way.begin(first, rest)?;
            for segment in rest {
                match segment {
                    Segment::Compiled(compiled) => way.compiled(compiled)?,
                    Segment::Interpreted(hooks) => way.interpreted(hooks)?,
                }
            }
        } else {
            way.begin_without_queries()?;
        }
        let whole = way.judge_the_others()?;
        way.end(whole)?;
        Ok(whole)
    }

    /// The rules as one SELECT over a relation as [`Db::rule_table`] takes it, for those who run it themselves or want to see it. The columns
    /// `keys`, `suspect` (the pair must be interpreted, whole), `score`, and `why` there is none; with `steps` in place of `why` what each hook
    /// came to: `excluded` (the place of the hook that takes the pair out, else -1), and the score, line, reason and values of every hook. It holds
    /// for the rows that the relation has now. `None` when a hook cannot be said in SQL, or when there are more of them than one query takes.
    ///
    /// # Errors
    /// A relation that cannot be read.
    pub fn rule_query(&self, rules: &RuleSet, relation: &str, keys: &[&str], request: &RuleRequest, steps: bool) -> Result<Option<String>> {
        let lowered = lower(rules, Asked { request, model_of_pair: false }, &self.extents(rules, relation)?);
        let [Segment::Compiled(compiled)] = lowered.segments.as_slice() else { return Ok(None) };
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        let output = if steps { Output::Verdicts } else { Output::Scores };
        Ok(Some(compiled.sql(relation, &keys, output, rules.limits.string)))
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

    /// Whether a relation has so many pairs that planning pays.
    fn are_worth_a_query(&self, relation: &str) -> Result<bool> {
        let sql = format!("SELECT count(*) = {WORTH_A_QUERY} FROM (SELECT 1 FROM {relation} AS r LIMIT {WORTH_A_QUERY}) AS few");
        self.conn().query_row(&sql, [], |row| row.get(0)).map_err(failed)
    }
}
