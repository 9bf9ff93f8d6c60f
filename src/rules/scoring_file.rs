//! Checks scoring.toml: from text to [`Scoring`], every fault reported.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::fields::{self, Role};
use crate::scoring::{Component, Confidence, Direction, Limit, Metric, Missing, Prior, Profile, Requirement, Scoring, Task, Thresholds};

use super::error::RuleErrorKind;
use super::faults::{Faults, RuleError};
use super::source::Source;
use super::toml_read::{Reader, Table, Value, is_name};

/// Columns and keys of what is printed that no component may be called: two columns of one name cannot be told apart.
const COLUMNS: &[&str] = &[
    "rank",
    "hardware",
    "hardware_name",
    "hardware_type",
    "device_count",
    "score",
    "suitability",
    "compatibility",
    "confidence",
    "missing",
    "recommended_batch_size",
    "recommended_precision",
    "memory_requirement",
    "results",
    "cells",
    "of_cells",
    "uncontested",
    "tie_group",
    "provenance",
    "remarks",
    "batch",
    "precision",
    "n",
    "notes",
    "model",
    "task",
];

const KEYS: &[&str] = &["cell_by", "missing", "profile", "confidence", "component", "tasks", "requirements", "priors", "thresholds"];

/// What scoring.toml declares, for what names it elsewhere: `None` where faults leave open which names there are.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    /// Components.
    pub(crate) components: Option<Vec<String>>,
    /// Tasks.
    pub(crate) tasks: Option<Vec<String>>,
    /// Requirements.
    pub(crate) requirements: Option<Vec<String>>,
}

impl Declared {
    fn of(root: &Table<'_>, scoring: &Scoring) -> Self {
        let is_table = |key: &str| root.get(key).is_none_or(|value| value.get_ref().is_table());
        let components: Vec<String> = scoring.components.iter().map(|component| component.name.clone()).collect();
        Self {
            components: (!components.is_empty() && components.iter().all(|name| !name.is_empty())).then_some(components),
            tasks: is_table("tasks").then(|| scoring.tasks.keys().cloned().collect()),
            requirements: is_table("requirements").then(|| scoring.requirements.keys().cloned().collect()),
        }
    }
}

/// Reads scoring.toml. What is returned is whole only when no fault was added.
pub(crate) fn check(reader: &mut Reader<'_>) -> (Scoring, Declared) {
    let file = std::sync::Arc::clone(reader.file);
    let entries = reader.parse(&file.text);
    let root = Table { entries: &entries, place: "scoring.toml" };
    reader.keys(&root, KEYS);
    let whole = 0..0;
    let components = reader.required(&root, &whole, "component").map(|value| components(reader, value)).unwrap_or_default();
    let names: Vec<&str> = components.iter().map(|component| component.name.as_str()).collect();
    let confidence = reader.required(&root, &whole, "confidence").and_then(|value| confidence(reader, value));
    let scoring = Scoring {
        cell_by: reader.required(&root, &whole, "cell_by").map(|value| cell_by(reader, value)).unwrap_or_default(),
        missing: reader.required(&root, &whole, "missing").and_then(|value| missing(reader, value)).unwrap_or(Missing::Median),
        profile: reader.required(&root, &whole, "profile").and_then(|value| profile(reader, value)).unwrap_or(Profile::Documented),
        confidence: confidence.unwrap_or(Confidence { floor: 0.0, full_at: 1.0 }),
        tasks: root.get("tasks").map(|value| tasks(reader, value, &names)).unwrap_or_default(),
        requirements: root.get("requirements").map(|value| requirements(reader, value, &names)).unwrap_or_default(),
        priors: root.get("priors").map(|value| priors(reader, value)).unwrap_or_default(),
        thresholds: root.get("thresholds").map(|value| thresholds(reader, value, &names)).unwrap_or_default(),
        components: Vec::new(),
    };
    let scoring = Scoring { components, ..scoring };
    zeroed(reader, &root, &scoring);
    // Of a file that is no TOML, nobody knows what it would declare.
    let declared = if reader.faults.is_broken(&file.name) { Declared::default() } else { Declared::of(&root, &scoring) };
    (scoring, declared)
}

/// Reports every task, and every requirement by itself, that leaves no component with a weight.
fn zeroed(reader: &mut Reader<'_>, root: &Table<'_>, scoring: &Scoring) {
    // Weights that are no numbers, or all 0 to begin with, have been reported.
    if !scoring.components.iter().any(|component| component.weight > 0.0) {
        return;
    }
    let place = |table: &str, name: &str| place(root, table, name);
    let none = |task: Option<&str>, requirements: &[String]| {
        crate::scoring::weights::asked(scoring, task, requirements).is_ok_and(|weights| weights.values().all(|weight| *weight == 0.0))
    };
    for name in scoring.tasks.keys().filter(|name| none(Some(name), &[])) {
        let what = format!("the factors of [tasks.{name}] leave every component with weight 0");
        reader.fault(place("tasks", name), RuleErrorKind::WeightsZeroed(what));
    }
    for name in scoring.requirements.keys().filter(|name| none(None, &[(*name).clone()])) {
        let what = format!("[requirements.{name}] leaves every component with weight 0");
        reader.fault(place("requirements", name), RuleErrorKind::WeightsZeroed(what));
    }
}

/// The place of the factors (or else the weights) of a task or a requirement.
fn place(root: &Table<'_>, table: &str, name: &str) -> Range<usize> {
    let inside = |value: &Value<'_>, key: &str| {
        value.get_ref().as_table().and_then(|entries| Table { entries, place: "" }.get(key).map(Value::span))
    };
    let found = root.get(table).and_then(|value| {
        let entries = value.get_ref().as_table()?;
        let one = Table { entries, place: "" }.get(name)?;
        inside(one, "multiply").or_else(|| inside(one, "set")).or_else(|| Some(one.span()))
    });
    found.unwrap_or(0..0)
}

/// The fault of requirements (and a task) that together leave no component with a weight, with the place of the last of them.
pub(crate) fn zeroed_together(file: &std::sync::Arc<Source>, task: Option<&str>, requirements: &[String]) -> RuleError {
    let mut ignored = Faults::default();
    let entries = Reader { file, faults: &mut ignored }.parse(&file.text);
    let root = Table { entries: &entries, place: "scoring.toml" };
    let task_place = task.map(|task| place(&root, "tasks", task)).filter(|span| !span.is_empty());
    let span = requirements.last().map(|name| place(&root, "requirements", name)).or(task_place.clone()).unwrap_or(0..0);
    let parts = task.filter(|_| task_place.is_some()).map(|task| format!("[tasks.{task}]"));
    let parts: Vec<String> = parts.into_iter().chain(requirements.iter().map(|name| format!("[requirements.{name}]"))).collect();
    let what = format!("{} together leave every component with weight 0", parts.join(" and "));
    RuleError { kind: RuleErrorKind::WeightsZeroed(what), file: std::sync::Arc::clone(file), span, help: None }
}

fn components(reader: &mut Reader<'_>, value: &Value<'_>) -> Vec<Component> {
    let Some(array) = reader.array("component", value, "tables") else { return Vec::new() };
    let mut found: Vec<Component> = Vec::new();
    for item in array {
        let Some(table) = reader.table("component", item, "[[component]]") else { continue };
        reader.keys(&table, &["name", "weight", "metrics"]);
        let span = header(reader, item);
        let name_value = reader.required(&table, &span, "name");
        let name = name_value.and_then(|value| reader.text("name", value)).unwrap_or("").to_owned();
        if let Some(value) = name_value.filter(|value| value.get_ref().is_str()) {
            if name.contains('-') || !is_name(&name) {
                reader.fault(value.span(), RuleErrorKind::BadComponent(name.clone()));
            } else if COLUMNS.contains(&name.as_str()) {
                let means = "a column of what is printed is called so".to_owned();
                reader.fault(value.span(), RuleErrorKind::TakenName { name: name.clone(), what: "component".to_owned(), means });
            }
            if found.iter().any(|component| component.name == name) {
                reader.fault(value.span(), RuleErrorKind::Duplicate { what: "component".to_owned(), name: name.clone() });
            }
        }
        let weight = reader.required(&table, &span, "weight").and_then(|value| weight(reader, &name, value));
        let metrics = reader.required(&table, &span, "metrics").map(|value| metrics(reader, value)).unwrap_or_default();
        found.push(Component { name, weight: weight.unwrap_or(f64::NAN), metrics });
    }
    if found.is_empty() {
        reader.fault(value.span(), RuleErrorKind::Empty("component".to_owned()));
    } else if found.iter().all(|component| component.weight == 0.0) {
        let first = array.iter().find_map(|item| Table { entries: item.get_ref().as_table()?, place: "" }.get("weight"));
        reader.fault(first.map_or(value.span(), Value::span), RuleErrorKind::WeightsAllZero);
    }
    found
}

/// The place of a table of a list: its first line.
pub(crate) fn header(reader: &Reader<'_>, item: &Value<'_>) -> Range<usize> {
    let span = item.span();
    let text = reader.file.text.get(span.clone()).unwrap_or("");
    span.start..span.start + text.find('\n').unwrap_or(text.len())
}

fn weight(reader: &mut Reader<'_>, name: &str, value: &Value<'_>) -> Option<f64> {
    let weight = reader.number("weight", value)?;
    if !(weight.is_finite() && weight >= 0.0) {
        reader.fault(value.span(), RuleErrorKind::WeightRange { name: name.to_owned(), value: weight });
    }
    Some(weight)
}

fn metrics(reader: &mut Reader<'_>, value: &Value<'_>) -> Vec<Metric> {
    let Some(array) = reader.array("metrics", value, "tables") else { return Vec::new() };
    if array.is_empty() {
        reader.fault(value.span(), RuleErrorKind::Empty("metrics".to_owned()));
    }
    let mut found: Vec<Metric> = Vec::new();
    for item in array {
        let Some(table) = reader.table("metrics", item, "a metric") else { continue };
        reader.keys(&table, &["field", "better", "same"]);
        let span = header(reader, item);
        let mut field = String::new();
        if let Some(value) = reader.required(&table, &span, "field")
            && let Some(name) = reader.text("field", value)
        {
            if !is(name, &[Role::Metric]) {
                reader.fault_name(value.span(), RuleErrorKind::UnknownMetric(name.to_owned()), name, fields::of_role(Role::Metric));
            } else if found.iter().any(|metric| metric.field == name) {
                reader.fault(value.span(), RuleErrorKind::Duplicate { what: "metric".to_owned(), name: name.to_owned() });
            }
            name.clone_into(&mut field);
        }
        let better = match reader.required(&table, &span, "better") {
            Some(value) => choice(reader, "better", value, &[("higher", Direction::Higher), ("lower", Direction::Lower)]),
            None => None,
        };
        let same = table.get("same").map(|value| names(reader, "same", value, &[Role::Point], "point")).unwrap_or_default();
        found.push(Metric { field, better: better.unwrap_or(Direction::Higher), same });
    }
    found
}

/// A list of field names of some roles, without repeats.
fn names(reader: &mut Reader<'_>, key: &str, value: &Value<'_>, roles: &[Role], words: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (name, span) in reader.texts(key, value) {
        if !is(name, roles) {
            let kind = RuleErrorKind::UnknownField { role: words.to_owned(), name: name.to_owned() };
            reader.fault_name(span, kind, name, roles.iter().flat_map(|role| fields::of_role(*role)).filter(|known| *known != "task"));
        } else if found.iter().any(|known| known == name) {
            reader.fault(span, RuleErrorKind::Duplicate { what: "field".to_owned(), name: name.to_owned() });
        }
        found.push(name.to_owned());
    }
    found
}

fn is(name: &str, roles: &[Role]) -> bool {
    name != "task" && fields::find(name).is_some_and(|field| roles.contains(&field.role))
}

fn cell_by(reader: &mut Reader<'_>, value: &Value<'_>) -> Vec<String> {
    names(reader, "cell_by", value, &[Role::Workload], "workload")
}

fn choice<T: Copy>(reader: &mut Reader<'_>, key: &str, value: &Value<'_>, choices: &[(&str, T)]) -> Option<T> {
    let text = reader.text(key, value)?;
    let found = choices.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice);
    if found.is_none() {
        let known: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let expected = super::faults::list(&known);
        let kind = RuleErrorKind::UnknownChoice { key: key.to_owned(), found: text.to_owned(), expected };
        let near = crate::error::nearest(text, known);
        reader.faults.add(reader.file, value.span(), kind).help = (!near.is_empty()).then(|| format!("did you mean {}?", near.join(", ")));
    }
    found
}

fn missing(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<Missing> {
    let choices = [("median", Missing::Median), ("share", Missing::Share), ("zero", Missing::Zero), ("exclude", Missing::Exclude)];
    choice(reader, "missing", value, &choices)
}

fn profile(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<Profile> {
    choice(reader, "profile", value, &[("documented", Profile::Documented), ("ratio", Profile::Ratio)])
}

fn confidence(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<Confidence> {
    let table = reader.table("confidence", value, "[confidence]")?;
    reader.keys(&table, &["floor", "full_at"]);
    let span = header(reader, value);
    let floor = reader.required(&table, &span, "floor").and_then(|value| fraction(reader, "floor", value));
    let full_at = reader.required(&table, &span, "full_at").and_then(|value| {
        let number = reader.number("full_at", value)?;
        if !(number.is_finite() && number >= 1.0) {
            let expected = "a finite number of at least 1".to_owned();
            reader.fault(value.span(), RuleErrorKind::OutOfRange { key: "full_at".to_owned(), value: number, expected });
        }
        Some(number)
    });
    Some(Confidence { floor: floor?, full_at: full_at? })
}

fn fraction(reader: &mut Reader<'_>, key: &str, value: &Value<'_>) -> Option<f64> {
    let number = reader.number(key, value)?;
    if !(0.0..=1.0).contains(&number) {
        let expected = "0 to 1".to_owned();
        reader.fault(value.span(), RuleErrorKind::OutOfRange { key: key.to_owned(), value: number, expected });
    }
    Some(number)
}

/// Whether it is a component, or may be one that was not read: one without a name may be this one.
fn may_be_declared(name: &str, components: &[&str]) -> bool {
    components.is_empty() || components.contains(&name) || components.contains(&"")
}

/// Factors or weights by component.
fn by_component(reader: &mut Reader<'_>, key: &str, value: &Value<'_>, components: &[&str]) -> BTreeMap<String, f64> {
    let mut found = BTreeMap::new();
    let Some(table) = reader.table(key, value, key) else { return found };
    for (name, value) in table.entries {
        let text = name.get_ref().as_ref();
        if !may_be_declared(text, components) {
            reader.fault_name(name.span(), RuleErrorKind::UnknownComponent(text.to_owned()), text, components.iter().copied());
        }
        if let Some(weight) = weight(reader, text, value) {
            found.insert(text.to_owned(), weight);
        }
    }
    found
}

fn tasks(reader: &mut Reader<'_>, value: &Value<'_>, components: &[&str]) -> BTreeMap<String, Task> {
    let mut found = BTreeMap::new();
    let Some(table) = reader.table("tasks", value, "[tasks]") else { return found };
    for (name, value) in table.entries {
        reader.check_name(name.get_ref(), name.span());
        let place = format!("[tasks.{}]", name.get_ref());
        let Some(table) = reader.table(name.get_ref(), value, &place) else {
            found.insert(name.get_ref().to_string(), Task::default());
            continue;
        };
        reader.keys(&table, &["multiply"]);
        let multiply = table.get("multiply").map(|value| by_component(reader, "multiply", value, components)).unwrap_or_default();
        found.insert(name.get_ref().to_string(), Task { multiply });
    }
    found
}

fn requirements(reader: &mut Reader<'_>, value: &Value<'_>, components: &[&str]) -> BTreeMap<String, Requirement> {
    let mut found = BTreeMap::new();
    let Some(table) = reader.table("requirements", value, "[requirements]") else { return found };
    for (name, value) in table.entries {
        reader.check_name(name.get_ref(), name.span());
        let place = format!("[requirements.{}]", name.get_ref());
        let Some(table) = reader.table(name.get_ref(), value, &place) else {
            found.insert(name.get_ref().to_string(), Requirement::default());
            continue;
        };
        reader.keys(&table, &["multiply", "set", "limits"]);
        let mut requirement = Requirement {
            multiply: table.get("multiply").map(|value| by_component(reader, "multiply", value, components)).unwrap_or_default(),
            set: table.get("set").map(|value| by_component(reader, "set", value, components)).unwrap_or_default(),
            limits: Vec::new(),
        };
        if let Some(value) = table.get("limits") {
            for (text, span) in reader.texts("limits", value) {
                match text.parse::<Limit>() {
                    Ok(limit) => requirement.limits.push(limit),
                    Err(error) => reader.faults.add(reader.file, span, RuleErrorKind::BadLimit(error.message)).help = error.help,
                }
            }
        }
        found.insert(name.get_ref().to_string(), requirement);
    }
    found
}

/// Changes in per cent: of compatibility, of suitability, and by component.
fn thresholds(reader: &mut Reader<'_>, value: &Value<'_>, components: &[&str]) -> Thresholds {
    let mut found = Thresholds::default();
    let Some(table) = reader.table("thresholds", value, "[thresholds]") else { return found };
    for (name, value) in table.entries {
        let text = name.get_ref().as_ref();
        if !["compatibility", "suitability"].contains(&text) && !may_be_declared(text, components) {
            let known = components.iter().copied().chain(["compatibility", "suitability"]);
            reader.fault_name(name.span(), RuleErrorKind::UnknownComponent(text.to_owned()), text, known);
        }
        let Some(number) = reader.number(text, value) else { continue };
        if !(number.is_finite() && number > 0.0) {
            let expected = "a finite number above 0, in per cent".to_owned();
            reader.fault(value.span(), RuleErrorKind::OutOfRange { key: text.to_owned(), value: number, expected });
        }
        match text {
            "compatibility" => found.compatibility = number,
            "suitability" => found.suitability = number,
            _ => {
                found.components.insert(text.to_owned(), number);
            }
        }
    }
    found
}

fn priors(reader: &mut Reader<'_>, value: &Value<'_>) -> Vec<Prior> {
    let mut found = Vec::new();
    let Some(table) = reader.table("priors", value, "[priors]") else { return found };
    for (family, value) in table.entries {
        let place = format!("[priors.{}]", family.get_ref());
        let Some(table) = reader.table(family.get_ref(), value, &place) else { continue };
        for (hardware_type, value) in table.entries {
            if let Some(suitability) = fraction(reader, hardware_type.get_ref(), value) {
                let (family, hardware_type) = (family.get_ref().to_string(), hardware_type.get_ref().to_string());
                found.push(Prior { family, hardware_type, suitability });
            }
        }
    }
    found
}
