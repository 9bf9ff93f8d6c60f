//! `suitor explain`.

use std::io::Write;

use super::context::Context;
use super::output::{Outcome, print};
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
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let request = args.question.request(None)?;
    let rules = context.rule_set_for(&args.question, args.how)?;
    let db = context.open(Access::Read)?;
    let explanation = HardwareRecommender::new(&db, &rules).strict(args.question.terms.strict).explain(
        &request,
        &args.hardware,
        args.against.as_deref(),
    )?;
    drop(db);
    print(context, out, &explanation, || render::explanation(&explanation), || render::explanation_data(&explanation))?;
    Ok(Outcome::Done)
}
