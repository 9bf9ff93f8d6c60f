//! The flags that make a [`Request`], shared by the commands that ask.

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::Result;
use crate::recommend::Request;
use crate::rules::Engine;
use crate::scenario::Ask;

/// What is asked.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Question {
    /// Model, by name or id (`suitor list models`)
    #[arg(long, value_name = "MODEL")]
    pub model: String,
    /// Task, such as inference or training; left out, the only one that the model has rows of
    #[arg(long, value_name = "TASK")]
    pub task: Option<String>,
    #[command(flatten)]
    pub terms: Terms,
}

/// What is asked besides model and task.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Terms {
    /// Only rows of this batch size
    #[arg(long, value_name = "N", value_parser = at_least_one::<i64>)]
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
    #[arg(long, value_name = "N", value_parser = at_least_one::<u32>)]
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

/// How rules are applied: for people who measure.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(super) struct How {
    /// How rules are applied, with the same result: run one by one on every pair, made part of the query where that can be, or by
    /// the number of pairs. A query is planned anew for each question, so that `compiled` is slow where there are many small ones
    #[arg(long, value_name = "ENGINE", default_value = "auto", value_parser = engine())]
    pub engine: Engine,
}

fn engine() -> impl TypedValueParser<Value = Engine> {
    PossibleValuesParser::new(["auto", "interpreted", "compiled"]).map(|word| match word.as_str() {
        "interpreted" => Engine::Interpreted,
        "compiled" => Engine::Compiled,
        _ => Engine::Auto,
    })
}

impl Question {
    /// The request that the flags mean.
    ///
    /// # Errors
    /// Those of [`Ask::request`].
    pub(super) fn request(&self, top_k: Option<usize>) -> Result<Request> {
        self.ask(top_k).request()
    }

    /// The question in the words of a scenario.
    pub(super) fn ask(&self, top_k: Option<usize>) -> Ask {
        Ask { model: self.model.clone(), task: self.task.clone(), top_k: top_k.unwrap_or(0), ..self.terms.ask() }
    }
}

impl Terms {
    /// The request that the flags mean, without model and task.
    ///
    /// # Errors
    /// Those of [`Ask::request`].
    pub(super) fn request(&self) -> Result<Request> {
        self.ask().request()
    }

    /// The question without model and task, in the words of a scenario.
    pub(super) fn ask(&self) -> Ask {
        Ask {
            model: String::new(),
            task: None,
            batch_size: self.batch_size,
            precision: self.precision.clone(),
            scenario: self.scenario.clone(),
            wheres: self.wheres.clone(),
            version: self.version.clone(),
            latency_sensitive: self.latency_sensitive,
            memory_constrained: self.memory_constrained,
            require: self.require.clone(),
            limit: self.limit.clone(),
            only: self.only.clone(),
            max_devices: self.max_devices,
            per_device: self.per_device,
            profile: self.profile.clone(),
            as_of: self.as_of.clone(),
            strict: self.strict,
            top_k: 0,
        }
    }
}

/// A whole number of at least 1.
fn at_least_one<N: std::str::FromStr + PartialOrd + From<u8>>(text: &str) -> std::result::Result<N, String> {
    text.trim().parse().ok().filter(|number| *number >= N::from(1)).ok_or_else(|| "expected a whole number of at least 1".to_owned())
}
