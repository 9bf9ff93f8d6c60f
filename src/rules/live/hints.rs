//! Hints that the files of a rule set may have changed: from file events, or by looking again and again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant, SystemTime};

use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind, RemoveKind};
use notify::{ErrorKind, Event, EventKind, RecursiveMode, Watcher};

use super::barrier::Barrier;
use super::points::{Meaning, Points};
use crate::rules::RuleErrors;
use crate::rules::disk::{self, Files, Stamps};

/// How often the stamps of the files are looked at although no event came.
const NET: Duration = Duration::from_secs(2);
/// How long a file that somebody is writing is waited for.
const WRITING: Duration = Duration::from_secs(2);

/// The longest wait for the end of writing, should it never pause.
const LONGEST: Duration = Duration::from_secs(20);

/// How long a file is waited for that was written shortly before its folder was listened to: who writes it may not be done.
const UNSEEN: Duration = Duration::from_millis(500);

/// How long the watcher is given to tell of what it was shown.
const BARRIER: Duration = Duration::from_secs(3);

/// How changes are noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// By file events; where there are none to be had, by looking.
    Events,
    /// By looking this often: for folders over a network and mounts from another system, which send no events.
    Poll(Duration),
}

/// How often is looked where events were asked for and cannot be had.
pub(super) const FALLBACK: Duration = Duration::from_millis(500);

type Events = Receiver<notify::Result<Event>>;
type Start = fn() -> notify::Result<(Box<dyn Watcher + Send>, Events)>;

/// Waits for hints.
pub(super) struct Hints {
    config_dir: PathBuf,
    rules_dir: PathBuf,
    mode: Mode,
    watcher: Option<(Box<dyn Watcher + Send>, Events)>,
    barrier: Option<Barrier>,
    points: Points,
    /// The folders that are listened to, and which folder each was.
    listened: BTreeMap<PathBuf, Identity>,
    /// Those that may be listened to no longer.
    lost: BTreeSet<PathBuf>,
    /// Files that were written to and not closed since, and until when each is waited for.
    writing: BTreeMap<PathBuf, Instant>,
    /// Files that are empty, and until when each is taken for one whose text is to come.
    empty: BTreeMap<PathBuf, Instant>,
    /// Whether a folder or a link on the way may be another than the one watched.
    moved: bool,
    seen: Stamps,
    /// What the files said when they were last looked at; only where nothing but looking tells of changes.
    said: Option<Result<Files, RuleErrors>>,
    looked: Instant,
    trouble: Option<String>,
}

impl Hints {
    /// Begins.
    pub(super) fn new(config_dir: PathBuf, rules_dir: PathBuf, mode: Mode) -> Self {
        Self::with(config_dir, rules_dir, mode, system_watcher)
    }

    pub(super) fn with(config_dir: PathBuf, rules_dir: PathBuf, mode: Mode, start: Start) -> Self {
        let seen = disk::stamps(&config_dir, &rules_dir);
        let (points, looked) = (Points::default(), Instant::now());
        // What is empty from the beginning is meant to be.
        let empty = emptied(&seen).map(|path| (path, looked)).collect();
        let mut hints = Self {
            config_dir,
            rules_dir,
            mode,
            watcher: None,
            barrier: None,
            points,
            listened: BTreeMap::new(),
            lost: BTreeSet::new(),
            writing: BTreeMap::new(),
            empty,
            moved: true,
            seen,
            said: None,
            looked,
            trouble: None,
        };
        if mode == Mode::Events {
            match start() {
                Ok(mut watcher) => {
                    hints.barrier = Barrier::new(&mut *watcher.0);
                    hints.watcher = Some(watcher);
                    hints.refresh();
                }
                Err(error) => hints.fall_back(&error),
            }
        }
        hints
    }

    /// How changes are noticed now.
    pub(super) fn mode(&self) -> Mode {
        self.mode
    }

    /// Why changes are noticed otherwise than asked for; told once.
    pub(super) fn trouble(&mut self) -> Option<String> {
        self.trouble.take()
    }

    /// Waits for a hint, at most so long; whether there was one.
    pub(super) fn wait(&mut self, most: Duration) -> bool {
        let until = Instant::now() + most;
        loop {
            let interval = match self.mode {
                Mode::Events => NET,
                Mode::Poll(interval) => interval,
            };
            let next_look = self.looked + interval;
            let left = until.min(next_look).saturating_duration_since(Instant::now());
            if self.event(left) {
                return true;
            }
            let now = Instant::now();
            if now >= next_look && self.look() {
                return true;
            }
            if now >= until {
                return false;
            }
        }
    }

    /// Waits until there was no hint for `quiet` and nobody is writing, at most `most`.
    pub(super) fn settle(&mut self, quiet: Duration, most: Duration) {
        let began = Instant::now();
        loop {
            let hinted = if let Mode::Poll(_) = self.mode {
                std::thread::sleep(quiet);
                self.look()
            } else {
                self.event(quiet)
            };
            self.writing.retain(|_, until| *until > Instant::now());
            let waited = began.elapsed();
            if (self.writing.is_empty() && (!hinted || waited > most)) || waited > LONGEST {
                return;
            }
        }
    }

    /// Whether somebody began to change the files meanwhile.
    ///
    /// Events come in their order, but late on a busy machine: a moment is marked, and what comes before it is told is all that
    /// happened before. Where it is not told in time, nothing can be said to be at rest.
    pub(super) fn disturbed(&mut self) -> bool {
        let mut disturbed = self.event(Duration::ZERO);
        if self.barrier.as_mut().is_some_and(Barrier::mark) {
            let until = Instant::now() + BARRIER;
            while self.barrier.as_mut().is_some_and(|barrier| !barrier.is_passed()) {
                let Some((_, events)) = &self.watcher else { break };
                if let Ok(event) = events.recv_timeout(until.saturating_duration_since(Instant::now())) {
                    disturbed |= self.heard(event);
                } else {
                    self.barrier.as_mut().into_iter().for_each(Barrier::miss);
                    disturbed = true;
                    break;
                }
            }
        }
        disturbed || !self.writing.is_empty()
    }

    /// Watches the folders as they are now. To be called before the files are read, so that nothing between goes unnoticed.
    ///
    /// A folder that is still the same keeps its watch: what was told of it and not heard yet would be lost with it.
    pub(super) fn refresh(&mut self) {
        let points = Points::of(&self.config_dir, &self.rules_dir);
        self.seen = disk::stamps(&self.config_dir, &self.rules_dir);
        self.suspect_the_empty();
        if !std::mem::take(&mut self.moved) && points == self.points {
            return;
        }
        let Some((watcher, _)) = &mut self.watcher else { return };
        self.points = points;
        let first = self.listened.is_empty();
        let lost = std::mem::take(&mut self.lost);
        let wanted: BTreeMap<&PathBuf, Identity> = self.points.folders().map(|folder| (folder, identity(folder))).collect();
        self.listened.retain(|folder, was| {
            let kept = !lost.contains(folder) && was.is_some() && wanted.get(folder) == Some(was);
            if !kept {
                let _ = watcher.unwatch(folder);
            }
            kept
        });
        let (mut failed, mut anew) = (None, false);
        for (folder, is) in wanted {
            if self.listened.contains_key(folder) {
                continue;
            }
            match watcher.watch(folder, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.listened.insert(folder.clone(), is);
                    anew = true;
                }
                // It went away just now: its parent tells of that.
                Err(error) if matches!(error.kind, ErrorKind::PathNotFound) || !folder.exists() => self.moved = true,
                Err(error) => failed = Some(error),
            }
        }
        if let Some(error) = failed {
            self.fall_back(&error);
        } else if anew && !first {
            self.suspect_the_new();
        }
    }

    /// Waits for files that have become empty: who writes a file anew empties it first, and not every system tells of that. An empty
    /// list of rules would be a set.
    fn suspect_the_empty(&mut self) {
        let now = Instant::now();
        let empty: BTreeMap<PathBuf, Instant> =
            emptied(&self.seen).map(|path| (path.clone(), self.empty.get(&path).copied().unwrap_or(now + WRITING))).collect();
        self.writing.extend(empty.iter().filter(|(_, until)| **until > now).map(|(path, until)| (path.clone(), *until)));
        self.empty = empty;
    }

    /// Waits for files that were written a moment ago in folders which nobody listened to then.
    fn suspect_the_new(&mut self) {
        let (now, until) = (SystemTime::now(), Instant::now() + UNSEEN);
        for (path, _) in disk::stamps(&self.config_dir, &self.rules_dir) {
            let written = std::fs::metadata(&path).and_then(|about| about.modified());
            if written.is_ok_and(|written| now.duration_since(written).is_ok_and(|age| age < WRITING)) {
                self.writing.entry(named(&path)).or_insert(until);
            }
        }
    }

    /// Looks instead of listening.
    fn fall_back(&mut self, error: &notify::Error) {
        let why = match &error.kind {
            ErrorKind::MaxFilesWatch => "the system's number of watches is used up (fs.inotify.max_user_watches)".to_owned(),
            ErrorKind::Io(error) if error.raw_os_error() == Some(24) => {
                "the system's number of watchers is used up (fs.inotify.max_user_instances)".to_owned()
            }
            _ => format!("file events cannot be had: {error}"),
        };
        self.watcher = None;
        self.barrier = None;
        self.listened.clear();
        self.mode = Mode::Poll(FALLBACK);
        self.writing.clear();
        self.trouble = Some(format!("{why}; the files are looked at every {} s instead", FALLBACK.as_secs_f64()));
    }

    /// Whether the files have other stamps than when they were last looked at.
    fn look(&mut self) -> bool {
        self.looked = Instant::now();
        let now = disk::stamps(&self.config_dir, &self.rules_dir);
        let mut other = now != self.seen;
        if let Mode::Poll(_) = self.mode {
            // Clocks of other systems are coarse: two writes may leave the same stamp.
            let said = Some(disk::read(&self.config_dir, &self.rules_dir));
            other |= self.said.is_some() && said != self.said;
            self.said = said;
        }
        if other {
            self.moved = true;
            self.seen = now;
        }
        other
    }

    /// Waits for an event that matters, at most so long.
    fn event(&mut self, most: Duration) -> bool {
        let until = Instant::now() + most;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let Some((_, events)) = &self.watcher else {
                std::thread::sleep(left);
                return false;
            };
            match events.recv_timeout(left) {
                Ok(event) => {
                    if self.heard(event) {
                        return true;
                    }
                }
                Err(RecvTimeoutError::Timeout) => return false,
                Err(RecvTimeoutError::Disconnected) => {
                    self.fall_back(&notify::Error::generic("the watcher ended"));
                    return true;
                }
            }
        }
    }

    /// Takes an event in; whether it matters.
    pub(super) fn heard(&mut self, event: notify::Result<Event>) -> bool {
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                // Events may be lost: everything is looked at, and nothing more is expected of the watcher.
                self.fall_back(&error);
                return true;
            }
        };
        if event.need_rescan() {
            self.moved = true;
            self.lost.extend(self.listened.keys().cloned());
            self.writing.clear();
            return true;
        }
        let mut matters = false;
        if matches!(event.kind, EventKind::Access(AccessKind::Open(_))) {
            self.barrier.as_mut().into_iter().for_each(|barrier| barrier.heard(&event));
            return false;
        }
        for path in &event.paths {
            match self.points.meaning(path) {
                Meaning::Noise => continue,
                Meaning::File => {}
                Meaning::Way => {
                    self.moved = true;
                    self.lost.extend(self.listened.keys().filter(|folder| folder.starts_with(path)).cloned());
                }
            }
            matters = true;
            match event.kind {
                EventKind::Modify(ModifyKind::Data(_)) => {
                    self.writing.insert(path.clone(), Instant::now() + WRITING);
                }
                // Who makes a file is about to write to it; a link is whole at once.
                EventKind::Create(CreateKind::File) if std::fs::symlink_metadata(path).is_ok_and(|about| about.is_file()) => {
                    self.writing.insert(path.clone(), Instant::now() + WRITING);
                }
                EventKind::Access(AccessKind::Close(AccessMode::Write)) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)) => {
                    self.writing.remove(path);
                }
                _ => {}
            }
            if matches!(event.kind, EventKind::Remove(RemoveKind::Folder)) {
                self.moved = true;
            }
        }
        matters
    }
}

/// The path as events name it.
fn named(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The files that are empty.
fn emptied(stamps: &Stamps) -> impl Iterator<Item = PathBuf> {
    stamps.iter().filter(|(_, stamp)| stamp.is_some_and(|[size, ..]| size == 0)).map(|(path, _)| named(path))
}

/// Which folder it is, whatever it is called; `None` where that cannot be told.
type Identity = Option<(u64, u64)>;

fn identity(folder: &Path) -> Identity {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        std::fs::metadata(folder).ok().map(|about| (about.dev(), about.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}

/// The system's watcher, with its events in a channel. That a file was read is left out; that one was opened marks a moment.
fn system_watcher() -> notify::Result<(Box<dyn Watcher + Send>, Events)> {
    let (send, receive) = mpsc::channel();
    let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        let noise = |event: &Event| {
            let told = [AccessKind::Close(AccessMode::Write), AccessKind::Open(AccessMode::Any)];
            matches!(event.kind, EventKind::Access(kind) if !told.contains(&kind)) && !event.need_rescan()
        };
        if !event.as_ref().is_ok_and(noise) {
            let _ = send.send(event);
        }
    })?;
    Ok((Box::new(watcher), receive))
}

#[cfg(test)]
#[path = "hints_tests.rs"]
mod tests;
