//! Scoring two snapshots on one scale, by the rule set of either or by a mix of both.

use std::collections::BTreeMap;

use crate::Result;
use crate::recommend::judge::{apply, score_for, weights_for};
use crate::rules::records::{RuleRequest, Verdict};
use crate::rules::{RuleSet, SCORING};
use crate::scoring::plan::{Purpose, Scope};
use crate::scoring::result::{ScoredPair, WithoutResult};
use crate::scoring::{Scoring, plan};
use crate::store::{Db, Model};
use crate::versions::snapshot::{FrozenPoint, Snapshot};

/// The rows of two snapshots side by side.
pub(super) struct Scale<'a> {
    db: Db,
    source: &'a Db,
    model: &'a Model,
    snapshots: &'a [Snapshot; 2],
}

/// One piece of hardware of one side.
pub(super) struct Standing {
    /// As it was scored.
    pub pair: ScoredPair,
    /// What the rules made of it.
    pub verdict: Verdict,
    /// 1 is best; `None` without a score.
    pub rank: Option<i64>,
}

impl Standing {
    /// After the rules.
    pub(super) fn score(&self) -> Option<f64> {
        match &self.verdict {
            Verdict::Scored { score, .. } => Some(*score),
            _ => None,
        }
    }
}

/// What a rule set makes of both sides.
pub(super) struct Scored {
    /// By side, then by key of the hardware.
    pub sides: [BTreeMap<i64, Standing>; 2],
    /// The operating points of both sides.
    pub points: Vec<FrozenPoint>,
}

impl<'a> Scale<'a> {
    /// Puts two snapshots of a model side by side.
    pub(super) fn new(source: &'a Db, model: &'a Model, snapshots: &'a [Snapshot; 2]) -> Result<Self> {
        Ok(Self { db: source.over(&[snapshots[0].id, snapshots[1].id])?, source, model, snapshots })
    }

    /// Scores both sides: components against the best of both together, everything else as a snapshot is scored. Ages are counted up
    /// to the day of each.
    ///
    /// # Errors
    /// Weights that a rule made useless, a limit of the sandbox (exit code 1).
    pub(super) fn score(&self, rules: &RuleSet) -> Result<Scored> {
        let requests = [0, 1].map(|side| self.request(&rules.scoring, side));
        let weights = [weights_for(rules, None, &requests[0])?.0, weights_for(rules, None, &requests[1])?.0];
        let alike = weights[0] == weights[1];
        let mut sides = [BTreeMap::new(), BTreeMap::new()];
        let mut points = Vec::new();
        for which in if alike { vec![[true, true]] } else { vec![[true, false], [false, true]] } {
            let weights = &weights[usize::from(!which[0])];
            let scope = self.scope(&rules.scoring, weights.clone());
            let purpose = Purpose { sides: true, samples: true, ..Purpose::default() };
            let mut scored = score_for(&self.db, rules, &scope, &[], purpose)?;
            points = self.db.samples(&scored.plan, &rules.scoring)?;
            let (before, after) = scored.sets.pop().unwrap_or_default().into_iter().partition::<Vec<ScoredPair>, _>(|pair| pair.side == 0);
            for (side, pairs) in [before, after].into_iter().enumerate().filter(|(side, _)| which[*side]) {
                let judged = apply(&self.db, rules, pairs, &requests[side], false)?;
                for (place, (pair, verdict)) in (1..).zip(judged) {
                    let rank = matches!(verdict, Verdict::Scored { .. }).then_some(place);
                    sides[side].insert(pair.hardware_id, Standing { pair, verdict, rank });
                }
            }
        }
        Ok(Scored { sides, points })
    }

    /// Hardware that has rows after, none of which is a result.
    pub(super) fn failing(&self, scoring: &Scoring) -> Result<Vec<WithoutResult>> {
        let after = self.source.over(&[self.snapshots[1].id])?;
        let scope = self.scope(scoring, vec![1.0; scoring.components.len()]);
        let rows = plan::rows(&after.row_relation_of(&plan::columns(scoring, &scope))?, scoring, &scope)?;
        after.without_result(&rows, scoring, &scope, &crate::scoring::result::Overview::default())
    }

    fn request(&self, scoring: &Scoring, side: usize) -> RuleRequest {
        let snapshot = &self.snapshots[side];
        RuleRequest {
            model: self.model.name.clone(),
            version: (!snapshot.all_results).then(|| snapshot.version.clone()),
            profile: scoring.profile.name().to_owned(),
            as_of: snapshot.as_of,
            ..RuleRequest::default()
        }
    }

    fn scope(&self, scoring: &Scoring, weights: Vec<f64>) -> Scope {
        Scope::frozen(self.model.id, weights, scoring.profile)
    }
}

/// The weights of one set with the rules of another; `None` where they do not check together.
pub(super) fn mixed(weights: &RuleSet, rules: &RuleSet) -> Option<RuleSet> {
    let of = |set: &RuleSet, scoring: bool| -> Vec<(String, String)> {
        let wanted = set.files.iter().filter(|file| (file.name == SCORING) == scoring);
        wanted.map(|file| (file.name.clone(), file.text.clone())).collect()
    };
    let files: Vec<(String, String)> = of(weights, true).into_iter().chain(of(rules, false)).collect();
    rules.compile_like(&files).ok()
}
