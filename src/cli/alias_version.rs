//! `suitor alias-version`.

use std::io::Write;

use super::context::Context;
use super::output::{Outcome, Sheet, print};
use crate::Result;
use crate::store::{Access, LATEST, Moved};
use crate::versions::VersionControlSystem;

/// Give a name such as champion to a model version; it moves from version to version, and stands wherever a version is asked for
#[derive(Clone, Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("goal").required(true).args(["version", "remove"])))]
pub(super) struct Args {
    /// Model, by name or id
    #[arg(long)]
    model: String,
    /// The name; `latest` means the newest version unless it is given to another
    #[arg(long)]
    alias: String,
    /// The version that has it from now on, by its tag or another name of it
    #[arg(long)]
    version: Option<String>,
    /// Take the name away
    #[arg(long)]
    remove: bool,
}

#[derive(serde::Serialize)]
struct Done {
    schema_version: u32,
    model: String,
    alias: String,
    #[serde(flatten)]
    moved: Moved,
    warnings: Vec<String>,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let mut db = context.open(Access::Write)?;
    let model = db.model(&args.model)?.name;
    let moved = VersionControlSystem::new(&mut db).move_alias(&args.model, &args.alias, args.version.as_deref())?;
    let done =
        Done { schema_version: crate::recommend::answer::SCHEMA_VERSION, model, alias: args.alias.clone(), moved, warnings: Vec::new() };
    let sheet = || {
        let (alias, model) = (&done.alias, &done.model);
        let line = match (&done.moved.from, &done.moved.to) {
            (Some(from), Some(to)) if from == to => format!("'{alias}' of model '{model}' means version '{to}' already"),
            (Some(from), Some(to)) => format!("'{alias}' of model '{model}' moved from version '{from}' to version '{to}'"),
            (None, Some(to)) => format!("'{alias}' of model '{model}' means version '{to}'"),
            (_, None) if alias == LATEST => format!("'{alias}' of model '{model}' means the newest version again"),
            (from, None) => format!("'{alias}' of model '{model}' is gone; it meant version '{}'", from.clone().unwrap_or_default()),
        };
        Sheet { above: vec![line], ..Sheet::default() }
    };
    print(context, out, &done, sheet, sheet)?;
    Ok(Outcome::Done)
}
