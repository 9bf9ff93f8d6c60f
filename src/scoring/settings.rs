//! What scoring.toml says, checked: made only by [`crate::rules`], so that nothing downstream checks again.

use std::collections::BTreeMap;

use crate::Error;

/// The checked content of scoring.toml.
#[derive(Clone, Debug, PartialEq)]
pub struct Scoring {
    /// The workload fields that rows must share to be compared, besides model and task.
    pub cell_by: Vec<String>,
    /// The components, in the order of the file; at least one, names unique, base weights finite, >= 0, not all 0.
    pub components: Vec<Component>,
    /// What a task does to the weights, by task name.
    pub tasks: BTreeMap<String, Task>,
    /// The named requirements.
    pub requirements: BTreeMap<String, Requirement>,
    /// How the number of rows becomes a confidence.
    pub confidence: Confidence,
    /// How a component that a point lacks is scored.
    pub missing: Missing,
    /// The profile in force when the request names none.
    pub profile: Profile,
    /// Suitability by (model family, hardware type) where nothing is measured.
    pub priors: Vec<Prior>,
    /// From where on a change between two versions counts where noise is not known; no score hangs on it.
    pub thresholds: Thresholds,
}

impl Scoring {
    /// Whether every score by the one is as by the other.
    #[must_use]
    pub fn scores_as(&self, other: &Self) -> bool {
        *self == Self { thresholds: self.thresholds.clone(), ..other.clone() }
    }
}

/// One declared component of compatibility.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// Its name: lower case letters, digits, `_`.
    pub name: String,
    /// Its base weight, >= 0.
    pub weight: f64,
    /// Its metrics, in order of preference; at least one.
    pub metrics: Vec<Metric>,
}

/// One metric of a component.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// A field of role metric.
    pub field: String,
    /// Which way is better.
    pub better: Direction,
    /// Point fields in which two points must agree to be compared by it.
    pub same: Vec<String>,
}

/// Which way a metric is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// score = value / max
    Higher,
    /// score = min / value
    Lower,
}

/// What a task does to the weights.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Task {
    /// Factors by component; those not named stay.
    pub multiply: BTreeMap<String, f64>,
}

/// A named requirement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Requirement {
    /// Factors by component.
    pub multiply: BTreeMap<String, f64>,
    /// Weights that replace base x task, by component.
    pub set: BTreeMap<String, f64>,
    /// Limits that points must meet.
    pub limits: Vec<Limit>,
}

/// confidence = min(1, floor + (1 - floor) x n / full_at)
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confidence {
    /// Confidence of no row at all, in [0, 1].
    pub floor: f64,
    /// Number of rows from which confidence is 1; at least 1.
    pub full_at: f64,
}

/// How a component that a point lacks, and another point of the cell has, is scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The median over the cell's hardware, never above the point's own compatibility.
    Median,
    /// Its weight is shared by the components that the point has.
    Share,
    /// 0.
    Zero,
    /// The point is not scored.
    Exclude,
}

/// The arithmetic that combines components and cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Weighted arithmetic means.
    Documented,
    /// Weighted geometric means.
    Ratio,
}

impl Profile {
    /// Its name in files and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Ratio => "ratio",
        }
    }
}

/// A suitability to start from where nothing is measured; always labelled estimated.
#[derive(Clone, Debug, PartialEq)]
pub struct Prior {
    /// The model family.
    pub family: String,
    /// The hardware type.
    pub hardware_type: String,
    /// In [0, 1].
    pub suitability: f64,
}

/// Changes in per cent from which on they count where too few runs are there to test them; each above 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Thresholds {
    /// Of compatibility.
    pub compatibility: f64,
    /// Of suitability and score.
    pub suitability: f64,
    /// Of a component's metrics, by component.
    pub components: BTreeMap<String, f64>,
}

impl Thresholds {
    /// That of compatibility where a file says nothing, and of a component that it does not name.
    const USUAL: f64 = 5.0;

    /// That of a component's metrics.
    #[must_use]
    pub fn of(&self, component: &str) -> f64 {
        self.components.get(component).copied().unwrap_or(Self::USUAL)
    }
}

impl Default for Thresholds {
    /// Those that are shipped: what a file means that has no `[thresholds]`.
    fn default() -> Self {
        let components = [("throughput", 5.0), ("latency", 5.0), ("memory", 10.0), ("energy", 5.0)];
        let components = components.map(|(name, threshold)| (name.to_owned(), threshold)).into();
        Self { compatibility: Self::USUAL, suitability: 10.0, components }
    }
}

/// `METRIC<=X` and its kin.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// A field of role metric.
    pub metric: String,
    /// The comparison.
    pub op: LimitOp,
    /// What it is compared with; finite.
    pub value: f64,
}

/// The comparison of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitOp {
    /// `<=`
    AtMost,
    /// `<`
    Below,
    /// `>=`
    AtLeast,
    /// `>`
    Above,
}

impl LimitOp {
    /// Its sign, in Suitor's files and in SQL.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::AtMost => "<=",
            Self::Below => "<",
            Self::AtLeast => ">=",
            Self::Above => ">",
        }
    }
}

impl std::str::FromStr for Limit {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::input(format!("limit `{text}` is not of the form METRIC<=X, METRIC<X, METRIC>=X or METRIC>X"))
                .help("for example --limit 'ttft_ms_p99<=500'")
        };
        let at = text.find(['<', '>']).ok_or_else(wrong)?;
        let (metric, rest) = text.split_at(at);
        let (op, number) = match rest.as_bytes() {
            [b'<', b'=', ..] => (LimitOp::AtMost, &rest[2..]),
            [b'>', b'=', ..] => (LimitOp::AtLeast, &rest[2..]),
            [b'<', ..] => (LimitOp::Below, &rest[1..]),
            _ => (LimitOp::Above, &rest[1..]),
        };
        let metric = metric.trim();
        if metric.is_empty() || metric.contains(['=', ' ']) {
            return Err(wrong());
        }
        let value: f64 = number.trim().parse().map_err(|_| wrong())?;
        if !value.is_finite() {
            return Err(Error::input(format!("limit `{text}`: `{}` is no finite number", number.trim())));
        }
        match crate::fields::find(metric) {
            Some(field) if field.role == crate::fields::Role::Metric => {
                // `>0` asks for the metric to be there.
                let most = matches!(op, LimitOp::AtMost | LimitOp::Below);
                if value < 0.0 || (most && value <= 0.0) {
                    return Err(Error::input(format!(
                        "limit `{text}` is met by {}: every metric is above 0",
                        if most { "nothing" } else { "everything" }
                    )));
                }
                Ok(Self { metric: metric.to_owned(), op, value })
            }
            _ => Err(Error::unknown_listed("metric", metric, crate::fields::of_role(crate::fields::Role::Metric))),
        }
    }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}{}", self.metric, self.op.sign(), self.value)
    }
}
