//! Which edit did it: a change is undone by putting back its cause.

use super::answer::{Cause, How, ScorePart};
use super::compare::{Aspect, Value, standing};
use super::replay::{Back, Replay};
use crate::recommend::many::Ranking;

/// A change of one ranking whose cause is sought.
pub(super) struct Change<'a> {
    /// Place of the ranking among those replayed.
    pub at: usize,
    /// What changed.
    pub aspect: &'a Aspect,
    /// What it was.
    pub before: Value,
    /// What it is.
    pub after: Value,
}

impl Change<'_> {
    fn value(&self, rankings: &[Ranking]) -> Value {
        self.aspect.of(&rankings[self.at])
    }
}

/// The cause of a change. An edit that alone undoes it is its cause; where several do, or none, the cause is joint.
pub(super) fn cause(replay: &mut Replay<'_, '_>, change: &Change<'_>) -> Cause {
    let live = replay.live().clone();
    if let (1, Some(only)) = (live.len(), live.first()) {
        return named(How::Alone, &Back::from([*only]), true);
    }
    let (mut needed, mut involved) = (Back::new(), Back::new());
    for at in &live {
        let without = replay.rankings(&Back::from([*at])).map(|rankings| change.value(&rankings));
        let all_but = replay.all_but(*at);
        let alone = replay.rankings(&all_but).map(|rankings| change.value(&rankings));
        if without.as_ref() == Some(&change.before) {
            needed.insert(*at);
        }
        if without.as_ref() != Some(&change.after) || alone.as_ref() != Some(&change.before) {
            involved.insert(*at);
        }
    }
    match needed.len() {
        0 => joint(replay, change, involved),
        1 => named(How::Alone, &needed, true),
        _ => named(How::EachNeeded, &needed, true),
    }
}

/// The fewest edits that together undo a change which none of them undoes alone: those that have a part in it, less each without which
/// the others still undo it.
fn joint(replay: &mut Replay<'_, '_>, change: &Change<'_>, involved: Back) -> Cause {
    let mut set = involved;
    let undone = |replay: &mut Replay<'_, '_>, set: &Back| {
        replay.search(set).map(|rankings| rankings.is_some_and(|rankings| change.value(&rankings) == change.before))
    };
    match undone(replay, &set) {
        Ok(true) => {}
        Ok(false) => set.clone_from(replay.live()),
        Err(_) => return named(How::Together, &replay.live().clone(), false),
    }
    for at in set.clone() {
        let fewer: Back = set.iter().copied().filter(|other| *other != at).collect();
        match undone(replay, &fewer) {
            Ok(true) => set = fewer,
            Ok(false) => {}
            Err(_) => return named(How::Together, &set, false),
        }
    }
    named(if set.len() == 1 { How::Alone } else { How::Together }, &set, true)
}

fn named(how: How, edits: &Back, narrowed: bool) -> Cause {
    Cause { how, edits: edits.iter().map(|at| at + 1).collect(), narrowed }
}

/// For each edit that moves a score: the score minus what it is with this edit put back.
pub(super) fn score_parts(replay: &mut Replay<'_, '_>, at: usize, hardware: &str, score: f64) -> Vec<ScorePart> {
    let mut parts = Vec::new();
    for edit in replay.live().clone() {
        let without = replay.rankings(&Back::from([edit])).and_then(|rankings| standing(&rankings[at], hardware).score);
        if let Some(without) = without.filter(|without| without.to_bits() != score.to_bits()) {
            parts.push(ScorePart { edit: edit + 1, delta: rounded(score - without) });
        }
    }
    parts
}

/// Scores have 12 decimals, and so has their difference.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1e12).round() / 1e12
}
