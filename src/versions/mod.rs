//! Versions of models: their history and the results that belong to them.

use jiff::Timestamp;

use crate::Result;
use crate::store::{Added, Db, VersionEntry};

/// Keeps the versions of models.
///
/// ```
/// use suitor::{store::{Added, Db}, versions::VersionControlSystem};
///
/// let mut db = Db::open_in_memory()?;
/// db.add_model("resnet50")?;
/// let mut versions = VersionControlSystem::new(&mut db);
/// assert_eq!(versions.add_model_version("resnet50", "v1.0", Some("abc123"), None)?, Added::Created);
/// assert_eq!(versions.add_model_version("resnet50", "v1.0", Some("abc123"), None)?, Added::Unchanged);
///
/// // Other content under a tag that is taken is refused; the history is newest first.
/// assert_eq!(versions.add_model_version("resnet50", "v1.0", Some("other"), None).unwrap_err().exit_code(), 2);
/// versions.add_model_version("resnet50", "v1.1", None, Some(r#"{"quantised": true}"#))?;
/// let history = versions.get_version_history("resnet50")?;
/// let tags: Vec<&str> = history.iter().map(|entry| entry.version.as_str()).collect();
/// assert_eq!(tags, ["v1.1", "v1.0"]);
/// # Ok::<(), suitor::Error>(())
/// ```
pub struct VersionControlSystem<'a> {
    db: &'a mut Db,
}

impl<'a> VersionControlSystem<'a> {
    /// Works on `db`.
    #[must_use]
    pub fn new(db: &'a mut Db) -> Self {
        Self { db }
    }

    /// Adds a version of a model (by name or id). The same content again changes nothing; fields that are still empty are
    /// filled once.
    ///
    /// # Errors
    /// Unknown model, empty tag, metadata that is not a JSON object, other content under the same tag: exit code 2.
    pub fn add_model_version(&mut self, model: &str, tag: &str, hash: Option<&str>, metadata: Option<&str>) -> Result<Added> {
        let model = self.db.model(model)?;
        self.db.add_version(model.id, tag, hash, metadata, Timestamp::now().as_microsecond())
    }

    /// Returns the versions of a model, newest first.
    ///
    /// # Errors
    /// Unknown model: exit code 2, with the nearest names.
    pub fn get_version_history(&self, model: &str) -> Result<Vec<VersionEntry>> {
        self.db.version_history(self.db.model(model)?.id)
    }
}
