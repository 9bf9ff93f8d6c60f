//! Runs one hook: its result with the line that it came from, or what went wrong with its place.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rhai::{Dynamic, EvalAltResult, Position, Scope};

use super::engine::{self, MAX_ARRAY, MAX_CALL_LEVELS, MAX_MAP, MAX_OPERATIONS, MAX_STRING, MAX_TIME, MAX_VARIABLES};
use super::operators::describe;
use super::script::{Hook, Script};
use super::source::Source;

/// Why a hook did not come to a result.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    /// What went wrong.
    pub(crate) message: String,
    /// Line and column, from 1.
    pub(crate) place: (usize, usize),
    /// Whether a limit of the sandbox ended it.
    pub(crate) limit: bool,
}

/// Runs a hook on its arguments: the result, and the line of the result taken.
pub(crate) fn run(script: &Script, hook: &Hook, arguments: [(&'static str, Dynamic); 3]) -> Result<(Dynamic, usize), Failure> {
    let mut scope = Scope::new();
    for (name, value) in arguments {
        if !name.is_empty() {
            scope.push_dynamic(name, value);
        }
    }
    engine::begin(hook.line);
    let outcome = catch_unwind(AssertUnwindSafe(|| script.engine.eval_ast_with_scope::<Dynamic>(&mut scope, &hook.ast)));
    match outcome {
        Ok(Ok(value)) => Ok((value, engine::marked())),
        Ok(Err(error)) => Err(failure(&error, hook.line)),
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
            let message = format!("the script engine broke down: {}", text.unwrap_or_default());
            Err(Failure { message, place: (engine::marked(), 1), limit: false })
        }
    }
}

/// A failure of the result taken on a line.
pub(crate) fn failure_at(file: &Source, line: usize, message: String) -> Failure {
    let text = file.text.lines().nth(line.saturating_sub(1)).unwrap_or("");
    let column = text.chars().take_while(|c| c.is_whitespace()).count() + 1;
    Failure { message, place: (line, column), limit: false }
}

fn failure(error: &EvalAltResult, hook_line: usize) -> Failure {
    let inner = error.unwrap_inner();
    let positions = [inner.position(), error.position()];
    let position = positions.into_iter().find(|position| position.line().is_some()).unwrap_or(Position::NONE);
    let place = (position.line().unwrap_or(hook_line), position.position().unwrap_or(1));
    let (message, limit) = words(inner);
    Failure { message, place, limit }
}

/// The error without its place, and whether it is a limit of the sandbox.
pub(crate) fn words(error: &EvalAltResult) -> (String, bool) {
    use EvalAltResult as E;
    let limit = |text: String| (text, true);
    match error {
        E::ErrorTooManyOperations(_) => limit(format!("more than {MAX_OPERATIONS} operations")),
        E::ErrorTooManyVariables(_) => limit(format!("more than {MAX_VARIABLES} variables")),
        E::ErrorStackOverflow(_) => limit(format!("more than {MAX_CALL_LEVELS} calls within each other")),
        E::ErrorTooManyModules(_) => limit("imports".to_owned()),
        E::ErrorDataTooLarge(what, _) => limit(too_large(&what.to_lowercase())),
        E::ErrorTerminated(..) => limit(format!("more than {} seconds", MAX_TIME.as_secs())),
        E::ErrorArithmetic(text, _) => (text.clone(), false),
        E::ErrorRuntime(value, _) => (format!("the script threw {}", describe(value)), false),
        E::ErrorMismatchDataType(expected, found, _) => (format!("expected {}, found {}", type_words(expected), type_words(found)), false),
        E::ErrorFunctionNotFound(signature, _) => (format!("no function `{}`", signature_words(signature)), false),
        E::ErrorDotExpr(text, _) => (lower(text), false),
        other => {
            let text = other.to_string();
            let text = text.rsplit_once(" (line ").map_or(text.as_str(), |(text, _)| text);
            (lower(text), false)
        }
    }
}

fn too_large(what: &str) -> String {
    if what.contains("string") {
        format!("a text of more than {MAX_STRING} characters")
    } else if what.contains("map") {
        format!("a map of more than {MAX_MAP} entries")
    } else {
        format!("a list of more than {MAX_ARRAY} items")
    }
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

fn signature_words(signature: &str) -> String {
    signature.replace("i64", "integer").replace("f64", "number").replace("()", "missing value").replace("&str | ImmutableString | ", "")
}

/// The engine's name of a type, in the words of the rules.
pub(crate) fn type_words(name: &str) -> String {
    match name {
        "()" => "a missing value".to_owned(),
        "i64" => "an integer".to_owned(),
        "f64" => "a number".to_owned(),
        "bool" => "a truth value".to_owned(),
        "string" => "a text".to_owned(),
        "map" => "a map".to_owned(),
        "array" => "a list".to_owned(),
        other => format!("a `{other}`"),
    }
}
