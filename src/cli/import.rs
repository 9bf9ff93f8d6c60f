//! `suitor import`.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;

use super::context::{Context, Format};
use super::new_file::NewFile;
use super::output::{Column, Outcome, Sheet, print};
use super::render::count;
use crate::Result;
use crate::import::{Aliases, FileReport, Mappings, Merged, Options, Progress, Report, import};
use crate::store::{Access, Db};

/// Read benchmark files of many formats into the database, which is made when it is not there
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "The format is recognised by content. Rows that cannot be results are refused and listed; a file that is broken lands nothing.\n\
Importing a file again adds nothing. Mappings of your own go to config/import/*.toml."
)]
pub(super) struct Args {
    /// Files to read
    #[arg(required_unless_present = "formats", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The format, instead of recognising it
    #[arg(long = "as", id = "as", value_name = "FORMAT")]
    format: Option<String>,
    /// Take a field from a column, above what the mapping says
    #[arg(long, value_name = "COLUMN=FIELD", value_parser = pair)]
    map: Vec<(String, String)>,
    /// Give a field that the file does not have, such as hardware='NVIDIA H200 x8'
    #[arg(long, value_name = "FIELD=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,
    /// Make a model version of each value of this column and link its rows
    #[arg(long, value_name = "COLUMN")]
    versions_from: Option<String>,
    /// Say what would happen, and store nothing
    #[arg(long)]
    dry_run: bool,
    /// List the formats
    #[arg(long, conflicts_with = "files")]
    formats: bool,
}

/// COLUMN=FIELD: at the last `=`, because columns may have one in their names.
fn pair(text: &str) -> std::result::Result<(String, String), String> {
    halves(text.rsplit_once('='), "COLUMN=FIELD")
}

/// FIELD=VALUE: at the first `=`, because values may have one.
fn setting(text: &str) -> std::result::Result<(String, String), String> {
    halves(text.split_once('='), "FIELD=VALUE")
}

fn halves(found: Option<(&str, &str)>, expected: &str) -> std::result::Result<(String, String), String> {
    match found {
        Some((left, right)) if !left.is_empty() && !right.is_empty() => Ok((left.to_owned(), right.to_owned())),
        _ => Err(format!("expected {expected}")),
    }
}

#[derive(serde::Serialize)]
struct Done<'a> {
    schema_version: u32,
    database: String,
    dry_run: bool,
    files: &'a [FileReport],
    errors: Vec<String>,
    warnings: Vec<String>,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let mappings = Mappings::load(&context.global.config)?;
    if args.formats {
        return formats(&mappings, context, out);
    }
    let aliases = Aliases::load(&context.global.config)?;
    let options = Options {
        format: args.format.clone(),
        columns: args.map.clone(),
        constants: args.set.clone(),
        versions_from: args.versions_from.clone(),
        dry_run: args.dry_run,
        // A dry run must not touch the file: a database without Suitor's tables is told to make them first.
        make_tables: !args.dry_run,
        now: Timestamp::now().as_microsecond(),
    };
    let path = &context.global.db_path;
    let is_new = !path.exists();
    let new = if is_new && !args.dry_run { NewFile::begin(context)? } else { None };
    let mut db = match &new {
        Some(new) => context.open_at(new.unfinished(), Access::Create)?,
        None if is_new && args.dry_run => Db::open_in_memory()?,
        None => context.open(Access::Write)?,
    };
    let bar = Bar::new(context);
    let report = import(&mut db, &args.files, &mappings, &aliases, &options, &mut |progress| bar.show(progress));
    bar.clear();
    // The file is closed before anything becomes of it.
    let closed = if new.is_some() {
        db.close_whole()
    } else {
        drop(db);
        Ok(())
    };
    let report = report?;
    // Where nothing landed, a database that was not there before is not there now.
    if let Some(new) = new.filter(|_| report.files.iter().any(|file| file.rows_added > 0)) {
        let kept = closed.and_then(|()| new.keep());
        kept.map_err(|error| error.or_help("no row was stored: import again when that is mended"))?;
    }
    let done = Done {
        schema_version: crate::recommend::answer::SCHEMA_VERSION,
        database: path.display().to_string(),
        dry_run: args.dry_run,
        files: &report.files,
        errors: report.errors.iter().map(ToString::to_string).collect(),
        warnings: Vec::new(),
    };
    if !report.files.is_empty() || context.global.format == Format::Json {
        print(context, out, &done, || sheet(&report, args.dry_run, count), || sheet(&report, args.dry_run, |rows| rows.to_string()))?;
        out.flush().map_err(|error| super::output::unwritten(&error))?;
    }
    last(report, context)
}

/// Ends with the last of the errors, after saying the others.
fn last(report: Report, context: &Context) -> Result<Outcome> {
    let mut errors = report.errors;
    let Some(last) = errors.pop() else { return Ok(Outcome::Done) };
    for error in &errors {
        context.complain(error);
    }
    Err(last)
}

const SHOWN: usize = 10;

/// `number` shows a count: grouped for people, plain for programs.
fn sheet(report: &Report, dry_run: bool, number: fn(i64) -> String) -> Sheet {
    let columns = vec![
        Column::text("file", 0),
        Column::word("format", 2),
        Column::number("read", 0),
        Column::number("added", 0),
        Column::number("duplicate", 0),
        Column::number("refused", 0),
        Column::number("versions", 3),
        Column::number("linked", 3),
    ];
    let some = |found: i64| if found == 0 { String::new() } else { number(found) };
    let rows = report.files.iter().map(|file| {
        vec![
            file.file.clone(),
            file.format.clone(),
            number(file.rows_read),
            number(file.rows_added),
            number(file.rows_duplicate),
            number(file.rows_refused),
            some(file.versions_added),
            some(file.rows_linked),
        ]
    });
    let mut below = Vec::new();
    for file in &report.files {
        for refused in file.refused.iter().take(SHOWN) {
            let place = refused.line.as_str().map_or_else(|| refused.line.to_string(), |place| format!(" {place}"));
            below.push(format!("refused: {}:{place}: {}", file.file, refused.reason));
        }
        if file.refused.len() > SHOWN {
            below.push(format!("refused: {}: {} more (--format json lists all)", file.file, file.refused.len() - SHOWN));
        }
        for warning in file.warnings.iter().take(SHOWN) {
            below.push(format!("warning: {}: {warning}", file.file));
        }
        if file.warnings.len() > SHOWN {
            below.push(format!("warning: {}: {} more (--format json lists all)", file.file, file.warnings.len() - SHOWN));
        }
    }
    // A name that several files have is said once.
    let merged: std::collections::BTreeSet<&Merged> = report.files.iter().flat_map(|file| &file.merged).collect();
    below.extend(merged.iter().take(SHOWN).map(|merged| format!("name: `{}` is kept as `{}`", merged.from, merged.to)));
    if merged.len() > SHOWN {
        below.push(format!("name: {} more (--format json lists all)", merged.len() - SHOWN));
    }
    if dry_run {
        below.push("dry run: nothing was stored".to_owned());
    }
    Sheet { above: Vec::new(), columns, rows: rows.collect(), below }
}

fn formats(mappings: &Mappings, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    #[derive(serde::Serialize)]
    struct Listed {
        schema_version: u32,
        formats: Vec<(String, String)>,
        warnings: Vec<String>,
    }
    let listed = Listed {
        schema_version: crate::recommend::answer::SCHEMA_VERSION,
        formats: mappings.titles().map(|(format, title)| (format.to_owned(), title.to_owned())).collect(),
        warnings: Vec::new(),
    };
    let sheet = || Sheet {
        columns: vec![Column::word("format", 0), Column::text("what it is", 0)],
        rows: listed.formats.iter().map(|(format, title)| vec![format.clone(), title.clone()]).collect(),
        ..Sheet::default()
    };
    print(context, out, &listed, sheet, sheet)?;
    Ok(Outcome::Done)
}

/// A bar on stderr when it is a terminal; nothing otherwise.
struct Bar(Option<ProgressBar>);

impl Bar {
    fn new(context: &Context) -> Self {
        if context.global.quiet || !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{bar:30} {percent:>3}%  {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style);
        Self(Some(bar))
    }

    fn show(&self, progress: Progress<'_>) {
        if let Some(bar) = &self.0 {
            bar.set_length(progress.of);
            bar.set_position(progress.bytes);
            bar.set_message(format!("{} rows of {}", count(progress.rows), progress.file));
        }
    }

    fn clear(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
