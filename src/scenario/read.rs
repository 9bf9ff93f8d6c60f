//! Reads the TOML of a scenario with the place of every value, and reports every fault.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Fault, FaultCode};
use crate::rules::Source;
use crate::rules::toml_read::MOST_OF_SYNTAX;

/// A value and its place.
pub(super) type Value<'a> = Spanned<DeValue<'a>>;

/// A value of a scenario file with the bytes that it stands in.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Its bytes in the file.
    pub span: Range<usize>,
}

/// Reads one file; faults gather.
pub(super) struct Reader<'f> {
    /// The file.
    pub file: &'f Arc<Source>,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
}

impl<'f> Reader<'f> {
    /// Begins to read a file.
    pub(super) fn new(file: &'f Arc<Source>) -> Self {
        Self { file, faults: Vec::new() }
    }

    /// Adds a fault.
    pub(super) fn fault(&mut self, code: FaultCode, span: Range<usize>, message: impl Into<String>) -> &mut Fault {
        self.faults.push(Fault { code, message: message.into(), file: Arc::clone(self.file), span, help: None });
        let last = self.faults.len() - 1;
        &mut self.faults[last]
    }

    /// Adds what a parser of one value says.
    pub(super) fn value_fault(&mut self, span: Range<usize>, error: crate::Error) {
        self.fault(FaultCode::BadValue, span, error.message).help = error.help;
    }

    /// The tables of the file; `None` when it is no TOML.
    pub(super) fn parse<'a>(&mut self, text: &'a str) -> Option<DeTable<'a>> {
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors.iter().take(MOST_OF_SYNTAX) {
            let span = error.span().unwrap_or(0..0);
            let span = if span.is_empty() { widened(text, span.start) } else { span };
            self.fault(FaultCode::Toml, span, error.message().replace('\n', ", ").to_lowercase());
        }
        errors.is_empty().then(|| table.into_inner())
    }

    /// Reports every key of the table that is not among the known.
    pub(super) fn keys(&mut self, table: &DeTable<'_>, place: &str, known: &[&str]) {
        for (key, _) in table {
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                let near = crate::error::nearest(name, known.iter().copied());
                let help = if near.is_empty() {
                    format!("expected one of {}", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
                } else {
                    format!("did you mean {}?", near.join(", "))
                };
                self.fault(FaultCode::UnknownKey, key.span(), format!("unknown key `{name}` in {place}")).help = Some(help);
            }
        }
    }

    /// The value as a table.
    pub(super) fn table<'a>(&mut self, key: &str, value: &'a Value<'a>) -> Option<&'a DeTable<'a>> {
        let table = value.get_ref().as_table();
        self.typed(key, value, "a table", table)
    }

    /// The value as a text that is not empty.
    pub(super) fn text(&mut self, key: &str, value: &Value<'_>) -> Option<Placed<String>> {
        let text = value.get_ref().as_str().map(str::to_owned);
        let text = self.typed(key, value, "a text", text)?;
        if text.trim().is_empty() {
            self.fault(FaultCode::BadValue, value.span(), format!("`{key}` is empty"));
            return None;
        }
        Some(Placed { value: text, span: value.span() })
    }

    /// The value as texts: a list of them, or one alone.
    pub(super) fn texts(&mut self, key: &str, value: &Value<'_>) -> Vec<Placed<String>> {
        if value.get_ref().as_str().is_some() {
            return self.text(key, value).into_iter().collect();
        }
        let Some(items) = self.typed(key, value, "a list of texts", value.get_ref().as_array()) else { return Vec::new() };
        items.iter().filter_map(|item| self.text(key, item)).collect()
    }

    /// The value as a whole number between two others.
    pub(super) fn integer(&mut self, key: &str, value: &Value<'_>, least: i64, most: i64) -> Option<i64> {
        let number = value.get_ref().as_integer().map(|number| i64::from_str_radix(&number.as_str().replace('_', ""), number.radix()));
        let number = self.typed(key, value, "a whole number", number)?.unwrap_or(i64::MAX);
        if !(least..=most).contains(&number) {
            let expected = if most == i64::MAX { format!("{least} or more") } else { format!("{least} to {most}") };
            self.fault(FaultCode::BadValue, value.span(), format!("`{key}` is {number}, expected {expected}"));
            return None;
        }
        Some(number)
    }

    /// The value as a finite number of at least 0.
    pub(super) fn number(&mut self, key: &str, value: &Value<'_>) -> Option<f64> {
        let number = match value.get_ref() {
            DeValue::Integer(number) => number.as_str().replace('_', "").parse().ok(),
            DeValue::Float(number) => number.as_str().replace('_', "").parse().ok(),
            _ => None,
        };
        let number: f64 = self.typed(key, value, "a number", number)?;
        if !number.is_finite() || number < 0.0 {
            self.fault(FaultCode::BadValue, value.span(), format!("`{key}` is {number}, expected a finite number of at least 0"));
            return None;
        }
        Some(number)
    }

    /// The value as a truth value.
    pub(super) fn boolean(&mut self, key: &str, value: &Value<'_>) -> Option<bool> {
        self.typed(key, value, "`true` or `false`", value.get_ref().as_bool())
    }

    fn typed<T>(&mut self, key: &str, value: &Value<'_>, expected: &str, found: Option<T>) -> Option<T> {
        if found.is_none() {
            let is = described(value.get_ref());
            self.fault(FaultCode::WrongType, value.span(), format!("`{key}` is {is}, expected {expected}"));
        }
        found
    }
}

/// What a value is, in words.
fn described(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a truth value",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// One character at or before a place, so that there is something to underline.
fn widened(text: &str, at: usize) -> Range<usize> {
    let at = at.min(text.len());
    match text[at..].chars().next() {
        Some(c) if c != '\n' => at..at + c.len_utf8(),
        _ => text[..at].char_indices().next_back().map_or(0, |(before, _)| before)..at,
    }
}
