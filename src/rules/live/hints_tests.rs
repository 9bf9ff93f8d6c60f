use std::path::Path;

use notify::event::{CreateKind, DataChange, Flag};

use super::*;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["config", "rules"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    std::fs::write(folder.path().join("config/scoring.toml"), "a = 1\n").unwrap();
    folder
}

fn hints(folder: &Path, start: Start) -> Hints {
    Hints::with(folder.join("config"), folder.join("rules"), Mode::Events, start)
}

/// A watcher that has no watch left.
struct UsedUp;

impl Watcher for UsedUp {
    fn new<F: notify::EventHandler>(_: F, _: notify::Config) -> notify::Result<Self> {
        Ok(Self)
    }
    fn watch(&mut self, _: &Path, _: RecursiveMode) -> notify::Result<()> {
        Err(notify::Error::new(ErrorKind::MaxFilesWatch))
    }
    fn unwatch(&mut self, _: &Path) -> notify::Result<()> {
        Ok(())
    }
    fn kind() -> notify::WatcherKind {
        notify::WatcherKind::NullWatcher
    }
}

#[test]
fn where_the_system_has_no_watch_left_it_says_so_and_looks() {
    let starts: [(Start, &str); 2] = [
        (|| Ok((Box::new(UsedUp), mpsc::channel().1)), "max_user_watches"),
        (|| Err(notify::Error::io(std::io::Error::from_raw_os_error(24))), "max_user_instances"),
    ];
    for (start, says) in starts {
        let folder = folder();
        let mut hints = hints(folder.path(), start);
        assert_eq!(hints.mode(), Mode::Poll(FALLBACK));
        let trouble = hints.trouble().unwrap();
        assert!(trouble.contains(says) && trouble.ends_with("looked at every 0.5 s instead"), "{trouble}");
        assert!(hints.trouble().is_none(), "told once");
        std::fs::write(folder.path().join("config/scoring.toml"), "a = 2\n").unwrap();
        assert!(hints.wait(Duration::from_secs(20)));
    }
}

#[test]
fn a_file_that_has_become_empty_is_waited_for_and_one_that_was_empty_is_not() {
    let folder = folder();
    let rules = folder.path().join("config/rules.toml");
    std::fs::write(&rules, "").unwrap();
    let poll = |folder: &Path| Hints::with(folder.join("config"), folder.join("rules"), Mode::Poll(FALLBACK), system_watcher);
    let mut hints = poll(folder.path());
    hints.refresh();
    assert!(!hints.disturbed(), "it was empty before");
    std::fs::write(&rules, "# no rule\n").unwrap();
    hints.refresh();
    assert!(!hints.disturbed());
    std::fs::write(&rules, "").unwrap();
    hints.refresh();
    assert!(hints.disturbed(), "its text may be to come");
    // Nothing comes: then that is what is meant.
    hints.settle(Duration::from_millis(20), WRITING);
    hints.refresh();
    assert!(!hints.disturbed());
}

#[test]
fn a_moment_is_told_after_what_happened_before_it_and_a_folder_that_stays_keeps_its_watch() {
    let folder = folder();
    let mut hints = hints(folder.path(), system_watcher);
    assert!(!hints.disturbed());
    for round in 0..50 {
        std::fs::write(folder.path().join("config/scoring.toml"), format!("a = {round}\n")).unwrap();
        // The way to the scripts is another, that to the configuration is not.
        std::fs::rename(folder.path().join("rules"), folder.path().join("away")).unwrap();
        std::fs::rename(folder.path().join("away"), folder.path().join("rules")).unwrap();
        hints.moved = true;
        hints.refresh();
        assert!(hints.disturbed(), "round {round}");
        hints.settle(Duration::from_millis(5), Duration::from_secs(5));
        hints.refresh();
        hints.settle(Duration::from_millis(5), Duration::from_secs(5));
        assert!(!hints.disturbed(), "round {round}");
    }
}

#[test]
fn lost_events_and_ways_that_change_make_it_watch_anew_and_noise_does_not() {
    let folder = folder();
    let mut hints = hints(folder.path(), system_watcher);
    let config = std::path::absolute(folder.path().join("config")).unwrap();
    let event = |kind: EventKind, path: &Path| Ok(Event::new(kind).add_path(path.to_owned()));
    let written = EventKind::Modify(ModifyKind::Data(DataChange::Any));
    assert!(!hints.heard(event(written, &config.join(".scoring.toml.swp"))), "an editor's own file");
    assert!(!hints.heard(event(written, &folder.path().join("other"))), "beside the folders");
    assert!(hints.heard(event(written, &config.join("scoring.toml"))) && !hints.moved);
    assert!(!hints.writing.is_empty(), "open until it is closed");
    assert!(hints.heard(event(EventKind::Access(AccessKind::Close(AccessMode::Write)), &config.join("scoring.toml"))));
    assert!(hints.writing.is_empty() && !hints.moved);
    assert!(hints.heard(event(EventKind::Create(CreateKind::Any), &config.join("..data"))) && hints.moved, "a link on the way");
    hints.refresh();
    assert!(!hints.moved);
    assert!(hints.heard(Ok(Event::new(EventKind::Other).set_flag(Flag::Rescan))) && hints.moved, "the queue ran over");
    hints.refresh();
    assert!(hints.heard(event(EventKind::Remove(RemoveKind::Folder), &config)) && hints.moved, "the folder itself");
}
