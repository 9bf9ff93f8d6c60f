//! What can be wrong with a rule set: kinds with stable codes, places, and how they are shown.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use thiserror::Error;

use super::source::Source;

/// What is wrong with a rule set, without where. Codes are stable: never reuse one.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum RuleErrorKind {
    /// R001: not TOML.
    #[error("{0}")]
    Toml(String),
    /// R002: not a script.
    #[error("{0}")]
    Script(String),
    /// R003: a file of the set is not there.
    #[error("{0} is missing")]
    MissingFile(String),
    /// R004: a file of the set cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// R005: a key that means nothing here.
    #[error("unknown key `{key}` in {place}")]
    UnknownKey {
        /// The key as written.
        key: String,
        /// Where it stands, in words.
        place: String,
    },
    /// R006: a key that must be there is not.
    #[error("{place} has no `{key}`")]
    MissingKey {
        /// The key.
        key: String,
        /// Where it should stand, in words.
        place: String,
    },
    /// R007: a value of another type than expected.
    #[error("`{key}` is {found}, expected {expected}")]
    WrongType {
        /// The key.
        key: String,
        /// What was found.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// R008: a name given twice.
    #[error("{what} `{name}` is listed twice")]
    Duplicate {
        /// What the name is of.
        what: String,
        /// The name.
        name: String,
    },
    /// R101: a weight or factor that is not a finite number of at least 0.
    #[error("weight of `{name}` is {value}, expected a finite number of at least 0")]
    WeightRange {
        /// The component.
        name: String,
        /// The value.
        value: f64,
    },
    /// R102: no weight is above 0.
    #[error("every component has weight 0, expected at least one above 0")]
    WeightsAllZero,
    /// R103: not a metric.
    #[error("unknown metric `{0}`")]
    UnknownMetric(String),
    /// R104: not a field of that role.
    #[error("unknown {role} field `{name}`")]
    UnknownField {
        /// `workload` or `point`.
        role: String,
        /// The name.
        name: String,
    },
    /// R105: not a declared component.
    #[error("unknown component `{0}`")]
    UnknownComponent(String),
    /// R106: not a declared task.
    #[error("unknown task `{0}`")]
    UnknownTask(String),
    /// R107: a word that is not among the choices.
    #[error("`{key}` is `{found}`, expected {expected}")]
    UnknownChoice {
        /// The key.
        key: String,
        /// The word found.
        found: String,
        /// The choices.
        expected: String,
    },
    /// R108: a number out of its range.
    #[error("`{key}` is {value}, expected {expected}")]
    OutOfRange {
        /// The key.
        key: String,
        /// The value.
        value: f64,
        /// The range, in words.
        expected: String,
    },
    /// R109: a name with letters that names may not have.
    #[error("`{0}` is not a name: expected lower case letters, digits, `_` or `-`, beginning with a letter")]
    BadName(String),
    /// R110: not a limit.
    #[error("{0}")]
    BadLimit(String),
    /// R111: not a declared requirement.
    #[error("unknown requirement `{0}`")]
    UnknownRequirement(String),
    /// R112: an empty list where there must be something.
    #[error("`{0}` is empty, expected at least one")]
    Empty(String),
    /// R201: not a field of the record.
    #[error("unknown field `{name}` of {record}")]
    UnknownRecordField {
        /// The record: pair, request or weights.
        record: String,
        /// The name.
        name: String,
    },
    /// R202: not a parameter of the rule.
    #[error("unknown parameter `{0}`")]
    UnknownParam(String),
    /// R203: not a function of the language or of the script.
    #[error("unknown function `{0}`")]
    UnknownFunction(String),
    /// R204: a hook with the wrong number of parameters.
    #[error("hook `{name}` takes {found}, expected `fn {expected}`")]
    HookArity {
        /// The hook.
        name: String,
        /// The number found, in words.
        found: String,
        /// The right signature.
        expected: String,
    },
    /// R205: a field that may be missing is used before it is known to be there.
    #[error("`{path}` may be missing and is {used} without a guard")]
    Unguarded {
        /// The field.
        path: String,
        /// How it is used.
        used: String,
    },
    /// R206: not a variable.
    #[error("unknown variable `{0}`")]
    UnknownVariable(String),
    /// R207: something that rules may not do.
    #[error("{0} is not allowed in a rule")]
    Forbidden(String),
    /// R208: a hook whose result can never be what it must be.
    #[error("hook `{hook}` returns {found}, expected {expected}")]
    WrongResult {
        /// The hook.
        hook: String,
        /// What it returns.
        found: String,
        /// What it must return.
        expected: String,
    },
    /// R209: a script without any hook.
    #[error("the script has no hook, expected at least one of `weigh`, `exclude`, `adjust`")]
    NoHook,
    /// R210: statements outside of functions.
    #[error("a statement outside of a function has no effect, expected only `fn` and `const`")]
    TopLevel,
    /// R211: a function of the language with the wrong number of arguments.
    #[error("function `{name}` is given {found}, expected {expected}")]
    Arity {
        /// The function.
        name: String,
        /// The number found, in words.
        found: String,
        /// The numbers that it takes, in words.
        expected: String,
    },
    /// R301 (warning): a script that rules.toml does not list.
    #[error("script is not listed in rules.toml, so it does nothing")]
    Unlisted,
    /// R302 (warning): a parameter that the script does not read.
    #[error("parameter `{0}` is not used by the script")]
    UnusedParam(String),
    /// R303 (warning): a hardware type that no data is known to have.
    #[error("hardware type `{0}` is not one that Suitor knows of")]
    UnknownHardwareType(String),
    /// R304 (warning): a function that looks like a hook.
    #[error("function `{0}` is never called and is no hook")]
    UnusedFunction(String),
    /// R305 (warning): a branch that no row can take, and why.
    #[error("this branch is never taken: {0}")]
    UnreachableBranch(String),
    /// R306 (warning): a rule that has no effect on any row, and why.
    #[error("the rule can never fire: {0}")]
    NeverFires(String),
    /// R307 (warning): a rule of which every row is taken out by an earlier `exclude`: that rule.
    #[error("the rule is shadowed: `{0}` excludes every pair that it would act on")]
    Shadowed(String),
}

impl RuleErrorKind {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Toml(_) => "R001",
            Self::Script(_) => "R002",
            Self::MissingFile(_) => "R003",
            Self::Unreadable(_) => "R004",
            Self::UnknownKey { .. } => "R005",
            Self::MissingKey { .. } => "R006",
            Self::WrongType { .. } => "R007",
            Self::Duplicate { .. } => "R008",
            Self::WeightRange { .. } => "R101",
            Self::WeightsAllZero => "R102",
            Self::UnknownMetric(_) => "R103",
            Self::UnknownField { .. } => "R104",
            Self::UnknownComponent(_) => "R105",
            Self::UnknownTask(_) => "R106",
            Self::UnknownChoice { .. } => "R107",
            Self::OutOfRange { .. } => "R108",
            Self::BadName(_) => "R109",
            Self::BadLimit(_) => "R110",
            Self::UnknownRequirement(_) => "R111",
            Self::Empty(_) => "R112",
            Self::UnknownRecordField { .. } => "R201",
            Self::UnknownParam(_) => "R202",
            Self::UnknownFunction(_) => "R203",
            Self::HookArity { .. } => "R204",
            Self::Unguarded { .. } => "R205",
            Self::UnknownVariable(_) => "R206",
            Self::Forbidden(_) => "R207",
            Self::WrongResult { .. } => "R208",
            Self::NoHook => "R209",
            Self::TopLevel => "R210",
            Self::Arity { .. } => "R211",
            Self::Unlisted => "R301",
            Self::UnusedParam(_) => "R302",
            Self::UnknownHardwareType(_) => "R303",
            Self::UnusedFunction(_) => "R304",
            Self::UnreachableBranch(_) => "R305",
            Self::NeverFires(_) => "R306",
            Self::Shadowed(_) => "R307",
        }
    }

    /// Whether it only warns: the rule set loads all the same.
    #[must_use]
    pub fn is_warning(&self) -> bool {
        self.code().starts_with("R3")
    }
}

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
        let word = if self.kind.is_warning() { "warning" } else { "error" };
        let mut out = format!("{word}[{}]: {}", self.kind.code(), self.kind);
        if let Some((line, column)) = self.place() {
            let _ = write!(out, "\n{}", self.file.excerpt(line, column, &self.span));
        } else {
            let _ = write!(out, "\n --> {}", self.file.name);
        }
        if let Some(help) = &self.help {
            let _ = write!(out, "\n  = help: {help}");
        }
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

    /// Whether an error was found in a file.
    pub(crate) fn any_error_in(&self, file: &Source) -> bool {
        self.found.iter().any(|error| error.file.order == file.order && !error.kind.is_warning())
    }

    /// Splits into errors and warnings, each in order of file and place.
    pub(crate) fn split(self) -> (Vec<RuleError>, Vec<RuleError>) {
        let mut found = self.found;
        found.sort_by_key(|error| (error.file.order, error.span.start, error.span.end));
        found.dedup();
        // Where the TOML itself is broken, what could be read of it says little: the syntax comes first.
        let broken: Vec<usize> =
            found.iter().filter(|error| matches!(error.kind, RuleErrorKind::Toml(_))).map(|error| error.file.order).collect();
        found.retain(|error| matches!(error.kind, RuleErrorKind::Toml(_)) || !broken.contains(&error.file.order));
        found.into_iter().partition(|error| !error.kind.is_warning())
    }
}

/// Names in backticks, separated by commas.
pub(crate) fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
