//! Reads the files that a person edits, and those that Suitor keeps beside them: settings, rules, scenarios, snapshots.
//!
//! A pipe, a device or a folder in such a place must neither hang a command nor take all memory, so only regular files are
//! opened, and no more of one is read than such a file can have.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use crate::Error;

/// The largest file of settings or rules, bytes.
pub(crate) const SETTINGS: u64 = 1_000_000;
/// The largest scenario (it may hold its rows), snapshot or kept rule set, bytes.
pub(crate) const DOCUMENT: u64 = 64_000_000;

/// Why a file gave no text.
#[derive(Debug)]
pub(crate) enum Unread {
    /// There is nothing of that name.
    Missing(String),
    /// What is there can be no such file: a folder, a pipe, a device, too large, not text.
    Unfit(String),
    /// The system did not give it.
    Failed(String),
}

impl Unread {
    /// What is wrong, with the name of the file.
    pub(crate) fn message(self) -> String {
        match self {
            Self::Missing(message) | Self::Unfit(message) | Self::Failed(message) => message,
        }
    }
}

impl From<Unread> for Error {
    /// Bad input (exit code 2), whichever it is.
    fn from(unread: Unread) -> Self {
        Self::input(unread.message())
    }
}

/// The bytes of a file of at most `most` bytes.
pub(crate) fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, Unread> {
    let shown = path.display();
    let failed = |error: &io::Error| {
        let message = format!("`{shown}` cannot be read: {error}");
        if error.kind() == io::ErrorKind::NotFound { Unread::Missing(message) } else { Unread::Failed(message) }
    };
    let about = fs::metadata(path).map_err(|error| failed(&error))?;
    if about.is_dir() {
        return Err(Unread::Unfit(format!("`{shown}` is a folder, expected a file")));
    }
    // To open a pipe waits for who writes into it, and a device may never end.
    if !about.is_file() {
        return Err(Unread::Unfit(format!("`{shown}` is neither a file nor a link to one")));
    }
    if about.len() > most {
        return Err(Unread::Unfit(format!("`{shown}` has {} bytes, expected at most {most}", about.len())));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes)).map_err(|error| failed(&error))?;
    // What grows while it is read, or says nothing of its size.
    if bytes.len() as u64 > most {
        return Err(Unread::Unfit(format!("`{shown}` has more than {most} bytes")));
    }
    Ok(bytes)
}

/// The text of a file of at most `most` bytes.
pub(crate) fn text(path: &Path, most: u64) -> Result<String, Unread> {
    String::from_utf8(bytes(path, most)?).map_err(|_| Unread::Unfit(format!("`{}` is not UTF-8 text", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_size_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        assert!(matches!(text(&path, 3), Err(Unread::Missing(_))));
        fs::write(&path, "abc").unwrap();
        assert_eq!(text(&path, 3).unwrap(), "abc");
        assert!(matches!(text(&path, 2), Err(Unread::Unfit(what)) if what.ends_with("has 3 bytes, expected at most 2")));
        fs::write(&path, [0xff]).unwrap();
        assert!(matches!(text(&path, 3), Err(Unread::Unfit(what)) if what.ends_with("is not UTF-8 text")));
        assert!(matches!(text(folder.path(), 3), Err(Unread::Unfit(what)) if what.ends_with("is a folder, expected a file")));
        #[cfg(unix)]
        assert!(matches!(text(Path::new("/dev/zero"), 3), Err(Unread::Unfit(what)) if what.contains("neither a file")));
    }
}
