//! Two rule sets on the same data: which rankings change, and which edit changes them.
//!
//! Files of both -> edits (`edits`, `document`) -> sets between them (`mixture`) -> rankings by each (`replay`) -> changes
//! (`compare`) and their causes (`cause`) -> [`RuleDiff`]. Only [`against`] reads files and asks git.

pub mod against;
pub mod answer;
mod cause;
mod compare;
mod document;
mod edits;
mod git;
mod label;
mod mixture;
mod replay;
mod run;

pub use answer::RuleDiff;
pub use replay::Progress;
pub use run::{DiffRequest, Named, diff, without_data};
