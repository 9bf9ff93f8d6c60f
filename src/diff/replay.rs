//! The rankings that changed, by sets between the two: the one after with some edits put back.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::mixture::Mixture;
use crate::recommend::Survey;
use crate::recommend::many::Ranking;

/// Sets beyond those with one edit put back, or all but one, that are tried in search of joint causes.
const MOST: usize = 64;

/// Numbers of edits that are put back.
pub(super) type Back = BTreeSet<usize>;

/// Told after each set that was tried: how many are done, of how many that are sure to be needed.
pub type Progress<'p> = &'p mut dyn FnMut(usize, usize);

/// Answers by sets between, each asked for once.
pub(super) struct Replay<'a, 'p> {
    survey: &'a Survey<'a>,
    mixture: &'a Mixture<'a>,
    which: Vec<usize>,
    live: Back,
    known: BTreeMap<Back, Option<Rc<Vec<Ranking>>>>,
    searched: usize,
    progress: Progress<'p>,
}

impl<'a, 'p> Replay<'a, 'p> {
    /// Begins with the rankings of both ends; `which` are their numbers in the survey.
    pub(super) fn new(
        survey: &'a Survey<'a>,
        mixture: &'a Mixture<'a>,
        which: Vec<usize>,
        ends: (Vec<Ranking>, Vec<Ranking>),
        progress: Progress<'p>,
    ) -> Self {
        let live = mixture.live();
        let known = BTreeMap::from([(live.clone(), Some(Rc::new(ends.0))), (Back::new(), Some(Rc::new(ends.1)))]);
        Self { survey, mixture, which, live, known, searched: 0, progress }
    }

    /// Numbers of the edits that a score may hang on.
    pub(super) fn live(&self) -> &Back {
        &self.live
    }

    /// All of them but one: what that one does alone.
    pub(super) fn all_but(&self, at: usize) -> Back {
        self.live.iter().copied().filter(|other| *other != at).collect()
    }

    /// Tries every edit put back alone, and every edit done alone.
    pub(super) fn singles(&mut self) {
        let wanted: Vec<Back> = self.live.iter().map(|at| Back::from([*at])).chain(self.live.iter().map(|at| self.all_but(*at))).collect();
        let of = wanted.len();
        for (done, back) in wanted.iter().enumerate() {
            self.rankings(back);
            (self.progress)(done + 1, of);
        }
    }

    /// The rankings with these edits put back; `None` where they do not check, or fail, without the others.
    pub(super) fn rankings(&mut self, back: &Back) -> Option<Rc<Vec<Ranking>>> {
        if let Some(known) = self.known.get(back) {
            return known.clone();
        }
        let rules = self.mixture.compile(back).ok();
        let answers = rules.and_then(|rules| self.survey.answer(&rules, &self.which, false).ok());
        let rankings = answers.map(|answers| Rc::new(answers.rankings));
        self.known.insert(back.clone(), rankings.clone());
        rankings
    }

    /// The same in search of a joint cause; `Err` when enough was tried.
    pub(super) fn search(&mut self, back: &Back) -> Result<Option<Rc<Vec<Ranking>>>, Enough> {
        if !self.known.contains_key(back) {
            if self.searched >= MOST {
                return Err(Enough);
            }
            self.searched += 1;
        }
        Ok(self.rankings(back))
    }
}

/// Enough was tried.
#[derive(Clone, Copy, Debug)]
pub(super) struct Enough;
