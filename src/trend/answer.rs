//! What a trend says: the JSON that others build on.

use std::collections::BTreeMap;

use serde::Serialize;

/// A metric over versions.
#[derive(Clone, Debug, Serialize)]
pub struct Trend {
    /// [`crate::recommend::answer::SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Name of the model.
    pub model: String,
    /// `score`, or the metric.
    pub metric: String,
    /// How steps are found.
    pub method: String,
    /// Tags of the versions with a snapshot, oldest first.
    pub versions: Vec<String>,
    /// One a piece of hardware, by its newest value, the best first.
    pub series: Vec<Series>,
    /// What a reader must know.
    pub notes: Vec<String>,
    /// What may be wrong.
    pub warnings: Vec<String>,
}

/// One piece of hardware over the versions.
#[derive(Clone, Debug, Serialize)]
pub struct Series {
    /// Label.
    pub hardware: String,
    /// The operating point that is followed; empty for a score.
    pub point: BTreeMap<String, String>,
    /// One a version, in their order.
    pub values: Vec<Value>,
    /// Where the level steps.
    pub steps: Vec<StepAt>,
}

/// A value of one version.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Value {
    /// Tag of the version.
    pub version: String,
    /// Revision of its snapshot.
    pub revision: i64,
    /// The value; null where the hardware has none in this version.
    pub value: Option<f64>,
    /// Results behind it.
    pub n: i64,
}

/// A step of the level.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepAt {
    /// Tag of the first version at the new level.
    pub version: String,
    /// Change of the level, per cent.
    pub change_percent: f64,
    /// Its 95 % interval, per cent.
    pub interval: [f64; 2],
    /// P(a step at least so clear | none).
    pub p_value: f64,
    /// Whether the new level is better; null where that cannot be said.
    pub better: Option<bool>,
}
