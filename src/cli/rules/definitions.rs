//! `suitor rules definitions`.

use std::io::Write;
use std::path::PathBuf;

use crate::cli::context::Context;
use crate::cli::output::{Outcome, unwritten};
use crate::{Error, Result, editor};

/// Print definitions (.d.rhai) of pair, request, weights and params, for editors that know Rhai
#[derive(Clone, Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Write them to a file instead
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let text = editor::definitions(&context.rule_set()?);
    match &args.output {
        Some(path) => {
            std::fs::write(path, text).map_err(|error| Error::failed(format!("`{}` could not be written: {error}", path.display())))?;
        }
        None => out.write_all(text.as_bytes()).map_err(|error| unwritten(&error))?,
    }
    Ok(Outcome::Done)
}
