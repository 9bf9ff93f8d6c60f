//! Replaying a snapshot: what was recommended then, bit for bit, whatever has become of results, rules and names.

use std::path::Path;

use serde_json::Value as Json;

use crate::binary::{done, folder_of_rows, suitor};
use crate::schema_fixtures::{execute, value};
use crate::support::scoring_toml;
use crate::versions::{base, json, refused};

/// Ids 1 to 8: two cells, repeats, a failed run, hardware without a result, units left out, tasks of both kinds.
const ROWS: &str = "model,hardware,hardware_type,task,scenario,batch_size,throughput_items_per_second,latency_ms_mean,memory_peak_mb,item_unit,status,tested_at
m,A,cuda,inference,Offline,1,400,5,1000,images,ok,2026-01-01T00:00:00Z
m,A,cuda,inference,Offline,1,420.5,5.1,1010,,ok,2026-01-02T00:00:00Z
m,B,rocm,inference,Offline,1,200,4.000001,,images,ok,2026-01-03T00:00:00Z
m,B,rocm,inference,Server,1,180,4.5,900,images,ok,2024-01-03T00:00:00Z
m,A,cuda,inference,Server,1,333.3333333,4.1,950,images,ok,2026-01-04T00:00:00Z
m,C,cpu,inference,Offline,1,20,40,300,images,ok,2026-01-05T00:00:00Z
m,D,cpu,inference,Offline,1,,,,,failed,2026-01-05T00:00:00Z
m,A,cuda,training,,64,90,,,images,ok,2026-01-05T00:00:00Z
";

/// What the two commands print, as text and as a document, with and without `--replay-at`.
fn ask(at: &Path, args: &[&str], replay: Option<&str>) -> (String, Json) {
    let mut all = args.to_vec();
    all.extend(["--format", "json"]);
    if let Some(moment) = replay {
        all.extend(["--replay-at", moment]);
    }
    let printed = done(at, &all);
    let document = serde_json::from_str(&printed).unwrap();
    (printed, document)
}

/// The document without the lines that say that it is a replay.
fn as_then(printed: &str) -> String {
    let from = printed.find("  \"replayed\": {").expect("it says that it is a replay");
    let to = from + printed[from..].find("  },\n").expect("an end") + "  },\n".len();
    format!("{}{}", &printed[..from], &printed[to..])
}

const RECOMMEND: [&str; 7] = ["recommend", "--model", "m", "--task", "inference", "--version", "v1"];
const EXPLAIN: [&str; 11] = ["explain", "--model", "m", "--task", "inference", "--version", "v1", "--hardware", "A", "--against", "B"];

#[test]
fn a_replay_gives_the_bytes_of_then_whatever_has_become_of_results_and_rules() {
    let folder = folder_of_rows(ROWS);
    let at = folder.path();
    done(at, &["init"]);
    done(at, &["link-tests", "--model", "m", "--version", "v1", "--result-ids", "1,2,3,4,5,6,7,8"]);
    let questions: Vec<Vec<&str>> = vec![
        RECOMMEND.to_vec(),
        EXPLAIN.to_vec(),
        [&RECOMMEND[..], &["--latency-sensitive", "--profile", "ratio"]].concat(),
        [&RECOMMEND[..], &["--scenario", "Offline", "--limit", "latency_ms_mean<=10"]].concat(),
        [&RECOMMEND[..], &["--where", "item_unit=images", "--only", "cuda", "--only", "B"]].concat(),
        vec!["recommend", "--model", "m", "--task", "training", "--version", "v1", "--per-device"],
    ];
    let then: Vec<String> = questions.iter().map(|args| ask(at, args, None).0).collect();
    assert!(then[0].contains("\"stale\"") || then[0].contains("stale.rhai"), "a rule that reads ages has its say: {}", then[0]);
    let made = json(at, &["create-snapshot", "--model", "m", "--version", "v1"]);
    let day = &made["created_at"].as_str().unwrap()[..10];
    // More results of the version, later and better ones; those of then are forgotten; other weights, another rule, none of the old.
    let more = ROWS.replace("2026-01", "2026-06").replace(",20,40,", ",4000,1,").replace("m,B,", "m,A,");
    std::fs::write(at.join("more.csv"), more).unwrap();
    done(at, &["import", "--quiet", "more.csv"]);
    done(at, &["link-tests", "--model", "m", "--version", "v1", "--where", "file=more.csv"]);
    done(at, &["forget", "--file", "rows.csv"]);
    std::fs::write(at.join("config/scoring.toml"), scoring_toml().replacen("weight = 0.5", "weight = 0.1", 1)).unwrap();
    std::fs::write(at.join("config/rules.toml"), "[[rule]]\nscript = \"new\"\ntitle = \"halves\"\n").unwrap();
    std::fs::write(at.join("rules/new.rhai"), "fn adjust(score, pair, request) { score * 0.5 }\n").unwrap();
    for (args, then) in questions.iter().zip(&then) {
        let present = suitor(at, &[args, &["--format", "json"][..]].concat());
        assert_ne!(&present.printed, then, "what is recommended now is something else: {args:?}");
        for moment in ["1", day] {
            let (printed, document) = ask(at, args, Some(moment));
            assert_eq!(&as_then(&printed), then, "{args:?} at {moment}");
            assert_eq!(document["replayed"]["revision"], 1);
            assert_eq!(document["replayed"]["version"], "v1");
        }
    }
    let (_, document) = ask(at, &RECOMMEND, Some("1"));
    crate::documents::conforms(&document, &crate::documents::schema(at, "recommend"));
    // A second revision has the present; the first is still the first.
    done(at, &["create-snapshot", "--model", "m", "--version", "v1"]);
    assert_eq!(as_then(&ask(at, &RECOMMEND, Some("2")).0), ask(at, &RECOMMEND, None).0);
    assert_eq!(as_then(&ask(at, &RECOMMEND, Some("1")).0), then[0]);
    // Neither broken files nor missing ones matter to what was.
    std::fs::write(at.join("rules/new.rhai"), "fn adjust(").unwrap();
    assert_eq!(suitor(at, &RECOMMEND).code, 2);
    assert_eq!(as_then(&ask(at, &RECOMMEND, Some("1")).0), then[0]);
    let page = done(at, &[&EXPLAIN[..], &["--replay-at", "1"]].concat());
    assert!(page.lines().nth(1).unwrap().starts_with("replayed: revision 1 of version v1, made at 2"), "{page}");
}

/// Without a version: the newest snapshot of the model up to that day; of all results it is what `recommend` said without one.
#[test]
fn a_snapshot_of_all_results_is_what_was_recommended_without_a_version() {
    let folder = folder_of_rows(ROWS);
    let at = folder.path();
    done(at, &["add-version", "--model", "m", "--version", "v1"]);
    let args = ["recommend", "--model", "m", "--task", "inference"];
    let then = ask(at, &args, None).0;
    done(at, &["create-snapshot", "--model", "m", "--version", "v1", "--all-results"]);
    done(at, &["forget", "--file", "rows.csv"]);
    assert_eq!(as_then(&ask(at, &args, Some("1")).0), then);
    assert!(
        done(at, &[&args[..], &["--replay-at", "1"]].concat()).contains("replayed: revision 1 of version v1, of all results of the model")
    );
}

#[test]
fn a_moment_that_means_no_snapshot_is_answered_with_those_that_there_are() {
    let folder = folder_of_rows(ROWS);
    let at = folder.path();
    let said = |args: &[&str], moment: &str| {
        let (code, said) = refused(at, &[args, &["--replay-at", moment]].concat());
        assert_eq!(code, 2, "{said}");
        said
    };
    let of_model = ["recommend", "--model", "m", "--task", "inference"];
    assert!(said(&of_model, "1").contains("model `m` has no snapshot\nhelp: `suitor create-snapshot` makes one"));
    for (tag, ids) in [("v1", "1,3"), ("v2", "1,2,3")] {
        done(at, &["link-tests", "--model", "m", "--version", tag, "--result-ids", ids]);
        done(at, &["create-snapshot", "--model", "m", "--version", tag]);
    }
    execute(&base(at), "UPDATE suitor_snapshot SET created_at = TIMESTAMP '2026-01-10 12:00:00' WHERE snapshot_id = 1");
    execute(&base(at), "UPDATE suitor_snapshot SET created_at = TIMESTAMP '2026-02-20 12:00:00' WHERE snapshot_id = 2");
    let found = |moment: &str| ask(at, &of_model, Some(moment)).1["replayed"]["version"].as_str().unwrap().to_owned();
    assert_eq!(found("2026-01-10"), "v1", "a day is all of it");
    assert_eq!(found("2026-02-20T11:59:59Z"), "v1");
    assert_eq!(found("2026-02-20T12:00:00Z"), "v2");
    assert_eq!(found("2027-01-01"), "v2");
    assert_eq!(ask(at, &RECOMMEND, Some("2027-01-01")).1["replayed"]["version"], "v1", "with a version, its own");
    assert!(
        said(&of_model, "2026-01-09")
            .contains("model `m` has no snapshot from before 2026-01-09T23:59:59Z\nhelp: the oldest was made at 2026-01-10T12:00:00Z")
    );
    assert!(said(&of_model, "1").contains("several versions of `m` have a revision 1: `v2`, `v1`\nhelp: --version names one"));
    assert!(said(&RECOMMEND, "3").contains("version `v1` has no revision 3\nhelp: the newest revision is 1"));
    assert!(said(&RECOMMEND, "soon").contains("`soon` is neither a revision nor a date"));
    assert_eq!(suitor(at, &[&RECOMMEND[..], &["--replay-at", "1", "--as-of", "2026-01-01"]].concat()).code, 2);
    assert_eq!(suitor(at, &["recommend", "--model", "m", "--stored", "--replay-at", "1"]).code, 2);
}

#[test]
fn frozen_results_that_changed_are_not_replayed() {
    let folder = folder_of_rows(ROWS);
    let at = folder.path();
    for (tag, ids) in [("v1", "1,3"), ("v2", "1,3,4")] {
        done(at, &["link-tests", "--model", "m", "--version", tag, "--result-ids", ids]);
        done(at, &["create-snapshot", "--model", "m", "--version", tag]);
    }
    let compare = ["compare-versions", "--model", "m", "--version1", "v1", "--version2", "v2"];
    let readers: [&[&str]; 3] = [&[&RECOMMEND[..], &["--replay-at", "1"]].concat(), &compare, &["trend", "--model", "m"]];
    for args in &readers {
        done(at, args);
    }
    execute(&base(at), "UPDATE suitor_snapshot_row SET latency_ms_mean = 4 WHERE snapshot_id = 1 AND row_id = 3");
    for args in readers.iter().copied() {
        let (code, said) = refused(at, args);
        assert_eq!(code, 1, "{said}");
        let damaged = "revision 1 of version `v1` is damaged: its results are not those that it was made of";
        assert!(said.contains(&format!("{damaged}\nhelp: `suitor create-snapshot` makes a new revision\n")), "{said}");
    }
    done(at, &["recommend", "--model", "m", "--task", "inference", "--version", "v2", "--replay-at", "1"]);
    // Nothing else changed, and still there is a new revision, once; it is read where the newest is.
    for (tag, state, revision) in [("v1", "created", 2), ("v1", "unchanged", 2), ("v2", "unchanged", 1)] {
        let made = json(at, &["create-snapshot", "--model", "m", "--version", tag]);
        assert_eq!((&made["state"], &made["revision"]), (&state.into(), &revision.into()), "{tag}");
    }
    assert_eq!(refused(at, readers[0]).0, 1, "the first is what it was");
    done(at, &[&RECOMMEND[..], &["--replay-at", "2"]].concat());
    done(at, &compare);
    execute(&base(at), "DELETE FROM suitor_snapshot_row WHERE snapshot_id = 3 AND row_id = 3");
    assert_eq!(json(at, &["create-snapshot", "--model", "m", "--version", "v1"])["revision"], 3, "also where a row is gone");
}

#[test]
fn hardware_that_is_unknown_is_answered_with_the_nearest_also_of_a_version_and_of_a_snapshot() {
    let folder = folder_of_rows(ROWS);
    let at = folder.path();
    done(at, &["link-tests", "--model", "m", "--version", "v1", "--result-ids", "1,3"]);
    done(at, &["create-snapshot", "--model", "m", "--version", "v1"]);
    let explain = |hardware: &'static str| ["explain", "--model", "m", "--task", "inference", "--version", "v1", "--hardware", hardware];
    let replay = ["--replay-at", "1"];
    for (args, more) in [(explain("cudda"), &[][..]), (explain("cudda"), &replay[..]), (explain("A"), &["--against", "cudda"][..])] {
        let (code, said) = refused(at, &[&args[..], more].concat());
        assert_eq!((code, said.as_str()), (2, "error: unknown hardware `cudda`\nhelp: did you mean `cuda`?\n"));
    }
    for more in [&[][..], &replay[..]] {
        let (code, said) = refused(at, &[&RECOMMEND[..], &["--only", "cudda"], more].concat());
        assert_eq!((code, said.as_str()), (2, "error: unknown hardware `cudda`\nhelp: did you mean `cuda`?\n"));
    }
    let (code, said) = refused(at, &explain("C"));
    assert!(code == 2 && said.contains("`C` is left out by `--version v1`"), "hardware that is known is left out by something: {said}");
}

#[test]
fn a_rule_set_that_is_not_the_one_of_then_is_not_replayed() {
    let folder = folder_of_rows(ROWS);
    let at = folder.path();
    done(at, &["link-tests", "--model", "m", "--version", "v1", "--result-ids", "1,3"]);
    done(at, &["create-snapshot", "--model", "m", "--version", "v1"]);
    assert_eq!(
        value(&base(at), "SELECT count(*) FROM suitor_rule_file WHERE name = 'config/scoring.toml' AND contains(text, 'weight = 0.5')"),
        "1"
    );
    execute(&base(at), "UPDATE suitor_rule_file SET text = replace(text, 'weight = 0.5', 'weight = 0.6')");
    let (code, said) = refused(at, &[&RECOMMEND[..], &["--replay-at", "1"]].concat());
    assert_eq!(code, 1);
    assert!(said.contains("revision 1 of version `v1` is damaged: the files of its rule set are not those of its hash"), "{said}");
    execute(&base(at), "DELETE FROM suitor_snapshot_row WHERE row_id = 3");
    let (code, said) = refused(at, &[&RECOMMEND[..], &["--replay-at", "1"]].concat());
    assert!(code == 1 && said.contains("revision 1 of version `v1` is damaged: 1 of its 2 results are there"), "{said}");
}
