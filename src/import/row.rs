//! One mapping tied to one file: a record becomes rows, each with every column or with the reason why it is refused.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::aliases::Aliases;
use super::batch::{Batch, Column, columns};
use super::checks;
use super::expression::{Expression, Ground, Reason, Test, fill};
use super::mapping::{Mapping, Refuse, Spec};
use super::metadata::Metadata;
use super::names::{Merged, Names};
use super::place::{CONTENT_HASH, COUNT, HARDWARE, METADATA, MODEL, SOURCE_FILE, SOURCE_KEY, VERSION_TAG};
use super::record::{Cell, Record};
use super::time::microseconds;
use crate::fields::{Field, Role, Type};
use crate::versions::tag::Known;
use crate::{Error, Result};

/// A value of a column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    /// VARCHAR
    Text(Cow<'a, str>),
    /// BIGINT
    Integer(i64),
    /// DOUBLE
    Number(f64),
    /// TIMESTAMP, microseconds.
    Time(i64),
}

/// The columns of one row, in the order of [`columns`].
pub(crate) type Row<'a> = Vec<Option<Value<'a>>>;

/// A mapping tied to a file.
pub(crate) struct Rows<'m> {
    mapping: &'m Mapping,
    header: Option<&'m BTreeMap<String, usize>>,
    refuse: Vec<(Test, String)>,
    warn: Vec<(Test, String)>,
    key: Option<Expression>,
    blocks: Vec<(Test, Vec<Tied>)>,
    metadata: Metadata,
    aliases: &'m Aliases,
    versions: &'m BTreeMap<String, Known>,
}

/// A field with its place in a row, and where its value comes from.
struct Tied {
    at: usize,
    field: &'static Field,
    expression: Expression,
}

/// One reader's way of making rows, with what it remembers of the rows before.
pub(crate) struct Taker<'r, 'm> {
    rows: &'r Rows<'m>,
    /// The file as it was named.
    file: &'r str,
    names: Names<'m>,
    /// What is hashed of a row, kept for its room.
    content: Vec<u8>,
}

/// What the user says beside the mapping, and what is known of the file.
pub(crate) struct Given<'a> {
    /// The file as it was named.
    pub file: &'a str,
    /// Field by the expression that stands above the mapping's.
    pub fields: &'a BTreeMap<String, Spec>,
    /// Named groups of the path.
    pub path: &'a BTreeMap<String, String>,
    /// Whether the companion's values can be had.
    pub has_companion: bool,
}

/// What becomes of the records of a file: rows, and what there is to say of them.
#[derive(Default)]
pub(crate) struct Sink {
    /// Rows that passed.
    pub batch: Batch,
    /// Rows that were read, refused ones among them.
    pub read: i64,
    /// Place and reason of each refused row.
    pub refused: Vec<(String, String)>,
    /// Place and text of each warning.
    pub warnings: Vec<(String, String)>,
    /// Names that were brought to another: as it stood, as it is now.
    pub merged: Merged,
}

impl<'m> Rows<'m> {
    /// Ties a mapping to a file.
    ///
    /// # Errors
    /// A field or pattern that the mapping gets wrong, or a file that says neither model nor hardware (exit code 2).
    pub(crate) fn new(
        mapping: &'m Mapping,
        aliases: &'m Aliases,
        versions: &'m BTreeMap<String, Known>,
        header: Option<&'m BTreeMap<String, usize>>,
        given: &Given<'_>,
    ) -> Result<Self> {
        let ground = Ground { columns: header, path: given.path, format: &mapping.format };
        let tests = |list: &[Refuse]| -> Result<Vec<(Test, String)>> {
            list.iter().map(|refuse| Ok((Test::new(&refuse.when, &ground)?, refuse.reason.clone()))).collect()
        };
        let plain = [super::mapping::RowSpec { when: Vec::new(), fields: BTreeMap::new() }];
        let specs = if mapping.row.is_empty() { &plain[..] } else { &mapping.row };
        let mut blocks = Vec::new();
        for spec in specs {
            let mut fields: BTreeMap<&String, &Spec> = mapping.fields.iter().collect();
            fields.extend(spec.fields.iter());
            fields.extend(given.fields.iter());
            let mut tied = fields.into_iter().map(|(name, spec)| tie(name, spec, &ground)).collect::<Result<Vec<_>>>()?;
            tied.retain(|tied| tied.expression.is_somewhere());
            blocks.push((Test::new(&spec.when, &ground)?, tied));
        }
        let key = mapping.key.as_ref().map(|spec| Expression::new(spec, &ground)).transpose()?.filter(Expression::is_somewhere);
        let rows = Self {
            mapping,
            header,
            refuse: tests(&mapping.refuse)?,
            warn: tests(&mapping.warn)?,
            key,
            metadata: Metadata::new(mapping, header, given.fields),
            blocks,
            aliases,
            versions,
        };
        rows.demand(given)?;
        Ok(rows)
    }

    /// Fails when no row can have a model or hardware.
    fn demand(&self, given: &Given<'_>) -> Result<()> {
        let has = |at: usize| self.blocks.iter().any(|(_, fields)| fields.iter().any(|tied| tied.at == at));
        let waits = self.mapping.companion.as_ref().filter(|_| !given.has_companion && !given.fields.contains_key("hardware"));
        if let Some(companion) = waits {
            return Err(Error::input(format!(
                "{}: the file beside it that names the hardware is not there ({})",
                given.file,
                companion.files.join(", ")
            ))
            .help(format!("name the {} file too, or give --set hardware='NAME x COUNT'", companion.format)));
        }
        for (at, name, example) in [(MODEL, "model", "NAME"), (HARDWARE, "hardware", "'NVIDIA H200 x8'")] {
            if !has(at) {
                return Err(Error::input(format!("{}: the file does not say which {name} it is about", given.file))
                    .help(format!("give it with --set {name}={example}, or name its column with --map COLUMN={name}")));
            }
        }
        Ok(())
    }

    /// Begins to make rows of the records of a file.
    pub(crate) fn taker<'r>(&'r self, file: &'r str) -> Taker<'r, 'm> {
        Taker { rows: self, file, names: Names::new(self.aliases), content: Vec::new() }
    }
}

impl Taker<'_, '_> {
    /// Takes in one record from `place` (a line, or a place in a document).
    pub(crate) fn take(&mut self, record: Record<'_>, place: &str, sink: &mut Sink) {
        let rows = self.rows;
        for (test, reason) in &rows.refuse {
            if test.holds(record) {
                sink.read += 1;
                sink.refused.push((place.to_owned(), fill(reason, record, rows.header)));
                return;
            }
        }
        let before = sink.read;
        for (test, fields) in &rows.blocks {
            if test.holds(record) {
                sink.read += 1;
                match self.row(record, fields, place, sink) {
                    Ok(row) => push(&mut sink.batch, row),
                    Err(reason) => sink.refused.push((place.to_owned(), reason)),
                }
            }
        }
        if sink.read == before {
            sink.read += 1;
            sink.refused.push((place.to_owned(), format!("no result that a mapping `{}` knows", rows.mapping.format)));
            return;
        }
        for (test, reason) in &rows.warn {
            if test.holds(record) {
                sink.warnings.push((place.to_owned(), fill(reason, record, rows.header)));
            }
        }
    }

    fn row<'a>(&'a mut self, record: Record<'a>, fields: &'a [Tied], place: &'a str, sink: &mut Sink) -> Result<Row<'a>, Reason> {
        let mut row: Row<'a> = vec![None; COUNT];
        for Tied { at, field, expression } in fields {
            let cell = expression.value(record).map_err(|reason| format!("{}: {reason}", field.name))?;
            row[*at] = cell.map(|cell| value(cell, field)).transpose().map_err(|reason| format!("{}: {reason}", field.name))?;
        }
        let mut doubt = None;
        self.names.settle(&mut row, &mut sink.merged, &mut doubt)?;
        sink.warnings.extend(doubt.map(|doubt| (place.to_owned(), doubt)));
        checks::check(&mut row)?;
        let known = if let Some(Value::Text(model)) = &row[MODEL] { self.rows.versions.get(model.as_ref()) } else { None };
        settle_tag(&mut row[VERSION_TAG], known)?;
        let key = match &self.rows.key {
            Some(expression) => expression.value(record)?.map(Cell::into_text),
            None => None,
        };
        row[CONTENT_HASH] = Some(Value::Text(Cow::Owned(checks::content_hash(&row, key.as_deref(), &mut self.content))));
        row[SOURCE_FILE] = Some(Value::Text(Cow::Borrowed(self.file)));
        row[SOURCE_KEY] = Some(Value::Text(key.unwrap_or(Cow::Borrowed(place))));
        row[METADATA] = self.rows.metadata.of(record).map(|text| Value::Text(Cow::Owned(text)));
        Ok(row)
    }
}

/// A tag in messages.
const TAG: &str = "the version's tag";

/// A version's tag without the blanks around it; none where nothing is left. `known`: what the versions of its model are called.
fn settle_tag(tag: &mut Option<Value<'_>>, known: Option<&Known>) -> Result<(), Reason> {
    let Some(Value::Text(text)) = tag else { return Ok(()) };
    let trimmed = text.trim_matches(|c: char| c.is_whitespace() && !c.is_control());
    if trimmed.is_empty() {
        *tag = None;
        return Ok(());
    }
    let refused = known.map_or_else(|| Known::default().refuse_tag(TAG, trimmed), |known| known.refuse_tag(TAG, trimmed));
    refused.map_err(|error| error.message)?;
    if trimmed.len() < text.len() {
        *text = Cow::Owned(trimmed.to_owned());
    }
    Ok(())
}

/// Columns that follow from others: no mapping may name them.
const DERIVED: [&str; 5] = ["hardware_name", "source_file", "source_key", "content_hash", "metadata"];

/// The fields that a mapping may fill.
pub(crate) fn mappable_fields() -> impl Iterator<Item = &'static str> {
    columns().map(|field| field.name).filter(|field| !DERIVED.contains(field))
}

/// The field of that name with its place in a row, if a file or a user may give it.
pub(crate) fn settable(name: &str) -> Result<(usize, &'static Field)> {
    let found = columns().enumerate().find(|(_, field)| field.name == name).filter(|_| !DERIVED.contains(&name));
    found.ok_or_else(|| Error::unknown("field", name, mappable_fields()))
}

fn tie(name: &str, spec: &Spec, ground: &Ground<'_>) -> Result<Tied> {
    let (at, field) = settable(name).map_err(|mut error| {
        error.message = format!("mapping `{}`: {}", ground.format, error.message);
        error
    })?;
    Ok(Tied { at, field, expression: Expression::new(spec, ground)? })
}

/// Whether a field can have a text as its value in every row; says what it needs to be when it cannot.
pub(crate) fn fits(field: &Field, text: &str) -> Result<(), &'static str> {
    let expected = match field.kind {
        Type::Text => "a text",
        Type::Integer => "a whole number",
        Type::Number => "a number",
        Type::Time => "a time such as 2026-05-01T10:00:00Z",
    };
    let positive = |found: f64| found.is_finite() && (field.role != Role::Metric || found > 0.0);
    match value(Cell::Text(Cow::Borrowed(text)), field) {
        Ok(Value::Number(number)) if !positive(number) => Err("a number above 0"),
        Ok(_) => Ok(()),
        Err(_) => Err(expected),
    }
}

/// Fields whose values are means in some files: they are rounded.
const MEANS: [&str; 2] = ["input_tokens", "output_tokens"];

/// A cell as the column of a field keeps it.
fn value<'a>(cell: Cell<'a>, field: &Field) -> Result<Value<'a>, Reason> {
    Ok(match field.kind {
        Type::Text => Value::Text(cell.into_text()),
        Type::Number => Value::Number(number(&cell)?),
        Type::Integer => {
            if let Cell::Text(text) = &cell
                && let Ok(integer) = text.parse()
            {
                return Ok(Value::Integer(integer));
            }
            let number = number(&cell)?;
            // Some files write 1024.0.
            let whole = number.fract() == 0.0 || MEANS.contains(&field.name);
            if !number.is_finite() || number.abs() > 9e15 || !whole {
                return Err(format!("{} is not a whole number", cell.text()));
            }
            #[expect(clippy::cast_possible_truncation, reason = "checked just above")]
            Value::Integer(number.round() as i64)
        }
        Type::Time => Value::Time(microseconds(&cell.text()).ok_or_else(|| format!("`{}` is not a time", cell.text()))?),
    })
}

fn number(cell: &Cell<'_>) -> Result<f64, Reason> {
    cell.number().ok_or_else(|| format!("`{}` is not a number", cell.text()))
}

/// Appends a row. A column is begun by its first value: most columns of most files never have one.
fn push(batch: &mut Batch, row: Row<'_>) {
    let rows = batch.rows;
    for (column, value) in batch.columns.iter_mut().zip(row) {
        if value.is_some() {
            column.begin(rows);
        } else if column.is_empty() {
            continue;
        }
        match (column, value) {
            (Column::Text(texts), Some(Value::Text(text))) => texts.push(Some(&text)),
            (Column::Text(texts), _) => texts.push(None),
            (Column::Integer(values), value) => values.push(if let Some(Value::Integer(value)) = value { Some(value) } else { None }),
            (Column::Number(values), value) => values.push(if let Some(Value::Number(value)) = value { Some(value) } else { None }),
            (Column::Time(values), value) => values.push(if let Some(Value::Time(value)) = value { Some(value) } else { None }),
        }
    }
    batch.rows += 1;
}
