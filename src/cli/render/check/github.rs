//! Faults as workflow commands of GitHub Actions, which shows them beside the lines of a pull request.

use super::{level, region};
use crate::check::Report;
use crate::rules::{Level, RuleError};

/// One line a fault.
pub(in crate::cli) fn github(report: &Report, strict: bool) -> String {
    report.faults.iter().map(|fault| command(fault, strict)).collect()
}

fn command(fault: &RuleError, strict: bool) -> String {
    let word = match level(fault, strict) {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let mut properties = vec![format!("file={}", property(&fault.file.name))];
    if let Some((start, end)) = region(fault) {
        // Here the last column is one that belongs to the place.
        properties.push(format!("line={},endLine={},col={},endColumn={}", start.0, end.0, start.1, end.1 - 1));
    }
    properties.push(format!("title={}", property(&format!("{} {}", fault.kind.code(), crate::rules::codes::title(fault.kind.code())))));
    let help = fault.help.as_ref().map_or_else(String::new, |help| format!("\nhelp: {help}"));
    format!("::{word} {}::{}\n", properties.join(","), message(&format!("{}{help}", fault.kind)))
}

/// The text of a command: what would end its line is written as a number.
pub(in crate::cli) fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command: what would end it, too.
pub(in crate::cli) fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_line_or_a_property_is_escaped() {
        assert_eq!(message("100 %\r\nof: a, b"), "100 %25%0D%0Aof: a, b");
        assert_eq!(property("a:b,c%\n"), "a%3Ab%2Cc%25%0A");
    }
}
