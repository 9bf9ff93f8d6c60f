//! Reads the files of a rule set from disk.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::error::RuleErrorKind;
use super::faults::{Faults, RuleErrors};
use super::source::Source;
use crate::text_file;

/// Name and text of the files of a set; `None` when neither scoring.toml nor rules.toml is on disk.
pub(crate) type Files = Option<Vec<(String, String)>>;

/// Whether a folder holds a script.
#[must_use]
pub fn holds_scripts(rules_dir: &Path) -> bool {
    let is_script = |path: &Path| path.extension().is_some_and(|extension| extension == "rhai");
    fs::read_dir(rules_dir).is_ok_and(|entries| entries.filter_map(std::result::Result::ok).any(|entry| is_script(&entry.path())))
}

/// The files of config_dir that belong to the set, whether they are there or not: name in the set, and place.
fn configured(config_dir: &Path) -> [(&'static str, PathBuf); 2] {
    [(super::set::SCORING, config_dir.join("scoring.toml")), (super::set::RULES, config_dir.join("rules.toml"))]
}

/// The place on disk of a file of a set.
pub(crate) fn place(name: &str, config_dir: &Path, rules_dir: &Path) -> PathBuf {
    match name.split_once('/') {
        Some(("rules", rest)) => rules_dir.join(rest),
        Some((_, rest)) => config_dir.join(rest),
        None => config_dir.join(name),
    }
}

/// The scripts of a folder: name in the set, and place, by name.
///
/// A script is what has a name that ends in `.rhai` and does not begin with a dot; symbolic links are followed. What is there
/// under such a name and is no file is a fault when it is read, and never passed by in silence.
pub(crate) fn scripts(rules_dir: &Path) -> Vec<(String, PathBuf)> {
    let mut scripts: Vec<_> = match fs::read_dir(rules_dir) {
        Ok(entries) => entries.filter_map(|entry| Some(entry.ok()?.path())).collect(),
        Err(_) => Vec::new(),
    };
    scripts.sort();
    let named = scripts.into_iter().filter_map(|path| Some((path.file_name()?.to_string_lossy().into_owned(), path)));
    named
        .filter(|(name, path)| !name.starts_with('.') && path.extension().is_some_and(|extension| extension == "rhai"))
        .map(|(name, path)| (format!("rules/{name}"), path))
        .collect()
}

/// Name and text of every file of the set; `None` when neither scoring.toml nor rules.toml is in `config_dir`.
///
/// # Errors
/// Every file that cannot be read.
pub(crate) fn read(config_dir: &Path, rules_dir: &Path) -> Result<Files, RuleErrors> {
    let (files, faults) = read_what_can_be(config_dir, rules_dir);
    let errors = faults.sorted();
    if errors.is_empty() { Ok(files) } else { Err(RuleErrors(errors)) }
}

/// Name and text of every file that belongs to the set, scripts also where scoring.toml and rules.toml are gone; empty where there is none.
///
/// # Errors
/// Every file that cannot be read.
pub(crate) fn everything(config_dir: &Path, rules_dir: &Path) -> Result<Vec<(String, String)>, RuleErrors> {
    let (files, faults) = read_all(config_dir, rules_dir);
    let errors = faults.sorted();
    if errors.is_empty() { Ok(files) } else { Err(RuleErrors(errors)) }
}

/// Name and text of every file of the set that can be read, and a fault for each that cannot.
pub(crate) fn read_what_can_be(config_dir: &Path, rules_dir: &Path) -> (Files, Faults) {
    if configured(config_dir).iter().all(|(_, path)| !path.exists()) {
        return (None, Faults::default());
    }
    let (files, faults) = read_all(config_dir, rules_dir);
    (Some(files), faults)
}

fn read_all(config_dir: &Path, rules_dir: &Path) -> (Vec<(String, String)>, Faults) {
    let config: Vec<_> = configured(config_dir).into_iter().filter(|(_, path)| path.exists()).collect();
    let mut faults = Faults::default();
    let mut files: Vec<(String, String)> = Vec::new();
    for (name, path) in config.into_iter().map(|(name, path)| (name.to_owned(), path)).chain(scripts(rules_dir)) {
        match text_of(&path) {
            Ok(text) => files.push((name, text)),
            Err(what) => {
                faults.add(&Arc::new(Source::new(name, "", files.len())), 0..0, RuleErrorKind::Unreadable(what));
            }
        }
    }
    (files, faults)
}

/// The text of a file, or why it cannot be read.
pub(crate) fn text_of(path: &Path) -> Result<String, String> {
    if path.file_name().is_some_and(|name| name.to_str().is_none()) {
        return Err(format!("the name of `{}` is not UTF-8 text", path.display()));
    }
    text_file::text(path, text_file::SETTINGS).map_err(text_file::Unread::message)
}

/// What was read, of a moment at which all of it was on disk; `None` when it was still being changed.
///
/// Everything is read twice with the stamps of the files around it: where both readings and both stamps are the same, all
/// of it was there between the two.
pub(crate) fn read_settled(config_dir: &Path, rules_dir: &Path) -> Option<Result<Files, RuleErrors>> {
    for attempt in 0..5 {
        if attempt > 0 {
            std::thread::sleep(Duration::from_millis(10));
        }
        let before = stamps(config_dir, rules_dir);
        let first = read(config_dir, rules_dir);
        let second = read(config_dir, rules_dir);
        if first == second && before == stamps(config_dir, rules_dir) {
            return Some(second);
        }
    }
    None
}

/// What tells that a file is another or was written: all of them with their places.
pub(crate) type Stamps = Vec<(PathBuf, Option<[i128; 4]>)>;

/// The stamps of every file of the set and of suitor.toml.
pub(crate) fn stamps(config_dir: &Path, rules_dir: &Path) -> Stamps {
    let config = configured(config_dir).map(|(_, path)| path).into_iter().chain([config_dir.join("suitor.toml")]);
    config
        .chain(scripts(rules_dir).into_iter().map(|(_, path)| path))
        .map(|path| (stamp(&path), path))
        .map(|(of, path)| (path, of))
        .collect()
}

/// Size, time of writing, and where the system knows them, number of the file and time of its last change.
pub(crate) fn stamp(path: &Path) -> Option<[i128; 4]> {
    let about = fs::metadata(path).ok()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let at = |seconds: i64, nanos: i64| i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
        Some([
            i128::from(about.size()),
            at(about.mtime(), about.mtime_nsec()),
            i128::from(about.ino()),
            at(about.ctime(), about.ctime_nsec()),
        ])
    }
    #[cfg(not(unix))]
    {
        let written = about.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        Some([i128::from(about.len()), i128::try_from(written.as_nanos()).ok()?, 0, 0])
    }
}
