//! A file of the rule set: its name, its text, and how a place in it is shown.

use std::fmt::Write as _;
use std::ops::Range;

/// One file of a rule set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Name inside the set, always with `/`: `config/scoring.toml`, `rules/stale.rhai`.
    pub name: String,
    /// The text.
    pub text: String,
    /// Position among the files of the set.
    pub order: usize,
    /// Where each line begins: faults of a file may be as many as its lines.
    starts: Vec<usize>,
}

impl Source {
    /// Makes a source.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>, order: usize) -> Self {
        let text = text.into();
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { name: name.into(), text, order, starts }
    }

    /// Line and column (both from 1; columns count characters) of a byte.
    #[must_use]
    pub fn line_column(&self, byte: usize) -> (usize, usize) {
        let end = floor_boundary(&self.text, byte);
        let line = self.starts.partition_point(|start| *start <= end);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        (line, self.text[start..end].chars().count() + 1)
    }

    /// The byte of a line and column (both from 1); the end of the line when the column is past it.
    #[must_use]
    pub fn byte(&self, line: usize, column: usize) -> usize {
        let start = self.line_start(line);
        let text = self.line_text(start);
        text.char_indices().nth(column.saturating_sub(1)).map_or(start + text.len(), |(at, _)| start + at)
    }

    /// The bytes of the word, number, text or sign that begins at a line and column.
    #[must_use]
    pub fn token(&self, line: usize, column: usize) -> Range<usize> {
        let start = self.byte(line, column);
        let rest = &self.text[start..];
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let length = match rest.chars().next() {
            Some(c) if word(c) => rest.find(|c| !word(c)).unwrap_or(rest.len()),
            Some(quote @ ('"' | '`')) => rest[1..].find([quote, '\n']).map_or(1, |at| at + 2),
            Some(c) if "=<>!&|?+-*/%.".contains(c) => rest.find(|c| !"=<>!&|?+-*/%.".contains(c)).unwrap_or(rest.len()).min(2),
            Some(c) => c.len_utf8(),
            None => 0,
        };
        start..(start + length).min(self.text.len())
    }

    /// The line at fault with its number, and carets beneath the bytes at fault.
    #[must_use]
    pub fn excerpt(&self, line: usize, column: usize, span: &Range<usize>) -> String {
        let text = self.line_text(self.line_start(line));
        let margin = line.to_string().len();
        let from = text.char_indices().nth(column - 1).map_or(text.len(), |(at, _)| at);
        let covered = self.text.get(span.clone()).unwrap_or("").lines().next().unwrap_or("").chars().count();
        let indent: String = text[..from].chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        let mut out = String::new();
        let _ = writeln!(out, "{:margin$}--> {}:{line}:{column}", "", self.name);
        let _ = writeln!(out, "{:margin$} |", "");
        let _ = writeln!(out, "{line} | {text}");
        let _ = write!(out, "{:margin$} | {indent}{}", "", "^".repeat(covered.max(1)));
        out
    }

    fn line_start(&self, line: usize) -> usize {
        self.starts.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len())
    }

    fn line_text(&self, start: usize) -> &str {
        self.text[start..].lines().next().unwrap_or("")
    }
}

fn floor_boundary(text: &str, byte: usize) -> usize {
    let mut at = byte.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
