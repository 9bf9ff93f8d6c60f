//! What is asked, as people write it: the flags of `recommend` by their names, on the command line and in `[ask]` of a scenario.

use crate::recommend::Request;
use crate::recommend::request::{Match, Pin};
use crate::scoring::{Limit, Profile};
use crate::{Error, Result};

/// A question in the words of the command line; [`Ask::request`] is what it means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// The model, by name or id.
    pub model: String,
    /// The task; `None` means the only one that the model has rows of.
    pub task: Option<String>,
    /// Only rows of this batch size.
    pub batch_size: Option<i64>,
    /// Only rows of this precision.
    pub precision: Option<String>,
    /// Only rows of this scenario (Offline, Server, ...).
    pub scenario: Option<String>,
    /// Pins: `FIELD=VALUE` or `FIELD~TEXT`.
    pub wheres: Vec<String>,
    /// Only rows linked to this model version.
    pub version: Option<String>,
    /// The requirement `latency-sensitive`.
    pub latency_sensitive: bool,
    /// The requirement `memory-constrained`.
    pub memory_constrained: bool,
    /// Requirements of scoring.toml by name.
    pub require: Vec<String>,
    /// Limits: `METRIC<=X`.
    pub limit: Vec<String>,
    /// Labels, names or hardware types.
    pub only: Vec<String>,
    /// Hardware with more devices is left out.
    pub max_devices: Option<u32>,
    /// Compare by the device.
    pub per_device: bool,
    /// `documented` or `ratio`.
    pub profile: Option<String>,
    /// The day that ages are counted up to, YYYY-MM-DD.
    pub as_of: Option<String>,
    /// Whether warnings of the rule set and rules that fail are faults.
    pub strict: bool,
    /// How many are shown; 0 shows all.
    pub top_k: usize,
}

impl Ask {
    /// The request that it means.
    ///
    /// # Errors
    /// A pin, limit, profile or date that is malformed: exit code 2.
    pub fn request(&self) -> Result<Request> {
        let mut pins = self.wheres.iter().map(|text| pin(text)).collect::<Result<Vec<_>>>()?;
        let flags = [
            ("batch_size", self.batch_size.map(|value| value.to_string())),
            ("precision", self.precision.clone()),
            ("scenario", self.scenario.clone()),
        ];
        pins.extend(
            flags.into_iter().filter_map(|(field, value)| value.map(|value| Pin { field: field.to_owned(), how: Match::Equal, value })),
        );
        let mut requirements = Vec::new();
        for (asked, name) in [(self.latency_sensitive, "latency-sensitive"), (self.memory_constrained, "memory-constrained")] {
            if asked {
                requirements.push(name.to_owned());
            }
        }
        for name in &self.require {
            if !requirements.contains(name) {
                requirements.push(name.clone());
            }
        }
        Ok(Request {
            model: self.model.clone(),
            task: self.task.clone(),
            pins,
            version: self.version.clone(),
            requirements,
            limits: self.limit.iter().map(|text| text.parse()).collect::<Result<Vec<Limit>>>()?,
            only: self.only.clone(),
            max_devices: self.max_devices,
            per_device: self.per_device,
            top_k: (self.top_k > 0).then_some(self.top_k),
            profile: self.profile.as_deref().map(profile).transpose()?,
            as_of: self.as_of.as_deref().map(day).transpose()?,
        })
    }

    /// The `[ask]` of a scenario that asks this: only what is not as it is when left out.
    #[must_use]
    pub(crate) fn to_toml(&self) -> String {
        let mut lines = vec![format!("model = {}", quoted(&self.model))];
        let text = |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name} = {}", quoted(value)));
        let list = |name: &str, values: &[String]| {
            let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
            (!values.is_empty()).then(|| format!("{name} = [{}]", values.join(", ")))
        };
        let flag = |name: &str, value: bool| value.then(|| format!("{name} = true"));
        lines.extend(
            [
                text("task", &self.task),
                self.batch_size.map(|value| format!("batch-size = {value}")),
                text("precision", &self.precision),
                text("scenario", &self.scenario),
                list("where", &self.wheres),
                text("version", &self.version),
                flag("latency-sensitive", self.latency_sensitive),
                flag("memory-constrained", self.memory_constrained),
                list("require", &self.require),
                list("limit", &self.limit),
                list("only", &self.only),
                self.max_devices.map(|value| format!("max-devices = {value}")),
                flag("per-device", self.per_device),
                text("profile", &self.profile),
                text("as-of", &self.as_of),
                flag("strict", self.strict),
                (self.top_k != DEFAULT_TOP_K).then(|| format!("top-k = {}", self.top_k)),
            ]
            .into_iter()
            .flatten(),
        );
        lines.join("\n") + "\n"
    }
}

/// How many are shown when nothing is said.
pub(crate) const DEFAULT_TOP_K: usize = 5;

/// Reads FIELD=VALUE or FIELD~TEXT.
///
/// # Errors
/// Neither sign, an empty field or value: exit code 2.
pub(crate) fn pin(text: &str) -> Result<Pin> {
    let wrong = || {
        Error::input(format!("`--where {text}` is not of the form FIELD=VALUE or FIELD~TEXT"))
            .help("for example --where division=closed or --where framework~compile")
    };
    let at = text.find(['=', '~']).ok_or_else(wrong)?;
    let (field, value) = (text[..at].trim(), text[at + 1..].trim());
    if field.is_empty() || value.is_empty() {
        return Err(wrong());
    }
    let how = if text.as_bytes()[at] == b'=' { Match::Equal } else { Match::Contains };
    Ok(Pin { field: field.to_owned(), how, value: value.to_owned() })
}

/// Reads the name of a profile.
///
/// # Errors
/// Another name: exit code 2.
pub(crate) fn profile(name: &str) -> Result<Profile> {
    match name {
        "documented" => Ok(Profile::Documented),
        "ratio" => Ok(Profile::Ratio),
        other => Err(Error::unknown("profile", other, ["documented", "ratio"]).help("there are `documented` and `ratio`")),
    }
}

/// Day number of YYYY-MM-DD.
///
/// # Errors
/// Not a date: exit code 2.
pub(crate) fn day(text: &str) -> Result<i64> {
    let date: jiff::civil::Date =
        text.parse().map_err(|_| Error::input(format!("`--as-of {text}` is not a date")).help("for example --as-of 2026-11-23"))?;
    Ok(i64::from((date - jiff::civil::date(1970, 1, 1)).get_days()))
}

/// YYYY-MM-DD of a day number; `None` when no calendar has the day.
pub(crate) fn date(day: i64) -> Option<String> {
    use jiff::ToSpan as _;
    let days = i32::try_from(day).ok()?;
    jiff::civil::date(1970, 1, 1).checked_add(days.days()).ok().map(|date| date.to_string())
}

/// A text as TOML writes it in one line.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_each_other_s_inverse() {
        for text in ["1970-01-01", "2026-11-23", "1969-12-31", "2024-02-29"] {
            assert_eq!(date(day(text).unwrap()).as_deref(), Some(text));
        }
        assert_eq!(day("1970-01-02").unwrap(), 1);
    }
}
