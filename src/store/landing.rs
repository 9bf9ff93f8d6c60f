//! Landing imported rows: batches go to a temporary table, and from there, in one transaction, to their places.

use std::sync::Arc;

use duckdb::arrow::array::{ArrayRef, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray};
use duckdb::arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use duckdb::arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use duckdb::arrow::record_batch::RecordBatch;

use super::failure::told;
use super::{Db, place};
use crate::fields::{self, Type};
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
    ended: bool,
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
        let declared = columns().map(|field| format!("\"{}\" {}", field.name, field.kind.sql())).collect::<Vec<_>>().join(", ");
        // One transaction from here to the end: a table that is committed batch by batch copies each of them once more.
        self.conn().execute_batch("BEGIN TRANSACTION").map_err(failed)?;
        let landing = Landing { db: self, rows: 0, ended: false };
        landing.db.conn().execute_batch(&format!("CREATE OR REPLACE TEMP TABLE suitor_landing ({declared})")).map_err(failed)?;
        Ok(landing)
    }
}

impl Landing<'_> {
    /// Takes a batch of rows.
    ///
    /// # Errors
    /// The temporary table cannot hold them (disk full).
    pub fn append(&mut self, batch: Batch) -> Result<()> {
        if batch.rows == 0 {
            return Ok(());
        }
        self.rows += i64::try_from(batch.rows).unwrap_or(i64::MAX);
        // Half of the columns of most files are empty, and a null costs as much as a value: those are left to their default.
        // So is the label of the hardware, which nothing here asks for: name and count say it.
        let needed = |field: &fields::Field, column: &Column| field.name != "hardware" && has_value(column);
        let held: Vec<_> = columns().zip(batch.columns).filter(|(field, column)| needed(field, column)).collect();
        let names: Vec<&str> = held.iter().map(|(field, _)| field.name).collect();
        let schema = Schema::new(held.iter().map(|(field, _)| arrow_field(field)).collect::<Vec<_>>());
        let arrays = held.into_iter().map(|(_, column)| array(column)).collect::<Result<Vec<_>>>()?;
        let record = RecordBatch::try_new(Arc::new(schema), arrays)
            .map_err(|error| Error::failed(format!("a batch of rows is malformed: {error}")))?;
        let mut appender = self.db.conn().appender_with_columns("suitor_landing", &names).map_err(failed)?;
        appender.append_record_batch(record).map_err(failed)?;
        appender.flush().map_err(failed)
    }

    /// Moves the rows to their places in one transaction and says what became of them. With `dry_run` everything is
    /// done and then undone.
    ///
    /// A row whose content hash is there already (or came earlier in the file) is a duplicate.
    /// `now` is the time to record, microseconds since 1970, UTC.
    ///
    /// # Errors
    /// The database cannot be written; nothing of the file is stored then.
    pub fn finish(mut self, record: &FileRecord, now: i64, dry_run: bool) -> Result<Landed> {
        self.db.layout().need("suitor_imports")?;
        let conn = self.db.conn();
        let landed = place::place(conn, self.db.layout(), record, self.rows, now)?;
        conn.execute_batch("DROP TABLE IF EXISTS suitor_landing; DROP TABLE IF EXISTS suitor_keep").map_err(failed)?;
        conn.execute_batch(if dry_run { "ROLLBACK" } else { "COMMIT" }).map_err(failed)?;
        self.ended = true;
        Ok(landed)
    }
}

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        if !self.ended {
            // Nothing is left to tell if this fails: then the transaction ends with the connection.
            let _ = self.db.conn().execute_batch("ROLLBACK");
        }
    }
}

fn has_value(column: &Column) -> bool {
    match column {
        Column::Text(texts) => texts.valid.contains(&true),
        Column::Number(values) => values.iter().any(Option::is_some),
        Column::Integer(values) | Column::Time(values) => values.iter().any(Option::is_some),
    }
}

fn arrow_field(field: &fields::Field) -> Field {
    let kind = match field.kind {
        Type::Text => DataType::Utf8,
        Type::Integer => DataType::Int64,
        Type::Number => DataType::Float64,
        Type::Time => DataType::Timestamp(TimeUnit::Microsecond, None),
    };
    Field::new(field.name, kind, true)
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
            let array = StringArray::try_new(OffsetBuffer::new(ScalarBuffer::from(offsets)), values, Some(NullBuffer::from(texts.valid)))
                .map_err(|error| Error::failed(format!("a batch of texts is malformed: {error}")))?;
            Arc::new(array)
        }
    })
}
