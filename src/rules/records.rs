//! The records that pass between the planner and the rules. Interpreted and compiled rules share them.

use std::collections::BTreeMap;

/// What a rule may read about the question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleRequest {
    /// The model's name; empty when scores of many models are stored.
    pub model: String,
    /// The task; `None` in `calculate-scores` (rules with `when.tasks` then do not run).
    pub task: Option<String>,
    /// Pinned batch size.
    pub batch_size: Option<i64>,
    /// Pinned precision.
    pub precision: Option<String>,
    /// Version whose rows are used.
    pub version: Option<String>,
    /// Named requirements in force (for `when`).
    pub requirements: Vec<String>,
    /// `--latency-sensitive`.
    pub latency_sensitive: bool,
    /// `--memory-constrained`.
    pub memory_constrained: bool,
    /// `documented` or `ratio`.
    pub profile: String,
    /// Day number.
    pub as_of: Option<i64>,
}

/// What a rule may read about one (model, hardware). Metrics are those of its best point.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pair {
    /// Name of the model.
    pub model: String,
    /// Family of the model.
    pub model_family: Option<String>,
    /// Size of the model, millions of parameters.
    pub parameters_million: Option<f64>,
    /// Label.
    pub hardware: String,
    /// Name of one device.
    pub hardware_name: String,
    /// cuda, rocm, cpu, ...; empty when not known.
    pub hardware_type: String,
    /// Number of devices.
    pub device_count: i64,
    /// Memory of one device, MB.
    pub device_memory_mb: Option<f64>,
    /// Of the best point.
    pub batch_size: Option<i64>,
    /// Of the best point.
    pub precision: Option<String>,
    /// Of the best point.
    pub framework: Option<String>,
    /// Of the best point's cell.
    pub scenario: Option<String>,
    /// items/s
    pub throughput: Option<f64>,
    /// Mean, or else median, ms.
    pub latency_ms: Option<f64>,
    /// Mean, or else median, ms.
    pub ttft_ms: Option<f64>,
    /// Mean, or else median, ms.
    pub tpot_ms: Option<f64>,
    /// Peak memory of the whole system, MB, also where devices are compared.
    pub memory_peak_mb: Option<f64>,
    /// J
    pub energy_j_per_item: Option<f64>,
    /// Rows that count.
    pub results: i64,
    /// Failed rows.
    pub failed_results: i64,
    /// Largest relative standard deviation among the metrics that its components rest on (n >= 2).
    pub spread: Option<f64>,
    /// Days from its newest tested_at to `as_of`.
    pub age_days: Option<i64>,
    /// measured, simulated or estimated.
    pub provenance: String,
    /// True when nothing was compared with other hardware.
    pub uncontested: bool,
    /// Share of the contested cells that it is in, in [0, 1].
    pub coverage: f64,
    /// In [0, 1].
    pub compatibility: f64,
    /// In [0, 1].
    pub confidence: f64,
}

/// What the rules decided about one pair.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// An `exclude` hook took it out: rule, reason.
    Excluded {
        /// The rule's id.
        rule: String,
        /// Why.
        reason: String,
    },
    /// A rule failed on it: the text names rule, file, line, column and the values read.
    Failed {
        /// The rule's id.
        rule: String,
        /// What happened.
        message: String,
    },
    /// It is scored; one step per rule that only excludes, then one per `adjust` rule, each in listed order, those that
    /// did not run included, then a last step `clamp` when the score had to be brought back into [0, 1].
    Scored {
        /// The final score, in [0, 1], rounded to 12 decimals.
        score: f64,
        /// How it came about.
        steps: Vec<Step>,
    },
}

/// How a reason begins why a pair has no score that a rule failed on.
pub(crate) const NOT_SCORED: &str = "not scored: ";

impl Verdict {
    /// The final score, or why there is none, in words: as scores are stored.
    pub(crate) fn outcome(&self) -> (Option<f64>, Option<String>) {
        match self {
            Self::Scored { score, .. } => (Some(*score), None),
            Self::Excluded { rule, reason } => (None, Some(excluded_by(rule, reason))),
            Self::Failed { message, .. } => (None, Some(format!("{NOT_SCORED}{message}"))),
        }
    }
}

/// Why a pair has no score that a rule took out. The query of a rule set says the same.
pub(crate) fn excluded_by(rule: &str, reason: &str) -> String {
    format!("excluded by {rule}: {reason}")
}

/// What one rule did to one pair.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The rule's id, or `clamp`.
    pub rule: String,
    /// `rules/NAME.rhai:LINE` of the result taken; `None` when the rule did not run.
    pub source: Option<String>,
    /// New score minus old (both rounded to 12 decimals).
    pub delta: f64,
    /// The score after it, rounded to 12 decimals.
    pub score: f64,
    /// What the script said, or why the rule did not fire.
    pub reason: Option<String>,
    /// Whether it changed the score or gave a reason.
    pub fired: bool,
}

/// Weights by component name, as a `weigh` hook reads and returns them.
pub type Weights = BTreeMap<String, f64>;
