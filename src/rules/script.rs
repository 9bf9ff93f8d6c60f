//! One script: parsed, checked, and its hooks made ready to run.
//!
//! A hook runs as a script of its own on a scope that holds its parameters: faster than a call, and statements that note
//! the line of the result taken can be put into a copy of its body without touching the text.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use rhai::{AST, ASTFlags, Dynamic, Engine, Expr, Module, ParseErrorType, Position, Scope, Stmt, StmtBlock};

use super::check;
use super::contain::contained;
use super::engine::{self, MARK};
use super::error::RuleErrorKind;
use super::faults::Faults;
use super::guard;
use super::limits::Limits;
use super::observe::Observed;
use super::rule::Param;
use super::run::words;
use super::source::Source;
use super::stack::Room;
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
    /// The declared components; empty when scoring.toml could not be read.
    pub(crate) components: &'a [&'a str],
    /// Whether `when` names hardware types.
    pub(crate) when_hardware: bool,
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
    let params: BTreeMap<String, Param> = context.params.iter().map(|(name, (param, _))| (name.clone(), param.clone())).collect();
    let mut engine = engine::engine(&params, &context.limits);
    let mut scope = Scope::new();
    scope.push_constant("params", ());
    let ast = match engine.compile_with_scope(&scope, &file.text) {
        Ok(ast) => ast,
        Err(error) => {
            parse_fault(file, error.err_type(), error.position(), faults);
            return None;
        }
    };
    let constants = top_level(file, &ast, faults);
    let functions = functions(file, &ast);
    signatures(context, &functions, faults);
    check::check(context, &engine, &ast, &functions, &constants, faults);
    guard::check(file, &ast, &functions, faults);
    let room = Room::of(&functions, &context.limits);
    if let Some((position, why)) = guard::dynamic(&ast) {
        faults.add(file, span(file, position), RuleErrorKind::Dynamic(why.to_owned())).help =
            Some("nothing wrong with that: guards are not checked here, and a missing value fails when it is used".to_owned());
    }
    let constants = evaluate_constants(context, &engine, constants, faults)?;
    types::check(context, &ast, &functions, &constants, faults);
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
        engine,
        functions,
        constants: constants.into_iter().collect(),
        dynamic: guard::is_dynamic(&ast),
        observed: OnceLock::new(),
    })
}

fn parse_fault(file: &Arc<Source>, kind: &ParseErrorType, position: Position, faults: &mut Faults) {
    let span = span(file, position);
    match kind {
        ParseErrorType::VariableUndefined(name) => {
            let known = ["pair", "request", "params", "score", "weights"];
            let constant = file.text.lines().any(|line| line.trim_start().starts_with(&format!("const {name}")));
            if constant {
                faults.add(file, span, RuleErrorKind::UnknownVariable(name.clone())).help =
                    Some(format!("functions read a constant as `global::{name}`"));
            } else if known.contains(&name.as_str()) {
                faults.add(file, span, RuleErrorKind::UnknownVariable(name.clone())).help =
                    Some(format!("only a hook with the parameter `{name}` is given it"));
            } else {
                faults.name(file, span, RuleErrorKind::UnknownVariable(name.clone()), name, known);
            }
        }
        ParseErrorType::AssignmentToConstant(name) => {
            let name = if name.is_empty() { file.text.get(span.clone()).unwrap_or("this") } else { name };
            faults.add(file, span, RuleErrorKind::AssignsConstant(name.to_owned()));
        }
        ParseErrorType::Reserved(name) if ["eval", "import", "export", "curry"].contains(&name.as_str()) => {
            faults.add(file, span, RuleErrorKind::Forbidden(format!("`{name}`")));
        }
        ParseErrorType::BadInput(error) if ["eval", "import", "export", "curry"].iter().any(|word| error.to_string().contains(word)) => {
            faults.add(file, span.clone(), RuleErrorKind::Forbidden(format!("`{}`", file.text.get(span).unwrap_or("this"))));
        }
        _ => {
            let text = kind.to_string();
            let mut letters = text.chars();
            let lower = letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or(text.clone());
            faults.add(file, span, RuleErrorKind::Script(lower.replace('\'', "`")));
        }
    }
}

/// The bytes of the token at a position; the last character of the text when there is none there.
pub(crate) fn span(file: &Source, position: Position) -> Range<usize> {
    let found = position.line().map_or(0..0, |line| file.token(line, position.position().unwrap_or(1)));
    if found.is_empty() {
        let end = file.text.trim_end().len();
        let start = file.text[..end].char_indices().next_back().map_or(0, |(at, _)| at);
        start..end
    } else {
        found
    }
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

fn evaluate_constants(
    context: &Context<'_>,
    engine: &Engine,
    constants: Vec<Stmt>,
    faults: &mut Faults,
) -> Option<BTreeMap<String, Dynamic>> {
    let mut scope = Scope::new();
    engine::begin(0);
    if let Err(mut error) = engine.eval_ast_with_scope::<Dynamic>(&mut scope, &AST::new(constants, Module::new())) {
        let place = span(context.file, error.take_position());
        let (text, _) = words(error.unwrap_inner(), &context.limits);
        faults.add(context.file, place, RuleErrorKind::AlwaysFails(text));
        return None;
    }
    Some(scope.iter().map(|(name, _, value)| (name.to_owned(), value)).collect())
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

/// The bytes of a function's name where it is defined.
fn definition(blanked: &str, name: &str, count: usize) -> Range<usize> {
    let mut last = 0..0;
    for (at, _) in blanked.match_indices("fn") {
        let rest = blanked[at + 2..].trim_start();
        let start = blanked.len() - rest.len();
        let Some(after) = rest.strip_prefix(name).map(str::trim_start).filter(|after| after.starts_with('(')) else { continue };
        last = start..start + name.len();
        let inside = after[1..].split(')').next().unwrap_or("").trim();
        if (if inside.is_empty() { 0 } else { inside.matches(',').count() + 1 }) == count {
            break;
        }
    }
    last
}

/// The bytes of a function's name where a file defines it.
pub(crate) fn definition_of(file: &Source, name: &str, count: usize) -> Range<usize> {
    definition(&blank(&file.text, ' '), name, count)
}

/// The text with comments made of spaces and strings of `fill`, byte for byte.
pub(crate) fn blank(text: &str, fill: char) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, fill) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), ' ')
        } else if rest.starts_with("/*") {
            (rest.find("*/").map_or(rest.len(), |at| at + 2), ' ')
        } else if first == '"' || first == '`' {
            let mut escaped = false;
            let end = rest[1..].find(|c| {
                let ends = c == first && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            (end.map_or(rest.len(), |at| at + 2), fill)
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        out.extend(rest[..length].bytes().map(|byte| if byte == b'\n' { '\n' } else { fill }));
        rest = &rest[length..];
    }
    out
}

/// Reports hooks with other parameters than theirs, and scripts without any hook.
fn signatures(context: &Context<'_>, functions: &[Function], faults: &mut Faults) {
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
        if *name == "weigh" && context.when_hardware {
            let kind = RuleErrorKind::Forbidden("`weigh` together with `when.hardware_types`".to_owned());
            faults.add(context.file, function.span.clone(), kind).help =
                Some("weights are one for all hardware: use `adjust`, or take the hardware types away".to_owned());
        }
    }
    if !functions.iter().any(|function| hooks.contains(&function.name.as_str())) {
        let fault = faults.add(context.file, functions.first().map_or(0..0, |first| first.span.clone()), RuleErrorKind::NoHook);
        fault.help = functions
            .iter()
            .find_map(|function| crate::error::nearest(&function.name, hooks.iter().copied()).into_iter().next())
            .map(|near| format!("did you mean {near}?"));
    }
}

/// A statement that notes a line.
fn mark(engine: &Engine, line: usize) -> Option<Stmt> {
    engine.compile(format!("{MARK}({line})")).ok()?.statements().first().cloned()
}

/// Puts a mark before every statement that ends the hook with a result: `return`, and what its last statement comes to.
fn mark_results(statements: &mut impl Statements, tail: bool, mark: &dyn Fn(usize) -> Option<Stmt>) {
    let count = statements.all().len();
    for at in (0..count).rev() {
        let last = tail && at + 1 == count;
        let statement = &mut statements.all()[at];
        descend(statement, last, mark);
        let returns = matches!(statement, Stmt::Return(_, flags, _) if !flags.intersects(ASTFlags::BREAK));
        if (last || returns)
            && let Some(mark) = statement.position().line().and_then(mark)
        {
            statements.put(at, mark);
        }
    }
}

/// Statements that can be added to.
trait Statements {
    fn all(&mut self) -> &mut [Stmt];
    fn put(&mut self, at: usize, statement: Stmt);
}

impl Statements for Vec<Stmt> {
    fn all(&mut self) -> &mut [Stmt] {
        self
    }
    fn put(&mut self, at: usize, statement: Stmt) {
        self.insert(at, statement);
    }
}

impl Statements for StmtBlock {
    fn all(&mut self) -> &mut [Stmt] {
        self.statements_mut()
    }
    fn put(&mut self, at: usize, statement: Stmt) {
        self.statements_mut().insert(at, statement);
    }
}

fn descend(statement: &mut Stmt, tail: bool, mark: &dyn Fn(usize) -> Option<Stmt>) {
    match statement {
        Stmt::If(flow, _) | Stmt::TryCatch(flow, _) => {
            mark_results(&mut flow.body, tail, mark);
            mark_results(&mut flow.branch, tail, mark);
        }
        Stmt::While(flow, _) | Stmt::Do(flow, _, _) => mark_results(&mut flow.body, false, mark),
        Stmt::For(parts, _) => mark_results(&mut parts.2.body, false, mark),
        Stmt::Block(block) => mark_results(&mut **block, tail, mark),
        Stmt::Switch(parts, _) => {
            for arm in &mut parts.1.expressions {
                if let Expr::Stmt(block) = &mut arm.rhs {
                    mark_results(&mut **block, tail, mark);
                } else if tail && let Some(mark) = arm.rhs.start_position().line().and_then(mark) {
                    let position = arm.rhs.start_position();
                    let result = Stmt::Expr(Box::new(std::mem::take(&mut arm.rhs)));
                    arm.rhs = Expr::Stmt(Box::new(StmtBlock::new([mark, result], position, position)));
                }
            }
        }
        Stmt::Expr(expression) => {
            if let Expr::Stmt(block) = &mut **expression {
                mark_results(&mut **block, tail, mark);
            }
        }
        Stmt::Var(parts, _, _) => {
            if let Expr::Stmt(block) = &mut parts.1 {
                mark_results(&mut **block, false, mark);
            }
        }
        _ => {}
    }
}
