use std::fs;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use super::*;

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
    fn path(&self) -> &Path {
        self.0.path()
    }
    fn live(&self) -> LiveRules {
        LiveRules::load(&self.path().join("config"), &self.path().join("rules")).unwrap_or_else(|errors| panic!("{}", errors.render()))
    }
    fn edit(&self, name: &str, old: &str, new: &str) {
        let path = self.path().join(name);
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
    assert_eq!(live.reload(), Reload::Kept);
    let state = live.state();
    assert!(state.stale && state.on_disk.as_ref() != Some(&state.active));
    assert!(state.refused.unwrap().render().contains("rules/stale.rhai"));
    assert_eq!(live.current().hash, state.active);
    folder.edit("rules/stale.rhai", "fn adjst(", "fn adjust(");
    assert_eq!(live.reload(), Reload::Restored);
    assert!(!live.state().stale);
}

#[test]
fn a_set_that_fails_its_trial_is_not_put_in_force() {
    let folder = Folder::new();
    let live = folder.live();
    let before = live.current().hash.clone();
    folder.edit("config/scoring.toml", "floor = 0.8", "floor = 0.7");
    assert_eq!(live.reload_after(|_| Err(Error::failed("rule `x` broke down"))), Reload::Kept);
    let state = live.state();
    assert_eq!((state.active.as_str(), live.current().hash.as_str(), state.stale), (before.as_str(), before.as_str(), true));
    assert!(state.on_disk.is_some_and(|hash| hash != before));
    assert_eq!(state.refused, Some(Refused::Trial(Error::failed("rule `x` broke down"))));
}

#[test]
fn files_that_are_gone_do_not_bring_the_shipped_set_back() {
    let folder = Folder::new();
    folder.edit("config/scoring.toml", "floor = 0.8", "floor = 0.7");
    let live = folder.live();
    let config = folder.path().join("config");
    fs::rename(&config, folder.path().join("away")).unwrap();
    assert_eq!(live.reload(), Reload::Kept);
    let state = live.state();
    assert!(state.on_disk.is_none() && state.refused.unwrap().render().contains("`config/scoring.toml` is missing"));
    fs::rename(folder.path().join("away"), &config).unwrap();
    assert_eq!(live.reload(), Reload::Restored);
}

#[test]
fn limits_of_the_sandbox_are_put_in_force_without_another_hash() {
    let folder = Folder::new();
    let live = folder.live();
    let before = live.current().hash.clone();
    fs::write(folder.path().join("config/suitor.toml"), "[sandbox]\nlist = 50\n").unwrap();
    assert_eq!(live.reload(), Reload::Swapped);
    assert_eq!((live.current().limits.list, live.current().hash.as_str()), (50, before.as_str()));
    fs::write(folder.path().join("config/suitor.toml"), "[sandbox]\nlists = 50\n").unwrap();
    assert_eq!(live.reload(), Reload::Kept);
    assert!(live.state().refused.unwrap().render().contains("did you mean `list`?"));
}

#[test]
fn the_shipped_set_gives_way_to_files_and_its_own_copy_is_no_change() {
    let folder = tempfile::tempdir().unwrap();
    let live = LiveRules::load(&folder.path().join("config"), &folder.path().join("rules")).unwrap();
    assert!(live.current().embedded);
    let whole = Folder::new();
    for name in ["config", "rules"] {
        fs::rename(whole.path().join(name), folder.path().join(name)).unwrap();
    }
    assert_eq!(live.reload(), Reload::Same);
    assert!(!live.current().embedded);
    fs::remove_dir_all(folder.path().join("config")).unwrap();
    assert_eq!(live.reload(), Reload::Kept);
}

#[test]
fn changes_name_the_files_against_the_set_in_force() {
    let folder = Folder::new();
    let live = folder.live();
    folder.edit("config/rules.toml", "[[rule]]\nscript = \"stale\"", "[[rule]]\nscript = \"old\"");
    fs::rename(folder.path().join("rules/stale.rhai"), folder.path().join("rules/old.rhai")).unwrap();
    let Look::New(candidate) = live.look(|_| Ok(())) else { panic!("nothing new") };
    let changes: Vec<String> = candidate.changes.iter().map(|change| format!("{} {}", change.file, change.how.word())).collect();
    assert_eq!(changes, ["config/rules.toml changed", "rules/old.rhai added", "rules/stale.rhai removed"]);
}

/// Waits for news of a reload.
fn next(receive: &mpsc::Receiver<News>) -> (Reload, bool) {
    loop {
        match receive.recv_timeout(Duration::from_secs(20)).unwrap() {
            News::Reload { reload, state, .. } => return (reload, state.stale),
            News::Trouble(_) => {}
        }
    }
}

#[test]
fn a_watched_edit_is_seen_by_events_and_by_looking() {
    for mode in [Mode::Events, Mode::Poll(Duration::from_millis(50))] {
        let folder = Folder::new();
        let live = Arc::new(folder.live());
        let (send, receive) = mpsc::channel();
        let watch = live.watch(mode, |_| Ok(()), move |news| drop(send.send(news))).unwrap();
        folder.edit("config/rules.toml", "max_age_days = 365", "max_age_days = 30");
        assert_eq!(next(&receive), (Reload::Swapped, false));
        folder.edit("config/rules.toml", "max_age_days = 30", "max_age_day = 30");
        assert_eq!(next(&receive), (Reload::Kept, true));
        drop(watch);
    }
}
