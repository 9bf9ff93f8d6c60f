//! Scoring one version of a model as a snapshot keeps it: stored pairs, and the operating points beneath them.

use super::judge::{score_for, weights_for};
use super::recommender::HardwareRecommender;
use crate::Result;
use crate::rules::records::RuleRequest;
use crate::scoring::plan::{Purpose, Scope, VersionRows};
use crate::store::{Model, StoredScore};
use crate::versions::snapshot::FrozenPoint;

/// What one version comes to.
pub(crate) struct VersionScores {
    /// One a piece of hardware, by rank; those without a score last.
    pub scores: Vec<StoredScore>,
    /// The operating points.
    pub points: Vec<FrozenPoint>,
    /// Order-free sum of the content hashes of the results used, hex.
    pub fingerprint: String,
    /// What rules said of the weights.
    pub notes: Vec<String>,
}

impl HardwareRecommender<'_> {
    /// Scores the rows of one version over the cells of every task, by base weights, as `calculate-scores` does a model's. `version`:
    /// its tag, and which rows are its own; `None` takes all rows of the model.
    ///
    /// # Errors
    /// Weights that a rule made useless, a limit of the sandbox (exit code 1).
    pub(crate) fn version_scores(&self, model: &Model, version: Option<(&str, VersionRows)>, as_of: Option<i64>) -> Result<VersionScores> {
        let scoring = &self.rules.scoring;
        let request = RuleRequest {
            model: model.name.clone(),
            version: version.map(|(tag, _)| tag.to_owned()),
            profile: scoring.profile.name().to_owned(),
            as_of,
            ..RuleRequest::default()
        };
        let (weights, notes) = weights_for(self.rules, None, &request)?;
        let scope = Scope { model_id: Some(model.id), version: version.map(|(_, rows)| rows), ..Scope::all(weights, scoring.profile) };
        let mut scored = score_for(self.db, self.rules, &scope, &[], Purpose { samples: true, ..Purpose::default() })?;
        let points = self.db.samples(&scored.plan, scoring)?;
        let pairs = scored.sets.pop().unwrap_or_default();
        let judged = scored.judge(self.db, self.rules, &scope, &request, self.strict, pairs)?;
        let fingerprint = judged.overview.fingerprint;
        let scores = (1..).zip(&judged.pairs).map(|(rank, (scored, verdict))| StoredScore {
            rule_set: self.rules.hash.clone(),
            data_fingerprint: fingerprint.clone(),
            ..self.stored(scored, verdict, rank)
        });
        let scores = scores.collect();
        Ok(VersionScores { scores, points, fingerprint, notes })
    }
}
