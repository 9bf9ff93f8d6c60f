//! What the scoring query gives back, row by row: the derivation of every number, before the rules.

use crate::rules::records::Pair;

/// One model on one piece of hardware, scored over its cells.
#[derive(Clone, Debug)]
pub struct ScoredPair {
    /// Key of the model.
    pub model_id: i64,
    /// Key of the hardware.
    pub hardware_id: i64,
    /// Which side it is of, where two are scored together; else 0.
    pub side: usize,
    /// What rules may read, compatibility and confidence among it.
    pub pair: Pair,
    /// compatibility x confidence, in [0, 1].
    pub suitability: f64,
    /// Interval of the suitability from the spread of the rows; `None` when no metric has two rows.
    pub interval: Option<[f64; 2]>,
    /// Contested cells that it is in.
    pub cells: i64,
    /// Contested cells in all.
    pub of: i64,
    /// Day number of the newest tested_at of its counting points.
    pub tested_day: Option<i64>,
    /// Its best point in each cell that counts, in the order of the cells; empty for an estimate from a prior.
    pub entries: Vec<Entry>,
    /// Which of the entries is the best.
    pub best: usize,
}

impl ScoredPair {
    /// Its best point over the cells that count; `None` when it is estimated from a prior.
    #[must_use]
    pub fn best_entry(&self) -> Option<&Entry> {
        self.entries.get(self.best)
    }
}

/// The best point of hardware in one cell.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Number of the cell, the same for all hardware of one plan.
    pub cell_id: i64,
    /// Number of the point, the same for all hardware of one plan.
    pub point_id: i64,
    /// Whether other hardware is compared there.
    pub contested: bool,
    /// Task, and the fields of `cell_by` in their order, as text.
    pub cell: Vec<Option<String>>,
    /// batch_size, precision, framework, item_unit, provenance, as text.
    pub point: Vec<Option<String>>,
    /// Rows of the point.
    pub n: i64,
    /// One a component, in the order of scoring.toml.
    pub components: Vec<ComponentScore>,
    /// Peak memory, MB; of one device where devices are compared.
    pub memory_peak_mb: Option<f64>,
    /// In [0, 1].
    pub compatibility: f64,
    /// In [0, 1].
    pub confidence: f64,
    /// In [0, 1].
    pub suitability: f64,
}

/// A component of a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ComponentScore {
    /// In [0, 1], imputed ones included; `None` when out of the cell.
    pub score: Option<f64>,
    /// Its weight in this cell, after sharing.
    pub weight: f64,
    /// What it rests on; `None` when it was imputed or is out.
    pub basis: Option<Basis>,
}

/// The metric that a component score rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Basis {
    /// Which of the component's metrics, in the order of scoring.toml.
    pub pick: usize,
    /// Mean of the metric.
    pub value: f64,
    /// What it was divided by, or what was divided by it.
    pub reference: f64,
    /// Rows that have it.
    pub n: i64,
    /// Sample standard deviation; `None` for one row.
    pub spread: Option<f64>,
}

/// Hardware that is in the chosen rows and was not scored.
#[derive(Clone, Debug)]
pub struct SetAside {
    /// Key of the model.
    pub model_id: i64,
    /// Which side it is of, where two are scored together; else 0.
    pub side: usize,
    /// Label.
    pub hardware: String,
    /// Whether limits took all its points; else none of its points has a component to score.
    pub by_limit: bool,
    /// For each limit in force: the best value of its metric among the hardware's points; `None` when it has none.
    pub best: Vec<Option<f64>>,
    /// For each limit in force: whether any of its points meets it.
    pub meets: Vec<bool>,
}

/// Hardware that has rows, none of which is a result.
#[derive(Clone, Debug)]
pub struct WithoutResult {
    /// Key of the hardware.
    pub hardware_id: i64,
    /// Label.
    pub hardware: String,
    /// Rows of runs that failed.
    pub failed: i64,
    /// Rows of runs that succeeded, without a metric of any component.
    pub empty: i64,
}

/// How much was chosen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counted {
    /// Number of good rows chosen.
    pub rows: i64,
    /// Halves of the order-free sum of the content hashes of the rows.
    pub print: (u64, u64),
}

impl Counted {
    /// Adds the sums of a further part.
    pub(crate) fn add(&mut self, print: (u64, u64)) {
        self.print = (self.print.0.wrapping_add(print.0), self.print.1.wrapping_add(print.1));
    }

    /// The sum of the content hashes, hex.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        format!("{:016x}{:016x}", self.print.0, self.print.1)
    }
}

/// What else the chosen rows say: for the notes of an answer.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    /// Number of good rows chosen.
    pub rows: i64,
    /// Number of failed rows picked; counted only where there is no good one.
    pub failed: i64,
    /// Order-free sum of the content hashes of the rows, hex.
    pub fingerprint: String,
    /// The same as numbers: sums of parts add up to that of the whole.
    pub print: (u64, u64),
    /// (division, suite, hardware, rows), the chosen first.
    pub divisions: Vec<(Option<String>, Option<String>, i64, i64)>,
    /// For each limit in force: the value that it would have to admit for something to be left, the others kept.
    pub relax: Vec<Option<f64>>,
}
