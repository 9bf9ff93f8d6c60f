//! Opening a database, with every setting made on purpose.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use duckdb::{AccessMode, Config, Connection};
use jiff::Timestamp;

use super::aliases::SchemaNames;
use super::catalog::Catalog;
use super::failure::{is_locked, told, unopened};
use super::layout::Layout;
use super::remembered::Remembered;
use super::source::Source;
use super::{Resources, bases, keys, migrate};
use crate::{Error, Result};

/// How long a file that another process has open is waited for, unless something else is said: `suitor watch` has it for a moment while
/// it copies.
pub const PATIENCE: Duration = Duration::from_secs(1);
/// How often it is tried meanwhile.
const AGAIN: Duration = Duration::from_millis(50);

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

/// Bytes of a database below which one thread reads it.
const SMALL: u64 = 16 << 20;

/// One open database.
pub struct Db {
    conn: Connection,
    aliases: Arc<SchemaNames>,
    layout: Layout,
    remembered: Remembered,
    source: Source,
}

impl Db {
    /// Opens the database in `path`; its tables may have any of the shipped names.
    ///
    /// # Errors
    /// See [`Db::open_with`].
    pub fn open(path: &Path, access: Access) -> Result<Self> {
        Self::open_with(path, access, SchemaNames::embedded()?)
    }

    /// Opens the database in `path`, whose tables and columns may have the names of `aliases`.
    ///
    /// Extensions are neither installed nor loaded, files cannot be reached through SQL. A new file is written in the
    /// format of DuckDB 1.5, so that other tools open it.
    ///
    /// # Errors
    /// No such file, a folder, not a database (exit code 2); locked by another process, which is named, or no permission (exit code 1);
    /// written by a newer Suitor (exit code 2).
    pub fn open_with(path: &Path, access: Access, aliases: Arc<SchemaNames>) -> Result<Self> {
        Self::open_within(path, access, aliases, Resources::default(), PATIENCE)
    }

    /// The same, using no more than so much of the machine, and waiting so long for a file that another process has open.
    ///
    /// # Errors
    /// See [`Db::open_with`].
    pub fn open_within(path: &Path, access: Access, aliases: Arc<SchemaNames>, resources: Resources, patience: Duration) -> Result<Self> {
        refuse_path(path, access)?;
        let shown = path.display();
        let began = Instant::now();
        let conn = loop {
            let mut config = settings()?;
            // Handing the little work of a small database to other threads takes longer than doing it.
            let small = access == Access::Read && std::fs::metadata(path).is_ok_and(|about| about.len() < SMALL);
            if let Some(threads) = resources.threads.map(i64::from).or(small.then_some(1)) {
                config = config.threads(threads).map_err(|error| unopened(&error, path))?;
            }
            if let Some(memory) = resources.memory {
                config = config.max_memory(&format!("{}B", memory.counted())).map_err(|error| unopened(&error, path))?;
            }
            if access == Access::Read {
                config = config.access_mode(AccessMode::ReadOnly).map_err(|error| unopened(&error, path))?;
            } else if !path.exists() {
                config = config.with("storage_compatibility_version", "v1.5.0").map_err(|error| unopened(&error, path))?;
            }
            match Connection::open_with_flags(path, config) {
                Ok(conn) => break conn,
                Err(error) if is_locked(&error) && began.elapsed() < patience => {
                    std::thread::sleep(AGAIN.min(patience.saturating_sub(began.elapsed())));
                }
                Err(error) => return Err(unopened(&error, path)),
            }
        };
        Self::ready(conn, access, aliases, &format!("`{shown}`"))
    }

    /// Opens a new database in memory, with the whole schema.
    ///
    /// # Errors
    /// Only when memory is short.
    pub fn open_in_memory() -> Result<Self> {
        let conn = Connection::open_in_memory_with_flags(settings()?).map_err(|error| Error::failed(error.to_string()))?;
        let mut db = Self::ready(conn, Access::Create, SchemaNames::embedded()?, "the database")?;
        db.create_schema()?;
        Ok(db)
    }

    fn ready(mut conn: Connection, access: Access, aliases: Arc<SchemaNames>, shown: &str) -> Result<Self> {
        let failed = |error: duckdb::Error| told(&format!("the tables of {shown} could not be read"), &error);
        conn.execute_batch("SET lock_configuration = true").map_err(failed)?;
        let catalog = if access == Access::Read { Catalog::read_tables(&conn) } else { Catalog::read(&conn) }.map_err(failed)?;
        migrate::refuse_newer(&conn, &catalog, shown)?;
        let layout = Layout::resolve(catalog, &aliases)?;
        keys::refuse_double(&conn, &layout)?;
        if access != Access::Read && layout.flat.is_some() && layout.models.as_ref().is_some_and(|models| models.own) {
            let transaction = conn.transaction().map_err(failed)?;
            bases::register_flat(&transaction, &layout, Timestamp::now().as_microsecond())?;
            transaction.commit().map_err(failed)?;
        }
        Ok(Self::of_parts(conn, aliases, layout, Source::Results))
    }

    /// A database of its parts.
    pub(super) fn of_parts(conn: Connection, aliases: Arc<SchemaNames>, layout: Layout, source: Source) -> Self {
        Self { conn, aliases, layout, source, remembered: Remembered::default() }
    }

    /// Closes a database whose file is given another name next: all that was written is in the file itself, and nothing in the log beside it.
    ///
    /// # Errors
    /// The file cannot be written, as when the disk is full (exit code 1): what is in it is not all of it.
    pub fn close_whole(self) -> Result<()> {
        // A close writes the log into the file too, and says nothing when it cannot.
        self.conn.execute_batch("CHECKPOINT").map_err(|error| told("the database could not be written", &error))
    }

    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(super) fn remembered(&self) -> &Remembered {
        &self.remembered
    }

    pub(super) fn set_layout(&mut self, layout: Layout) {
        self.remembered.forget();
        self.layout = layout;
    }

    pub(super) fn aliases(&self) -> Arc<SchemaNames> {
        Arc::clone(&self.aliases)
    }

    /// The connection to write through, and what the tables are called.
    pub(super) fn parts(&mut self) -> (&mut Connection, &Layout) {
        self.remembered.forget();
        (&mut self.conn, &self.layout)
    }

    /// The connection to read through.
    pub(super) fn conn(&self) -> &Connection {
        &self.conn
    }

    /// The connection to write through what [`super::Scored`] still holds; who calls has the database as `&mut`.
    pub(super) fn conn_to_store(&self) -> &Connection {
        self.remembered.forget();
        &self.conn
    }

    /// The connection to write through.
    pub(super) fn conn_mut(&mut self) -> &mut Connection {
        self.remembered.forget();
        &mut self.conn
    }
}

/// Refuses what cannot be a database, in words for the person who named it.
pub(crate) fn refuse_path(path: &Path, access: Access) -> Result<()> {
    let shown = path.display();
    if path.as_os_str() == ":memory:" || path.as_os_str().is_empty() {
        return Err(Error::input("a database in memory keeps nothing, expected a file"));
    }
    if path.is_dir() {
        return Err(Error::input(format!("`{shown}` is a folder, expected a database file")));
    }
    if access != Access::Create && !path.exists() {
        return Err(Error::input(format!("there is no database `{shown}`"))
            .help("`suitor create-schema` makes one, `suitor import FILE` makes one and fills it, `suitor demo` shows one; --db-path names another"));
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        return Err(Error::input(format!("there is no folder `{}` for the database `{shown}`", folder.display())));
    }
    if path.exists() && !path.is_file() {
        return Err(Error::input(format!("`{shown}` is no ordinary file, expected a database file")));
    }
    Ok(())
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
