//! Logs that become one record: `key : value` lines, and MLLOG events.

use serde_json::{Map, Value as Json};

use crate::import::json::Unambiguous;
use crate::{Error, Result};

/// The lines `key : value` of a log as one object; the first of a key counts. Texts only.
pub(crate) fn key_value(text: &str) -> Json {
    let mut object = Map::new();
    for line in text.lines() {
        if let Some((key, value)) = line.split_once(':') {
            let (key, value) = (key.trim(), value.trim());
            if !key.is_empty() && !value.is_empty() && !object.contains_key(key) {
                object.insert(key.to_owned(), Json::from(value));
            }
        }
    }
    Json::Object(object)
}

/// The events of an MLLOG as one object: KEY -> {value, `time_ms`, metadata}. The last event of a key counts, but the first `run_start`.
///
/// # Errors
/// An event that is no JSON, a log without `run_start` or `run_stop`: it is cut off (exit code 2), with the line.
pub(crate) fn mllog(text: &str, shown: &str) -> Result<Json> {
    let mut object = Map::new();
    let mut lines = 0;
    for (at, line) in text.lines().enumerate() {
        lines = at + 1;
        let Some((_, event)) = line.split_once(":::MLLOG") else { continue };
        let Unambiguous(event) = serde_json::from_str(event.trim()).map_err(|error| {
            let what = if error.is_data() { "is ambiguous" } else { "is no JSON" };
            Error::input(format!("{shown}:{lines}: the event {what}: {error}"))
        })?;
        if let Some(key) = event.get("key").and_then(Json::as_str) {
            let part = |name: &str| (name.to_owned(), event.get(name).cloned().unwrap_or(Json::Null));
            if key != "run_start" || !object.contains_key(key) {
                object.insert(key.to_owned(), Json::Object([part("value"), part("time_ms"), part("metadata")].into_iter().collect()));
            }
        }
    }
    for key in ["run_start", "run_stop"] {
        if !object.contains_key(key) {
            return Err(Error::input(format!("{shown}:{lines}: the log ends without a `{key}`: it is cut off")));
        }
    }
    Ok(Json::Object(object))
}
