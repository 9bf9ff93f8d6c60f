//! A database on its way: an import makes it beside its place and gives it its name when rows have landed, so that one which is stopped
//! leaves none under that name.
//!
//! `NAME.importing` is the unfinished file. `NAME.importing.lock` is locked by the import that makes it, and holds its number: who finds
//! the lock free knows that what lies there was left by an import that was stopped.

use std::fs::{File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::context::Context;
use crate::store::Access;
use crate::{Error, Result};

/// How long another import is waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// The files of an import that makes a database.
#[derive(Clone, Debug)]
struct Places {
    path: PathBuf,
    unfinished: PathBuf,
    lock: PathBuf,
}

/// A database that this process makes.
pub(super) struct NewFile {
    places: Places,
    /// Held for as long as the database is made.
    _lock: File,
}

impl Places {
    fn of(path: &Path) -> Self {
        let with = |end: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(end);
            PathBuf::from(name)
        };
        Self { path: path.to_owned(), unfinished: with(".importing"), lock: with(".importing.lock") }
    }

    /// The lock, unless another process has it.
    fn take(&self) -> Result<Option<File>> {
        let failed = |error: &std::io::Error| Error::failed(format!("`{}` cannot be made: {error}", self.path.display()));
        let mut file =
            File::options().create(true).read(true).write(true).truncate(false).open(&self.lock).map_err(|error| failed(&error))?;
        match file.try_lock() {
            // Its last holder may have taken it away while this process opened it.
            Ok(()) if !is_at(&file, &self.lock) => return Ok(None),
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) if error.kind() != std::io::ErrorKind::Unsupported => return Err(failed(&error)),
            _ => {}
        }
        // Only for those who wait: without it they do not know whom they wait for.
        let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
        Ok(Some(file))
    }

    /// Who holds the lock, in words.
    fn holder(&self) -> String {
        match std::fs::read_to_string(&self.lock).ok().filter(|number| !number.is_empty()) {
            Some(number) if number.bytes().all(|byte| byte.is_ascii_digit()) => format!("another import (process {number})"),
            _ => "another import".to_owned(),
        }
    }

    /// Takes away the unfinished file and the lock, which this process must hold.
    fn clear(&self) {
        for path in [&self.unfinished, &self.log(), &self.lock] {
            let _ = std::fs::remove_file(path);
        }
    }

    /// Where the engine writes first.
    fn log(&self) -> PathBuf {
        let mut log = self.unfinished.as_os_str().to_owned();
        log.push(".wal");
        PathBuf::from(log)
    }
}

/// Whether an open file is the one of this name.
fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let number = |about: std::fs::Metadata| (about.dev(), about.ino());
        file.metadata().map(number).ok() == std::fs::metadata(path).map(number).ok()
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        path.exists()
    }
}

impl NewFile {
    /// Clears the place beside the database's where a stopped import left what it had. Where another import is making the database, it
    /// is waited for; `None` when there is one by then.
    ///
    /// # Errors
    /// Another import is still at work after a minute, or the folder cannot be written.
    pub(super) fn begin(context: &Context) -> Result<Option<Self>> {
        let path = &context.global.db_path;
        crate::store::refuse_path(path, Access::Create)?;
        let places = Places::of(path);
        let (began, shown) = (Instant::now(), path.display());
        let mut said = false;
        loop {
            if path.exists() {
                return Ok(None);
            }
            if let Some(lock) = places.take()? {
                if path.exists() {
                    places.clear();
                    return Ok(None);
                }
                let _ = std::fs::remove_file(&places.unfinished);
                return Ok(Some(Self { places, _lock: lock }));
            }
            if began.elapsed() > PATIENCE {
                return Err(Error::failed(format!("`{shown}` is being made by {}", places.holder())).help("import again when it is done"));
            }
            if !said && began.elapsed() > Duration::from_millis(200) {
                context.say(&format!("waiting for {}, which makes `{shown}`", places.holder()));
                said = true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Where the database is made.
    pub(super) fn unfinished(&self) -> &Path {
        &self.places.unfinished
    }

    /// Gives the database its name.
    ///
    /// # Errors
    /// Something has that name by now, or the folder cannot be written.
    pub(super) fn keep(self) -> Result<()> {
        let shown = self.places.path.display();
        if self.places.path.exists() {
            return Err(
                Error::failed(format!("`{shown}` was made by another process meanwhile")).help("import again, to add the rows to it")
            );
        }
        // What is in the log alone would be lost.
        if std::fs::metadata(self.places.log()).is_ok_and(|about| about.len() > 0) {
            return Err(Error::failed(format!("`{shown}` cannot be made: not all of it could be written")));
        }
        std::fs::rename(&self.places.unfinished, &self.places.path)
            .map_err(|error| Error::failed(format!("`{shown}` cannot be made: {error}")))
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        self.places.clear();
    }
}

/// Takes away what a stopped import left beside the database, and says so.
pub(super) fn sweep(context: &Context) {
    let places = Places::of(&context.global.db_path);
    if (places.unfinished.exists() || places.lock.exists())
        && let Ok(Some(_lock)) = places.take()
    {
        let left = places.unfinished.exists();
        places.clear();
        if left {
            context.say(&format!("removed `{}`, which an import left that was stopped", places.unfinished.display()));
        }
    }
}

/// The error of a database that is not there, with what lies beside its place.
pub(super) fn explained(path: &Path, error: Error) -> Error {
    let places = Places::of(path);
    if path.exists() || !places.unfinished.exists() {
        return error;
    }
    let running = File::open(&places.lock).is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)));
    let help = if running {
        format!("{} is making it; ask again when it is done", places.holder())
    } else {
        format!("an import was stopped before its rows landed: import again (what it left, `{}`, goes then)", places.unfinished.display())
    };
    Error { help: Some(help), ..error }
}
