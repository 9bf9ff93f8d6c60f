//! The vocabulary of the rules as a table: records, their fields, the rule set's own components and parameters.

use serde::Serialize;

use crate::rules::fields::{Field, PAIR, REQUEST};
use crate::rules::{Param, RuleSet};

/// One name that a script may read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// `pair`, `request`, `weights`, or `params of RULE`.
    pub record: String,
    /// The name.
    pub name: String,
    /// `integer`, `number`, `text`, `boolean` or `list`.
    pub kind: String,
    /// Whether it may be missing (`()` until guarded).
    pub optional: bool,
    /// What it says; of a parameter its value.
    pub about: String,
    /// The texts that it is known to have; empty where it may be any.
    pub values: Vec<String>,
}

/// Everything that the scripts of a rule set may read.
#[must_use]
pub fn vocabulary(set: &RuleSet) -> Vec<Entry> {
    let mut all = of(REQUEST, "request", set);
    all.extend(of(PAIR, "pair", set));
    all.extend(super::components(&set.scoring).map(|name| Entry {
        record: "weights".to_owned(),
        name: name.to_owned(),
        kind: "number".to_owned(),
        optional: false,
        about: "weight of the component, at least 0".to_owned(),
        values: Vec::new(),
    }));
    for rule in &set.rules {
        all.extend(rule.params.iter().map(|(name, value)| Entry {
            record: format!("params of {}", rule.id),
            name: name.clone(),
            kind: kind(value).to_owned(),
            optional: false,
            about: shown(value),
            values: Vec::new(),
        }));
    }
    all
}

fn of<R>(fields: &[Field<R>], record: &str, set: &RuleSet) -> Vec<Entry> {
    let entry = |field: &Field<R>| Entry {
        record: record.to_owned(),
        name: field.name.to_owned(),
        kind: field.kind.words().trim_start_matches("an ").trim_start_matches("a ").replace("truth value", "boolean"),
        optional: field.optional,
        about: field.about.to_owned(),
        values: values(field, set).into_iter().map(str::to_owned).collect(),
    };
    fields.iter().map(entry).collect()
}

/// The texts that a field is known to have under a rule set.
pub(super) fn values<'a, R>(field: &Field<R>, set: &'a RuleSet) -> Vec<&'a str> {
    field.words.known(set.scoring.tasks.keys().map(String::as_str))
}

pub(super) fn kind(value: &Param) -> &'static str {
    match value {
        Param::Integer(_) => "integer",
        Param::Number(_) => "number",
        Param::Boolean(_) => "boolean",
        Param::Text(_) => "text",
        Param::List(_) => "list",
    }
}

pub(super) fn shown(value: &Param) -> String {
    match value {
        Param::Integer(integer) => integer.to_string(),
        Param::Number(number) => format!("{number:?}"),
        Param::Boolean(boolean) => boolean.to_string(),
        Param::Text(text) => format!("{text:?}"),
        Param::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
    }
}
