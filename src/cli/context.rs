//! What every command knows: where the database and the rules are, and how to print.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::question::{How, Question, Terms};
use crate::rules::{RuleErrors, RuleSet};
use crate::store::{Access, DAMAGED, Db, MEND, MOST_THREADS, Memory, Resources, SchemaNames};
use crate::{Error, Result};

/// Options of every command.
#[derive(Clone, Debug, clap::Args)]
pub struct Global {
    /// Database file
    #[arg(
        long,
        global = true,
        env = "SUITOR_DB",
        default_value = DATABASE,
        value_name = "FILE",
        help_heading = "Global options"
    )]
    pub db_path: PathBuf,
    /// Folder of scoring.toml, rules.toml, suitor.toml, aliases.toml and import/; what is not there is as shipped
    #[arg(long, global = true, default_value = CONFIG, value_name = "DIR", help_heading = "Global options")]
    pub config: PathBuf,
    /// Folder of the rule scripts
    #[arg(long, global = true, default_value = RULES, value_name = "DIR", help_heading = "Global options")]
    pub rules: PathBuf,
    /// Seconds to wait for a database that another process has open
    #[arg(
        long,
        global = true,
        default_value = "1",
        value_parser = seconds,
        value_name = "SECONDS",
        help_heading = "Global options"
    )]
    pub lock_timeout: Duration,
    /// How to print the result
    #[arg(long, global = true, value_enum, default_value_t = Format::Table, value_name = "FORMAT", help_heading = "Global options")]
    pub format: Format,
    /// Print without colour (NO_COLOR does the same)
    #[arg(long, global = true, help_heading = "Global options")]
    pub no_color: bool,
    /// Say on stderr which rule set is used, and what may be wrong with it
    #[arg(short, long, global = true, conflicts_with = "quiet", help_heading = "Global options")]
    pub verbose: bool,
    /// Say nothing on stderr but errors
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub quiet: bool,
    /// Threads that work on the database; every core, unless suitor.toml says otherwise. Changes no result
    #[arg(
        long,
        global = true,
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_THREADS)),
        help_heading = "Global options"
    )]
    pub threads: Option<u32>,
    /// Memory that the database may take, such as 2GiB; what does not fit goes to FILE.tmp beside it meanwhile
    #[arg(long, global = true, value_name = "SIZE", help_heading = "Global options")]
    pub memory_limit: Option<Memory>,
}

/// Where settings are looked for.
pub(super) const CONFIG: &str = "config";
/// Where scripts are looked for.
pub(super) const RULES: &str = "rules";
/// The database, unless another is named.
const DATABASE: &str = "./benchmark_db.duckdb";

/// A time in seconds, up to a day.
fn seconds(text: &str) -> std::result::Result<Duration, String> {
    let number = text.trim().parse::<f64>().ok().filter(|number| (0.0..=86_400.0).contains(number));
    number.map(Duration::from_secs_f64).ok_or_else(|| "expected seconds, 0 to 86400".to_owned())
}

impl Global {
    /// Whether the command line (and not the environment, or nobody) names the database.
    pub(super) fn names_database(&self) -> bool {
        let from_env = std::env::var_os("SUITOR_DB").is_some_and(|path| path == self.db_path.as_os_str());
        self.db_path.as_os_str() != DATABASE && !from_env
    }
}

/// How a result is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A table that fits the terminal
    Table,
    /// One JSON document with schema_version and warnings
    Json,
    /// Comma-separated values, numbers in full
    Csv,
    /// A Markdown table
    Markdown,
    /// Lines for GitHub Actions, which shows them beside the code (check, compare-versions, gate)
    Github,
    /// SARIF 2.1.0, for code scanners and editors (check)
    Sarif,
}

/// The narrowest table that is drawn, columns.
const NARROWEST: usize = 20;

/// What every command knows.
#[derive(Clone, Debug)]
pub struct Context {
    /// Options of every command.
    pub global: Global,
    /// How wide a table may be, columns.
    pub width: usize,
    /// Whether to colour.
    pub color: bool,
}

impl Context {
    /// Reads terminal and environment.
    #[must_use]
    pub fn new(global: Global) -> Self {
        let from_env = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse::<usize>().ok()).map(|width| width.max(NARROWEST));
        let terminal = std::io::stdout().is_terminal();
        let from_terminal = || comfy_table::Table::new().width().map(usize::from).filter(|_| terminal);
        // A terminal that says it has no columns (a pipe in a container) is taken as an ordinary one.
        let width = from_env.or_else(|| from_terminal().filter(|width| *width >= NARROWEST)).unwrap_or(if terminal { 80 } else { 120 });
        let dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
        let color = terminal && !dumb && !global.no_color && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self { global, width, color }
    }

    /// Opens the database; to write, what a stopped import left beside it is taken away first.
    ///
    /// # Errors
    /// See [`Db::open`].
    pub fn open(&self, access: Access) -> Result<Db> {
        let path = &self.global.db_path;
        if access != Access::Read {
            super::new_file::sweep(self);
        }
        self.open_at(path, access).map_err(|error| super::new_file::explained(path, error))
    }

    /// Opens a database elsewhere, whose tables may have the same names.
    ///
    /// # Errors
    /// See [`Db::open`].
    pub(super) fn open_at(&self, path: &Path, access: Access) -> Result<Db> {
        let said = Resources { threads: self.global.threads, memory: self.global.memory_limit };
        let resources = said.or(Resources::load(&self.global.config)?);
        Db::open_within(path, access, SchemaNames::load(&self.global.config)?, resources, self.global.lock_timeout)
    }

    /// Refuses folders of rules that were named and are not there.
    ///
    /// # Errors
    /// A folder that is not there (exit code 2).
    pub(super) fn rule_folders(&self) -> Result<()> {
        for (flag, folder, default) in [("--config", &self.global.config, CONFIG), ("--rules", &self.global.rules, RULES)] {
            if !folder.is_dir() && folder.as_os_str() != default {
                return Err(Error::input(format!("`{flag} {}`: there is no such folder", folder.display())));
            }
        }
        Ok(())
    }

    /// The rule set: whole from disk, or whole as shipped. With `-v`, stderr says which, and what may be wrong with it.
    ///
    /// # Errors
    /// Faults in the files, all of them (exit code 2).
    pub fn rule_set(&self) -> Result<RuleSet> {
        self.rule_folders()?;
        let rules = RuleSet::load(&self.global.config, &self.global.rules)?;
        if rules.embedded && crate::rules::holds_scripts(&self.global.rules) {
            self.say(&format!(
                "warning: the scripts in `{}` have no effect without scoring.toml and rules.toml in `{}`: the shipped rule set is in force",
                self.global.rules.display(),
                self.global.config.display()
            ));
        }
        if self.global.verbose {
            let from = if rules.embedded { "as shipped".to_owned() } else { format!("from {}", self.global.config.display()) };
            self.say(&format!("rule set {} {from}", rules.short()));
            rules.warnings.iter().for_each(|warning| self.say(&warning.render()));
        }
        Ok(rules)
    }

    /// The same, with how its rules are applied.
    ///
    /// # Errors
    /// Those of [`Self::rule_set`].
    pub(super) fn rule_set_by(&self, how: How) -> Result<RuleSet> {
        Ok(RuleSet { engine: how.engine, ..self.rule_set()? })
    }

    /// The rule set that a question is answered by: with `--strict` its warnings are faults.
    ///
    /// # Errors
    /// Those of [`Self::rule_set`], and warnings where there must be none (exit code 2).
    pub(super) fn rule_set_for(&self, question: &Question, how: How) -> Result<RuleSet> {
        self.rule_set_within(&question.terms, how)
    }

    /// The same for terms without model and task.
    ///
    /// # Errors
    /// Those of [`Self::rule_set_for`].
    pub(super) fn rule_set_within(&self, terms: &Terms, how: How) -> Result<RuleSet> {
        let rules = self.rule_set_by(how)?;
        if terms.strict && !rules.warnings.is_empty() {
            return Err(RuleErrors(rules.warnings).into());
        }
        Ok(rules)
    }

    /// Prints a line of information on stderr, unless `--quiet`.
    pub fn say(&self, line: &str) {
        if !self.global.quiet {
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    }

    /// The error with the database's name, where it is the file's fault and the error does not name it.
    pub(super) fn named(&self, error: Error) -> Error {
        if !error.message.starts_with(DAMAGED) {
            return error;
        }
        let message = format!("`{}`: {}", self.global.db_path.display(), error.message);
        Error { message, help: Some(MEND.to_owned()), ..error }
    }

    /// Prints an error on stderr.
    pub fn complain(&self, error: &Error) {
        let error = self.named(error.clone());
        let color = std::io::stderr().is_terminal() && self.color;
        let (red, cyan, off) = if color { ("\x1b[1;31m", "\x1b[36m", "\x1b[0m") } else { ("", "", "") };
        let mut stderr = std::io::stderr();
        // Faults of rule files bring their own heading, `error[CODE]:`.
        let _ = match error.message.strip_prefix("error[") {
            Some(rest) => writeln!(stderr, "{red}error[{off}{rest}"),
            None => writeln!(stderr, "{red}error:{off} {}", error.message),
        };
        if let Some(help) = &error.help {
            let _ = writeln!(stderr, "{cyan}help:{off} {help}");
        }
    }
}
