//! Calls: of operators, of the script's own functions, which are written out, and of functions of the language.

use rhai::{Expr, FnCallExpr, Position};

use super::state::State;
use super::value::{Kind, Value};
use super::walk::{Walk, Walked};
use crate::rules::engine::MARK;

impl<'a> Walk<'a, '_> {
    pub(super) fn call(&mut self, call: &'a FnCallExpr, position: Position, state: &mut State) -> Walked<Value> {
        self.step(position)?;
        let name = call.name.as_str();
        if name == MARK {
            if let Some(Expr::IntegerConstant(line, _)) = call.args.first() {
                let line = Kind::Integer(self.nodes.integer(*line));
                state.line = Value::one(self.nodes, line);
            }
            return Ok(Value::missing(self.nodes));
        }
        if call.is_qualified() || call.capture_parent_scope {
            return self.refuse(position, "a call that reaches out of its function");
        }
        let mut values = Vec::new();
        for argument in &call.args {
            values.push(self.operand(argument, state, position)?);
        }
        if state.is_dead(self.nodes) {
            return Ok(Value::never());
        }
        let own = self.script.functions.iter().position(|function| function.name == name && function.params.len() == values.len());
        if let Some(own) = own {
            return self.own(own, values, position, state);
        }
        if name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return self.native(name, &values, position, state);
        }
        match values.as_slice() {
            [a, b] => self.operate(name, a, b, position, state),
            [a] => self.combine(&[a], position, state, |walk, kinds, _, _| walk.unary(name, &kinds[0])),
            _ => self.refuse(position, format!("the operator `{name}`")),
        }
    }

    /// Writes a function of the script out.
    fn own(&mut self, at: usize, values: Vec<Value>, position: Position, state: &mut State) -> Walked<Value> {
        let script = self.script;
        let function = &script.functions[at];
        if self.open.contains(&at) {
            return self.refuse(position, format!("`{}` calls itself", function.name));
        }
        if self.open.len() + 3 > script.limits.call_levels {
            return self.refuse(position, "it could exceed `call_levels` of [sandbox]");
        }
        let (base, depth, line, writes) = (state.base, state.variables.len(), state.line.clone(), state.writes);
        for (name, value) in function.params.iter().zip(values) {
            self.declare(name, value, position, state)?;
        }
        state.base = depth;
        self.open.push(at);
        self.returns.push(Vec::new());
        let loops = std::mem::take(&mut self.loops);
        let value = self.block(&function.body, state)?;
        self.loops = loops;
        self.open.pop();
        let mut ways = self.returns.pop().unwrap_or_default();
        ways.push((state.clone(), value));
        let value = self.meet(ways, state);
        state.variables.truncate(depth);
        state.base = base;
        state.line = line;
        // It can assign to variables of its own only.
        state.writes = writes;
        Ok(value)
    }
}
