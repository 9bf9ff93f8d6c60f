//! The vocabulary of the rules: every field that a script may read, declared once.
//!
//! The checker, the engine's getters and the failure messages all read these tables.

use super::records::{Pair, RuleRequest};
use super::words::Words;

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// An integer of 64 bits.
    Integer,
    /// A finite floating-point number.
    Number,
    /// A text.
    Text,
    /// A truth value.
    Boolean,
}

impl FieldKind {
    /// What it is, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Boolean => "a truth value",
        }
    }
}

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FieldValue<'a> {
    /// Not known: `()` in a script.
    Missing,
    /// An integer.
    Integer(i64),
    /// A number.
    Number(f64),
    /// A text.
    Text(&'a str),
    /// A truth value.
    Boolean(bool),
}

/// One field of a record.
#[derive(Debug)]
pub struct Field<R: 'static> {
    /// Its name in scripts.
    pub name: &'static str,
    /// Its type.
    pub kind: FieldKind,
    /// Whether it may be missing (`()` until guarded).
    pub optional: bool,
    /// What it says.
    pub about: &'static str,
    /// The least and the greatest value that the pipeline can give a number; `None` when it promises nothing.
    pub range: Option<(f64, f64)>,
    /// The texts that it is known to have.
    pub words: Words,
    /// Its value in a record.
    pub get: for<'a> fn(&'a R) -> FieldValue<'a>,
}

const fn field<R>(
    name: &'static str,
    kind: FieldKind,
    optional: bool,
    get: for<'a> fn(&'a R) -> FieldValue<'a>,
    about: &'static str,
) -> Field<R> {
    Field { name, kind, optional, about, range: None, words: Words::Any, get }
}

impl<R> Field<R> {
    const fn within(self, least: f64, most: f64) -> Self {
        Self { range: Some((least, most)), ..self }
    }

    const fn at_least(self, least: f64) -> Self {
        self.within(least, f64::MAX)
    }

    const fn of(self, words: Words) -> Self {
        Self { words, ..self }
    }
}

fn integer<'a>(value: Option<i64>) -> FieldValue<'a> {
    value.map_or(FieldValue::Missing, FieldValue::Integer)
}

fn number<'a>(value: Option<f64>) -> FieldValue<'a> {
    value.map_or(FieldValue::Missing, FieldValue::Number)
}

fn text(value: Option<&String>) -> FieldValue<'_> {
    value.map_or(FieldValue::Missing, |text| FieldValue::Text(text))
}

use FieldKind::{Boolean, Integer, Number, Text};

const PROFILES: Words = Words::Only(&["documented", "ratio"]);
const PROVENANCES: Words = Words::Only(&["measured", "simulated", "estimated"]);

/// The fields of `request`.
pub const REQUEST: &[Field<RuleRequest>] = &[
    field("model", Text, false, |r| FieldValue::Text(&r.model), "name of the model; empty when the scores of many are stored"),
    field("task", Text, true, |r: &RuleRequest| text(r.task.as_ref()), "the task; missing when scores of every task are stored")
        .of(Words::Tasks),
    field("batch_size", Integer, true, |r| integer(r.batch_size), "pinned batch size"),
    field("precision", Text, true, |r: &RuleRequest| text(r.precision.as_ref()), "pinned precision").of(Words::Formats),
    field("version", Text, true, |r| text(r.version.as_ref()), "model version whose results are used"),
    field("latency_sensitive", Boolean, false, |r| FieldValue::Boolean(r.latency_sensitive), "--latency-sensitive"),
    field("memory_constrained", Boolean, false, |r| FieldValue::Boolean(r.memory_constrained), "--memory-constrained"),
    field("profile", Text, false, |r: &RuleRequest| FieldValue::Text(&r.profile), "documented or ratio").of(PROFILES),
    field("as_of", Integer, true, |r| integer(r.as_of), "day number that ages are counted from"),
];

/// The fields of `pair`; metrics are those of its best operating point.
pub const PAIR: &[Field<Pair>] = &[
    field("model", Text, false, |p| FieldValue::Text(&p.model), "name of the model"),
    field("model_family", Text, true, |p| text(p.model_family.as_ref()), "family of the model"),
    field("parameters_million", Number, true, |p| number(p.parameters_million), "size of the model, millions of parameters"),
    field("hardware", Text, false, |p| FieldValue::Text(&p.hardware), "label of the hardware, its count included"),
    field("hardware_name", Text, false, |p| FieldValue::Text(&p.hardware_name), "name of one device"),
    field("hardware_type", Text, false, |p: &Pair| FieldValue::Text(&p.hardware_type), "cuda, rocm, cpu, ...; empty when not known")
        .of(Words::HardwareTypes),
    field("device_count", Integer, false, |p: &Pair| FieldValue::Integer(p.device_count), "number of devices").at_least(1.0),
    field("device_memory_mb", Number, true, |p| number(p.device_memory_mb), "memory of one device, MB"),
    field("batch_size", Integer, true, |p| integer(p.batch_size), "batch size of the best point"),
    field("precision", Text, true, |p: &Pair| text(p.precision.as_ref()), "precision of the best point").of(Words::Formats),
    field("framework", Text, true, |p| text(p.framework.as_ref()), "software of the best point"),
    field("scenario", Text, true, |p| text(p.scenario.as_ref()), "scenario of the best point's cell"),
    field("throughput", Number, true, |p: &Pair| number(p.throughput), "items/s").at_least(0.0),
    field("latency_ms", Number, true, |p: &Pair| number(p.latency_ms), "mean, or else median, ms").at_least(0.0),
    field("ttft_ms", Number, true, |p: &Pair| number(p.ttft_ms), "time to first token, ms").at_least(0.0),
    field("tpot_ms", Number, true, |p: &Pair| number(p.tpot_ms), "time per output token, ms").at_least(0.0),
    field("memory_peak_mb", Number, true, |p: &Pair| number(p.memory_peak_mb), "peak memory of the whole system, MB").at_least(0.0),
    field("energy_j_per_item", Number, true, |p: &Pair| number(p.energy_j_per_item), "energy of one item, J").at_least(0.0),
    field("results", Integer, false, |p: &Pair| FieldValue::Integer(p.results), "benchmark rows that count").at_least(0.0),
    field("failed_results", Integer, false, |p: &Pair| FieldValue::Integer(p.failed_results), "rows that failed").at_least(0.0),
    field("spread", Number, true, |p: &Pair| number(p.spread), "largest relative standard deviation of its metrics").at_least(0.0),
    field("age_days", Integer, true, |p| integer(p.age_days), "days from its newest result to request.as_of"),
    field("provenance", Text, false, |p: &Pair| FieldValue::Text(&p.provenance), "measured, simulated or estimated").of(PROVENANCES),
    field("uncontested", Boolean, false, |p| FieldValue::Boolean(p.uncontested), "nothing was compared with other hardware"),
    field("coverage", Number, false, |p: &Pair| FieldValue::Number(p.coverage), "share of the contested cells that it is in, 0 to 1")
        .within(0.0, 1.0),
    field("compatibility", Number, false, |p: &Pair| FieldValue::Number(p.compatibility), "0 to 1").within(0.0, 1.0),
    field("confidence", Number, false, |p: &Pair| FieldValue::Number(p.confidence), "0 to 1").within(0.0, 1.0),
];

/// Name and whether it may be missing, of every field of a record (`pair` or `request`); `None` for another name.
pub(crate) fn of_record(record: &str) -> Option<Vec<(&'static str, bool)>> {
    match record {
        "pair" => Some(PAIR.iter().map(|field| (field.name, field.optional)).collect()),
        "request" => Some(REQUEST.iter().map(|field| (field.name, field.optional)).collect()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing<R>(fields: &[Field<R>], empty: &R) -> Vec<&'static str> {
        fields.iter().filter(|field| (field.get)(empty) == FieldValue::Missing).map(|field| field.name).collect()
    }

    fn optional<R>(fields: &[Field<R>]) -> Vec<&'static str> {
        fields.iter().filter(|field| field.optional).map(|field| field.name).collect()
    }

    #[test]
    fn exactly_the_optional_fields_of_an_empty_record_are_missing() {
        assert_eq!(missing(PAIR, &Pair::default()), optional(PAIR));
        assert_eq!(missing(REQUEST, &RuleRequest::default()), optional(REQUEST));
    }

    #[test]
    fn values_have_the_declared_type() {
        fn agree<R>(fields: &[Field<R>], record: &R) {
            for field in fields {
                let kind = match (field.get)(record) {
                    FieldValue::Missing => continue,
                    FieldValue::Integer(_) => Integer,
                    FieldValue::Number(_) => Number,
                    FieldValue::Text(_) => Text,
                    FieldValue::Boolean(_) => Boolean,
                };
                assert_eq!(kind, field.kind, "{}", field.name);
            }
        }
        agree(
            PAIR,
            &Pair { spread: Some(0.1), age_days: Some(3), batch_size: Some(1), precision: Some("fp16".to_owned()), ..Pair::default() },
        );
        agree(REQUEST, &RuleRequest { as_of: Some(1), task: Some("inference".to_owned()), ..RuleRequest::default() });
    }
}
