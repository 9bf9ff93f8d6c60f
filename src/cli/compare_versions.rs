//! `suitor compare-versions`.

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::context::{Context, Format};
use super::output::{Outcome, print_all, unwritten};
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
[thresholds] of scoring.toml; the table says which. The parts of `cause` (data, weights, rules) sum to the change. No snapshot is made.\n\
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
    /// End with exit code 3 when hardware got worse, or when anything differs
    #[arg(long, value_enum, value_name = "CHANGE")]
    fail_on: Option<FailOn>,
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
    let wanted = Wanted { versions: [args.version1.clone(), args.version2.clone()], revisions: [args.revision1, args.revision2] };
    let db = context.open(Access::Read)?;
    let totals = if let Some(model) = &args.model {
        let page = compare(&db, model, &wanted)?;
        drop(db);
        print(context, out, &page, std::slice::from_ref(&page))?;
        page.totals
    } else {
        let page = sweep(&db, &wanted, &mut progress(context))?;
        drop(db);
        print(context, out, &page, &page.models)?;
        page.notes.iter().for_each(|note| context.say(&format!("note: {note}")));
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

fn print(context: &Context, out: &mut dyn Write, json: &impl serde::Serialize, pages: &[Comparison]) -> Result<()> {
    if context.global.format == Format::Github {
        return out.write_all(render::annotations(pages).as_bytes()).map_err(|error| unwritten(&error));
    }
    let sheets = |format: Format| {
        let all = pages.iter().flat_map(|page| render::compared(page, format));
        all.map(|sheet| if format == Format::Table { sheet.with_left_out(context.width) } else { sheet }).collect()
    };
    print_all(context, out, json, sheets, || render::compared_data(pages))
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
