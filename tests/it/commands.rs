//! Flags of the commands that no other test covers, by the binary.

use serde_json::Value as Json;

use crate::binary::{done, folder_of_rows, suitor};

const TOKENS: &str = "model,hardware,task,input_tokens,throughput_items_per_second\nm,A,inference,1000,10\nm,B,inference,1024,20\n";

#[test]
fn strict_takes_warnings_of_the_rule_set_for_faults_and_verbose_says_them() {
    let folder = folder_of_rows(TOKENS);
    done(folder.path(), &["init", "--quiet"]);
    std::fs::write(folder.path().join("rules/unlisted.rhai"), "fn adjust(score, pair, request) { score }\n").unwrap();
    let ask = ["recommend", "--model", "m"];
    assert_eq!(suitor(folder.path(), &ask).said, "");
    let said = suitor(folder.path(), &[&ask[..], &["-v"]].concat()).said;
    assert!(said.contains("from config") && said.contains("warning[R301]") && said.contains("rules/unlisted.rhai"), "{said}");
    let strict = suitor(folder.path(), &[&ask[..], &["--strict"]].concat());
    assert_eq!((strict.code, strict.printed.as_str()), (2, ""));
    assert!(strict.said.contains("rules/unlisted.rhai") && strict.said.contains("1 warning in the rule set"), "{}", strict.said);
}

#[test]
fn a_dry_run_makes_no_tables_in_a_database_of_other_software() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("benchmark_db.duckdb");
    let tables = "CREATE TABLE models (id BIGINT, name VARCHAR); CREATE TABLE other (a BIGINT); CHECKPOINT";
    duckdb::Connection::open(&path).unwrap().execute_batch(tables).unwrap();
    std::fs::write(folder.path().join("rows.csv"), TOKENS).unwrap();
    let before = std::fs::read(&path).unwrap();
    let ended = suitor(folder.path(), &["import", "--dry-run", "rows.csv"]);
    assert_eq!(ended.code, 2, "{}", ended.printed);
    assert!(ended.said.contains("suitor create-schema"), "{}", ended.said);
    assert!(before == std::fs::read(&path).unwrap(), "the database changed");
}

#[test]
fn set_splits_at_the_first_equals_sign() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rows.csv"), "model,task,hardware,throughput_items_per_second\nm,inference,A,10\n").unwrap();
    done(folder.path(), &["import", "--quiet", "rows.csv", "--set", "framework=vllm --tp=2"]);
    let listed: Json = serde_json::from_str(&done(folder.path(), &["list", "results", "--format", "json"])).unwrap();
    assert_eq!(listed["items"][0]["framework"], "vllm --tp=2");
}

#[test]
fn cells_are_pinned_by_the_tokens_of_their_rows() {
    let folder = folder_of_rows(TOKENS);
    let cells = |pin: &[&str]| -> Json {
        let args = [&["list", "cells", "--format", "json"][..], pin].concat();
        serde_json::from_str(&done(folder.path(), &args)).unwrap()
    };
    let (all, pinned) = (cells(&[]), cells(&["--where", "input_tokens=1000"]));
    assert_eq!((&all["total"], &all["items"][0]["hardware"]), (&1.into(), &2.into()));
    assert_eq!((&pinned["total"], &pinned["items"][0]["hardware"]), (&1.into(), &1.into()));
}

#[test]
fn tokens_are_counted_to_the_nearest_power_of_two() {
    let mut expected: Vec<(i64, i64)> = vec![(1, 1), (2, 2), (3, 4), (i64::MAX, i64::MAX), (1 << 62, 1 << 62), (1 << 40, 1 << 40)];
    for power in (2..40).map(|k| 1_i64 << k) {
        let half = power / 2;
        expected.extend([(power - half / 2, power), (power, power), (power + half - 1, power)]);
    }
    let mut rows = "model,hardware,task,input_tokens,throughput_items_per_second\n".to_owned();
    for (at, (tokens, _)) in expected.iter().enumerate() {
        rows += &format!("m{at},A,inference,{tokens},10\n");
    }
    let folder = folder_of_rows(&rows);
    let cells: Json = serde_json::from_str(&done(folder.path(), &["list", "cells", "--limit", "0", "--format", "json"])).unwrap();
    let cells = cells["items"].as_array().unwrap();
    assert_eq!(cells.len(), expected.len());
    for (at, (tokens, bucket)) in expected.iter().enumerate() {
        let cell = cells.iter().find(|cell| cell["model"] == format!("m{at}")).unwrap();
        assert_eq!(cell["input_tokens"], *bucket, "{tokens} tokens");
    }
    // What is no count hinders nothing else.
    assert_eq!(done(folder.path(), &["calculate-scores", "--dry-run", "--format", "csv"]).lines().count(), 1 + expected.len());
}

#[test]
fn scores_of_one_model_are_those_of_all_and_not_stale() {
    // The newest test is of n, two years after those of m.
    let rows = "model,hardware,task,throughput_items_per_second,tested_at\nm,A,inference,10,2023-01-01\nm,B,inference,20,2023-01-01\nn,A,inference,5,2025-01-01\n";
    let folder = folder_of_rows(rows);
    let scores = |args: &[&str]| -> Json {
        let args = [&["calculate-scores", "--format", "json"][..], args].concat();
        serde_json::from_str(&done(folder.path(), &args)).unwrap()
    };
    let (all, alone) = (scores(&["--dry-run"]), scores(&["--model", "m"]));
    let of_m: Vec<&Json> = all["pairs"].as_array().unwrap().iter().filter(|pair| pair["model"] == "m").collect();
    assert_eq!(of_m, alone["pairs"].as_array().unwrap().iter().collect::<Vec<_>>());
    assert!(of_m.iter().all(|pair| pair["final_score"].as_f64() < pair["suitability_score"].as_f64()), "{of_m:?}");
    let stored: Json = serde_json::from_str(&done(folder.path(), &["recommend", "--model", "m", "--stored", "--format", "json"])).unwrap();
    assert!(stored["pairs"].as_array().unwrap().iter().all(|one| one["stale"] == Json::Array(Vec::new())), "{stored}");
}

#[test]
fn rules_hold_the_whole_peak_against_the_whole_memory_also_by_the_device() {
    let rows = "model,hardware,hardware_count,hardware_memory_gb,task,batch_size,throughput_items_per_second,memory_peak_mb,provenance\n\
        m,A,2,80,inference,1,10,200000,simulated\nm,B,2,80,inference,1,10,100000,simulated\n";
    let folder = folder_of_rows(rows);
    for by_device in [&[][..], &["--per-device"]] {
        let args = [&["recommend", "--model", "m", "--format", "json"][..], by_device].concat();
        let answer: Json = serde_json::from_str(&done(folder.path(), &args)).unwrap();
        assert_eq!(
            (&answer["excluded"][0]["hardware"], &answer["excluded"][0]["rule"]),
            (&"A x2".into(), &"memory_fit".into()),
            "{answer}"
        );
        let peak = if by_device.is_empty() { 100_000.0 } else { 50_000.0 };
        assert_eq!(answer["recommendations"][0]["memory_requirement"], peak);
    }
}

#[test]
fn a_requirement_that_nothing_was_compared_by_is_noted_with_what_would_help() {
    let rows = "model,hardware,task,batch_size,throughput_items_per_second,latency_ms_mean,energy_j_per_item\n\
        m,A,inference,1,10,5,2\nm,B,inference,8,20,,\nn,A,inference,1,10,5,\n";
    let folder = folder_of_rows(rows);
    let notes = |args: &[&str]| -> String {
        let args = [&["recommend", "--format", "json", "--model"][..], args].concat();
        serde_json::from_str::<Json>(&done(folder.path(), &args)).unwrap()["notes"].to_string()
    };
    // n was run on A alone.
    assert!(notes(&["n", "--latency-sensitive"]).contains("`latency-sensitive`: latency could not be compared"));
    // Energy does not hang on the batch size: none is proposed.
    let energy = notes(&["m", "--require", "energy-saving"]);
    assert!(energy.contains("energy could not be compared") && !energy.contains("--batch-size 1"), "{energy}");
}
