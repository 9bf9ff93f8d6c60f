//! Puts notes into the text of a script: around conditions, around their parts, before the results of `switch` arms.

use std::ops::Range;

use super::trail::{IF, LEAF, SWITCH};
use crate::rules::text::blank;

/// What notes are about, by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    /// Conditions of `if`.
    pub(crate) conditions: Vec<Condition>,
    /// Their parts.
    pub(crate) leaves: Vec<Leaf>,
    /// Where the results of `switch` arms stand, bytes.
    pub(crate) arms: Vec<Range<usize>>,
}

/// The condition of an `if`.
#[derive(Debug)]
pub(crate) struct Condition {
    /// Where it stands, bytes.
    pub(crate) span: Range<usize>,
    /// How its parts are joined.
    pub(crate) join: Join,
    /// Numbers of its parts.
    pub(crate) leaves: Range<usize>,
}

/// A part of a condition.
#[derive(Debug)]
pub(crate) struct Leaf {
    /// Where it stands, bytes.
    pub(crate) span: Range<usize>,
    /// What its values are called.
    pub(crate) names: Vec<String>,
}

/// How the parts of a condition are joined at the top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Join {
    /// There is one part.
    One,
    /// `||`
    Any,
    /// `&&`
    All,
}

/// The text with its notes, and what they are about; with `values`, notes hold the values that a part reads.
pub(crate) fn instrument(text: &str, values: bool) -> (String, Marks) {
    let mut work = Work { text, bytes: blank(text, '"').into_bytes(), values, marks: Marks::default(), put: Vec::new() };
    work.scan();
    let mut put = work.put;
    // At one place what encloses more goes first; ends go before beginnings.
    put.sort_by_key(|put| (put.at, put.order));
    let mut out = String::with_capacity(text.len() * 2);
    let mut from = 0;
    for put in &put {
        out.push_str(&text[from..put.at]);
        out.push_str(&put.text);
        from = put.at;
    }
    out.push_str(&text[from..]);
    (out, work.marks)
}

struct Put {
    at: usize,
    order: i64,
    text: String,
}

struct Work<'a> {
    text: &'a str,
    /// The text with comments made of spaces and strings of quotes, byte for byte.
    bytes: Vec<u8>,
    values: bool,
    marks: Marks,
    put: Vec<Put>,
}

/// A block that the scan is in: what it declares, and whether it is that of a `switch`.
#[derive(Default)]
struct Block {
    names: Vec<String>,
    switch: bool,
}

impl Work<'_> {
    fn scan(&mut self) {
        let mut blocks = vec![Block::default()];
        let mut params: Vec<String> = Vec::new();
        let (mut at, mut depth, mut switches) = (0, 0_usize, Vec::new());
        while at < self.bytes.len() {
            if let Some(word) = self.word(at) {
                let end = at + word.len();
                match word.as_str() {
                    "if" => self.condition(end, &blocks),
                    "switch" => switches.push(depth),
                    "fn" => params = self.parameters(end),
                    "let" | "const" | "for" => {
                        let name = self.word(self.skip(end)).unwrap_or_default();
                        if let Some(block) = blocks.last_mut() {
                            block.names.push(name);
                        }
                    }
                    _ => {}
                }
                at = end;
                continue;
            }
            match self.bytes[at] {
                b'{' => {
                    let switch = switches.last() == Some(&depth) && (at == 0 || self.bytes[at - 1] != b'#');
                    if switch {
                        switches.pop();
                    }
                    blocks.push(Block { names: std::mem::take(&mut params), switch });
                }
                b'}' if blocks.len() > 1 => {
                    blocks.pop();
                }
                b'(' | b'[' => depth += 1,
                b')' | b']' => depth = depth.saturating_sub(1),
                b'=' if self.bytes.get(at + 1) == Some(&b'>') && blocks.last().is_some_and(|block| block.switch) => {
                    self.arm(at + 2);
                    at += 1;
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// The word that begins at a byte, unless it is in the middle of one or is a property.
    fn word(&self, at: usize) -> Option<String> {
        let first = *self.bytes.get(at)?;
        let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if !(first.is_ascii_alphabetic() || first == b'_') || (at > 0 && inside(self.bytes[at - 1])) {
            return None;
        }
        let length = self.bytes[at..].iter().take_while(|byte| inside(**byte)).count();
        Some(self.text[at..at + length].to_owned())
    }

    fn skip(&self, from: usize) -> usize {
        from + self.bytes[from..].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
    }

    fn trim(&self, range: Range<usize>) -> Range<usize> {
        let start = self.skip(range.start).min(range.end);
        let spaces = self.bytes[start..range.end].iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
        start..range.end - spaces
    }

    fn parameters(&self, from: usize) -> Vec<String> {
        let Some(open) = self.bytes[from..].iter().position(|byte| *byte == b'(').map(|at| from + at + 1) else { return Vec::new() };
        let Some(close) = self.bytes[open..].iter().position(|byte| *byte == b')').map(|at| open + at) else { return Vec::new() };
        self.text[open..close].split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
    }

    /// The end of what begins at a byte: where one of `ends` stands outside of brackets.
    fn until(&self, from: usize, ends: &[&[u8]]) -> Option<usize> {
        let mut depth = 0_usize;
        let mut at = from;
        while at < self.bytes.len() {
            if depth == 0 && ends.iter().any(|end| self.bytes[at..].starts_with(end)) {
                return Some(at);
            }
            match self.bytes[at] {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth = depth.checked_sub(1)?,
                b'#' if self.bytes.get(at + 1) == Some(&b'{') => {
                    depth += 1;
                    at += 1;
                }
                _ => {}
            }
            at += 1;
        }
        None
    }

    fn condition(&mut self, from: usize, blocks: &[Block]) {
        let Some(end) = self.until(from, &[b"{", b"=>"]) else { return };
        let span = self.trim(from..end);
        if span.is_empty() {
            return;
        }
        let first = self.marks.leaves.len();
        let number = self.marks.conditions.len();
        self.around(&span, &format!("{IF}({number}, "));
        let join = self.parts(span.clone(), blocks);
        self.marks.conditions.push(Condition { span, join, leaves: first..self.marks.leaves.len() });
    }

    /// Notes the parts of a condition, those in brackets too.
    fn parts(&mut self, span: Range<usize>, blocks: &[Block]) -> Join {
        let inner = self.unwrap(span.clone());
        for (sign, join) in [(b"||", Join::Any), (b"&&", Join::All)] {
            let parts = self.split(inner.clone(), sign);
            if parts.len() > 1 {
                for part in parts {
                    self.parts(part, blocks);
                }
                return join;
            }
        }
        let names = if self.values { self.names(inner.clone(), blocks) } else { Vec::new() };
        let number = self.marks.leaves.len();
        self.around(&inner, &format!("{LEAF}({number}, [{}], ", names.join(", ")));
        self.marks.leaves.push(Leaf { span: inner, names });
        Join::One
    }

    /// Without brackets around the whole.
    fn unwrap(&self, span: Range<usize>) -> Range<usize> {
        let whole =
            self.bytes.get(span.start) == Some(&b'(') && self.until(span.start + 1, &[b")"]).is_some_and(|close| close + 1 == span.end);
        if whole { self.unwrap(self.trim(span.start + 1..span.end - 1)) } else { span }
    }

    fn split(&self, span: Range<usize>, sign: &[u8]) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let mut from = span.start;
        while let Some(at) = self.until(from, &[sign]).filter(|at| at + sign.len() < span.end) {
            parts.push(self.trim(from..at));
            from = at + sign.len();
        }
        parts.push(self.trim(from..span.end));
        if parts.iter().any(Range::is_empty) { vec![span] } else { parts }
    }

    /// Fields, parameters and variables that a part reads.
    fn names(&self, span: Range<usize>, blocks: &[Block]) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let mut at = span.start;
        while at < span.end {
            let Some(word) = self.word(at) else {
                at += 1;
                continue;
            };
            let mut end = at + word.len();
            let after_dot = at > 0 && self.bytes[at - 1] == b'.';
            let record = ["pair", "request", "params"].contains(&word.as_str());
            let name = if record && self.bytes.get(end) == Some(&b'.') {
                let field = self.word(end + 1).unwrap_or_default();
                end += 1 + field.len();
                format!("{word}.{field}")
            } else {
                word.clone()
            };
            let called = matches!(self.bytes.get(end), Some(b'(' | b':'));
            let declared = || blocks.iter().any(|block| block.names.contains(&word));
            if !after_dot && !called && (name.contains('.') || (!record && word != "weights" && declared())) && !names.contains(&name) {
                names.push(name);
            }
            at = end;
        }
        names
    }

    /// Notes the result of an arm: what stands from here to the next arm.
    fn arm(&mut self, from: usize) {
        let start = self.skip(from);
        let end = if self.bytes.get(start) == Some(&b'{') {
            self.until(start + 1, &[b"}"]).map(|close| close + 1)
        } else {
            self.until(start, &[b",", b"}"])
        };
        let Some(end) = end else { return };
        let span = self.trim(start..end);
        let number = self.marks.arms.len();
        self.around(&span, &format!("{{ {SWITCH}({number}); "));
        if let Some(last) = self.put.last_mut() {
            " }".clone_into(&mut last.text);
        }
        self.marks.arms.push(span);
    }

    fn around(&mut self, span: &Range<usize>, before: &str) {
        let level = i64::try_from(self.put.len()).unwrap_or(0) + 1;
        // Later pairs lie inside of earlier ones that begin or end at the same byte.
        self.put.push(Put { at: span.start, order: level, text: before.to_owned() });
        self.put.push(Put { at: span.end, order: -level, text: ")".to_owned() });
    }
}
