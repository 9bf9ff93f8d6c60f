//! `suitor link-tests`.

use std::io::Write;

use super::add_version::new_and_near;
use super::context::Context;
use super::output::{Outcome, Sheet, print};
use super::wanted::LinkArgs;
use crate::store::Access;
use crate::{ModelRegistryIntegration, Result};

/// Link benchmark results to a model version, which is made when it is not there
#[derive(Clone, Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("which").required(true).args(["result_ids", "wheres"])))]
pub(super) struct Args {
    #[command(flatten)]
    links: LinkArgs,
}

#[derive(serde::Serialize)]
struct Done {
    schema_version: u32,
    model: String,
    version: String,
    linked: i64,
    already_linked: i64,
    created: bool,
    warnings: Vec<String>,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let choices = args.links.choices()?;
    let mut db = context.open(Access::Write)?;
    let model = db.model(&args.links.model)?.name;
    let linked =
        ModelRegistryIntegration::new(&mut db).link_results(&args.links.model, &args.links.version, args.links.wanted(&choices))?;
    drop(db);
    let warnings = new_and_near(&linked.version, &linked.near);
    let done = Done {
        schema_version: crate::recommend::answer::SCHEMA_VERSION,
        model,
        version: linked.version,
        linked: linked.linked,
        already_linked: linked.already,
        created: linked.created,
        warnings,
    };
    done.warnings.iter().for_each(|warning| context.say(&format!("warning: {warning}")));
    let sheet = || {
        let mut line = format!("linked {} test result(s) to model '{}' version '{}'", done.linked, done.model, done.version);
        if done.created {
            line.push_str("; the version is new");
        }
        if done.already_linked > 0 {
            line.push_str(&format!("; {} linked before", done.already_linked));
        }
        Sheet { above: vec![line], ..Sheet::default() }
    };
    print(context, out, &done, sheet, sheet)?;
    Ok(Outcome::Done)
}
