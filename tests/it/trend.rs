//! `trend`: values by version on one scale, and the versions where the level steps.

use crate::binary::done;
use crate::compare::{folder, near, row, snapshot};
use crate::versions::{json, refused};

/// Versions v1 to v10 of an A, slower by a tenth from v7 on, and an B that stays; 1 % noise.
fn ten() -> String {
    let noise = [1.0, 0.992, 1.007, 0.998, 1.011, 0.99, 1.003, 0.995, 1.008, 1.001];
    let mut rows = String::new();
    for (at, noise) in (1..).zip(noise) {
        let level = if at >= 7 { 360.0 } else { 400.0 };
        rows += &row("A", [&format!("{:.2}", level * noise), "", ""], &format!("a{at}"), &format!("v{at}"));
        rows += &row("B", [&format!("{:.2}", 200.0 * (2.0 - noise)), "", ""], &format!("l{at}"), &format!("v{at}"));
    }
    rows
}

#[test]
fn a_step_is_marked_where_it_is_and_nowhere_else() {
    let folder = folder(&ten());
    let at = folder.path();
    for version in 1..=10 {
        snapshot(at, "m", &format!("v{version}"));
    }
    let page = json(at, &["trend", "--model", "m"]);
    // In the order of the tags as they are counted, since one import made them all.
    assert_eq!(page["versions"], serde_json::json!(["v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10"]));
    let series = page["series"].as_array().unwrap();
    assert_eq!(series.iter().map(|one| one["hardware"].as_str().unwrap()).collect::<Vec<_>>(), ["A", "B"]);
    let steps = series[0]["steps"].as_array().unwrap();
    assert_eq!((steps.len(), &steps[0]["version"], &steps[0]["better"]), (1, &"v7".into(), &false.into()), "{steps:?}");
    let by = steps[0]["change_percent"].as_f64().unwrap();
    assert!((-11.0..-9.0).contains(&by), "{by}");
    assert_eq!(series[1]["steps"], serde_json::json!([]));
    // One scale for all versions: 400 x 1.011 is the best, confidence of one run 0.84.
    near(&series[0]["values"][4]["value"], 0.84);
    near(&series[0]["values"][6]["value"], 0.84 * 361.08 / 404.4);
    let metric = json(at, &["trend", "--model", "m", "--hardware", "A", "--metric", "throughput_items_per_second"]);
    near(&metric["series"][0]["values"][6]["value"], 361.08);
    assert_eq!(metric["series"][0]["point"]["batch_size"], "8");
    assert_eq!(metric["series"][0]["steps"][0]["version"], "v7");
    let table = done(at, &["trend", "--model", "m", "--hardware", "A", "--svg", "a.svg"]);
    assert!(table.lines().any(|line| line.contains("v7") && line.contains("worse: -9.8 % from here on")), "{table}");
    let svg = std::fs::read_to_string(at.join("a.svg")).unwrap();
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    assert_eq!((svg.matches("<polyline").count(), svg.matches("class=\"step\"").count()), (1, 1), "{svg}");
    let data = done(at, &["trend", "--model", "m", "--format", "csv"]);
    assert_eq!(data.lines().count(), 21, "a header, and ten versions of two");
}

#[test]
fn what_has_no_trend_is_said() {
    let folder = folder(&ten());
    let at = folder.path();
    let (code, said) = refused(at, &["trend", "--model", "m"]);
    assert!(code == 2 && said.contains("0 versions with a snapshot"), "{said}");
    snapshot(at, "m", "v1");
    snapshot(at, "m", "v2");
    let (code, said) = refused(at, &["trend", "--model", "m", "--metric", "throughput"]);
    assert!(code == 2 && said.contains("`throughput_items_per_second`"), "{said}");
    assert_eq!(refused(at, &["trend", "--model", "m", "--hardware", "A0"]).0, 2);
    let page = json(at, &["trend", "--model", "m"]);
    let notes = page["notes"].to_string();
    assert!(notes.contains("from 4 versions on") && notes.contains("`v3`"), "{notes}");
}
