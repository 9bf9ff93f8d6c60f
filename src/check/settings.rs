//! Checks suitor.toml: the names that a benchmark database may use.

use crate::rules::Limits;
use crate::rules::error::RuleErrorKind;
use crate::rules::limits::SECTIONS;
use crate::rules::toml_read::{Reader, Table, Value};
use crate::store::{Resources, schema_words};

/// Reports every fault of suitor.toml.
pub(super) fn check(reader: &mut Reader<'_>) {
    let file = std::sync::Arc::clone(reader.file);
    let entries = reader.parse(&file.text);
    let root = Table { entries: &entries, place: "suitor.toml" };
    reader.keys(&root, SECTIONS);
    if let Some(table) = root.get("sandbox").and_then(|value| reader.table("sandbox", value, "[sandbox]")) {
        Limits::read(reader, &table);
    }
    if let Some(table) = root.get("database").and_then(|value| reader.table("database", value, "[database]")) {
        Resources::read(reader, &table);
    }
    let Some(schema) = root.get("schema").and_then(|value| reader.table("schema", value, "[schema]")) else { return };
    let words = schema_words();
    let known: Vec<&str> = words.iter().map(|(kind, _)| *kind).chain(["ok", "training"]).collect();
    reader.keys(&schema, &known);
    for key in ["ok", "training"] {
        if let Some(value) = schema.get(key) {
            reader.texts(key, value);
        }
    }
    for (kind, fields) in &words {
        let place = format!("[schema.{kind}]");
        let Some(table) = schema.get(kind).and_then(|value| reader.table(kind, value, &place)) else { continue };
        let known: Vec<&str> = fields.iter().copied().chain(["tables"]).collect();
        reader.keys(&table, &known);
        for (key, value) in table.entries {
            if known.contains(&key.get_ref().as_ref()) {
                columns(reader, key.get_ref(), value);
            }
        }
    }
}

fn columns(reader: &mut Reader<'_>, key: &str, value: &Value<'_>) {
    for (text, span) in reader.texts(key, value) {
        if key != "tables" && !crate::store::is_column(text) {
            reader.faults.add(reader.file, span, RuleErrorKind::Setting(format!("`{text}` is no column"))).help =
                Some("expected `NAME`, `NAME * NUMBER`, `NAME / NUMBER` or `NUMBER / NAME`, the number above 0".to_owned());
        }
    }
}
