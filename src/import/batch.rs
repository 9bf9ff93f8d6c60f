//! What the importer hands to the store: rows by column, so that a million of them cost no allocation a cell.

use crate::fields::{FIELDS, Field, Role, Type};

/// Columns that a landed row has beyond [`FIELDS`]: they come after them in a [`Batch`], in this order.
pub const EXTRA: &[Field] = &[
    Field { name: "published_at", kind: Type::Time, role: Role::Origin, about: "when it was published, UTC" },
    Field { name: "metadata", kind: Type::Text, role: Role::Origin, about: "columns that no field takes, as a JSON object" },
    Field { name: "version_tag", kind: Type::Text, role: Role::Origin, about: "model version to link the row to" },
];

/// Returns the columns of a batch, in order: [`FIELDS`], then [`EXTRA`].
pub fn columns() -> impl Iterator<Item = &'static Field> {
    FIELDS.iter().chain(EXTRA)
}

/// Texts one after the other, as Arrow keeps them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextColumn {
    /// All the texts without anything between them.
    pub bytes: String,
    /// Where each text ends in `bytes`; it begins where the one before it ends.
    pub ends: Vec<i32>,
    /// Whether there is a text; one that is not there has no length.
    pub valid: Vec<bool>,
}

impl TextColumn {
    /// Appends one text, or none.
    pub fn push(&mut self, text: Option<&str>) {
        self.bytes.push_str(text.unwrap_or_default());
        self.ends.push(i32::try_from(self.bytes.len()).unwrap_or(i32::MAX));
        self.valid.push(text.is_some());
    }

    /// Returns the text of a row.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        let start = if row == 0 { 0 } else { usize::try_from(*self.ends.get(row - 1)?).ok()? };
        let end = usize::try_from(*self.ends.get(row)?).ok()?;
        if self.valid[row] { self.bytes.get(start..end) } else { None }
    }
}

/// One column of a batch.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// VARCHAR.
    Text(TextColumn),
    /// BIGINT.
    Integer(Vec<Option<i64>>),
    /// DOUBLE.
    Number(Vec<Option<f64>>),
    /// TIMESTAMP, microseconds since 1970 in UTC.
    Time(Vec<Option<i64>>),
}

impl Column {
    /// Whether it has no row yet.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Text(texts) => texts.valid.is_empty(),
            Self::Integer(values) | Self::Time(values) => values.is_empty(),
            Self::Number(values) => values.is_empty(),
        }
    }

    /// Gives an empty column that many rows without a value.
    pub(crate) fn begin(&mut self, rows: usize) {
        if rows == 0 || !self.is_empty() {
            return;
        }
        match self {
            Self::Text(texts) => {
                texts.ends.resize(rows, 0);
                texts.valid.resize(rows, false);
            }
            Self::Integer(values) | Self::Time(values) => values.resize(rows, None),
            Self::Number(values) => values.resize(rows, None),
        }
    }
}

/// Rows that passed every check, with the names already resolved by `aliases.toml`.
///
/// Never null: `model`, `hardware`, `hardware_name`, `device_count`, `hardware_type`, `task`, `provenance`, `source_file`,
/// `source_key`, `content_hash`.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// One a column, in the order of [`columns`]; a column in which no row has a value may be empty.
    pub columns: Vec<Column>,
    /// How many rows each column has that is not empty.
    pub rows: usize,
}

impl Batch {
    /// Makes an empty batch.
    #[must_use]
    pub fn new() -> Self {
        let columns = columns()
            .map(|field| match field.kind {
                Type::Text => Column::Text(TextColumn::default()),
                Type::Integer => Column::Integer(Vec::new()),
                Type::Number => Column::Number(Vec::new()),
                Type::Time => Column::Time(Vec::new()),
            })
            .collect();
        Self { columns, rows: 0 }
    }

    /// Returns the column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        columns().position(|field| field.name == name).and_then(|at| self.columns.get(at))
    }
}

impl Default for Batch {
    fn default() -> Self {
        Self::new()
    }
}
