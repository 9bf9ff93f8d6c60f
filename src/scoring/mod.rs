//! From benchmark rows to suitability: the query, stage by stage, and the settings that shape it.

mod settings;

pub use settings::{Component, Confidence, Direction, Limit, LimitOp, Metric, Missing, Prior, Profile, Requirement, Scoring, Task};
