//! Goes through a hook along every way that a row may take: expressions and conditions.

use std::collections::BTreeMap;
use std::sync::Arc;

use rhai::{ASTFlags, BinaryExpr, Expr, FnCallExpr};

use super::compare::compare;
use super::compute::{self, Computed};
use super::membership::membership;
use super::range::{Op, Range};
use super::state::{self, State};
use super::texts::Texts;
use super::value::{Other, Place, Record, Value};
use super::walk::{Unknown, Walk, Walked, Ways, few};

/// Every way on from a condition, and whether it holds there.
pub(super) type Outcomes = Vec<(State, bool)>;

impl<'a> Walk<'a> {
    /// Goes through an expression.
    pub(super) fn expression(&mut self, expression: &'a Expr, mut state: State) -> Walked<Ways> {
        self.step()?;
        let value = match expression {
            Expr::Unit(_) => Value::missing(),
            Expr::BoolConstant(truth, _) => Value::truth(*truth),
            Expr::IntegerConstant(integer, _) => Value::ints(Range::one(*integer)),
            Expr::FloatConstant(number, _) => Value::floats(Range::one(**number)),
            Expr::StringConstant(text, _) => Value { texts: Texts::of([text]), ..Value::default() },
            Expr::CharConstant(..) | Expr::DynamicConstant(..) => Value::other(Other::Any),
            Expr::Variable(variable, ..) => self.variable(&state, variable.1.as_str(), !variable.2.is_empty())?,
            Expr::Dot(chain, flags, _) => return self.chain(chain, *flags, state),
            Expr::Index(chain, ..) => {
                let ways = self.arguments([&chain.lhs, &chain.rhs], state)?;
                for (state, _) in &ways {
                    self.may_fail(state);
                }
                return Ok(ways.into_iter().map(|(state, _)| (inexact(state), Value::any())).collect());
            }
            Expr::FnCall(call, _) => return self.call(call, state),
            Expr::And(..) | Expr::Or(..) => {
                let ways = self.condition(expression, state)?;
                return Ok(few(ways.into_iter().map(|(state, holds)| (state, Value::truth(holds))).collect()));
            }
            Expr::Coalesce(parts, _) => return self.coalesce(parts, state),
            Expr::Stmt(block) => return self.block(block.statements(), state),
            Expr::Array(items, _) => {
                let ways = self.arguments(items.iter(), state)?;
                let list = |values: Vec<Value>| Value::other(Other::List(values.iter().map(Value::plain).collect()));
                return Ok(ways.into_iter().map(|(state, values)| (state, list(values))).collect());
            }
            Expr::Map(map, _) => {
                let ways = self.arguments(map.0.iter().map(|(_, value)| value), state)?;
                let names = || map.0.iter().map(|(name, _)| name.as_str().to_owned());
                let made = |values: Vec<Value>| {
                    let entries: BTreeMap<String, Value> = names().zip(values.into_iter().map(of_field)).collect();
                    Value::other(Other::Map(Arc::new(entries)))
                };
                return Ok(ways.into_iter().map(|(state, values)| (state, made(values))).collect());
            }
            Expr::InterpolatedString(parts, _) => {
                let ways = self.arguments(parts.iter(), state)?;
                let shown = |values: &[Value]| {
                    let filled = values
                        .iter()
                        .any(|value| value.is_number() || value.is_text() && value.texts.as_ref().is_some_and(Texts::is_filled));
                    Value::texts(if filled { Texts::filled() } else { Texts::all() })
                };
                return Ok(ways.into_iter().map(|(state, values)| (state, shown(&values))).collect());
            }
            _ => return Err(Unknown),
        };
        if value.is_empty() {
            state.exact = false;
            return Ok(Vec::new());
        }
        Ok(vec![(state, value)])
    }

    fn variable(&self, state: &State, name: &str, constant: bool) -> Walked<Value> {
        if constant {
            return self.constants.get(name).cloned().ok_or(Unknown);
        }
        if name == "params" {
            return Ok(Value::other(Other::Record(Record::Params)));
        }
        state.variable(name).ok_or(Unknown)
    }

    /// Goes through expressions one after the other.
    pub(super) fn arguments(&mut self, expressions: impl IntoIterator<Item = &'a Expr>, state: State) -> Walked<Vec<(State, Vec<Value>)>> {
        let expressions: Vec<&Expr> = expressions.into_iter().collect();
        let mut ways: Vec<(State, Vec<(Value, usize)>)> = vec![(state, Vec::new())];
        for expression in &expressions {
            let mut next = Vec::new();
            for (state, values) in ways {
                for (state, value) in self.expression(expression, state)? {
                    let mut values = values.clone();
                    values.push((value, state.writes));
                    next.push((state, values));
                }
            }
            if next.len() > 64 {
                return Err(Unknown);
            }
            ways = next;
        }
        // A variable that was given another value meanwhile is not what was read; the first one is read last.
        let settle = |(state, values): (State, Vec<(Value, usize)>)| {
            let read = |(at, (value, writes)): (usize, (Value, usize))| match expressions[at] {
                _ if writes == state.writes => value,
                Expr::Variable(..) if at == 0 => Value::any(),
                _ => of_field(value),
            };
            let values = values.into_iter().enumerate().map(read).collect();
            (state, values)
        };
        Ok(ways.into_iter().map(settle).collect())
    }

    /// Goes through a condition.
    pub(super) fn condition(&mut self, expression: &'a Expr, state: State) -> Walked<Outcomes> {
        let outcomes = match expression {
            Expr::And(parts, _) => self.conditions(parts, state, true)?,
            Expr::Or(parts, _) => self.conditions(parts, state, false)?,
            Expr::FnCall(call, _) if is_negation(call) => {
                self.condition(&call.args[0], state)?.into_iter().map(|(state, holds)| (state, !holds)).collect()
            }
            _ => {
                let mut outcomes = Vec::new();
                for (state, value) in self.expression(expression, state)? {
                    if !value.is_truth() {
                        self.may_fail(&state);
                    }
                    outcomes.extend(truths(&state, &value));
                }
                outcomes
            }
        };
        for (_, holds) in &outcomes {
            self.notes.comes_out(expression, *holds);
        }
        Ok(outcomes)
    }

    /// `a && b` (goes on while it holds) or `a || b` (while it does not).
    fn conditions(&mut self, parts: &'a [Expr], state: State, goes_on: bool) -> Walked<Outcomes> {
        let mut open = vec![state];
        let mut out = Vec::new();
        for part in parts {
            let mut next = Vec::new();
            for state in open {
                for (state, holds) in self.condition(part, state)? {
                    if holds == goes_on {
                        next.push(state);
                    } else {
                        out.push((state, holds));
                    }
                }
            }
            if next.len() > 64 {
                return Err(Unknown);
            }
            open = next;
        }
        out.extend(open.into_iter().map(|state| (state, goes_on)));
        Ok(out)
    }

    fn coalesce(&mut self, parts: &'a [Expr], state: State) -> Walked<Ways> {
        let mut open = vec![state];
        let mut ways = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let mut next = Vec::new();
            for state in open {
                for (state, value) in self.expression(part, state)? {
                    let there = value.there();
                    let exact = !value.missing || there.is_empty() || matches!(value.place, Some(Place::Field(_)));
                    if !there.is_empty() {
                        let mut state = state.clone();
                        state.exact &= exact;
                        if state.narrow(value.place, &there) {
                            ways.push((state, there));
                        }
                    }
                    if value.missing {
                        let mut state = state;
                        state.exact &= exact;
                        if state.narrow(value.place, &Value::missing()) {
                            if at + 1 == parts.len() {
                                ways.push((state, Value::missing()));
                            } else {
                                next.push(state);
                            }
                        }
                    }
                }
            }
            open = next;
        }
        Ok(few(ways))
    }

    /// A call or an operator.
    pub(super) fn call(&mut self, call: &'a FnCallExpr, state: State) -> Walked<Ways> {
        self.step()?;
        if call.capture_parent_scope || call.is_qualified() {
            return Err(Unknown);
        }
        let name = call.name.as_str();
        if is_negation(call) {
            let ways = self.condition(&call.args[0], state)?;
            return Ok(few(ways.into_iter().map(|(state, holds)| (state, Value::truth(!holds))).collect()));
        }
        let own = self.functions.iter().find(|function| function.name == name && function.params.len() == call.args.len());
        let mut ways = Vec::new();
        for (state, values) in self.arguments(call.args.iter(), state)? {
            if let Some(own) = own {
                ways.extend(self.inline(own, &values, state)?);
                continue;
            }
            if let (Some(op), [left, right]) = (Op::of(name), values.as_slice()) {
                ways.extend(self.compared(call, op, left, right, &state));
                continue;
            }
            if let ("contains", [list, item]) = (name, values.as_slice())
                && let Other::List(items) = &list.other
            {
                // The missing value is compared with anything.
                let there = item.there();
                if items.iter().any(|one| compare(Op::Eq, &there, one).fails) {
                    self.may_fail(&state);
                }
                ways.extend(membership(&state, items, item).into_iter().map(|(state, holds)| {
                    self.notes.compares(call, holds, item, list);
                    (state, Value::truth(holds))
                }));
                continue;
            }
            let computed = match values.as_slice() {
                [left, right] if call.is_operator_call() && name != "contains" => Some(compute::operate(name, left, right)),
                [value] if call.is_operator_call() && name == "-" => Some(compute::negate(value)),
                [_] if call.is_operator_call() => Some(Computed::unknown()),
                values => compute::call(name, values),
            };
            let first = call.args.first().and_then(own_name);
            ways.extend(self.settled(state, computed, first));
        }
        Ok(few(ways))
    }

    fn compared(&mut self, call: &'a FnCallExpr, op: Op, left: &Value, right: &Value, state: &State) -> Ways {
        let outcomes = compare(op, left, right);
        if outcomes.fails {
            self.may_fail(state);
            self.notes.fails_at(call);
        }
        let both = outcomes.yes.is_some() && outcomes.no.is_some();
        // What is not one known value must be a field, or the region cannot say which rows these are.
        let told = |value: &Value| value.is_one() || matches!(value.place, Some(Place::Field(_)));
        let told = told(left) && told(right);
        let mut ways = Vec::new();
        for (side, holds) in [(outcomes.yes, true), (outcomes.no, false)] {
            let Some(side) = side else { continue };
            let mut state = state.clone();
            state.exact &= !outcomes.fails && (!both || side.exact && told);
            if state.narrow(left.place, &side.left) && state.narrow(right.place, &side.right) {
                self.notes.compares(call, holds, left, right);
                ways.push((state, Value::truth(holds)));
            }
        }
        ways
    }

    /// `record.field` and what follows it.
    fn chain(&mut self, chain: &'a BinaryExpr, flags: ASTFlags, state: State) -> Walked<Ways> {
        let first = own_name(&chain.lhs);
        let mut ways = self.expression(&chain.lhs, state)?;
        let (mut rest, mut flags) = (Some(&chain.rhs), flags);
        while let Some(link) = rest {
            let link = match link {
                Expr::Dot(parts, more, _) => {
                    rest = Some(&parts.rhs);
                    (&parts.lhs, std::mem::replace(&mut flags, *more))
                }
                last => {
                    rest = None;
                    (last, flags)
                }
            };
            let mut next = Vec::new();
            for (state, value) in ways {
                next.extend(match link.0 {
                    _ if link.1.intersects(ASTFlags::NEGATED) => return Err(Unknown),
                    Expr::Property(property, _) => vec![self.property(property.2.as_str(), &value, state)?],
                    Expr::MethodCall(call, _) => self.method(call, &value, first, state)?,
                    _ => return Err(Unknown),
                });
            }
            ways = next;
        }
        Ok(few(ways))
    }

    fn property(&mut self, name: &str, value: &Value, state: State) -> Walked<(State, Value)> {
        match &value.other {
            Other::Record(Record::Params) => Ok((state, self.params.get(name).cloned().ok_or(Unknown)?)),
            Other::Record(record) => {
                let number = state::number(*record, name).ok_or(Unknown)?;
                let value = state.field(number);
                Ok((state, value))
            }
            Other::Map(map) if map.contains_key(name) => Ok((inexact(state), map[name].clone())),
            _ => {
                self.may_fail(&state);
                Ok((inexact(state), Value::any()))
            }
        }
    }

    fn method(&mut self, call: &'a FnCallExpr, value: &Value, first: Option<&str>, state: State) -> Walked<Ways> {
        let name = call.name.as_str();
        if self.functions.iter().any(|function| function.name == name) {
            return Err(Unknown);
        }
        let writes = state.writes;
        let mut ways = Vec::new();
        for (state, values) in self.arguments(call.args.iter(), state)? {
            if state.writes != writes {
                return Err(Unknown);
            }
            let all: Vec<Value> = std::iter::once(value.clone()).chain(values).collect();
            ways.extend(self.settled(state, compute::call(name, &all), first));
        }
        Ok(ways)
    }

    /// What a native function comes to; one of which nothing is known may change the variable that it is called with.
    fn settled(&mut self, mut state: State, computed: Option<Computed>, first: Option<&str>) -> Option<(State, Value)> {
        let computed = computed.unwrap_or_else(|| {
            if let Some(name) = first {
                state.assign(name, Value::any());
            }
            Computed::unknown()
        });
        if computed.fails {
            self.may_fail(&state);
            state.exact = false;
        }
        (!computed.value.is_empty()).then_some((state, computed.value))
    }
}

/// The name of a variable of the script's own.
fn own_name(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Variable(variable, ..) if variable.2.is_empty() && variable.1 != "params" => Some(variable.1.as_str()),
        _ => None,
    }
}

fn is_negation(call: &FnCallExpr) -> bool {
    call.name == "!" && call.args.len() == 1 && call.is_operator_call()
}

fn inexact(mut state: State) -> State {
    state.exact = false;
    state
}

/// The value as a copy of a field, or of nothing.
fn of_field(value: Value) -> Value {
    match value.place {
        Some(Place::Variable(_)) => value.plain(),
        _ => value,
    }
}

/// The ways on from a value that a condition comes to: anything but a truth value is an error.
fn truths(state: &State, value: &Value) -> Outcomes {
    let sure = value.is_truth() && (value.is_one() || matches!(value.place, Some(Place::Field(_))));
    let mut outcomes = Vec::new();
    for (possible, truth) in [(value.yes, true), (value.no, false)] {
        let mut state = state.clone();
        state.exact &= sure;
        if possible && state.narrow(value.place, &Value::truth(truth)) {
            outcomes.push((state, truth));
        }
    }
    outcomes
}
