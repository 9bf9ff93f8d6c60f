//! `suitor rules history`.

use std::io::Write;

use crate::Result;
use crate::cli::context::Context;
use crate::cli::output::{Column, Outcome, Sheet, print};
use crate::rules::History;
use crate::rules::history::{KEPT, differing};

/// List the rule sets that were in force, newest first
///
/// `suitor watch` keeps every set that it puts in force, in `.suitor/history` beside the folder of the configuration; the last 20 stay.
#[derive(Clone, Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// How many to show
    #[arg(long, value_name = "N", default_value_t = KEPT)]
    limit: usize,
}

#[derive(serde::Serialize)]
struct Listing {
    schema_version: u32,
    /// Where they are kept.
    folder: String,
    /// Hash of the set on disk; null where there is none, or where it cannot be read.
    on_disk: Option<String>,
    sets: Vec<Set>,
    warnings: Vec<String>,
}

#[derive(serde::Serialize)]
struct Set {
    number: usize,
    rule_set: String,
    at: String,
    why: String,
    faults: usize,
    on_disk: bool,
    /// Files that differ from the next older set; null for the oldest, and where a set is damaged.
    differs: Option<Vec<String>>,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let history = History::beside(&context.global.config, &context.global.rules)?;
    let entries = history.entries()?;
    let (on_disk, mut warnings) = match history.on_disk() {
        Ok(hash) => (hash, Vec::new()),
        Err(error) => (None, vec![error.message]),
    };
    if let Some(hash) = history.interrupted()? {
        warnings.push(format!("putting {} back was interrupted; `suitor rules rollback {}` completes it", &hash[..12], &hash[..12]));
    }
    warnings.extend(entries.iter().take(args.limit).filter_map(|entry| history.files(entry).err()).map(|error| error.message));
    let older = |at: usize| entries.get(at + 1).map(|older| (older, &entries[at]));
    let sets: Vec<Set> = entries
        .iter()
        .enumerate()
        .take(args.limit)
        .map(|(at, entry)| Set {
            number: at + 1,
            rule_set: entry.hash.clone(),
            at: entry.at.clone(),
            why: entry.why.clone(),
            faults: entry.faults,
            on_disk: on_disk.as_ref() == Some(&entry.hash),
            differs: older(at).and_then(|(old, new)| Some(differing(&history.files(old).ok()?, &history.files(new).ok()?))),
        })
        .collect();
    let listing = Listing {
        schema_version: crate::recommend::answer::SCHEMA_VERSION,
        folder: history.folder().display().to_string(),
        on_disk,
        sets,
        warnings,
    };
    print(context, out, &listing, || sheet(&listing), || sheet(&listing))?;
    Ok(Outcome::Done)
}

fn sheet(listing: &Listing) -> Sheet {
    let columns = vec![
        Column::number("#", 0),
        Column::word("rule set", 0),
        Column::word("kept at", 2),
        Column::word("", 1),
        Column::text("differs from the next older in", 3),
    ];
    let rows = listing.sets.iter().map(|set| {
        let mut notes = Vec::new();
        if set.on_disk {
            notes.push("on disk".to_owned());
        }
        if set.why != "in force" {
            notes.push(set.why.clone());
        }
        if set.faults > 0 {
            notes.push(format!("{} fault{}", set.faults, if set.faults == 1 { "" } else { "s" }));
        }
        let differs = set.differs.as_ref().map(|files| files.join(", ")).unwrap_or_default();
        vec![set.number.to_string(), set.rule_set[..12].to_owned(), set.at.clone(), notes.join(", "), differs]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let mut above = Vec::new();
    if rows.is_empty() {
        above.push("no rule set is kept yet: `suitor watch` keeps every set that it puts in force".to_owned());
    }
    let mut below: Vec<String> = listing.warnings.iter().map(|warning| format!("warning: {warning}")).collect();
    if let Some(hash) = listing.on_disk.as_ref().filter(|hash| listing.sets.iter().all(|set| set.rule_set != **hash)) {
        below.push(format!("the set on disk, {}, is not among them; a rollback keeps it first", &hash[..12]));
    }
    Sheet { above, columns, rows, below }
}
