//! `suitor calculate-scores`.

use std::io::Write;

use super::context::Context;
use super::output::Outcome;
use super::question::How;
use super::render;
use crate::store::Access;
use crate::{ModelRegistryIntegration, Result};

/// Score every model on every hardware by base weights, and store the scores
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Only this model, by name or id
    #[arg(long)]
    model: Option<String>,
    /// Only this hardware: a label, a name or a hardware type (applies after normalisation)
    #[arg(long)]
    hardware: Option<String>,
    /// Print, but store nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    how: How,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let rules = context.rule_set_by(args.how)?;
    let mut db = context.open(if args.dry_run { Access::Read } else { Access::Write })?;
    let mut registry = ModelRegistryIntegration::new(&mut db);
    let scores = registry.calculate_suitability_scores(&rules, args.model.as_deref(), args.hardware.as_deref(), args.dry_run)?;
    let printed = render::scores(context, &scores)?;
    drop(scores);
    drop(db);
    printed.to(out)?;
    Ok(Outcome::Done)
}
