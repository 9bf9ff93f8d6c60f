//! Two rankings of one question held against each other.

use super::answer::{Standing, State};
use crate::recommend::many::Ranking;

/// What may change about one ranking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Aspect {
    /// Who is first.
    Winner,
    /// Whether this hardware is ranked, and else what keeps it out.
    Standing(String),
    /// The rank of this hardware.
    Rank(String),
    /// The score of this hardware.
    Score(String),
}

/// What it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// Label of the first.
    Winner(Option<String>),
    /// In or out, and by what.
    Standing(State, Option<String>),
    /// From 1.
    Rank(Option<usize>),
    /// The bits of the score.
    Score(Option<u64>),
}

impl Aspect {
    /// What it is in a ranking.
    pub(super) fn of(&self, ranking: &Ranking) -> Value {
        match self {
            Self::Winner => Value::Winner(ranking.winner().map(str::to_owned)),
            Self::Standing(hardware) => {
                let standing = standing(ranking, hardware);
                // Whether a row is there that gives no score makes no difference to an answer.
                let state = if standing.state == State::Absent { State::NotScored } else { standing.state };
                Value::Standing(state, standing.rule)
            }
            Self::Rank(hardware) => Value::Rank(standing(ranking, hardware).rank),
            Self::Score(hardware) => Value::Score(standing(ranking, hardware).score.map(f64::to_bits)),
        }
    }
}

/// Where hardware stands in a ranking.
pub(super) fn standing(ranking: &Ranking, hardware: &str) -> Standing {
    let none = Standing { state: State::Absent, rank: None, score: None, rule: None, reason: None };
    if let Some(at) = ranking.ranked.iter().position(|one| one.hardware == hardware) {
        return Standing { state: State::Ranked, rank: Some(at + 1), score: Some(ranking.ranked[at].score), ..none };
    }
    if let Some(one) = ranking.excluded.iter().find(|one| one.hardware == hardware) {
        return Standing { state: State::Excluded, rule: Some(one.rule.clone()), reason: Some(one.reason.clone()), ..none };
    }
    match ranking.not_scored.iter().find(|one| one.hardware == hardware) {
        Some(one) => Standing { state: State::NotScored, reason: Some(one.reason.clone()), ..none },
        None => none,
    }
}

/// What changed between two rankings: the winner first, then hardware by hardware: by rank after, then what is not ranked by label.
pub(super) fn changes(before: &Ranking, after: &Ranking) -> Vec<Aspect> {
    let mut labels: Vec<&str> = after.ranked.iter().map(|one| one.hardware.as_str()).collect();
    let mut others: Vec<&str> = [before, after]
        .into_iter()
        .flat_map(|side| {
            let ranked = side.ranked.iter().map(|one| one.hardware.as_str());
            ranked
                .chain(side.excluded.iter().map(|one| one.hardware.as_str()))
                .chain(side.not_scored.iter().map(|one| one.hardware.as_str()))
        })
        .filter(|label| !labels.contains(label))
        .collect();
    others.sort_unstable();
    others.dedup();
    labels.extend(others);
    let mut aspects = vec![Aspect::Winner];
    for label in labels {
        aspects.extend([Aspect::Standing(label.to_owned()), Aspect::Rank(label.to_owned()), Aspect::Score(label.to_owned())]);
    }
    let both_ranked = |hardware: &str| [before, after].iter().all(|side| standing(side, hardware).state == State::Ranked);
    aspects.retain(|aspect| {
        let counts = match aspect {
            Aspect::Winner | Aspect::Standing(_) => true,
            Aspect::Rank(hardware) | Aspect::Score(hardware) => both_ranked(hardware),
        };
        counts && aspect.of(before) != aspect.of(after)
    });
    aspects
}
