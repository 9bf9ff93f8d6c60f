//! A run over many scenarios: which are chosen, what became of each against its snapshot, what is written.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Serialize;
use similar::TextDiff;

use super::body::Listed;
use super::fault::together;
use super::file::Scenario;
use super::moves::{Move, moves};
use super::run::{Ran, Runner};
use super::snapshot::{Info, Snapshot, Snapshots, normal};
use crate::import::{Aliases, Mappings};
use crate::rules::RuleSet;
use crate::{Error, Result};

/// The scenarios of a folder.
#[derive(Debug)]
pub struct Selection {
    /// Those that were chosen, by name.
    pub scenarios: Vec<Scenario>,
    /// The names of all.
    pub names: Vec<String>,
}

/// Reads the scenarios of a folder whose names contain one of `filters`; all of them when there is none.
///
/// # Errors
/// No folder, no scenario, a filter that no name contains, faults in the files that were chosen, all of them: exit code 2.
pub fn select(folder: &Path, filters: &[String]) -> Result<Selection> {
    let shown = folder.display();
    let entries = std::fs::read_dir(folder).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::input(format!("there is no folder `{shown}` of scenarios"))
            .help("`suitor test record --model MODEL --task TASK` makes the first one, --scenarios DIR names another folder"),
        _ => Error::input(format!("the folder `{shown}` cannot be read: {error}")),
    })?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "toml") && !hidden(path));
    files.sort();
    let name = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let names: Vec<String> = files.iter().map(|path| name(path)).collect();
    if names.is_empty() {
        return Err(Error::input(format!("the folder `{shown}` holds no scenario"))
            .help("`suitor test record --model MODEL --task TASK` makes the first one"));
    }
    for filter in filters {
        if !names.iter().any(|name| name.contains(filter.as_str())) {
            let near = alike(filter, &names);
            let help =
                if near.is_empty() { format!("the scenarios are {}", listed(&names)) } else { format!("did you mean {}?", listed(&near)) };
            return Err(Error::input(format!("no scenario's name contains `{filter}`")).help(help));
        }
    }
    let chosen = |name: &str| filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str()));
    let (mut scenarios, mut faults) = (Vec::new(), Vec::new());
    for path in files.iter().filter(|path| chosen(&name(path))) {
        match Scenario::read(path) {
            Ok(scenario) => scenarios.push(scenario),
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() { Ok(Selection { scenarios, names }) } else { Err(together(&faults)) }
}

fn hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

/// Names that are like the filter, or that have a word like it.
fn alike(filter: &str, names: &[String]) -> Vec<String> {
    let words = |name: &str| name.split(['_', '-', '.']).map(str::to_owned).collect::<Vec<_>>();
    let parts: Vec<String> = names.iter().flat_map(|name| words(name).into_iter().chain([name.clone()])).collect();
    let near = crate::error::nearest(filter, parts.iter().map(String::as_str));
    let near: Vec<&str> = near.iter().map(|name| name.trim_matches('`')).collect();
    names
        .iter()
        .filter(|name| near.contains(&name.as_str()) || words(name).iter().any(|word| near.contains(&word.as_str())))
        .cloned()
        .collect()
}

fn listed(names: &[String]) -> String {
    let shown = names.iter().take(8).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.len() > 8 { format!("{shown} and {} more", names.len() - 8) } else { shown }
}

/// How a ranking compares with its snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// The same text.
    Same,
    /// Another text.
    Differs,
    /// There is no snapshot.
    Missing,
}

/// What was decided about a ranking that is not its snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It is the snapshot now.
    Accepted,
    /// The snapshot stays as it is.
    Rejected,
    /// It was left for later.
    Skipped,
    /// It may not be accepted, because the rows moved too.
    DataMoved,
    /// It may not be accepted, because an expectation is not met.
    Unmet,
}

/// One of the three things that a ranking rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rest {
    /// What it was when the snapshot was accepted; null when the snapshot does not say.
    pub was: Option<String>,
    /// What it is.
    pub is: String,
    /// Whether it moved; null when that is not known.
    pub moved: Option<bool>,
}

/// What of the three moved since the snapshot was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// The rule set.
    pub rules: Rest,
    /// The rows.
    pub data: Rest,
    /// Suitor and its engine of scripts.
    pub engine: Rest,
}

impl Moved {
    fn new(was: Option<&Info>, is: &Info) -> Self {
        let rest = |was: Option<&String>, is: &String| Rest { was: was.cloned(), is: is.clone(), moved: was.map(|was| was != is) };
        Self {
            rules: rest(was.map(|info| &info.rule_set), &is.rule_set),
            data: rest(was.map(|info| &info.data), &is.data),
            engine: rest(was.map(|info| &info.engine), &is.engine),
        }
    }
}

impl fmt::Display for Moved {
    /// What of rules, data and engine moved, and what did not, in a sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [("rules", &self.rules), ("data", &self.data), ("engine", &self.engine)];
        if all.iter().all(|(_, rest)| rest.moved.is_none()) {
            return f.write_str("the snapshot does not say which rules, data and engine it was accepted under");
        }
        let names = |moved: bool| all.iter().filter(move |(_, rest)| (rest.moved == Some(true)) == moved);
        let said = |(name, rest): &(&str, &Rest)| format!("{name} ({} -> {})", rest.was.as_deref().unwrap_or("unknown"), rest.is);
        let moved = names(true).map(said).collect::<Vec<_>>().join(", ");
        let same = names(false).map(|(name, _)| *name).collect::<Vec<_>>().join(" and ");
        match (moved.is_empty(), same.is_empty()) {
            (true, _) => f.write_str(
                "since it was accepted neither rules nor data nor the versions of the engine moved: Suitor itself computes otherwise",
            ),
            (_, true) => write!(f, "moved since it was accepted: {moved}"),
            (..) => write!(f, "moved since it was accepted: {moved}; not moved: {same}"),
        }
    }
}

/// What became of one scenario.
#[derive(Clone, Debug)]
pub struct Tested {
    /// The scenario.
    pub scenario: Scenario,
    /// What it gave, or why it could not be run.
    pub ran: std::result::Result<Ran, Error>,
    /// How the ranking compares with the snapshot.
    pub against: Against,
    /// Hardware that stands elsewhere.
    pub moves: Vec<Move>,
    /// Where nothing moved, the score that changed most: hardware, as it was, as it is.
    pub score: Option<(String, String, String)>,
    /// The texts line by line, what changed of them.
    pub diff: String,
    /// What moved since the snapshot was accepted; `None` without a snapshot.
    pub moved: Option<Moved>,
    /// What was decided about it.
    pub decision: Option<Decision>,
    /// How long it took, its rows among it.
    pub took: Duration,
    was: Option<Snapshot>,
}

/// Runs scenarios and holds each against its snapshot; writes nothing. With `watch`, the branches that rules take are counted.
///
/// # Errors
/// A snapshot that cannot be read. What is wrong with one scenario is said of it, and the others run.
pub fn test(
    scenarios: &[Scenario],
    rules: &RuleSet,
    mappings: &Mappings,
    aliases: &Aliases,
    snapshots: &Snapshots,
    watch: bool,
) -> Result<Vec<Tested>> {
    let mut runner = Runner::new(scenarios, rules, mappings, aliases).watch(watch);
    scenarios
        .iter()
        .map(|scenario| {
            let started = Instant::now();
            let ran = runner.run(scenario);
            Ok(Tested::new(scenario, ran, snapshots.read(&scenario.name)?, started.elapsed()))
        })
        .collect()
}

impl Tested {
    fn new(scenario: &Scenario, ran: std::result::Result<Ran, Error>, was: Option<Snapshot>, took: Duration) -> Self {
        let mut tested = Self {
            scenario: scenario.clone(),
            against: Against::Same,
            moves: Vec::new(),
            score: None,
            diff: String::new(),
            moved: None,
            decision: None,
            took,
            was,
            ran,
        };
        let Ok(ran) = &tested.ran else { return tested };
        let is = normal(&ran.body);
        let Some(was) = &tested.was else {
            tested.against = Against::Missing;
            tested.diff = is.lines().flat_map(|line| ["+", line, "\n"]).collect();
            return tested;
        };
        tested.moved = Some(Moved::new(was.info.as_ref(), &ran.info));
        if was.body != is {
            tested.against = Against::Differs;
            let before = Listed::read(&was.body);
            tested.moves = moves(&before, &ran.listed);
            tested.score = if tested.moves.is_empty() { largest(&before, &ran.listed) } else { None };
            let (old, new) = (format!("{}\n", was.body), format!("{is}\n"));
            let diff = TextDiff::from_lines(&old, &new).unified_diff().context_radius(2).to_string();
            // The places in the file say nothing that the lines do not.
            tested.diff = diff.lines().filter(|line| !line.starts_with("@@")).flat_map(|line| [line.trim_end(), "\n"]).collect();
        }
        tested
    }

    /// Whether it ran, meets its expectations and is its snapshot.
    #[must_use]
    pub fn passed(&self) -> bool {
        let held = self.against == Against::Same || self.decision == Some(Decision::Accepted);
        self.ran.as_ref().is_ok_and(|ran| ran.unmet.is_empty()) && held
    }

    /// Whether there is a ranking that waits for a decision.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.ran.is_ok() && self.against != Against::Same
    }

    /// Why it may not be accepted, if so: an expectation that is not met, or rows that moved while `data` is not given.
    #[must_use]
    pub fn obstacle(&self, data: bool) -> Option<Decision> {
        let unmet = self.ran.as_ref().is_ok_and(|ran| !ran.unmet.is_empty());
        let moved = self.moved.as_ref().is_some_and(|moved| moved.data.moved == Some(true));
        if unmet { Some(Decision::Unmet) } else { (moved && !data).then_some(Decision::DataMoved) }
    }

    /// Makes the ranking the snapshot, unless there is an obstacle. A snapshot of the same text whose header is of another time is
    /// brought up to date.
    ///
    /// # Errors
    /// The folder cannot be written (exit code 1).
    pub fn accept(&mut self, snapshots: &Snapshots, data: bool) -> Result<()> {
        let Ok(ran) = &self.ran else { return Ok(()) };
        if let Some(obstacle) = self.obstacle(data) {
            if self.changed() {
                self.decision = Some(obstacle);
                self.leave(snapshots)?;
            }
            return Ok(());
        }
        let snapshot = self.snapshot(ran);
        if self.was.as_ref() == Some(&snapshot) {
            return snapshots.reject(&self.scenario.name);
        }
        snapshots.accept(&self.scenario.name, &snapshot)?;
        if self.changed() {
            self.decision = Some(Decision::Accepted);
        }
        Ok(())
    }

    /// Leaves the ranking beside its snapshot for a decision, and takes away one that waits no longer.
    ///
    /// # Errors
    /// The folder cannot be written (exit code 1).
    pub fn leave(&self, snapshots: &Snapshots) -> Result<()> {
        match &self.ran {
            Ok(ran) if self.changed() => snapshots.leave(&self.scenario.name, &self.snapshot(ran)),
            Ok(_) => snapshots.reject(&self.scenario.name),
            Err(_) => Ok(()),
        }
    }

    /// Decides that the snapshot stays as it is.
    ///
    /// # Errors
    /// The folder cannot be written (exit code 1).
    pub fn reject(&mut self, snapshots: &Snapshots) -> Result<()> {
        self.decision = Some(Decision::Rejected);
        snapshots.reject(&self.scenario.name)
    }

    fn snapshot(&self, ran: &Ran) -> Snapshot {
        Snapshot {
            source: self.scenario.file.name.clone(),
            description: self.scenario.title.clone(),
            info: Some(ran.info.clone()),
            body: normal(&ran.body),
        }
    }
}

/// The score that changed most, of hardware in both lists.
fn largest(was: &Listed, is: &Listed) -> Option<(String, String, String)> {
    let mut most: Option<(f64, (String, String, String))> = None;
    for (_, hardware, score) in &was.ranked {
        let Some((_, _, now)) = is.ranked.iter().find(|one| one.1 == *hardware) else { continue };
        let (Ok(a), Ok(b)) = (score.parse::<f64>(), now.parse::<f64>()) else { continue };
        if score != now && most.as_ref().is_none_or(|(largest, _)| (a - b).abs() > *largest) {
            most = Some(((a - b).abs(), (hardware.clone(), score.clone(), now.clone())));
        }
    }
    most.map(|(_, found)| found)
}
