//! Two versions of a model on one scale: what changed on which hardware, whether it is more than noise, and whether data, weights or
//! rules did it.
//!
//! Two snapshots -> both scored against the best of both together, by either rule set and their mixes (`scale`) -> operating points
//! that may be held against each other (`matching`) -> tests (`metrics`, [`crate::statistics`]) -> what is significant (`decide`), what caused it
//! (`cause`), how sure the score's change is (`interval`) -> [`Comparison`]. Snapshots are read, never made.

pub mod answer;
mod cause;
mod decide;
mod interval;
mod matching;
mod metrics;
mod notes;
mod pick;
mod run;
mod scale;

pub use answer::{Change, Comparison, State, Sweep};
pub use pick::{Wanted, compare, sweep};
