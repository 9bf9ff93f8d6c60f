//! A new rule: a commented script that checks clean, and its entry in rules.toml.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::rules::RuleSet;
use crate::text_file::{self, Unread};
use crate::{Error, Result};

/// What [`new_rule`] wrote.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct NewRule {
    /// The script.
    pub script: PathBuf,
    /// rules.toml, with an entry added at its end.
    pub list: PathBuf,
}

const SCRIPT: &str = r"// NAME: say here in a sentence or two what this rule knows, and where the knowledge comes from.
//
// A rule has one to three hooks; delete those that it does not need. `suitor check` tells what is wrong,
// `suitor rules fields` lists what pair, request, weights and params hold, `suitor diff` shows what an edit changes.

// fn weigh(weights, request) {           // once a request: change weights, return them
//     if request.latency_sensitive { weights.latency *= 1.5; }
//     weights
// }

// fn exclude(pair, request) {            // a pair: the reason why it is out, or nothing
//     if pair.device_count > 8 { return `${pair.device_count} devices are more than the rack holds`; }
// }

// A pair: the new score, or the new score with the reason for it. Fields that may be missing must be guarded first.
fn adjust(score, pair, request) {
    if pair.spread == () || pair.spread <= params.limit { return score; }
    #{ score: score * params.factor, reason: `results scatter by ${pair.spread}, more than ${params.limit}` }
}
";

const ENTRY: &str = r#"
[[rule]]
script = "NAME"
title = "NAME: say in a few words what it does"
# enabled = false                       # kept, but without effect
# when = { tasks = ["inference"] }      # where it applies: tasks, requirements, hardware_types
# limit   relative standard deviation above which the rule takes effect
# factor  what the score is multiplied by
[rule.params]
limit = 0.5
factor = 0.95
"#;

/// Writes `rules/NAME.rhai` and adds the rule at the end of rules.toml; the whole set must check clean before and after.
///
/// # Errors
/// A name that is none or is taken, folders without a rule set, a set at fault (exit code 2): nothing is written.
pub fn new_rule(config_dir: &Path, rules_dir: &Path, name: &str) -> Result<NewRule> {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(letters) {
        return Err(Error::input(format!(
            "`{name}` is no name of a rule: expected lower case letters, digits and `_`, beginning with a letter"
        )));
    }
    let list = config_dir.join("rules.toml");
    let script = rules_dir.join(format!("{name}.rhai"));
    let before = match text_file::text(&list, text_file::SETTINGS) {
        Ok(text) => text,
        Err(Unread::Missing(_)) => {
            return Err(Error::input(format!("`{}` is not there: a rule is listed in it", list.display()))
                .help("`suitor init` writes the shipped rules into folders"));
        }
        Err(unread) => return Err(unread.into()),
    };
    if script.exists() {
        return Err(Error::input(format!("`{}` is there already", script.display())).help("choose another name"));
    }
    let set = RuleSet::load(config_dir, rules_dir)?;
    if set.rules.iter().any(|rule| rule.id == name) {
        return Err(Error::input(format!("rules.toml lists a rule `{name}` already")));
    }
    let failed = |path: &Path| {
        let shown = path.display().to_string();
        move |error: std::io::Error| Error::failed(format!("`{shown}` could not be written: {error}"))
    };
    let text = SCRIPT.replace("NAME", name);
    // The script first: without its entry it does nothing, the other way round the set would not load.
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(&script).map_err(failed(&script))?;
    file.write_all(text.as_bytes()).map_err(failed(&script))?;
    let gap = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    let fresh = list.with_extension("toml.new");
    std::fs::write(&fresh, format!("{before}{gap}{}", ENTRY.replace("NAME", name))).map_err(failed(&fresh))?;
    std::fs::rename(&fresh, &list).map_err(failed(&list))?;
    RuleSet::load(config_dir, rules_dir)?;
    Ok(NewRule { script, list })
}
