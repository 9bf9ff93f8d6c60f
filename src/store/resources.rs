//! How much of the machine a database may use: flags of the command line, and `[database]` of suitor.toml.

use std::path::Path;
use std::str::FromStr;

use crate::{Error, Result, text_file};

/// The most threads that may be asked for.
pub const MOST_THREADS: u32 = 1024;

/// The least memory that DuckDB gets a whole catalogue scored in, bytes.
const LEAST_MEMORY: u64 = 64 << 20;

/// From here on some of it can be spared, bytes.
const MUCH: u64 = 512 << 20;

/// Keys of `[database]` of suitor.toml.
pub(crate) const KEYS: [&str; 2] = ["threads", "memory_limit"];

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
    /// A file that cannot be read, an unknown key, a value that cannot be (exit code 2).
    pub fn load(config_dir: &Path) -> Result<Self> {
        let path = config_dir.join("suitor.toml");
        if !path.exists() {
            return Ok(Self::default());
        }
        let shown = path.display().to_string();
        let text = text_file::text(&path, text_file::SETTINGS)?;
        let whole: toml::Table =
            toml::from_str(&text).map_err(|error| Error::input(format!("{shown}: {}", error.to_string().trim_end())))?;
        whole.get("database").map_or(Ok(Self::default()), |section| Self::read(section, &shown))
    }

    fn read(section: &toml::Value, file: &str) -> Result<Self> {
        let table = section.as_table().ok_or_else(|| Error::input(format!("{file}: `database` is not a table")))?;
        let mut all = Self::default();
        for (key, value) in table {
            match key.as_str() {
                "threads" => all.threads = Some(threads(value).map_err(|error| placed(error, file, key))?),
                "memory_limit" => {
                    let text = value.as_str().ok_or_else(|| Error::input("expected a text such as \"2GiB\""));
                    all.memory = Some(text.and_then(str::parse).map_err(|error| placed(error, file, key))?);
                }
                _ => {
                    let error = Error::unknown_listed("key", key, KEYS);
                    return Err(Error { message: format!("{file}: {} in [database]", error.message), ..error });
                }
            }
        }
        Ok(all)
    }

    /// These, and what they do not say from `others`.
    #[must_use]
    pub fn or(self, others: Self) -> Self {
        Self { threads: self.threads.or(others.threads), memory: self.memory.or(others.memory) }
    }
}

fn threads(value: &toml::Value) -> Result<u32> {
    let number = value.as_integer().and_then(|number| u32::try_from(number).ok()).filter(|number| (1..=MOST_THREADS).contains(number));
    number.ok_or_else(|| Error::input(format!("expected a whole number from 1 to {MOST_THREADS}")))
}

fn placed(error: Error, file: &str, key: &str) -> Error {
    Error { message: format!("{file}: `{key}` in [database]: {}", error.message), ..error }
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
    fn settings_say_what_flags_do_not() {
        let read = |text: &str| Resources::read(&text.parse::<toml::Table>().unwrap()["database"], "suitor.toml");
        let file = read("[database]\nthreads = 3\nmemory_limit = \"1GiB\"").unwrap();
        let flags = Resources { threads: Some(1), memory: None };
        assert_eq!(flags.or(file), Resources { threads: Some(1), memory: file.memory });
        let said = |text: &str| read(text).unwrap_err().to_string();
        assert_eq!(said("[database]\nthreads = 0"), "suitor.toml: `threads` in [database]: expected a whole number from 1 to 1024");
        assert_eq!(said("[database]\nmemory_limit = 3"), "suitor.toml: `memory_limit` in [database]: expected a text such as \"2GiB\"");
        assert_eq!(said("[database]\nthread = 3"), "suitor.toml: unknown key `thread` in [database]\nhelp: did you mean `threads`?");
    }
}
