//! `suitor watch`, by the binary: what it tells of edits, faults and imports, and that it keeps the database free.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::binary::{done, folder_of_rows, suitor};
use crate::documents::{conforms, schema};

/// Two pieces of hardware that change places when latency weighs more.
const ROWS: &str = "model,hardware,task,batch_size,throughput_items_per_second,latency_ms_mean\n\
    m,A,inference,1,400,5\nm,B,inference,1,200,3\nm,C,inference,1,100,9\n";

/// Longest wait for something that must come, also on a machine with much else to do.
const PATIENCE: Duration = Duration::from_secs(90);

/// A running `suitor watch --format json`.
pub struct Watching {
    child: Child,
    events: Receiver<Json>,
    schema: Json,
}

impl Watching {
    /// Begins, and returns with the first event.
    pub fn start(folder: &Path, args: &[&str]) -> (Self, Json) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_suitor"))
            .current_dir(folder)
            .args(["watch", "--format", "json"])
            .args(args)
            .env_remove("SUITOR_DB")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (send, events) = channel();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
                if send.send(event).is_err() {
                    return;
                }
            }
        });
        let watching = Self { child, events, schema: schema(folder, "watch") };
        let started = watching.next("started");
        (watching, started)
    }

    /// The next event, which must be of this kind and as the schema says.
    #[track_caller]
    pub fn next(&self, kind: &str) -> Json {
        loop {
            let event = self.events.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("no `{kind}`: {error}"));
            // An import on a busy machine may take so long that it is told of.
            if event["event"] == kind || event["event"] != "data_unavailable" {
                assert_eq!(event["event"], kind, "{event:#}");
                conforms(&event, &self.schema);
                return event;
            }
        }
    }

    /// Nothing more within this time.
    #[track_caller]
    pub fn nothing(&self, within: Duration) {
        if let Ok(event) = self.events.recv_timeout(within) {
            panic!("{event:#}");
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder with rows, and with the shipped rule files written out.
pub fn folder_of_rules() -> tempfile::TempDir {
    let folder = folder_of_rows(ROWS);
    done(folder.path(), &["init", "--quiet"]);
    folder
}

pub const ASK: &[&str] = &["--model", "m", "--task", "inference"];

/// Replaces a text in a file, in one writing.
pub fn edit(folder: &Path, file: &str, old: &str, new: &str) {
    let path = folder.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(old), "{file} does not say `{old}`");
    fs::write(path, text.replacen(old, new, 1)).unwrap();
}

/// Weighs latency so that B wins.
pub const LATENCY: (&str, &str) = ("name = \"latency\"\nweight = 0.3", "name = \"latency\"\nweight = 3");

#[test]
fn an_edit_moves_the_ranking_a_fault_keeps_it_and_its_end_is_told() {
    let folder = folder_of_rules();
    let (watching, started) = Watching::start(folder.path(), ASK);
    assert_eq!(started["rankings"][0]["ranked"][0]["hardware"], "A", "{started:#}");
    edit(folder.path(), "config/scoring.toml", LATENCY.0, LATENCY.1);
    let reloaded = watching.next("reloaded");
    assert_eq!((&reloaded["from"], &reloaded["files"][0]["file"]), (&started["rule_set"], &"config/scoring.toml".into()));
    let moves = &reloaded["moves"][0];
    assert_eq!(moves["winner"], serde_json::json!({"from": "A", "to": "B"}), "{moves:#}");
    assert_eq!((&moves["ranks"][0]["hardware"], &moves["ranks"][0]["from"], &moves["ranks"][0]["to"]), (&"B".into(), &2.into(), &1.into()));
    // What it says is what `recommend` says.
    let answer: Json = serde_json::from_str(&done(folder.path(), &["recommend", "--model", "m", "--format", "json"])).unwrap();
    assert_eq!((&answer["rule_set"], &answer["recommendations"][0]["score"]), (&reloaded["to"], &moves["ranks"][0]["score_to"]));
    edit(folder.path(), "rules/stale.rhai", "pair.age_days", "pair.age_dys");
    let refused = watching.next("refused");
    assert_eq!((&refused["active"], &refused["files"][0]["file"]), (&reloaded["to"], &"rules/stale.rhai".into()));
    assert!(refused["on_disk"].is_string() && refused["on_disk"] != refused["active"]);
    let fault = &refused["faults"][0];
    assert_eq!(
        (&fault["file"], &fault["line"], &fault["help"]),
        (&"rules/stale.rhai".into(), &8.into(), &"did you mean `age_days`?".into())
    );
    edit(folder.path(), "rules/stale.rhai", "pair.age_dys", "pair.age_days");
    assert_eq!(watching.next("restored")["active"], reloaded["to"]);
    // Saved without a change: the same hash, no news.
    edit(folder.path(), "rules/stale.rhai", "pair.age_days", "pair.age_days");
    watching.nothing(Duration::from_millis(700));
}

#[test]
fn a_rule_that_runs_into_a_limit_is_refused_and_the_limit_can_be_raised_meanwhile() {
    let folder = folder_of_rules();
    let (watching, started) = Watching::start(folder.path(), ASK);
    let text = "fn adjust(score, pair, request) {\n  let n = 0;\n  for i in 0..40000 { n += 1; }\n  score\n}\n";
    fs::write(folder.path().join("rules/stale.rhai"), text).unwrap();
    edit(folder.path(), "config/rules.toml", "[rule.params]\nmax_age_days = 365\nloss_per_year = 0.1\nmost = 0.3\n", "");
    let refused = watching.next("refused");
    assert_eq!(refused["active"], started["rule_set"]);
    let message = refused["faults"][0]["message"].as_str().unwrap();
    assert!(message.starts_with("rule `stale` exceeded a limit of the sandbox on m x A at rules/stale.rhai:3:"), "{message}");
    assert!(message.contains("more than 100000 operations (`operations` in [sandbox] of suitor.toml)"), "{message}");
    edit(folder.path(), "config/suitor.toml", "operations = 100000", "operations = 1000000");
    let reloaded = watching.next("reloaded");
    let changed: Vec<&str> = reloaded["files"].as_array().unwrap().iter().map(|file| file["file"].as_str().unwrap()).collect();
    assert_eq!(changed, ["config/rules.toml", "rules/stale.rhai", "config/suitor.toml"]);
}

#[test]
fn imports_go_on_while_it_watches_and_their_rows_move_the_ranking() {
    let folder = folder_of_rules();
    let (watching, _) = Watching::start(folder.path(), ASK);
    for round in 1..=5 {
        let rows = format!(
            "model,hardware,task,batch_size,throughput_items_per_second,latency_ms_mean\nm,New {round},inference,1,{},0.{}\n",
            1000 * round,
            9 - round
        );
        fs::write(folder.path().join("new.csv"), rows).unwrap();
        done(folder.path(), &["import", "--quiet", "new.csv"]);
        // The file is free at any moment for whoever writes next; a copy may be under way just then.
        done(folder.path(), &["calculate-scores", "--quiet", "--format", "json"]);
        let changed = watching.next("data_changed");
        assert_eq!(changed["moves"][0]["winner"]["to"], format!("New {round}"), "{changed:#}");
    }
    // Scores were stored since, but rows have not changed: no news.
    done(folder.path(), &["calculate-scores", "--quiet", "--format", "json"]);
    watching.nothing(Duration::from_secs(2));
    done(folder.path(), &["forget", "--quiet", "--file", "new.csv"]);
    let left = watching.next("data_changed");
    assert_eq!(left["moves"][0]["left"][0]["why"], "no longer a candidate", "{left:#}");
}

#[test]
fn every_ranking_can_be_watched_and_faults_of_the_question_end_it() {
    let folder = folder_of_rules();
    let (watching, started) = Watching::start(folder.path(), &["--all"]);
    assert_eq!((&started["rankings"][0]["model"], &started["rankings"][0]["task"]), (&"m".into(), &"inference".into()));
    fs::write(folder.path().join("new.csv"), "model,hardware,task,throughput_items_per_second\nother,A,training,5\n").unwrap();
    done(folder.path(), &["import", "--quiet", "new.csv"]);
    let changed = watching.next("data_changed");
    let of_other = changed["moves"].as_array().unwrap().iter().find(|moves| moves["model"] == "other").unwrap();
    assert_eq!(of_other["winner"], serde_json::json!({"from": null, "to": "A"}));
    for (args, code, says) in [
        (&["watch", "--model", "mm"][..], 2, "unknown model `mm`"),
        (&["watch", "--model", "m", "--format", "csv"], 2, "use --format table or json"),
        (&["watch", "--all", "--model", "m"], 2, "cannot be used with"),
        (&["watch", "--model", "m", "--db-path", "none.duckdb"], 2, "there is no database `none.duckdb`"),
        (&["watch", "--model", "m", "--poll", "0"], 2, "expected 0.05 to 3600"),
    ] {
        let ended = suitor(folder.path(), args);
        assert_eq!(ended.code, code, "{args:?}: {}", ended.said);
        assert!(ended.said.contains(says) && ended.printed.is_empty(), "{args:?}: {}", ended.said);
    }
}

#[test]
fn from_save_to_moves_it_takes_about_as_long_as_quiet_and_one_ranking() {
    let folder = folder_of_rules();
    let (watching, _) = Watching::start(folder.path(), ASK);
    let began = Instant::now();
    done(folder.path(), &["recommend", "--model", "m", "--task", "inference", "--quiet"]);
    let alone = began.elapsed();
    let saved = Instant::now();
    edit(folder.path(), "config/scoring.toml", LATENCY.0, LATENCY.1);
    watching.next("reloaded");
    let took = saved.elapsed();
    crate::support::say(&format!("watch: {took:?} from save to moves; recommend alone takes {alone:?}"));
    // Its own share is the quiet time; the machine may have much else to do.
    assert!(took < Duration::from_millis(1500) + 4 * alone, "{took:?} against {alone:?}");
}

#[test]
fn history_and_rollback_go_through_a_watch() {
    let folder = folder_of_rules();
    let (watching, started) = Watching::start(folder.path(), ASK);
    edit(folder.path(), "config/scoring.toml", LATENCY.0, LATENCY.1);
    let reloaded = watching.next("reloaded");
    // A fault, half done work, is kept by the rollback too.
    edit(folder.path(), "rules/stale.rhai", "fn adjust(", "fn adjst(");
    let refused = watching.next("refused");
    let history = || -> Json { serde_json::from_str(&done(folder.path(), &["rules", "history", "--format", "json"])).unwrap() };
    let hashes = |history: &Json| -> Vec<Json> { history["sets"].as_array().unwrap().iter().map(|set| set["rule_set"].clone()).collect() };
    assert_eq!(hashes(&history()), [reloaded["to"].clone(), started["rule_set"].clone()]);
    conforms(&history(), &schema(folder.path(), "rules-history"));
    let said = done(folder.path(), &["rules", "rollback", "2"]);
    assert!(said.contains("wrote config/scoring.toml") && said.contains("wrote rules/stale.rhai"), "{said}");
    let back = watching.next("reloaded");
    assert_eq!((&back["to"], &back["moves"][0]["winner"]["to"]), (&started["rule_set"], &"A".into()));
    let listed = history();
    assert_eq!(hashes(&listed), [started["rule_set"].clone(), refused["on_disk"].clone(), reloaded["to"].clone()], "{listed:#}");
    assert_eq!((&listed["sets"][0]["on_disk"], &listed["sets"][1]["faults"]), (&true.into(), &1.into()));
    // And what was being worked on comes back, fault and all.
    let unfinished = refused["on_disk"].as_str().unwrap();
    let did: Json = serde_json::from_str(&done(folder.path(), &["rules", "rollback", &unfinished[..8], "--format", "json"])).unwrap();
    conforms(&did, &schema(folder.path(), "rules-rollback"));
    assert_eq!((&did["rule_set"], &did["warnings"][0]), (&refused["on_disk"], &"the set that was put back has 1 fault".into()));
    assert_eq!(watching.next("refused")["on_disk"], refused["on_disk"]);
    for (which, says) in [("9", "there is no rule set 9"), ("zzzz", "no kept rule set begins with `zzzz`")] {
        let ended = suitor(folder.path(), &["rules", "rollback", which]);
        assert!(ended.code == 2 && ended.said.contains(says), "{}", ended.said);
    }
    // The history is beside the configuration, and git does not take it up.
    assert!(folder.path().join(".suitor/history/config/index.json").exists());
    assert_eq!(fs::read_to_string(folder.path().join(".suitor/.gitignore")).unwrap().lines().last(), Some("*"));
}
