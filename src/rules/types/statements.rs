//! The way through the statements of a function.

use rhai::{ASTFlags, BinaryExpr, Expr, Position, Stmt, SwitchCasesCollection};

use super::Typing;
use super::value::{Env, Kinds, Value};
use crate::rules::error::RuleErrorKind;

impl Typing<'_, '_> {
    /// Goes through the body of a function; what it returns.
    pub(super) fn body(&mut self, statements: &[Stmt], env: &mut Env) -> Value {
        let last = self.block(statements, env, true);
        let returned = self.frame.returned.take().unwrap_or_else(|| Value::of(Kinds::NONE));
        if env.ended { returned } else { returned.join(last) }
    }

    /// Goes through statements; what the last one comes to. `tail`: the hook returns that.
    pub(super) fn block(&mut self, statements: &[Stmt], env: &mut Env, tail: bool) -> Value {
        let depth = env.depth();
        let mut last = Value::missing();
        for (at, statement) in statements.iter().enumerate() {
            last = self.statement(statement, env, tail && at + 1 == statements.len());
        }
        env.leave(depth);
        last
    }

    fn statement(&mut self, statement: &Stmt, env: &mut Env, tail: bool) -> Value {
        match statement {
            Stmt::Expr(expression) => return self.tail(expression, env, tail),
            Stmt::FnCall(call, position) => {
                let value = self.call(call, *position, env);
                if tail {
                    self.result(&value, *position, env);
                }
                return value;
            }
            Stmt::Block(block) => return self.block(block.statements(), env, tail),
            Stmt::Var(parts, _, _) => {
                let value = self.expression(&parts.1, env);
                env.declare(parts.0.as_str(), value);
            }
            Stmt::Assignment(parts) => self.assignment(&parts.0, &parts.1, env),
            Stmt::If(flow, _) => {
                let condition = self.condition(&flow.expr, env);
                return self.branches(condition, flow.body.statements(), flow.branch.statements(), env, tail);
            }
            Stmt::Switch(parts, position) => return self.switch(&parts.0, &parts.1, *position, env, tail),
            Stmt::Return(value, flags, _) => {
                if let Some(value) = value {
                    let throws = flags.intersects(ASTFlags::BREAK);
                    let value = self.tail(value, env, !throws);
                    if !throws && !env.ended {
                        self.frame.returned = Some(self.frame.returned.take().map_or(value.clone(), |before| before.join(value)));
                    }
                } else if !env.ended {
                    self.frame.returned =
                        Some(self.frame.returned.take().map_or_else(Value::missing, |before| before.join(Value::missing())));
                }
                self.frame.may_have_returned |= !env.certain;
                self.frame.ends_before |= !env.ended && !env.again;
                env.ended = true;
            }
            Stmt::While(flow, _) | Stmt::Do(flow, _, _) => {
                let is_do = matches!(statement, Stmt::Do(..));
                self.repeated(statement, env, |typing, env| {
                    // A `loop` is written as one without a condition.
                    let turns = is_do | matches!(flow.expr, Expr::Unit(_)) | (typing.condition(&flow.expr, env) == Some(true));
                    typing.perhaps(!turns, |typing| typing.block(flow.body.statements(), env, false));
                });
                return Value::any();
            }
            Stmt::For(parts, _) => {
                let over = self.expression(&parts.2.expr, env);
                let item = item(&over);
                let turns = over.items().is_some_and(|items| !items.is_empty());
                self.repeated(statement, env, |typing, env| {
                    let depth = env.depth();
                    env.declare(parts.0.as_str(), item);
                    if let Some(counter) = &parts.1 {
                        env.declare(counter.as_str(), Value::of(Kinds::INTEGER));
                    }
                    typing.perhaps(!turns, |typing| typing.block(parts.2.body.statements(), env, false));
                    env.leave(depth);
                });
                return Value::any();
            }
            Stmt::TryCatch(flow, _) => {
                // What fails in here is caught.
                let mut assigned = Vec::new();
                names_assigned(statement, &mut assigned);
                env.widen(&assigned);
                self.frame.may_have_returned = true;
                self.quietly(true, |typing| {
                    typing.block(flow.body.statements(), &mut env.maybe(), tail);
                    let mut caught = env.maybe();
                    if let Expr::Variable(name, ..) = &flow.expr {
                        caught.declare(name.1.as_str(), Value::any());
                    }
                    typing.block(flow.branch.statements(), &mut caught, tail);
                });
                return Value::any();
            }
            Stmt::BreakLoop(value, ..) => {
                if let Some(value) = value {
                    self.expression(value, env);
                }
                env.ended = true;
            }
            _ => {}
        }
        Value::missing()
    }

    /// An expression that may be the result of the hook.
    pub(super) fn tail(&mut self, expression: &Expr, env: &mut Env, tail: bool) -> Value {
        if let Expr::Stmt(block) = expression {
            return self.block(block.statements(), env, tail);
        }
        let value = self.expression(expression, env);
        if tail {
            self.result(&value, expression.start_position(), env);
        }
        value
    }

    /// A condition: its value, when it is known.
    pub(super) fn condition(&mut self, expression: &Expr, env: &mut Env) -> Option<bool> {
        if matches!(expression, Expr::Unit(_)) {
            // `loop` has no condition.
            return None;
        }
        let value = self.expression(expression, env);
        self.truth(&value, expression.start_position(), env);
        value.truth()
    }

    /// Reports a value that is no truth value where one must be.
    pub(super) fn truth(&mut self, value: &Value, position: Position, env: &Env) {
        let fits = value.kinds.is_none() || value.kinds.has(Kinds::BOOLEAN) || value.kinds.has(Kinds::OTHER);
        if !fits && !self.left_to_the_guards(&[value]) {
            self.report(env, position, RuleErrorKind::Condition(value.kinds.words()), None);
        }
    }

    fn branches(&mut self, condition: Option<bool>, yes: &[Stmt], no: &[Stmt], env: &mut Env, tail: bool) -> Value {
        match condition {
            Some(true) => self.block(yes, env, tail),
            Some(false) => self.block(no, env, tail),
            None => {
                let (mut one, mut two) = (env.maybe(), env.maybe());
                let first = self.block(yes, &mut one, tail);
                let second = self.block(no, &mut two, tail);
                let value = match (one.ended, two.ended) {
                    (true, true) => Value::of(Kinds::NONE),
                    (true, false) => second,
                    (false, true) => first,
                    (false, false) => first.join(second),
                };
                *env = Env::join(one, two, env.certain);
                value
            }
        }
    }

    fn switch(&mut self, on: &Expr, cases: &SwitchCasesCollection, position: Position, env: &mut Env, tail: bool) -> Value {
        let on = self.expression(on, env);
        self.labelled(&on, cases, position, env);
        let before = env.certain;
        let mut after: Option<Env> = None;
        let mut result = Value::of(Kinds::NONE);
        // Where the value is known, all arms but one are dead: which, the engine keeps to itself.
        self.quietly(on.fixed.is_some(), |typing| {
            for arm in &cases.expressions {
                let mut own = env.maybe();
                let value = typing.arm(arm, &mut own, tail);
                if !own.ended {
                    result = std::mem::replace(&mut result, Value::missing()).join(value);
                }
                after = Some(match after.take() {
                    Some(other) => Env::join(other, own, before),
                    None => own,
                });
            }
        });
        if cases.def_case.is_none() {
            result = result.join(Value::missing());
            after = Some(match after.take() {
                Some(other) => Env::join(other, env.clone(), before),
                None => env.clone(),
            });
        }
        if let Some(after) = after {
            *env = after;
            env.certain = before;
        }
        result
    }

    fn arm(&mut self, arm: &BinaryExpr, env: &mut Env, tail: bool) -> Value {
        let taken = if matches!(arm.lhs, Expr::BoolConstant(..)) { None } else { self.condition(&arm.lhs, env) };
        self.quietly(taken == Some(false), |typing| typing.tail(&arm.rhs, env, tail))
    }

    /// Goes once through what may be done any number of times.
    fn repeated(&mut self, statement: &Stmt, env: &mut Env, work: impl FnOnce(&mut Self, &mut Env)) {
        let mut assigned = Vec::new();
        names_assigned(statement, &mut assigned);
        env.widen(&assigned);
        let mut inside = env.maybe();
        work(self, &mut inside);
        // `break` and `continue` end one turn only.
        env.widen(&assigned);
    }
}

/// What a loop over the value holds in turn.
fn item(over: &Value) -> Value {
    if let Some(items) = over.items() {
        return items.into_iter().map(Value::fixed).reduce(Value::join).map_or_else(Value::any, |item| item.loose());
    }
    if over.kinds == Kinds::RANGE {
        return Value::of(Kinds::INTEGER);
    }
    Value::any()
}

/// The variables that a statement assigns to, anywhere inside.
fn names_assigned(statement: &Stmt, into: &mut Vec<String>) {
    statement.walk(&mut Vec::new(), &mut |path| {
        if let Some(rhai::ASTNode::Stmt(Stmt::Assignment(parts))) = path.last() {
            let mut root = &parts.1.lhs;
            while let Expr::Dot(chain, ..) | Expr::Index(chain, ..) = root {
                root = &chain.lhs;
            }
            if let Expr::Variable(name, ..) = root {
                into.push(name.1.to_string());
            }
        }
        true
    });
}
