//! One script: parsed, checked, and its hooks made ready to run.
//!
//! A hook runs as a script of its own on a scope that holds its parameters: faster than a call, and statements that note
//! the line of the result taken can be put into a copy of its body without touching the text.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use rhai::{AST, ASTFlags, ASTNode, Dynamic, Engine, Expr, Module, Scope, Stmt};

use super::check;
use super::contain::contained;
use super::engine;
use super::error::RuleErrorKind;
use super::faults::{Faults, RuleError};
use super::guard;
use super::limits::Limits;
use super::marks::{mark, mark_results};
use super::observe::Observed;
use super::read::{self, Reading};
use super::rule::Param;
use super::run::words;
use super::source::Source;
use super::stack::Room;
use super::text::{blank, definition, span};
use super::types;

/// The hooks with their signatures.
pub(crate) const HOOKS: [(&str, &[&str]); 3] =
    [("weigh", &["weights", "request"]), ("exclude", &["pair", "request"]), ("adjust", &["score", "pair", "request"])];

/// A compiled script.
#[derive(Debug)]
pub(crate) struct Script {
    /// The engine that its hooks run in.
    pub(crate) engine: Engine,
    /// `weigh(weights, request)`
    pub(crate) weigh: Option<Hook>,
    /// `exclude(pair, request)`
    pub(crate) exclude: Option<Hook>,
    /// `adjust(score, pair, request)`
    pub(crate) adjust: Option<Hook>,
    /// Its functions as they are written.
    pub(crate) functions: Vec<Function>,
    /// Its constants.
    pub(crate) constants: Vec<(String, Dynamic)>,
    /// Whether it does what checks cannot follow.
    pub(crate) dynamic: bool,
    /// What its hooks may use up.
    pub(crate) limits: Limits,
    /// How deep they may go.
    pub(crate) room: Room,
    /// What its own check, apart from the rest of the set, said of it; `None` where that is of rules.toml too.
    pub(crate) said: Option<Vec<RuleError>>,
    /// The copy that notes its way, made when it is first asked for; `None` inside where there can be none.
    observed: OnceLock<Option<Observed>>,
}

impl Script {
    /// The hooks that it has, by name.
    pub(crate) fn hooks(&self) -> impl Iterator<Item = (&'static str, &Hook)> {
        let all = [("weigh", &self.weigh), ("exclude", &self.exclude), ("adjust", &self.adjust)];
        all.into_iter().filter_map(|(name, hook)| Some((name, hook.as_ref()?)))
    }

    /// The copy that notes its way.
    pub(crate) fn observed(&self, file: &Source) -> Option<&Observed> {
        self.observed.get_or_init(|| Observed::compile(&self.engine, file)).as_ref()
    }
}

/// One hook, ready to run on a scope that holds its parameters.
#[derive(Debug)]
pub(crate) struct Hook {
    /// The body, with marks, and the functions of the script.
    pub(crate) ast: AST,
    /// The line of its `fn`.
    pub(crate) line: usize,
}

/// One function of a script.
#[derive(Debug)]
pub(crate) struct Function {
    /// Its name.
    pub(crate) name: String,
    /// The names of its parameters.
    pub(crate) params: Vec<String>,
    /// Its statements.
    pub(crate) body: Vec<Stmt>,
    /// The bytes of its name where it is defined.
    pub(crate) span: Range<usize>,
}

/// What the checks know about the rule that a script belongs to.
pub(crate) struct Context<'a> {
    /// The script's file.
    pub(crate) file: &'a Arc<Source>,
    /// rules.toml.
    pub(crate) list: &'a Arc<Source>,
    /// The parameters with the places of their names in rules.toml.
    pub(crate) params: &'a BTreeMap<String, (Param, Range<usize>)>,
    /// Whether the rule may have more parameters: rules.toml could not be read as far as that.
    pub(crate) more_params: bool,
    /// The declared components; empty when scoring.toml could not be read as far as that.
    pub(crate) components: &'a [&'a str],
    /// The declared tasks; `None` when scoring.toml could not be read as far as that.
    pub(crate) tasks: Option<&'a [String]>,
    /// The hardware types that `when` names.
    pub(crate) hardware_types: &'a [String],
    /// What the script may use up.
    pub(crate) limits: Limits,
}

/// Parses and checks a script; `None` when it cannot be run, with the reason among the faults.
pub(crate) fn compile(context: &Context<'_>, faults: &mut Faults) -> Option<Script> {
    match contained(|| compile_here(context, faults)) {
        Ok(script) => script,
        Err(text) => {
            let what = format!("the script engine broke down over this script: {text}");
            faults.add(context.file, 0..0, RuleErrorKind::Script(what));
            None
        }
    }
}

fn compile_here(context: &Context<'_>, faults: &mut Faults) -> Option<Script> {
    let file = context.file;
    let told = faults.count();
    let params: BTreeMap<String, Param> = context.params.iter().map(|(name, (param, _))| (name.clone(), param.clone())).collect();
    let mut engine = engine::engine(&params, &context.limits);
    let reading = read::read(context, &mut engine, faults)?;
    let ast = &reading.ast;
    let constants = top_level(file, ast, faults);
    let functions = functions(file, ast);
    signatures(context, &functions, &reading, faults);
    check::check(context, &engine, &reading, &functions, &constants, faults);
    guard::check(file, ast, &functions, faults);
    let room = Room::of(&functions, &context.limits);
    if let Some((position, why)) = guard::dynamic(ast) {
        faults.add(file, span(file, position), RuleErrorKind::Dynamic(why.to_owned())).help =
            Some("nothing wrong with that: guards are not checked here, and a missing value fails when it is used".to_owned());
    }
    let constants = evaluate_constants(context, &engine, ast, faults);
    types::check(context, ast, &functions, &constants, faults);
    if !constants.is_empty() {
        let mut module = Module::new();
        for (name, value) in &constants {
            module.set_var(name.as_str(), value.clone());
        }
        engine::register_constants(&mut engine, module);
    }
    let hook = |name: &str| {
        let function = functions.iter().find(|function| function.name == name)?;
        let mut body = function.body.clone();
        mark_results(&mut body, true, &|line| mark(&engine, line));
        Some(Hook { ast: AST::new(body, ast.shared_lib().clone()), line: file.line_column(function.span.start).0 })
    };
    let (weigh, exclude, adjust) = (hook("weigh"), hook("exclude"), hook("adjust"));
    Some(Script {
        weigh,
        exclude,
        adjust,
        limits: context.limits,
        room,
        said: faults.since(told, file),
        engine,
        functions,
        constants: constants.into_iter().collect(),
        dynamic: guard::is_dynamic(ast),
        observed: OnceLock::new(),
    })
}

/// The constants of the top level; anything else there is a fault.
fn top_level(file: &Arc<Source>, ast: &AST, faults: &mut Faults) -> Vec<Stmt> {
    let mut constants = Vec::new();
    for statement in ast.statements() {
        match statement {
            Stmt::Noop(_) => {}
            Stmt::Var(_, flags, _) if flags.intersects(ASTFlags::CONSTANT) => constants.push(statement.clone()),
            other => {
                faults.add(file, span(file, other.position()), RuleErrorKind::TopLevel);
            }
        }
    }
    constants
}

/// The values of the constants: those that fail, and those that are made of them, are left out.
fn evaluate_constants(context: &Context<'_>, engine: &Engine, ast: &AST, faults: &mut Faults) -> BTreeMap<String, Dynamic> {
    let mut scope = Scope::new();
    let mut unknown: BTreeSet<String> = BTreeSet::new();
    for statement in ast.statements() {
        let Stmt::Var(parts, flags, _) = statement else { continue };
        let name = parts.0.as_str().to_owned();
        let one = AST::new([statement.clone()], Module::new());
        let constant = flags.intersects(ASTFlags::CONSTANT) && !reads_any(&one, &unknown);
        if constant && evaluated(context, engine, &mut scope, &one, faults) {
            unknown.remove(&name);
        } else {
            // The parser has put down each variable by its distance from the end of the scope: without a place of
            // its own, this one would shift all that follow. One that is defined twice has its place.
            if parts.2.is_none() {
                scope.push_constant(name.as_str(), ());
            }
            unknown.insert(name);
        }
    }
    scope.iter().filter(|(name, ..)| !unknown.contains(*name)).map(|(name, _, value)| (name.to_owned(), value)).collect()
}

/// Puts the constant of one statement into the scope; whether it has a value, with the reason among the faults.
fn evaluated(context: &Context<'_>, engine: &Engine, scope: &mut Scope<'_>, one: &AST, faults: &mut Faults) -> bool {
    engine::begin(0);
    let Err(mut error) = engine.eval_ast_with_scope::<Dynamic>(scope, one) else { return true };
    let place = span(context.file, error.take_position());
    // A name that is not there has been told.
    if !faults.any_error_at(context.file, &place) {
        let (text, _) = words(error.unwrap_inner(), &context.limits);
        faults.add(context.file, place, RuleErrorKind::AlwaysFails(text));
    }
    false
}

/// Whether a statement reads one of these variables.
fn reads_any(statement: &AST, names: &BTreeSet<String>) -> bool {
    let mut found = false;
    statement.walk(&mut |path| {
        if let Some(ASTNode::Expr(Expr::Variable(variable, ..))) = path.last() {
            found |= names.contains(variable.1.as_str());
        }
        !found
    });
    found
}

/// The functions of a script, in the order of the text.
pub(crate) fn functions(file: &Source, ast: &AST) -> Vec<Function> {
    let blanked = blank(&file.text, ' ');
    let mut found: Vec<Function> = ast
        .iter_functions()
        .map(|meta| {
            // `clone_functions_only_filtered` does not filter in this version of the engine.
            let mut only = ast.clone_functions_only();
            only.retain_functions(|_, _, name, count| name == meta.name && count == meta.params.len());
            let mut body = Vec::new();
            only.walk(&mut |path| {
                if let [rhai::ASTNode::Stmt(statement)] = path {
                    body.push((*statement).clone());
                }
                true
            });
            let params = meta.params.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
            let span = definition(&blanked, meta.name, params.len());
            Function { name: meta.name.to_owned(), params, body, span }
        })
        .collect();
    found.sort_by_key(|function| function.span.start);
    found
}

/// Reports hooks with other parameters than theirs, and scripts without any hook.
fn signatures(context: &Context<'_>, functions: &[Function], reading: &Reading, faults: &mut Faults) {
    let hooks: Vec<&str> = HOOKS.iter().map(|(name, _)| *name).collect();
    for function in functions {
        let Some((name, params)) = HOOKS.iter().find(|(name, _)| *name == function.name) else { continue };
        if function.params.iter().map(String::as_str).ne(params.iter().copied()) {
            let found = match function.params.as_slice() {
                [] => "no parameter".to_owned(),
                params => format!("`({})`", params.join(", ")),
            };
            let kind = RuleErrorKind::HookArity { name: (*name).to_owned(), found, expected: format!("{name}({})", params.join(", ")) };
            faults.add(context.file, function.span.clone(), kind);
        }
        if *name == "weigh" && !context.hardware_types.is_empty() {
            let kind = RuleErrorKind::Forbidden("`weigh` together with `when.hardware_types`".to_owned());
            faults.add(context.file, function.span.clone(), kind).help =
                Some("weights are one for all hardware: use `adjust`, or take the hardware types away".to_owned());
        }
    }
    let is_hook = |function: &Function| hooks.contains(&function.name.as_str());
    if !functions.iter().any(is_hook) && !hooks.iter().any(|hook| reading.unread.contains(*hook)) {
        let fault = faults.add(context.file, functions.first().map_or(0..0, |first| first.span.clone()), RuleErrorKind::NoHook);
        fault.help = functions
            .iter()
            .find_map(|function| crate::error::nearest(&function.name, hooks.iter().copied()).into_iter().next())
            .map(|near| format!("did you mean {near}?"));
    }
}
