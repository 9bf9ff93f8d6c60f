//! Operating points: rows of one cell, one hardware, one way of running.

use std::collections::BTreeMap;

use super::rows::Row;
use super::{Ask, Config};

/// Mean, number and sample standard deviation of a metric over the rows of a point that have it.
#[derive(Clone, Copy, Debug)]
pub struct Stat {
    pub mean: f64,
    pub n: usize,
    pub sd: Option<f64>,
}

#[derive(Clone, Debug)]
pub struct Point {
    pub cell: Vec<Option<String>>,
    pub hardware: String,
    pub batch_size: Option<i64>,
    pub precision: Option<String>,
    pub framework: Option<String>,
    pub item_unit: Option<String>,
    pub provenance: String,
    pub n: usize,
    pub metrics: BTreeMap<String, Stat>,
}

impl Point {
    pub fn get(&self, field: &str) -> Option<String> {
        match field {
            "batch_size" => self.batch_size.map(|size| size.to_string()),
            "precision" => self.precision.clone(),
            "framework" => self.framework.clone(),
            "item_unit" => self.item_unit.clone(),
            "provenance" => Some(self.provenance.clone()),
            _ => panic!("`{field}` is no field of a point"),
        }
    }

    pub fn mean(&self, metric: &str) -> Option<f64> {
        self.metrics.get(metric).map(|stat| stat.mean)
    }

    pub fn measured(&self) -> bool {
        self.provenance == "measured"
    }
}

/// Two to the nearest power by difference, halfway up; 0 stays.
pub fn bucket(tokens: i64) -> i64 {
    if tokens == 0 {
        return 0;
    }
    let mut lower = 1;
    while lower * 2 <= tokens {
        lower *= 2;
    }
    if lower * 2 - tokens <= tokens - lower { lower * 2 } else { lower }
}

fn cell_of(row: &Row, config: &Config) -> Vec<Option<String>> {
    let mut cell = vec![row.get("task")];
    for field in &config.cell_by {
        let value = row.get(field);
        cell.push(if field == "input_tokens" || field == "output_tokens" {
            value.map(|tokens| bucket(tokens.parse().expect("a count of tokens")).to_string())
        } else {
            value
        });
    }
    cell
}

pub fn points(rows: &[&Row], ask: &Ask, config: &Config) -> Vec<Point> {
    type Key = (Vec<Option<String>>, String, Option<i64>, Option<String>, Option<String>, String);
    // First by everything but the unit, so that rows without one can find theirs.
    let mut alike: BTreeMap<Key, BTreeMap<Option<String>, Vec<&Row>>> = BTreeMap::new();
    for row in rows {
        if !row.ok() || !row.is_result(config) {
            continue;
        }
        let key = (
            cell_of(row, config),
            row.hardware.clone(),
            row.get("batch_size").map(|size| size.parse().expect("a batch size")),
            row.get("precision"),
            row.get("framework"),
            row.get("provenance").expect("never null"),
        );
        alike.entry(key).or_default().entry(row.get("item_unit")).or_default().push(row);
    }
    let mut points = Vec::new();
    for ((cell, hardware, batch_size, precision, framework, provenance), mut units) in alike {
        if let Some(smallest) = units.keys().flatten().min().cloned()
            && let Some(without) = units.remove(&None)
        {
            units.entry(Some(smallest)).or_default().extend(without);
        }
        for (item_unit, rows) in units {
            let mut metrics = BTreeMap::new();
            for metric in super::rows::METRICS {
                let values: Vec<f64> = rows.iter().filter_map(|row| value(row, metric, ask.per_device)).collect();
                if !values.is_empty() {
                    metrics.insert(metric.to_owned(), stat(values));
                }
            }
            points.push(Point {
                cell: cell.clone(),
                hardware: hardware.clone(),
                batch_size,
                precision: precision.clone(),
                framework: framework.clone(),
                item_unit,
                provenance: provenance.clone(),
                n: rows.len(),
                metrics,
            });
        }
    }
    points
}

fn value(row: &Row, metric: &str, per_device: bool) -> Option<f64> {
    let value = *row.metrics.get(metric)?;
    let devices = row.devices as f64;
    Some(match metric {
        "throughput_items_per_second" | "memory_peak_mb" if per_device => value / devices,
        "time_to_train_s" if per_device => value * devices,
        _ => value,
    })
}

fn stat(mut values: Vec<f64>) -> Stat {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    let mean = values.iter().sum::<f64>() / n as f64;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    Stat { mean, n, sd: (n >= 2).then(|| (squares / (n as f64 - 1.0)).sqrt()) }
}
