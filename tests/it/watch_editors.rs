//! Ways in which files change: each must come out as one reload, with no fault told on the way.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value as Json;

use crate::watch::{ASK, LATENCY, Watching, edit, folder_of_rules};

fn scoring(folder: &Path) -> String {
    fs::read_to_string(folder.join("config/scoring.toml")).unwrap()
}

/// scoring.toml under which B wins.
fn changed(folder: &Path) -> String {
    let text = scoring(folder);
    assert!(text.contains(LATENCY.0));
    text.replacen(LATENCY.0, LATENCY.1, 1)
}

/// B won by this one reload, and nothing else is told.
#[track_caller]
fn b_wins(watching: &Watching) -> Json {
    let reloaded = watching.next("reloaded");
    assert_eq!(reloaded["moves"][0]["winner"]["to"], "B", "{reloaded:#}");
    watching.nothing(Duration::from_millis(500));
    reloaded
}

/// As vim saves: a test file, the old text moved to a backup, the new one written under the old name, the backup deleted.
fn save_like_vim(folder: &Path, text: &str) {
    let config = folder.join("config");
    fs::write(config.join("4913"), "").unwrap();
    fs::remove_file(config.join("4913")).unwrap();
    fs::write(config.join(".scoring.toml.swp"), "b0VIM").unwrap();
    fs::rename(config.join("scoring.toml"), config.join("scoring.toml~")).unwrap();
    let mut file = File::create(config.join("scoring.toml")).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file.sync_all().unwrap();
    fs::remove_file(config.join("scoring.toml~")).unwrap();
}

#[test]
fn vim_saves_by_a_backup_and_again_and_again() {
    let folder = folder_of_rules();
    let (watching, _) = Watching::start(folder.path(), ASK);
    let (before, after) = (scoring(folder.path()), changed(folder.path()));
    save_like_vim(folder.path(), &after);
    b_wins(&watching);
    // A watch on the file itself would have ended with the first save.
    save_like_vim(folder.path(), &before);
    assert_eq!(watching.next("reloaded")["moves"][0]["winner"]["to"], "A");
}

#[test]
fn code_writes_in_place_and_others_put_a_new_file_over_the_old_one() {
    let folder = folder_of_rules();
    let (watching, _) = Watching::start(folder.path(), ASK);
    let (before, after) = (scoring(folder.path()), changed(folder.path()));
    // Truncated, written, and once more by a formatter on save.
    fs::write(folder.path().join("config/scoring.toml"), &after).unwrap();
    fs::write(folder.path().join("config/scoring.toml"), format!("{after}\n")).unwrap();
    b_wins(&watching);
    let beside = folder.path().join("config/scoring.toml.tmp.123");
    fs::write(&beside, &before).unwrap();
    fs::rename(&beside, folder.path().join("config/scoring.toml")).unwrap();
    assert_eq!(watching.next("reloaded")["moves"][0]["winner"]["to"], "A");
}

#[test]
fn a_file_that_is_half_written_is_waited_for() {
    let folder = folder_of_rules();
    let (watching, _) = Watching::start(folder.path(), ASK);
    let text = changed(folder.path());
    let (half, rest) = text.split_at(text.len() / 3);
    let mut file = OpenOptions::new().write(true).truncate(true).open(folder.path().join("config/scoring.toml")).unwrap();
    file.write_all(half.as_bytes()).unwrap();
    // Longer than the quiet time and the grace together: that the file is still open tells.
    std::thread::sleep(Duration::from_millis(800));
    file.write_all(rest.as_bytes()).unwrap();
    drop(file);
    b_wins(&watching);
}

#[test]
fn several_files_that_only_make_sense_together_are_one_reload() {
    let folder = folder_of_rules();
    let (watching, _) = Watching::start(folder.path(), ASK);
    edit(folder.path(), "rules/stale.rhai", "params.most", "params.at_most");
    // The script alone is at fault; the list follows within the grace.
    std::thread::sleep(Duration::from_millis(30));
    edit(folder.path(), "config/rules.toml", "most = 0.3", "at_most = 0.3");
    let reloaded = watching.next("reloaded");
    assert_eq!(reloaded["files"].as_array().unwrap().len(), 2, "{reloaded:#}");
}

#[test]
fn git_checks_out_another_branch_and_back() {
    let folder = folder_of_rules();
    let git = |args: &[&str]| {
        let ended = Command::new("git")
            .current_dir(folder.path())
            .args(["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"])
            .args(args)
            .output()
            .unwrap();
        assert!(ended.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&ended.stderr));
    };
    git(&["init", "--quiet", "--initial-branch", "main"]);
    git(&["add", "config", "rules"]);
    git(&["commit", "--quiet", "-m", "as shipped"]);
    git(&["checkout", "--quiet", "-b", "other"]);
    edit(folder.path(), "config/scoring.toml", LATENCY.0, LATENCY.1);
    edit(folder.path(), "rules/stale.rhai", "params.most", "params.at_most");
    edit(folder.path(), "config/rules.toml", "most = 0.3", "at_most = 0.3");
    git(&["mv", "rules/scatter.rhai", "rules/noise.rhai"]);
    edit(folder.path(), "config/rules.toml", "script = \"scatter\"", "script = \"noise\"");
    git(&["commit", "--quiet", "-a", "-m", "latency counts"]);
    git(&["checkout", "--quiet", "main"]);
    let (watching, started) = Watching::start(folder.path(), ASK);
    git(&["checkout", "--quiet", "other"]);
    let reloaded = b_wins(&watching);
    assert_eq!(reloaded["files"].as_array().unwrap().len(), 5, "{reloaded:#}");
    git(&["checkout", "--quiet", "main"]);
    assert_eq!(watching.next("reloaded")["to"], started["rule_set"]);
}

/// A folder as Kubernetes mounts a ConfigMap: each file a link through `..data`, which is a link to a folder with the texts.
fn mount(folder: &Path, name: &str, version: &str, text: impl Fn(&str) -> String) {
    let (mounted, source) = (folder.join(name), folder.join(name).join(format!("..{version}")));
    let first = !mounted.join("..data").exists();
    let files: Vec<String> = if first {
        let all = fs::read_dir(&mounted).unwrap().map(|entry| entry.unwrap());
        all.filter(|entry| entry.path().is_file()).map(|entry| entry.file_name().into_string().unwrap()).collect()
    } else {
        fs::read_dir(mounted.join("..data")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    fs::create_dir(&source).unwrap();
    for file in &files {
        let old = fs::read_to_string(mounted.join(file)).unwrap();
        fs::write(source.join(file), if file == "scoring.toml" { text(&old) } else { old }).unwrap();
        if first {
            fs::remove_file(mounted.join(file)).unwrap();
            symlink(format!("..data/{file}"), mounted.join(file)).unwrap();
        }
    }
    symlink(format!("..{version}"), mounted.join("..data_tmp")).unwrap();
    fs::rename(mounted.join("..data_tmp"), mounted.join("..data")).unwrap();
}

#[test]
fn a_mounted_folder_is_swapped_by_one_link() {
    let folder = folder_of_rules();
    for name in ["config", "rules"] {
        mount(folder.path(), name, "2026_1", str::to_owned);
    }
    let (watching, started) = Watching::start(folder.path(), ASK);
    mount(folder.path(), "config", "2026_2", |old| old.replacen(LATENCY.0, LATENCY.1, 1));
    fs::remove_dir_all(folder.path().join("config/..2026_1")).unwrap();
    b_wins(&watching);
    mount(folder.path(), "config", "2026_3", |old| old.replacen(LATENCY.1, LATENCY.0, 1));
    assert_eq!(watching.next("reloaded")["to"], started["rule_set"]);
}

#[test]
fn a_release_is_swapped_by_a_link_to_its_folder() {
    let folder = folder_of_rules();
    for release in ["one", "two"] {
        for name in ["config", "rules"] {
            fs::create_dir_all(folder.path().join("releases").join(release).join(name)).unwrap();
            for entry in fs::read_dir(folder.path().join(name)).unwrap().map(|entry| entry.unwrap()).filter(|entry| entry.path().is_file())
            {
                fs::copy(entry.path(), folder.path().join("releases").join(release).join(name).join(entry.file_name())).unwrap();
            }
        }
    }
    edit(folder.path(), "releases/two/config/scoring.toml", LATENCY.0, LATENCY.1);
    let point = |to: &str| {
        symlink(format!("releases/{to}"), folder.path().join("current.new")).unwrap();
        fs::rename(folder.path().join("current.new"), folder.path().join("current")).unwrap();
    };
    point("one");
    let args = [ASK, &["--config", "current/config", "--rules", "current/rules"]].concat();
    let (watching, _) = Watching::start(folder.path(), &args);
    point("two");
    b_wins(&watching);
    // The folder behind the link is followed now, and no longer the old one.
    edit(folder.path(), "releases/one/config/scoring.toml", "floor = 0.8", "floor = 0.5");
    watching.nothing(Duration::from_millis(500));
    edit(folder.path(), "releases/two/config/scoring.toml", LATENCY.1, LATENCY.0);
    assert_eq!(watching.next("reloaded")["moves"][0]["winner"]["to"], "A");
}

#[test]
fn a_folder_that_is_deleted_and_restored_keeps_the_last_good_set_meanwhile() {
    let folder = folder_of_rules();
    edit(folder.path(), "config/scoring.toml", LATENCY.0, LATENCY.1);
    let (watching, started) = Watching::start(folder.path(), ASK);
    let keep = tempfile::tempdir().unwrap();
    let files: Vec<_> = fs::read_dir(folder.path().join("config")).unwrap().map(|entry| entry.unwrap()).collect();
    for entry in files.iter().filter(|entry| entry.path().is_file()) {
        fs::copy(entry.path(), keep.path().join(entry.file_name())).unwrap();
    }
    fs::remove_dir_all(folder.path().join("config")).unwrap();
    let refused = watching.next("refused");
    assert_eq!((&refused["active"], &refused["on_disk"]), (&started["rule_set"], &Json::Null));
    fs::create_dir(folder.path().join("config")).unwrap();
    for entry in fs::read_dir(keep.path()).unwrap().map(|entry| entry.unwrap()) {
        fs::copy(entry.path(), folder.path().join("config").join(entry.file_name())).unwrap();
    }
    assert_eq!(watching.next("restored")["active"], started["rule_set"]);
    // The new folder is followed, not the one that is gone.
    edit(folder.path(), "config/scoring.toml", LATENCY.1, LATENCY.0);
    assert_eq!(watching.next("reloaded")["moves"][0]["winner"]["to"], "A");
}

#[test]
fn without_events_looking_finds_the_same() {
    let folder = folder_of_rules();
    let args = [ASK, &["--poll", "0.2"]].concat();
    let (watching, started) = Watching::start(folder.path(), &args);
    assert_eq!(started["watched_by"], "poll");
    let after = changed(folder.path());
    save_like_vim(folder.path(), &after);
    b_wins(&watching);
    edit(folder.path(), "config/scoring.toml", "floor = 0.8", "flor = 0.8");
    watching.next("refused");
    fs::rename(folder.path().join("config"), folder.path().join("away")).unwrap();
    watching.next("refused");
    edit(folder.path(), "away/scoring.toml", "flor = 0.8", "floor = 0.8");
    fs::rename(folder.path().join("away"), folder.path().join("config")).unwrap();
    watching.next("restored");
}
