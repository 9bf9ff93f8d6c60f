//! Frozen rows: CSV under the names of the fields, taken as they are.
//!
//! What `import` does to a row (names by aliases.toml, checks, mappings) was done before it was frozen, or was never done because
//! the row is another software's. So frozen rows give the same answer wherever they are read.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::fields::{FIELDS, Field, Type};
use crate::import::{Batch, Column, columns};
use crate::store::Db;
use crate::store::landing::FileRecord;
use crate::{Error, Result};

/// Fields that say where a row is from, and nothing that an answer hangs on.
const LEFT_OUT: [&str; 3] = ["source_file", "source_key", "content_hash"];
/// Fields that every row must have.
const NEEDED: [&str; 7] = ["model", "hardware", "hardware_name", "device_count", "hardware_type", "task", "provenance"];

/// What is wrong with frozen rows: the line (from 1, the header is 1) and the message.
pub(super) type Wrong = (usize, String);

/// Rows, a value for each of [`FIELDS`], as CSV; columns that no row has a value in are left out. `version` is linked to each row.
///
/// # Errors
/// Only when memory is short.
pub(super) fn write(rows: &[Vec<Option<String>>], version: Option<&str>) -> Result<String> {
    let failed = |error: csv::Error| Error::failed(format!("the rows could not be written as CSV: {error}"));
    let kept: Vec<usize> =
        (0..FIELDS.len()).filter(|at| !LEFT_OUT.contains(&FIELDS[*at].name) && rows.iter().any(|row| row[*at].is_some())).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let names = kept.iter().map(|at| FIELDS[*at].name).chain(version.map(|_| "version_tag"));
    writer.write_record(names).map_err(failed)?;
    for row in rows {
        let values = kept.iter().map(|at| row[*at].as_deref().unwrap_or_default());
        writer.write_record(values.chain(version)).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| Error::failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|_| Error::failed("the rows are no text"))
}

/// Puts frozen rows into a database.
///
/// # Errors
/// The first line that is wrong, or an error of the database.
pub(super) fn land(db: &mut Db, text: &str) -> Result<std::result::Result<(), Wrong>> {
    let batch = match batch(text) {
        Ok(batch) => batch,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let rows = i64::try_from(batch.rows).unwrap_or(i64::MAX);
    let mut landing = db.land()?;
    landing.append(batch)?;
    let record = FileRecord { file: "rows".to_owned(), format: "frozen".to_owned(), rows_read: rows, ..FileRecord::default() };
    landing.finish(&record, 0, false)?;
    Ok(Ok(()))
}

fn batch(text: &str) -> std::result::Result<Batch, Wrong> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let broken = |error: &csv::Error| {
        let line = error.position().map_or(1, |position| usize::try_from(position.line()).unwrap_or(1));
        let what = match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => format!("{len} fields, expected {expected_len} as in the header"),
            _ => error.to_string(),
        };
        (line, what)
    };
    let header = reader.headers().map_err(|error| broken(&error))?.clone();
    let known = || columns().map(|field| field.name).filter(|name| !LEFT_OUT.contains(name));
    for name in &header {
        if !known().any(|known| known == name) {
            let near = crate::error::nearest(name, known());
            let help = if near.is_empty() { String::new() } else { format!(", did you mean {}?", near.join(", ")) };
            return Err((1, format!("frozen rows have no field `{name}`{help}")));
        }
    }
    if let Some(name) = NEEDED.iter().find(|name| !header.iter().any(|there| there == **name)) {
        return Err((1, format!("frozen rows have no column `{name}`")));
    }
    let mut batch = Batch::new();
    let mut seen: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(|error| broken(&error))?;
        let line = record.position().map_or(1, |position| usize::try_from(position.line()).unwrap_or(1));
        let repeat = seen.entry(record.iter().map(str::to_owned).collect()).or_default();
        let hash = hash(&header, &record, *repeat);
        *repeat += 1;
        for (field, column) in columns().zip(&mut batch.columns) {
            let value = header.iter().position(|name| name == field.name).map(|at| &record[at]).filter(|value| !value.is_empty());
            if value.is_none() && NEEDED.contains(&field.name) {
                return Err((line, format!("no {}", field.name)));
            }
            let line_text = line.to_string();
            let value = match field.name {
                "source_file" => Some("rows"),
                "source_key" => Some(line_text.as_str()),
                "content_hash" => Some(hash.as_str()),
                _ => value,
            };
            push(column, field, value).map_err(|what| (line, what))?;
        }
        batch.rows += 1;
    }
    Ok(batch)
}

fn push(column: &mut Column, field: &Field, value: Option<&str>) -> std::result::Result<(), String> {
    let wrong = |what: &str| format!("{} is `{}`, expected {what}", field.name, value.unwrap_or_default());
    match (column, field.kind) {
        (Column::Text(texts), _) => texts.push(value),
        (Column::Integer(values), _) => values.push(value.map(str::parse).transpose().map_err(|_| wrong("a whole number"))?),
        (Column::Number(values), _) => {
            let number: Option<f64> = value.map(str::parse).transpose().map_err(|_| wrong("a number"))?;
            values.push(number.filter(|number| number.is_finite()));
        }
        (Column::Time(values), _) => {
            let time: Option<Timestamp> = value.map(str::parse).transpose().map_err(|_| wrong("a time such as 2026-11-23T12:00:00Z"))?;
            values.push(time.map(Timestamp::as_microsecond));
        }
    }
    debug_assert!(matches!(field.kind, Type::Text | Type::Integer | Type::Number | Type::Time));
    Ok(())
}

/// 32 hex digits of a row's content; rows of equal content are results of their own, told apart by `repeat`.
fn hash(header: &csv::StringRecord, record: &csv::StringRecord, repeat: usize) -> String {
    let mut digest = Sha256::new();
    digest.update((repeat as u64).to_le_bytes());
    for (name, value) in header.iter().zip(record).filter(|(_, value)| !value.is_empty()) {
        for part in [name, value] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part.as_bytes());
        }
    }
    digest.finalize().iter().take(16).fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_wrong_is_named() {
        let header = "model,hardware,hardware_name,device_count,hardware_type,task,provenance,throughput_items_per_second\n";
        let good = "m,H x2,H,2,cuda,inference,measured,1.5\n";
        assert_eq!(batch(&format!("{header}{good}{good}")).unwrap().rows, 2);
        assert_eq!(batch(&format!("{header}{good}m,H,H,two,cuda,inference,measured,1\n")).unwrap_err().0, 3);
        assert_eq!(batch(&format!("{header}m,H,H,1,cuda,,measured,1\n")).unwrap_err(), (2, "no task".to_owned()));
        assert_eq!(batch("model\nm\n").unwrap_err().1, "frozen rows have no column `hardware`");
        assert!(batch("modle\nm\n").unwrap_err().1.contains("did you mean `model`"));
    }
}
