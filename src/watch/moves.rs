//! What moved between two rankings of one ask. Pure: two rankings in, the moves out.

use serde::Serialize;

use crate::Error;
use crate::recommend::Answer;
use crate::rules::records::excluded_by;

/// Differences of scores below this are rounding.
const SAME: f64 = 1e-12;

/// A ranking as it is watched.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ranking {
    /// Name of the model, as asked where it could not be answered.
    pub model: String,
    /// The task; null where it could not be answered and none was asked for.
    pub task: Option<String>,
    /// Order-free sum of the content hashes of the rows used, hex; null where it could not be answered.
    pub data_fingerprint: Option<String>,
    /// Best first, all of it.
    pub ranked: Vec<Place>,
    /// Hardware without a rank: `excluded by RULE: REASON`, `not scored: REASON`; by label.
    pub out: Vec<Out>,
    /// Why there is no answer.
    pub error: Option<String>,
}

/// Hardware in a ranking.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Place {
    /// 1 is best.
    pub rank: usize,
    /// Label.
    pub hardware: String,
    /// After the rules, in [0, 1].
    pub score: f64,
}

/// Hardware without a rank.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Out {
    /// Label.
    pub hardware: String,
    /// Why.
    pub why: String,
}

impl Ranking {
    /// The ranking of an answer, which must hold all that was ranked.
    #[must_use]
    pub fn of(answer: &Answer) -> Self {
        let place =
            |one: &crate::recommend::answer::Recommendation| Place { rank: one.rank, hardware: one.hardware.clone(), score: one.score };
        let excluded = answer.excluded.iter().map(|one| (&one.hardware, excluded_by(&one.rule, &one.reason)));
        let not_scored = answer.not_scored.iter().map(|one| (&one.hardware, format!("not scored: {}", one.reason)));
        let both = excluded.chain(not_scored);
        let mut out: Vec<Out> = both.map(|(hardware, why)| Out { hardware: hardware.clone(), why }).collect();
        out.sort();
        Self {
            model: answer.request.model.clone(),
            task: Some(answer.request.task.clone()),
            data_fingerprint: Some(answer.data_fingerprint.clone()),
            ranked: answer.recommendations.iter().map(place).collect(),
            out,
            error: None,
        }
    }

    /// What stands in place of a ranking that could not be made.
    #[must_use]
    pub fn failed(model: &str, task: Option<&str>, error: &Error) -> Self {
        Self {
            model: model.to_owned(),
            task: task.map(str::to_owned),
            data_fingerprint: None,
            ranked: Vec::new(),
            out: Vec::new(),
            error: Some(error.to_string()),
        }
    }

    fn find(&self, hardware: &str) -> Option<&Place> {
        self.ranked.iter().find(|place| place.hardware == hardware)
    }

    fn why_out(&self, hardware: &str) -> Option<&str> {
        self.out.iter().find(|out| out.hardware == hardware).map(|out| out.why.as_str())
    }
}

/// What moved in one ranking.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Moves {
    /// Name of the model.
    pub model: String,
    /// The task.
    pub task: Option<String>,
    /// The first, where it is another; null where it is the same.
    pub winner: Option<Winner>,
    /// Hardware with another rank, by its new one.
    pub ranks: Vec<RankMove>,
    /// Hardware that has a rank now and had none, by it.
    pub entered: Vec<Place>,
    /// Hardware that had a rank and has none now, by the one that it had.
    pub left: Vec<Left>,
    /// Hardware with the same rank and another score, largest move first.
    pub scores: Vec<ScoreMove>,
    /// Why there is no ranking now; null where there is one.
    pub error: Option<String>,
}

/// Another winner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Winner {
    /// The first before; null where nothing was ranked.
    pub from: Option<String>,
    /// The first now; null where nothing is ranked.
    pub to: Option<String>,
}

/// Another rank.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RankMove {
    /// Label.
    pub hardware: String,
    /// Rank before.
    pub from: usize,
    /// Rank now.
    pub to: usize,
    /// Score before.
    pub score_from: f64,
    /// Score now.
    pub score_to: f64,
}

/// Hardware that lost its rank.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Left {
    /// Label.
    pub hardware: String,
    /// Rank before.
    pub rank: usize,
    /// `excluded by RULE: REASON`, `not scored: REASON`, or that it is no candidate any more.
    pub why: String,
}

/// Another score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScoreMove {
    /// Label.
    pub hardware: String,
    /// Score before.
    pub from: f64,
    /// Score now.
    pub to: f64,
}

impl Moves {
    /// Whether nothing moved.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.winner.is_none()
            && self.ranks.is_empty()
            && self.entered.is_empty()
            && self.left.is_empty()
            && self.scores.is_empty()
            && self.error.is_none()
    }
}

/// What moved from one ranking to another of the same ask.
#[must_use]
pub fn moves(before: &Ranking, now: &Ranking) -> Moves {
    let first = |ranking: &Ranking| ranking.ranked.first().map(|place| place.hardware.clone());
    let (from, to) = (first(before), first(now));
    let (mut ranks, mut entered, mut scores) = (Vec::new(), Vec::new(), Vec::new());
    for place in &now.ranked {
        match before.find(&place.hardware) {
            None => entered.push(place.clone()),
            Some(old) if old.rank != place.rank => ranks.push(RankMove {
                hardware: place.hardware.clone(),
                from: old.rank,
                to: place.rank,
                score_from: old.score,
                score_to: place.score,
            }),
            Some(old) if (old.score - place.score).abs() > SAME => {
                scores.push(ScoreMove { hardware: place.hardware.clone(), from: old.score, to: place.score });
            }
            Some(_) => {}
        }
    }
    let size = |one: &ScoreMove| (one.to - one.from).abs();
    scores.sort_by(|a, b| size(b).total_cmp(&size(a)).then_with(|| a.hardware.cmp(&b.hardware)));
    let left = before.ranked.iter().filter(|old| now.find(&old.hardware).is_none()).map(|old| Left {
        hardware: old.hardware.clone(),
        rank: old.rank,
        why: now.why_out(&old.hardware).unwrap_or("no longer a candidate").to_owned(),
    });
    Moves {
        model: now.model.clone(),
        task: now.task.clone(),
        winner: (from != to).then_some(Winner { from, to }),
        ranks,
        entered,
        left: left.collect(),
        scores,
        error: now.error.clone().filter(|_| now.error != before.error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranking(places: &[(&str, f64)], out: &[(&str, &str)]) -> Ranking {
        Ranking {
            model: "m".to_owned(),
            task: Some("inference".to_owned()),
            data_fingerprint: Some("f".to_owned()),
            ranked: places
                .iter()
                .enumerate()
                .map(|(at, (hardware, score))| Place { rank: at + 1, hardware: (*hardware).to_owned(), score: *score })
                .collect(),
            out: out.iter().map(|(hardware, why)| Out { hardware: (*hardware).to_owned(), why: (*why).to_owned() }).collect(),
            error: None,
        }
    }

    #[test]
    fn every_kind_of_move_is_told_once() {
        let before = ranking(&[("A", 0.9), ("B", 0.8), ("C", 0.7), ("D", 0.6), ("E", 0.5), ("F", 0.4)], &[("G", "not scored: no row")]);
        let now = ranking(&[("C", 0.85), ("A", 0.8), ("G", 0.75), ("D", 0.65), ("E", 0.5)], &[("B", "excluded by fit: too small")]);
        let found = moves(&before, &now);
        assert_eq!(found.winner, Some(Winner { from: Some("A".to_owned()), to: Some("C".to_owned()) }));
        let ranks: Vec<_> = found.ranks.iter().map(|one| (one.hardware.as_str(), one.from, one.to)).collect();
        assert_eq!(ranks, [("C", 3, 1), ("A", 1, 2)]);
        assert_eq!(found.entered, [Place { rank: 3, hardware: "G".to_owned(), score: 0.75 }]);
        let left: Vec<_> = found.left.iter().map(|one| (one.hardware.as_str(), one.rank, one.why.as_str())).collect();
        assert_eq!(left, [("B", 2, "excluded by fit: too small"), ("F", 6, "no longer a candidate")]);
        assert_eq!(found.scores, [ScoreMove { hardware: "D".to_owned(), from: 0.6, to: 0.65 }]);
        assert!(!found.is_empty() && moves(&now, &now).is_empty());
    }

    #[test]
    fn score_moves_come_largest_first_and_rounding_is_none() {
        let before = ranking(&[("A", 0.9), ("B", 0.8), ("C", 0.7), ("D", 0.1 + 0.2)], &[]);
        let now = ranking(&[("A", 0.89), ("B", 0.79), ("C", 0.5), ("D", 0.3)], &[]);
        let found = moves(&before, &now);
        let order: Vec<_> = found.scores.iter().map(|one| one.hardware.as_str()).collect();
        assert_eq!(order[0], "C");
        assert_eq!(order.len(), 3);
        assert!(found.winner.is_none() && found.ranks.is_empty());
    }
}
