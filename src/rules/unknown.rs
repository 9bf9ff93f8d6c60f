//! Variables that are not there: found in the syntax tree, each named with what was probably meant.

use std::collections::BTreeSet;

use rhai::{AST, ASTNode, Expr, Module, Position, Stmt};

use super::error::RuleErrorKind;
use super::faults::Faults;
use super::fields;
use super::read::{Reading, byte};
use super::script::{Context, Function, functions};
use super::text::{blank, span};

/// Names that only hooks are given.
const GIVEN: [&str; 4] = ["pair", "request", "score", "weights"];
/// Names that a message lists.
const MOST_LISTED: usize = 12;

/// Reports every unknown variable, and every unknown module, of a script that was read without looking for them; where.
pub(super) fn report(context: &Context<'_>, reading: &mut Reading, faults: &mut Faults) -> BTreeSet<Position> {
    let functions = functions(context.file, &reading.ast);
    let mut told = BTreeSet::new();
    let mut names = BTreeSet::new();
    let mut look = |statements: &[Stmt], function: Option<&Function>| {
        AST::new(statements.to_vec(), Module::new()).walk(&mut |path| {
            let Some((name, position, module)) = unresolved(path) else { return true };
            let here = byte(context.file, position);
            // A function is known by its name after its end.
            let before =
                |other: &Function| other.name == name && other.span.start < here && function.is_none_or(|own| own.span != other.span);
            if !module && (name == "params" || functions.iter().any(before)) || !told.insert(position) {
                return true;
            }
            if module {
                unknown_module(context, name, position, faults);
            } else {
                names.insert(name.to_owned());
                variable(context, name, position, function, faults);
            }
            true
        });
    };
    look(reading.ast.statements(), None);
    // The variables of an anonymous function are those around it, and seen there.
    for function in functions.iter().filter(|function| !function.name.contains('$')) {
        look(&function.body, Some(function));
    }
    reading.unknown.extend(names);
    told
}

/// The name that the end of a path reads without there being such a variable or module (`true`).
fn unresolved<'a>(path: &'a [ASTNode<'_>]) -> Option<(&'a str, Position, bool)> {
    match path.last()? {
        ASTNode::Expr(Expr::Variable(variable, _, position)) if variable.2.is_empty() => {
            variable.0.is_none().then(|| (variable.1.as_str(), *position, false))
        }
        ASTNode::Expr(Expr::Variable(variable, ..)) => {
            let root = variable.2.root();
            (root != "global").then(|| (root, variable.2.position(), true))
        }
        ASTNode::Expr(Expr::FnCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _)) if call.is_qualified() => {
            let root = call.namespace.root();
            (root != "global").then(|| (root, call.namespace.position(), true))
        }
        _ => None,
    }
}

fn unknown_module(context: &Context<'_>, name: &str, position: Position, faults: &mut Faults) {
    let record = name == "params" || GIVEN.contains(&name);
    let kind = RuleErrorKind::Script(format!("undefined module: {name}"));
    faults.add(context.file, span(context.file, position), kind).help =
        record.then(|| format!("a field is read with a dot: `{name}.NAME`"));
}

/// Reports one unknown variable of a function; where it stands in none, or in one that cannot be read, of no function.
pub(super) fn variable(context: &Context<'_>, name: &str, position: Position, function: Option<&Function>, faults: &mut Faults) {
    let visible = visible(function);
    let constants = constants(&context.file.text);
    let help = if function.is_some() && constants.contains(&name) {
        Some(format!("functions read a constant as `global::{name}`"))
    } else if context.params.contains_key(name) {
        Some(format!("a parameter of the rule is read as `params.{name}`"))
    } else if GIVEN.contains(&name) {
        Some(format!("only a hook with the parameter `{name}` is given it"))
    } else if visible.contains(&name) {
        Some(format!("`{name}` is known only after the statement that declares it, and within its block"))
    } else {
        field(name, &visible).or_else(|| near(context, name, &visible, &constants))
    };
    let kind = RuleErrorKind::UnknownVariable(name.to_owned());
    faults.add(context.file, span(context.file, position), kind).help = help;
}

/// The names that a function declares, its parameters first; those of hooks where the function is not known.
fn visible(function: Option<&Function>) -> Vec<&str> {
    let Some(function) = function else { return GIVEN.to_vec() };
    let mut names: Vec<&str> = function.params.iter().map(String::as_str).collect();
    for statement in &function.body {
        declared(statement, &mut names);
    }
    names
}

/// The names that a statement declares, anywhere inside.
fn declared<'a>(statement: &'a Stmt, names: &mut Vec<&'a str>) {
    match statement {
        Stmt::Var(parts, ..) => names.push(parts.0.as_str()),
        Stmt::If(flow, _) | Stmt::While(flow, _) | Stmt::Do(flow, ..) | Stmt::TryCatch(flow, _) => {
            for statement in flow.body.statements().iter().chain(flow.branch.statements()) {
                declared(statement, names);
            }
        }
        Stmt::For(parts, _) => {
            names.push(parts.0.as_str());
            names.extend(parts.1.as_ref().map(rhai::Ident::as_str));
            for statement in parts.2.body.statements() {
                declared(statement, names);
            }
        }
        Stmt::Block(block) => block.statements().iter().for_each(|statement| declared(statement, names)),
        _ => {}
    }
}

/// The constants that stand outside of functions, by the text: also where it cannot be parsed.
fn constants(text: &str) -> Vec<&str> {
    let blanked = blank(text, ' ');
    let mut depth = 0_usize;
    let mut found = Vec::new();
    for (at, c) in blanked.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            'c' if depth == 0
                && blanked[at..].starts_with("const ")
                && !blanked[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') =>
            {
                let rest = blanked[at + 6..].trim_start();
                let start = blanked.len() - rest.len();
                let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
                found.extend(text.get(start..start + end).filter(|name| !name.is_empty()));
            }
            _ => {}
        }
    }
    found
}

/// The field of a record in sight that has that name.
fn field(name: &str, visible: &[&str]) -> Option<String> {
    ["pair", "request"].into_iter().filter(|record| visible.contains(record)).find_map(|record| {
        let known = fields::of_record(record)?;
        known.iter().any(|(field, _)| *field == name).then(|| format!("did you mean `{record}.{name}`?"))
    })
}

/// The nearest of what can be read here, or else all of that.
fn near(context: &Context<'_>, name: &str, visible: &[&str], constants: &[&str]) -> Option<String> {
    let mut known: Vec<&str> = visible.to_vec();
    known.push("params");
    let near = crate::error::nearest(name, known.iter().copied());
    if !near.is_empty() {
        return Some(format!("did you mean {}?", near.join(", ")));
    }
    let written: Vec<(&str, String)> = constants
        .iter()
        .map(|name| (*name, format!("`global::{name}`")))
        .chain(context.params.keys().map(|name| (name.as_str(), format!("`params.{name}`"))))
        .collect();
    if let Some(first) = crate::error::nearest(name, written.iter().map(|(name, _)| *name)).first()
        && let Some((_, whole)) = written.iter().find(|(name, _)| format!("`{name}`") == *first)
    {
        return Some(format!("did you mean {whole}?"));
    }
    crate::error::listed(known, MOST_LISTED).map(|names| format!("expected one of {names}"))
}
