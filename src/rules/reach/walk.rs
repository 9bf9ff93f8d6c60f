//! Goes through a hook along every way that a row may take: statements.
//!
//! Each way carries its own region of rows. Ways that become too many are joined, which only forgets. What is not
//! understood ends the walk: nothing is then said about the script.

use std::collections::BTreeMap;

use rhai::{ASTFlags, Expr, FlowControl, Position, Stmt, StmtBlock};

use super::compute::operate;
use super::notes::Notes;
use super::state::State;
use super::switch;
use super::value::{Other, Place, Value};
use crate::rules::script::Function;
use crate::rules::source::Source;

/// Expressions that are looked at before the walk is given up.
const MOST_STEPS: usize = 20_000;
/// Ways that are kept apart.
const MOST_WAYS: usize = 24;
/// Functions that may be open at once.
const MOST_CALLS: usize = 8;

/// Something that the walk does not understand.
#[derive(Debug)]
pub(super) struct Unknown;

/// What a step of the walk gives.
pub(super) type Walked<T> = Result<T, Unknown>;

/// Every way on from a place, with the value that is come to.
pub(super) type Ways = Vec<(State, Value)>;

/// One end of a function.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) state: State,
    pub(super) value: Value,
}

/// How a hook can end.
#[derive(Debug, Default)]
pub(super) struct Endings {
    pub(super) returns: Vec<Ending>,
    /// Ways that end in `throw`.
    pub(super) throws: Vec<State>,
    /// Ways on which an operation may raise an error.
    pub(super) fails: Vec<State>,
}

/// A walk through one script.
pub(super) struct Walk<'a> {
    pub(super) file: &'a Source,
    pub(super) functions: &'a [Function],
    pub(super) constants: &'a BTreeMap<String, Value>,
    pub(super) params: &'a BTreeMap<String, Value>,
    pub(super) notes: Notes<'a>,
    returns: Vec<Vec<Ending>>,
    throws: Vec<State>,
    fails: Vec<State>,
    steps: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        file: &'a Source,
        functions: &'a [Function],
        constants: &'a BTreeMap<String, Value>,
        params: &'a BTreeMap<String, Value>,
    ) -> Self {
        Self {
            file,
            functions,
            constants,
            params,
            notes: Notes::default(),
            returns: Vec::new(),
            throws: Vec::new(),
            fails: Vec::new(),
            steps: 0,
        }
    }

    /// Goes through a hook.
    pub(super) fn hook(&mut self, function: &'a Function, mut state: State, arguments: &[(&str, Value)]) -> Walked<Endings> {
        for (name, value) in arguments {
            state.declare(name, value.clone());
        }
        self.returns.push(Vec::new());
        let last = self.block(&function.body, state)?;
        let mut returns = self.returns.pop().unwrap_or_default();
        returns.extend(last.into_iter().map(|(state, value)| Ending { state, value }));
        Ok(Endings { returns, throws: std::mem::take(&mut self.throws), fails: std::mem::take(&mut self.fails) })
    }

    /// An operation may raise an error for the rows that come here.
    pub(super) fn may_fail(&mut self, state: &State) {
        let state = State { variables: Vec::new(), ..state.clone() };
        if self.fails.iter().any(|other| other.fields == state.fields) {
            return;
        }
        self.fails.push(state);
        if self.fails.len() > MOST_WAYS {
            self.fails = std::mem::take(&mut self.fails).into_iter().reduce(|state, other| state.join(&other)).into_iter().collect();
        }
    }

    /// Counts a step.
    pub(super) fn step(&mut self) -> Walked<()> {
        self.steps += 1;
        if self.steps > MOST_STEPS { Err(Unknown) } else { Ok(()) }
    }

    /// Goes through the body of a function of the script.
    pub(super) fn inline(&mut self, function: &'a Function, arguments: &[Value], mut state: State) -> Walked<Ways> {
        if self.returns.len() > MOST_CALLS {
            return Err(Unknown);
        }
        let (base, from) = (state.base, state.variables.len());
        for (name, value) in function.params.iter().zip(arguments) {
            state.declare(name, value.clone());
        }
        state.base = from;
        self.returns.push(Vec::new());
        let mut ways = self.block(&function.body, state)?;
        ways.extend(self.returns.pop().unwrap_or_default().into_iter().map(|ending| (ending.state, ending.value)));
        for (state, value) in &mut ways {
            state.forget(from);
            state.base = base;
            leave(value, 0);
        }
        Ok(few(ways))
    }

    /// Goes through statements, in a scope of their own.
    pub(super) fn block(&mut self, statements: &'a [Stmt], state: State) -> Walked<Ways> {
        let from = state.variables.len();
        let mut ways = vec![(state, Value::missing())];
        for (at, statement) in statements.iter().enumerate() {
            self.notes.comes_to(statement);
            let ended = self.ended();
            let mut next = Vec::new();
            for (mut state, _) in ways {
                state.from = statement.position();
                next.extend(self.statement(statement, state)?);
            }
            ways = few(next);
            if ways.is_empty() {
                if let Some(after) = statements[at + 1..].iter().find(|after| !matches!(after, Stmt::Noop(_)))
                    && self.ended() > ended
                {
                    self.notes.never_comes_to(after);
                }
                break;
            }
        }
        for (state, value) in &mut ways {
            state.forget(from);
            leave(value, from);
        }
        Ok(ways)
    }

    /// How many ways have ended so far.
    fn ended(&self) -> usize {
        self.throws.len() + self.returns.last().map_or(0, Vec::len)
    }

    fn statement(&mut self, statement: &'a Stmt, state: State) -> Walked<Ways> {
        match statement {
            Stmt::Noop(_) => Ok(vec![(state, Value::missing())]),
            Stmt::Expr(expression) => Ok(from(self.expression(expression, state)?, statement.position())),
            Stmt::FnCall(call, _) => Ok(from(self.call(call, state)?, statement.position())),
            Stmt::Block(block) => self.block(block.statements(), state),
            Stmt::Var(parts, _, _) => {
                let ways = self.expression(&parts.1, state)?;
                Ok(done(ways, |state, value| {
                    state.declare(parts.0.as_str(), value);
                    true
                }))
            }
            Stmt::Assignment(parts) => {
                let sign = parts.0.get_op_assignment_info().map(|info| info.5);
                self.assignment(sign, &parts.1.lhs, &parts.1.rhs, state)
            }
            Stmt::If(flow, position) => self.branch(flow, *position, state),
            Stmt::Switch(parts, position) => switch::walk(self, &parts.0, &parts.1, *position, state),
            Stmt::Return(value, flags, _) => {
                let ways = match value {
                    Some(value) => self.expression(value, state)?,
                    None => vec![(state, Value::missing())],
                };
                for (state, value) in from(ways, statement.position()) {
                    if flags.intersects(ASTFlags::BREAK) {
                        self.throws.push(state);
                    } else if let Some(open) = self.returns.last_mut() {
                        open.push(Ending { state, value });
                    }
                }
                Ok(Vec::new())
            }
            _ => Err(Unknown),
        }
    }

    fn branch(&mut self, flow: &'a FlowControl, position: Position, state: State) -> Walked<Ways> {
        let mut ways = Vec::new();
        for (mut state, holds) in self.condition(&flow.expr, state)? {
            state.from = position;
            self.notes.branches_at(flow, position, holds);
            let taken: &StmtBlock = if holds { &flow.body } else { &flow.branch };
            ways.extend(self.block(taken.statements(), state)?);
        }
        Ok(few(ways))
    }

    fn assignment(&mut self, sign: Option<&str>, target: &'a Expr, value: &'a Expr, state: State) -> Walked<Ways> {
        let ways = self.expression(value, state)?;
        let mut known = true;
        let mut failing = Vec::new();
        let ways = done(ways, |state, value| match target {
            Expr::Variable(variable, _, _) if variable.2.is_empty() => {
                let name = variable.1.as_str();
                let Some(old) = state.variable(name) else {
                    known = false;
                    return false;
                };
                let new = match sign {
                    None => value,
                    Some(sign) if old.is_number() && value.is_number() => {
                        let computed = operate(sign, &old, &value);
                        if computed.fails {
                            failing.push(state.clone());
                            state.exact = false;
                        }
                        computed.value
                    }
                    Some(_) => {
                        failing.push(state.clone());
                        state.exact = false;
                        Value::any()
                    }
                };
                !new.is_empty() && state.assign(name, new)
            }
            Expr::Dot(..) | Expr::Index(..) => {
                failing.push(state.clone());
                state.exact = false;
                known &= changed(target).is_some_and(|name| state.assign(name, Value::any()));
                true
            }
            _ => {
                known = false;
                false
            }
        });
        for state in &failing {
            self.may_fail(state);
        }
        if known { Ok(ways) } else { Err(Unknown) }
    }
}

/// The variable that an assignment to a part of it changes; `None` when the way there does more than look.
fn changed(target: &Expr) -> Option<&str> {
    let mut at = target;
    loop {
        match at {
            Expr::Dot(parts, ..) | Expr::Index(parts, ..) => {
                if !matches!(parts.rhs, Expr::Property(..) | Expr::StringConstant(..) | Expr::IntegerConstant(..) | Expr::Variable(..)) {
                    return None;
                }
                at = &parts.lhs;
            }
            Expr::Variable(variable, ..) if variable.2.is_empty() => return Some(variable.1.as_str()),
            _ => return None,
        }
    }
}

/// Does something on each way that has no value of its own; ways for which it says `false` end.
fn done(ways: Ways, mut change: impl FnMut(&mut State, Value) -> bool) -> Ways {
    let mut left = Vec::new();
    for (mut state, value) in ways {
        if change(&mut state, value) {
            left.push((state, Value::missing()));
        }
    }
    left
}

/// The same ways, come from this statement: what it is made of may hold others.
fn from(mut ways: Ways, position: Position) -> Ways {
    for (state, _) in &mut ways {
        state.from = position;
    }
    ways
}

/// A value that leaves the scope of the variables from there on is a copy of none of them.
fn leave(value: &mut Value, from: usize) {
    if matches!(value.place, Some(Place::Variable(at)) if at >= from) {
        value.place = None;
    }
    if let Other::List(_) = value.other {
        value.place = None;
    }
}

/// Joins the ways when they are too many.
pub(super) fn few(ways: Ways) -> Ways {
    if ways.len() <= MOST_WAYS {
        return ways;
    }
    let joined = ways.into_iter().reduce(|(state, value), (other, there)| (state.join(&other), value.join(&there)));
    joined.into_iter().collect()
}
