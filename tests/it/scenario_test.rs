//! `suitor test`: what it says, what it writes and how it ends.

use std::path::Path;

use crate::binary::{done, suitor};

/// Three GPUs at one batch size: throughput alone is compared, of one result each, so that scores are 0.84 x throughput / 1000.
pub const ROWS: &str = "model,hardware,task,batch_size,throughput_items_per_second,item_unit,source
net,GPU A,inference,8,1000,images,example
net,GPU B,inference,8,900,images,example
net,GPU C,inference,8,400,images,example
";

pub fn scenario(title: &str, rows: &str, rest: &str) -> String {
    format!("title = \"{title}\"\nrows = \"\"\"\n{rows}\"\"\"\n[ask]\nmodel = \"net\"\ntask = \"inference\"\n[expect]\n{rest}")
}

pub fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

pub fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A folder with the scenario `gpus`, whose ranking is accepted, and `more`, whose ranking is too.
pub fn home() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "tests/scenarios/gpus.toml", &scenario("Three GPUs", ROWS, "winner = \"GPU A\"\n"));
    write(at, "tests/scenarios/more.toml", &scenario("The same again", ROWS, "order = [\"GPU A\", \"GPU C\"]\n"));
    done(at, &["test", "--accept"]);
    folder
}

/// Writes the shipped rule set out and adds a rule to it.
pub fn add_rule(folder: &Path, name: &str, script: &str) {
    if !folder.join("config/rules.toml").exists() {
        done(folder, &["init"]);
    }
    let rules = read(folder, "config/rules.toml");
    write(folder, "config/rules.toml", &format!("{rules}\n[[rule]]\nscript = \"{name}\"\ntitle = \"of a test\"\n"));
    write(folder, &format!("rules/{name}.rhai"), script);
}

/// B is put above A.
pub const PREFER_B: &str =
    "fn adjust(score, pair, request) { if pair.hardware == \"GPU B\" { #{ score: 0.9, reason: \"it is B\" } } else { score } }\n";

pub fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn passes_are_said_by_name_and_snapshots_say_what_they_rest_on() {
    let home = home();
    let at = home.path();
    let ended = suitor(at, &["test"]);
    assert_eq!((ended.code, ended.printed.as_str()), (0, "pass   gpus\npass   more\n\n2 passed\n"), "{}", ended.said);
    let snapshot = read(at, "snapshots/gpus.snap");
    // 0.84 = 0.8 + 0.2 x 1 / 5 of one result in five.
    assert!(
        snapshot.contains("   1  0.8400       1.000     1  GPU A | batch 8\n   2  0.7560       0.900     1  GPU B | batch 8\n"),
        "{snapshot}"
    );
    assert!(snapshot.starts_with("---\nsource: tests/scenarios/gpus.toml\ndescription: Three GPUs\ninfo:\n  rule_set: "), "{snapshot}");
    assert_eq!(files(&at.join("snapshots")), ["gpus.snap", "more.snap"]);
    // A filter chooses by a part of the name.
    assert_eq!(suitor(at, &["test", "gp"]).printed, "pass   gpus\n\n1 passed\n");
}

#[test]
fn a_change_of_rules_is_shown_as_moves_first_and_waits_beside_its_snapshot() {
    let home = home();
    let at = home.path();
    add_rule(at, "prefer_b", PREFER_B);
    let ended = suitor(at, &["test", "more"]);
    assert_eq!(ended.code, 3, "{}{}", ended.printed, ended.said);
    let printed = &ended.printed;
    let place = |text: &str| printed.find(text).unwrap_or_else(|| panic!("no `{text}` in\n{printed}"));
    assert!(place("FAIL   more") < place("rank 2 -> 1  GPU B"));
    assert!(place("rank 2 -> 1  GPU B") < place("rank 1 -> 2  GPU A"));
    assert!(place("rank 1 -> 2  GPU A") < place("moved since it was accepted: rules ("));
    assert!(place("; not moved: data and engine") < place("-   1  0.8400"));
    assert!(place("+   1  0.9000       0.900     1  GPU B | batch 8 | prefer_b +0.1440") < place("0 passed, 1 failed"));
    let pending = read(at, "snapshots/more.snap.new");
    assert!(insta::Snapshot::from_file(&at.join("snapshots/more.snap.new")).is_ok());
    assert!(pending.contains("GPU B | batch 8 | prefer_b"), "{pending}");
    // Accepted, the same text is the snapshot, and nothing waits.
    let ended = suitor(at, &["test", "more", "--accept"]);
    assert_eq!((ended.code, ended.printed.as_str()), (0, "pass   more: accepted\n\n1 passed\n"), "{}", ended.said);
    assert_eq!(read(at, "snapshots/more.snap"), pending);
    assert_eq!(files(&at.join("snapshots")), ["gpus.snap", "more.snap"]);
    // Put back, the ranking passes again, and what waited goes away.
    let before = read(at, "snapshots/gpus.snap");
    assert_eq!(suitor(at, &["test", "gpus"]).code, 3);
    std::fs::remove_dir_all(at.join("config")).unwrap();
    std::fs::remove_dir_all(at.join("rules")).unwrap();
    assert_eq!(suitor(at, &["test", "gpus"]).code, 0);
    assert_eq!(files(&at.join("snapshots")), ["gpus.snap", "more.snap"]);
    assert_eq!(read(at, "snapshots/gpus.snap"), before);
}

#[test]
fn an_exclusion_names_its_rule_and_a_change_of_a_score_alone_is_said_to_be_one() {
    let home = home();
    let at = home.path();
    add_rule(at, "no_a", "fn exclude(pair, request) { if pair.hardware == \"GPU A\" { \"not sold here\" } }\n");
    let printed = suitor(at, &["test", "gpus"]).printed;
    assert!(printed.contains("excluded now (was 1)  GPU A: no_a: not sold here\n"), "{printed}");
    // The scenario's own expectation is named by its line, and such a ranking is not accepted.
    assert!(printed.contains("tests/scenarios/gpus.toml:12: the winner is GPU B, expected GPU A: it is excluded by no_a"), "{printed}");
    let before = read(at, "snapshots/gpus.snap");
    let ended = suitor(at, &["test", "gpus", "--accept"]);
    assert_eq!(ended.code, 3);
    assert!(ended.printed.contains("FAIL   gpus: not accepted, because an expectation is not met"), "{}", ended.printed);
    assert_eq!(read(at, "snapshots/gpus.snap"), before);
    write(at, "rules/no_a.rhai", "fn adjust(score, pair, request) { if pair.hardware == \"GPU C\" { score / 2 } else { score } }\n");
    let printed = suitor(at, &["test", "more"]).printed;
    assert!(printed.contains("no rank moved; the largest change of a score is 0.3360 -> 0.1680  GPU C\n"), "{printed}");
}

#[test]
fn rows_that_moved_need_a_flag_of_their_own() {
    let home = home();
    let at = home.path();
    write(at, "tests/scenarios/gpus.toml", &scenario("Three GPUs", &ROWS.replace("900", "950"), ""));
    let before = read(at, "snapshots/gpus.snap");
    let ended = suitor(at, &["test", "gpus", "--accept"]);
    assert_eq!(ended.code, 3);
    assert!(
        ended.printed.contains("FAIL   gpus: not accepted, because the rows moved too (--accept-data accepts it)"),
        "{}",
        ended.printed
    );
    assert!(ended.printed.contains("moved since it was accepted: data ("), "{}", ended.printed);
    assert!(ended.printed.contains("; not moved: rules and engine"), "{}", ended.printed);
    assert_eq!(read(at, "snapshots/gpus.snap"), before);
    assert_eq!(files(&at.join("snapshots")), ["gpus.snap", "gpus.snap.new", "more.snap"]);
    assert_eq!(suitor(at, &["test", "gpus", "--accept", "--accept-data"]).code, 0);
    assert!(read(at, "snapshots/gpus.snap").contains("0.7980"), "0.84 x 0.95");
    assert_eq!(files(&at.join("snapshots")), ["gpus.snap", "more.snap"]);
}

#[test]
fn check_writes_nothing() {
    let home = home();
    let at = home.path();
    add_rule(at, "prefer_b", PREFER_B);
    std::fs::remove_file(at.join("snapshots/more.snap")).unwrap();
    write(at, "snapshots/gone.snap", "---\nsource: x\n---\nold\n");
    write(at, "snapshots/gpus.snap.new", "of yesterday");
    let before: Vec<(String, String)> =
        files(&at.join("snapshots")).into_iter().map(|name| (name.clone(), read(at, &format!("snapshots/{name}")))).collect();
    let ended = suitor(at, &["test", "--check"]);
    assert_eq!(ended.code, 3, "{}", ended.said);
    assert!(ended.printed.contains("FAIL   more\n       there is no snapshot of it yet\n"), "{}", ended.printed);
    let after: Vec<(String, String)> =
        files(&at.join("snapshots")).into_iter().map(|name| (name.clone(), read(at, &format!("snapshots/{name}")))).collect();
    assert_eq!(before, after);
}

#[test]
fn a_snapshot_without_a_scenario_is_said_and_fails_a_check() {
    let home = home();
    let at = home.path();
    write(at, "snapshots/gone.snap", "---\nsource: x\n---\nold\n");
    let ended = suitor(at, &["test"]);
    assert_eq!(ended.code, 0, "{}", ended.printed);
    assert!(
        ended.printed.ends_with("2 passed\norphan: snapshots/gone.snap has no scenario: remove it, or give it one\n"),
        "{}",
        ended.printed
    );
    assert_eq!(suitor(at, &["test", "--check"]).code, 3);
    // Where only some are run, nothing is said of the rest.
    assert_eq!(suitor(at, &["test", "--check", "gpus"]).code, 0);
    // With a file name alone, nobody is led to believe that all is well.
    assert!(suitor(at, &["test", "--format", "json"]).printed.contains("\"orphans\": [\n    \"snapshots/gone.snap\"\n  ]"));
}

#[test]
fn an_empty_selection_does_not_pass_in_silence() {
    let home = home();
    let at = home.path();
    for (args, says) in [
        (&["test", "gpsu"][..], "no scenario's name contains `gpsu`\nhelp: did you mean `gpus`?"),
        (&["test", "gpus", "nothing"], "no scenario's name contains `nothing`"),
        (&["test", "--scenarios", "nowhere"], "there is no folder `nowhere` of scenarios"),
        (&["test", "--scenarios", "snapshots"], "the folder `snapshots` holds no scenario"),
        (&["test", "--review"], "`--review` needs a terminal to ask in"),
    ] {
        let ended = suitor(at, args);
        assert_eq!(ended.code, 2, "{args:?}");
        assert!(ended.said.contains(says), "{args:?}: {}", ended.said);
        assert_eq!(ended.printed, "");
    }
    for args in [["test", "--check", "--accept"], ["test", "--check", "--review"], ["test", "--accept", "--review"]] {
        assert_eq!(suitor(at, &args).code, 2, "{args:?}");
    }
}

#[test]
fn a_scenario_that_cannot_be_run_ends_as_its_fault_does_and_hides_no_other() {
    let home = home();
    let at = home.path();
    let unknown = scenario("Another model", ROWS, "").replace("\"net\"", "\"xyz\"");
    write(at, "tests/scenarios/aaa.toml", &unknown);
    let ended = suitor(at, &["test"]);
    assert_eq!(ended.code, 2, "{}", ended.said);
    assert!(ended.printed.contains("ERROR  aaa\n       tests/scenarios/aaa.toml:8: unknown model `xyz`\n"), "{}", ended.printed);
    assert!(ended.printed.contains("pass   gpus\n"), "{}", ended.printed);
    assert!(ended.said.contains("scenario `aaa` could not be run"), "{}", ended.said);
    // A question that is refused may be what is expected.
    write(at, "tests/scenarios/aaa.toml", &(unknown + "exit = 2\n"));
    assert_eq!(suitor(at, &["test", "aaa", "--accept"]).code, 0);
    assert!(read(at, "snapshots/aaa.snap").ends_with("---\nerror: unknown model `xyz`\nhelp: `suitor list models` shows them all\n"));
    // A rule that fails under `strict` is a run that failed.
    add_rule(at, "fails", "fn adjust(score, pair, request) { score / (pair.results - pair.results) }\n");
    let strict = scenario("Strict", ROWS, "").replace("[ask]\n", "[ask]\nstrict = true\n");
    write(at, "tests/scenarios/aaa.toml", &strict);
    let ended = suitor(at, &["test", "aaa"]);
    assert_eq!(ended.code, 1, "{}{}", ended.printed, ended.said);
    assert!(ended.printed.contains("rules/fails.rhai:1"), "{}", ended.printed);
}

#[test]
fn every_kind_of_expectation_is_held() {
    let home = tempfile::tempdir().unwrap();
    let at = home.path();
    let expect = "winner = \"GPU B\"
order = [\"GPU C\", \"GPU B\"]
excluded = [\"GPU C\"]
absent = [\"GPU A\", \"GPU D\"]
fired = [\"stale\", \"stael\"]
silent = [\"memory_fit\", \"sclae\"]
decisive = [\"stale\"]
note = \"no such note\"
score = { \"GPU A\" = 0.8404, \"GPU B\" = 0.75 }
";
    write(at, "tests/scenarios/all.toml", &scenario("All", ROWS, expect));
    done(at, &["test", "--help"]);
    let ended = suitor(at, &["test"]);
    assert_eq!(ended.code, 3, "{}", ended.said);
    let said: Vec<&str> = ended.printed.lines().filter_map(|line| line.trim().strip_prefix("tests/scenarios/all.toml:")).collect();
    assert_eq!(
        said,
        [
            "12: the winner is GPU A, expected GPU B: it is at 2",
            "13: GPU B is at 2 and GPU C at 3, expected it below",
            "14: GPU C is not excluded: it is at 3",
            "15: GPU A is there: it is at 1",
            "15: no row is of GPU D, so that it says nothing; did you mean `GPU A`, `GPU B`, `GPU C`?",
            "16: rule `stale` did not fire (no rule did)",
            "16: the rule set has no rule `stael`; did you mean `stale`?",
            "17: the rule set has no rule `sclae`; did you mean `scatter`, `stale`?",
            "18: without rule `stale` the order is the same",
            "19: no note has the text `no such note`: there is none",
            "20: the score of GPU B is 0.756, expected 0.75 within 0.0005",
        ],
        "{}",
        ended.printed
    );
    // Within a tolerance of one's own it is right.
    write(at, "tests/scenarios/all.toml", &scenario("All", ROWS, "tolerance = 0.006\nscore = { \"GPU B\" = 0.75 }\nexit = 3\n"));
    let printed = suitor(at, &["test", "--check"]).printed;
    assert!(printed.contains("all.toml:14: exit code 0 (an answer), expected 3 (nothing feasible)\n"), "{printed}");
    assert!(!printed.contains("the score of"), "{printed}");
}

#[test]
fn data_files_are_found_beside_the_scenario_and_in_the_folder_beside_its_folder() {
    let home = tempfile::tempdir().unwrap();
    let at = home.path();
    let text = |file: &str| format!("title = \"t\"\ndata = [\"{file}\"]\n[ask]\nmodel = \"net\"\ntask = \"inference\"\n");
    write(at, "mine/data/far.csv", ROWS);
    write(at, "mine/cases/near.csv", &ROWS.replace("1000", "2000"));
    write(at, "mine/cases/far.toml", &text("far.csv"));
    write(at, "mine/cases/near.toml", &text("near.csv"));
    let flags = ["--scenarios", "mine/cases", "--snapshots", "mine/expected"];
    done(at, &[&["test", "--accept"][..], &flags].concat());
    assert!(read(at, "mine/expected/far.snap").contains("0.900"));
    assert!(read(at, "mine/expected/near.snap").contains("0.450"), "900 of 2000");
    // The one in the scenario's own folder stands above the other.
    write(at, "mine/cases/far.csv", &ROWS.replace("1000", "1800"));
    assert_eq!(suitor(at, &[&["test", "--check", "far"][..], &flags].concat()).code, 3);
}

#[test]
fn a_rule_that_sets_weights_fires_and_its_line_is_no_part_of_the_ranking() {
    let home = tempfile::tempdir().unwrap();
    let at = home.path();
    let script = "fn weigh(weights, request) { weights.memory = 0.4; weights }\n";
    add_rule(at, "heavy", script);
    write(at, "tests/scenarios/weights.toml", &scenario("Weights", ROWS, "fired = [\"heavy\"]\nsilent = [\"stale\"]\n"));
    done(at, &["test", "--accept"]);
    assert!(read(at, "snapshots/weights.snap").contains("note: rule `heavy` set weights: memory "));
    write(at, "rules/heavy.rhai", &format!("// memory matters here\n\n{script}"));
    assert_eq!(suitor(at, &["test", "--check"]).code, 0);
    write(at, "rules/heavy.rhai", "fn weigh(weights, request) { weights }\n");
    let printed = suitor(at, &["test", "--check"]).printed;
    assert!(printed.contains("weights.toml:12: rule `heavy` did not fire (no rule did)"), "{printed}");
}

/// Killed while it writes, it leaves each snapshot as it was or as it is to be.
#[test]
fn a_killed_run_leaves_every_snapshot_whole() {
    const SCENARIOS: usize = 12;
    let home = tempfile::tempdir().unwrap();
    let at = home.path();
    let names: Vec<String> = (0..SCENARIOS).map(|number| format!("scenario_{number:02}")).collect();
    let snapshot = |name: &String| read(at, &format!("snapshots/{name}.snap"));
    let write_all = |speed: &str| {
        for name in &names {
            write(at, &format!("tests/scenarios/{name}.toml"), &scenario(name, &ROWS.replace("900", speed), ""));
        }
    };
    write_all("950");
    done(at, &["test", "--accept"]);
    let new: Vec<String> = names.iter().map(snapshot).collect();
    write_all("900");
    done(at, &["test", "--accept-data"]);
    let old: Vec<String> = names.iter().map(snapshot).collect();
    write_all("950");
    for wait in [0, 2, 5] {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_suitor"))
            .current_dir(at)
            .args(["test", "--accept-data"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // As soon as one is written, others are about to be.
        let first = || names.iter().zip(&old).any(|(name, old)| snapshot(name) != *old);
        while !first() && child.try_wait().unwrap().is_none() {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        std::thread::sleep(std::time::Duration::from_millis(wait));
        let _ = child.kill();
        child.wait().unwrap();
        for ((name, old), new) in names.iter().zip(&old).zip(&new) {
            let is = snapshot(name);
            assert!(is == *old || is == *new, "{name} is neither:\n{is}");
            write(at, &format!("snapshots/{name}.snap"), old);
        }
    }
    // What was left half done does not stand in the way.
    assert_eq!(suitor(at, &["test", "--accept-data"]).code, 0);
    assert_eq!(names.iter().map(snapshot).collect::<Vec<_>>(), new);
    assert!(suitor(at, &["test", "--check"]).printed.ends_with("12 passed\n"));
}
