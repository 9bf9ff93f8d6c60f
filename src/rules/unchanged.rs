//! Scripts that another set has checked already, so that an edit of one of a hundred has one checked.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::faults::Faults;
use super::rule::Param;
use super::script::{Context, Script};
use super::set::RuleSet;

/// The script of a set without an error that is this one word for word and was checked against the same: it would come to the same, and
/// what was said of it is said again. `None`: it must be checked.
///
/// The check sees names of components and tasks, parameters, hardware types and limits; where parameters stand matters only to
/// what it says of rules.toml. What the rest of the set makes of the rule ([`super::reach`], [`super::meaning`]) is looked at anew in any case.
pub(crate) fn script(before: &RuleSet, context: &Context<'_>, faults: &mut Faults) -> Option<Arc<Script>> {
    let rule = before.rules.iter().find(|rule| rule.file.name == context.file.name)?;
    let (script, said) = rule.script.as_ref().and_then(|script| Some((script, script.said.as_ref()?)))?;
    let components = before.scoring.components.iter().map(|component| component.name.as_str());
    let same = rule.file.text == context.file.text
        && before.limits == context.limits
        && params_are(&rule.params, context)
        && rule.when.hardware_types == context.hardware_types
        && components.eq(context.components.iter().copied())
        && context.tasks.is_some_and(|tasks| before.scoring.tasks.keys().eq(tasks))
        && !faults.any_error_in(context.file);
    same.then(|| {
        faults.again(context.file, said);
        Arc::clone(script)
    })
}

/// Whether these are all parameters of the rule, with the same values.
fn params_are(before: &BTreeMap<String, Param>, context: &Context<'_>) -> bool {
    let now = context.params.iter().map(|(name, (value, _))| (name, value));
    !context.more_params
        && before.len() == now.len()
        && before.iter().zip(now).all(|(one, other)| one.0 == other.0 && is_same(one.1, other.1))
}

/// Whether a script cannot tell two values apart: -0.0 is another number than 0.0.
fn is_same(one: &Param, other: &Param) -> bool {
    match (one, other) {
        (Param::Number(one), Param::Number(other)) => one.to_bits() == other.to_bits(),
        (Param::List(one), Param::List(other)) => one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other)),
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::rules::faults::RuleError;
    use crate::rules::limits::Limits;
    use crate::rules::set::{RULES, SCORING};

    type Files = Vec<(String, String)>;

    fn shipped() -> Files {
        crate::rules::embedded::FILES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    fn edited(name: &str, from: &str, to: &str) -> Files {
        let mut files = shipped();
        let (_, text) = files.iter_mut().find(|(known, _)| known == name).unwrap();
        assert!(text.contains(from), "{name} has {from}");
        *text = text.replacen(from, to, 1);
        files
    }

    /// The rules whose script is that of the set before.
    fn shared(before: &RuleSet, files: &Files, limits: &Limits) -> Vec<String> {
        let after = RuleSet::check(files, limits, Some(before), Faults::default());
        let same = |id: &str, script: &Arc<Script>| {
            before.rules.iter().any(|old| old.id == id && old.script.as_ref().is_some_and(|old| Arc::ptr_eq(old, script)))
        };
        let shared = after.rules.iter().filter(|rule| rule.script.as_ref().is_some_and(|script| same(&rule.id, script)));
        shared.map(|rule| rule.id.clone()).collect()
    }

    #[test]
    fn an_edit_has_those_scripts_checked_that_it_may_concern() {
        let before = RuleSet::compile(&shipped()).unwrap();
        let others = |but: &[&str]| -> Vec<String> {
            before.rules.iter().map(|rule| rule.id.clone()).filter(|id| !but.contains(&id.as_str())).collect()
        };
        let (all, none) = (others(&[]), Vec::<String>::new());
        let limits = Limits::default();
        assert_eq!(all.len(), 6);
        assert_eq!(shared(&before, &shipped(), &limits), all);
        assert_eq!(shared(&before, &edited("rules/stale.rhai", "fn ", "// .\nfn "), &limits), others(&["stale"]));
        assert_eq!(shared(&before, &edited("rules/stale.rhai", "fn ", "fn ("), &limits), others(&["stale"]), "one that cannot be read");
        assert_eq!(shared(&before, &edited(SCORING, "weight = 0.5", "weight = 0.6"), &limits), all);
        assert_eq!(shared(&before, &edited(SCORING, "name = \"throughput\"", "name = \"speed\""), &limits), none);
        assert_eq!(shared(&before, &edited(SCORING, "[tasks.training]", "[tasks.tuning]"), &limits), none);
        assert_eq!(shared(&before, &edited(RULES, "[[rule]]", "# moved\n[[rule]]"), &limits), all);
        let rule = &before.rules.iter().find(|rule| rule.id == "memory_fit").unwrap();
        let line = format!("script = \"{}\"", rule.id);
        assert_eq!(shared(&before, &edited(RULES, &line, &format!("{line}\nenabled = false")), &limits), all);
        let when = format!("{line}\nwhen = {{ hardware_types = [\"cuda\"] }}");
        assert_eq!(shared(&before, &edited(RULES, &line, &when), &limits), others(&["memory_fit"]));
        let zero = |zero: f64| Param::List(vec![Param::Integer(0), Param::Number(zero)]);
        assert!(is_same(&zero(0.0), &zero(0.0)) && !is_same(&zero(0.0), &zero(-0.0)));
        let other = Limits { operations: limits.operations - 1, ..limits };
        assert_eq!(shared(&before, &shipped(), &other), none);
    }

    /// Lines of rules.toml for a rule (the first line of each case, after `//:`), and the texts of scripts.
    fn cases() -> (Vec<String>, Vec<String>) {
        let (mut tables, mut texts) = (vec![String::new()], Vec::new());
        for folder in ["accepted", "rejected"] {
            let mut files: Vec<_> = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/rules").join(folder))
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .filter(|path| path.extension().is_some_and(|end| end == "rhai"))
                .collect();
            files.sort();
            for path in files {
                let text = std::fs::read_to_string(path).unwrap();
                tables.extend(text.lines().next().and_then(|line| line.strip_prefix("//:")).map(str::to_owned));
                texts.push(text);
            }
        }
        tables.sort();
        tables.dedup();
        (tables, texts)
    }

    #[test]
    fn what_is_said_of_a_set_does_not_hang_on_the_set_before() {
        let (tables, texts) = cases();
        let scoring = &shipped()[0].1;
        let (mut shared, mut others) = (0, 0);
        for text in &texts {
            let files = |table: &String| {
                let list = format!("[[rule]]\nscript = \"r\"\ntitle = \"t\"\n{table}\n");
                [(SCORING, scoring.clone()), (RULES, list), ("rules/r.rhai", text.clone())]
            };
            let check = |table: &String, before: Option<&RuleSet>| {
                let found = RuleSet::check(&files(table), &Limits::default(), before, Faults::default());
                let script = found.rules.first().and_then(|rule| rule.script.clone());
                (found.faults.iter().map(RuleError::render).collect::<Vec<_>>(), script)
            };
            for before in tables.iter().filter_map(|table| RuleSet::compile(&files(table)).ok()).take(2) {
                for table in &tables {
                    let (alone, _) = check(table, None);
                    let (after, script) = check(table, Some(&before));
                    assert_eq!(after, alone, "{text}\nbefore: {:?}\nafter: {table}", before.rules[0].params);
                    let is_shared = script.zip(before.rules[0].script.as_ref()).is_some_and(|(now, old)| Arc::ptr_eq(&now, old));
                    *(if is_shared { &mut shared } else { &mut others }) += 1;
                }
            }
        }
        assert!(shared > 50 && others > 50, "{shared} shared, {others} not");
    }
}
