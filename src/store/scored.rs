//! Scores of many pairs: made part by part into a table of the database, which spills what does not fit into memory, then stored from
//! there, or read one by one.

use std::sync::atomic::{AtomicU64, Ordering};

use duckdb::OptionalExt as _;
use duckdb::arrow::array::{Array, AsArray};
use duckdb::arrow::datatypes::{Float64Type, Int64Type};
use duckdb::arrow::record_batch::RecordBatch;

use super::score::failed;
use super::{Db, StoredScore};
use crate::Result;
use crate::rules::records::NOT_SCORED;

/// Columns of the table, in the order of the fields of [`StoredScore`]; the last two of those are the same for all pairs.
const COLUMNS: &str = "model_id BIGINT, model VARCHAR, hardware_id BIGINT, hardware VARCHAR, compatibility DOUBLE, suitability DOUBLE, final_score DOUBLE,
  rank BIGINT, confidence DOUBLE, results BIGINT, batch_size BIGINT, precision VARCHAR, memory DOUBLE, components VARCHAR, provenance VARCHAR, notes VARCHAR";

/// Tells the tables of one connection apart.
static MADE: AtomicU64 = AtomicU64::new(0);

/// The scores of many pairs, of each model in the order of ranks, then those without a score. They are there for as long as this is.
pub struct Scored<'a> {
    db: &'a Db,
    table: String,
    rule_set: String,
    fingerprint: String,
}

impl<'a> Scored<'a> {
    /// None yet. `rule_set`: the hash of the rules that make them.
    pub(crate) fn new(db: &'a Db, rule_set: &str) -> Result<Self> {
        let table = format!("suitor_scored_{}", MADE.fetch_add(1, Ordering::Relaxed));
        db.conn().execute_batch(&format!("CREATE TEMP TABLE {table} ({COLUMNS})")).map_err(failed)?;
        Ok(Self { db, table, rule_set: rule_set.to_owned(), fingerprint: String::new() })
    }

    /// Adds what a SELECT gives, with the columns of this table.
    pub(super) fn add_all(&mut self, select: &str) -> Result<()> {
        self.db.conn().execute_batch(&format!("INSERT INTO {} {select}", self.table)).map_err(failed)
    }

    /// Adds scores that were made one by one.
    pub(crate) fn add(&mut self, scores: &[StoredScore]) -> Result<()> {
        let mut rows = self.db.conn().appender(&self.table).map_err(failed)?;
        for one in scores {
            rows.append_row(duckdb::params![
                one.model_id,
                one.model,
                one.hardware_id,
                one.hardware,
                one.compatibility,
                one.suitability,
                one.final_score,
                one.rank,
                one.confidence,
                one.results,
                one.recommended_batch_size,
                one.recommended_precision,
                one.memory_requirement,
                one.components,
                one.provenance,
                one.notes
            ])
            .map_err(failed)?;
        }
        rows.flush().map_err(failed)
    }

    /// Says what rows all of them rest on.
    pub(crate) fn rest_on(&mut self, fingerprint: &str) {
        fingerprint.clone_into(&mut self.fingerprint);
    }

    pub(super) fn db(&self) -> &'a Db {
        self.db
    }

    /// The table, with the columns that [`StoredScore`] has before the last two.
    pub(super) fn table(&self) -> &str {
        &self.table
    }

    /// Hash of the rule set.
    #[must_use]
    pub fn rule_set(&self) -> &str {
        &self.rule_set
    }

    /// Order-free sum of the content hashes of the rows used, hex.
    #[must_use]
    pub fn data_fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// How many pairs there are, and of how many models.
    ///
    /// # Errors
    /// The table cannot be read.
    pub fn count(&self) -> Result<(usize, usize)> {
        let sql = format!("SELECT count(*), count(DISTINCT model) FROM {}", self.table);
        self.db.conn().query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed)
    }

    /// How many pairs have no score because a rule failed on them, and the model and hardware of the first by name; `None` where there is none.
    ///
    /// # Errors
    /// The table cannot be read.
    pub(crate) fn failed(&self) -> Result<Option<(usize, String, String)>> {
        let sql = format!(
            "SELECT count(*) OVER (), model, hardware FROM {} WHERE starts_with(notes, '{NOT_SCORED}') ORDER BY model, hardware LIMIT 1",
            self.table
        );
        let found = self.db.conn().query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        found.optional().map_err(failed)
    }

    /// The hardware that a model has a score on, with or without a rank.
    ///
    /// # Errors
    /// The table cannot be read.
    pub(crate) fn hardware_of(&self, model_id: i64) -> Result<Vec<i64>> {
        let mut statement =
            self.db.conn().prepare(&format!("SELECT hardware_id FROM {} WHERE model_id = {model_id}", self.table)).map_err(failed)?;
        let rows = statement.query_map([], |row| row.get(0)).map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }

    /// Hands them out by model and rank, a few thousand in memory at a time.
    ///
    /// # Errors
    /// The table cannot be read, or what `take` says.
    pub fn each(&self, take: &mut dyn FnMut(StoredScore) -> Result<()>) -> Result<()> {
        let sql = format!("SELECT * FROM {} ORDER BY model, model_id, rowid", self.table);
        let mut statement = self.db.conn().prepare(&sql).map_err(failed)?;
        for batch in statement.stream_arrow([]).map_err(failed)? {
            let batch = batch.map_err(failed)?;
            for row in 0..batch.num_rows() {
                take(self.score(&batch, row))?;
            }
        }
        Ok(())
    }

    /// All of them, in memory.
    ///
    /// # Errors
    /// The table cannot be read.
    pub fn read(&self) -> Result<Vec<StoredScore>> {
        let mut all = Vec::new();
        self.each(&mut |one| {
            all.push(one);
            Ok(())
        })?;
        Ok(all)
    }

    fn score(&self, batch: &RecordBatch, row: usize) -> StoredScore {
        let some = |at: usize| batch.column(at).is_valid(row);
        let whole = |at: usize| batch.column(at).as_primitive::<Int64Type>().value(row);
        let number = |at: usize| batch.column(at).as_primitive::<Float64Type>().value(row);
        let text = |at: usize| batch.column(at).as_string::<i32>().value(row).to_owned();
        StoredScore {
            model_id: whole(0),
            model: text(1),
            hardware_id: whole(2),
            hardware: text(3),
            compatibility: number(4),
            suitability: number(5),
            final_score: some(6).then(|| number(6)),
            rank: some(7).then(|| whole(7)),
            confidence: number(8),
            results: whole(9),
            recommended_batch_size: some(10).then(|| whole(10)),
            recommended_precision: some(11).then(|| text(11)),
            memory_requirement: some(12).then(|| number(12)),
            components: text(13),
            provenance: text(14),
            notes: some(15).then(|| text(15)),
            rule_set: self.rule_set.clone(),
            data_fingerprint: self.fingerprint.clone(),
        }
    }
}

impl Drop for Scored<'_> {
    fn drop(&mut self) {
        // It goes with the connection at the latest.
        let _ = self.db.conn().execute_batch(&format!("DROP TABLE IF EXISTS {}", self.table));
    }
}
