//! `suitor recommend`.

use std::io::Write;

use super::context::Context;
use super::output::{Outcome, print};
use super::past::Past;
use super::question::{How, Question};
use super::render;
use crate::Result;
use crate::recommend::{Answer, HardwareRecommender};
use crate::store::Access;

/// Rank the hardware for a model and a task
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    question: Question,
    #[command(flatten)]
    how: How,
    /// How many to show; 0 shows all
    #[arg(long, value_name = "K", default_value_t = 5)]
    top_k: usize,
    /// Show the scores that calculate-scores and update-task stored, marked stale when rules or data have moved
    #[arg(
        long,
        conflicts_with_all = [
            "batch_size", "precision", "scenario", "wheres", "version", "latency_sensitive", "memory_constrained", "require", "limit",
            "only", "max_devices", "per_device", "profile", "as_of", "strict", "replay_at",
        ]
    )]
    stored: bool,
    #[command(flatten)]
    past: Past,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let request = args.question.request((args.top_k > 0).then_some(args.top_k))?;
    if let Some(replay) = args.past.replay(context, &request)? {
        let mut answer = replay.recommender().strict(args.question.terms.strict).recommend_hardware(&replay.request(&request))?;
        answer.replayed = Some(replay.said());
        answer.warnings.extend(replay.warnings());
        drop(replay);
        return show(&answer, context, out);
    }
    let rules = context.rule_set_for(&args.question, args.how)?;
    let db = context.open(Access::Read)?;
    let recommender = HardwareRecommender::new(&db, &rules).strict(args.question.terms.strict);
    if args.stored {
        let stored = recommender.stored_recommendations(&request)?;
        let sheet = render::stored(&stored);
        print(context, out, &stored, || sheet.clone(), || sheet.clone())?;
        return Ok(if stored.pairs.is_empty() { Outcome::Gate } else { Outcome::Done });
    }
    let answer = recommender.recommend_hardware(&request)?;
    drop(db);
    show(&answer, context, out)
}

fn show(answer: &Answer, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    print(context, out, answer, || render::answer(answer), || render::answer_data(answer))?;
    Ok(if answer.ranked == 0 { Outcome::Gate } else { Outcome::Done })
}
