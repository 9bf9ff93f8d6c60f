//! What one rule can do, hook by hook: which rows it surely excludes, and on which it can fire.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rhai::{Dynamic, Position};

use super::notes::Notes;
use super::range::Range;
use super::state::{self, Region, SCORE, State, WEIGHTS};
use super::texts::Texts;
use super::value::{Other, Place, Record, Value};
use super::walk::{Ending, Endings, Walk};
use crate::rules::rule::{Param, Rule};
use crate::rules::script::HOOKS;

/// What a rule can do.
#[derive(Default)]
pub(super) struct Examined<'a> {
    /// Rows that `exclude` surely takes out.
    pub(super) excluded: Vec<Region>,
    /// Rows that `exclude` can act on.
    pub(super) excludes: Vec<Region>,
    /// Rows that `adjust` can act on.
    pub(super) adjusts: Vec<Region>,
    /// Every way to an end of `adjust`: the statement, the rows, whether it acts on them.
    pub(super) ends: Vec<(Position, Region, bool)>,
    /// Whether `weigh` can change a weight.
    pub(super) weighs: bool,
    /// The hooks that come to an end without an effect.
    pub(super) idle: Vec<&'static str>,
    /// The scores that `adjust` can give; `None` when it never comes to an end.
    pub(super) scores: Option<Range<f64>>,
    /// What the walks have seen.
    pub(super) notes: Notes<'a>,
    /// Rows on which `adjust` may come to an error.
    pub(super) failing: Vec<Region>,
    /// The hooks that come to an error on every way.
    pub(super) failed: Vec<&'static str>,
    /// The hooks that were not looked at because of an error.
    pub(super) left_out: BTreeSet<&'static str>,
}

/// Goes through the hooks of a rule but for these, the score being in this range; `None` when the script is not understood.
pub(super) fn examine<'a>(rule: &'a Rule, known: &'a Known, score: Range<f64>, left_out: BTreeSet<&'static str>) -> Option<Examined<'a>> {
    let script = rule.script.as_deref().filter(|script| !script.dynamic)?;
    let mut walk = Walk::new(&rule.file, &script.functions, &known.constants, &known.params);
    let mut found = Examined::default();
    let pair = || ("pair", Value::other(Other::Record(Record::Pair)));
    let request = || ("request", Value::other(Other::Record(Record::Request)));
    for function in script.functions.iter().filter(|function| !left_out.contains(function.name.as_str())) {
        let mut region = if rule.doubtful { Region::new() } else { state::admitted(&rule.when) };
        let arguments = match function.name.as_str() {
            "weigh" => vec![("weights", Value::any().at(Place::Field(WEIGHTS))), request()],
            "exclude" => vec![pair(), request()],
            "adjust" => {
                region.insert(SCORE, Value::floats(score));
                vec![("score", Value::floats(score).at(Place::Field(SCORE))), pair(), request()]
            }
            _ => continue,
        };
        let endings = walk.hook(function, State::new(region), &arguments).ok()?;
        if endings.returns.is_empty() {
            found.failed.extend(HOOKS.iter().map(|(name, _)| *name).find(|name| *name == function.name));
        }
        match function.name.as_str() {
            "weigh" => found.weigh(&endings),
            "exclude" => found.exclude(endings),
            _ => found.adjust(endings),
        }
    }
    found.notes = walk.notes;
    if left_out.contains("adjust") {
        found.scores = Some(Range::ALL);
    }
    found.left_out = left_out;
    Some(found)
}

impl Examined<'_> {
    fn weigh(&mut self, endings: &Endings) {
        let changes = |ending: &Ending| ending.value.place != Some(Place::Field(WEIGHTS));
        self.weighs = !endings.throws.is_empty() || !endings.fails.is_empty() || endings.returns.iter().any(changes);
        if !self.weighs && !endings.returns.is_empty() {
            self.idle.push("weigh");
        }
    }

    fn exclude(&mut self, endings: Endings) {
        let Endings { returns, throws, fails } = endings;
        if throws.is_empty() && fails.is_empty() && !returns.is_empty() && returns.iter().all(|ending| ending.value.is_missing()) {
            self.idle.push("exclude");
        }
        self.excludes.extend(throws.into_iter().chain(fails).map(|state| state.fields));
        for Ending { state, value } in returns {
            if value.is_missing() {
                continue;
            }
            if state.exact && value.is_text() && value.texts.as_ref().is_some_and(Texts::is_filled) {
                self.excluded.push(state.fields.clone());
            }
            self.excludes.push(state.fields);
        }
    }

    fn adjust(&mut self, endings: Endings) {
        let Endings { returns, throws, fails } = endings;
        if throws.is_empty() && fails.is_empty() && !returns.is_empty() && returns.iter().all(|ending| leaves(&ending.value)) {
            self.idle.push("adjust");
        }
        self.scores = returns.iter().map(|ending| scores(&ending.value)).reduce(Range::join);
        self.failing.extend(fails.into_iter().map(|state| state.fields));
        self.adjusts.extend(self.failing.iter().cloned());
        let thrown = throws.into_iter().map(|state| (state, true));
        for (state, acts) in thrown.chain(returns.into_iter().map(|ending| (ending.state, !leaves(&ending.value)))) {
            if acts {
                self.adjusts.push(state.fields.clone());
            }
            self.ends.push((state.from, state.fields, acts));
        }
    }
}

/// Whether a result of `adjust` leaves the score as it is and says nothing.
fn leaves(value: &Value) -> bool {
    let same = |value: &Value| value.place == Some(Place::Field(SCORE)) && value.is_number();
    match &value.other {
        Other::No => same(value),
        Other::Map(map) => {
            let silent = |reason: &Value| reason.is_missing() || reason.is_text() && reason.texts.as_ref().is_some_and(Texts::is_blank);
            map.get("score").is_some_and(same) && map.get("reason").is_none_or(silent)
        }
        _ => false,
    }
}

/// The scores that a result of `adjust` can give, rounded as it will be.
fn scores(value: &Value) -> Range<f64> {
    let of = |value: &Value| match value.number() {
        Some(range) if value.other == Other::No => range,
        _ => Range::ALL,
    };
    let range = match &value.other {
        Other::No => of(value),
        Other::Map(map) => map.get("score").map_or(Range::ALL, of),
        _ => Range::ALL,
    };
    let rounded = |score: f64| (score * 1e12).round() / 1e12;
    let (lo, hi) = (rounded(range.lo), rounded(range.hi));
    Range { lo: if lo.is_finite() { lo } else { range.lo }, hi: if hi.is_finite() { hi } else { range.hi } }
}

/// What a script reads that no row changes.
#[derive(Default)]
pub(super) struct Known {
    constants: BTreeMap<String, Value>,
    params: BTreeMap<String, Value>,
}

impl Known {
    /// The parameters of a rule and the constants of its script.
    pub(super) fn of(rule: &Rule) -> Self {
        let params = rule.params.iter().map(|(name, param)| (name.clone(), of_param(param))).collect();
        let constants = rule.script.iter().flat_map(|script| &script.constants);
        Self { constants: constants.map(|(name, value)| (name.clone(), of_constant(value))).collect(), params }
    }
}

fn of_param(param: &Param) -> Value {
    match param {
        Param::Integer(integer) => Value::ints(Range::one(*integer)),
        Param::Number(number) => Value::floats(Range::one(*number)),
        Param::Boolean(truth) => Value::truth(*truth),
        Param::Text(text) => Value { texts: Texts::of([text]), ..Value::default() },
        Param::List(items) => Value::other(Other::List(items.iter().map(of_param).collect::<Arc<[Value]>>())),
    }
}

fn of_constant(value: &Dynamic) -> Value {
    if value.is_unit() {
        return Value::missing();
    }
    if let Ok(integer) = value.as_int() {
        return Value::ints(Range::one(integer));
    }
    if let Ok(number) = value.as_float() {
        return if number.is_finite() { Value::floats(Range::one(number)) } else { Value::any() };
    }
    if let Ok(truth) = value.as_bool() {
        return Value::truth(truth);
    }
    if let Ok(text) = value.clone().into_immutable_string() {
        return Value { texts: Texts::of([text]), ..Value::default() };
    }
    match value.as_array_ref() {
        Ok(items) => Value::other(Other::List(items.iter().map(of_constant).collect::<Arc<[Value]>>())),
        Err(_) => Value::any(),
    }
}
