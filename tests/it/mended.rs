//! Faults that users met, by the binary: what was silent is said, and what stayed behind goes.

use serde_json::Value as Json;

use crate::binary::{done, folder_of, folder_of_rows, suitor};

const TWO: &str = "model,hardware,task,batch_size,precision,throughput_items_per_second,latency_ms_mean\n\
    m,A,inference,1,fp16,10,5\nm,B,inference,8,fp32,20,9\nn,A,inference,1,fp16,5,3\nm,A,training,1,fp16,3,\n";

fn json(folder: &std::path::Path, args: &[&str]) -> Json {
    serde_json::from_str(&done(folder, &[args, &["--format", "json"]].concat())).unwrap()
}

#[test]
fn a_damaged_database_is_said_to_be_damaged_without_the_words_of_the_engine() {
    let folder = folder_of(&["timm_train.csv"]);
    let at = folder.path();
    let good = std::fs::read(at.join("benchmark_db.duckdb")).unwrap();
    let mut damaged = 0;
    for part in [1, 2, 4, 6, 8, 10, 12, 14] {
        let begin = good.len() * part / 16;
        let mut noise = good.clone();
        noise[begin..].iter_mut().step_by(50).for_each(|byte| *byte ^= 0x5a);
        for bytes in [good[..begin].to_vec(), noise] {
            std::fs::write(at.join("bad.duckdb"), bytes).unwrap();
            let ended = suitor(at, &["--db-path", "bad.duckdb", "recommend", "--model", "resnet50", "--task", "training"]);
            if ended.code == 0 {
                continue;
            }
            damaged += 1;
            assert_eq!(ended.code, 2, "{}", ended.said);
            assert!(ended.said.starts_with("error: `bad.duckdb`: the database file is damaged"), "{}", ended.said);
            assert!(!ended.said.contains("Error:") && !ended.said.contains("checksum"), "{}", ended.said);
        }
    }
    assert!(damaged >= 8, "{damaged}");
}

#[test]
fn a_name_that_states_another_count_is_doubted_once_with_its_line() {
    let rows = "model,hardware,hardware_count,task,throughput_items_per_second\n\
        m,8x H100,8,inference,10\nm,8x H100,4,inference,11\nm,8x H100,4,inference,12\nm,H100,2,inference,13\n";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rows.csv"), rows).unwrap();
    let report = json(folder.path(), &["import", "rows.csv"]);
    let warnings = report["files"][0]["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    let said = warnings[0].as_str().unwrap();
    assert!(said.starts_with("line 3: `8x H100` states 8 devices itself, and its device count is 4"), "{said}");
    // For people the file stands before the line.
    std::fs::remove_file(folder.path().join("benchmark_db.duckdb")).unwrap();
    let table = done(folder.path(), &["import", "rows.csv"]);
    assert!(table.contains("rows.csv: line 3: `8x H100`"), "{table}");
}

#[test]
fn flags_of_list_that_match_nothing_say_the_values() {
    let folder = folder_of_rows(TWO);
    let listed = json(folder.path(), &["list", "results", "--where", "precision=fp61"]);
    assert_eq!(listed["total"], 0);
    let said = listed["warnings"][0].as_str().unwrap();
    assert_eq!(said, "`--precision fp61` matches no row: the values of precision are `fp16`, `fp32`");
    let table = done(folder.path(), &["list", "results", "--hardware", "A", "--where", "batch_size=8"]);
    assert!(table.contains("without `--batch-size 8` rows match, whose values of batch_size are `1`"), "{table}");
    assert!(table.contains("without `--only A` rows match, whose values of hardware are `B`"), "{table}");
}

#[test]
fn explain_says_which_flag_leaves_hardware_out() {
    let folder = folder_of_rows(TWO);
    let left_out = |flags: &[&str]| {
        let args = [&["explain", "--model", "m", "--task", "inference", "--hardware", "B"][..], flags].concat();
        let ended = suitor(folder.path(), &args);
        assert_eq!(ended.code, 2, "{}", ended.printed);
        ended.said
    };
    assert!(left_out(&["--precision", "fp16"]).contains("`B` is left out by `--precision fp16`: its precision is `fp32`"));
    assert!(left_out(&["--only", "A"]).contains("`B` is left out by `--only A`"));
    assert!(left_out(&["--where", "framework~x"]).contains("`--where 'framework~x'`: its rows do not say framework"));
}

fn weighing(rows: &str, weigh: &str) -> tempfile::TempDir {
    let folder = folder_of_rows(rows);
    done(folder.path(), &["init", "--quiet"]);
    let rules = folder.path().join("config/rules.toml");
    let list = std::fs::read_to_string(&rules).unwrap();
    std::fs::write(&rules, format!("{list}\n[[rule]]\nscript = \"mine\"\ntitle = \"weighs\"\n")).unwrap();
    std::fs::write(folder.path().join("rules/mine.rhai"), format!("fn weigh(weights, request) {{\n{weigh}\n    weights\n}}\n")).unwrap();
    folder
}

#[test]
fn weights_that_a_rule_sets_are_noted_where_scores_are_stored() {
    let folder = weighing(TWO, "    weights.latency = 0.0;");
    for command in [&["calculate-scores"][..], &["update-task", "--task", "inference"]] {
        let notes = json(folder.path(), command)["notes"].to_string();
        assert!(notes.contains("rule `mine` (rules/mine.rhai:3) set weights: latency"), "{notes}");
        let table = done(folder.path(), command);
        assert!(table.contains("note: rule `mine`"), "{table}");
    }
}

#[test]
fn the_winner_under_the_other_profile_is_found_with_the_weights_of_that_profile() {
    // By throughput B wins, by latency A; under `ratio` the rule lets only latency count.
    let rows = "model,hardware,task,batch_size,throughput_items_per_second,latency_ms_mean\nm,A,inference,1,10,1\nm,B,inference,1,20,9\n";
    let ratio = "    weights.throughput = 0.0;\n    weights.memory = 0.0;";
    let other = "    weights.latency = 0.0;\n    weights.memory = 0.0;";
    let folder = weighing(rows, &format!("    if request.profile == \"ratio\" {{ {ratio} }} else {{ {other} }}"));
    let answer = json(folder.path(), &["recommend", "--model", "m"]);
    assert_eq!(answer["recommendations"][0]["hardware"], "B");
    assert!(answer["notes"].to_string().contains("under profile `ratio` the winner is A"), "{}", answer["notes"]);
    let ratio = json(folder.path(), &["recommend", "--model", "m", "--profile", "ratio"]);
    assert_eq!(ratio["recommendations"][0]["hardware"], "A");
}

#[test]
fn stored_scores_without_rows_are_marked_and_then_removed() {
    let folder = folder_of_rows(TWO);
    let at = folder.path();
    std::fs::write(at.join("more.csv"), "model,hardware,task,throughput_items_per_second\nm,C,inference,7\n").unwrap();
    done(at, &["import", "--quiet", "more.csv"]);
    done(at, &["update-task", "--task", "inference"]);
    done(at, &["update-task", "--task", "training"]);
    done(at, &["calculate-scores"]);
    done(at, &["forget", "--file", "more.csv"]);
    let stored = |task: &[&str]| -> Vec<(String, bool)> {
        let list = json(at, &[&["recommend", "--stored", "--model", "m"][..], task].concat());
        let one =
            |one: &Json| (one["hardware"].as_str().unwrap().to_owned(), one["stale"].as_array().unwrap().iter().any(|what| what == "rows"));
        let mut all: Vec<_> = list["pairs"].as_array().unwrap().iter().map(one).collect();
        all.sort();
        all
    };
    let marked = [("A".to_owned(), false), ("B".to_owned(), false), ("C".to_owned(), true)];
    assert_eq!(stored(&["--task", "inference"]), marked);
    assert_eq!(stored(&[]), marked);
    // Of another model: those of `m` stay.
    done(at, &["calculate-scores", "--model", "n"]);
    assert_eq!(stored(&[]), marked);
    let notes = json(at, &["update-task", "--task", "inference"])["notes"].to_string();
    assert!(notes.contains("1 stored before"), "{notes}");
    done(at, &["calculate-scores", "--hardware", "C"]);
    assert_eq!(stored(&["--task", "inference"]), marked[..2]);
    assert_eq!(stored(&[]), marked[..2]);
    assert_eq!(stored(&["--task", "training"]), marked[..1]);
    // The last row of the task is gone.
    done(at, &["forget", "--file", "rows.csv"]);
    assert_eq!(stored(&["--task", "training"]), [("A".to_owned(), true)]);
}

#[test]
fn a_key_that_is_there_twice_does_not_multiply_results() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("benchmark_db.duckdb");
    let tables = "CREATE TABLE models (model_id BIGINT, model_name VARCHAR, model_family VARCHAR);
        INSERT INTO models VALUES (1, 'm', 'f'), (1, 'm', NULL), (2, 'n', NULL);
        CREATE TABLE hardware_platforms (hardware_id BIGINT, device_name VARCHAR, hardware_type VARCHAR);
        INSERT INTO hardware_platforms VALUES (1, 'A', 'cuda'), (1, 'A', 'cuda'), (2, 'B', 'cuda');
        CREATE TABLE performance_results (result_id BIGINT, model_id BIGINT, hardware_id BIGINT, throughput DOUBLE);
        INSERT INTO performance_results VALUES (1, 1, 1, 10), (2, 1, 2, 20); CHECKPOINT";
    duckdb::Connection::open(&path).unwrap().execute_batch(tables).unwrap();
    let listed = json(folder.path(), &["list", "results"]);
    assert_eq!(listed["total"], 2, "{listed}");
    let answer = json(folder.path(), &["recommend", "--model", "m"]);
    let results: Vec<&Json> = answer["recommendations"].as_array().unwrap().iter().map(|one| &one["results"]).collect();
    assert_eq!(results, [1, 1]);
    assert_eq!(json(folder.path(), &["list", "models"])["total"], 1);
}

#[test]
fn the_demo_repeats_the_folders_that_it_was_given() {
    let folder = tempfile::tempdir().unwrap();
    done(folder.path(), &["init", "--quiet", "--config", "my config", "--rules", "mine"]);
    let printed = done(folder.path(), &["demo", "--config", "my config", "--rules", "mine"]);
    let commands: Vec<&str> = printed.lines().filter(|line| line.starts_with("$ suitor")).collect();
    assert!(commands.len() >= 7, "{commands:?}");
    assert!(commands.iter().all(|line| line.contains("--config 'my config' --rules mine ")), "{commands:?}");
    // The environment names a database for other commands; the demo's is its own.
    assert!(folder.path().join("suitor-demo/demo.duckdb").is_file());
}
