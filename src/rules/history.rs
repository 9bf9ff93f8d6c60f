//! The last rule sets in force, kept in a folder beside the configuration, and how one of them is put back.
//!
//! `.suitor/history/NAME/` beside the folder of the configuration (NAME is its name) holds one file a set, named by the
//! set's hash, and `index.json`, newest first. It is not inside the configuration, so that it outlives it and is no part of
//! any set. Every file is written beside its place and renamed into it.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::disk;
use super::limits::Limits;
use super::set::{RuleSet, hash_of};
use crate::text_file::{self, Unread};
use crate::{Error, Result};

/// Sets that are kept.
pub const KEPT: usize = 20;

/// The kept sets of one configuration.
#[derive(Clone, Debug)]
pub struct History {
    folder: PathBuf,
    config_dir: PathBuf,
    rules_dir: PathBuf,
}

/// One kept set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// SHA-256 of the set, hex.
    pub hash: String,
    /// When it was recorded last, RFC 3339.
    pub at: String,
    /// What for: `in force`, `before rollback`, `rollback`; `found` where the list of them was lost.
    pub why: String,
    /// Faults that it had; 0 for a set that loads.
    pub faults: usize,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Index {
    /// The set that a rollback is putting back; set only while it is under way.
    putting_back: Option<String>,
    /// The set that it replaces, where there was one; set as long.
    #[serde(default)]
    replacing: Option<String>,
    entries: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    files: Vec<(String, String)>,
}

/// What a rollback did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RolledBack {
    /// The set that was on disk before; `None` where there was none.
    pub before: Option<String>,
    /// The set that is on disk now.
    pub now: Entry,
    /// Files that were written, by name in the set.
    pub written: Vec<String>,
    /// Files that were taken away, by name in the set.
    pub removed: Vec<String>,
}

impl History {
    /// The history of the configuration in a folder.
    ///
    /// # Errors
    /// When the folder's place cannot be told (exit code 1).
    pub fn beside(config_dir: &Path, rules_dir: &Path) -> Result<Self> {
        let absolute = std::path::absolute(config_dir).map_err(|error| unwritten(config_dir, &error))?;
        let name = absolute.file_name().map_or_else(|| "config".into(), std::ffi::OsStr::to_os_string);
        let parent = absolute.parent().unwrap_or(&absolute);
        let folder = parent.join(".suitor").join("history").join(name);
        Ok(Self { folder, config_dir: config_dir.to_owned(), rules_dir: rules_dir.to_owned() })
    }

    /// Where it is kept.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The kept sets, newest first.
    ///
    /// # Errors
    /// An index that cannot be read (exit code 1).
    pub fn entries(&self) -> Result<Vec<Entry>> {
        Ok(self.index()?.entries)
    }

    /// The hash of the set whose putting back was interrupted.
    ///
    /// # Errors
    /// An index that cannot be read (exit code 1).
    pub fn interrupted(&self) -> Result<Option<String>> {
        Ok(self.index()?.putting_back)
    }

    /// The hash of the set on disk; `None` where there is none.
    ///
    /// # Errors
    /// Files that cannot be read (exit code 2).
    pub fn on_disk(&self) -> Result<Option<String>> {
        Ok(disk::read(&self.config_dir, &self.rules_dir)?.map(|files| hash_of(&files)))
    }

    /// Keeps a set that was put in force; the shipped one needs no keeping.
    ///
    /// # Errors
    /// When the folder cannot be written (exit code 1).
    pub fn record(&self, set: &RuleSet) -> Result<()> {
        if set.embedded {
            return Ok(());
        }
        let files: Vec<(String, String)> = set.files.iter().map(|file| (file.name.clone(), file.text.clone())).collect();
        let _lock = self.lock()?;
        let mut index = self.index()?;
        self.keep(&mut index, &files, "in force", 0)
    }

    /// The files of a kept set: name in the set, and text.
    ///
    /// # Errors
    /// A set that is not there any more, or not as it was kept (exit code 1).
    pub fn files(&self, entry: &Entry) -> Result<Vec<(String, String)>> {
        let path = self.place(&entry.hash);
        let text = text_file::text(&path, text_file::DOCUMENT).map_err(unread)?;
        let kept: Kept = serde_json::from_str(&text).map_err(|error| Error::failed(format!("`{}` is damaged: {error}", path.display())))?;
        if hash_of(&kept.files) != entry.hash {
            return Err(Error::failed(format!("`{}` is damaged: its files are not those of its name", path.display())));
        }
        Ok(kept.files)
    }

    /// The entry that is meant by its number (1 is the newest) or by the beginning of its hash.
    ///
    /// # Errors
    /// None or several (exit code 2).
    pub fn find(&self, which: &str) -> Result<Entry> {
        let entries = self.entries()?;
        if entries.is_empty() {
            return Err(Error::input("no rule set is kept yet").help("`suitor watch` keeps every set that it puts in force"));
        }
        let of_hash: Vec<&Entry> = entries.iter().filter(|entry| which.len() >= 4 && entry.hash.starts_with(which)).collect();
        match (of_hash.as_slice(), which.parse::<usize>()) {
            ([one], _) => Ok((*one).clone()),
            ([], Ok(number)) if (1..=entries.len()).contains(&number) => Ok(entries[number - 1].clone()),
            ([], Ok(number)) => Err(Error::input(format!("there is no rule set {number}: {} are kept, 1 is the newest", entries.len()))
                .help("`suitor rules history` lists them")),
            ([], Err(_)) => Err(Error::input(format!("no kept rule set begins with `{which}`"))
                .help("give a number of `suitor rules history`, or at least 4 digits of a hash")),
            (several, _) => Err(Error::input(format!("{} kept rule sets begin with `{which}`", several.len())).help("give more digits")),
        }
    }

    /// Puts a kept set back: keeps the one on disk, even a faulty one, then writes every file of the old set, each in one
    /// step, and takes those away that the old set does not have. Interrupted, it can be repeated with the same hash.
    ///
    /// # Errors
    /// Files on disk that cannot be kept (not text), or a folder that cannot be written (exit code 1 or 2).
    pub fn roll_back(&self, entry: &Entry) -> Result<RolledBack> {
        let _lock = self.lock()?;
        let target = self.files(entry)?;
        let present = disk::everything(&self.config_dir, &self.rules_dir)?;
        let mut index = self.index()?;
        let resumed = index.putting_back.as_ref() == Some(&entry.hash);
        if !resumed {
            index.replacing = Some(hash_of(&present)).filter(|_| !present.is_empty());
        }
        // Neither the goal nor what is replaced is forgotten on the way, however old it is.
        index.putting_back = Some(entry.hash.clone());
        if present.is_empty() || resumed && self.is_half_way(&index, &present, &target) {
            self.write_index(&index)?;
        } else {
            let faults = RuleSet::compile_within(&present, &Limits::default()).err().map_or(0, |errors| errors.0.len());
            self.keep(&mut index, &present, "before rollback", faults)?;
        }
        let (mut written, mut removed) = (Vec::new(), Vec::new());
        // Scripts first: the list that names them comes when they are there.
        let (scripts, config): (Vec<_>, Vec<_>) = target.iter().partition(|(name, _)| name.starts_with("rules/"));
        for (name, text) in scripts.into_iter().chain(config) {
            let place = disk::place(name, &self.config_dir, &self.rules_dir);
            if text_file::bytes(&place, text_file::SETTINGS).is_ok_and(|there| there == text.as_bytes()) {
                continue;
            }
            write(&place, text)?;
            written.push(name.clone());
        }
        for (name, _) in present.iter().filter(|(name, _)| target.iter().all(|(kept, _)| kept != name)) {
            let place = disk::place(name, &self.config_dir, &self.rules_dir);
            fs::remove_file(&place).map_err(|error| unwritten(&place, &error))?;
            removed.push(name.clone());
        }
        index.putting_back = None;
        let before = index.replacing.take();
        self.keep(&mut index, &target, "rollback", entry.faults)?;
        Ok(RolledBack { before, now: index.entries[0].clone(), written, removed })
    }

    /// Whether every file is as the goal has it or as the set had it that is being replaced: what an interrupted rollback leaves,
    /// which nobody wants back.
    fn is_half_way(&self, index: &Index, present: &[(String, String)], target: &[(String, String)]) -> bool {
        let replaced = index.entries.iter().find(|entry| Some(&entry.hash) == index.replacing.as_ref());
        let replaced = replaced.and_then(|entry| self.files(entry).ok()).unwrap_or_default();
        present.iter().all(|file| target.contains(file) || replaced.contains(file))
    }

    fn place(&self, hash: &str) -> PathBuf {
        self.folder.join(format!("{hash}.json"))
    }

    fn index(&self) -> Result<Index> {
        let path = self.folder.join("index.json");
        let damaged = |what: String| {
            Error::failed(format!("`{}` is damaged: {what}", path.display()))
                .help("nothing was changed; delete this file, and the list is made anew of the sets that are kept beside it")
        };
        match text_file::bytes(&path, text_file::DOCUMENT) {
            Ok(bytes) => {
                let text = String::from_utf8(bytes).map_err(|_| damaged("it is no text".to_owned()))?;
                let index: Index = serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
                let mut hashes = index.entries.iter().map(|entry| &entry.hash).chain(&index.putting_back).chain(&index.replacing);
                let other = hashes.find(|hash| !is_hash(hash)).map(|other| damaged(format!("`{other}` is no hash of a rule set")));
                other.map_or(Ok(index), Err)
            }
            Err(Unread::Missing(_)) => Ok(self.found()),
            Err(error) => Err(unread(error)),
        }
    }

    /// The index of the sets that are there, newest first, where there is no list of them; damaged ones are left out.
    fn found(&self) -> Index {
        let files = fs::read_dir(&self.folder).into_iter().flatten().filter_map(|file| Some(file.ok()?.path()));
        let sets = files.filter_map(|path| {
            let hash = path.file_name()?.to_str()?.strip_suffix(".json").filter(|hash| is_hash(hash))?.to_owned();
            let at = jiff::Timestamp::try_from(fs::metadata(&path).ok()?.modified().ok()?).ok()?;
            let mut entry = Entry { hash, at: said(at), why: "found".to_owned(), faults: 0 };
            let files = self.files(&entry).ok()?;
            entry.faults = RuleSet::compile_within(&files, &Limits::default()).err().map_or(0, |errors| errors.0.len());
            Some((at, entry))
        });
        let mut sets: Vec<(jiff::Timestamp, Entry)> = sets.collect();
        sets.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.hash.cmp(&b.1.hash)));
        Index { entries: sets.into_iter().map(|(_, entry)| entry).collect(), ..Index::default() }
    }

    /// Writes a set, then the index with it in front, then forgets what is too old: whatever is interrupted, the index names
    /// only what is there.
    fn keep(&self, index: &mut Index, files: &[(String, String)], why: &str, faults: usize) -> Result<()> {
        let hash = hash_of(files);
        let newest = index.entries.first().is_some_and(|entry| entry.hash == hash) && index.putting_back.is_none();
        if newest && why == "in force" && self.place(&hash).exists() {
            return Ok(());
        }
        let text = serde_json::to_string(&Kept { files: files.to_vec() }).map_err(|error| Error::failed(error.to_string()))?;
        write(&self.place(&hash), &text)?;
        index.entries.retain(|entry| entry.hash != hash);
        index.entries.insert(0, Entry { hash, at: said(jiff::Timestamp::now()), why: why.to_owned(), faults });
        let mut old = Vec::new();
        while index.entries.len() > KEPT {
            let needed: Vec<&String> = [&index.putting_back, &index.replacing].into_iter().flatten().collect();
            let Some(last) = index.entries.iter().rposition(|entry| !needed.contains(&&entry.hash)) else { break };
            old.push(index.entries.remove(last));
        }
        self.write_index(index)?;
        for entry in old {
            let _ = fs::remove_file(self.place(&entry.hash));
        }
        Ok(())
    }

    fn write_index(&self, index: &Index) -> Result<()> {
        let text = serde_json::to_string_pretty(index).map_err(|error| Error::failed(error.to_string()))?;
        write(&self.folder.join("index.json"), &(text + "\n"))
    }

    /// Makes the folder and keeps other processes out until the returned file is dropped.
    fn lock(&self) -> Result<File> {
        fs::create_dir_all(&self.folder).map_err(|error| unwritten(&self.folder, &error))?;
        let ignore = self.folder.parent().and_then(Path::parent).map(|top| top.join(".gitignore"));
        if let Some(ignore) = ignore.filter(|ignore| !ignore.exists()) {
            let _ = fs::write(ignore, "# What `suitor watch` keeps of rule sets that were in force; see `suitor rules history`.\n*\n");
        }
        let path = self.folder.join("lock");
        // To open a pipe for writing waits for a reader.
        if fs::metadata(&path).is_ok_and(|about| !about.is_file()) {
            return Err(Error::input(format!("`{}` is no file, expected the lock of the history", path.display())));
        }
        let lock = File::create(&path).map_err(|error| unwritten(&path, &error))?;
        lock.lock().map_err(|error| unwritten(&path, &error))?;
        // Only who holds the lock writes such files: what is there was left by a process that was killed.
        for folder in [&self.folder, &self.config_dir, &self.rules_dir] {
            let files = fs::read_dir(folder).into_iter().flatten().filter_map(std::result::Result::ok);
            for file in files.filter(|file| file.file_name().to_str().is_some_and(|name| name.starts_with('.') && name.ends_with(BESIDE))) {
                let _ = fs::remove_file(file.path());
            }
        }
        Ok(lock)
    }
}

/// The end of the name of a file that is on its way to its place.
const BESIDE: &str = ".suitor-tmp";

/// A file of the history that gives no text.
fn unread(unread: Unread) -> Error {
    match unread {
        Unread::Unfit(what) => Error::input(what),
        Unread::Missing(what) | Unread::Failed(what) => Error::failed(what),
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A time to the second.
fn said(at: jiff::Timestamp) -> String {
    at.round(jiff::Unit::Second).unwrap_or(at).to_string()
}

/// Names of the files that differ between two sets, in order.
#[must_use]
pub fn differing(a: &[(String, String)], b: &[(String, String)]) -> Vec<String> {
    let mut names: Vec<String> =
        a.iter().filter(|file| !b.contains(file)).chain(b.iter().filter(|file| !a.contains(file))).map(|(name, _)| name.clone()).collect();
    names.sort();
    names.dedup();
    names
}

/// Writes a file in one step: whoever reads it finds the old text or the new one. A link stays, and what it leads to is written.
fn write(place: &Path, text: &str) -> Result<()> {
    let place = fs::canonicalize(place).unwrap_or_else(|_| place.to_owned());
    let failed = |error: std::io::Error| unwritten(&place, &error);
    let parent = place.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(failed)?;
    let name = place.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = parent.join(format!(".{name}.{}{BESIDE}", std::process::id()));
    let put = || -> std::io::Result<()> {
        let mut file = File::create(&beside)?;
        file.write_all(text.as_bytes())?;
        if let Ok(about) = fs::metadata(&place) {
            file.set_permissions(about.permissions())?;
        }
        file.sync_all()?;
        fs::rename(&beside, &place)?;
        // Not every system lets a folder be synced.
        File::open(parent).and_then(|folder| folder.sync_all()).or(Ok(()))
    };
    put().map_err(|error| {
        let _ = fs::remove_file(&beside);
        failed(error)
    })
}

fn unwritten(path: &Path, error: &std::io::Error) -> Error {
    Error::failed(format!("`{}` cannot be written: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            let folder = Self(tempfile::tempdir().unwrap());
            for (name, text) in crate::rules::embedded::FILES {
                folder.write(name, text);
            }
            folder
        }
        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }
        fn write(&self, name: &str, text: &str) {
            fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
            fs::write(self.path(name), text).unwrap();
        }
        fn read(&self, name: &str) -> String {
            fs::read_to_string(self.path(name)).unwrap()
        }
        fn load(&self) -> RuleSet {
            RuleSet::load(&self.path("config"), &self.path("rules")).unwrap()
        }
        fn history(&self) -> History {
            History::beside(&self.path("config"), &self.path("rules")).unwrap()
        }
    }

    #[test]
    fn a_kept_set_is_put_back_whole_and_what_it_replaced_is_kept_too() {
        let folder = Folder::new();
        let (first, history) = (folder.load(), folder.history());
        history.record(&first).unwrap();
        // A new script, an edit, and a fault.
        folder.write("rules/new.rhai", "fn adjust(score, pair, request) { scor }");
        folder.write("config/rules.toml", &format!("{}\n[[rule]]\nscript = \"new\"\ntitle = \"t\"\n", folder.read("config/rules.toml")));
        folder.write("rules/notes.txt", "mine");
        let faulty = history.on_disk().unwrap().unwrap();
        let done = history.roll_back(&history.find("1").unwrap()).unwrap();
        assert_eq!((done.written, done.removed), (vec!["config/rules.toml".to_owned()], vec!["rules/new.rhai".to_owned()]));
        assert_eq!((done.before.as_ref(), done.now.hash.as_str()), (Some(&faulty), first.hash.as_str()));
        assert_eq!(folder.load().hash, first.hash);
        assert_eq!(folder.read("rules/notes.txt"), "mine");
        let entries = history.entries().unwrap();
        assert_eq!(
            entries.iter().map(|entry| (entry.why.as_str(), entry.faults > 0)).collect::<Vec<_>>(),
            [("rollback", false), ("before rollback", true)]
        );
        // And back again to what was being worked on.
        history.roll_back(&history.find(&faulty[..12]).unwrap()).unwrap();
        assert!(folder.read("rules/new.rhai").contains("scor }"));
        assert_eq!(history.on_disk().unwrap(), Some(faulty));
    }

    #[test]
    fn an_interrupted_rollback_can_be_repeated() {
        let folder = Folder::new();
        let (first, history) = (folder.load(), folder.history());
        history.record(&first).unwrap();
        folder.write("rules/stale.rhai", "fn adjust(score, pair, request) { score * 0.5 }");
        folder.write("config/scoring.toml", &folder.read("config/scoring.toml").replace("floor = 0.8", "floor = 0.7"));
        // A folder in the place of a file stops it half way: the script is written, scoring.toml is not.
        let entry = history.find("1").unwrap();
        let mut index = history.index().unwrap();
        index.putting_back = Some(entry.hash.clone());
        history.write_index(&index).unwrap();
        assert_eq!(history.interrupted().unwrap(), Some(entry.hash.clone()));
        history.roll_back(&entry).unwrap();
        assert_eq!(folder.load().hash, first.hash);
        assert_eq!(history.interrupted().unwrap(), None);
    }

    #[test]
    fn the_oldest_are_forgotten_and_a_set_is_kept_once() {
        let folder = Folder::new();
        let history = folder.history();
        for floor in 0..KEPT + 5 {
            let text = crate::rules::embedded::FILES[0].1.replace("floor = 0.8", &format!("floor = 0.{}", 10 + floor));
            folder.write("config/scoring.toml", &text);
            history.record(&folder.load()).unwrap();
            history.record(&folder.load()).unwrap();
        }
        let entries = history.entries().unwrap();
        assert_eq!(entries.len(), KEPT);
        assert_eq!(entries[0].hash, folder.load().hash);
        let files = fs::read_dir(history.folder()).unwrap().count();
        assert_eq!(files, KEPT + 2, "the sets, the index and the lock");
        assert!(entries.iter().all(|entry| history.files(entry).is_ok()));
        assert_eq!(history.find("21").unwrap_err().message, "there is no rule set 21: 20 are kept, 1 is the newest");
    }

    #[test]
    fn a_damaged_set_is_not_put_back() {
        let folder = Folder::new();
        let history = folder.history();
        history.record(&folder.load()).unwrap();
        let entry = history.find("1").unwrap();
        let path = history.place(&entry.hash);
        fs::write(&path, fs::read_to_string(&path).unwrap().replacen("floor = 0.8", "floor = 0.9", 1)).unwrap();
        assert!(history.roll_back(&entry).unwrap_err().message.contains("is damaged"));
        assert!(folder.read("config/scoring.toml").contains("floor = 0.8"));
    }
}
