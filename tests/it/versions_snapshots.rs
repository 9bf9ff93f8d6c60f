//! Snapshots: what they hold, when there is a new one, and that they never change.

use std::path::Path;

use serde_json::Value as Json;

use crate::binary::{done, folder_of_rows, suitor};
use crate::schema_fixtures::value;
use crate::support::scoring_toml;
use crate::versions::{base, json, refused};

/// Ids 1 to 6; two results of A at batch 1 are one operating point.
const ROWS: &str = "model,hardware,task,batch_size,throughput_items_per_second,latency_ms_mean,tested_at
m,A,inference,1,400,5,2026-01-01T00:00:00Z
m,B,inference,1,200,4,2026-01-02T00:00:00Z
m,A,inference,1,500,5,2026-01-03T00:00:00Z
m,C,inference,1,1000,2,2026-01-04T00:00:00Z
m,A,training,8,90,,2026-01-05T00:00:00Z
m,B,training,8,30,,2026-01-05T00:00:00Z
";

/// The shipped weights and no rule.
fn without_rules(at: &Path) {
    std::fs::create_dir_all(at.join("config")).unwrap();
    std::fs::write(at.join("config/scoring.toml"), scoring_toml()).unwrap();
    std::fs::write(at.join("config/rules.toml"), "").unwrap();
}

fn folder() -> tempfile::TempDir {
    let folder = folder_of_rows(ROWS);
    without_rules(folder.path());
    folder
}

fn link(at: &Path, tag: &str, ids: &str) {
    done(at, &["link-tests", "--model", "m", "--version", tag, "--result-ids", ids]);
}

fn near(found: &Json, expected: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}

#[test]
fn a_snapshot_holds_what_the_linked_results_come_to_and_no_others() {
    let folder = folder();
    let at = folder.path();
    link(at, "v1", "1,2,3");
    let made = json(at, &["create-snapshot", "--model", "m", "--version", "v1"]);
    let said = ["state", "revision", "all_results", "results", "points", "hardware"].map(|key| made[key].to_string()).join(" ");
    assert_eq!(said, r#""created" 1 false 3 2 2"#);
    // The newest day of the whole database: 2026-01-05.
    assert_eq!(made["as_of"], 20458);
    // A: throughput 450 of 450, latency 4 of 5; B: 200 of 450, 4 of 4. No memory: its 0.2 is shared out, 5/8 and 3/8.
    let scores = made["scores"].as_array().unwrap();
    assert_eq!(scores.iter().map(|one| one["hardware"].as_str().unwrap()).collect::<Vec<_>>(), ["A", "B"]);
    near(&scores[0]["compatibility_score"], 0.625 + 0.375 * 0.8);
    near(&scores[1]["compatibility_score"], 0.625 * 200.0 / 450.0 + 0.375);
    // Confidence 0.8 + 0.2 n / 5, n 2 and 1.
    near(&scores[0]["suitability_score"], 0.925 * 0.88);
    near(&scores[1]["final_score"], (0.625 * 200.0 / 450.0 + 0.375) * 0.84);
    let path = base(at);
    let columns = value(
        &path,
        "SELECT string_agg(name, ' ' ORDER BY cid) FROM (SELECT * FROM pragma_table_info('hardware_compatibility_snapshots') LIMIT 10)",
    );
    assert_eq!(
        columns,
        "id model_id version_id hardware_id compatibility_score suitability_score recommended_batch_size recommended_precision memory_requirement created_at"
    );
    let point = |what: &str| value(&path, &format!("SELECT {what} FROM suitor_snapshot_point WHERE hardware = 'A'"));
    assert_eq!(point("results"), "2");
    assert_eq!(point("metrics->'throughput_items_per_second'->>'n'"), "2");
    assert_eq!(point("metrics->'throughput_items_per_second'->>'mean'"), "450.0");
    // The spread of 400 and 500 is 100 / sqrt 2; that of their logarithms ln 1.25 / sqrt 2.
    let number = |what: &str| Json::from(point(what).parse::<f64>().unwrap());
    near(&number("metrics->'throughput_items_per_second'->>'spread'"), 50.0 * std::f64::consts::SQRT_2);
    near(&number("metrics->'throughput_items_per_second'->>'log_mean'"), f64::midpoint(400.0_f64.ln(), 500.0_f64.ln()));
    near(&number("metrics->'throughput_items_per_second'->>'log_spread'"), 1.25_f64.ln() / std::f64::consts::SQRT_2);
    assert_eq!(value(&path, "SELECT string_agg(row_id::VARCHAR, ' ' ORDER BY row_id) FROM suitor_snapshot_row"), "1 2 3");
    assert_eq!(value(&path, "SELECT count(*) FROM suitor_rule_file WHERE rule_set = (SELECT rule_set FROM suitor_snapshot)"), "2");
}

#[test]
fn the_same_inputs_make_no_new_snapshot_and_others_make_a_revision() {
    let folder = folder();
    let at = folder.path();
    let path = base(at);
    done(at, &["add-version", "--model", "m", "--version", "v1"]);
    let (code, said) = refused(at, &["create-snapshot", "--model", "m", "--version", "v1"]);
    assert_eq!(code, 2);
    assert!(said.contains("no result is linked to version `v1` of `m`") && said.contains("--all-results"), "{said}");
    let (code, said) = refused(at, &["create-snapshot", "--model", "m", "--version", "v2"]);
    assert!(code == 2 && said.contains("unknown version `v2`\nhelp: there are `v1`"), "{said}");
    link(at, "v1", "1,2");
    let make = |more: &[&str]| {
        let made = json(at, &[&["create-snapshot", "--model", "m", "--version", "v1"], more].concat());
        (made["state"].as_str().unwrap().to_owned(), made["revision"].as_i64().unwrap(), made["results"].as_i64().unwrap())
    };
    let made = |state: &str, revision: i64, results: i64| (state.to_owned(), revision, results);
    assert_eq!(make(&[]), made("created", 1, 2));
    assert_eq!(make(&[]), made("unchanged", 1, 2));
    // Results of others, later ones too, are nothing to this version.
    std::fs::write(at.join("more.csv"), ROWS.replace("2026-01-0", "2026-02-0")).unwrap();
    done(at, &["import", "--quiet", "more.csv"]);
    link(at, "v2", "4");
    assert_eq!(make(&[]), made("unchanged", 1, 2));
    // A result more, then other weights, then all results: each the next revision, and all stay.
    link(at, "v1", "3");
    assert_eq!(make(&[]), made("created", 2, 3));
    let weights = scoring_toml().replacen("weight = 0.5", "weight = 0.4", 1);
    assert_ne!(weights, scoring_toml());
    std::fs::write(at.join("config/scoring.toml"), weights).unwrap();
    assert_eq!(make(&[]), made("created", 3, 3));
    assert_eq!(make(&["--all-results"]), made("created", 4, 12));
    assert_eq!(make(&["--all-results"]), made("unchanged", 4, 12));
    let kept = "SELECT string_agg(revision || ':' || n, ' ' ORDER BY revision) FROM
        (SELECT revision, count(*) AS n FROM hardware_compatibility_snapshots GROUP BY revision)";
    assert_eq!(value(&path, kept), "1:2 2:2 3:2 4:3");
    assert_eq!(value(&path, "SELECT count(DISTINCT rule_set) || ' ' || count(*) FROM suitor_rule_file"), "2 4", "each set once");
    // Back to what revision 2 was made of: what is in force now is the newest again.
    std::fs::write(at.join("config/scoring.toml"), scoring_toml()).unwrap();
    assert_eq!(make(&[]), made("created", 5, 3));
    let history = json(at, &["version-history", "--model", "m"]);
    assert_eq!(history["versions"][1]["snapshots"], 5);
    assert_eq!(history["versions"][1]["linked_results"], 3);
    assert_eq!(history["versions"][0]["snapshots"], 0);
}

/// Without a rule that reads ages the day is nothing to a version; with one, it is when it changes a score.
#[test]
fn a_day_makes_a_new_revision_only_where_it_changes_a_score() {
    let folder = folder();
    let at = folder.path();
    let script = "fn adjust(score, pair, request) { if pair.age_days == () { return score; } if pair.age_days > 100 { score * 0.5 } else { score } }";
    std::fs::create_dir_all(at.join("rules")).unwrap();
    std::fs::write(at.join("rules/old.rhai"), script).unwrap();
    std::fs::write(at.join("config/rules.toml"), "[[rule]]\nscript = \"old\"\ntitle = \"old results count half\"\n").unwrap();
    link(at, "v1", "1,2");
    let state = |at: &Path| json(at, &["create-snapshot", "--model", "m", "--version", "v1"])["state"].as_str().unwrap().to_owned();
    assert_eq!(state(at), "created");
    let import = |day: &str| {
        std::fs::write(
            at.join("later.csv"),
            format!("model,hardware,task,throughput_items_per_second,tested_at\nx,A,inference,1,{day}T00:00:00Z\n"),
        )
        .unwrap();
        done(at, &["import", "--quiet", "later.csv"]);
    };
    import("2026-03-01");
    assert_eq!(state(at), "unchanged");
    import("2026-12-01");
    assert_eq!(state(at), "created");
    assert_eq!(state(at), "unchanged");
}

#[test]
fn a_snapshot_is_printed_in_every_form() {
    let folder = folder();
    let at = folder.path();
    link(at, "v1", "1,2");
    let args = ["create-snapshot", "--model", "m", "--version", "v1"];
    let table = done(at, &args);
    assert!(
        table.starts_with(
            "created compatibility snapshot for model 'm' version 'v1': revision 1, 2 results, 2 operating points, 2 hardware\n"
        ),
        "{table}"
    );
    let again = done(at, &args);
    assert!(again.starts_with("nothing has changed for model 'm' version 'v1': revision 1 of 2"), "{again}");
    let csv = done(at, &[&args[..], &["--format", "csv"]].concat());
    let mut lines = csv.lines();
    assert_eq!(
        lines.next().unwrap(),
        "model,version,revision,state,created_at,rank,hardware,final_score,suitability_score,compatibility_score,confidence,results,\
         recommended_batch_size,recommended_precision,memory_requirement,provenance,notes,rule_set,data_fingerprint"
    );
    assert!(lines.next().unwrap().starts_with("m,v1,1,unchanged,2"));
    let markdown = done(at, &[&args[..], &["--format", "markdown"]].concat());
    assert!(markdown.contains("| # | hardware |"), "{markdown}");
}

#[test]
fn a_database_without_the_tables_says_how_to_make_them() {
    let folder = folder();
    let at = folder.path();
    link(at, "v1", "1,2");
    crate::schema_fixtures::execute(
        &base(at),
        "DROP TABLE suitor_snapshot; DROP TABLE suitor_snapshot_row; DROP TABLE suitor_snapshot_point; DROP TABLE suitor_rule_file;
         DROP TABLE suitor_version_alias; DROP SEQUENCE suitor_revision_seq; DELETE FROM suitor_schema; INSERT INTO suitor_schema VALUES (2, NULL)",
    );
    let (code, said) = refused(at, &["create-snapshot", "--model", "m", "--version", "v1"]);
    assert!(code == 2 && said.contains("`suitor create-schema` adds what is missing"), "{said}");
    let answer = done(at, &["recommend", "--model", "m", "--task", "inference", "--version", "latest"]);
    assert!(answer.starts_with("m, inference; version v1\n"), "{answer}");
    let made = done(at, &["create-schema"]);
    assert!(made.contains("schema version 3"), "{made}");
    assert_eq!(suitor(at, &["create-snapshot", "--model", "m", "--version", "v1"]).code, 0);
}

/// The scores' table of an older Suitor, with a snapshot of which nothing but the scores is known.
#[test]
fn snapshots_of_an_older_suitor_stay_and_the_next_revision_comes_after_them() {
    let folder = folder();
    let at = folder.path();
    let path = base(at);
    link(at, "v1", "1,2");
    let kind = |table: &str, column: &str| value(&path, &format!("SELECT type FROM pragma_table_info('{table}') WHERE name = '{column}'"));
    let (model, hardware) = (kind("models", "model_id"), kind("hardware_platforms", "hardware_id"));
    crate::schema_fixtures::execute(
        &path,
        &format!(
            "DROP TABLE suitor_snapshot; DROP TABLE suitor_snapshot_row; DROP TABLE suitor_snapshot_point; DROP TABLE suitor_rule_file;
             DROP TABLE suitor_version_alias; DROP SEQUENCE suitor_revision_seq; DELETE FROM suitor_schema; INSERT INTO suitor_schema VALUES (2, NULL);
             DROP TABLE hardware_compatibility_snapshots;
             CREATE TABLE hardware_compatibility_snapshots (
               id BIGINT PRIMARY KEY DEFAULT nextval('suitor_snapshot_seq'), model_id {model} NOT NULL REFERENCES models (model_id),
               version_id BIGINT NOT NULL REFERENCES model_registry_versions (id),
               hardware_id {hardware} NOT NULL REFERENCES hardware_platforms (hardware_id), compatibility_score DOUBLE, suitability_score DOUBLE,
               recommended_batch_size BIGINT, recommended_precision VARCHAR, memory_requirement DOUBLE, created_at TIMESTAMP,
               revision BIGINT NOT NULL DEFAULT 1, UNIQUE (version_id, hardware_id, revision));
             INSERT INTO hardware_compatibility_snapshots (model_id, version_id, hardware_id, compatibility_score, suitability_score)
               SELECT m.model_id, v.id, h.hardware_id, 0.5, 0.4 FROM models AS m, model_registry_versions AS v, hardware_platforms AS h LIMIT 1"
        ),
    );
    let made = done(at, &["create-schema"]);
    assert!(made.contains("schema version 3") && !made.contains("other software"), "{made}");
    let rows = "SELECT string_agg(revision || ':' || suitability_score || ':' || coalesce(rule_set, ''), ' ') FROM hardware_compatibility_snapshots";
    assert_eq!(value(&path, rows), "1:0.4:");
    let state = |made: &Json| format!("{} {}", made["state"], made["revision"]);
    let args = ["create-snapshot", "--model", "m", "--version", "v1"];
    assert_eq!(state(&json(at, &args)), "\"created\" 2");
    assert_eq!(state(&json(at, &args)), "\"unchanged\" 2");
    assert_eq!(json(at, &["version-history", "--model", "m"])["versions"][0]["snapshots"], 2);
    let again = done(at, &["create-schema"]);
    assert!(!again.contains("schema version"), "{again}");
}

/// Databases of other software: the snapshot is of the linked results under their own keys, and replays what was said.
#[test]
fn a_database_of_other_software_is_frozen_and_replayed_as_well() {
    for name in ["documented", "detected"] {
        let (_folder, path) = crate::schema_fixtures::build(name);
        let at = path.parent().unwrap();
        std::fs::rename(&path, base(at)).unwrap();
        without_rules(at);
        done(at, &["create-schema"]);
        done(at, &["link-tests", "--model", "bert-base", "--version", "v9", "--where", "batch_size>=1"]);
        let ask = ["recommend", "--model", "bert-base", "--task", "inference", "--version", "v9", "--format", "csv"];
        let then = done(at, &ask);
        let made = json(at, &["create-snapshot", "--model", "bert-base", "--version", "v9"]);
        assert!(made["hardware"].as_i64().unwrap() >= 2, "{name}: {made}");
        done(at, &["unlink-tests", "--model", "bert-base", "--version", "v9", "--all"]);
        assert_eq!(suitor(at, &ask).code, 3, "{name}: nothing is linked any more");
        assert_eq!(done(at, &[&ask[..], &["--replay-at", "1"]].concat()), then, "{name}");
    }
}
