//! `suitor rules new`.

use std::io::Write;

use crate::Result;
use crate::cli::context::Context;
use crate::cli::output::{Outcome, Sheet, print};
use crate::editor::{NewRule, new_rule};
use crate::recommend::answer::SCHEMA_VERSION;

/// Write a commented rule that checks clean, and list it at the end of rules.toml
#[derive(Clone, Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Its name: the stem of the script's file
    #[arg(value_name = "NAME")]
    name: String,
}

#[derive(serde::Serialize)]
struct Done {
    schema_version: u32,
    #[serde(flatten)]
    written: NewRule,
    warnings: Vec<String>,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let written = new_rule(&context.global.config, &context.global.rules, &args.name)?;
    let lines = vec![format!("wrote {}", written.script.display()), format!("listed it in {}", written.list.display())];
    let sheet = || Sheet { above: lines.clone(), ..Sheet::default() };
    print(context, out, &Done { schema_version: SCHEMA_VERSION, written, warnings: Vec::new() }, sheet, sheet)?;
    Ok(Outcome::Done)
}
