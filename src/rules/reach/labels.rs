//! The labels of a `switch`, read from the text: the syntax tree keeps no more than their hashes.

use std::ops::Range;

use rhai::{Position, SwitchCasesCollection};

use crate::rules::source::Source;
use crate::rules::text::{blank, span};

/// One label of an arm.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Label {
    Text(String),
    Integer(i64),
    Truth(bool),
    Missing,
    /// Integers from the first to the second; none when the second is less.
    Integers(i64, i64),
    /// Something else.
    Unknown,
}

/// The labels of one arm; none for the arm of all others.
#[derive(Debug, PartialEq)]
pub(crate) struct Arm {
    pub(crate) labels: Vec<Label>,
    /// The bytes of each of them.
    pub(crate) places: Vec<Range<usize>>,
    /// The bytes of the labels with their condition.
    pub(crate) span: Range<usize>,
}

/// The arms of a `switch` with their labels; `None` when text and syntax tree do not agree on them.
pub(crate) fn read(file: &Source, cases: &SwitchCasesCollection, position: Position) -> Option<Vec<Arm>> {
    let arms = arms(&file.text, span(file, position).start)?;
    let mut counts = vec![0; arms.len()];
    for block in cases.cases.values().flat_map(|case| &case.blocks) {
        *counts.get_mut(*block)? += 1;
    }
    let agrees = arms.len() == cases.expressions.len() && arms.iter().zip(counts).all(|(arm, count)| arm.labels.len() == count);
    agrees.then_some(arms)
}

/// Reads the arms of the `switch` that begins at a byte; `None` when the text cannot be followed.
fn arms(text: &str, start: usize) -> Option<Vec<Arm>> {
    let code = blank(text, '"');
    let open = start + code.get(start..)?.find('{')?;
    if code[start..open].ends_with('#') {
        return None;
    }
    let mut arms = Vec::new();
    let mut at = open + 1;
    loop {
        at += code.get(at..)?.len() - code.get(at..)?.trim_start().len();
        if code[at..].starts_with('}') {
            return Some(arms);
        }
        let arrow = arrow(&code, at)?;
        let (labels, places) = labels(&code[at..arrow], &text[at..arrow])?.into_iter().unzip();
        let places: Vec<Range<usize>> = places;
        let places = places.into_iter().map(|place| at + place.start..at + place.end).collect();
        arms.push(Arm { labels, places, span: at..at + text[at..arrow].trim_end().len() });
        at = after_arm(&code, arrow + 2)?;
    }
}

/// The byte of the arrow of the arm that begins at a byte; a condition may have arrows of its own in brackets.
fn arrow(code: &str, from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in code.get(from..)?.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.checked_sub(1)?,
            '=' if depth == 0 && code[from + at..].starts_with("=>") => return Some(from + at),
            _ => {}
        }
    }
    None
}

/// The byte after an arm's expression and its comma.
fn after_arm(code: &str, from: usize) -> Option<usize> {
    let body = code.get(from..)?.trim_start();
    let first: String = body.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let statement = body.starts_with('{') || ["if", "switch"].contains(&first.as_str());
    let mut depth = 0_usize;
    for (at, c) in code.get(from..)?.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            '}' if depth == 0 => return Some(from + at),
            ')' | ']' | '}' => {
                depth = depth.checked_sub(1)?;
                let rest = code[from + at + 1..].trim_start();
                if depth == 0 && c == '}' && statement && !rest.starts_with("else") && !rest.starts_with('{') {
                    let end = code.len() - rest.len();
                    return Some(if rest.starts_with(',') { end + 1 } else { end });
                }
            }
            ',' if depth == 0 => return Some(from + at + 1),
            _ => {}
        }
    }
    None
}

/// The labels before `=>` with their bytes, a condition after `if` left out.
fn labels(code: &str, text: &str) -> Option<Vec<(Label, Range<usize>)>> {
    let end = code.match_indices("if").map(|(at, _)| at).find(|at| {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        !code[..*at].ends_with(word) && !code[at + 2..].starts_with(word)
    });
    let end = end.unwrap_or(code.len());
    if code[..end].trim() == "_" {
        return Some(Vec::new());
    }
    let mut found = Vec::new();
    let mut start = 0;
    for at in code[..end].match_indices('|').map(|(at, _)| at).chain([end]) {
        let whole = text.get(start..at)?;
        let from = start + whole.len() - whole.trim_start().len();
        found.push((label(whole.trim()), from..from + whole.trim().len()));
        start = at + 1;
    }
    Some(found)
}

fn label(text: &str) -> Label {
    let integer = |text: &str| text.trim().replace('_', "").parse::<i64>().ok();
    if let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return if inner.contains(['\\', '"']) { Label::Unknown } else { Label::Text(inner.to_owned()) };
    }
    match text {
        "true" => return Label::Truth(true),
        "false" => return Label::Truth(false),
        "()" => return Label::Missing,
        _ => {}
    }
    if let Some(integer) = integer(text) {
        return Label::Integer(integer);
    }
    let Some((from, to)) = text.split_once("..") else { return Label::Unknown };
    let (to, last) = match to.strip_prefix('=') {
        Some(to) => (to, 0),
        None => (to, 1),
    };
    match integer(from).zip(integer(to)) {
        Some((from, to)) => to.checked_sub(last).map_or(Label::Unknown, |to| Label::Integers(from, to)),
        None => Label::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Vec<Vec<Label>>> {
        arms(text, 0).map(|arms| arms.into_iter().map(|arm| arm.labels).collect())
    }

    #[test]
    fn labels_are_read_with_ranges_conditions_and_nested_switches() {
        let text = "switch x { \"a\" | \"b, =>\" if n => f(1, 2), 3 => { if y { 1 } else { 2 } } 4..6 | 8..=9 => if z { 1 } else { 2 }\n -1 => switch y { 1 => 2, _ => 3 }, true | () => 0, 1.5 => 1, _ => [1, 2][0] }";
        let expected = vec![
            vec![Label::Text("a".to_owned()), Label::Text("b, =>".to_owned())],
            vec![Label::Integer(3)],
            vec![Label::Integers(4, 5), Label::Integers(8, 9)],
            vec![Label::Integer(-1)],
            vec![Label::Truth(true), Label::Missing],
            vec![Label::Unknown],
            vec![],
        ];
        assert_eq!(read(text), Some(expected));
    }

    #[test]
    fn a_condition_may_have_a_switch_of_its_own() {
        let text = "switch x { true if (switch y { \"a\" => 0, \"b\" | \"c\" => 1 }) > 0 => 1, true | false => 2, _ => 3 }";
        assert_eq!(read(text), Some(vec![vec![Label::Truth(true)], vec![Label::Truth(true), Label::Truth(false)], vec![]]));
    }

    #[test]
    fn spans_cover_labels_and_condition() {
        let text = "switch x { 1 | 2 if y => 3, _ => 4 }";
        let arms = arms(text, 0).unwrap();
        let spans: Vec<&str> = arms.iter().map(|arm| &text[arm.span.clone()]).collect();
        assert_eq!(spans, ["1 | 2 if y", "_"]);
        let places: Vec<&str> = arms.iter().flat_map(|arm| &arm.places).map(|place| &text[place.clone()]).collect();
        assert_eq!(places, ["1", "2"]);
    }
}
