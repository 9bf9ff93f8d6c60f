//! Results that may be larger than memory: their rows are read as often as a form needs, drawn some thousands at a time, and the whole is
//! kept until the database is closed, so that who reads it slowly keeps nobody else out.

use std::fmt::Display;
use std::io::{BufWriter, Read, Seek, Write};
use std::path::Path;

use serde::Serialize;
use tempfile::SpooledTempFile;

use super::context::{Context, Format};
use super::fitting::Widths;
use super::markdown::escaped_cell;
use super::output::{Sheet, drawn, drawn_markdown, no_report, say_beside, table, unwritten};
use crate::{Error, Result};

/// Rows that are drawn at once.
const SOME: usize = 4096;

/// From so many bytes on a result is kept in a file.
const LARGE: usize = 8 << 20;

/// What takes the rows of a table, one by one.
pub(super) type Take<'t> = &'t mut dyn FnMut(Vec<String>) -> Result<()>;

/// A table whose rows are read each time.
pub(super) struct Long<'a> {
    /// Everything but the rows.
    pub sheet: Sheet,
    /// Reads them.
    pub rows: &'a dyn Fn(Take<'_>) -> Result<()>,
}

/// A result that is ready to be printed.
pub(super) struct Printed(SpooledTempFile);

impl Printed {
    /// Prints it.
    pub(super) fn to(mut self, out: &mut dyn Write) -> Result<()> {
        self.0.rewind().map_err(|error| unkept(&error))?;
        let mut some = vec![0; 1 << 16];
        loop {
            match self.0.read(&mut some).map_err(|error| unkept(&error))? {
                0 => return Ok(()),
                count => out.write_all(&some[..count]).map_err(|error| unwritten(&error))?,
            }
        }
    }
}

/// Draws a result: `json` as a document, else `sheet` as a table, or `data` (the same with numbers in full) as CSV.
///
/// # Errors
/// Rows that cannot be read, a disk that is full: nothing is printed then.
pub(super) fn print(context: &Context, json: &impl Serialize, sheet: &Long<'_>, data: &Long<'_>) -> Result<Printed> {
    let mut out = kept(context);
    match context.global.format {
        Format::Json => {
            // Values are written piece by piece.
            let mut pieces = BufWriter::new(&mut out);
            serde_json::to_writer_pretty(&mut pieces, json).map_err(|error| match error.io_error_kind() {
                Some(_) => unkept(&error),
                None => Error::failed(format!("the result could not be written as JSON: {error}")),
            })?;
            pieces.write_all(b"\n").and_then(|()| pieces.flush()).map_err(|error| unkept(&error))?;
        }
        Format::Csv => csv(context, &mut out, data)?,
        Format::Markdown => markdown(&mut out, sheet)?,
        Format::Table => columns(&mut out, sheet, context.width, context.color)?,
        Format::Github | Format::Sarif => return Err(no_report()),
    }
    Ok(Printed(out))
}

fn csv(context: &Context, out: &mut SpooledTempFile, data: &Long<'_>) -> Result<()> {
    let broken = |error: csv::Error| {
        if error.is_io_error() { unkept(&error) } else { Error::failed(format!("the result could not be written as CSV: {error}")) }
    };
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(data.sheet.columns.iter().map(|column| &column.name)).map_err(broken)?;
    let mut is_empty = true;
    (data.rows)(&mut |row| {
        is_empty = false;
        writer.write_record(&row).map_err(broken)
    })?;
    writer.flush().map_err(|error| unkept(&error))?;
    say_beside(context, &data.sheet, is_empty);
    Ok(())
}

fn markdown(out: &mut SpooledTempFile, sheet: &Long<'_>) -> Result<()> {
    let Sheet { above, columns, below, .. } = sheet.sheet.clone().plain().escaped();
    above.iter().try_for_each(|line| write(out, &format!("{line}\n\n")))?;
    let mut widths = Widths::of_headings(&columns);
    let is_empty = sheet.some(&mut |some| {
        some.rows.iter().for_each(|row| widths.see(&row.iter().map(|cell| escaped_cell(cell)).collect::<Vec<_>>()));
        Ok(())
    })?;
    let mut headed = true;
    sheet.some(&mut |some| write(out, &drawn_markdown(&columns, &some.rows, Some(&widths), std::mem::take(&mut headed))))?;
    if !is_empty {
        write(out, "\n")?;
    }
    below.iter().try_for_each(|line| write(out, &format!("- {line}\n")))
}

fn columns(out: &mut SpooledTempFile, sheet: &Long<'_>, width: usize, color: bool) -> Result<()> {
    let Sheet { above, columns, below, .. } = sheet.sheet.clone().plain();
    let lines = |above| table(&Sheet { above, ..Sheet::default() }, width, color);
    let mut widths = Widths::of_headings(&columns);
    let is_empty = sheet.some(&mut |some| {
        some.rows.iter().for_each(|row| widths.see(row));
        Ok(())
    })?;
    let fitting = widths.fitting(width);
    let mut parts = 0;
    for lines in [Some(lines(above)), None, Some(lines(below))] {
        if lines.as_ref().map_or(is_empty, String::is_empty) {
            continue;
        }
        if parts > 0 {
            write(out, "\n")?;
        }
        parts += 1;
        let Some(lines) = lines else {
            let mut headed = true;
            sheet.some(&mut |some| write(out, &drawn(&columns, &some.rows, &fitting, color, std::mem::take(&mut headed))))?;
            continue;
        };
        write(out, &lines)?;
    }
    Ok(())
}

impl Long<'_> {
    /// Reads the rows, some thousands at a time, without what would act on a terminal; whether there are none.
    fn some(&self, take: &mut dyn FnMut(Sheet) -> Result<()>) -> Result<bool> {
        let (mut rows, mut is_empty) = (Vec::new(), true);
        let mut hand = |rows: &mut Vec<Vec<String>>| take(Sheet { rows: std::mem::take(rows), ..Sheet::default() }.plain());
        (self.rows)(&mut |row| {
            is_empty = false;
            rows.push(row);
            if rows.len() < SOME { Ok(()) } else { hand(&mut rows) }
        })?;
        if !rows.is_empty() {
            hand(&mut rows)?;
        }
        Ok(is_empty)
    }
}

/// Where a result is kept: in memory, and from [`LARGE`] on in a file without a name beside the database, as what DuckDB spills; in the
/// system's folder for such files where that one cannot be written to.
fn kept(context: &Context) -> SpooledTempFile {
    let folder = context.global.db_path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match tempfile::tempfile_in(folder) {
        Ok(_) => tempfile::spooled_tempfile_in(LARGE, folder),
        Err(_) => tempfile::spooled_tempfile(LARGE),
    }
}

fn write(out: &mut SpooledTempFile, text: &str) -> Result<()> {
    out.write_all(text.as_bytes()).map_err(|error| unkept(&error))
}

/// An error of keeping the result until it is printed.
fn unkept(error: &impl Display) -> Error {
    Error::failed(format!("the result could not be kept until it is printed: {error}"))
        .help("a large result is kept in a file beside the database meanwhile")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::{Column, markdown_of};

    /// A sheet whose cells are as wide as their row says, with every kind of character that a form writes otherwise.
    fn sheet(rows: usize) -> Sheet {
        let row = |at: usize| vec![format!("m{at} | *x*"), "wide ".repeat(at % 31), at.to_string(), String::new(), "a\u{7}b 表".to_owned()];
        Sheet {
            above: vec!["# above".to_owned()],
            columns: vec![
                Column::text("model", 0),
                Column::text("notes", 2),
                Column::number("n", 1),
                Column::word("empty", 3),
                Column::word("last", 4),
            ],
            rows: (0..rows).map(row).collect(),
            below: vec!["note: `below`".to_owned()],
        }
    }

    fn drawn_long(sheet: &Sheet, draw: impl Fn(&mut SpooledTempFile, &Long<'_>) -> Result<()>) -> String {
        let head = Sheet { rows: Vec::new(), ..sheet.clone() };
        let mut out = tempfile::spooled_tempfile(1 << 10);
        draw(&mut out, &Long { sheet: head, rows: &|take| sheet.rows.iter().cloned().try_for_each(take) }).unwrap();
        let mut text = Vec::new();
        Printed(out).to(&mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn rows_drawn_some_at_a_time_are_drawn_as_the_whole() {
        for rows in [0, 1, SOME - 1, SOME, SOME + 1, 2 * SOME + 7] {
            let sheet = sheet(rows);
            let whole = markdown_of(&sheet.clone().plain().escaped());
            assert_eq!(drawn_long(&sheet, markdown).trim_end(), whole.trim_end(), "{rows}");
            for (width, color) in [(20, false), (60, true), (200, false)] {
                let whole = table(&sheet.clone().plain(), width, color);
                assert_eq!(drawn_long(&sheet, |out, long| columns(out, long, width, color)), whole, "{rows} rows at {width}");
            }
        }
    }

    #[test]
    fn rows_that_cannot_be_read_print_nothing() {
        let sheet = Long { sheet: sheet(0), rows: &|_| Err(Error::failed("gone")) };
        assert_eq!(columns(&mut tempfile::spooled_tempfile(9), &sheet, 80, false).unwrap_err().message, "gone");
    }
}
