//! Landing imported rows: batches go to a temporary table, and from there, in one transaction, to their places.

use std::sync::Arc;

use duckdb::arrow::array::{ArrayRef, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray};
use duckdb::arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use duckdb::arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use duckdb::arrow::record_batch::RecordBatch;

use super::Db;
use crate::fields::{FIELDS, Role, Type};
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
    schema: Arc<Schema>,
    rows: i64,
}

fn failed(error: duckdb::Error) -> Error {
    Error::failed(format!("the rows could not be stored: {error}")).help("nothing of this file was stored")
}

impl Db {
    /// Begins the landing of one file.
    ///
    /// # Errors
    /// The temporary table cannot be made.
    pub fn land(&mut self) -> Result<Landing<'_>> {
        let declared = columns().map(|field| format!("\"{}\" {}", field.name, field.kind.sql())).collect::<Vec<_>>().join(", ");
        self.conn().execute_batch(&format!("CREATE OR REPLACE TEMP TABLE suitor_landing ({declared})")).map_err(failed)?;
        let fields = columns().map(|field| {
            let kind = match field.kind {
                Type::Text => DataType::Utf8,
                Type::Integer => DataType::Int64,
                Type::Number => DataType::Float64,
                Type::Time => DataType::Timestamp(TimeUnit::Microsecond, None),
            };
            Field::new(field.name, kind, true)
        });
        Ok(Landing { schema: Arc::new(Schema::new(fields.collect::<Vec<_>>())), db: self, rows: 0 })
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
        let arrays = batch.columns.into_iter().map(array).collect::<Result<Vec<_>>>()?;
        let record = RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map_err(|error| Error::failed(format!("a batch of rows is malformed: {error}")))?;
        let mut appender = self.db.conn().appender("suitor_landing").map_err(failed)?;
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
    pub fn finish(self, record: &FileRecord, now: i64, dry_run: bool) -> Result<Landed> {
        let Self { db, rows, .. } = self;
        let transaction = db.conn_mut().transaction().map_err(failed)?;
        let run = |sql: &str| transaction.execute_batch(sql).map_err(failed);
        let count = |sql: &str| transaction.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(failed);
        let now = format!("make_timestamp({now}::BIGINT)");
        run(KEEP)?;
        let added = count("SELECT count(*) FROM suitor_keep")?;
        run(&format!(
                "INSERT INTO models (model_name, model_family, parameters_million, created_at)
                 SELECT model, first(model_family ORDER BY l.rowid) FILTER (model_family IS NOT NULL), first(parameters_million ORDER BY l.rowid) FILTER (parameters_million IS NOT NULL), {now}
                 FROM suitor_landing AS l WHERE l.rowid IN (SELECT rid FROM suitor_keep) AND model NOT IN (SELECT model_name FROM models)
                 GROUP BY model ORDER BY min(l.rowid);
                 INSERT INTO hardware_platforms (device_name, device_count, hardware_type, memory_gb, created_at)
                 SELECT hardware_name, device_count, first(hardware_type ORDER BY l.rowid) FILTER (hardware_type IS NOT NULL), first(device_memory_mb ORDER BY l.rowid) FILTER (device_memory_mb IS NOT NULL) / 1000, {now}
                 FROM suitor_landing AS l WHERE l.rowid IN (SELECT rid FROM suitor_keep)
                   AND NOT EXISTS (SELECT 1 FROM hardware_platforms AS h WHERE h.device_name = l.hardware_name AND h.device_count = l.device_count)
                 GROUP BY hardware_name, device_count ORDER BY min(l.rowid);"
            ))?;
        run(FILL)?;
        run(&format!(
            "INSERT INTO suitor_imports (file, format, sha256, rows_read, rows_added, rows_duplicate, rows_refused, created_at)
                 VALUES ({}, {}, {}, {}, {added}, {}, {}, {now})",
            text(&record.file),
            text(&record.format),
            text(&record.sha256),
            record.rows_read,
            rows - added,
            record.rows_refused
        ))?;
        run(&insert_results())?;
        let versions = count("SELECT count(*) FROM model_registry_versions")?;
        let links = count("SELECT count(*) FROM model_version_results")?;
        run(&format!(
            "INSERT INTO model_registry_versions (model_id, version_tag, created_at)
             SELECT m.model_id, l.version_tag, {now} FROM suitor_landing AS l JOIN models AS m ON m.model_name = l.model
             WHERE l.version_tag IS NOT NULL AND l.rowid IN (SELECT rid FROM suitor_keep)
               AND NOT EXISTS (SELECT 1 FROM model_registry_versions AS v WHERE v.model_id = m.model_id AND v.version_tag = l.version_tag)
             GROUP BY ALL ORDER BY min(l.rowid);
             INSERT INTO model_version_results (version_id, result_id)
             SELECT DISTINCT v.id, r.result_id FROM suitor_landing AS l
             JOIN models AS m ON m.model_name = l.model
             JOIN model_registry_versions AS v ON v.model_id = m.model_id AND v.version_tag = l.version_tag
             JOIN performance_results AS r ON r.model_id = m.model_id AND r.content_hash = l.content_hash
             WHERE NOT EXISTS (SELECT 1 FROM model_version_results AS x WHERE x.version_id = v.id AND x.result_id = r.result_id)"
        ))?;
        let landed = Landed {
            added,
            duplicate: rows - added,
            versions: count("SELECT count(*) FROM model_registry_versions")? - versions,
            linked: count("SELECT count(*) FROM model_version_results")? - links,
        };
        if dry_run {
            transaction.rollback().map_err(failed)?
        } else {
            transaction.commit().map_err(failed)?
        }
        db.conn().execute_batch("DROP TABLE IF EXISTS suitor_landing; DROP TABLE IF EXISTS suitor_keep").map_err(failed)?;
        Ok(landed)
    }
}

/// The first of each content hash (the source's own key is part of it) that the database does not hold, with its new key.
const KEEP: &str = "CREATE OR REPLACE TEMP TABLE suitor_keep AS
SELECT rid, nextval('suitor_result_seq') AS result_id FROM (
  SELECT min(l.rowid) AS rid FROM suitor_landing AS l
  WHERE NOT EXISTS (SELECT 1 FROM performance_results AS r WHERE r.content_hash = l.content_hash)
  GROUP BY l.content_hash ORDER BY rid
)";

/// What a later file says of a model or hardware that an earlier one left open.
const FILL: &str = "UPDATE models SET model_family = coalesce(models.model_family, n.family), parameters_million = coalesce(models.parameters_million, n.size)
FROM (SELECT model, first(model_family ORDER BY rowid) FILTER (model_family IS NOT NULL) AS family, first(parameters_million ORDER BY rowid) FILTER (parameters_million IS NOT NULL) AS size
      FROM suitor_landing GROUP BY model) AS n
WHERE n.model = models.model_name AND ((models.model_family IS NULL AND n.family IS NOT NULL) OR (models.parameters_million IS NULL AND n.size IS NOT NULL));
UPDATE hardware_platforms SET hardware_type = coalesce(hardware_platforms.hardware_type, n.kind), memory_gb = coalesce(hardware_platforms.memory_gb, n.memory)
FROM (SELECT hardware_name, device_count, first(hardware_type ORDER BY rowid) FILTER (hardware_type IS NOT NULL) AS kind, first(device_memory_mb ORDER BY rowid) FILTER (device_memory_mb IS NOT NULL) / 1000 AS memory
      FROM suitor_landing GROUP BY hardware_name, device_count) AS n
WHERE n.hardware_name = hardware_platforms.device_name AND n.device_count = hardware_platforms.device_count
  AND ((hardware_platforms.hardware_type IS NULL AND n.kind IS NOT NULL) OR (hardware_platforms.memory_gb IS NULL AND n.memory IS NOT NULL))";

fn insert_results() -> String {
    let own = || {
        FIELDS
            .iter()
            .filter(|field| !matches!(field.role, Role::Model | Role::Hardware))
            .map(|field| field.name)
            .chain(["published_at", "metadata"])
    };
    let columns = own().collect::<Vec<_>>().join(", ");
    let values = own().map(|name| format!("l.{name}")).collect::<Vec<_>>().join(", ");
    format!(
        "INSERT INTO performance_results (result_id, model_id, hardware_id, import_id, {columns})
         SELECT k.result_id, m.model_id, h.hardware_id, (SELECT max(import_id) FROM suitor_imports), {values}
         FROM suitor_landing AS l JOIN suitor_keep AS k ON k.rid = l.rowid
         JOIN models AS m ON m.model_name = l.model
         JOIN hardware_platforms AS h ON h.device_name = l.hardware_name AND h.device_count = l.device_count"
    )
}

fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
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
