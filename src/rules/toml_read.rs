//! Reads TOML with the place of every value and reports every fault, where serde would stop at the first.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::error::RuleErrorKind;
use super::faults::Faults;
use super::source::Source;

/// A value and its place.
pub(crate) type Value<'a> = Spanned<DeValue<'a>>;

/// Faults of syntax that are told of one file: the rest follows from them, and a text that is no TOML has thousands.
pub(crate) const MOST_OF_SYNTAX: usize = 20;

/// Reads the tables of one file.
pub(crate) struct Reader<'f> {
    /// The file.
    pub(crate) file: &'f Arc<Source>,
    /// Where faults go.
    pub(crate) faults: &'f mut Faults,
}

/// A table, its place, and what it is, in words.
#[derive(Clone, Copy)]
pub(crate) struct Table<'a> {
    /// The entries.
    pub(crate) entries: &'a DeTable<'a>,
    /// What it is, in words, for messages.
    pub(crate) place: &'a str,
}

impl<'a> Table<'a> {
    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Value<'a>> {
        self.entries.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }
}

impl Reader<'_> {
    /// Parses the file; TOML's own faults are added, and what could be read is returned: what it says is then not looked at.
    pub(crate) fn parse<'a>(&mut self, text: &'a str) -> DeTable<'a> {
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors.into_iter().take(MOST_OF_SYNTAX) {
            let span = error.span().unwrap_or(0..0);
            let span = if span.is_empty() { widen(text, span.start) } else { span };
            self.faults.add(self.file, span, RuleErrorKind::Toml(error.message().replace('\n', ", ").to_lowercase()));
        }
        table.into_inner()
    }

    /// Adds a fault.
    pub(crate) fn fault(&mut self, span: Range<usize>, kind: RuleErrorKind) {
        self.faults.add(self.file, span, kind);
    }

    /// Adds a fault of a name, with the nearest right one.
    pub(crate) fn fault_name<'k>(&mut self, span: Range<usize>, kind: RuleErrorKind, name: &str, known: impl IntoIterator<Item = &'k str>) {
        self.faults.name(self.file, span, kind, name, known);
    }

    /// Reports every key of the table that is not among the known.
    pub(crate) fn keys(&mut self, table: &Table<'_>, known: &[&str]) {
        for (key, _) in table.entries {
            if !known.contains(&key.get_ref().as_ref()) {
                let kind = RuleErrorKind::UnknownKey { key: key.get_ref().to_string(), place: table.place.to_owned() };
                self.fault_name(key.span(), kind, key.get_ref(), known.iter().copied());
            }
        }
    }

    /// The value of a key that must be there.
    pub(crate) fn required<'a>(&mut self, table: &Table<'a>, span: &Range<usize>, key: &str) -> Option<&'a Value<'a>> {
        let value = table.get(key);
        if value.is_none() {
            self.fault(span.clone(), RuleErrorKind::MissingKey { key: key.to_owned(), place: table.place.to_owned() });
        }
        value
    }

    /// The value as a text.
    pub(crate) fn text<'a>(&mut self, key: &str, value: &'a Value<'a>) -> Option<&'a str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.wrong_type(key, value, "a text");
        }
        text
    }

    /// The value as a number; an integer is one too.
    pub(crate) fn number(&mut self, key: &str, value: &Value<'_>) -> Option<f64> {
        let number = match value.get_ref() {
            DeValue::Integer(_) => integer(value.get_ref()).map(|number| number as f64),
            DeValue::Float(float) => float.as_str().replace('_', "").parse().ok(),
            _ => None,
        };
        if number.is_none() {
            self.wrong_type(key, value, "a number");
        }
        number
    }

    /// The value as a truth value.
    pub(crate) fn boolean(&mut self, key: &str, value: &Value<'_>) -> Option<bool> {
        let boolean = value.get_ref().as_bool();
        if boolean.is_none() {
            self.wrong_type(key, value, "`true` or `false`");
        }
        boolean
    }

    /// The value as a list.
    pub(crate) fn array<'a>(&mut self, key: &str, value: &'a Value<'a>, of: &str) -> Option<&'a DeArray<'a>> {
        let array = value.get_ref().as_array();
        if array.is_none() {
            self.wrong_type(key, value, &format!("a list of {of}"));
        }
        array
    }

    /// The value as a list of texts with their places.
    pub(crate) fn texts<'a>(&mut self, key: &str, value: &'a Value<'a>) -> Vec<(&'a str, Range<usize>)> {
        let Some(array) = self.array(key, value, "texts") else { return Vec::new() };
        array.iter().filter_map(|item| self.text(key, item).map(|text| (text, item.span()))).collect()
    }

    /// The value as a table.
    pub(crate) fn table<'a>(&mut self, key: &str, value: &'a Value<'a>, place: &'a str) -> Option<Table<'a>> {
        let entries = value.get_ref().as_table();
        if entries.is_none() {
            self.wrong_type(key, value, "a table");
        }
        entries.map(|entries| Table { entries, place })
    }

    /// Reports a value of the wrong type.
    pub(crate) fn wrong_type(&mut self, key: &str, value: &Value<'_>, expected: &str) {
        let found = describe(value.get_ref()).to_owned();
        self.fault(value.span(), RuleErrorKind::WrongType { key: key.to_owned(), found, expected: expected.to_owned() });
    }

    /// Reports a name that is not made of lower case letters, digits, `_` and `-`.
    pub(crate) fn check_name(&mut self, name: &str, span: Range<usize>) {
        if !is_name(name) {
            self.fault(span, RuleErrorKind::BadName(name.to_owned()));
        }
    }
}

/// Whether a text has the letters of a name.
pub(crate) fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
}

/// The value of an integer; `None` when it does not fit 64 bits.
pub(crate) fn integer(value: &DeValue<'_>) -> Option<i64> {
    value.as_integer().and_then(|integer| i64::from_str_radix(&integer.as_str().replace('_', ""), integer.radix()).ok())
}

/// What a value is, in words.
fn describe(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) if integer(value).is_none() => "an integer beyond 64 bits",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a truth value",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// One byte (a whole character) at or before a place, so that there is something to underline.
fn widen(text: &str, at: usize) -> Range<usize> {
    let start = text[..at.min(text.len())].char_indices().next_back().map_or(0, |(at, _)| at);
    match text[at.min(text.len())..].chars().next() {
        Some(c) if c != '\n' => at..at + c.len_utf8(),
        _ => start..at.min(text.len()),
    }
}
