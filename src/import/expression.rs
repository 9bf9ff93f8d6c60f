//! A field's expression, tied to the columns of one file.

use std::borrow::Cow;
use std::collections::BTreeMap;

use regex::Regex;

use super::mapping::{Condition, Spec, Take};
use super::record::{Cell, Record, Slot};
use crate::{Error, Result};

/// What expressions are tied to: the header of a CSV, and what the path of the file says.
pub(crate) struct Ground<'a> {
    /// Columns of a CSV; `None` for JSON.
    pub columns: Option<&'a BTreeMap<String, usize>>,
    /// Named groups of the path.
    pub path: &'a BTreeMap<String, String>,
    /// The mapping's name, for messages.
    pub format: &'a str,
}

/// Ways to get a value, the first that gives one counts.
pub(crate) struct Expression(Vec<Way>);

struct Way {
    start: Start,
    /// Whether the start is all there is to it: nearly every way is a plain column.
    plain: bool,
    when: Test,
    null_if: Vec<String>,
    matches: Option<Regex>,
    map: BTreeMap<String, String>,
    lower: bool,
    divide_by: Option<Slot>,
    scale: Option<f64>,
    reciprocal: Option<f64>,
    unit: Option<(Slot, String, BTreeMap<String, f64>)>,
}

enum Start {
    Slot(Slot),
    Constant(Cell<'static>),
    Product(Vec<Slot>),
    Minus(Slot, Slot),
    Join(Vec<Slot>),
}

/// Conditions that must all hold.
pub(crate) struct Test(Vec<Check>);

struct Check {
    slot: Slot,
    is: Option<Vec<String>>,
    not: Option<Vec<String>>,
    matches: Option<Regex>,
    present: Option<bool>,
}

/// Why a value cannot be used.
pub(crate) type Reason = String;

impl Ground<'_> {
    fn slot(&self, name: &str) -> Slot {
        match name.strip_prefix("path:") {
            Some(group) => self.path.get(group).map_or(Slot::Nowhere, |text| Slot::Fixed(text.clone())),
            None => Slot::find(name, self.columns),
        }
    }

    fn regex(&self, pattern: &str) -> Result<Regex> {
        Regex::new(pattern)
            .map_err(|error| Error::input(format!("mapping `{}`: `{pattern}` is no regular expression: {error}", self.format)))
    }
}

impl Expression {
    /// Ties an expression to a file. Ways that cannot give a value there (no such column, no such group) are left out.
    pub(crate) fn new(spec: &Spec, ground: &Ground<'_>) -> Result<Self> {
        let ways = spec.0.iter().map(|take| Way::new(take, ground)).collect::<Result<Vec<_>>>()?;
        Ok(Self(ways.into_iter().flatten().collect()))
    }

    /// Whether any way is left.
    pub(crate) fn is_somewhere(&self) -> bool {
        !self.0.is_empty()
    }

    /// The value, or the reason why the record cannot be used.
    pub(crate) fn value<'a>(&'a self, record: Record<'a>) -> Result<Option<Cell<'a>>, Reason> {
        for way in &self.0 {
            if let Some(cell) = way.value(record)? {
                return Ok(Some(cell));
            }
        }
        Ok(None)
    }
}

impl Way {
    fn new(take: &Take, ground: &Ground<'_>) -> Result<Option<Self>> {
        let Some(start) = start(take, ground)? else { return Ok(None) };
        let unit = take.unit.as_ref().map(|name| (ground.slot(name), name.clone(), take.units.clone()));
        Ok(Some(Self {
            plain: take.is_plain(),
            start,
            when: Test::new(&take.when, ground)?,
            null_if: take.null_if.clone(),
            matches: take.matches.as_deref().map(|pattern| ground.regex(pattern)).transpose()?,
            map: take.map.clone(),
            lower: take.lower,
            divide_by: take.divide_by.as_deref().map(|name| ground.slot(name)),
            scale: take.scale,
            reciprocal: take.reciprocal,
            unit,
        }))
    }

    fn value<'a>(&'a self, record: Record<'a>) -> Result<Option<Cell<'a>>, Reason> {
        if self.plain {
            return self.start.value(record);
        }
        if !self.when.holds(record) {
            return Ok(None);
        }
        let Some(mut cell) = self.start.value(record)? else { return Ok(None) };
        if !self.null_if.is_empty() && self.null_if.iter().any(|text| cell.text() == text.as_str()) {
            return Ok(None);
        }
        if let Some(pattern) = &self.matches {
            let text = cell.text();
            let Some(found) = pattern.captures(&text) else { return Ok(None) };
            let part = found.get(1).or_else(|| found.get(0)).map_or("", |part| part.as_str().trim()).to_owned();
            if part.is_empty() {
                return Ok(None);
            }
            cell = Cell::Text(Cow::Owned(part));
        }
        if !self.map.is_empty()
            && let Some(other) = self.map.get(cell.text().as_ref())
        {
            cell = Cell::Text(Cow::Borrowed(other));
        }
        if self.lower {
            cell = Cell::Text(lower(cell.into_text()));
        }
        self.arithmetic(cell, record)
    }

    fn arithmetic<'a>(&'a self, cell: Cell<'a>, record: Record<'a>) -> Result<Option<Cell<'a>>, Reason> {
        if self.unit.is_none() && self.divide_by.is_none() && self.scale.is_none() && self.reciprocal.is_none() {
            return Ok(Some(cell));
        }
        let mut number = cell.number().ok_or_else(|| format!("`{}` is not a number", cell.text()))?;
        if let Some((slot, name, factors)) = &self.unit {
            let unit = record.get(slot).ok_or_else(|| format!("no unit in `{name}`"))?;
            let known = || factors.keys().map(|unit| format!("`{unit}`")).collect::<Vec<_>>().join(", ");
            number *=
                factors.get(unit.text().as_ref()).ok_or_else(|| format!("unit `{}` in `{name}`, expected {}", unit.text(), known()))?;
        }
        if let Some(slot) = &self.divide_by {
            match record.get(slot).and_then(|cell| cell.number()) {
                Some(divisor) if divisor != 0.0 => number /= divisor,
                _ => return Ok(None),
            }
        }
        if let Some(factor) = self.scale {
            number *= factor;
        }
        if let Some(over) = self.reciprocal {
            number = over / number;
        }
        Ok(Some(Cell::Number(number)))
    }
}

/// A text in small letters; most are already.
fn lower(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) { text } else { Cow::Owned(text.to_lowercase()) }
}

fn start(take: &Take, ground: &Ground<'_>) -> Result<Option<Start>> {
    let slots = |names: &[String]| -> Option<Vec<Slot>> {
        let slots: Vec<Slot> = names.iter().map(|name| ground.slot(name)).collect();
        slots.iter().all(Slot::is_somewhere).then_some(slots)
    };
    let given = usize::from(take.from.is_some())
        + usize::from(take.value.is_some())
        + usize::from(!take.product.is_empty())
        + usize::from(!take.join.is_empty())
        + usize::from(!take.minus.is_empty());
    if given != 1 {
        return Err(Error::input(format!(
            "mapping `{}`: a field needs exactly one of `from`, `value`, `product`, `join`, `minus`; one has {given}",
            ground.format
        )));
    }
    if let Some(name) = &take.from {
        let slot = ground.slot(name);
        return Ok(slot.is_somewhere().then_some(Start::Slot(slot)));
    }
    if let Some(value) = &take.value {
        return constant(value, ground).map(|cell| Some(Start::Constant(cell)));
    }
    if !take.product.is_empty() {
        return Ok(slots(&take.product).map(Start::Product));
    }
    if let [left, right] = take.minus.as_slice() {
        return Ok(slots(&[left.clone(), right.clone()]).map(|_| Start::Minus(ground.slot(left), ground.slot(right))));
    }
    if !take.minus.is_empty() {
        return Err(Error::input(format!("mapping `{}`: `minus` takes two columns", ground.format)));
    }
    let some: Vec<Slot> = take.join.iter().map(|name| ground.slot(name)).filter(Slot::is_somewhere).collect();
    Ok((!some.is_empty()).then_some(Start::Join(some)))
}

fn constant(value: &toml::Value, ground: &Ground<'_>) -> Result<Cell<'static>> {
    Ok(match value {
        toml::Value::String(text) => Cell::Text(Cow::Owned(text.clone())),
        toml::Value::Integer(number) => Cell::Integer(*number),
        toml::Value::Float(number) => Cell::Number(*number),
        other => {
            return Err(Error::input(format!("mapping `{}`: a `value` is a text or a number, not {}", ground.format, other.type_str())));
        }
    })
}

impl Start {
    fn value<'a>(&'a self, record: Record<'a>) -> Result<Option<Cell<'a>>, Reason> {
        let number = |slot: &Slot| -> Result<Option<f64>, Reason> {
            record.get(slot).map(|cell| cell.number().ok_or_else(|| format!("`{}` is not a number", cell.text()))).transpose()
        };
        Ok(match self {
            Self::Slot(slot) => record.get(slot),
            Self::Constant(cell) => Some(cell.clone()),
            Self::Product(slots) => {
                let mut product = 1.0;
                for slot in slots {
                    let Some(factor) = number(slot)? else { return Ok(None) };
                    product *= factor;
                }
                Some(Cell::Number(product))
            }
            Self::Minus(left, right) => match (number(left)?, number(right)?) {
                (Some(left), Some(right)) => Some(Cell::Number(left - right)),
                _ => None,
            },
            Self::Join(slots) => {
                let parts: Vec<String> = slots.iter().filter_map(|slot| record.get(slot)).map(|cell| cell.text().into_owned()).collect();
                (!parts.is_empty()).then(|| Cell::Text(Cow::Owned(parts.join(" "))))
            }
        })
    }
}

impl Test {
    /// Ties conditions to a file.
    pub(crate) fn new(conditions: &[Condition], ground: &Ground<'_>) -> Result<Self> {
        let check = |condition: &Condition| -> Result<Check> {
            Ok(Check {
                slot: ground.slot(&condition.column),
                is: condition.is.clone(),
                not: condition.not.clone(),
                matches: condition.matches.as_deref().map(|pattern| ground.regex(pattern)).transpose()?,
                present: condition.present,
            })
        };
        Ok(Self(conditions.iter().map(check).collect::<Result<_>>()?))
    }

    /// Whether all of them hold.
    pub(crate) fn holds(&self, record: Record<'_>) -> bool {
        self.0.iter().all(|check| {
            let cell = record.get(&check.slot);
            let text = cell.as_ref().map(Cell::text);
            let one_of = |list: &Vec<String>| text.as_deref().is_some_and(|text| list.iter().any(|item| item == text));
            check.present.is_none_or(|wanted| wanted == cell.is_some())
                && check.is.as_ref().is_none_or(one_of)
                && !check.not.as_ref().is_some_and(one_of)
                && check.matches.as_ref().is_none_or(|pattern| text.as_deref().is_some_and(|text| pattern.is_match(text)))
        })
    }
}

/// A reason with `{COLUMN}` replaced by the record's values.
pub(crate) fn fill(reason: &str, record: Record<'_>, columns: Option<&BTreeMap<String, usize>>) -> String {
    let mut out = String::new();
    let mut rest = reason;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else { break };
        out.push_str(
            record.get(&Slot::find(name, columns)).map_or(Cow::Borrowed("nothing"), |cell| Cow::Owned(cell.text().into_owned())).as_ref(),
        );
        rest = tail;
    }
    out.push_str(rest);
    out
}
