//! The database, looked at from outside and copied when it has changed and come to rest.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::store::{Copied, Db, Rows, SchemaNames};
use crate::{Error, Result, text_file};

/// How long the file must be left alone before it is copied.
const QUIET: Duration = Duration::from_millis(150);
/// How long a locked file is waited for before anybody is told.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the file looks like from outside: it, its log, and the names of suitor.toml.
type Look = (Option<[i128; 4]>, Option<[i128; 4]>, Option<String>);

/// What a poll found.
#[derive(Debug)]
pub(super) enum Found {
    /// Nothing that is new.
    Nothing,
    /// A new copy was made.
    Copied,
    /// It cannot be read now; told once.
    Unavailable(String),
}

/// The database.
pub(super) struct Data {
    path: PathBuf,
    config_dir: PathBuf,
    models: Option<Vec<String>>,
    copied: Option<Copied>,
    /// How the file looked when it was copied.
    of: Option<Look>,
    /// How it looks now, and since when.
    now: Option<(Look, Instant)>,
    told: bool,
}

impl Data {
    /// Copies the database; `models` are those that are asked for, all where there is none.
    ///
    /// # Errors
    /// No such file, another kind of file, an unknown model (exit code 2); a locked file is waited for.
    pub(super) fn new(path: &Path, config_dir: &Path, models: Option<Vec<String>>) -> Result<Self> {
        let mut data =
            Self { path: path.to_owned(), config_dir: config_dir.to_owned(), models, copied: None, of: None, now: None, told: false };
        let look = data.look();
        match data.copy() {
            Ok(()) => data.of = Some(look),
            Err(error) if error.exit_code() == 1 => {}
            Err(error) => return Err(error),
        }
        Ok(data)
    }

    /// The last copy.
    pub(super) fn copied(&self) -> Option<&Copied> {
        self.copied.as_ref()
    }

    /// Looks at the file and copies it when it is another and at rest.
    pub(super) fn poll(&mut self) -> Found {
        let look = self.look();
        if self.of.as_ref() == Some(&look) {
            self.now = None;
            self.told = false;
            return Found::Nothing;
        }
        let since = match &self.now {
            Some((seen, since)) if *seen == look => *since,
            _ => Instant::now(),
        };
        self.now = Some((look.clone(), since));
        if since.elapsed() < QUIET {
            return Found::Nothing;
        }
        match self.copy() {
            Ok(()) => {
                (self.of, self.now, self.told) = (Some(look), None, false);
                Found::Copied
            }
            Err(error) => {
                let locked = error.exit_code() == 1;
                if self.told || (locked && since.elapsed() < PATIENCE) {
                    return Found::Nothing;
                }
                self.told = true;
                Found::Unavailable(error.to_string())
            }
        }
    }

    fn look(&self) -> Look {
        let mut log = self.path.as_os_str().to_owned();
        log.push(".wal");
        let settings = text_file::text(&self.config_dir.join("suitor.toml"), text_file::SETTINGS).ok();
        (crate::rules::stamp(&self.path), crate::rules::stamp(Path::new(&log)), settings)
    }

    fn copy(&mut self) -> Result<(), Error> {
        let aliases = SchemaNames::load(&self.config_dir)?;
        let rows = self.models.as_deref().map_or(Rows::All, Rows::Of);
        self.copied = Some(Db::copy(&self.path, aliases, rows)?);
        Ok(())
    }
}
