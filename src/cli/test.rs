//! `suitor test`.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::context::{Context, Format};
use super::output::{Outcome, print, unwritten};
use super::question::How;
use super::{record, render, review};
use crate::import::{Aliases, Mappings};
use crate::rules::{RuleError, RuleSet};
use crate::scenario::{Against, Covered, Decision, Move, Moved, Selection, Snapshots, Tested, engine, junit, select, test};
use crate::{Error, Result};

/// Run the scenarios: each asks its question of its own rows, and its ranking is held against what it expects and its snapshot
///
/// A scenario is tests/scenarios/NAME.toml, its snapshot snapshots/NAME.snap. A ranking that is not its snapshot is left beside it
/// as NAME.snap.new, until it is accepted or rejected (`cargo insta review` does that too).
#[derive(Clone, Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Exit codes: 0 all pass; 3 a ranking is not its snapshot, or an expectation is not met; 1 a run failed; 2 a scenario or a rule is at fault."
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Sub>,
    /// Only scenarios whose names contain this; may be given again
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    #[command(flatten)]
    folders: Folders,
    /// Accept every ranking that is not its snapshot
    #[arg(long, conflicts_with_all = ["review", "check"])]
    accept: bool,
    /// Accept also where the rows moved since the snapshot was accepted
    #[arg(long, conflicts_with = "check")]
    accept_data: bool,
    /// Show each change and ask, a key a change: a accept, r reject, s skip, capitals for all that follow, q quit
    #[arg(long, conflicts_with = "check")]
    review: bool,
    /// Write nothing, and take a snapshot without a scenario for a fault: for CI
    #[arg(long)]
    check: bool,
    /// Write the report as JUnit XML too
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Say which rules and which of their branches the scenarios took
    #[arg(long)]
    coverage: bool,
    /// Exit with 3 where the scenarios take less than so many per cent of the branches of the rules
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    min_coverage: Option<f64>,
    #[command(flatten)]
    how: How,
}

fn percent(text: &str) -> std::result::Result<f64, String> {
    text.trim_end_matches('%').parse().ok().filter(|share| (0.0..=100.0).contains(share)).ok_or_else(|| "expected 0 to 100".to_owned())
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Sub {
    Record(Box<record::Args>),
}

/// Where scenarios and their expected rankings are when nothing is said.
pub(super) const SCENARIOS: &str = "tests/scenarios";
pub(super) const SNAPSHOTS: &str = "snapshots";

/// Where scenarios and snapshots are.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Folders {
    /// Folder of the scenarios
    #[arg(long, value_name = "DIR", default_value = SCENARIOS)]
    pub scenarios: PathBuf,
    /// Folder of the snapshots
    #[arg(long, value_name = "DIR", default_value = SNAPSHOTS)]
    pub snapshots: PathBuf,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    if let Some(Sub::Record(args)) = &args.command {
        return record::run(args, context, out);
    }
    if args.review {
        if context.global.format != Format::Table {
            return Err(Error::input("`--review` asks a person, and --format is for programs").help("leave one of the two out"));
        }
        if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
            return Err(Error::input("`--review` needs a terminal to ask in")
                .help("--accept accepts all, and `cargo insta accept --snapshot FILE` one; both work without a terminal"));
        }
    }
    let rules = context.rule_set_by(args.how)?;
    let (mappings, aliases) = (Mappings::load(&context.global.config)?, Aliases::load(&context.global.config)?);
    let selection = select(&here(&args.folders.scenarios), &args.filters)?;
    let snapshots = Snapshots::new(&args.folders.snapshots);
    let watch = args.coverage || args.min_coverage.is_some();
    let mut all = test(&selection.scenarios, &rules, &mappings, &aliases, &snapshots, watch)?;
    settle(args, context, &mut all, &snapshots)?;
    let orphans = if args.filters.is_empty() { snapshots.orphans(&selection.names) } else { Vec::new() };
    let coverage = watch.then(|| Covered::of(&rules, &all, args.min_coverage));
    let report = Report { all: &all, orphans: &orphans, check: args.check, coverage };
    if context.global.format == Format::Table {
        let text = render::tested(&report, context.width, context.color, args.review);
        out.write_all(text.as_bytes()).map_err(|error| unwritten(&error))?;
    } else {
        let document = Document::new(&report, &rules, &selection);
        print(context, out, &document, || render::tested_sheet(&report), || render::tested_sheet(&report))?;
    }
    if let Some(path) = &args.junit {
        let gated: &[PathBuf] = if args.check { &orphans } else { &[] };
        write_junit(path, &junit(&all, gated))?;
    }
    report.outcome(out)
}

/// A folder as it is named from where the process stands, so that snapshots name their scenarios alike everywhere.
fn here(folder: &Path) -> PathBuf {
    let inside = std::env::current_dir().ok().and_then(|current| folder.strip_prefix(current).ok().map(Path::to_owned));
    let named = inside.unwrap_or_else(|| folder.strip_prefix(".").unwrap_or(folder).to_owned());
    if named.as_os_str().is_empty() { PathBuf::from(".") } else { named }
}

/// Accepts, asks or leaves what changed, as the flags say.
fn settle(args: &Args, context: &Context, all: &mut [Tested], snapshots: &Snapshots) -> Result<()> {
    if args.check {
        return Ok(());
    }
    if args.review {
        for one in all.iter() {
            one.leave(snapshots)?;
        }
        return review::review(all, snapshots, args.accept_data, context);
    }
    for one in all.iter_mut() {
        if args.accept || args.accept_data { one.accept(snapshots, args.accept_data)? } else { one.leave(snapshots)? }
    }
    Ok(())
}

fn write_junit(path: &Path, text: &str) -> Result<()> {
    let failed = |error: std::io::Error| Error::failed(format!("`{}` could not be written: {error}", path.display()));
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(path, text).map_err(failed)
}

/// What became of all scenarios.
pub(super) struct Report<'a> {
    pub all: &'a [Tested],
    pub orphans: &'a [PathBuf],
    /// Whether orphans are faults.
    pub check: bool,
    /// What of the rules was exercised, where that was asked for.
    pub coverage: Option<Covered>,
}

impl Report<'_> {
    /// How many passed, failed, and could not be run.
    pub(super) fn counts(&self) -> (usize, usize, usize) {
        let passed = self.all.iter().filter(|one| one.passed()).count();
        let errors = self.all.iter().filter(|one| one.ran.is_err()).count();
        (passed, self.all.len() - passed - errors, errors)
    }

    /// How the command ends: what could not be run comes first, then what is not as expected.
    fn outcome(&self, out: &mut dyn Write) -> Result<Outcome> {
        let broken: Vec<(&str, &Error)> =
            self.all.iter().filter_map(|one| Some((one.scenario.name.as_str(), one.ran.as_ref().err()?))).collect();
        if broken.is_empty() {
            let uncovered = self.coverage.as_ref().is_some_and(|coverage| !coverage.enough());
            let failed = self.counts().1 > 0 || uncovered || self.check && !self.orphans.is_empty();
            return Ok(if failed { Outcome::Gate } else { Outcome::Done });
        }
        out.flush().map_err(|error| unwritten(&error))?;
        let names = broken.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let message = if broken.len() == 1 {
            format!("scenario {names} could not be run: see above")
        } else {
            format!("{} scenarios could not be run: {names}: see above", broken.len())
        };
        Err(if broken.iter().all(|(_, error)| error.exit_code() == 2) { Error::input(message) } else { Error::failed(message) })
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    rule_set: &'a str,
    engine: String,
    passed: usize,
    failed: usize,
    errors: usize,
    scenarios: Vec<One<'a>>,
    orphans: Vec<String>,
    coverage: Option<&'a Covered>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct One<'a> {
    name: &'a str,
    title: &'a str,
    file: &'a str,
    state: &'static str,
    unmet: Vec<Expectation<'a>>,
    snapshot: Option<Against>,
    decision: Option<Decision>,
    moves: &'a [Move],
    diff: Option<&'a str>,
    moved: Option<&'a Moved>,
    error: Option<String>,
}

#[derive(Serialize)]
struct Expectation<'a> {
    line: usize,
    column: usize,
    message: &'a str,
}

impl<'a> Document<'a> {
    fn new(report: &'a Report<'a>, rules: &'a RuleSet, selection: &Selection) -> Self {
        let (passed, failed, errors) = report.counts();
        let mut warnings: Vec<String> = rules.warnings.iter().map(RuleError::line).collect();
        warnings.sort();
        debug_assert_eq!(selection.scenarios.len(), report.all.len());
        Self {
            schema_version: crate::recommend::answer::SCHEMA_VERSION,
            rule_set: &rules.hash,
            engine: engine(),
            passed,
            failed,
            errors,
            scenarios: report.all.iter().map(One::new).collect(),
            orphans: report.orphans.iter().map(|path| path.display().to_string().replace('\\', "/")).collect(),
            coverage: report.coverage.as_ref(),
            warnings,
        }
    }
}

impl<'a> One<'a> {
    fn new(tested: &'a Tested) -> Self {
        let scenario = &tested.scenario;
        let unmet = tested.ran.as_ref().map(|ran| ran.unmet.as_slice()).unwrap_or_default().iter().map(|unmet| {
            let (line, column) = scenario.place(&unmet.span);
            Expectation { line, column, message: &unmet.message }
        });
        Self {
            name: &scenario.name,
            title: &scenario.title,
            file: &scenario.file.name,
            state: if tested.passed() {
                "pass"
            } else if tested.ran.is_err() {
                "error"
            } else {
                "fail"
            },
            unmet: unmet.collect(),
            snapshot: tested.ran.is_ok().then_some(tested.against),
            decision: tested.decision,
            moves: &tested.moves,
            diff: (!tested.diff.is_empty()).then_some(tested.diff.as_str()),
            moved: tested.moved.as_ref(),
            error: tested.ran.as_ref().err().map(ToString::to_string),
        }
    }
}
