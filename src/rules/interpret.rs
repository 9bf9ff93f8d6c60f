//! Applies a rule set by running its scripts: the meaning that every faster way must keep bit for bit.

use rhai::{Dynamic, Map};

use super::engine::{PairRecord, RequestRecord, Values};
use super::evaluate::Evaluator;
use super::fields::{PAIR, REQUEST};
use super::operators::describe;
use super::records::{Pair, RuleRequest, Step, Verdict, Weights};
use super::rule::Rule;
use super::run::{Cause, Failure, failure_at, run};
use super::script::{Hook, Script};
use super::set::RuleSet;
use crate::{Error, Result};

/// Runs the scripts of one rule set.
pub(crate) struct Interpreter<'a> {
    set: &'a RuleSet,
}

impl<'a> Interpreter<'a> {
    /// Makes the interpreter of a set.
    pub(crate) fn new(set: &'a RuleSet) -> Self {
        Self { set }
    }

    /// The rules that have a hook, in listed order.
    fn with<'s>(&'s self, which: fn(&Script) -> Option<&Hook>) -> impl Iterator<Item = (&'a Rule, &'a Script, &'a Hook)> + 's {
        self.set.rules.iter().filter_map(move |rule| {
            let script = rule.script.as_deref()?;
            Some((rule, script, which(script)?))
        })
    }
}

impl Evaluator for Interpreter<'_> {
    fn weigh(&self, weights: &Weights, request: &RuleRequest) -> Result<(Weights, Vec<String>)> {
        let mut current = weights.clone();
        let mut notes = Vec::new();
        for (rule, script, hook) in self.with(|script| script.weigh.as_ref()) {
            if idle(rule, request, None).is_some() {
                continue;
            }
            let record = RequestRecord::new(request, false);
            let arguments = [("weights", weights_map(&current)), ("request", Dynamic::from(record)), ("", Dynamic::UNIT)];
            let outcome = run(script, hook, arguments).and_then(|(value, line)| {
                weighed(&value, &current).map(|new| (new, line)).map_err(|message| failure_at(&rule.file, line, message))
            });
            let (new, line) = outcome.map_err(|failure| Error::failed(told(rule, &failure, "", "")))?;
            let changes: Vec<String> = new
                .iter()
                .filter(|(name, weight)| current.get(*name).is_none_or(|old| old.to_bits() != weight.to_bits()))
                .map(|(name, weight)| format!("{name} {} -> {weight}", current.get(name).copied().unwrap_or(0.0)))
                .collect();
            if !changes.is_empty() {
                notes.push(format!("rule `{}` ({}:{line}) set weights: {}", rule.id, rule.file.name, changes.join(", ")));
            }
            current = new;
        }
        Ok((current, notes))
    }

    fn judge(&self, pair: &Pair, suitability: f64, request: &RuleRequest, strict: bool) -> Result<Verdict> {
        let mut judge = Judge { pair, request, strict, records: None };
        let verdict = verdict(self.set, pair, suitability, request, |rule, script, hook, score| {
            judge.outcome(rule, script, hook, score).map_err(|failure| judge.failed(rule, script, hook, score, &failure))
        });
        match verdict {
            Ok(verdict) => Ok(verdict),
            Err(failed) => failed,
        }
    }
}

/// What a hook came to on a pair.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// `exclude` did not exclude it: the line of the result.
    Passed(usize),
    /// `exclude` took it out: why.
    Excluded(String),
    /// `adjust` gave a score: rounded, with the reason and the line of the result.
    Adjusted(f64, Option<String>, usize),
}

/// Puts together what the hooks of a set come to on a pair. `run` gives the outcome of one hook, with the score so far for
/// `adjust`; what it gives instead ends it.
pub(crate) fn verdict<E>(
    set: &RuleSet,
    pair: &Pair,
    suitability: f64,
    request: &RuleRequest,
    mut run: impl FnMut(&Rule, &Script, &Hook, Option<f64>) -> Result<Outcome, E>,
) -> Result<Verdict, E> {
    let interpreter = Interpreter::new(set);
    let mut score = suitability;
    let mut steps = Vec::new();
    for (rule, script, hook) in interpreter.with(|script| script.exclude.as_ref()) {
        // A rule that can also adjust is told of there.
        let mut passed = |source: Option<String>, why: String| {
            if script.adjust.is_none() {
                steps.push(Step { rule: rule.id.clone(), source, delta: 0.0, score, reason: Some(why), fired: false });
            }
        };
        if let Some(why) = idle(rule, request, Some(pair)) {
            passed(None, why);
            continue;
        }
        match run(rule, script, hook, None)? {
            Outcome::Excluded(reason) => return Ok(Verdict::Excluded { rule: rule.id.clone(), reason }),
            Outcome::Passed(line) | Outcome::Adjusted(.., line) => {
                passed(Some(format!("{}:{line}", rule.file.name)), "did not exclude it".to_owned());
            }
        }
    }
    for (rule, script, hook) in interpreter.with(|script| script.adjust.as_ref()) {
        if let Some(why) = idle(rule, request, Some(pair)) {
            steps.push(Step { rule: rule.id.clone(), source: None, delta: 0.0, score, reason: Some(why), fired: false });
            continue;
        }
        let Outcome::Adjusted(new, reason, line) = run(rule, script, hook, Some(score))? else { continue };
        let fired = new.to_bits() != score.to_bits() || reason.is_some();
        steps.push(Step {
            rule: rule.id.clone(),
            source: Some(format!("{}:{line}", rule.file.name)),
            delta: new - score,
            score: new,
            reason: reason.or_else(|| (!fired).then(|| "left the score as it is".to_owned())),
            fired,
        });
        score = new;
    }
    let clamped = score.clamp(0.0, 1.0);
    if clamped.to_bits() != score.to_bits() {
        let reason = Some("scores lie between 0 and 1".to_owned());
        steps.push(Step { rule: "clamp".to_owned(), source: None, delta: clamped - score, score: clamped, reason, fired: true });
    }
    Ok(Verdict::Scored { score: clamped, steps })
}

/// Runs one hook of a rule on a pair, `adjust` with the score so far, else `exclude`: what it comes to, or how it fails. `None` when the rule
/// does not run on the pair.
pub(crate) fn outcome(rule: &Rule, pair: &Pair, request: &RuleRequest, score: Option<f64>) -> Option<Result<Outcome, Failure>> {
    if idle(rule, request, Some(pair)).is_some() {
        return None;
    }
    let script = rule.script.as_deref()?;
    let hook = if score.is_some() { script.adjust.as_ref()? } else { script.exclude.as_ref()? };
    Some(Judge { pair, request, strict: false, records: None }.outcome(rule, script, hook, score))
}

/// One pair under judgement.
struct Judge<'a> {
    pair: &'a Pair,
    request: &'a RuleRequest,
    strict: bool,
    records: Option<(PairRecord, RequestRecord)>,
}

impl Judge<'_> {
    /// Runs a hook and looks at its result.
    fn outcome(&mut self, rule: &Rule, script: &Script, hook: &Hook, score: Option<f64>) -> Result<Outcome, Failure> {
        let (value, line) = self.run(script, hook, score)?;
        let outcome = match score {
            None => excluded(value).map(|reason| reason.map_or(Outcome::Passed(line), Outcome::Excluded)),
            Some(_) => adjusted(value).map(|(new, reason)| Outcome::Adjusted(new, reason, line)),
        };
        outcome.map_err(|message| failure_at(&rule.file, line, message))
    }

    fn run(&mut self, script: &Script, hook: &Hook, score: Option<f64>) -> Result<(Dynamic, usize), Failure> {
        let (pair, request) =
            self.records.get_or_insert_with(|| (PairRecord::new(self.pair, false), RequestRecord::new(self.request, false)));
        let (pair, request) = (("pair", Dynamic::from(pair.clone())), ("request", Dynamic::from(request.clone())));
        run(script, hook, arguments(score, pair, request))
    }

    /// What a failed hook comes to. It runs once more on records that note what it reads, to name the values.
    fn failed(&self, rule: &Rule, script: &Script, hook: &Hook, score: Option<f64>, failure: &Failure) -> Result<Verdict> {
        let (pair, request) = (PairRecord::new(self.pair, true), RequestRecord::new(self.request, true));
        let (first, second) = (("pair", Dynamic::from(pair.clone())), ("request", Dynamic::from(request.clone())));
        let _ = run(script, hook, arguments(score, first, second));
        let mut values: Vec<String> = score.map(|score| format!("score = {score}")).into_iter().collect();
        values.extend(seen("pair", &pair.0, |at| PAIR[at].name));
        values.extend(seen("request", &request.0, |at| REQUEST[at].name));
        let on = format!(" on {} x {}", self.pair.model, self.pair.hardware);
        let values = if values.is_empty() { String::new() } else { format!("; {}", values.join(", ")) };
        let message = told(rule, failure, &on, &values);
        if failure.ends_command(self.strict) {
            return Err(Error::failed(message));
        }
        Ok(Verdict::Failed { rule: rule.id.clone(), message })
    }
}

pub(super) fn arguments(
    score: Option<f64>,
    pair: (&'static str, Dynamic),
    request: (&'static str, Dynamic),
) -> [(&'static str, Dynamic); 3] {
    match score {
        Some(score) => [("score", score.into()), pair, request],
        None => [pair, request, ("", Dynamic::UNIT)],
    }
}

/// Weights as a script reads them.
pub(super) fn weights_map(weights: &Weights) -> Dynamic {
    weights.iter().map(|(name, weight)| (name.as_str().into(), (*weight).into())).collect::<Map>().into()
}

fn seen(record: &str, values: &Values, name: fn(usize) -> &'static str) -> Vec<String> {
    let show = |value: &Dynamic| if value.is_unit() { "()".to_owned() } else { format!("{value:?}") };
    values.seen().iter().map(|(at, value)| format!("{record}.{} = {}", name(*at), show(value))).collect()
}

/// A failure in one line, with the rule and the place.
fn told(rule: &Rule, failure: &Failure, on: &str, values: &str) -> String {
    let (line, column) = failure.place;
    let what = match failure.cause {
        Cause::Script => "failed",
        Cause::Limit => "exceeded a limit of the sandbox",
        Cause::Breakdown => "broke down",
    };
    format!("rule `{}` {what}{on} at {}:{line}:{column}: {}{values}", rule.id, rule.file.name, failure.message)
}

/// Why a rule does not run; `None` when it does.
pub(crate) fn idle(rule: &Rule, request: &RuleRequest, pair: Option<&Pair>) -> Option<String> {
    let when = &rule.when;
    if !rule.enabled {
        return Some("disabled".to_owned());
    }
    if !when.tasks.is_empty() && !request.task.as_ref().is_some_and(|task| when.tasks.contains(task)) {
        return Some(format!("only for tasks: {}", when.tasks.join(", ")));
    }
    if !when.requirements.is_empty() && !when.requirements.iter().any(|name| request.requirements.contains(name)) {
        return Some(format!("only for requirements: {}", when.requirements.join(", ")));
    }
    let pair = pair.filter(|_| !when.hardware_types.is_empty())?;
    (!when.hardware_types.contains(&pair.hardware_type)).then(|| format!("only for hardware types: {}", when.hardware_types.join(", ")))
}

/// The result of `exclude`: why the pair is out.
pub(super) fn excluded(value: Dynamic) -> Result<Option<String>, String> {
    if value.is_unit() {
        return Ok(None);
    }
    let found = describe(&value);
    match value.into_string() {
        Ok(text) if text.trim().is_empty() => Err("`exclude` returned an empty text, expected the reason".to_owned()),
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(format!("`exclude` returned {found}, expected `()` or the reason as a text")),
    }
}

/// The result of `adjust`: the new score, rounded, and the reason.
pub(super) fn adjusted(value: Dynamic) -> Result<(f64, Option<String>), String> {
    const EXPECTED: &str = "expected the new score, or `#{ score: .., reason: .. }`";
    if let Some(score) = number(&value) {
        return Ok((rounded(score)?, None));
    }
    let found = describe(&value);
    let Some(map) = value.try_cast::<Map>() else { return Err(format!("`adjust` returned {found}, {EXPECTED}")) };
    if let Some(key) = map.keys().find(|key| !["score", "reason"].contains(&key.as_str())) {
        return Err(format!("`adjust` returned a map with the unknown key `{key}`, {EXPECTED}"));
    }
    let Some(score) = map.get("score") else { return Err(format!("`adjust` returned a map without `score`, {EXPECTED}")) };
    let score = number(score).ok_or_else(|| format!("`adjust` returned {} as score, expected a number", describe(score)))?;
    let reason = match map.get("reason") {
        None => None,
        Some(reason) if reason.is_unit() => None,
        Some(reason) => match reason.clone().into_string() {
            Ok(text) => Some(text).filter(|text| !text.trim().is_empty()),
            Err(_) => return Err(format!("`adjust` returned {} as reason, expected a text", describe(reason))),
        },
    };
    Ok((rounded(score)?, reason))
}

fn number(value: &Dynamic) -> Option<f64> {
    value.as_float().ok().or_else(|| value.as_int().ok().map(|integer| integer as f64))
}

/// The score to 12 decimals, half away from zero; adding 0.0 turns -0.0 into 0.0.
fn rounded(score: f64) -> Result<f64, String> {
    let rounded = crate::digits::round12(score) + 0.0;
    if rounded.is_finite() { Ok(rounded) } else { Err(format!("`adjust` returned the score {score}, expected a finite number")) }
}

/// The result of `weigh`: a finite weight of at least 0 for every component.
pub(super) fn weighed(value: &Dynamic, before: &Weights) -> Result<Weights, String> {
    let Ok(map) = value.as_map_ref() else { return Err(format!("`weigh` returned {}, expected the weights", describe(value))) };
    if let Some(key) = map.keys().find(|key| !before.contains_key(key.as_str())) {
        return Err(format!("`weigh` returned the unknown component `{key}`"));
    }
    before
        .keys()
        .map(|name| {
            let value = map.get(name.as_str()).ok_or_else(|| format!("`weigh` returned no weight of `{name}`"))?;
            match number(value) {
                Some(weight) if weight.is_finite() && weight >= 0.0 => Ok((name.clone(), weight)),
                _ => Err(format!("`weigh` returned {} as weight of `{name}`, expected a finite number of at least 0", describe(value))),
            }
        })
        .collect()
}
