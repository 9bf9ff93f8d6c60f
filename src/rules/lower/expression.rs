//! What an expression comes to.

use rhai::{ASTFlags, BinaryExpr, Dynamic, Expr, Position};

use super::nodes::Id;
use super::operate::TOO_LONG;
use super::state::State;
use super::value::{Kind, MOST_CASES, Part, Value};
use super::walk::{Walk, Walked};
use crate::rules::fields::{FieldValue, PAIR, REQUEST};
use crate::rules::rule::Param;

/// Functions of the language that are written as properties too.
const GETTERS: [&str; 7] = ["floor", "ceiling", "round", "int", "len", "bytes", "is_empty"];

impl<'a> Walk<'a, '_> {
    pub(super) fn expression(&mut self, expression: &'a Expr, state: &mut State) -> Walked<Value> {
        self.step(expression.position())?;
        if state.is_dead(self.nodes) {
            return Ok(Value::never());
        }
        let kind = match expression {
            Expr::Unit(_) => Kind::Missing,
            Expr::BoolConstant(truth, _) => Kind::Truth(self.nodes.truth(*truth)),
            Expr::IntegerConstant(integer, _) => Kind::Integer(self.nodes.integer(*integer)),
            Expr::FloatConstant(number, position) => {
                if !number.is_finite() {
                    return self.refuse(*position, "a number that is not finite");
                }
                Kind::Number(self.nodes.number(**number))
            }
            Expr::StringConstant(text, position) => self.text(text, *position)?,
            Expr::Variable(variable, _, position) => return self.variable(variable.1.as_str(), !variable.2.is_empty(), *position, state),
            Expr::Dot(chain, flags, position) => return self.chain(chain, *flags, *position, state),
            Expr::FnCall(call, position) => return self.call(call, *position, state),
            Expr::Stmt(block) => return self.block(block.statements(), state),
            Expr::And(parts, _) => return self.connected(parts, state, false),
            Expr::Or(parts, _) => return self.connected(parts, state, true),
            Expr::Coalesce(parts, _) => return self.first_there(parts, state),
            Expr::InterpolatedString(parts, position) => return self.interpolated(parts, *position, state),
            Expr::Array(items, position) => {
                let mut kinds = Vec::new();
                for item in items {
                    let value = self.expression(item, state)?;
                    match value.only() {
                        Some(kind) if kind.node().is_some_and(|id| self.nodes.is_constant(id)) => kinds.push(kind.clone()),
                        _ => return self.refuse(*position, "a list of what is not known beforehand"),
                    }
                }
                self.held(Kind::List(kinds.into()), *position)?
            }
            Expr::Map(map, position) => {
                let mut entries = Vec::new();
                for (name, value) in &map.0 {
                    entries.push((name.as_str().to_owned(), self.operand(value, state, *position)?));
                }
                if state.is_dead(self.nodes) {
                    return Ok(Value::never());
                }
                self.held(Kind::Map(entries.into()), *position)?
            }
            Expr::DynamicConstant(value, position) => self.constant(value, *position).and_then(|kind| self.held(kind, *position))?,
            other => return self.refuse(other.position(), unsupported(other)),
        };
        Ok(Value::one(self.nodes, kind))
    }

    /// An expression among several that are computed before any is used: it may change no variable.
    pub(super) fn operand(&mut self, expression: &'a Expr, state: &mut State, position: Position) -> Walked<Value> {
        let writes = state.writes;
        let value = self.expression(expression, state)?;
        if state.writes == writes { Ok(value) } else { self.refuse(position, "an operand that assigns") }
    }

    fn text(&mut self, text: &str, position: Position) -> Walked<Kind> {
        if text.len() > self.script.limits.string {
            return self.refuse(position, "a text beyond `string` of [sandbox]");
        }
        Ok(Kind::Text(self.nodes.text(text)))
    }

    fn variable(&mut self, name: &str, constant: bool, position: Position, state: &State) -> Walked<Value> {
        if constant {
            let found = self.script.constants.iter().find(|(known, _)| known == name).map(|(_, value)| value);
            let Some(value) = found else { return self.refuse(position, "a constant that is not known") };
            let kind = self.constant(value, position).and_then(|kind| self.held(kind, position))?;
            return Ok(Value::one(self.nodes, kind));
        }
        if let Some(value) = state.variable(name) {
            let value = value.clone();
            return Ok(value.under(self.nodes, state.live));
        }
        if name == "params" {
            return Ok(Value::one(self.nodes, Kind::Params));
        }
        self.refuse(position, "a variable that is not known")
    }

    /// A value that is known beforehand.
    pub(super) fn constant(&mut self, value: &Dynamic, position: Position) -> Walked<Kind> {
        if value.is_unit() {
            return Ok(Kind::Missing);
        }
        if let Ok(truth) = value.as_bool() {
            return Ok(Kind::Truth(self.nodes.truth(truth)));
        }
        if let Ok(integer) = value.as_int() {
            return Ok(Kind::Integer(self.nodes.integer(integer)));
        }
        if let Ok(number) = value.as_float()
            && number.is_finite()
        {
            return Ok(Kind::Number(self.nodes.number(number)));
        }
        if value.is_string()
            && let Ok(text) = value.clone().into_immutable_string()
        {
            return self.text(&text, position);
        }
        if let Ok(items) = value.as_array_ref() {
            let items = items.iter().map(|item| self.constant(item, position)).collect::<Walked<Vec<Kind>>>()?;
            return Ok(Kind::List(items.into()));
        }
        self.refuse(position, "a value that has no counterpart in SQL")
    }

    fn param(&mut self, param: &Param, position: Position) -> Walked<Kind> {
        Ok(match param {
            Param::Integer(integer) => Kind::Integer(self.nodes.integer(*integer)),
            Param::Number(number) => Kind::Number(self.nodes.number(*number)),
            Param::Boolean(truth) => Kind::Truth(self.nodes.truth(*truth)),
            Param::Text(text) => self.text(text, position)?,
            Param::List(items) => Kind::List(items.iter().map(|item| self.param(item, position)).collect::<Walked<Vec<Kind>>>()?.into()),
        })
    }

    /// The value, where it is sure to stay within what a list, a map and the texts in them may hold.
    fn held(&self, kind: Kind, position: Position) -> Walked<Kind> {
        let limits = &self.script.limits;
        let size = self.nodes.size(&kind);
        let beyond = [("list", size.items, limits.list), ("map", size.entries, limits.map), ("string", size.bytes, limits.string)];
        match beyond.into_iter().find(|(_, most, limit)| *most > *limit as f64) {
            Some((limit, ..)) => self.refuse(position, format!("{} that could exceed `{limit}` of [sandbox]", kind.words())),
            None => Ok(kind),
        }
    }

    /// `a && b` or `a || b`: a part that is `stop` ends it.
    fn connected(&mut self, parts: &'a [Expr], state: &mut State, stop: bool) -> Walked<Value> {
        let Some((first, rest)) = parts.split_first() else { return self.refuse(Position::NONE, "nothing to connect") };
        let holds = self.condition(first, state)?;
        if state.is_dead(self.nodes) {
            return Ok(Value::never());
        }
        if rest.is_empty() {
            return Ok(Value::one(self.nodes, Kind::Truth(holds)));
        }
        let decided = self.nodes.truth(stop);
        let decided = Value::one(self.nodes, Kind::Truth(decided));
        let goes_on = if stop { self.nodes.not(holds) } else { holds };
        self.branch(goes_on, state, |walk, state| walk.connected(rest, state, stop), |_, _| Ok(decided))
    }

    /// `a ?? b`
    fn first_there(&mut self, parts: &'a [Expr], state: &mut State) -> Walked<Value> {
        let Some((first, rest)) = parts.split_first() else { return self.refuse(Position::NONE, "nothing to choose from") };
        let value = self.expression(first, state)?;
        if rest.is_empty() || state.is_dead(self.nodes) {
            return Ok(value);
        }
        let value = value.under(self.nodes, state.live);
        let missing: Vec<Id> = value.cases.iter().filter(|(_, kind)| *kind == Kind::Missing).map(|(condition, _)| *condition).collect();
        let missing = self.nodes.or(&missing);
        let there: Vec<(Id, Kind)> = value.cases.into_iter().filter(|(_, kind)| *kind != Kind::Missing).collect();
        self.branch(
            missing,
            state,
            |walk, state| walk.first_there(rest, state),
            |walk, state| Ok(Value { cases: there }.under(walk.nodes, state.live)),
        )
    }

    fn interpolated(&mut self, parts: &'a [Expr], position: Position, state: &mut State) -> Walked<Value> {
        let mut ways: Vec<(Id, Vec<Part>)> = vec![(self.nodes.truth(true), Vec::new())];
        for part in parts {
            let value = self.operand(part, state, position)?.under(self.nodes, state.live);
            let mut next = Vec::new();
            for (condition, before) in &ways {
                for (when, kind) in &value.cases {
                    let condition = self.nodes.and(&[*condition, *when]);
                    if self.nodes.as_truth(condition) == Some(false) {
                        continue;
                    }
                    let mut text = before.clone();
                    match kind {
                        Kind::Template(inner) => text.extend(inner.iter().cloned()),
                        Kind::Missing => {}
                        _ => match kind.node() {
                            Some(id) => text.push(self.nodes.as_text(id).map_or(Part::Value(id), Part::Text)),
                            None => return self.refuse(position, format!("{} in a text", kind.words())),
                        },
                    }
                    if self.nodes.longest(&text) > self.script.limits.string as f64 {
                        return self.refuse(position, TOO_LONG);
                    }
                    next.push((condition, text));
                }
            }
            if next.len() > MOST_CASES {
                return self.refuse(position, "a text with too many cases");
            }
            ways = next;
        }
        if state.is_dead(self.nodes) {
            return Ok(Value::never());
        }
        let cases = ways.into_iter().map(|(condition, parts)| (condition, Kind::Template(parts.into()))).collect();
        Ok(Value::of(self.nodes, cases))
    }

    /// `record.field`, `value.method()` and what follows it.
    fn chain(&mut self, chain: &'a BinaryExpr, flags: ASTFlags, position: Position, state: &mut State) -> Walked<Value> {
        let mut value = self.expression(&chain.lhs, state)?;
        let (mut rest, mut flags) = (Some(&chain.rhs), flags);
        while let Some(link) = rest {
            if flags.intersects(ASTFlags::NEGATED) {
                return self.refuse(position, "`?.`");
            }
            let link = match link {
                Expr::Dot(parts, more, _) => {
                    flags = *more;
                    rest = Some(&parts.rhs);
                    &parts.lhs
                }
                last => {
                    rest = None;
                    last
                }
            };
            if state.is_dead(self.nodes) {
                return Ok(Value::never());
            }
            self.step(link.position())?;
            value = match link {
                Expr::Property(property, position) => self.property(&value, property.2.as_str(), *position, state)?,
                Expr::MethodCall(call, position) => {
                    let mut all = vec![value];
                    for argument in &call.args {
                        all.push(self.operand(argument, state, *position)?);
                    }
                    self.native(call.name.as_str(), &all, *position, state)?
                }
                other => return self.refuse(other.position(), unsupported(other)),
            };
        }
        Ok(value)
    }

    fn property(&mut self, value: &Value, name: &str, position: Position, state: &mut State) -> Walked<Value> {
        let value = value.under(self.nodes, state.live);
        match value.only() {
            Some(Kind::Params) => {
                let Some(param) = self.rule.params.get(name) else { return self.refuse(position, "a parameter that is not known") };
                let kind = self.param(param, position).and_then(|kind| self.held(kind, position))?;
                Ok(Value::one(self.nodes, kind))
            }
            Some(Kind::Pair) => {
                let Some(at) = PAIR.iter().position(|field| field.name == name) else {
                    return self.refuse(position, "a field that is not known");
                };
                let value = self.field(at);
                Ok(value.under(self.nodes, state.live))
            }
            Some(Kind::Request) => {
                let Some(field) = REQUEST.iter().find(|field| field.name == name) else {
                    return self.refuse(position, "a field that is not known");
                };
                if name == "model" && self.asked.model_of_pair {
                    let value = self.field(0);
                    return Ok(value.under(self.nodes, state.live));
                }
                let kind = match (field.get)(self.asked.request) {
                    FieldValue::Missing => Kind::Missing,
                    FieldValue::Integer(integer) => Kind::Integer(self.nodes.integer(integer)),
                    FieldValue::Number(number) => Kind::Number(self.nodes.number(number)),
                    FieldValue::Text(text) => self.text(text, position)?,
                    FieldValue::Boolean(truth) => Kind::Truth(self.nodes.truth(truth)),
                };
                Ok(Value::one(self.nodes, kind))
            }
            Some(Kind::Map(entries)) => match entries.iter().find(|(known, _)| known == name) {
                Some((_, value)) => Ok(value.under(self.nodes, state.live)),
                None => self.refuse(position, "an entry that is not there"),
            },
            // Of what stands after a loop the types are not checked: a getter that there is not must fail here as there.
            _ if GETTERS.contains(&name) => self.native(name, std::slice::from_ref(&value), position, state),
            _ => self.refuse(position, format!("the property `{name}`")),
        }
    }

    /// A field of the pair: its column, or missing.
    fn field(&mut self, at: usize) -> Value {
        let id = self.nodes.field(at);
        let kind = Kind::typed(self.nodes, id);
        if !PAIR[at].optional {
            return Value::one(self.nodes, kind);
        }
        let missing = self.nodes.missing(id);
        let there = self.nodes.not(missing);
        let mut cases = vec![(missing, Kind::Missing), (there, kind)];
        cases.retain(|(condition, _)| self.nodes.as_truth(*condition) != Some(false));
        Value { cases }
    }
}

fn unsupported(expression: &Expr) -> &'static str {
    match expression {
        Expr::Index(..) => "an item taken out of a list or a map",
        Expr::CharConstant(..) => "a character",
        Expr::ThisPtr(_) => "`this`",
        Expr::MethodCall(..) => "a method",
        _ => "an expression that has no counterpart in SQL",
    }
}
