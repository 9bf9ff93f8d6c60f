//! Asking and answering: which hardware for this model and this task, and why.

pub mod answer;
pub mod request;

pub use answer::Answer;
pub use request::Request;
