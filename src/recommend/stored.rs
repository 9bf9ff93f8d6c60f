//! What was stored, held against the rules and the data of now.

use serde::Serialize;

use super::answer::SCHEMA_VERSION;
use super::recommender::HardwareRecommender;
use super::request::Request;
use crate::Result;

/// Stored scores of one model.
#[derive(Clone, Debug, Serialize)]
pub struct StoredList {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Name of the model.
    pub model: String,
    /// The task of the recommendations; null for the pairs of `calculate-scores`.
    pub task: Option<String>,
    /// Best first.
    pub pairs: Vec<StoredOne>,
    /// What a reader must know.
    pub notes: Vec<String>,
    /// What may be wrong.
    pub warnings: Vec<String>,
}

/// One stored score.
#[derive(Clone, Debug, Serialize)]
pub struct StoredOne {
    /// 1 is best; null without a score.
    pub rank: Option<i64>,
    /// Label.
    pub hardware: String,
    /// After the rules; null when a rule took it out.
    pub score: Option<f64>,
    /// Before the rules.
    pub suitability: f64,
    /// In [0, 1].
    pub confidence: f64,
    /// Rows that counted.
    pub results: i64,
    /// measured, simulated or estimated.
    pub provenance: String,
    /// What has moved since: `rules`, `data`; `rows` when no row gives the pair a score any more.
    pub stale: Vec<String>,
    /// Hash of the rule set that it was made with.
    pub rule_set: String,
}

impl HardwareRecommender<'_> {
    /// Returns the stored recommendations of the model for the request's task, or its stored pairs when no task is named;
    /// each marked by what has moved since.
    ///
    /// # Errors
    /// Unknown model: exit code 2, with the nearest names.
    pub fn stored_recommendations(&self, request: &Request) -> Result<StoredList> {
        let model = self.db.model(&request.model)?;
        let task = request.task.as_deref();
        let stored = self.db.stored_scores(model.id, task)?;
        let now = match task {
            Some(_) if stored.is_empty() => None,
            // The task's last row may be gone.
            Some(task) if !self.db.tasks()?.iter().any(|known| known == task) => None,
            Some(task) => Some(self.task_scores(task)?),
            None => Some(self.calculate(None, None)?),
        };
        let hardware = now.as_ref().map(|now| now.pairs.hardware_of(model.id)).transpose()?.unwrap_or_default();
        // Where no pair has a score there is nothing that the stored ones could rest on.
        let fingerprint = match &now {
            Some(now) if now.pairs.count()?.0 > 0 => Some(&now.data_fingerprint),
            _ => None,
        };
        let notes = if stored.is_empty() {
            vec![match task {
                Some(task) => {
                    format!("nothing is stored for `{}` and task `{task}`; `suitor update-task --task {task}` stores it", model.name)
                }
                None => format!("nothing is stored for `{}`; `suitor calculate-scores` stores it", model.name),
            }]
        } else {
            Vec::new()
        };
        let mut rank = 0;
        let pairs = stored
            .into_iter()
            .map(|one| {
                let mut stale = Vec::new();
                if one.rule_set != self.rules.hash {
                    stale.push("rules".to_owned());
                }
                if Some(&one.data_fingerprint) != fingerprint {
                    stale.push("data".to_owned());
                }
                if !hardware.contains(&one.hardware_id) {
                    stale.push("rows".to_owned());
                }
                rank += i64::from(one.final_score.is_some());
                StoredOne {
                    rank: one.final_score.map(|_| one.rank.unwrap_or(rank)),
                    hardware: one.hardware,
                    score: one.final_score,
                    suitability: one.suitability,
                    confidence: one.confidence,
                    results: one.results,
                    provenance: one.provenance,
                    stale,
                    rule_set: one.rule_set,
                }
            })
            .take(request.top_k.unwrap_or(usize::MAX))
            .collect();
        Ok(StoredList {
            schema_version: SCHEMA_VERSION,
            model: model.name,
            task: task.map(str::to_owned),
            pairs,
            notes,
            warnings: Vec::new(),
        })
    }
}
