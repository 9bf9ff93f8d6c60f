//! Import: every sample file against the counts that pandas finds, formats added by a file alone, and what is refused.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use suitor::import::{Aliases, FileReport, Mappings, Options, import};
use suitor::store::Db;

use crate::support::project;

fn shared() -> PathBuf {
    std::env::var_os("SUITOR_SHARED_DATA").map_or_else(|| project().join("../shared/data"), PathBuf::from)
}

fn shipped() -> (Mappings, Aliases) {
    let nowhere = Path::new("no such folder");
    (Mappings::load(nowhere).unwrap(), Aliases::load(nowhere).unwrap())
}

fn set(pairs: &[(&str, &str)]) -> Options {
    let constants = pairs.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect();
    Options { constants, now: 1_790_000_000_000_000, ..Options::default() }
}

/// What a file does not say of itself.
fn given(format: &str, file: &str) -> Options {
    match format {
        "llm-perf" => set(&[("hardware", "NVIDIA A10")]),
        "bench-serve" => set(&[("hardware", "NVIDIA B200 x4")]),
        "mlperf-log" => set(&[("model", "llama2-70b-99")]),
        "timm" if !file.starts_with("original/") => set(&[("hardware", "RTX 3090"), ("precision", "amp")]),
        _ => set(&[]),
    }
}

fn one(db: &mut Db, path: &Path, options: &Options) -> Result<FileReport, String> {
    let (mappings, aliases) = shipped();
    let mut report = import(db, &[path.to_owned()], &mappings, &aliases, options, &mut |_| ()).map_err(|error| error.to_string())?;
    match report.errors.pop() {
        Some(error) => Err(error.to_string()),
        None => Ok(report.files.remove(0)),
    }
}

#[test]
fn every_sample_file_gives_the_counts_that_pandas_finds_and_the_second_time_nothing() {
    let whole = shared().is_dir();
    if !whole {
        eprintln!("SKIPPED the whole tables: no folder {} (SUITOR_SHARED_DATA names another)", shared().display());
    }
    let mut counts = csv::Reader::from_path(project().join("tests/data/import_counts.csv")).unwrap();
    let mut checked = 0;
    for line in counts.deserialize::<BTreeMap<String, String>>() {
        let line = line.unwrap();
        let file = &line["file"];
        if !file.starts_with("tests/") && !whole {
            continue;
        }
        let path = if file.starts_with("tests/") { project().join(file) } else { shared().join(file) };
        let number = |name: &str| line[name].parse::<i64>().unwrap();
        let mut db = Db::open_in_memory().unwrap();
        let options = given(&line["format"], file);
        let first = one(&mut db, &path, &options);
        checked += 1;
        if line["comment"].starts_with("broken") {
            let error = first.unwrap_err();
            assert!(error.contains(":2: 41 fields, expected 42"), "{file}: {error}");
            continue;
        }
        let first = first.unwrap_or_else(|error| panic!("{file}: {error}"));
        let found = (first.format.as_str(), first.rows_read, first.rows_added, first.rows_duplicate, first.rows_refused);
        let wanted = (line["format"].as_str(), number("rows_read"), number("rows_added"), number("rows_duplicate"), number("rows_refused"));
        assert_eq!(found, wanted, "{file}: {:?}", first.refused.first());
        assert_eq!(first.refused.len() as i64, first.rows_refused, "{file}");
        let again = one(&mut db, &path, &options).unwrap();
        assert_eq!((again.rows_added, again.rows_duplicate), (0, first.rows_added + first.rows_duplicate), "{file} the second time");
    }
    assert!(checked >= 27, "{checked} files");
}

#[test]
fn a_further_format_is_a_toml_file_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("import")).unwrap();
    std::fs::write(
        folder.path().join("import/lab.toml"),
        r#"
format = "lab"
title = "our lab's table"
readers = ["csv"]
detect = [{ columns = ["net", "board", "fps"] }]
[fields]
model = "net"
hardware = "board"
batch_size = "bs"
throughput_items_per_second = "fps"
latency_ms_p50 = { from = "lat", unit = "lat_unit", units = { us = 0.001, ms = 1.0 } }
"#,
    )
    .unwrap();
    let file = folder.path().join("results.csv");
    std::fs::write(&file, "net,board,fps,bs,lat,lat_unit,who\nyolo,Jetson AGX,31.5,1,31700,us,Ann\nyolo,RTX 4090,900,8,9,min,Bo\n")
        .unwrap();
    let mappings = Mappings::load(folder.path()).unwrap();
    let aliases = Aliases::load(folder.path()).unwrap();
    let mut db = Db::open_in_memory().unwrap();
    let report = import(&mut db, &[file], &mappings, &aliases, &set(&[]), &mut |_| ()).unwrap();
    let found = &report.files[0];
    assert_eq!((found.format.as_str(), found.rows_read, found.rows_added, found.rows_refused), ("lab", 2, 1, 1));
    assert_eq!(found.refused[0].line, 3);
    assert_eq!(found.refused[0].reason, "latency_ms_p50: unit `min` in `lat_unit`, expected `ms`, `us`");
}

const HEADER: &str = "model,hardware,task,throughput_items_per_second,latency_ms_mean,latency_ms_p50,latency_ms_p99,status\n";

fn tidy(text: &str) -> Result<FileReport, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rows.csv");
    std::fs::write(&file, text).unwrap();
    one(&mut Db::open_in_memory().unwrap(), &file, &set(&[])).map_err(|error| error.replace(&file.display().to_string(), "rows.csv"))
}

#[test]
fn rows_that_cannot_be_results_are_refused_with_line_and_reason_and_the_rest_land() {
    let rows = "a,L4,inference,100,1,,,\n\
                a,L4,inference,0,1,,,\n\
                a,L4,inference,-5,,,,\n\
                a,L4,inference,NaN,,,,\n\
                a,L4,inference,inf,,,,\n\
                a,L4,inference,fast,,,,\n\
                a,L4,inference,,,,,\n\
                a,L4,inference,100,,9,3,\n\
                ,L4,inference,100,,,,\n\
                a,,inference,100,,,,\n\
                a,T4,inference,90,2,,,ok\n\
                a,T4,inference,90,,,,crashed\n\
                a,T4,inference,,,,,crashed\n";
    let report = tidy(&format!("{HEADER}{rows}")).unwrap();
    let refused: Vec<(u64, &str)> = report.refused.iter().map(|row| (row.line.as_u64().unwrap(), row.reason.as_str())).collect();
    assert_eq!(
        refused,
        [
            (3, "throughput_items_per_second is 0, expected a number above 0"),
            (4, "throughput_items_per_second is -5, expected a number above 0"),
            (5, "throughput_items_per_second is NaN, expected a number above 0"),
            (6, "throughput_items_per_second is inf, expected a number above 0 and below 1e12"),
            (7, "throughput_items_per_second: `fast` is not a number"),
            (8, "no metric"),
            (9, "percentiles out of order: latency_ms_p50 is 9, latency_ms_p99 is 3"),
            (10, "no model"),
            (11, "no hardware"),
        ]
    );
    // The two failed runs are one: without metrics nothing tells them apart.
    assert_eq!((report.rows_read, report.rows_added, report.rows_duplicate), (13, 3, 1));
}

#[test]
fn a_file_that_is_broken_lands_nothing_and_says_where() {
    let cases = [
        (String::new(), "`rows.csv` is empty"),
        (format!("{HEADER}a,L4,inference,100,1,,,\na,L4,inference,100\n"), "rows.csv:3: 4 fields, expected 8 as in the header"),
        (format!("{HEADER}a,L4,inference,100,1,,,\n\"a,L4,inference,100,1,,,"), "rows.csv:3: 1 fields, expected 8 as in the header"),
        (
            format!("{HEADER}a,L4,inference,100,1,,,\na,L4,inference,100,1,,,\"o"),
            "rows.csv:3: a quoted field is never closed, or the file is cut off",
        ),
        ("{\"model\": \"a\",\n \"x\": [1, 2".to_owned(), "rows.csv:2:11: the file is cut off"),
        ("{\"model\": \"a\",\n \"x\": 01}".to_owned(), "rows.csv:2:8: invalid JSON"),
        ("{\"model\": \"a\",\n \"x\": 1,\n \"x\": 2}".to_owned(), "rows.csv:3:4: ambiguous JSON: the key `x` stands twice in one object"),
        (":::MLLOG {\"key\": \"a\", \"key\": \"b\"}\n".to_owned(), "rows.csv:1: the event is ambiguous: the key `key` stands twice"),
        ("model,model\na,b\n".to_owned(), "rows.csv:1: two columns are called `model`"),
        ("name,speed\na,b\n".to_owned(), "rows.csv: no known format: its columns are `name`, `speed`"),
    ];
    for (text, wanted) in cases {
        let error = tidy(&text).expect_err(wanted);
        assert!(error.starts_with(wanted), "wanted {wanted:?}, said {error:?}");
    }
}

#[test]
fn a_column_makes_versions_and_links_their_rows() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rows.csv");
    std::fs::write(&file, "model,hardware,throughput_items_per_second,commit\na,L4,100,v1\na,T4,90,v1\na,L4,110,v2\n").unwrap();
    let mut db = Db::open_in_memory().unwrap();
    let options = Options { versions_from: Some("commit".to_owned()), ..set(&[]) };
    let first = one(&mut db, &file, &options).unwrap();
    assert_eq!((first.rows_added, first.versions_added, first.rows_linked), (3, 2, 3));
    let again = one(&mut db, &file, &options).unwrap();
    assert_eq!((again.rows_added, again.versions_added, again.rows_linked), (0, 0, 0));
    let wrong = Options { versions_from: Some("comit".to_owned()), ..set(&[]) };
    let error = one(&mut db, &file, &wrong).unwrap_err();
    assert!(error.contains("unknown column `comit`\nhelp: did you mean `commit`?"), "{error}");
}

#[test]
fn a_dry_run_counts_and_stores_nothing() {
    let mut db = Db::open_in_memory().unwrap();
    let file = project().join("tests/data/timm_train.csv");
    let dry = one(&mut db, &file, &Options { dry_run: true, ..set(&[]) }).unwrap();
    assert_eq!(dry.rows_added, 228);
    assert_eq!(one(&mut db, &file, &set(&[])).unwrap().rows_added, 228);
}

#[test]
fn a_users_own_columns_are_mapped_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rows.csv");
    std::fs::write(&file, "net,fps\nresnet50,100\n").unwrap();
    let mut db = Db::open_in_memory().unwrap();
    let columns = [("net", "model"), ("fps", "throughput_items_per_second")].map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec();
    let options = Options { format: Some("suitor".to_owned()), columns, ..set(&[("hardware", "RTX 3090 x2")]) };
    let report = one(&mut db, &file, &options).unwrap();
    assert_eq!((report.rows_added, report.rows_refused), (1, 0));
    assert_eq!(report.merged[0].to, "NVIDIA GeForce RTX 3090");
    let wrong = Options { columns: vec![("fps".to_owned(), "thruput".to_owned())], ..options.clone() };
    let error = one(&mut db, &file, &wrong).unwrap_err();
    assert!(error.contains("unknown field `thruput`"), "{error}");
    let missing = Options { constants: Vec::new(), ..options };
    let error = one(&mut db, &file, &missing).unwrap_err();
    assert!(error.contains("does not say which hardware") && error.contains("--set hardware="), "{error}");
}

#[test]
fn latency_that_does_not_fit_the_throughput_lands_with_a_warning() {
    let header = "model,hardware,throughput_items_per_second,latency_ms_mean,batch_size\n";
    let report = tidy(&format!("{header}a,L4,100,10,1\na,T4,50,20,1\na,A10,80,0.0125,1\na,L40S,200,5.1,1\n")).unwrap();
    assert_eq!(report.rows_added, 4);
    assert_eq!(report.warnings.len(), 1, "{:?}", report.warnings);
    assert!(
        report.warnings[0].starts_with("line 4: latency x throughput / batch is 0.001 for `a` on NVIDIA A10, 1.000"),
        "{:?}",
        report.warnings
    );
}

#[test]
fn what_set_takes_from_a_file_that_says_it_itself_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rows.csv");
    std::fs::write(&file, "model,hardware,throughput_items_per_second\na,L4,100\n").unwrap();
    let report = one(&mut Db::open_in_memory().unwrap(), &file, &set(&[("hardware", "T4"), ("precision", "fp16")])).unwrap();
    assert_eq!(report.warnings, ["`hardware` is the one of --set in every row, though the file has its own"]);
}

#[test]
fn an_unclosed_quote_is_found_though_the_file_ends_well_and_lines_are_counted_under_cr_lf() {
    let header = "model,hardware,throughput_items_per_second,source\n";
    let error = tidy(&format!("{header}a,L4,100,x\nb,L4,90,\"x\nc,L4,80,x\nd,L4,70,x\n")).unwrap_err();
    assert!(error.starts_with("rows.csv:3: a quoted field is never closed, or the file is cut off"), "{error}");
    let report = tidy(&format!("{header}a,L4,100,x\nb,L4,0,x\n").replace('\n', "\r\n")).unwrap();
    assert_eq!(report.refused[0].line, 3);
    let error = tidy(&format!("{header}a,L4,100,x\nb,L4\n").replace('\n', "\r\n")).unwrap_err();
    assert!(error.starts_with("rows.csv:3: 2 fields, expected 4"), "{error}");
    let report = tidy("model,hardware,throughput_items_per_second,batch_size\na,L4,100,0\na,L4,100,8\n").unwrap();
    assert_eq!(report.refused[0].reason, "batch_size is 0, expected 1 or more");
}

#[test]
fn a_dry_run_warns_of_what_the_import_warns_of() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rows.csv");
    let header = "model,hardware,throughput_items_per_second,latency_ms_mean,batch_size\n";
    std::fs::write(&file, format!("{header}a,L4,100,10,1\na,T4,50,20,1\na,A10,80,0.0125,1\n")).unwrap();
    let mut db = Db::open_in_memory().unwrap();
    let dry = one(&mut db, &file, &Options { dry_run: true, ..set(&[]) }).unwrap();
    assert_eq!(dry.warnings.len(), 1, "{:?}", dry.warnings);
    assert_eq!(dry, one(&mut db, &file, &set(&[])).unwrap());
}

#[test]
fn a_batch_size_that_is_not_whole_is_refused_and_means_of_tokens_are_rounded() {
    let rows = "model,hardware,throughput_items_per_second,batch_size,input_tokens\na,L4,100,8.5,\na,L4,100,8.0,\na,T4,100,8,170.6\n";
    let report = tidy(rows).unwrap();
    assert_eq!((report.rows_added, report.refused.len()), (2, 1));
    assert_eq!(report.refused[0].reason, "batch_size: 8.5 is not a whole number");
}

#[test]
fn what_set_gives_must_be_of_the_fields_type_before_anything_is_read() {
    let nowhere = Path::new("no such file.csv");
    let cases = [
        ("batch_size", "abc", "the field `batch_size` cannot be `abc` in every row, expected a whole number"),
        ("batch_size", "8.5", "the field `batch_size` cannot be `8.5` in every row, expected a whole number"),
        ("parameters_million", "7B", "the field `parameters_million` cannot be `7B` in every row, expected a number"),
        ("power_watts", "-5", "the field `power_watts` cannot be `-5` in every row, expected a number above 0"),
        ("tested_at", "today", "the field `tested_at` cannot be `today` in every row, expected a time such as 2026-05-01T10:00:00Z"),
        ("batchsize", "8", "unknown field `batchsize`\nhelp: did you mean `batch_size`?"),
    ];
    for (field, value, wanted) in cases {
        assert_eq!(one(&mut Db::open_in_memory().unwrap(), nowhere, &set(&[(field, value)])).unwrap_err(), wanted);
    }
}

#[test]
fn keys_follow_the_file_and_gaps_between_new_rows_take_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rows.csv");
    let header = "model,hardware,throughput_items_per_second,source_key\n";
    let row = |at: usize| format!("m{},L4,{},k{at}\n", at % 7, at + 1);
    let text = |rows: &mut dyn Iterator<Item = usize>| rows.fold(header.to_owned(), |text, at| text + row(at).as_str());
    let path = folder.path().join("rows.duckdb");
    let mut db = Db::open(&path, suitor::store::Access::Create).unwrap();
    db.create_schema().unwrap();
    std::fs::write(&file, text(&mut (0..5000))).unwrap();
    assert_eq!(one(&mut db, &file, &set(&[])).unwrap().rows_added, 5000);
    // Every third is there already, and each stands twice.
    std::fs::write(&file, text(&mut (0..15_000).step_by(3).flat_map(|at| [at, at]))).unwrap();
    let report = one(&mut db, &file, &set(&[])).unwrap();
    assert_eq!((report.rows_added, report.rows_duplicate), (3333, 6667));
    drop(db);
    let db = duckdb::Connection::open(&path).unwrap();
    let sql = "SELECT source_key FROM performance_results ORDER BY result_id";
    let keys: Vec<String> = db.prepare(sql).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let wanted: Vec<String> = (0..5000).chain((5001..15_000).step_by(3)).map(|at| format!("k{at}")).collect();
    assert_eq!(keys, wanted);
    let sql = "SELECT max(result_id)::BIGINT, count(DISTINCT result_id)::BIGINT FROM performance_results";
    let (last, distinct): (i64, i64) = db.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!((last, distinct), (8333, 8333));
}
