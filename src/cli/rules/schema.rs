//! `suitor rules schema`.

use std::io::Write;

use crate::cli::context::Context;
use crate::cli::output::{Outcome, unwritten};
use crate::{Error, Result, editor};

/// Print the JSON Schema (draft-07) of a TOML file, for editors: scoring, rules, suitor, aliases, mapping or scenario
///
/// The shipped files name theirs in a first line `#:schema ./schema/NAME.json`; `suitor init` writes the schemas beside them.
#[derive(Clone, Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Which file
    #[arg(value_name = "NAME", required_unless_present = "write")]
    name: Option<String>,
    /// Write all of them into the folder `schema` of the configuration
    #[arg(long, conflicts_with = "name")]
    write: bool,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let all = editor::schemas();
    let Some(name) = &args.name else {
        let folder = context.global.config.join(editor::FOLDER);
        let failed = |error: std::io::Error| Error::failed(format!("`{}` could not be written: {error}", folder.display()));
        std::fs::create_dir_all(&folder).map_err(failed)?;
        for (name, schema) in &all {
            let path = folder.join(format!("{name}.json"));
            std::fs::write(&path, editor::text(schema)).map_err(failed)?;
            writeln!(out, "wrote {}", path.display()).map_err(|error| unwritten(&error))?;
        }
        return Ok(Outcome::Done);
    };
    let wanted = name.trim_end_matches(".toml");
    let Some((_, schema)) = all.iter().find(|(known, _)| *known == wanted) else {
        let known: Vec<&str> = all.iter().map(|(known, _)| *known).collect();
        let error = Error::unknown("schema", name, known.iter().copied());
        return Err(if error.help.is_some() { error } else { error.help(format!("expected one of {}", known.join(", "))) });
    };
    out.write_all(editor::text(schema).as_bytes()).map_err(|error| unwritten(&error))?;
    Ok(Outcome::Done)
}
