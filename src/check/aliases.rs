//! Checks aliases.toml: names of hardware and models that mean the same.

use std::collections::BTreeMap;

use crate::import::alias_key;
use crate::rules::error::RuleErrorKind;
use crate::rules::rules_file::HARDWARE_TYPES;
use crate::rules::toml_read::{Reader, Table, Value};

/// Reports every fault of aliases.toml.
pub(super) fn check(reader: &mut Reader<'_>) {
    let file = std::sync::Arc::clone(reader.file);
    let entries = reader.parse(&file.text);
    let root = Table { entries: &entries, place: "aliases.toml" };
    reader.keys(&root, &["hardware", "model", "hardware_type"]);
    let mut taken = BTreeMap::new();
    for item in items(reader, &root, "hardware") {
        let Some(table) = reader.table("hardware", item, "[[hardware]]") else { continue };
        reader.keys(&table, &["name", "type", "memory_gb", "aliases"]);
        if let Some(value) = table.get("type") {
            hardware_type(reader, value);
        }
        if let Some(value) = table.get("memory_gb")
            && let Some(gb) = reader.number("memory_gb", value)
            && !(gb.is_finite() && gb > 0.0)
        {
            let expected = "a finite number above 0".to_owned();
            reader.fault(value.span(), RuleErrorKind::OutOfRange { key: "memory_gb".to_owned(), value: gb, expected });
        }
        names(reader, item, &table, &mut taken, alias_key);
    }
    let mut taken = BTreeMap::new();
    for item in items(reader, &root, "model") {
        let Some(table) = reader.table("model", item, "[[model]]") else { continue };
        reader.keys(&table, &["name", "aliases"]);
        names(reader, item, &table, &mut taken, str::to_owned);
    }
    for item in items(reader, &root, "hardware_type") {
        let Some(table) = reader.table("hardware_type", item, "[[hardware_type]]") else { continue };
        reader.keys(&table, &["matches", "type"]);
        let span = crate::rules::scoring_file::header(reader, item);
        if let Some(value) = reader.required(&table, &span, "matches")
            && let Some(pattern) = reader.text("matches", value)
        {
            super::mapping::pattern(reader, pattern, value.span());
        }
        if let Some(value) = reader.required(&table, &span, "type") {
            hardware_type(reader, value);
        }
    }
}

fn items<'a>(reader: &mut Reader<'_>, root: &Table<'a>, key: &str) -> Vec<&'a Value<'a>> {
    root.get(key).and_then(|value| reader.array(key, value, "tables")).map(|array| array.iter().collect()).unwrap_or_default()
}

/// A name and its aliases: none may belong to two.
fn names(reader: &mut Reader<'_>, item: &Value<'_>, table: &Table<'_>, taken: &mut BTreeMap<String, String>, key: fn(&str) -> String) {
    let span = crate::rules::scoring_file::header(reader, item);
    let mut all = table.get("aliases").map(|value| reader.texts("aliases", value)).unwrap_or_default();
    let Some(value) = reader.required(table, &span, "name") else { return };
    let Some(name) = reader.text("name", value) else { return };
    all.push((name, value.span()));
    for (alias, span) in all {
        match taken.get(&key(alias)) {
            Some(other) if other != name => {
                reader.fault(span, RuleErrorKind::Setting(format!("`{alias}` is an alias of `{other}` and of `{name}`")));
            }
            _ => {
                taken.insert(key(alias), name.to_owned());
            }
        }
    }
}

fn hardware_type(reader: &mut Reader<'_>, value: &Value<'_>) {
    if let Some(name) = reader.text("type", value)
        && !HARDWARE_TYPES.contains(&name)
    {
        reader.fault_name(value.span(), RuleErrorKind::UnknownHardwareType(name.to_owned()), name, HARDWARE_TYPES.iter().copied());
    }
}
