//! What can be wrong with a rule set: the kinds, each with a stable code and a level.

use thiserror::Error;

/// What is wrong with a rule set, without where. Codes are stable: never reuse one.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum RuleErrorKind {
    /// R001: not TOML.
    #[error("{0}")]
    Toml(String),
    /// R002: not a script.
    #[error("{0}")]
    Script(String),
    /// R003: a file of the set is not there.
    #[error("{0} is missing")]
    MissingFile(String),
    /// R004: a file of the set cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// R005: a key that means nothing here.
    #[error("unknown key `{key}` in {place}")]
    UnknownKey {
        /// The key as written.
        key: String,
        /// Where it stands, in words.
        place: String,
    },
    /// R006: a key that must be there is not.
    #[error("{place} has no `{key}`")]
    MissingKey {
        /// The key.
        key: String,
        /// Where it should stand, in words.
        place: String,
    },
    /// R007: a value of another type than expected.
    #[error("`{key}` is {found}, expected {expected}")]
    WrongType {
        /// The key.
        key: String,
        /// What was found.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// R008: a name given twice.
    #[error("{what} `{name}` is listed twice")]
    Duplicate {
        /// What the name is of.
        what: String,
        /// The name.
        name: String,
    },
    /// R101: a weight or factor that is not a finite number of at least 0.
    #[error("weight of `{name}` is {value}, expected a finite number of at least 0")]
    WeightRange {
        /// The component.
        name: String,
        /// The value.
        value: f64,
    },
    /// R102: no weight is above 0.
    #[error("every component has weight 0, expected at least one above 0")]
    WeightsAllZero,
    /// R103: not a metric.
    #[error("unknown metric `{0}`")]
    UnknownMetric(String),
    /// R104: not a field of that role.
    #[error("unknown {role} field `{name}`")]
    UnknownField {
        /// `workload` or `point`.
        role: String,
        /// The name.
        name: String,
    },
    /// R105: not a declared component.
    #[error("unknown component `{0}`")]
    UnknownComponent(String),
    /// R106: not a declared task.
    #[error("unknown task `{0}`")]
    UnknownTask(String),
    /// R107: a word that is not among the choices.
    #[error("`{key}` is `{found}`, expected {expected}")]
    UnknownChoice {
        /// The key.
        key: String,
        /// The word found.
        found: String,
        /// The choices.
        expected: String,
    },
    /// R108: a number out of its range.
    #[error("`{key}` is {value}, expected {expected}")]
    OutOfRange {
        /// The key.
        key: String,
        /// The value.
        value: f64,
        /// The range, in words.
        expected: String,
    },
    /// R109: a name with letters that names may not have.
    #[error("`{0}` is not a name: expected lower case letters, digits, `_` or `-`, beginning with a letter")]
    BadName(String),
    /// R110: not a limit.
    #[error("{0}")]
    BadLimit(String),
    /// R111: not a declared requirement.
    #[error("unknown requirement `{0}`")]
    UnknownRequirement(String),
    /// R112: an empty list where there must be something.
    #[error("`{0}` is empty, expected at least one")]
    Empty(String),
    /// R109: a component's name with letters that it may not have.
    #[error("`{0}` cannot be the name of a component: expected lower case letters, digits or `_`, beginning with a letter")]
    BadComponent(String),
    /// R115: a name that means something else in what is printed.
    #[error("`{name}` cannot be the name of a {what}: {means}")]
    TakenName {
        /// The name.
        name: String,
        /// What was to be named.
        what: String,
        /// What it means already.
        means: String,
    },
    /// R116: factors or weights that leave nothing to compare by.
    #[error("{0}, so that nothing could be compared")]
    WeightsZeroed(String),
    /// R113: not a regular expression.
    #[error("`{pattern}` is no regular expression: {why}")]
    BadPattern {
        /// The text.
        pattern: String,
        /// What is wrong with it.
        why: String,
    },
    /// R114: a settings file (suitor.toml, aliases.toml, import/*.toml) that says what cannot be.
    #[error("{0}")]
    Setting(String),
    /// R201: not a field of the record.
    #[error("unknown field `{name}` of {record}")]
    UnknownRecordField {
        /// The record: pair, request or weights.
        record: String,
        /// The name.
        name: String,
    },
    /// R202: not a parameter of the rule.
    #[error("unknown parameter `{0}`")]
    UnknownParam(String),
    /// R203: not a function of the language or of the script.
    #[error("unknown function `{0}`")]
    UnknownFunction(String),
    /// R204: a hook with the wrong number of parameters.
    #[error("hook `{name}` takes {found}, expected `fn {expected}`")]
    HookArity {
        /// The hook.
        name: String,
        /// The number found, in words.
        found: String,
        /// The right signature.
        expected: String,
    },
    /// R205: a field that may be missing is used before it is known to be there.
    #[error("`{path}` may be missing and is {used} without a guard")]
    Unguarded {
        /// The field.
        path: String,
        /// How it is used.
        used: String,
    },
    /// R206: not a variable.
    #[error("unknown variable `{0}`")]
    UnknownVariable(String),
    /// R207: something that rules may not do.
    #[error("{0} is not allowed in a rule")]
    Forbidden(String),
    /// R208: a hook whose result can never be what it must be.
    #[error("hook `{hook}` returns {found}, expected {expected}")]
    WrongResult {
        /// The hook.
        hook: String,
        /// What it returns.
        found: String,
        /// What it must return.
        expected: String,
    },
    /// R209: a script without any hook.
    #[error("the script has no hook, expected at least one of `weigh`, `exclude`, `adjust`")]
    NoHook,
    /// R210: statements outside of functions.
    #[error("a statement outside of a function has no effect, expected only `fn` and `const`")]
    TopLevel,
    /// R211: a function of the language with the wrong number of arguments.
    #[error("function `{name}` is given {found}, expected {expected}")]
    Arity {
        /// The function.
        name: String,
        /// The number found, in words.
        found: String,
        /// The numbers that it takes, in words.
        expected: String,
    },
    /// R212: an operator between values that it cannot be applied to.
    #[error("cannot {0}")]
    Operands(String),
    /// R213: a condition that is no truth value.
    #[error("the condition is {0}, expected true or false")]
    Condition(String),
    /// R214: an argument that the function cannot be given.
    #[error("`{name}` is given {given}, {expected}")]
    Argument {
        /// The function.
        name: String,
        /// The types given, in words.
        given: String,
        /// What it takes, or why it cannot be.
        expected: String,
    },
    /// R215: a map that is no result of the hook.
    #[error("hook `{hook}` returns a map {found}, expected {expected}")]
    ResultMap {
        /// The hook.
        hook: String,
        /// What is wrong with the map.
        found: String,
        /// What it must return.
        expected: String,
    },
    /// R216: a constant is assigned to.
    #[error("`{0}` is a constant: it cannot be changed")]
    AssignsConstant(String),
    /// R217: the missing value itself is used.
    #[error("a missing value is {0}")]
    Nothing(String),
    /// R218: an expression of known values that can only fail.
    #[error("this always fails: {0}")]
    AlwaysFails(String),
    /// R219: a property of a value that has none of that name.
    #[error("{of} has no `{name}`")]
    NoSuchProperty {
        /// The type of the value, in words.
        of: String,
        /// The property.
        name: String,
    },
    /// R301 (warning): a script that rules.toml does not list.
    #[error("script is not listed in rules.toml, so it does nothing")]
    Unlisted,
    /// R302 (warning): a parameter that the script does not read.
    #[error("parameter `{0}` is not used by the script")]
    UnusedParam(String),
    /// R303 (warning): a hardware type that no data is known to have.
    #[error("hardware type `{0}` is not one that Suitor knows of")]
    UnknownHardwareType(String),
    /// R304 (warning): a function that looks like a hook.
    #[error("function `{0}` is never called and is no hook")]
    UnusedFunction(String),
    /// R305 (warning): a branch that no row can take, and why.
    #[error("this branch is never taken: {0}")]
    UnreachableBranch(String),
    /// R306 (warning): a rule that has no effect on any row, and why.
    #[error("the rule can never fire: {0}")]
    NeverFires(String),
    /// R307 (warning): a rule of which every row is taken out by an earlier `exclude`: that rule.
    #[error("the rule is shadowed: `{0}` excludes every pair that it would act on")]
    Shadowed(String),
    /// R307 (warning): what `adjust` would do to pairs that `exclude` of the same script takes out.
    #[error("{what}: `exclude` of this script takes out every pair that {which}")]
    ShadowedResult {
        /// What has no effect, in words.
        what: String,
        /// Which pairs it would have one on, in words.
        which: String,
    },
    /// R308 (note, never an error): a script that the check cannot follow everywhere, and the reason.
    #[error("the script is dynamic: {0}")]
    Dynamic(String),
    /// R309 (warning): a factor of a component whose weight is 0.
    #[error("the factor {factor} of `{name}` changes nothing: its weight is 0")]
    FactorOfZero {
        /// The component.
        name: String,
        /// The factor.
        factor: f64,
    },
    /// R310 (warning): factors that leave no weight above 0.
    #[error("{0} leaves no component with a weight above 0")]
    NoWeightLeft(String),
    /// R311 (warning): a requirement that changes no order, and why.
    #[error("requirement `{name}` cannot change the order: {why}")]
    IdleRequirement {
        /// The requirement.
        name: String,
        /// Why.
        why: String,
    },
    /// R312 (warning): a task with a name very like that of a known one.
    #[error("task `{0}` is not one that data is known to have")]
    UnfamiliarTask(String),
    /// R313 (warning): a word given twice where once is enough.
    #[error("{what} `{name}` is given twice")]
    Repeated {
        /// What it is.
        what: String,
        /// The word.
        name: String,
    },
    /// R314 (warning): a constant that the script does not read.
    #[error("constant `{0}` is never read")]
    UnusedConstant(String),
    /// R316 (warning): a text that a field is never known to have.
    #[error("unknown value `{value}` of `{path}`")]
    UnknownValue {
        /// The field, with its record.
        path: String,
        /// The text.
        value: String,
    },
    /// R315 (warning): scripts on disk beside the shipped rule set.
    #[error("the scripts in `{0}` have no effect: the shipped rule set is in force")]
    IdleScripts(String),
}
