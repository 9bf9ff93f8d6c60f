//! `suitor man`.

use std::io::Write;
use std::path::PathBuf;

use clap::CommandFactory;

use super::Cli;
use super::output::{Outcome, unwritten};
use crate::{Error, Result};

/// Print the manual page of suitor, or write one page a command into a folder
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Folder for the pages of all commands (suitor.1, suitor-recommend.1, ...)
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Outcome> {
    let Some(folder) = &args.folder else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page).map_err(|error| unwritten(&error))?;
        out.write_all(&page).map_err(|error| unwritten(&error))?;
        return Ok(Outcome::Done);
    };
    let failed = |error: std::io::Error| Error::failed(format!("`{}` could not be written: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(Cli::command(), folder).map_err(failed)?;
    Ok(Outcome::Done)
}
