//! Follows the files of a rule set and reloads it when they have come to rest.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::hints::{Hints, Mode};
use super::{FileChange, LiveRules, LiveState, Look, Reload};
use crate::rules::RuleSet;
use crate::{Error, Result};

/// How long the files must be left alone before they are read.
const QUIET: Duration = Duration::from_millis(100);
/// How long files at fault are given to become valid before anybody is alarmed.
const GRACE: Duration = Duration::from_millis(150);
/// The longest wait for quiet: where files are written without a pause they are read all the same.
const MOST: Duration = Duration::from_secs(3);

/// What there is to tell.
#[derive(Debug)]
pub enum News {
    /// The set was reloaded, or was not although the files changed.
    Reload {
        /// What it came to; never [`Reload::Same`].
        reload: Reload,
        /// Hash of the set in force before.
        before: String,
        /// The files that differed from the set in force before.
        changes: Vec<FileChange>,
        /// How things stand now.
        state: LiveState,
    },
    /// Changes are noticed otherwise than asked for, and why.
    Trouble(String),
}

/// Follows the files of a rule set, one wait at a time.
pub struct Follower {
    live: Arc<LiveRules>,
    hints: Hints,
    /// A change that was hinted at and not yet looked into.
    due: bool,
}

impl Follower {
    /// Begins to follow.
    #[must_use]
    pub fn new(live: Arc<LiveRules>, mode: Mode) -> Self {
        let hints = Hints::new(live.config_dir.clone(), live.rules_dir.clone(), mode);
        // What changed since the set was loaded is found by a first look.
        Self { live, hints, due: true }
    }

    /// How changes are noticed now.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.hints.mode()
    }

    /// Waits for something to tell, at most so long (longer while files are being written). A new set is put in force only
    /// when its trial succeeds; a failed one is looked at again before it is told of.
    pub fn next(&mut self, most: Duration, mut trial: impl FnMut(&RuleSet) -> Result<()>) -> Option<News> {
        if let Some(trouble) = self.hints.trouble() {
            return Some(News::Trouble(trouble));
        }
        if !std::mem::take(&mut self.due) {
            if !self.hints.wait(most) {
                return None;
            }
            self.hints.settle(QUIET, MOST);
        }
        if let Some(trouble) = self.hints.trouble() {
            self.due = true;
            return Some(News::Trouble(trouble));
        }
        self.hints.refresh();
        let mut look = self.live.look(&mut trial);
        if let Look::New(candidate) = &look
            && candidate.is_faulty()
        {
            // Several files are written one after the other: what is at fault now may be whole in a moment.
            if self.hints.wait(GRACE) {
                self.hints.settle(QUIET, MOST);
            }
            self.hints.refresh();
            look = self.live.look(&mut trial);
        }
        let candidate = match look {
            Look::Same => return None,
            // What was read may be the first half of a file.
            Look::New(_) if self.hints.disturbed() => {
                self.hints.settle(QUIET, MOST);
                self.due = true;
                return None;
            }
            Look::Unsettled => {
                self.hints.settle(QUIET, MOST);
                self.due = true;
                return None;
            }
            Look::New(candidate) => candidate,
        };
        let before = self.live.state().active;
        let (reload, changes) = self.live.adopt(*candidate);
        let state = self.live.state();
        (reload != Reload::Same).then_some(News::Reload { reload, before, changes, state })
    }
}

impl LiveRules {
    /// Follows the files on a thread of its own until the returned value is dropped; `tell` hears all news.
    ///
    /// # Errors
    /// When the thread cannot be started (exit code 1).
    pub fn watch(
        self: &Arc<Self>,
        mode: Mode,
        trial: impl Fn(&RuleSet) -> Result<()> + Send + 'static,
        tell: impl Fn(News) + Send + 'static,
    ) -> Result<Watch> {
        let mut follower = Follower::new(Arc::clone(self), mode);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::Builder::new()
            .name("rules".to_owned())
            .spawn(move || {
                while !stopped.load(Ordering::Relaxed) {
                    if let Some(news) = follower.next(QUIET, &trial) {
                        tell(news);
                    }
                }
            })
            .map_err(|error| Error::failed(format!("the rule files cannot be followed: {error}")))?;
        Ok(Watch { stop, thread: Some(thread) })
    }
}

/// Follows the files as long as it lives.
#[derive(Debug)]
pub struct Watch {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
