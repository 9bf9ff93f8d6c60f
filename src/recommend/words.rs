//! The words in which a ranking is told, in one place for tables and for snapshots. How ranks and numbers look is the teller's own, so
//! that a table may change its looks while every snapshot stays; to change a word here is to change snapshots.

use super::answer::{Asked, Recommendation};
use super::request::Match;

/// What was asked, in one line.
pub(crate) fn question(asked: &Asked) -> String {
    let mut parts = vec![format!("{}, {}", asked.model, asked.task)];
    for pin in &asked.pins {
        parts.push(format!("{} {} {}", pin.field, if pin.how == Match::Equal { "=" } else { "~" }, pin.value));
    }
    parts.extend(asked.version.iter().map(|version| format!("version {version}")));
    parts.extend(asked.requirements.iter().cloned());
    parts.extend(asked.limits.iter().map(|limit| format!("limit {limit}")));
    if !asked.only.is_empty() {
        parts.push(format!("only {}", asked.only.join(", ")));
    }
    parts.extend(asked.max_devices.map(|most| format!("at most {most} devices")));
    if asked.per_device {
        parts.push("per device".to_owned());
    }
    if asked.profile != "documented" {
        parts.push(format!("profile {}", asked.profile));
    }
    parts.join("; ")
}

/// How ranks and differences of scores look.
#[derive(Clone, Copy)]
pub(crate) struct Looks {
    /// A rank, 1 is best.
    pub(crate) rank: fn(usize) -> String,
    /// A signed difference of scores.
    pub(crate) delta: fn(f64) -> String,
}

/// What is to be said of one piece of hardware beside its numbers, `all` being everything that is ranked.
pub(crate) fn remarks(one: &Recommendation, all: &[Recommendation], looks: Looks) -> Vec<String> {
    let mut remarks = Vec::new();
    let tied = all.iter().filter(|other| other.tie_group == one.tie_group && other.rank != one.rank);
    let tied: Vec<String> = tied.map(|other| (looks.rank)(other.rank)).collect();
    if !tied.is_empty() {
        remarks.push(format!("tied with {}", tied.join(", ")));
    }
    if one.provenance != "measured" {
        remarks.push(one.provenance.clone());
    }
    if one.uncontested && one.results > 0 {
        remarks.push("uncontested".to_owned());
    }
    if one.compared_with_previous == Some(false) && !one.uncontested {
        remarks.push(format!("not compared directly with {}", (looks.rank)(one.rank - 1)));
    }
    if one.coverage.of > 1 && one.coverage.cells < one.coverage.of && !one.uncontested {
        remarks.push(format!("{} of {} cells", one.coverage.cells, one.coverage.of));
    }
    let fired = one.trace.iter().filter(|step| step.fired);
    remarks.extend(fired.filter_map(|step| step.rule.as_ref().map(|rule| format!("{rule} {}", (looks.delta)(step.delta)))));
    remarks
}
