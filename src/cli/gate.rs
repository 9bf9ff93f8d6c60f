//! `suitor gate`.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::compare_versions::MinChange;
use super::context::{Context, Format};
use super::markdown::escaped;
use super::output::{Outcome, markdown_of, print_all, unwritten};
use super::render;
use crate::compare::{Comparison, Wanted, compare};
use crate::recommend::answer::SCHEMA_VERSION;
use crate::store::Access;
use crate::{Error, Result};

/// Decide whether a version may replace another: one exit code, annotations and a job summary for GitHub Actions
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "The gate is met when hardware of both versions could be compared and none got significantly worse, by --min-change per cent or more. In GitHub Actions (GITHUB_ACTIONS=true) it \
prints annotations unless --format says otherwise, and appends a Markdown summary to the file that GITHUB_STEP_SUMMARY names.\n\
Exit codes: 0 the gate is met; 3 it is not; 1 and 2 as everywhere: nothing was decided."
)]
pub(super) struct Args {
    /// Model, by name or id
    #[arg(long, value_name = "MODEL")]
    model: String,
    /// The version that is in use: its tag or a name given to it, such as champion
    #[arg(long, value_name = "VERSION")]
    baseline: String,
    /// The version that is to take its place
    #[arg(long, value_name = "VERSION")]
    candidate: String,
    #[command(flatten)]
    least: MinChange,
}

/// What was decided.
#[derive(Debug, Serialize)]
struct Decision<'a> {
    schema_version: u32,
    passed: bool,
    reasons: Vec<String>,
    comparison: &'a Comparison,
    warnings: Vec<String>,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let wanted =
        Wanted { versions: [args.baseline.clone(), args.candidate.clone()], revisions: [None, None], min_change: args.least.min_change };
    let db = context.open(Access::Read)?;
    let page = compare(&db, &args.model, &wanted)?;
    drop(db);
    let reasons = reasons(&page);
    let passed = reasons.is_empty();
    let verdict = if passed {
        format!("gate passed: {} may take the place of {} for {}", page.version2.version, page.version1.version, page.model)
    } else {
        format!("gate not met: {}", reasons.join("; "))
    };
    let mut sheets = render::compared(&page, Format::Markdown);
    if let Some(first) = sheets.first_mut() {
        first.above.insert(0, format!("### {} {}", if passed { "✅" } else { "❌" }, escaped(&verdict)));
    }
    if let Some(file) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|file| !file.is_empty()) {
        summarise(Path::new(&file), &sheets.into_iter().map(|sheet| markdown_of(&sheet)).collect::<Vec<_>>().join("\n"))?;
    }
    let in_actions = std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true");
    let github = context.global.format == Format::Github || (context.global.format == Format::Table && in_actions);
    if github {
        let text = format!("{}{}", render::annotations(std::slice::from_ref(&page), &[]), render::verdict(&page.model, passed, &verdict));
        out.write_all(text.as_bytes()).map_err(|error| unwritten(&error))?;
    } else {
        let decision = Decision { schema_version: SCHEMA_VERSION, passed, reasons, comparison: &page, warnings: page.warnings.clone() };
        let sheets = |format| {
            let mut sheets = render::compared(&page, format);
            if let Some(first) = sheets.first_mut() {
                first.above.insert(0, if format == Format::Markdown { escaped(&verdict) } else { verdict.clone() });
            }
            sheets.into_iter().map(|sheet| if format == Format::Table { sheet.with_left_out(context.width) } else { sheet }).collect()
        };
        let data = || {
            let mut sheet = render::compared_data(std::slice::from_ref(&page), &[]);
            sheet.below.insert(0, verdict.clone());
            sheet
        };
        print_all(context, out, &decision, sheets, data)?;
    }
    Ok(if passed { Outcome::Done } else { Outcome::Gate })
}

/// Why the gate is not met; empty when it is.
fn reasons(page: &Comparison) -> Vec<String> {
    if page.totals.compared == 0 && page.totals.regressions == 0 {
        return vec![format!(
            "no hardware was measured in both {} and {}, so nothing was compared",
            page.version1.version, page.version2.version
        )];
    }
    let worse = page.changes.iter().filter(|change| change.regression);
    worse.map(|change| format!("{}: {}", change.hardware, change.reasons.join(", "))).collect()
}

fn summarise(file: &Path, text: &str) -> Result<()> {
    let failed = |error: std::io::Error| Error::failed(format!("GITHUB_STEP_SUMMARY `{}` could not be written: {error}", file.display()));
    let mut opened = OpenOptions::new().create(true).append(true).open(file).map_err(failed)?;
    opened.write_all(format!("{text}\n").as_bytes()).map_err(failed)
}
