//! What `check` found: as a page, a table, a document, and in the forms that other tools read.

mod document;
mod explain;
mod github;
mod page;
mod sarif;

pub(in crate::cli) use document::{codes_document, document};
pub(in crate::cli) use explain::{codes, codes_markdown, codes_page, explanation};
pub(in crate::cli) use github::{github, message, property};
pub(in crate::cli) use page::{page, sheet};
pub(in crate::cli) use sarif::sarif;

use crate::rules::{Level, RuleError};

/// How much a fault weighs: with `strict`, a warning is an error.
fn level(fault: &RuleError, strict: bool) -> Level {
    match fault.kind.level() {
        Level::Warning if strict => Level::Error,
        level => level,
    }
}

/// Where a fault begins and ends: line and column from 1, the end exclusive; `None` when it is the file as a whole.
fn region(fault: &RuleError) -> Option<((usize, usize), (usize, usize))> {
    let start = fault.place()?;
    // What is underlined is on one line; the rest of a longer place adds nothing.
    let covered = fault.file.text.get(fault.span.clone()).and_then(|text| text.lines().next()).unwrap_or("").chars().count();
    Some((start, (start.0, start.1 + covered.max(1))))
}
