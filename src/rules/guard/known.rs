//! What is known at one place of a script: which fields and variables are there, and what a condition tells of them.

use std::collections::BTreeSet;

use rhai::{Expr, FnCallExpr, Stmt};

use crate::rules::fields;

/// What is known at one place.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// Fields (`pair.x`) and variables that are there.
    pub(super) there: BTreeSet<String>,
    /// Variables that hold a value that may be missing.
    pub(super) doubtful: BTreeSet<String>,
    /// No way leads here.
    pub(super) ended: bool,
}

impl Known {
    pub(super) fn with(&self, names: &BTreeSet<String>) -> Self {
        let mut known = self.clone();
        known.there.extend(names.iter().cloned());
        known
    }

    /// What is known where two ways meet.
    pub(super) fn join(self, other: Self) -> Self {
        match (self.ended, other.ended) {
            (true, _) => other,
            (_, true) => self,
            _ => Self {
                there: self.there.intersection(&other.there).cloned().collect(),
                doubtful: self.doubtful.union(&other.doubtful).cloned().collect(),
                ended: false,
            },
        }
    }
}

/// Names known to be there when a condition holds, and when it does not.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) holds: BTreeSet<String>,
    pub(super) fails: BTreeSet<String>,
}

/// Forgets variables of a block that ends, and what it said about those that it hid.
pub(super) fn restore(known: &mut Known, outer: &Known, statements: &[Stmt]) {
    for statement in statements {
        if let Stmt::Var(parts, _, _) = statement {
            let name = parts.0.as_str();
            set(known, name, outer.doubtful.contains(name));
            if outer.there.contains(name) {
                known.there.insert(name.to_owned());
            }
        }
    }
}

pub(super) fn set(known: &mut Known, variable: &str, doubtful: bool) {
    known.there.remove(variable);
    if doubtful {
        known.doubtful.insert(variable.to_owned());
    } else {
        known.doubtful.remove(variable);
    }
}

pub(super) fn may_be_missing(name: &str, known: &Known) -> bool {
    let Some((record, field)) = name.split_once('.') else { return false };
    !known.there.contains(name)
        && fields::of_record(record).is_some_and(|fields| fields.iter().any(|(name, optional)| *name == field && *optional))
}

/// The name of a field or a variable; `None` for another expression.
pub(super) fn path(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Variable(variable, ..) if variable.2.is_empty() => Some(variable.1.to_string()),
        Expr::Dot(chain, ..) => match (&chain.lhs, &chain.rhs) {
            (Expr::Variable(variable, ..), Expr::Property(property, _)) => Some(format!("{}.{}", variable.1, property.2)),
            _ => None,
        },
        _ => None,
    }
}

/// What a comparison with `()`, or of `type_of`, guards, and whether it is there when the comparison holds.
pub(super) fn guard(call: &FnCallExpr) -> Option<(String, bool)> {
    let equal = match call.name.as_str() {
        "==" => true,
        "!=" => false,
        "type_of" if call.args.len() == 1 => return path(&call.args[0]).map(|name| (name, false)).or(Some((String::new(), false))),
        _ => return None,
    };
    let (left, right) = (call.args.first()?, call.args.get(1)?);
    match (left, right) {
        (_, Expr::Unit(_)) => path(left).map(|name| (name, !equal)),
        (Expr::FnCall(inner, _), Expr::StringConstant(text, _)) if inner.name == "type_of" => {
            let name = inner.args.first().and_then(path)?;
            Some((name, (text.as_str() == "()") != equal))
        }
        _ => None,
    }
}

/// What a condition tells.
pub(super) fn facts(condition: &Expr) -> Facts {
    match condition {
        Expr::FnCall(call, _) if call.name == "!" && call.args.len() == 1 => {
            let inner = facts(&call.args[0]);
            Facts { holds: inner.fails, fails: inner.holds }
        }
        Expr::FnCall(call, _) if call.name != "type_of" => match guard(call) {
            Some((name, true)) => Facts { holds: BTreeSet::from([name]), fails: BTreeSet::new() },
            // `type_of(x) != "f64"` that fails says that x is there; `x == ()` that fails does too.
            Some((name, false)) => Facts { holds: BTreeSet::new(), fails: BTreeSet::from([name]) },
            None => Facts::default(),
        },
        Expr::And(parts, _) => {
            let all: Vec<Facts> = parts.iter().map(facts).collect();
            Facts { holds: union(all.iter().map(|facts| &facts.holds)), fails: intersection(all.iter().map(|facts| &facts.fails)) }
        }
        Expr::Or(parts, _) => {
            let all: Vec<Facts> = parts.iter().map(facts).collect();
            Facts { holds: intersection(all.iter().map(|facts| &facts.holds)), fails: union(all.iter().map(|facts| &facts.fails)) }
        }
        _ => Facts::default(),
    }
}

pub(super) fn union<'a>(sets: impl Iterator<Item = &'a BTreeSet<String>>) -> BTreeSet<String> {
    sets.flatten().cloned().collect()
}

pub(super) fn intersection<'a>(mut sets: impl Iterator<Item = &'a BTreeSet<String>>) -> BTreeSet<String> {
    let Some(first) = sets.next() else { return BTreeSet::new() };
    sets.fold(first.clone(), |all, set| all.intersection(set).cloned().collect())
}
