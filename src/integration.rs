//! The calls that extend a benchmark database: schema, links, stored scores. They read the clock, so that scoring need not.

use jiff::Timestamp;

use crate::Result;
use crate::recommend::{HardwareRecommender, Scores};
use crate::rules::RuleSet;
use crate::store::{Db, SchemaReport};

/// Extends a benchmark database by what Suitor keeps in it.
///
/// ```
/// use suitor::{ModelRegistryIntegration, rules::RuleSet, store::Db};
///
/// let mut db = Db::open_in_memory()?;
/// let mut registry = ModelRegistryIntegration::new(&mut db);
/// registry.create_schema_extensions()?;
/// let scores = registry.calculate_suitability_scores(&RuleSet::embedded()?, None, None, false)?;
/// assert!(scores.pairs.is_empty());
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

    /// Scores every pair, or those of one model or one piece of hardware, and stores them; with `dry_run` stores nothing.
    ///
    /// # Errors
    /// Unknown model or hardware: exit code 2, with the nearest names; never "score everything".
    pub fn calculate_suitability_scores(
        &mut self,
        rules: &RuleSet,
        model: Option<&str>,
        hardware: Option<&str>,
        dry_run: bool,
    ) -> Result<Scores> {
        let (mut scores, stored) = HardwareRecommender::new(self.db, rules).calculate(model, hardware)?;
        if !dry_run {
            self.db.store_scores(&stored, None, RuleSet::engine_version(), Timestamp::now().as_microsecond())?;
            scores.stored = true;
        }
        Ok(scores)
    }
}

impl HardwareRecommender<'_> {
    /// Scores every model's hardware for a task and stores the recommendations.
    ///
    /// # Errors
    /// A task that no row says: exit code 2, with the nearest names; a database that cannot be written: exit code 1.
    pub fn update_task_recommendations(db: &mut Db, rules: &RuleSet, task: &str) -> Result<Scores> {
        let (mut scores, stored) = HardwareRecommender::new(db, rules).task_scores(task)?;
        db.store_scores(&stored, Some(task), RuleSet::engine_version(), Timestamp::now().as_microsecond())?;
        scores.stored = true;
        Ok(scores)
    }
}
