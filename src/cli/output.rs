//! Printing: one result, four formats.

use std::io::Write;

use comfy_table::presets::{ASCII_MARKDOWN, NOTHING};
use comfy_table::{Attribute, Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, Width};
use serde::Serialize;

use super::context::{Context, Format};
use crate::{Error, Result};

/// How a command ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Exit code 0.
    Done,
    /// The answer is valid, but nothing is feasible: exit code 3.
    Gate,
}

/// A column of a [`Sheet`].
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// Its heading.
    pub name: String,
    /// Whether its values stand to the right.
    pub right: bool,
    /// 0 stays at any width; the highest goes first when the terminal is too narrow.
    pub rank: u8,
    /// Whether its text may be folded into several lines.
    pub folds: bool,
}

impl Column {
    /// A column of text that may be folded.
    pub(super) fn text(name: impl Into<String>, rank: u8) -> Self {
        Self { name: name.into(), right: false, rank, folds: true }
    }

    /// A column of short text that is never folded.
    pub(super) fn word(name: impl Into<String>, rank: u8) -> Self {
        Self { name: name.into(), right: false, rank, folds: false }
    }

    /// A column of numbers, to the right and never folded.
    pub(super) fn number(name: impl Into<String>, rank: u8) -> Self {
        Self { name: name.into(), right: true, rank, folds: false }
    }
}

/// A table with what stands above and below it.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheet {
    /// Lines above the table.
    pub above: Vec<String>,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
    /// Lines below the table.
    pub below: Vec<String>,
}

/// Prints a result: `json` as a document, else `sheet` as a table, or `data` (the same with numbers in full) as CSV.
pub(super) fn print(
    context: &Context,
    out: &mut dyn Write,
    json: &impl Serialize,
    sheet: impl FnOnce() -> Sheet,
    data: impl FnOnce() -> Sheet,
) -> Result<()> {
    let text = match context.global.format {
        Format::Json => document(json)?,
        Format::Csv => csv(&data())?,
        Format::Markdown => markdown(&sheet()),
        Format::Table => table(&sheet(), context.width, context.color),
    };
    out.write_all(text.as_bytes()).map_err(|error| unwritten(&error))
}

/// An error of writing the result.
pub(super) fn unwritten(error: &std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::BrokenPipe {
        Error::failed(CLOSED)
    } else {
        Error::failed(format!("the result could not be written: {error}"))
    }
}

const CLOSED: &str = "the reader of the result closed its end";

/// Whether the reader went away, which is no fault.
pub(super) fn is_closed_pipe(error: &Error) -> bool {
    error.message == CLOSED
}

fn document(json: &impl Serialize) -> Result<String> {
    let mut text =
        serde_json::to_string_pretty(json).map_err(|error| Error::failed(format!("the result could not be written as JSON: {error}")))?;
    text.push('\n');
    Ok(text)
}

fn csv(sheet: &Sheet) -> Result<String> {
    let broken = |error: String| Error::failed(format!("the result could not be written as CSV: {error}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(sheet.columns.iter().map(|column| &column.name)).map_err(|error| broken(error.to_string()))?;
    for row in &sheet.rows {
        writer.write_record(row).map_err(|error| broken(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| broken(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| broken(error.to_string()))
}

fn markdown(sheet: &Sheet) -> String {
    let mut text = String::new();
    for line in &sheet.above {
        text.push_str(line);
        text.push_str("\n\n");
    }
    if !sheet.rows.is_empty() {
        let mut table = Table::new();
        table.load_style(ASCII_MARKDOWN).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(sheet.columns.iter().map(|column| &column.name));
        for row in &sheet.rows {
            table.add_row(row.iter().map(|cell| cell.replace('|', "\\|")));
        }
        text.push_str(&trimmed(&table.to_string()));
        text.push('\n');
    }
    for line in &sheet.below {
        text.push_str(&format!("- {line}\n"));
    }
    text
}

/// Takes away the columns that matter least until the rest fits.
fn fitting(sheet: &Sheet, width: usize) -> Vec<usize> {
    let mut kept: Vec<usize> =
        (0..sheet.columns.len()).filter(|at| sheet.rows.iter().any(|row| !row[*at].is_empty()) || sheet.columns[*at].rank == 0).collect();
    let needed = |kept: &[usize]| -> usize {
        kept.iter()
            .map(|at| {
                let column = &sheet.columns[*at];
                let longest = sheet.rows.iter().map(|row| row[*at].chars().count()).chain([column.name.chars().count()]).max().unwrap_or(0);
                // A column that folds asks for a readable minimum only.
                let least = column.name.chars().count().max(16);
                if column.folds { longest.min(least) } else { longest }
            })
            .sum::<usize>()
            + 2 * kept.len()
    };
    while needed(&kept) > width {
        let Some(worst) = kept.iter().copied().filter(|at| sheet.columns[*at].rank > 0).max_by_key(|at| (sheet.columns[*at].rank, *at))
        else {
            break;
        };
        kept.retain(|at| *at != worst);
    }
    kept
}

/// Draws a sheet no wider than `width`, unless a word is.
pub(super) fn table(sheet: &Sheet, width: usize, color: bool) -> String {
    let mut text = String::new();
    for line in &sheet.above {
        push_folded(&mut text, line, width, "");
    }
    if !sheet.rows.is_empty() {
        let kept = fitting(sheet, width);
        let mut table = Table::new();
        table
            .load_style(NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(width + 1).unwrap_or(u16::MAX));
        let align = |column: &Column| if column.right { CellAlignment::Right } else { CellAlignment::Left };
        table.set_header(kept.iter().map(|at| {
            let cell = Cell::new(&sheet.columns[*at].name).set_alignment(align(&sheet.columns[*at]));
            if color { cell.add_attribute(Attribute::Bold) } else { cell }
        }));
        for row in &sheet.rows {
            table.add_row(kept.iter().map(|at| Cell::new(&row[*at]).set_alignment(align(&sheet.columns[*at]))));
        }
        if !color {
            table.force_no_tty();
        }
        for (place, at) in kept.iter().enumerate() {
            if let Some(column) = table.column_mut(place) {
                column.set_padding((0, if place + 1 == kept.len() { 0 } else { 2 }));
                if !sheet.columns[*at].folds {
                    column.set_constraint(ColumnConstraint::ContentWidth);
                } else if sheet.columns[*at].rank == 0 {
                    column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(14)));
                }
            }
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&trimmed(&table.to_string()));
    }
    if !sheet.below.is_empty() {
        if !text.is_empty() {
            text.push('\n');
        }
        for line in &sheet.below {
            push_folded(&mut text, line, width, "  ");
        }
    }
    text
}

/// Without blanks at the ends of lines.
fn trimmed(table: &str) -> String {
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// Appends a line, folded at blanks to the width; what is folded is indented.
pub(super) fn push_folded(text: &mut String, line: &str, width: usize, indent: &str) {
    if line.chars().count() <= width {
        text.push_str(line);
        text.push('\n');
        return;
    }
    let lead: String = line.chars().take_while(|c| *c == ' ').collect();
    let mut current = lead.clone();
    let mut length = lead.len();
    let mut empty = true;
    for word in line.split_whitespace() {
        let long = word.chars().count();
        if !empty && length + 1 + long > width {
            text.push_str(&current);
            text.push('\n');
            current = format!("{lead}{indent}");
            length = current.len();
            empty = true;
        }
        if !empty {
            current.push(' ');
            length += 1;
        }
        current.push_str(word);
        length += long;
        empty = false;
    }
    text.push_str(&current);
    text.push('\n');
}
