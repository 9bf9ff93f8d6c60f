//! `suitor init`.

use std::io::Write;

use super::context::Context;
use super::output::{Outcome, Sheet, print};
use crate::{Error, Result};

/// Write the shipped config/ and rules/ into folders, to edit them
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Overwrite files that exist
    #[arg(long)]
    force: bool,
}

#[derive(serde::Serialize)]
struct Done {
    schema_version: u32,
    written: Vec<String>,
    warnings: Vec<String>,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let files = shipped();
    let place = |name: &str| match name.split_once('/') {
        Some(("rules", rest)) => context.global.rules.join(rest),
        Some((_, rest)) => context.global.config.join(rest),
        None => context.global.config.join(name),
    };
    let existing: Vec<String> =
        files.iter().map(|(name, _)| place(name)).filter(|path| path.exists()).map(|path| format!("`{}`", path.display())).collect();
    if !args.force && !existing.is_empty() {
        return Err(Error::input(format!("nothing was written: there is {} already", existing.join(", ")))
            .help("--force overwrites, --config DIR and --rules DIR name other folders"));
    }
    // To open a pipe for writing waits for a reader.
    let unfit = |path: &std::path::PathBuf| path.metadata().is_ok_and(|about| !about.is_file());
    if let Some(path) = files.iter().map(|(name, _)| place(name)).find(unfit) {
        return Err(Error::input(format!("nothing was written: `{}` is no file", path.display())));
    }
    let mut written = Vec::new();
    for (name, text) in files {
        let path = place(&name);
        let failed = |error: std::io::Error| Error::failed(format!("`{}` could not be written: {error}", path.display()));
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        std::fs::write(&path, text).map_err(failed)?;
        written.push(path.display().to_string());
    }
    let done = Done { schema_version: crate::recommend::answer::SCHEMA_VERSION, written, warnings: Vec::new() };
    let sheet = || Sheet { above: done.written.iter().map(|path| format!("wrote {path}")).collect(), ..Sheet::default() };
    print(context, out, &done, sheet, sheet)?;
    Ok(Outcome::Done)
}

/// Every shipped file of config/ and rules/, by name, and the schemas that the TOML files name.
fn shipped() -> Vec<(String, String)> {
    let rules = crate::rules::embedded::FILES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let mappings = crate::import::SHIPPED_MAPPINGS.iter().map(|(name, text)| (format!("config/import/{name}"), (*text).to_owned()));
    let settings = [("suitor.toml", crate::store::SHIPPED_SETTINGS), ("aliases.toml", crate::import::SHIPPED_ALIASES)];
    let settings = settings.map(|(name, text)| (format!("config/{name}"), text.to_owned()));
    let folder = crate::editor::FOLDER;
    let schemas = crate::editor::schemas();
    let schemas = schemas.iter().map(|(name, schema)| (format!("config/{folder}/{name}.json"), crate::editor::text(schema)));
    rules.chain(settings).chain(mappings).chain(schemas).collect()
}
