//! Places in the text of a script: of tokens, of definitions; and the text without its comments and strings.

use std::ops::Range;

use rhai::Position;

use super::source::Source;

/// The bytes of the token at a position; the last character of the text when there is none there.
pub(crate) fn span(file: &Source, position: Position) -> Range<usize> {
    let found = position.line().map_or(0..0, |line| file.token(line, position.position().unwrap_or(1)));
    if found.is_empty() {
        let end = file.text.trim_end().len();
        let start = file.text[..end].char_indices().next_back().map_or(0, |(at, _)| at);
        start..end
    } else {
        found
    }
}

/// The bytes of a function's name where it is defined.
pub(super) fn definition(blanked: &str, name: &str, count: usize) -> Range<usize> {
    let mut last = 0..0;
    for (at, _) in blanked.match_indices("fn") {
        let rest = blanked[at + 2..].trim_start();
        let start = blanked.len() - rest.len();
        let Some(after) = rest.strip_prefix(name).map(str::trim_start).filter(|after| after.starts_with('(')) else { continue };
        last = start..start + name.len();
        let inside = after[1..].split(')').next().unwrap_or("").trim();
        if (if inside.is_empty() { 0 } else { inside.matches(',').count() + 1 }) == count {
            break;
        }
    }
    last
}

/// The bytes of a function's name where a file defines it.
pub(crate) fn definition_of(file: &Source, name: &str, count: usize) -> Range<usize> {
    definition(&blank(&file.text, ' '), name, count)
}

/// The text with comments made of spaces and strings of `fill`, byte for byte.
pub(crate) fn blank(text: &str, fill: char) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, fill) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), ' ')
        } else if rest.starts_with("/*") {
            (rest.find("*/").map_or(rest.len(), |at| at + 2), ' ')
        } else if first == '"' || first == '`' {
            let mut escaped = false;
            let end = rest[1..].find(|c| {
                let ends = c == first && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            (end.map_or(rest.len(), |at| at + 2), fill)
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        out.extend(rest[..length].bytes().map(|byte| if byte == b'\n' { '\n' } else { fill }));
        rest = &rest[length..];
    }
    out
}
