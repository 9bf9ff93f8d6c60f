//! Recording: a live question becomes a scenario, with the rows that its answer rests on.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::ask::{Ask, date, quoted};
use super::body::Listed;
use super::fault::together;
use super::file::{Scenario, is_name};
use super::frozen;
use super::moves::moves;
use super::run::{Ran, Runner};
use super::snapshot::{Snapshot, Snapshots, normal, replace, replace_all};
use crate::fields::FIELDS;
use crate::import::{Aliases, Mappings};
use crate::recommend::{Answer, HardwareRecommender, Request};
use crate::rules::RuleSet;
use crate::store::Db;
use crate::{Error, Result};

/// So many rows stand in the scenario itself; more go to a file beside it.
const INLINE: usize = 40;

/// What is to be recorded, and where.
#[derive(Clone, Debug)]
pub struct Recording<'a> {
    /// The question.
    pub ask: &'a Ask,
    /// The scenario's name; made of model and task when `None`.
    pub name: Option<&'a str>,
    /// The scenario's title; says where the rows are from when `None`.
    pub title: Option<&'a str>,
    /// What the database is called, for the title.
    pub database: &'a str,
    /// The folder of scenarios.
    pub scenarios: &'a Path,
    /// The folder of snapshots.
    pub snapshots: &'a Snapshots,
    /// Whether files that exist are written over.
    pub force: bool,
}

/// What was recorded.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The scenario's name.
    pub name: String,
    /// Its file.
    pub scenario: PathBuf,
    /// The file of its rows, where they do not stand in the scenario.
    pub data: Option<PathBuf>,
    /// Its snapshot.
    pub snapshot: PathBuf,
    /// How many rows were frozen.
    pub rows: usize,
    /// How many hardware were ranked.
    pub ranked: usize,
    /// How many of them the snapshot holds, the first.
    pub shown: usize,
    /// What a reader of the scenario may wonder about.
    pub warnings: Vec<String>,
}

/// Asks, freezes every row of the model and the task, replays the scenario, and writes it with its snapshot.
///
/// The rows are kept as the database gives them, so that a scenario recorded from any database replays anywhere.
///
/// # Errors
/// What `recommend` would refuse, a name that is taken or cannot be one, no row to freeze: exit code 2. A replay that gives another
/// ranking: exit code 1; then nothing is written.
pub fn record(db: &Db, rules: &RuleSet, mappings: &Mappings, aliases: &Aliases, recording: &Recording<'_>) -> Result<Recorded> {
    let ask = recording.ask;
    let request = Request { top_k: None, ..ask.request()? };
    let live = HardwareRecommender::new(db, rules).strict(ask.strict).recommend_hardware(&request)?;
    let name = recording.name.map_or_else(|| name_of(&live, ask), str::to_owned);
    if !is_name(&name) {
        return Err(Error::input(format!("`{name}` is no name of a scenario: expected letters, digits, `_`, `-` and `.`")));
    }
    let scenario = recording.scenarios.join(format!("{name}.toml"));
    let csv = recording.scenarios.join(format!("{name}.csv"));
    let snapshot = recording.snapshots.path(&name);
    if let Some(taken) = [&scenario, &csv, &snapshot].into_iter().find(|path| path.exists() && !recording.force) {
        return Err(Error::input(format!("nothing was written: there is `{}` already", taken.display()))
            .help("--name NAME gives another name, --force writes over it"));
    }
    let model = db.model(&ask.model)?;
    let version = ask.version.as_ref().map(|name| db.version(model.id, name)).transpose()?;
    let rows = db.frozen_rows(model.id, &live.request.task, version.as_ref().map(|version| db.rows_of(version)))?;
    if rows.is_empty() {
        return Err(Error::input(format!("there is no row of `{}` and task `{}` to freeze", model.name, live.request.task)).help(
            "a scenario of priors or of an empty answer is written by hand: its `rows` may be of other hardware or of another task",
        ));
    }
    let text = frozen::write(&rows, live.request.version.as_deref())?;
    let inline = rows.len() <= INLINE && !text.contains("'''") && !text.contains(|c: char| c.is_control() && c != '\n');
    let asked = Ask {
        model: live.request.model.clone(),
        task: Some(live.request.task.clone()),
        // Ages count from the newest test of the whole database, of which these rows are a part.
        as_of: live.request.as_of.and_then(date),
        only: present(&ask.only, &rows),
        // A name that moves would mean nothing there.
        version: live.request.version.clone(),
        ..ask.clone()
    };
    let title = recording.title.map_or_else(
        || format!("{} and task {}, as recorded from {}", live.request.model, live.request.task, recording.database),
        str::to_owned,
    );
    let written = scenario_text(&title, &asked, &live, if inline { Rows::Here(&text) } else { Rows::Beside(&name) });
    let ran = replay(&name, &scenario, &written, (!inline).then_some(text.as_str()), rules, mappings, aliases)?;
    let warnings = compare(&live, &ran)?;
    let source = scenario.display().to_string().replace('\\', "/");
    let kept = Snapshot { source, description: title, info: Some(ran.info.clone()), body: normal(&ran.body) }.render();
    // The scenario comes last: without it the others are nothing.
    let mut files = vec![(snapshot.as_path(), kept.as_str()), (scenario.as_path(), written.as_str())];
    if !inline {
        files.insert(0, (csv.as_path(), text.as_str()));
    }
    replace_all(&files)?;
    recording.snapshots.reject(&name)?;
    let shown = if ask.top_k == 0 { live.ranked } else { ask.top_k.min(live.ranked) };
    Ok(Recorded { name, scenario, data: (!inline).then_some(csv), snapshot, rows: rows.len(), ranked: live.ranked, shown, warnings })
}

/// Of the names that candidates are narrowed to, those that some row has: the others are unknown to the frozen rows. Where no row
/// has one of them, all.
fn present(only: &[String], rows: &[Vec<Option<String>>]) -> Vec<String> {
    let of = |name: &str| FIELDS.iter().position(|field| field.name == name);
    let places: Vec<usize> = ["hardware", "hardware_name", "hardware_type"].into_iter().filter_map(of).collect();
    let has = |name: &&String| rows.iter().any(|row| places.iter().any(|at| row[*at].as_ref() == Some(*name)));
    let kept: Vec<String> = only.iter().filter(has).cloned().collect();
    if kept.is_empty() { only.to_vec() } else { kept }
}

/// A name from what is asked: `llama2_70b_99_inference_server`.
fn name_of(live: &Answer, ask: &Ask) -> String {
    let requirements = &live.request.requirements;
    let parts = [&live.request.model, &live.request.task].into_iter().chain(&ask.scenario).chain(requirements);
    let per_device = ask.per_device.then_some("per device");
    let all = parts.map(String::as_str).chain(per_device).collect::<Vec<_>>().join(" ");
    let plain: String = all.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join("_")
}

#[derive(Clone, Copy)]
enum Rows<'a> {
    /// In the scenario itself.
    Here(&'a str),
    /// In a CSV of that name.
    Beside(&'a str),
}

fn scenario_text(title: &str, ask: &Ask, live: &Answer, rows: Rows<'_>) -> String {
    let mut out =
        format!("title = {}\n# rows as the database had them: no alias and no check is applied to them\nfrozen = true\n", quoted(title));
    match rows {
        Rows::Here(text) => out.push_str(&format!("rows = '''\n{text}'''\n")),
        Rows::Beside(name) => out.push_str(&format!("data = [{}]\n", quoted(&format!("{name}.csv")))),
    }
    out.push_str(&format!("[ask]\n{}", ask.to_toml()));
    out.push_str("[expect]\n");
    match live.recommendations.first() {
        Some(first) => out.push_str(&format!("winner = {}\n", quoted(&first.hardware))),
        None => out.push_str("exit = 3\n"),
    }
    out
}

/// Reads and runs the scenario as it will be written.
fn replay(
    name: &str,
    scenario: &Path,
    text: &str,
    csv: Option<&str>,
    rules: &RuleSet,
    mappings: &Mappings,
    aliases: &Aliases,
) -> Result<Ran> {
    let folder = Scratch::new()?;
    if let Some(csv) = csv {
        replace(&folder.0.join(format!("{name}.csv")), csv)?;
    }
    let shown = scenario.display().to_string().replace('\\', "/");
    let read = Scenario::parse(name, &shown, &folder.0, text).map_err(|faults| replayed(&together(&faults)))?;
    Runner::new(std::slice::from_ref(&read), rules, mappings, aliases).run(&read).map_err(|error| replayed(&error))
}

fn replayed(error: &Error) -> Error {
    Error::failed(format!("nothing was written: the frozen rows do not give the answer again: {error}"))
}

/// What of the replayed answer is not the live one: an error where it is the ranking, warnings where it is a note.
fn compare(live: &Answer, ran: &Ran) -> Result<Vec<String>> {
    let Some(again) = &ran.answer else { return Err(Error::failed("nothing was written: the replayed question is refused")) };
    // JSON has every number to its last bit.
    let ranking = |answer: &Answer| {
        serde_json::to_value((&answer.recommendations, answer.ranked, &answer.excluded, &answer.not_scored))
            .map_err(|error| Error::failed(format!("the answer could not be compared: {error}")))
    };
    let (was, is) = (ranking(live)?, ranking(again)?);
    if was != is {
        let mut said: Vec<String> = moves(&Listed::of(live), &Listed::of(again)).iter().map(ToString::to_string).collect();
        if said.is_empty() {
            said.extend(difference(&was, &is, ""));
        }
        return Err(Error::failed(format!("nothing was written: the frozen rows give another ranking\n{}", said.join("\n")))
            .help("something beside the rows of the model and the task takes part in this answer; please report it"));
    }
    let missing = live.notes.iter().filter(|note| !again.notes.contains(note)).map(|note| format!("the live answer also notes: {note}"));
    let new = again.notes.iter().filter(|note| !live.notes.contains(note)).map(|note| format!("only the replayed answer notes: {note}"));
    Ok(missing.chain(new).collect())
}

/// The first place at which two documents differ.
fn difference(was: &Json, is: &Json, at: &str) -> Option<String> {
    match (was, is) {
        (Json::Object(a), Json::Object(b)) if a.len() == b.len() => {
            a.iter().find_map(|(key, value)| difference(value, b.get(key).unwrap_or(&Json::Null), &format!("{at}/{key}")))
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().find_map(|(place, (a, b))| difference(a, b, &format!("{at}/{place}")))
        }
        _ => (was != is).then(|| format!("{at}: {was} live, {is} replayed")),
    }
}

/// A folder of its own for as long as a scenario is replayed.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self> {
        let above = std::env::temp_dir();
        for number in 0..10_000_u32 {
            let path = above.join(format!("suitor-record-{}-{number}", std::process::id()));
            match std::fs::create_dir(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::failed(format!("no folder could be made in `{}`: {error}", above.display()))),
            }
        }
        Err(Error::failed(format!("no folder could be made in `{}`: too many are left there", above.display())))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays behind in the folder of temporary files does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
