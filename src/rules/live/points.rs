//! The folders in which something must happen for a rule set to change.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use crate::rules::disk;

/// Links that are followed one after the other.
const LINKS: usize = 16;

/// Folders, and the names in each that matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Points {
    folders: BTreeMap<PathBuf, Names>,
}

/// Names in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Names {
    /// Every one but hidden ones.
    All,
    /// These: ways to the folder of the set.
    These(BTreeSet<OsString>),
}

/// What an event in a watched folder means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Nothing.
    Noise,
    /// A file of the set may have changed.
    File,
    /// A folder or a link on the way to the set may be another.
    Way,
}

impl Points {
    /// Both folders, their parents, and the folders of everything that a link on the way leads to.
    ///
    /// A file is never watched itself: editors put another one in its place, and the watch would stay with the old one.
    pub(super) fn of(config_dir: &Path, rules_dir: &Path) -> Self {
        let mut points = Self::default();
        for folder in [config_dir, rules_dir] {
            points.follow(folder, 0);
            if folder.is_dir()
                && let Ok(folder) = std::path::absolute(folder)
            {
                points.folders.insert(folder, Names::All);
            }
        }
        for (path, _) in disk::stamps(config_dir, rules_dir) {
            if fs::symlink_metadata(&path).is_ok_and(|about| about.file_type().is_symlink()) {
                points.follow(&path, 0);
            }
        }
        points
    }

    /// Notes every link on the way to a path, and its last step.
    fn follow(&mut self, path: &Path, depth: usize) {
        let Ok(path) = std::path::absolute(path) else { return };
        if depth > LINKS {
            return;
        }
        let mut at = PathBuf::new();
        for step in path.components() {
            at.push(step);
            let Some(parent) = at.parent() else { continue };
            match fs::symlink_metadata(&at) {
                Ok(about) if about.file_type().is_symlink() => {
                    self.note(parent, at.file_name());
                    if let Ok(target) = fs::read_link(&at) {
                        self.follow(&parent.join(target), depth + 1);
                    }
                }
                Ok(_) => {}
                Err(_) => {
                    // From here on it is not there: its coming is what is waited for.
                    self.note(parent, at.file_name());
                    return;
                }
            }
        }
        if let Some(parent) = path.parent() {
            self.note(parent, path.file_name());
        }
    }

    fn note(&mut self, folder: &Path, name: Option<&OsStr>) {
        let Some(name) = name else { return };
        if let Names::These(names) = self.folders.entry(folder.to_owned()).or_insert_with(|| Names::These(BTreeSet::new())) {
            names.insert(name.to_owned());
        }
    }

    /// The folders.
    pub(super) fn folders(&self) -> impl Iterator<Item = &PathBuf> {
        self.folders.keys()
    }

    /// What an event on a path means.
    pub(super) fn meaning(&self, path: &Path) -> Meaning {
        if self.folders.contains_key(path) {
            return Meaning::Way;
        }
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return Meaning::Noise };
        match self.folders.get(parent) {
            // Where events name paths in another form than they were asked for, every one counts.
            None => {
                if cfg!(target_os = "linux") {
                    Meaning::Noise
                } else {
                    Meaning::Way
                }
            }
            Some(Names::These(names)) => {
                if names.contains(name) {
                    Meaning::Way
                } else {
                    Meaning::Noise
                }
            }
            Some(Names::All) => match name.to_string_lossy() {
                name if name.starts_with("..") => Meaning::Way,
                name if name.starts_with('.') => Meaning::Noise,
                _ => Meaning::File,
            },
        }
    }
}
