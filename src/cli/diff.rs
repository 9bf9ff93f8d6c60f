//! `suitor diff`.

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::context::Context;
use super::output::{Outcome, print_all};
use super::question::{How, Terms};
use super::render;
use crate::Result;
use crate::diff::against::{Against, SHIPPED};
use crate::diff::{DiffRequest, Named, RuleDiff, diff, without_data};
use crate::store::Access;

/// Compare two rule sets on the same data: which rankings change, and which edit changes them
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "The set on disk is the one after. An edit is a key of scoring.toml or rules.toml, an entry of [[rule]] or [[component]], or a script; the cause of \
a change is the edit that undoes it when it is put back, or the edits that do so jointly.\n\
Exit codes: 0 done, whatever changed; 3 something changed that --fail-on names."
)]
pub(super) struct Args {
    /// The set before: git:REV (a revision of the repository that holds the rules), a folder, or `shipped`
    #[arg(long, value_name = "SIDE", default_value = "git:HEAD")]
    against: Against,
    /// Only this model, by name or id; may be given again
    #[arg(long, value_name = "MODEL")]
    model: Vec<String>,
    /// Only this task; may be given again
    #[arg(long, value_name = "TASK")]
    task: Vec<String>,
    #[command(flatten)]
    terms: Terms,
    #[command(flatten)]
    how: How,
    /// How many moves of rank and of score to show; 0 shows all
    #[arg(long, value_name = "K", default_value_t = 10)]
    top_k: usize,
    /// End with exit code 3 when a ranking has another winner, or when any ranking changed
    #[arg(long, value_enum, value_name = "CHANGE")]
    fail_on: Option<FailOn>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    WinnerChange,
    Any,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let request =
        DiffRequest { models: args.model.clone(), tasks: args.task.clone(), terms: args.terms.request()?, strict: args.terms.strict };
    let (config, rules) = (&context.global.config, &context.global.rules);
    let set = context.rule_set_within(&args.terms, args.how)?;
    let name = if set.embedded { SHIPPED.to_owned() } else { format!("{} and {}", config.display(), rules.display()) };
    let after = Named { name, rules: set };
    let mut before = args.against.load(config, rules)?;
    before.rules.engine = after.rules.engine;
    let page = match without_data(&before, &after, &request) {
        Some(page) => page,
        None => compared(context, &before, &after, &request)?,
    };
    print_all(context, out, &page, |format| render::diff(&page, args.top_k, format), || render::diff_data(&page))?;
    let failed = match args.fail_on {
        None => false,
        Some(FailOn::WinnerChange) => page.totals.winners > 0,
        Some(FailOn::Any) => page.totals.rankings > 0,
    };
    Ok(if failed { Outcome::Gate } else { Outcome::Done })
}

fn compared(context: &Context, before: &Named, after: &Named, request: &DiffRequest) -> Result<RuleDiff> {
    let db = context.open(Access::Read)?;
    let shown = !context.global.quiet && std::io::stderr().is_terminal();
    let bar = ProgressBar::with_draw_target(None, if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() });
    bar.set_style(ProgressStyle::with_template("{bar:30} {percent:>3}%  {msg}").unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message("ranking by both rule sets");
    bar.tick();
    let page = diff(&db, before, after, request, &mut |done, of| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
        bar.set_message("putting back one edit at a time");
    });
    bar.finish_and_clear();
    page
}
