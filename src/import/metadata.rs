//! The columns that no field takes, kept as a JSON object.

use std::collections::{BTreeMap, HashSet};

use super::mapping::{Mapping, Spec, Take};
use super::record::Record;

/// The columns of a file that no field takes.
pub(crate) struct Metadata {
    kept: bool,
    /// Columns of a CSV: the name as a JSON text, and its place.
    columns: Vec<(String, usize)>,
    /// Keys of JSON records that are taken or ignored.
    taken: HashSet<String>,
}

impl Metadata {
    /// What a mapping, and what the user says beside it, leaves over.
    pub(crate) fn new(mapping: &Mapping, header: Option<&BTreeMap<String, usize>>, fields: &BTreeMap<String, Spec>) -> Self {
        let rows = mapping.row.iter().flat_map(|row| row.fields.values());
        let specs = mapping.fields.values().chain(rows).chain(&mapping.key);
        let mut taken: HashSet<String> = specs.flat_map(|spec| &spec.0).flat_map(names).cloned().collect();
        taken.extend(mapping.ignore.iter().cloned());
        let given: HashSet<&String> = fields.values().flat_map(|spec| &spec.0).flat_map(names).collect();
        let free = |name: &String| !taken.contains(name) && !given.contains(name);
        let mut columns: Vec<(String, usize)> =
            header.into_iter().flatten().filter(|(name, _)| free(name)).map(|(name, at)| (quoted(name), *at)).collect();
        columns.sort_by_key(|(_, at)| *at);
        Self { kept: mapping.metadata, columns, taken }
    }

    /// A record's values, as a JSON object; `None` when there are none.
    pub(crate) fn of(&self, record: Record<'_>) -> Option<String> {
        if !self.kept {
            return None;
        }
        let mut out = String::with_capacity(256);
        match record {
            Record::Line(line) => {
                for (name, at) in &self.columns {
                    if let Some(text) = line.get(*at).filter(|text| !text.is_empty()) {
                        begin(&mut out, name);
                        push_quoted(&mut out, text);
                    }
                }
            }
            Record::Json { record, .. } => {
                for (name, value) in record.as_object().into_iter().flatten() {
                    if !value.is_null() && !value.is_object() && !value.is_array() && value != "" && !self.taken.contains(name) {
                        begin(&mut out, &quoted(name));
                        out.push_str(&value.to_string());
                    }
                }
            }
        }
        if out.is_empty() {
            return None;
        }
        out.push('}');
        Some(out)
    }
}

fn begin(out: &mut String, quoted_name: &str) {
    out.push(if out.is_empty() { '{' } else { ',' });
    out.push_str(quoted_name);
    out.push(':');
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn push_quoted(out: &mut String, text: &str) {
    if text.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        out.push_str(&quoted(text));
    } else {
        // Nearly every text: nothing in it needs escaping.
        out.push('"');
        out.push_str(text);
        out.push('"');
    }
}

/// The columns that a way to a value reads.
fn names(take: &Take) -> impl Iterator<Item = &String> {
    let lists = take.product.iter().chain(&take.join).chain(&take.minus);
    lists.chain(&take.from).chain(&take.divide_by).chain(&take.unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_as_json_wants_it() {
        for text in ["plain", "with \"quotes\"", "back\\slash", "two\nlines", "tab\t", "grün \u{7f}"] {
            let mut out = String::new();
            push_quoted(&mut out, text);
            assert_eq!(out, quoted(text));
        }
    }
}
