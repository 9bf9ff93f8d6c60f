//! What a reader gives: a record whose values can be asked for by name.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value as Json;

/// A value as it stands in a file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell<'a> {
    /// Text; numbers of a CSV are text too.
    Text(Cow<'a, str>),
    /// An integer.
    Integer(i64),
    /// Any other number.
    Number(f64),
}

impl<'a> Cell<'a> {
    /// The value made a text.
    pub(crate) fn into_text(self) -> Cow<'a, str> {
        match self {
            Self::Text(text) => text,
            Self::Integer(number) => Cow::Owned(number.to_string()),
            Self::Number(number) => Cow::Owned(number.to_string()),
        }
    }

    /// The value as text.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Integer(number) => Cow::Owned(number.to_string()),
            Self::Number(number) => Cow::Owned(number.to_string()),
        }
    }

    /// The value as a number, if it is one.
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Text(text) => text.trim().parse().ok(),
            #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
            Self::Integer(number) => Some(*number as f64),
            Self::Number(number) => Some(*number),
        }
    }
}

/// One record of a file.
#[derive(Clone, Copy)]
pub(crate) enum Record<'a> {
    /// A line of a CSV; columns have been found before.
    Line(&'a csv::StringRecord),
    /// A value of a JSON document.
    Json {
        /// The record.
        record: &'a Json,
        /// The document that it stands in.
        root: &'a Json,
        /// The file beside it.
        companion: Option<&'a Json>,
    },
}

/// Where a value is, once the header is known.
#[derive(Clone, Debug)]
pub(crate) enum Slot {
    /// A column of a CSV.
    Index(usize),
    /// A JSON pointer.
    Pointer(Origin, String),
    /// A key of a JSON object.
    Key(Origin, String),
    /// The same text in every record.
    Fixed(String),
    /// The file has no such column.
    Nowhere,
}

/// Which JSON value a slot looks into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The record.
    Record,
    /// The document.
    Root,
    /// The companion.
    Companion,
}

impl Slot {
    /// The slot of a column's name in a CSV with these columns, or in JSON.
    pub(crate) fn find(name: &str, columns: Option<&BTreeMap<String, usize>>) -> Self {
        if let Some(columns) = columns {
            return columns.get(name).map_or(Self::Nowhere, |at| Self::Index(*at));
        }
        let (origin, rest) = match name.as_bytes().first() {
            Some(b'^') => (Origin::Root, &name[1..]),
            Some(b'@') => (Origin::Companion, &name[1..]),
            _ => (Origin::Record, name),
        };
        if rest.starts_with('/') { Self::Pointer(origin, rest.to_owned()) } else { Self::Key(origin, rest.to_owned()) }
    }

    /// Whether there may be a value.
    pub(crate) fn is_somewhere(&self) -> bool {
        !matches!(self, Self::Nowhere)
    }
}

impl<'a> Record<'a> {
    /// The value in a slot; `None` when there is none, or an empty text.
    pub(crate) fn get(self, slot: &Slot) -> Option<Cell<'a>> {
        match (self, slot) {
            (_, Slot::Fixed(text)) => Some(Cell::Text(Cow::Owned(text.clone()))),
            (Self::Line(line), Slot::Index(at)) => {
                let text = line.get(*at)?.trim();
                if text.is_empty() { None } else { Some(Cell::Text(Cow::Borrowed(text))) }
            }
            (Self::Json { record, root, companion }, Slot::Pointer(origin, _) | Slot::Key(origin, _)) => {
                let document = match origin {
                    Origin::Record => record,
                    Origin::Root => root,
                    Origin::Companion => companion?,
                };
                let found = match slot {
                    Slot::Pointer(_, pointer) => document.pointer(pointer)?,
                    Slot::Key(_, key) => document.get(key)?,
                    _ => return None,
                };
                cell(found)
            }
            _ => None,
        }
    }
}

/// A JSON value as a cell: a list gives its first value, an object none.
fn cell(value: &Json) -> Option<Cell<'_>> {
    match value {
        Json::Null | Json::Object(_) => None,
        Json::Bool(flag) => Some(Cell::Text(Cow::Borrowed(if *flag { "true" } else { "false" }))),
        Json::Number(number) => number.as_i64().map(Cell::Integer).or_else(|| number.as_f64().map(Cell::Number)),
        Json::String(text) => {
            let text = text.trim();
            if text.is_empty() { None } else { Some(Cell::Text(Cow::Borrowed(text))) }
        }
        Json::Array(items) => items.first().and_then(cell),
    }
}
