//! The report for people.

use super::level;
use crate::check::{Report, Status};
use crate::cli::context::Context;
use crate::cli::output::{Column, Sheet, table};
use crate::rules::{Level, NotLowered, RuleError};

/// Every fault with its line underlined, then what was checked, and how many faults there are.
pub(in crate::cli) fn page(report: &Report, strict: bool, context: &Context) -> String {
    let mut text = String::new();
    for fault in report.faults.iter().filter(|fault| context.global.verbose || fault.kind.level() != Level::Note) {
        text.push_str(&shown(fault, strict, context));
        text.push_str("\n\n");
    }
    text.push_str(&table(&rules(report, strict), context.width, context.color));
    text
}

fn shown(fault: &RuleError, strict: bool, context: &Context) -> String {
    let text = fault.render_within(context.width);
    let (given, level) = (fault.kind.level().word(), level(fault, strict));
    let rest = text.strip_prefix(given).unwrap_or(&text);
    let word = match level {
        _ if !context.color => level.word().to_owned(),
        Level::Error => format!("\x1b[1;31m{}\x1b[0m", level.word()),
        Level::Warning => format!("\x1b[1;33m{}\x1b[0m", level.word()),
        Level::Note => format!("\x1b[1;36m{}\x1b[0m", level.word()),
    };
    format!("{word}{rest}")
}

/// The rules, with what was checked above and the number of faults below.
fn rules(report: &Report, strict: bool) -> Sheet {
    let count = report.files.len();
    let files = if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
    let set = if report.shipped { format!("rule set {} as shipped", report.short()) } else { format!("rule set {}", report.short()) };
    let status = |status: &Status| match status {
        Status::Dynamic { line, reason } => format!("dynamic (line {line}: {reason})"),
        other => other.word().to_owned(),
    };
    let interpreted =
        |one: &Option<NotLowered>| one.as_ref().map(|one| format!(", interpreted (line {}: {})", one.line, one.why)).unwrap_or_default();
    Sheet {
        above: vec![format!("checked {files}, {set}")],
        columns: vec![Column::word("rule", 0), Column::word("hooks", 0), Column::text("status", 1), Column::text("title", 2)],
        rows: report
            .rules
            .iter()
            .map(|rule| {
                let off = if rule.enabled { "" } else { ", disabled" };
                let hooks = if rule.hooks.is_empty() { "-".to_owned() } else { rule.hooks.join(", ") };
                vec![rule.id.clone(), hooks, format!("{}{}{off}", status(&rule.status), interpreted(&rule.interpreted)), rule.title.clone()]
            })
            .collect(),
        below: vec![summary(report, strict)],
    }
}

fn summary(report: &Report, strict: bool) -> String {
    let count = |wanted: Level| report.faults.iter().filter(|fault| level(fault, strict) == wanted).count();
    let words = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let parts: Vec<String> = [(count(Level::Error), "error"), (count(Level::Warning), "warning")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| words(count, word))
        .collect();
    if parts.is_empty() { "no faults".to_owned() } else { format!("{}; `suitor check --explain CODE` says more", parts.join(", ")) }
}

/// The faults as a table.
pub(in crate::cli) fn sheet(report: &Report, strict: bool) -> Sheet {
    let row = |fault: &RuleError| {
        let (line, column) = fault.place().map_or((String::new(), String::new()), |(line, column)| (line.to_string(), column.to_string()));
        let help = fault.help.clone().unwrap_or_default();
        vec![
            level(fault, strict).word().to_owned(),
            fault.kind.code().to_owned(),
            fault.file.name.clone(),
            line,
            column,
            fault.kind.to_string(),
            help,
        ]
    };
    Sheet {
        above: Vec::new(),
        columns: vec![
            Column::word("level", 0),
            Column::word("code", 0),
            Column::word("file", 0),
            Column::number("line", 0),
            Column::number("column", 0),
            Column::text("message", 0),
            Column::text("help", 0),
        ],
        rows: report.faults.iter().map(row).collect(),
        below: vec![summary(report, strict)],
    }
}
