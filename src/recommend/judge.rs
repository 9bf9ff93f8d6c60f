//! Scoring a scope and applying the rules: what recommending, storing and explaining share.

use std::cmp::Ordering;

use crate::Result;
use crate::rules::records::{Pair, RuleRequest, Verdict, Weights};
use crate::rules::{Evaluator, RuleSet};
use crate::scoring::plan::{self, Plan, Purpose, Scope, WeightSet};
use crate::scoring::result::{Counted, Overview, ScoredPair, SetAside, WithoutResult};
use crate::scoring::weights;
use crate::store::Db;

/// Pairs of one scope with what the rules decided about each.
pub(crate) struct Judged {
    /// Scored pairs and verdicts, those that keep a score first and in the order of the ranking.
    pub pairs: Vec<(ScoredPair, Verdict)>,
    /// Hardware of the chosen rows without a score.
    pub set_aside: Vec<SetAside>,
    /// Hardware of the chosen rows that has no result, beside what was scored; filled where an answer names every candidate.
    pub without_result: Vec<WithoutResult>,
    /// What the notes need.
    pub overview: Overview,
    /// Day number that ages were counted from.
    pub as_of: Option<i64>,
}

impl Judged {
    /// Says of the first `most` that are ranked why each rule left them as they are.
    pub(crate) fn tell_why(&mut self, rules: &RuleSet, request: &RuleRequest, most: usize) {
        for (scored, verdict) in self.pairs.iter_mut().take(most) {
            if let Verdict::Scored { steps, .. } = verdict {
                rules.tell_why(&scored.pair, scored.suitability, request, steps);
            }
        }
    }
}

/// Weights as asked, rules' `weigh` hooks included: by component in the order of scoring.toml, sum 1.
pub(crate) fn weights_for(rules: &RuleSet, task: Option<&str>, request: &RuleRequest) -> Result<(Vec<f64>, Vec<String>)> {
    let asked: Weights = weights::asked(&rules.scoring, task, &request.requirements)?;
    if asked.values().all(|weight| *weight == 0.0) {
        return Err(rules.zeroed(task, &request.requirements));
    }
    let (weighed, notes) = rules.evaluator().weigh(&asked, request)?;
    let shares = weights::renormalise(&rules.scoring, &weighed);
    Ok((shares.map_err(|error| if notes.is_empty() { error } else { error.help(notes.join("; ")) })?, notes))
}

/// Scores the scope and applies the rules to every pair.
pub(crate) fn judge(db: &Db, rules: &RuleSet, scope: &Scope, request: &RuleRequest, strict: bool) -> Result<Judged> {
    let mut scored = score(db, rules, scope, &[])?;
    let pairs = scored.sets.pop().unwrap_or_default();
    scored.judge(db, rules, scope, request, strict, pairs)
}

/// What a plan scored, before the rules.
pub(crate) struct Scored {
    /// The plan, whose tables are filled.
    pub plan: Plan,
    /// How much it chose.
    pub counted: Counted,
    /// The pairs of each weight set, the scope's own first.
    pub sets: Vec<Vec<ScoredPair>>,
}

/// Scores the scope by its own weights and by other weight sets, which are above 0 in the same components. Where the rows have two
/// sides, both are on one scale.
pub(crate) fn score(db: &Db, rules: &RuleSet, scope: &Scope, others: &[WeightSet]) -> Result<Scored> {
    let sides = db.has_sides();
    score_for(db, rules, scope, others, Purpose { sides, samples: sides, ..Purpose::default() })
}

/// The same for a purpose.
pub(crate) fn score_for(db: &Db, rules: &RuleSet, scope: &Scope, others: &[WeightSet], purpose: Purpose) -> Result<Scored> {
    let scoring = &rules.scoring;
    let relation = db.row_relation_of(&plan::columns_for(scoring, scope, purpose))?;
    let both_profiles = others.iter().any(|set| set.profile != scope.profile);
    let plan = plan::plan(&relation, scoring, scope, Purpose { both_profiles, ..purpose })?;
    let counted = db.run_plan(&plan)?;
    let mut sets = vec![WeightSet { weights: scope.weights.clone(), profile: scope.profile }];
    sets.extend_from_slice(others);
    let sets = weigh(db, rules, scope, &plan, &sets)?;
    Ok(Scored { plan, counted, sets })
}

/// The pairs of weight sets, of the plan that ran last.
pub(crate) fn weigh(db: &Db, rules: &RuleSet, scope: &Scope, plan: &Plan, sets: &[WeightSet]) -> Result<Vec<Vec<ScoredPair>>> {
    let mut sets = db.weigh(plan, &rules.scoring, sets)?;
    for pairs in &mut sets {
        whole_peaks(pairs, scope);
    }
    Ok(sets)
}

impl Scored {
    /// Applies the rules to pairs of the plan, which ran last, and reads what else an answer says.
    pub(crate) fn judge(
        &self,
        db: &Db,
        rules: &RuleSet,
        scope: &Scope,
        request: &RuleRequest,
        strict: bool,
        pairs: Vec<ScoredPair>,
    ) -> Result<Judged> {
        let overview = db.overview(&self.plan, self.counted, &rules.scoring, scope)?;
        let set_aside = db.set_aside(scope)?;
        let as_of = request.as_of;
        Ok(Judged { pairs: apply(db, rules, pairs, request, strict)?, set_aside, without_result: Vec::new(), overview, as_of })
    }
}

/// Rules hold the peak against the memory of all devices together, so they read it as it was measured.
pub(crate) fn whole_peaks(pairs: &mut [ScoredPair], scope: &Scope) {
    if scope.per_device {
        for scored in pairs {
            scored.pair.memory_peak_mb = scored.pair.memory_peak_mb.map(|mb| mb * scored.pair.device_count as f64);
        }
    }
}

/// Applies the rules to scored pairs and puts them in order: by model; with a score before without; contested first; measured,
/// simulated, estimated; score, compatibility descending; hardware label.
pub(crate) fn apply(
    db: &Db,
    rules: &RuleSet,
    mut pairs: Vec<ScoredPair>,
    request: &RuleRequest,
    strict: bool,
) -> Result<Vec<(ScoredPair, Verdict)>> {
    for scored in &mut pairs {
        scored.pair.age_days = request.as_of.zip(scored.tested_day).map(|(now, then)| now - then);
    }
    let known: Vec<(&Pair, f64)> = pairs.iter().map(|scored| (&scored.pair, scored.suitability)).collect();
    let verdicts = db.judge(rules, &known, request, false, strict)?.verdicts;
    let mut judged: Vec<(ScoredPair, Verdict)> = pairs.into_iter().zip(verdicts).collect();
    in_order(&mut judged);
    Ok(judged)
}

/// Puts judged pairs in the order of the ranking; what is alike stays as it is.
pub(crate) fn in_order(judged: &mut [(ScoredPair, Verdict)]) {
    judged.sort_by(|(one, by_one), (two, by_two)| place(one, by_one).partial_cmp(&place(two, by_two)).unwrap_or(Ordering::Equal));
}

/// What a judged pair is ordered by, smallest first. No number in it is NaN.
pub(crate) fn place<'a>(scored: &'a ScoredPair, verdict: &Verdict) -> (&'a str, bool, bool, u8, f64, f64, &'a str) {
    let pair = &scored.pair;
    let provenance = match pair.provenance.as_str() {
        "measured" => 0,
        "simulated" => 1,
        _ => 2,
    };
    let score = if let Verdict::Scored { score, .. } = verdict { Some(*score) } else { None };
    (&pair.model, score.is_none(), pair.uncontested, provenance, -score.unwrap_or(0.0), -pair.compatibility, &pair.hardware)
}

/// Label of the first, when it has a score.
pub(crate) fn winner(pairs: &[(ScoredPair, Verdict)]) -> Option<&str> {
    pairs.first().filter(|(_, verdict)| matches!(verdict, Verdict::Scored { .. })).map(|(scored, _)| scored.pair.hardware.as_str())
}
