//! Finds fields that may be missing and are computed or compared with before they are known to be there.
//!
//! Goes through every function in the order of evaluation and keeps what is known on the way: guards are `x != ()`,
//! `x == ()` with an early return, `x ?? y` and `type_of(x)`, joined by `&&`, `||` and `!`. What it cannot prove is a
//! fault. Scripts with loops, closures or `try` are left to the run time, where the same use of `()` is an error.

use std::collections::BTreeSet;
use std::sync::Arc;

use rhai::{AST, ASTFlags, ASTNode, BinaryExpr, Expr, FnCallExpr, Position, Stmt};

use super::check::first_property;
use super::error::{Faults, RuleErrorKind};
use super::fields;
use super::script::{Function, span};
use super::source::Source;

/// Whether a script does what the check cannot follow.
pub(crate) fn is_dynamic(ast: &AST) -> bool {
    !ast.walk(&mut |path| {
        !matches!(
            path.last(),
            Some(
                ASTNode::Stmt(Stmt::While(..) | Stmt::Do(..) | Stmt::For(..) | Stmt::TryCatch(..) | Stmt::Share(..))
                    | ASTNode::Expr(Expr::Custom(..))
            )
        ) && !matches!(path.last(), Some(ASTNode::Expr(Expr::FnCall(call, _) | Expr::MethodCall(call, _))) if ["Fn", "call", "curry"].contains(&call.name.as_str()))
    }) || ast.iter_functions().any(|function| function.name.contains('$'))
}

/// Reports fields that are used although they may be missing.
pub(crate) fn check(file: &Arc<Source>, ast: &AST, functions: &[Function], faults: &mut Faults) {
    if is_dynamic(ast) {
        return;
    }
    for function in functions {
        let mut flow = Flow { file, faults, function };
        let mut known = Known::default();
        let result = if function.body.is_empty() { Some(nothing(Position::NONE)) } else { flow.block(&function.body, &mut known) };
        if !known.ended {
            flow.returned(result);
        }
    }
}

/// How the missing value itself is called among the names.
const UNIT: &str = "()";

/// What is known at one place.
#[derive(Clone, Debug, Default)]
struct Known {
    /// Fields (`pair.x`) and variables that are there.
    there: BTreeSet<String>,
    /// Variables that hold a value that may be missing.
    doubtful: BTreeSet<String>,
    /// No way leads here.
    ended: bool,
}

impl Known {
    fn with(&self, names: &BTreeSet<String>) -> Self {
        let mut known = self.clone();
        known.there.extend(names.iter().cloned());
        known
    }

    /// What is known where two ways meet.
    fn join(self, other: Self) -> Self {
        match (self.ended, other.ended) {
            (true, _) => other,
            (_, true) => self,
            _ => Self {
                there: self.there.intersection(&other.there).cloned().collect(),
                doubtful: self.doubtful.union(&other.doubtful).cloned().collect(),
                ended: false,
            },
        }
    }
}

/// A value that may be missing: what it is called, and where it is read.
struct Doubt {
    name: String,
    position: Position,
}

/// Names known to be there when a condition holds, and when it does not.
#[derive(Default)]
struct Facts {
    holds: BTreeSet<String>,
    fails: BTreeSet<String>,
}

struct Flow<'a> {
    file: &'a Arc<Source>,
    faults: &'a mut Faults,
    function: &'a Function,
}

impl Flow<'_> {
    /// Reports a value that is used although it may be missing.
    fn must_be_there(&mut self, doubt: Option<Doubt>, used: &str) {
        let Some(doubt) = doubt else { return };
        if doubt.name == UNIT {
            self.faults.add(self.file, span(self.file, doubt.position), RuleErrorKind::Script(format!("a missing value is {used}")));
            return;
        }
        let kind = RuleErrorKind::Unguarded { path: doubt.name.clone(), used: used.to_owned() };
        let help = format!("guard it: `if {0} != () {{ .. }}`, `if {0} == () {{ return .. }}` or `{0} ?? VALUE`", doubt.name);
        let mut place = span(self.file, doubt.position);
        if self.file.text[place.start..].starts_with(&doubt.name) {
            place.end = place.start + doubt.name.len();
        }
        self.faults.add(self.file, place, kind).help = Some(help);
    }

    /// Reports a result that may be missing, where it may not: `exclude` returns `()` to keep a pair.
    fn returned(&mut self, doubt: Option<Doubt>) {
        let Some(doubt) = doubt else { return };
        let (name, expected) = match self.function.name.as_str() {
            "exclude" => return,
            "weigh" => ("weigh", "the weights"),
            "adjust" => ("adjust", "the new score, or `#{ score: .., reason: .. }`"),
            _ if doubt.name == UNIT => return,
            _ => return self.must_be_there(Some(doubt), "returned"),
        };
        if doubt.name == UNIT {
            let place = if doubt.position.is_none() { self.function.span.clone() } else { span(self.file, doubt.position) };
            let kind =
                RuleErrorKind::WrongResult { hook: name.to_owned(), found: "nothing here".to_owned(), expected: expected.to_owned() };
            self.faults.add(self.file, place, kind);
        } else {
            self.must_be_there(Some(doubt), "returned");
        }
    }

    /// Goes through statements; what the last one comes to.
    fn block(&mut self, statements: &[Stmt], known: &mut Known) -> Option<Doubt> {
        let mut last = None;
        for statement in statements {
            last = self.statement(statement, known);
        }
        last
    }

    fn statement(&mut self, statement: &Stmt, known: &mut Known) -> Option<Doubt> {
        match statement {
            Stmt::Expr(expression) => return self.expression(expression, known),
            Stmt::FnCall(call, _) => self.call(call, known),
            Stmt::Block(block) => {
                let outer = known.clone();
                let doubt = self.block(block.statements(), known);
                restore(known, &outer, block.statements());
                return doubt;
            }
            Stmt::Var(parts, _, _) => {
                let doubt = self.expression(&parts.1, known);
                set(known, parts.0.as_str(), doubt.is_some());
                return Some(nothing(statement.position()));
            }
            Stmt::Assignment(parts) => {
                self.assignment(parts.0.is_op_assignment(), &parts.1, known);
                return Some(nothing(statement.position()));
            }
            Stmt::If(flow, position) => {
                let doubt = self.expression(&flow.expr, known);
                self.must_be_there(doubt, "used as a condition");
                let facts = facts(&flow.expr);
                let (mut yes, mut no) = (known.with(&facts.holds), known.with(&facts.fails));
                let first = self.block(flow.body.statements(), &mut yes);
                let second = if flow.branch.is_empty() { Some(nothing(*position)) } else { self.block(flow.branch.statements(), &mut no) };
                restore(&mut yes, &known.with(&facts.holds), flow.body.statements());
                restore(&mut no, &known.with(&facts.fails), flow.branch.statements());
                let result = first.filter(|_| !yes.ended).or(second.filter(|_| !no.ended));
                *known = yes.join(no);
                return result;
            }
            Stmt::Switch(parts, _) => return self.switch(&parts.0, &parts.1.expressions, parts.1.def_case.is_some(), known),
            Stmt::Return(value, flags, _) => {
                if let Some(value) = value {
                    let doubt = self.expression(value, known);
                    if flags.intersects(ASTFlags::BREAK) {
                        self.must_be_there(doubt, "thrown");
                    } else {
                        self.returned(doubt);
                    }
                }
                known.ended = true;
            }
            _ => {}
        }
        None
    }

    fn assignment(&mut self, computes: bool, parts: &BinaryExpr, known: &mut Known) {
        let doubt = self.expression(&parts.rhs, known);
        match &parts.lhs {
            Expr::Variable(variable, _, position) if computes => {
                self.must_be_there(doubt, "computed with");
                let name = variable.1.as_str();
                let left = known.doubtful.contains(name) && !known.there.contains(name);
                self.must_be_there(left.then(|| Doubt { name: name.to_owned(), position: *position }), "computed with");
            }
            Expr::Variable(variable, _, _) => set(known, variable.1.as_str(), doubt.is_some()),
            _ => self.must_be_there(doubt, if computes { "computed with" } else { "stored" }),
        }
    }

    fn switch(&mut self, on: &Expr, arms: &[BinaryExpr], default: bool, known: &mut Known) -> Option<Doubt> {
        let doubt = self.expression(on, known);
        self.must_be_there(doubt, "compared");
        let mut after: Option<Known> = None;
        let mut result = None;
        for arm in arms {
            let mut own = known.clone();
            if !matches!(arm.lhs, Expr::BoolConstant(..)) {
                let doubt = self.expression(&arm.lhs, &mut own);
                self.must_be_there(doubt, "used as a condition");
                own = own.with(&facts(&arm.lhs).holds);
            }
            let doubt = self.expression(&arm.rhs, &mut own);
            result = result.or(doubt.filter(|_| !own.ended));
            after = Some(match after {
                Some(before) => before.join(own),
                None => own,
            });
        }
        // Without a default, it may be that no arm fits.
        if !default {
            result = result.or_else(|| Some(nothing(on.start_position())));
            after = after.map(|after| after.join(known.clone()));
        }
        *known = after.unwrap_or_else(|| known.clone());
        result
    }

    /// Goes through an expression; the value when it may be missing.
    fn expression(&mut self, expression: &Expr, known: &mut Known) -> Option<Doubt> {
        match expression {
            Expr::Variable(variable, _, position) => {
                let name = variable.1.as_str();
                let doubtful = variable.2.is_empty() && known.doubtful.contains(name) && !known.there.contains(name);
                doubtful.then(|| Doubt { name: name.to_owned(), position: *position })
            }
            Expr::Unit(position) => Some(nothing(*position)),
            Expr::Dot(chain, ..) => self.chain(expression, chain, known),
            Expr::Index(chain, ..) => {
                for part in [&chain.lhs, &chain.rhs] {
                    let doubt = self.expression(part, known);
                    self.must_be_there(doubt, "used as a list or an index");
                }
                None
            }
            Expr::And(parts, _) => self.conditions(parts, known, |facts| facts.holds),
            Expr::Or(parts, _) => self.conditions(parts, known, |facts| facts.fails),
            Expr::Coalesce(parts, _) => {
                let mut last = None;
                for part in parts.iter() {
                    last = self.expression(part, known);
                }
                last
            }
            Expr::FnCall(call, _) | Expr::MethodCall(call, _) => {
                self.call(call, known);
                None
            }
            Expr::Stmt(block) => {
                let outer = known.clone();
                let doubt = self.block(block.statements(), known);
                restore(known, &outer, block.statements());
                doubt
            }
            Expr::Array(items, _) => {
                for item in items {
                    let doubt = self.expression(item, known);
                    self.must_be_there(doubt, "put into a list");
                }
                None
            }
            Expr::Map(map, _) => {
                for (key, value) in &map.0 {
                    let doubt = self.expression(value, known);
                    // `reason: ()` says that there is none.
                    if key.as_str() != "reason" || !matches!(value, Expr::Unit(_)) {
                        self.must_be_there(doubt, "put into a map");
                    }
                }
                None
            }
            Expr::InterpolatedString(parts, _) => {
                for part in parts {
                    let doubt = self.expression(part, known);
                    self.must_be_there(doubt, "shown in a text");
                }
                None
            }
            _ => None,
        }
    }

    /// `a && b && c`: each part is seen knowing what the parts before it tell.
    fn conditions(&mut self, parts: &[Expr], known: &Known, told: fn(Facts) -> BTreeSet<String>) -> Option<Doubt> {
        let mut own = known.clone();
        for part in parts {
            let doubt = self.expression(part, &mut own);
            self.must_be_there(doubt, "used as a condition");
            own = own.with(&told(facts(part)));
        }
        None
    }

    /// `record.field` and what follows it.
    fn chain(&mut self, whole: &Expr, chain: &BinaryExpr, known: &mut Known) -> Option<Doubt> {
        if let Some(name) = path(whole) {
            let position = first_property(&chain.rhs).map_or(Position::NONE, |(_, position)| position);
            let start = whole.start_position();
            return may_be_missing(&name, known).then(|| Doubt { name, position: if start.is_none() { position } else { start } });
        }
        // `record.field.method(..)`: the field is used.
        let head = match (&chain.lhs, first_property(&chain.rhs)) {
            (Expr::Variable(variable, ..), Some((field, _))) => Some(format!("{}.{field}", variable.1)),
            _ => None,
        };
        if let Some(name) = head
            && may_be_missing(&name, known)
        {
            self.must_be_there(Some(Doubt { name, position: whole.start_position() }), "used by a function");
        } else {
            let doubt = self.expression(&chain.lhs, known);
            self.must_be_there(doubt, "used by a function");
        }
        self.arguments(&chain.rhs, known);
        None
    }

    /// The arguments of the calls of a chain.
    fn arguments(&mut self, chain: &Expr, known: &mut Known) {
        match chain {
            Expr::Dot(parts, ..) | Expr::Index(parts, ..) => {
                self.arguments(&parts.lhs, known);
                self.arguments(&parts.rhs, known);
            }
            Expr::MethodCall(call, _) => self.call(call, known),
            Expr::Property(..) => {}
            other => {
                let doubt = self.expression(other, known);
                self.must_be_there(doubt, "used as a list or an index");
            }
        }
    }

    fn call(&mut self, call: &FnCallExpr, known: &mut Known) {
        if guard(call).is_some() {
            return;
        }
        let used = match call.name.as_str() {
            "==" | "!=" | "<" | "<=" | ">" | ">=" => "compared".to_owned(),
            _ if call.op_token.is_some() => "computed with".to_owned(),
            "contains" if call.args.len() == 2 => "compared".to_owned(),
            name => format!("given to `{name}`"),
        };
        for argument in &call.args {
            let doubt = self.expression(argument, known);
            self.must_be_there(doubt, &used);
        }
    }
}

/// The missing value itself.
fn nothing(position: Position) -> Doubt {
    Doubt { name: UNIT.to_owned(), position }
}

/// Forgets variables of a block that ends, and what it said about those that it hid.
fn restore(known: &mut Known, outer: &Known, statements: &[Stmt]) {
    for statement in statements {
        if let Stmt::Var(parts, _, _) = statement {
            let name = parts.0.as_str();
            set(known, name, outer.doubtful.contains(name));
            if outer.there.contains(name) {
                known.there.insert(name.to_owned());
            }
        }
    }
}

fn set(known: &mut Known, variable: &str, doubtful: bool) {
    known.there.remove(variable);
    if doubtful {
        known.doubtful.insert(variable.to_owned());
    } else {
        known.doubtful.remove(variable);
    }
}

fn may_be_missing(name: &str, known: &Known) -> bool {
    let Some((record, field)) = name.split_once('.') else { return false };
    !known.there.contains(name)
        && fields::of_record(record).is_some_and(|fields| fields.iter().any(|(name, optional)| *name == field && *optional))
}

/// The name of a field or a variable; `None` for another expression.
fn path(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Variable(variable, ..) if variable.2.is_empty() => Some(variable.1.to_string()),
        Expr::Dot(chain, ..) => match (&chain.lhs, &chain.rhs) {
            (Expr::Variable(variable, ..), Expr::Property(property, _)) => Some(format!("{}.{}", variable.1, property.2)),
            _ => None,
        },
        _ => None,
    }
}

/// What a comparison with `()`, or of `type_of`, guards, and whether it is there when the comparison holds.
fn guard(call: &FnCallExpr) -> Option<(String, bool)> {
    let equal = match call.name.as_str() {
        "==" => true,
        "!=" => false,
        "type_of" if call.args.len() == 1 => return path(&call.args[0]).map(|name| (name, false)).or(Some((String::new(), false))),
        _ => return None,
    };
    let (left, right) = (call.args.first()?, call.args.get(1)?);
    match (left, right) {
        (_, Expr::Unit(_)) => path(left).map(|name| (name, !equal)),
        (Expr::FnCall(inner, _), Expr::StringConstant(text, _)) if inner.name == "type_of" => {
            let name = inner.args.first().and_then(path)?;
            Some((name, (text.as_str() == "()") != equal))
        }
        _ => None,
    }
}

/// What a condition tells.
fn facts(condition: &Expr) -> Facts {
    match condition {
        Expr::FnCall(call, _) if call.name == "!" && call.args.len() == 1 => {
            let inner = facts(&call.args[0]);
            Facts { holds: inner.fails, fails: inner.holds }
        }
        Expr::FnCall(call, _) if call.name != "type_of" => match guard(call) {
            Some((name, true)) => Facts { holds: BTreeSet::from([name]), fails: BTreeSet::new() },
            // `type_of(x) != "f64"` that fails says that x is there; `x == ()` that fails does too.
            Some((name, false)) => Facts { holds: BTreeSet::new(), fails: BTreeSet::from([name]) },
            None => Facts::default(),
        },
        Expr::And(parts, _) => {
            let all: Vec<Facts> = parts.iter().map(facts).collect();
            Facts { holds: union(all.iter().map(|facts| &facts.holds)), fails: intersection(all.iter().map(|facts| &facts.fails)) }
        }
        Expr::Or(parts, _) => {
            let all: Vec<Facts> = parts.iter().map(facts).collect();
            Facts { holds: intersection(all.iter().map(|facts| &facts.holds)), fails: union(all.iter().map(|facts| &facts.fails)) }
        }
        _ => Facts::default(),
    }
}

fn union<'a>(sets: impl Iterator<Item = &'a BTreeSet<String>>) -> BTreeSet<String> {
    sets.flatten().cloned().collect()
}

fn intersection<'a>(mut sets: impl Iterator<Item = &'a BTreeSet<String>>) -> BTreeSet<String> {
    let Some(first) = sets.next() else { return BTreeSet::new() };
    sets.fold(first.clone(), |all, set| all.intersection(set).cloned().collect())
}
