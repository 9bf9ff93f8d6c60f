//! Records of a CSV, in batches, so that a file of any length passes through in little memory.

use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::mpsc;

use sha2::{Digest, Sha256};

use crate::import::checks::hex;
use crate::import::record::Record;
use crate::import::row::{Rows, Sink};
use crate::{Error, Result};

/// Rows of one batch.
const BATCH: usize = 32 * 1024;

/// Records of one block.
const BLOCK: usize = 1024;

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

/// Records on their way from the thread that cuts the file into them to the one that makes rows of them.
#[derive(Default)]
struct Block {
    /// Records; those behind the last line are room from before.
    records: Vec<::csv::ByteRecord>,
    /// Their lines.
    lines: Vec<u64>,
    /// Bytes passed so far.
    bytes: u64,
}

/// What is known when the file has been read to its end.
struct End {
    sha256: String,
    /// The line of the last record.
    line: u64,
    /// Whether the file ends with a line break.
    ends_well: bool,
}

/// Reads a CSV with a header and sends it in batches, each with the bytes passed so far; returns the hash of the file, hex.
///
/// One thread cuts the file into records, this one makes rows of them; the order is that of the file.
///
/// # Errors
/// A line with the wrong number of fields, text that is not UTF-8, a quoted field that is never closed (exit code 2), with
/// the line; whatever `send` fails with.
pub(crate) fn csv(rows: &Rows<'_>, path: &Path, shown: &str, mut send: impl FnMut(Sink, u64) -> Result<()>) -> Result<String> {
    let (full, blocks) = mpsc::sync_channel::<Block>(4);
    let (give_back, used) = mpsc::channel::<Block>();
    std::thread::scope(|scope| {
        let cutter = scope.spawn(move || cut(path, shown, &full, &used));
        let mut taker = rows.taker(shown);
        let mut sink = Sink::default();
        let mut done = 0;
        let mut place = String::new();
        let mut spare = ::csv::ByteRecord::new();
        // What is wrong first in the file is said: the blocks before a fault come before the thread ends with it.
        for mut block in blocks {
            done = block.bytes;
            for (record, line) in block.records.iter_mut().zip(&block.lines) {
                let text = ::csv::StringRecord::from_byte_record(std::mem::replace(record, spare))
                    .map_err(|_| Error::input(format!("{shown}:{line}: not UTF-8 text")))?;
                place.clear();
                let _ = std::fmt::Write::write_fmt(&mut place, format_args!("line {line}"));
                taker.take(Record::Line(&text), &place, &mut sink);
                // Its room serves the next record.
                spare = text.into_byte_record();
            }
            if sink.batch.rows >= BATCH {
                send(std::mem::take(&mut sink), done)?;
            }
            let _ = give_back.send(block);
        }
        let end = cutter.join().map_err(|_| Error::failed(format!("{shown}: reading failed")))??;
        if !end.ends_well {
            sink.warnings.push((
                format!("line {}", end.line),
                "the file does not end with a line break: if it was cut off, this line is not whole".to_owned(),
            ));
        }
        send(sink, done)?;
        Ok(end.sha256)
    })
}

/// Cuts a file into records and sends them, until it ends or nobody takes them any more.
fn cut(path: &Path, shown: &str, full: &mpsc::SyncSender<Block>, used: &mpsc::Receiver<Block>) -> Result<End> {
    let unread = |error: &std::io::Error| Error::input(format!("`{shown}` cannot be read: {error}"));
    let file = File::open(path).map_err(|error| unread(&error))?;
    let hashed = Hashed { file, digest: Sha256::new(), last: b'\n' };
    let mut reader = ::csv::ReaderBuilder::new().buffer_capacity(1 << 20).from_reader(hashed);
    reader.byte_headers().map_err(|error| broken(&error, shown, 0))?;
    // Where lines end in CR LF, the reader stands before the LF when a record begins.
    let behind = u64::from(ends_in_crlf(path).map_err(|error| unread(&error))?);
    // Of the last record: where it begins, and whether its last field runs over a line, as an unclosed one does.
    let (mut line, mut start, mut swallows) = (1, 0, false);
    let mut ended = Ok(true);
    while matches!(ended, Ok(true)) {
        let mut block = used.try_recv().unwrap_or_default();
        block.lines.clear();
        while block.lines.len() < BLOCK {
            let at = block.lines.len();
            if at == block.records.len() {
                block.records.push(::csv::ByteRecord::new());
            }
            let record = &mut block.records[at];
            ended = reader.read_byte_record(record).map_err(|error| broken(&error, shown, behind));
            if !matches!(ended, Ok(true)) {
                break;
            }
            line = record.position().map_or(line, |position| position.line() + behind);
            start = record.position().map_or(start, ::csv::Position::byte);
            swallows = record.iter().next_back().is_some_and(|field| field.contains(&b'\n'));
            block.lines.push(line);
        }
        block.bytes = reader.position().byte();
        if full.send(block).is_err() {
            return Err(Error::failed(format!("{shown}: the rows were not taken")));
        }
    }
    ended?;
    let hashed = reader.into_inner();
    let ends_well = hashed.last == b'\n';
    if !ends_well || swallows {
        unclosed(path, start, line, shown)?;
    }
    Ok(End { sha256: hex(&hashed.digest.finalize()), line, ends_well })
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
