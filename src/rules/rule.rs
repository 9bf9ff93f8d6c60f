//! One rule: what rules.toml says of it, and its script.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::script::Script;
use super::source::Source;

/// One `[[rule]]` of rules.toml with its script.
#[derive(Debug)]
pub struct Rule {
    /// The stem of the script's file name.
    pub id: String,
    /// What it does, in a few words.
    pub title: String,
    /// Where the knowledge comes from.
    pub source: Option<String>,
    /// Whether it takes effect at all.
    pub enabled: bool,
    /// When it takes effect.
    pub when: When,
    /// Numbers, texts and truth values that people tune without touching the script.
    pub params: BTreeMap<String, Param>,
    /// The script's file.
    pub file: Arc<Source>,
    /// The script, compiled, shared with the sets that have the same; `None` only while its faults are being reported.
    pub(crate) script: Option<Arc<Script>>,
    /// The bytes of its script's name in rules.toml.
    pub(crate) place: Range<usize>,
    /// Whether what rules.toml says of it is at fault, so that only its text is known.
    pub(crate) doubtful: bool,
}

impl Rule {
    /// The hooks that its script has, in the order in which they run.
    #[must_use]
    pub fn hooks(&self) -> Vec<&'static str> {
        let Some(script) = &self.script else { return Vec::new() };
        let all = [("weigh", &script.weigh), ("exclude", &script.exclude), ("adjust", &script.adjust)];
        all.into_iter().filter(|(_, hook)| hook.is_some()).map(|(name, _)| name).collect()
    }
}

/// When a rule takes effect; an empty list means always.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct When {
    /// The tasks.
    pub tasks: Vec<String>,
    /// The requirements, of which one must be in force.
    pub requirements: Vec<String>,
    /// The hardware types.
    pub hardware_types: Vec<String>,
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Param {
    /// An integer.
    Integer(i64),
    /// A finite number.
    Number(f64),
    /// A truth value.
    Boolean(bool),
    /// A text.
    Text(String),
    /// A list of these.
    List(Vec<Param>),
}
