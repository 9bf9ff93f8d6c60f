//! `suitor link-tests`.

use std::io::Write;

use super::context::Context;
use super::output::{Outcome, Sheet, print};
use crate::store::Access;
use crate::{ModelRegistryIntegration, Result};

/// Link benchmark results to a model version, which is made when it is not there
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Model, by name or id
    #[arg(long)]
    model: String,
    /// Tag of the version
    #[arg(long)]
    version: String,
    /// Ids of the results (`suitor list results --model M`)
    #[arg(long, value_delimiter = ',', required = true, value_name = "1,2,3")]
    result_ids: Vec<i64>,
}

#[derive(serde::Serialize)]
struct Linked {
    schema_version: u32,
    model: String,
    version: String,
    linked: i64,
    already_linked: i64,
    warnings: Vec<String>,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let mut db = context.open(Access::Write)?;
    let model = db.model(&args.model)?.name;
    let linked = ModelRegistryIntegration::new(&mut db).link_test_results(&args.model, &args.version, &args.result_ids)?;
    let mut ids = args.result_ids.clone();
    ids.sort_unstable();
    ids.dedup();
    let already_linked = i64::try_from(ids.len()).unwrap_or(i64::MAX) - linked;
    let done = Linked {
        schema_version: crate::recommend::answer::SCHEMA_VERSION,
        model,
        version: args.version.clone(),
        linked,
        already_linked,
        warnings: Vec::new(),
    };
    let sheet = || {
        let mut line = format!("linked {} test result(s) to model '{}' version '{}'", done.linked, done.model, done.version);
        if done.already_linked > 0 {
            line.push_str(&format!("; {} linked before", done.already_linked));
        }
        Sheet { above: vec![line], ..Sheet::default() }
    };
    print(context, out, &done, sheet, sheet)?;
    Ok(Outcome::Done)
}
