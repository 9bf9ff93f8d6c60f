//! `suitor explain`.

use std::io::Write;

use super::context::Context;
use super::output::{Outcome, print};
use super::past::Past;
use super::question::{How, Question};
use super::render;
use crate::Result;
use crate::recommend::HardwareRecommender;
use crate::store::Access;

/// Explain one piece of hardware: every number, and why it stands where it stands
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    question: Question,
    #[command(flatten)]
    how: How,
    /// The hardware to explain: a label, or a name or hardware type that means one
    #[arg(long, value_name = "HARDWARE")]
    hardware: String,
    /// Why it and not this one: the difference of the two scores, term by term
    #[arg(long, value_name = "HARDWARE")]
    against: Option<String>,
    #[command(flatten)]
    past: Past,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let request = args.question.request(None)?;
    let (strict, against) = (args.question.terms.strict, args.against.as_deref());
    let explanation = if let Some(replay) = args.past.replay(context, &request)? {
        let mut page = replay.recommender().strict(strict).explain(&replay.request(&request), &args.hardware, against)?;
        page.replayed = Some(replay.said());
        page.warnings.extend(replay.warnings());
        page
    } else {
        let rules = context.rule_set_for(&args.question, args.how)?;
        let db = context.open(Access::Read)?;
        HardwareRecommender::new(&db, &rules).strict(strict).explain(&request, &args.hardware, against)?
    };
    print(context, out, &explanation, || render::explanation(&explanation), || render::explanation_data(&explanation))?;
    Ok(Outcome::Done)
}
