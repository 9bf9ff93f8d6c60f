//! `suitor version-history`.

use std::io::Write;

use super::context::Context;
use super::output::{Column, Outcome, Sheet, print};
use crate::Result;
use crate::store::{Access, VersionEntry};

/// Show the versions of a model, newest first
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Model, by name or id
    #[arg(long)]
    model: String,
    /// At most so many; 0 shows all
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

#[derive(serde::Serialize)]
struct History {
    schema_version: u32,
    model: String,
    versions: Vec<VersionEntry>,
    warnings: Vec<String>,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let db = context.open(Access::Read)?;
    let model = db.model(&args.model)?;
    let mut versions = db.version_history(model.id)?;
    drop(db);
    versions.truncate(args.limit.filter(|limit| *limit > 0).unwrap_or(usize::MAX));
    let history = History { schema_version: crate::recommend::answer::SCHEMA_VERSION, model: model.name, versions, warnings: Vec::new() };
    let sheet = || Sheet {
        above: if history.versions.is_empty() {
            vec![format!("model '{}' has no version; `suitor add-version` or `suitor link-tests` makes one", history.model)]
        } else {
            vec![format!("versions of {}", history.model)]
        },
        columns: vec![
            Column::text("version", 0),
            Column::text("aliases", 1),
            Column::text("hash", 2),
            Column::word("created", 1),
            Column::number("results", 0),
            Column::number("snapshots", 3),
            Column::text("metadata", 4),
        ],
        rows: history
            .versions
            .iter()
            .map(|one| {
                vec![
                    one.version.clone(),
                    one.aliases.join(", "),
                    one.hash.clone().unwrap_or_default(),
                    one.created_at.clone().unwrap_or_default(),
                    one.linked_results.to_string(),
                    one.snapshots.to_string(),
                    one.metadata.as_ref().map(ToString::to_string).unwrap_or_default(),
                ]
            })
            .collect(),
        below: Vec::new(),
    };
    print(context, out, &history, sheet, sheet)?;
    Ok(Outcome::Done)
}
