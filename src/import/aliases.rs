//! Names of hardware and models that mean the same, from aliases.toml.

use std::collections::HashMap;
use std::path::Path;

use regex::Regex;
use serde::Deserialize;

use crate::{Error, Result, text_file};

/// The shipped aliases.toml.
pub const SHIPPED: &str = include_str!("../../config/aliases.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    hardware: Vec<HardwareEntry>,
    #[serde(default)]
    model: Vec<ModelEntry>,
    #[serde(default)]
    hardware_type: Vec<TypeEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HardwareEntry {
    name: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    memory_gb: Option<f64>,
    #[serde(default)]
    aliases: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelEntry {
    name: String,
    #[serde(default)]
    aliases: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TypeEntry {
    matches: String,
    #[serde(rename = "type")]
    kind: String,
}

/// What aliases.toml says of one piece of hardware.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Known {
    /// Its one name.
    pub name: String,
    /// cuda, rocm, cpu, ...
    pub kind: Option<String>,
    /// Memory of one device, MB.
    pub memory_mb: Option<f64>,
}

/// Names that mean the same.
#[derive(Debug, Default)]
pub struct Aliases {
    hardware: HashMap<String, Known>,
    models: HashMap<String, String>,
    types: Vec<(Regex, String)>,
}

impl Aliases {
    /// The aliases of a folder: the whole of aliases.toml from there, or the shipped one.
    ///
    /// # Errors
    /// A file that cannot be read or says one alias twice (exit code 2).
    pub fn load(config: &Path) -> Result<Self> {
        let path = config.join("aliases.toml");
        if !path.exists() {
            return Self::parse(SHIPPED, "aliases.toml");
        }
        let shown = path.display().to_string();
        let text = text_file::text(&path, text_file::SETTINGS)?;
        Self::parse(&text, &shown)
    }

    fn parse(text: &str, shown: &str) -> Result<Self> {
        let file: File = toml::from_str(text).map_err(|error| Error::input(format!("{shown}: {error}")))?;
        let mut all = Self::default();
        for entry in file.hardware {
            let known = Known { name: entry.name.clone(), kind: entry.kind, memory_mb: entry.memory_gb.map(|gb| gb * 1000.0) };
            for alias in entry.aliases.iter().chain([&entry.name]) {
                if let Some(other) = all.hardware.insert(key(alias), known.clone())
                    && other.name != entry.name
                {
                    return Err(Error::input(format!("{shown}: `{alias}` is an alias of `{}` and of `{}`", other.name, entry.name)));
                }
            }
        }
        for entry in file.model {
            for alias in &entry.aliases {
                if let Some(other) = all.models.insert(alias.clone(), entry.name.clone())
                    && other != entry.name
                {
                    return Err(Error::input(format!("{shown}: `{alias}` is an alias of `{other}` and of `{}`", entry.name)));
                }
            }
        }
        for entry in file.hardware_type {
            let pattern = Regex::new(&entry.matches)
                .map_err(|error| Error::input(format!("{shown}: `{}` is no regular expression: {error}", entry.matches)))?;
            all.types.push((pattern, entry.kind));
        }
        Ok(all)
    }

    /// What is known of hardware of that name, or of one of its other names.
    pub(crate) fn hardware(&self, name: &str) -> Option<&Known> {
        self.hardware.get(&key(name))
    }

    /// The hardware type that a name gives away.
    pub(crate) fn type_of(&self, name: &str) -> Option<&str> {
        self.types.iter().find(|(pattern, _)| pattern.is_match(name)).map(|(_, kind)| kind.as_str())
    }

    /// The one name of a model.
    pub(crate) fn model<'a>(&'a self, name: &'a str) -> &'a str {
        self.models.get(name).map_or(name, String::as_str)
    }
}

/// Whether the text of an aliases.toml can be used.
///
/// # Errors
/// Its first fault (exit code 2).
pub(crate) fn check_text(text: &str, file: &str) -> Result<()> {
    Aliases::parse(text, file).map(|_| ())
}

/// What two spellings of one name have in common: letters and digits, small, without trade marks.
pub(crate) fn key(name: &str) -> String {
    let plain = name.replace("(R)", "").replace("(TM)", "").replace("(r)", "").replace("(tm)", "");
    plain.chars().filter(|c| c.is_alphanumeric() || *c == '+').flat_map(char::to_lowercase).collect()
}

/// A name and the count that it states itself: `NVIDIA H200 x8`, `... (x8)`, `8x NVIDIA H200`.
pub(crate) fn name_and_count(text: &str) -> (&str, Option<i64>) {
    let text = text.trim();
    let count = |digits: &str| digits.parse::<i64>().ok().filter(|count| *count > 0);
    if let Some((name, rest)) = text.rsplit_once(['(', ' '])
        && let Some(digits) = rest.trim_end_matches(')').strip_prefix(['x', 'X'])
        && rest.ends_with(')') == text[name.len()..].starts_with('(')
        && let Some(found) = count(digits)
        && !name.contains("(x")
    {
        return (name.trim_end_matches('(').trim(), Some(found));
    }
    if let Some((digits, name)) = text.split_once(['x', 'X'])
        && let Some(found) = count(digits)
        && digits.len() <= 5
        && name.starts_with([' ', 'N', 'A', 'H', 'B', 'G', 'L', 'T', 'V', 'R', 'M'])
    {
        return (name.trim(), Some(found));
    }
    (text, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spellings_of_one_name_are_one_piece_of_hardware() {
        let aliases = Aliases::parse(SHIPPED, "aliases.toml").unwrap();
        for name in ["RTX 3090", "rtx3090", "NVIDIA GeForce RTX 3090"] {
            assert_eq!(aliases.hardware(name).unwrap().name, "NVIDIA GeForce RTX 3090");
        }
        assert_ne!(aliases.hardware("NVIDIA H100-NVL-94GB"), aliases.hardware("NVIDIA H100-SXM-80GB"));
        assert_eq!(aliases.type_of("AMD Instinct MI999"), Some("rocm"));
    }

    #[test]
    fn a_count_is_taken_off_the_name() {
        assert_eq!(name_and_count("NVIDIA H200 x8"), ("NVIDIA H200", Some(8)));
        assert_eq!(name_and_count("AMD Instinct MI300X 192GB HBM3 (x32)"), ("AMD Instinct MI300X 192GB HBM3", Some(32)));
        assert_eq!(name_and_count("1xA10"), ("A10", Some(1)));
        assert_eq!(name_and_count("NVIDIA L4"), ("NVIDIA L4", None));
        // A system of two kinds is not many of one.
        assert_eq!(name_and_count("MI300X (x32), MI325X (x16)"), ("MI300X (x32), MI325X (x16)", None));
    }
}
