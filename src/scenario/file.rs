//! One scenario file: what it shows, its rows, what is asked, what must hold of the answer.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::ask::{self, Ask, DEFAULT_TOP_K};
use super::fault::{Fault, FaultCode};
pub use super::read::Placed;
use super::read::{Reader, Value};
use crate::rules::Source;
use crate::text_file;

/// One scenario, read and checked.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The stem of its file: also the name of its snapshot.
    pub name: String,
    /// Its file; the name is the path as people know it.
    pub file: Arc<Source>,
    /// What it shows, in a sentence.
    pub title: String,
    /// Files of rows, found.
    pub data: Vec<Placed<PathBuf>>,
    /// Rows of its own, as CSV.
    pub rows: Option<Placed<String>>,
    /// Whether its rows are frozen: taken as they are, without aliases and checks, as `suitor test record` writes them.
    pub frozen: bool,
    /// What is asked.
    pub ask: Placed<Ask>,
    /// What must hold of the answer.
    pub expect: Expect,
}

/// What must hold of an answer, each with its place.
#[derive(Clone, Debug, Default)]
pub struct Expect {
    /// The first of the list.
    pub winner: Option<Placed<String>>,
    /// Hardware in this order; others may stand between.
    pub order: Vec<Placed<String>>,
    /// Hardware that a rule or a limit takes out.
    pub excluded: Vec<Placed<String>>,
    /// Hardware of the rows that is neither ranked nor excluded.
    pub absent: Vec<Placed<String>>,
    /// Rules that fire on some hardware.
    pub fired: Vec<Placed<String>>,
    /// Rules that fire on none.
    pub silent: Vec<Placed<String>>,
    /// Rules without which the order would be another.
    pub decisive: Vec<Placed<String>>,
    /// Texts that stand in the notes.
    pub note: Vec<Placed<String>>,
    /// Scores of hardware.
    pub score: Vec<(String, Placed<f64>)>,
    /// How far a score may be off.
    pub tolerance: f64,
    /// How `recommend` ends: 0, 3 when nothing is feasible, 2 when the question is refused, 1 when a rule fails under `strict`.
    pub exit: Option<Placed<u8>>,
}

/// How far a score may be off when nothing is said: it is right to three digits, as `recommend` prints it.
const TOLERANCE: f64 = 0.0005;

impl Scenario {
    /// Reads and checks one file.
    ///
    /// # Errors
    /// Every fault of it.
    pub fn read(path: &Path) -> Result<Self, Vec<Fault>> {
        let shown = path.display().to_string().replace('\\', "/");
        let unread = |message: String| {
            let file = Arc::new(Source::new(shown.clone(), "", 0));
            vec![Fault { code: FaultCode::Toml, message, file, span: 0..0, help: None }]
        };
        let text = text_file::text(path, text_file::DOCUMENT).map_err(|error| unread(error.message()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default(), &shown, folder, &text)
    }

    /// Checks the text of a scenario whose data files are looked for from `folder`.
    ///
    /// # Errors
    /// Every fault of it.
    pub fn parse(name: &str, shown: &str, folder: &Path, text: &str) -> Result<Self, Vec<Fault>> {
        let file = Arc::new(Source::new(shown, text, 0));
        let mut reader = Reader::new(&file);
        if !is_name(name) {
            let message = format!("`{name}` is no name of a scenario: expected letters, digits, `_`, `-` and `.`");
            reader.fault(FaultCode::Name, 0..0, message);
        }
        let Some(table) = reader.parse(text) else { return Err(reader.faults) };
        let scenario = scenario(&mut reader, &table, name, folder);
        let mut faults = reader.faults;
        faults.sort_by_key(|fault| (fault.span.start, fault.span.end));
        match scenario {
            Some(scenario) if faults.is_empty() => Ok(scenario),
            _ => Err(faults),
        }
    }

    /// Line and column (from 1) of a place in the file.
    #[must_use]
    pub fn place(&self, span: &Range<usize>) -> (usize, usize) {
        self.file.line_column(span.start)
    }

    /// `FILE:LINE` of a place in the file.
    #[must_use]
    pub fn line(&self, span: &Range<usize>) -> String {
        format!("{}:{}", self.file.name, self.place(span).0)
    }

    /// The line of the file in which a line of its own rows stands; `None` where line breaks of the rows are written as escapes.
    pub(super) fn line_of_row(&self, line: usize) -> Option<usize> {
        let rows = self.rows.as_ref()?;
        let text = self.file.text.get(rows.span.clone())?;
        let body = text.strip_prefix("\"\"\"").or_else(|| text.strip_prefix("'''"))?;
        // A line break right after the opening quotes is not part of the text; a backslash at a line's end swallows one.
        if text.starts_with('"') && body.contains('\\') {
            return None;
        }
        let first = self.place(&rows.span).0 + usize::from(body.starts_with('\n') || body.starts_with("\r\n"));
        Some(first + line - 1)
    }
}

/// Whether a scenario may be called so: the name is one of files too.
pub(super) fn is_name(name: &str) -> bool {
    let good = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    !name.is_empty() && !name.starts_with(['.', '-']) && name.chars().all(good)
}

const KEYS: &[&str] = &["title", "data", "rows", "frozen", "ask", "expect"];

fn scenario(reader: &mut Reader<'_>, table: &DeTable<'_>, name: &str, folder: &Path) -> Option<Scenario> {
    reader.keys(table, "the scenario", KEYS);
    let title = required(reader, table, 0..0, "the scenario", "title").and_then(|value| reader.text("title", value));
    let named = get(table, "data").map(|value| reader.texts("data", value)).unwrap_or_default();
    let data = named.into_iter().filter_map(|name| found(reader, folder, name)).collect();
    let rows = get(table, "rows").and_then(|value| reader.text("rows", value));
    let frozen = get(table, "frozen").and_then(|value| reader.boolean("frozen", value)).unwrap_or(false);
    if get(table, "data").is_none() && get(table, "rows").is_none() {
        reader.fault(FaultCode::MissingKey, 0..0, "the scenario has neither `data` nor `rows`").help =
            Some("rows = \"\"\"...\"\"\" gives rows as CSV, data = [\"FILE\"] names files of them".to_owned());
    }
    let ask = match required(reader, table, 0..0, "the scenario", "ask") {
        Some(value) => reader.table("ask", value).and_then(|asked| ask_of(reader, asked, value)),
        None => None,
    };
    let expect = match get(table, "expect") {
        Some(value) => reader.table("expect", value).map(|expect| expect_of(reader, expect))?,
        None => Expect { tolerance: TOLERANCE, ..Expect::default() },
    };
    Some(Scenario { name: name.to_owned(), file: Arc::clone(reader.file), title: title?.value, data, rows, frozen, ask: ask?, expect })
}

fn get<'a>(table: &'a DeTable<'a>, key: &str) -> Option<&'a Value<'a>> {
    table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
}

fn required<'a>(reader: &mut Reader<'_>, table: &'a DeTable<'a>, span: Range<usize>, place: &str, key: &str) -> Option<&'a Value<'a>> {
    let value = get(table, key);
    if value.is_none() {
        reader.fault(FaultCode::MissingKey, span, format!("{place} has no `{key}`"));
    }
    value
}

/// The file of that name: in the folder of the scenario, else in the folder `data` beside that folder.
fn found(reader: &mut Reader<'_>, folder: &Path, name: Placed<String>) -> Option<Placed<PathBuf>> {
    let beside = folder.join("..").join("data");
    let beside = folder.parent().filter(|_| folder.file_name().is_some()).map_or(beside, |above| above.join("data"));
    let places = [folder.join(&name.value), beside.join(&name.value)];
    if let Some(path) = places.iter().find(|path| path.is_file()) {
        return Some(Placed { value: path.clone(), span: name.span });
    }
    let files = [folder, beside.as_path()].into_iter().filter_map(|folder| std::fs::read_dir(folder).ok());
    let names: Vec<String> =
        files.flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok()).filter(|name| !is_own(name)).collect();
    let near = crate::error::nearest(&name.value, names.iter().map(String::as_str));
    let help = if near.is_empty() {
        format!("it is looked for in `{}`, then in `{}`", shown(folder), shown(&beside))
    } else {
        format!("did you mean {}?", near.join(", "))
    };
    reader.fault(FaultCode::Data, name.span, format!("there is no file `{}`", name.value)).help = Some(help);
    None
}

fn is_own(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|end| end == "toml")
}

fn shown(folder: &Path) -> String {
    if folder.as_os_str().is_empty() { ".".to_owned() } else { folder.display().to_string() }
}

const ASKED: &[&str] = &[
    "model",
    "task",
    "batch-size",
    "precision",
    "scenario",
    "where",
    "version",
    "latency-sensitive",
    "memory-constrained",
    "require",
    "limit",
    "only",
    "max-devices",
    "per-device",
    "profile",
    "as-of",
    "strict",
    "top-k",
];

fn ask_of(reader: &mut Reader<'_>, table: &DeTable<'_>, whole: &Value<'_>) -> Option<Placed<Ask>> {
    reader.keys(table, "[ask]", ASKED);
    let model = required(reader, table, whole.span(), "[ask]", "model").and_then(|value| reader.text("model", value));
    let text = |reader: &mut Reader<'_>, key: &str| get(table, key).and_then(|value| reader.text(key, value)).map(|placed| placed.value);
    let flag = |reader: &mut Reader<'_>, key: &str| get(table, key).and_then(|value| reader.boolean(key, value)).unwrap_or(false);
    let texts = |reader: &mut Reader<'_>, key: &str| get(table, key).map(|value| reader.texts(key, value)).unwrap_or_default();
    let plain = |all: Vec<Placed<String>>| all.into_iter().map(|placed| placed.value).collect::<Vec<_>>();
    let integer =
        |reader: &mut Reader<'_>, key: &str, least, most| get(table, key).and_then(|value| reader.integer(key, value, least, most));
    let (wheres, limit) = (texts(reader, "where"), texts(reader, "limit"));
    for pin in &wheres {
        check(reader, &pin.span, ask::pin(&pin.value));
    }
    for one in &limit {
        check(reader, &one.span, one.value.parse::<crate::scoring::Limit>());
    }
    let as_of = match get(table, "as-of") {
        // A date of TOML's own reads the same.
        Some(value) if matches!(value.get_ref(), DeValue::Datetime(_)) => match value.get_ref() {
            DeValue::Datetime(date) => Some(Placed { value: date.to_string(), span: value.span() }),
            _ => None,
        },
        Some(value) => reader.text("as-of", value),
        None => None,
    };
    if let Some(date) = &as_of {
        check(reader, &date.span, ask::day(&date.value));
    }
    if let Some(profile) = get(table, "profile").filter(|value| value.get_ref().is_str())
        && let Some(name) = profile.get_ref().as_str()
    {
        check(reader, &profile.span(), ask::profile(name));
    }
    let asked = Ask {
        task: text(reader, "task"),
        batch_size: integer(reader, "batch-size", 1, i64::MAX),
        precision: text(reader, "precision"),
        scenario: text(reader, "scenario"),
        wheres: plain(wheres),
        version: text(reader, "version"),
        latency_sensitive: flag(reader, "latency-sensitive"),
        memory_constrained: flag(reader, "memory-constrained"),
        require: plain(texts(reader, "require")),
        limit: plain(limit),
        only: plain(texts(reader, "only")),
        max_devices: integer(reader, "max-devices", 0, i64::from(u32::MAX)).and_then(|most| u32::try_from(most).ok()),
        per_device: flag(reader, "per-device"),
        profile: text(reader, "profile"),
        as_of: as_of.map(|date| date.value),
        strict: flag(reader, "strict"),
        top_k: integer(reader, "top-k", 0, i64::from(u32::MAX)).and_then(|k| usize::try_from(k).ok()).unwrap_or(DEFAULT_TOP_K),
        model: model?.value,
    };
    Some(Placed { value: asked, span: whole.span() })
}

fn check<T>(reader: &mut Reader<'_>, span: &Range<usize>, parsed: crate::Result<T>) {
    if let Err(error) = parsed {
        reader.value_fault(span.clone(), error);
    }
}

const EXPECTED: &[&str] = &["winner", "order", "excluded", "absent", "fired", "silent", "decisive", "note", "score", "tolerance", "exit"];

fn expect_of(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Expect {
    reader.keys(table, "[expect]", EXPECTED);
    let texts = |reader: &mut Reader<'_>, key: &str| get(table, key).map(|value| reader.texts(key, value)).unwrap_or_default();
    let mut score = Vec::new();
    if let Some(scores) = get(table, "score").and_then(|value| reader.table("score", value)) {
        for (hardware, value) in scores {
            if let Some(number) = reader.number(hardware.get_ref(), value) {
                score.push((hardware.get_ref().to_string(), Placed { value: number, span: value.span() }));
            }
        }
        score.sort_by_key(|(_, placed)| placed.span.start);
    }
    let exit = get(table, "exit").and_then(|value| {
        let code = u8::try_from(reader.integer("exit", value, 0, 3)?).ok()?;
        Some(Placed { value: code, span: value.span() })
    });
    let order = texts(reader, "order");
    Expect {
        winner: get(table, "winner").and_then(|value| reader.text("winner", value)),
        order,
        excluded: texts(reader, "excluded"),
        absent: texts(reader, "absent"),
        fired: texts(reader, "fired"),
        silent: texts(reader, "silent"),
        decisive: texts(reader, "decisive"),
        note: texts(reader, "note"),
        score,
        tolerance: get(table, "tolerance").and_then(|value| reader.number("tolerance", value)).unwrap_or(TOLERANCE),
        exit,
    }
}
