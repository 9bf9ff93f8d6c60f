//! Reads the files of a rule set from disk.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::error::RuleErrorKind;
use super::faults::{Faults, RuleErrors};
use super::source::Source;

/// Whether a folder holds a script.
#[must_use]
pub fn holds_scripts(rules_dir: &Path) -> bool {
    let is_script = |path: &Path| path.extension().is_some_and(|extension| extension == "rhai");
    fs::read_dir(rules_dir).is_ok_and(|entries| entries.filter_map(std::result::Result::ok).any(|entry| is_script(&entry.path())))
}

/// Name and text of every file of the set; `None` when neither scoring.toml nor rules.toml is in `config_dir`.
///
/// # Errors
/// Every file that cannot be read.
pub(crate) fn read(config_dir: &Path, rules_dir: &Path) -> Result<Option<Vec<(String, String)>>, RuleErrors> {
    let (files, faults) = read_what_can_be(config_dir, rules_dir);
    let errors = faults.sorted();
    if errors.is_empty() { Ok(files) } else { Err(RuleErrors(errors)) }
}

/// Name and text of every file of the set that can be read, and a fault for each that cannot.
///
/// A script is a file of `rules_dir` whose name ends in `.rhai` and does not begin with a dot; symbolic links are followed.
pub(crate) fn read_what_can_be(config_dir: &Path, rules_dir: &Path) -> (Option<Vec<(String, String)>>, Faults) {
    let config: Vec<_> = ["scoring.toml", "rules.toml"].into_iter().map(|name| (name, config_dir.join(name))).collect();
    let mut faults = Faults::default();
    if !config.iter().any(|(_, path)| path.exists()) {
        return (None, faults);
    }
    let mut files = Vec::new();
    let mut add = |name: String, path: &Path| match text_of(path) {
        Ok(text) => files.push((name, text)),
        Err(what) => {
            let order = files.len();
            faults.add(&Arc::new(Source::new(name, "", order)), 0..0, RuleErrorKind::Unreadable(what));
        }
    };
    for (name, path) in &config {
        if path.exists() {
            add(format!("config/{name}"), path);
        }
    }
    let mut scripts: Vec<_> = match fs::read_dir(rules_dir) {
        Ok(entries) => entries.filter_map(|entry| Some(entry.ok()?.path())).collect(),
        Err(_) => Vec::new(),
    };
    scripts.sort();
    for path in scripts {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
        if !name.starts_with('.') && path.extension().is_some_and(|extension| extension == "rhai") && path.is_file() {
            add(format!("rules/{name}"), &path);
        }
    }
    (Some(files), faults)
}

/// The text of a file, or why it cannot be read.
pub(crate) fn text_of(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidData => format!("`{}` is not UTF-8 text", path.display()),
        _ => format!("`{}` cannot be read: {error}", path.display()),
    })
}
