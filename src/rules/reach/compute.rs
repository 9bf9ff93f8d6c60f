//! Arithmetic and the common functions over sets of values. What overflows is an error at run time, so it leads nowhere.

use super::range::Range;
use super::texts::Texts;
use super::value::{Other, Value};

/// What an operation may come to, and whether it may raise an error.
pub(super) struct Computed {
    pub(super) value: Value,
    pub(super) fails: bool,
}

impl Computed {
    /// Nothing is known of it.
    pub(super) fn unknown() -> Self {
        Self { value: Value::any(), fails: true }
    }
}

/// `left sign right`.
pub(super) fn operate(sign: &str, left: &Value, right: &Value) -> Computed {
    if left.other != Other::No || right.other != Other::No || !["+", "-", "*", "/", "%", "**"].contains(&sign) {
        return Computed::unknown();
    }
    let mut value = Value::default();
    if let Some((a, b)) = left.ints.zip(right.ints) {
        value.ints = whole(sign, a, b);
    }
    let floats = |a: Option<Range<f64>>, b: Option<Range<f64>>| a.zip(b).and_then(|(a, b)| finite(sign, a, b));
    let mixed = [
        floats(left.floats, right.floats),
        floats(left.ints.map(Range::as_floats), right.floats),
        floats(left.floats, right.ints.map(Range::as_floats)),
    ];
    value.floats = mixed.into_iter().flatten().reduce(Range::join);
    let texts = left.texts.is_some() || right.texts.is_some();
    if texts {
        // A text and a number add up to a text.
        value.texts = (sign == "+").then(|| {
            let filled = |side: &Value| side.is_text() && side.texts.as_ref().is_some_and(Texts::is_filled);
            if filled(left) || filled(right) { Texts::filled() } else { Texts::all() }
        });
    }
    let fails = texts || !left.is_number() || !right.is_number() || may_overflow(sign, left, right);
    if keeps(sign, left, right) {
        value.place = left.place;
    } else if sign == "+" && keeps(sign, right, left) || sign == "*" && keeps(sign, right, left) {
        value.place = right.place;
    }
    Computed { value, fails }
}

/// Whether an operation with this second operand leaves every number of the first as it is.
fn keeps(sign: &str, value: &Value, by: &Value) -> bool {
    let one_kind = value.is_number() && !(value.ints.is_some() && value.floats.is_some());
    let same_kind = by.ints.is_some() || value.floats.is_some();
    let neutral = if matches!(sign, "*" | "/") { 1.0 } else { 0.0 };
    matches!(sign, "+" | "-" | "*" | "/") && one_kind && same_kind && by.is_one() && by.number() == Some(Range::one(neutral))
}

fn may_overflow(sign: &str, left: &Value, right: &Value) -> bool {
    let small = |value: &Value| value.number().is_some_and(|range| range.lo >= -1e9 && range.hi <= 1e9);
    let apart = |value: &Value| value.number().is_some_and(|range| range.lo >= 1e-9 || range.hi <= -1e-9);
    match sign {
        "+" | "-" | "*" => !small(left) || !small(right),
        "/" | "%" => !small(left) || !apart(right),
        _ => true,
    }
}

/// The hull of an operation that is monotone in each operand, over the corners; `None` of a corner is out of range.
fn whole(sign: &str, a: Range<i64>, b: Range<i64>) -> Option<Range<i64>> {
    let (a_lo, a_hi) = (i128::from(a.lo), i128::from(a.hi));
    let corners = |b: Range<i64>, f: fn(i128, i128) -> i128| {
        let (b_lo, b_hi) = (i128::from(b.lo), i128::from(b.hi));
        let all = [f(a_lo, b_lo), f(a_lo, b_hi), f(a_hi, b_lo), f(a_hi, b_hi)];
        let lo = all.iter().min().copied().unwrap_or_default().max(i128::from(i64::MIN));
        let hi = all.iter().max().copied().unwrap_or_default().min(i128::from(i64::MAX));
        // Where every result is out of range, there is none.
        i64::try_from(lo).ok().zip(i64::try_from(hi).ok()).and_then(|(lo, hi)| Range::new(lo, hi))
    };
    match sign {
        "+" => corners(b, |a, b| a + b),
        "-" => corners(b, |a, b| a - b),
        "*" => corners(b, |a, b| a * b),
        "/" => {
            let parts = [b.meet(Range { lo: i64::MIN, hi: -1 }), b.meet(Range { lo: 1, hi: i64::MAX })];
            parts.into_iter().flatten().filter_map(|b| corners(b, |a, b| a / b)).reduce(Range::join)
        }
        "%" if b == Range::one(0) => None,
        "%" if a.lo >= 0 => Some(Range { lo: 0, hi: a.hi }),
        _ => Some(Range::ALL),
    }
}

/// The same for numbers: rounding is monotone, so the corners bound it; infinities are errors.
fn finite(sign: &str, a: Range<f64>, b: Range<f64>) -> Option<Range<f64>> {
    let corners = |b: Range<f64>, f: fn(f64, f64) -> f64| {
        let all = [f(a.lo, b.lo), f(a.lo, b.hi), f(a.hi, b.lo), f(a.hi, b.hi)];
        let lo = all.iter().copied().fold(f64::INFINITY, f64::min);
        let hi = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Range::new(lo, hi).and_then(|range| range.meet(Range::ALL))
    };
    match sign {
        "+" => corners(b, |a, b| a + b),
        "-" => corners(b, |a, b| a - b),
        "*" => corners(b, |a, b| a * b),
        "/" => {
            let least = f64::from_bits(1);
            let parts = [b.meet(Range { lo: f64::MIN, hi: -least }), b.meet(Range { lo: least, hi: f64::MAX })];
            parts.into_iter().flatten().filter_map(|b| corners(b, |a, b| a / b)).reduce(Range::join)
        }
        "%" if b == Range::one(0.0) => None,
        _ => Some(Range::ALL),
    }
}

/// `-value`.
pub(super) fn negate(value: &Value) -> Computed {
    if !value.is_number() {
        return Computed::unknown();
    }
    let fails = value.ints.is_some_and(|range| range.lo == i64::MIN);
    let flip = |range: Range<i64>| Range::new(range.hi.checked_neg().unwrap_or(i64::MAX), range.lo.checked_neg().unwrap_or(i64::MAX));
    let floats = value.floats.map(|range| Range { lo: -range.hi, hi: -range.lo });
    Computed { value: Value { ints: value.ints.and_then(flip), floats, ..Value::default() }, fails }
}

/// A function of the language; `None` when nothing is known of it, not even that it changes none of its arguments.
pub(super) fn call(name: &str, arguments: &[Value]) -> Option<Computed> {
    let known = |value: Value, fails: bool| Some(Computed { value, fails });
    match (name, arguments) {
        ("abs", [x]) if x.is_number() => {
            let ints = x.ints.and_then(|range| {
                let (a, b) = (range.lo.checked_abs().unwrap_or(i64::MAX), range.hi.checked_abs().unwrap_or(i64::MAX));
                Range::new(if range.contains(0) { 0 } else { a.min(b) }, a.max(b))
            });
            let floats = x.floats.and_then(|range| {
                let (a, b) = (range.lo.abs(), range.hi.abs());
                Range::new(if range.contains(0.0) { 0.0 } else { a.min(b) }, a.max(b))
            });
            known(Value { ints, floats, ..Value::default() }, x.ints.is_some_and(|range| range.lo == i64::MIN))
        }
        ("min" | "max", [a, b]) if a.is_number() && b.is_number() => known(extreme(name == "max", a, b), false),
        ("floor" | "ceiling" | "round", [x]) if x.floats.is_some() => {
            let round: fn(f64) -> f64 = match name {
                "floor" => f64::floor,
                "ceiling" => f64::ceil,
                _ => f64::round,
            };
            let floats = x.floats.map(|range| Range { lo: round(range.lo), hi: round(range.hi) });
            known(Value { floats, ..Value::default() }, !(x.is_number() && x.ints.is_none()))
        }
        ("to_float", [x]) if x.is_number() => known(Value { floats: x.number(), ..Value::default() }, false),
        ("to_int", [x]) if x.is_number() => {
            let whole = x.floats.map(Range::as_ints);
            let ints = [x.ints, whole].into_iter().flatten().reduce(Range::join);
            known(Value { ints, ..Value::default() }, x.number().is_none_or(|range| range.lo < -9e18 || range.hi > 9e18))
        }
        ("contains" | "starts_with" | "ends_with", [a, b]) if a.is_text() && b.is_text() => {
            known(Value { yes: true, no: true, ..Value::default() }, false)
        }
        ("len" | "is_empty" | "to_string" | "type_of" | "sqrt" | "exp" | "ln" | "log" | "contains" | "starts_with" | "ends_with", _) => {
            Some(Computed::unknown())
        }
        _ => None,
    }
}

/// `max(a, b)` or `min(a, b)`: of integers an integer, else a number.
fn extreme(greatest: bool, a: &Value, b: &Value) -> Value {
    let of = |x: f64, y: f64| if greatest { x.max(y) } else { x.min(y) };
    let whole = |x: i64, y: i64| if greatest { x.max(y) } else { x.min(y) };
    let ints = a.ints.zip(b.ints).map(|(a, b)| Range { lo: whole(a.lo, b.lo), hi: whole(a.hi, b.hi) });
    let pairs = [(a.floats, b.floats), (a.ints.map(Range::as_floats), b.floats), (a.floats, b.ints.map(Range::as_floats))];
    let floats = pairs.into_iter().filter_map(|(a, b)| a.zip(b)).map(|(a, b)| Range { lo: of(a.lo, b.lo), hi: of(a.hi, b.hi) });
    let mut value = Value { ints, floats: floats.reduce(Range::join), ..Value::default() };
    // The number that can never be beaten is what comes out, bit for bit where it has one kind.
    let beats = |a: &Value, b: &Value| match a.number().zip(b.number()) {
        Some((a, b)) => {
            if greatest {
                a.lo >= b.hi
            } else {
                a.hi <= b.lo
            }
        }
        None => false,
    };
    let floats_only = |value: &Value| value.ints.is_none();
    if beats(a, b) && floats_only(a) {
        value.place = a.place;
    } else if beats(b, a) && floats_only(b) {
        value.place = b.place;
    }
    value
}
