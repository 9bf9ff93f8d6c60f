//! One mapping tied to one file: a record becomes rows, each with every column or with the reason why it is refused.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use super::aliases::{Aliases, name_and_count};
use super::batch::{Batch, Column, columns};
use super::checks;
use super::expression::{Expression, Ground, Reason, Test, fill};
use super::mapping::{Mapping, Refuse, Spec};
use super::record::{Cell, Record};
use super::time::microseconds;
use crate::fields::{FIELDS, Type};
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
    blocks: Vec<(Test, Vec<(usize, Expression)>)>,
    metadata: Vec<(String, usize)>,
    aliases: &'m Aliases,
    at: Places,
}

/// Where the columns that are worked on stand.
#[derive(Clone, Copy)]
struct Places {
    model: usize,
    hardware: usize,
    hardware_name: usize,
    device_count: usize,
    hardware_type: usize,
    device_memory: usize,
    task: usize,
    provenance: usize,
    source_file: usize,
    source_key: usize,
    content_hash: usize,
    metadata: usize,
}

/// Returns the place of a column among [`columns`].
pub(crate) fn place(name: &str) -> usize {
    columns().position(|field| field.name == name).unwrap_or(usize::MAX)
}

impl Places {
    fn new() -> Self {
        Self {
            model: place("model"),
            hardware: place("hardware"),
            hardware_name: place("hardware_name"),
            device_count: place("device_count"),
            hardware_type: place("hardware_type"),
            device_memory: place("device_memory_mb"),
            task: place("task"),
            provenance: place("provenance"),
            source_file: place("source_file"),
            source_key: place("source_key"),
            content_hash: place("content_hash"),
            metadata: place("metadata"),
        }
    }
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
    pub merged: HashSet<(String, String)>,
}

impl<'m> Rows<'m> {
    /// Ties a mapping to a file.
    ///
    /// # Errors
    /// A field or pattern that the mapping gets wrong, or a file that says neither model nor hardware (exit code 2).
    pub(crate) fn new(
        mapping: &'m Mapping,
        aliases: &'m Aliases,
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
            let tied = fields.into_iter().map(|(name, spec)| tie(name, spec, &ground)).collect::<Result<Vec<_>>>()?;
            let tied: Vec<(usize, Expression)> = tied.into_iter().filter(|(_, expression)| expression.is_somewhere()).collect();
            blocks.push((Test::new(&spec.when, &ground)?, tied));
        }
        let key = mapping.key.as_ref().map(|spec| Expression::new(spec, &ground)).transpose()?.filter(Expression::is_somewhere);
        let rows = Self {
            mapping,
            header,
            refuse: tests(&mapping.refuse)?,
            warn: tests(&mapping.warn)?,
            key,
            metadata: left_over(mapping, header, given),
            blocks,
            aliases,
            at: Places::new(),
        };
        rows.demand(given)?;
        Ok(rows)
    }

    /// Fails when no row can have a model or hardware.
    fn demand(&self, given: &Given<'_>) -> Result<()> {
        let has = |at: usize| self.blocks.iter().any(|(_, fields)| fields.iter().any(|(place, _)| *place == at));
        let waits = self.mapping.companion.as_ref().filter(|_| !given.has_companion && !given.fields.contains_key("hardware"));
        if let Some(companion) = waits {
            return Err(Error::input(format!(
                "{}: the file beside it that names the hardware is not there ({})",
                given.file,
                companion.files.join(", ")
            ))
            .help(format!("name the {} file too, or give --set hardware='NAME x COUNT'", companion.format)));
        }
        for (at, name, example) in [(self.at.model, "model", "NAME"), (self.at.hardware, "hardware", "'NVIDIA H200 x8'")] {
            if !has(at) {
                return Err(Error::input(format!("{}: the file does not say which {name} it is about", given.file))
                    .help(format!("give it with --set {name}={example}, or name its column with --map COLUMN={name}")));
            }
        }
        Ok(())
    }

    /// Takes in one record from `place` (a line, or a place in a document).
    pub(crate) fn take(&self, record: Record<'_>, file: &str, place: &str, sink: &mut Sink) {
        for (test, reason) in &self.refuse {
            if test.holds(record) {
                sink.read += 1;
                sink.refused.push((place.to_owned(), fill(reason, record, self.header)));
                return;
            }
        }
        let before = sink.read;
        for (test, fields) in &self.blocks {
            if test.holds(record) {
                sink.read += 1;
                match self.row(record, fields, file, place, sink) {
                    Ok(row) => push(&mut sink.batch, row),
                    Err(reason) => sink.refused.push((place.to_owned(), reason)),
                }
            }
        }
        if sink.read == before {
            sink.read += 1;
            sink.refused.push((place.to_owned(), format!("no result that a mapping `{}` knows", self.mapping.format)));
            return;
        }
        for (test, reason) in &self.warn {
            if test.holds(record) {
                sink.warnings.push((place.to_owned(), fill(reason, record, self.header)));
            }
        }
    }

    fn row<'a>(
        &'a self,
        record: Record<'a>,
        fields: &'a [(usize, Expression)],
        file: &'a str,
        place: &'a str,
        sink: &mut Sink,
    ) -> Result<Row<'a>, Reason> {
        let mut row: Row<'a> = vec![None; columns().count()];
        for (at, expression) in fields {
            let field = columns().nth(*at).ok_or_else(String::new)?;
            let cell = expression.value(record).map_err(|reason| format!("{}: {reason}", field.name))?;
            row[*at] = cell.map(|cell| value(cell, field.kind)).transpose().map_err(|reason| format!("{}: {reason}", field.name))?;
        }
        self.name(&mut row, sink)?;
        checks::check(&mut row)?;
        let key = match &self.key {
            Some(expression) => expression.value(record)?.map(|cell| Cow::Owned(cell.text().into_owned())),
            None => None,
        };
        row[self.at.content_hash] = Some(Value::Text(Cow::Owned(checks::content_hash(&row, key.as_deref()))));
        row[self.at.source_file] = Some(Value::Text(Cow::Borrowed(file)));
        row[self.at.source_key] = Some(Value::Text(key.unwrap_or(Cow::Borrowed(place))));
        row[self.at.metadata] = self.left(record);
        Ok(row)
    }

    /// Brings names to the one that aliases.toml gives, and fills what follows from them.
    fn name<'a>(&'a self, row: &mut Row<'a>, sink: &mut Sink) -> Result<(), Reason> {
        let at = self.at;
        let Some(Value::Text(model)) = &row[at.model] else { return Err("no model".to_owned()) };
        let known = self.aliases.model(model);
        if known != model.as_ref() {
            merge(sink, model, known);
            row[at.model] = Some(Value::Text(Cow::Owned(known.to_owned())));
        }
        let Some(Value::Text(given)) = row[at.hardware].take() else { return Err("no hardware".to_owned()) };
        let (name, stated) = name_and_count(&given);
        let count = match row[at.device_count] {
            Some(Value::Integer(count)) if count >= 1 => count,
            Some(Value::Integer(count)) => return Err(format!("device_count is {count}, expected 1 or more")),
            _ => stated.unwrap_or(1),
        };
        let known = self.aliases.hardware(name);
        let kind = match &row[at.hardware_type] {
            Some(Value::Text(kind)) => Some(kind.to_string()),
            _ => known.and_then(|known| known.kind.clone()).or_else(|| self.aliases.type_of(name).map(str::to_owned)),
        };
        if let Some(memory) = known.and_then(|known| known.memory_mb) {
            row[at.device_memory] = Some(Value::Number(memory));
        }
        let one = known.map_or(name, |known| known.name.as_str()).to_owned();
        if one != *given {
            merge(sink, &given, &one);
        }
        row[at.hardware] = Some(Value::Text(Cow::Owned(if count == 1 { one.clone() } else { format!("{one} x{count}") })));
        row[at.hardware_name] = Some(Value::Text(Cow::Owned(one)));
        row[at.device_count] = Some(Value::Integer(count));
        row[at.hardware_type] = Some(Value::Text(Cow::Owned(kind.unwrap_or_else(|| "unknown".to_owned()))));
        row[at.task].get_or_insert(Value::Text(Cow::Borrowed("inference")));
        row[at.provenance].get_or_insert(Value::Text(Cow::Borrowed("measured")));
        Ok(())
    }

    /// The columns that no field takes, as a JSON object.
    fn left<'a>(&self, record: Record<'_>) -> Option<Value<'a>> {
        if !self.mapping.metadata {
            return None;
        }
        let mut out = String::new();
        let mut add = |name: &str, value: &serde_json::Value| {
            out.push(if out.is_empty() { '{' } else { ',' });
            out.push_str(&serde_json::Value::from(name).to_string());
            out.push(':');
            out.push_str(&value.to_string());
        };
        match record {
            Record::Line(line) => {
                for (name, at) in &self.metadata {
                    if let Some(text) = line.get(*at).and_then(|bytes| std::str::from_utf8(bytes).ok()).filter(|text| !text.is_empty()) {
                        add(name, &serde_json::Value::from(text));
                    }
                }
            }
            Record::Json { record, .. } => {
                for (name, value) in record.as_object().into_iter().flatten() {
                    if !value.is_null() && !value.is_object() && !value.is_array() && value != "" && !self.metadata_taken(name) {
                        add(name, value);
                    }
                }
            }
        }
        if out.is_empty() {
            return None;
        }
        out.push('}');
        Some(Value::Text(Cow::Owned(out)))
    }

    fn metadata_taken(&self, name: &str) -> bool {
        self.mapping.ignore.iter().any(|ignored| ignored == name) || names_in(self.mapping).contains(name)
    }
}

fn merge(sink: &mut Sink, from: &str, to: &str) {
    // Looked up first, because nearly every row repeats a name of the one before it.
    if !sink.merged.iter().any(|(was, is)| was == from && is == to) {
        sink.merged.insert((from.to_owned(), to.to_owned()));
    }
}

fn tie(name: &str, spec: &Spec, ground: &Ground<'_>) -> Result<(usize, Expression)> {
    let derived = ["hardware_name", "source_file", "source_key", "content_hash", "metadata"];
    let at = columns().position(|field| field.name == name).filter(|_| !derived.contains(&name));
    let Some(at) = at else {
        let known = columns().map(|field| field.name).filter(|field| !derived.contains(field));
        let mut error = Error::unknown("field", name, known);
        error.message = format!("mapping `{}`: {}", ground.format, error.message);
        return Err(error);
    };
    Ok((at, Expression::new(spec, ground)?))
}

/// Columns of a CSV that no field takes.
fn left_over(mapping: &Mapping, header: Option<&BTreeMap<String, usize>>, given: &Given<'_>) -> Vec<(String, usize)> {
    let mut taken = names_in(mapping);
    let own: Vec<String> = given.fields.values().flat_map(names_of).collect();
    taken.extend(own.iter().map(String::as_str));
    taken.extend(mapping.ignore.iter().map(String::as_str));
    let mut left: Vec<(String, usize)> =
        header.into_iter().flatten().filter(|(name, _)| !taken.contains(name.as_str())).map(|(name, at)| (name.clone(), *at)).collect();
    left.sort_by_key(|(_, at)| *at);
    left
}

fn names_of(spec: &Spec) -> Vec<String> {
    let take = |take: &super::mapping::Take| {
        let lists = take.product.iter().chain(&take.join).chain(&take.minus);
        lists.chain(&take.from).chain(&take.divide_by).chain(&take.unit).cloned().collect::<Vec<_>>()
    };
    spec.0.iter().flat_map(take).collect()
}

/// Every column that a mapping reads.
fn names_in(mapping: &Mapping) -> HashSet<&str> {
    let specs = mapping.fields.values().chain(mapping.row.iter().flat_map(|row| row.fields.values())).chain(&mapping.key);
    let mut names = HashSet::new();
    for take in specs.flat_map(|spec| &spec.0) {
        names.extend(take.product.iter().chain(&take.join).chain(&take.minus).map(String::as_str));
        names.extend(take.from.iter().chain(&take.divide_by).chain(&take.unit).map(String::as_str));
    }
    names
}

/// A cell as a column of that type keeps it.
fn value(cell: Cell<'_>, kind: Type) -> Result<Value<'_>, Reason> {
    Ok(match kind {
        Type::Text => match cell {
            Cell::Text(text) => Value::Text(text),
            other => Value::Text(Cow::Owned(other.text().into_owned())),
        },
        Type::Number => Value::Number(number(&cell)?),
        Type::Integer => {
            if let Cell::Text(text) = &cell
                && let Ok(integer) = text.parse()
            {
                return Ok(Value::Integer(integer));
            }
            let number = number(&cell)?;
            if !number.is_finite() || number.abs() > 9e15 {
                return Err(format!("{} is not a whole number", cell.text()));
            }
            // Tokens a request are means, and some files write 1024.0.
            #[expect(clippy::cast_possible_truncation, reason = "checked just above")]
            Value::Integer(number.round() as i64)
        }
        Type::Time => Value::Time(microseconds(&cell.text()).ok_or_else(|| format!("`{}` is not a time", cell.text()))?),
    })
}

fn number(cell: &Cell<'_>) -> Result<f64, Reason> {
    cell.number().ok_or_else(|| format!("`{}` is not a number", cell.text()))
}

fn push(batch: &mut Batch, row: Row<'_>) {
    for (column, value) in batch.columns.iter_mut().zip(row) {
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

/// How many columns a row's content has: those of the row relation.
pub(crate) const CONTENT: usize = FIELDS.len();
