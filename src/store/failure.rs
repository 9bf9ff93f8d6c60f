//! What the engine says when it fails, in words for the person who named the database.

use std::path::Path;

use crate::Error;

/// How the message of a damaged file begins; the file itself is named by who knows it.
pub const DAMAGED: &str = "the database file is damaged";

/// What to do about a damaged file.
pub const MEND: &str = "take a copy of it from before, or import the files again into a new one (--db-path names another)";

/// What to do when memory is short.
const MORE_MEMORY: &str = "give it more with --memory-limit, or fewer --threads, each of which takes its part";

/// Why the engine failed, as far as it is the file's or the machine's doing.
enum Cause {
    Damaged,
    DiskFull,
    Memory,
    Other,
}

fn cause(text: &str) -> Cause {
    let says = |any: &[&str]| any.iter().any(|one| text.contains(one));
    if says(&["No space left on device", "Disk quota exceeded", "File too large"]) {
        Cause::DiskFull
    } else if says(&["Out of Memory Error", "std::bad_alloc"]) {
        Cause::Memory
    } else if says(&["Corrupt", "Could not read enough bytes", "checksum", "Serialization Error"]) {
        Cause::Damaged
    } else {
        Cause::Other
    }
}

/// An error of the engine while something was done (`the list could not be read`).
pub(super) fn told(doing: &str, error: &duckdb::Error) -> Error {
    let text = error.to_string();
    match cause(&text) {
        Cause::Damaged => Error::input(format!("{DAMAGED}: {doing}")).help(MEND),
        Cause::DiskFull => Error::failed(format!("{doing}: the disk is full")),
        Cause::Memory => Error::failed(format!("{doing}: memory ran out")).help(MORE_MEMORY),
        Cause::Other => Error::failed(format!("{doing}: {text}")),
    }
}

/// Whether another process has the file open.
pub(super) fn is_locked(error: &duckdb::Error) -> bool {
    let text = error.to_string();
    text.contains("Could not set lock") || text.contains("Conflicting lock")
}

/// An error of the engine while it opened the file in `path`.
pub(super) fn unopened(error: &duckdb::Error, path: &Path) -> Error {
    let text = error.to_string();
    let shown = path.display();
    // A file of SQLite makes DuckDB ask for an extension, which is never loaded.
    if text.contains("not a valid DuckDB database file") || text.contains("Loading external extensions is disabled") {
        return Error::input(format!("`{shown}` is not a DuckDB database"));
    }
    if is_locked(error) {
        let holder =
            text.split_once("PID ").map(|(_, rest)| rest.chars().take_while(char::is_ascii_digit).collect::<String>()).unwrap_or_default();
        let who = if holder.is_empty() { "another process".to_owned() } else { format!("process {holder}") };
        return Error::failed(format!("`{shown}` is in use by {who}"))
            .help("wait until it is done (--lock-timeout 30 waits up to 30 seconds), or work on a copy");
    }
    if text.contains("Permission denied") || text.contains("Read-only file system") {
        return Error::failed(format!("`{shown}` cannot be opened: permission denied"));
    }
    if text.contains("version number") {
        return Error::input(format!("`{shown}` was written by a version of DuckDB whose files this Suitor does not read"))
            .help("export it there (EXPORT DATABASE) and import it into a file of storage version v1.5.0");
    }
    if text.contains("WAL") {
        return Error::input(format!("`{shown}.wal`, where the last changes of `{shown}` stand, cannot be read"))
            .help("move it away to go on without these changes");
    }
    match cause(&text) {
        Cause::Damaged => Error::input(format!("`{shown}`: {DAMAGED}: it cannot be opened")).help(MEND),
        Cause::DiskFull => Error::failed(format!("`{shown}` cannot be opened: the disk is full")),
        Cause::Memory => Error::failed(format!("`{shown}` cannot be opened: memory ran out")).help(MORE_MEMORY),
        Cause::Other => match text.rsplit_once(": ") {
            // The system's own words, which come last.
            Some((_, system)) if text.contains("Cannot open file") => Error::failed(format!("`{shown}` cannot be opened: {system}")),
            _ => Error::failed(format!("`{shown}` cannot be opened: {text}")),
        },
    }
}
