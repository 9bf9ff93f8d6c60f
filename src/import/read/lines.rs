//! Records of a CSV, in batches, so that a file of any length passes through in little memory.

use std::fs::File;
use std::io::{BufReader, Read, Seek as _, SeekFrom};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::import::checks::hex;
use crate::import::record::Record;
use crate::import::row::{Rows, Sink};
use crate::{Error, Result};

/// Rows of one batch.
const BATCH: usize = 32 * 1024;

/// A file whose bytes are hashed as they pass.
struct Hashed {
    file: File,
    digest: Sha256,
    last: u8,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.digest.update(&buffer[..read]);
        self.last = buffer[..read].last().copied().unwrap_or(self.last);
        Ok(read)
    }
}

/// Reads a CSV with a header and sends it in batches, each with the bytes passed so far; returns the hash of the file, hex.
///
/// # Errors
/// A line with the wrong number of fields, text that is not UTF-8, a quoted field that is never closed (exit code 2), with
/// the line; whatever `send` fails with.
pub(crate) fn csv(rows: &Rows<'_>, path: &Path, shown: &str, mut send: impl FnMut(Sink, u64) -> Result<()>) -> Result<String> {
    let unread = |error: &std::io::Error| Error::input(format!("`{shown}` cannot be read: {error}"));
    let file = File::open(path).map_err(|error| unread(&error))?;
    let hashed = Hashed { file, digest: Sha256::new(), last: b'\n' };
    let mut reader = ::csv::ReaderBuilder::new().buffer_capacity(1 << 20).from_reader(BufReader::with_capacity(1 << 20, hashed));
    reader.byte_headers().map_err(|error| broken(&error, shown, 0))?;
    let mut record = ::csv::ByteRecord::new();
    let mut taker = rows.taker(shown);
    let mut sink = Sink::default();
    let mut line = 1;
    // Where lines end in CR LF, the reader stands before the LF when a record begins.
    let behind = u64::from(ends_in_crlf(path).map_err(|error| unread(&error))?);
    let mut place = String::new();
    // Of the last record: where it begins, and whether its last field runs over a line, as an unclosed one does.
    let (mut start, mut swallows) = (0, false);
    while reader.read_byte_record(&mut record).map_err(|error| broken(&error, shown, behind))? {
        line = record.position().map_or(line, |position| position.line() + behind);
        start = record.position().map_or(start, ::csv::Position::byte);
        let text = ::csv::StringRecord::from_byte_record(record).map_err(|_| Error::input(format!("{shown}:{line}: not UTF-8 text")))?;
        place.clear();
        let _ = std::fmt::Write::write_fmt(&mut place, format_args!("line {line}"));
        taker.take(Record::Line(&text), &place, &mut sink);
        swallows = text.iter().next_back().is_some_and(|field| field.contains('\n'));
        // Its room serves the next record.
        record = text.into_byte_record();
        if sink.batch.rows >= BATCH {
            let done = reader.position().byte();
            send(std::mem::take(&mut sink), done)?;
        }
    }
    let done = reader.position().byte();
    let hashed = reader.into_inner().into_inner();
    if hashed.last != b'\n' || swallows {
        unclosed(path, start, line, shown)?;
    }
    if hashed.last != b'\n' {
        sink.warnings.push((
            format!("line {line}"),
            "the file does not end with a line break: if it was cut off, this line is not whole".to_owned(),
        ));
    }
    send(sink, done)?;
    Ok(hex(&hashed.digest.finalize()))
}

/// Fails when the last record, which starts at a byte, opens a quoted field and does not close it.
fn unclosed(path: &Path, start: u64, line: u64, shown: &str) -> Result<()> {
    let mut rest = Vec::new();
    let read = File::open(path).and_then(|mut file| {
        file.seek(SeekFrom::Start(start))?;
        file.read_to_end(&mut rest)
    });
    read.map_err(|error| Error::input(format!("`{shown}` cannot be read: {error}")))?;
    // Quotes come in pairs in a whole record: an escaped one is written twice.
    let quotes = rest.iter().filter(|byte| **byte == b'"').count();
    if quotes % 2 == 1 {
        return Err(Error::input(format!("{shown}:{line}: a quoted field is never closed, or the file is cut off"))
            .help("nothing of this file was stored"));
    }
    Ok(())
}

/// Whether the first line ends in CR LF.
fn ends_in_crlf(path: &Path) -> std::io::Result<bool> {
    let mut start = Vec::new();
    File::open(path)?.take(1 << 20).read_to_end(&mut start)?;
    Ok(start.iter().position(|byte| *byte == b'\n').is_some_and(|at| at > 0 && start[at - 1] == b'\r'))
}

fn broken(error: &::csv::Error, shown: &str, behind: u64) -> Error {
    match error.kind() {
        ::csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(0, |position| position.line() + behind);
            Error::input(format!("{shown}:{line}: {len} fields, expected {expected_len} as in the header")).help(
                "nothing of this file was stored; a field with a comma needs quotes around it, and a file that was cut off ends like this",
            )
        }
        ::csv::ErrorKind::Io(error) => Error::input(format!("`{shown}` cannot be read: {error}")),
        _ => Error::input(format!("{shown}: {error}")),
    }
}
