//! Measures the stability of an answer: many weight sets through the one query and the rules.

use std::collections::{BTreeMap, HashMap};

use super::answer::{Candidate, Change, LeftOut, Moved, Profiles, Stability};
use super::search::{STEPS, TOLERANCE, Way, nearest};
use super::space::{GROUPS, factor, kendall, samples, share};
use crate::recommend::answer::SCHEMA_VERSION;
use crate::recommend::judge::{Judged, apply, score, weigh};
use crate::recommend::recommender::{Resolved, asked};
use crate::recommend::{HardwareRecommender, Request};
use crate::rules::records::{RuleRequest, Verdict};
use crate::scoring::plan::{self, Plan, Purpose, Scope, WeightSet};
use crate::scoring::result::ScoredPair;
use crate::scoring::{Profile, weights};
use crate::{Error, Result};

/// How many weight sets are drawn when nothing else is said.
pub const SAMPLES: usize = 2048;

/// Pairs that are scored and judged at once, so that memory does not grow with the samples.
const AT_ONCE: usize = 20_000;

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Weight sets; rounded up to whole groups of 16.
    pub samples: usize,
    /// The same seed draws the same.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { samples: SAMPLES, seed: 0 }
    }
}

impl HardwareRecommender<'_> {
    /// Measures how much the answer to a request hangs on its weights, on the full score, after the rules.
    ///
    /// An answer without a winner is measured too: its notes say why there is nothing to measure.
    ///
    /// # Errors
    /// Those of [`Self::recommend_hardware`]; no sample (exit code 2).
    pub fn stability(&self, request: &Request, options: Options) -> Result<Stability> {
        if options.samples == 0 {
            return Err(Error::input("there is nothing to draw: expected at least one sample"));
        }
        let resolved = self.resolve(request)?;
        let scope = &resolved.scope;
        let other = if scope.profile == Profile::Documented { Profile::Ratio } else { Profile::Documented };
        let mut scored = score(self.db, self.rules, scope, &[WeightSet { weights: scope.weights.clone(), profile: other }])?;
        let (others, own) = (scored.sets.pop().unwrap_or_default(), scored.sets.pop().unwrap_or_default());
        let judged = scored.judge(self.db, self.rules, scope, &resolved.rule_request, self.strict, own)?;
        let under_other = RuleRequest { profile: other.name().to_owned(), ..resolved.rule_request.clone() };
        let others = apply(self.db, self.rules, others, &under_other, self.strict)?;
        // From here on there is one profile.
        let relation = self.db.row_relation_of(&plan::columns(&self.rules.scoring, scope))?;
        let mut work = Work { recommender: self, resolved: &resolved, relation, plan: scored.plan.clone(), pairs: judged.pairs.len() };
        work.plan = work.planned(scope, None)?;
        let each = options.samples.div_ceil(GROUPS);
        let (candidates, none_share) = work.candidates(&judged, each, options.seed)?;
        let changes = if judged.pairs.is_empty() { Vec::new() } else { work.changes(&judged)? };
        let left_out = work.left_out(&judged)?;
        let mut warnings: Vec<String> = self.rules.warnings.iter().map(crate::rules::RuleError::line).collect();
        warnings.sort();
        Ok(Stability {
            schema_version: SCHEMA_VERSION,
            request: asked(request, &resolved, &judged),
            rule_set: self.rules.hash.clone(),
            data_fingerprint: judged.overview.fingerprint.clone(),
            winner: judged.winner().map(str::to_owned),
            weights: self.rules.scoring.components.iter().map(|one| one.name.clone()).zip(scope.weights.iter().copied()).collect(),
            samples: each * GROUPS,
            seed: options.seed,
            candidates,
            none_share,
            changes,
            tolerance: TOLERANCE,
            left_out,
            profiles: judged.winner().map(|_| profiles(scope.profile, &judged.pairs, &others)),
            notes: work.notes(&judged),
            warnings,
        })
    }
}

/// One measurement under way: the plan's tables are filled.
struct Work<'a> {
    recommender: &'a HardwareRecommender<'a>,
    resolved: &'a Resolved,
    relation: String,
    plan: Plan,
    pairs: usize,
}

/// Keys of the ranked, best first.
fn order(pairs: &[(ScoredPair, Verdict)]) -> Vec<i64> {
    pairs.iter().filter(|(_, verdict)| matches!(verdict, Verdict::Scored { .. })).map(|(scored, _)| scored.hardware_id).collect()
}

/// Labels by key, of everything that was scored.
fn labels(judged: &Judged) -> HashMap<i64, String> {
    judged.pairs.iter().map(|(scored, _)| (scored.hardware_id, scored.pair.hardware.clone())).collect()
}

impl Work<'_> {
    fn planned(&self, scope: &Scope, without: Option<i64>) -> Result<Plan> {
        plan::plan(&self.relation, &self.recommender.rules.scoring, scope, Purpose { without, ..Purpose::default() })
    }

    /// Scores the weight sets of the plan that ran last and applies the rules: the ranked of each, best first.
    fn orders(&self, plan: &Plan, scope: &Scope, sets: &[Vec<f64>]) -> Result<Vec<Vec<i64>>> {
        let HardwareRecommender { db, rules, strict, .. } = *self.recommender;
        let mut all = Vec::with_capacity(sets.len());
        for part in sets.chunks((AT_ONCE / self.pairs.max(1)).max(1)) {
            let part: Vec<WeightSet> = part.iter().map(|set| WeightSet { weights: set.clone(), profile: scope.profile }).collect();
            for pairs in weigh(db, rules, scope, plan, &part)? {
                all.push(order(&apply(db, rules, pairs, &self.resolved.rule_request, strict)?));
            }
        }
        Ok(all)
    }

    fn firsts(&self, sets: &[Vec<f64>]) -> Result<Vec<Option<i64>>> {
        Ok(self.orders(&self.plan, &self.resolved.scope, sets)?.into_iter().map(|order| order.first().copied()).collect())
    }

    /// The ranked with their shares of the weight space, and the share of nothing.
    fn candidates(&self, judged: &Judged, each: usize, seed: u64) -> Result<(Vec<Candidate>, f64)> {
        let mut groups: Vec<HashMap<Option<i64>, usize>> = vec![HashMap::new(); GROUPS];
        let sets = samples(&self.resolved.scope.weights, each, seed);
        if !judged.pairs.is_empty() {
            for (wins, sets) in groups.iter_mut().zip(&sets) {
                for first in self.firsts(sets)? {
                    *wins.entry(first).or_default() += 1;
                }
            }
        }
        let of = |first: Option<i64>| {
            let shares: Vec<f64> = groups.iter().map(|wins| wins.get(&first).copied().unwrap_or(0) as f64 / each as f64).collect();
            share(&shares, each * GROUPS)
        };
        let ranked = judged.pairs.iter().filter_map(|(scored, verdict)| match verdict {
            Verdict::Scored { score, .. } => Some((scored, *score)),
            _ => None,
        });
        let candidates = ranked.enumerate().map(|(at, (scored, score))| {
            let (share, error) = of(Some(scored.hardware_id));
            Candidate { rank: at + 1, hardware: scored.pair.hardware.clone(), score, share, error }
        });
        Ok((candidates.collect(), of(None).0))
    }

    fn changes(&self, judged: &Judged) -> Result<Vec<Change>> {
        let scope = &self.resolved.scope;
        let scoring = &self.recommender.rules.scoring;
        let labels = labels(judged);
        let label = |key: Option<i64>| key.and_then(|key| labels.get(&key).cloned());
        let counting: Vec<usize> = (0..scope.weights.len()).filter(|k| scope.weights[*k] > 0.0).collect();
        let several = counting.len() > 1;
        let ways: Vec<Way> = counting.iter().filter(|_| several).flat_map(|k| [false, true].map(|up| Way { component: *k, up })).collect();
        let winner = order(&judged.pairs).first().copied();
        let found = nearest(&scope.weights, &ways, winner, &mut |sets| self.firsts(sets))?;
        let at = |component: usize, up: bool| {
            let (weight, winner) = ways.iter().position(|way| way.component == component && way.up == up).and_then(|at| found[at])?;
            Some(Moved { weight, factor: factor(scope.weights[component], weight), winner: label(winner) })
        };
        let mut changes = Vec::new();
        for k in counting {
            let without = if several { label(self.without_component(k)?) } else { None };
            changes.push(Change {
                component: scoring.components[k].name.clone(),
                weight: scope.weights[k],
                down: at(k, false),
                up: at(k, true),
                without,
            });
        }
        Ok(changes)
    }

    /// What comes first when a component has no weight: it does not contest then, so that everything is scored anew.
    fn without_component(&self, component: usize) -> Result<Option<i64>> {
        let scoring = &self.recommender.rules.scoring;
        let names = scoring.components.iter().map(|one| one.name.clone());
        let mut kept: BTreeMap<String, f64> = names.zip(self.resolved.scope.weights.iter().copied()).collect();
        kept.insert(scoring.components[component].name.clone(), 0.0);
        let scope = Scope { weights: weights::renormalise(scoring, &kept)?, ..self.resolved.scope.clone() };
        let plan = self.planned(&scope, None)?;
        self.recommender.db.run_again(&plan)?;
        let orders = self.orders(&plan, &scope, std::slice::from_ref(&scope.weights))?;
        Ok(orders.first().and_then(|order| order.first().copied()))
    }

    /// Each candidate left out in turn, its division and suite kept.
    fn left_out(&self, judged: &Judged) -> Result<Vec<LeftOut>> {
        let scope = &self.resolved.scope;
        let labels = labels(judged);
        let before = order(&judged.pairs);
        let mut all = Vec::new();
        for (hardware, name) in self.recommender.db.scored_hardware()? {
            let plan = self.planned(scope, Some(hardware))?;
            self.recommender.db.run_again(&plan)?;
            let after = self.orders(&plan, scope, std::slice::from_ref(&scope.weights))?.pop().unwrap_or_default();
            let others: Vec<i64> = before.iter().copied().filter(|key| *key != hardware).collect();
            let (was, is) = (others.first().copied(), after.first().copied());
            let label = |key: Option<i64>| key.and_then(|key| labels.get(&key).cloned());
            all.push(LeftOut { hardware: name, before: label(was), after: label(is), flips: was != is, swaps: kendall(&others, &after).1 });
        }
        Ok(all)
    }

    fn notes(&self, judged: &Judged) -> Vec<String> {
        let Resolved { model, task, weight_notes, scope, .. } = self.resolved;
        let mut notes = weight_notes.clone();
        if judged.pairs.is_empty() && judged.overview.rows == 0 {
            notes.push(format!(
                "nothing is ranked for `{model}` and task `{task}` from measurements, and estimates from [priors] do not hang on weights"
            ));
        } else if judged.winner().is_none() {
            notes.push(format!("nothing is ranked for `{model}` and task `{task}`: `suitor recommend` says why"));
        } else if scope.weights.iter().filter(|weight| **weight > 0.0).count() == 1 {
            notes.push("one component has all the weight: there is nothing to move".to_owned());
        } else {
            notes.push(format!("hardware that comes first only within less than 1/{STEPS} of the way of a weight is not seen"));
        }
        notes
    }
}

fn profiles(own: Profile, pairs: &[(ScoredPair, Verdict)], others: &[(ScoredPair, Verdict)]) -> Profiles {
    let first = |pairs: &[(ScoredPair, Verdict)]| crate::recommend::judge::winner(pairs).map(str::to_owned);
    let (mut documented, mut ratio) = (first(pairs), first(others));
    if own == Profile::Ratio {
        std::mem::swap(&mut documented, &mut ratio);
    }
    let agree = documented == ratio;
    Profiles { documented, ratio, agree, kendall_tau: kendall(&order(pairs), &order(others)).0 }
}
