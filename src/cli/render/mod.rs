//! Results as tables and pages.

mod answer;
pub(super) mod check;
mod compared;
mod diff;
mod explanation;
mod numbers;
mod scores;
mod stability;
mod tested;
mod trend;
mod watch;

pub(super) use answer::{answer, answer_data, short};
pub(super) use compared::{annotations, compared, compared_data, verdict};
pub(super) use diff::{diff, diff_data};
pub(super) use explanation::{explanation, explanation_data};
pub(super) use numbers::{count, figure, memory, score};
pub(super) use scores::{scores, stored};
pub(super) use stability::{stability, stability_data};
pub(super) use tested::{change, tested, tested_sheet};
pub(super) use trend::{trend, trend_data};
pub(super) use watch::{told, winners};
