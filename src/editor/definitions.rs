//! Definitions of what scripts may read, as a `.d.rhai` file for editors that know the language.

use std::fmt::Write as _;

use super::vocabulary::{kind, shown, values};
use crate::rules::RuleSet;
use crate::rules::fields::{Field, FieldKind, PAIR, REQUEST};

/// The text of `suitor.d.rhai`: the records with their fields, the components of a rule set, the parameters of its rules.
#[must_use]
pub fn definitions(set: &RuleSet) -> String {
    let mut out = String::from(
        "// What the rules of this set may read. Made by `suitor rules definitions`; not run.\n// A type with `?` may be `()`: guard it with `!= ()`, `== ()` and an early return, or `??`.\n\nmodule static;\n",
    );
    record(&mut out, "request", "what was asked", REQUEST, set);
    record(&mut out, "pair", "one model on one piece of hardware; metrics are those of its best point", PAIR, set);
    out.push_str("\n/// Weights by component, as `weigh` is given and returns them: each at least 0.\nlet weights: map;\n");
    for name in super::components(&set.scoring) {
        let _ = writeln!(out, "fn get {name}(weights: map) -> f64;");
    }
    for rule in set.rules.iter().filter(|rule| !rule.params.is_empty()) {
        let _ = writeln!(out, "\n/// Parameters of `{}`: {}.\n/// They stand in rules.toml.", rule.id, rule.title);
        out.push_str("let params: params;\n");
        for (name, value) in &rule.params {
            let _ = writeln!(out, "/// {}\nfn get {name}(params: params) -> {};", shown(value), rhai_type(kind(value)));
        }
    }
    out
}

fn record<R>(out: &mut String, name: &str, about: &str, fields: &[Field<R>], set: &RuleSet) {
    let _ = writeln!(out, "\n/// {about}\nlet {name}: {name};");
    for field in fields {
        let kind = match field.kind {
            FieldKind::Integer => "i64",
            FieldKind::Number => "f64",
            FieldKind::Text => "string",
            FieldKind::Boolean => "bool",
        };
        let missing = if field.optional { "?" } else { "" };
        let known = values(field, set).iter().map(|value| format!("{value:?}")).collect::<Vec<_>>().join(", ");
        let known = if known.is_empty() { known } else { format!("\n/// known values: {known}") };
        let _ = writeln!(out, "/// {}{known}\nfn get {}({name}: {name}) -> {kind}{missing};", field.about, field.name);
    }
}

fn rhai_type(kind: &str) -> &'static str {
    match kind {
        "integer" => "i64",
        "number" => "f64",
        "boolean" => "bool",
        "text" => "string",
        _ => "array",
    }
}
