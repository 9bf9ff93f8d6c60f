//! How wide texts are on a terminal, and how they are folded to its width.

/// How many columns of a terminal a text takes: two for a character of Chinese, Japanese, Korean or a picture, none for an accent
/// that joins the character before it.
pub(crate) fn width_of(text: &str) -> usize {
    text.chars().map(width_of_char).sum()
}

/// How many columns a character takes.
pub(crate) fn width_of_char(c: char) -> usize {
    match u32::from(c) {
        0x0300..=0x036f | 0x200b..=0x200f | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// Appends a line, folded at blanks to the width; what is folded is indented. Blanks within the line stay as they are.
pub(crate) fn push_folded(text: &mut String, line: &str, width: usize, indent: &str) {
    let lead: String = line.chars().take_while(|c| *c == ' ').collect();
    let mut current = lead.clone();
    let mut words = false;
    let mut rest = &line[lead.len()..];
    while !rest.is_empty() {
        let word = rest.find(' ').unwrap_or(rest.len());
        let end = word + rest[word..].chars().take_while(|c| *c == ' ').count();
        if words && width_of(&current) + width_of(&rest[..word]) > width {
            text.push_str(current.trim_end());
            text.push('\n');
            current = format!("{lead}{indent}");
        }
        current.push_str(&rest[..end]);
        words = true;
        rest = &rest[end..];
    }
    text.push_str(current.trim_end());
    text.push('\n');
}

/// Whether a character acts on a terminal instead of being shown: control characters, and those that turn the direction of what follows.
pub(crate) fn acts(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text without what would act on a terminal: such characters are written out, but for the ends of lines.
pub(crate) fn without_controls(text: &str) -> String {
    written_out(text, Some('\n'))
}

/// The text with all characters that would act on a terminal written out, but for the one that is kept.
pub(crate) fn written_out(text: &str, kept: Option<char>) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if acts(c) && Some(c) != kept {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
        out
    })
}
