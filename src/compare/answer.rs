//! What a comparison says: the JSON that others build on.

use std::collections::BTreeMap;

use serde::Serialize;

/// Two versions of a model, hardware by hardware.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// [`crate::recommend::answer::SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Name of the model.
    pub model: String,
    /// The version before.
    pub version1: Side,
    /// The version after.
    pub version2: Side,
    /// One a piece of hardware that either has; empty when nothing differs. What got worse first, then what changed, came and went.
    pub changes: Vec<Change>,
    /// How many tests Holm's correction is over: metrics x hardware with three runs or more on both sides, of all models compared.
    pub family_size: usize,
    /// A change of fewer per cent does not count, however sure it is; 0 where every one does.
    pub min_change: f64,
    /// How many of each.
    pub totals: Totals,
    /// What a reader must know.
    pub notes: Vec<String>,
    /// What may be wrong.
    pub warnings: Vec<String>,
}

/// Comparisons of many models.
#[derive(Clone, Debug, Serialize)]
pub struct Sweep {
    /// [`crate::recommend::answer::SCHEMA_VERSION`].
    pub schema_version: u32,
    /// One a model that has snapshots of both versions, by name.
    pub models: Vec<Comparison>,
    /// How many tests Holm's correction is over, all models together.
    pub family_size: usize,
    /// How many of each, over all models.
    pub totals: Totals,
    /// What a reader must know.
    pub notes: Vec<String>,
    /// What may be wrong.
    pub warnings: Vec<String>,
}

/// One of the two.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Side {
    /// Tag of the version.
    pub version: String,
    /// Revision of its snapshot.
    pub revision: i64,
    /// When that was made, UTC, ISO 8601.
    pub created_at: Option<String>,
    /// Results in it.
    pub results: i64,
    /// SHA-256 of its rule set, hex.
    pub rule_set: String,
    /// Order-free sum of the content hashes of its results, hex.
    pub data_fingerprint: String,
}

/// How many pieces of hardware are how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// On both sides.
    pub compared: usize,
    /// On both sides, and something differs.
    pub changed: usize,
    /// Only after.
    pub added: usize,
    /// Only before.
    pub removed: usize,
    /// With a significant change that counts.
    pub significant: usize,
    /// With such a change for the worse.
    pub regressions: usize,
}

/// A value of the version before and of the version after; null where there is none.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Both<T> {
    /// Of the version before.
    pub before: Option<T>,
    /// Of the version after.
    pub after: Option<T>,
}

impl<T> Both<T> {
    /// Of two sides, before and after.
    pub(super) fn of(sides: [Option<T>; 2]) -> Self {
        let [before, after] = sides;
        Self { before, after }
    }
}

/// What became of one piece of hardware.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Label.
    pub hardware: String,
    /// cuda, rocm, cpu, ...; null when not known.
    pub hardware_type: Option<String>,
    /// Where it is, and whether anything differs.
    pub state: State,
    /// Change of compatibility on the shared scale, per cent of before.
    pub compatibility_change: Option<f64>,
    /// Change of suitability on the shared scale, per cent of before.
    pub suitability_change: Option<f64>,
    /// Change of the score on the shared scale, per cent of before.
    pub score_change: Option<f64>,
    /// 95 % interval of `score_change` from the spread of the runs; null where none has repeats.
    pub score_interval: Option<[f64; 2]>,
    /// The metrics that components rest on.
    pub metrics: BTreeMap<String, MetricChange>,
    /// As each snapshot recommended.
    pub recommended_batch_size: Both<i64>,
    /// As each snapshot recommended.
    pub recommended_precision: Both<String>,
    /// As each snapshot recommended, MB.
    pub memory_requirement: Both<f64>,
    /// Rank among the hardware of its side, on the shared scale.
    pub rank: Both<i64>,
    /// Whether a change that counts is more than noise: of a metric that its component is judged by, of compatibility or score, of
    /// the memory that it needs; not one below `min_change`.
    pub significant: bool,
    /// What says so; null where there is nothing to hold against anything.
    pub test: Option<Test>,
    /// Whether one of these is for the worse.
    pub regression: bool,
    /// Whether both sides were measured in the same cells and scored by the same metrics; else a change of the score says little of the hardware.
    pub alike: bool,
    /// What makes it significant, in words.
    pub reasons: Vec<String>,
    /// What is more than noise and does not count, in words, each with why.
    pub uncounted: Vec<String>,
    /// What changed compatibility and score.
    pub cause: Cause,
    /// On the scale that both sides share.
    pub shared: Both<Scores>,
    /// As each snapshot stored them, on its own scale.
    pub stored: Both<Scores>,
    /// Why it has no score; null where it has one, or is not there.
    pub without_score: Both<String>,
}

/// Where a piece of hardware is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Only in the version after.
    Added,
    /// Only in the version before.
    Removed,
    /// In both, and something differs.
    Changed,
    /// In both, and nothing differs.
    Same,
}

/// What says whether a change is significant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// Welch's t on logs, by Holm's correction.
    Welch,
    /// The same with the variance of many pieces of hardware together.
    WelchPooled,
    /// The thresholds of scoring.toml: too few runs to test, or weights and rules, which have no noise.
    Threshold,
    /// A rule took it out.
    Exclusion,
    /// Every run of it fails.
    Failure,
}

/// What became of one metric at the operating points that both sides have.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MetricChange {
    /// The component that it is of.
    pub component: String,
    /// Before; the geometric mean where several points are compared.
    pub before: Option<f64>,
    /// After, likewise.
    pub after: Option<f64>,
    /// (after / before - 1) x 100; null where no point of the one may be held against a point of the other.
    pub change_percent: Option<f64>,
    /// Of Welch's test by itself; null where it was not tested.
    pub p_value: Option<f64>,
    /// Whether the change is more than noise.
    pub significant: bool,
    /// p by Holm's correction.
    pub p_adjusted: Option<f64>,
    /// Hedges' g, in standard deviations of one run on the log scale.
    pub effect_size: Option<f64>,
    /// 95 % interval of the change of the geometric mean, per cent.
    pub interval: Option<[f64; 2]>,
    /// What says so; null where nothing could be compared.
    pub test: Option<Test>,
    /// Whether larger values are better.
    pub higher_is_better: bool,
    /// Whether it is the metric that its component is judged by: the first listed that could be compared, of a component of weight above 0.
    pub counts: bool,
    /// The operating points compared, each with its own figures.
    pub points: Vec<PointChange>,
}

/// One operating point that both sides have.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PointChange {
    /// What it is: the fields of cell and point that have a value on either side.
    pub point: BTreeMap<String, OfPoint>,
    /// Mean before.
    pub before: f64,
    /// Mean after.
    pub after: f64,
    /// (after / before - 1) x 100.
    pub change_percent: f64,
    /// Runs before and after.
    pub n: [i64; 2],
}

/// A field of two points that are held against each other.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum OfPoint {
    /// The same on both sides.
    Same(String),
    /// Not the same: software, or what the metric may be compared across.
    Differs(Both<String>),
}

/// Scores of one side.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Scores {
    /// In [0, 1].
    pub compatibility: f64,
    /// Before the rules, in [0, 1].
    pub suitability: f64,
    /// After the rules, in [0, 1]; null where a rule took it out or failed.
    pub score: Option<f64>,
}

/// What changed compatibility and score.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Cause {
    /// Parts of `compatibility_change`; null where that is null.
    pub compatibility: Option<Parts>,
    /// Parts of `score_change`; null where that is null.
    pub score: Option<Parts>,
}

/// A change in per cent, split; the parts sum to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Parts {
    /// What the results changed.
    pub data: f64,
    /// What scoring.toml changed.
    pub weights: f64,
    /// What rules.toml and the scripts changed.
    pub rules: f64,
}
