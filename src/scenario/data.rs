//! The rows of scenarios as databases in memory; scenarios of the same rows share one.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::rc::Rc;

use super::fault::{Fault, FaultCode};
use super::file::Scenario;
use super::frozen;
use crate::import::{Aliases, Mappings, Options, Report, import};
use crate::store::Db;
use crate::{Error, Result};

/// What makes two scenarios' rows the same.
type Key = (Vec<PathBuf>, Option<String>, bool);

/// The databases of a run, each made when it is first asked for and let go of after its last scenario.
pub(super) struct DataSets<'a> {
    mappings: &'a Mappings,
    aliases: &'a Aliases,
    uses: BTreeMap<Key, usize>,
    made: BTreeMap<Key, Rc<Db>>,
}

impl<'a> DataSets<'a> {
    /// Prepares for these scenarios; makes nothing yet.
    pub(super) fn new(scenarios: &[Scenario], mappings: &'a Mappings, aliases: &'a Aliases) -> Self {
        let mut uses = BTreeMap::new();
        for scenario in scenarios {
            *uses.entry(key(scenario)).or_default() += 1;
        }
        Self { mappings, aliases, uses, made: BTreeMap::new() }
    }

    /// The database of a scenario's rows.
    ///
    /// # Errors
    /// A file that is broken or gives no row, a row of the scenario's own that is refused: exit code 2, with the place.
    pub(super) fn of(&mut self, scenario: &Scenario) -> Result<Rc<Db>> {
        let key = key(scenario);
        let left = self.uses.entry(key.clone()).or_default();
        *left = left.saturating_sub(1);
        let last = *left == 0;
        if let Some(db) = self.made.get(&key) {
            let db = Rc::clone(db);
            if last {
                self.made.remove(&key);
            }
            return Ok(db);
        }
        let db = Rc::new(self.make(scenario)?);
        if !last {
            self.made.insert(key, Rc::clone(&db));
        }
        Ok(db)
    }

    fn make(&self, scenario: &Scenario) -> Result<Db> {
        let mut db = Db::open_in_memory()?;
        if scenario.frozen {
            for file in &scenario.data {
                let text = std::fs::read_to_string(&file.value).map_err(|error| {
                    fault(scenario, FaultCode::Data, &file.span, format!("`{}` cannot be read: {error}", file.value.display()))
                })?;
                if let Err((line, what)) = frozen::land(&mut db, &text)? {
                    return Err(fault(scenario, FaultCode::Data, &file.span, format!("{}:{line}: {what}", file.value.display())).into());
                }
            }
            if let Some(rows) = &scenario.rows
                && let Err((line, what)) = frozen::land(&mut db, &rows.value)?
            {
                return Err(row_fault(scenario, Some(line), what).into());
            }
            return Ok(db);
        }
        let files: Vec<PathBuf> = scenario.data.iter().map(|file| file.value.clone()).collect();
        let report = import(&mut db, &files, self.mappings, self.aliases, &Options::default(), &mut |_| ())?;
        if let Some(found) = data_fault(scenario, &report) {
            return Err(found.into());
        }
        if let Some(rows) = &scenario.rows {
            let file = Rows::new(&rows.value)?;
            let report = import(&mut db, std::slice::from_ref(&file.0), self.mappings, self.aliases, &Options::default(), &mut |_| ())?;
            if let Some(found) = own_fault(scenario, &file, &report) {
                return Err(found.into());
            }
        }
        Ok(db)
    }
}

fn key(scenario: &Scenario) -> Key {
    let files = scenario.data.iter().map(|file| file.value.clone()).collect();
    (files, scenario.rows.as_ref().map(|rows| rows.value.clone()), scenario.frozen)
}

fn fault(scenario: &Scenario, code: FaultCode, span: &std::ops::Range<usize>, message: impl Into<String>) -> Fault {
    Fault { code, message: message.into(), file: std::sync::Arc::clone(&scenario.file), span: span.clone(), help: None }
}

/// What is wrong with the files that a scenario names.
fn data_fault(scenario: &Scenario, report: &Report) -> Option<Fault> {
    let at = |file: &str| scenario.data.iter().find(|one| file.contains(&one.value.display().to_string())).or(scenario.data.first());
    if let Some(error) = report.errors.first() {
        let mut found = fault(scenario, FaultCode::Data, &at(&error.message)?.span, &error.message);
        found.help = error.help.as_ref().map(|help| help.trim_start_matches("nothing of this file was stored; ").to_owned());
        return Some(found);
    }
    let empty = report.files.iter().find(|file| file.rows_read > 0 && file.rows_added + file.rows_duplicate == 0)?;
    let why = empty.refused.first().map(|refused| format!(": {}: {}", place(&refused.line), refused.reason)).unwrap_or_default();
    Some(fault(scenario, FaultCode::Data, &at(&empty.file)?.span, format!("no row of `{}` was taken{why}", empty.file)))
}

/// What is wrong with the rows of a scenario's own.
fn own_fault(scenario: &Scenario, file: &Rows, report: &Report) -> Option<Fault> {
    if let Some(error) = report.errors.first() {
        // `PATH:LINE: what is wrong` where there is a line, else `PATH: what` or a sentence about `PATH`.
        let path = file.0.display().to_string();
        let rest = error.message.strip_prefix(&format!("{path}:"));
        let split = rest.and_then(|rest| rest.split_once(": ")).and_then(|(line, what)| Some((line.parse().ok()?, what)));
        let mut found = match (split, rest) {
            (Some((line, what)), _) => row_fault(scenario, Some(line), what),
            (None, Some(rest)) => row_fault(scenario, None, rest.trim()),
            (None, None) => row_fault(scenario, None, error.message.replace(&format!("`{path}`"), "`rows`")),
        };
        let kept = error.help.as_ref().filter(|help| !help.contains("nothing of this file"));
        found.help = kept.map(|help| {
            // There is no --as here: rows are recognised by their header alone.
            let recognised = "a header that `suitor import` recognises, such as model,hardware,task,batch_size,throughput_items_per_second";
            if help.contains("--as FORMAT") { format!("rows need {recognised}") } else { help.clone() }
        });
        return Some(found);
    }
    let refused = report.files.iter().flat_map(|file| &file.refused).next()?;
    let line = refused.line.as_u64().and_then(|line| usize::try_from(line).ok());
    Some(row_fault(scenario, line, refused.reason.clone()))
}

/// A fault of a line of the scenario's own rows, at its place in the scenario's file.
fn row_fault(scenario: &Scenario, line: Option<usize>, what: impl Into<String>) -> Fault {
    let rows = scenario.rows.as_ref().map_or(0..0, |rows| rows.span.clone());
    let span = line.and_then(|line| scenario.line_of_row(line)).map(|line| {
        let (start, end) = (scenario.file.byte(line, 1), scenario.file.byte(line, usize::MAX));
        start..end.max(start + 1)
    });
    let what = what.into();
    let message = match (&span, line) {
        (None, Some(line)) => format!("line {line} of `rows`: {what}"),
        _ => format!("`rows`: {what}"),
    };
    fault(scenario, FaultCode::Row, &span.unwrap_or(rows), message)
}

fn place(line: &serde_json::Value) -> String {
    line.as_str().map_or_else(|| format!("line {line}"), str::to_owned)
}

/// Rows in a file of their own for as long as they are read.
struct Rows(PathBuf);

impl Rows {
    fn new(text: &str) -> Result<Self> {
        let folder = std::env::temp_dir();
        let failed = |error: std::io::Error| Error::failed(format!("no file could be made in `{}`: {error}", folder.display()));
        for number in 0..10_000_u32 {
            let path = folder.join(format!("suitor-rows-{}-{number}.csv", std::process::id()));
            match std::fs::OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(mut file) => {
                    let rows = Self(path);
                    let broken = if text.ends_with('\n') { "" } else { "\n" };
                    file.write_all(text.as_bytes()).and_then(|()| file.write_all(broken.as_bytes())).map_err(failed)?;
                    return Ok(rows);
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Err(Error::failed(format!("no file could be made in `{}`: too many are left there", folder.display())))
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        // A file that stays behind in the folder of temporary files does no harm.
        let _ = std::fs::remove_file(&self.0);
    }
}
