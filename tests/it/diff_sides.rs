//! Where the set before comes from, for `suitor diff`: revisions, folders, the binary; and what is said when it is not there.

use serde_json::Value as Json;

use crate::binary::{Ended, done, folder_of_rows, suitor};
use crate::diff::{ROWS, RULES, SCORING, edit, git, repository};
use crate::documents::document;

#[track_caller]
fn refused(ended: &Ended, words: &[&str]) {
    assert_eq!((ended.code, ended.printed.as_str()), (2, ""), "{}", ended.said);
    for word in words {
        assert!(ended.said.contains(word), "no `{word}` in\n{}", ended.said);
    }
}

fn name(page: &Json) -> &str {
    page["before"]["name"].as_str().unwrap()
}

#[test]
fn without_a_repository_a_commit_or_a_rule_set_in_it_it_says_so() {
    let folder = folder_of_rows(ROWS);
    let at = folder.path();
    done(at, &["init", "--quiet"]);
    refused(&suitor(at, &["diff"]), &["`config` is not in a git repository", "--against DIR", "--against shipped"]);
    git(at, &["init", "--quiet"]);
    refused(&suitor(at, &["diff"]), &["git:HEAD: the repository", "has no commit yet"]);
    std::fs::write(at.join("README.md"), "nothing\n").unwrap();
    git(at, &["add", "README.md"]);
    git(at, &["commit", "--quiet", "-m", "no rules"]);
    git(at, &["tag", "release-1"]);
    refused(&suitor(at, &["diff"]), &["git:HEAD holds neither `config/scoring.toml` nor `config/rules.toml`", "--against shipped"]);
    refused(
        &suitor(at, &["diff", "--against", "git:release1"]),
        &["unknown revision `release1` in the repository", "did you mean `release-1`?"],
    );
    refused(&suitor(at, &["diff", "--against", "git:--all"]), &["names no revision"]);
    refused(&suitor(at, &["diff", "--against", "git:"]), &["names no revision"]);
    refused(&suitor(at, &["diff", "--against", "elsewhere"]), &["`--against elsewhere`: there is no such folder", "git:REV"]);
    std::fs::create_dir(at.join("empty")).unwrap();
    refused(&suitor(at, &["diff", "--against", "empty"]), &["there is no rule set in this folder"]);
    // Half a set in the revision is a fault of that set.
    git(at, &["add", SCORING]);
    git(at, &["commit", "--quiet", "-m", "half"]);
    refused(&suitor(at, &["diff"]), &["the rule set before, git:HEAD (", "is at fault", RULES]);
    assert!(done(at, &["diff", "--against", "shipped"]).contains("no difference: both are the same rule set"));
}

#[test]
fn a_broken_set_is_named_by_its_side() {
    let folder = repository(ROWS);
    let at = folder.path();
    edit(at, SCORING, "full_at = 5", "full_att = 5");
    let ended = suitor(at, &["diff"]);
    refused(&ended, &["full_att", "config/scoring.toml:"]);
    assert!(!ended.said.contains("before"), "{}", ended.said);
    git(at, &["commit", "--quiet", "-am", "broken"]);
    edit(at, SCORING, "full_att = 5", "full_at = 5");
    let ended = suitor(at, &["diff"]);
    refused(&ended, &["the rule set before, git:HEAD (", "unknown key `full_att`", "config/scoring.toml:"]);
    assert!(done(at, &["diff", "--against", "git:HEAD~1"]).contains("no difference"));
}

#[test]
fn a_requirement_that_one_side_does_not_know_is_named_by_its_side() {
    let folder = repository(ROWS);
    let at = folder.path();
    edit(at, SCORING, "[requirements.energy-saving]", "[requirements.cheap]\nmultiply = { memory = 2 }\n\n[requirements.energy-saving]");
    let before = ["by the rule set before, git:HEAD (", "unknown requirement `cheap`"];
    refused(&suitor(at, &["diff", "--require", "cheap"]), &before);
    refused(&suitor(at, &["diff", "--model", "mm"]), &["unknown model `mm`", "suitor list models"]);
    refused(&suitor(at, &["diff", "--task", "trainin"]), &["unknown task `trainin`", "`training`"]);
    refused(&suitor(at, &["diff", "--version", "v1"]), &["`--version` needs `--model`"]);
}

#[test]
fn a_folder_holds_a_set_in_either_way() {
    let folder = repository(ROWS);
    let at = folder.path();
    done(at, &["init", "--quiet", "--config", "kept/config", "--rules", "kept/rules"]);
    done(at, &["init", "--quiet", "--config", "flat", "--rules", "flat"]);
    done(at, &["init", "--quiet", "--config", "half", "--rules", "half/rules"]);
    edit(at, SCORING, "weight = 0.3", "weight = 0.6");
    for from in ["kept", "flat", "half", "shipped", "git:HEAD", "git:main"] {
        let page = document(at, &["diff", "--against", from]);
        assert_eq!((&page["totals"]["winners"], &page["edits"][0]["name"]), (&1.into(), &"component.latency.weight".into()), "{from}");
        assert!(name(&page).starts_with(if from == "shipped" { "the shipped rule set" } else { from }), "{}", name(&page));
        assert_eq!(page["before"]["shipped"], from == "shipped");
    }
}

#[test]
fn the_repository_may_be_further_up_and_nothing_in_it_changes() {
    let folder = folder_of_rows(ROWS);
    let at = folder.path();
    let (config, rules) = ("deep/er/config", "deep/er/rules");
    done(at, &["init", "--quiet", "--config", config, "--rules", rules]);
    git(at, &["init", "--quiet"]);
    git(at, &["add", "deep"]);
    git(at, &["commit", "--quiet", "-m", "rules"]);
    edit(at, "deep/er/config/scoring.toml", "weight = 0.3", "weight = 0.6");
    let state = || (git(at, &["status", "--porcelain"]), git(at, &["stash", "list"]), std::fs::read(at.join(".git/index")).unwrap());
    let before = state();
    let page = document(at, &["diff", "--config", config, "--rules", rules]);
    assert_eq!(page["totals"]["winners"], 1);
    let inside = at.join("deep");
    let database = at.join("benchmark_db.duckdb").display().to_string();
    let within = ["diff", "--config", "er/config", "--rules", "er/rules", "--db-path", &database];
    assert_eq!(document(&inside, &within)["rankings"], page["rankings"]);
    assert!(before == state(), "the repository changed");
    // Where the rules now lie, the revision has none.
    std::fs::rename(at.join(config), at.join("config")).unwrap();
    std::fs::rename(at.join(rules), at.join("rules")).unwrap();
    refused(&suitor(at, &["diff"]), &["git:HEAD holds neither `config/scoring.toml` nor `config/rules.toml`"]);
}

#[test]
fn a_set_that_is_gone_from_disk_is_still_in_the_revision() {
    let folder = repository(ROWS);
    let at = folder.path();
    edit(at, SCORING, "weight = 0.3", "weight = 0.6");
    git(at, &["commit", "--quiet", "-am", "latency"]);
    for name in ["config", "rules"] {
        std::fs::rename(at.join(name), at.join(format!("{name}.away"))).unwrap();
    }
    let page = document(at, &["diff"]);
    assert_eq!((&page["after"]["name"], &page["after"]["shipped"]), (&"the shipped rule set".into(), &true.into()));
    assert_eq!(page["edits"][0]["label"], "component.latency.weight 0.6 -> 0.3");
}

#[test]
fn line_ends_as_a_checkout_writes_them_are_no_edit() {
    let folder = repository(ROWS);
    let at = folder.path();
    std::fs::write(at.join(".gitattributes"), "*.rhai text eol=crlf\n*.toml text eol=crlf\n").unwrap();
    git(at, &["add", ".gitattributes"]);
    git(at, &["commit", "--quiet", "-m", "line ends"]);
    for file in ["config/scoring.toml", "config/rules.toml", "rules/stale.rhai"] {
        std::fs::remove_file(at.join(file)).unwrap();
    }
    for entry in std::fs::read_dir(at.join("rules")).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
    git(at, &["checkout", "--", "config", "rules"]);
    assert!(std::fs::read_to_string(at.join(SCORING)).unwrap().contains("\r\n"));
    assert!(done(at, &["diff"]).contains("no difference: both are the same rule set"));
}

#[test]
fn within_a_hook_the_repository_is_that_of_the_rules() {
    let folder = repository(ROWS);
    let at = folder.path();
    edit(at, SCORING, "weight = 0.3", "weight = 0.6");
    // A hook runs with the names of its own repository in the environment.
    let ended = std::process::Command::new(env!("CARGO_BIN_EXE_suitor"))
        .current_dir(at)
        .args(["diff", "--fail-on", "winner-change"])
        .env("GIT_DIR", ".git")
        .env("GIT_INDEX_FILE", ".git/index")
        .env_remove("SUITOR_DB")
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(3), "{}", String::from_utf8_lossy(&ended.stderr));
}
