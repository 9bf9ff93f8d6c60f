//! Scoring many models at once: the stored pairs, and the recommendations of a task.

use serde::Serialize;

use super::answer::SCHEMA_VERSION;
use super::judge::{apply, weigh, weights_for};
use super::recommender::HardwareRecommender;
use crate::rules::Engine;
use crate::rules::records::{RuleRequest, Verdict};
use crate::scoring::plan::{self, Purpose, Scope, WeightSet};
use crate::scoring::result::{Counted, ScoredPair};
use crate::store::{PairFilter, StoredScore};
use crate::{Error, Result};

/// Rows from which on planning a few more queries takes less than reading pairs and interpreting rules.
const WORTH_IT: i64 = 20_000;

/// The scores of many pairs.
#[derive(Clone, Debug, Serialize)]
pub struct Scores {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The task; null for the pairs of `calculate-scores`.
    pub task: Option<String>,
    /// SHA-256 of the rule set, hex.
    pub rule_set: String,
    /// Order-free sum of the content hashes of the rows used, hex.
    pub data_fingerprint: String,
    /// Whether they were stored.
    pub stored: bool,
    /// One a model and hardware, by model and rank.
    pub pairs: Vec<PairScore>,
    /// What a reader must know: weights that rules set, stored scores that were removed.
    pub notes: Vec<String>,
    /// What may be wrong with data or rules.
    pub warnings: Vec<String>,
}

/// The score of one model on one piece of hardware.
#[derive(Clone, Debug, Serialize)]
pub struct PairScore {
    /// Name of the model.
    pub model: String,
    /// Label of the hardware.
    pub hardware: String,
    /// In [0, 1].
    pub compatibility_score: f64,
    /// compatibility x confidence, before rules.
    pub suitability_score: f64,
    /// After the rules; null when a rule took it out or failed.
    pub final_score: Option<f64>,
    /// 1 is best; null without a score.
    pub rank: Option<i64>,
    /// In [0, 1].
    pub confidence: f64,
    /// Rows that count.
    pub results: i64,
    /// Of the best point.
    pub recommended_batch_size: Option<i64>,
    /// Of the best point.
    pub recommended_precision: Option<String>,
    /// Of the best point, MB.
    pub memory_requirement: Option<f64>,
    /// measured, simulated or estimated.
    pub provenance: String,
    /// What is missing or uncontested, and why there is no score.
    pub notes: Option<String>,
}

impl HardwareRecommender<'_> {
    /// Scores every pair (or those of one model, of one piece of hardware) over the cells of every task, by base weights.
    /// Filters apply after everything else, so that a pair's score, age and fingerprint are the same with and without them. Returns what to print and what to store.
    ///
    /// # Errors
    /// Unknown model or hardware: exit code 2, with the nearest names.
    pub fn calculate(&self, model: Option<&str>, hardware: Option<&str>) -> Result<(Scores, Vec<StoredScore>)> {
        self.catalogue(model, hardware, None)
    }

    /// Scores every model's hardware for a task, by the task's weights and rules.
    ///
    /// # Errors
    /// A task that neither data nor scoring.toml knows: exit code 2, with the nearest names.
    pub fn task_scores(&self, task: &str) -> Result<(Scores, Vec<StoredScore>)> {
        let known = self.db.tasks()?;
        if !known.iter().any(|known| known == task) {
            return Err(if self.rules.scoring.tasks.contains_key(task) {
                Error::input(format!("no benchmark row says task `{task}`"))
            } else {
                Error::unknown_listed("task", task, known.iter().map(String::as_str))
            });
        }
        self.catalogue(None, None, Some(task))
    }

    fn catalogue(&self, model: Option<&str>, hardware: Option<&str>, task: Option<&str>) -> Result<(Scores, Vec<StoredScore>)> {
        let scoring = &self.rules.scoring;
        let model_id = model.map(|name| self.db.model(name)).transpose()?.map(|model| model.id);
        if let Some(name) = hardware {
            self.db.known_hardware(&[name.to_owned()])?;
        }
        let request = RuleRequest {
            task: task.map(str::to_owned),
            profile: scoring.profile.name().to_owned(),
            as_of: self.db.newest_day()?,
            ..RuleRequest::default()
        };
        let (weights, notes) = weights_for(self.rules, task, &request)?;
        let scope = Scope { task: task.map(str::to_owned), ..Scope::all(weights, scoring.profile) };
        let filter = PairFilter { model_id, hardware: hardware.map(str::to_owned) };
        let (mut stored, mut counted) = (Vec::new(), Counted::default());
        // Cells are of one model, so that a part of the models is scored as it is in the whole.
        for among in self.db.parts_of_rows(self.at_once)? {
            let (print, scores) = self.part(&Scope { among, ..scope.clone() }, &request, &filter)?;
            counted.add(print);
            stored.extend(scores);
        }
        stored.sort_by(|one, two| one.model.cmp(&two.model));
        let fingerprint = counted.fingerprint();
        for one in &mut stored {
            one.data_fingerprint.clone_from(&fingerprint);
            one.rule_set.clone_from(&self.rules.hash);
        }
        let pairs = stored.iter().map(printed).collect();
        let mut warnings: Vec<String> = self.rules.warnings.iter().map(crate::rules::RuleError::line).collect();
        warnings.sort();
        let scores = Scores {
            schema_version: SCHEMA_VERSION,
            task: task.map(str::to_owned),
            rule_set: self.rules.hash.clone(),
            data_fingerprint: fingerprint,
            stored: false,
            pairs,
            notes,
            warnings,
        };
        Ok((scores, stored))
    }

    /// The scores of the models of a scope, in the order of their ranks, and the sums of the content hashes of the rows used. Where
    /// there are many rows everything is done inside the database.
    fn part(&self, scope: &Scope, request: &RuleRequest, filter: &PairFilter) -> Result<((u64, u64), Vec<StoredScore>)> {
        let scoring = &self.rules.scoring;
        let relation = self.db.row_relation_of(&plan::columns(scoring, scope))?;
        let plan = plan::plan(&relation, scoring, scope, Purpose::default())?;
        let counted = self.db.run_plan(&plan)?;
        let inside = match self.rules.engine {
            Engine::Auto => counted.rows >= WORTH_IT,
            Engine::Interpreted => false,
            Engine::Compiled => true,
        };
        if inside {
            return Ok((counted.print, self.db.catalogue(&plan, self.rules, scope, request, self.strict, filter)?));
        }
        let set = WeightSet { weights: scope.weights.clone(), profile: scope.profile };
        let pairs = weigh(self.db, self.rules, scope, &plan, &[set])?.pop().unwrap_or_default();
        let is_wanted = |scored: &ScoredPair| {
            let pair = &scored.pair;
            let named = |name: &String| [&pair.hardware, &pair.hardware_name, &pair.hardware_type].contains(&name);
            filter.model_id.is_none_or(|id| scored.model_id == id) && filter.hardware.as_ref().is_none_or(named)
        };
        let mut stored = Vec::new();
        let (mut last, mut rank) = (None, 0);
        for (scored, verdict) in &apply(self.db, self.rules, pairs, request, self.strict)? {
            if last != Some(scored.model_id) {
                (last, rank) = (Some(scored.model_id), 0);
            }
            rank += 1;
            if is_wanted(scored) {
                stored.push(self.stored(scored, verdict, rank));
            }
        }
        Ok((counted.print, stored))
    }

    pub(super) fn stored(&self, scored: &ScoredPair, verdict: &Verdict, rank: i64) -> StoredScore {
        let components: serde_json::Map<String, serde_json::Value> = scored
            .best_entry()
            .map(|entry| {
                let names = self.rules.scoring.components.iter().map(|component| component.name.clone());
                names.zip(entry.components.iter().map(|component| serde_json::json!(component.score))).collect()
            })
            .unwrap_or_default();
        let (final_score, why) = match verdict {
            Verdict::Scored { score, .. } => (Some(*score), None),
            Verdict::Excluded { rule, reason } => (None, Some(format!("excluded by {rule}: {reason}"))),
            Verdict::Failed { message, .. } => (None, Some(format!("not scored: {message}"))),
        };
        let pair = &scored.pair;
        StoredScore {
            model_id: scored.model_id,
            model: pair.model.clone(),
            hardware_id: scored.hardware_id,
            hardware: pair.hardware.clone(),
            compatibility: pair.compatibility,
            suitability: scored.suitability,
            final_score,
            rank: final_score.map(|_| rank),
            confidence: pair.confidence,
            results: pair.results,
            recommended_batch_size: pair.batch_size,
            recommended_precision: pair.precision.clone(),
            memory_requirement: pair.memory_peak_mb,
            components: serde_json::Value::Object(components).to_string(),
            provenance: pair.provenance.clone(),
            notes: self.stored_notes(scored, why),
            rule_set: String::new(),
            data_fingerprint: String::new(),
        }
    }

    fn stored_notes(&self, scored: &ScoredPair, why: Option<String>) -> Option<String> {
        let mut notes: Vec<String> = why.into_iter().collect();
        if scored.pair.uncontested {
            notes.push("uncontested".to_owned());
        }
        if let Some(entry) = scored.best_entry() {
            let missing: Vec<&str> = entry
                .components
                .iter()
                .zip(&self.rules.scoring.components)
                .filter(|(component, declared)| component.basis.is_none() && declared.weight > 0.0)
                .map(|(_, declared)| declared.name.as_str())
                .collect();
            if !missing.is_empty() {
                notes.push(format!("missing: {}", missing.join(", ")));
            }
        }
        (!notes.is_empty()).then(|| notes.join("; "))
    }
}

fn printed(one: &StoredScore) -> PairScore {
    PairScore {
        model: one.model.clone(),
        hardware: one.hardware.clone(),
        compatibility_score: one.compatibility,
        suitability_score: one.suitability,
        final_score: one.final_score,
        rank: one.rank,
        confidence: one.confidence,
        results: one.results,
        recommended_batch_size: one.recommended_batch_size,
        recommended_precision: one.recommended_precision.clone(),
        memory_requirement: one.memory_requirement,
        provenance: one.provenance.clone(),
        notes: one.notes.clone(),
    }
}
