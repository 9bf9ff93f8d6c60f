//! `suitor rules rollback`.

use std::io::Write;

use crate::cli::context::Context;
use crate::cli::output::{Outcome, Sheet, print};
use crate::rules::{History, RuleSet};
use crate::{Error, Result};

/// Put a rule set back that was in force: rewrites the rule files
///
/// The set on disk is kept first, even when it is faulty, so that nothing is lost: `suitor rules rollback 2` undoes a rollback.
/// Each file is replaced in one step; files that the old set does not have are taken away. An interrupted rollback is
/// completed by giving the same hash again.
#[derive(Clone, Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Number in `suitor rules history` (1 is the newest), or the beginning of a hash
    #[arg(value_name = "N|HASH")]
    which: String,
}

#[derive(serde::Serialize)]
struct Done {
    schema_version: u32,
    /// Hash of the set that was on disk before; null where there was none.
    before: Option<String>,
    /// Hash of the set that is on disk now.
    rule_set: String,
    written: Vec<String>,
    removed: Vec<String>,
    warnings: Vec<String>,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let history = History::beside(&context.global.config, &context.global.rules)?;
    let entry = history.find(&args.which)?;
    if let Some(hash) = history.interrupted()?.filter(|hash| *hash != entry.hash) {
        return Err(Error::input(format!("putting {} back was interrupted, and the files may be a mixture", &hash[..12]))
            .help(format!("complete it with `suitor rules rollback {}`, then put back what you want", &hash[..12])));
    }
    let done = history.roll_back(&entry)?;
    let mut warnings = Vec::new();
    if let Err(errors) = RuleSet::load(&context.global.config, &context.global.rules) {
        let count = errors.0.len();
        warnings.push(format!("the set that was put back has {count} fault{}", if count == 1 { "" } else { "s" }));
    }
    let done = Done {
        schema_version: crate::recommend::answer::SCHEMA_VERSION,
        before: done.before,
        rule_set: done.now.hash,
        written: done.written,
        removed: done.removed,
        warnings,
    };
    print(context, out, &done, || sheet(&done), || sheet(&done))?;
    Ok(Outcome::Done)
}

fn sheet(done: &Done) -> Sheet {
    let before = done.before.as_ref().map_or("none", |hash| &hash[..12]);
    let now = &done.rule_set[..12];
    let mut above = if done.before.as_ref() == Some(&done.rule_set) {
        vec![format!("rule set {now} is on disk already")]
    } else {
        vec![format!("rule set {before} -> {now}")]
    };
    above.extend(done.written.iter().map(|name| format!("wrote {name}")));
    above.extend(done.removed.iter().map(|name| format!("removed {name}")));
    above.extend(done.warnings.iter().map(|warning| format!("warning: {warning}")));
    if done.before.as_ref().is_some_and(|before| *before != done.rule_set) {
        above.push(format!("`suitor rules rollback {before}` undoes this"));
    }
    Sheet { above, ..Sheet::default() }
}
