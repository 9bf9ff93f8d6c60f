//! The way through one function: what is used although it may be missing.

use std::collections::BTreeSet;
use std::sync::Arc;

use rhai::{ASTFlags, BinaryExpr, Expr, FnCallExpr, Position, Stmt};

use super::known::{Facts, Known, facts, guard, may_be_missing, path, restore, set};
use crate::rules::check::first_property;
use crate::rules::error::RuleErrorKind;
use crate::rules::faults::Faults;
use crate::rules::script::Function;
use crate::rules::source::Source;
use crate::rules::text::span;

/// How the missing value itself is called among the names.
const UNIT: &str = "()";

/// A value that may be missing: what it is called, and where it is read.
pub(super) struct Doubt {
    name: String,
    position: Position,
}

pub(super) struct Flow<'a> {
    pub(super) file: &'a Arc<Source>,
    pub(super) faults: &'a mut Faults,
    pub(super) function: &'a Function,
}

impl Flow<'_> {
    /// Reports a value that is used although it may be missing.
    fn must_be_there(&mut self, doubt: Option<Doubt>, used: &str) {
        let Some(doubt) = doubt else { return };
        if doubt.name == UNIT {
            self.faults.add(self.file, span(self.file, doubt.position), RuleErrorKind::Nothing(used.to_owned()));
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
    pub(super) fn returned(&mut self, doubt: Option<Doubt>) {
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
    pub(super) fn block(&mut self, statements: &[Stmt], known: &mut Known) -> Option<Doubt> {
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
pub(super) fn nothing(position: Position) -> Doubt {
    Doubt { name: UNIT.to_owned(), position }
}
