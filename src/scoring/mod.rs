//! From benchmark rows to suitability: the query, stage by stage, and the settings that shape it.

mod components;
mod pairs;
pub mod plan;
mod points;
pub mod result;
mod settings;
pub(crate) mod sql;
pub(crate) mod student;
pub mod weights;

pub(crate) use pairs::LN_OF_ZERO;

pub use settings::{
    Component, Confidence, Direction, Limit, LimitOp, Metric, Missing, Prior, Profile, Requirement, Scoring, Task, Thresholds,
};
