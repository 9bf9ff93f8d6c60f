//! Expressions as SQL text. No text raises an error, whatever a row holds.

use super::forms::Forms;
use super::nodes::{Function, Id, Node, Nodes, Sign, Type};
use super::stages::field_name;
use crate::scoring::sql::{name, number, text};

impl Forms<'_> {
    /// The text of a node; `known` gives the names of those that are columns already.
    pub(super) fn sql(&self, id: Id, known: &dyn Fn(Id) -> Option<String>) -> String {
        if let Some(column) = known(id) {
            return column;
        }
        let of = |id: &Id| self.sql(*id, known);
        match self.get(id) {
            Node::Truth(truth) => truth.to_string(),
            Node::Integer(integer) => integer_text(*integer),
            Node::Number(bits) => format!("({})", number(f64::from_bits(*bits))),
            Node::Text(value) => text_text(value),
            Node::Column(column) => name(field_name(*column)),
            Node::Missing(inner) => format!("({} IS NULL)", of(inner)),
            Node::Not(inner) => match self.get(*inner) {
                Node::Missing(inner) if known(*inner).is_some() || matches!(self.get(*inner), Node::Column(_)) => {
                    format!("({} IS NOT NULL)", of(inner))
                }
                Node::Compare(Sign::Equal, a, b) if known(*inner).is_none() => format!("({} <> {})", of(a), of(b)),
                _ => format!("(NOT {})", of(inner)),
            },
            Node::And(parts) => format!("({})", parts.iter().map(of).collect::<Vec<_>>().join(" AND ")),
            Node::Or(parts) => format!("({})", parts.iter().map(of).collect::<Vec<_>>().join(" OR ")),
            Node::Compare(sign, a, b) => {
                let sign = match sign {
                    Sign::Equal => "=",
                    Sign::Less => "<",
                    Sign::LessOrEqual => "<=",
                };
                format!("({} {sign} {})", of(a), of(b))
            }
            Node::Among(inner, items) => format!("({} IN ({}))", of(inner), items.iter().map(of).collect::<Vec<_>>().join(", ")),
            Node::Case(arms, last) => {
                let arms: Vec<String> = arms.iter().map(|(when, value)| format!("WHEN {} THEN {}", of(when), of(value))).collect();
                format!("CASE {} ELSE {} END", arms.join(" "), of(last))
            }
            Node::Apply(function, parts) => {
                let parts: Vec<String> = parts.iter().map(of).collect();
                self.function(id, *function, &parts)
            }
        }
    }

    fn function(&self, id: Id, function: Function, parts: &[String]) -> String {
        let a = parts.first().map_or("", String::as_str);
        let b = parts.get(1).map_or("", String::as_str);
        // Integers that may leave their range come to NULL there.
        let tried = |sign: &str| {
            let sure = self.nodes.bounds(id).is_whole();
            if sure { format!("({a} {sign} {b})") } else { format!("TRY({a} {sign} {b})") }
        };
        match function {
            Function::Add => format!("({a} + {b})"),
            Function::Subtract => format!("({a} - {b})"),
            Function::Multiply => format!("({a} * {b})"),
            Function::Divide => format!("({a} / {b})"),
            Function::Remainder => format!("({a} % {b})"),
            Function::Power => format!("TRY(pow({a}, {b}))"),
            Function::AddWhole => tried("+"),
            Function::SubtractWhole => tried("-"),
            Function::MultiplyWhole => tried("*"),
            Function::DivideWhole => tried("//"),
            Function::RemainderWhole => tried("%"),
            Function::Negate => format!("(- {a})"),
            Function::Absolute => format!("abs({a})"),
            Function::Floor => format!("floor({a})"),
            Function::Ceiling => format!("ceil({a})"),
            Function::Round => format!("round({a})"),
            Function::Truncate => format!("trunc({a})"),
            Function::SquareRoot => format!("TRY(sqrt({a}))"),
            Function::Exponential => format!("TRY(exp({a}))"),
            Function::Logarithm => format!("TRY(ln({a}))"),
            Function::Logarithm10 => format!("TRY(log10({a}))"),
            Function::Score => format!("(round({a} * 1e12::DOUBLE) / 1e12::DOUBLE + 0e0::DOUBLE)"),
            Function::Finite => format!("coalesce(isfinite({a}), false)"),
            Function::ToInteger if self.nodes.bounds(id).is_whole() => {
                // What is computed with it relies on its bounds, also on rows that are interpreted in the end.
                let bounds = self.nodes.bounds(id);
                let (least, most) = (number(bounds.least - 1.0), number(bounds.most + 1.0));
                format!("CASE WHEN {a} BETWEEN {least} AND {most} THEN CAST(trunc({a}) AS BIGINT) END")
            }
            Function::ToInteger => format!("TRY_CAST(trunc({a}) AS BIGINT)"),
            Function::ToNumber => format!("CAST({a} AS DOUBLE)"),
            Function::Contains => format!("contains({a}, {b})"),
            Function::StartsWith => format!("starts_with({a}, {b})"),
            Function::EndsWith => format!("ends_with({a}, {b})"),
            Function::Join => joined(parts),
            Function::Length => format!("length({a})"),
            Function::Bytes => format!("strlen({a})"),
            Function::Visible => format!("regexp_matches({a}, '[!-~]')"),
            Function::ToText => format!("CAST({a} AS VARCHAR)"),
            Function::NumberToText if self.nodes.is_written_alike(id) => format!("CAST({a} AS VARCHAR)"),
            Function::NumberToText => {
                let (least, most) = WRITTEN_ALIKE;
                format!(
                    "CASE WHEN abs({a}) BETWEEN {} AND {} THEN CAST({a} AS VARCHAR) WHEN {a} = 0 THEN '0.0' END",
                    number(least),
                    number(most)
                )
            }
        }
    }
}

/// Numbers between these, of either sign, are written by SQL as by rules: below, SQL has an exponent where rules have zeros; above, the other
/// way round (rules from 1e13 as a number of single precision on, which is a little less).
const WRITTEN_ALIKE: (f64, f64) = (1e-4, 9e12);

impl Nodes {
    /// Whether what is made a text by this node is always written by SQL as by rules.
    fn is_written_alike(&self, id: Id) -> bool {
        let Node::Apply(Function::NumberToText, parts) = self.get(id) else { return false };
        let bounds = self.bounds(parts[0]);
        let (least, most) = WRITTEN_ALIKE;
        bounds.least >= least && bounds.most <= most || bounds.most <= -least && bounds.least >= -most
    }

    /// How often the text of a node says its first part.
    pub(super) fn says_first(&self, id: Id) -> usize {
        match self.get(id) {
            Node::Apply(Function::ToInteger, _) if self.bounds(id).is_whole() => 2,
            Node::Apply(Function::NumberToText, _) if !self.is_written_alike(id) => 3,
            _ => 1,
        }
    }
}

/// The SQL type of a node.
pub(super) fn type_name(kind: Type) -> &'static str {
    match kind {
        Type::Truth => "BOOLEAN",
        Type::Integer => "BIGINT",
        Type::Number => "DOUBLE",
        Type::Text => "VARCHAR",
    }
}

fn integer_text(integer: i64) -> String {
    match integer {
        i64::MIN => format!("({}::BIGINT - 1::BIGINT)", integer + 1),
        negative if negative < 0 => format!("(- {}::BIGINT)", -negative),
        other => format!("{other}::BIGINT"),
    }
}

/// A text literal, also of what the parser of SQL would end at.
fn text_text(value: &str) -> String {
    if !value.contains('\0') {
        return text(value);
    }
    let mut parts: Vec<String> = Vec::new();
    for part in value.split('\0') {
        parts.extend([text(part), "chr(0)".to_owned()]);
    }
    parts.pop();
    joined(&parts)
}

/// Texts one after the other. `a || b || c` is an operation within another: of many, groups are joined first, so that none is too deep.
fn joined(parts: &[String]) -> String {
    const MOST: usize = 16;
    if parts.len() <= MOST {
        return format!("({})", parts.join(" || "));
    }
    let size = parts.len().div_ceil(MOST).max(MOST);
    let groups: Vec<String> = parts.chunks(size).map(joined).collect();
    joined(&groups)
}
