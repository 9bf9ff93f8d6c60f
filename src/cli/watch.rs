//! `suitor watch`.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use serde::Serialize;

use super::context::{Context, Format};
use super::output::{Outcome, push_folded, table, unwritten};
use super::question::Terms;
use super::render;
use crate::recommend::Answer;
use crate::rules::live::Mode;
use crate::scenario::Ask;
use crate::watch::{Asks, Event, Options, Session};
use crate::{Error, Result};

/// Follow the rule files and the database, and show what each change moves
///
/// On every change it says which files changed and which rule set is in force, shows faults with their places (the last good
/// set stays in force until they are gone), and what moved in the rankings; on a terminal, the new ranking. It works on a copy
/// in memory: an import in another terminal goes on meanwhile. Sets that were in force are kept for `suitor rules rollback`.
/// Ctrl-C ends it, with exit code 130.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "With --format json each line is a document of its own; `suitor schema watch` prints its schema.")]
pub(super) struct Args {
    /// Model whose ranking is watched, by name or id; may be given again. Left out, only the rule files are watched
    #[arg(long = "model", value_name = "MODEL")]
    models: Vec<String>,
    /// Watch the rankings of every model and task that has rows
    #[arg(long, conflicts_with_all = ["models", "task", "version"])]
    all: bool,
    /// Task, such as inference or training; left out, the only one that the model has rows of
    #[arg(long, value_name = "TASK")]
    task: Option<String>,
    #[command(flatten)]
    terms: Terms,
    /// How many to show; 0 shows all
    #[arg(long, value_name = "K", default_value_t = 5)]
    top_k: usize,
    /// Look at the files this often instead of waiting for events, which folders over a network and mounts from another
    /// system do not send
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "0.5")]
    poll: Option<f64>,
}

/// How long the session waits for rule files before it looks at the database again.
const BEAT: Duration = Duration::from_millis(200);
/// Rankings that are drawn whole; of more only the winners.
const WHOLE: usize = 3;

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    let json = match context.global.format {
        Format::Json => true,
        Format::Table => false,
        Format::Github | Format::Sarif => return Err(super::output::no_report()),
        Format::Csv | Format::Markdown => {
            return Err(Error::input("`watch` has no end, and CSV and Markdown cannot be written piece by piece")
                .help("use --format table or json"));
        }
    };
    let (mut session, started) = Session::start(options(args, context)?)?;
    let whole = !json && std::io::stdout().is_terminal();
    let mut screen = Screen { context, out, json, whole, top_k: args.top_k };
    screen.show(&started, &session)?;
    loop {
        for event in session.next(BEAT) {
            screen.show(&event, &session)?;
        }
    }
}

fn options(args: &Args, context: &Context) -> Result<Options> {
    let mode = match args.poll {
        None => Mode::Events,
        Some(seconds) if (0.05..=3600.0).contains(&seconds) => Mode::Poll(Duration::from_secs_f64(seconds)),
        Some(seconds) => return Err(Error::input(format!("`--poll {seconds}` is out of range, expected 0.05 to 3600 seconds"))),
    };
    let request = |model: &str| Ask { model: model.to_owned(), task: args.task.clone(), ..args.terms.ask() }.request();
    let asks = if args.all {
        Asks::All(Box::new(request("")?))
    } else {
        Asks::These(args.models.iter().map(|model| request(model)).collect::<Result<_>>()?)
    };
    context.rule_folders()?;
    Ok(Options {
        config_dir: context.global.config.clone(),
        rules_dir: context.global.rules.clone(),
        db_path: context.global.db_path.clone(),
        asks,
        mode,
        strict: args.terms.strict,
    })
}

/// Where events are shown.
struct Screen<'a> {
    context: &'a Context,
    out: &'a mut dyn Write,
    json: bool,
    /// Whether rankings are drawn.
    whole: bool,
    top_k: usize,
}

/// One line of JSON.
#[derive(Serialize)]
struct Line<'a> {
    schema_version: u32,
    at: String,
    #[serde(flatten)]
    event: &'a Event,
}

impl Screen<'_> {
    fn show(&mut self, event: &Event, session: &Session) -> Result<()> {
        let mut text = if self.json {
            let at = jiff::Timestamp::now().to_string();
            let line = Line { schema_version: crate::recommend::answer::SCHEMA_VERSION, at, event };
            serde_json::to_string(&line).map_err(|error| Error::failed(format!("the event could not be written as JSON: {error}")))?
        } else {
            match event {
                Event::Notice { message } => {
                    let mut text = String::new();
                    push_folded(&mut text, &format!("note: {message}"), self.context.width, "  ");
                    self.context.say(text.trim_end());
                    return Ok(());
                }
                Event::Started { .. } => self.beginning(event),
                _ => {
                    let now = jiff::Zoned::now().strftime("%H:%M:%S").to_string();
                    render::told(event, &now, self.context.width, self.context.color)
                }
            }
        };
        if !text.ends_with('\n') {
            text.push('\n');
        }
        if self.whole && matches!(event, Event::Started { .. } | Event::Reloaded { .. } | Event::DataChanged { .. }) {
            text.push_str(&self.rankings(session));
        } else if !self.json && matches!(event, Event::Started { .. }) {
            text.push_str(&render::winners(session.answers(), self.context.width, self.context.color));
        }
        // Whole events only, and at once: somebody is looking.
        self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()).map_err(|error| unwritten(&error))
    }

    fn beginning(&self, event: &Event) -> String {
        let Event::Started { rule_set, shipped, watched_by, warnings, rankings } = event else { return String::new() };
        let global = &self.context.global;
        let mut text = format!("watching {} and {}", global.config.display(), global.rules.display());
        if *watched_by == "poll" {
            text.push_str(" (by looking again and again)");
        }
        if rankings.is_empty() {
            text.push_str("; no ranking: name one with --model, or --all");
        } else {
            text.push_str(&format!(", and {}", global.db_path.display()));
        }
        text.push_str(&format!("; rule set {}{}", &rule_set[..12], if *shipped { " as shipped" } else { "" }));
        let mut folded = String::new();
        for line in std::iter::once(text).chain(warnings.iter().map(|warning| format!("warning: {warning}"))) {
            push_folded(&mut folded, &line, self.context.width, "  ");
        }
        folded
    }

    fn rankings(&self, session: &Session) -> String {
        if session.answers().len() > WHOLE {
            return render::winners(session.answers(), self.context.width, self.context.color);
        }
        let mut text = String::new();
        for (request, answer) in session.answers() {
            text.push('\n');
            match answer {
                Ok(answer) => {
                    let mut shown: Answer = answer.clone();
                    if self.top_k > 0 {
                        shown.recommendations.truncate(self.top_k);
                    }
                    text.push_str(&table(&render::answer(&shown).plain(), self.context.width, self.context.color));
                }
                Err(error) => {
                    for line in format!("{}: {error}", request.model).lines() {
                        push_folded(&mut text, line, self.context.width, "  ");
                    }
                }
            }
        }
        text
    }
}
