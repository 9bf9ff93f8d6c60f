//! Two versions of a model compared: worked by hand, and what is said of what came, went and failed.

use std::path::Path;

use serde_json::Value as Json;

use crate::binary::{done, suitor};
use crate::documents::{conforms, schema};
use crate::support::scoring_toml;
use crate::versions::{json, refused};

pub const HEADER: &str = "model,hardware,hardware_type,task,batch_size,throughput_items_per_second,latency_ms_mean,memory_peak_mb,status,source_key,source_version\n";

/// A row of model `m`, batch size 8; empty figures are missing.
pub fn row(hardware: &str, figures: [&str; 3], key: &str, version: &str) -> String {
    let status = if figures.iter().all(|figure| figure.is_empty()) { "failed" } else { "ok" };
    format!("m,{hardware},cuda,inference,8,{},{},{},{status},{key},{version}\n", figures[0], figures[1], figures[2])
}

/// A folder with the shipped weights, no rule, and these rows linked to their versions.
pub fn folder(rows: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::create_dir_all(at.join("config")).unwrap();
    std::fs::write(at.join("config/scoring.toml"), scoring_toml()).unwrap();
    std::fs::write(at.join("config/rules.toml"), "").unwrap();
    std::fs::write(at.join("rows.csv"), format!("{HEADER}{rows}")).unwrap();
    done(at, &["import", "--quiet", "rows.csv", "--versions-from", "source_version"]);
    folder
}

pub fn snapshot(at: &Path, model: &str, version: &str) {
    done(at, &["create-snapshot", "--model", model, "--version", version]);
}

pub fn compared(at: &Path, one: &str, two: &str) -> Json {
    json(at, &["compare-versions", "--model", "m", "--version1", one, "--version2", two])
}

pub fn change<'a>(page: &'a Json, hardware: &str) -> &'a Json {
    let all = page["changes"].as_array().unwrap();
    all.iter()
        .find(|one| one["hardware"] == hardware)
        .unwrap_or_else(|| panic!("{hardware} is not among {:?}", all.iter().map(|one| &one["hardware"]).collect::<Vec<_>>()))
}

#[track_caller]
pub fn near(found: &Json, expected: f64) {
    let found = found.as_f64().unwrap_or_else(|| panic!("{found} is no number"));
    assert!((found - expected).abs() < 1e-8, "{found} is not {expected}");
}

/// A: 400 items/s, 5 ms, 1500 MB, then 360 items/s. B: 200, 4, 900, both times.
fn two() -> String {
    row("A", ["400", "5", "1500"], "a", "v1")
        + &*row("B", ["200", "4", "900"], "b", "v1")
        + &*row("A", ["360", "5", "1500"], "c", "v2")
        + &*row("B", ["200", "4", "900"], "d", "v2")
}

#[test]
fn a_comparison_is_what_is_worked_out_by_hand() {
    let folder = folder(&two());
    let at = folder.path();
    snapshot(at, "m", "v1");
    snapshot(at, "m", "v2");
    let page = compared(at, "v1", "v2");
    assert_eq!(page["family_size"], 0);
    // One scale: throughput of 400, latency of 4, memory of 900. Weights 0.5, 0.3, 0.2.
    let (before, after) = (0.5 + 0.3 * 0.8 + 0.2 * 0.6, 0.5 * 0.9 + 0.3 * 0.8 + 0.2 * 0.6);
    let a100 = change(&page, "A");
    near(&a100["shared"]["before"]["compatibility"], before);
    near(&a100["shared"]["after"]["compatibility"], after);
    let percent = 100.0 * (after / before - 1.0);
    for key in ["compatibility_change", "suitability_change", "score_change"] {
        near(&a100[key], percent);
    }
    for key in ["compatibility", "score"] {
        near(&a100["cause"][key]["data"], percent);
        assert_eq!((&a100["cause"][key]["weights"], &a100["cause"][key]["rules"]), (&0.0.into(), &0.0.into()));
    }
    // By itself the version after has an A of 360 as its best, and an A as good as ever.
    near(&a100["stored"]["after"]["compatibility"], 0.86);
    let throughput = &a100["metrics"]["throughput_items_per_second"];
    assert_eq!((throughput["before"].as_f64(), throughput["after"].as_f64()), (Some(400.0), Some(360.0)));
    near(&throughput["change_percent"], -10.0);
    assert_eq!((&throughput["p_value"], &throughput["significant"], &throughput["test"]), (&Json::Null, &true.into(), &"threshold".into()));
    near(&a100["metrics"]["latency_ms_mean"]["change_percent"], 0.0);
    let said = ["state", "significant", "regression", "test"].map(|key| a100[key].to_string()).join(" ");
    assert_eq!(said, r#""changed" true true "threshold""#);
    assert_eq!(a100["rank"], serde_json::json!({ "before": 1, "after": 1 }));
    assert_eq!(a100["recommended_batch_size"], serde_json::json!({ "before": 8, "after": 8 }));
    assert_eq!(a100["memory_requirement"], serde_json::json!({ "before": 1500.0, "after": 1500.0 }));
    // The B is what it was: on a scale of its own version it would have gained by the A's loss.
    let l4 = change(&page, "B");
    assert_eq!((&l4["state"], &l4["significant"]), (&"same".into(), &false.into()));
    near(&l4["score_change"], 0.0);
    assert!(l4["stored"]["after"]["compatibility"].as_f64() > l4["stored"]["before"]["compatibility"].as_f64());
}

#[test]
fn the_cause_is_split_between_data_weights_and_rules_and_sums_to_the_change() {
    let folder = folder(&two());
    let at = folder.path();
    snapshot(at, "m", "v1");
    // Latency weighs twice as much; a rule takes a tenth off everything.
    let scoring = scoring_toml().replacen("weight = 0.3", "weight = 0.6", 1);
    assert_ne!(scoring, scoring_toml());
    std::fs::write(at.join("config/scoring.toml"), scoring).unwrap();
    std::fs::write(at.join("config/rules.toml"), "[[rule]]\nscript = \"tenth\"\ntitle = \"a tenth off\"\n").unwrap();
    std::fs::create_dir_all(at.join("rules")).unwrap();
    std::fs::write(at.join("rules/tenth.rhai"), "fn adjust(score, pair, request) { score * 0.9 }\n").unwrap();
    snapshot(at, "m", "v2");
    let page = compared(at, "v1", "v2");
    let a100 = change(&page, "A");
    // Compatibility by data (0, 1) and weights (0, 1).
    let value = |data: bool, weights: bool| {
        let latency = if weights { 0.6 } else { 0.3 };
        (0.5 * if data { 0.9 } else { 1.0 } + latency * 0.8 + 0.2 * 0.6) / (0.7 + latency)
    };
    let of_data = f64::midpoint(value(true, false) - value(false, false), value(true, true) - value(false, true));
    let of_weights = f64::midpoint(value(false, true) - value(false, false), value(true, true) - value(true, false));
    let percent = |part: f64| 100.0 * part / value(false, false);
    near(&a100["cause"]["compatibility"]["data"], percent(of_data));
    near(&a100["cause"]["compatibility"]["weights"], percent(of_weights));
    near(&a100["cause"]["compatibility"]["rules"], 0.0);
    // The score, by all six orders.
    let score = |set: [bool; 3]| value(set[0], set[1]) * if set[2] { 0.9 } else { 1.0 };
    let mut parts = [0.0; 3];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut set = [false; 3];
        for factor in order {
            let last = score(set);
            set[factor] = true;
            parts[factor] += percent(score(set) - last) / 6.0;
        }
    }
    let cause = &a100["cause"]["score"];
    for (name, part) in ["data", "weights", "rules"].iter().zip(parts) {
        near(&cause[*name], part);
    }
    for of in ["compatibility", "score"] {
        let sum: f64 = ["data", "weights", "rules"].iter().map(|part| a100["cause"][of][*part].as_f64().unwrap()).sum();
        near(&a100[format!("{of}_change")], sum);
    }
    // The B has the same data: weights and rules did it, and that is no noise.
    let l4 = change(&page, "B");
    near(&l4["cause"]["score"]["data"], 0.0);
    assert_eq!((&l4["state"], &l4["significant"], &l4["regression"]), (&"changed".into(), &true.into(), &false.into()), "{l4}");
    assert_eq!(l4["reasons"], serde_json::json!(["compatibility +7.7 %"]));
    assert!(page["notes"].to_string().contains("different rule sets"), "{}", page["notes"]);
}

#[test]
fn a_version_beside_itself_and_versions_of_the_same_show_nothing() {
    let rows = two() + &*row("A", ["400", "5", "1500"], "e", "v3") + &*row("B", ["200", "4", "900"], "f", "v3");
    let folder = folder(&rows);
    let at = folder.path();
    for version in ["v1", "v2", "v3"] {
        snapshot(at, "m", version);
    }
    for (one, two) in [("v1", "v1"), ("v2", "v2"), ("v1", "v3")] {
        let page = compared(at, one, two);
        assert_eq!(page["changes"], serde_json::json!([]), "{one} {two}");
        assert_eq!((&page["totals"]["compared"], &page["totals"]["changed"]), (&2.into(), &0.into()));
        assert!(page["notes"][0].as_str().unwrap().starts_with("nothing differs"), "{}", page["notes"]);
        let args = ["compare-versions", "--model", "m", "--version1", one, "--version2", two, "--fail-on", "any"];
        assert_eq!(suitor(at, &args).code, 0);
    }
    let args = ["compare-versions", "--model", "m", "--version1", "v1", "--version2", "v2", "--fail-on", "any"];
    assert_eq!(suitor(at, &args).code, 3);
}

#[test]
fn hardware_that_comes_goes_or_fails_is_shown() {
    let rows = row("A", ["400", "", ""], "a", "v1")
        + &*row("B", ["200", "", ""], "b", "v1")
        + &*row("T", ["100", "", ""], "c", "v1")
        + &*row("A", ["404", "", ""], "d", "v2")
        + &*row("H", ["900", "", ""], "e", "v2")
        + &*row("T", ["", "", ""], "f", "v2");
    let folder = folder(&rows);
    let at = folder.path();
    snapshot(at, "m", "v1");
    snapshot(at, "m", "v2");
    let page = compared(at, "v1", "v2");
    let said: Vec<String> = ["A", "H", "B", "T"]
        .iter()
        .map(|hardware| {
            let one = change(&page, hardware);
            ["hardware", "state", "significant", "regression", "test"].map(|key| one[key].to_string()).join(" ")
        })
        .collect();
    assert_eq!(
        said,
        [
            r#""A" "changed" false false "threshold""#,
            r#""H" "added" false false null"#,
            r#""B" "removed" false false null"#,
            r#""T" "removed" true true "failure""#,
        ]
    );
    assert_eq!(change(&page, "H")["rank"], serde_json::json!({ "before": null, "after": 1 }));
    assert_eq!(change(&page, "B")["cause"], serde_json::json!({ "compatibility": null, "score": null }));
    assert_eq!(change(&page, "B")["metrics"]["throughput_items_per_second"]["before"], 200.0);
    let args = ["compare-versions", "--model", "m", "--version1", "v1", "--version2", "v2"];
    assert_eq!(suitor(at, &[&args[..], &["--fail-on", "regression"]].concat()).code, 3);
    let github = done(at, &[&args[..], &["--format", "github"]].concat());
    assert_eq!(
        github,
        "::error title=m v1 -> v2::T: every run of it fails now (1 run) (failed runs)\n::warning title=m v1 -> v2::B: no results any more\n\
         ::notice title=m v1 -> v2::fewer than 3 runs a side, or runs that do not vary: thresholds of scoring.toml, and no test, for \
         throughput_items_per_second of A\n"
    );
    let markdown = done(at, &[&args[..], &["--format", "markdown"]].concat());
    assert!(
        markdown.starts_with("m: v1 (revision 1) -> v2 (revision 1): **1 regression**; 1 changed, 1 added, 2 removed\n\n| hardware"),
        "{markdown}"
    );
    let data = done(at, &[&args[..], &["--format", "csv"]].concat());
    let mut rows = csv::Reader::from_reader(data.as_bytes());
    assert_eq!(rows.headers().unwrap().len(), 34);
    assert_eq!(rows.records().map(Result::unwrap).filter(|row| &row[3] == "A" && &row[16] == "throughput_items_per_second").count(), 1);
}

#[test]
fn hardware_that_a_rule_takes_out_is_a_regression() {
    let folder = folder(&two());
    let at = folder.path();
    snapshot(at, "m", "v1");
    std::fs::write(at.join("config/rules.toml"), "[[rule]]\nscript = \"small\"\ntitle = \"out\"\n").unwrap();
    std::fs::create_dir_all(at.join("rules")).unwrap();
    std::fs::write(at.join("rules/small.rhai"), "fn exclude(pair, request) { if pair.hardware == \"B\" { \"too small\" } else { () } }\n")
        .unwrap();
    snapshot(at, "m", "v2");
    let page = compared(at, "v1", "v2");
    let l4 = change(&page, "B");
    assert_eq!((&l4["test"], &l4["regression"], &l4["score_change"]), (&"exclusion".into(), &true.into(), &Json::Null));
    assert_eq!(l4["without_score"], serde_json::json!({ "before": null, "after": "small: too small" }));
    assert_eq!(l4["cause"]["score"], Json::Null);
    assert_eq!(l4["rank"], serde_json::json!({ "before": 2, "after": null }));
}

#[test]
fn a_comparison_makes_no_snapshot_and_says_what_is_missing() {
    let folder = folder(&two());
    let at = folder.path();
    snapshot(at, "m", "v1");
    let args = |one: &'static str, two: &'static str| ["compare-versions", "--model", "m", "--version1", one, "--version2", two];
    let (code, said) = refused(at, &args("v1", "v2"));
    assert_eq!(code, 2);
    assert!(said.contains("version `v2` of `m` has no snapshot") && said.contains("create-snapshot --model m --version v2"), "{said}");
    assert_eq!(refused(at, &args("v1", "v2")).0, 2, "and there is still none");
    let (code, said) = refused(at, &args("v1", "v9"));
    assert!(code == 2 && said.contains("unknown version `v9`"), "{said}");
    let (code, said) = refused(at, &[&args("v1", "v1")[..], &["--revision2", "4"]].concat());
    assert!(code == 2 && said.contains("has no revision 4") && said.contains("newest revision is 1"), "{said}");
    let (code, said) = refused(at, &["compare-versions", "--models", "all", "--version1", "v1", "--version2", "v2"]);
    assert!(code == 2 && said.contains("no model has snapshots of both"), "{said}");
    assert_eq!(refused(at, &["compare-versions", "--version1", "v1", "--version2", "v2"]).0, 2);
}

/// Five runs of A and B a side with 1 % noise by turns; the A is `factor` times as fast after.
fn repeats(model: &str, factor: f64) -> String {
    let mut rows = String::new();
    for (version, factor) in [("v1", 1.0), ("v2", factor)] {
        for (hardware, level, factor) in [("A", 400.0, factor), ("B", 200.0, 1.0)] {
            for (at, noise) in [0.99, 1.0, 1.012, 0.995, 1.004].iter().enumerate() {
                let value = format!("{:.3}", level * factor * noise);
                rows += &row(hardware, [&value, "", ""], &format!("{model}{version}{hardware}{at}"), version).replacen('m', model, 1);
            }
        }
    }
    rows
}

#[test]
fn repeats_are_tested_and_the_family_is_all_models_of_a_sweep() {
    let folder = folder(&(repeats("m", 0.97) + &*repeats("n", 1.0) + &*row("A", ["1", "", ""], "x", "v1").replacen('m', "lone", 1)));
    let at = folder.path();
    for model in ["m", "n"] {
        snapshot(at, model, "v1");
        snapshot(at, model, "v2");
    }
    snapshot(at, "lone", "v1");
    let page = compared(at, "v1", "v2");
    assert_eq!(page["family_size"], 2);
    let metric = &change(&page, "A")["metrics"]["throughput_items_per_second"];
    assert_eq!((&metric["test"], &metric["significant"]), (&"welch".into(), &true.into()), "{metric}");
    // The same spread on both sides: a difference of ln 0.97 over two of these.
    let logs: Vec<f64> = [0.99_f64, 1.0, 1.012, 0.995, 1.004].iter().map(|noise| noise.ln()).collect();
    let mean = logs.iter().sum::<f64>() / 5.0;
    let variance = logs.iter().map(|log| (log - mean) * (log - mean)).sum::<f64>() / 4.0;
    let t = 0.97_f64.ln() / (2.0 * variance / 5.0).sqrt();
    let expected = suitor::statistics::special::t_two_sided(t, 8.0);
    let found = metric["p_value"].as_f64().unwrap();
    assert!((found / expected - 1.0).abs() < 1e-2, "{found} {expected}: values are rounded to three decimals");
    assert!((metric["p_adjusted"].as_f64().unwrap() / found - 2.0).abs() < 1e-9);
    let interval = &metric["interval"];
    assert!(interval[0].as_f64() < Some(-3.0) && interval[1].as_f64() > Some(-3.0) && interval[1].as_f64() < Some(0.0), "{interval}");
    let score = &change(&page, "A")["score_interval"];
    assert!(score[0].as_f64() < Some(-3.0) && score[1].as_f64() > Some(-3.0), "{score}");
    assert_eq!(change(&page, "B")["state"], "same");
    let text = done(at, &["compare-versions", "--models", "all", "--version1", "v1", "--version2", "v2", "--format", "json"]);
    let sweep: Json = serde_json::from_str(&text).unwrap();
    conforms(&sweep, &schema(at, "compare-versions-all"));
    assert_eq!(sweep["family_size"], 4);
    assert_eq!(sweep["models"].as_array().unwrap().iter().map(|one| one["model"].as_str().unwrap()).collect::<Vec<_>>(), ["m", "n"]);
    let adjusted = &sweep["models"][0]["changes"][0]["metrics"]["throughput_items_per_second"]["p_adjusted"];
    assert!((adjusted.as_f64().unwrap() / found - 4.0).abs() < 1e-9, "{adjusted}");
    assert!(sweep["notes"][0].as_str().unwrap().contains("`lone`"), "{}", sweep["notes"]);
    let all = ["compare-versions", "--models", "all", "--version1", "v1", "--version2", "v2", "--fail-on", "regression"];
    assert_eq!(suitor(at, &all).code, 3);
}

#[test]
fn other_software_is_said_and_names_are_no_markup() {
    let header = HEADER.replace("batch_size", "batch_size,framework");
    let row = |framework: &str, throughput: &str, memory: &str, key: &str, version: &str| {
        format!("m,<b>@all|`A`,cuda,inference,8,{framework},{throughput},5,{memory},ok,{key},{version}\n")
    };
    let folder = folder("");
    let at = folder.path();
    let rows = row("torch 2.1", "400", "1500", "a", "v1") + &*row("torch 2.4", "360", "1500", "b", "v2");
    std::fs::write(at.join("more.csv"), format!("{header}{rows}")).unwrap();
    done(at, &["import", "--quiet", "more.csv", "--versions-from", "source_version"]);
    snapshot(at, "m", "v1");
    snapshot(at, "m", "v2");
    let page = compared(at, "v1", "v2");
    conforms(&page, &schema(at, "compare-versions"));
    let point = &page["changes"][0]["metrics"]["throughput_items_per_second"]["points"][0]["point"];
    assert_eq!(point["framework"], serde_json::json!({ "before": "torch 2.1", "after": "torch 2.4" }));
    assert_eq!(point["batch_size"], "8");
    let notes = page["notes"].to_string();
    assert!(notes.contains("the software differs") && notes.contains("metric by metric: <b>"), "{notes}");
    assert!(notes.contains("for latency_ms_mean, memory_peak_mb, throughput_items_per_second of <b>"), "{notes}");
    let args = ["compare-versions", "--model", "m", "--version1", "v1", "--version2", "v2"];
    let markdown = done(at, &[&args[..], &["--format", "markdown"]].concat());
    assert!(markdown.contains("\n- \\* significant\n"), "{markdown}");
    assert!(markdown.contains("| &lt;b>@&#8203;all\\|\\`A\\` |"), "{markdown}");
    assert!(!markdown.contains('<') && !markdown.contains("@all"), "{markdown}");
}
