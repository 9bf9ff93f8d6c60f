//! Flags that choose rows, one by one: which of them matches nothing, and which leaves a piece of hardware out.

use super::answer::Answer;
use super::request::{Match, Pin};
use crate::error::listed;
use crate::scoring::plan::Scope;
use crate::store::Db;
use crate::{Error, Result};

/// How many values a message lists.
const VALUES: usize = 8;

/// One flag that chooses rows.
struct Flag {
    /// The flag as it is typed.
    said: String,
    /// The field that it looks at; `None` for a version.
    field: Option<String>,
    /// Model, task and this flag.
    alone: Scope,
    /// Everything but this flag.
    without: Scope,
}

/// The scope of model and task, without any flag.
fn bare(scope: &Scope) -> Scope {
    Scope { pins: Vec::new(), version: None, only: Vec::new(), max_devices: None, ..scope.clone() }
}

fn flags(scope: &Scope, version: Option<&str>) -> Vec<Flag> {
    let bare = bare(scope);
    let mut all = Vec::new();
    for (at, pin) in scope.pins.iter().enumerate() {
        let mut without = scope.clone();
        without.pins.remove(at);
        all.push(Flag {
            said: said(pin),
            field: Some(pin.field.clone()),
            alone: Scope { pins: vec![pin.clone()], ..bare.clone() },
            without,
        });
    }
    if !scope.only.is_empty() {
        all.push(Flag {
            said: scope.only.iter().map(|only| format!("--only {}", word(only))).collect::<Vec<_>>().join(" "),
            field: Some("hardware".to_owned()),
            alone: Scope { only: scope.only.clone(), ..bare.clone() },
            without: Scope { only: Vec::new(), ..scope.clone() },
        });
    }
    if let Some(most) = scope.max_devices {
        all.push(Flag {
            said: format!("--max-devices {most}"),
            field: Some("device_count".to_owned()),
            alone: Scope { max_devices: Some(most), ..bare.clone() },
            without: Scope { max_devices: None, ..scope.clone() },
        });
    }
    if scope.version.is_some() {
        all.push(Flag {
            said: format!("--version {}", word(version.unwrap_or("..."))),
            field: None,
            alone: Scope { version: scope.version, ..bare },
            without: Scope { version: None, ..scope.clone() },
        });
    }
    all
}

fn said(pin: &Pin) -> String {
    match (pin.how, pin.field.as_str()) {
        (Match::Equal, "batch_size") => format!("--batch-size {}", pin.value),
        (Match::Equal, "precision" | "scenario") => format!("--{} {}", pin.field, word(&pin.value)),
        (Match::Equal, field) => format!("--where {}", word(&format!("{field}={}", pin.value))),
        (Match::Contains, field) => format!("--where {}", word(&format!("{field}~{}", pin.value))),
    }
}

/// A word as a shell takes it.
fn word(text: &str) -> String {
    if text.contains([' ', '~', '(']) { format!("'{text}'") } else { text.to_owned() }
}

/// The values of a field within a scope, in words.
fn values(db: &Db, field: &str, scope: &Scope) -> Result<Option<String>> {
    let (values, more) = db.values_of(field, scope, VALUES)?;
    let shown = listed(values.iter().map(String::as_str), VALUES);
    Ok(shown.map(|shown| if more > 0 { format!("{shown} and {more} more") } else { shown }))
}

/// Why no row matches, a line a flag: those that match nothing by themselves with the values that there are, or else what
/// each leaves when the others stay. Empty when a row matches, or when no flag is to blame.
///
/// # Errors
/// The database cannot be read.
pub(crate) fn misses(db: &Db, scope: &Scope, version: Option<&str>) -> Result<Vec<String>> {
    let flags = flags(scope, version);
    if flags.is_empty() || db.has_rows(scope)? {
        return Ok(Vec::new());
    }
    let bare = bare(scope);
    if !db.has_rows(&bare)? {
        return Ok(Vec::new());
    }
    let mut lines = Vec::new();
    for flag in &flags {
        if !db.has_rows(&flag.alone)? {
            lines.push(match &flag.field {
                None => format!("`{}` matches no row: none is linked to it", flag.said),
                Some(field) => match values(db, field, &bare)? {
                    Some(values) => format!("`{}` matches no row: the values of {field} are {values}", flag.said),
                    None => format!("`{}` matches no row: none says its {field}", flag.said),
                },
            });
        }
    }
    if !lines.is_empty() {
        return Ok(lines);
    }
    for flag in &flags {
        let Some(field) = &flag.field else { continue };
        if let Some(values) = values(db, field, &flag.without)? {
            lines.push(format!("without `{}` rows match, whose values of {field} are {values}", flag.said));
        }
    }
    Ok(if lines.is_empty() { vec!["each of the flags matches rows, but no row matches all of them".to_owned()] } else { lines })
}

/// Why known hardware is not among the candidates of an answer: the flag that leaves it out; `None` for a name that is unknown.
///
/// # Errors
/// The database cannot be read.
pub(super) fn left_out(db: &Db, scope: &Scope, version: Option<&str>, answer: &Answer, wanted: &str) -> Result<Option<Error>> {
    let meant: Vec<_> = db.hardware()?.into_iter().filter(|one| one.is_named(wanted)).collect();
    if meant.is_empty() {
        return Ok(None);
    }
    let among = |scope: &Scope| -> Result<bool> {
        let labels = db.labels(scope)?;
        Ok(meant.iter().any(|one| labels.contains(&one.label)))
    };
    let bare = bare(scope);
    let (model, task) = (&answer.request.model, &answer.request.task);
    if !among(&bare)? {
        return Ok(Some(Error::input(format!("there is no benchmark row of `{model}` and task `{task}` on `{wanted}`"))));
    }
    let its = Scope { only: vec![wanted.to_owned()], ..bare };
    let mut blamed = Vec::new();
    let flags = flags(scope, version);
    for flag in &flags {
        if among(&flag.alone)? {
            continue;
        }
        let has = match &flag.field {
            Some(field) if field != "hardware" => match values(db, field, &its)? {
                Some(values) => format!(": its {field} is {values}"),
                None => format!(": its rows do not say {field}"),
            },
            _ => String::new(),
        };
        blamed.push(format!("`{}`{has}", flag.said));
    }
    let why = if !blamed.is_empty() {
        blamed.join("; and by ")
    } else if !flags.is_empty() && !among(scope)? {
        let all: Vec<String> = flags.iter().map(|flag| format!("`{}`", flag.said)).collect();
        format!("{} together", all.join(", "))
    } else {
        let chosen: Vec<String> = answer.request.pins.iter().filter(|pin| !scope.pins.contains(pin)).map(said).collect();
        return Ok((!chosen.is_empty()).then(|| {
            let chosen = chosen.join(" ");
            Error::input(format!("`{wanted}` is left out: the answer is for `{chosen}`, which has most hardware"))
                .help("pin another one with --where")
        }));
    };
    Ok(Some(Error::input(format!("`{wanted}` is left out by {why}"))))
}
