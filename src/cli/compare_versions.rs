//! `suitor compare-versions`.

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::context::{Context, Format};
use super::markdown::escaped;
use super::output::{Outcome, Sheet, print_all, remarks, unwritten};
use super::render;
use crate::Result;
use crate::compare::answer::Totals;
use crate::compare::{Comparison, Wanted, compare, sweep};
use crate::store::Access;

/// Compare two versions of a model by their snapshots: what changed on which hardware, whether it is more than noise, and why
#[derive(Clone, Debug, clap::Args)]
#[command(
    group(clap::ArgGroup::new("of").required(true).args(["model", "models"])),
    after_help = "Both snapshots are scored on one scale, against the best of both together, so that a score changes because this hardware did and not its rivals. \
A change is significant by Welch's t test on logarithms where both sides have three runs or more (Holm's correction over the comparison), else by \
[thresholds] of scoring.toml; the table says which. Of the metrics of a component the first that could be compared counts; others, and changes below --min-change, \
are shown beside the verdict. The parts of `cause` (data, weights, rules) sum to the change. No snapshot is made.\n\
Exit codes: 0 done, whatever changed; 3 something changed that --fail-on names."
)]
pub(super) struct Args {
    /// Model, by name or id
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// Every model that has snapshots of both versions
    #[arg(long, value_enum, value_name = "all", conflicts_with_all = ["revision1", "revision2"])]
    models: Option<Models>,
    /// The version before: its tag or a name given to it
    #[arg(long, value_name = "VERSION")]
    version1: String,
    /// The version after
    #[arg(long, value_name = "VERSION")]
    version2: String,
    /// Revision of the snapshot before; left out, the newest of its version
    #[arg(long, value_name = "N")]
    revision1: Option<i64>,
    /// Revision of the snapshot after
    #[arg(long, value_name = "N")]
    revision2: Option<i64>,
    #[command(flatten)]
    least: MinChange,
    /// End with exit code 3 when hardware got worse, or when anything differs
    #[arg(long, value_enum, value_name = "CHANGE")]
    fail_on: Option<FailOn>,
}

/// What a change must be to count, shared by `compare-versions` and `gate`.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct MinChange {
    /// A change of fewer per cent does not count, however sure it is: it is shown, and is no regression
    #[arg(long, value_name = "PERCENT", default_value_t = 0.0, value_parser = at_least_zero)]
    pub min_change: f64,
}

fn at_least_zero(text: &str) -> std::result::Result<f64, String> {
    let number = text.trim_end_matches('%').trim().parse().ok();
    number.filter(|percent: &f64| percent.is_finite() && *percent >= 0.0).ok_or_else(|| "expected per cent, 0 or more".to_owned())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Models {
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// A significant change for the worse
    Regression,
    /// Any hardware that is added, removed or changed
    Any,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let wanted = Wanted {
        versions: [args.version1.clone(), args.version2.clone()],
        revisions: [args.revision1, args.revision2],
        min_change: args.least.min_change,
    };
    let db = context.open(Access::Read)?;
    let totals = if let Some(model) = &args.model {
        let page = compare(&db, model, &wanted)?;
        drop(db);
        print(context, out, &page, std::slice::from_ref(&page), &[])?;
        page.totals
    } else {
        let page = sweep(&db, &wanted, &mut progress(context))?;
        drop(db);
        print(context, out, &page, &page.models, &page.notes)?;
        page.totals
    };
    Ok(if fails(args.fail_on, totals) { Outcome::Gate } else { Outcome::Done })
}

fn fails(on: Option<FailOn>, totals: Totals) -> bool {
    match on {
        None => false,
        Some(FailOn::Regression) => totals.regressions > 0,
        Some(FailOn::Any) => totals.changed + totals.added + totals.removed > 0,
    }
}

/// `notes`: those of all pages together.
fn print(context: &Context, out: &mut dyn Write, json: &impl serde::Serialize, pages: &[Comparison], notes: &[String]) -> Result<()> {
    if context.global.format == Format::Github {
        return out.write_all(render::annotations(pages, notes).as_bytes()).map_err(|error| unwritten(&error));
    }
    let sheets = |format: Format| {
        let all = pages.iter().flat_map(|page| render::compared(page, format));
        let mut all: Vec<Sheet> =
            all.map(|sheet| if format == Format::Table { sheet.with_left_out(context.width) } else { sheet }).collect();
        let notes = remarks(notes, &[]).into_iter().map(|note| if format == Format::Markdown { escaped(&note) } else { note });
        all.last_mut().into_iter().for_each(|last| last.below.extend(notes.clone()));
        all
    };
    print_all(context, out, json, sheets, || render::compared_data(pages, notes))
}

/// Shows how many models are done, on a terminal.
fn progress(context: &Context) -> impl FnMut(usize, usize) + use<> {
    let shown = !context.global.quiet && std::io::stderr().is_terminal();
    let bar = ProgressBar::with_draw_target(None, if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() });
    bar.set_style(ProgressStyle::with_template("{bar:30} {pos}/{len} models").unwrap_or_else(|_| ProgressStyle::default_bar()));
    move |done, of| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
        if done == of {
            bar.finish_and_clear();
        }
    }
}
