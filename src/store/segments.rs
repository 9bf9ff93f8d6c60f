//! The pairs of a relation on their way through the segments of a rule set ([`crate::rules::lower`]).
//!
//! A segment is given the pairs that are still in, with the score so far. Those that it takes out are told of in [`TOLD`]; the others that
//! it comes to an end with are still in; whatever is neither might come to an error, or only the interpreter can say why it is out, and is
//! judged whole in the end, by the interpreter, in the order of models and hardware by name. So a pair has the verdict or the error that the interpreter gives.

use std::collections::BTreeSet;

use duckdb::{Row, ToSql};

use super::Db;
use super::ruled::{RULED, Ruled};
use super::rules::{Own, run_interpreted};
use super::score::failed;
use crate::Result;
use crate::rules::fields::PAIR;
use crate::rules::lower::{Asked, Compiled, HookAt, Output, Progress, SCORE, Segment};
use crate::rules::records::{Pair, excluded_by};
use crate::rules::{Evaluator, RuleSet};
use crate::scoring::sql::name;

/// All pairs, as the first segment left them: the keys, what later segments read, `score`, `why` there is none, `suspect`. Its `rowid` is the
/// number `k` of a pair from there on.
const FIRST: &str = "suitor_rule_pairs";
/// The pairs that came to the last segment, as it left them: `k`, `score`, `why`, `suspect`.
const LAST: &str = "suitor_rule_rows";
/// What is settled of pairs that are no longer in, by later segments or by the interpreter: `k`, `score`, `why`.
const TOLD: &str = "suitor_rule_told";
/// Of a table of these: pairs that are still in, and pairs that a query took out.
const IN: &str = "NOT suspect AND why IS NULL";
const OUT: &str = "NOT suspect AND why IS NOT NULL";
/// The score that is said, of one after all rules.
const FINAL: &str = "CASE WHEN why IS NULL THEN CASE WHEN score < 0 THEN 0::DOUBLE WHEN score > 1 THEN 1::DOUBLE ELSE score END END";

/// Pairs on their way.
pub(super) struct Way<'a> {
    db: &'a Db,
    rules: &'a RuleSet,
    asked: Asked<'a>,
    strict: bool,
    /// A SELECT in parentheses with all fields.
    relation: &'a str,
    keys: &'a [&'a str],
    /// [`FIRST`], or [`RULED`] when no segment comes after the first: then nothing is written twice.
    first: &'static str,
    /// The pairs that are still in, as a SELECT in parentheses: `k`, the keys, the fields kept, the score so far as the suitability.
    still: String,
}

impl<'a> Way<'a> {
    /// Before any segment.
    pub(super) fn new(db: &'a Db, rules: &'a RuleSet, asked: Asked<'a>, strict: bool, relation: &'a str, keys: &'a [&'a str]) -> Self {
        Self { db, rules, asked, strict, relation, keys, first: FIRST, still: String::new() }
    }

    /// Fills the first table by the first segment, when it is a query, with all that those after it read.
    pub(super) fn begin(&mut self, first: Option<&Compiled>, rest: &[Segment]) -> Result<()> {
        self.first = if rest.is_empty() { RULED } else { FIRST };
        let mut kept = BTreeSet::new();
        for segment in rest {
            match segment {
                Segment::Compiled(compiled) => kept.extend(compiled.fields()),
                Segment::Interpreted(_) => kept.extend(0..PAIR.len()),
            }
        }
        // Only these are carried: writing all fields takes as long as the rules.
        let kept = kept.into_iter().map(|at| PAIR[at].name).filter(|field| !self.keys.contains(field));
        let carried: Vec<String> = self.keys.iter().copied().chain(kept).map(str::to_owned).collect();
        let sql = if let Some(first) = first {
            first.sql(self.relation, &carried, Output::Scores, self.rules.limits.string)
        } else {
            let carried: Vec<String> = carried.iter().map(|column| name(column)).collect();
            let suspect = format!("({SCORE} BETWEEN 0 AND 1) IS NOT TRUE");
            format!(
                "SELECT {}, {SCORE} AS score, NULL::VARCHAR AS why, {suspect} AS suspect FROM {} AS r",
                carried.join(", "),
                self.relation
            )
        };
        self.fill_first(&sql)
    }

    /// Fills the first table with pairs that are all to be judged whole.
    pub(super) fn begin_without_queries(&mut self) -> Result<()> {
        self.first = RULED;
        self.fill_first(&format!(
            "SELECT {}, {SCORE} AS score, NULL::VARCHAR AS why, true AS suspect FROM {} AS r",
            self.key_list(),
            self.relation
        ))
    }

    fn fill_first(&mut self, sql: &str) -> Result<()> {
        let table = self.first;
        let sql = if table == RULED {
            let keys = self.key_list();
            // What the interpreter will say takes no number's place: DuckDB leaves -0.0 as it is where 0.0 is put.
            format!("SELECT {keys}, CASE WHEN NOT suspect THEN {FINAL} END AS final_score, why, suspect FROM ({sql}) AS q")
        } else {
            sql.to_owned()
        };
        self.run(&format!("CREATE OR REPLACE TEMP TABLE {table} AS {sql}"))?;
        self.run(&format!("CREATE OR REPLACE TEMP TABLE {TOLD} (k BIGINT, score DOUBLE, why VARCHAR)"))?;
        let score = if table == RULED { "final_score" } else { "score" };
        self.still = format!("(SELECT rowid AS k, {score} AS {SCORE}, * FROM {table} WHERE {IN})");
        Ok(())
    }

    /// Runs hooks as one query on the pairs that are still in.
    pub(super) fn compiled(&mut self, compiled: &Compiled) -> Result<()> {
        let sql = compiled.sql(&self.still, &["k".to_owned()], Output::Scores, self.rules.limits.string);
        self.run(&format!("CREATE OR REPLACE TEMP TABLE {LAST} AS {sql}"))?;
        self.still_in_last();
        self.run(&format!("INSERT INTO {TOLD} SELECT k, NULL, why FROM {LAST} WHERE {OUT}"))
    }

    /// Runs hooks one by one on the pairs that are still in.
    pub(super) fn interpreted(&mut self, hooks: &[HookAt]) -> Result<()> {
        let (mut scores, mut told) = (Vec::new(), Vec::new());
        let mut own = Own::new(self.asked);
        self.each_pair(&self.still, |k, pair, score| {
            let mut progress = Progress::new(score);
            if run_interpreted(self.rules, hooks, &pair, own.of(&pair), self.strict, &mut progress).is_break() {
                // The command ends with this pair, or with one before it: those after it need not be run.
                return Ok(false);
            }
            if progress.goes_on() {
                scores.push((k, progress.score));
            } else if let Some((at, reason)) = progress.exclusion() {
                told.push((k, None, Some(excluded_by(&self.rules.rules[at.rule].id, &reason))));
            }
            Ok(true)
        })?;
        self.tell(&told)?;
        self.run(&format!("CREATE OR REPLACE TEMP TABLE {LAST} (k BIGINT, score DOUBLE, why VARCHAR, suspect BOOLEAN)"))?;
        let mut rows = self.db.conn().appender(LAST).map_err(failed)?;
        for (k, score) in &scores {
            let values: [&dyn ToSql; 4] = [k, score, &None::<String>, &false];
            rows.append_row(values.as_slice()).map_err(failed)?;
        }
        rows.flush().map_err(failed)?;
        self.still_in_last();
        Ok(())
    }

    /// Judges the pairs that are neither in nor told of, in the order of [`Way::each_pair`]. How many there were.
    pub(super) fn judge_the_others(&self) -> Result<usize> {
        let keys = self.key_list();
        let first = self.first;
        let open = if first == RULED {
            "suspect".to_owned()
        } else {
            let settled =
                format!("SELECT k FROM {} AS s UNION ALL SELECT k FROM {TOLD} UNION ALL SELECT rowid FROM {FIRST} WHERE {OUT}", self.still);
            format!("rowid NOT IN ({settled})")
        };
        let sql = format!("SELECT count(*) > 0 FROM {first} WHERE {open}");
        if !self.db.conn().query_row(&sql, [], |row| row.get::<_, bool>(0)).map_err(failed)? {
            return Ok(0);
        }
        let others = format!(
            "(SELECT r.*, q.k FROM {} AS r JOIN (SELECT {keys}, rowid AS k FROM {first} WHERE {open}) AS q USING ({keys}))",
            self.relation
        );
        let evaluator = self.rules.evaluator();
        let mut own = Own::new(self.asked);
        let mut told = Vec::new();
        self.each_pair(&others, |k, pair, suitability| {
            let (score, why) = evaluator.judge(&pair, suitability, own.of(&pair), self.strict)?.outcome();
            told.push((k, score, why));
            Ok(true)
        })?;
        self.tell(&told)?;
        Ok(told.len())
    }

    /// Puts together what became of each pair, in [`RULED`]; `whole`: how many were judged whole.
    pub(super) fn end(&self, whole: usize) -> Result<()> {
        if self.first == RULED {
            if whole == 0 {
                return Ok(());
            }
            return self.run(&format!("UPDATE {RULED} AS q SET final_score = o.score, why = o.why FROM {TOLD} AS o WHERE o.k = q.rowid"));
        }
        let keys = self.key_list();
        self.run(&format!(
            "CREATE OR REPLACE TEMP TABLE {RULED} AS
             SELECT {keys}, {FINAL} AS final_score, NULL::VARCHAR AS why FROM (SELECT {keys}, {SCORE} AS score, NULL AS why FROM {} AS s) AS q
             UNION ALL SELECT {keys}, NULL, why FROM {FIRST} WHERE {OUT}
             UNION ALL SELECT {keys}, o.score, o.why FROM {FIRST} AS q JOIN {TOLD} AS o ON o.k = q.rowid",
            self.still
        ))
    }

    /// From now on the pairs that are still in are those that the last segment left in.
    fn still_in_last(&mut self) {
        self.still = format!(
            "(SELECT s.k, s.score AS {SCORE}, q.* FROM {LAST} AS s JOIN {FIRST} AS q ON q.rowid = s.k WHERE NOT s.suspect AND s.why IS NULL)"
        );
    }

    /// Adds to [`TOLD`].
    fn tell(&self, told: &[Ruled]) -> Result<()> {
        let mut rows = self.db.conn().appender(TOLD).map_err(failed)?;
        for (k, score, why) in told {
            let values: [&dyn ToSql; 3] = [k, score, why];
            rows.append_row(values.as_slice()).map_err(failed)?;
        }
        rows.flush().map_err(failed)
    }

    /// Reads number, pair and suitability from a relation, until one is the last: by model and hardware, as pairs that are at hand are judged, then by
    /// the keys. So what ends a command is said of the same pair wherever rules run.
    fn each_pair(&self, relation: &str, mut take: impl FnMut(i64, Pair, f64) -> Result<bool>) -> Result<()> {
        let fields = PAIR.iter().map(|field| name(field.name)).collect::<Vec<_>>().join(", ");
        let sql = format!("SELECT k, {SCORE}, {fields} FROM {relation} AS p ORDER BY model, hardware, {}", self.key_list());
        let mut statement = self.db.conn().prepare(&sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let (k, suitability) = (row.get(0).map_err(failed)?, row.get(1).map_err(failed)?);
            if !take(k, pair(row, 2).map_err(failed)?, suitability)? {
                break;
            }
        }
        Ok(())
    }

    fn key_list(&self) -> String {
        self.keys.iter().map(|key| name(key)).collect::<Vec<_>>().join(", ")
    }

    fn run(&self, sql: &str) -> Result<()> {
        self.db.conn().execute_batch(sql).map_err(failed)
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
