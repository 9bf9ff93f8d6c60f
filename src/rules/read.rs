//! Reads the text of a script, and goes on after what stops the parser, so that the other checks see the rest of it.
//!
//! An unknown variable stops a strict parser: the text is then read without that, and each is found in the syntax tree. Where
//! the syntax is at fault, the parts of the script that can be read on their own are kept, and a stand-in for each function
//! that cannot, so that those that call it are not at fault too.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use rhai::{AST, Engine, ParseError, ParseErrorType, Position, Scope};

use super::error::RuleErrorKind;
use super::faults::Faults;
use super::parts::{Part, parts, words};
use super::script::Context;
use super::source::Source;
use super::text::{blank, span};
use super::unknown;

/// How often a text is read anew after a fault.
const MOST_READINGS: usize = 50;
/// Bytes of a script that is read anew.
const LONGEST: usize = 200_000;
/// What some editors put before a text.
const MARK: char = '\u{feff}';
/// Words of the language that rules may not use.
const LEFT_OUT: [&str; 4] = ["eval", "import", "export", "curry"];

/// What could be read of a script.
pub(super) struct Reading {
    /// The syntax tree of the parts that could be read; functions that could not are there without their bodies.
    pub(super) ast: AST,
    /// The words of the parts that could not be read: what is declared and used there is not known.
    pub(super) unread: BTreeSet<String>,
    /// Names of variables that are not there.
    pub(super) unknown: BTreeSet<String>,
    /// Where a name stands for another, of which what is wrong has been told.
    pub(super) renamed: BTreeSet<Position>,
}

/// Reads a script; `None` when nothing can be made of it, with the reason among the faults.
pub(super) fn read(context: &Context<'_>, engine: &mut Engine, faults: &mut Faults) -> Option<Reading> {
    let mut scope = Scope::new();
    scope.push_constant("params", ());
    let strict = match engine.compile_with_scope(&scope, &context.file.text) {
        Ok(ast) => return Some(Reading { ast, unread: BTreeSet::new(), unknown: BTreeSet::new(), renamed: BTreeSet::new() }),
        Err(error) => error,
    };
    engine.set_strict_variables(false);
    let reading = Work { context, engine, scope: &scope, renamed: BTreeSet::new(), faults }.loosely(&strict);
    engine.set_strict_variables(true);
    reading
}

/// A script that a strict parser refuses.
struct Work<'a, 'c> {
    context: &'a Context<'c>,
    /// An engine that lets unknown variables pass.
    engine: &'a mut Engine,
    scope: &'a Scope<'static>,
    /// Where a name was taken for another so that reading could go on: what is wrong there has been told.
    renamed: BTreeSet<Position>,
    faults: &'a mut Faults,
}

impl Work<'_, '_> {
    fn loosely(mut self, strict: &ParseError) -> Option<Reading> {
        let file = self.context.file;
        let mut text = file.text.clone();
        if text.len() > LONGEST {
            self.fault(strict);
            return None;
        }
        if text.starts_with(MARK) {
            let what = "the file begins with a byte order mark (three bytes that no editor shows)";
            self.faults.add(file, 0..MARK.len_utf8(), RuleErrorKind::Script(what.to_owned())).help =
                Some("save it as UTF-8 without BOM".to_owned());
            text.replace_range(..MARK.len_utf8(), " ");
            self.renamed.insert(strict.position());
        }
        let mut left_out = BTreeSet::new();
        for _ in 0..MOST_READINGS {
            let error = match self.parse(&text) {
                Ok(ast) => return Some(self.reading(ast, left_out, Some(strict))),
                Err(error) => error,
            };
            self.fault(&error);
            if let Some(import) = import(&text, &error) {
                // What it brings in is known by these names.
                left_out.extend(words(&text[import.clone()]).map(str::to_owned));
                let blanks: String = text[import.clone()].chars().map(|c| if c == '\n' { c } else { ' ' }).collect();
                text.replace_range(import, &blanks);
            } else {
                match renamed(&text, &error) {
                    Some(changed) => text = changed,
                    None => return self.in_parts(&text),
                }
            }
            self.renamed.insert(error.position());
        }
        None
    }

    fn parse(&self, text: &str) -> Result<AST, ParseError> {
        self.engine.compile_with_scope(self.scope, text)
    }

    fn fault(&mut self, error: &ParseError) {
        fault(self.context.file, error, self.faults);
    }

    /// The syntax tree with the unknown variables in it. `strict`: the fault that a strict parser stops at.
    fn reading(&mut self, ast: AST, unread: BTreeSet<String>, strict: Option<&ParseError>) -> Reading {
        let mut reading = Reading { ast, unread, unknown: BTreeSet::new(), renamed: self.renamed.clone() };
        let told = unknown::report(self.context, &mut reading, self.faults);
        if let Some(strict) = strict
            && !told.contains(&strict.position())
        {
            self.fault(strict);
        }
        reading
    }

    /// Reads each part of a script by itself. The first fault has been told.
    fn in_parts(&mut self, text: &str) -> Option<Reading> {
        let mut parts = parts(text)?;
        if parts.len() > MOST_READINGS {
            return None;
        }
        // Functions that are left out because of what follows them, and parts that cannot be read.
        let mut left_out = vec![false; parts.len()];
        let mut first = true;
        for at in 0..parts.len() {
            let part = parts[at].clone();
            let alone = alone(text, &part.span);
            let Err(error) = self.parse(&alone) else { continue };
            left_out[at] = true;
            // A brace too many may be one that ends the function before it too early.
            if !part.function && !part.closed && at > 0 {
                left_out[at - 1] = true;
            }
            if part.function {
                self.unknown_before(&alone);
                // The fault of the whole is that of the first part which has one.
                if !first {
                    self.fault(&error);
                }
            }
            first = false;
        }
        let mut stands = String::new();
        for _ in 0..=parts.len() {
            let rest = without(text, &parts, &left_out);
            let unread = parts.iter().zip(&left_out).filter(|(_, out)| **out).flat_map(|(part, _)| words(&text[part.span.clone()]));
            let unread = unread.map(str::to_owned).collect();
            if stands.is_empty() {
                let functions = parts.iter().zip(&left_out).filter(|(part, out)| **out && part.function);
                stands = functions.filter_map(|(part, _)| self.stand_in(&text[part.span.clone()])).collect();
            }
            let error = match self.parse(&format!("{rest}{stands}")) {
                Ok(ast) => return Some(self.reading(ast, unread, None)),
                Err(error) => error,
            };
            // Two functions of one name: the second is told, and left out.
            if !matches!(error.err_type(), ParseErrorType::FnDuplicatedDefinition(..)) {
                return None;
            }
            let place = span(&Source::new("", text, 0), error.position()).start;
            let at = parts.iter().position(|part| part.function && part.span.contains(&place)).filter(|at| !left_out[*at])?;
            self.fault(&error);
            left_out[at] = true;
            parts[at].function = false;
        }
        None
    }

    /// Tells the unknown variables that stand before what stops the parser.
    fn unknown_before(&mut self, text: &str) {
        self.engine.set_strict_variables(true);
        let mut scope = self.scope.clone();
        for _ in 0..MOST_READINGS {
            let Err(error) = self.engine.compile_with_scope(&scope, text) else { break };
            let ParseErrorType::VariableUndefined(name) = error.err_type() else { break };
            unknown::variable(self.context, name, error.position(), self.faults);
            scope.push(name.as_str(), ());
        }
        self.engine.set_strict_variables(false);
    }

    /// A function with the name and the parameters of one that cannot be read, of which nothing else is known.
    fn stand_in(&self, function: &str) -> Option<String> {
        let head = &function[..=blank(function, ' ').find(')')?];
        let stand_in = format!("\n{head} {{ throw 0 }}");
        self.parse(&stand_in).is_ok().then_some(stand_in)
    }
}

/// A part of a text in the place where it stands, with nothing before and after it.
fn alone(text: &str, part: &Range<usize>) -> String {
    let before = &text[..part.start];
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let mut alone = "\n".repeat(before.matches('\n').count());
    alone.extend(before[line..].chars().map(|_| ' '));
    alone.push_str(&text[part.clone()]);
    alone
}

/// The text with blanks for some of its parts.
fn without(text: &str, parts: &[Part], left_out: &[bool]) -> String {
    let mut rest = String::with_capacity(text.len());
    let mut from = 0;
    for (part, _) in parts.iter().zip(left_out).filter(|(_, out)| **out) {
        rest.push_str(&text[from..part.span.start]);
        rest.extend(text[part.span.clone()].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        from = part.span.end;
    }
    rest.push_str(&text[from..]);
    rest
}

/// The `import` statement that stops the parser, with its semicolon.
fn import(text: &str, error: &ParseError) -> Option<Range<usize>> {
    let place = Source::new("", text, 0).byte(error.position().line()?, error.position().position()?);
    words(text.get(place..)?).next().filter(|word| *word == "import" && text[place..].starts_with(word))?;
    let end = blank(&text[place..], '_').find([';', '}', '{'])?;
    (text.as_bytes().get(place + end) == Some(&b';')).then_some(place..place + end + 1)
}

/// The text with another name, one that is not there, for a constant that is assigned to, or for a function that the language
/// has and rules do not; `None` for any other fault.
fn renamed(text: &str, error: &ParseError) -> Option<String> {
    let place = Source::new("", text, 0).byte(error.position().line()?, error.position().position()?);
    let rest = text.get(place..)?;
    let name = match error.err_type() {
        ParseErrorType::AssignmentToConstant(name) => name.as_str(),
        _ => words(rest).next().filter(|word| LEFT_OUT.contains(word))?,
    };
    let rest = rest.strip_prefix(name).filter(|_| !name.is_empty())?;
    let called = rest.trim_start().starts_with('(');
    if !called && !matches!(error.err_type(), ParseErrorType::AssignmentToConstant(_)) {
        return None;
    }
    let taken: BTreeSet<&str> = words(text).collect();
    let mut names = ('a'..='z').chain('A'..='Z').map(|letter| letter.to_string().repeat(name.chars().count()));
    let other = names.find(|other| !taken.contains(other.as_str()))?;
    Some(format!("{}{other}{rest}", &text[..place]))
}

/// Adds what stopped the parser.
fn fault(file: &Arc<Source>, error: &ParseError, faults: &mut Faults) {
    let span = span(file, error.position());
    match error.err_type() {
        ParseErrorType::AssignmentToConstant(name) => {
            let name = if name.is_empty() { file.text.get(span.clone()).unwrap_or("this") } else { name };
            faults.add(file, span, RuleErrorKind::AssignsConstant(name.to_owned()));
        }
        ParseErrorType::Reserved(name) if LEFT_OUT.contains(&name.as_str()) => {
            faults.add(file, span, RuleErrorKind::Forbidden(format!("`{name}`")));
        }
        ParseErrorType::BadInput(error) if LEFT_OUT.iter().any(|word| error.to_string().contains(word)) => {
            faults.add(file, span.clone(), RuleErrorKind::Forbidden(format!("`{}`", file.text.get(span).unwrap_or("this"))));
        }
        ParseErrorType::VariableUndefined(name) => {
            faults.add(file, span, RuleErrorKind::UnknownVariable(name.clone()));
        }
        kind => {
            let text = kind.to_string();
            let mut letters = text.chars();
            let lower = letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or(text.clone());
            faults.add(file, span, RuleErrorKind::Script(lower.replace('\'', "`")));
        }
    }
}

/// The byte at a position, to put things into the order of the text.
pub(super) fn byte(file: &Source, position: Position) -> usize {
    span(file, position).start
}
