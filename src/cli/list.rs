//! `suitor list`.

use std::io::Write;

use super::context::Context;
use super::output::{Column, Outcome, Sheet, print};
use crate::recommend::narrowing::misses;
use crate::scenario::pin;
use crate::store::{Access, Filter, Listing, What};
use crate::{Error, Result};

/// Show what the database holds: models, hardware, results, versions or cells
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// What to list
    #[arg(value_enum)]
    what: Kind,
    /// Only of this model, by name or id
    #[arg(long)]
    model: Option<String>,
    /// Only names that contain this text, any case
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Only of this task
    #[arg(long)]
    task: Option<String>,
    /// Only of this hardware: a label, a name or a hardware type; may be given again
    #[arg(long)]
    hardware: Vec<String>,
    /// Only rows whose field equals a value (FIELD=VALUE) or contains a text (FIELD~TEXT); may be given again
    #[arg(long = "where", value_name = "FIELD=VALUE")]
    wheres: Vec<String>,
    /// Only rows linked to this version (needs --model)
    #[arg(long, requires = "model")]
    version: Option<String>,
    /// At most so many; 0 shows all
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    Models,
    Hardware,
    Results,
    Versions,
    Cells,
}

#[derive(serde::Serialize)]
struct Document {
    schema_version: u32,
    total: i64,
    items: Vec<serde_json::Map<String, serde_json::Value>>,
    warnings: Vec<String>,
}

pub(super) fn run(args: Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let rules = context.rule_set()?;
    let db = context.open(Access::Read)?;
    let model_id = args.model.as_deref().map(|name| db.model(name)).transpose()?.map(|model| model.id);
    let version_id = match (model_id, args.version.as_deref()) {
        (Some(model), Some(tag)) => Some(db.version(model, tag)?.id),
        _ => None,
    };
    if let Some(task) = &args.task {
        let known = db.tasks()?;
        if !known.contains(task) && !rules.scoring.tasks.contains_key(task) {
            return Err(Error::unknown_listed("task", task, known.iter().map(String::as_str)));
        }
    }
    db.known_hardware(&args.hardware)?;
    let filter = Filter {
        model_id,
        name: args.name,
        task: args.task,
        only: args.hardware,
        pins: args.wheres.iter().map(|text| pin(text)).collect::<Result<_>>()?,
        version_id,
        limit: (args.limit > 0).then_some(args.limit),
    };
    let what = match args.what {
        Kind::Models => What::Models,
        Kind::Hardware => What::Hardware,
        Kind::Results => What::Results,
        Kind::Versions => What::Versions,
        Kind::Cells => What::Cells,
    };
    let listing = db.list(what, &filter, &rules.scoring)?;
    let scope = filter.scope();
    let misses = if listing.rows.is_empty() && what != What::Versions { misses(&db, &scope, args.version.as_deref())? } else { Vec::new() };
    drop(db);
    let document = Document {
        schema_version: crate::recommend::answer::SCHEMA_VERSION,
        total: listing.total,
        items: listing.rows.iter().map(|row| listing.columns.iter().cloned().zip(row.iter().cloned()).collect()).collect(),
        warnings: misses,
    };
    let misses = || document.warnings.clone();
    print(context, out, &document, || sheet(&listing, misses(), false), || sheet(&listing, misses(), true))?;
    Ok(Outcome::Done)
}

/// Columns that say what a row is stay at any width.
const ESSENTIAL: [&str; 5] = ["id", "model", "hardware", "version", "results"];

fn sheet(listing: &Listing, misses: Vec<String>, exact: bool) -> Sheet {
    let shown = i64::try_from(listing.rows.len()).unwrap_or(i64::MAX);
    let columns = listing.columns.iter().enumerate().map(|(at, name)| {
        let numeric = listing.rows.iter().any(|row| row[at].is_number());
        let rank = if ESSENTIAL.contains(&name.as_str()) { 0 } else { u8::try_from(at.min(250)).unwrap_or(250) + 1 };
        match (numeric, name.as_str()) {
            (true, _) => Column::number(name.clone(), rank),
            (false, "tested_at" | "created_at" | "precision" | "task") => Column::word(name.clone(), rank),
            _ => Column::text(name.clone(), rank),
        }
    });
    Sheet {
        above: if listing.rows.is_empty() { std::iter::once("nothing matches".to_owned()).chain(misses).collect() } else { Vec::new() },
        columns: columns.collect(),
        rows: listing.rows.iter().map(|row| row.iter().map(|value| text(value, exact)).collect()).collect(),
        below: if shown < listing.total { vec![format!("{shown} of {} shown; --limit 0 shows all", listing.total)] } else { Vec::new() },
    }
}

fn text(value: &serde_json::Value, exact: bool) -> String {
    match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Number(number) if !exact && number.is_f64() => super::render::figure(number.as_f64().unwrap_or(f64::NAN)),
        other => other.to_string(),
    }
}
