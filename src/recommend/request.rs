//! What may be asked.

use serde::Serialize;

use crate::scoring::{Limit, Profile};

/// A question: which hardware for this model and this task.
///
/// Pins and narrowing choose rows before anything else happens; a null never matches a pin.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Name of the model, exactly as in the data.
    pub model: String,
    /// The task; `None` means the only task with rows.
    pub task: Option<String>,
    /// Pinned fields (`--where`, `--scenario`, `--batch-size`, `--precision`).
    pub pins: Vec<Pin>,
    /// Only rows linked to this version.
    pub version: Option<String>,
    /// Named requirements, `latency-sensitive` and `memory-constrained` among them.
    pub requirements: Vec<String>,
    /// Limits beyond those of the requirements.
    pub limits: Vec<Limit>,
    /// Labels, names or hardware types; empty means all.
    pub only: Vec<String>,
    /// Hardware with more devices is left out.
    pub max_devices: Option<u32>,
    /// Throughput and memory are divided by the device count.
    pub per_device: bool,
    /// How many recommendations are shown; `None` means all.
    pub top_k: Option<usize>,
    /// `None` means the profile of scoring.toml.
    pub profile: Option<Profile>,
    /// Day number (days since 1970-01-01) that ages are counted from; `None` means the newest tested_at in the database.
    pub as_of: Option<i64>,
}

/// One pinned field.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pin {
    /// A field of the workload or of the point.
    pub field: String,
    /// How it is matched.
    #[serde(rename = "match")]
    pub how: Match,
    /// What it is matched with.
    pub value: String,
}

/// How a pinned field is matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Match {
    /// `FIELD=VALUE`: equal.
    Equal,
    /// `FIELD~TEXT`: contains, any case.
    Contains,
}
