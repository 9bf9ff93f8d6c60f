//! The report as a JSON document.

use serde::Serialize;

use super::{level, region};
use crate::check::{Report, Status};
use crate::rules::codes::{self, Code};
use crate::rules::{Level, RuleError};

const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
pub(in crate::cli) struct Document {
    schema_version: u32,
    passes: bool,
    strict: bool,
    rule_set: String,
    shipped: bool,
    files: Vec<String>,
    rules: Vec<Rule>,
    faults: Vec<Fault>,
    counts: Counts,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Rule {
    id: String,
    title: String,
    enabled: bool,
    file: String,
    hooks: Vec<&'static str>,
    status: &'static str,
    dynamic_line: Option<usize>,
    dynamic_reason: Option<String>,
    engine: Option<&'static str>,
    interpreted_line: Option<usize>,
    interpreted_reason: Option<String>,
}

#[derive(Serialize)]
struct Fault {
    level: &'static str,
    code: &'static str,
    title: &'static str,
    message: String,
    file: String,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
    help: Option<String>,
}

#[derive(Serialize)]
struct Counts {
    errors: usize,
    warnings: usize,
    notes: usize,
}

/// The report as a document.
pub(in crate::cli) fn document(report: &Report, strict: bool) -> Document {
    let count = |wanted: Level| report.faults.iter().filter(|fault| level(fault, strict) == wanted).count();
    let rule = |rule: &crate::check::CheckedRule| {
        let (dynamic_line, dynamic_reason) = match &rule.status {
            Status::Dynamic { line, reason } => (Some(*line), Some(reason.clone())),
            _ => (None, None),
        };
        Rule {
            id: rule.id.clone(),
            title: rule.title.clone(),
            enabled: rule.enabled,
            file: rule.file.clone(),
            hooks: rule.hooks.clone(),
            status: rule.status.word(),
            dynamic_line,
            dynamic_reason,
            engine: (rule.status != Status::Faulty).then_some(if rule.interpreted.is_some() { "interpreted" } else { "compiled" }),
            interpreted_line: rule.interpreted.as_ref().map(|one| one.line),
            interpreted_reason: rule.interpreted.as_ref().map(|one| one.why.clone()),
        }
    };
    Document {
        schema_version: SCHEMA_VERSION,
        passes: report.passes(strict),
        strict,
        rule_set: report.rule_set.clone(),
        shipped: report.shipped,
        files: report.files.clone(),
        rules: report.rules.iter().map(rule).collect(),
        faults: report.faults.iter().map(|one| fault(one, strict)).collect(),
        counts: Counts { errors: count(Level::Error), warnings: count(Level::Warning), notes: count(Level::Note) },
        warnings: report.faults.iter().filter(|fault| level(fault, strict) == Level::Warning).map(RuleError::line).collect(),
    }
}

fn fault(fault: &RuleError, strict: bool) -> Fault {
    let region = region(fault);
    Fault {
        level: level(fault, strict).word(),
        code: fault.kind.code(),
        title: codes::find(fault.kind.code()).map_or("", |code| code.title),
        message: fault.kind.to_string(),
        file: fault.file.name.clone(),
        line: region.map(|(start, _)| start.0),
        column: region.map(|(start, _)| start.1),
        end_line: region.map(|(_, end)| end.0),
        end_column: region.map(|(_, end)| end.1),
        help: fault.help.clone(),
    }
}

#[derive(Serialize)]
pub(in crate::cli) struct Codes {
    schema_version: u32,
    codes: Vec<Explained>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Explained {
    code: &'static str,
    level: &'static str,
    title: &'static str,
    about: &'static str,
    rejected: &'static str,
    accepted: &'static str,
}

/// Codes as a document.
pub(in crate::cli) fn codes_document(codes: &[&Code]) -> Codes {
    let explained = |code: &&Code| Explained {
        code: code.code,
        level: code.level.word(),
        title: code.title,
        about: code.about,
        rejected: code.rejected.text,
        accepted: code.accepted.text,
    };
    Codes { schema_version: SCHEMA_VERSION, codes: codes.iter().map(explained).collect(), warnings: Vec::new() }
}
