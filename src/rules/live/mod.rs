//! The rule set in force while files change on disk.
//!
//! A change is only a hint: after a quiet time everything is read again, its hash compared, the whole set checked,
//! compiled and tried out, and then swapped in one step. A set at fault changes nothing: the last good one stays, marked stale.

mod barrier;
mod follow;
mod hints;
mod points;
#[cfg(test)]
mod tests;

pub use follow::{Follower, News, Watch};
pub use hints::Mode;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use arc_swap::ArcSwap;

use super::disk;
use super::error::RuleErrorKind;
use super::faults::{Faults, RuleErrors};
use super::limits::{Limits, SETTINGS};
use super::set::{RULES, RuleSet, SCORING, hash_of};
use super::source::Source;
use crate::Error;

/// How the rule set in force stands to the files on disk.
#[derive(Clone, Debug)]
pub struct LiveState {
    /// Hash of the set in force.
    pub active: String,
    /// Hash of the files on disk; `None` when they are gone or cannot be read.
    pub on_disk: Option<String>,
    /// Whether the set in force is another than the one on disk, which is at fault.
    pub stale: bool,
    /// What is wrong with the files on disk.
    pub refused: Option<Refused>,
    /// When the set in force was last found to be that on disk.
    pub last_good: SystemTime,
}

/// Why a set was not put in force.
#[derive(Clone, Debug, PartialEq)]
pub enum Refused {
    /// The faults of its files, with their places.
    Faults(RuleErrors),
    /// It loads, but failed when it was tried out: a limit of the sandbox, or the engine broke down.
    Trial(Error),
}

impl Refused {
    /// What is wrong, for people.
    #[must_use]
    pub fn render(&self) -> String {
        match self {
            Self::Faults(errors) => errors.render(),
            Self::Trial(error) => error.to_string(),
        }
    }
}

/// What a reload came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reload {
    /// Nothing has changed.
    Same,
    /// A new set is in force.
    Swapped,
    /// The files are again those of the set in force, after a fault.
    Restored,
    /// The files are at fault; the set in force stays.
    Kept,
}

/// How a file on disk stands to that of the set in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It has another text.
    Changed,
    /// It is new.
    Added,
    /// It is gone.
    Removed,
}

impl How {
    /// In a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Added => "added",
            Self::Removed => "removed",
        }
    }
}

/// A file of the set that differs from the one in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Its name in the set.
    pub file: String,
    /// How it differs.
    pub how: How,
}

/// What was found on disk, checked and tried out, and not yet in force.
#[derive(Debug)]
pub(crate) struct Candidate {
    key: String,
    on_disk: Option<String>,
    changes: Vec<FileChange>,
    outcome: Result<RuleSet, Refused>,
}

impl Candidate {
    pub(crate) fn is_faulty(&self) -> bool {
        self.outcome.is_err()
    }
}

/// What a look at the files finds.
#[derive(Debug)]
pub(crate) enum Look {
    /// They are being changed.
    Unsettled,
    /// They are as they were.
    Same,
    /// They are other ones.
    New(Box<Candidate>),
}

/// A rule set that follows its files.
#[derive(Debug)]
pub struct LiveRules {
    config_dir: PathBuf,
    rules_dir: PathBuf,
    current: ArcSwap<RuleSet>,
    state: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    state: LiveState,
    /// What the last look saw: files, limits, or why they could not be read.
    key: String,
}

impl LiveRules {
    /// Loads the set of two folders.
    ///
    /// # Errors
    /// Every fault of every file.
    pub fn load(config_dir: &Path, rules_dir: &Path) -> Result<Self, RuleErrors> {
        let set = RuleSet::load(config_dir, rules_dir)?;
        let state = LiveState {
            active: set.hash.clone(),
            on_disk: Some(set.hash.clone()),
            stale: false,
            refused: None,
            last_good: SystemTime::now(),
        };
        let key = key(&Ok(state.on_disk.clone().filter(|_| !set.embedded)), &Ok(set.limits));
        let current = ArcSwap::from_pointee(set);
        Ok(Self { config_dir: config_dir.to_owned(), rules_dir: rules_dir.to_owned(), current, state: Mutex::new(Inner { state, key }) })
    }

    /// The set in force. A request takes it once and keeps it to its end.
    #[must_use]
    pub fn current(&self) -> Arc<RuleSet> {
        self.current.load_full()
    }

    /// How the set in force stands to the files on disk.
    #[must_use]
    pub fn state(&self) -> LiveState {
        self.inner().state.clone()
    }

    /// The folders that it follows: of the configuration, and of the scripts.
    #[must_use]
    pub fn folders(&self) -> (&Path, &Path) {
        (&self.config_dir, &self.rules_dir)
    }

    /// Reads everything again and swaps the set when it is another and without a fault.
    pub fn reload(&self) -> Reload {
        self.reload_after(|_| Ok(()))
    }

    /// The same with a trial of the new set: it is put in force only when that succeeds.
    pub fn reload_after(&self, trial: impl FnOnce(&RuleSet) -> crate::Result<()>) -> Reload {
        match self.look(trial) {
            Look::New(candidate) => self.adopt(*candidate).0,
            Look::Unsettled | Look::Same => {
                if self.inner().state.stale {
                    Reload::Kept
                } else {
                    Reload::Same
                }
            }
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads, checks and tries out what is on disk, and changes nothing.
    pub(crate) fn look(&self, trial: impl FnOnce(&RuleSet) -> crate::Result<()>) -> Look {
        let Some(files) = disk::read_settled(&self.config_dir, &self.rules_dir) else { return Look::Unsettled };
        let limits = Limits::load(&self.config_dir);
        let on_disk = files.as_ref().map(|files| files.as_ref().map(|files| hash_of(files)));
        let on_disk = on_disk.map_err(RuleErrors::clone);
        let key = key(&on_disk, &limits);
        let (last, active) = {
            let inner = self.inner();
            (inner.key.clone(), inner.state.active.clone())
        };
        if key == last {
            return Look::Same;
        }
        let current = self.current();
        let mut changes = match &files {
            // Scripts may be there still when the files that list them are gone.
            Ok(None) if !current.embedded => changes(&current, disk::everything(&self.config_dir, &self.rules_dir).ok().as_deref()),
            Ok(files) => changes(&current, files.as_deref()),
            Err(_) => Vec::new(),
        };
        if !limits.as_ref().is_ok_and(|limits| *limits == current.limits) {
            changes.push(FileChange { file: SETTINGS.to_owned(), how: How::Changed });
        }
        let compiled = files.and_then(|files| match files {
            None if !current.embedded => Err(gone(&self.config_dir)),
            files => RuleSet::of_disk(files.as_deref(), &limits?, Some(&current)),
        });
        let outcome = compiled.map_err(Refused::Faults).and_then(|set| {
            if set.hash != active || set.limits != current.limits {
                trial(&set).map_err(Refused::Trial)?;
            }
            Ok(set)
        });
        let on_disk = on_disk.ok().flatten();
        Look::New(Box::new(Candidate { key, on_disk, changes, outcome }))
    }

    /// Puts a candidate in force, or notes why not.
    pub(crate) fn adopt(&self, candidate: Candidate) -> (Reload, Vec<FileChange>) {
        let mut inner = self.inner();
        let was_stale = inner.state.stale;
        inner.key = candidate.key;
        let reload = match candidate.outcome {
            Ok(set) => {
                let same = set.hash == inner.state.active && set.limits == self.current().limits;
                let active = set.hash.clone();
                // The shipped set written out is the same set, but from then on one of files.
                if !same || set.embedded != self.current().embedded {
                    self.current.store(Arc::new(set));
                }
                inner.state =
                    LiveState { on_disk: Some(active.clone()), active, stale: false, refused: None, last_good: SystemTime::now() };
                match (same, was_stale) {
                    (false, _) => Reload::Swapped,
                    (true, true) => Reload::Restored,
                    (true, false) => Reload::Same,
                }
            }
            Err(refused) => {
                inner.state.on_disk = candidate.on_disk;
                inner.state.stale = true;
                inner.state.refused = Some(refused);
                Reload::Kept
            }
        };
        (reload, candidate.changes)
    }
}

/// What a look sees, in one text: two looks with the same see the same.
fn key(on_disk: &Result<Option<String>, RuleErrors>, limits: &Result<Limits, RuleErrors>) -> String {
    let files = match on_disk {
        Ok(Some(hash)) => hash.clone(),
        Ok(None) => "as shipped".to_owned(),
        Err(errors) => errors.render(),
    };
    let limits = match limits {
        Ok(limits) => format!("{limits:?}"),
        Err(errors) => errors.render(),
    };
    format!("{files}\n{limits}")
}

/// The fault of files that were there and are no more: the shipped set is not what anybody asked for then.
fn gone(config_dir: &Path) -> RuleErrors {
    let mut faults = Faults::default();
    for name in [SCORING, RULES] {
        let file = Arc::new(Source::new(name, "", 0));
        faults.add(&file, 0..0, RuleErrorKind::MissingFile(format!("`{name}`"))).help = Some(format!(
            "`{}` is watched until it is back; the shipped rules hold only where there never was a set",
            config_dir.display()
        ));
    }
    RuleErrors(faults.sorted())
}

/// What differs between the set in force and files on disk, by name.
fn changes(current: &RuleSet, files: Option<&[(String, String)]>) -> Vec<FileChange> {
    if files.is_none() && current.embedded {
        return Vec::new();
    }
    let files = files.unwrap_or_default();
    let there = current.files.iter().filter_map(|old| {
        let how = match files.iter().find(|(name, _)| *name == old.name) {
            None => How::Removed,
            Some((_, text)) if *text != old.text => How::Changed,
            Some(_) => return None,
        };
        Some(FileChange { file: old.name.clone(), how })
    });
    let new = files.iter().filter(|(name, _)| current.files.iter().all(|old| old.name != *name));
    let mut all: Vec<FileChange> = there.chain(new.map(|(name, _)| FileChange { file: name.clone(), how: How::Added })).collect();
    all.sort_by(|a, b| a.file.cmp(&b.file));
    all
}
