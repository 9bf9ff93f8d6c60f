//! Checks the names that a script uses: fields, parameters, constants, functions.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rhai::{ASTNode, BinaryExpr, Engine, Expr, FnCallExpr, Position, Stmt};

use super::error::RuleErrorKind;
use super::faults::Faults;
use super::fields;
use super::read::Reading;
use super::script::{Context, Function, HOOKS};
use super::text::span;

/// The records that hooks are given; no variable may take their names.
const RECORDS: [&str; 4] = ["pair", "request", "params", "weights"];
/// Functions that the engine has and rules may not use.
const FORBIDDEN: [&str; 3] = ["print", "debug", "eval"];
/// Functions of the language itself, with the numbers of arguments that they take.
const KEYWORDS: [(&str, &[usize]); 7] =
    [("type_of", &[1]), ("is_def_var", &[1]), ("is_def_fn", &[2]), ("is_shared", &[1]), ("Fn", &[1]), ("call", &[]), ("curry", &[])];

/// Reports unknown and forbidden names, and parameters and functions that nothing uses.
pub(super) fn check(
    context: &Context<'_>,
    engine: &Engine,
    reading: &Reading,
    functions: &[Function],
    constants: &[Stmt],
    faults: &mut Faults,
) {
    let mut checker = Checker {
        context,
        reading,
        faults,
        known: known(engine),
        functions,
        constants: constants
            .iter()
            .filter_map(|constant| if let Stmt::Var(parts, ..) = constant { Some((parts.0.as_str(), parts.0.pos)) } else { None })
            .collect(),
        read: BTreeSet::new(),
        used: BTreeSet::new(),
        called: BTreeSet::new(),
    };
    reading.ast.walk(&mut |path| {
        match path {
            [.., ASTNode::Expr(expression)] => checker.expression(expression),
            [.., ASTNode::Stmt(statement)] => checker.statement(statement),
            _ => {}
        }
        true
    });
    checker.parameters();
    checker.unused();
}

/// The functions that scripts may call, with the numbers of arguments that they take (any number when empty).
fn known(engine: &Engine) -> BTreeMap<String, BTreeSet<usize>> {
    let mut known: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    let listed = engine.collect_fn_metadata(None, |info| Some((info.metadata.name.to_string(), info.metadata.num_params)), true);
    for (name, count) in listed {
        if name.starts_with(|c: char| c.is_alphabetic()) && !name.contains('$') {
            known.entry(name).or_default().insert(count);
        }
    }
    for (name, counts) in KEYWORDS {
        known.insert(name.to_owned(), counts.iter().copied().collect());
    }
    known.retain(|name, _| !FORBIDDEN.contains(&name.as_str()));
    known
}

struct Checker<'a> {
    context: &'a Context<'a>,
    reading: &'a Reading,
    faults: &'a mut Faults,
    known: BTreeMap<String, BTreeSet<usize>>,
    functions: &'a [Function],
    constants: Vec<(&'a str, Position)>,
    /// Constants that are read.
    read: BTreeSet<String>,
    /// Parameters that are read.
    used: BTreeSet<String>,
    /// Functions of the script that are called.
    called: BTreeSet<String>,
}

impl Checker<'_> {
    /// Whether a part of the script that could not be read names it: it may be declared or used there.
    fn unread(&self, name: &str) -> bool {
        self.reading.unread.contains(name)
    }

    fn span(&self, position: Position) -> Range<usize> {
        span(self.context.file, position)
    }

    /// Whatever a function calls `params`, it reads the parameters of the rule there.
    fn parameters(&mut self) {
        for function in self.functions.iter().filter(|function| function.params.iter().any(|name| name == "params")) {
            let help = "the rule's own `params` are there in every function: leave it out, or give it another name".to_owned();
            self.forbid(function.span.clone(), "a parameter named `params`".to_owned(), Some(help));
        }
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::FnCall(call, position) => self.call(call, *position, false),
            Stmt::Var(parts, ..) if RECORDS.contains(&parts.0.as_str()) => {
                let span = self.span(parts.0.pos);
                self.forbid(span, format!("a variable named `{}`", parts.0.as_str()), None);
            }
            Stmt::For(parts, ..) => {
                for name in std::iter::once(&parts.0).chain(parts.1.as_ref()).filter(|name| RECORDS.contains(&name.as_str())) {
                    let span = self.span(name.pos);
                    self.forbid(span, format!("a variable named `{}`", name.as_str()), None);
                }
            }
            Stmt::Assignment(parts) => {
                if let Expr::Variable(name, _, position) = &parts.1.lhs
                    && RECORDS.contains(&name.1.as_str())
                {
                    let span = self.span(*position);
                    self.forbid(span, format!("assigning to `{}`", name.1), None);
                }
                if let Expr::Dot(chain, ..) | Expr::Index(chain, ..) = &parts.1.lhs
                    && let Expr::Variable(name, _, position) = &chain.lhs
                    && ["pair", "request", "params"].contains(&name.1.as_str())
                {
                    let span = self.span(*position);
                    self.forbid(span, format!("changing `{}`", name.1), None);
                }
            }
            _ => {}
        }
    }

    fn forbid(&mut self, span: Range<usize>, what: String, help: Option<String>) {
        self.faults.add(self.context.file, span, RuleErrorKind::Forbidden(what)).help = help;
    }

    fn expression(&mut self, expression: &Expr) {
        match expression {
            Expr::Dot(chain, ..) => self.property(chain),
            Expr::Index(chain, ..) => self.index(chain),
            Expr::FnCall(call, position) => self.call(call, *position, false),
            Expr::MethodCall(call, position) => self.call(call, *position, true),
            Expr::Variable(variable, _, position) if !variable.2.is_empty() => {
                let name = variable.1.as_str();
                self.read.insert(name.to_owned());
                if !self.constants.iter().any(|(known, _)| *known == name) && variable.2.root() == "global" && !self.unread(name) {
                    let span = self.span(*position);
                    let constants: Vec<&str> = self.constants.iter().map(|(known, _)| *known).collect();
                    self.faults.name(self.context.file, span, RuleErrorKind::UnknownVariable(variable.1.to_string()), name, constants);
                }
            }
            // A constant may read those before it, under its own name.
            Expr::Variable(variable, ..) => {
                self.read.insert(variable.1.to_string());
            }
            _ => {}
        }
    }

    /// `record.field`, also at the beginning of a longer chain.
    fn property(&mut self, chain: &BinaryExpr) {
        let Expr::Variable(variable, ..) = &chain.lhs else { return };
        let record = variable.1.as_str();
        let Some((name, position)) = first_property(&chain.rhs) else { return };
        let span = self.span(position);
        if record == "params" {
            self.used.insert(name.to_owned());
            if !self.context.params.contains_key(name) && !self.context.more_params {
                let known: Vec<&str> = self.context.params.keys().map(String::as_str).collect();
                let kind = RuleErrorKind::UnknownParam(name.to_owned());
                if known.is_empty() {
                    self.faults.add(self.context.file, span, kind).help = Some("the rule has no `params` in rules.toml".to_owned());
                } else {
                    self.faults.name(self.context.file, span, kind, name, known);
                }
            }
            return;
        }
        let known: Vec<&str> = match record {
            "weights" if self.context.components.is_empty() => return,
            "weights" => self.context.components.to_vec(),
            _ => match fields::of_record(record) {
                Some(fields) => fields.into_iter().map(|(name, _)| name).collect(),
                None => return,
            },
        };
        if !known.contains(&name) {
            let kind = RuleErrorKind::UnknownRecordField { record: format!("`{record}`"), name: name.to_owned() };
            self.faults.name(self.context.file, span, kind, name, known);
        }
    }

    fn index(&mut self, chain: &BinaryExpr) {
        if let Expr::Variable(variable, _, position) = &chain.lhs
            && ["pair", "request", "params"].contains(&variable.1.as_str())
        {
            let span = self.span(*position);
            self.forbid(span, format!("`{}[..]`", variable.1), Some(format!("write `{}.NAME`", variable.1)));
        }
    }

    fn call(&mut self, call: &FnCallExpr, position: Position, method: bool) {
        let name = call.name.as_str();
        if call.op_token.is_some() || !name.starts_with(|c: char| c.is_alphabetic() || c == '_') || name.contains('$') {
            return;
        }
        // Of a module that is not there, or a name that stands for another, it has been told.
        if self.reading.renamed.contains(&position) || call.is_qualified() && call.namespace.root() != "global" {
            return;
        }
        let span = self.span(position);
        let count = call.args.len();
        if name == "Fn"
            && let Some(Expr::StringConstant(target, _)) = call.args.first()
        {
            self.called.insert(target.to_string());
        }
        if self.functions.iter().any(|function| function.name == name) {
            self.called.insert(name.to_owned());
            let own: BTreeSet<usize> =
                self.functions.iter().filter(|function| function.name == name).map(|function| function.params.len()).collect();
            if !own.contains(&count) && !self.known.contains_key(name) && !self.unread(name) {
                self.arity(span, name, count, &own);
            }
        } else if FORBIDDEN.contains(&name) || name.starts_with("__") {
            self.forbid(span, format!("`{name}`"), None);
        } else if let Some(counts) = self.known.get(name) {
            let given = count + usize::from(method);
            if !counts.is_empty() && !counts.contains(&given) {
                let counts: BTreeSet<usize> = counts.iter().map(|count| count - usize::from(method && *count > 0)).collect();
                self.arity(span, name, count, &counts);
            }
        } else if !self.unread(name) {
            let own = self.functions.iter().map(|function| function.name.as_str());
            let known: Vec<&str> = self.known.keys().map(String::as_str).chain(own).collect();
            let near = crate::error::nearest(name, known);
            let kind = RuleErrorKind::UnknownFunction(name.to_owned());
            self.faults.add(self.context.file, span, kind).help = (!near.is_empty()).then(|| format!("did you mean {}?", near.join(", ")));
        }
    }

    fn arity(&mut self, span: Range<usize>, name: &str, count: usize, expected: &BTreeSet<usize>) {
        let words = |count: usize| if count == 1 { "1 argument".to_owned() } else { format!("{count} arguments") };
        let expected = expected.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
        let kind = RuleErrorKind::Arity { name: name.to_owned(), found: words(count), expected };
        self.faults.add(self.context.file, span, kind);
    }

    /// Warns of parameters and constants that the script does not read and of functions that nothing calls.
    fn unused(&mut self) {
        for (name, position) in self.constants.clone() {
            if !self.read.contains(name) && !self.unread(name) {
                let span = self.span(position);
                self.faults.add(self.context.file, span, RuleErrorKind::UnusedConstant(name.to_owned()));
            }
        }
        for (name, (_, span)) in self.context.params {
            if !self.used.contains(name) && !self.reading.unknown.contains(name) && !self.unread(name) {
                self.faults.add(self.context.list, span.clone(), RuleErrorKind::UnusedParam(name.clone()));
            }
        }
        let hooks: Vec<&str> = HOOKS.iter().map(|(name, _)| *name).collect();
        for function in self.functions {
            // An anonymous function has a name that no text can hold.
            let named = !function.name.contains('$');
            if named && !hooks.contains(&function.name.as_str()) && !self.called.contains(&function.name) && !self.unread(&function.name) {
                let near = crate::error::nearest(&function.name, hooks.iter().copied());
                let kind = RuleErrorKind::UnusedFunction(function.name.clone());
                self.faults.add(self.context.file, function.span.clone(), kind).help =
                    (!near.is_empty()).then(|| format!("did you mean {}?", near.join(", ")));
            }
        }
    }
}

/// The first property of a chain.
pub(crate) fn first_property(chain: &Expr) -> Option<(&str, Position)> {
    match chain {
        Expr::Property(property, position) => Some((property.2.as_str(), *position)),
        Expr::Dot(rest, ..) | Expr::Index(rest, ..) => first_property(&rest.lhs),
        _ => None,
    }
}
