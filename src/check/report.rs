//! What a check found.

use crate::rules::{Level, NotLowered, Rule, RuleError, RuleErrorKind};

/// Everything that a check found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The files that were looked at, as they lie on disk; none when there is nothing but what ships.
    pub files: Vec<String>,
    /// Hash of the rule set, hex.
    pub rule_set: String,
    /// Whether the rule set is the shipped one.
    pub shipped: bool,
    /// The rules, in listed order.
    pub rules: Vec<CheckedRule>,
    /// Errors, warnings and notes, by file and place.
    pub faults: Vec<RuleError>,
}

/// One rule of the set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedRule {
    /// The stem of the script's file name.
    pub id: String,
    /// What it does.
    pub title: String,
    /// Whether it takes effect.
    pub enabled: bool,
    /// The script, as it lies on disk.
    pub file: String,
    /// The hooks of the script; empty when it cannot be run.
    pub hooks: Vec<&'static str>,
    /// How far the check could follow it.
    pub status: Status,
    /// Why it is interpreted where rules are made part of a query; `None` when it is part of it, or at fault.
    pub interpreted: Option<NotLowered>,
}

/// How far the check could follow a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Everywhere: guards and types are known.
    Checked,
    /// Not everywhere: where, and why.
    Dynamic {
        /// Line of the script, from 1.
        line: usize,
        /// What it does that cannot be followed.
        reason: String,
    },
    /// It is at fault.
    Faulty,
}

impl Status {
    /// The word for it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Checked => "checked",
            Self::Dynamic { .. } => "dynamic",
            Self::Faulty => "faulty",
        }
    }
}

impl CheckedRule {
    /// What was found of a rule.
    pub(super) fn of(rule: &Rule, faults: &[RuleError], file: String) -> Self {
        let own = || faults.iter().filter(|fault| fault.file.name == rule.file.name);
        let dynamic = own().find_map(|fault| match &fault.kind {
            RuleErrorKind::Dynamic(reason) => {
                Some(Status::Dynamic { line: fault.place().map_or(1, |(line, _)| line), reason: reason.clone() })
            }
            _ => None,
        });
        let status =
            if own().any(|fault| fault.kind.level() == Level::Error) { Status::Faulty } else { dynamic.unwrap_or(Status::Checked) };
        let interpreted = if status == Status::Faulty { None } else { rule.lowering().refused };
        Self { id: rule.id.clone(), title: rule.title.clone(), enabled: rule.enabled, file, hooks: rule.hooks(), status, interpreted }
    }
}

impl Report {
    /// How many faults of a level there are.
    #[must_use]
    pub fn count(&self, level: Level) -> usize {
        self.faults.iter().filter(|fault| fault.kind.level() == level).count()
    }

    /// Whether the files may be used: no error, and with `strict` no warning either.
    #[must_use]
    pub fn passes(&self, strict: bool) -> bool {
        self.faults.iter().all(|fault| match fault.kind.level() {
            Level::Error => false,
            Level::Warning => !strict,
            Level::Note => true,
        })
    }

    /// The first 12 hex digits of the rule set's hash.
    #[must_use]
    pub fn short(&self) -> &str {
        self.rule_set.get(..12).unwrap_or(&self.rule_set)
    }
}
