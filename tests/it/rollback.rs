//! `suitor rules rollback` that is killed, and a history that is damaged: nothing is lost, and repeating it completes it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use suitor::rules::{History, RuleSet};

use crate::binary::{done, suitor};
use crate::support::say;

/// Text by name: the files of a rule set.
pub type Files = BTreeMap<String, String>;

/// A folder whose history holds one set, `kept`, while another is on disk, faults and all.
pub struct Edited {
    pub folder: tempfile::TempDir,
    pub kept: (String, Files),
    pub present: (String, Files),
}

/// Scripts that differ between the two sets: so many, because each is a moment at which a rollback may end.
const SCRIPTS: usize = 40;

impl Edited {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        done(folder.path(), &["init", "--quiet"]);
        let script = |number: usize| folder.path().join(format!("rules/extra_{number:02}.rhai"));
        let text = |factor: &str| format!("fn adjust(score, pair, request) {{ score * {factor} }}\n");
        for number in 0..SCRIPTS {
            fs::write(script(number), text("0.5")).unwrap();
        }
        let kept = (history(folder.path()).on_disk().unwrap().unwrap(), files(folder.path()));
        let set = RuleSet::load(&folder.path().join("config"), &folder.path().join("rules")).unwrap();
        history(folder.path()).record(&set).unwrap();
        // Half of the scripts are others now, some are gone, some are new, and the list is at fault.
        for number in 0..SCRIPTS / 4 {
            fs::remove_file(script(number)).unwrap();
            fs::write(script(SCRIPTS + number), text("0.25")).unwrap();
        }
        for number in SCRIPTS / 4..SCRIPTS {
            fs::write(script(number), text("0.75")).unwrap();
        }
        let list = folder.path().join("config/rules.toml");
        fs::write(&list, fs::read_to_string(&list).unwrap() + "\n[[rule]]\nscript = \"nowhere\"\n").unwrap();
        let scoring = folder.path().join("config/scoring.toml");
        fs::write(&scoring, fs::read_to_string(&scoring).unwrap().replace("floor = 0.8", "floor = 0.7")).unwrap();
        let present = (history(folder.path()).on_disk().unwrap().unwrap(), files(folder.path()));
        Self { folder, kept, present }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Puts the folder back to what it was at first.
    fn again(&self) {
        for (name, _) in files(self.path()) {
            fs::remove_file(self.path().join(name)).unwrap();
        }
        for (name, text) in &self.present.1 {
            fs::write(self.path().join(name), text).unwrap();
        }
    }

    /// Every file is one of the two sets', the history can be read, and what was on disk is in it as soon as a file is another.
    #[track_caller]
    pub fn is_whole(&self) {
        let is = files(self.path());
        for (name, text) in &is {
            assert!([&self.kept, &self.present].iter().any(|set| set.1.get(name) == Some(text)), "{name} is of neither set:\n{text}");
        }
        for name in self.kept.1.keys().filter(|name| self.present.1.contains_key(*name)) {
            assert!(is.contains_key(name), "{name} is gone");
        }
        let entries = history(self.path()).entries().unwrap();
        for entry in &entries {
            history(self.path()).files(entry).unwrap();
        }
        let holds = |hash: &str| entries.iter().any(|entry| entry.hash == hash);
        assert!(holds(&self.kept.0), "the set that is put back is forgotten");
        assert!(is == self.present.1 || holds(&self.present.0), "what was on disk is lost");
        assert!(entries.len() <= 20, "{} sets", entries.len());
    }

    /// Repeated, it is done.
    #[track_caller]
    pub fn is_completed_by_repeating(&self) {
        let printed = done(self.path(), &["rules", "rollback", &self.kept.0]);
        assert_eq!(files(self.path()), self.kept.1, "{printed}");
        assert_eq!(history(self.path()).interrupted().unwrap(), None);
        self.is_whole();
        assert_eq!(left_beside(self.path()), Vec::<PathBuf>::new());
        // And what was on disk comes back in turn.
        let first = history(self.path()).entries().unwrap().remove(0);
        assert_eq!((first.hash.as_str(), first.why.as_str()), (self.kept.0.as_str(), "rollback"));
    }

    fn rollback(&self) -> Child {
        Command::new(env!("CARGO_BIN_EXE_suitor"))
            .current_dir(self.path())
            .args(["rules", "rollback", &self.kept.0, "--quiet"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }
}

fn history(folder: &Path) -> History {
    History::beside(&folder.join("config"), &folder.join("rules")).unwrap()
}

/// The files of the rule set on disk.
pub fn files(folder: &Path) -> Files {
    let scripts = fs::read_dir(folder.join("rules")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let scripts = scripts
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "rhai") && !name.starts_with('.'))
        .map(|name| format!("rules/{name}"));
    let all = scripts.chain(["config/scoring.toml".to_owned(), "config/rules.toml".to_owned()]);
    all.filter_map(|name| Some((name.clone(), fs::read_to_string(folder.join(name)).ok()?))).collect()
}

/// Files that a killed process left beside their places.
fn left_beside(folder: &Path) -> Vec<PathBuf> {
    let folders = ["config", "rules", ".suitor/history/config"].map(|name| folder.join(name));
    let all = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
    all.filter(|path| path.to_string_lossy().ends_with("suitor-tmp")).collect()
}

#[test]
fn a_rollback_killed_at_any_moment_loses_nothing_and_is_completed_by_repeating_it() {
    let edited = Edited::new();
    let fresh = tempfile::tempdir().unwrap();
    copy(&edited.path().join(".suitor"), &fresh.path().join("history"));
    let begin_again = || {
        edited.again();
        fs::remove_dir_all(edited.path().join(".suitor")).unwrap();
        copy(&fresh.path().join("history"), &edited.path().join(".suitor"));
    };
    let began = Instant::now();
    assert!(edited.rollback().wait().unwrap().success());
    let whole = began.elapsed();
    let index = edited.path().join(".suitor/history/config/index.json");
    let under_way = || fs::read_to_string(&index).is_ok_and(|text| text.contains("\"putting_back\": \""));
    let (mut early, mut between, mut late) = (0, 0, 0);
    for round in 0..80_u32 {
        begin_again();
        let mut child = edited.rollback();
        if round < 20 {
            std::thread::sleep(whole * round / 20);
        } else {
            // From its first step on, a little later each time.
            while !under_way() && child.try_wait().unwrap().is_none() {
                std::hint::spin_loop();
            }
            std::thread::sleep(Duration::from_micros(100) * (round - 20));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        edited.is_whole();
        match files(edited.path()) {
            is if is == edited.present.1 => early += 1,
            is if is == edited.kept.1 => late += 1,
            _ => {
                between += 1;
                let said = done(edited.path(), &["rules", "history"]);
                assert!(said.contains("was interrupted; `suitor rules rollback"), "{said}");
                // Another cannot be put back over a mixture.
                let other = suitor(edited.path(), &["rules", "rollback", &edited.present.0]);
                assert!(other.code == 2 && other.said.contains("the files may be a mixture"), "{}", other.said);
            }
        }
        edited.is_completed_by_repeating();
    }
    say(&format!("rollback killed 80 times: {early} before the first file, {between} between, {late} after the last"));
    assert!(between >= 3, "{early} early, {between} between, {late} late: nothing was shown");
}

#[test]
fn a_rollback_killed_again_and_again_forgets_neither_its_goal_nor_what_it_replaces() {
    let edited = Edited::new();
    // The goal is the oldest of all that are kept.
    let scoring = edited.path().join("config/scoring.toml");
    let own = fs::read_to_string(&scoring).unwrap();
    let rules_toml = edited.path().join("config/rules.toml");
    let (list, whole_list) = (fs::read_to_string(&rules_toml).unwrap(), &edited.kept.1["config/rules.toml"]);
    fs::write(&rules_toml, whole_list).unwrap();
    for number in 0..19 {
        fs::write(&scoring, own.replace("floor = 0.7", &format!("floor = 0.{}", 20 + number))).unwrap();
        let set = RuleSet::load(&edited.path().join("config"), &edited.path().join("rules")).unwrap();
        history(edited.path()).record(&set).unwrap();
    }
    fs::write(&scoring, own).unwrap();
    fs::write(&rules_toml, list).unwrap();
    assert_eq!(history(edited.path()).entries().unwrap().last().unwrap().hash, edited.kept.0);
    for round in 0..30_u32 {
        let mut child = edited.rollback();
        std::thread::sleep(Duration::from_micros(700) * round);
        child.kill().unwrap();
        child.wait().unwrap();
        edited.is_whole();
        if files(edited.path()) == edited.kept.1 {
            break;
        }
    }
    edited.is_completed_by_repeating();
    // What was half way is no set that anybody had.
    let mixtures = history(edited.path()).entries().unwrap().into_iter().filter(|entry| entry.why == "before rollback");
    assert_eq!(mixtures.map(|entry| entry.hash).collect::<Vec<_>>(), std::slice::from_ref(&edited.present.0));
}

#[test]
fn what_was_edited_after_an_interruption_is_kept_too() {
    let edited = Edited::new();
    let index = edited.path().join(".suitor/history/config/index.json");
    let mut child = edited.rollback();
    while !fs::read_to_string(&index).unwrap().contains("\"putting_back\": \"") && child.try_wait().unwrap().is_none() {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // Whatever the moment, the history says that it was interrupted.
    let text = fs::read_to_string(&index).unwrap();
    if !text.contains("\"putting_back\": \"") {
        say("SKIPPED: the rollback was done before it could be killed");
        return;
    }
    let mine = edited.path().join("rules/extra_39.rhai");
    fs::write(&mine, "fn adjust(score, pair, request) { score * 0.125 }\n").unwrap();
    done(edited.path(), &["rules", "rollback", &edited.kept.0]);
    assert_eq!(files(edited.path()), edited.kept.1);
    let entries = history(edited.path()).entries().unwrap();
    let texts = entries.iter().flat_map(|entry| history(edited.path()).files(entry).unwrap());
    assert!(texts.into_iter().any(|(_, text)| text.contains("0.125")), "the edit is in no kept set");
}

#[test]
fn scripts_are_kept_before_a_rollback_also_where_the_configuration_is_gone() {
    let edited = Edited::new();
    fs::remove_dir_all(edited.path().join("config")).unwrap();
    done(edited.path(), &["rules", "rollback", &edited.kept.0]);
    assert_eq!(files(edited.path()), edited.kept.1, "scripts that the set does not have are taken away");
    let entries = history(edited.path()).entries().unwrap();
    let before: Files = history(edited.path()).files(&entries[1]).unwrap().into_iter().collect();
    let scripts: Files =
        edited.present.1.iter().filter(|(name, _)| name.starts_with("rules/")).map(|(a, b)| (a.clone(), b.clone())).collect();
    assert_eq!(before, scripts);
}

#[test]
fn a_damaged_history_is_said_to_be_damaged_and_changes_nothing() {
    let edited = Edited::new();
    let at = edited.path();
    // A second set, so that there are two to list.
    done(at, &["rules", "rollback", "1"]);
    let folder = at.join(".suitor/history/config");
    let index = folder.join("index.json");
    let whole = fs::read(&index).unwrap();
    let before = files(at);
    let sets = || {
        let all = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let all = all.filter(|path| path.extension().is_some_and(|end| end == "json"));
        all.map(|path| (path.clone(), fs::read(path).unwrap())).collect::<BTreeMap<PathBuf, Vec<u8>>>()
    };
    let text = String::from_utf8(whole.clone()).unwrap();
    let damages: [(&str, Vec<u8>); 6] = [
        ("empty", Vec::new()),
        ("cut off", whole[..whole.len() / 2].to_vec()),
        ("no list", b"{}".to_vec()),
        ("another type", b"[1, 2]".to_vec()),
        ("no text", vec![0xff, 0xfe, 0, 1]),
        ("a short hash", text.replacen(&edited.kept.0, "abc", 1).into_bytes()),
    ];
    for (what, bytes) in damages {
        fs::write(&index, &bytes).unwrap();
        let all = sets();
        for args in [&["rules", "history"][..], &["rules", "rollback", "1"], &["rules", "rollback", &edited.present.0]] {
            let ended = suitor(at, args);
            assert_eq!((ended.code, ended.printed.as_str()), (1, ""), "{what} {args:?}: {}", ended.said);
            assert!(ended.said.contains("index.json` is damaged: ") && ended.said.contains("delete this file"), "{what}: {}", ended.said);
        }
        assert_eq!((files(at), sets()), (before.clone(), all), "{what}");
    }
    // As the message says: without it the list is made anew.
    fs::remove_file(&index).unwrap();
    let listed = done(at, &["rules", "history"]);
    assert!([&edited.kept.0, &edited.present.0].iter().all(|hash| listed.contains(&hash[..12])), "{listed}");
    done(at, &["rules", "rollback", &edited.present.0]);
    assert_eq!(files(at), edited.present.1);
    // A set that is damaged is named, is not put back, and leaves the other alone.
    let set = folder.join(format!("{}.json", edited.kept.0));
    let good = fs::read(&set).unwrap();
    for bytes in [Vec::new(), good[..good.len() / 2].to_vec(), b"{\"files\": []}".to_vec()] {
        fs::write(&set, &bytes).unwrap();
        let ended = suitor(at, &["rules", "rollback", &edited.kept.0]);
        assert!(ended.code == 1 && ended.said.contains(&format!("{}.json` is damaged: ", edited.kept.0)), "{}", ended.said);
        assert_eq!((files(at), fs::read(&set).unwrap()), (edited.present.1.clone(), bytes));
        let listed = done(at, &["rules", "history"]);
        // The name of the file is long, so that the line is folded.
        let said = listed.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(&format!("{}.json` is damaged: ", edited.kept.0)), "{listed}");
    }
    fs::remove_file(&set).unwrap();
    let ended = suitor(at, &["rules", "rollback", &edited.kept.0]);
    assert!(ended.code == 1 && ended.said.contains("cannot be read"), "{}", ended.said);
    assert_eq!(files(at), edited.present.1);
    fs::write(&set, good).unwrap();
    done(at, &["rules", "rollback", &edited.kept.0]);
    assert_eq!(files(at), edited.kept.1);
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() { copy(&entry.path(), &target) } else { fs::copy(entry.path(), target).map(|_| ()).unwrap() }
    }
}
