//! Results as tables and pages.

mod answer;
mod diff;
mod explanation;
mod numbers;
mod scores;

pub(super) use answer::{answer, answer_data};
pub(super) use diff::{diff, diff_data};
pub(super) use explanation::{explanation, explanation_data};
pub(super) use numbers::{count, figure};
pub(super) use scores::{scores, scores_data, stored};
