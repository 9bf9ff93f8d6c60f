//! Benchmark rows from a table, and those that an ask chooses.

use std::collections::{BTreeMap, BTreeSet};

use super::{Ask, Config};

pub const METRICS: [&str; 15] = [
    "throughput_items_per_second",
    "latency_ms_mean",
    "latency_ms_p50",
    "latency_ms_p90",
    "latency_ms_p99",
    "ttft_ms_mean",
    "ttft_ms_p50",
    "ttft_ms_p99",
    "tpot_ms_mean",
    "tpot_ms_p50",
    "tpot_ms_p99",
    "memory_peak_mb",
    "power_watts",
    "energy_j_per_item",
    "time_to_train_s",
];

/// One row: every field that is not blank, as text; the metrics also as numbers.
#[derive(Clone, Debug)]
pub struct Row {
    pub model: String,
    pub hardware: String,
    pub hardware_name: String,
    pub hardware_type: String,
    pub devices: i64,
    pub text: BTreeMap<String, String>,
    pub metrics: BTreeMap<String, f64>,
}

impl Row {
    pub fn get(&self, field: &str) -> Option<String> {
        match field {
            "provenance" => Some(self.text.get(field).cloned().unwrap_or_else(|| "measured".to_owned())),
            _ => self.text.get(field).cloned(),
        }
    }

    pub fn ok(&self) -> bool {
        self.get("status").is_none_or(|status| status.eq_ignore_ascii_case("ok"))
    }

    /// Whether it has a metric of any declared component.
    pub fn is_result(&self, config: &Config) -> bool {
        config.components.iter().flat_map(|component| &component.metrics).any(|metric| self.metrics.contains_key(&metric.field))
    }
}

/// Reads the rows of a table.
pub fn read(table: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.expect("a row");
        let mut text = BTreeMap::new();
        let mut metrics = BTreeMap::new();
        for (name, value) in header.iter().zip(record.iter()) {
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            text.insert(name.trim().to_owned(), value.to_owned());
            if METRICS.contains(&name.trim()) {
                let number: f64 = value.parse().expect("a number");
                if number.is_finite() && number > 0.0 && number < 1e12 {
                    metrics.insert(name.trim().to_owned(), number);
                }
            }
        }
        let devices: i64 = text.get("hardware_count").map_or(1, |count| count.parse().expect("a count"));
        let hardware_name = text["hardware_norm"].clone();
        rows.push(Row {
            model: text["model"].clone(),
            hardware: if devices == 1 { hardware_name.clone() } else { format!("{hardware_name} x{devices}") },
            hardware_name,
            hardware_type: text.get("hardware_type").cloned().unwrap_or_else(|| "cuda".to_owned()),
            devices,
            text,
            metrics,
        });
    }
    rows
}

/// Pins and narrowing, then the choice of division and suite; and the hardware that was tried without a result.
pub fn choose<'a>(rows: &'a [Row], ask: &Ask, config: &Config) -> (Vec<&'a Row>, BTreeSet<String>) {
    let mut chosen: Vec<&Row> = Vec::new();
    for row in rows {
        let mut wanted = ask.task.is_none() || ask.task == row.get("task");
        for (field, part, value) in &ask.pins {
            wanted &= match row.get(field) {
                None => false,
                Some(has) if *part => has.to_lowercase().contains(&value.to_lowercase()),
                Some(has) => has == *value,
            };
        }
        if !ask.only.is_empty() {
            wanted &= ask.only.iter().any(|name| *name == row.hardware || *name == row.hardware_name || *name == row.hardware_type);
        }
        wanted &= ask.max_devices.is_none_or(|most| row.devices <= most);
        if wanted {
            chosen.push(row);
        }
    }
    let pinned = ask.pins.iter().any(|(field, ..)| field == "division" || field == "suite");
    let apart = ["division", "suite"].iter().all(|field| config.cell_by.iter().any(|by| by == field));
    if !ask.choose_division || pinned || !apart {
        let tried = without_result(&chosen, config);
        return (chosen, tried);
    }
    let kind = |row: &Row| (row.get("division"), row.get("suite"));
    let mut kinds: BTreeMap<_, (BTreeSet<&str>, usize)> = BTreeMap::new();
    for row in chosen.iter().filter(|row| row.ok() && row.is_result(config)) {
        let (hardware, count) = kinds.entry(kind(row)).or_default();
        hardware.insert(&row.hardware);
        *count += 1;
    }
    let best = kinds.iter().min_by_key(|((division, suite), (hardware, count))| {
        let nulls_last = |text: &Option<String>| (text.is_none(), text.clone());
        (usize::MAX - hardware.len(), usize::MAX - count, nulls_last(division), nulls_last(suite))
    });
    let Some((best, _)) = best else {
        let tried = without_result(&chosen, config);
        return (chosen, tried);
    };
    // Rows that name neither are not compared, but may say that hardware was tried without a result.
    let tried: Vec<&Row> = chosen.iter().copied().filter(|row| kind(row) == *best || kind(row) == (None, None)).collect();
    (chosen.into_iter().filter(|row| kind(row) == *best).collect(), without_result(&tried, config))
}

/// Hardware none of whose rows is a result.
fn without_result(rows: &[&Row], config: &Config) -> BTreeSet<String> {
    let with: BTreeSet<&str> = rows.iter().filter(|row| row.ok() && row.is_result(config)).map(|row| row.hardware.as_str()).collect();
    rows.iter().map(|row| row.hardware.clone()).filter(|hardware| !with.contains(hardware.as_str())).collect()
}
