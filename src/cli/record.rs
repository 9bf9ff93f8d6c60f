//! `suitor test record`.

use std::io::Write;

use super::context::Context;
use super::output::{Outcome, Sheet, print};
use super::question::{How, Question};
use super::test::{Folders, SCENARIOS, SNAPSHOTS};
use crate::Result;
use crate::import::{Aliases, Mappings};
use crate::scenario::{Recorded, Recording, Snapshots, record};
use crate::store::Access;

/// Make a scenario of a live question: freeze its rows, and accept its ranking as it is
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    question: Question,
    /// How many the snapshot shows; 0 shows all
    #[arg(long, value_name = "K", default_value_t = 5)]
    top_k: usize,
    /// Name of the scenario; left out, made of model and task
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// What the scenario shows, in a sentence
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    #[command(flatten)]
    folders: Folders,
    /// Write over a scenario of that name
    #[arg(long)]
    force: bool,
}

#[derive(serde::Serialize)]
struct Done {
    schema_version: u32,
    name: String,
    scenario: String,
    data: Option<String>,
    snapshot: String,
    rows: usize,
    ranked: usize,
    shown: usize,
    warnings: Vec<String>,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let ask = args.question.ask((args.top_k > 0).then_some(args.top_k));
    let rules = context.rule_set_within(&args.question.terms, How::default())?;
    let (mappings, aliases) = (Mappings::load(&context.global.config)?, Aliases::load(&context.global.config)?);
    let db = context.open(Access::Read)?;
    let database = context.global.db_path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let recorded = record(
        &db,
        &rules,
        &mappings,
        &aliases,
        &Recording {
            ask: &ask,
            name: args.name.as_deref(),
            title: args.title.as_deref(),
            database: &database,
            scenarios: &args.folders.scenarios,
            snapshots: &Snapshots::new(&args.folders.snapshots),
            force: args.force,
        },
    )?;
    let done = done(recorded);
    let sheet = || {
        let place = done.data.as_ref().map_or_else(|| "in it".to_owned(), |data| format!("in {data}"));
        let ranked = if done.shown < done.ranked {
            format!("the first {} of {} ranked (--top-k 0 keeps all)", done.shown, done.ranked)
        } else {
            format!("{} ranked", done.ranked)
        };
        let mut above = vec![
            format!("wrote {}: {} row{} frozen {place}", done.scenario, done.rows, if done.rows == 1 { "" } else { "s" }),
            format!("wrote {}: {ranked}; the replay gives the same to the last bit", done.snapshot),
        ];
        above.extend(done.warnings.iter().map(|warning| format!("warning: {warning}")));
        let folders = [("scenarios", &args.folders.scenarios, SCENARIOS), ("snapshots", &args.folders.snapshots, SNAPSHOTS)]
            .into_iter()
            .filter(|(_, folder, usual)| folder.as_os_str() != *usual)
            .map(|(flag, folder, _)| format!(" --{flag} {}", folder.display()))
            .collect::<Vec<_>>()
            .concat();
        above.push(format!("next: suitor test {}{folders}", done.name));
        Sheet { above, ..Sheet::default() }
    };
    print(context, out, &done, sheet, sheet)?;
    Ok(Outcome::Done)
}

fn done(recorded: Recorded) -> Done {
    let shown = |path: std::path::PathBuf| path.display().to_string().replace('\\', "/");
    Done {
        schema_version: crate::recommend::answer::SCHEMA_VERSION,
        name: recorded.name,
        scenario: shown(recorded.scenario),
        data: recorded.data.map(shown),
        snapshot: shown(recorded.snapshot),
        rows: recorded.rows,
        ranked: recorded.ranked,
        shown: recorded.shown,
        warnings: recorded.warnings,
    }
}
