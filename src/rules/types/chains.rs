//! `record.field`, `list[0].name()`, and longer chains of these.

use rhai::{ASTFlags, Expr};

use super::Typing;
use super::value::{Env, Kinds, Value};

impl Typing<'_, '_> {
    pub(super) fn chain(&mut self, expression: &Expr, env: &mut Env) -> Value {
        let (parts, flags, dot) = match expression {
            Expr::Dot(parts, flags, _) => (parts, *flags, true),
            Expr::Index(parts, flags, _) => (parts, *flags, false),
            _ => return Value::any(),
        };
        let start = self.expression(&parts.lhs, env);
        let value = self.links(start, dot, &parts.rhs, flags, env);
        // A method may change what it is called on.
        if let Expr::Variable(name, ..) = &parts.lhs
            && calls(&parts.rhs)
        {
            env.loosen(name.1.as_str());
        }
        value
    }

    /// Follows a chain from a value: `.rest` when `dot`, else `[rest`.
    fn links(&mut self, mut value: Value, dot: bool, rest: &Expr, flags: ASTFlags, env: &mut Env) -> Value {
        // `?.` and `?[` give `()` for `()`.
        let absent = flags.intersects(ASTFlags::NEGATED) && value.kinds.has(Kinds::MISSING);
        if absent {
            value.kinds = value.kinds.without(Kinds::MISSING);
            value.fixed = None;
            if value.kinds.is_none() {
                return Value::missing();
            }
        }
        let (certain, again) = (env.certain, env.again);
        env.certain &= !absent;
        let next = match rest {
            Expr::Dot(parts, after, _) | Expr::Index(parts, after, _) if dot || !flags.intersects(ASTFlags::BREAK) => {
                let link = self.link(&value, dot, &parts.lhs, env);
                self.links(link, matches!(rest, Expr::Dot(..)), &parts.rhs, *after, env)
            }
            last => self.link(&value, dot, last, env),
        };
        env.certain = certain;
        env.again = again || env.again && !absent;
        if absent { next.join(Value::missing()) } else { next }
    }

    fn link(&mut self, value: &Value, dot: bool, link: &Expr, env: &mut Env) -> Value {
        match link {
            Expr::Property(property, position) if dot => self.property(value, property.2.as_str(), *position, env),
            Expr::MethodCall(call, position) if dot => self.method(value, call, *position, env),
            _ if dot => Value::any(),
            index => {
                let at = self.expression(index, env);
                self.index(value, &at, index.start_position(), env)
            }
        }
    }
}

/// Whether a chain calls a method.
fn calls(rest: &Expr) -> bool {
    match rest {
        Expr::MethodCall(..) => true,
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => calls(&parts.lhs) || calls(&parts.rhs),
        _ => false,
    }
}
