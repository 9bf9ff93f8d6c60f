//! The parts that a script is made of, read from its text alone, so that a part which cannot be parsed does not hide the rest.
//!
//! The word `fn` stands nowhere but at the beginning of a function: whatever is wrong before it, there begins another part.

use std::ops::Range;

/// Texts within the braces of texts that are followed.
const MOST_NESTED: usize = 16;

/// One function, or one statement outside of functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Its bytes.
    pub(super) span: Range<usize>,
    /// Whether it is a function.
    pub(super) function: bool,
    /// Whether each of its braces has the other one.
    pub(super) closed: bool,
}

/// The parts of a script in the order of the text; `None` when a text or a comment is not closed, so that nothing is known of
/// what comes after.
pub(super) fn parts(text: &str) -> Option<Vec<Part>> {
    let mut found: Vec<Part> = Vec::new();
    let mut open: Option<Part> = None;
    let mut depth = 0_usize;
    let mut private = None;
    let mut at = 0;
    while let Some(lexeme) = next(text, at, 0)? {
        let Lexeme { span, kind } = lexeme;
        at = span.end;
        let word = if kind == Kind::Word { &text[span.clone()] } else { "" };
        if kind == Kind::Blank {
            continue;
        }
        if word == "private" {
            private = Some(span.start);
            continue;
        }
        let start = private.take().unwrap_or(span.start);
        if word == "fn" {
            found.extend(open.take().map(|part| Part { closed: part.closed && depth == 0, ..part }));
            open = Some(Part { span: start..span.end, function: true, closed: true });
            depth = 0;
            continue;
        }
        let part = open.get_or_insert(Part { span: start..span.end, function: false, closed: true });
        part.span.end = span.end;
        match kind {
            Kind::Sign(b'{') => depth += 1,
            Kind::Sign(b'}') => match depth.checked_sub(1) {
                Some(left) => depth = left,
                None => part.closed = false,
            },
            _ => {}
        }
        let ends = match kind {
            Kind::Sign(b'}') => depth == 0,
            Kind::Sign(b';') => depth == 0 && !part.function,
            _ => false,
        };
        if ends {
            found.extend(open.take());
        }
    }
    found.extend(open.map(|part| Part { closed: part.closed && depth == 0, ..part }));
    // A function without a body ends with what follows it.
    Some(found)
}

/// The words of a text, those within strings and comments among them.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Blanks and comments.
    Blank,
    Word,
    /// A text or a character.
    Text,
    Sign(u8),
}

struct Lexeme {
    span: Range<usize>,
    kind: Kind,
}

/// What stands at a byte; `None` inside at the end, and outside where a text or a comment is not closed.
#[expect(clippy::option_option, reason = "the end of the text is no fault")]
fn next(text: &str, at: usize, nested: usize) -> Option<Option<Lexeme>> {
    let rest = &text[at..];
    let Some(first) = rest.chars().next() else { return Some(None) };
    let letter = |c: char| c.is_alphanumeric() || c == '_';
    let (length, kind) = if rest.starts_with("//") {
        (rest.find('\n').unwrap_or(rest.len()), Kind::Blank)
    } else if rest.starts_with("/*") {
        (comment(rest)?, Kind::Blank)
    } else if first.is_whitespace() {
        (rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len()), Kind::Blank)
    } else if first == '"' {
        (line_text(rest)?, Kind::Text)
    } else if first == '`' {
        (long_text(text, at, nested)? - at, Kind::Text)
    } else if first == '\'' {
        (character(rest), Kind::Text)
    } else if letter(first) {
        (rest.find(|c: char| !letter(c)).unwrap_or(rest.len()), Kind::Word)
    } else {
        (first.len_utf8(), Kind::Sign(rest.as_bytes()[0]))
    };
    Some(Some(Lexeme { span: at..at + length, kind }))
}

/// How long the comment is that a text begins with; comments may stand within comments.
fn comment(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    loop {
        let rest = text.get(at..)?;
        let step = rest.find("*/")?;
        if let Some(open) = rest.find("/*").filter(|open| *open < step) {
            depth += 1;
            at += open + 2;
        } else {
            depth -= 1;
            at += step + 2;
            if depth == 0 {
                return Some(at);
            }
        }
    }
}

/// How long the text in double quotes is; it ends with its line, unless a backslash stands before the end.
fn line_text(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return Some(at + 1),
            '\n' if !escaped => return Some(at),
            _ => {}
        }
        escaped = c == '\\' && !escaped || c == '\r' && escaped;
    }
    None
}

/// The byte after the text in backticks that begins at a byte; code within `${ }` may hold further texts.
fn long_text(text: &str, start: usize, nested: usize) -> Option<usize> {
    if nested > MOST_NESTED {
        return None;
    }
    let mut at = start + 1;
    loop {
        let rest = &text[at..];
        let step = rest.find(['`', '$'])?;
        at += step + 1;
        let rest = &text[at..];
        if text.as_bytes()[at - 1] == b'`' {
            if !rest.starts_with('`') {
                return Some(at);
            }
            at += 1;
        } else if rest.starts_with('{') {
            at += 1;
            let mut depth = 1;
            while depth > 0 {
                let lexeme = next(text, at, nested + 1)??;
                match lexeme.kind {
                    Kind::Sign(b'{') => depth += 1,
                    Kind::Sign(b'}') => depth -= 1,
                    _ => {}
                }
                at = lexeme.span.end;
            }
        }
    }
}

/// How long the character in single quotes is; a quote alone counts for itself.
fn character(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\'' if !escaped => return at + 1,
            '\n' => return 1,
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Vec<(&str, bool, bool)>> {
        Some(parts(text)?.into_iter().map(|part| (&text[part.span], part.function, part.closed)).collect())
    }

    #[test]
    fn functions_and_statements_are_parts() {
        let text = "const A = 1; // fn no() {\nfn a(x) { if x { 1 } }\n/* fn /* b */ { */ private fn b() { #{ x: \"}\" } }\nlet y = `fn ${ `}` } {`;";
        let expected = vec![
            ("const A = 1;", false, true),
            ("fn a(x) { if x { 1 } }", true, true),
            ("private fn b() { #{ x: \"}\" } }", true, true),
            ("let y = `fn ${ `}` } {`;", false, true),
        ];
        assert_eq!(read(text), Some(expected));
    }

    #[test]
    fn a_brace_too_few_or_too_many_stays_with_its_part() {
        let text = "fn a() { if x { 1 }\nfn b() { 2 } }\nfn c() { '{' }";
        let expected =
            vec![("fn a() { if x { 1 }", true, false), ("fn b() { 2 }", true, true), ("}", false, false), ("fn c() { '{' }", true, true)];
        assert_eq!(read(text), Some(expected));
    }

    #[test]
    fn a_text_ends_with_its_line_and_what_is_not_closed_is_not_read() {
        assert_eq!(read("fn a() { \"x }\n}\nfn b() { }"), Some(vec![("fn a() { \"x }\n}", true, true), ("fn b() { }", true, true)]));
        assert_eq!(read("fn a() { `x }"), None);
        assert_eq!(read("fn a() { /* }"), None);
        assert_eq!(read(&"`${".repeat(1000)), None);
        assert_eq!(read(""), Some(vec![]));
    }
}
