//! `suitor rules fields`.

use std::io::Write;

use crate::cli::context::Context;
use crate::cli::output::{Column, Outcome, Sheet, print};
use crate::editor::{Entry, vocabulary};
use crate::recommend::answer::SCHEMA_VERSION;
use crate::{Error, Result};

/// List what scripts may read: fields of request and pair, the components in weights, the parameters of each rule
#[derive(Clone, Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Only of one record: request, pair, weights or params
    #[arg(value_name = "RECORD")]
    record: Option<String>,
}

#[derive(serde::Serialize)]
struct Vocabulary {
    schema_version: u32,
    fields: Vec<Entry>,
    warnings: Vec<String>,
}

const RECORDS: [&str; 4] = ["request", "pair", "weights", "params"];

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    if let Some(record) = args.record.as_deref().filter(|record| !RECORDS.contains(record)) {
        let error = Error::unknown("record", record, RECORDS);
        return Err(if error.help.is_some() { error } else { error.help(format!("expected one of {}", RECORDS.join(", "))) });
    }
    let mut fields = vocabulary(&context.rule_set()?);
    fields.retain(|entry| args.record.as_deref().is_none_or(|record| entry.record.split(' ').next() == Some(record)));
    let columns = [Column::text("name", 0), Column::text("type", 0), Column::text("about", 0)].to_vec();
    let sheet = || {
        let rows = fields.iter().map(|entry| {
            let missing = if entry.optional { "?" } else { "" };
            let record = entry.record.split(' ').next().unwrap_or("");
            vec![format!("{record}.{}", entry.name), format!("{}{missing}", entry.kind), about(entry)]
        });
        Sheet { columns: columns.clone(), rows: rows.collect(), ..Sheet::default() }
    };
    let data = || {
        let columns = ["record", "name", "type", "optional", "about", "values"].map(|name| Column::text(name, 0)).to_vec();
        let rows = fields.iter().map(|entry| {
            let values = entry.values.join(" ");
            vec![entry.record.clone(), entry.name.clone(), entry.kind.clone(), entry.optional.to_string(), entry.about.clone(), values]
        });
        Sheet { columns, rows: rows.collect(), ..Sheet::default() }
    };
    let document = Vocabulary { schema_version: SCHEMA_VERSION, fields: fields.clone(), warnings: Vec::new() };
    print(context, out, &document, sheet, data)?;
    Ok(Outcome::Done)
}

/// What it says, and the texts that it is known to have; of a parameter its rule too.
fn about(entry: &Entry) -> String {
    match entry.record.strip_prefix("params of ") {
        Some(rule) => format!("{} ({rule})", entry.about),
        None if entry.values.is_empty() => entry.about.clone(),
        None => format!("{}; known: {}", entry.about, entry.values.join(", ")),
    }
}
