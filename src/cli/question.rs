//! The flags that make a [`Request`], shared by the commands that ask.

use crate::recommend::Request;
use crate::recommend::request::{Match, Pin};
use crate::scoring::{Limit, Profile};
use crate::{Error, Result};

/// What is asked.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Question {
    /// Model, by name or id (`suitor list models`)
    #[arg(long, value_name = "MODEL")]
    pub model: String,
    #[command(flatten)]
    pub flags: Flags,
}

/// What is asked, whatever the model.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Flags {
    /// Task, such as inference or training; left out, the only one that the model has rows of
    #[arg(long, value_name = "TASK")]
    pub task: Option<String>,
    /// Only rows of this batch size
    #[arg(long, value_name = "N")]
    pub batch_size: Option<i64>,
    /// Only rows of this precision
    #[arg(long, value_name = "PRECISION")]
    pub precision: Option<String>,
    /// Only rows of this scenario, such as Offline or Server
    #[arg(long, value_name = "SCENARIO")]
    pub scenario: Option<String>,
    /// Only rows whose field equals a value (FIELD=VALUE) or contains a text (FIELD~TEXT); may be given again
    #[arg(long = "where", value_name = "FIELD=VALUE")]
    pub wheres: Vec<String>,
    /// Only rows linked to this model version
    #[arg(long, value_name = "VERSION")]
    pub version: Option<String>,
    /// The requirement `latency-sensitive`: latency weighs more
    #[arg(long)]
    pub latency_sensitive: bool,
    /// The requirement `memory-constrained`: memory weighs more
    #[arg(long)]
    pub memory_constrained: bool,
    /// A requirement of scoring.toml by name; may be given again
    #[arg(long, value_name = "NAME")]
    pub require: Vec<String>,
    /// A limit that operating points must meet, such as 'ttft_ms_p99<=500'; may be given again
    #[arg(long, value_name = "METRIC<=X")]
    pub limit: Vec<String>,
    /// Only this hardware: a label, a name or a hardware type; may be given again
    #[arg(long, value_name = "HARDWARE")]
    pub only: Vec<String>,
    /// Only hardware of at most so many devices
    #[arg(long, value_name = "N")]
    pub max_devices: Option<u32>,
    /// Compare by the device: throughput and memory divided by the device count, time to train multiplied by it
    #[arg(long)]
    pub per_device: bool,
    /// The arithmetic: documented (weighted means) or ratio (weighted geometric means)
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// Count ages up to this day (YYYY-MM-DD); left out, the newest test in the database
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// Fail when the rule set has a warning, or when a rule fails on some hardware instead of leaving it without a score
    #[arg(long)]
    pub strict: bool,
}

impl Question {
    /// The request that the flags mean.
    ///
    /// # Errors
    /// A pin, limit, profile or date that is malformed: exit code 2.
    pub(super) fn request(&self, top_k: Option<usize>) -> Result<Request> {
        self.flags.request(&self.model, top_k)
    }
}

impl Flags {
    /// The request that the flags mean for a model.
    ///
    /// # Errors
    /// A pin, limit, profile or date that is malformed: exit code 2.
    pub(super) fn request(&self, model: &str, top_k: Option<usize>) -> Result<Request> {
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
        let profile = match self.profile.as_deref() {
            None => None,
            Some("documented") => Some(Profile::Documented),
            Some("ratio") => Some(Profile::Ratio),
            Some(other) => return Err(Error::unknown("profile", other, ["documented", "ratio"]).help("there are `documented` and `ratio`")),
        };
        Ok(Request {
            model: model.to_owned(),
            task: self.task.clone(),
            pins,
            version: self.version.clone(),
            requirements,
            limits: self.limit.iter().map(|text| text.parse()).collect::<Result<Vec<Limit>>>()?,
            only: self.only.clone(),
            max_devices: self.max_devices,
            per_device: self.per_device,
            top_k,
            profile,
            as_of: self.as_of.as_deref().map(day).transpose()?,
        })
    }
}

/// Reads FIELD=VALUE or FIELD~TEXT.
///
/// # Errors
/// Neither sign, an empty field or value: exit code 2.
pub(super) fn pin(text: &str) -> Result<Pin> {
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

/// Day number of YYYY-MM-DD.
fn day(text: &str) -> Result<i64> {
    let date: jiff::civil::Date =
        text.parse().map_err(|_| Error::input(format!("`--as-of {text}` is not a date")).help("for example --as-of 2026-11-23"))?;
    Ok(i64::from((date - jiff::civil::date(1970, 1, 1)).get_days()))
}
