//! `suitor trend`.

use std::io::Write;
use std::path::PathBuf;

use super::context::Context;
use super::output::{Outcome, print};
use super::render;
use crate::store::Access;
use crate::trend::{Request, svg, trend};
use crate::{Error, Result};

/// Follow the score or a metric over the versions of a model, and mark the versions where its level steps
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "The newest snapshot of each version counts, oldest version first. Scores are by the rule set of the newest and on one scale. Steps are found by \
binary segmentation with the maximal t test, from four versions on; a single version at the end needs a larger change than one in the middle."
)]
pub(super) struct Args {
    /// Model, by name or id
    #[arg(long, value_name = "MODEL")]
    model: String,
    /// Only this hardware: a label, a name or a hardware type
    #[arg(long, value_name = "HARDWARE")]
    hardware: Option<String>,
    /// What to follow: score, or a metric such as throughput_items_per_second
    #[arg(long, value_name = "METRIC")]
    metric: Option<String>,
    /// Draw it into this file, too
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let request = Request { model: args.model.clone(), hardware: args.hardware.clone(), metric: args.metric.clone() };
    let db = context.open(Access::Read)?;
    let page = trend(&db, &request)?;
    drop(db);
    if let Some(file) = &args.svg {
        std::fs::write(file, svg(&page)).map_err(|error| Error::failed(format!("`{}` could not be written: {error}", file.display())))?;
        context.say(&format!("wrote {}", file.display()));
    }
    print(context, out, &page, || render::trend(&page), || render::trend_data(&page))?;
    Ok(Outcome::Done)
}
