//! Calls: of operators, of functions of the language, of the script's own functions.

use rhai::{Expr, FnCallExpr, Position};

use super::operations::Operation;
use super::value::{Env, Kinds, Value};
use super::{Frame, MOST_CALLS, MOST_LEVELS, Typing};
use crate::rules::error::RuleErrorKind;

impl Typing<'_, '_> {
    pub(super) fn call(&mut self, call: &FnCallExpr, position: Position, env: &mut Env) -> Value {
        let values: Vec<Value> = call.args.iter().map(|argument| self.expression(argument, env)).collect();
        let name = call.name.as_str();
        let borrowed: Vec<&Value> = values.iter().collect();
        if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            if name.starts_with("..") {
                return Value::of(Kinds::RANGE);
            }
            if ["==", "!="].contains(&name) {
                self.equals(call, &values, env);
            }
            return self.operate(&Operation::Sign(name.to_owned()), &borrowed, position, env);
        }
        if let Some(at) = self.functions.iter().position(|function| function.name == name && function.params.len() == values.len()) {
            return self.own(at, values, position, env);
        }
        if let ("contains", [list, item], Some(literal)) = (name, values.as_slice(), call.args.first()) {
            self.is_listed(literal, list, item, env);
        }
        // A function of the language may change its first argument.
        if call.op_token.is_none()
            && let Some(Expr::Variable(variable, ..)) = call.args.first()
        {
            env.loosen(variable.1.as_str());
        }
        self.native(name, &borrowed, position, env)
    }

    pub(super) fn method(&mut self, value: &Value, call: &FnCallExpr, position: Position, env: &mut Env) -> Value {
        let arguments: Vec<Value> = call.args.iter().map(|argument| self.expression(argument, env)).collect();
        let name = call.name.as_str();
        if self.functions.iter().any(|function| function.name == name && function.params.len() == arguments.len()) {
            // The value is `this` in there.
            return Value::any();
        }
        let values: Vec<&Value> = std::iter::once(value).chain(&arguments).collect();
        self.native(name, &values, position, env)
    }

    fn native(&mut self, name: &str, values: &[&Value], position: Position, env: &Env) -> Value {
        if name == "type_of" {
            let known = values.first().and_then(|value| value.kinds.type_name());
            return known.map_or_else(|| Value::of(Kinds::TEXT), |name| Value::fixed(name.into()));
        }
        // What is unknown or given the wrong number of arguments is reported with the names.
        if ["is_def_var", "is_def_fn", "is_shared", "Fn", "call", "curry", "eval", "print", "debug"].contains(&name)
            || !super::operations::takes(name, values.len())
        {
            return Value::any();
        }
        self.operate(&Operation::Call(name.to_owned()), values, position, env)
    }

    /// Follows a call of the script's own function with what it is given.
    fn own(&mut self, at: usize, values: Vec<Value>, position: Position, env: &mut Env) -> Value {
        if self.open.first() == Some(&at) {
            self.leads_back(at, position, env);
        }
        if self.open.contains(&at) || self.open.len() > MOST_LEVELS || self.calls >= MOST_CALLS {
            self.texts.unseen = true;
            return Value::any();
        }
        self.calls += 1;
        let function = &self.functions[at];
        let given: Vec<String> = values.iter().map(|value| value.kinds.words()).collect();
        let mut inside = Env::default();
        for (name, value) in function.params.iter().zip(values) {
            inside.declare(name, value);
        }
        let outer = std::mem::replace(&mut self.frame, Frame { call: true, ..Frame::default() });
        self.open.push(at);
        let result = self.body(&function.body, &mut inside);
        self.open.pop();
        let inner = std::mem::replace(&mut self.frame, outer);
        if inner.is_endless(&inside) {
            self.leads_back(at, position, env);
        }
        if let Some((why, line)) = inner.failed {
            let kind = RuleErrorKind::Argument {
                name: function.name.clone(),
                given: if given.is_empty() { "nothing".to_owned() } else { given.join(", ") },
                expected: format!("and fails on line {line}: {why}"),
            };
            self.report(env, position, kind, None);
            return Value::any();
        }
        if result.kinds.is_none() { Value::any() } else { result }
    }

    /// The function that was begun with is called again, by a call of this one.
    fn leads_back(&mut self, called: usize, position: Position, env: &mut Env) {
        if !env.ended {
            env.again = true;
            self.frame.again.get_or_insert((position, called));
        }
    }
}
