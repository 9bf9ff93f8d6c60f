//! Faults as SARIF 2.1.0, which code scanners and editors read.

use serde_json::{Value as Json, json};

use super::{level, region};
use crate::check::Report;
use crate::rules::RuleError;
use crate::rules::codes::CODES;
use crate::{Error, Result};

/// The report as one SARIF log with one run.
pub(in crate::cli) fn sarif(report: &Report, strict: bool) -> Result<String> {
    let rules: Vec<Json> = CODES
        .iter()
        .map(|code| {
            json!({
                "id": code.code,
                "shortDescription": { "text": code.title },
                "fullDescription": { "text": code.about },
                "help": { "text": format!("{}\n\nRejected:\n{}\nAccepted:\n{}", code.about, code.rejected.text, code.accepted.text) },
                "defaultConfiguration": { "level": code.level.word() },
            })
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "suitor", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": report.faults.iter().map(|fault| result(fault, strict)).collect::<Vec<_>>(),
        }],
    });
    let text =
        serde_json::to_string_pretty(&log).map_err(|error| Error::failed(format!("the result could not be written as SARIF: {error}")))?;
    Ok(text + "\n")
}

fn result(fault: &RuleError, strict: bool) -> Json {
    let ((line, column), (end_line, end_column)) = region(fault).unwrap_or(((1, 1), (1, 1)));
    let help = fault.help.as_ref().map_or_else(String::new, |help| format!("\nhelp: {help}"));
    json!({
        "ruleId": fault.kind.code(),
        "ruleIndex": CODES.iter().position(|code| code.code == fault.kind.code()),
        "level": level(fault, strict).word(),
        "message": { "text": format!("{}{help}", fault.kind) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(&fault.file.name) },
                "region": { "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column },
            },
        }],
    })
}

/// A path as a reference: relative paths stay so, absolute ones name the scheme.
fn uri(path: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(byte);
    let mut text = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.trim_start_matches("./").bytes() {
        if plain(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_references() {
        assert_eq!(uri("./rules/a b.rhai"), "rules/a%20b.rhai");
        assert_eq!(uri("/tmp/ä.toml"), "file:///tmp/%C3%A4.toml");
    }
}
