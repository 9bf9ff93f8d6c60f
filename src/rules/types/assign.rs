//! Assignments.

use rhai::{BinaryExpr, Expr, OpAssignment, Position};

use super::Typing;
use super::operations::Operation;
use super::value::{Env, Value};

impl Typing<'_, '_> {
    pub(super) fn assignment(&mut self, operator: &OpAssignment, parts: &BinaryExpr, env: &mut Env) {
        let given = self.expression(&parts.rhs, env);
        let sign = operator.get_op_assignment_info().map(|info| info.5);
        match &parts.lhs {
            Expr::Variable(variable, ..) => {
                let name = variable.1.as_str();
                let value = match (sign, env.get(name).cloned()) {
                    (Some(sign), Some(held)) => self.changed(sign, &held, &given, operator.position(), env),
                    (Some(_), None) => Value::any(),
                    (None, _) => given,
                };
                env.set(name, value);
            }
            Expr::Dot(chain, ..) | Expr::Index(chain, ..) => {
                if matches!(chain.lhs, Expr::ThisPtr(_)) {
                    self.expression(&chain.lhs, env);
                }
                // The indices of the place.
                if let Expr::Index(..) = &parts.lhs {
                    self.expression(&chain.rhs, &mut env.maybe());
                }
                let Some((name, key)) = entry(&parts.lhs) else {
                    if let Some(root) = root(&parts.lhs) {
                        env.loosen(root);
                    }
                    return;
                };
                let Some(mut held) = env.get(name).cloned() else { return };
                let Some(entries) = &mut held.entries else {
                    env.loosen(name);
                    return;
                };
                let value = match (sign, entries.get(&key).cloned()) {
                    (Some(sign), Some(before)) => self.changed(sign, &before, &given, operator.position(), env),
                    (Some(_), None) => Value::any(),
                    (None, _) => given,
                };
                entries.insert(key, value);
                held.fixed = None;
                env.set(name, held);
            }
            _ => {}
        }
    }

    /// `held += given`
    fn changed(&mut self, sign: &str, held: &Value, given: &Value, position: Position, env: &Env) -> Value {
        self.operate(&Operation::Assign(sign.to_owned()), &[held, given], position, env)
    }
}

/// `name.key` or `name["key"]`, and nothing longer.
fn entry(place: &Expr) -> Option<(&str, String)> {
    let (Expr::Dot(chain, ..) | Expr::Index(chain, ..)) = place else { return None };
    let Expr::Variable(variable, ..) = &chain.lhs else { return None };
    match &chain.rhs {
        Expr::Property(property, _) => Some((variable.1.as_str(), property.2.to_string())),
        Expr::StringConstant(key, _) => Some((variable.1.as_str(), key.to_string())),
        _ => None,
    }
}

/// The variable that a place is in.
fn root(place: &Expr) -> Option<&str> {
    match place {
        Expr::Dot(chain, ..) | Expr::Index(chain, ..) => root(&chain.lhs),
        Expr::Variable(variable, ..) => Some(variable.1.as_str()),
        _ => None,
    }
}
