//! A file of the rule set: its name, its text, and how a place in it is shown.

use std::fmt::Write as _;
use std::ops::Range;

use crate::columns::{acts, width_of_char, without_controls};

/// One file of a rule set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Name inside the set, always with `/`: `config/scoring.toml`, `rules/stale.rhai`.
    pub name: String,
    /// The text.
    pub text: String,
    /// Position among the files of the set.
    pub order: usize,
    /// Where each line begins: faults of a file may be as many as its lines.
    starts: Vec<usize>,
    /// Where every so many-th character begins: they may also be many in one line.
    marks: Vec<usize>,
}

/// Characters from one mark to the next.
const STEP: usize = 64;

impl Source {
    /// Makes a source.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>, order: usize) -> Self {
        let text = text.into();
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let marks = text.char_indices().step_by(STEP).map(|(at, _)| at).collect();
        Self { name: name.into(), text, order, starts, marks }
    }

    /// Line and column (both from 1; columns count characters) of a byte.
    #[must_use]
    pub fn line_column(&self, byte: usize) -> (usize, usize) {
        let end = floor_boundary(&self.text, byte);
        let line = self.starts.partition_point(|start| *start <= end);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        (line, self.characters(end) - self.characters(start) + 1)
    }

    /// How many characters stand before a byte, at which one begins.
    fn characters(&self, byte: usize) -> usize {
        let mark = self.marks.partition_point(|mark| *mark <= byte).saturating_sub(1);
        let from = self.marks.get(mark).copied().unwrap_or(0);
        mark * STEP + self.text[from..byte].chars().count()
    }

    /// The byte of a line and column (both from 1); the end of the line when the column is past it.
    #[must_use]
    pub fn byte(&self, line: usize, column: usize) -> usize {
        let start = self.line_start(line);
        let last = start + self.line_text(start).len();
        let wanted = self.characters(start).saturating_add(column.saturating_sub(1));
        let from = self.marks.get(wanted / STEP).copied().unwrap_or(last);
        self.text[from..].char_indices().nth(wanted % STEP).map_or(last, |(at, _)| from + at).min(last)
    }

    /// The bytes of the word, number, text or sign that begins at a line and column.
    #[must_use]
    pub fn token(&self, line: usize, column: usize) -> Range<usize> {
        let start = self.byte(line, column);
        let rest = &self.text[start..];
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let length = match rest.chars().next() {
            Some(c) if word(c) => rest.find(|c| !word(c)).unwrap_or(rest.len()),
            Some(quote @ ('"' | '`')) => rest[1..].find([quote, '\n']).map_or(1, |at| at + 2),
            Some(c) if "=<>!&|?+-*/%.".contains(c) => rest.find(|c| !"=<>!&|?+-*/%.".contains(c)).unwrap_or(rest.len()).min(2),
            Some(c) => c.len_utf8(),
            None => 0,
        };
        start..(start + length).min(self.text.len())
    }

    /// The line at fault with its number, and carets beneath the bytes at fault; of a line too long for `width` columns, the
    /// part at fault.
    #[must_use]
    pub fn excerpt(&self, line: usize, column: usize, span: &Range<usize>, width: usize) -> String {
        let margin = line.to_string().len();
        let room = width.saturating_sub(margin + 3).clamp(NARROWEST, WIDEST);
        let covered = self.text.get(span.clone()).unwrap_or("").lines().next().unwrap_or("").chars().take(room).count();
        // No more is looked at than can be shown.
        let (start, text) = (self.line_start(line), self.line_text(self.line_start(line)));
        let first = (column - 1).saturating_sub(room);
        let skipped = self.byte(line, first + 1) - start;
        let mut rest = text[skipped..].chars();
        let cells: Vec<(String, usize)> = rest.by_ref().take(3 * room).map(cell).collect();
        let from = (column - 1 - first).min(cells.len());
        let shown = window(&cells, from, from + covered.max(1), room, (first > 0, rest.next().is_some()));
        let wide = |range: Range<usize>| cells.get(range).unwrap_or(&[]).iter().map(|(_, wide)| wide).sum::<usize>();
        let sign = |cut: bool| if cut { "…" } else { "" };
        let (before, after) = (sign(shown.cut.0), sign(shown.cut.1));
        let shown_cells = shown.cells;
        let from = from.min(shown_cells.end).max(shown_cells.start);
        let indent = wide(shown_cells.start..from) + usize::from(shown.cut.0);
        let under = wide(from..(from + covered).min(shown_cells.end)).max(1);
        let mut out = String::new();
        let _ = writeln!(out, "{:margin$}--> {}:{line}:{column}", "", without_controls(&self.name));
        let _ = writeln!(out, "{:margin$} |", "");
        let shown: String = cells[shown_cells].iter().map(|(text, _)| text.as_str()).collect();
        let _ = writeln!(out, "{}", format!("{line} | {before}{shown}{after}").trim_end());
        let _ = write!(out, "{:margin$} | {:indent$}{}", "", "", "^".repeat(under));
        out
    }

    fn line_start(&self, line: usize) -> usize {
        self.starts.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len())
    }

    fn line_text(&self, start: usize) -> &str {
        self.text[start..].lines().next().unwrap_or("")
    }
}

/// Columns of a line that are shown at least.
const NARROWEST: usize = 12;
/// Columns of a line that are shown at most.
const WIDEST: usize = 500;

/// A character as it is shown, and how many columns it takes.
fn cell(c: char) -> (String, usize) {
    match c {
        '\t' => ("    ".to_owned(), 4),
        c if acts(c) => ("\u{fffd}".to_owned(), 1),
        c => (c.to_string(), width_of_char(c)),
    }
}

/// The part of a line that is shown.
struct Window {
    cells: Range<usize>,
    /// Whether something is left out before and after it.
    cut: (bool, bool),
}

/// The characters of a line that are shown in `room` columns, so that those at fault are among them: what is left out at
/// either end takes a column for its sign. `more`: whether there are others before and after these.
fn window(cells: &[(String, usize)], from: usize, to: usize, room: usize, more: (bool, bool)) -> Window {
    let wide = |range: Range<usize>| cells[range].iter().map(|(_, wide)| wide).sum::<usize>();
    if more == (false, false) && wide(0..cells.len()) <= room {
        return Window { cells: 0..cells.len(), cut: more };
    }
    // From the beginning, if the place fits; else a third of the room is for what stands before it.
    let mut start = 0;
    if more.0 || wide(0..to.min(cells.len())) + 1 > room {
        start = from;
        while start > 0 && wide(start - 1..from) <= room / 3 {
            start -= 1;
        }
    }
    let before = start > 0 || more.0;
    let mut end = start;
    let mut left = room - usize::from(before);
    while let Some((_, wide)) = cells.get(end) {
        let sign = usize::from(end + 1 < cells.len() || more.1);
        if *wide + sign > left {
            break;
        }
        left -= wide;
        end += 1;
    }
    Window { cells: start..end, cut: (before, end < cells.len() || more.1) }
}

fn floor_boundary(text: &str, byte: usize) -> usize {
    let mut at = byte.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::width_of;

    /// The excerpt of what stands between angle brackets, which are taken away.
    fn excerpt(text: &str, width: usize) -> Vec<String> {
        let (start, end) = (text.find('<').unwrap(), text.find('>').unwrap() - 1);
        let source = Source::new("f", text.replace(['<', '>'], ""), 0);
        let (line, column) = source.line_column(start);
        source.excerpt(line, column, &(start..end), width).lines().map(str::to_owned).collect()
    }

    #[test]
    fn carets_stand_beneath_the_place_whatever_is_before_it() {
        assert_eq!(excerpt("a = <bc> d", 80)[2..], ["1 | a = bc d", "  |     ^^"]);
        assert_eq!(excerpt("\ta = <bc> d", 80)[2..], ["1 |     a = bc d", "  |         ^^"]);
        assert_eq!(excerpt("\"時計\" <漢> d", 80)[2..], ["1 | \"時計\" 漢 d", "  |        ^^"]);
        assert_eq!(excerpt("\u{1b}[31m <x>", 80)[2..], ["1 | \u{fffd}[31m x", "  |       ^"]);
        assert_eq!(excerpt("e\u{301} <x>", 80)[2..], ["1 | e\u{301} x", "  |   ^"]);
    }

    #[test]
    fn places_are_bytes_and_back() {
        let text = format!("a漢c\n\n{}\nend", "漢x".repeat(200));
        let source = Source::new("f", text.as_str(), 0);
        for (line, content) in text.lines().enumerate() {
            let start = content.as_ptr().addr() - text.as_ptr().addr();
            for (column, (at, _)) in content.char_indices().enumerate() {
                assert_eq!(source.byte(line + 1, column + 1), start + at);
                assert_eq!(source.line_column(start + at), (line + 1, column + 1));
            }
            for past in [content.chars().count() + 1, content.chars().count() + 100, usize::MAX] {
                assert_eq!(source.byte(line + 1, past), start + content.len());
            }
        }
    }

    #[test]
    fn of_a_long_line_the_part_at_fault_is_shown() {
        let long = "x".repeat(100);
        assert_eq!(excerpt(&format!("<ab> {long}"), 20)[2..], ["1 | ab xxxxxxxxxxxx…".to_owned(), "  | ^^".to_owned()]);
        assert_eq!(excerpt(&format!("{long} <ab>"), 20)[2..], ["1 | …xxxx ab", "  |       ^^"]);
        for at in 0..100 {
            for length in [1, 5, 90] {
                let text = format!("{}<{}> {}", "a".repeat(at), "漢".repeat(length), "b".repeat(100));
                let shown = excerpt(&text, 40);
                assert!(shown.iter().all(|line| width_of(line) <= 40), "{shown:#?}");
                let caret = shown[3].find('^').unwrap();
                let below: String = shown[2]
                    .chars()
                    .scan(0, |wide, c| {
                        let at = *wide;
                        *wide += width_of_char(c);
                        Some((at, c))
                    })
                    .filter(|(at, _)| *at == caret)
                    .map(|(_, c)| c)
                    .collect();
                assert_eq!(below, "漢", "{shown:#?}");
            }
        }
    }
}
