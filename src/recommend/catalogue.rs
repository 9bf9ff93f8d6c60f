//! Scoring many models at once: the stored pairs, and the recommendations of a task.

use serde::Serialize;
use serde::ser::{Error as _, SerializeSeq, Serializer};

use super::answer::SCHEMA_VERSION;
use super::judge::{apply, weigh, weights_for};
use super::recommender::HardwareRecommender;
use crate::rules::Engine;
use crate::rules::records::{RuleRequest, Verdict};
use crate::scoring::plan::{self, Purpose, Scope, WeightSet};
use crate::scoring::result::{Counted, ScoredPair};
use crate::store::{Bare, PairFilter, Part, Scored, StoredScore};
use crate::{Error, Result};

/// Rows from which on planning a few more queries takes less than reading pairs and interpreting rules.
const WORTH_IT: i64 = 20_000;

/// The scores of many pairs. They stay in the database until they are asked for: a large catalogue has more of them than memory holds.
#[derive(Serialize)]
pub struct Scores<'a> {
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
    #[serde(serialize_with = "documents")]
    pub pairs: Scored<'a>,
    /// What a reader must know: weights that rules set, stored scores that were removed.
    pub notes: Vec<String>,
    /// What may be wrong with data or rules.
    pub warnings: Vec<String>,
}

/// The score of one model on one piece of hardware, as it is printed.
#[derive(Serialize)]
struct PairScore<'a> {
    model: &'a str,
    hardware: &'a str,
    compatibility_score: f64,
    suitability_score: f64,
    final_score: Option<f64>,
    rank: Option<i64>,
    confidence: f64,
    results: i64,
    recommended_batch_size: Option<i64>,
    recommended_precision: Option<&'a str>,
    memory_requirement: Option<f64>,
    provenance: &'a str,
    notes: Option<&'a str>,
}

/// Writes scores one by one.
fn documents<S: Serializer>(pairs: &Scored<'_>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    let mut list = serializer.serialize_seq(None)?;
    let mut unwritten = None;
    let read = pairs.each(&mut |one| {
        list.serialize_element(&PairScore::from(&one)).map_err(|error| {
            unwritten = Some(error);
            Error::failed("not written")
        })
    });
    match (unwritten, read) {
        (Some(error), _) => Err(error),
        (None, Err(error)) => Err(S::Error::custom(error.message)),
        (None, Ok(())) => list.end(),
    }
}

impl<'a> From<&'a StoredScore> for PairScore<'a> {
    fn from(one: &'a StoredScore) -> Self {
        Self {
            model: &one.model,
            hardware: &one.hardware,
            compatibility_score: one.compatibility,
            suitability_score: one.suitability,
            final_score: one.final_score,
            rank: one.rank,
            confidence: one.confidence,
            results: one.results,
            recommended_batch_size: one.recommended_batch_size,
            recommended_precision: one.recommended_precision.as_deref(),
            memory_requirement: one.memory_requirement,
            provenance: &one.provenance,
            notes: one.notes.as_deref(),
        }
    }
}

impl<'a> HardwareRecommender<'a> {
    /// Scores every pair (or those of one model, of one piece of hardware) over the cells of every task, by base weights.
    /// Filters apply after everything else, so that a pair's score, age and fingerprint are the same with and without them.
    ///
    /// # Errors
    /// Unknown model or hardware: exit code 2, with the nearest names.
    pub fn calculate(&self, model: Option<&str>, hardware: Option<&str>) -> Result<Scores<'a>> {
        self.catalogue(model, hardware, None)
    }

    /// Scores every model's hardware for a task, by the task's weights and rules.
    ///
    /// # Errors
    /// A task that neither data nor scoring.toml knows: exit code 2, with the nearest names.
    pub fn task_scores(&self, task: &str) -> Result<Scores<'a>> {
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

    fn catalogue(&self, model: Option<&str>, hardware: Option<&str>, task: Option<&str>) -> Result<Scores<'a>> {
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
        let (mut pairs, mut counted) = (Scored::new(self.db, &self.rules.hash)?, Counted::default());
        // Cells are of one model, so that a part of the models is scored as it is in the whole.
        let parts = self.db.parts_of_rows(self.at_once)?;
        let bare = if parts.iter().any(|part| self.inside(part)) { self.db.bare()? } else { Bare::default() };
        for part in parts {
            counted.add(self.part(part, &scope, &request, &filter, &bare, &mut pairs)?);
        }
        let fingerprint = counted.fingerprint();
        pairs.rest_on(&fingerprint);
        let mut warnings: Vec<String> = self.rules.warnings.iter().map(crate::rules::RuleError::line).collect();
        warnings.sort();
        if let Some((count, model, hardware)) = pairs.failed()? {
            let (pairs, on) = if count == 1 { ("1 pair has".to_owned(), "it") } else { (format!("{count} pairs have"), "them") };
            warnings.push(format!("{pairs} no score, because a rule failed on {on}: notes say why, first those of {model} x {hardware}"));
        }
        Ok(Scores {
            schema_version: SCHEMA_VERSION,
            task: task.map(str::to_owned),
            rule_set: self.rules.hash.clone(),
            data_fingerprint: fingerprint,
            stored: false,
            pairs,
            notes,
            warnings,
        })
    }

    /// Whether a part has so many rows that everything is done inside the database.
    fn inside(&self, part: &Part) -> bool {
        match self.rules.engine {
            Engine::Auto => part.rows >= WORTH_IT,
            Engine::Interpreted => false,
            Engine::Compiled => true,
        }
    }

    /// Adds the scores of the models of a scope, in the order of their ranks; returns the sums of the content hashes of the rows used.
    fn part(
        &self,
        part: Part,
        scope: &Scope,
        request: &RuleRequest,
        filter: &PairFilter,
        bare: &Bare,
        scored: &mut Scored<'_>,
    ) -> Result<(u64, u64)> {
        let (scoring, scope) = (&self.rules.scoring, &Scope { among: part.among, ..scope.clone() });
        let inside = self.inside(&part);
        let relation = self.db.row_relation_of_many(&plan::columns(scoring, scope), bare)?;
        let plan = plan::plan(&relation, scoring, scope, Purpose { lean: inside, ..Purpose::default() })?;
        let counted = self.db.run_plan(&plan)?;
        if inside {
            scored.add_plan(&plan, self.rules, scope, request, self.strict, filter)?;
            return Ok(counted.print);
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
        for (pair, verdict) in &apply(self.db, self.rules, pairs, request, self.strict)? {
            if last != Some(pair.model_id) {
                (last, rank) = (Some(pair.model_id), 0);
            }
            rank += 1;
            if is_wanted(pair) {
                stored.push(self.stored(pair, verdict, rank));
            }
        }
        scored.add(&stored)?;
        Ok(counted.print)
    }

    pub(super) fn stored(&self, scored: &ScoredPair, verdict: &Verdict, rank: i64) -> StoredScore {
        let components: serde_json::Map<String, serde_json::Value> = scored
            .best_entry()
            .map(|entry| {
                let names = self.rules.scoring.components.iter().map(|component| component.name.clone());
                names.zip(entry.components.iter().map(|component| serde_json::json!(component.score))).collect()
            })
            .unwrap_or_default();
        let (final_score, why) = verdict.outcome();
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
