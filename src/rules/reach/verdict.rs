//! Puts what the rules of a set can do side by side, and reports what can never happen.

use std::collections::BTreeMap;
use std::sync::Arc;

use rhai::Position;

use super::examine::{Examined, Known, examine};
use super::faulty;
use super::range::Range;
use super::shadow::covered;
use super::state::Region;
use crate::rules::error::RuleErrorKind;
use crate::rules::faults::{Faults, list};
use crate::rules::rule::Rule;
use crate::rules::rules_file::Listed;
use crate::rules::script::Script;
use crate::rules::source::Source;
use crate::rules::text::span;

/// Suitability, which the first rule is given as score.
const SUITABILITY: Range<f64> = Range { lo: 0.0, hi: 1.0 };

/// Reports unreachable branches, rules that never fire and rules that are shadowed. Hooks with errors are left out; of a
/// rule that is doubtful, only what holds of every row is said.
pub(crate) fn check(rules_toml: Option<&Arc<Source>>, listed: &Listed, faults: &mut Faults) {
    let rules = &listed.rules;
    let known: Vec<Known> = rules.iter().map(Known::of).collect();
    // A rule that is not known may come before all others.
    let mut score = if listed.more { Range::ALL } else { SUITABILITY };
    let mut all: Vec<Option<Examined<'_>>> = Vec::new();
    for (rule, known) in rules.iter().zip(&known) {
        let found = sound_part(rule, known, score, faults);
        if let Some((found, script)) = found.as_ref().zip(rule.script.as_deref()) {
            report(rule, script, found, faults);
        }
        let adjusts = rule.script.as_deref().is_none_or(|script| script.adjust.is_some());
        if rule.enabled && adjusts {
            score = match &found {
                Some(found) => found.scores.map_or(score, |scores| score.join(scores)),
                None => Range::ALL,
            };
        }
        all.push(found);
    }
    for rule in &listed.others {
        let known = Known::of(rule);
        let found = sound_part(rule, &known, Range::ALL, faults);
        let Some((found, script)) = found.zip(rule.script.as_deref()) else { continue };
        report(rule, script, &found, faults);
        if idle(&found, script) {
            never_fires(rule, script, &found, faults);
        }
    }
    for (at, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.enabled) {
        let Some((found, script)) = all[at].as_ref().zip(rule.script.as_deref()) else { continue };
        if idle(found, script) {
            never_fires(rule, script, found, faults);
        } else if let Some((by, rules_toml)) = shadowing(rules, &all, at).zip(rules_toml) {
            let names: Vec<&str> = by.iter().map(|at| rules[*at].id.as_str()).collect();
            // Every `exclude` comes before every `adjust`, wherever they are listed.
            let order = match (found.adjusts.is_empty(), names.len()) {
                (false, _) => String::new(),
                (true, 1) => format!(", list `{}` before it", rule.id),
                (true, _) => format!(", list `{}` before them", rule.id),
            };
            let help = format!("narrow {}{order}, or delete `{}`", list(&names), rule.id);
            faults.add(rules_toml, rule.place.clone(), RuleErrorKind::Shadowed(names.join("` or `"))).help = Some(help);
        } else {
            own_shadow(rule, script, found, faults);
        }
    }
}

/// Goes through the hooks of a rule that are without an error, as all that they call is.
fn sound_part<'a>(rule: &'a Rule, known: &'a Known, score: Range<f64>, faults: &Faults) -> Option<Examined<'a>> {
    let left_out = faulty::hooks(rule.script.as_deref()?, &rule.file, faults)?;
    examine(rule, known, score, left_out)
}

/// Reports the branches that are never taken. A hook that was left out may take those of a function that it calls.
fn report(rule: &Rule, script: &Script, found: &Examined<'_>, faults: &mut Faults) {
    let known = |place: usize| found.left_out.is_empty() || faulty::in_a_hook(&script.functions, place);
    found.notes.report(&rule.file, known, faults);
    for hook in &found.failed {
        let place = script.functions.iter().find(|function| function.name == *hook).map_or(0..0, |function| function.span.clone());
        let why = format!("whatever the row, `{hook}` comes to an error before its end");
        faults.add(&rule.file, place, RuleErrorKind::AlwaysFails(why));
    }
}

/// Whether no hook has an effect; those with an error have none before it is mended.
fn idle(found: &Examined<'_>, script: &Script) -> bool {
    !found.idle.is_empty() && found.idle.len() + found.left_out.len() == hooks(script)
}

/// Reports what `adjust` would do to pairs that all are taken out by `exclude` of the same script.
fn own_shadow(rule: &Rule, script: &Script, found: &Examined<'_>, faults: &mut Faults) {
    if found.excluded.is_empty() || !found.ends.iter().any(|(.., acts)| *acts) {
        return;
    }
    let excluded: Vec<&Region> = found.excluded.iter().collect();
    let mut ends: BTreeMap<Position, (bool, bool)> = BTreeMap::new();
    for (from, region, acts) in &found.ends {
        let end = ends.entry(*from).or_insert((false, true));
        end.0 |= *acts;
        end.1 = end.1 && covered(region, &excluded).is_some();
    }
    let mut report = |span: std::ops::Range<usize>, what: &str, which: &str, help: &str| {
        faults.add(&rule.file, span, RuleErrorKind::ShadowedResult { what: what.to_owned(), which: which.to_owned() }).help =
            Some(help.to_owned());
    };
    // Where ways of several statements have met, it is not known which of them the rest is.
    let met = ends.keys().any(|position| position.is_none());
    // What comes to an error acts, wherever it does.
    let errs = found.failing.iter().any(|region| covered(region, &excluded).is_none());
    if !errs && ends.values().filter(|end| end.0).all(|(_, covered)| *covered) {
        let place = script.functions.iter().find(|function| function.name == "adjust").map_or(0..0, |function| function.span.clone());
        report(place, "`adjust` never acts", "it would act on", "narrow `exclude`, or delete `adjust`");
    } else if !met {
        for (position, _) in ends.iter().filter(|(_, (acts, covered))| *acts && *covered) {
            report(
                span(&rule.file, *position),
                "this result is never given",
                "would come to it",
                "narrow `exclude`, or delete this branch",
            );
        }
    }
}

fn hooks(script: &Script) -> usize {
    [&script.weigh, &script.exclude, &script.adjust].into_iter().flatten().count()
}

fn never_fires(rule: &Rule, script: &Script, found: &Examined<'_>, faults: &mut Faults) {
    let words = |hook: &&str| match *hook {
        "exclude" => "`exclude` comes to `()` on every way",
        "adjust" => "`adjust` leaves the score as it is and gives no reason on every way",
        _ => "`weigh` gives the weights back as they are on every way",
    };
    let errors = found.left_out.iter().map(|hook| format!("`{hook}` has an error"));
    let why = found.idle.iter().map(words).map(str::to_owned).chain(errors).collect::<Vec<_>>().join(", and ");
    let place = script.functions.iter().find(|function| found.idle.contains(&function.name.as_str()));
    let place = place.map_or(0..0, |function| function.span.clone());
    faults.add(&rule.file, place, RuleErrorKind::NeverFires(why)).help =
        Some(format!("correct it, or take `{}` out of rules.toml (or `enabled = false`)", rule.id));
}

/// The rules whose `exclude` takes out every row on which a rule could fire; `None` when there may be others.
///
/// Every `exclude` runs before every `adjust`; before an `exclude`, those that are listed before it.
fn shadowing(rules: &[Rule], all: &[Option<Examined<'_>>], at: usize) -> Option<Vec<usize>> {
    let found = all[at].as_ref()?;
    if found.weighs || !found.left_out.is_empty() || found.excludes.is_empty() && found.adjusts.is_empty() {
        return None;
    }
    let runs_too = |other: &Rule| {
        let (needed, given) = (&other.when.requirements, &rules[at].when.requirements);
        let known = !given.is_empty() && !rules[at].doubtful;
        other.enabled && !other.doubtful && (needed.is_empty() || known && given.iter().all(|name| needed.contains(name)))
    };
    let before = |last: usize| -> Vec<(usize, &Region)> {
        let others = rules.iter().zip(all).enumerate().filter(|(other, (rule, _))| *other < last && *other != at && runs_too(rule));
        others
            .flat_map(|(other, (_, found))| found.iter().flat_map(move |found| found.excluded.iter().map(move |region| (other, region))))
            .collect()
    };
    let mut by = Vec::new();
    for (regions, covers) in [(&found.excludes, before(at)), (&found.adjusts, before(rules.len()))] {
        let only: Vec<&Region> = covers.iter().map(|(_, region)| *region).collect();
        for region in regions {
            by.extend(covered(region, &only)?.into_iter().map(|part| covers[part].0));
        }
    }
    by.sort_unstable();
    by.dedup();
    Some(by)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::rules::RuleSet;

    #[test]
    fn every_shipped_rule_without_a_loop_is_understood() {
        let set = RuleSet::embedded().unwrap();
        let followed = |rule: &&Rule| examine(rule, &Known::of(rule), SUITABILITY, BTreeSet::new()).is_some();
        let names: Vec<&str> = set.rules.iter().filter(followed).map(|rule| rule.id.as_str()).collect();
        assert_eq!(names, ["memory_fit", "web_mobile_limits", "scatter", "stale", "failed_runs"]);
    }
}
