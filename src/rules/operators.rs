//! What `+ - * / % **` and comparisons mean in a rule.
//!
//! Comparison is exact IEEE (the engine's own is relative to an epsilon, and false for unlike types); an integer beside
//! a number counts as a number. Arithmetic that overflows or is not finite is an error at that expression. `()` can only
//! be compared as `x == ()` and `x != ()`; every other comparison or computation with unlike types is an error.

use rhai::{Dynamic, EvalAltResult, FLOAT, INT, ImmutableString, Position};

use super::engine::Own;

type Result<T> = std::result::Result<T, Box<EvalAltResult>>;

/// Registers the operators and the mathematical functions that could leave the finite numbers.
pub(crate) fn register(own: &mut Own) {
    arithmetic(own);
    comparison(own);
    strings(own);
    functions(own);
}

#[expect(clippy::unnecessary_box_returns, reason = "the engine's functions return boxed errors")]
fn error(text: String) -> Box<EvalAltResult> {
    Box::new(EvalAltResult::ErrorArithmetic(text, Position::NONE))
}

fn finite(a: FLOAT, sign: &str, b: FLOAT, value: FLOAT) -> Result<FLOAT> {
    if value.is_finite() { Ok(value) } else { Err(error(format!("`{a} {sign} {b}` is {}, not a finite number", shown(value)))) }
}

fn shown(value: FLOAT) -> &'static str {
    if value.is_nan() {
        "undefined"
    } else if value > 0.0 {
        "infinite"
    } else {
        "minus infinite"
    }
}

fn whole(a: INT, sign: &str, b: INT, value: Option<INT>) -> Result<INT> {
    let why = if b == 0 && (sign == "/" || sign == "%") { "a division by zero" } else { "out of the range of integers" };
    value.ok_or_else(|| error(format!("`{a} {sign} {b}` is {why}")))
}

fn power(a: INT, b: INT) -> Option<INT> {
    a.checked_pow(u32::try_from(b).ok()?)
}

/// A function of the language under its name.
type Named<F> = (&'static str, F);
type Function = fn(FLOAT) -> FLOAT;
type Floats = fn(FLOAT, FLOAT) -> FLOAT;

fn arithmetic(own: &mut Own) {
    type Whole = fn(INT, INT) -> Option<INT>;
    let signs: [(&'static str, &'static str, Floats, Whole); 6] = [
        ("+", "+=", |a, b| a + b, INT::checked_add),
        ("-", "-=", |a, b| a - b, INT::checked_sub),
        ("*", "*=", |a, b| a * b, INT::checked_mul),
        ("/", "/=", |a, b| a / b, INT::checked_div),
        ("%", "%=", |a, b| a % b, INT::checked_rem),
        ("**", "**=", FLOAT::powf, power),
    ];
    for (sign, assign, floats, wholes) in signs {
        let float = move |a: FLOAT, b: FLOAT| finite(a, sign, b, floats(a, b));
        let int = move |a: INT, b: INT| whole(a, sign, b, wholes(a, b));
        own.register_fn(sign, float)
            .register_fn(sign, move |a: FLOAT, b: INT| float(a, b as FLOAT))
            .register_fn(sign, move |a: INT, b: FLOAT| float(a as FLOAT, b))
            .register_fn(sign, int)
            .register_fn(assign, move |a: &mut FLOAT, b: FLOAT| float(*a, b).map(|value| *a = value))
            .register_fn(assign, move |a: &mut FLOAT, b: INT| float(*a, b as FLOAT).map(|value| *a = value))
            .register_fn(assign, move |a: &mut INT, b: INT| int(*a, b).map(|value| *a = value))
            .register_fn(sign, move |a: Dynamic, b: Dynamic| -> Result<Dynamic> {
                Err(error(format!("cannot compute `{sign}` with {} and {}", describe(&a), describe(&b))))
            });
    }
}

fn comparison(own: &mut Own) {
    macro_rules! compare {
        ($($sign:literal $op:tt),*) => { $(
            own.register_fn($sign, |a: FLOAT, b: FLOAT| a $op b)
                .register_fn($sign, |a: FLOAT, b: INT| a $op b as FLOAT)
                .register_fn($sign, |a: INT, b: FLOAT| (a as FLOAT) $op b)
                .register_fn($sign, |a: INT, b: INT| a $op b)
                .register_fn($sign, |a: ImmutableString, b: ImmutableString| a.as_str() $op b.as_str())
                .register_fn($sign, |a: char, b: char| a $op b)
                .register_fn($sign, |a: char, b: ImmutableString| *a.encode_utf8(&mut [0; 4]) $op *b.as_str())
                .register_fn($sign, |a: ImmutableString, b: char| *a.as_str() $op *b.encode_utf8(&mut [0; 4]));
        )* };
    }
    #[expect(clippy::float_cmp, reason = "comparison in rules is exact by definition")]
    {
        compare!("==" ==, "!=" !=, "<" <, "<=" <=, ">" >, ">=" >=);
    }
    own.register_fn("==", |a: bool, b: bool| a == b).register_fn("!=", |a: bool, b: bool| a != b);
    for (sign, when_missing) in [("==", true), ("!=", false)] {
        own.register_fn(sign, move |a: Dynamic, b: Dynamic| -> Result<bool> {
            match (a.is_unit(), b.is_unit()) {
                (same, true) => Ok(same == when_missing),
                _ => Err(unlike(sign, &a, &b)),
            }
        });
    }
    for sign in ["<", "<=", ">", ">="] {
        own.register_fn(sign, move |a: Dynamic, b: Dynamic| -> Result<bool> { Err(unlike(sign, &a, &b)) });
    }
}

#[expect(clippy::unnecessary_box_returns, reason = "the engine's functions return boxed errors")]
fn unlike(sign: &str, a: &Dynamic, b: &Dynamic) -> Box<EvalAltResult> {
    error(format!("cannot compare {} with {} by `{sign}`", describe(a), describe(b)))
}

/// A text and `()` do not add up to a text.
fn strings(own: &mut Own) {
    let none = |what: &str| error(format!("cannot compute `+` with {what}"));
    own.register_fn("+", move |_: ImmutableString, (): ()| -> Result<ImmutableString> { Err(none("a text and a missing value")) })
        .register_fn("+", move |(): (), _: ImmutableString| -> Result<ImmutableString> { Err(none("a missing value and a text")) })
        .register_fn("+=", move |_: &mut ImmutableString, (): ()| -> Result<()> { Err(none("a text and a missing value")) });
}

fn functions(own: &mut Own) {
    let unary: [Named<Function>; 12] = [
        ("sqrt", FLOAT::sqrt),
        ("exp", FLOAT::exp),
        ("ln", FLOAT::ln),
        ("log", FLOAT::log10),
        ("tan", FLOAT::tan),
        ("sinh", FLOAT::sinh),
        ("cosh", FLOAT::cosh),
        ("asin", FLOAT::asin),
        ("acos", FLOAT::acos),
        ("asinh", FLOAT::asinh),
        ("acosh", FLOAT::acosh),
        ("atanh", FLOAT::atanh),
    ];
    for (name, function) in unary {
        let checked = move |x: FLOAT| -> Result<FLOAT> {
            let value = function(x);
            if value.is_finite() { Ok(value) } else { Err(error(format!("`{name}({x})` is {}, not a finite number", shown(value)))) }
        };
        own.register_fn(name, checked).register_fn(name, move |x: INT| checked(x as FLOAT));
    }
    let binary: [Named<Floats>; 2] = [("log", FLOAT::log), ("hypot", FLOAT::hypot)];
    for (name, function) in binary {
        own.register_fn(name, move |a: FLOAT, b: FLOAT| -> Result<FLOAT> {
            let value = function(a, b);
            if value.is_finite() { Ok(value) } else { Err(error(format!("`{name}({a}, {b})` is {}, not a finite number", shown(value)))) }
        });
    }
    own.register_fn("parse_float", |text: ImmutableString| -> Result<FLOAT> {
        let number = text.trim().parse().ok().filter(|number: &FLOAT| number.is_finite());
        number.ok_or_else(|| error(format!("`{text}` is not a finite number")))
    });
}

/// A value for messages: its type and, when it is short, what it is.
pub(crate) fn describe(value: &Dynamic) -> String {
    match value.type_name() {
        "()" => "a missing value".to_owned(),
        "i64" => format!("the integer {value}"),
        "f64" => format!("the number {value}"),
        "bool" => format!("the truth value {value}"),
        "string" | "char" => {
            let text = value.to_string();
            if text.chars().count() > 40 { "a text".to_owned() } else { format!("the text \"{text}\"") }
        }
        "array" => "a list".to_owned(),
        "map" => "a map".to_owned(),
        other => format!("a `{other}`"),
    }
}
