//! Runs one hook: its result with the line that it came from, or what went wrong with its place.

use rhai::{Dynamic, EvalAltResult, Position, Scope};

use super::contain::contained;
use super::engine;
use super::limits::Limits;
use super::operators::describe;
use super::script::{Hook, Script};
use super::source::Source;
use super::stack::{shallow, with_room};

/// Why a hook did not come to a result.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    /// What went wrong.
    pub(crate) message: String,
    /// Line and column, from 1.
    pub(crate) place: (usize, usize),
    /// What kind of failure it is.
    pub(crate) cause: Cause,
}

impl Failure {
    /// Whether the command fails with it, instead of leaving out the pair.
    pub(crate) fn ends_command(&self, strict: bool) -> bool {
        strict || self.cause != Cause::Script
    }
}

/// What ended a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The script: this pair has no score.
    Script,
    /// A limit of the sandbox: the command fails, because the result would hang on the limit.
    Limit,
    /// The engine broke down: the command fails, because nothing that it says can be relied on.
    Breakdown,
}

/// Runs a hook on its arguments: the result, and the line of the result taken.
pub(crate) fn run(script: &Script, hook: &Hook, arguments: [(&'static str, Dynamic); 3]) -> Result<(Dynamic, usize), Failure> {
    let mut scope = Scope::new();
    for (name, value) in arguments {
        if !name.is_empty() {
            scope.push_dynamic(name, value);
        }
    }
    // Whatever the script made is let go of where there is room for it; the line of the result is noted there too.
    let outcome = with_room(script.room, move || {
        let mut scope = scope;
        engine::begin(hook.line);
        match contained(|| script.engine.eval_ast_with_scope::<Dynamic>(&mut scope, &hook.ast).map(shallow)) {
            Ok(Ok(value)) => Ok((value, engine::marked())),
            Ok(Err(error)) => Err(failure(&error, hook.line, &script.limits)),
            Err(text) => Err(broken(&text, engine::marked())),
        }
    });
    outcome.unwrap_or_else(|text| Err(broken(&text, hook.line)))
}

fn broken(text: &str, line: usize) -> Failure {
    Failure { message: format!("the script engine broke down: {text}"), place: (line, 1), cause: Cause::Breakdown }
}

/// A failure of the result taken on a line.
pub(crate) fn failure_at(file: &Source, line: usize, message: String) -> Failure {
    let text = file.text.lines().nth(line.saturating_sub(1)).unwrap_or("");
    let column = text.chars().take_while(|c| c.is_whitespace()).count() + 1;
    Failure { message, place: (line, column), cause: Cause::Script }
}

fn failure(error: &EvalAltResult, hook_line: usize, limits: &Limits) -> Failure {
    let inner = error.unwrap_inner();
    let positions = [inner.position(), error.position()];
    let position = positions.into_iter().find(|position| position.line().is_some()).unwrap_or(Position::NONE);
    let place = (position.line().unwrap_or(hook_line), position.position().unwrap_or(1));
    let (message, cause) = words(inner, limits);
    Failure { message, place, cause }
}

/// The error without its place, and what kind of failure it is.
pub(crate) fn words(error: &EvalAltResult, limits: &Limits) -> (String, Cause) {
    use EvalAltResult as E;
    let limit = |what: String, key: &str| (format!("more than {what} (`{key}` in [sandbox] of suitor.toml)"), Cause::Limit);
    let text = match error {
        E::ErrorTooManyOperations(_) => return limit(format!("{} operations", limits.operations), "operations"),
        E::ErrorTooManyVariables(_) => return limit(format!("{} variables", limits.variables), "variables"),
        E::ErrorStackOverflow(_) => return limit(format!("{} calls within each other", limits.call_levels), "call_levels"),
        E::ErrorTerminated(..) => return limit(format!("{} seconds", limits.seconds), "seconds"),
        E::ErrorTooManyModules(_) => return ("imports".to_owned(), Cause::Limit),
        E::ErrorDataTooLarge(what, _) if what.to_lowercase().contains("string") => {
            return limit(format!("{} characters in a text, or in all texts of a list or map", limits.string), "string");
        }
        E::ErrorDataTooLarge(what, _) if what.to_lowercase().contains("map") => {
            return limit(format!("{} entries in a map", limits.map), "map");
        }
        E::ErrorDataTooLarge(..) => return limit(format!("{} items in a list", limits.list), "list"),
        E::ErrorArithmetic(text, _) => text.clone(),
        E::ErrorRuntime(value, _) => format!("the script threw {}", describe(value)),
        E::ErrorMismatchDataType(expected, found, _) => format!("expected {}, found {}", type_words(expected), type_words(found)),
        E::ErrorFunctionNotFound(signature, _) => format!("no function `{}`", signature_words(signature)),
        E::ErrorDotExpr(text, _) => lower(text),
        other => {
            let text = other.to_string();
            lower(text.rsplit_once(" (line ").map_or(text.as_str(), |(text, _)| text))
        }
    };
    (text, Cause::Script)
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
