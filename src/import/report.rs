//! What an import says it did.

use serde::Serialize;

/// What became of one file.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FileReport {
    /// The file as it was named.
    pub file: String,
    /// The mapping that read it.
    pub format: String,
    /// Rows that it holds.
    pub rows_read: i64,
    /// Rows that are new.
    pub rows_added: i64,
    /// Rows that were there already, or twice in the file.
    pub rows_duplicate: i64,
    /// Rows that were refused.
    pub rows_refused: i64,
    /// Every refused row.
    pub refused: Vec<Refused>,
    /// What may be wrong though it landed.
    pub warnings: Vec<String>,
    /// Names that were brought to one.
    pub merged: Vec<Merged>,
    /// Model versions that were made.
    pub versions_added: i64,
    /// Rows that were linked to a model version.
    pub rows_linked: i64,
}

/// A row that was not taken.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Refused {
    /// Its line, or its place in the document as a JSON pointer.
    pub line: serde_json::Value,
    /// Why.
    pub reason: String,
}

/// A name that was brought to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Merged {
    /// As the file has it.
    pub from: String,
    /// As it is kept.
    pub to: String,
}

/// What became of all files: those that landed, and what was wrong with the others.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Files that landed.
    pub files: Vec<FileReport>,
    /// Files that are broken as files: nothing of them landed.
    pub errors: Vec<crate::Error>,
}
