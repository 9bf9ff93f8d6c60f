//! The stability of an answer as a table.

use super::answer::short;
use super::numbers::{bar, score};
use crate::cli::output::{Column, Sheet, remarks};
use crate::recommend::words::question;
use crate::stability::{Change, Moved, Stability};

/// The candidates with their shares of the weight space, and what it would take for another to come first.
pub(in crate::cli) fn stability(stability: &Stability) -> Sheet {
    let rows = stability.candidates.iter().map(|one| {
        vec![
            one.rank.to_string(),
            one.hardware.clone(),
            score(one.score),
            percent(one.share, one.error),
            bar(one.share),
            error(one.share, one.error),
        ]
    });
    Sheet {
        above: vec![question(&stability.request)],
        columns: vec![
            Column::number("#", 0),
            Column::text("hardware", 0),
            Column::number("score", 1),
            Column::number("wins", 0),
            Column::word("", 3),
            Column::number("+-", 2),
        ],
        rows: rows.collect(),
        below: below(stability),
    }
}

fn below(stability: &Stability) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(winner) = &stability.winner {
        lines.push(format!(
            "wins: share of {} weight sets, drawn evenly from all (seed {}), in which it comes first; +- 95 %",
            stability.samples, stability.seed
        ));
        if stability.candidates.iter().any(|one| none_or_all(one.share)) {
            lines.push("<: no draw, or every draw, won: the one-sided 95 % bound of so many draws".to_owned());
        }
        lines.extend(stability.changes.iter().filter_map(|change| moves(change, winner)));
        lines.extend(left_out(stability));
    } else if stability.none_share > 0.0 {
        lines.extend(stability.changes.iter().filter_map(|change| moves(change, "nothing")));
    }
    if let Some(profiles) = &stability.profiles {
        let none = || "nothing".to_owned();
        let winners = if profiles.agree {
            format!("both put {} first", profiles.documented.clone().unwrap_or_else(none))
        } else {
            format!(
                "documented puts {} first, ratio {}",
                profiles.documented.clone().unwrap_or_else(none),
                profiles.ratio.clone().unwrap_or_else(none)
            )
        };
        let tau = profiles.kendall_tau.map(|tau| format!("; Kendall's tau of the two orders {tau:.2}")).unwrap_or_default();
        lines.push(format!("profiles: {winners}{tau}"));
    }
    lines.extend(remarks(&stability.notes, &stability.warnings));
    lines.push(format!("rule set {}, data {}", short(&stability.rule_set), short(&stability.data_fingerprint)));
    lines
}

/// What it takes of one weight, in a line; nothing where it is the only one.
fn moves(change: &Change, winner: &str) -> Option<String> {
    let to = |moved: &Moved| {
        let first = moved.winner.as_deref().unwrap_or("nothing");
        format!("{first} first at {} (x {})", digits(moved.weight), digits(moved.factor))
    };
    let mut said: Vec<String> = [&change.down, &change.up].into_iter().flatten().map(to).collect();
    if said.is_empty() {
        said.push(format!("{winner} stays first at any weight"));
    }
    match &change.without {
        Some(first) if first != winner => said.push(format!("at weight 0 {first} first")),
        _ if change.weight >= 1.0 => return None,
        _ => {}
    }
    Some(format!("{} {}: {}", change.component, digits(change.weight), said.join("; ")))
}

fn left_out(stability: &Stability) -> Vec<String> {
    let flips = stability.left_out.iter().filter(|one| one.flips).map(|one| {
        format!(
            "without {}: {} first instead of {}",
            one.hardware,
            one.after.as_deref().unwrap_or("nothing"),
            one.before.as_deref().unwrap_or("nothing")
        )
    });
    let mut lines: Vec<String> = flips.collect();
    if lines.is_empty() && stability.left_out.len() > 1 {
        lines.push("leaving out any one of them does not change which of the others comes first".to_owned());
    }
    let moved: Vec<&str> = stability.left_out.iter().filter(|one| one.swaps > 0 && !one.flips).map(|one| one.hardware.as_str()).collect();
    if !moved.is_empty() {
        lines.push(format!("others change places without: {}", moved.join(", ")));
    }
    lines
}

/// A share in percent, with no more digits than its error allows.
fn percent(share: f64, error: f64) -> String {
    let decimals = usize::from(error < 0.005);
    if share > 0.0 && share < 0.000_5 { "<0.1 %".to_owned() } else { format!("{:.decimals$} %", share * 100.0) }
}

/// Whether nothing scatters: the error is a bound then.
fn none_or_all(share: f64) -> bool {
    share <= 0.0 || share >= 1.0
}

/// An error in percent, never a false zero; a bound where it is one.
fn error(share: f64, error: f64) -> String {
    let decimals = if error < 0.002 { 2 } else { 1 };
    let bound = if none_or_all(share) { "< " } else { "" };
    format!("{bound}{:.decimals$} %", error * 100.0)
}

/// Three significant digits.
fn digits(value: f64) -> String {
    if !(0.001..100.0).contains(&value) {
        format!("{value:.1e}")
    } else if value >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.3}")
    }
}

/// The candidates as data: every number in full.
pub(in crate::cli) fn stability_data(stability: &Stability) -> Sheet {
    let rows = stability
        .candidates
        .iter()
        .map(|one| vec![one.rank.to_string(), one.hardware.clone(), one.score.to_string(), one.share.to_string(), one.error.to_string()]);
    let columns = ["rank", "hardware", "score", "share", "error"].map(|name| Column::text(name, 0));
    let below = remarks(&stability.notes, &stability.warnings);
    Sheet { columns: columns.into(), rows: rows.collect(), below, ..Sheet::default() }
}
