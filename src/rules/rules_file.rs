//! Checks rules.toml: the ordered list of rules, each with its script.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use toml::de::DeValue;

use super::error::RuleErrorKind;
use super::faults::Faults;
use super::limits::Limits;
use super::rule::{Param, Rule, When};
use super::scoring_file::{Declared, header};
use super::script::Context;
use super::set::RuleSet;
use super::source::Source;
use super::toml_read::{Reader, Table, Value, integer};
use super::unchanged;
use super::words::Words;

const KEYS: &[&str] = &["script", "title", "source", "enabled", "when", "params"];

/// Names that a derivation or an answer gives to what is no rule.
const STEPS: &[&str] = &["compatibility", "confidence", "clamp", "limit"];

/// Hardware types that data is known to have; another one in `when` is a warning.
pub const HARDWARE_TYPES: &[&str] = &[
    "cpu", "cuda", "rocm", "mps", "metal", "tpu", "xpu", "hpu", "npu", "neuron", "openvino", "webnn", "webgpu", "qualcomm", "qnn", "vulkan",
];

/// The rules of a set.
#[derive(Default)]
pub(crate) struct Listed {
    /// Those that rules.toml lists, in order.
    pub(crate) rules: Vec<Rule>,
    /// Where rules.toml is at fault: the scripts that it does not list, of which only their text is known.
    pub(crate) others: Vec<Rule>,
    /// Whether there may be rules more, or in another order.
    pub(crate) more: bool,
}

/// Reads rules.toml and the scripts that it lists; `None` when it is not there or cannot be read: then the scripts alone.
/// `before`: a set that may have some of the scripts already.
pub(crate) fn check(
    file: Option<&Arc<Source>>,
    declared: &Declared,
    files: &[Arc<Source>],
    limits: Limits,
    before: Option<&RuleSet>,
    faults: &mut Faults,
) -> Listed {
    let none = Arc::new(Source::new(super::set::RULES, "", 0));
    let list = file.unwrap_or(&none);
    let mut work = Work { declared, limits, files, before, rules: Vec::new(), lost: vec![None] };
    if let Some(file) = file {
        let mut reader = Reader { file, faults };
        let entries = reader.parse(&file.text);
        let root = Table { entries: &entries, place: "rules.toml" };
        reader.keys(&root, &["rule"]);
        // Of a file that is no TOML, nobody knows what it would list.
        if !reader.faults.is_broken(&file.name) {
            work.lost.clear();
            let array = root.get("rule").and_then(|value| reader.array("rule", value, "tables"));
            if array.is_none() && root.get("rule").is_some() || root.entries.iter().any(|(key, _)| key.get_ref() != "rule") {
                work.lost.push(None);
            }
            for item in array.iter().flat_map(|array| array.iter()) {
                if let Some(rule) = work.rule(&mut reader, item) {
                    work.rules.push(rule);
                }
            }
        }
    }
    let others = work.others(list, faults);
    Listed { rules: work.rules, others, more: !work.lost.is_empty() }
}

/// The name of a script of the set without folder and ending.
fn stem(name: &str) -> &str {
    name.trim_start_matches("rules/").trim_end_matches(".rhai")
}

/// The reading of one rules.toml.
struct Work<'a> {
    declared: &'a Declared,
    limits: Limits,
    files: &'a [Arc<Source>],
    before: Option<&'a RuleSet>,
    /// The rules so far.
    rules: Vec<Rule>,
    /// Rules that were not understood, by the name of a script that is not there, if they give one.
    lost: Vec<Option<String>>,
}

impl Work<'_> {
    /// Checks the scripts that no rule lists, where one that was not understood may list them; else they do nothing.
    fn others(&self, list: &Arc<Source>, faults: &mut Faults) -> Vec<Rule> {
        let mut others = Vec::new();
        let scripts = self.files.iter().filter(|script| script.name.starts_with("rules/"));
        for script in scripts.filter(|script| !self.rules.iter().any(|rule| rule.file.name == script.name)) {
            let may_be =
                |lost: &Option<String>| lost.as_ref().is_none_or(|name| !crate::error::nearest(name, [stem(&script.name)]).is_empty());
            if self.lost.iter().any(may_be) {
                others.push(self.unlisted(list, script, faults));
            } else {
                faults.add(script, 0..0, RuleErrorKind::Unlisted).help = Some("add a [[rule]] with its name, or delete it".to_owned());
            }
        }
        others
    }

    fn components(&self) -> Vec<&str> {
        self.declared.components.iter().flatten().map(String::as_str).collect()
    }

    /// A script of which it is not known what rules.toml says of it.
    fn unlisted(&self, list: &Arc<Source>, script: &Arc<Source>, faults: &mut Faults) -> Rule {
        let (params, components) = (BTreeMap::new(), self.components());
        let context = Context {
            file: script,
            list,
            params: &params,
            more_params: true,
            components: &components,
            tasks: self.declared.tasks.as_deref(),
            hardware_types: &[],
            limits: self.limits,
        };
        Rule {
            id: stem(&script.name).to_owned(),
            title: String::new(),
            source: None,
            enabled: true,
            when: When::default(),
            params: BTreeMap::new(),
            script: super::script::compile(&context, faults).map(Arc::new),
            file: Arc::clone(script),
            place: 0..0,
            doubtful: true,
        }
    }

    fn rule(&mut self, reader: &mut Reader<'_>, item: &Value<'_>) -> Option<Rule> {
        let errors = reader.faults.errors_in(reader.file);
        let Some(table) = reader.table("rule", item, "[[rule]]") else {
            self.lost.push(None);
            return None;
        };
        reader.keys(&table, KEYS);
        let span = header(reader, item);
        let script = if let Some(value) = reader.required(&table, &span, "script") {
            self.script(reader, value)
        } else {
            self.lost.push(None);
            None
        };
        let title = reader.required(&table, &span, "title").and_then(|value| reader.text("title", value));
        let source = table.get("source").and_then(|value| reader.text("source", value));
        let enabled = table.get("enabled").and_then(|value| reader.boolean("enabled", value)).unwrap_or(true);
        let when = table.get("when").map(|value| when(reader, value, self.declared)).unwrap_or_default();
        let (params, more_params) = table.get("params").map(|value| params(reader, value)).unwrap_or_default();
        let file = script?;
        let components = self.components();
        let doubtful = reader.faults.errors_in(reader.file) > errors;
        let context = Context {
            file: &file,
            list: reader.file,
            params: &params,
            // A misspelt `params` may be among the keys that are not known.
            more_params: more_params || doubtful && table.get("params").is_none(),
            components: &components,
            tasks: self.declared.tasks.as_deref(),
            hardware_types: &when.hardware_types,
            limits: self.limits,
        };
        let unchanged = self.before.and_then(|before| unchanged::script(before, &context, reader.faults));
        let script = unchanged.or_else(|| super::script::compile(&context, reader.faults).map(Arc::new));
        let id = stem(&file.name).to_owned();
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
            doubtful,
        })
    }

    /// The script that a rule names: `NAME` or `NAME.rhai`, a file of the rules folder.
    fn script(&mut self, reader: &mut Reader<'_>, value: &Value<'_>) -> Option<Arc<Source>> {
        let Some(text) = reader.text("script", value) else {
            self.lost.push(None);
            return None;
        };
        let name = format!("rules/{}.rhai", text.trim_end_matches(".rhai"));
        let Some(file) = self.files.iter().find(|file| file.name == name) else {
            self.lost.push(Some(text.trim_end_matches(".rhai").to_owned()));
            if reader.faults.names(&name) {
                // It is there, but cannot be read.
                return None;
            }
            let stems: Vec<&str> = self.files.iter().filter(|file| file.name.starts_with("rules/")).map(|file| stem(&file.name)).collect();
            reader.fault_name(value.span(), RuleErrorKind::MissingFile(format!("script `{name}`")), text.trim_end_matches(".rhai"), stems);
            return None;
        };
        if self.rules.iter().any(|rule| rule.file.name == name) {
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
}

fn when(reader: &mut Reader<'_>, value: &Value<'_>, declared: &Declared) -> When {
    let Some(table) = reader.table("when", value, "`when`") else { return When::default() };
    reader.keys(&table, &["tasks", "requirements", "hardware_types"]);
    let mut found = When::default();
    if let Some(value) = table.get("tasks") {
        let known = declared.tasks.as_ref().map(|tasks| Words::Tasks.known(tasks.iter().map(String::as_str)));
        found.tasks = names(reader, "tasks", value, known.as_deref(), RuleErrorKind::UnknownTask);
    }
    if let Some(value) = table.get("requirements") {
        let known: Option<Vec<&str>> = declared.requirements.as_ref().map(|names| names.iter().map(String::as_str).collect());
        found.requirements = names(reader, "requirements", value, known.as_deref(), RuleErrorKind::UnknownRequirement);
    }
    if let Some(value) = table.get("hardware_types") {
        found.hardware_types = names(reader, "hardware_types", value, Some(HARDWARE_TYPES), RuleErrorKind::UnknownHardwareType);
    }
    found
}

/// `known`: the names that may stand there; `None` when that is not known.
fn names(reader: &mut Reader<'_>, key: &str, value: &Value<'_>, known: Option<&[&str]>, kind: fn(String) -> RuleErrorKind) -> Vec<String> {
    let found = reader.texts(key, value);
    if found.is_empty() && value.get_ref().is_array() {
        reader.fault(value.span(), RuleErrorKind::Empty(key.to_owned()));
    }
    for (at, (name, span)) in found.iter().enumerate() {
        if let Some(known) = known.filter(|known| !known.contains(name)) {
            reader.fault_name(span.clone(), kind((*name).to_owned()), name, known.iter().copied());
        }
        if found[..at].iter().any(|(before, _)| before == name) {
            reader.fault(span.clone(), RuleErrorKind::Repeated { what: format!("in `{key}`,"), name: (*name).to_owned() });
        }
    }
    found.into_iter().map(|(name, _)| name.to_owned()).collect()
}

/// The parameters with the places of their names, and whether there are more, of which the value is at fault.
fn params(reader: &mut Reader<'_>, value: &Value<'_>) -> (BTreeMap<String, (Param, Range<usize>)>, bool) {
    let mut found = BTreeMap::new();
    let Some(table) = reader.table("params", value, "`params`") else { return (found, true) };
    let mut more = false;
    for (name, value) in table.entries {
        reader.check_name(&name.get_ref().replace('-', "*"), name.span());
        match param(reader, name.get_ref(), value) {
            Some(param) => {
                found.insert(name.get_ref().to_string(), (param, name.span()));
            }
            None => more = true,
        }
    }
    (found, more)
}

fn param(reader: &mut Reader<'_>, key: &str, value: &Value<'_>) -> Option<Param> {
    match value.get_ref() {
        DeValue::Integer(_) if integer(value.get_ref()).is_some() => integer(value.get_ref()).map(Param::Integer),
        DeValue::Integer(_) | DeValue::Float(_) => {
            let number = reader.number(key, value)?;
            if !number.is_finite() {
                let expected = "a finite number".to_owned();
                reader.fault(value.span(), RuleErrorKind::OutOfRange { key: key.to_owned(), value: number, expected });
                return None;
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
