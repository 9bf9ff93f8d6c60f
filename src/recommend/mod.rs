//! Asking and answering: which hardware for this model and this task, and why.

pub mod answer;
mod aside;
mod assemble;
mod catalogue;
mod explain;
pub(crate) mod judge;
pub mod many;
pub(crate) mod narrowing;
mod notes;
mod prior;
pub(crate) mod recommender;
pub mod request;
mod sensitivity;
mod stored;
mod version_scores;
pub(crate) mod words;

pub use answer::Answer;
pub use catalogue::Scores;
pub use explain::{Difference, Explanation, Subject, Term};
pub use many::Survey;
pub use recommender::HardwareRecommender;
pub use request::Request;
pub use stored::{StoredList, StoredOne};
