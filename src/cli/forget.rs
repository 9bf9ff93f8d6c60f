//! `suitor forget`.

use std::io::Write;

use super::context::Context;
use super::output::{Outcome, Sheet, print};
use super::render::count;
use crate::Result;
use crate::store::Access;

/// Take the rows of an imported file out again
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// The file, named as it was imported
    #[arg(long, value_name = "FILE")]
    file: String,
}

#[derive(serde::Serialize)]
struct Forgotten {
    schema_version: u32,
    file: String,
    rows_removed: i64,
    links_removed: i64,
    warnings: Vec<String>,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let mut db = context.open(Access::Write)?;
    let gone = db.forget(&args.file)?;
    let done = Forgotten {
        schema_version: crate::recommend::answer::SCHEMA_VERSION,
        file: args.file.clone(),
        rows_removed: gone.results,
        links_removed: gone.links,
        warnings: Vec::new(),
    };
    let sheet = || {
        let links = if done.links_removed > 0 { format!(" and {} links to model versions", count(done.links_removed)) } else { String::new() };
        let line = format!("removed {} rows{links} of `{}`; stored scores stay until calculate-scores runs again", count(done.rows_removed), done.file);
        Sheet { above: vec![line], ..Sheet::default() }
    };
    print(context, out, &done, sheet, sheet)?;
    Ok(Outcome::Done)
}
