//! `suitor create-schema`.

use std::io::Write;

use super::context::Context;
use super::output::{Outcome, Sheet, print};
use crate::Result;
use crate::store::Access;

/// Make the tables, or extend a benchmark database that exists; doing it again changes nothing
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {}

#[derive(serde::Serialize)]
struct Done {
    schema_version: u32,
    database: String,
    found: Vec<String>,
    done: Vec<String>,
    warnings: Vec<String>,
}

pub(super) fn run(_args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let mut db = context.open(Access::Create)?;
    let report = db.create_schema()?;
    let done = Done {
        schema_version: crate::recommend::answer::SCHEMA_VERSION,
        database: context.global.db_path.display().to_string(),
        found: report.found,
        done: report.done,
        warnings: report.warnings,
    };
    let sheet = || {
        let mut above = vec![format!("{}: schema is in place", done.database)];
        above.extend(done.found.iter().map(|line| format!("found: {line}")));
        above.extend(done.done.iter().map(|line| format!("made: {line}")));
        above.extend(done.warnings.iter().map(|line| format!("warning: {line}")));
        Sheet { above, ..Sheet::default() }
    };
    print(context, out, &done, sheet, sheet)?;
    Ok(Outcome::Done)
}
