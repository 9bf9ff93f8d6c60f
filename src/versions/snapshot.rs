//! What a snapshot is, and the operating points that it froze.

use std::collections::BTreeMap;

use serde::Serialize;

/// A snapshot: the results of one version as they were at one moment, with the rule set that scored them. Never changes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Snapshot {
    /// Its key.
    #[serde(skip)]
    pub id: i64,
    /// Key of the model.
    #[serde(skip)]
    pub model_id: i64,
    /// Key of the version.
    #[serde(skip)]
    pub version_id: i64,
    /// Tag of the version.
    pub version: String,
    /// 1 for the first of the version, and so on.
    pub revision: i64,
    /// When it was made, UTC, ISO 8601.
    pub created_at: Option<String>,
    /// Whether it holds all results of the model, and not only those linked to the version.
    pub all_results: bool,
    /// Results in it, failed ones among them.
    pub results: i64,
    /// Operating points that they make under the rule set.
    pub points: i64,
    /// Hardware with a score of its own stored.
    pub hardware: i64,
    /// Day number that ages were counted from: the newest test of the whole database when it was made.
    pub as_of: Option<i64>,
    /// SHA-256 of the rule set, hex.
    pub rule_set: String,
    /// The engine that gave its scripts their meaning.
    pub engine_version: String,
    /// Order-free sum of the content hashes of the results used, hex.
    pub data_fingerprint: String,
}

/// An operating point: what one hardware did at one batch size, precision and software configuration within a cell.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FrozenPoint {
    /// Which of the snapshots it is of, where several are read together; else 0.
    #[serde(skip)]
    pub side: usize,
    /// Its number: that of [`crate::scoring::result::Entry::point_id`] of the same plan.
    pub point_id: i64,
    /// Number of its cell in the same plan.
    #[serde(skip)]
    pub cell_id: i64,
    /// Key of the hardware.
    #[serde(skip)]
    pub hardware_id: i64,
    /// Label of the hardware.
    pub hardware: String,
    /// Task and the fields of `cell_by`, as text.
    pub cell: BTreeMap<String, Option<String>>,
    /// batch_size, precision, framework, item_unit, provenance, as text.
    pub point: BTreeMap<String, Option<String>>,
    /// Its results.
    pub results: i64,
    /// The metrics that it has.
    pub metrics: BTreeMap<String, Samples>,
}

/// The values of one metric of a point.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Samples {
    /// How many results have it.
    pub n: usize,
    /// The mean, as scoring takes it.
    pub mean: f64,
    /// Sample standard deviation; null for one value.
    pub spread: Option<f64>,
    /// Mean of the natural logarithms.
    pub log_mean: f64,
    /// Sample standard deviation of the logarithms; null for one value.
    pub log_spread: Option<f64>,
    /// The values, in the order of the hashes of their results.
    #[serde(skip)]
    pub values: Vec<f64>,
}

impl Samples {
    /// The samples of these values, all above 0, whose mean scoring takes as `mean`.
    #[must_use]
    pub fn new(mean: f64, values: Vec<f64>) -> Self {
        let logs: Vec<f64> = values.iter().map(|value| value.ln()).collect();
        let log_mean = match logs.split_first() {
            // Equal values have no spread, not one of the last digit.
            Some((first, rest)) if rest.iter().all(|log| log.to_bits() == first.to_bits()) => *first,
            _ => logs.iter().sum::<f64>() / logs.len() as f64,
        };
        Self { n: values.len(), mean, spread: deviation(&values, mean), log_mean, log_spread: deviation(&logs, log_mean), values }
    }
}

/// Sample standard deviation; `None` below two values.
fn deviation(values: &[f64], mean: f64) -> Option<f64> {
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (values.len() >= 2).then(|| (squares / (values.len() - 1) as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_have_the_spread_of_values_and_of_their_logarithms() {
        // 1, 2, 4: mean 7/3, squares 16/9 + 1/9 + 25/9 = 14/3, over 2; logarithms 0, ln 2, 2 ln 2.
        let samples = Samples::new(7.0 / 3.0, vec![1.0, 2.0, 4.0]);
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        near(samples.spread.unwrap(), (7.0_f64 / 3.0).sqrt());
        near(samples.log_mean, std::f64::consts::LN_2);
        near(samples.log_spread.unwrap(), std::f64::consts::LN_2);
        let one = Samples::new(3.0, vec![3.0]);
        assert_eq!((one.n, one.spread, one.log_spread), (1, None, None));
        let equal = Samples::new(0.1, vec![0.1; 3]);
        assert_eq!((equal.spread, equal.log_spread), (Some(0.0), Some(0.0)));
    }
}
