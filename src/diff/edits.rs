//! What differs between two rule sets, as edits that can be put back one by one.

use std::collections::BTreeSet;

use toml::{Table, Value};

use crate::rules::{RULES, RuleSet, SCORING, same_code};

use super::document::{Document, Step};

/// The smallest thing that can be put back.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    /// A key of a TOML file, down to the deepest table that both have: a value, or a whole table or `[[...]]` entry.
    Key {
        /// The file.
        file: &'static str,
        /// The way to it.
        path: Vec<Step>,
        /// What it was; `None` when it was not there.
        before: Option<Value>,
        /// What it is; `None` when it is no more.
        after: Option<Value>,
    },
    /// An entry of `[[component]]` or `[[rule]]` that stands elsewhere among the others.
    Moved {
        /// The file.
        file: &'static str,
        /// `component` or `rule`.
        array: &'static str,
        /// Its name.
        id: String,
        /// Its place before, from 1.
        from: usize,
        /// Its place after, from 1.
        to: usize,
    },
    /// A script.
    Script {
        /// `rules/NAME.rhai`.
        name: String,
        /// Its text before.
        before: Option<String>,
        /// Its text after.
        after: Option<String>,
    },
    /// Comments and blanks of a file.
    Layout {
        /// The file.
        file: String,
    },
}

impl Part {
    /// Whether no score can hang on it.
    fn inert(&self, listed: &BTreeSet<String>) -> bool {
        match self {
            Self::Layout { .. } => true,
            Self::Script { name, .. } => !listed.contains(name),
            // What counts as a change between versions.
            Self::Key { file, path, .. } if *file == SCORING => path.first().is_some_and(|step| step.text() == "thresholds"),
            Self::Key { file, path, .. } => {
                *file == RULES && path.len() == 3 && matches!(path.last(), Some(Step::Key(key)) if key == "title" || key == "source")
            }
            Self::Moved { .. } => false,
        }
    }

    /// What it belongs to, where there are too many to be told apart: a table or entry of a file.
    fn group(&self) -> String {
        match self {
            Self::Key { file, path, .. } => {
                let steps: Vec<&str> = path.iter().take(2).map(Step::text).collect();
                format!("{file} {}", steps.join("."))
            }
            Self::Moved { file, array, .. } => format!("{file} {array} order"),
            Self::Script { name, .. } | Self::Layout { file: name } => name.clone(),
        }
    }
}

/// One edit: its parts are put back together.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Edit {
    /// What it consists of; at least one.
    pub parts: Vec<Part>,
    /// Whether no score can hang on it, so that it need not be tried.
    pub inert: bool,
}

/// Edits beyond this number are taken together by table and entry.
pub(super) const MANY: usize = 32;

/// The edits that lead from one set to the other, those of scoring.toml first, then rules.toml, then the scripts.
pub(super) fn edits(before: &RuleSet, after: &RuleSet) -> Vec<Edit> {
    let text = |set: &RuleSet, name: &str| set.files.iter().find(|file| file.name == name).map(|file| file.text.clone());
    let mut parts = Vec::new();
    for file in [SCORING, RULES] {
        let (old, new) = (text(before, file).unwrap_or_default(), text(after, file).unwrap_or_default());
        let found = super::document::compare(&Document::read(file, &old), &Document::read(file, &new));
        if found.is_empty() && old != new {
            parts.push(Part::Layout { file: file.to_owned() });
        }
        parts.extend(found);
    }
    let scripts = |set: &RuleSet| -> BTreeSet<String> {
        set.files.iter().map(|file| file.name.clone()).filter(|name| name.starts_with("rules/")).collect()
    };
    for name in scripts(before).union(&scripts(after)) {
        let (old, new) = (text(before, name), text(after, name));
        match (&old, &new) {
            _ if old == new => {}
            (Some(one), Some(two)) if same_code(one, two) => parts.push(Part::Layout { file: name.clone() }),
            _ => parts.push(Part::Script { name: name.clone(), before: old, after: new }),
        }
    }
    let listed: BTreeSet<String> = before.rules.iter().chain(&after.rules).map(|rule| rule.file.name.clone()).collect();
    joined(parts, &listed)
}

/// Whether there were so many that those of one table or entry were taken as one.
pub(super) fn grouped(edits: &[Edit]) -> bool {
    edits.iter().flat_map(|edit| &edit.parts).count() > MANY && edits.iter().any(|edit| edit.parts.len() > 1)
}

/// Edits of the parts: a rule that came or went takes its script along; where there are many, tables and entries stay whole.
fn joined(parts: Vec<Part>, listed: &BTreeSet<String>) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    let script_of = |part: &Part| match part {
        Part::Key { file, path, before, after } if *file == RULES && path.len() == 2 && before.is_none() != after.is_none() => {
            Some(format!("rules/{}.rhai", path[1].text()))
        }
        _ => None,
    };
    for part in parts {
        let along = match &part {
            Part::Script { name, before, after } if before.is_none() != after.is_none() => {
                edits.iter().position(|edit| edit.parts.iter().any(|other| script_of(other).as_deref() == Some(name)))
            }
            _ => None,
        };
        let inert = part.inert(listed);
        match along {
            Some(at) => edits[at].parts.push(part),
            None => edits.push(Edit { parts: vec![part], inert }),
        }
    }
    if edits.iter().filter(|edit| !edit.inert).count() <= MANY {
        return edits;
    }
    let mut grouped: Vec<(String, Edit)> = Vec::new();
    for edit in edits {
        let group = format!("{} {}", edit.inert, edit.parts[0].group());
        match grouped.iter_mut().find(|(known, _)| *known == group) {
            Some((_, known)) => known.parts.extend(edit.parts),
            None => grouped.push((group, edit)),
        }
    }
    grouped.into_iter().map(|(_, edit)| edit).collect()
}

/// The value of a key in a table, as TOML on one line.
pub(super) fn inline(value: &Value) -> String {
    match value {
        Value::Table(table) => {
            let entries: Vec<String> = table.iter().map(|(key, value)| format!("{key} = {}", inline(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// A table of TOML; an empty one when it is none, which a checked set rules out.
pub(super) fn parsed(text: &str) -> Table {
    text.parse().unwrap_or_default()
}
