//! The command line: arguments in, a call on the library, the result out.
//!
//! stdout carries the result and nothing else; everything else goes to stderr. Each subcommand is a file: an `Args` struct
//! whose doc comment is its help text, and a `run`.

mod add_version;
mod alias_version;
mod calculate_scores;
mod check;
mod compare_versions;
mod completions;
mod context;
mod create_schema;
mod create_snapshot;
mod demo;
mod diff;
mod explain;
mod fitting;
mod forget;
mod gate;
mod import;
mod init;
mod link_tests;
mod list;
mod long;
mod man;
mod markdown;
mod new_file;
mod output;
mod past;
mod question;
mod recommend;
mod record;
mod render;
mod review;
mod rules;
mod schema;
mod stability;
mod test;
mod trend;
mod unlink_tests;
mod update_task;
mod version_history;
mod wanted;
mod watch;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use context::{Context, Format, Global};
pub use output::Outcome;

use crate::Result;

/// Ranks the hardware that suits a machine-learning model, by rules that people can read, edit and test.
#[derive(Debug, Parser)]
#[command(name = "suitor", version, about, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 done; 1 failed; 2 bad usage or input; 3 the answer is valid but a gate is not met; 130 interrupted.")]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Recommend(recommend::Args),
    Explain(explain::Args),
    Test(test::Args),
    Diff(diff::Args),
    Stability(stability::Args),
    Import(import::Args),
    Forget(forget::Args),
    List(list::Args),
    CalculateScores(calculate_scores::Args),
    UpdateTask(update_task::Args),
    Check(check::Args),
    LinkTests(link_tests::Args),
    UnlinkTests(unlink_tests::Args),
    AddVersion(add_version::Args),
    AliasVersion(alias_version::Args),
    VersionHistory(version_history::Args),
    CreateSnapshot(create_snapshot::Args),
    CompareVersions(compare_versions::Args),
    Gate(gate::Args),
    Trend(trend::Args),
    CreateSchema(create_schema::Args),
    Watch(watch::Args),
    Rules(rules::Args),
    Init(init::Args),
    Demo(demo::Args),
    Schema(schema::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// Parses the process's arguments, runs the command, and returns the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout with code 0, faults to stderr with code 2: clap's own convention.
            let code = if error.use_stderr() { 2 } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let context = Context::new(cli.global);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let outcome = execute(cli.command, &context, &mut out)
        .and_then(|outcome| out.flush().map(|()| outcome).map_err(|error| output::unwritten(&error)));
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Gate) => ExitCode::from(3),
        Ok(Outcome::Faults) => ExitCode::from(2),
        Err(error) if output::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = out.flush();
            context.complain(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

fn execute(command: Command, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let reports = match context.global.format {
        Format::Github => matches!(command, Command::Check(_) | Command::CompareVersions(_) | Command::Gate(_)),
        Format::Sarif => matches!(command, Command::Check(_)),
        _ => true,
    };
    if !reports {
        return Err(output::no_report());
    }
    match command {
        Command::Recommend(args) => recommend::run(&args, context, out),
        Command::Explain(args) => explain::run(&args, context, out),
        Command::Test(args) => test::run(&args, context, out),
        Command::Diff(args) => diff::run(&args, context, out),
        Command::Stability(args) => stability::run(&args, context, out),
        Command::Import(args) => import::run(&args, context, out),
        Command::Forget(args) => forget::run(&args, context, out),
        Command::List(args) => list::run(args, context, out),
        Command::CalculateScores(args) => calculate_scores::run(&args, context, out),
        Command::Check(args) => check::run(&args, context, out),
        Command::UpdateTask(args) => update_task::run(&args, context, out),
        Command::LinkTests(args) => link_tests::run(&args, context, out),
        Command::UnlinkTests(args) => unlink_tests::run(&args, context, out),
        Command::AddVersion(args) => add_version::run(&args, context, out),
        Command::AliasVersion(args) => alias_version::run(&args, context, out),
        Command::VersionHistory(args) => version_history::run(&args, context, out),
        Command::CreateSnapshot(args) => create_snapshot::run(&args, context, out),
        Command::CompareVersions(args) => compare_versions::run(&args, context, out),
        Command::Gate(args) => gate::run(&args, context, out),
        Command::Trend(args) => trend::run(&args, context, out),
        Command::CreateSchema(args) => create_schema::run(&args, context, out),
        Command::Watch(args) => watch::run(&args, context, out),
        Command::Rules(args) => rules::run(&args, context, out),
        Command::Init(args) => init::run(&args, context, out),
        Command::Demo(args) => demo::run(&args, context, out),
        Command::Schema(args) => schema::run(args, out),
        Command::Completions(args) => completions::run(&args, out),
        Command::Man(args) => man::run(&args, out),
    }
}
