//! What can be wrong with a scenario file: a stable code, a message, the place underlined.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use crate::rules::Source;

/// What kind of fault it is. Codes are stable: never reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultCode {
    /// S001: not TOML, or not to be read at all.
    Toml,
    /// S002: a key that means nothing here.
    UnknownKey,
    /// S003: a key that must be there is not.
    MissingKey,
    /// S004: a value of another type than expected.
    WrongType,
    /// S005: a value that cannot be: a malformed limit, pin, date or profile, a number out of its range, a list without an entry.
    BadValue,
    /// S006: a file of rows that is not there, or that lands nothing.
    Data,
    /// S007: a row of the scenario's own that is refused.
    Row,
    /// S008: a name that no scenario can have.
    Name,
}

impl FaultCode {
    /// The code as it is printed.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Toml => "S001",
            Self::UnknownKey => "S002",
            Self::MissingKey => "S003",
            Self::WrongType => "S004",
            Self::BadValue => "S005",
            Self::Data => "S006",
            Self::Row => "S007",
            Self::Name => "S008",
        }
    }
}

/// One fault of a scenario file, tied to the bytes at fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What kind of fault it is.
    pub code: FaultCode,
    /// What is wrong.
    pub message: String,
    /// The file.
    pub file: Arc<Source>,
    /// The bytes at fault; empty when it is the file as a whole.
    pub span: Range<usize>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Fault {
    /// The fault for people: code, message, place, the line underlined, help.
    #[must_use]
    pub fn render(&self) -> String {
        let mut out = format!("error[{}]: {}", self.code.code(), self.message);
        if self.span.is_empty() {
            let _ = write!(out, "\n --> {}", self.file.name);
        } else {
            let (line, column) = self.file.line_column(self.span.start);
            let _ = write!(out, "\n{}", self.file.excerpt(line, column, &self.span, usize::MAX));
        }
        if let Some(help) = &self.help {
            let _ = write!(out, "\n  = help: {help}");
        }
        out
    }
}

impl From<Fault> for crate::Error {
    fn from(fault: Fault) -> Self {
        Self::input(fault.render())
    }
}

/// Every fault that was found, over all scenario files, as one error (exit code 2).
#[must_use]
pub fn together(faults: &[Fault]) -> crate::Error {
    let mut out: Vec<String> = faults.iter().map(Fault::render).collect();
    out.push(format!("{} fault{} in the scenarios", faults.len(), if faults.len() == 1 { "" } else { "s" }));
    crate::Error::input(out.join("\n\n"))
}
