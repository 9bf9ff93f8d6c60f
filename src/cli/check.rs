//! `suitor check`.

use std::io::Write;

use super::context::{Context, Format};
use super::output::{Outcome, print, unwritten};
use super::render::check as render;
use crate::rules::codes::{self, Code};
use crate::{Error, Result};

/// Check rules, weights and settings, every file at once, without running anything
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Take warnings for errors
    #[arg(long)]
    strict: bool,
    /// Explain a code such as R205 instead, with an example that is rejected and one that is accepted; without a code, list all
    #[arg(long, value_name = "CODE", num_args = 0..=1, default_missing_value = "", conflicts_with = "strict")]
    explain: Option<String>,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    if let Some(code) = &args.explain {
        return explain(code, context, out);
    }
    let report = crate::check::check(&context.global.config, &context.global.rules)?;
    let mut write = |text: &str| out.write_all(text.as_bytes()).map_err(|error| unwritten(&error));
    match context.global.format {
        Format::Table => write(&render::page(&report, args.strict, context))?,
        Format::Github => write(&render::github(&report, args.strict))?,
        Format::Sarif => write(&render::sarif(&report, args.strict)?)?,
        Format::Json | Format::Csv | Format::Markdown => {
            let sheet = || render::sheet(&report, args.strict);
            print(context, out, &render::document(&report, args.strict), sheet, sheet)?;
        }
    }
    Ok(if report.passes(args.strict) { Outcome::Done } else { Outcome::Faults })
}

fn explain(code: &str, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    if matches!(context.global.format, Format::Github | Format::Sarif) {
        return Err(Error::input("`--explain` is no report: expected --format table, json, csv or markdown"));
    }
    let found: Vec<&Code> = if code.is_empty() { codes::CODES.iter().collect() } else { vec![named(code)?] };
    let text = match (context.global.format, found.as_slice()) {
        (Format::Table, [one]) => render::explanation(one, context.width),
        (Format::Table, _) => render::codes_page(&found, context.width),
        (Format::Markdown, _) => render::codes_markdown(&found),
        _ => {
            print(context, out, &render::codes_document(&found), || render::codes(&found), || render::codes(&found))?;
            return Ok(Outcome::Done);
        }
    };
    out.write_all(text.as_bytes()).map_err(|error| unwritten(&error))?;
    Ok(Outcome::Done)
}

fn named(code: &str) -> Result<&'static Code> {
    codes::find(&code.to_uppercase()).ok_or_else(|| {
        let error = Error::unknown("code", code, codes::CODES.iter().map(|code| code.code));
        error.help("`suitor check --explain` lists all")
    })
}
