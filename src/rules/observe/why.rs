//! Why a hook came to its result: the conditions that led there, on the values that they read.

use super::Observed;
use super::instrument::{Condition, Join};
use super::trail::Event;
use crate::rules::source::Source;

/// How many conditions an explanation names: the last ones decided.
const MOST: usize = 3;

/// One condition that was met on the way.
struct Met {
    line: usize,
    text: String,
}

/// The conditions that a run met, as words; `None` when it met none.
pub(crate) fn explain(file: &Source, observed: &Observed, trail: &[Event]) -> Option<String> {
    let mut met: Vec<Met> = Vec::new();
    for (at, event) in trail.iter().enumerate() {
        let found = match event {
            Event::If(number, holds) => {
                observed.marks.conditions.get(*number).map(|one| condition(file, observed, one, *holds, &trail[..at]))
            }
            Event::Arm(number) => observed.marks.arms.get(*number).map(|span| Met {
                line: file.line_column(span.start).0,
                text: format!("`switch` comes to `{}`", one_line(file.text.get(span.clone()).unwrap_or(""))),
            }),
            Event::Leaf(..) => None,
        };
        if let Some(found) = found {
            // A condition in a loop counts once, with its last values.
            met.retain(|other| other.line != found.line);
            met.push(found);
        }
    }
    let from = met.len().saturating_sub(MOST);
    let words: Vec<String> = met[from..].iter().map(|one| format!("line {}: {}", one.line, one.text)).collect();
    (!words.is_empty()).then(|| words.join(", then "))
}

/// A condition with the parts that decided it.
fn condition(file: &Source, observed: &Observed, one: &Condition, holds: bool, before: &[Event]) -> Met {
    // The last notes of its parts, in the order in which they were taken.
    let mut parts: Vec<(usize, bool, &[String])> = Vec::new();
    for event in before.iter().rev() {
        match event {
            Event::Leaf(number, value, seen) if one.leaves.contains(number) && parts.iter().all(|(other, ..)| other != number) => {
                parts.push((*number, *value, seen));
            }
            Event::If(number, _) if observed.marks.conditions.get(*number).is_some_and(|other| other.span == one.span) => break,
            _ => {}
        }
    }
    parts.reverse();
    let last_decides = matches!((one.join, holds), (Join::Any, true) | (Join::All, false));
    if last_decides && parts.len() > 1 {
        parts.drain(..parts.len() - 1);
    }
    let said: Vec<String> = parts
        .iter()
        .map(|(number, value, seen)| {
            let leaf = &observed.marks.leaves[*number];
            let text = one_line(file.text.get(leaf.span.clone()).unwrap_or(""));
            let verb = if *value { "holds" } else { "does not hold" };
            let values: Vec<String> = leaf.names.iter().zip(*seen).map(|(name, value)| format!("{name} = {value}")).collect();
            if values.is_empty() { format!("`{text}` {verb}") } else { format!("`{text}` {verb} ({})", values.join(", ")) }
        })
        .collect();
    Met { line: file.line_column(one.span.start).0, text: said.join(" and ") }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
