//! Compares two rule sets on the same data.

use super::answer::{Caused, Edit, Move, RankingDiff, RuleDiff, Side, State, Terms, Totals, WinnerChange};
use super::cause::{self, Change};
use super::compare::{Aspect, changes, standing};
use super::mixture::Mixture;
use super::replay::{Progress, Replay};
use super::{edits, label};
use crate::recommend::answer::SCHEMA_VERSION;
use crate::recommend::many::{Answers, Ranking};
use crate::recommend::{Request, Survey};
use crate::rules::{RuleError, RuleSet};
use crate::store::Db;
use crate::{Error, Result};

/// A rule set and where it is from.
#[derive(Debug)]
pub struct Named {
    /// Where it is from, in words.
    pub name: String,
    /// The set.
    pub rules: RuleSet,
}

/// What to compare.
#[derive(Clone, Debug, Default)]
pub struct DiffRequest {
    /// The models, by name or id; empty means all with rows.
    pub models: Vec<String>,
    /// The tasks; empty means all with rows.
    pub tasks: Vec<String>,
    /// Everything else; its model, task and top_k are not looked at.
    pub terms: Request,
    /// A rule of the set after that fails on a pair fails the comparison.
    pub strict: bool,
}

/// Says what there is to say without data: the two sets are the same, or nothing that a score can hang on differs. `None` when the
/// rankings must be compared.
#[must_use]
pub fn without_data(before: &Named, after: &Named, request: &DiffRequest) -> Option<RuleDiff> {
    let mixture = Mixture::new(&before.rules, &after.rules);
    mixture.live().is_empty().then(|| {
        let mut page = page(before, after, request, &mixture);
        page.notes.push(if before.rules.hash == after.rules.hash {
            "no difference: both are the same rule set".to_owned()
        } else {
            "the rule sets differ only in what no score can hang on: every ranking stays as it is".to_owned()
        });
        page
    })
}

/// Compares the rankings of two rule sets, and finds the edits that changed them.
///
/// Each changed ranking is asked for again by the set after with one edit put back, and by the set before with one edit done; edits that
/// do not check one without the other count as one.
///
/// # Errors
/// Unknown model, task, version, requirement or hardware: exit code 2; a rule that hits a limit of the sandbox: exit code 1. Where it is a
/// fault of one of the sets, the message says of which.
pub fn diff(db: &Db, before: &Named, after: &Named, request: &DiffRequest, progress: Progress<'_>) -> Result<RuleDiff> {
    let mut mixture = Mixture::new(&before.rules, &after.rules);
    let tasks = [before, after].into_iter().flat_map(|side| side.rules.scoring.tasks.keys()).map(String::as_str);
    let survey = Survey::new(db, request.terms.clone(), &request.models, &request.tasks, &tasks.collect::<Vec<_>>())?;
    let all: Vec<usize> = (0..survey.count()).collect();
    let answers = |side: &Named, word: &str, strict: bool| -> Result<Answers> {
        let failed = |error: Error| Error { message: format!("by the rule set {word}, {}: {}", side.name, error.message), ..error };
        survey.answer(&side.rules, &all, strict).map_err(failed)
    };
    let (old, new) = (answers(before, "before", false)?, answers(after, "after", request.strict)?);
    let aspects: Vec<Vec<Aspect>> = old.rankings.iter().zip(&new.rankings).map(|(one, two)| changes(one, two)).collect();
    let which: Vec<usize> = all.into_iter().filter(|at| !aspects[*at].is_empty()).collect();
    if !which.is_empty() {
        mixture.couple();
    }
    let mut page = page(before, after, request, &mixture);
    page.compared = survey.count();
    (page.before.data_fingerprint, page.after.data_fingerprint) = (Some(old.data_fingerprint), Some(new.data_fingerprint));
    if which.is_empty() {
        page.notes.push("the rule sets differ, and no ranking does".to_owned());
        return Ok(page);
    }
    let pick = |from: &[Ranking]| which.iter().map(|at| from[*at].clone()).collect::<Vec<Ranking>>();
    let (old, new) = (pick(&old.rankings), pick(&new.rankings));
    let mut replay = Replay::new(&survey, &mixture, which.clone(), (old.clone(), new.clone()), progress);
    replay.singles();
    for (at, question) in which.iter().enumerate() {
        let mut one = ranking(&mut replay, at, &old[at], &new[at], &aspects[*question]);
        for (rules, side) in [(&before.rules, Which::Before), (&after.rules, Which::After)] {
            say_why_absent(&survey, rules, *question, &mut one, side)?;
        }
        page.rankings.push(one);
    }
    count(&mut page);
    Ok(page)
}

/// The page before anything was ranked.
fn page(before: &Named, after: &Named, request: &DiffRequest, mixture: &Mixture<'_>) -> RuleDiff {
    let side = |named: &Named| Side {
        name: named.name.clone(),
        rule_set: named.rules.hash.clone(),
        shipped: named.rules.embedded,
        data_fingerprint: None,
    };
    let edits: Vec<Edit> = mixture.edits.iter().enumerate().map(|(at, edit)| label::edit(at, edit)).collect();
    let mut notes = Vec::new();
    let coupled: Vec<String> = edits.iter().filter(|edit| edit.parts.len() > 1).map(|edit| edit.id.to_string()).collect();
    if edits::grouped(&mixture.edits) {
        notes.push(format!("there are more than {} edits: those of one table or entry are taken as one", edits::MANY));
    } else if !coupled.is_empty() {
        notes.push(format!("taken as one because they do not go one without the other: the parts of edit {}", coupled.join(", ")));
    }
    RuleDiff {
        schema_version: SCHEMA_VERSION,
        before: side(before),
        after: side(after),
        request: Terms::of(&request.terms, &request.models, &request.tasks),
        compared: 0,
        edits,
        totals: Totals::default(),
        rankings: Vec::new(),
        notes,
        warnings: after.rules.warnings.iter().map(RuleError::line).collect(),
    }
}

/// What changed in one ranking, each change with its cause.
fn ranking(replay: &mut Replay<'_, '_>, at: usize, before: &Ranking, after: &Ranking, aspects: &[Aspect]) -> RankingDiff {
    let mut found = RankingDiff { model: after.model.clone(), task: after.task.clone(), winner: None, moves: Vec::new() };
    for aspect in aspects {
        let change = Change { at, aspect, before: aspect.of(before), after: aspect.of(after) };
        let cause = cause::cause(replay, &change);
        let hardware = match aspect {
            Aspect::Winner => {
                found.winner = Some(WinnerChange {
                    before: before.winner().map(str::to_owned),
                    score_before: before.ranked.first().map(|first| first.score),
                    after: after.winner().map(str::to_owned),
                    score_after: after.ranked.first().map(|first| first.score),
                    tied: tied(after, before.winner()),
                    cause,
                });
                continue;
            }
            Aspect::Standing(hardware) | Aspect::Rank(hardware) | Aspect::Score(hardware) => hardware,
        };
        if found.moves.last().is_none_or(|last| last.hardware != *hardware) {
            let (old, new) = (standing(before, hardware), standing(after, hardware));
            let score_delta = old.score.zip(new.score).map(|(old, new)| cause::rounded(new - old));
            let parts = new.score.filter(|_| score_delta.is_some_and(|delta| delta.abs() > 0.0));
            let score_parts = parts.map(|score| cause::score_parts(replay, at, hardware, score)).unwrap_or_default();
            let hardware = hardware.clone();
            found.moves.push(Move { hardware, before: old, after: new, score_delta, cause: None, score_cause: None, score_parts });
        }
        if let Some(last) = found.moves.last_mut() {
            if matches!(aspect, Aspect::Score(_)) {
                last.score_cause = Some(cause);
            } else {
                last.cause = Some(cause);
            }
        }
    }
    found
}

/// Whether this hardware cannot be told apart from the first.
fn tied(ranking: &Ranking, hardware: Option<&str>) -> bool {
    let group = |label: &str| ranking.ranked.iter().find(|one| one.hardware == label).map(|one| one.tie_group);
    hardware.and_then(group).is_some_and(|one| ranking.ranked.first().is_some_and(|first| first.tie_group == one))
}

/// Which side of a comparison.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Before,
    After,
}

/// Hardware that has rows and no result under a set is not absent, but not scored.
fn say_why_absent(survey: &Survey<'_>, rules: &RuleSet, question: usize, one: &mut RankingDiff, side: Which) -> Result<()> {
    let place = |moved: &Move| if side == Which::Before { moved.before.state } else { moved.after.state };
    if !one.moves.iter().any(|moved| place(moved) == State::Absent) {
        return Ok(());
    }
    let without = survey.without_result(rules, question)?;
    for moved in &mut one.moves {
        let hardware = moved.hardware.clone();
        let standing = if side == Which::Before { &mut moved.before } else { &mut moved.after };
        if let Some(reason) = without.iter().find(|one| one.hardware == hardware && standing.state == State::Absent) {
            standing.state = State::NotScored;
            standing.reason = Some(reason.reason.clone());
        }
    }
    Ok(())
}

/// Counts what changed, in all and by edit.
fn count(page: &mut RuleDiff) {
    let totals = &mut page.totals;
    totals.rankings = page.rankings.len();
    let mut caused = vec![Caused::default(); page.edits.len()];
    for one in &page.rankings {
        if let Some(winner) = &one.winner {
            totals.winners += 1;
            winner.cause.edits.iter().for_each(|id| caused[id - 1].winners += 1);
        }
        for moved in &one.moves {
            let (was, is) = (moved.before.state == State::Ranked, moved.after.state == State::Ranked);
            totals.excluded += usize::from(was && !is);
            totals.admitted += usize::from(!was && is);
            totals.ranks += usize::from(was && is && moved.before.rank != moved.after.rank);
            for id in moved.cause.iter().flat_map(|cause| &cause.edits) {
                if was && is { caused[id - 1].ranks += 1 } else { caused[id - 1].standings += 1 }
            }
            if let Some(cause) = &moved.score_cause {
                totals.scores += 1;
                cause.edits.iter().for_each(|id| caused[id - 1].scores += 1);
            }
            if let Some(delta) = moved.score_delta.filter(|delta| delta.abs() > totals.largest.map_or(0.0, f64::abs)) {
                totals.largest = Some(delta);
            }
        }
    }
    for (edit, caused) in page.edits.iter_mut().zip(caused) {
        edit.caused = caused;
    }
}
