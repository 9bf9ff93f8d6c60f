//! What an expression comes to.

use rhai::{Dynamic, Expr, Position};

use super::Typing;
use super::operations::{self, Operation};
use super::value::{Env, Kinds, Value};
use super::words::Origin;
use crate::rules::error::RuleErrorKind;

impl Typing<'_, '_> {
    pub(super) fn expression(&mut self, expression: &Expr, env: &mut Env) -> Value {
        match expression {
            Expr::DynamicConstant(value, _) => Value::fixed((**value).clone()),
            Expr::BoolConstant(value, _) => Value::fixed((*value).into()),
            Expr::IntegerConstant(value, _) => Value::fixed((*value).into()),
            Expr::FloatConstant(value, _) => Value::fixed(Dynamic::from_float(**value)),
            Expr::CharConstant(value, _) => Value::fixed((*value).into()),
            Expr::StringConstant(value, _) => Value::fixed(value.clone().into()),
            Expr::Unit(_) => Value::missing(),
            Expr::InterpolatedString(parts, _) => {
                for part in parts {
                    self.expression(part, env);
                }
                Value::of(Kinds::TEXT)
            }
            Expr::Array(items, _) => {
                let items: Vec<Value> = items.iter().map(|item| self.expression(item, env)).collect();
                match items.into_iter().map(|item| item.fixed).collect::<Option<rhai::Array>>() {
                    Some(list) => Value::fixed(list.into()),
                    None => Value::of(Kinds::LIST),
                }
            }
            Expr::Map(map, _) => {
                let entries = map.0.iter().map(|(key, value)| (key.as_str().to_owned(), self.expression(value, env))).collect();
                Value::map(entries)
            }
            Expr::Variable(variable, ..) if !variable.2.is_empty() => {
                self.constants.get(variable.1.as_str()).map_or_else(Value::any, |value| Value::fixed(value.clone()))
            }
            Expr::Variable(variable, ..) => match variable.1.as_str() {
                "params" => Value::of(Kinds::PARAMS),
                name => env.get(name).cloned().unwrap_or_else(Value::any),
            },
            // Functions of the script may be called on a value; hooks are not.
            Expr::ThisPtr(position) if self.frame.hook.is_some() => {
                self.report(env, *position, RuleErrorKind::AlwaysFails("a hook has no `this`".to_owned()), None);
                Value::any()
            }
            Expr::Dot(..) | Expr::Index(..) => self.chain(expression, env),
            Expr::FnCall(call, position) => self.call(call, *position, env),
            Expr::Stmt(block) => self.block(block.statements(), env, false),
            Expr::And(parts, _) => self.connected(parts, env, false),
            Expr::Or(parts, _) => self.connected(parts, env, true),
            Expr::Coalesce(parts, _) => self.first_there(parts, env),
            _ => Value::any(),
        }
    }

    /// `a && b && c` or `a || b || c`: a part that is `stop` ends it.
    fn connected(&mut self, parts: &[Expr], env: &mut Env, stop: bool) -> Value {
        let (certain, mut again) = (env.certain, env.again);
        let mut open = false;
        for (at, part) in parts.iter().enumerate() {
            let value = self.expression(part, env);
            if at == 0 {
                again = env.again;
            }
            self.truth(&value, part.start_position(), env);
            match value.truth() {
                // What comes after is never evaluated, and what stands before changes nothing.
                Some(truth) if truth == stop => {
                    (env.certain, env.again) = (certain, again);
                    return Value::fixed(stop.into());
                }
                Some(_) => {}
                None => {
                    open = true;
                    env.certain = false;
                }
            }
        }
        (env.certain, env.again) = (certain, again);
        if open { Value::of(Kinds::BOOLEAN) } else { Value::fixed((!stop).into()) }
    }

    /// `a ?? b ?? c`
    fn first_there(&mut self, parts: &[Expr], env: &mut Env) -> Value {
        let (certain, mut again) = (env.certain, env.again);
        let mut result = Value::of(Kinds::NONE);
        for (at, part) in parts.iter().enumerate() {
            let mut value = self.expression(part, env);
            if at == 0 {
                again = env.again;
            }
            if at + 1 < parts.len() {
                if !value.kinds.has(Kinds::MISSING) {
                    (env.certain, env.again) = (certain, again);
                    return result.join(value);
                }
                value.kinds = value.kinds.without(Kinds::MISSING);
                value.fixed = None;
                env.certain = env.certain && value.kinds.is_none();
            }
            result = result.join(value);
        }
        (env.certain, env.again) = (certain, again);
        result
    }

    /// What an operation comes to; a fault when it can only fail.
    pub(super) fn operate(&mut self, operation: &Operation, values: &[&Value], position: Position, env: &Env) -> Value {
        let fixed: Option<Vec<Dynamic>> = values.iter().map(|value| value.fixed.clone()).collect();
        if let Some(fixed) = fixed.filter(|fixed| !fixed.is_empty() && fixed.len() <= 4) {
            match operations::evaluate(operation, &fixed) {
                Ok(value) if foldable(operation) => return Value::fixed(value),
                Ok(value) => return Value::of(Kinds::of(&value)),
                // Known values that fail although their types fit.
                Err(why) if !operations::ask(operation, values).is_none() => {
                    if !self.left_to_the_guards(values) {
                        self.report(env, position, RuleErrorKind::AlwaysFails(why), None);
                    }
                    return Value::any();
                }
                Err(_) => {}
            }
        }
        if let (Operation::Sign(sign) | Operation::Assign(sign), [number, by]) = (operation, values)
            && ["/", "%"].contains(&sign.as_str())
            && number.kinds.has(Kinds::INTEGER.or(Kinds::NUMBER))
            && by.is_zero()
        {
            let why = "whatever is divided by 0 has no result".to_owned();
            self.report(env, position, RuleErrorKind::AlwaysFails(why), None);
            return Value::any();
        }
        let mut kinds = operations::ask(operation, values);
        if let (Operation::Call(name), [list, item]) = (operation, values)
            && name == "contains"
            && let Some(items) = list.items().filter(|items| !items.is_empty())
        {
            // Every item is compared until one is equal: the first comparison must at least be possible.
            let first = Value::fixed(items[0].clone());
            kinds = operations::ask(&Operation::Sign("==".to_owned()), &[&first.loose(), item]);
            if kinds.is_none() {
                let what = format!("compare {} with {} in a list of these", item.kinds.words(), first.kinds.words());
                self.fail(RuleErrorKind::Operands(what), values, position, env);
                return Value::of(Kinds::BOOLEAN);
            }
        }
        if kinds.is_none() {
            let kind = describe(operation, &self.guarded(values));
            self.fail(kind, values, position, env);
            return Value::any();
        }
        Value::of(kinds)
    }

    fn fail(&mut self, kind: RuleErrorKind, values: &[&Value], position: Position, env: &Env) {
        if !self.left_to_the_guards(values) {
            self.report(env, position, kind, None);
        }
    }

    /// The values without the missing one, where guards see to it that it is not there.
    fn guarded(&self, values: &[&Value]) -> Vec<Value> {
        let there = |kinds: Kinds| kinds.without(Kinds::MISSING);
        let kept = |value: &Value| if self.dynamic || there(value.kinds).is_none() { value.kinds } else { there(value.kinds) };
        values.iter().map(|value| Value { kinds: kept(value), ..(*value).clone() }).collect()
    }

    /// Whether a value is missing and nothing else: the check of guards says so, where it can follow the script.
    pub(super) fn left_to_the_guards(&self, values: &[&Value]) -> bool {
        !self.dynamic && values.iter().any(|value| value.kinds == Kinds::MISSING)
    }

    /// `value.name`
    pub(super) fn property(&mut self, value: &Value, name: &str, position: Position, env: &Env) -> Value {
        if value.kinds == Kinds::PARAMS {
            return self.param(name);
        }
        if let Some(field) = field(value.kinds, name) {
            return field;
        }
        if value.kinds.has(Kinds::OTHER.or(Kinds::PAIR).or(Kinds::REQUEST).or(Kinds::PARAMS)) || value.kinds.is_none() {
            return Value::any();
        }
        if let Some(entries) = value.entries.as_ref().filter(|_| value.kinds == Kinds::MAP) {
            if let Some(entry) = entries.get(name) {
                return entry.clone();
            }
            self.no_property("the map", value, name, position, env);
            return Value::any();
        }
        if value.kinds.has(Kinds::MAP) {
            return Value::any();
        }
        let found = operations::ask(&Operation::Property(name.to_owned()), &[value]);
        if found.is_none() {
            self.no_property(&value.kinds.words(), value, name, position, env);
            return Value::any();
        }
        Value::of(found)
    }

    fn no_property(&mut self, of: &str, value: &Value, name: &str, position: Position, env: &Env) {
        if !self.left_to_the_guards(&[value]) {
            self.report(env, position, RuleErrorKind::NoSuchProperty { of: of.to_owned(), name: name.to_owned() }, None);
        }
    }

    /// `value[index]`
    pub(super) fn index(&mut self, value: &Value, index: &Value, position: Position, env: &Env) -> Value {
        if value.kinds == Kinds::MAP
            && let Some(key) = index.text()
            && let Some(entry) = value.entries.as_ref().and_then(|entries| entries.get(&key))
        {
            return entry.clone();
        }
        if value.kinds.has(Kinds::PAIR.or(Kinds::REQUEST).or(Kinds::PARAMS)) {
            return Value::any();
        }
        // Whether an index is inside hangs on the value: only the types are looked at.
        self.operate(&Operation::Index, &[&value.loose(), &index.loose()], position, env)
    }
}

/// What is known of a field of a record.
fn field(kinds: Kinds, name: &str) -> Option<Value> {
    use crate::rules::fields::{FieldKind, PAIR, REQUEST};
    let (record, kind, optional, words) = if kinds == Kinds::PAIR {
        PAIR.iter().find(|field| field.name == name).map(|field| ("pair", field.kind, field.optional, field.words))?
    } else if kinds == Kinds::REQUEST {
        REQUEST.iter().find(|field| field.name == name).map(|field| ("request", field.kind, field.optional, field.words))?
    } else {
        return None;
    };
    let kinds = match kind {
        FieldKind::Integer => Kinds::INTEGER,
        FieldKind::Number => Kinds::NUMBER,
        FieldKind::Text => Kinds::TEXT,
        FieldKind::Boolean => Kinds::BOOLEAN,
    };
    let kinds = if optional { kinds.or(Kinds::MISSING) } else { kinds };
    Some(Value { origin: Origin::new(record, name, words), ..Value::of(kinds) })
}

/// Whether the result is the same whenever the values are.
fn foldable(operation: &Operation) -> bool {
    !matches!(operation, Operation::Assign(_))
}

/// An operation that can only fail, in words.
fn describe(operation: &Operation, values: &[Value]) -> RuleErrorKind {
    let words: Vec<String> = values.iter().map(|value| value.kinds.words()).collect();
    match operation {
        Operation::Sign(sign) if ["==", "!=", "<", "<=", ">", ">="].contains(&sign.as_str()) => {
            RuleErrorKind::Operands(format!("compare {} by `{sign}`", words.join(" with ")))
        }
        Operation::Sign(sign) | Operation::Assign(sign) => {
            RuleErrorKind::Operands(format!("compute `{sign}` with {}", words.join(" and ")))
        }
        Operation::Index => {
            RuleErrorKind::Operands(format!("take an item out of {} by {}", words[0], words.get(1).map_or("", String::as_str)))
        }
        Operation::Property(name) => RuleErrorKind::NoSuchProperty { of: words.join(", "), name: name.clone() },
        Operation::Call(name) => {
            RuleErrorKind::Argument { name: name.clone(), given: words.join(", "), expected: fitting(operation, values) }
        }
    }
}

/// What a function could be given instead, in words.
fn fitting(operation: &Operation, values: &[Value]) -> String {
    let all = [Kinds::INTEGER, Kinds::NUMBER, Kinds::TEXT, Kinds::CHAR, Kinds::BOOLEAN, Kinds::LIST, Kinds::MAP];
    for at in (0..values.len()).rev() {
        let fits = all.into_iter().filter(|kind| {
            let tried = Value::of(*kind);
            let values: Vec<&Value> = values.iter().enumerate().map(|(place, value)| if place == at { &tried } else { value }).collect();
            !operations::ask(operation, &values).is_none()
        });
        let fits = fits.fold(Kinds::NONE, Kinds::or);
        if !fits.is_none() {
            let place = if values.len() == 1 { String::new() } else { format!(" as argument {}", at + 1) };
            return format!("expected {}{place}", fits.words());
        }
    }
    "which it cannot be given".to_owned()
}
