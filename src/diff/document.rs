//! A TOML file of a rule set as a tree of keys: two compared, and a third made of some of the differences.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::edits::{Part, parsed};
use crate::rules::{RULES, SCORING};

/// One step from a file to a key.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// A key of a table.
    Key(String),
    /// The entry of that name in `[[component]]` or `[[rule]]`.
    Entry(String),
}

impl Step {
    /// Key or name.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Key(text) | Self::Entry(text) => text,
        }
    }
}

/// A file whose entries of `[[component]]` or `[[rule]]` are known by name.
#[derive(Clone, Debug)]
pub(super) struct Document {
    file: &'static str,
    array: &'static str,
    table: Table,
    entries: Vec<(String, Table)>,
}

impl Document {
    /// Reads a file of a set that was checked.
    pub(super) fn read(file: &'static str, text: &str) -> Self {
        let (array, name) = if file == SCORING { ("component", "name") } else { ("rule", "script") };
        debug_assert!(file == SCORING || file == RULES);
        let mut table = parsed(text);
        let mut entries = Vec::new();
        if let Some(Value::Array(items)) = table.remove(array) {
            for item in items {
                let Value::Table(mut entry) = item else { continue };
                let id = entry.get(name).and_then(Value::as_str).unwrap_or_default().trim_end_matches(".rhai").to_owned();
                entry.insert(name.to_owned(), Value::String(id.clone()));
                entries.push((id, entry));
            }
        }
        Self { file, array, table, entries }
    }

    fn entry(&self, id: &str) -> Option<&Table> {
        self.entries.iter().find(|(known, _)| known == id).map(|(_, entry)| entry)
    }

    fn place(&self, id: &str) -> Option<usize> {
        self.entries.iter().position(|(known, _)| known == id)
    }

    fn value(&self, at: usize) -> Value {
        Value::Table(self.entries[at].1.clone())
    }
}

/// The differences of two readings of one file.
pub(super) fn compare(before: &Document, after: &Document) -> Vec<Part> {
    let mut parts = Vec::new();
    tables(before.file, &mut Vec::new(), &before.table, &after.table, &mut parts);
    let path = |id: &str| vec![Step::Key(before.array.to_owned()), Step::Entry(id.to_owned())];
    let (file, array) = (before.file, before.array);
    let keep = anchors(before, after);
    for (at, (id, entry)) in before.entries.iter().enumerate() {
        match after.entry(id) {
            None => parts.push(Part::Key { file, path: path(id), before: Some(before.value(at)), after: None }),
            Some(other) => {
                tables(file, &mut path(id), entry, other, &mut parts);
                if !keep.contains(id) {
                    let to = after.place(id).unwrap_or_default() + 1;
                    parts.push(Part::Moved { file, array, id: id.clone(), from: at + 1, to });
                }
            }
        }
    }
    for (at, (id, _)) in after.entries.iter().enumerate() {
        if before.entry(id).is_none() {
            parts.push(Part::Key { file, path: path(id), before: None, after: Some(after.value(at)) });
        }
    }
    parts
}

fn tables(file: &'static str, path: &mut Vec<Step>, before: &Table, after: &Table, parts: &mut Vec<Part>) {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for key in keys {
        path.push(Step::Key(key.clone()));
        match (before.get(key), after.get(key)) {
            (Some(Value::Table(one)), Some(Value::Table(two))) => tables(file, path, one, two, parts),
            (one, two) if same(one, two) => {}
            (one, two) => parts.push(Part::Key { file, path: path.clone(), before: one.cloned(), after: two.cloned() }),
        }
        path.pop();
    }
}

/// Whether two values are the same to scripts and scoring: `-0.0` is not `0.0`.
fn same(one: Option<&Value>, two: Option<&Value>) -> bool {
    match (one, two) {
        (Some(Value::Float(one)), Some(Value::Float(two))) => one.to_bits() == two.to_bits(),
        _ => one == two,
    }
}

/// The entries of both that keep their order: a longest common run of names.
fn anchors(before: &Document, after: &Document) -> BTreeSet<String> {
    let common: Vec<(&String, usize)> = before.entries.iter().filter_map(|(id, _)| Some((id, after.place(id)?))).collect();
    // Longest increasing run of places, by how long a run ends in each.
    let mut ends: Vec<(usize, Option<usize>)> = Vec::with_capacity(common.len());
    for at in 0..common.len() {
        let best = (0..at).filter(|other| common[*other].1 < common[at].1).max_by_key(|other| (ends[*other].0, usize::MAX - other));
        ends.push((best.map_or(1, |other| ends[other].0 + 1), best));
    }
    let mut at = (0..common.len()).max_by_key(|at| (ends[*at].0, usize::MAX - at));
    let mut kept = BTreeSet::new();
    while let Some(place) = at {
        kept.insert(common[place].0.clone());
        at = ends[place].1;
    }
    kept
}

/// The text of `before` with these parts done, which lead to `after`: with all of them, what `after` says.
pub(super) fn applied(before: &Document, after: &Document, parts: &[&Part]) -> String {
    let mut table = before.table.clone();
    let mut entries: Vec<(String, Table)> = before.entries.clone();
    let mut moved: BTreeSet<&str> = BTreeSet::new();
    for part in parts {
        match part {
            Part::Key { file, path, after: value, .. } if *file == before.file => match path.as_slice() {
                [Step::Key(_), Step::Entry(id)] => match value {
                    Some(Value::Table(entry)) => entries.push((id.clone(), entry.clone())),
                    _ => entries.retain(|(known, _)| known != id),
                },
                [Step::Key(_), Step::Entry(id), rest @ ..] => {
                    if let Some((_, entry)) = entries.iter_mut().find(|(known, _)| known == id) {
                        put(entry, rest, value.as_ref());
                    }
                }
                whole => put(&mut table, whole, value.as_ref()),
            },
            Part::Moved { file, id, .. } if *file == before.file => {
                moved.insert(id);
            }
            _ => {}
        }
    }
    let keep = anchors(before, after);
    // Entries that both have in one order are the backbone; each other entry follows the one that it follows where it stands.
    let position = |id: &String| -> (usize, usize, usize) {
        let from_after = moved.contains(id.as_str()) || before.entry(id).is_none();
        let from = if from_after { after } else { before };
        let at = from.place(id).unwrap_or(usize::MAX);
        let passed = from.entries.iter().take(at).filter(|(id, _)| keep.contains(id)).count();
        if keep.contains(id) { (passed + 1, 0, 0) } else { (passed, 1 + usize::from(from_after), at) }
    };
    entries.sort_by_key(|(id, _)| position(id));
    if !entries.is_empty() {
        table.insert(before.array.to_owned(), Value::Array(entries.into_iter().map(|(_, entry)| Value::Table(entry)).collect()));
    }
    toml::to_string(&table).unwrap_or_default()
}

/// Sets or removes the key at the end of a path whose tables are all there.
fn put(table: &mut Table, path: &[Step], value: Option<&Value>) {
    match path {
        [] => {}
        [last] => match value {
            Some(value) => {
                table.insert(last.text().to_owned(), value.clone());
            }
            None => {
                table.remove(last.text());
            }
        },
        [first, rest @ ..] => {
            if let Some(Value::Table(inner)) = table.get_mut(first.text()) {
                put(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(names: &[&str]) -> Document {
        let entry = |name: &&str| format!("[[rule]]\nscript = \"{name}\"\n[rule.params]\na = 1\n");
        let text = names.iter().map(entry).collect::<Vec<_>>().concat();
        Document::read(RULES, &text)
    }

    fn order(text: &str) -> Vec<String> {
        Document::read(RULES, text).entries.into_iter().map(|(id, _)| id).collect()
    }

    #[test]
    fn all_parts_lead_from_before_to_after_and_none_leaves_before() {
        let cases: [(&[&str], &[&str]); 6] = [
            (&["a", "b", "c", "d"], &["d", "a", "b", "c"]),
            (&["a", "b", "c", "d"], &["b", "a", "d", "c"]),
            (&["a", "b", "c"], &["x", "c", "y", "a"]),
            (&["a"], &["b"]),
            (&["a", "b", "c", "d", "e"], &["e", "d", "c", "b", "a"]),
            (&["a.rhai", "b"], &["b", "n", "a", "m"]),
        ];
        for (one, two) in cases {
            let (before, after) = (rules(one), rules(two));
            let parts = compare(&before, &after);
            let all: Vec<&Part> = parts.iter().collect();
            assert_eq!(order(&applied(&before, &after, &all)), order(&applied(&after, &after, &[])), "{one:?} -> {two:?}");
            assert_eq!(order(&applied(&before, &after, &[])), order(&applied(&before, &before, &[])), "{one:?}");
        }
        // One that went to the front is one edit, not three.
        assert_eq!(compare(&rules(&["a", "b", "c", "d"]), &rules(&["d", "a", "b", "c"])).len(), 1);
    }

    #[test]
    fn keys_differ_at_the_deepest_table_that_both_have() {
        let before = Document::read(SCORING, "cell_by = [\"a\"]\n[[component]]\nname = \"t\"\nweight = 1\n[tasks.x]\n[gone]\nk = 1\n");
        let after = Document::read(
            SCORING,
            "cell_by = [\"b\"]\n[[component]]\nname = \"t\"\nweight = 1.0\n[tasks.x]\nmultiply = { t = 2 }\n[come.deep]\nk = 1\n",
        );
        let parts = compare(&before, &after);
        let paths: Vec<String> = parts
            .iter()
            .map(|part| match part {
                Part::Key { path, .. } => path.iter().map(Step::text).collect::<Vec<_>>().join("."),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(paths, ["cell_by", "come", "gone", "tasks.x.multiply", "component.t.weight"]);
        let all: Vec<&Part> = parts.iter().collect();
        assert_eq!(parsed(&applied(&before, &after, &all)), parsed(&applied(&after, &after, &[])));
    }
}
