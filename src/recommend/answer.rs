//! What is answered: the JSON that others build on. Unknown is null; the same input gives the same bytes.

use std::collections::BTreeMap;

use serde::Serialize;

use super::request::Pin;
use crate::versions::Replayed;

/// The version of the JSON documents; grows when a field changes its meaning or goes.
pub const SCHEMA_VERSION: u32 = 1;

/// The answer to a [`super::Request`].
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The question as it was understood.
    pub request: Asked,
    /// SHA-256 of the rule set, hex.
    pub rule_set: String,
    /// Order-free sum of the content hashes of the rows used, hex.
    pub data_fingerprint: String,
    /// Best first; at most top_k.
    pub recommendations: Vec<Recommendation>,
    /// How many hardware were ranked, whether shown or not.
    pub ranked: usize,
    /// Hardware that a rule or a limit took out.
    pub excluded: Vec<Excluded>,
    /// Hardware that could not be scored.
    pub not_scored: Vec<NotScored>,
    /// The weights that, doubled or halved alone, put another first; null where there is nothing to weigh.
    pub sensitivity: Option<Vec<Sensitivity>>,
    /// The snapshot that it is from; left out when it is of the results of now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replayed: Option<Replayed>,
    /// What a reader must know to read the list right.
    pub notes: Vec<String>,
    /// What may be wrong with data or rules.
    pub warnings: Vec<String>,
}

/// A weight that, doubled or halved alone, puts another first.
#[derive(Clone, Debug, Serialize)]
pub struct Sensitivity {
    /// The component.
    pub component: String,
    /// What its weight is multiplied by, the others as they are.
    pub factor: f64,
    /// The weight that it comes to, the sum of all being 1.
    pub weight: f64,
    /// What comes first then; null when nothing is ranked.
    pub winner: Option<String>,
}

/// The question as it was understood.
#[derive(Clone, Debug, Serialize)]
pub struct Asked {
    /// The model's name.
    pub model: String,
    /// The task.
    pub task: String,
    /// Pinned fields, those that were chosen for the request (division, suite) among them.
    pub pins: Vec<Pin>,
    /// The version whose rows were used.
    pub version: Option<String>,
    /// Named requirements.
    pub requirements: Vec<String>,
    /// All limits, as text.
    pub limits: Vec<String>,
    /// What the candidates were narrowed to.
    pub only: Vec<String>,
    /// Largest device count admitted.
    pub max_devices: Option<u32>,
    /// Whether throughput and memory are per device.
    pub per_device: bool,
    /// How many were asked for.
    pub top_k: Option<usize>,
    /// `documented` or `ratio`.
    pub profile: String,
    /// Day number that ages were counted from; null when no row has a date.
    pub as_of: Option<i64>,
}

/// One ranked piece of hardware.
#[derive(Clone, Debug, Serialize)]
pub struct Recommendation {
    /// 1 is best.
    pub rank: usize,
    /// Label: name and count.
    pub hardware: String,
    /// Name of one device.
    pub hardware_name: String,
    /// cuda, rocm, cpu, ...
    pub hardware_type: Option<String>,
    /// Number of devices.
    pub device_count: i64,
    /// Suitability after the rules, in [0, 1].
    pub score: f64,
    /// compatibility x confidence.
    pub suitability: f64,
    /// Weighted components, in [0, 1].
    pub compatibility: f64,
    /// How much the number of results is trusted, in [0, 1].
    pub confidence: f64,
    /// Component scores, imputed ones included: the mean over `cells` that have a score in it; null where none has.
    pub components: BTreeMap<String, Option<f64>>,
    /// Components of weight above 0 that its point in one of `cells` lacks: imputed there, or out of the cell.
    pub missing: Vec<String>,
    /// Weights as asked, before sharing; sum 1.
    pub weights: BTreeMap<String, f64>,
    /// The metrics that the components of the best point rest on, with what they were divided by.
    pub metrics: BTreeMap<String, Measured>,
    /// Of the best point.
    pub recommended_batch_size: Option<i64>,
    /// Of the best point.
    pub recommended_precision: Option<String>,
    /// Peak memory of the best point, MB.
    pub memory_requirement: Option<f64>,
    /// Number of rows that count (n).
    pub results: i64,
    /// Cells that count, and contested cells in all.
    pub coverage: Coverage,
    /// Cell by cell.
    pub cells: Vec<CellScore>,
    /// True when nothing was compared with other hardware.
    pub uncontested: bool,
    /// False when this and the hardware ranked above share no cell; null for the first.
    pub compared_with_previous: Option<bool>,
    /// Hardware with the same number cannot be told apart by their noise.
    pub tie_group: usize,
    /// Interval of the score from the spread of the rows; null when no metric has two rows.
    pub interval: Option<[f64; 2]>,
    /// Weakest among the points that count.
    pub provenance: String,
    /// From compatibility to score; deltas sum to the score.
    pub trace: Vec<TraceStep>,
}

/// A metric's value, and what it was divided by (or divided, when lower is better).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// Mean over the rows that have it.
    pub value: f64,
    /// The best of the group.
    pub reference: f64,
    /// Rows that have it.
    pub n: i64,
    /// Sample standard deviation; null for one row.
    pub spread: Option<f64>,
}

/// How many of the contested cells hardware is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Contested cells that it is in.
    pub cells: i64,
    /// Contested cells in all.
    pub of: i64,
}

/// What hardware did in one cell.
#[derive(Clone, Debug, Serialize)]
pub struct CellScore {
    /// The fields of `cell_by`, and task.
    pub cell: BTreeMap<String, Option<String>>,
    /// The best point: batch_size, precision, framework, item_unit, provenance.
    pub point: BTreeMap<String, Option<String>>,
    /// Whether other hardware is compared there.
    pub contested: bool,
    /// Component -> score, imputed ones included.
    pub components: BTreeMap<String, Option<f64>>,
    /// Component -> the metric that it rests on; null when imputed or out.
    pub component_metrics: BTreeMap<String, Option<String>>,
    /// The metrics.
    pub metrics: BTreeMap<String, Measured>,
    /// Weights in this cell, after sharing; sum 1.
    pub weights: BTreeMap<String, f64>,
    /// Components that were imputed.
    pub missing: Vec<String>,
    /// Rows of the point.
    pub n: i64,
    /// In [0, 1].
    pub compatibility: f64,
    /// In [0, 1].
    pub confidence: f64,
    /// compatibility x confidence.
    pub suitability: f64,
}

/// One step of the derivation.
#[derive(Clone, Debug, Serialize)]
pub struct TraceStep {
    /// `compatibility`, `confidence`, `clamp`; null for a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The rule's id; null for a step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// `file:line` of the branch taken; null when the step is not a rule's.
    pub source: Option<String>,
    /// What it added to the score.
    pub delta: f64,
    /// The score after it.
    pub score: f64,
    /// Why, in words. For a rule that did not fire, why it did not.
    pub reason: Option<String>,
    /// Whether it changed the score or gave a reason.
    pub fired: bool,
}

/// Hardware that is out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Excluded {
    /// Label.
    pub hardware: String,
    /// The rule's id, or `limit`.
    pub rule: String,
    /// Why.
    pub reason: String,
}

/// Hardware that could not be scored.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NotScored {
    /// Label.
    pub hardware: String,
    /// Why.
    pub reason: String,
}
