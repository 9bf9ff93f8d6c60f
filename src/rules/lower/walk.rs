//! Goes once through a hook, statement by statement, and notes what each row would come to.

use rhai::{ASTFlags, Expr, Position, Stmt};

use super::nodes::{Id, Nodes};
use super::state::State;
use super::value::{Kind, Value};
use super::{Asked, Refusal};
use crate::rules::rule::Rule;
use crate::rules::script::Script;

/// What a step of the walk gives.
pub(super) type Walked<T> = Result<T, Refusal>;

/// Expressions and statements of one hook, with functions and loops written out.
const MOST_STEPS: usize = 20_000;
/// Nodes of one hook: conditions grow with each turn of a loop that may be left.
const MOST_NODES: usize = 6_000;
/// Turns of all loops that are open.
pub(super) const MOST_TURNS: usize = 256;
/// What a step costs the interpreter at most, operations.
const STEP: u64 = 6;

/// Where the results of a hook are come to, with the results, and which rows may come to an error.
type Ended = (Option<(State, Value)>, Vec<Id>);

/// Ways out of a loop.
#[derive(Default)]
pub(super) struct Loop {
    breaks: Vec<(State, Value)>,
    continues: Vec<(State, Value)>,
}

/// A walk through one hook.
pub(super) struct Walk<'a, 'n> {
    pub(super) nodes: &'n mut Nodes,
    pub(super) rule: &'a Rule,
    pub(super) script: &'a Script,
    pub(super) asked: &'a Asked<'a>,
    /// Which rows may come to an error.
    pub(super) suspects: Vec<Id>,
    /// Functions that are open, by their number.
    pub(super) open: Vec<usize>,
    pub(super) returns: Vec<Vec<(State, Value)>>,
    pub(super) loops: Vec<Loop>,
    steps: usize,
    /// Nodes that were there before.
    begun: usize,
    /// Items of lists that were looked through.
    pub(super) items: usize,
}

impl<'a, 'n> Walk<'a, 'n> {
    pub(super) fn new(nodes: &'n mut Nodes, rule: &'a Rule, script: &'a Script, asked: &'a Asked<'a>) -> Self {
        let begun = nodes.count();
        Self {
            nodes,
            rule,
            script,
            asked,
            suspects: Vec::new(),
            open: Vec::new(),
            returns: vec![Vec::new()],
            loops: Vec::new(),
            steps: 0,
            begun,
            items: 0,
        }
    }

    /// Goes through the body of a hook: where its results are come to, and the results.
    pub(super) fn hook(mut self, body: &'a [Stmt], state: State) -> Walked<Ended> {
        let mut state = state;
        let value = self.block(body, &mut state)?;
        let mut ways = self.returns.pop().unwrap_or_default();
        ways.push((state, value));
        let cost = (self.steps + self.items) as u64 * STEP;
        if cost > self.script.limits.operations {
            return Err(Refusal::at(Position::NONE, "it could exceed `operations` of [sandbox]"));
        }
        let end = State::join(self.nodes, ways);
        Ok((end, self.suspects))
    }

    /// Notes that rows may come to an error.
    pub(super) fn suspect(&mut self, state: &State, fails: Id) {
        let fails = self.nodes.under(state.live, fails);
        if self.nodes.as_truth(fails) != Some(false) {
            let suspect = self.nodes.and(&[state.live, fails]);
            self.suspects.push(suspect);
        }
    }

    /// Every row that comes here comes to an error.
    pub(super) fn fails(&mut self, state: &mut State) -> Value {
        let always = self.nodes.truth(true);
        self.suspect(state, always);
        state.live = self.nodes.truth(false);
        Value::never()
    }

    #[expect(clippy::unused_self, reason = "it is the walk that gives up")]
    pub(super) fn refuse<T>(&self, position: Position, why: impl Into<String>) -> Walked<T> {
        Err(Refusal::at(position, why))
    }

    /// Counts a step.
    pub(super) fn step(&mut self, position: Position) -> Walked<()> {
        self.steps += 1;
        if self.steps > MOST_STEPS || self.nodes.count() - self.begun > MOST_NODES {
            self.refuse(position, "it is too long with its functions and loops written out")
        } else {
            Ok(())
        }
    }

    /// Puts a variable in sight, where there is sure to be room for it.
    pub(super) fn declare(&mut self, name: &str, value: Value, position: Position, state: &mut State) -> Walked<()> {
        state.declare(name, value);
        if state.variables.len() + 4 > self.script.limits.variables {
            return self.refuse(position, "it could exceed `variables` of [sandbox]");
        }
        Ok(())
    }

    /// Goes through statements, in a scope of their own.
    pub(super) fn block(&mut self, statements: &'a [Stmt], state: &mut State) -> Walked<Value> {
        let depth = state.variables.len();
        let mut value = Value::missing(self.nodes);
        for statement in statements {
            if state.is_dead(self.nodes) {
                break;
            }
            value = self.statement(statement, state)?;
        }
        state.variables.truncate(depth);
        Ok(if state.is_dead(self.nodes) { Value::never() } else { value })
    }

    fn statement(&mut self, statement: &'a Stmt, state: &mut State) -> Walked<Value> {
        self.step(statement.position())?;
        let missing = Value::missing(self.nodes);
        match statement {
            Stmt::Noop(_) => Ok(missing),
            Stmt::Expr(expression) => self.expression(expression, state),
            Stmt::FnCall(call, position) => self.call(call, *position, state),
            Stmt::Block(block) => self.block(block.statements(), state),
            Stmt::Var(parts, _, position) => {
                let value = self.expression(&parts.1, state)?;
                self.declare(parts.0.as_str(), value, *position, state)?;
                Ok(missing)
            }
            Stmt::Assignment(parts) => {
                let sign = parts.0.get_op_assignment_info().map(|info| info.5);
                let position = parts.1.lhs.position();
                let Expr::Variable(variable, _, _) = &parts.1.lhs else {
                    return self.refuse(position, "it assigns to a part of a value");
                };
                let new = self.expression(&parts.1.rhs, state)?;
                if state.is_dead(self.nodes) {
                    return Ok(Value::never());
                }
                let name = variable.1.as_str();
                let new = match sign {
                    None => new,
                    Some(sign) => {
                        let Some(old) = state.variable(name).cloned() else {
                            return self.refuse(position, "it assigns to what is no variable");
                        };
                        self.operate(sign, &old, &new, parts.0.position(), state)?
                    }
                };
                if state.assign(name, new) { Ok(missing) } else { self.refuse(position, "it assigns to what is no variable") }
            }
            Stmt::If(flow, _) => {
                let condition = self.condition(&flow.expr, state)?;
                self.branch(
                    condition,
                    state,
                    |walk, state| walk.block(flow.body.statements(), state),
                    |walk, state| walk.block(flow.branch.statements(), state),
                )
            }
            Stmt::Switch(parts, position) => self.switch(&parts.0, &parts.1, *position, state),
            Stmt::Return(value, flags, _) => {
                let value = match value {
                    Some(value) => self.expression(value, state)?,
                    None => missing,
                };
                if flags.intersects(ASTFlags::BREAK) {
                    return Ok(self.fails(state));
                }
                let ended = self.end(state);
                if let Some(open) = self.returns.last_mut() {
                    open.push((ended, value));
                }
                Ok(Value::never())
            }
            Stmt::BreakLoop(None, flags, position) => {
                let ended = self.end(state);
                let value = missing;
                let Some(open) = self.loops.last_mut() else { return self.refuse(*position, "it leaves no loop") };
                if flags.intersects(ASTFlags::BREAK) {
                    open.breaks.push((ended, value));
                } else {
                    open.continues.push((ended, value));
                }
                Ok(Value::never())
            }
            Stmt::BreakLoop(_, _, position) => self.refuse(*position, "a loop with a value"),
            Stmt::For(parts, position) => {
                if parts.1.is_some() {
                    return self.refuse(*position, "a loop with a counter");
                }
                let over = self.expression(&parts.2.expr, state)?;
                let Some(Kind::List(items)) = over.only() else {
                    return self.refuse(*position, "a loop over what is not known beforehand");
                };
                let items = std::rc::Rc::clone(items);
                if items.len() > MOST_TURNS {
                    return self.refuse(*position, format!("a loop of more than {MOST_TURNS} turns"));
                }
                self.turns(parts.0.as_str(), &items, parts.2.body.statements(), *position, state)
            }
            other => self.refuse(other.position(), unsupported(other)),
        }
    }

    /// Writes the turns of a loop out.
    fn turns(&mut self, name: &str, items: &[Kind], body: &'a [Stmt], position: Position, state: &mut State) -> Walked<Value> {
        let outer = state.variables.len();
        self.loops.push(Loop::default());
        for item in items {
            if state.is_dead(self.nodes) {
                break;
            }
            let depth = state.variables.len();
            let item = Value::one(self.nodes, item.clone());
            self.declare(name, item, position, state)?;
            let value = self.block(body, state)?;
            let mut ways = self.loops.last_mut().map(|open| std::mem::take(&mut open.continues)).unwrap_or_default();
            ways.push((state.clone(), value));
            self.meet(ways, state);
            state.variables.truncate(depth);
        }
        let mut ways = self.loops.pop().unwrap_or_default().breaks;
        let missing = Value::missing(self.nodes);
        ways.push((state.clone(), missing.clone()));
        self.meet(ways, state);
        // Where every way leaves the loop, its variables are still there.
        state.variables.truncate(outer);
        Ok(missing)
    }

    /// Goes on where ways meet.
    pub(super) fn meet(&mut self, ways: Vec<(State, Value)>, state: &mut State) -> Value {
        if let Some((joined, value)) = State::join(self.nodes, ways) {
            *state = joined;
            value
        } else {
            state.live = self.nodes.truth(false);
            Value::never()
        }
    }

    /// Ends a way.
    fn end(&mut self, state: &mut State) -> State {
        let ended = state.clone();
        state.live = self.nodes.truth(false);
        ended
    }

    /// Goes both ways.
    pub(super) fn branch(
        &mut self,
        condition: Id,
        state: &mut State,
        yes: impl FnOnce(&mut Self, &mut State) -> Walked<Value>,
        no: impl FnOnce(&mut Self, &mut State) -> Walked<Value>,
    ) -> Walked<Value> {
        let condition = self.nodes.under(state.live, condition);
        match self.nodes.as_truth(condition) {
            Some(true) => return yes(self, state),
            Some(false) => return no(self, state),
            None => {}
        }
        if state.is_dead(self.nodes) {
            return Ok(Value::never());
        }
        let opposite = self.nodes.not(condition);
        let (mut first, mut second) = (state.clone(), state.clone());
        first.live = self.nodes.and(&[state.live, condition]);
        second.live = self.nodes.and(&[state.live, opposite]);
        let one = yes(self, &mut first)?;
        let other = no(self, &mut second)?;
        Ok(self.meet(vec![(first, one), (second, other)], state))
    }

    /// A condition: which rows it holds for; anything but a truth value is an error.
    pub(super) fn condition(&mut self, expression: &'a Expr, state: &mut State) -> Walked<Id> {
        let value = self.expression(expression, state)?;
        Ok(self.truth(&value, state))
    }

    /// Whether a value is true; anything but a truth value is an error.
    pub(super) fn truth(&mut self, value: &Value, state: &mut State) -> Id {
        let value = value.under(self.nodes, state.live);
        let mut arms = Vec::new();
        for (condition, kind) in &value.cases {
            match kind {
                Kind::Truth(id) => arms.push((*condition, *id)),
                _ => self.suspect(state, *condition),
            }
        }
        if arms.is_empty() {
            state.live = self.nodes.truth(false);
            return self.nodes.truth(false);
        }
        self.nodes.case(&arms)
    }
}

fn unsupported(statement: &Stmt) -> &'static str {
    match statement {
        Stmt::While(..) | Stmt::Do(..) => "a loop whose turns are not known beforehand",
        Stmt::TryCatch(..) => "`try`",
        _ => "a statement that has no counterpart in SQL",
    }
}
