//! Checks every file that a person edits: the rule set, suitor.toml, aliases.toml and import/*.toml, all faults at once.

mod aliases;
mod mapping;
mod report;
mod settings;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

pub use report::{CheckedRule, Report, Status};

use crate::rules::disk;
use crate::rules::error::RuleErrorKind;
use crate::rules::faults::Faults;
use crate::rules::set::Checked;
use crate::rules::toml_read::Reader;
use crate::rules::{Limits, RuleSet, Source, embedded, holds_scripts};
use crate::{Error, Result};

/// Checks the files of two folders and says everything that was found: errors, warnings and notes, by file and place.
///
/// What is not on disk is as shipped, whole: the rule set when neither scoring.toml nor rules.toml is there. The shipped
/// mappings, aliases and settings are not looked at: nobody can edit them.
///
/// # Errors
/// A folder that was asked for by name and is not there (exit code 2).
pub fn check(config_dir: &Path, rules_dir: &Path) -> Result<Report> {
    for (flag, folder, default) in [("--config", config_dir, "config"), ("--rules", rules_dir, "rules")] {
        if folder.exists() && !folder.is_dir() {
            return Err(Error::input(format!("`{}` is no folder", folder.display())).help(format!("`{flag} DIR` names another")));
        }
        if !folder.is_dir() && folder.as_os_str() != default {
            return Err(Error::input(format!("`{flag} {}`: there is no such folder", folder.display())));
        }
    }
    let (files, unreadable) = disk::read_what_can_be(config_dir, rules_dir);
    let shipped = files.is_none();
    // Faults of the limits are told with those of suitor.toml.
    let limits = Limits::load(config_dir).unwrap_or_default();
    let mut set = match files {
        Some(files) => RuleSet::check(&files, &limits, None, unreadable),
        None => RuleSet::check(embedded::FILES, &limits, None, unreadable),
    };
    let mut paths: Vec<String> = if shipped { Vec::new() } else { set.files.iter().map(|file| file.name.clone()).collect() };
    paths.extend(set.faults.iter().filter(|fault| matches!(fault.kind, RuleErrorKind::Unreadable(_))).map(|fault| fault.file.name.clone()));
    let mut others = Faults::default();
    if shipped && holds_scripts(rules_dir) {
        let script = Arc::new(Source::new("rules/", "", 0));
        others.add(&script, 0..0, RuleErrorKind::IdleScripts(rules_dir.display().to_string())).help =
            Some("put scoring.toml and rules.toml beside them: `suitor init` writes the shipped ones".to_owned());
    }
    let mut formats: Vec<(String, String)> = Vec::new();
    let mappings = config_dir.join("import");
    if mappings.exists() && !mappings.is_dir() {
        let file = Arc::new(Source::new("config/import", "", set.files.len()));
        others.add(&file, 0..0, RuleErrorKind::Unreadable(format!("`{}` is no folder", mappings.display())));
    }
    for name in settings_files(config_dir) {
        let path = config_dir.join(&name);
        let shown = format!("config/{name}");
        let order = set.files.len() + paths.len();
        paths.push(shown.clone());
        match disk::text_of(&path) {
            Ok(text) => one_file(&name, &Arc::new(Source::new(shown, text, order)), &path, &mut formats, &mut others),
            Err(what) => {
                others.add(&Arc::new(Source::new(shown, "", order)), 0..0, RuleErrorKind::Unreadable(what));
            }
        }
    }
    set.faults.extend(others.sorted());
    Ok(report(set, shipped, &paths, config_dir, rules_dir))
}

/// The settings that are on disk, named from the folder, in order.
fn settings_files(config_dir: &Path) -> Vec<String> {
    let mut found: Vec<String> =
        ["suitor.toml", "aliases.toml"].into_iter().filter(|name| config_dir.join(name).exists()).map(str::to_owned).collect();
    let mut mappings: Vec<String> = match std::fs::read_dir(config_dir.join("import")) {
        Ok(entries) => entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect(),
        Err(_) => Vec::new(),
    };
    mappings.retain(|name| Path::new(name).extension().is_some_and(|end| end == "toml"));
    mappings.sort();
    found.extend(mappings.into_iter().map(|name| format!("import/{name}")));
    found
}

fn one_file(name: &str, file: &Arc<Source>, path: &Path, formats: &mut Vec<(String, String)>, faults: &mut Faults) {
    let mut reader = Reader { file, faults };
    let shown = path.display().to_string();
    let read = match name {
        "suitor.toml" => {
            settings::check(&mut reader);
            crate::store::check_settings(&file.text, &shown)
        }
        "aliases.toml" => {
            aliases::check(&mut reader);
            crate::import::check_aliases(&file.text, &shown)
        }
        _ => {
            mapping::check(&mut reader, formats);
            crate::import::check_mapping(&file.text, &shown)
        }
    };
    // What reads the file for work has the last word.
    if let Err(error) = read
        && !faults.names(&file.name)
    {
        faults.add(file, 0..0, RuleErrorKind::Setting(error.message)).help = error.help;
    }
}

/// Names every file as it lies on disk.
fn report(mut set: Checked, shipped: bool, paths: &[String], config_dir: &Path, rules_dir: &Path) -> Report {
    let on_disk = |name: &str| -> String {
        let (folder, rest) = match (name.strip_prefix("config/"), name.strip_prefix("rules/")) {
            (Some(rest), _) => (config_dir, rest),
            (_, Some("")) => return rules_dir.display().to_string(),
            (_, Some(rest)) => (rules_dir, rest),
            _ => return name.to_owned(),
        };
        folder.join(rest).display().to_string().replace('\\', "/")
    };
    let rules = set.rules.iter().map(|rule| CheckedRule::of(rule, &set.faults, on_disk(&rule.file.name))).collect();
    if shipped {
        // What there is to note of the shipped scripts has no place on disk.
        set.faults.retain(|fault| paths.contains(&fault.file.name) || fault.file.name == "rules/");
    }
    // A file is named anew once, not once a fault: there may be as many faults as lines.
    let mut named: BTreeMap<String, Arc<Source>> = BTreeMap::new();
    let mut faults = set.faults;
    for fault in &mut faults {
        let file = named
            .entry(fault.file.name.clone())
            .or_insert_with(|| Arc::new(Source::new(on_disk(&fault.file.name), fault.file.text.as_str(), fault.file.order)));
        fault.file = Arc::clone(file);
    }
    let mut files: Vec<String> = paths.iter().map(|name| on_disk(name)).collect();
    files.dedup();
    Report { files, rule_set: set.hash, shipped, rules, faults }
}
