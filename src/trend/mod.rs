//! A score or a metric over the versions of a model, with the versions where its level steps.
//!
//! Each version's newest snapshot -> all scored on one scale, by the rule set of the newest (`series`) -> steps
//! ([`mod@crate::statistics::steps`]) -> [`Trend`]; as a picture in `picture`.

mod answer;
mod picture;
mod series;

pub use answer::{Series, StepAt, Trend, Value};
pub use picture::svg;
pub use series::{Request, trend};
