//! From benchmark rows to suitability: the query, stage by stage, and the settings that shape it.

mod pairs;
pub mod plan;
pub mod result;
mod settings;
pub(crate) mod sql;
mod stages;
mod student;
pub mod weights;

pub use settings::{Component, Confidence, Direction, Limit, LimitOp, Metric, Missing, Prior, Profile, Requirement, Scoring, Task};
