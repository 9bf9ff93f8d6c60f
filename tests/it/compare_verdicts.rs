//! What counts in a comparison, and that every format says the same of it.

use std::path::Path;

use serde_json::Value as Json;

use crate::binary::{done, suitor, suitor_at};
use crate::compare::{change, folder, snapshot};
use crate::versions::{json, refused};

const COMPARE: [&str; 7] = ["compare-versions", "--model", "m", "--version1", "v1", "--version2", "v2"];
const GATE: [&str; 7] = ["gate", "--model", "m", "--baseline", "v1", "--candidate", "v2"];

/// One run each. A lost 7 % of its throughput, B gained 7 %; the median latency of C fell by 20 %, and its latency is judged by the mean;
/// D is as it was, E went, F came.
fn versions() -> tempfile::TempDir {
    let folder = folder("");
    let at = folder.path();
    let header = "model,hardware,hardware_type,task,batch_size,throughput_items_per_second,latency_ms_mean,latency_ms_p50,source_version\n";
    let row = |hardware: &str, throughput: &str, median: &str, version: &str| {
        format!("m,{hardware},cuda,inference,8,{throughput},5,{median},{version}\n")
    };
    let before = [("A", "400", "5"), ("B", "200", "5"), ("C", "100", "5"), ("D", "90", "5"), ("E", "80", "5")];
    let after = [("A", "372", "5"), ("B", "214", "5"), ("C", "100", "4"), ("D", "90", "5"), ("F", "70", "5")];
    let of =
        |rows: [(&str, &str, &str); 5], version| rows.map(|(name, throughput, median)| row(name, throughput, median, version)).concat();
    std::fs::write(at.join("more.csv"), format!("{header}{}{}", of(before, "v1"), of(after, "v2"))).unwrap();
    done(at, &["import", "--quiet", "more.csv", "--versions-from", "source_version"]);
    snapshot(at, "m", "v1");
    snapshot(at, "m", "v2");
    folder
}

fn with<'a>(args: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [args, more].concat()
}

/// The first word of the row of each piece of hardware, and the lines that say why.
fn said(at: &Path, more: &[&str]) -> (Vec<String>, Vec<String>) {
    let text = suitor_at(at, 200, &with(&COMPARE, more)).printed;
    let words = ["A", "B", "C", "E", "F"].map(|hardware| {
        let row = text.lines().find(|line| line.split_whitespace().next() == Some(hardware)).unwrap_or_default();
        row.split_whitespace().nth(1).filter(|word| word.chars().all(char::is_alphabetic)).unwrap_or("-").to_owned()
    });
    let why = ["worse: ", "better: ", "does not count: ", "the same: "];
    (words.into(), text.lines().filter(|line| why.iter().any(|word| line.starts_with(word))).map(str::to_owned).collect())
}

#[test]
fn each_change_has_a_word_that_says_whether_it_counts() {
    let folder = versions();
    let at = folder.path();
    let (words, why) = said(at, &[]);
    assert_eq!(words, ["worse", "better", "-", "removed", "added"]);
    assert_eq!(
        why,
        [
            "worse: A: throughput_items_per_second -7.0 % (by threshold, not tested)",
            "better: B: throughput_items_per_second +7.0 % (by threshold, not tested)",
            "does not count: C: latency_ms_p50 -20.0 % (latency is judged by latency_ms_mean)",
            "the same: D",
        ]
    );
}

#[test]
fn what_does_not_count_is_not_significant_in_the_document_either() {
    let folder = versions();
    let at = folder.path();
    let page = json(at, &COMPARE);
    assert_eq!((&page["totals"]["significant"], &page["totals"]["regressions"]), (&2.into(), &1.into()));
    let c = change(&page, "C");
    assert_eq!((&c["significant"], &c["regression"], &c["reasons"]), (&false.into(), &false.into(), &serde_json::json!([])));
    assert_eq!(c["uncounted"], serde_json::json!(["latency_ms_p50 -20.0 % (latency is judged by latency_ms_mean)"]));
    let median = &c["metrics"]["latency_ms_p50"];
    assert_eq!(
        (&median["significant"], &median["counts"], &median["component"]),
        (&true.into(), &false.into(), &"latency".into()),
        "the metric itself did change"
    );
}

#[test]
fn annotations_and_data_lose_no_note() {
    let folder = versions();
    let at = folder.path();
    let note = "fewer than 3 runs a side, or runs that do not vary: thresholds of scoring.toml, and no test, for ";
    let github = done(at, &with(&COMPARE, &["--format", "github"]));
    let lines: Vec<&str> = github.lines().collect();
    assert_eq!(
        lines[..4],
        [
            "::error title=m v1 -> v2::A: throughput_items_per_second -7.0 %25 (by threshold, not tested)",
            "::notice title=m v1 -> v2::B: throughput_items_per_second +7.0 %25 (by threshold, not tested)",
            "::warning title=m v1 -> v2::E: no results any more",
            "::notice title=m v1 -> v2::does not count: C: latency_ms_p50 -20.0 %25 (latency is judged by latency_ms_mean)",
        ]
    );
    assert!(lines[4].starts_with(&format!("::notice title=m v1 -> v2::{note}")) && lines.len() == 5, "{github}");
    for (args, first) in [(COMPARE, "note: "), (GATE, "gate not met: ")] {
        let ended = suitor(at, &with(&args, &["--format", "csv"]));
        assert!(ended.printed.starts_with("model,version1,") && !ended.printed.contains("fewer than"), "{}", ended.printed);
        assert!(ended.said.starts_with(first) && ended.said.contains(&format!("note: {note}")), "{}", ended.said);
        assert_eq!(suitor(at, &with(&args, &["--format", "csv", "--quiet"])).said, "");
    }
    let ended = suitor(at, &with(&COMPARE, &["--format", "csv"]));
    let mut rows = csv::Reader::from_reader(ended.printed.as_bytes());
    let at_counts = rows.headers().unwrap().iter().position(|name| name == "metric_counts").unwrap();
    let counts: Vec<String> =
        rows.records().map(Result::unwrap).filter(|row| &row[3] == "C").map(|row| row[at_counts].to_owned()).collect();
    assert_eq!(counts, ["true", "false", "true"], "latency_ms_mean, latency_ms_p50, throughput_items_per_second");
}

#[test]
fn a_sweep_has_its_own_notes_in_every_format() {
    let folder = versions();
    let at = folder.path();
    std::fs::write(at.join("lone.csv"), format!("{}{}", crate::compare::HEADER, "lone,A,cuda,inference,8,1,1,,ok,x,v1\n")).unwrap();
    done(at, &["import", "--quiet", "lone.csv", "--versions-from", "source_version"]);
    snapshot(at, "lone", "v1");
    let sweep = ["compare-versions", "--models", "all", "--version1", "v1", "--version2", "v2"];
    let note = "not compared, because one of the two has no snapshot: ";
    for (format, said) in [("table", "note: "), ("markdown", "- note: "), ("github", "::notice title=suitor compare-versions::")] {
        let printed = suitor_at(at, 200, &with(&sweep, &["--format", format])).printed;
        assert!(printed.contains(&format!("\n{said}{note}`lone`")), "{format}: {printed}");
    }
    assert!(suitor(at, &with(&sweep, &["--format", "csv"])).said.contains(&format!("note: {note}`lone`")));
}

#[test]
fn a_change_below_the_least_is_shown_and_fails_nothing() {
    let folder = versions();
    let at = folder.path();
    let fails = |args: &[&str], least: &str| suitor(at, &with(args, &["--min-change", least])).code;
    let compare = with(&COMPARE, &["--fail-on", "regression"]);
    for (least, code) in [("0", 3), ("7", 3), ("7.1", 0), ("10%", 0)] {
        assert_eq!((fails(&compare, least), fails(&GATE, least)), (code, code), "--min-change {least}");
    }
    assert_eq!(fails(&with(&COMPARE, &["--fail-on", "any"]), "10"), 3, "that something differs is no matter of size");
    let (words, why) = said(at, &["--min-change", "10"]);
    assert_eq!(words, ["-", "-", "-", "removed", "added"]);
    assert_eq!(
        why,
        [
            "does not count: A: throughput_items_per_second -7.0 % (smaller than 10 %)",
            "does not count: B: throughput_items_per_second +7.0 % (smaller than 10 %)",
            "does not count: C: latency_ms_p50 -20.0 % (latency is judged by latency_ms_mean)",
            "the same: D",
        ]
    );
    let page = json(at, &with(&COMPARE, &["--min-change", "10"]));
    assert_eq!((&page["min_change"], &page["totals"]["significant"], &page["totals"]["regressions"]), (&10.0.into(), &0.into(), &0.into()));
    assert_eq!(change(&page, "A")["metrics"]["throughput_items_per_second"]["significant"], true);
    let decision = json(at, &with(&GATE, &["--min-change", "10"]));
    assert_eq!((&decision["passed"], &decision["comparison"]["min_change"]), (&Json::from(true), &10.0.into()));
    for wrong in ["-1", "nan", "much"] {
        let given = format!("--min-change={wrong}");
        let (code, said) = refused(at, &with(&GATE, &[&given]));
        assert!(code == 2 && said.contains("expected per cent, 0 or more"), "{said}");
    }
}

#[test]
fn hardware_that_fails_or_is_taken_out_counts_whatever_the_least_change() {
    let folder = folder(&(crate::compare::row("A", ["400", "", ""], "a", "v1") + &*crate::compare::row("A", ["", "", ""], "b", "v2")));
    let at = folder.path();
    snapshot(at, "m", "v1");
    snapshot(at, "m", "v2");
    assert_eq!(suitor(at, &with(&GATE, &["--min-change", "1000"])).code, 3);
}

#[test]
fn a_column_is_in_the_table_or_said_to_be_left_out() {
    let folder = versions();
    let at = folder.path();
    let page = |width: usize| suitor_at(at, width, &COMPARE).printed;
    let header = |text: &str| text.lines().find(|line| line.starts_with("hardware")).unwrap().to_owned();
    let all: Vec<String> = header(&page(300)).split_whitespace().map(str::to_owned).collect();
    assert!(all.contains(&"rank".to_owned()) && all.contains(&"cause".to_owned()), "{all:?}");
    assert!(!page(300).contains("left out for width"));
    let mut lost = 0;
    for width in [30, 40, 50, 60, 80] {
        let text = page(width);
        let header = header(&text);
        // The line may be folded.
        let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for name in &all {
            let shown = header.split_whitespace().any(|word| word == name);
            assert_ne!(shown, joined.contains(&format!("`{name}`")), "{width}: {name}\n{text}");
            lost += usize::from(!shown);
        }
    }
    assert!(lost > 0, "some width is too narrow for some column");
}
