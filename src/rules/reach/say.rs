//! Says in words why a branch is never taken.

use rhai::{Expr, FnCallExpr};

use super::notes::{Choice, Notes};
use super::range::{Op, Range};
use super::state;
use super::texts::Texts;
use super::value::{Other, Record, Value};
use crate::rules::faults::list;

/// Why a condition always comes to this.
pub(super) fn condition(notes: &Notes<'_>, whole: &Expr, holds: bool) -> String {
    let (part, holds) = blamed(notes, whole, holds);
    let what = match show(part) {
        Some(text) => format!("`{text}`"),
        None => "the condition".to_owned(),
    };
    let always = if holds { "always" } else { "never" };
    // What stands beside it is of rows on which it comes to an end.
    if notes.seen(part).is_some_and(|seen| seen.fails) {
        return format!("{what} comes to an error on some rows, and on all others is {always} true");
    }
    let facts = facts(notes, part, holds);
    if facts.is_empty() {
        let here = if field(part).is_some() { " here" } else { "" };
        return format!("{what} is {always} true{here}");
    }
    format!("{}, so {what} is {always} true", facts.join(" and "))
}

/// The part of a condition that decides it, and what that comes to.
fn blamed<'e>(notes: &Notes<'_>, whole: &'e Expr, holds: bool) -> (&'e Expr, bool) {
    let deciding = |parts: &'e [Expr]| parts.iter().find(|part| notes.seen(part).is_some_and(|seen| seen.only(holds)));
    match whole {
        Expr::And(parts, _) | Expr::Or(parts, _) => match deciding(parts) {
            Some(part) => blamed(notes, part, holds),
            None => (whole, holds),
        },
        Expr::FnCall(call, _) if call.name == "!" && call.args.len() == 1 => blamed(notes, &call.args[0], !holds),
        _ => (whole, holds),
    }
}

/// What is known of the sides of a comparison.
fn facts(notes: &Notes<'_>, part: &Expr, holds: bool) -> Vec<String> {
    let Expr::FnCall(call, _) = part else { return Vec::new() };
    let Some((left, right)) = notes.seen(part).and_then(|seen| seen.sides.as_ref()) else { return Vec::new() };
    if let ("contains", [list, item]) = (call.name.as_str(), call.args.as_slice()) {
        let empty = matches!(&right.other, Other::List(items) if items.is_empty());
        let empty = show(list).filter(|_| empty).map(|list| format!("`{list}` is empty"));
        return empty.or_else(|| fact(item, left, right, Op::Ne)).into_iter().collect();
    }
    let (Some(op), [first, second]) = (Op::of(&call.name), call.args.as_slice()) else { return Vec::new() };
    let op = if holds { op } else { op.negated() };
    [fact(first, left, right, op), fact(second, right, left, op.mirrored())].into_iter().flatten().collect()
}

/// What is known of one side, of which `side op other` always holds; nothing of a constant.
fn fact(expression: &Expr, side: &Value, other: &Value, op: Op) -> Option<String> {
    if expression.is_constant() {
        return None;
    }
    let text = show(expression)?;
    let here = match field(expression) {
        Some(number) if state::declared(number).plain() != *side => " here",
        _ => "",
    };
    let numbers = side.number().zip(other.number()).filter(|_| side.is_number());
    let is = if other.is_missing() && !side.missing {
        "is never missing".to_owned()
    } else if let Some((a, b)) = numbers {
        let below = matches!(op, Op::Lt | Op::Le) || op == Op::Ne && a.hi < b.lo;
        let above = matches!(op, Op::Gt | Op::Ge) || op == Op::Ne && a.lo > b.hi;
        bounds(a, below, above)
    } else {
        value(side)?
    };
    Some(format!("`{text}` {is}{here}"))
}

/// What a value is, when that can be said in a few words.
fn value(value: &Value) -> Option<String> {
    if value.is_missing() {
        return Some("is missing".to_owned());
    }
    if value.is_truth() {
        return value.is_one().then(|| format!("is {}", value.yes));
    }
    if value.is_number() {
        return value.number().map(|range| bounds(range, false, false));
    }
    if !value.is_text() {
        return None;
    }
    match value.texts.as_ref()? {
        Texts::In(set) if set.len() <= 8 => Some(format!("is {}", choice(&set.iter().map(AsRef::as_ref).collect::<Vec<_>>()))),
        Texts::NotIn { set, filled: false } if !set.is_empty() && set.len() <= 8 => {
            Some(format!("is not {}", choice(&set.iter().map(AsRef::as_ref).collect::<Vec<_>>())))
        }
        _ => None,
    }
}

/// Texts as `"a"`, `"b"` or `"c"`.
fn choice(texts: &[&str]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => {
            format!("{} or `{last}`", list(&rest.iter().map(String::as_str).collect::<Vec<_>>()))
        }
        _ => list(&quoted.iter().map(String::as_str).collect::<Vec<_>>()),
    }
}

/// A range in words: its upper end when it lies below what it is compared with, its lower end when above.
fn bounds(range: Range<f64>, below: bool, above: bool) -> String {
    let least = || match shorter(range.lo, range.lo.next_down()) {
        Some(outside) => format!("more than {outside}"),
        None => format!("at least {}", range.lo),
    };
    let most = || match shorter(range.hi, range.hi.next_up()) {
        Some(outside) => format!("less than {outside}"),
        None => format!("at most {}", range.hi),
    };
    if range.is_one() {
        format!("is {}", range.lo)
    } else if below || range.lo <= f64::MIN {
        format!("is {}", most())
    } else if above || range.hi >= i64::MAX as f64 {
        format!("is {}", least())
    } else {
        format!("is {} and {}", least(), most())
    }
}

/// The neighbour of an end, when that is the number that someone wrote.
fn shorter(end: f64, outside: f64) -> Option<f64> {
    (outside.to_string().len() + 4 < end.to_string().len()).then_some(outside)
}

/// Why an arm of a `switch` is never taken.
pub(super) fn arm(choice: &Choice<'_>, at: usize, text: &str) -> String {
    let (span, _) = &choice.arms[at];
    let label = text.get(span.clone()).unwrap_or("_");
    let on = show(choice.on);
    if choice.covered[at] {
        return format!("an earlier arm takes `{label}`");
    }
    let subject = on.map_or_else(|| "the value".to_owned(), |on| format!("`{on}`"));
    match value(&choice.value) {
        Some(is) => format!("{subject} {is}"),
        None => format!("{subject} is never that here"),
    }
}

/// The number of the field that an expression reads.
fn field(expression: &Expr) -> Option<usize> {
    let Expr::Dot(chain, ..) = expression else { return None };
    let (Expr::Variable(variable, ..), Expr::Property(property, _)) = (&chain.lhs, &chain.rhs) else { return None };
    let record = match variable.1.as_str() {
        "pair" => Record::Pair,
        "request" => Record::Request,
        _ => return None,
    };
    state::number(record, property.2.as_str())
}

/// An expression as one would write it; `None` when it is long or has statements in it.
fn show(expression: &Expr) -> Option<String> {
    Some(match expression {
        Expr::Unit(_) => "()".to_owned(),
        Expr::BoolConstant(truth, _) => truth.to_string(),
        Expr::IntegerConstant(integer, _) => integer.to_string(),
        Expr::FloatConstant(number, _) => format!("{:?}", **number),
        Expr::StringConstant(text, _) => format!("{text:?}"),
        Expr::Variable(variable, ..) if variable.2.is_empty() => variable.1.to_string(),
        Expr::Variable(variable, ..) => format!("global::{}", variable.1),
        Expr::Property(property, _) => property.2.to_string(),
        Expr::Dot(chain, ..) => format!("{}.{}", show(&chain.lhs)?, show(&chain.rhs)?),
        Expr::FnCall(call, _) | Expr::MethodCall(call, _) => return show_call(call),
        Expr::And(parts, _) => show_all(parts)?.join(" && "),
        Expr::Or(parts, _) => show_all(parts)?.join(" || "),
        Expr::Coalesce(parts, _) => show_all(parts)?.join(" ?? "),
        Expr::Array(items, _) if items.len() <= 6 => format!("[{}]", show_all(items)?.join(", ")),
        _ => return None,
    })
}

fn show_all(expressions: &[Expr]) -> Option<Vec<String>> {
    expressions.iter().map(within).collect()
}

/// An operand: in parentheses when it is an operation itself.
fn within(expression: &Expr) -> Option<String> {
    let text = show(expression)?;
    let compound = matches!(expression, Expr::And(..) | Expr::Or(..) | Expr::Coalesce(..));
    Some(if compound { format!("({text})") } else { text })
}

fn show_call(call: &FnCallExpr) -> Option<String> {
    let name = call.name.as_str();
    match call.args.as_slice() {
        [list, item] if name == "contains" => Some(format!("{} in {}", within(item)?, within(list)?)),
        [left, right] if call.is_operator_call() => {
            let side = |side: &Expr| {
                let arithmetic = matches!(side, Expr::FnCall(inner, _) if inner.is_operator_call() && inner.args.len() == 2);
                let text = within(side)?;
                Some(if arithmetic && Op::of(name).is_none() { format!("({text})") } else { text })
            };
            Some(format!("{} {name} {}", side(left)?, side(right)?))
        }
        [one] if call.is_operator_call() => Some(format!("{name}{}", within(one)?)),
        arguments => Some(format!("{name}({})", show_all(arguments)?.join(", "))),
    }
}
