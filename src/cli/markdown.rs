//! Text of others, such as names of hardware and tags of versions, as Markdown and HTML show it: as it is.

/// What a `@` is followed by where it must not call anybody: a blank without width.
const NOBODY: &str = "&#8203;";

/// A line of its own, so that no character of it is markup, but for what stands in a pair of backticks: that is code, in which
/// nothing else is markup either.
pub(super) fn escaped(text: &str) -> String {
    let mut begins = text.chars();
    let (first, next) = (begins.next(), begins.next());
    let opens = first.is_some_and(|c| "#>+-=".contains(c)) && next.is_none_or(|next| next == ' ' || Some(next) == first);
    let mut out = String::from(if opens { "\\" } else { "" });
    let mut rest = text;
    while let Some((before, quoted, after)) = next_quoted(rest) {
        out.push_str(&escaped_cell(before));
        out.push_str(&code(quoted));
        rest = after;
    }
    out.push_str(&escaped_cell(rest));
    out
}

/// What is before the first pair of backticks, in it and after it. Neighbouring backticks are no pair.
fn next_quoted(text: &str) -> Option<(&str, &str, &str)> {
    let alone = |at: usize| !text[..at].ends_with('`') && !text[at + 1..].starts_with('`');
    let mut ticks = text.match_indices('`').map(|(at, _)| at).filter(|at| alone(*at));
    let (open, close) = (ticks.next()?, ticks.next()?);
    Some((&text[..open], &text[open + 1..close], &text[close + 1..]))
}

/// A name as code, whatever is in it.
pub(super) fn code(name: &str) -> String {
    let longest = name.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let apart = if longest > 0 { " " } else { "" };
    format!("{fence}{apart}{}{apart}{fence}", name.replace(['\n', '\r'], " "))
}

/// A cell of a table, likewise; what opens a list or a heading at the start of a line means nothing in one.
pub(super) fn escaped_cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut last: Option<char> = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied();
        let in_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        match c {
            '\\' | '`' | '*' | '[' | ']' | '|' | '~' => out.extend(['\\', c]),
            // Within a word it is only itself, and names of metrics are full of it.
            '_' if !(in_word(last) && in_word(next)) => out.push_str("\\_"),
            '<' => out.push_str("&lt;"),
            '&' if in_word(next) || next == Some('#') => out.push_str("&amp;"),
            '@' if in_word(next) => out.push_str(&format!("@{NOBODY}")),
            '\n' | '\r' => out.push(' '),
            c => out.push(c),
        }
        last = Some(c);
    }
    out
}

/// A text within an HTML element, where Markdown means nothing.
pub(super) fn escaped_html(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('@', &format!("@{NOBODY}"));
    text.replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_code() {
        assert_eq!(escaped("*unknown* `<b>*a|b*`, not `c`"), "\\*unknown\\* `<b>*a|b*`, not `c`");
        assert_eq!(escaped("``a`` <b> `b"), "\\`\\`a\\`\\` &lt;b> \\`b");
        assert_eq!((code("git:HEAD"), code("a`b``")), ("`git:HEAD`".to_owned(), "``` a`b`` ```".to_owned()));
    }

    #[test]
    fn nothing_of_a_text_is_markup() {
        assert_eq!(escaped("<img src=x>a|b`\n@all *x* [a](b)"), "&lt;img src=x>a\\|b\\` @&#8203;all \\*x\\* \\[a\\](b)");
        assert_eq!(escaped_cell("`a|b`"), "\\`a\\|b\\`");
        assert_eq!(escaped("time_to_train_s -1.8 % _x_ A & B &lt;"), "time_to_train_s -1.8 % \\_x\\_ A & B &amp;lt;");
        assert_eq!(escaped("# title"), "\\# title");
        assert_eq!((escaped("- 3"), escaped_cell("- -> 3")), ("\\- 3".to_owned(), "- -> 3".to_owned()));
        assert_eq!((escaped("-3.0 %"), escaped("v1 -> v2")), ("-3.0 %".to_owned(), "v1 -> v2".to_owned()));
        assert_eq!(escaped_html("</details>@all & `a`"), "&lt;/details&gt;@&#8203;all &amp; `a`");
    }
}
