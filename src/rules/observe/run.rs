//! Runs the rules on a pair once more, watched.

use rhai::Dynamic;

use super::coverage::Coverage;
use super::trail::{Event, noted};
use super::{Observed, explain};
use crate::rules::engine::{PairRecord, RequestRecord};
use crate::rules::interpret::{adjusted, arguments, excluded, idle, weights_map};
use crate::rules::records::{Pair, RuleRequest, Step, Weights};
use crate::rules::rule::Rule;
use crate::rules::run::run;
use crate::rules::script::{Hook, Script};
use crate::rules::set::RuleSet;

/// What one hook did, watched.
struct Seen<'a> {
    rule: &'a Rule,
    script: &'a Script,
    hook: &'static str,
    line: usize,
    observed: Option<&'a Observed>,
    trail: Vec<Event>,
}

impl RuleSet {
    /// Says of every rule that left the score as it is, or changed it without a word, which conditions led there.
    pub(crate) fn tell_why(&self, pair: &Pair, suitability: f64, request: &RuleRequest, steps: &mut [Step]) {
        self.walk(pair, suitability, request, &mut |seen| {
            let Some(why) = seen.observed.and_then(|observed| explain(&seen.rule.file, observed, &seen.trail)) else { return };
            let told = if seen.hook == "adjust" { "left the score as it is" } else { "did not exclude it" };
            if seen.hook == "exclude" && seen.script.adjust.is_some() {
                return;
            }
            if let Some(step) = steps.iter_mut().find(|step| step.rule == seen.rule.id && step.source.is_some()) {
                match &step.reason {
                    None => step.reason = Some(why),
                    Some(reason) if reason == told => step.reason = Some(format!("{told}: {why}")),
                    Some(_) => {}
                }
            }
        });
    }

    /// Adds the branches that a pair takes.
    pub(crate) fn cover(&self, pair: &Pair, suitability: f64, request: &RuleRequest, coverage: &mut Coverage) {
        self.walk(pair, suitability, request, &mut |seen| coverage.note(seen.rule, seen.hook, seen.line, seen.observed, &seen.trail));
    }

    /// Adds the branches that the `weigh` hooks take.
    pub(crate) fn cover_weigh(&self, weights: &Weights, request: &RuleRequest, coverage: &mut Coverage) {
        let mut current = weights.clone();
        for rule in self.rules.iter().filter(|rule| idle(rule, request, None).is_none()) {
            let Some((script, hook)) = rule.script.as_deref().and_then(|script| Some((script, script.weigh.as_ref()?))) else { continue };
            let record = Dynamic::from(RequestRecord::new(request, false));
            let given = [("weights", weights_map(&current)), ("request", record), ("", Dynamic::UNIT)];
            let (outcome, trail) = watched(rule, script, "weigh", hook, given);
            coverage.note(rule, "weigh", hook.line, script.observed(&rule.file), &trail);
            if let Some(new) = outcome.and_then(|value| crate::rules::interpret::weighed(&value, &current).ok()) {
                current = new;
            }
        }
    }

    /// Every hook that runs on a pair, in the order in which they take effect.
    fn walk(&self, pair: &Pair, suitability: f64, request: &RuleRequest, tell: &mut dyn FnMut(&Seen<'_>)) {
        let records = (Dynamic::from(PairRecord::new(pair, false)), Dynamic::from(RequestRecord::new(request, false)));
        let mut score = suitability;
        for hook in ["exclude", "adjust"] {
            for rule in self.rules.iter().filter(|rule| idle(rule, request, Some(pair)).is_none()) {
                let Some(script) = &rule.script else { continue };
                let adjusts = hook == "adjust";
                let own = if adjusts { &script.adjust } else { &script.exclude };
                let Some(plain) = own else { continue };
                let given = arguments(adjusts.then_some(score), ("pair", records.0.clone()), ("request", records.1.clone()));
                let (outcome, trail) = watched(rule, script, hook, plain, given);
                tell(&Seen { rule, script, hook, line: plain.line, observed: script.observed(&rule.file), trail });
                // A pair that is out, or that a rule failed on, meets no further rule.
                let Some(value) = outcome else { return };
                if adjusts {
                    let Ok((new, _)) = adjusted(value) else { return };
                    score = new;
                } else if !matches!(excluded(value), Ok(None)) {
                    return;
                }
            }
        }
    }
}

/// The result of the copy that notes its way, or of the hook itself where there is none.
fn watched(rule: &Rule, script: &Script, name: &str, plain: &Hook, given: [(&'static str, Dynamic); 3]) -> (Option<Dynamic>, Vec<Event>) {
    let hook = script.observed(&rule.file).and_then(|observed| observed.hook(name)).unwrap_or(plain);
    let (outcome, trail) = noted(|| run(script, hook, given));
    (outcome.ok().map(|(value, _)| value), trail)
}
