//! The calls that extend a benchmark database: schema, links, stored scores. They read the clock, so that scoring need not.

use jiff::Timestamp;

use crate::Result;
use crate::recommend::{HardwareRecommender, Scores};
use crate::rules::RuleSet;
use crate::store::{Db, Linked, Replaced, SchemaReport, Unlinked, Wanted};

/// Extends a benchmark database by what Suitor keeps in it.
///
/// ```
/// use suitor::{ModelRegistryIntegration, rules::RuleSet, store::Db};
/// # let folder = tempfile::tempdir().unwrap();
/// # let file = folder.path().join("rows.csv");
/// # std::fs::write(
/// #     &file,
/// #     "model,hardware,task,batch_size,throughput_items_per_second,latency_ms_mean\n\
/// #      resnet50,NVIDIA A100,inference,1,400,5\nresnet50,NVIDIA L4,inference,1,200,3\nresnet50,NVIDIA A100,training,32,90,\nresnet50,NVIDIA L4,training,32,30,\n",
/// # ).unwrap();
/// # let none = std::path::Path::new("no such folder");
/// # let (mappings, aliases) = (suitor::import::Mappings::load(none)?, suitor::import::Aliases::load(none)?);
///
/// let mut db = Db::open_in_memory()?;
/// ModelRegistryIntegration::new(&mut db).create_schema_extensions()?;
/// // Four results of resnet50 are imported here: inference and training on an A100 and on an L4.
/// # suitor::import::import(&mut db, &[file], &mappings, &aliases, &Default::default(), &mut |_| ())?;
/// let mut registry = ModelRegistryIntegration::new(&mut db);
///
/// // Results belong to a version of the model; linking them again adds nothing.
/// assert_eq!(registry.link_test_results("resnet50", "v1.0", &[1, 2])?, 2);
/// assert_eq!(registry.link_test_results("resnet50", "v1.0", &[1, 2])?, 0);
/// assert_eq!(registry.link_test_results("resnet50", "v1.0", &[999]).unwrap_err().exit_code(), 2);
///
/// // A pair for each piece of hardware, over the cells of both tasks, stored.
/// let rules = RuleSet::embedded()?;
/// let scores = registry.calculate_suitability_scores(&rules, Some("resnet50"), None, false)?;
/// let pairs = scores.pairs.read()?;
/// let said: Vec<(&str, i64)> = pairs.iter().map(|pair| (pair.hardware.as_str(), pair.results)).collect();
/// assert_eq!(said, [("NVIDIA A100", 2), ("NVIDIA L4", 2)]);
/// assert!(scores.stored && pairs[0].suitability > pairs[1].suitability);
/// # Ok::<(), suitor::Error>(())
/// ```
pub struct ModelRegistryIntegration<'a> {
    db: &'a mut Db,
}

impl<'a> ModelRegistryIntegration<'a> {
    /// Works on `db`.
    #[must_use]
    pub fn new(db: &'a mut Db) -> Self {
        Self { db }
    }

    /// Makes the tables that are lacking. Doing it again changes nothing.
    ///
    /// # Errors
    /// A read-only database (exit code 1).
    pub fn create_schema_extensions(&mut self) -> Result<SchemaReport> {
        self.db.create_schema()
    }

    /// Links results to a version of a model (by name or id), which is made when it is not there. Returns the new links.
    ///
    /// # Errors
    /// Unknown model, ids that do not exist or belong to another model: exit code 2; nothing is linked then.
    pub fn link_test_results(&mut self, model: &str, tag: &str, ids: &[i64]) -> Result<i64> {
        let model = self.db.model(model)?;
        self.db.link_results(model.id, tag, ids, Timestamp::now().as_microsecond())
    }

    /// Links results, by their ids or by what they say, to a version of a model (by name or id), which is made when it is not there.
    ///
    /// # Errors
    /// Unknown model, ids that do not exist or belong to another model, filters that nothing meets: exit code 2; nothing is linked then.
    pub fn link_results(&mut self, model: &str, version: &str, wanted: Wanted<'_>) -> Result<Linked> {
        let model = self.db.model(model)?;
        self.db.link(model.id, version, wanted, Timestamp::now().as_microsecond())
    }

    /// Takes links of results to a version of a model away. Results, version and snapshots stay.
    ///
    /// # Errors
    /// Unknown model or version, ids that do not exist or belong to another model, filters that nothing meets: exit code 2; nothing is
    /// unlinked then.
    pub fn unlink_results(&mut self, model: &str, version: &str, wanted: Wanted<'_>) -> Result<Unlinked> {
        let model = self.db.model(model)?;
        let version = self.db.version(model.id, version)?;
        self.db.unlink(model.id, &version, wanted)
    }

    /// Scores every pair, or those of one model or one piece of hardware, and stores them; with `dry_run` stores nothing.
    ///
    /// # Errors
    /// Unknown model or hardware: exit code 2, with the nearest names; never "score everything".
    pub fn calculate_suitability_scores<'s>(
        &'s mut self,
        rules: &'s RuleSet,
        model: Option<&str>,
        hardware: Option<&str>,
        dry_run: bool,
    ) -> Result<Scores<'s>> {
        let mut scores = HardwareRecommender::new(self.db, rules).calculate(model, hardware)?;
        if !dry_run {
            let known = |name: &str| -> Result<Vec<i64>> {
                Ok(self.db.hardware()?.into_iter().filter(|one| one.is_named(name)).map(|one| one.id).collect())
            };
            let replaced = Replaced {
                task: None,
                model_id: model.map(|name| self.db.model(name)).transpose()?.map(|model| model.id),
                hardware_ids: hardware.map(known).transpose()?,
            };
            store(&mut scores, &replaced)?;
        }
        Ok(scores)
    }
}

impl<'a> HardwareRecommender<'a> {
    /// Scores every model's hardware for a task and stores the recommendations.
    ///
    /// # Errors
    /// A task that no row says: exit code 2, with the nearest names; a database that cannot be written: exit code 1.
    pub fn update_task_recommendations(db: &'a mut Db, rules: &'a RuleSet, task: &str) -> Result<Scores<'a>> {
        let mut scores = HardwareRecommender::new(db, rules).task_scores(task)?;
        store(&mut scores, &Replaced { task: Some(task.to_owned()), ..Replaced::default() })?;
        Ok(scores)
    }
}

/// Stores scores and says what went.
fn store(scores: &mut Scores<'_>, replaced: &Replaced) -> Result<()> {
    let gone = scores.pairs.store(replaced, RuleSet::engine_version(), Timestamp::now().as_microsecond())?;
    if gone > 0 {
        scores.notes.push(format!("{gone} stored before and of which no row is left: removed"));
    }
    scores.stored = true;
    Ok(())
}
