//! Pieces that the schemas are built of.

use serde_json::{Map, Value, json};

use crate::fields::{Role, of_role};

/// The head of a schema file.
pub(super) fn root(title: &str, about: &str, mut schema: Value) -> Value {
    let mut whole = Map::new();
    whole.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
    whole.insert("title".to_owned(), json!(title));
    whole.insert("description".to_owned(), json!(about));
    if let Some(members) = schema.as_object_mut() {
        whole.append(members);
    }
    Value::Object(whole)
}

/// A table with these keys and no others.
pub(super) fn table(keys: &[(&str, Value)], required: &[&str]) -> Value {
    let keys: Map<String, Value> = keys.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    let mut table = json!({ "type": "object", "properties": keys, "additionalProperties": false });
    if !required.is_empty() {
        table["required"] = json!(required);
    }
    table
}

/// A table of any keys, with values of one kind; `known` are offered.
pub(super) fn open_table(known: &[&str], value: &Value) -> Value {
    let keys: Map<String, Value> = known.iter().map(|name| ((*name).to_owned(), value.clone())).collect();
    json!({ "type": "object", "properties": keys, "additionalProperties": value })
}

/// The same with a sentence about it.
pub(super) fn about(mut schema: Value, words: &str) -> Value {
    schema["description"] = json!(words);
    schema
}

/// A text.
pub(super) fn text(words: &str) -> Value {
    json!({ "type": "string", "description": words })
}

/// A truth value.
pub(super) fn boolean(words: &str) -> Value {
    json!({ "type": "boolean", "description": words })
}

/// A list.
pub(super) fn list(item: &Value, words: &str) -> Value {
    json!({ "type": "array", "items": item, "description": words })
}

/// A list of texts.
pub(super) fn texts(words: &str) -> Value {
    list(&json!({ "type": "string" }), words)
}

/// One of these words.
pub(super) fn choice(words: &[&str], about: &str) -> Value {
    json!({ "type": "string", "enum": words, "description": about })
}

/// A number in a range.
pub(super) fn number(least: Option<f64>, most: Option<f64>, words: &str) -> Value {
    let mut schema = json!({ "type": "number", "description": words });
    for (key, bound) in [("minimum", least), ("maximum", most)] {
        if let Some(bound) = bound {
            schema[key] = json!(bound);
        }
    }
    schema
}

/// An integer of at least `least`.
pub(super) fn integer(least: i64, words: &str) -> Value {
    json!({ "type": "integer", "minimum": least, "description": words })
}

/// Names of fields of some roles.
pub(super) fn fields(roles: &[Role]) -> Vec<&'static str> {
    roles.iter().flat_map(|role| of_role(*role)).collect()
}
