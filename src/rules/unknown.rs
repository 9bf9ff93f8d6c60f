//! Variables that are not there: found in the syntax tree, each named with what was probably meant.

use std::collections::{BTreeMap, BTreeSet};

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
/// Names that one is compared with.
const MOST_COMPARED: usize = 200;

/// Reports every unknown variable, and every unknown module, of a script that was read without looking for them; the places of
/// which something has been told.
pub(super) fn report(context: &Context<'_>, reading: &mut Reading, faults: &mut Faults) -> BTreeSet<Position> {
    let mut told = reading.renamed.clone();
    let functions = functions(context.file, &reading.ast);
    let ended: Vec<(usize, &str)> = functions.iter().map(|function| (function.span.start, function.name.as_str())).collect();
    let mut names = BTreeSet::new();
    let mut look = |statements: &[Stmt], function: Option<&Function>| {
        let sight = Sight::of(context, function);
        let mut helps: BTreeMap<String, Option<String>> = BTreeMap::new();
        AST::new(statements.to_vec(), Module::new()).walk(&mut |path| {
            let Some((name, position, module)) = unresolved(path) else { return true };
            // A function is known by its name after its end.
            let start = |own: &Function| own.span.start;
            let before = |(at, other): &(usize, &str)| *other == name && *at < function.map_or_else(|| byte(context.file, position), start);
            if !module && (name == "params" || ended.iter().any(before)) || !told.insert(position) {
                return true;
            }
            // What could not be read may have been to make it known.
            if module && reading.unread.contains(name) {
                return true;
            }
            if module {
                unknown_module(context, name, position, faults);
            } else {
                names.insert(name.to_owned());
                let help = helps.entry(name.to_owned()).or_insert_with(|| sight.help(name)).clone();
                tell(context, name, position, help, faults);
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

fn tell(context: &Context<'_>, name: &str, position: Position, help: Option<String>, faults: &mut Faults) {
    let kind = RuleErrorKind::UnknownVariable(name.to_owned());
    faults.add(context.file, span(context.file, position), kind).help = help;
}

/// Reports one unknown variable of a function that cannot be read.
pub(super) fn variable(context: &Context<'_>, name: &str, position: Position, faults: &mut Faults) {
    tell(context, name, position, Sight::of(context, None).help(name), faults);
}

/// What can be read at a place.
struct Sight<'a> {
    context: &'a Context<'a>,
    function: bool,
    /// The names that the function declares, its parameters first; those of hooks where the function is not known.
    visible: Vec<&'a str>,
    constants: Vec<String>,
}

impl<'a> Sight<'a> {
    fn of(context: &'a Context<'a>, function: Option<&'a Function>) -> Self {
        let mut visible = GIVEN.to_vec();
        if let Some(function) = function {
            visible = function.params.iter().map(String::as_str).collect();
            for statement in &function.body {
                declared(statement, &mut visible);
            }
        }
        Self { context, function: function.is_some(), visible, constants: constants(&context.file.text) }
    }

    /// What was probably meant.
    fn help(&self, name: &str) -> Option<String> {
        if self.function && self.constants.iter().any(|constant| constant == name) {
            Some(format!("functions read a constant as `global::{name}`"))
        } else if self.context.params.contains_key(name) {
            Some(format!("a parameter of the rule is read as `params.{name}`"))
        } else if GIVEN.contains(&name) {
            Some(format!("only a hook with the parameter `{name}` is given it"))
        } else if self.visible.contains(&name) {
            Some(format!("`{name}` is known only after the statement that declares it, and within its block"))
        } else {
            self.field(name).or_else(|| self.near(name))
        }
    }

    /// The field of a record in sight that has that name.
    fn field(&self, name: &str) -> Option<String> {
        ["pair", "request"].into_iter().filter(|record| self.visible.contains(record)).find_map(|record| {
            let known = fields::of_record(record)?;
            known.iter().any(|(field, _)| *field == name).then(|| format!("did you mean `{record}.{name}`?"))
        })
    }

    /// The nearest of what can be read here, or else all of that.
    fn near(&self, name: &str) -> Option<String> {
        let mut known: Vec<&str> = self.visible.iter().copied().take(MOST_COMPARED).collect();
        known.push("params");
        let near = crate::error::nearest(name, known.iter().copied());
        if !near.is_empty() {
            return Some(format!("did you mean {}?", near.join(", ")));
        }
        let constants = self.constants.iter().map(|name| (name.as_str(), format!("`global::{name}`")));
        let params = self.context.params.keys().map(|name| (name.as_str(), format!("`params.{name}`")));
        let written: BTreeMap<&str, String> = constants.take(MOST_COMPARED).chain(params).collect();
        if let Some(first) = crate::error::nearest(name, written.keys().copied()).first()
            && let Some(whole) = written.get(first.trim_matches('`'))
        {
            return Some(format!("did you mean {whole}?"));
        }
        crate::error::listed(known, MOST_LISTED).map(|names| format!("expected one of {names}"))
    }
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
fn constants(text: &str) -> Vec<String> {
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
                found.extend(text.get(start..start + end).filter(|name| !name.is_empty()).map(str::to_owned));
            }
            _ => {}
        }
    }
    found
}
