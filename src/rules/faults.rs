//! Faults with their places, how they are shown, and how they are gathered over all files of a set.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use crate::columns::{push_folded, without_controls};

use super::error::RuleErrorKind;
use super::level::Level;
use super::source::Source;

/// One fault of a rule set, tied to the bytes at fault.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleError {
    /// What is wrong.
    pub kind: RuleErrorKind,
    /// The file.
    pub file: Arc<Source>,
    /// The bytes at fault; empty at 0 when it is the file as a whole.
    pub span: Range<usize>,
    /// What to do about it.
    pub help: Option<String>,
}

impl RuleError {
    /// Line and column (from 1) at which the fault begins; `None` when it is the file as a whole.
    #[must_use]
    pub fn place(&self) -> Option<(usize, usize)> {
        (!self.span.is_empty()).then(|| self.file.line_column(self.span.start))
    }

    /// The fault for people: code, message, place, the line underlined, help.
    #[must_use]
    pub fn render(&self) -> String {
        self.render_within(usize::MAX)
    }

    /// The same in lines of at most that many columns, unless a word or the name of the file is wider: texts are folded, and of
    /// a long line of the file the part at fault is shown.
    #[must_use]
    pub fn render_within(&self, width: usize) -> String {
        let mut out = String::new();
        let head = format!("{}[{}]: {}", self.kind.level().word(), self.kind.code(), self.kind);
        push_text(&mut out, &head, width, "  ");
        if let Some((line, column)) = self.place() {
            out.push_str(&self.file.excerpt(line, column, &self.span, width));
        } else {
            let _ = write!(out, " --> {}", without_controls(&self.file.name));
        }
        if let Some(help) = &self.help {
            out.push('\n');
            push_text(&mut out, &format!("  = help: {help}"), width, "        ");
        }
        out.truncate(out.trim_end_matches('\n').len());
        out
    }

    /// The fault in one line: `FILE:LINE:COLUMN: MESSAGE`.
    #[must_use]
    pub fn line(&self) -> String {
        match self.place() {
            Some((line, column)) => format!("{}:{line}:{column}: {} [{}]", self.file.name, self.kind, self.kind.code()),
            None => format!("{}: {} [{}]", self.file.name, self.kind, self.kind.code()),
        }
    }
}

/// Characters of a message that are shown: what is longer repeats what the user wrote.
const LONGEST: usize = 1000;

/// Appends a message, folded to the width.
fn push_text(out: &mut String, text: &str, width: usize, indent: &str) {
    let mut text = without_controls(text);
    if let Some((at, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(at);
        text.push('…');
    }
    // A word wider than the line is cut, so that each of its pieces fills one.
    let piece = width.saturating_sub(2 * indent.len() + 4).max(10);
    for line in text.lines() {
        if line.split(' ').any(|word| word.chars().count() > piece) {
            let pieces = |word: &str| {
                let letters: Vec<char> = word.chars().collect();
                letters.chunks(piece).map(|chunk| chunk.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
            };
            let line = line.split(' ').map(pieces).collect::<Vec<_>>().join(" ");
            push_folded(out, &line, width, indent);
        } else {
            push_folded(out, line, width, indent);
        }
    }
}

/// Every fault that was found, over all files of the set: in the order of the files, then of the places.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleErrors(pub Vec<RuleError>);

impl RuleErrors {
    /// All faults for people, a blank line between two, and how many there are; warnings are counted where there is nothing else.
    #[must_use]
    pub fn render(&self) -> String {
        let mut out: Vec<String> = self.0.iter().map(RuleError::render).collect();
        let faults = self.0.iter().filter(|error| !error.kind.is_warning()).count();
        let (count, word) = if faults == 0 { (self.0.len(), "warning") } else { (faults, "fault") };
        out.push(format!("{count} {word}{} in the rule set", if count == 1 { "" } else { "s" }));
        out.join("\n\n")
    }
}

impl From<RuleErrors> for crate::Error {
    fn from(errors: RuleErrors) -> Self {
        Self::input(errors.render())
    }
}

/// The faults found so far.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    found: Vec<RuleError>,
}

impl Faults {
    /// Adds a fault.
    pub(crate) fn add(&mut self, file: &Arc<Source>, span: Range<usize>, kind: RuleErrorKind) -> &mut RuleError {
        self.found.push(RuleError { kind, file: Arc::clone(file), span, help: None });
        let last = self.found.len() - 1;
        &mut self.found[last]
    }

    /// Adds a fault of a name, with the nearest of the names that would be right.
    pub(crate) fn name<'a>(
        &mut self,
        file: &Arc<Source>,
        span: Range<usize>,
        kind: RuleErrorKind,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        let known: Vec<&str> = known.into_iter().collect();
        let near = crate::error::nearest(name, known.iter().copied());
        let help = if !near.is_empty() {
            Some(format!("did you mean {}?", near.join(", ")))
        } else if known.is_empty() {
            None
        } else {
            Some(format!("expected one of {}", list(&known)))
        };
        self.add(file, span, kind).help = help;
    }

    /// Whether there is an error in the file of that name.
    pub(crate) fn names(&self, file: &str) -> bool {
        self.found.iter().any(|fault| fault.file.name == file && fault.kind.level() == Level::Error)
    }

    /// How many were found.
    pub(crate) fn count(&self) -> usize {
        self.found.len()
    }

    /// Those that were found after so many; `None` when not all are of that file.
    pub(crate) fn since(&self, count: usize, file: &Source) -> Option<Vec<RuleError>> {
        let found = &self.found[count..];
        found.iter().all(|fault| fault.file.name == file.name).then(|| found.to_vec())
    }

    /// Adds what was found of the same text before.
    pub(crate) fn again(&mut self, file: &Arc<Source>, found: &[RuleError]) {
        self.found.extend(found.iter().map(|fault| RuleError { file: Arc::clone(file), ..fault.clone() }));
    }

    /// Whether an error was found in a file.
    pub(crate) fn any_error_in(&self, file: &Source) -> bool {
        self.names(&file.name)
    }

    /// Whether an error was found at a place.
    pub(crate) fn any_error_at(&self, file: &Source, place: &Range<usize>) -> bool {
        self.found.iter().any(|fault| fault.file.name == file.name && fault.span == *place && fault.kind.level() == Level::Error)
    }

    /// The texts of a file that were told to be none that their field has.
    pub(crate) fn unknown_values_in(&self, file: &Source) -> Vec<Range<usize>> {
        let of_a_value = |kind: &RuleErrorKind| matches!(kind, RuleErrorKind::UnknownValue { .. } | RuleErrorKind::UnknownHardwareType(_));
        let told = self.found.iter().filter(|fault| of_a_value(&fault.kind) && fault.file.name == file.name);
        told.map(|fault| fault.span.clone()).collect()
    }

    /// How many errors were found in a file.
    pub(crate) fn errors_in(&self, file: &Source) -> usize {
        self.found.iter().filter(|fault| fault.file.name == file.name && fault.kind.level() == Level::Error).count()
    }

    /// The places of the errors of a file.
    pub(crate) fn places_in(&self, file: &Source) -> Vec<Range<usize>> {
        let errors = self.found.iter().filter(|fault| fault.file.name == file.name && fault.kind.level() == Level::Error);
        errors.map(|fault| fault.span.clone()).collect()
    }

    /// Whether a part of a script could not be read, so that what it says is not known.
    pub(crate) fn is_unread(&self, file: &Source) -> bool {
        self.found.iter().any(|fault| fault.file.name == file.name && matches!(fault.kind, RuleErrorKind::Script(_)))
    }

    /// Whether a file is no TOML, so that what it says is not known.
    pub(crate) fn is_broken(&self, file: &str) -> bool {
        self.found.iter().any(|fault| fault.file.name == file && matches!(fault.kind, RuleErrorKind::Toml(_)))
    }

    /// All of them, in order of file and place.
    pub(crate) fn sorted(self) -> Vec<RuleError> {
        let mut found = self.found;
        found.sort_by_key(|error| (error.file.order, error.span.start, error.span.end));
        found.dedup();
        // Where the TOML itself is broken, what could be read of it says little: the syntax comes first.
        let broken: Vec<usize> =
            found.iter().filter(|error| matches!(error.kind, RuleErrorKind::Toml(_))).map(|error| error.file.order).collect();
        found.retain(|error| matches!(error.kind, RuleErrorKind::Toml(_)) || !broken.contains(&error.file.order));
        found
    }
}

/// Names in backticks, separated by commas.
pub(crate) fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
