//! Comparisons, as the rules' operators define them: what both sides may be when one holds, and when it does not.

use super::range::Op;
use super::value::{Other, Value};

/// What both sides may be on one outcome.
#[derive(Debug)]
pub(super) struct Side {
    pub(super) left: Value,
    pub(super) right: Value,
    /// Whether one side is one known value and the other exactly those values that lead to this outcome.
    pub(super) exact: bool,
}

/// What a comparison may come to.
#[derive(Debug)]
pub(super) struct Outcomes {
    pub(super) yes: Option<Side>,
    pub(super) no: Option<Side>,
    /// Whether it may raise an error.
    pub(super) fails: bool,
}

/// Compares two values.
pub(super) fn compare(op: Op, left: &Value, right: &Value) -> Outcomes {
    Outcomes { yes: side(op, left, right), no: side(op.negated(), left, right), fails: fails(op, left, right) }
}

fn is_equality(op: Op) -> bool {
    matches!(op, Op::Eq | Op::Ne)
}

/// Whether values of unlike kinds may meet.
fn fails(op: Op, left: &Value, right: &Value) -> bool {
    if is_equality(op) && right.is_missing() {
        return false;
    }
    if left.other != Other::No || right.other != Other::No {
        return true;
    }
    let kinds = |value: &Value| [value.missing, value.yes || value.no, value.number().is_some(), value.texts.is_some()];
    let (left, right) = (kinds(left), kinds(right));
    let alike = |a: usize, b: usize| match (a, b) {
        (_, 0) | (1, 1) => is_equality(op),
        _ => a == b,
    };
    (0..4).any(|a| left[a] && (0..4).any(|b| right[b] && !alike(a, b)))
}

/// What both sides may be when the comparison holds; `None` when it never does.
fn side(op: Op, left: &Value, right: &Value) -> Option<Side> {
    if (left.other != Other::No || right.other != Other::No) && !right.is_missing() {
        return Some(Side { left: left.plain(), right: right.plain(), exact: false });
    }
    let mut found = Side { left: Value::default(), right: Value::default(), exact: left.is_one() || right.is_one() };
    numbers(op, left, right, &mut found);
    texts(op, left, right, &mut found);
    if is_equality(op) {
        truths(op, left, right, &mut found);
        if right.missing {
            let meets = if op == Op::Eq { Value { missing: left.missing, ..Value::default() } } else { left.there().plain() };
            if !meets.is_empty() {
                found.left = found.left.join(&meets);
                found.right.missing = true;
            }
        }
    }
    (!found.left.is_empty()).then_some(found)
}

fn numbers(op: Op, left: &Value, right: &Value, found: &mut Side) {
    let mut add = |left: Value, right: Value, exact: bool| {
        found.left = found.left.join(&left);
        found.right = found.right.join(&right);
        found.exact &= exact;
    };
    if let Some((a, b)) = left.ints.zip(right.ints)
        && let Some((x, y)) = a.split(op, b)
    {
        add(Value::ints(x), Value::ints(y), a.splits_exactly(op, b) || b.splits_exactly(op.mirrored(), a));
    }
    if let Some((a, b)) = left.floats.zip(right.floats)
        && let Some((x, y)) = a.split(op, b)
    {
        add(Value::floats(x), Value::floats(y), a.splits_exactly(op, b) || b.splits_exactly(op.mirrored(), a));
    }
    if let Some((a, b)) = left.ints.zip(right.floats)
        && let Some((x, y, exact)) = a.split_mixed(op, b)
    {
        add(Value::ints(x), Value::floats(y), exact);
    }
    if let Some((a, b)) = left.floats.zip(right.ints)
        && let Some((y, x, exact)) = b.split_mixed(op.mirrored(), a)
    {
        // A number beside one known integer: that integer as a number is one known value.
        let exact = exact || b.is_one() && a.splits_exactly(op, b.as_floats());
        add(Value::floats(x), Value::ints(y), exact);
    }
}

fn texts(op: Op, left: &Value, right: &Value, found: &mut Side) {
    let Some((a, b)) = left.texts.as_ref().zip(right.texts.as_ref()) else { return };
    let (x, y) = match op {
        Op::Eq => {
            let both = a.meet(b);
            (both.clone(), both)
        }
        Op::Ne => {
            (if b.one().is_some() { a.minus(b) } else { Some(a.clone()) }, if a.one().is_some() { b.minus(a) } else { Some(b.clone()) })
        }
        _ => match a.one().zip(b.one()) {
            Some((a, b)) if !ordered(op, a, b) => (None, None),
            Some(_) => (Some(a.clone()), Some(b.clone())),
            None => {
                found.exact = false;
                (Some(a.clone()), Some(b.clone()))
            }
        },
    };
    if let Some((x, y)) = x.zip(y) {
        found.left = found.left.join(&Value::texts(x));
        found.right = found.right.join(&Value::texts(y));
    }
}

fn ordered(op: Op, a: &str, b: &str) -> bool {
    match op {
        Op::Eq => a == b,
        Op::Ne => a != b,
        Op::Lt => a < b,
        Op::Le => a <= b,
        Op::Gt => a > b,
        Op::Ge => a >= b,
    }
}

fn truths(op: Op, left: &Value, right: &Value, found: &mut Side) {
    for (a, a_is) in [(true, left.yes), (false, left.no)] {
        for (b, b_is) in [(true, right.yes), (false, right.no)] {
            if a_is && b_is && (a == b) == (op == Op::Eq) {
                found.left = found.left.join(&Value::truth(a));
                found.right = found.right.join(&Value::truth(b));
            }
        }
    }
}
