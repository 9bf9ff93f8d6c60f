//! The text of an expected ranking, and what can be read back from it.
//!
//! It is not the table of `recommend`: that one may change its looks, and a snapshot must then still be the same. A line is one
//! piece of hardware; numbers come first, in columns of fixed width, so that a longer name moves no other line.

use std::fmt::Write as _;

use crate::Error;
use crate::recommend::Answer;
use crate::recommend::answer::Recommendation;
use crate::recommend::words::{self, Looks};

/// The text of an answer; its list goes as far as was asked for.
#[must_use]
pub(super) fn body(answer: &Answer, shown: usize) -> String {
    let shown = if shown == 0 { answer.recommendations.len() } else { shown.min(answer.recommendations.len()) };
    let list = &answer.recommendations[..shown];
    let mut out = plain(&words::question(&answer.request));
    out.push_str("\n\n");
    if !list.is_empty() {
        let components = components(list);
        let _ = write!(out, "rank   score");
        for name in &components {
            let _ = write!(out, "  {name:>wide$}", wide = width(name));
        }
        out.push_str("     n  hardware\n");
        for one in list {
            let _ = write!(out, "{:>4}  {:.4}", one.rank, one.score);
            for name in &components {
                let _ = write!(out, "  {:>wide$}", component(one, name), wide = width(name));
            }
            let _ = write!(out, "  {:>4}  {}", one.results, plain(&one.hardware));
            for remark in remarks(one, &answer.recommendations) {
                let _ = write!(out, " | {remark}");
            }
            out.push('\n');
        }
        if shown < answer.ranked {
            let _ = writeln!(out, "{shown} of {} ranked", answer.ranked);
        }
        out.push('\n');
    }
    for one in &answer.excluded {
        let _ = writeln!(out, "excluded: {} ({}): {}", plain(&one.hardware), one.rule, plain(&one.reason));
    }
    for one in &answer.not_scored {
        let _ = writeln!(out, "not scored: {}: {}", plain(&one.hardware), plain(&one.reason));
    }
    for note in &answer.notes {
        let note = weighed(note).map_or_else(|| note.clone(), |(rule, what)| format!("rule `{rule}` set weights: {what}"));
        let _ = writeln!(out, "note: {}", plain(&note));
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// Rule and change of a note about weights that a rule set; its place in the script is nothing that a ranking hangs on.
pub(super) fn weighed(note: &str) -> Option<(&str, &str)> {
    let (head, what) = note.split_once(") set weights: ")?;
    let (rule, _) = head.strip_prefix("rule `")?.split_once("` (")?;
    Some((rule, what))
}

/// The text of a question that is refused.
#[must_use]
pub(super) fn refusal(error: &Error) -> String {
    let help = error.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    format!("error: {}{help}\n", error.message)
}

/// Components that some hardware has a score in, the heaviest first.
fn components(list: &[Recommendation]) -> Vec<&String> {
    let Some(first) = list.first() else { return Vec::new() };
    let known = |name: &str| list.iter().any(|one| one.components.get(name).copied().flatten().is_some());
    let mut names: Vec<(&String, f64)> =
        first.weights.iter().filter(|(name, weight)| **weight > 0.0 && known(name)).map(|(name, weight)| (name, *weight)).collect();
    names.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    names.into_iter().map(|(name, _)| name).collect()
}

/// As wide as its numbers at least: `~0.485`.
fn width(name: &str) -> usize {
    name.chars().count().max(6)
}

fn component(one: &Recommendation, name: &str) -> String {
    match one.components.get(name).copied().flatten() {
        Some(value) if one.missing.iter().any(|missing| missing == name) => format!("~{value:.3}"),
        Some(value) => format!("{value:.3}"),
        None => "-".to_owned(),
    }
}

fn remarks(one: &Recommendation, all: &[Recommendation]) -> Vec<String> {
    let batch = one.recommended_batch_size.map(|batch| format!("batch {batch}"));
    let peak = one.memory_requirement.map(|memory| format!("{memory:.0} MB"));
    let point: Vec<String> = [batch, one.recommended_precision.as_deref().map(plain), peak].into_iter().flatten().collect();
    let point = (!point.is_empty()).then(|| point.join(", "));
    let looks = Looks { rank: |rank| rank.to_string(), delta: |delta| format!("{delta:+.4}") };
    point.into_iter().chain(words::remarks(one, all, looks)).collect()
}

/// In one line, without what would act on a terminal, and without the sign that sets remarks apart.
fn plain(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.replace(" | ", " / ")
}

/// What an expected ranking says of each piece of hardware.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Listed {
    /// Rank, label and score as printed, best first.
    pub ranked: Vec<(usize, String, String)>,
    /// How many are ranked in all, shown or not.
    pub of: usize,
    /// Label, and why (rule and reason).
    pub excluded: Vec<(String, String)>,
    /// Label and why.
    pub not_scored: Vec<(String, String)>,
}

impl Listed {
    /// Everything that an answer says, beyond what is shown of it.
    pub(super) fn of(answer: &Answer) -> Self {
        Self {
            ranked: answer.recommendations.iter().map(|one| (one.rank, plain(&one.hardware), format!("{:.4}", one.score))).collect(),
            of: answer.ranked,
            excluded: answer.excluded.iter().map(|one| (plain(&one.hardware), format!("{}: {}", one.rule, plain(&one.reason)))).collect(),
            not_scored: answer.not_scored.iter().map(|one| (plain(&one.hardware), plain(&one.reason))).collect(),
        }
    }

    /// Reads a text that [`body`] wrote; what is no line of it is passed over.
    pub(super) fn read(text: &str) -> Self {
        let mut listed = Self::default();
        let mut columns = None;
        for line in text.lines() {
            if line.starts_with("rank ") && line.ends_with(" hardware") {
                columns = Some(line.split_whitespace().count());
            } else if let Some(rest) = line.strip_prefix("excluded: ") {
                if let Some((head, reason)) = rest.split_once("): ")
                    && let Some((hardware, rule)) = head.rsplit_once(" (")
                {
                    listed.excluded.push((hardware.to_owned(), format!("{rule}: {reason}")));
                }
            } else if let Some(rest) = line.strip_prefix("not scored: ") {
                let (hardware, why) = rest.split_once(": ").unwrap_or((rest, ""));
                listed.not_scored.push((hardware.to_owned(), why.to_owned()));
            } else if let Some((_, of)) = line.strip_suffix(" ranked").and_then(|line| line.split_once(" of ")) {
                listed.of = of.parse().unwrap_or(listed.of);
            } else if let Some(one) = columns.and_then(|columns| ranked(line, columns)) {
                listed.ranked.push(one);
            }
        }
        listed.of = listed.of.max(listed.ranked.len());
        listed
    }
}

/// Rank, label and score of a line with so many columns, of which the label is the last.
fn ranked(line: &str, columns: usize) -> Option<(usize, String, String)> {
    let mut rest = line.trim_start();
    let mut words = Vec::new();
    for _ in 0..columns - 1 {
        let (word, after) = rest.split_once(' ')?;
        words.push(word);
        rest = after.trim_start();
    }
    let hardware = rest.split(" | ").next()?;
    Some((words.first()?.parse().ok()?, hardware.to_owned(), (*words.get(1)?).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_reads_back() {
        let text = "resnet50, inference\n\nrank   score  throughput  latency     n  hardware\n   1  0.9812       1.000    1.000     4  NVIDIA H200 x8\n  \
                    12  0.5000       0.500   ~0.485    12  Intel Xeon (openvino) | tied with 3 | stale -0.0500\n2 of 15 ranked\n\n\
                    excluded: NVIDIA A10 (memory_fit): needs 26 GB (of 24): no\nnot scored: T4: 3 failed runs, no result\nnote: mixed\n";
        let listed = Listed::read(text);
        assert_eq!(listed.of, 15);
        assert_eq!(
            listed.ranked,
            [(1, "NVIDIA H200 x8".to_owned(), "0.9812".to_owned()), (12, "Intel Xeon (openvino)".to_owned(), "0.5000".to_owned())]
        );
        assert_eq!(listed.excluded, [("NVIDIA A10".to_owned(), "memory_fit: needs 26 GB (of 24): no".to_owned())]);
        assert_eq!(listed.not_scored, [("T4".to_owned(), "3 failed runs, no result".to_owned())]);
    }
}
