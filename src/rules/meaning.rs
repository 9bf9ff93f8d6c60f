//! Weights that do not mean what they seem to: factors without effect, tasks without any weight, idle requirements.

use std::ops::Range;
use std::sync::Arc;

use crate::scoring::weights::asked;
use crate::scoring::{Requirement, Scoring};

use super::error::RuleErrorKind;
use super::faults::Faults;
use super::rule::Rule;
use super::source::Source;
use super::toml_read::{Reader, Table, Value};
use super::words::TASKS;

/// Warns of what scoring.toml says without effect, as far as the file is without fault. `files`: those of the whole set.
pub(crate) fn check(file: &Arc<Source>, scoring: &Scoring, rules: &[Rule], files: &[Arc<Source>], faults: &mut Faults) {
    if faults.is_broken(&file.name) {
        return;
    }
    let mut unheard = Faults::default();
    let entries = Reader { file, faults: &mut unheard }.parse(&file.text);
    let root = Table { entries: &entries, place: "scoring.toml" };
    let at_fault = faults.places_in(file);
    let sound = |places: &[Range<usize>]| !places.iter().any(|place| at_fault.iter().any(|fault| overlap(place, fault)));
    // Factors mean something only beside weights that are known.
    let Some(weights) = weights(&root).filter(|weights| !weights.is_empty() && sound(weights)) else { return };
    if weights.len() != 3 * scoring.components.len() {
        return;
    }
    let list = files.iter().find(|file| file.name == super::set::RULES);
    let whole = list.is_some_and(|list| !faults.any_error_in(list));
    // A requirement that is mentioned by files which could not be read whole may be asked for there.
    let mentioned: Vec<&str> =
        if whole { Vec::new() } else { files.iter().filter(|other| !Arc::ptr_eq(other, file)).map(|file| file.text.as_str()).collect() };
    let requirements = tables(&root, "requirements");
    let all_set = !requirements.iter().all(|(_, key, table)| sound(&within(key, table)));
    let mut meaning = Meaning { file, scoring, rules, mentioned, all_set, faults };
    for (name, key, table) in tables(&root, "tasks") {
        if sound(&within(&key, &table)) {
            meaning.task(name, key, &table);
        }
    }
    for (name, key, table) in requirements {
        if let Some(requirement) = scoring.requirements.get(name).filter(|_| sound(&within(&key, &table))) {
            meaning.requirement(name, key, &table, requirement);
        }
    }
}

fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end.max(other.start + 1) && other.start < one.end.max(one.start + 1)
}

/// The places of the components with their names and weights, three each; `None` when one has no such key.
fn weights(root: &Table<'_>) -> Option<Vec<Range<usize>>> {
    let mut places = Vec::new();
    for item in root.get("component")?.get_ref().as_array()? {
        let table = Table { entries: item.get_ref().as_table()?, place: "" };
        let start = item.span().start;
        places.extend([start..start, table.get("name")?.span(), table.get("weight")?.span()]);
    }
    Some(places)
}

/// The places of a table: of its name, and of all keys and values in it.
fn within(key: &Range<usize>, table: &Table<'_>) -> Vec<Range<usize>> {
    fn values(table: &Table<'_>, places: &mut Vec<Range<usize>>) {
        for (name, value) in table.entries {
            places.extend([name.span(), value.span()]);
            if let Some(entries) = value.get_ref().as_table() {
                values(&Table { entries, place: "" }, places);
            }
        }
    }
    let mut places = vec![key.clone()];
    values(table, &mut places);
    places
}

/// The tables of `[key.NAME]` with the places of their names.
fn tables<'a>(root: &Table<'a>, key: &str) -> Vec<(&'a str, Range<usize>, Table<'a>)> {
    let Some(all) = root.get(key).and_then(|value| value.get_ref().as_table()) else { return Vec::new() };
    let table = |value: &'a Value<'a>| value.get_ref().as_table().map(|entries| Table { entries, place: "" });
    all.iter().filter_map(|(name, value)| Some((name.get_ref().as_ref(), name.span(), table(value)?))).collect()
}

struct Meaning<'a> {
    file: &'a Arc<Source>,
    scoring: &'a Scoring,
    rules: &'a [Rule],
    /// Texts that may ask for a requirement.
    mentioned: Vec<&'a str>,
    /// Whether any component may be given a weight by a requirement that is at fault.
    all_set: bool,
    faults: &'a mut Faults,
}

impl Meaning<'_> {
    fn warn(&mut self, span: Range<usize>, kind: RuleErrorKind, help: &str) {
        self.faults.add(self.file, span, kind).help = Some(help.to_owned());
    }

    fn task(&mut self, name: &str, key: Range<usize>, table: &Table<'_>) {
        if !TASKS.contains(&name)
            && let Some(near) = TASKS.iter().find(|known| crate::error::is_misspelt(name, known))
        {
            self.warn(key.clone(), RuleErrorKind::UnfamiliarTask(name.to_owned()), &format!("did you mean `{near}`?"));
        }
        // A weight that a requirement sets stands in the place of base x task.
        for (component, span, factor) in factors(table) {
            if self.base(component) == 0.0 {
                let kind = RuleErrorKind::FactorOfZero { name: component.to_owned(), factor };
                self.warn(span, kind, "give it a weight in its [[component]], or `set` one by a requirement");
            }
        }
    }

    fn requirement(&mut self, name: &str, key: Range<usize>, table: &Table<'_>, requirement: &Requirement) {
        for (component, span, factor) in factors(table) {
            if self.base(component) == 0.0 && !self.is_set(component) {
                let kind = RuleErrorKind::FactorOfZero { name: component.to_owned(), factor };
                self.warn(span, kind, &format!("`set = {{ {component} = .. }}` gives it a weight"));
            }
        }
        let own = [name.to_owned()];
        let tasks: Vec<Option<&str>> = std::iter::once(None).chain(self.scoring.tasks.keys().map(|task| Some(task.as_str()))).collect();
        for task in &tasks {
            // A task or a requirement that leaves nothing by itself is an error.
            let by_itself = self.sums_to_zero(*task, &[]) || self.sums_to_zero(None, &own);
            if let Some(task) = task.filter(|_| !by_itself && self.sums_to_zero(*task, &own)) {
                let kind = RuleErrorKind::NoWeightLeft(format!("requirement `{name}` with task `{task}`"));
                return self.warn(key, kind, "every ask with both fails: leave a component its weight");
            }
        }
        let switch = self.rules.iter().any(|rule| rule.when.requirements.iter().any(|used| used == name))
            || self.rules.iter().any(|rule| rule.file.text.contains(&format!("request.{}", name.replace('-', "_"))))
            || self.mentioned.iter().any(|text| text.contains(name) || text.contains(&name.replace('-', "_")));
        let joint = requirement.multiply.keys().any(|component| self.base(component) == 0.0 && self.is_set(component));
        if requirement.limits.is_empty() && !switch && !joint && tasks.iter().all(|task| self.same_proportions(*task, &own)) {
            let counted: Vec<&str> = self
                .scoring
                .components
                .iter()
                .filter(|component| component.weight > 0.0)
                .map(|component| component.name.as_str())
                .collect();
            let why = match counted.as_slice() {
                _ if requirement.multiply.is_empty() && requirement.set.is_empty() => {
                    "it has neither factors, weights nor limits".to_owned()
                }
                [one] => format!("only `{one}` has a weight"),
                _ => "it leaves the proportions of the weights as they are".to_owned(),
            };
            let kind = RuleErrorKind::IdleRequirement { name: name.to_owned(), why };
            self.warn(key, kind, "only proportions count: raise the weight of one component against another, or give it `limits`");
        }
    }

    fn base(&self, component: &str) -> f64 {
        self.scoring.components.iter().find(|known| known.name == component).map_or(0.0, |known| known.weight)
    }

    /// Whether a requirement gives the component a weight of its own.
    fn is_set(&self, component: &str) -> bool {
        self.all_set
            || self.scoring.requirements.values().any(|requirement| requirement.set.get(component).is_some_and(|weight| *weight > 0.0))
    }

    fn weights(&self, task: Option<&str>, requirements: &[String]) -> Vec<f64> {
        asked(self.scoring, task, requirements).map(|weights| weights.into_values().collect()).unwrap_or_default()
    }

    fn sums_to_zero(&self, task: Option<&str>, requirements: &[String]) -> bool {
        self.weights(task, requirements).iter().all(|weight| *weight == 0.0)
    }

    fn same_proportions(&self, task: Option<&str>, requirements: &[String]) -> bool {
        let parts = |weights: Vec<f64>| -> Vec<f64> {
            let sum: f64 = weights.iter().sum();
            weights.into_iter().map(|weight| weight / sum).collect()
        };
        let (before, after) = (parts(self.weights(task, &[])), parts(self.weights(task, requirements)));
        before.len() == after.len() && before.iter().zip(&after).all(|(a, b)| (a - b).abs() < 1e-12)
    }
}

/// The factors of a table with the places of their names.
fn factors<'a>(table: &Table<'a>) -> Vec<(&'a str, Range<usize>, f64)> {
    let Some(multiply) = table.get("multiply").and_then(|value| value.get_ref().as_table()) else { return Vec::new() };
    let number = |value: &Value<'_>| match value.get_ref() {
        toml::de::DeValue::Float(float) => float.as_str().replace('_', "").parse().ok(),
        other => super::toml_read::integer(other).map(|integer| integer as f64),
    };
    multiply.iter().filter_map(|(name, value)| Some((name.get_ref().as_ref(), name.span(), number(value)?))).collect()
}
