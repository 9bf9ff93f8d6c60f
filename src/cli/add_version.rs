//! `suitor add-version`.

use std::io::Write;

use super::context::Context;
use super::output::{Outcome, Sheet, print};
use crate::Result;
use crate::store::{Access, Added};
use crate::versions::VersionControlSystem;

/// Add a version of a model; the same content again changes nothing
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Model, by name or id
    #[arg(long)]
    model: String,
    /// Tag of the version
    #[arg(long)]
    version: String,
    /// Hash of its weights or code
    #[arg(long)]
    hash: Option<String>,
    /// What else is known of it: a JSON object
    #[arg(long, value_name = "JSON")]
    metadata: Option<String>,
}

#[derive(serde::Serialize)]
struct Done {
    schema_version: u32,
    model: String,
    version: String,
    state: Added,
    warnings: Vec<String>,
}

/// What there is to say of a new version whose tag is probably one of these misspelt.
pub(super) fn new_and_near(version: &str, near: &[String]) -> Vec<String> {
    if near.is_empty() { Vec::new() } else { vec![format!("the version `{version}` is new; did you mean {}?", near.join(", "))] }
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let mut db = context.open(Access::Write)?;
    let model = db.model(&args.model)?;
    // Asked before it is one of them itself.
    let near = db.misspelt_version(model.id, &args.version)?;
    let state =
        VersionControlSystem::new(&mut db).add_model_version(&args.model, &args.version, args.hash.as_deref(), args.metadata.as_deref())?;
    drop(db);
    let near = if state == Added::Created { near } else { Vec::new() };
    let done = Done {
        schema_version: crate::recommend::answer::SCHEMA_VERSION,
        model: model.name,
        version: args.version.clone(),
        state,
        warnings: new_and_near(&args.version, &near),
    };
    done.warnings.iter().for_each(|warning| context.say(&format!("warning: {warning}")));
    let sheet = || {
        let said = match done.state {
            Added::Created => "added",
            Added::Filled => "was there; its empty fields are filled",
            Added::Unchanged => "was there with the same content; nothing changed",
        };
        Sheet { above: vec![format!("version '{}' of model '{}' {said}", done.version, done.model)], ..Sheet::default() }
    };
    print(context, out, &done, sheet, sheet)?;
    Ok(Outcome::Done)
}
