//! The interval of a score's change: a studentised bootstrap over the metrics that the score rests on. Pure.

use std::collections::HashMap;

use crate::scoring::result::ScoredPair;
use crate::scoring::{Direction, LN_OF_ZERO, Profile, Scoring};
use crate::statistics::{Sample, bootstrap};
use crate::versions::snapshot::FrozenPoint;

/// What the draws begin from; the same comparison gives the same interval.
const SEED: u64 = 0x5_C04E;

/// One side of a piece of hardware as it was scored.
pub(super) struct Scored<'a> {
    /// The scoring of the rule set.
    pub scoring: &'a Scoring,
    /// The pair.
    pub pair: &'a ScoredPair,
    /// After the rules.
    pub score: f64,
    /// The operating points of the hardware, numbered as in the pair.
    pub points: &'a HashMap<i64, &'a FrozenPoint>,
}

/// A component of an entry, as a function of sampled means.
enum Term {
    /// Imputed, or without repeats anywhere near: a number.
    Fixed(f64),
    /// value / reference or reference / value, at most 1.
    Ratio {
        /// Which of the samples.
        sample: usize,
        higher: bool,
        /// What it is divided by, where that is other hardware's.
        reference: Option<f64>,
        /// Samples of this hardware in the same comparison: the best of them may be what is divided by.
        own: Vec<usize>,
    },
}

/// Score of one side as a function of sampled means.
struct Side {
    /// By entry: weights and terms.
    entries: Vec<Vec<(f64, Term)>>,
    /// What the mean over the entries is multiplied by: confidence and rules.
    factor: f64,
    ratio: bool,
}

/// The 95 % interval of (after / before - 1) x 100; `None` where no metric beneath has repeats, or one side's score is 0.
///
/// What the rules did to the score is taken as a factor, as for the intervals of a ranking; best points, confidence and imputed components
/// stay as they are, and so does what other hardware measured.
pub(super) fn of_change(sides: [&Scored<'_>; 2]) -> Option<[f64; 2]> {
    if sides.iter().any(|side| side.score <= 0.0) {
        return None;
    }
    let mut samples = Samples::default();
    let drafts: Vec<Draft> = sides.iter().enumerate().map(|(at, side)| draft(at, side, &mut samples)).collect();
    let sides: Vec<Side> = drafts.into_iter().map(|side| side.finish(&samples)).collect();
    let [low, high] = bootstrap::interval(&samples.known, |means| 100.0 * (sides[1].score(means) / sides[0].score(means) - 1.0), SEED)?;
    // A score cannot fall by more than itself.
    Some([low.max(-100.0), high])
}

/// What metrics are compared within: cell, metric, and the fields that it is compared by.
type Group = (Vec<Option<String>>, String, Vec<Option<String>>);

/// The samples that a change rests on, and what each was compared by.
#[derive(Default)]
struct Samples {
    known: Vec<Sample>,
    values: Vec<f64>,
    groups: Vec<Group>,
    which: HashMap<(usize, i64, String), usize>,
}

/// A side before all samples of its hardware are known.
struct Draft {
    entries: Vec<Vec<(f64, Term)>>,
    score: f64,
    ratio: bool,
}

fn draft(at: usize, side: &Scored<'_>, samples: &mut Samples) -> Draft {
    let mut entry_terms = |entry: &crate::scoring::result::Entry| {
        let mut terms = Vec::new();
        for (component, declared) in entry.components.iter().zip(&side.scoring.components) {
            let Some(score) = component.score.filter(|_| component.weight > 0.0) else { continue };
            let term = component.basis.and_then(|basis| {
                let metric = &declared.metrics[basis.pick];
                let point = side.points.get(&entry.point_id)?;
                let measured = point.metrics.get(&metric.field)?;
                let same = metric.same.iter().map(|field| point.point.get(field).cloned().flatten()).collect();
                let group = (entry.cell.clone(), metric.field.clone(), same);
                let sample = *samples.which.entry((at, entry.point_id, metric.field.clone())).or_insert_with(|| {
                    // The score divides means, so the log of the mean is where the draws are centred.
                    samples.known.push(Sample { mean: basis.value.ln(), ..super::matching::sample(measured) });
                    samples.values.push(basis.value);
                    samples.groups.push(group);
                    samples.known.len() - 1
                });
                Some(Term::Ratio { sample, higher: metric.better == Direction::Higher, reference: Some(basis.reference), own: Vec::new() })
            });
            terms.push((component.weight, term.unwrap_or(Term::Fixed(score))));
        }
        terms
    };
    let entries = side.pair.entries.iter().map(&mut entry_terms).collect();
    Draft { entries, score: side.score, ratio: side.scoring.profile == Profile::Ratio }
}

impl Draft {
    fn finish(mut self, samples: &Samples) -> Side {
        for (_, term) in self.entries.iter_mut().flatten() {
            if let Term::Ratio { sample, reference, own, .. } = term {
                *own = (0..samples.known.len()).filter(|other| samples.groups[*other] == samples.groups[*sample]).collect();
                let is_own = |other: &usize| reference.is_some_and(|value| value.to_bits() == samples.values[*other].to_bits());
                if own.iter().any(is_own) {
                    *reference = None;
                }
            }
        }
        let mut side = Side { entries: self.entries, factor: 1.0, ratio: self.ratio };
        let means: Vec<f64> = samples.known.iter().map(|one| one.mean).collect();
        let plain = side.score(&means);
        // Whatever confidence, cells without this hardware and rules make of it.
        side.factor = if plain > 0.0 { self.score / plain } else { 0.0 };
        side
    }
}

impl Side {
    fn score(&self, means: &[f64]) -> f64 {
        let combined = |values: &mut dyn Iterator<Item = (f64, f64)>| {
            if self.ratio {
                values.map(|(weight, value)| weight * if value > 0.0 { value.ln() } else { LN_OF_ZERO }).sum::<f64>().exp()
            } else {
                values.map(|(weight, value)| weight * value).sum()
            }
        };
        let entry = |terms: &Vec<(f64, Term)>| combined(&mut terms.iter().map(|(weight, term)| (*weight, term.value(means))));
        let share = 1.0 / self.entries.len().max(1) as f64;
        self.factor * combined(&mut self.entries.iter().map(|terms| (share, entry(terms))))
    }
}

impl Term {
    fn value(&self, means: &[f64]) -> f64 {
        match self {
            Self::Fixed(value) => *value,
            Self::Ratio { sample, higher, reference, own } => {
                let better = |one: f64, two: f64| if *higher { one.max(two) } else { one.min(two) };
                let value = means[*sample].exp();
                let best = own.iter().map(|at| means[*at].exp()).chain(*reference).fold(value, better);
                if *higher { value / best } else { best / value }
            }
        }
    }
}
