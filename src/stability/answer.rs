//! What is answered: the JSON that others build on.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::recommend::answer::Asked;

/// How much the answer to a request hangs on its weights.
#[derive(Clone, Debug, Serialize)]
pub struct Stability {
    /// [`crate::recommend::answer::SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The question as it was understood.
    pub request: Asked,
    /// SHA-256 of the rule set, hex.
    pub rule_set: String,
    /// Order-free sum of the content hashes of the rows used, hex.
    pub data_fingerprint: String,
    /// Label of the first; null when nothing is ranked.
    pub winner: Option<String>,
    /// The weights in force, by component; sum 1.
    pub weights: BTreeMap<String, f64>,
    /// Weight sets drawn, uniformly from all in which the components of weight above 0 keep one.
    pub samples: usize,
    /// What they were drawn by.
    pub seed: u64,
    /// The ranked hardware, best first.
    pub candidates: Vec<Candidate>,
    /// Share of the weight sets under which nothing is ranked.
    pub none_share: f64,
    /// One a component of weight above 0: how far its weight may move, the others in proportion.
    pub changes: Vec<Change>,
    /// A weight is exact to this.
    pub tolerance: f64,
    /// One a piece of hardware: what comes first when it is left out.
    pub left_out: Vec<LeftOut>,
    /// How the two profiles agree; null when nothing is ranked.
    pub profiles: Option<Profiles>,
    /// What a reader must know.
    pub notes: Vec<String>,
    /// What may be wrong with data or rules.
    pub warnings: Vec<String>,
}

/// Hardware that is ranked.
#[derive(Clone, Debug, Serialize)]
pub struct Candidate {
    /// 1 is best.
    pub rank: usize,
    /// Label.
    pub hardware: String,
    /// Final score.
    pub score: f64,
    /// Share of the weight space in which it comes first.
    pub share: f64,
    /// Half the width of the 95 % interval of the share; at least one sample. Where no draw won, or every draw did, the share is with
    /// 95 % confidence no further from what is printed than this (one-sided).
    pub error: f64,
}

/// How far one weight may move before another hardware comes first.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// The component.
    pub component: String,
    /// Its weight in force.
    pub weight: f64,
    /// The nearest smaller weight; null when there is none above 0.
    pub down: Option<Moved>,
    /// The nearest larger weight; null when there is none below 1.
    pub up: Option<Moved>,
    /// What comes first at weight 0, where the component compares nothing; null when nothing does, or it is the only one.
    pub without: Option<String>,
}

/// A weight at which another hardware comes first.
#[derive(Clone, Debug, Serialize)]
pub struct Moved {
    /// The weight, the sum of all being 1.
    pub weight: f64,
    /// What the component's weight before must be multiplied by to come there, the others as they are.
    pub factor: f64,
    /// What comes first there; null when nothing is ranked.
    pub winner: Option<String>,
}

/// What leaving out one piece of hardware does to the others.
#[derive(Clone, Debug, Serialize)]
pub struct LeftOut {
    /// Label of what is left out.
    pub hardware: String,
    /// What came first among the others with it in.
    pub before: Option<String>,
    /// What comes first among them without it.
    pub after: Option<String>,
    /// Whether the two differ.
    pub flips: bool,
    /// Pairs of the others that change places.
    pub swaps: usize,
}

/// How the two profiles agree.
#[derive(Clone, Debug, Serialize)]
pub struct Profiles {
    /// The winner under `documented`.
    pub documented: Option<String>,
    /// The winner under `ratio`.
    pub ratio: Option<String>,
    /// Whether the two are the same.
    pub agree: bool,
    /// Kendall's tau of the two orders, over the hardware that both rank: 1 the same, -1 reversed; null below two.
    pub kendall_tau: Option<f64>,
}
