//! `suitor stability`.

use std::io::Write;

use super::context::Context;
use super::output::{Outcome, print};
use super::question::{How, Question};
use super::render;
use crate::Result;
use crate::recommend::HardwareRecommender;
use crate::stability::{Options, SAMPLES};
use crate::store::Access;

/// Measure how much an answer hangs on its weights: what would have to change for another to come first
///
/// Weights are varied as they are in force, after task, requirements and rules, and every weight set is scored and judged in full.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    question: Question,
    #[command(flatten)]
    how: How,
    /// Weight sets drawn for the shares, in groups of 16
    #[arg(long, value_name = "N", default_value_t = SAMPLES, value_parser = samples)]
    samples: usize,
    /// Draw other weight sets; the same seed draws the same
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
}

/// Reads a number of samples.
fn samples(text: &str) -> std::result::Result<usize, String> {
    match text.parse() {
        Ok(samples @ 1..=1_000_000) => Ok(samples),
        _ => Err("expected a whole number from 1 to 1000000".to_owned()),
    }
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let request = args.question.request(None)?;
    let rules = context.rule_set_for(&args.question, args.how)?;
    let db = context.open(Access::Read)?;
    let options = Options { samples: args.samples, seed: args.seed };
    let stability = HardwareRecommender::new(&db, &rules).strict(args.question.terms.strict).stability(&request, options)?;
    drop(db);
    print(context, out, &stability, || render::stability(&stability), || render::stability_data(&stability))?;
    Ok(if stability.winner.is_none() { Outcome::Gate } else { Outcome::Done })
}
