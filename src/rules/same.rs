//! Whether two scripts say the same. Errs on the side of "another": what is not surely a comment or a blank counts.

use std::iter::Peekable;
use std::str::Chars;

/// Whether two scripts differ in comments and blanks only.
pub(crate) fn same_code(one: &str, two: &str) -> bool {
    match (code(one), code(two)) {
        (Some(one), Some(two)) => one == two,
        _ => one == two,
    }
}

/// A script without comments, and with no more blanks than keep its words apart; `None` where its texts cannot be told.
fn code(script: &str) -> Option<String> {
    // Texts between `#"` and `"#` know no escapes.
    if script.contains("#\"") {
        return None;
    }
    let mut out = String::new();
    let mut blank = false;
    let mut rest = script.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied();
        if c.is_whitespace() {
            blank = true;
        } else if c == '/' && next == Some('/') {
            rest.by_ref().take_while(|c| *c != '\n').for_each(drop);
            blank = true;
        } else if c == '/' && next == Some('*') {
            comment(&mut rest)?;
            blank = true;
        } else {
            let apart = |c: char| "(){}[],;".contains(c);
            if blank && !apart(c) && !out.chars().next_back().is_none_or(apart) {
                out.push(' ');
            }
            blank = false;
            out.push(c);
            if matches!(c, '"' | '`' | '\'') {
                text(c, &mut rest, &mut out)?;
            }
        }
    }
    Some(out)
}

/// Passes over a comment that may hold others, from the star of its beginning.
fn comment(rest: &mut Peekable<Chars<'_>>) -> Option<()> {
    rest.next();
    let mut depth = 1;
    while depth > 0 {
        match (rest.next()?, rest.peek()) {
            ('*', Some('/')) => depth -= 1,
            ('/', Some('*')) => depth += 1,
            _ => continue,
        }
        rest.next();
    }
    Some(())
}

/// Copies a text as it stands, from behind its first sign to its last one.
fn text(sign: char, rest: &mut Peekable<Chars<'_>>, out: &mut String) -> Option<()> {
    loop {
        let c = rest.next()?;
        out.push(c);
        match c {
            '\\' if sign != '`' => out.push(rest.next()?),
            // What a text computes may hold texts: to tell where they end takes more than this.
            '{' if sign == '`' && out.ends_with("${") && inner_text(rest) => return None,
            c if c == sign => return Some(()),
            _ => {}
        }
    }
}

/// Whether what a text computes, up to its `}`, holds a text of its own.
fn inner_text(rest: &Peekable<Chars<'_>>) -> bool {
    let mut depth = 1;
    for c in rest.clone() {
        match c {
            '`' | '"' | '\'' => return true,
            '{' => depth += 1,
            '}' if depth == 1 => return false,
            '}' => depth -= 1,
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_blanks_are_no_code_and_everything_else_is() {
        for (name, script) in crate::rules::embedded::FILES.iter().filter(|(name, _)| name.starts_with("rules/")) {
            let noted = format!("// One.\n{}/* Two /* deep */ */", script.replace("    ", "\t").replace('\n', " // Three.\n"));
            assert!(code(script).is_some() && same_code(script, &noted), "{name}");
            // Whatever else is left out is code.
            let kept = code(script).unwrap();
            for (at, c) in kept.char_indices().filter(|(_, c)| !c.is_whitespace()) {
                let other = format!("{}{}", &kept[..at], &kept[at + c.len_utf8()..]);
                assert!(!same_code(script, &other), "{name}: {at} {c}");
            }
        }
    }

    #[test]
    fn blanks_count_where_they_may_mean_something() {
        for (one, two) in [
            ("\"a b\"", "\"a  b\""),
            ("`a // b`", "`a `"),
            ("'/' // c", "'/'  / c"),
            ("\"\\\"//\"", "\"\\\"\""),
            ("a - -b", "a --b"),
            ("return x", "returnx"),
            ("`${if a { \"// \" } else { b }}`", "`${if a { \"\" } else { b }}`"),
            ("a /* open", "a"),
            ("#\" // \"#", "#\" \"#"),
        ] {
            assert!(!same_code(one, two), "{one} and {two}");
            assert!(same_code(one, one), "{one}");
        }
        for (one, two) in [("fn a(x) { x + 1 }", "fn a( x ) {\n  x   + 1\n}"), ("a; /* b */ c", "a; c // d"), ("`${a}` // b", "`${a}`")] {
            assert!(same_code(one, two), "{one} and {two}");
        }
    }
}
