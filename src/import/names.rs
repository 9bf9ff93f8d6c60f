//! The names of a row's model and hardware, brought to the ones that aliases.toml gives.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::aliases::{Aliases, name_and_count};
use super::expression::Reason;
use super::place::{DEVICE_COUNT, DEVICE_MEMORY, HARDWARE, HARDWARE_NAME, HARDWARE_TYPE, MODEL, PROVENANCE, TASK};
use super::row::{Row, Value};

/// How many names of hardware are remembered, so that a file in which each is another takes no more memory.
const REMEMBERED: usize = 10_000;

/// Names that were brought to another: as it stood, as it is now.
pub(crate) type Merged = HashSet<(String, String)>;

/// Aliases, with what the names met so far came to: rows repeat few names, and finding one's hardware is dear.
pub(crate) struct Names<'m> {
    aliases: &'m Aliases,
    hardware: HashMap<String, Known>,
    /// Names whose own count is not their row's, with that of the row: said once each.
    doubted: HashSet<(String, i64)>,
}

/// What the hardware that a file names comes to.
struct Known {
    name: String,
    /// The count that the name states itself.
    count: Option<i64>,
    kind: String,
    memory_mb: Option<f64>,
}

impl<'m> Names<'m> {
    /// Remembers no name yet.
    pub(crate) fn new(aliases: &'m Aliases) -> Self {
        Self { aliases, hardware: HashMap::new(), doubted: HashSet::new() }
    }

    /// Brings the names of a row to the one that aliases.toml gives, and fills what follows from them. Says into `doubt` when
    /// a name is met for the first time that states another count than its row.
    ///
    /// # Errors
    /// No model, no hardware, or a count below 1.
    pub(crate) fn settle<'a>(&'a mut self, row: &mut Row<'a>, merged: &mut Merged, doubt: &mut Option<String>) -> Result<(), Reason> {
        let Some(Value::Text(model)) = &row[MODEL] else { return Err("no model".to_owned()) };
        let one = self.aliases.model(model);
        if one != model.as_ref() {
            merge(merged, model, one);
            row[MODEL] = Some(Value::Text(Cow::Owned(one.to_owned())));
        }
        let Some(Value::Text(given)) = row[HARDWARE].take() else { return Err("no hardware".to_owned()) };
        self.remember(&given);
        let known = &self.hardware[given.as_ref()];
        let count = match row[DEVICE_COUNT] {
            Some(Value::Integer(count)) if count >= 1 => {
                if let Some(stated) = known.count.filter(|stated| *stated != count)
                    && self.doubted.len() < REMEMBERED
                    && self.doubted.insert((given.to_string(), count))
                {
                    *doubt = Some(format!(
                        "`{given}` states {stated} {} itself, and its device count is {count}: {count} is taken, here and in every row like it",
                        if stated == 1 { "device" } else { "devices" }
                    ));
                }
                count
            }
            Some(Value::Integer(count)) => return Err(format!("device_count is {count}, expected 1 or more")),
            _ => known.count.unwrap_or(1),
        };
        let name = known.name.as_str();
        if name != given {
            merge(merged, &given, name);
        }
        if let Some(memory) = known.memory_mb {
            row[DEVICE_MEMORY] = Some(Value::Number(memory));
        }
        row[HARDWARE] = Some(Value::Text(if count == 1 { Cow::Borrowed(name) } else { Cow::Owned(format!("{name} x{count}")) }));
        row[HARDWARE_NAME] = Some(Value::Text(Cow::Borrowed(name)));
        row[DEVICE_COUNT] = Some(Value::Integer(count));
        row[HARDWARE_TYPE].get_or_insert(Value::Text(Cow::Borrowed(&known.kind)));
        row[TASK].get_or_insert(Value::Text(Cow::Borrowed("inference")));
        row[PROVENANCE].get_or_insert(Value::Text(Cow::Borrowed("measured")));
        Ok(())
    }

    fn remember(&mut self, given: &str) {
        if self.hardware.len() >= REMEMBERED && !self.hardware.contains_key(given) {
            self.hardware.clear();
        }
        // Not `entry`, which would need a text of its own for every row.
        if !self.hardware.contains_key(given) {
            self.hardware.insert(given.to_owned(), Known::find(self.aliases, given));
        }
    }
}

impl Known {
    fn find(aliases: &Aliases, given: &str) -> Self {
        let (name, count) = name_and_count(given);
        let known = aliases.hardware(name);
        let kind = known.and_then(|known| known.kind.as_deref()).or_else(|| aliases.type_of(name));
        Self {
            name: known.map_or(name, |known| known.name.as_str()).to_owned(),
            count,
            kind: kind.unwrap_or("unknown").to_owned(),
            memory_mb: known.and_then(|known| known.memory_mb),
        }
    }
}

fn merge(merged: &mut Merged, from: &str, to: &str) {
    // Looked up first, because nearly every row repeats a name of the one before it.
    if !merged.iter().any(|(was, is)| was == from && is == to) {
        merged.insert((from.to_owned(), to.to_owned()));
    }
}
