//! `suitor check`.

use std::io::Write;

use super::context::{Context, Format};
use super::output::{Outcome, Sheet, print, unwritten};
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
    if code.is_empty() {
        let all: Vec<&Code> = codes::CODES.iter().collect();
        print(context, out, &render::codes_document(&all), || render::codes(&all), || render::codes(&all))?;
        return Ok(Outcome::Done);
    }
    let wanted = code.to_uppercase();
    let Some(found) = codes::find(&wanted) else {
        let error = Error::unknown("code", code, codes::CODES.iter().map(|code| code.code));
        return Err(error.help("`suitor check --explain` lists all"));
    };
    if context.global.format == Format::Table {
        let text = render::explanation(found, context.width);
        out.write_all(text.as_bytes()).map_err(|error| unwritten(&error))?;
        return Ok(Outcome::Done);
    }
    let sheet = || -> Sheet { render::codes(&[found]) };
    print(context, out, &render::codes_document(&[found]), sheet, sheet)?;
    Ok(Outcome::Done)
}
