//! `suitor rules`: what there is to do with rule sets beside asking them.

mod history;
mod rollback;

use std::io::Write;

use super::context::Context;
use super::output::Outcome;
use crate::Result;

/// List the rule sets that were in force, and put one back
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Command {
    History(history::Args),
    Rollback(rollback::Args),
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    match &args.command {
        Command::History(args) => history::run(args, context, out),
        Command::Rollback(args) => rollback::run(args, context, out),
    }
}
