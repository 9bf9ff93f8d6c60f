//! `suitor rules`: what there is to do with rule sets beside asking them.

mod definitions;
mod fields;
mod history;
mod new;
mod rollback;
mod schema;

use std::io::Write;

use super::context::Context;
use super::output::Outcome;
use crate::Result;

/// Help for writing rules, and the rule sets that were in force
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Command {
    Fields(fields::Args),
    New(new::Args),
    Schema(schema::Args),
    Definitions(definitions::Args),
    History(history::Args),
    Rollback(rollback::Args),
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    match &args.command {
        Command::Fields(args) => fields::run(args, context, out),
        Command::New(args) => new::run(args, context, out),
        Command::Schema(args) => schema::run(args, context, out),
        Command::Definitions(args) => definitions::run(args, context, out),
        Command::History(args) => history::run(args, context, out),
        Command::Rollback(args) => rollback::run(args, context, out),
    }
}
