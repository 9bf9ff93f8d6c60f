//! Landing imported rows: batches go to a temporary table, and from there, in one transaction, to their places.

use std::sync::Arc;

use duckdb::arrow::array::{ArrayRef, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray};
use duckdb::arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use duckdb::arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use duckdb::arrow::record_batch::RecordBatch;

use super::contexts::{Contexts, has_value, is_shared, pick};
use super::failure::told;
use super::layout::Layout;
use super::place::File;
use super::{Db, bases, doubts, place, schema};
use crate::import::{Batch, Column, columns};
use crate::{Error, Result};

/// What is remembered of one imported file.
#[derive(Clone, Debug, Default)]
pub struct FileRecord {
    /// Its path as it was named.
    pub file: String,
    /// The mapping that read it.
    pub format: String,
    /// Hash of its bytes, hex.
    pub sha256: String,
    /// Rows that it holds.
    pub rows_read: i64,
    /// Rows that were refused.
    pub rows_refused: i64,
}

/// What became of the rows of one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Landed {
    /// Rows that are new.
    pub added: i64,
    /// Rows that were there already, or twice in the file.
    pub duplicate: i64,
    /// Model versions that were made.
    pub versions: i64,
    /// Rows that were linked to a version.
    pub linked: i64,
}

/// Rows of one file on their way into the database. Dropped before [`Landing::finish`], it leaves nothing behind.
pub struct Landing<'a> {
    db: &'a mut Db,
    rows: i64,
    /// Whether any row names a version of its model.
    tagged: bool,
    contexts: Contexts,
    ended: bool,
    /// What the tables were before [`Landing::make_tables`].
    before: Option<Layout>,
}

#[expect(clippy::needless_pass_by_value, reason = "used in map_err")]
pub(super) fn failed(error: duckdb::Error) -> Error {
    told("the rows could not be stored", &error).help("nothing of this file was stored")
}

impl Db {
    /// Begins the landing of one file.
    ///
    /// # Errors
    /// The temporary table cannot be made.
    pub fn land(&mut self) -> Result<Landing<'_>> {
        self.remembered().forget();
        let declared = |shared: bool| {
            let fields = columns().filter(|field| is_shared(field) == shared);
            fields.map(|field| format!("\"{}\" {}", field.name, field.kind.sql())).collect::<Vec<_>>().join(", ")
        };
        // One transaction from here to the end: a table that is committed batch by batch copies each of them once more.
        self.conn().execute_batch("BEGIN TRANSACTION").map_err(failed)?;
        let landing = Landing { db: self, rows: 0, tagged: false, contexts: Contexts::default(), ended: false, before: None };
        let (of_rows, of_contexts) = (declared(false), declared(true));
        let tables = format!(
            "CREATE OR REPLACE TEMP TABLE suitor_landing (position BIGINT, context BIGINT, {of_rows});
             CREATE OR REPLACE TEMP TABLE suitor_landing_context (context BIGINT, {of_contexts})"
        );
        landing.db.conn().execute_batch(&tables).map_err(failed)?;
        Ok(landing)
    }
}

impl Landing<'_> {
    /// Makes the tables that are missing, as [`Db::create_schema`] does, but only if the rows land.
    ///
    /// # Errors
    /// See [`Db::create_schema`].
    pub fn make_tables(&mut self) -> Result<()> {
        let (_, after) = schema::make(self.db.conn(), self.db.layout(), &self.db.aliases())?;
        let before = self.db.layout().clone();
        self.db.set_layout(after);
        self.before.get_or_insert(before);
        Ok(())
    }

    /// Takes a batch of rows.
    ///
    /// # Errors
    /// The temporary table cannot hold them (disk full).
    pub fn append(&mut self, batch: Batch) -> Result<()> {
        if batch.rows == 0 {
            return Ok(());
        }
        let first = self.rows;
        self.rows += i64::try_from(batch.rows).unwrap_or(i64::MAX);
        let (numbers, new) = self.contexts.number(&batch);
        let numbers = Column::Integer(numbers);
        let mut shared = vec![("context", pick(&numbers, &new))];
        // Row ids are not used: within the transaction they are anything.
        let mut rows = vec![("position", Column::Integer((first..self.rows).map(Some).collect())), ("context", numbers)];
        for (field, column) in columns().zip(batch.columns) {
            // Half of the columns of most files are empty, and a null costs as much as a value: those are left to their
            // default. So is the label of the hardware, which nothing here asks for: name and count say it.
            if field.name == "hardware" || !has_value(&column) {
                continue;
            }
            self.tagged |= field.name == "version_tag";
            if is_shared(field) {
                shared.push((field.name, pick(&column, &new)));
            } else {
                rows.push((field.name, column));
            }
        }
        if !new.is_empty() {
            self.append_to("suitor_landing_context", shared)?;
        }
        self.append_to("suitor_landing", rows)
    }

    fn append_to(&self, table: &str, held: Vec<(&'static str, Column)>) -> Result<()> {
        let names: Vec<&str> = held.iter().map(|(name, _)| *name).collect();
        let schema = Schema::new(held.iter().map(|(name, column)| arrow_field(name, column)).collect::<Vec<_>>());
        let arrays = held.into_iter().map(|(_, column)| array(column)).collect::<Result<Vec<_>>>()?;
        let record = RecordBatch::try_new(Arc::new(schema), arrays)
            .map_err(|error| Error::failed(format!("a batch of rows is malformed: {error}")))?;
        let mut appender = self.db.conn().appender_with_columns(table, &names).map_err(failed)?;
        appender.append_record_batch(record).map_err(failed)?;
        appender.flush().map_err(failed)
    }

    /// [`Landing::place`], then [`Landing::end`].
    ///
    /// # Errors
    /// The database cannot be written; nothing of the file is stored then.
    pub fn finish(mut self, record: &FileRecord, now: i64, dry_run: bool) -> Result<Landed> {
        let landed = self.place(record, now)?;
        self.end(dry_run)?;
        Ok(landed)
    }

    /// Moves the rows to their places and says what became of them.
    ///
    /// A row whose content hash is there already (or came earlier in the file) is a duplicate.
    /// `now` is the time to record, microseconds since 1970, UTC.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn place(&mut self, record: &FileRecord, now: i64) -> Result<Landed> {
        self.db.layout().need("suitor_imports")?;
        let file = File { record, rows: self.rows, tagged: self.tagged };
        place::place(self.db.conn(), self.db.layout(), &file, now)
    }

    /// Returns a line for each row of the placed file whose latency, throughput and batch do not fit together: ten times
    /// off the same model on other hardware.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn doubts(&self, file: &str) -> Result<Vec<String>> {
        doubts::doubts(self.db.conn(), self.db.layout(), file)
    }

    /// Ends the transaction: everything is there at once, or with `dry_run` undone.
    ///
    /// # Errors
    /// The database cannot be written; nothing of the file is stored then.
    pub fn end(mut self, dry_run: bool) -> Result<()> {
        if dry_run {
            return Ok(());
        }
        let conn = self.db.conn();
        bases::end(conn)?;
        let tables = ["suitor_landing", "suitor_landing_context", "suitor_context", "suitor_keep", "suitor_keyed"];
        tables.iter().try_for_each(|table| conn.execute_batch(&format!("DROP TABLE IF EXISTS {table}"))).map_err(failed)?;
        conn.execute_batch("COMMIT").map_err(failed)?;
        self.ended = true;
        Ok(())
    }
}

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        if !self.ended {
            // Nothing is left to tell if this fails: then the transaction ends with the connection.
            let _ = self.db.conn().execute_batch("ROLLBACK");
            if let Some(before) = self.before.take() {
                self.db.set_layout(before);
            }
        }
    }
}

fn arrow_field(name: &str, column: &Column) -> Field {
    let kind = match column {
        Column::Text(_) => DataType::Utf8,
        Column::Integer(_) => DataType::Int64,
        Column::Number(_) => DataType::Float64,
        Column::Time(_) => DataType::Timestamp(TimeUnit::Microsecond, None),
    };
    Field::new(name, kind, true)
}

fn array(column: Column) -> Result<ArrayRef> {
    Ok(match column {
        Column::Integer(values) => Arc::new(Int64Array::from(values)),
        Column::Number(values) => Arc::new(Float64Array::from(values)),
        Column::Time(values) => Arc::new(TimestampMicrosecondArray::from(values)),
        Column::Text(texts) => {
            let mut offsets = Vec::with_capacity(texts.ends.len() + 1);
            offsets.push(0);
            offsets.extend(texts.ends);
            let values = Buffer::from_vec(texts.bytes.into_bytes());
            let nulls = texts.valid.contains(&false).then(|| NullBuffer::from(texts.valid));
            let array = StringArray::try_new(OffsetBuffer::new(ScalarBuffer::from(offsets)), values, nulls)
                .map_err(|error| Error::failed(format!("a batch of texts is malformed: {error}")))?;
            Arc::new(array)
        }
    })
}
