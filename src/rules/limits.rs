//! What a script may use up: `[sandbox]` of suitor.toml.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::error::RuleErrorKind;
use super::faults::{Faults, RuleErrors};
use super::source::Source;
use super::toml_read::{Reader, Table, integer};

/// Name of the file of settings.
pub const SETTINGS: &str = "config/suitor.toml";

/// Sections that suitor.toml may have.
pub(crate) const SECTIONS: &[&str] = &["schema", "sandbox", "database"];

/// What one hook may use up on one pair. Reaching one of them fails the command: the result would hang on the limit.
///
/// Operations decide, because they do not depend on the machine; seconds are the last resort.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Limits {
    /// Steps of the interpreter.
    pub operations: u64,
    /// Functions open at once.
    pub call_levels: usize,
    /// Characters of a text, and of all texts in a list or a map together.
    pub string: usize,
    /// Items of a list, those of lists inside it among them.
    pub list: usize,
    /// Entries of a map, those of maps inside it among them.
    pub map: usize,
    /// Variables at once.
    pub variables: usize,
    /// Wall time.
    pub seconds: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { operations: 100_000, call_levels: 16, string: 10_000, list: 1_000, map: 1_000, variables: 100, seconds: 5.0 }
    }
}

/// Key, least and most of each.
pub(crate) const RANGES: [(&str, u64, u64); 7] = [
    ("operations", 1_000, 10_000_000),
    ("call_levels", 1, 32),
    ("string", 100, 1_000_000),
    ("list", 10, 10_000),
    ("map", 10, 10_000),
    ("variables", 10, 1_000),
    ("seconds", 0, 60),
];

/// The shortest wall time, seconds.
const LEAST_SECONDS: f64 = 0.1;

/// What a section of suitor.toml in the folder says; the default where there is no such file or section.
///
/// # Errors
/// An unknown section, what `read` finds at fault, a file that cannot be read: all of them.
pub(crate) fn section<T: Default>(
    config_dir: &Path,
    name: &str,
    read: impl FnOnce(&mut Reader<'_>, &Table<'_>) -> T,
) -> Result<T, RuleErrors> {
    let path = config_dir.join("suitor.toml");
    if !path.exists() {
        return Ok(T::default());
    }
    match super::disk::text_of(&path) {
        Ok(text) => section_of(&text, name, read),
        Err(what) => {
            let mut faults = Faults::default();
            faults.add(&Arc::new(Source::new(SETTINGS, "", 0)), 0..0, RuleErrorKind::Unreadable(what));
            Err(RuleErrors(faults.sorted()))
        }
    }
}

/// The same of the text of a suitor.toml.
fn section_of<T: Default>(text: &str, name: &str, read: impl FnOnce(&mut Reader<'_>, &Table<'_>) -> T) -> Result<T, RuleErrors> {
    let file = Arc::new(Source::new(SETTINGS, text, 0));
    let mut faults = Faults::default();
    let mut reader = Reader { file: &file, faults: &mut faults };
    let entries = reader.parse(&file.text);
    let root = Table { entries: &entries, place: "suitor.toml" };
    reader.keys(&root, SECTIONS);
    let place = format!("[{name}]");
    let table = root.get(name).and_then(|value| reader.table(name, value, &place));
    let found = table.map_or_else(T::default, |table| read(&mut reader, &table));
    let errors = faults.sorted();
    if errors.is_empty() { Ok(found) } else { Err(RuleErrors(errors)) }
}

impl Limits {
    /// Those of suitor.toml in the folder; the shipped ones where it has none or does not say.
    ///
    /// # Errors
    /// An unknown section or key, a value out of its range, a file that cannot be read: all of them.
    pub fn load(config_dir: &Path) -> Result<Self, RuleErrors> {
        section(config_dir, "sandbox", Self::read)
    }

    /// Those of the text of a suitor.toml.
    ///
    /// # Errors
    /// See [`Limits::load`].
    pub fn parse(text: &str) -> Result<Self, RuleErrors> {
        section_of(text, "sandbox", Self::read)
    }

    /// Those of the table, with a fault for each that cannot be.
    pub(crate) fn read(reader: &mut Reader<'_>, table: &Table<'_>) -> Self {
        reader.keys(table, &RANGES.map(|(key, ..)| key));
        let mut limits = Self::default();
        for (key, least, most) in RANGES {
            let Some(value) = table.get(key) else { continue };
            let (number, lowest, whole) = match key {
                "seconds" => (reader.number(key, value), LEAST_SECONDS, true),
                _ => (integer(value.get_ref()).map(|number| number as f64), least as f64, false),
            };
            let Some(number) = number else {
                if !whole {
                    reader.wrong_type(key, value, "a whole number");
                }
                continue;
            };
            if !(lowest..=most as f64).contains(&number) {
                let expected = format!("{lowest} to {most}");
                reader.fault(value.span(), RuleErrorKind::OutOfRange { key: key.to_owned(), value: number, expected });
                continue;
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within its range, which fits")]
            let count = number as usize;
            match key {
                "operations" => limits.operations = count as u64,
                "call_levels" => limits.call_levels = count,
                "string" => limits.string = count,
                "list" => limits.list = count,
                "map" => limits.map = count,
                "variables" => limits.variables = count,
                _ => limits.seconds = number,
            }
        }
        limits
    }

    /// The wall time of one hook on one pair.
    pub(crate) fn time(&self) -> Duration {
        Duration::from_secs_f64(self.seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_file_says_what_holds_without_it() {
        assert_eq!(Limits::parse(crate::store::SHIPPED_SETTINGS), Ok(Limits::default()));
        assert!(crate::store::SHIPPED_SETTINGS.contains("\n[sandbox]\n"));
        assert_eq!(Limits::parse("[sandbox]\nseconds = 2\nlist = 20").unwrap(), Limits { seconds: 2.0, list: 20, ..Limits::default() });
    }

    #[test]
    fn unknown_keys_and_values_out_of_range_are_refused_all_at_once() {
        let text = "[sandbox]\noperation = 5\ncall_levels = 64\nstring = \"a\"\nlist = 1.5\nseconds = 0\n[sandbax]\n";
        let errors = Limits::parse(text).unwrap_err();
        let lines: Vec<String> = errors.0.iter().map(super::super::faults::RuleError::line).collect();
        assert_eq!(
            lines,
            [
                "config/suitor.toml:2:1: unknown key `operation` in [sandbox] [R005]",
                "config/suitor.toml:3:15: `call_levels` is 64, expected 1 to 32 [R108]",
                "config/suitor.toml:4:10: `string` is a text, expected a whole number [R007]",
                "config/suitor.toml:5:8: `list` is a number, expected a whole number [R007]",
                "config/suitor.toml:6:11: `seconds` is 0, expected 0.1 to 60 [R108]",
                "config/suitor.toml:7:2: unknown key `sandbax` in suitor.toml [R005]",
            ]
        );
        assert_eq!(errors.0[0].help.as_deref(), Some("did you mean `operations`?"));
    }
}
