//! What an answer hangs on, at a glance: each weight doubled and halved alone. `suitor stability` says exactly how far each may move.

use super::answer::Sensitivity;
use super::judge::{apply, winner};
use crate::Result;
use crate::rules::RuleSet;
use crate::rules::records::RuleRequest;
use crate::scoring::plan::{Scope, WeightSet};
use crate::scoring::result::ScoredPair;
use crate::store::Db;

/// What each weight is multiplied by.
const FACTORS: [f64; 2] = [0.5, 2.0];

/// One weight multiplied, the others as they are; then all divided by their sum.
#[derive(Clone, Debug)]
pub(super) struct Probe {
    component: usize,
    factor: f64,
    /// The weights that it comes to.
    pub set: WeightSet,
}

/// The weight sets to ask for; none where one component has all the weight.
pub(super) fn probes(scope: &Scope) -> Vec<Probe> {
    let counting: Vec<usize> = (0..scope.weights.len()).filter(|k| scope.weights[*k] > 0.0).collect();
    if counting.len() < 2 {
        return Vec::new();
    }
    let probe = |component: usize, factor: f64| {
        let mut weights = scope.weights.clone();
        weights[component] *= factor;
        let sum: f64 = weights.iter().sum();
        for weight in &mut weights {
            *weight /= sum;
        }
        Probe { component, factor, set: WeightSet { weights, profile: scope.profile } }
    };
    counting.iter().flat_map(|k| FACTORS.map(|factor| probe(*k, factor))).collect()
}

/// The probes under which another than `first` comes first, after the rules.
pub(super) fn sensitivity(
    db: &Db,
    rules: &RuleSet,
    probes: &[Probe],
    sets: impl Iterator<Item = Vec<ScoredPair>>,
    request: &RuleRequest,
    strict: bool,
    first: &str,
) -> Result<Vec<Sensitivity>> {
    let mut found = Vec::new();
    for (probe, pairs) in probes.iter().zip(sets) {
        let judged = apply(db, rules, pairs, request, strict)?;
        let other = winner(&judged);
        if other != Some(first) {
            found.push(Sensitivity {
                component: rules.scoring.components[probe.component].name.clone(),
                factor: probe.factor,
                weight: probe.set.weights[probe.component],
                winner: other.map(str::to_owned),
            });
        }
    }
    Ok(found)
}
