//! `suitor update-task`.

use std::io::Write;

use super::context::Context;
use super::output::Outcome;
use super::question::How;
use super::render;
use crate::Result;
use crate::recommend::HardwareRecommender;
use crate::store::Access;

/// Score every model's hardware for a task, and store the recommendations
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// The task, such as inference or training
    #[arg(long)]
    task: String,
    #[command(flatten)]
    how: How,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let rules = context.rule_set_by(args.how)?;
    let mut db = context.open(Access::Write)?;
    let scores = HardwareRecommender::update_task_recommendations(&mut db, &rules, &args.task)?;
    let printed = render::scores(context, &scores)?;
    drop(scores);
    drop(db);
    printed.to(out)?;
    Ok(Outcome::Done)
}
