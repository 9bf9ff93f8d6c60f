//! Databases of every schema variant, made from tests/cases/schema/*.sql, and what the tests ask of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use suitor::fields::Type;
use suitor::import::{Batch, Column, columns};
use suitor::recommend::{Answer, HardwareRecommender, Request};
use suitor::store::landing::{FileRecord, Landed};
use suitor::store::{Access, Db};
use tempfile::TempDir;

pub(crate) const MODELS: [&str; 3] = ["bert-base", "resnet50", "llama-7b"];

/// The variants whose tables take imported rows, and those that are only read.
pub(crate) const WRITABLE: [&str; 9] =
    ["handmade", "documented", "detected", "short", "simulated", "test_results", "logged", "flat", "extended"];
pub(crate) const ALL: [&str; 10] =
    ["handmade", "documented", "detected", "short", "simulated", "test_results", "logged", "flat", "extended", "views"];

/// A database of a variant in a folder of its own.
pub(crate) fn build(variant: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("benchmark.duckdb");
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/schema");
    let read = |name: &str| std::fs::read_to_string(cases.join(format!("{name}.sql"))).unwrap();
    let mut sql = read("numbers");
    if variant == "views" {
        // A view cannot stand on a temporary table.
        sql = sql.replace("TEMP TABLE", "TABLE");
    }
    execute(&path, &(sql + read(variant).as_str()));
    (folder, path)
}

/// Runs SQL on a file, as other software would.
pub(crate) fn execute(path: &Path, sql: &str) {
    duckdb::Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

/// One value of a file, as text.
pub(crate) fn value(path: &Path, sql: &str) -> String {
    let conn = duckdb::Connection::open(path).unwrap();
    conn.query_row(&format!("SELECT coalesce(CAST(({sql}) AS VARCHAR), 'null')"), [], |row| row.get(0)).unwrap()
}

/// Everything a file holds: by table its statement, then its rows.
pub(crate) fn dump(path: &Path) -> BTreeMap<String, Vec<String>> {
    let conn = duckdb::Connection::open(path).unwrap();
    let list = |sql: &str| -> Vec<(String, String)> {
        let mut statement = conn.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let mut all = BTreeMap::new();
    let objects = list(
        "SELECT table_name, sql FROM duckdb_tables() UNION ALL SELECT view_name, sql FROM duckdb_views() WHERE NOT internal
         UNION ALL SELECT sequence_name, start_value || ' ' || coalesce(last_value, 0) FROM duckdb_sequences()",
    );
    for (name, sql) in objects {
        let mut lines = vec![sql];
        if !name.ends_with("_seq") {
            lines.extend(
                list(&format!("SELECT CAST(t AS VARCHAR) AS row, '' FROM \"{name}\" AS t ORDER BY row")).into_iter().map(|(row, _)| row),
            );
        }
        all.insert(name, lines);
    }
    all
}

pub(crate) fn answer(db: &Db, model: &str, request: Request) -> Answer {
    let rules = crate::support::no_rules();
    let request = Request { model: model.into(), task: Some("inference".into()), ..request };
    HardwareRecommender::new(db, &rules).recommend_hardware(&request).unwrap()
}

/// What must be alike whatever the tables are called.
#[derive(Debug, PartialEq)]
pub(crate) struct Ranked {
    hardware: String,
    score: f64,
    compatibility: f64,
    confidence: f64,
    batch_size: Option<i64>,
    memory: Option<f64>,
}

/// The measured recommendations for every model. Where two types share a name, the name of hardware carries its type.
pub(crate) fn ranking(db: &Db, models: &[&str]) -> Vec<(String, Vec<Ranked>)> {
    let of = |model: &str| {
        let listed = answer(db, model, Request::default()).recommendations;
        let measured = listed.into_iter().filter(|one| format!("{:?}", one.provenance).to_lowercase().contains("measured"));
        let ranked = measured.map(|one| Ranked {
            hardware: one.hardware.replace(" (cpu)", ""),
            score: one.score,
            compatibility: one.compatibility,
            confidence: one.confidence,
            batch_size: one.recommended_batch_size,
            memory: one.memory_requirement,
        });
        ranked.collect()
    };
    models.iter().map(|model| ((*model).to_owned(), of(model))).collect()
}

/// A row to import.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) model: String,
    pub(crate) hardware: String,
    pub(crate) hardware_type: String,
    pub(crate) device_count: i64,
    pub(crate) batch_size: i64,
    pub(crate) throughput: f64,
    pub(crate) latency: f64,
    pub(crate) memory: f64,
    pub(crate) line: usize,
    pub(crate) version: Option<String>,
}

/// The rows of numbers.sql.
pub(crate) fn numbers() -> Vec<Row> {
    let conn = duckdb::Connection::open_in_memory().unwrap();
    conn.execute_batch(include_str!("../cases/schema/numbers.sql")).unwrap();
    let mut statement = conn
        .prepare(
            "SELECT id, model, hardware, type, batch_size, throughput::DOUBLE, latency::DOUBLE, memory::DOUBLE FROM numbers ORDER BY id",
        )
        .unwrap();
    let rows = statement.query_map([], |row| {
        Ok(Row {
            line: usize::try_from(row.get::<_, i64>(0)?).unwrap(),
            model: row.get(1)?,
            hardware: row.get(2)?,
            hardware_type: row.get(3)?,
            device_count: 1,
            batch_size: row.get(4)?,
            throughput: row.get(5)?,
            latency: row.get(6)?,
            memory: row.get(7)?,
            version: None,
        })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// What an importer would make of the rows.
pub(crate) fn batch(rows: &[Row]) -> Batch {
    let mut batch = Batch::new();
    batch.rows = rows.len();
    for row in rows {
        for (field, column) in columns().zip(&mut batch.columns) {
            let text = match field.name {
                "model" => Some(row.model.clone()),
                "hardware" if row.device_count == 1 => Some(row.hardware.clone()),
                "hardware" => Some(format!("{} x{}", row.hardware, row.device_count)),
                "hardware_name" => Some(row.hardware.clone()),
                "hardware_type" => Some(row.hardware_type.clone()),
                "task" => Some("inference".to_owned()),
                "precision" => Some("fp16".to_owned()),
                "provenance" => Some("measured".to_owned()),
                "source_file" => Some("new.csv".to_owned()),
                "source_key" => Some(row.line.to_string()),
                "content_hash" => Some(format!("{:032x}", row.line + 1)),
                "metadata" => Some("{\"note\": \"kept\"}".to_owned()),
                "version_tag" => row.version.clone(),
                _ => None,
            };
            let integer = match field.name {
                "device_count" => Some(row.device_count),
                "batch_size" => Some(row.batch_size),
                _ => None,
            };
            let number = match field.name {
                "throughput_items_per_second" => Some(row.throughput),
                "latency_ms_mean" => Some(row.latency),
                "memory_peak_mb" => Some(row.memory),
                "device_memory_mb" => Some(80_000.0),
                _ => None,
            };
            match (field.kind, column) {
                (Type::Text, Column::Text(texts)) => texts.push(text.as_deref()),
                (Type::Integer, Column::Integer(values)) => values.push(integer),
                (Type::Number, Column::Number(values)) => values.push(number),
                (Type::Time, Column::Time(values)) => values.push((field.name == "tested_at").then_some(1_760_000_000_000_000)),
                (kind, _) => panic!("{} is no {kind:?}", field.name),
            }
        }
    }
    batch
}

/// Lands rows as one file.
pub(crate) fn land(db: &mut Db, rows: &[Row], dry_run: bool) -> Landed {
    let read = i64::try_from(rows.len()).unwrap();
    let record = FileRecord { file: "new.csv".into(), format: "test".into(), sha256: "00".into(), rows_read: read, rows_refused: 0 };
    let mut landing = db.land().unwrap();
    landing.append(batch(rows)).unwrap();
    landing.finish(&record, 1_770_000_000_000_000, dry_run).unwrap()
}

/// The canonical schema with the same numbers.
pub(crate) fn canonical() -> Db {
    let mut db = Db::open_in_memory().unwrap();
    assert_eq!(land(&mut db, &numbers(), false).added, 36);
    db
}

pub(crate) fn open(path: &Path, access: Access) -> Db {
    Db::open(path, access).unwrap()
}
