//! What a watch tells: one object a line with `--format json`.

use serde::Serialize;

use super::moves::{Moves, Ranking};
use crate::rules::{RuleErrors, live::FileChange, live::Refused};

/// What a watch tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The watch began; always the first.
    Started {
        /// Hash of the set in force.
        rule_set: String,
        /// Whether it is the shipped one.
        shipped: bool,
        /// How changes of the rule files are noticed: `events`, or `poll`.
        watched_by: &'static str,
        /// What may be wrong with the set, though it loads.
        warnings: Vec<String>,
        /// The rankings as they are.
        rankings: Vec<Ranking>,
    },
    /// A new rule set is in force.
    Reloaded {
        /// Files that differ from the set in force before.
        files: Vec<FileNews>,
        /// Hash of the set in force before.
        from: String,
        /// Hash of the set in force now.
        to: String,
        /// What may be wrong with the set, though it loads.
        warnings: Vec<String>,
        /// What moved, one a ranking, those without a move among them.
        moves: Vec<Moves>,
    },
    /// The files are at fault, or the set failed when it was tried out: the last good set stays in force.
    Refused {
        /// Files that differ from the set in force.
        files: Vec<FileNews>,
        /// Hash of the set in force.
        active: String,
        /// Hash of the files on disk; null where they are gone or cannot be read.
        on_disk: Option<String>,
        /// The faults, with their places; one without a place where the trial failed.
        faults: Vec<Fault>,
        /// The same for people, the lines at fault underlined.
        rendered: String,
    },
    /// The files are again those of the set in force, after a fault.
    Restored {
        /// Hash of the set in force.
        active: String,
    },
    /// The rows of the database changed.
    DataChanged {
        /// What moved, one a ranking, those without a move among them.
        moves: Vec<Moves>,
    },
    /// The database cannot be read now: rankings stay those of the last copy.
    DataUnavailable {
        /// Why.
        reason: String,
    },
    /// Something that a person should know.
    Notice {
        /// What.
        message: String,
    },
}

/// A fault of a rule file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Stable code; null for a failed trial.
    pub code: Option<String>,
    /// What is wrong.
    pub message: String,
    /// Name of the file in the set; null for a failed trial, whose message says it.
    pub file: Option<String>,
    /// From 1; null where it is the file as a whole.
    pub line: Option<usize>,
    /// From 1, in characters.
    pub column: Option<usize>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Fault {
    /// Those of a set that was refused.
    #[must_use]
    pub fn of(refused: &Refused) -> Vec<Self> {
        match refused {
            Refused::Faults(RuleErrors(errors)) => errors
                .iter()
                .map(|error| Self {
                    code: Some(error.kind.code().to_owned()),
                    message: error.kind.to_string(),
                    file: Some(error.file.name.clone()),
                    line: error.place().map(|(line, _)| line),
                    column: error.place().map(|(_, column)| column),
                    help: error.help.clone(),
                })
                .collect(),
            Refused::Trial(error) => {
                vec![Self { code: None, message: error.message.clone(), file: None, line: None, column: None, help: error.help.clone() }]
            }
        }
    }
}

/// A file that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileNews {
    /// Its name in the set.
    pub file: String,
    /// `changed`, `added` or `removed`.
    pub change: &'static str,
}

/// Files as an event names them.
pub(super) fn files(changes: &[FileChange]) -> Vec<FileNews> {
    changes.iter().map(|change| FileNews { file: change.file.clone(), change: change.how.word() }).collect()
}
