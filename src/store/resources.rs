//! How much of the machine a database may use: flags of the command line, and `[database]` of suitor.toml.

use std::path::Path;
use std::str::FromStr;

use crate::rules::error::RuleErrorKind;
use crate::rules::limits::section;
use crate::rules::toml_read::{Reader, Table, Value, integer};
use crate::{Error, Result};

/// The most threads that may be asked for.
pub const MOST_THREADS: u32 = 1024;

/// The least memory that DuckDB gets a whole catalogue scored in, bytes.
const LEAST_MEMORY: u64 = 64 << 20;

/// From here on some of it can be spared, bytes.
const MUCH: u64 = 512 << 20;

/// Keys of `[database]` of suitor.toml.
const KEYS: [&str; 2] = ["threads", "memory_limit"];

/// Units of a size, and bytes of one.
const UNITS: [(&str, u64); 9] = [
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// How much of the machine a database may use; what is not said is up to DuckDB: every core, 80 % of the memory.
///
/// Neither changes a result. What does not fit into memory is spilled to the folder `FILE.tmp` beside the database, which goes again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// Threads, at least 1.
    pub threads: Option<u32>,
    /// Memory.
    pub memory: Option<Memory>,
}

/// An amount of memory that a database can work with: at least 64 MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    bytes: u64,
}

impl Memory {
    /// Bytes.
    #[must_use]
    pub fn bytes(self) -> u64 {
        self.bytes
    }

    /// Bytes that DuckDB may count: an eighth of a larger amount is left for what it does not count (a catalogue in 2 GiB took 2.3 GB of
    /// the machine before).
    pub(super) fn counted(self) -> u64 {
        if self.bytes < MUCH { self.bytes } else { self.bytes - self.bytes / 8 }
    }
}

impl FromStr for Memory {
    type Err = Error;

    /// Reads `2GiB`, `512 MB`, `1.5GB`.
    ///
    /// # Errors
    /// No number, no unit or an unknown one (with the nearest), too little (exit code 2).
    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, unit) = (&text[..end], text[end..].trim());
        let expected = "expected a number and a unit, such as 2GiB or 512MB";
        let number: f64 = number.parse().map_err(|_| Error::input(format!("`{text}` is no size, {expected}")))?;
        if unit.is_empty() {
            return Err(Error::input(format!("`{text}` has no unit, {expected}")));
        }
        let known = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit));
        let (_, each) = known.ok_or_else(|| {
            let error = Error::unknown_listed("unit", unit, UNITS.iter().map(|(name, _)| *name));
            Error { message: format!("{} in `{text}`", error.message), ..error }
        })?;
        let bytes = number * *each as f64;
        if bytes < LEAST_MEMORY as f64 {
            return Err(Error::input(format!("`{text}` is too little, expected at least 64MiB")));
        }
        if bytes > 1e18 {
            return Err(Error::input(format!("`{text}` is more than any machine has")));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 64 MiB and 1e18")]
        Ok(Self { bytes: bytes as u64 })
    }
}

impl Resources {
    /// Those of `[database]` of suitor.toml in the folder; nothing where it says nothing.
    ///
    /// # Errors
    /// A file that cannot be read, an unknown key, a value that cannot be: all of them, with their places (exit code 2).
    pub fn load(config_dir: &Path) -> Result<Self> {
        Ok(section(config_dir, "database", Self::read)?)
    }

    /// Those of the table, with a fault for each that cannot be.
    pub(crate) fn read(reader: &mut Reader<'_>, table: &Table<'_>) -> Self {
        reader.keys(table, &KEYS);
        Self {
            threads: table.get("threads").and_then(|value| threads(reader, value)),
            memory: table.get("memory_limit").and_then(|value| memory(reader, value)),
        }
    }

    /// These, and what they do not say from `others`.
    #[must_use]
    pub fn or(self, others: Self) -> Self {
        Self { threads: self.threads.or(others.threads), memory: self.memory.or(others.memory) }
    }
}

fn threads(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<u32> {
    let Some(number) = integer(value.get_ref()) else {
        reader.wrong_type("threads", value, "a whole number");
        return None;
    };
    let threads = u32::try_from(number).ok().filter(|threads| (1..=MOST_THREADS).contains(threads));
    if threads.is_none() {
        let expected = format!("1 to {MOST_THREADS}");
        reader.fault(value.span(), RuleErrorKind::OutOfRange { key: "threads".to_owned(), value: number as f64, expected });
    }
    threads
}

fn memory(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<Memory> {
    let Some(text) = value.get_ref().as_str() else {
        reader.wrong_type("memory_limit", value, "a text such as \"2GiB\"");
        return None;
    };
    match text.parse() {
        Ok(memory) => Some(memory),
        Err(Error { message, help, .. }) => {
            reader.faults.add(reader.file, value.span(), RuleErrorKind::Setting(message)).help = help;
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        text.parse::<Memory>().map_or_else(|error| error.to_string(), |memory| memory.bytes().to_string())
    }

    #[test]
    fn sizes_are_read_with_their_unit() {
        assert_eq!(said("2GiB"), "2147483648");
        assert_eq!(said("512 MB"), "512000000");
        assert_eq!(said("1.5gb"), "1500000000");
        assert_eq!(said(" 67108864B "), "67108864");
        let counted = |text: &str| text.parse::<Memory>().unwrap().counted();
        assert_eq!([counted("128MiB"), counted("2GiB")], [134_217_728, 1_879_048_192]);
    }

    #[test]
    fn what_is_no_size_is_said_with_what_would_be_one() {
        assert_eq!(said("much"), "`much` is no size, expected a number and a unit, such as 2GiB or 512MB");
        assert_eq!(said("4096"), "`4096` has no unit, expected a number and a unit, such as 2GiB or 512MB");
        assert!(said("2GiBi").starts_with("unknown unit `GiBi` in `2GiBi`\nhelp: did you mean `GiB`?"), "{}", said("2GiBi"));
        assert_eq!(said("1MiB"), "`1MiB` is too little, expected at least 64MiB");
        assert_eq!(said("-1GB"), "`-1GB` is no size, expected a number and a unit, such as 2GiB or 512MB");
        assert_eq!(said("1.2.3GB"), "`1.2.3GB` is no size, expected a number and a unit, such as 2GiB or 512MB");
        assert_eq!(
            said("1e9GB"),
            "unknown unit `e9GB` in `1e9GB`\nhelp: there are `B`, `kB`, `MB`, `GB`, `TB`, `KiB`, `MiB`, `GiB`, `TiB`"
        );
        assert_eq!(said("99999999TB"), "`99999999TB` is more than any machine has");
    }

    #[test]
    fn settings_say_what_flags_do_not_and_all_their_faults_with_places() {
        let folder = tempfile::tempdir().unwrap();
        let read = |text: &str| {
            std::fs::write(folder.path().join("suitor.toml"), text).unwrap();
            Resources::load(folder.path())
        };
        let file = read("[database]\nthreads = 3\nmemory_limit = \"1GiB\"").unwrap();
        let flags = Resources { threads: Some(1), memory: None };
        assert_eq!(flags.or(file), Resources { threads: Some(1), memory: file.memory });
        let said = read("[database]\nthreads = 0\nmemory_limit = \"4096\"\nthread = 3").unwrap_err().to_string();
        for part in [
            "suitor.toml:2:11",
            "expected 1 to 1024",
            "suitor.toml:3:16",
            "`4096` has no unit, expected a number and a unit",
            "suitor.toml:4:1",
            "did you mean `threads`?",
            "3 faults",
        ] {
            assert!(said.contains(part), "{part} in {said}");
        }
        assert!(read("[database]\nmemory_limit = 3").unwrap_err().to_string().contains("expected a text such as \"2GiB\""));
    }
}
