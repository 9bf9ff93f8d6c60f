//! Benchmark databases of any size with the shapes of real ones, written set-wise by DuckDB: the same seed gives the same rows.
//!
//! What is real about them: a few models have most of the rows; each model ran on some of the hardware only; several cells a model
//! (task, image size, token counts, scenario, division); batch sizes, number formats and frameworks; runs repeated up to three
//! times, some with much scatter; metrics that are missing; failed runs; old results; names, types and memory of hardware from
//! aliases.toml. Rows come in imports, and lie as an import lays them: by model within one.

use std::fmt::Write as _;
use std::path::Path;

use suitor::store::{Access, Db};

/// How large, and which.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Benchmark rows.
    pub(crate) rows: u64,
    /// Rows of one import.
    pub(crate) import: u64,
    /// Another seed, other rows.
    pub(crate) seed: u64,
}

impl Shape {
    /// So many rows, in imports of a million.
    pub(crate) fn of(rows: u64) -> Self {
        Self { rows, import: 1_000_000, seed: 1 }
    }

    /// How many models there are: a thousand rows each, on average.
    pub(crate) fn models(&self) -> u64 {
        (self.rows / 1000).max(20)
    }
}

/// Hardware that aliases.toml leaves to its patterns: type, name, GB.
const FURTHER: [(&str, &str, Option<f64>); 6] = [
    ("mps", "Apple M2 Max", Some(64.0)),
    ("mps", "Apple M1", Some(16.0)),
    ("webgpu", "Chrome 126 WebGPU", Some(4.0)),
    ("webnn", "Edge 126 WebNN", Some(4.0)),
    ("openvino", "Intel Arc A770", Some(16.0)),
    ("qualcomm", "Snapdragon X Elite", None),
];

/// Makes the database `path` with the schema of Suitor and fills it.
///
/// # Panics
/// The file is there already, or the disk is full.
pub(crate) fn database(path: &Path, shape: Shape) {
    assert!(!path.exists(), "{} is there already", path.display());
    Db::open(path, Access::Create).expect("a new database").create_schema().expect("a new schema");
    let conn = duckdb::Connection::open(path).expect("the database opens");
    let run = |sql: &str| conn.execute_batch(sql).unwrap_or_else(|error| panic!("{error}\n{sql}"));
    run(&format!("CREATE TEMP MACRO u(n, k) AS (hash(n::BIGINT, k::INTEGER, {}) >> 11)::DOUBLE / 9007199254740992::DOUBLE", shape.seed));
    run(&format!(
        "CREATE TEMP TABLE suitor_first AS SELECT nextval('suitor_model_seq') FROM range({models});
         INSERT INTO models (model_id, model_name, model_family, parameters_million, created_at)
         SELECT n, 'model ' || n, ['vision', 'resnet', 'llama', 'qwen', 'text_generation', 'audio', 'embedding', 'multimodal', NULL][1 + floor(9 * u(n, 90))::BIGINT],
           CASE WHEN u(n, 91) < 0.95 THEN round(exp(2.5 + 9 * u(n, 92) ** 2), 1) END, TIMESTAMP '2026-01-01'
         FROM range(1, {models} + 1) AS r(n);
         DROP TABLE suitor_first",
        models = shape.models()
    ));
    let hardware = hardware();
    run(&format!(
        "INSERT INTO hardware_platforms (hardware_type, device_name, device_count, memory_gb, created_at) VALUES {}",
        hardware.join(", ")
    ));
    run(&format!(
        "CREATE TEMP TABLE machine AS SELECT hardware_id, hardware_type, coalesce(memory_gb, 16) * device_count AS gb,
           (0.3 + 3 * u(hardware_id // 3, 80)) * device_count ** 0.9 * CASE WHEN hardware_type IN ('cuda', 'rocm', 'tpu') THEN 1 ELSE 0.1 END AS speed
         FROM hardware_platforms;
         CREATE TEMP TABLE net AS SELECT model_id, coalesce(parameters_million, 100) AS size, 4 + floor(40 * u(model_id, 93))::BIGINT AS breadth,
           floor({h} * u(model_id, 94))::BIGINT AS first, u(model_id, 95) AS kind, u(model_id, 96) < 0.1 AS mlperf FROM models",
        h = hardware.len()
    ));
    let mut from = 0;
    while from < shape.rows {
        let to = (from + shape.import).min(shape.rows);
        run(&format!(
            "INSERT INTO suitor_imports (file, format, rows_read, rows_added, rows_duplicate, rows_refused, created_at)
             VALUES ('rows-{from}.csv', 'suitor', {n}, {n}, 0, 0, TIMESTAMP '2026-01-01');
             CREATE TEMP TABLE suitor_taken AS SELECT nextval('suitor_result_seq') AS key FROM range({n}); DROP TABLE suitor_taken",
            n = to - from
        ));
        run(&rows(shape, hardware.len(), from, to));
        from = to;
    }
    run("CHECKPOINT");
}

/// One `(type, name, count, GB)` a piece of hardware, as SQL.
fn hardware() -> Vec<String> {
    let aliases: toml::Table = include_str!("../../config/aliases.toml").parse().expect("aliases.toml is TOML");
    let text = |entry: &toml::Value, key: &str| entry.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
    let gb = |entry: &toml::Value| entry.get("memory_gb").and_then(|gb| gb.as_integer().map(|gb| gb as f64).or_else(|| gb.as_float()));
    let listed =
        aliases["hardware"].as_array().expect("[[hardware]]").iter().map(|entry| (text(entry, "type"), text(entry, "name"), gb(entry)));
    let further = FURTHER.iter().map(|(kind, name, gb)| ((*kind).to_owned(), (*name).to_owned(), *gb));
    let mut all = Vec::new();
    for (kind, name, gb) in listed.chain(further) {
        let counts: &[u32] = if gb.is_some_and(|gb| gb >= 80.0) { &[1, 2, 4, 8] } else { &[1] };
        for count in counts {
            let gb = gb.map_or_else(|| "NULL".to_owned(), |gb| format!("{gb:?}"));
            let mut row = String::new();
            let _ = write!(row, "('{kind}', '{name}', {count}, {gb}, TIMESTAMP '2026-01-01')");
            all.push(row);
        }
    }
    all
}

/// The INSERT of the rows with these numbers. A configuration is drawn for `g`, which repeats share; what came out is drawn for `i`.
fn rows(shape: Shape, hardware: usize, from: u64, to: u64) -> String {
    format!(
        "INSERT INTO performance_results (result_id, model_id, hardware_id, task, scenario, division, suite, image_size, input_tokens, output_tokens,
           batch_size, precision, framework, item_unit, provenance, throughput_items_per_second, latency_ms_mean, latency_ms_p50, latency_ms_p99,
           ttft_ms_mean, tpot_ms_mean, memory_peak_mb, power_watts, energy_j_per_item, time_to_train_s, status, source, source_version, source_file,
           submitter, tested_at, content_hash, import_id)
WITH numbered AS (SELECT i, CASE WHEN (i // 3) % 3 = 0 THEN i ELSE i // 3 * 3 END AS g FROM range({from}, {to}) AS r(i)),
drawn AS (
  SELECT i, g, 1 + floor({models} * u(g, 1) ** 2)::BIGINT AS model_id, u(g, 2) AS a, u(g, 3) AS b, u(g, 4) AS c, u(g, 5) AS d, u(g, 6) AS e, u(g, 7) AS f
  FROM numbered
),
placed AS (
  SELECT w.*, n.size, n.kind, n.mlperf, 1 + (floor(n.breadth * w.a ** 1.5)::BIGINT * 37 + n.first) % {hardware} AS hardware_id,
    CASE WHEN w.b < 0.2 AND n.kind < 0.8 THEN 'training' ELSE 'inference' END AS task,
    CASE WHEN w.c < 0.45 THEN 1 WHEN w.c < 0.70 THEN 8 WHEN w.c < 0.88 THEN 32 WHEN w.c < 0.97 THEN 128 END::BIGINT AS batch_size,
    CASE WHEN w.d < 0.5 THEN 'fp16' WHEN w.d < 0.7 THEN 'bf16' WHEN w.d < 0.85 THEN 'fp32' WHEN w.d < 0.93 THEN 'int8' WHEN w.d < 0.98 THEN 'fp8' END AS precision,
    (w.e * 10) % 1 AS cell
  FROM drawn AS w JOIN net AS n USING (model_id)
),
ran AS (
  SELECT p.*, m.gb, m.speed * 20000 / size ** 0.7 * coalesce(batch_size, 1) ** 0.6 * CASE precision WHEN 'fp32' THEN 0.5 WHEN 'int8' THEN 1.4 ELSE 1 END
      * CASE WHEN u(i, 20) < 0.05 THEN 0.6 + 0.8 * u(i, 21) ELSE 0.96 + 0.08 * u(i, 21) END * CASE task WHEN 'training' THEN 0.3 ELSE 1 END AS rate,
    u(i, 30) < 0.03 AS failed
  FROM placed AS p JOIN machine AS m USING (hardware_id)
)
SELECT i + 1, model_id, hardware_id, task,
  CASE WHEN cell < 0.6 THEN NULL WHEN cell < 0.85 THEN 'Offline' ELSE 'Server' END,
  CASE WHEN mlperf THEN CASE WHEN f < 0.85 THEN 'closed' ELSE 'open' END END,
  CASE WHEN mlperf THEN CASE WHEN gb > 40 THEN 'datacenter' ELSE 'edge' END END,
  CASE WHEN kind < 0.4 THEN CASE WHEN e < 0.8 THEN 224 ELSE 384 END END,
  CASE WHEN kind BETWEEN 0.4 AND 0.8 THEN CASE WHEN e < 0.3 THEN 128 WHEN e < 0.5 THEN 1000 WHEN e < 0.7 THEN 1024 ELSE 2048 END END,
  CASE WHEN kind BETWEEN 0.4 AND 0.8 THEN CASE WHEN e < 0.7 THEN 128 ELSE 512 END END,
  batch_size, precision, CASE WHEN f < 0.7 THEN 'pytorch 2.4' WHEN f < 0.9 THEN 'tensorrt 10' ELSE 'vllm 0.6' END,
  CASE WHEN u(g, 8) < 0.97 THEN CASE WHEN kind < 0.4 THEN 'images' WHEN kind < 0.8 THEN 'tokens' ELSE 'samples' END END,
  CASE WHEN u(g, 9) < 0.92 THEN 'measured' WHEN u(g, 9) < 0.98 THEN 'simulated' ELSE 'estimated' END,
  CASE WHEN NOT failed AND u(g, 10) < 0.94 THEN round(rate, 3) END,
  CASE WHEN NOT failed AND u(g, 11) < 0.8 THEN round(1000 * coalesce(batch_size, 1) / rate, 3) END,
  CASE WHEN NOT failed AND u(g, 11) BETWEEN 0.7 AND 0.9 THEN round(990 * coalesce(batch_size, 1) / rate, 3) END,
  CASE WHEN NOT failed AND u(g, 11) < 0.3 THEN round(1900 * coalesce(batch_size, 1) / rate, 3) END,
  CASE WHEN NOT failed AND kind BETWEEN 0.4 AND 0.8 AND u(g, 12) < 0.4 THEN round(300 * coalesce(batch_size, 1) / rate, 3) END,
  CASE WHEN NOT failed AND kind BETWEEN 0.4 AND 0.8 AND u(g, 12) < 0.4 THEN round(20 * coalesce(batch_size, 1) / rate, 3) END,
  CASE WHEN NOT failed AND u(g, 13) < 0.6 THEN round(greatest(200, least(gb * 1000 * 0.99, size * 2.2 + 15 * coalesce(batch_size, 1)) * (0.99 + 0.02 * u(i, 22))), 1) END,
  CASE WHEN NOT failed AND u(g, 14) < 0.1 THEN round(60 + 90 * gb * u(g, 15) / 16, 1) END,
  CASE WHEN NOT failed AND u(g, 14) < 0.1 THEN round(200 / rate, 5) END,
  CASE WHEN NOT failed AND task = 'training' AND u(g, 16) < 0.3 THEN round(3e6 / rate, 1) END,
  CASE WHEN failed THEN 'failed' WHEN u(i, 31) < 0.92 THEN 'ok' END,
  'generated', 'v1', 'rows-{from}.csv', ['ada', 'grace', 'alan', 'edsger', NULL][1 + floor(5 * u(g, 17))::BIGINT],
  CASE WHEN u(i, 32) > 0.005 THEN TIMESTAMP '2023-01-01' + to_hours(floor(24 * 1200 * sqrt(u(g, 18)))::BIGINT) END,
  md5('{seed}:' || i), (SELECT max(import_id) FROM suitor_imports)
FROM ran ORDER BY model_id",
        models = shape.models(),
        seed = shape.seed,
    )
}
