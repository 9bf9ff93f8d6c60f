//! Opening a database, with every setting made on purpose.

use std::path::Path;

use duckdb::{AccessMode, Config, Connection};

use crate::{Error, Result};

/// What a command means to do with a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Only read: the file is opened read-only, so that others may read it too.
    Read,
    /// Read and write a file that exists.
    Write,
    /// Read and write; the file is made when it is not there.
    Create,
}

/// One open database.
pub struct Db {
    conn: Connection,
    access: Access,
}

impl Db {
    /// Opens the database in `path`.
    ///
    /// Extensions are neither installed nor loaded, files cannot be reached through SQL. A new file is written in the
    /// format of DuckDB 1.5, so that other tools open it.
    ///
    /// # Errors
    /// No such file, a folder, not a database (exit code 2); locked by another process, which is named, or no permission (exit code 1).
    pub fn open(path: &Path, access: Access) -> Result<Self> {
        let shown = path.display();
        if path.is_dir() {
            return Err(Error::input(format!("`{shown}` is a folder, expected a database file")));
        }
        if access != Access::Create && !path.exists() {
            return Err(Error::input(format!("there is no database `{shown}`"))
                .help("`suitor create-schema` makes one, `suitor import FILE` makes one and fills it, `suitor demo` shows one; --db-path names another"));
        }
        let mut config = settings()?;
        if access == Access::Read {
            config = config.access_mode(AccessMode::ReadOnly).map_err(|error| describe(&error, path))?;
        } else if !path.exists() {
            config = config.with("storage_compatibility_version", "v1.5.0").map_err(|error| describe(&error, path))?;
        }
        let conn = Connection::open_with_flags(path, config).map_err(|error| describe(&error, path))?;
        Self::ready(conn, access)
    }

    /// Opens a new database in memory, with the whole schema.
    ///
    /// # Errors
    /// Only when memory is short.
    pub fn open_in_memory() -> Result<Self> {
        let conn = Connection::open_in_memory_with_flags(settings()?).map_err(|error| Error::failed(error.to_string()))?;
        let mut db = Self::ready(conn, Access::Create)?;
        db.create_schema()?;
        Ok(db)
    }

    fn ready(conn: Connection, access: Access) -> Result<Self> {
        conn.execute_batch("SET lock_configuration = true").map_err(|error| Error::failed(error.to_string()))?;
        Ok(Self { conn, access })
    }

    pub(super) fn conn(&self) -> &Connection {
        &self.conn
    }

    pub(super) fn conn_mut(&mut self) -> &mut Connection {
        &mut self.conn
    }

    /// What it was opened for.
    #[must_use]
    pub fn access(&self) -> Access {
        self.access
    }
}

fn settings() -> Result<Config> {
    let all = [
        ("autoinstall_known_extensions", "false"),
        ("autoload_known_extensions", "false"),
        ("allow_community_extensions", "false"),
        ("enable_external_access", "false"),
    ];
    all.into_iter()
        .try_fold(Config::default(), |config, (key, value)| config.with(key, value))
        .map_err(|error| Error::failed(error.to_string()))
}

/// What DuckDB says when it cannot open a file, in words for the person who named it.
fn describe(error: &duckdb::Error, path: &Path) -> Error {
    let text = error.to_string();
    let shown = path.display();
    if text.contains("not a valid DuckDB database file") {
        return Error::input(format!("`{shown}` is not a DuckDB database"));
    }
    if text.contains("Could not set lock") || text.contains("Conflicting lock") {
        let holder =
            text.split_once("PID ").map(|(_, rest)| rest.chars().take_while(char::is_ascii_digit).collect::<String>()).unwrap_or_default();
        let who = if holder.is_empty() { "another process".to_owned() } else { format!("process {holder}") };
        return Error::failed(format!("`{shown}` is in use by {who}")).help("wait until it is done, or work on a copy");
    }
    if text.contains("Permission denied") || text.contains("Read-only file system") {
        return Error::failed(format!("`{shown}` cannot be opened: permission denied"));
    }
    Error::failed(format!("`{shown}` cannot be opened: {text}"))
}
