//! JSON documents: every key is there with its type, the schema that `suitor schema` prints holds of real output, and the same
//! input prints the same bytes.

use std::path::Path;

use serde_json::Value as Json;

use crate::binary::{done, folder_of, folder_of_rows, suitor};

pub fn document(folder: &Path, args: &[&str]) -> Json {
    let first = suitor(folder, &[args, &["--format", "json"]].concat());
    let second = suitor(folder, &[args, &["--format", "json"]].concat());
    assert!(first.code == 0 || first.code == 3, "{args:?}: {}", first.said);
    assert_eq!(first.printed, second.printed, "{args:?}: the same input prints other bytes");
    serde_json::from_str(&first.printed).unwrap()
}

pub fn schema(folder: &Path, command: &str) -> Json {
    serde_json::from_str(&done(folder, &["schema", command])).unwrap()
}

/// What of the value is not as the schema says: types, enums, bounds, required and unknown keys.
fn faults(value: &Json, schema: &Json, root: &Json, at: &str, found: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let target = root.pointer(name.trim_start_matches('#')).unwrap_or_else(|| panic!("{name} is nowhere"));
        return faults(value, target, root, at, found);
    }
    let known = [
        "$schema",
        "title",
        "description",
        "type",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "enum",
        "minimum",
        "maximum",
        "definitions",
    ];
    for keyword in schema.as_object().unwrap().keys() {
        assert!(known.contains(&keyword.as_str()), "the checker does not know `{keyword}`");
    }
    let is = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("no such type: {other}"),
    };
    let kinds: Vec<&str> = schema["type"]
        .as_array()
        .map_or_else(|| vec![schema["type"].as_str().unwrap()], |all| all.iter().map(|one| one.as_str().unwrap()).collect());
    if !kinds.iter().any(|kind| is(kind)) {
        found.push(format!("{at}: {value} is not {kinds:?}"));
        return;
    }
    if let Some(allowed) = schema["enum"].as_array().filter(|allowed| !allowed.contains(value)) {
        found.push(format!("{at}: {value} is none of {allowed:?}"));
    }
    if let Some(number) = value.as_f64()
        && (schema["minimum"].as_f64().is_some_and(|least| number < least) || schema["maximum"].as_f64().is_some_and(|most| number > most))
    {
        found.push(format!("{at}: {number} is out of bounds"));
    }
    for (at_item, item) in value.as_array().into_iter().flatten().enumerate() {
        faults(item, &schema["items"], root, &format!("{at}/{at_item}"), found);
    }
    let Some(members) = value.as_object() else { return };
    for name in schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap()) {
        if !members.contains_key(name) {
            found.push(format!("{at}: no `{name}`"));
        }
    }
    for (name, member) in members {
        match (&schema["properties"][name], &schema["additionalProperties"]) {
            (Json::Null, Json::Bool(false)) => found.push(format!("{at}: `{name}` is unknown")),
            (Json::Null, others) => faults(member, others, root, &format!("{at}/{name}"), found),
            (property, _) => faults(member, property, root, &format!("{at}/{name}"), found),
        }
    }
}

#[track_caller]
pub fn conforms(value: &Json, schema: &Json) {
    let mut found = Vec::new();
    faults(value, schema, schema, "", &mut found);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Every object of a schema says what it is and names its keys.
pub fn described(schema: &Json, at: &str) {
    match schema {
        Json::Object(members) => {
            if let Some(properties) = members.get("properties").and_then(Json::as_object) {
                assert_eq!(members["additionalProperties"], false, "{at}");
                for (name, property) in properties {
                    assert!(property["description"].is_string() || property["$ref"].is_string(), "{at}/{name} has no description");
                }
            }
            members.iter().for_each(|(name, member)| described(member, &format!("{at}/{name}")));
        }
        Json::Array(items) => items.iter().for_each(|item| described(item, at)),
        _ => {}
    }
}

/// Keys with the letter of their types: s text, i whole number, f fraction or number, b truth, o object, a list; `?` may be null.
#[track_caller]
fn has(value: &Json, keys: &str) {
    for key in keys.split_whitespace() {
        let (name, kind) = key.split_once(':').unwrap();
        let found = value.get(name).unwrap_or_else(|| panic!("no `{name}` in {value:#}"));
        let right = match kind.trim_end_matches('?') {
            "s" => found.is_string(),
            "i" => found.is_i64(),
            "f" => found.is_f64() || found.is_i64(),
            "b" => found.is_boolean(),
            "o" => found.is_object(),
            "a" => found.is_array(),
            other => panic!("{other}"),
        };
        assert!(right || (kind.ends_with('?') && found.is_null()), "`{name}` is {found}");
    }
}

/// Rows in which something is excluded, something failed, something is missing, and a rule fires.
const ROWS: &str = "model,model_family,parameters_million,hardware,hardware_memory_gb,task,batch_size,precision,throughput_items_per_second,item_unit,latency_ms_mean,latency_ms_p99,memory_peak_mb,status\n\
    m,llama,8000,NVIDIA H100 PCIe 80GB,80,inference,1,fp16,100,tokens,10,20,17000,ok\n\
    m,llama,8000,NVIDIA H100 PCIe 80GB,80,inference,1,fp16,104,tokens,11,21,17000,ok\n\
    m,llama,8000,NVIDIA L40S,48,inference,1,fp16,60,tokens,15,30,17000,ok\n\
    m,llama,8000,NVIDIA T4,16,inference,1,fp16,20,tokens,50,60,,ok\n\
    m,llama,8000,NVIDIA L4,24,inference,1,fp16,30,tokens,,900,,ok\n\
    m,llama,8000,AMD Instinct MI300X,192,inference,1,fp16,,tokens,,,,failed\n\
    m,llama,8000,AMD Instinct MI300X,192,inference,1,fp16,,tokens,,,,oom\n\
    m,llama,8000,AMD Instinct MI300X,192,inference,1,fp16,,tokens,,,,error\n\
    m,llama,8000,Intel Gaudi 3,128,inference,1,fp16,,tokens,,25,,ok\n";

#[test]
fn a_recommendation_has_every_key_with_its_type() {
    let folder = folder_of_rows(ROWS);
    let found = document(folder.path(), &["recommend", "--model", "m", "--limit", "latency_ms_p99<=500"]);
    has(&found, "schema_version:i request:o rule_set:s data_fingerprint:s recommendations:a excluded:a not_scored:a notes:a warnings:a");
    let all = found["recommendations"].as_array().unwrap();
    assert!(all.len() >= 2, "{found:#}");
    for one in all {
        has(
            one,
            "rank:i hardware:s hardware_name:s hardware_type:s? device_count:i score:f suitability:f compatibility:f confidence:f components:o missing:a weights:o metrics:o",
        );
        has(
            one,
            "recommended_batch_size:i? recommended_precision:s? memory_requirement:f? results:i coverage:o cells:a uncontested:b tie_group:i provenance:s trace:a",
        );
        has(&one["components"], "throughput:f? latency:f? memory:f? energy:f?");
        has(&one["weights"], "throughput:f latency:f memory:f energy:f");
        has(&one["coverage"], "cells:i of:i");
        for metric in one["metrics"].as_object().unwrap().values() {
            has(metric, "value:f reference:f");
        }
        let trace = one["trace"].as_array().unwrap();
        let sum: f64 = trace.iter().map(|step| step["delta"].as_f64().unwrap()).sum();
        assert!((sum - one["score"].as_f64().unwrap()).abs() < 1e-9, "{one:#}");
        for step in trace {
            has(step, "source:s? delta:f score:f reason:s?");
            assert!(step["step"].is_string() != step["rule"].is_string(), "either a step or a rule: {step}");
        }
    }
    assert_eq!(all[0]["recommended_batch_size"], 1);
    assert_eq!(all[0]["recommended_precision"], "fp16");
    let out = found["excluded"].as_array().unwrap();
    assert!(out.iter().any(|one| one["hardware"] == "NVIDIA L4" && one["rule"] == "limit"), "{found:#}");
    for one in out {
        has(one, "hardware:s rule:s reason:s");
    }
    let aside = found["not_scored"].as_array().unwrap();
    for one in aside {
        has(one, "hardware:s reason:s");
    }
    let reason = |hardware: &str| aside.iter().find(|one| one["hardware"] == hardware).map(|one| one["reason"].as_str().unwrap());
    assert_eq!(reason("AMD Instinct MI300X"), Some("3 failed runs, no result"));
    assert_eq!(reason("Intel Gaudi 3"), Some("1 row without any metric of throughput, latency, memory, energy, no result"));
}

#[test]
fn the_schemas_hold_of_real_output() {
    let rows = folder_of_rows(ROWS);
    let samples = folder_of(&["timm_infer.csv", "mlperf_training_v5.0.csv"]);
    let of_recommend = schema(rows.path(), "recommend");
    for args in [
        &["recommend", "--model", "m"][..],
        &["recommend", "--model", "m", "--limit", "latency_ms_p99<=500", "--batch-size", "1", "--where", "precision~fp"],
        &["recommend", "--model", "m", "--limit", "latency_ms_p99<=1"],
    ] {
        conforms(&document(rows.path(), args), &of_recommend);
    }
    conforms(&document(samples.path(), &["recommend", "--model", "llama2_70b_lora", "--top-k", "0", "--max-devices", "8"]), &of_recommend);
    conforms(&document(samples.path(), &["recommend", "--model", "resnet50", "--per-device", "--profile", "ratio"]), &of_recommend);
    let of_stability = schema(rows.path(), "stability");
    for args in [&["stability", "--model", "m", "--samples", "32"][..], &["stability", "--model", "m", "--task", "training"]] {
        conforms(&document(rows.path(), args), &of_stability);
    }
    let scores = document(samples.path(), &["calculate-scores", "--dry-run"]);
    assert!(scores["pairs"].as_array().unwrap().len() > 100);
    conforms(&scores, &schema(rows.path(), "calculate-scores"));
    let bad = "model,hardware,task,throughput_items_per_second\nm,A,inference,100\nm,A,inference,0\nm,A,inference,100\n";
    std::fs::write(samples.path().join("bad.csv"), bad).unwrap();
    conforms(&document(samples.path(), &["import", "--dry-run", "bad.csv", "timm_infer.csv"]), &schema(rows.path(), "import"));
    let checked = schema(rows.path(), "check");
    conforms(&document(rows.path(), &["check"]), &checked);
    done(rows.path(), &["init"]);
    std::fs::write(rows.path().join("rules/stray.rhai"), "fn adjust(score, pair, request) { score }").unwrap();
    let report = document(rows.path(), &["check"]);
    conforms(&report, &checked);
    assert!(report["passes"] == true && report["counts"]["warnings"] == 1 && report["counts"]["notes"] == 1, "{report:#}");
    for command in
        ["recommend", "import", "calculate-scores", "check", "test", "test-record", "watch", "rules-history", "rules-rollback", "stability"]
    {
        described(&schema(rows.path(), command), command);
    }
    // The checker itself finds what is wrong.
    let mut wrong = document(rows.path(), &["recommend", "--model", "m"]);
    wrong["recommendations"][0]["score"] = Json::from("high");
    wrong["recommendations"][0]["trace"][0]["detla"] = Json::from(1);
    wrong["notes"] = Json::Null;
    wrong.as_object_mut().unwrap().remove("rule_set");
    let mut found = Vec::new();
    faults(&wrong, &of_recommend, &of_recommend, "", &mut found);
    assert_eq!(found.len(), 4, "{found:?}");
}

#[test]
fn an_import_and_stored_scores_have_every_key_with_its_type() {
    let folder = folder_of_rows(ROWS);
    std::fs::write(
        folder.path().join("bad.csv"),
        "model,hardware,task,throughput_items_per_second\nm,A,inference,100\nm,A,inference,0\nm,A,inference,100\n",
    )
    .unwrap();
    let report = document(folder.path(), &["import", "--dry-run", "bad.csv"]);
    has(&report, "schema_version:i files:a warnings:a");
    let file = &report["files"][0];
    has(file, "file:s format:s rows_read:i rows_added:i rows_duplicate:i rows_refused:i refused:a warnings:a");
    let counts = ["rows_read", "rows_added", "rows_duplicate", "rows_refused"].map(|name| file[name].as_i64().unwrap());
    assert_eq!(counts[0], counts[1] + counts[2] + counts[3], "{file:#}");
    assert_eq!((counts[0], counts[3]), (3, 1));
    assert_eq!(file["refused"][0]["line"], 3);
    has(&file["refused"][0], "reason:s");
    let scores = document(folder.path(), &["calculate-scores", "--dry-run"]);
    has(&scores, "schema_version:i pairs:a warnings:a");
    for pair in scores["pairs"].as_array().unwrap() {
        has(
            pair,
            "model:s hardware:s compatibility_score:f suitability_score:f confidence:f results:i recommended_batch_size:i? recommended_precision:s? memory_requirement:f?",
        );
    }
    assert_eq!(scores["pairs"].as_array().unwrap().len(), 4, "{scores:#}");
}
