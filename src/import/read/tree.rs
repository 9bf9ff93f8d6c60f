//! Records of a JSON document.

use serde_json::Value as Json;

use crate::import::record::Record;
use crate::import::row::{Rows, Sink};
use crate::{Error, Result};

/// Takes in every record of a document: those of the list at `records`, or of the document itself when it is a list.
///
/// # Errors
/// There is no list at `records`, or a record is no object (exit code 2).
pub(crate) fn json(
    rows: &Rows<'_>,
    root: &Json,
    records: Option<&str>,
    companion: Option<&Json>,
    file: &str,
    sink: &mut Sink,
) -> Result<()> {
    let (list, before) = match records {
        Some(pointer) => (root.pointer(pointer), pointer),
        None => (Some(root), ""),
    };
    let list = list.ok_or_else(|| Error::input(format!("{file}: there is nothing at `{before}`, expected the list of results")))?;
    let records: Vec<(String, &Json)> = match list {
        Json::Array(items) => items.iter().enumerate().map(|(at, item)| (format!("{before}/{at}"), item)).collect(),
        one => vec![(if before.is_empty() { "/".to_owned() } else { before.to_owned() }, one)],
    };
    let mut taker = rows.taker(file);
    for (place, record) in records {
        if !record.is_object() {
            return Err(Error::input(format!("{file}: `{place}` is no object, expected a result")));
        }
        taker.take(Record::Json { record, root, companion }, &place, sink);
    }
    Ok(())
}
