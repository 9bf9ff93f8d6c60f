//! The explanation of a code.

use crate::cli::output::{Column, Sheet, push_folded};
use crate::rules::codes::{Case, Code};

/// What a code means, with an example that is rejected and one that is accepted.
pub(in crate::cli) fn explanation(code: &Code, width: usize) -> String {
    let mut text = String::new();
    push_folded(&mut text, &format!("{} ({}): {}", code.code, code.level.word(), code.title), width, "  ");
    text.push('\n');
    push_folded(&mut text, code.about, width, "");
    example(&mut text, "rejected", &code.rejected, width);
    example(&mut text, "accepted", &code.accepted, width);
    text
}

/// Codes as Markdown, whole: a section each.
pub(in crate::cli) fn codes_markdown(codes: &[&Code]) -> String {
    let section = |code: &&Code| {
        let block = |case: &Case| format!("{}:\n\n```{}\n{}\n```", case.what(), case.language(), case.text.trim_end());
        format!(
            "### {} ({}): {}\n\n{}\n\nRejected, {}\n\nAccepted, {}\n",
            code.code,
            code.level.word(),
            code.title,
            code.about,
            block(&code.rejected),
            block(&code.accepted)
        )
    };
    codes.iter().map(section).collect::<Vec<_>>().join("\n")
}

fn example(text: &mut String, word: &str, case: &Case, width: usize) {
    text.push('\n');
    push_folded(text, &format!("{word}, {}:", case.what()), width, "  ");
    for line in case.text.lines() {
        push_folded(text, &format!("    {line}"), width, "        ");
    }
}

/// All codes, what each means beneath it.
pub(in crate::cli) fn codes_page(codes: &[&Code], width: usize) -> String {
    let mut text = String::new();
    for code in codes {
        push_folded(&mut text, &format!("{} ({}): {}", code.code, code.level.word(), code.title), width, "  ");
        push_folded(&mut text, &format!("    {}", code.about), width, "");
        text.push('\n');
    }
    push_folded(&mut text, "`suitor check --explain CODE` shows a case of one that is rejected and one that is accepted", width, "  ");
    text
}

/// Codes as a table.
pub(in crate::cli) fn codes(codes: &[&Code]) -> Sheet {
    let row = |code: &&Code| vec![code.code.to_owned(), code.level.word().to_owned(), code.title.to_owned(), code.about.to_owned()];
    Sheet {
        above: Vec::new(),
        columns: vec![Column::word("code", 0), Column::word("level", 0), Column::text("title", 0), Column::text("about", 1)],
        rows: codes.iter().map(row).collect(),
        below: Vec::new(),
    }
}
