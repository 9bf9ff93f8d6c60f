//! The pairs: made once, read into columns and records.

use std::path::Path;

use duckdb::{Config, Connection, Row};
use suitor::rules::Pair;

use crate::pairs;

/// Rules of the set.
pub(crate) const RULES: usize = 12;
/// Those that can exclude, in the order in which they are asked.
pub(crate) const EXCLUDING: [(usize, &str); 3] = [(0, "memory_fit"), (1, "web_mobile_limits"), (10, "consumer_cards")];

/// A pair with its key and its score before the rules.
pub(crate) struct Keyed {
    pub(crate) key: i64,
    pub(crate) pair: Pair,
    pub(crate) suitability: f64,
}

/// A new database in a file with the table `pairs`: the fields that rules read, `suitability`, and the key `pair_id`.
pub(crate) fn create(path: &Path, count: u64, threads: u32) {
    let relation = pairs::relation(count);
    open(path, threads)
        .execute_batch(&format!(
            "CREATE TABLE pairs AS SELECT *, ((model_id - 1) * 100 + hardware_id)::BIGINT AS pair_id FROM {relation} AS r; CHECKPOINT"
        ))
        .expect("the pairs are made");
}

/// The database in a file.
pub(crate) fn open(path: &Path, threads: u32) -> Connection {
    let config = Config::default().threads(i64::from(threads)).expect("a number of threads");
    Connection::open_with_flags(path, config).expect("a database")
}

/// The names of the columns that [`keyed`] reads, in its order.
pub(crate) const COLUMNS: &str = "pair_id, suitability, model, model_family, parameters_million, hardware, hardware_name, hardware_type, \
     device_count, device_memory_mb, batch_size, precision, framework, scenario, throughput, latency_ms, ttft_ms, tpot_ms, memory_peak_mb, \
     energy_j_per_item, results, failed_results, spread, age_days, provenance, uncontested, coverage, compatibility, confidence";

/// A part of the pairs, spread over all of them.
pub(crate) fn sample(conn: &Connection, count: u64, wanted: u64) -> Vec<Keyed> {
    let every = (count / wanted).max(1);
    let sql = format!("SELECT {COLUMNS} FROM pairs WHERE pair_id % {every} = 0 ORDER BY pair_id LIMIT {wanted}");
    let mut statement = conn.prepare(&sql).expect("the pairs can be read");
    let rows = statement.query_map([], keyed).expect("the pairs are read");
    rows.collect::<duckdb::Result<_>>().expect("a pair")
}

fn keyed(row: &Row<'_>) -> duckdb::Result<Keyed> {
    Ok(Keyed {
        key: row.get(0)?,
        suitability: row.get(1)?,
        pair: Pair {
            model: row.get(2)?,
            model_family: row.get(3)?,
            parameters_million: row.get(4)?,
            hardware: row.get(5)?,
            hardware_name: row.get(6)?,
            hardware_type: row.get(7)?,
            device_count: row.get(8)?,
            device_memory_mb: row.get(9)?,
            batch_size: row.get(10)?,
            precision: row.get(11)?,
            framework: row.get(12)?,
            scenario: row.get(13)?,
            throughput: row.get(14)?,
            latency_ms: row.get(15)?,
            ttft_ms: row.get(16)?,
            tpot_ms: row.get(17)?,
            memory_peak_mb: row.get(18)?,
            energy_j_per_item: row.get(19)?,
            results: row.get(20)?,
            failed_results: row.get(21)?,
            spread: row.get(22)?,
            age_days: row.get(23)?,
            provenance: row.get(24)?,
            uncontested: row.get(25)?,
            coverage: row.get(26)?,
            compatibility: row.get(27)?,
            confidence: row.get(28)?,
        },
    })
}

/// The fields that the twelve rules read, a vector each.
#[derive(Default)]
pub(crate) struct Columns {
    pub(crate) suitability: Vec<f64>,
    pub(crate) model_family: Vec<Option<String>>,
    pub(crate) parameters_million: Vec<Option<f64>>,
    pub(crate) hardware: Vec<String>,
    pub(crate) hardware_name: Vec<String>,
    pub(crate) hardware_type: Vec<String>,
    pub(crate) device_count: Vec<i64>,
    pub(crate) device_memory_mb: Vec<Option<f64>>,
    pub(crate) precision: Vec<Option<String>>,
    pub(crate) latency_ms: Vec<Option<f64>>,
    pub(crate) ttft_ms: Vec<Option<f64>>,
    pub(crate) memory_peak_mb: Vec<Option<f64>>,
    pub(crate) energy_j_per_item: Vec<Option<f64>>,
    pub(crate) results: Vec<i64>,
    pub(crate) failed_results: Vec<i64>,
    pub(crate) spread: Vec<Option<f64>>,
    pub(crate) age_days: Vec<Option<i64>>,
    pub(crate) provenance: Vec<String>,
    pub(crate) uncontested: Vec<bool>,
    pub(crate) coverage: Vec<f64>,
    pub(crate) confidence: Vec<f64>,
}

/// All pairs, in the order of their keys.
pub(crate) fn columns(conn: &Connection) -> Columns {
    let mut columns = Columns::default();
    let mut statement = conn.prepare(&format!("SELECT {COLUMNS} FROM pairs ORDER BY pair_id")).expect("the pairs can be read");
    for row in statement.query_map([], keyed).expect("the pairs are read") {
        let Keyed { pair, suitability, .. } = row.expect("a pair");
        columns.suitability.push(suitability);
        columns.model_family.push(pair.model_family);
        columns.parameters_million.push(pair.parameters_million);
        columns.hardware.push(pair.hardware);
        columns.hardware_name.push(pair.hardware_name);
        columns.hardware_type.push(pair.hardware_type);
        columns.device_count.push(pair.device_count);
        columns.device_memory_mb.push(pair.device_memory_mb);
        columns.precision.push(pair.precision);
        columns.latency_ms.push(pair.latency_ms);
        columns.ttft_ms.push(pair.ttft_ms);
        columns.memory_peak_mb.push(pair.memory_peak_mb);
        columns.energy_j_per_item.push(pair.energy_j_per_item);
        columns.results.push(pair.results);
        columns.failed_results.push(pair.failed_results);
        columns.spread.push(pair.spread);
        columns.age_days.push(pair.age_days);
        columns.provenance.push(pair.provenance);
        columns.uncontested.push(pair.uncontested);
        columns.coverage.push(pair.coverage);
        columns.confidence.push(pair.confidence);
    }
    columns
}
