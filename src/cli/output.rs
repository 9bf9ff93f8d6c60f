//! Printing: one result, four formats.

use std::io::Write;

use comfy_table::presets::{ASCII_MARKDOWN, NOTHING};
use comfy_table::{Attribute, Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, Width};
use serde::Serialize;

use super::context::{Context, Format};
use super::fitting::{GAP, Widths};
use super::markdown::{escaped, escaped_cell};
use crate::columns::{acts, written_out};
pub(super) use crate::columns::{push_folded, width_of};
use crate::{Error, Result};

/// How a command ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Exit code 0.
    Done,
    /// The answer is valid, but nothing is feasible: exit code 3.
    Gate,
    /// The files that were checked are at fault: exit code 2.
    Faults,
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

/// The longest text of a cell, characters: what is longer is a fault of the data, and JSON and CSV have it whole.
const LONGEST: usize = 200;

impl Sheet {
    /// The same without what would act on a terminal: control characters are written out, endless texts cut.
    pub(super) fn plain(mut self) -> Self {
        let clean = |text: &mut String| {
            if text.chars().any(acts) {
                *text = written_out(text, None);
            }
        };
        for text in self.above.iter_mut().chain(&mut self.below) {
            clean(text);
        }
        for cell in self.rows.iter_mut().flatten() {
            clean(cell);
            if let Some((at, _)) = cell.char_indices().nth(LONGEST) {
                cell.truncate(at);
                cell.push('…');
            }
        }
        self
    }

    /// The same with the lines above and below as Markdown that shows them as they are.
    pub(super) fn escaped(mut self) -> Self {
        for line in self.above.iter_mut().chain(&mut self.below) {
            *line = escaped(line);
        }
        self
    }

    /// The same with a line below that names the columns that a table of this width has no room for.
    pub(super) fn with_left_out(self, width: usize) -> Self {
        let mut sheet = self.plain();
        let kept = Widths::of(&sheet).fitting(width);
        let said = |at: &usize| sheet.rows.iter().any(|row| !row[*at].is_empty()) && !sheet.columns[*at].name.is_empty();
        let left = (0..sheet.columns.len()).filter(|at| said(at) && kept.iter().all(|(shown, _)| shown != at));
        let left: Vec<String> = left.map(|at| format!("`{}`", sheet.columns[at].name)).collect();
        if !left.is_empty() {
            sheet.below.insert(0, format!("left out for width: {}; `--format markdown` or a wider terminal shows them", left.join(", ")));
        }
        sheet
    }
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
        Format::Csv => return print_csv(context, out, &data()),
        Format::Markdown => markdown(&sheet().plain().escaped()),
        Format::Table => table(&sheet().plain(), context.width, context.color),
        Format::Github | Format::Sarif => return Err(no_report()),
    };
    out.write_all(text.as_bytes()).map_err(|error| unwritten(&error))
}

/// Prints a result of several tables: as [`print`] does, the sheets one below the other. Lines above and below a table are Markdown
/// already where that is asked for.
pub(super) fn print_all(
    context: &Context,
    out: &mut dyn Write,
    json: &impl Serialize,
    sheets: impl FnOnce(Format) -> Vec<Sheet>,
    data: impl FnOnce() -> Sheet,
) -> Result<()> {
    let format = context.global.format;
    let below = |draw: &dyn Fn(Sheet) -> String| sheets(format).into_iter().map(draw).collect::<Vec<_>>().join("\n");
    let text = match format {
        Format::Json => document(json)?,
        Format::Csv => return print_csv(context, out, &data()),
        Format::Markdown => below(&|sheet| markdown(&sheet.plain()).trim_end().to_owned() + "\n"),
        Format::Table => below(&|sheet| table(&sheet.plain(), context.width, context.color)),
        Format::Github | Format::Sarif => return Err(no_report()),
    };
    out.write_all(text.as_bytes()).map_err(|error| unwritten(&error))
}

/// A sheet as Markdown, however the result itself is printed.
pub(super) fn markdown_of(sheet: &Sheet) -> String {
    markdown(&sheet.clone().plain()).trim_end().to_owned() + "\n"
}

/// The error of a form that is for reports only.
pub(super) fn no_report() -> Error {
    Error::input("`--format sarif` is for the faults that `check` finds, `--format github` for those and for `compare-versions` and `gate`")
        .help("expected table, json, csv or markdown")
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

/// The rows on stdout, which holds nothing else; what a reader must know of them on stderr.
fn print_csv(context: &Context, out: &mut dyn Write, sheet: &Sheet) -> Result<()> {
    out.write_all(csv(sheet)?.as_bytes()).map_err(|error| unwritten(&error))?;
    say_beside(context, sheet, sheet.rows.is_empty());
    Ok(())
}

/// Says what a reader must know of rows that stand alone.
pub(super) fn say_beside(context: &Context, sheet: &Sheet, is_empty: bool) {
    let why_empty = if is_empty && !sheet.columns.is_empty() { sheet.above.as_slice() } else { &[] };
    let beside = Sheet { below: why_empty.iter().chain(&sheet.below).cloned().collect(), ..Sheet::default() };
    beside.plain().below.iter().for_each(|line| context.say(line));
}

/// Lines that say what a reader must know, and what may be wrong.
pub(super) fn remarks(notes: &[String], warnings: &[String]) -> Vec<String> {
    let notes = notes.iter().map(|note| format!("note: {note}"));
    notes.chain(warnings.iter().map(|warning| format!("warning: {warning}"))).collect()
}

fn csv(sheet: &Sheet) -> Result<String> {
    let broken = |error: String| Error::failed(format!("the result could not be written as CSV: {error}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    if sheet.columns.is_empty() {
        // A command that only says what it did: a line a message.
        writer.write_record(["message"]).map_err(|error| broken(error.to_string()))?;
        for line in &sheet.above {
            writer.write_record([line]).map_err(|error| broken(error.to_string()))?;
        }
    } else {
        writer.write_record(sheet.columns.iter().map(|column| &column.name)).map_err(|error| broken(error.to_string()))?;
    }
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
        text.push_str(&drawn_markdown(&sheet.columns, &sheet.rows, None, true));
        text.push('\n');
    }
    for line in &sheet.below {
        text.push_str(&format!("- {line}\n"));
    }
    text
}

/// Draws a sheet no wider than `width`, unless a word is.
pub(super) fn table(sheet: &Sheet, width: usize, color: bool) -> String {
    let mut text = String::new();
    for line in &sheet.above {
        push_folded(&mut text, line, width, "  ");
    }
    if !sheet.rows.is_empty() {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&drawn(&sheet.columns, &sheet.rows, &Widths::of(sheet).fitting(width), color, true));
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

/// Draws rows of the columns that fit, with their headings or as more of a table that has them.
pub(super) fn drawn(columns: &[Column], rows: &[Vec<String>], fitting: &[(usize, usize)], color: bool, headed: bool) -> String {
    let mut table = Table::new();
    // Every column has its width: nothing is left to arrange, so the table itself has room enough.
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(u16::MAX);
    let align = |column: &Column| if column.right { CellAlignment::Right } else { CellAlignment::Left };
    if headed {
        table.set_header(fitting.iter().map(|(at, _)| {
            let cell = Cell::new(&columns[*at].name).set_alignment(align(&columns[*at]));
            if color { cell.add_attribute(Attribute::Bold) } else { cell }
        }));
    }
    for row in rows {
        table.add_row(fitting.iter().map(|(at, _)| Cell::new(&row[*at]).set_alignment(align(&columns[*at]))));
    }
    if !color {
        table.force_no_tty();
    }
    for (place, (_, wide)) in fitting.iter().enumerate() {
        if let Some(column) = table.column_mut(place) {
            let gap = if place + 1 == fitting.len() { 0 } else { GAP };
            column.set_padding((0, u16::try_from(gap).unwrap_or(0)));
            column.set_constraint(fixed(wide + gap));
        }
    }
    trimmed(&table.to_string())
}

/// The same in Markdown, of all columns; `widths` where more rows than these decide them.
pub(super) fn drawn_markdown(columns: &[Column], rows: &[Vec<String>], widths: Option<&Widths>, headed: bool) -> String {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_content_arrangement(ContentArrangement::Disabled);
    if headed {
        table.set_header(columns.iter().map(|column| escaped_cell(&column.name)));
    }
    for row in rows {
        table.add_row(row.iter().map(|cell| escaped_cell(cell)));
    }
    for (at, wide) in widths.iter().flat_map(|widths| widths.longest().enumerate()) {
        if let Some(column) = table.column_mut(at) {
            // A blank stands on either side.
            column.set_constraint(fixed(wide + 2));
        }
    }
    trimmed(&table.to_string())
}

fn fixed(width: usize) -> ColumnConstraint {
    ColumnConstraint::Absolute(Width::Fixed(u16::try_from(width).unwrap_or(u16::MAX)))
}

/// Without blanks at the ends of lines.
fn trimmed(table: &str) -> String {
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// Appends a fault as it is rendered, its words folded; places, and lines of a source with the marks under them, stay as they are.
pub(super) fn push_fault(text: &mut String, rendered: &str, margin: &str, width: usize) {
    for line in rendered.lines() {
        let begins = line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
        if begins.starts_with('|') || begins.starts_with("-->") {
            text.push_str(&format!("{margin}{line}\n"));
        } else {
            push_folded(text, &format!("{margin}{line}"), width, "  ");
        }
    }
}
