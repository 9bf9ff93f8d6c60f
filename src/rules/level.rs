//! The stable code of each kind of fault, and how much it weighs.

use super::error::RuleErrorKind;

/// How much a fault weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The rule set does not load.
    Error,
    /// It loads; with `--strict` it is an error.
    Warning,
    /// It only says something; never an error.
    Note,
}

impl Level {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl RuleErrorKind {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Toml(_) => "R001",
            Self::Script(_) => "R002",
            Self::MissingFile(_) => "R003",
            Self::Unreadable(_) => "R004",
            Self::UnknownKey { .. } => "R005",
            Self::MissingKey { .. } => "R006",
            Self::WrongType { .. } => "R007",
            Self::Duplicate { .. } => "R008",
            Self::WeightRange { .. } => "R101",
            Self::WeightsAllZero => "R102",
            Self::UnknownMetric(_) => "R103",
            Self::UnknownField { .. } => "R104",
            Self::UnknownComponent(_) => "R105",
            Self::UnknownTask(_) => "R106",
            Self::UnknownChoice { .. } => "R107",
            Self::OutOfRange { .. } => "R108",
            Self::BadName(_) | Self::BadComponent(_) => "R109",
            Self::BadLimit(_) => "R110",
            Self::UnknownRequirement(_) => "R111",
            Self::Empty(_) => "R112",
            Self::TakenName { .. } => "R115",
            Self::WeightsZeroed(_) => "R116",
            Self::BadPattern { .. } => "R113",
            Self::Setting(_) => "R114",
            Self::UnknownRecordField { .. } => "R201",
            Self::UnknownParam(_) => "R202",
            Self::UnknownFunction(_) => "R203",
            Self::HookArity { .. } => "R204",
            Self::Unguarded { .. } => "R205",
            Self::UnknownVariable(_) => "R206",
            Self::Forbidden(_) => "R207",
            Self::WrongResult { .. } => "R208",
            Self::NoHook => "R209",
            Self::TopLevel => "R210",
            Self::Arity { .. } => "R211",
            Self::Operands(_) => "R212",
            Self::Condition(_) => "R213",
            Self::Argument { .. } => "R214",
            Self::ResultMap { .. } => "R215",
            Self::AssignsConstant(_) => "R216",
            Self::Nothing(_) => "R217",
            Self::AlwaysFails(_) => "R218",
            Self::NoSuchProperty { .. } => "R219",
            Self::Unlisted => "R301",
            Self::UnusedParam(_) => "R302",
            Self::UnknownHardwareType(_) => "R303",
            Self::UnusedFunction(_) => "R304",
            Self::UnreachableBranch(_) => "R305",
            Self::NeverFires(_) => "R306",
            Self::Shadowed(_) | Self::ShadowedResult { .. } => "R307",
            Self::Dynamic(_) => "R308",
            Self::FactorOfZero { .. } => "R309",
            Self::NoWeightLeft(_) => "R310",
            Self::IdleRequirement { .. } => "R311",
            Self::UnfamiliarTask(_) => "R312",
            Self::Repeated { .. } => "R313",
            Self::UnusedConstant(_) => "R314",
            Self::IdleScripts(_) => "R315",
            Self::UnknownValue { .. } => "R316",
        }
    }

    /// How much it weighs.
    #[must_use]
    pub fn level(&self) -> Level {
        match self {
            Self::Dynamic(_) => Level::Note,
            _ if self.code().starts_with("R3") => Level::Warning,
            _ => Level::Error,
        }
    }

    /// Whether it does not keep the rule set from loading: a warning or a note.
    #[must_use]
    pub fn is_warning(&self) -> bool {
        self.level() != Level::Error
    }
}
