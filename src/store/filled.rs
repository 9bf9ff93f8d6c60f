//! What the temporary tables of the scoring query hold, so that asking on by other weights or rules does not make them again: while a rule
//! is edited, only what the edit changes is done.

use std::cell::RefCell;

use crate::scoring::plan::{Plan, WeightSet};
use crate::scoring::result::{Counted, ScoredPair};

/// Pairs of all weight sets that are kept beside the tables at most: a model has some dozens, a catalogue tens of thousands.
const MOST: usize = 4096;

/// What was made last; everything in it is of the same plan.
#[derive(Default)]
pub(super) struct Filled(RefCell<Option<Held>>);

struct Held {
    stages: String,
    counted: Counted,
    weighed: Option<(String, Vec<Vec<ScoredPair>>)>,
}

impl Filled {
    /// The tables are about to change, or the data that they were made of.
    pub(super) fn forget(&self) {
        *self.0.borrow_mut() = None;
    }

    /// How much the plan chose, where the tables are those of this plan.
    pub(super) fn counted(&self, plan: &Plan) -> Option<Counted> {
        self.0.borrow().as_ref().filter(|held| held.stages == plan.stages()).map(|held| held.counted)
    }

    /// The tables are those of this plan now.
    pub(super) fn with(&self, plan: &Plan, counted: Counted) {
        *self.0.borrow_mut() = Some(Held { stages: plan.stages(), counted, weighed: None });
    }

    /// The pairs that these weight sets came to, where nothing was weighed since.
    pub(super) fn weighed(&self, plan: &Plan, sets: &[WeightSet]) -> Option<Vec<Vec<ScoredPair>>> {
        let held = self.0.borrow();
        let held = held.as_ref().filter(|held| held.stages == plan.stages())?;
        held.weighed.as_ref().filter(|(key, _)| *key == plan.weighing(sets)).map(|(_, pairs)| pairs.clone())
    }

    /// Other weights are about to be put in.
    pub(super) fn forget_weighed(&self) {
        if let Some(held) = self.0.borrow_mut().as_mut() {
            held.weighed = None;
        }
    }

    /// These weight sets came to these pairs.
    pub(super) fn with_weighed(&self, plan: &Plan, sets: &[WeightSet], pairs: &[Vec<ScoredPair>]) {
        if let Some(held) = self.0.borrow_mut().as_mut().filter(|_| pairs.iter().map(Vec::len).sum::<usize>() <= MOST) {
            held.weighed = Some((plan.weighing(sets), pairs.to_vec()));
        }
    }
}
