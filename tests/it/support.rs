//! Databases and rule sets for the tests, made without the importer: rows go from a table of text to the store's landing.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use suitor::import::{Batch, Column, columns};
use suitor::recommend::Answer;
use suitor::recommend::HardwareRecommender;
use suitor::recommend::request::Request;
use suitor::rules::RuleSet;
use suitor::store::Db;
use suitor::store::landing::FileRecord;

/// scoring.toml as it ships.
pub fn scoring_toml() -> String {
    std::fs::read_to_string(project().join("config/scoring.toml")).expect("config/scoring.toml is part of the project")
}

/// The shipped weights and no rule at all.
pub fn no_rules() -> RuleSet {
    rules_of(&scoring_toml())
}

/// A rule set of this scoring.toml and no rule.
pub fn rules_of(scoring: &str) -> RuleSet {
    RuleSet::compile(&[("config/scoring.toml", scoring), ("config/rules.toml", "")]).unwrap_or_else(|errors| panic!("{}", errors.render()))
}

pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The benchmark tables that belong to the project.
pub fn own_tables() -> Vec<PathBuf> {
    tidy_in(&project().join("tests/data"))
}

/// The whole tables beside the project, when they are there.
pub fn shared_tables() -> Vec<PathBuf> {
    let folder = std::env::var_os("SUITOR_SHARED_DATA").map_or_else(|| project().join("../shared/data"), PathBuf::from);
    if folder.is_dir() {
        tidy_in(&folder)
    } else {
        say(&format!("SKIPPED: no whole tables in {} (SUITOR_SHARED_DATA names another folder)", folder.display()));
        Vec::new()
    }
}

/// Says on stderr what a reader of a passing run must see too: the test harness holds back only what macros print.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Files of a folder that have the header of benchmark tables, by name.
fn tidy_in(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder can be read")
        .map(|entry| entry.expect("its entries too").path())
        .filter(|path| path.extension().is_some_and(|end| end == "csv"))
        .filter(|path| {
            let header = csv::Reader::from_path(path).and_then(|mut file| file.headers().cloned()).expect("a header");
            ["model", "task", "hardware_norm", "hardware_count"].iter().all(|name| header.iter().any(|column| column == *name))
        })
        .collect();
    all.sort();
    all
}

/// A database of the rows of these files.
pub fn db_from_csv(paths: &[PathBuf]) -> Db {
    let mut db = Db::open_in_memory().expect("a database in memory");
    for path in paths {
        land(&mut db, &std::fs::read_to_string(path).expect("a table"), &path.display().to_string());
    }
    db
}

/// A database of the rows of a table given as text; columns that it leaves out are null.
pub fn db_from_text(table: &str) -> Db {
    let mut db = Db::open_in_memory().expect("a database in memory");
    land(&mut db, table, "table.csv");
    db
}

/// Answers with everything that was ranked.
pub fn ask(db: &Db, rules: &RuleSet, request: &Request) -> Answer {
    HardwareRecommender::new(db, rules).recommend_hardware(request).unwrap_or_else(|error| panic!("{request:?}: {error}"))
}

fn land(db: &mut Db, table: &str, file: &str) {
    let batch = batch(table, file);
    let rows = i64::try_from(batch.rows).expect("few rows");
    let mut landing = db.land().expect("a landing");
    landing.append(batch).expect("rows that fit");
    let record = FileRecord { file: file.to_owned(), format: "test".to_owned(), rows_read: rows, ..FileRecord::default() };
    let landed = landing.finish(&record, 1_700_000_000_000_000, false).expect("rows that land");
    assert_eq!((landed.added, landed.duplicate), (rows, 0), "{file}: every row is new");
}

/// The rows of a table as an importer would hand them over; each is named by its line.
pub fn batch(table: &str, file: &str) -> Batch {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(table.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let mut batch = Batch::new();
    let mut seen = std::collections::BTreeMap::new();
    for record in reader.records() {
        let record = record.expect("a row");
        let line = batch.rows + 2;
        let repeat = seen.entry(record.iter().map(str::to_owned).collect::<Vec<_>>()).and_modify(|repeat| *repeat += 1).or_insert(0_usize);
        let repeat = *repeat;
        let get = |name: &str| header.iter().position(|column| column == name).map(|at| &record[at]).filter(|text| !text.is_empty());
        for (field, column) in columns().zip(batch.columns.iter_mut()) {
            let text: Option<String> = match field.name {
                "hardware" => {
                    let name = get("hardware_norm").expect("hardware has a name");
                    Some(match get("hardware_count") {
                        None | Some("1") => name.to_owned(),
                        Some(count) => format!("{name} x{count}"),
                    })
                }
                "hardware_name" => get("hardware_norm").map(str::to_owned),
                "device_count" => Some(get("hardware_count").unwrap_or("1").to_owned()),
                "hardware_type" => Some(get("hardware_type").unwrap_or("cuda").to_owned()),
                "device_memory_mb" => get("hardware_memory_gb").map(|gb| (gb.parse::<f64>().expect("a number") * 1000.0).to_string()),
                "parameters_million" => get("params_m").map(str::to_owned),
                "provenance" => Some(get("provenance").unwrap_or("measured").to_owned()),
                "source_file" => Some(file.to_owned()),
                "source_key" => Some(line.to_string()),
                "content_hash" => Some(hash(&record, repeat)),
                name => get(name).map(str::to_owned),
            };
            match column {
                Column::Text(texts) => texts.push(text.as_deref()),
                Column::Integer(values) => values.push(text.map(|text| text.parse().expect("a whole number"))),
                Column::Number(values) => values.push(text.map(|text| text.parse().expect("a number"))),
                Column::Time(values) => values.push(text.map(|text| microseconds(&text))),
            }
        }
        batch.rows += 1;
    }
    batch
}

/// Rows of equal content are results of their own: `repeat` tells them apart, whatever their order.
fn hash(record: &csv::StringRecord, repeat: usize) -> String {
    let mut digest = Sha256::new();
    digest.update(repeat.to_le_bytes());
    for field in record {
        digest.update(field.as_bytes());
        digest.update([0]);
    }
    digest.finalize().iter().take(16).fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// `2026-04-20` or `2026-07-28T17:12:42Z` as microseconds since 1970.
fn microseconds(text: &str) -> i64 {
    let full = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    full.parse::<jiff::Timestamp>().expect("a date or a time").as_microsecond()
}
