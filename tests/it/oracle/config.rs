//! scoring.toml, read anew.

use std::collections::BTreeMap;

use toml::{Table, Value};

#[derive(Clone, Debug)]
pub struct Config {
    pub cell_by: Vec<String>,
    pub components: Vec<Component>,
    pub floor: f64,
    pub full_at: f64,
    pub missing: String,
    pub ratio: bool,
    file: Table,
}

#[derive(Clone, Debug)]
pub struct Component {
    pub name: String,
    pub base: f64,
    pub metrics: Vec<Metric>,
}

#[derive(Clone, Debug)]
pub struct Metric {
    pub field: String,
    pub higher: bool,
    pub same: Vec<String>,
}

fn number(value: &Value) -> f64 {
    value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64)).expect("a number")
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().expect("a list").iter().map(text).collect()
}

impl Config {
    pub fn read(scoring: &str) -> Self {
        let file: Table = scoring.parse().expect("scoring.toml");
        let components = file["component"].as_array().expect("components");
        let components = components
            .iter()
            .map(|one| Component {
                name: text(&one["name"]),
                base: number(&one["weight"]),
                metrics: one["metrics"]
                    .as_array()
                    .expect("metrics")
                    .iter()
                    .map(|metric| Metric {
                        field: text(&metric["field"]),
                        higher: text(&metric["better"]) == "higher",
                        same: metric.get("same").map(texts).unwrap_or_default(),
                    })
                    .collect(),
            })
            .collect();
        Self {
            cell_by: texts(&file["cell_by"]),
            components,
            floor: number(&file["confidence"]["floor"]),
            full_at: number(&file["confidence"]["full_at"]),
            missing: text(&file["missing"]),
            ratio: text(&file["profile"]) == "ratio",
            file,
        }
    }

    /// base x task x requirements, then divided by the sum.
    pub fn weights(&self, task: Option<&str>, requirements: &[&str]) -> Vec<f64> {
        let mut weights: Vec<f64> = self.components.iter().map(|component| component.base).collect();
        if let Some(task) = task {
            self.multiply(&mut weights, &["tasks", task, "multiply"]);
        }
        for name in requirements {
            for (k, value) in self.named(&["requirements", name, "set"]) {
                weights[k] = value;
            }
        }
        for name in requirements {
            self.multiply(&mut weights, &["requirements", name, "multiply"]);
        }
        let sum: f64 = weights.iter().sum();
        weights.iter().map(|weight| weight / sum).collect()
    }

    fn multiply(&self, weights: &mut [f64], path: &[&str]) {
        for (k, factor) in self.named(path) {
            weights[k] *= factor;
        }
    }

    /// Numbers by component at a place of the file.
    fn named(&self, path: &[&str]) -> BTreeMap<usize, f64> {
        let mut at: Option<&Table> = Some(&self.file);
        for step in path {
            at = at.and_then(|table| table.get(*step)).and_then(Value::as_table);
        }
        let place = |name: &str| self.components.iter().position(|component| component.name == name).expect("a component");
        at.map(|table| table.iter().map(|(name, value)| (place(name), number(value))).collect()).unwrap_or_default()
    }
}
