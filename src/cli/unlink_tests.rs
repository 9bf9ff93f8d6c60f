//! `suitor unlink-tests`.

use std::io::Write;

use super::context::Context;
use super::output::{Outcome, Sheet, print};
use super::wanted::LinkArgs;
use crate::store::{Access, Wanted};
use crate::{ModelRegistryIntegration, Result};

/// Take links of benchmark results to a model version away; the results and the version's snapshots stay
#[derive(Clone, Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("which").required(true).args(["result_ids", "wheres", "all"])))]
pub(super) struct Args {
    #[command(flatten)]
    links: LinkArgs,
    /// All results of the version
    #[arg(long)]
    all: bool,
}

#[derive(serde::Serialize)]
struct Done {
    schema_version: u32,
    model: String,
    version: String,
    unlinked: i64,
    not_linked: i64,
    warnings: Vec<String>,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let choices = args.links.choices()?;
    let mut db = context.open(Access::Write)?;
    let model = db.model(&args.links.model)?;
    let version = db.version(model.id, &args.links.version)?.tag;
    let wanted = if args.all { Wanted::All } else { args.links.wanted(&choices) };
    let unlinked = ModelRegistryIntegration::new(&mut db).unlink_results(&args.links.model, &version, wanted)?;
    drop(db);
    let done = Done {
        schema_version: crate::recommend::answer::SCHEMA_VERSION,
        model: model.name,
        version,
        unlinked: unlinked.unlinked,
        not_linked: unlinked.not_linked,
        warnings: Vec::new(),
    };
    let sheet = || {
        let mut line = format!("unlinked {} test result(s) from model '{}' version '{}'", done.unlinked, done.model, done.version);
        if done.not_linked > 0 {
            line.push_str(&format!("; {} were not linked to it", done.not_linked));
        }
        Sheet { above: vec![line], ..Sheet::default() }
    };
    print(context, out, &done, sheet, sheet)?;
    Ok(Outcome::Done)
}
