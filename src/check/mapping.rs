//! Checks a mapping of config/import/: which column of a file becomes which field.

use std::ops::Range;

use toml::de::DeValue;

use crate::rules::error::RuleErrorKind;
use crate::rules::faults::list;
use crate::rules::toml_read::{Reader, Table, Value};

const ROOT: &[&str] = &[
    "format",
    "title",
    "readers",
    "detect",
    "path",
    "companion",
    "records",
    "describes",
    "metadata",
    "ignore",
    "refuse",
    "warn",
    "key",
    "fields",
    "row",
];
const READERS: &[&str] = &["csv", "json", "key-value", "mllog"];
/// Where a value is taken from: exactly one of these.
const STARTS: &[&str] = &["from", "value", "product", "join", "minus"];
const TAKE: &[&str] = &[
    "from",
    "value",
    "product",
    "join",
    "minus",
    "when",
    "null_if",
    "matches",
    "map",
    "lower",
    "divide_by",
    "scale",
    "reciprocal",
    "unit",
    "units",
];

/// Reports every fault of a mapping. `formats`: the names that files before it have taken, with the files.
pub(super) fn check(reader: &mut Reader<'_>, formats: &mut Vec<(String, String)>) {
    let file = std::sync::Arc::clone(reader.file);
    let entries = reader.parse(&file.text);
    let root = Table { entries: &entries, place: "the mapping" };
    reader.keys(&root, ROOT);
    let whole = 0..0;
    if let Some(value) = reader.required(&root, &whole, "format")
        && let Some(name) = reader.text("format", value)
    {
        if let Some((_, other)) = formats.iter().find(|(known, _)| known == name) {
            let kind = RuleErrorKind::Repeated { what: "the format".to_owned(), name: name.to_owned() };
            reader.faults.add(reader.file, value.span(), kind).help = Some(format!("{other} has it too: this file takes its place"));
        }
        formats.push((name.to_owned(), file.name.clone()));
    }
    if let Some(value) = reader.required(&root, &whole, "title") {
        reader.text("title", value);
    }
    if let Some(value) = reader.required(&root, &whole, "readers") {
        readers(reader, value);
    }
    for key in ["path", "ignore"] {
        for (text, span) in root.get(key).map(|value| reader.texts(key, value)).unwrap_or_default() {
            if key == "path" {
                pattern(reader, text, span);
            }
        }
    }
    for item in tables(reader, &root, "detect") {
        let Some(table) = reader.table("detect", item, "`detect`") else { continue };
        reader.keys(&table, &["columns", "keys", "without", "contains"]);
        for key in ["columns", "keys", "without"] {
            table.get(key).map(|value| reader.texts(key, value));
        }
        table.get("contains").map(|value| reader.text("contains", value).is_some());
    }
    if let Some(table) = root.get("companion").and_then(|value| reader.table("companion", value, "`companion`")) {
        reader.keys(&table, &["format", "files"]);
        let span = root.get("companion").map_or(0..0, Value::span);
        if let Some(value) = reader.required(&table, &span, "format") {
            reader.text("format", value);
        }
        if let Some(value) = reader.required(&table, &span, "files") {
            reader.texts("files", value);
        }
    }
    root.get("records").map(|value| reader.text("records", value).is_some());
    for key in ["describes", "metadata"] {
        root.get(key).map(|value| reader.boolean(key, value));
    }
    for key in ["refuse", "warn"] {
        for item in tables(reader, &root, key) {
            let place = format!("`{key}`");
            let Some(table) = reader.table(key, item, &place) else { continue };
            reader.keys(&table, &["when", "reason"]);
            for needed in ["when", "reason"] {
                reader.required(&table, &item.span(), needed);
            }
            conditions(reader, &table);
            table.get("reason").map(|value| reader.text("reason", value).is_some());
        }
    }
    if let Some(value) = root.get("key") {
        spec(reader, "key", value);
    }
    fields(reader, &root);
    for item in tables(reader, &root, "row") {
        let Some(table) = reader.table("row", item, "[[row]]") else { continue };
        reader.keys(&table, &["when", "fields"]);
        conditions(reader, &table);
        let span = crate::rules::scoring_file::header(reader, item);
        reader.required(&table, &span, "fields");
        fields(reader, &table);
    }
}

fn tables<'a>(reader: &mut Reader<'_>, root: &Table<'a>, key: &str) -> Vec<&'a Value<'a>> {
    root.get(key).and_then(|value| reader.array(key, value, "tables")).map(|array| array.iter().collect()).unwrap_or_default()
}

fn readers(reader: &mut Reader<'_>, value: &Value<'_>) {
    let found = reader.texts("readers", value);
    if found.is_empty() && value.get_ref().is_array() {
        reader.fault(value.span(), RuleErrorKind::Empty("readers".to_owned()));
    }
    for (name, span) in found {
        if !READERS.contains(&name) {
            let kind = RuleErrorKind::UnknownChoice { key: "readers".to_owned(), found: name.to_owned(), expected: list(READERS) };
            reader.faults.add(reader.file, span, kind);
        }
    }
}

/// Reports a text that is no regular expression.
pub(super) fn pattern(reader: &mut Reader<'_>, text: &str, span: Range<usize>) {
    if let Err(error) = regex::Regex::new(text) {
        let shown = error.to_string();
        let why = shown.lines().last().unwrap_or("").trim_start_matches("error: ").to_owned();
        reader.fault(span, RuleErrorKind::BadPattern { pattern: text.to_owned(), why });
    }
}

fn fields(reader: &mut Reader<'_>, table: &Table<'_>) {
    let Some(fields) = table.get("fields").and_then(|value| reader.table("fields", value, "`fields`")) else { return };
    let known: Vec<&str> = crate::import::mappable_fields().collect();
    for (name, value) in fields.entries {
        let text = name.get_ref().as_ref();
        if known.contains(&text) {
            spec(reader, text, value);
        } else {
            let kind = RuleErrorKind::UnknownField { role: "row".to_owned(), name: text.to_owned() };
            reader.fault_name(name.span(), kind, text, known.iter().copied());
        }
    }
}

/// Where a value comes from: a column, a table, or a list of these.
fn spec(reader: &mut Reader<'_>, key: &str, value: &Value<'_>) {
    match value.get_ref() {
        DeValue::String(_) => {}
        DeValue::Array(items) => items.iter().for_each(|item| spec(reader, key, item)),
        DeValue::Table(entries) => take(reader, key, value, &Table { entries, place: key }),
        _ => reader.wrong_type(key, value, "a column's name, a table such as { from = \"COLUMN\", scale = 1000.0 }, or a list of these"),
    }
}

fn take(reader: &mut Reader<'_>, key: &str, value: &Value<'_>, table: &Table<'_>) {
    reader.keys(table, TAKE);
    let given: Vec<&str> = STARTS.iter().copied().filter(|start| table.get(start).is_some()).collect();
    if given.len() != 1 {
        let found = if given.is_empty() { "none".to_owned() } else { list(&given) };
        let what = format!("`{key}` needs exactly one of {}, and has {found}", list(STARTS));
        reader.fault(value.span(), RuleErrorKind::Setting(what));
    }
    for name in ["from", "divide_by", "unit"] {
        table.get(name).map(|value| reader.text(name, value).is_some());
    }
    for name in ["product", "join", "minus", "null_if"] {
        let Some(value) = table.get(name) else { continue };
        let count = reader.texts(name, value).len();
        if name == "minus" && count != 2 && value.get_ref().is_array() {
            reader.fault(value.span(), RuleErrorKind::Setting("`minus` takes two columns".to_owned()));
        }
    }
    for name in ["scale", "reciprocal"] {
        table.get(name).map(|value| reader.number(name, value));
    }
    table.get("lower").map(|value| reader.boolean("lower", value));
    if let Some(value) = table.get("matches")
        && let Some(text) = reader.text("matches", value)
    {
        pattern(reader, text, value.span());
    }
    if let Some(map) = table.get("map").and_then(|value| reader.table("map", value, "`map`")) {
        for (name, value) in map.entries {
            reader.text(name.get_ref(), value);
        }
    }
    if let Some(units) = table.get("units").and_then(|value| reader.table("units", value, "`units`")) {
        for (name, value) in units.entries {
            reader.number(name.get_ref(), value);
        }
    }
    conditions(reader, table);
}

fn conditions(reader: &mut Reader<'_>, table: &Table<'_>) {
    for item in tables(reader, table, "when") {
        let Some(condition) = reader.table("when", item, "`when`") else { continue };
        reader.keys(&condition, &["column", "is", "not", "matches", "present"]);
        if let Some(value) = reader.required(&condition, &item.span(), "column") {
            reader.text("column", value);
        }
        for key in ["is", "not"] {
            condition.get(key).map(|value| reader.texts(key, value));
        }
        if let Some(value) = condition.get("matches")
            && let Some(text) = reader.text("matches", value)
        {
            pattern(reader, text, value.span());
        }
        condition.get("present").map(|value| reader.boolean("present", value));
    }
}
