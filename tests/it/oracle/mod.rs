//! A second implementation of the scores, to hold the first against: row by row, plain loops, no SQL.
//!
//! It was written from DESIGN.md ("Scoring, exactly") and ARCHITECTURE.md ("decisions on scoring") alone and shares no code with
//! `src/scoring`. Where the two disagree, one of them or the text is wrong.

mod agrees;
mod cells;
mod config;
mod hardware;
mod points;
mod rows;
mod ties;

pub use agrees::differ;
pub use config::Config;
pub use hardware::{Outcome, Ranked};
pub use rows::{Row, read};

/// What is asked of the rows of one model.
#[derive(Clone, Debug)]
pub struct Ask {
    pub task: Option<String>,
    /// Field, whether a part of the text is enough, text.
    pub pins: Vec<(String, bool, String)>,
    pub only: Vec<String>,
    pub max_devices: Option<i64>,
    pub per_device: bool,
    /// Metric, `<=` `<` `>=` `>`, bound.
    pub limits: Vec<(String, String, f64)>,
    /// One a component, sum 1.
    pub weights: Vec<f64>,
    pub ratio: bool,
    /// Whether one (division, suite) is taken when neither is pinned.
    pub choose_division: bool,
}

/// Scores and ranks the hardware of one model.
pub fn score(rows: &[Row], ask: &Ask, config: &Config) -> Outcome {
    let (chosen, without_result) = rows::choose(rows, ask, config);
    let points = points::points(&chosen, ask, config);
    let mut outcome = hardware::rank(cells::cells(points, ask, config), ask, config);
    outcome.not_scored.extend(without_result);
    outcome.not_scored.sort();
    outcome
}

/// Half away from zero, at the twelfth decimal.
fn round12(x: f64) -> f64 {
    (x * 1e12).round() / 1e12
}
