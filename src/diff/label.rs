//! Edits in words and as data.

use serde_json::Value as Json;
use toml::Value;

use super::answer::{Caused, Change, Edit, EditPart};
use super::document::Step;
use super::edits::{self, Part, inline};

/// The longest value that a label shows, characters.
const LONGEST: usize = 40;

/// The edit of this number, counted from 0.
pub(super) fn edit(at: usize, edit: &edits::Edit) -> Edit {
    Edit {
        id: at + 1,
        name: several(&edit.parts, name),
        label: several(&edit.parts, label),
        parts: edit.parts.iter().map(part).collect(),
        caused: Caused::default(),
    }
}

/// The parts of an edit in words: the first two, and how many more.
fn several(parts: &[Part], word: fn(&Part) -> String) -> String {
    let words: Vec<String> = parts.iter().take(2).map(word).collect();
    let more = if parts.len() > 2 { format!(" and {} more", parts.len() - 2) } else { String::new() };
    format!("{}{more}", words.join(" with "))
}

fn key(path: &[Step]) -> String {
    path.iter().map(Step::text).collect::<Vec<_>>().join(".")
}

fn name(part: &Part) -> String {
    match part {
        Part::Key { path, .. } => key(path),
        Part::Moved { array, id, .. } => format!("{array}.{id}"),
        Part::Script { name, .. } | Part::Layout { file: name } => name.clone(),
    }
}

fn label(part: &Part) -> String {
    let name = name(part);
    match part {
        Part::Key { before, after, .. } => match (before, after) {
            (Some(Value::Array(one)), Some(Value::Array(two))) => format!("{name} {}", lists(one, two)),
            (Some(one), Some(two)) => format!("{name} {}", short(&format!("{} -> {}", inline(one), inline(two)))),
            (None, Some(Value::Table(_))) => format!("{name} added"),
            (Some(Value::Table(_)), None) => format!("{name} removed"),
            (None, Some(value)) => format!("{name} added: {}", short(&inline(value))),
            (Some(value), None) => format!("{name} removed, was {}", short(&inline(value))),
            (None, None) => name,
        },
        Part::Moved { from, to, .. } => format!("{name} moved from place {from} to {to}"),
        Part::Script { before, after, .. } => match (before, after) {
            (Some(one), Some(two)) => {
                let (added, removed) = lines(one, two);
                format!("{name} changed, +{added} -{removed} lines")
            }
            (None, _) => format!("{name} added"),
            (_, None) => format!("{name} removed"),
        },
        Part::Layout { .. } => format!("{name}: comments and layout"),
    }
}

/// What came to a list and what went, where it is short enough.
fn lists(before: &[Value], after: &[Value]) -> String {
    let whole = format!("{} -> {}", inline(&Value::Array(before.to_vec())), inline(&Value::Array(after.to_vec())));
    let came = after.iter().filter(|value| !before.contains(value)).map(|value| format!("+{}", inline(value)));
    let went = before.iter().filter(|value| !after.contains(value)).map(|value| format!("-{}", inline(value)));
    let changed: Vec<String> = came.chain(went).collect();
    if changed.is_empty() || whole.chars().count() <= LONGEST { short(&whole) } else { short(&changed.join(" ")) }
}

fn short(text: &str) -> String {
    if text.chars().count() <= LONGEST { text.to_owned() } else { "changed".to_owned() }
}

fn part(part: &Part) -> EditPart {
    let json = |value: &Option<Value>| value.as_ref().map_or(Json::Null, |value| serde_json::to_value(value).unwrap_or(Json::Null));
    let change = |before: bool, after: bool| match (before, after) {
        (false, _) => Change::Added,
        (_, false) => Change::Removed,
        _ => Change::Changed,
    };
    let empty = EditPart {
        file: String::new(),
        key: None,
        change: Change::Changed,
        before: Json::Null,
        after: Json::Null,
        lines_added: None,
        lines_removed: None,
    };
    match part {
        Part::Key { file, path, before, after } => EditPart {
            file: (*file).to_owned(),
            key: Some(key(path)),
            change: change(before.is_some(), after.is_some()),
            before: json(before),
            after: json(after),
            ..empty
        },
        Part::Moved { file, array, id, from, to } => EditPart {
            file: (*file).to_owned(),
            key: Some(format!("{array}.{id}")),
            change: Change::Moved,
            before: (*from).into(),
            after: (*to).into(),
            ..empty
        },
        Part::Script { name, before, after } => {
            let (added, removed) = lines(before.as_deref().unwrap_or(""), after.as_deref().unwrap_or(""));
            let change = change(before.is_some(), after.is_some());
            EditPart { file: name.clone(), change, lines_added: Some(added), lines_removed: Some(removed), ..empty }
        }
        Part::Layout { file } => EditPart { file: file.clone(), change: Change::Layout, ..empty },
    }
}

/// Lines that came and lines that went, by a longest common run of lines.
fn lines(before: &str, after: &str) -> (usize, usize) {
    let (one, two): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let same = if one.len().saturating_mul(two.len()) > 4_000_000 { 0 } else { common(&one, &two) };
    (two.len() - same, one.len() - same)
}

fn common(one: &[&str], two: &[&str]) -> usize {
    let mut row = vec![0; two.len() + 1];
    for line in one {
        let mut diagonal = 0;
        for (at, other) in two.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if line == other { diagonal + 1 } else { above.max(row[at]) };
            diagonal = above;
        }
    }
    row[two.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_by_what_came_and_went() {
        assert_eq!(lines("a\nb\nc\n", "a\nx\nc\nd\n"), (2, 1));
        assert_eq!(lines("", "a\nb\n"), (2, 0));
        assert_eq!(lines("a\nb\n", "b\na\n"), (1, 1));
    }

    #[test]
    fn long_lists_show_what_came_and_went() {
        let list = |names: &[&str]| names.iter().map(|name| Value::String((*name).to_owned())).collect::<Vec<_>>();
        let long = ["RTX 3060", "RTX 3070", "RTX 3080", "RTX 3090", "GTX"];
        assert_eq!(lists(&list(&long), &list(&long[1..])), "-\"RTX 3060\"");
        assert_eq!(lists(&list(&["a"]), &list(&["b"])), "[\"a\"] -> [\"b\"]");
    }
}
