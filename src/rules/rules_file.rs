//! Checks rules.toml: the ordered list of rules, each with its script.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use toml::de::DeValue;

use crate::scoring::Scoring;

use super::error::RuleErrorKind;
use super::faults::Faults;
use super::limits::Limits;
use super::rule::{Param, Rule, When};
use super::scoring_file::header;
use super::script::Context;
use super::source::Source;
use super::toml_read::{Reader, Table, Value, integer};

const KEYS: &[&str] = &["script", "title", "source", "enabled", "when", "params"];

/// Names that a derivation or an answer gives to what is no rule.
const STEPS: &[&str] = &["compatibility", "confidence", "clamp", "limit"];

/// Hardware types that data is known to have; another one in `when` is a warning.
pub const HARDWARE_TYPES: &[&str] = &[
    "cpu", "cuda", "rocm", "mps", "metal", "tpu", "xpu", "hpu", "npu", "neuron", "openvino", "webnn", "webgpu", "qualcomm", "qnn", "vulkan",
];

/// Reads rules.toml and the scripts that it lists.
pub(crate) fn check(
    file: &Arc<Source>,
    scoring: Option<&Scoring>,
    files: &[Arc<Source>],
    limits: Limits,
    faults: &mut Faults,
) -> Vec<Rule> {
    let mut reader = Reader { file, faults };
    let entries = reader.parse(&file.text);
    let root = Table { entries: &entries, place: "rules.toml" };
    reader.keys(&root, &["rule"]);
    let mut rules: Vec<Rule> = Vec::new();
    let array = root.get("rule").and_then(|value| reader.array("rule", value, "tables"));
    for item in array.iter().flat_map(|array| array.iter()) {
        if let Some(rule) = rule(&mut reader, item, scoring, limits, files, &rules) {
            rules.push(rule);
        }
    }
    for script in files.iter().filter(|script| script.name.starts_with("rules/")) {
        if !rules.iter().any(|rule| rule.file.name == script.name) {
            faults.add(script, 0..0, RuleErrorKind::Unlisted).help = Some("add a [[rule]] with its name, or delete it".to_owned());
        }
    }
    rules
}

fn rule(
    reader: &mut Reader<'_>,
    item: &Value<'_>,
    scoring: Option<&Scoring>,
    limits: Limits,
    files: &[Arc<Source>],
    before: &[Rule],
) -> Option<Rule> {
    let table = reader.table("rule", item, "[[rule]]")?;
    reader.keys(&table, KEYS);
    let span = header(reader, item);
    let script = reader.required(&table, &span, "script").and_then(|value| script(reader, value, files, before));
    let title = reader.required(&table, &span, "title").and_then(|value| reader.text("title", value));
    let source = table.get("source").and_then(|value| reader.text("source", value));
    let enabled = table.get("enabled").and_then(|value| reader.boolean("enabled", value)).unwrap_or(true);
    let when = table.get("when").map(|value| when(reader, value, scoring)).unwrap_or_default();
    let params = table.get("params").map(|value| params(reader, value)).unwrap_or_default();
    let file = script?;
    let components: Vec<&str> = scoring.iter().flat_map(|scoring| &scoring.components).map(|component| component.name.as_str()).collect();
    let context = Context {
        file: &file,
        list: reader.file,
        params: &params,
        components: &components,
        when_hardware: !when.hardware_types.is_empty(),
        limits,
    };
    let script = super::script::compile(&context, reader.faults);
    let id = file.name.trim_start_matches("rules/").trim_end_matches(".rhai").to_owned();
    Some(Rule {
        id,
        title: title.unwrap_or("").to_owned(),
        source: source.map(str::to_owned),
        enabled,
        when,
        params: params.into_iter().map(|(name, (value, _))| (name, value)).collect(),
        script,
        file,
        place: table.get("script").map_or(span, Value::span),
    })
}

/// The script that a rule names: `NAME` or `NAME.rhai`, a file of the rules folder.
fn script(reader: &mut Reader<'_>, value: &Value<'_>, files: &[Arc<Source>], before: &[Rule]) -> Option<Arc<Source>> {
    let text = reader.text("script", value)?;
    let name = format!("rules/{}.rhai", text.trim_end_matches(".rhai"));
    let Some(file) = files.iter().find(|file| file.name == name) else {
        if reader.faults.names(&name) {
            // It is there, but cannot be read.
            return None;
        }
        let stems: Vec<&str> = files.iter().filter_map(|file| file.name.strip_prefix("rules/")?.strip_suffix(".rhai")).collect();
        reader.fault_name(value.span(), RuleErrorKind::MissingFile(format!("script `{name}`")), text.trim_end_matches(".rhai"), stems);
        return None;
    };
    if before.iter().any(|rule| rule.file.name == name) {
        reader.fault(value.span(), RuleErrorKind::Duplicate { what: "script".to_owned(), name: text.to_owned() });
        return None;
    }
    let stem = text.trim_end_matches(".rhai");
    if STEPS.contains(&stem) {
        let means = format!("`{stem}` is a step of every derivation, or the word for what a limit leaves out");
        reader.fault(value.span(), RuleErrorKind::TakenName { name: stem.to_owned(), what: "script".to_owned(), means });
    }
    Some(Arc::clone(file))
}

fn when(reader: &mut Reader<'_>, value: &Value<'_>, scoring: Option<&Scoring>) -> When {
    let Some(table) = reader.table("when", value, "`when`") else { return When::default() };
    reader.keys(&table, &["tasks", "requirements", "hardware_types"]);
    let mut found = When::default();
    if let Some(value) = table.get("tasks") {
        let mut known: Vec<&str> = vec!["inference", "training"];
        known.extend(scoring.iter().flat_map(|scoring| scoring.tasks.keys()).map(String::as_str));
        found.tasks = names(reader, "tasks", value, &known, RuleErrorKind::UnknownTask);
    }
    if let Some(value) = table.get("requirements") {
        let known: Vec<&str> = scoring.iter().flat_map(|scoring| scoring.requirements.keys()).map(String::as_str).collect();
        found.requirements = names(reader, "requirements", value, &known, RuleErrorKind::UnknownRequirement);
    }
    if let Some(value) = table.get("hardware_types") {
        found.hardware_types = names(reader, "hardware_types", value, HARDWARE_TYPES, RuleErrorKind::UnknownHardwareType);
    }
    found
}

fn names(reader: &mut Reader<'_>, key: &str, value: &Value<'_>, known: &[&str], kind: fn(String) -> RuleErrorKind) -> Vec<String> {
    let found = reader.texts(key, value);
    if found.is_empty() && value.get_ref().is_array() {
        reader.fault(value.span(), RuleErrorKind::Empty(key.to_owned()));
    }
    for (at, (name, span)) in found.iter().enumerate() {
        if !known.contains(name) {
            reader.fault_name(span.clone(), kind((*name).to_owned()), name, known.iter().copied());
        }
        if found[..at].iter().any(|(before, _)| before == name) {
            reader.fault(span.clone(), RuleErrorKind::Repeated { what: format!("in `{key}`,"), name: (*name).to_owned() });
        }
    }
    found.into_iter().map(|(name, _)| name.to_owned()).collect()
}

/// The parameters with the places of their names.
fn params(reader: &mut Reader<'_>, value: &Value<'_>) -> BTreeMap<String, (Param, Range<usize>)> {
    let Some(table) = reader.table("params", value, "`params`") else { return BTreeMap::new() };
    let mut found = BTreeMap::new();
    for (name, value) in table.entries {
        reader.check_name(&name.get_ref().replace('-', "*"), name.span());
        if let Some(param) = param(reader, name.get_ref(), value) {
            found.insert(name.get_ref().to_string(), (param, name.span()));
        }
    }
    found
}

fn param(reader: &mut Reader<'_>, key: &str, value: &Value<'_>) -> Option<Param> {
    match value.get_ref() {
        DeValue::Integer(_) if integer(value.get_ref()).is_some() => integer(value.get_ref()).map(Param::Integer),
        DeValue::Integer(_) | DeValue::Float(_) => {
            let number = reader.number(key, value)?;
            if !number.is_finite() {
                let expected = "a finite number".to_owned();
                reader.fault(value.span(), RuleErrorKind::OutOfRange { key: key.to_owned(), value: number, expected });
            }
            Some(Param::Number(number))
        }
        DeValue::Boolean(boolean) => Some(Param::Boolean(*boolean)),
        DeValue::String(text) => Some(Param::Text(text.to_string())),
        DeValue::Array(items) => items.iter().map(|item| param(reader, key, item)).collect::<Option<Vec<_>>>().map(Param::List),
        DeValue::Datetime(_) | DeValue::Table(_) => {
            reader.wrong_type(key, value, "a number, a text, a truth value or a list of these");
            None
        }
    }
}
