//! Versions of models: their history, the results that belong to them, and snapshots of what was recommended.

mod choice;
mod create;
mod replay;
#[cfg(test)]
mod sides_tests;
pub mod snapshot;
mod system;
pub(crate) mod tag;

pub use choice::Choice;
pub use create::{Made, Takes};
pub use replay::{Moment, Replay, Replayed, find};
pub use system::VersionControlSystem;
