//! From two snapshots to what changed between them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::answer::{Both, Cause, Change, Comparison, MetricChange, Scores, Side, State, Totals};
use super::cause::{Mix, split};
use super::decide::{Bar, Found, decide};
use super::interval;
use super::matching::change_percent;
use super::metrics::{Candidate, candidates};
use super::notes;
use super::scale::{Scale, Scored, Standing, mixed};
use crate::Result;
use crate::recommend::answer::SCHEMA_VERSION;
use crate::rules::RuleSet;
use crate::rules::records::Verdict;
use crate::scoring::result::Entry;
use crate::statistics::{Decided, Hypothesis};
use crate::store::{Db, Hardware, Model, StoredScore};
use crate::versions::snapshot::{FrozenPoint, Snapshot};

/// Two snapshots, scored in every mix, before anything is decided: decisions are over all models of a sweep together.
pub(super) struct Prepared {
    /// The model.
    pub model: Model,
    /// Before and after.
    pub snapshots: [Snapshot; 2],
    /// Their rule sets.
    pub rules: [RuleSet; 2],
    /// A change of fewer per cent does not count.
    min_change: f64,
    /// What weights of the one with rules of the other make of both: by whose weights, then by whose rules. `None`: they do not go together.
    scored: [[Option<Scored>; 2]; 2],
    stored: [Vec<StoredScore>; 2],
    hardware: Vec<Hardware>,
    /// Hardware of which every run fails after: key and how many.
    failing: HashMap<i64, i64>,
}

impl Prepared {
    /// Scores two snapshots of a model.
    ///
    /// # Errors
    /// A snapshot that is damaged, a rule set that this program refuses, a limit of the sandbox.
    pub(super) fn new(db: &Db, model: Model, snapshots: [Snapshot; 2], min_change: f64) -> Result<Self> {
        snapshots.iter().try_for_each(|one| db.whole_snapshot(one))?;
        let rules = [db.snapshot_rules(&snapshots[0])?, db.snapshot_rules(&snapshots[1])?];
        let stored = [db.snapshot_scores(&snapshots[0])?, db.snapshot_scores(&snapshots[1])?];
        let scale = Scale::new(db, &model, &snapshots)?;
        let after = scale.score(&rules[1])?;
        let scored = if rules[0].hash == rules[1].hash {
            [[None, None], [None, Some(after)]]
        } else {
            let of = |weights: usize, by: usize| mixed(&rules[weights], &rules[by]).map(|set| scale.score(&set));
            // A mix that fails where neither set does is one that does not go together.
            let (one, two) = (of(0, 1).and_then(Result::ok), of(1, 0).and_then(Result::ok));
            [[Some(scale.score(&rules[0])?), one], [two, Some(after)]]
        };
        let lost = {
            let [before, after] = keys(scored[1][1].as_ref());
            before.difference(&after).count() > 0
        };
        let failing = if lost { scale.failing(&rules[1].scoring)? } else { Vec::new() };
        let failing = failing.into_iter().filter(|one| one.failed > 0).map(|one| (one.hardware_id, one.failed)).collect();
        Ok(Self { hardware: db.hardware()?, model, snapshots, rules, min_change, scored, stored, failing })
    }

    /// What weights of one side with rules of one side make of both.
    fn mix(&self, weights: usize, rules: usize) -> Option<&Scored> {
        // One rule set: every mix is the same.
        let one = self.rules[0].hash == self.rules[1].hash;
        if one { self.scored[1][1].as_ref() } else { self.scored[weights][rules].as_ref() }
    }

    /// Whether weights and rules of the two sets go together, either way.
    pub(super) fn mixes(&self) -> bool {
        self.mix(0, 1).is_some() && self.mix(1, 0).is_some()
    }

    /// All hardware of either side, by key.
    fn keys(&self) -> [BTreeSet<i64>; 2] {
        keys(self.scored[1][1].as_ref())
    }

    fn standing(&self, mix: Mix, key: i64) -> Option<&Standing> {
        self.mix(usize::from(mix.weights), usize::from(mix.rules))?.sides[usize::from(mix.data)].get(&key)
    }

    /// Before by its own set, after by its own.
    fn ends(&self, key: i64) -> [Option<&Standing>; 2] {
        [false, true].map(|end| self.standing(Mix { data: end, weights: end, rules: end }, key))
    }

    /// The points of hardware on both sides, numbered as the set after numbers them.
    fn points(&self, key: i64) -> [Vec<&FrozenPoint>; 2] {
        let all = self.scored[1][1].iter().flat_map(|scored| &scored.points).filter(|point| point.hardware_id == key);
        let (before, after) = all.partition(|point| point.side == 0);
        [before, after]
    }

    /// The metrics of each piece of hardware that both sides have.
    fn candidates<'a>(&'a self, points: &[&'a [&'a FrozenPoint]; 2], key: i64) -> Vec<Candidate<'a>> {
        let best = [0, 1].map(|side| {
            let standing = self.scored[1][1].as_ref()?.sides[side].get(&key)?;
            standing.pair.best_entry().map(|entry| entry.point_id)
        });
        candidates(&self.rules[1].scoring, *points, best)
    }

    /// What there is to test, in the order in which [`Self::finish`] takes the decisions.
    pub(super) fn hypotheses(&self) -> Vec<Hypothesis> {
        let [before, after] = self.keys();
        let of = |key: &i64| {
            let points = self.points(*key);
            let points = [points[0].as_slice(), points[1].as_slice()];
            self.candidates(&points, *key).iter().filter_map(Candidate::hypothesis).collect::<Vec<_>>()
        };
        before.intersection(&after).flat_map(of).collect()
    }

    /// Says what changed. `family_size`: tests over all models.
    pub(super) fn finish(&self, decided: &mut impl Iterator<Item = Option<Decided>>, family_size: usize) -> Comparison {
        let [before, after] = self.keys();
        let mut changes: Vec<Change> = before.union(&after).map(|key| self.change(*key, decided)).collect();
        let mut totals = Totals::default();
        for change in &changes {
            totals.compared += usize::from(matches!(change.state, State::Changed | State::Same));
            totals.changed += usize::from(change.state == State::Changed);
            totals.added += usize::from(change.state == State::Added);
            totals.removed += usize::from(change.state == State::Removed);
            totals.significant += usize::from(change.significant);
            totals.regressions += usize::from(change.regression);
        }
        let notes = notes::notes(self, &changes, family_size);
        if changes.iter().all(|change| change.state == State::Same) {
            changes.clear();
        }
        let place = |change: &Change| {
            let state = match change.state {
                State::Changed => 0,
                State::Added => 1,
                State::Removed => 2,
                State::Same => 3,
            };
            (!change.regression, !change.significant, state)
        };
        let size = |change: &Change| change.score_change.map_or(0.0, f64::abs);
        changes.sort_by(|a, b| place(a).cmp(&place(b)).then(size(b).total_cmp(&size(a))).then_with(|| a.hardware.cmp(&b.hardware)));
        let warnings = self.rules[1].warnings.iter().map(crate::rules::RuleError::line).collect();
        let [version1, version2] = [0, 1].map(|side| self.side(side));
        Comparison {
            schema_version: SCHEMA_VERSION,
            model: self.model.name.clone(),
            version1,
            version2,
            changes,
            family_size,
            min_change: self.min_change,
            totals,
            notes,
            warnings,
        }
    }

    fn side(&self, side: usize) -> Side {
        let snapshot = &self.snapshots[side];
        Side {
            version: snapshot.version.clone(),
            revision: snapshot.revision,
            created_at: snapshot.created_at.clone(),
            results: snapshot.results,
            rule_set: snapshot.rule_set.clone(),
            data_fingerprint: snapshot.data_fingerprint.clone(),
        }
    }

    fn change(&self, key: i64, decided: &mut impl Iterator<Item = Option<Decided>>) -> Change {
        let points = self.points(key);
        let points = [points[0].as_slice(), points[1].as_slice()];
        let [before, after] = self.ends(key);
        let both = !points[0].is_empty() && !points[1].is_empty();
        let scoring = &self.rules[1].scoring;
        let metrics: BTreeMap<String, MetricChange> = self
            .candidates(&points, key)
            .iter()
            .map(|one| {
                let decision = if both && one.hypothesis().is_some() { decided.next().flatten() } else { None };
                (one.field.clone(), one.judged(scoring, decision))
            })
            .collect();
        let of = |value: fn(&Standing) -> Option<f64>| {
            let (one, two) = (value(before?)?, value(after?)?);
            (one > 0.0).then(|| change_percent(one, two))
        };
        let compatibility = |standing: &Standing| Some(standing.pair.pair.compatibility);
        let changes = [of(compatibility), of(|standing| Some(standing.pair.suitability)), of(Standing::score)];
        let part = |value: fn(&Standing) -> Option<f64>| split(|mix| self.standing(mix, key).and_then(value)).filter(|_| both);
        let cause = Cause { compatibility: part(compatibility), score: part(Standing::score) };
        let stored = [0, 1].map(|side| self.stored[side].iter().find(|one| one.hardware_id == key));
        let memory = Both::of(stored.map(|one| one.and_then(|one| one.memory_requirement)));
        let recommended_batch_size = Both::of(stored.map(|one| one.and_then(|one| one.recommended_batch_size)));
        let recommended_precision = Both::of(stored.map(|one| one.and_then(|one| one.recommended_precision.clone())));
        let scores = Both::of([before, after].map(|one| one.map(scores_of)));
        let without_score = Both::of([before, after].map(|one| one.and_then(reason)));
        let moved = |metric: &MetricChange| {
            metric.before.map(f64::to_bits) != metric.after.map(f64::to_bits)
                || metric.points.iter().any(|point| point.change_percent.abs() > 0.0)
        };
        let state = if !both {
            if points[0].is_empty() { State::Added } else { State::Removed }
        } else if scores.before == scores.after
            && without_score.before == without_score.after
            && recommended_batch_size.before == recommended_batch_size.after
            && recommended_precision.before == recommended_precision.after
            && !metrics.values().any(moved)
        {
            State::Same
        } else {
            State::Changed
        };
        let scored = [before, after].map(|one| one.is_some_and(|one| one.score().is_some()));
        let alike = self.alike(key);
        let verdict = decide(
            &Found {
                state,
                metrics: &metrics,
                alike,
                changes,
                cause: &cause,
                scored,
                memory: memory.before.zip(memory.after).map(|(one, two)| change_percent(one, two)),
                failing: self.failing.get(&key).copied().unwrap_or(0),
            },
            Bar { thresholds: &scoring.thresholds, min_change: self.min_change },
        );
        let known = self.hardware.iter().find(|one| one.id == key);
        let label = points.iter().find_map(|side| side.first()).map(|point| point.hardware.clone()).unwrap_or_default();
        Change {
            hardware: label,
            hardware_type: known.and_then(|one| one.hardware_type.clone()),
            state,
            compatibility_change: changes[0],
            suitability_change: changes[1],
            score_change: changes[2],
            score_interval: self.score_interval(key).filter(|_| state == State::Changed),
            metrics,
            recommended_batch_size,
            recommended_precision,
            memory_requirement: memory,
            rank: Both::of([before, after].map(|one| one.and_then(|one| one.rank))),
            significant: verdict.significant,
            test: verdict.test,
            regression: verdict.regression,
            alike,
            reasons: verdict.reasons,
            uncounted: verdict.uncounted,
            cause,
            shared: scores,
            stored: Both::of(stored.map(|one| one.map(stored_scores))),
            without_score,
        }
    }

    /// Whether both sides have the same cells, and components that rest on the same metrics in each.
    fn alike(&self, key: i64) -> bool {
        let sides = self.mix(1, 1).map(|scored| {
            [0, 1].map(|side| {
                let entries = scored.sides[side].get(&key).into_iter().flat_map(|standing| &standing.pair.entries);
                let rest = |entry: &Entry| entry.components.iter().map(|one| one.basis.map(|basis| basis.pick)).collect::<Vec<_>>();
                entries.map(|entry| (entry.cell_id, rest(entry))).collect::<BTreeSet<_>>()
            })
        });
        sides.is_some_and(|[before, after]| before == after)
    }

    fn score_interval(&self, key: i64) -> Option<[f64; 2]> {
        let [before, after] = self.ends(key);
        let sides = [before?, after?];
        let scores = [sides[0].score()?, sides[1].score()?];
        let points = [0, 1].map(|side| {
            let all = self.mix(side, side).into_iter().flat_map(|scored| &scored.points);
            all.filter(|point| point.hardware_id == key).map(|point| (point.point_id, point)).collect::<HashMap<i64, &FrozenPoint>>()
        });
        let scored = [0, 1].map(|side| interval::Scored {
            scoring: &self.rules[side].scoring,
            pair: &sides[side].pair,
            score: scores[side],
            points: &points[side],
        });
        interval::of_change([&scored[0], &scored[1]])
    }
}

/// Keys of the hardware with points, by side.
fn keys(scored: Option<&Scored>) -> [BTreeSet<i64>; 2] {
    [0, 1].map(|side| {
        let points = scored.into_iter().flat_map(|scored| &scored.points);
        points.filter(|point| point.side == side).map(|point| point.hardware_id).collect()
    })
}

fn scores_of(standing: &Standing) -> Scores {
    let (compatibility, suitability) = (standing.pair.pair.compatibility, standing.pair.suitability);
    Scores { compatibility, suitability, score: standing.score() }
}

fn stored_scores(one: &StoredScore) -> Scores {
    Scores { compatibility: one.compatibility, suitability: one.suitability, score: one.final_score }
}

/// Why it has no score.
fn reason(standing: &Standing) -> Option<String> {
    match &standing.verdict {
        Verdict::Scored { .. } => None,
        Verdict::Excluded { rule, reason } => Some(format!("{rule}: {reason}")),
        Verdict::Failed { message, .. } => Some(message.clone()),
    }
}
