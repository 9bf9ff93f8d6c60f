//! How much an answer hangs on its weights: what would have to change for another hardware to come first.
//!
//! What is varied are the weights in force, after task, requirements and `weigh` hooks: those that an answer shows. Each weight set
//! is scored by the one query and judged by the rules, like the answer itself.

mod answer;
mod measure;
mod search;
mod space;

pub use answer::{Candidate, Change, LeftOut, Moved, Profiles, Stability};
pub use measure::{Options, SAMPLES};
