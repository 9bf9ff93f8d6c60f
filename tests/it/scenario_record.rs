//! `suitor test record`: a live question becomes a scenario that gives the same ranking anywhere.

use serde_json::Value as Json;

use crate::binary::{done, folder_of, folder_of_rows, suitor};
use crate::documents::{conforms, schema};
use crate::scenario_test::{ROWS, files, read};

#[test]
fn a_recorded_scenario_replays_without_the_database() {
    let home = folder_of_rows(ROWS);
    let at = home.path();
    let said = done(at, &["test", "record", "--model", "net", "--batch-size", "8", "--title", "GPUs, \"frozen\""]);
    assert!(said.contains("wrote tests/scenarios/net_inference.toml: 3 rows frozen in it\n"), "{said}");
    assert!(said.contains("next: suitor test net_inference\n"), "{said}");
    let scenario = read(at, "tests/scenarios/net_inference.toml");
    assert!(scenario.starts_with("title = \"GPUs, \\\"frozen\\\"\"\n"), "{scenario}");
    assert!(
        scenario.contains("[ask]\nmodel = \"net\"\ntask = \"inference\"\nbatch-size = 8\n[expect]\nwinner = \"GPU A\"\n"),
        "{scenario}"
    );
    std::fs::remove_file(at.join("benchmark_db.duckdb")).unwrap();
    assert_eq!(done(at, &["test", "--check"]), "pass   net_inference\n\n1 passed\n");
    assert_eq!(files(&at.join("snapshots")), ["net_inference.snap"]);
}

#[test]
fn many_rows_go_to_a_file_beside_the_scenario_and_nothing_is_written_over() {
    let home = folder_of(&["mlperf_training_v5.0.csv", "timm_infer.csv"]);
    let at = home.path();
    let ask = ["test", "record", "--model", "llama2_70b_lora", "--max-devices", "8", "--top-k", "0", "--name", "lora"];
    let report: Json = serde_json::from_str(&done(at, &[&ask[..], &["--format", "json"]].concat())).unwrap();
    conforms(&report, &schema(at, "test-record"));
    assert_eq!(report["data"], "tests/scenarios/lora.csv");
    assert_eq!(files(&at.join("tests/scenarios")), ["lora.csv", "lora.toml"]);
    let live: Json = serde_json::from_str(&done(
        at,
        &["recommend", "--model", "llama2_70b_lora", "--max-devices", "8", "--top-k", "0", "--format", "json"],
    ))
    .unwrap();
    let snapshot = read(at, "snapshots/lora.snap");
    for one in live["recommendations"].as_array().unwrap() {
        let line = format!("{:>4}  {:.4}", one["rank"].as_u64().unwrap(), one["score"].as_f64().unwrap());
        let found = snapshot.lines().find(|text| text.starts_with(&line)).unwrap_or_else(|| panic!("no `{line}` in {snapshot}"));
        assert!(found.contains(one["hardware"].as_str().unwrap()), "{found}");
    }
    let before = read(at, "tests/scenarios/lora.toml");
    let again = suitor(at, &ask);
    assert_eq!(again.code, 2);
    assert!(again.said.contains("nothing was written: there is `tests/scenarios/lora.toml` already"), "{}", again.said);
    done(at, &[&ask[..], &["--force", "--title", "another"]].concat());
    assert_ne!(read(at, "tests/scenarios/lora.toml"), before);
    assert_eq!(suitor(at, &["test", "--check"]).code, 0);
}

/// Rows of other software's tables have no key, no hash and names that aliases would change: they are kept as they are.
#[test]
fn rows_of_another_database_are_frozen_as_they_are() {
    let home = tempfile::tempdir().unwrap();
    let at = home.path();
    let db = duckdb::Connection::open(at.join("benchmark_db.duckdb")).unwrap();
    db.execute_batch(
        "CREATE TABLE models (model_id INTEGER PRIMARY KEY, model_name VARCHAR);
         CREATE TABLE hardware_platforms (hardware_id INTEGER PRIMARY KEY, hardware_type VARCHAR, device_name VARCHAR);
         CREATE TABLE performance_results (result_id INTEGER PRIMARY KEY, model_id INTEGER, hardware_id INTEGER, test_case VARCHAR,
           batch_size INTEGER, precision VARCHAR, average_latency_ms DOUBLE, throughput_items_per_second DOUBLE, memory_peak_mb DOUBLE,
           created_at TIMESTAMP);
         INSERT INTO models VALUES (1, 'net'), (2, 'other');
         INSERT INTO hardware_platforms VALUES (1, 'cuda', 'rtx3090'), (2, 'cpu', 'some cpu'), (3, 'cuda', 'unused');
         INSERT INTO performance_results VALUES
           (1, 1, 1, 'inference', 8, 'fp16', 5.1, 1000.123456789, 4000, TIMESTAMP '2026-01-02 03:04:05.678901'),
           (2, 1, 1, 'inference', 8, 'fp16', 5.1, 1000.123456789, 4000, TIMESTAMP '2026-01-02 03:04:05.678901'),
           (3, 1, 2, 'inference', 8, 'fp16', 0.1, 33.3, 4000, TIMESTAMP '2024-01-01 00:00:00'),
           (4, 1, 2, 'inference', 8, 'fp32', 0, 0, 0, NULL),
           (5, 2, 3, 'inference', 8, 'fp16', 1, 1, 1, TIMESTAMP '2026-11-01 00:00:00');",
    )
    .unwrap();
    drop(db);
    let live = suitor(at, &["recommend", "--model", "net", "--task", "inference"]);
    assert_eq!(live.code, 0, "{}", live.said);
    let ended = suitor(at, &["test", "record", "--model", "net", "--task", "inference"]);
    assert_eq!(ended.code, 0, "{}{}", ended.printed, ended.said);
    let scenario = read(at, "tests/scenarios/net_inference.toml");
    assert!(scenario.contains("rtx3090") && !scenario.contains("GeForce"), "{scenario}");
    std::fs::remove_file(at.join("benchmark_db.duckdb")).unwrap();
    assert_eq!(suitor(at, &["test", "--check"]).code, 0);
}

#[test]
fn a_version_and_a_narrowing_are_recorded_as_they_were_asked() {
    let with = |version: &str| ROWS.lines().skip(1).flat_map(|row| [row, ",", version, "\n"]).collect::<String>();
    let header = ROWS.lines().next().unwrap();
    let rows = format!("{header},model_version\n{}{}", with("v1"), with("v2").replace("900", "1900"));
    let home = folder_of_rows(&(rows + "other,GPU Z,inference,8,1,images,example,v1\n"));
    let at = home.path();
    let ask = ["--model", "net", "--version", "v2", "--only", "GPU A", "--only", "GPU B", "--only", "GPU Z"];
    done(at, &[&["test", "record", "--name", "v2"][..], &ask].concat());
    let scenario = read(at, "tests/scenarios/v2.toml");
    assert!(scenario.contains("3 rows") || scenario.matches("GPU").count() >= 4, "{scenario}");
    assert!(scenario.contains("only = [\"GPU A\", \"GPU B\"]"), "GPU Z has no row of this model: {scenario}");
    assert!(scenario.contains("version = \"v2\"") && !scenario.contains(",v1"), "{scenario}");
    assert!(scenario.contains("winner = \"GPU B\""), "{scenario}");
    std::fs::remove_file(at.join("benchmark_db.duckdb")).unwrap();
    assert_eq!(suitor(at, &["test", "--check"]).code, 0);
}

#[test]
fn what_cannot_be_recorded_says_why() {
    let home = folder_of_rows(ROWS);
    let at = home.path();
    for (args, says) in [
        (&["--model", "nte"][..], "unknown model `nte`"),
        (&["--model", "net", "--task", "training"], "there is no row of `net` and task `training` to freeze"),
        (&["--model", "net", "--name", "../up"], "`../up` is no name of a scenario"),
        (&["--model", "net", "--limit", "x"], "limit `x` is not of the form"),
    ] {
        let ended = suitor(at, &[&["test", "record"][..], args].concat());
        assert_eq!(ended.code, 2, "{args:?}: {}", ended.printed);
        assert!(ended.said.contains(says), "{args:?}: {}", ended.said);
    }
    assert!(!at.join("tests").exists() && !at.join("snapshots").exists());
}
