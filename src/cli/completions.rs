//! `suitor completions`.

use std::io::Write;

use clap::CommandFactory;

use super::Cli;
use super::output::{Outcome, unwritten};
use crate::Result;

/// Print a script that completes suitor's commands and flags in a shell
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "suitor", &mut script);
    out.write_all(&script).map_err(|error| unwritten(&error))?;
    Ok(Outcome::Done)
}
