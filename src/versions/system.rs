//! The library's calls on versions. They read the clock, so that what they call need not.

use jiff::Timestamp;

use super::create::{Made, Takes, create};
use crate::Result;
use crate::compare::{Comparison, Wanted, compare};
use crate::rules::RuleSet;
use crate::store::{Added, Db, Moved, VersionEntry};

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
///
/// // A name moves from version to version.
/// versions.move_alias("resnet50", "champion", Some("v1.0"))?;
/// let moved = versions.move_alias("resnet50", "champion", Some("latest"))?;
/// assert_eq!((moved.from.as_deref(), moved.to.as_deref()), (Some("v1.0"), Some("v1.1")));
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
    /// Unknown model, empty tag, a tag that is a name which moves, metadata that is not a JSON object, other content under the same tag:
    /// exit code 2.
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

    /// Gives a name to a version, named by its tag or another name of it; any version that had it loses it. `None` takes the name away.
    ///
    /// # Errors
    /// Unknown model, version or name, a name that is the tag of a version: exit code 2.
    pub fn move_alias(&mut self, model: &str, alias: &str, to: Option<&str>) -> Result<Moved> {
        let model = self.db.model(model)?;
        let to = to.map(|name| self.db.version(model.id, name)).transpose()?;
        self.db.move_alias(model.id, alias, to.as_ref(), Timestamp::now().as_microsecond())
    }

    /// Compares two versions of a model, named by tags or names given to them, by their newest snapshots. Makes none.
    ///
    /// ```
    /// use suitor::{ModelRegistryIntegration, compare::State, rules::RuleSet, store::Db, versions::{Takes, VersionControlSystem}};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let file = folder.path().join("rows.csv");
    /// # std::fs::write(
    /// #     &file,
    /// #     "model,hardware,task,batch_size,throughput_items_per_second,source_key\n\
    /// #      resnet50,NVIDIA A100,inference,1,400,a\nresnet50,NVIDIA L4,inference,1,200,b\nresnet50,NVIDIA A100,inference,1,360,c\nresnet50,NVIDIA L4,inference,1,200,d\n",
    /// # ).unwrap();
    /// # let none = std::path::Path::new("no such folder");
    /// # let (mappings, aliases) = (suitor::import::Mappings::load(none)?, suitor::import::Aliases::load(none)?);
    ///
    /// let mut db = Db::open_in_memory()?;
    /// // An A100 at 400 items/s and an L4 at 200, then the A100 at 360 and the L4 at 200 as before.
    /// # suitor::import::import(&mut db, &[file], &mappings, &aliases, &Default::default(), &mut |_| ())?;
    /// let rules = RuleSet::embedded()?;
    /// for (version, results) in [("v1.0", [1, 2]), ("v1.1", [3, 4])] {
    ///     ModelRegistryIntegration::new(&mut db).link_test_results("resnet50", version, &results)?;
    ///     VersionControlSystem::new(&mut db).create_compatibility_snapshot(&rules, "resnet50", version, Takes::Linked)?;
    /// }
    /// let comparison = VersionControlSystem::new(&mut db).compare_compatibility_versions("resnet50", "v1.0", "v1.1")?;
    ///
    /// // One run a side is too few for a test: the threshold of 5 % says that the A100 got worse. The L4 is as it was.
    /// let states: Vec<_> = comparison.changes.iter().map(|change| (change.hardware.as_str(), change.state, change.regression)).collect();
    /// assert_eq!(states, [("NVIDIA A100", State::Changed, true), ("NVIDIA L4", State::Same, false)]);
    /// let a100 = &comparison.changes[0];
    /// assert!((a100.score_change.unwrap() + 10.0).abs() < 1e-9);
    /// assert!((a100.cause.score.unwrap().data + 10.0).abs() < 1e-9);
    /// # Ok::<(), suitor::Error>(())
    /// ```
    ///
    /// # Errors
    /// Unknown model or version, a version without a snapshot: exit code 2.
    pub fn compare_compatibility_versions(&self, model: &str, before: &str, after: &str) -> Result<Comparison> {
        let wanted = Wanted { versions: [before.to_owned(), after.to_owned()], ..Wanted::default() };
        compare(self.db, model, &wanted)
    }

    /// Makes a snapshot of a version: the results linked to it (or all of the model) with the rule set, and what they come to. It never
    /// changes; the same results by the same rules again make none, others make the next revision.
    ///
    /// ```
    /// use suitor::{ModelRegistryIntegration, rules::RuleSet, store::Db, versions::{Takes, VersionControlSystem}};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let file = folder.path().join("rows.csv");
    /// # std::fs::write(
    /// #     &file,
    /// #     "model,hardware,task,batch_size,throughput_items_per_second,latency_ms_mean\n\
    /// #      resnet50,NVIDIA A100,inference,1,400,5\nresnet50,NVIDIA L4,inference,1,200,3\nresnet50,NVIDIA A100,inference,1,410,5\n",
    /// # ).unwrap();
    /// # let none = std::path::Path::new("no such folder");
    /// # let (mappings, aliases) = (suitor::import::Mappings::load(none)?, suitor::import::Aliases::load(none)?);
    ///
    /// let mut db = Db::open_in_memory()?;
    /// // Three results of resnet50 are imported here: of an A100, of an L4, and of the A100 again.
    /// # suitor::import::import(&mut db, &[file], &mappings, &aliases, &Default::default(), &mut |_| ())?;
    /// let rules = RuleSet::embedded()?;
    /// ModelRegistryIntegration::new(&mut db).link_test_results("resnet50", "v1.0", &[1, 2])?;
    /// let made = VersionControlSystem::new(&mut db).create_compatibility_snapshot(&rules, "resnet50", "v1.0", Takes::Linked)?;
    /// assert_eq!((made.created, made.snapshot.revision, made.snapshot.results, made.snapshot.points), (true, 1, 2, 2));
    ///
    /// // Nothing has changed: no new one.
    /// let made = VersionControlSystem::new(&mut db).create_compatibility_snapshot(&rules, "resnet50", "v1.0", Takes::Linked)?;
    /// assert_eq!((made.created, made.snapshot.revision), (false, 1));
    ///
    /// // A result more: the next revision, and the first one stays.
    /// ModelRegistryIntegration::new(&mut db).link_test_results("resnet50", "v1.0", &[3])?;
    /// let made = VersionControlSystem::new(&mut db).create_compatibility_snapshot(&rules, "resnet50", "v1.0", Takes::Linked)?;
    /// assert_eq!((made.created, made.snapshot.revision, made.snapshot.results, made.snapshot.points), (true, 2, 3, 2));
    /// # Ok::<(), suitor::Error>(())
    /// ```
    ///
    /// # Errors
    /// Unknown model or version, a version that no result is linked to: exit code 2. A database that cannot be written: exit code 1;
    /// nothing is stored then.
    pub fn create_compatibility_snapshot(&mut self, rules: &RuleSet, model: &str, version: &str, takes: Takes) -> Result<Made> {
        create(self.db, rules, model, version, takes, Timestamp::now().as_microsecond())
    }
}
