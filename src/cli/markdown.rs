//! Text of others, such as names of hardware and tags of versions, as Markdown and HTML show it: as it is.

/// What a `@` is followed by where it must not call anybody: a blank without width.
const NOBODY: &str = "&#8203;";

/// A line of its own, so that no character of it is markup.
pub(super) fn escaped(text: &str) -> String {
    let mut begins = text.chars();
    let (first, next) = (begins.next(), begins.next());
    let opens = first.is_some_and(|c| "#>+-=".contains(c)) && next.is_none_or(|next| next == ' ' || Some(next) == first);
    format!("{}{}", if opens { "\\" } else { "" }, escaped_cell(text))
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
    fn nothing_of_a_text_is_markup() {
        assert_eq!(escaped("<img src=x>`a|b`\n@all *x* [a](b)"), "&lt;img src=x>\\`a\\|b\\` @&#8203;all \\*x\\* \\[a\\](b)");
        assert_eq!(escaped("time_to_train_s -1.8 % _x_ A & B &lt;"), "time_to_train_s -1.8 % \\_x\\_ A & B &amp;lt;");
        assert_eq!(escaped("# title"), "\\# title");
        assert_eq!((escaped("- 3"), escaped_cell("- -> 3")), ("\\- 3".to_owned(), "- -> 3".to_owned()));
        assert_eq!((escaped("-3.0 %"), escaped("v1 -> v2")), ("-3.0 %".to_owned(), "v1 -> v2".to_owned()));
        assert_eq!(escaped_html("</details>@all & `a`"), "&lt;/details&gt;@&#8203;all &amp; `a`");
    }
}
