//! The rule set in force while files change on disk.
//!
//! A change is only a hint: after a quiet time everything is read again, its hash compared, the whole set checked and
//! compiled, and then swapped in one step. A set at fault changes nothing: the last good one stays, marked stale.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecursiveMode, Watcher};

use super::faults::RuleErrors;
use super::set::RuleSet;
use crate::{Error, Result};

/// How long the files must be left alone before they are read.
const QUIET: Duration = Duration::from_millis(100);
/// How often everything is read anyway, should a change have gone unnoticed.
const POLL: Duration = Duration::from_secs(30);

/// How the rule set in force stands to the files on disk.
#[derive(Clone, Debug)]
pub struct LiveState {
    /// Hash of the set in force.
    pub active: String,
    /// Hash of the files on disk; `None` when they cannot be read.
    pub on_disk: Option<String>,
    /// Whether the set in force is another than the one on disk, which is at fault.
    pub stale: bool,
    /// The faults of the files on disk, with their places.
    pub errors: Option<RuleErrors>,
    /// When the set in force was last found to be that on disk.
    pub last_good: SystemTime,
}

/// What a reload came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reload {
    /// The files are those of the set in force.
    Same,
    /// A new set is in force.
    Swapped,
    /// The files are at fault; the set in force stays.
    Kept,
}

/// A rule set that follows its files.
#[derive(Debug)]
pub struct LiveRules {
    config_dir: PathBuf,
    rules_dir: PathBuf,
    current: ArcSwap<RuleSet>,
    state: Mutex<LiveState>,
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
            errors: None,
            last_good: SystemTime::now(),
        };
        let current = ArcSwap::from_pointee(set);
        Ok(Self { config_dir: config_dir.to_owned(), rules_dir: rules_dir.to_owned(), current, state: Mutex::new(state) })
    }

    /// The set in force. A request takes it once and keeps it to its end.
    #[must_use]
    pub fn current(&self) -> Arc<RuleSet> {
        self.current.load_full()
    }

    /// How the set in force stands to the files on disk.
    #[must_use]
    pub fn state(&self) -> LiveState {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Reads everything again and swaps the set when it is another and without a fault.
    pub fn reload(&self) -> Reload {
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let on_disk = RuleSet::hash_on_disk(&self.config_dir, &self.rules_dir);
        if on_disk.is_some() && on_disk == state.on_disk {
            return if state.stale { Reload::Kept } else { Reload::Same };
        }
        match RuleSet::load(&self.config_dir, &self.rules_dir) {
            Ok(set) => {
                let outcome = if set.hash == state.active { Reload::Same } else { Reload::Swapped };
                let active = set.hash.clone();
                if outcome == Reload::Swapped {
                    self.current.store(Arc::new(set));
                }
                *state = LiveState { on_disk: Some(active.clone()), active, stale: false, errors: None, last_good: SystemTime::now() };
                outcome
            }
            Err(errors) => {
                state.on_disk = on_disk;
                state.stale = true;
                state.errors = Some(errors);
                Reload::Kept
            }
        }
    }

    /// Follows the files until the returned value is dropped; `tell` hears of every reload that was not [`Reload::Same`].
    ///
    /// # Errors
    /// When the folders cannot be watched (exit code 1).
    pub fn watch(self: &Arc<Self>, tell: impl Fn(Reload, &LiveState) + Send + 'static) -> Result<Watch> {
        let (send, receive) = mpsc::channel();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if event.as_ref().map_or(true, |event| matters(event.kind)) {
                let _ = send.send(());
            }
        })
        .map_err(|error| Error::failed(format!("the rule files cannot be watched: {error}")))?;
        for folder in [&self.config_dir, &self.rules_dir] {
            // Editors replace files and deployments replace folders: the folder is watched, not the file.
            if folder.is_dir() {
                let begun = watcher.watch(folder, RecursiveMode::NonRecursive);
                begun.map_err(|error| Error::failed(format!("`{}` cannot be watched: {error}", folder.display())))?;
            }
        }
        let live = Arc::clone(self);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            loop {
                match receive.recv_timeout(POLL) {
                    Ok(()) => while receive.recv_timeout(QUIET).is_ok() {},
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                }
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let before = live.state();
                let outcome = live.reload();
                let after = live.state();
                if outcome != Reload::Same && (before.on_disk != after.on_disk || before.stale != after.stale) {
                    tell(outcome, &after);
                }
            }
        });
        Ok(Watch { watcher: Some(watcher), stop, thread: Some(thread) })
    }
}

/// Reading a file is no change; ending to write one is.
fn matters(kind: EventKind) -> bool {
    !matches!(kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write))
}

/// Follows the files as long as it lives.
#[derive(Debug)]
pub struct Watch {
    watcher: Option<notify::RecommendedWatcher>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Without its watcher the thread's channel ends.
        drop(self.watcher.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            for (name, text) in crate::rules::embedded::FILES {
                let path = folder.path().join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            Self(folder)
        }
        fn live(&self) -> LiveRules {
            LiveRules::load(&self.0.path().join("config"), &self.0.path().join("rules"))
                .unwrap_or_else(|errors| panic!("{}", errors.render()))
        }
        fn edit(&self, name: &str, old: &str, new: &str) {
            let path = self.0.path().join(name);
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.contains(old));
            fs::write(path, text.replacen(old, new, 1)).unwrap();
        }
    }

    #[test]
    fn an_edit_is_swapped_in_and_a_broken_one_keeps_the_last_good_set() {
        let folder = Folder::new();
        let live = folder.live();
        let first = live.current();
        assert_eq!(live.reload(), Reload::Same);
        folder.edit("config/scoring.toml", "floor = 0.8", "floor = 0.7");
        assert_eq!(live.reload(), Reload::Swapped);
        assert_eq!((first.scoring.confidence.floor, live.current().scoring.confidence.floor), (0.8, 0.7));
        folder.edit("rules/stale.rhai", "fn adjust(", "fn adjst(");
        assert_eq!(live.reload(), Reload::Kept);
        let state = live.state();
        assert!(state.stale && state.on_disk.as_ref() != Some(&state.active));
        assert!(state.errors.unwrap().render().contains("rules/stale.rhai"));
        assert_eq!(live.current().hash, state.active);
        folder.edit("rules/stale.rhai", "fn adjst(", "fn adjust(");
        assert_eq!(live.reload(), Reload::Same);
        assert!(!live.state().stale);
    }

    #[test]
    fn a_watched_edit_is_seen() {
        let folder = Folder::new();
        let live = Arc::new(folder.live());
        let (send, receive) = mpsc::channel();
        let watch = live
            .watch(move |reload, state| {
                let _ = send.send((reload, state.stale));
            })
            .unwrap();
        folder.edit("config/rules.toml", "max_age_days = 365", "max_age_days = 30");
        assert_eq!(receive.recv_timeout(Duration::from_secs(20)).unwrap(), (Reload::Swapped, false));
        folder.edit("config/rules.toml", "max_age_days = 30", "max_age_day = 30");
        assert_eq!(receive.recv_timeout(Duration::from_secs(20)).unwrap(), (Reload::Kept, true));
        drop(watch);
    }
}
