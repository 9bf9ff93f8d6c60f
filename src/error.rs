//! The one error type that leaves the library, and the exit code that each kind of it ends the process with.

use std::fmt;

/// What a failed call was: decides the exit code of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// The work could not be done: a locked database, a full disk, a rule that failed under `--strict`. Exit code 1.
    Failed,
    /// The question or the input is wrong: an unknown model, a malformed file, a fault in a rule file. Exit code 2.
    Input,
    /// The answer is valid, but a gate is not met: a regression, nothing feasible. Exit code 3.
    Gate,
    /// The user interrupted the work. Exit code 130.
    Interrupted,
}

/// Why a call failed, in words for the person who made it.
///
/// `message` says what is wrong and where; `help` says what would be right (the nearest name, the command to run).
/// Messages are lower case, without a full stop, with the user's own words in backticks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What kind of failure it is.
    pub kind: Kind,
    /// What is wrong, and where; may run over several lines when it shows the line at fault.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// A result whose error is meant for a person.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Makes an error of bad input (exit code 2).
    pub fn input(message: impl Into<String>) -> Self {
        Self { kind: Kind::Input, message: message.into(), help: None }
    }

    /// Makes an error of work that could not be done (exit code 1).
    pub fn failed(message: impl Into<String>) -> Self {
        Self { kind: Kind::Failed, message: message.into(), help: None }
    }

    /// Makes an error of a gate that is not met (exit code 3).
    pub fn gate(message: impl Into<String>) -> Self {
        Self { kind: Kind::Gate, message: message.into(), help: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Makes "unknown WHAT `NAME`" (exit code 2), with the nearest of `known` as help.
    #[must_use]
    pub fn unknown<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let error = Self::input(format!("unknown {what} `{name}`"));
        let near = nearest(name, known);
        if near.is_empty() { error } else { error.help(format!("did you mean {}?", near.join(", "))) }
    }

    /// The exit code of the process that ends with this error.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Failed => 1,
            Kind::Input => 2,
            Kind::Gate => 3,
            Kind::Interrupted => 130,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "\nhelp: {help}"))
    }
}

impl std::error::Error for Error {}

/// Returns up to three of `known` that are most like `name`, most alike first, each in backticks.
///
/// Alike means: one contains the other (any case), or a Jaro-Winkler likeness of at least 0.8.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let wanted = name.to_lowercase();
    let mut scored: Vec<(f64, &str)> = known
        .into_iter()
        .filter_map(|candidate| {
            let lower = candidate.to_lowercase();
            let alike = strsim::jaro_winkler(&wanted, &lower);
            let contains = wanted.len() >= 3 && (lower.contains(&wanted) || wanted.contains(&lower));
            let score = if contains { alike + 0.5 } else { alike };
            (score >= 0.8).then_some((score, candidate))
        })
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    scored.into_iter().take(3).map(|(_, candidate)| format!("`{candidate}`")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest() {
        let error = Error::unknown("model", "resnet5", ["vit_base", "resnet50", "resnet18"]);
        assert_eq!(error.exit_code(), 2);
        assert_eq!(error.to_string(), "unknown model `resnet5`\nhelp: did you mean `resnet50`, `resnet18`?");
    }
}
