//! Texts to begin from: the project's own files, its cases, and inputs that once broke something.

use std::path::{Path, PathBuf};

use crate::rule_text::{Dice, rules};
use crate::support::project;

/// What a text is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Script,
    Scoring,
    Rules,
    Settings,
    Aliases,
    Mapping,
    Scenario,
}

impl Kind {
    pub const ALL: [Self; 7] = [Self::Script, Self::Scoring, Self::Rules, Self::Settings, Self::Aliases, Self::Mapping, Self::Scenario];

    /// The end of the name of such a file.
    pub fn end(self) -> &'static str {
        match self {
            Self::Script => "rhai",
            Self::Scoring => "scoring.toml",
            Self::Rules => "rules.toml",
            Self::Settings => "suitor.toml",
            Self::Aliases => "aliases.toml",
            Self::Mapping => "import.toml",
            Self::Scenario => "scenario.toml",
        }
    }

    fn of(path: &str) -> Option<Self> {
        let toml = Path::new(path).extension().is_some_and(|end| end == "toml");
        if toml && path.contains("config/import/") {
            return Some(Self::Mapping);
        }
        if toml && (path.contains("tests/scenarios/") || path.contains("cases/scenarios/")) {
            return Some(Self::Scenario);
        }
        Self::ALL.into_iter().find(|kind| path.ends_with(kind.end()))
    }
}

/// One text.
#[derive(Clone, Debug)]
pub struct Input {
    /// Where it comes from.
    pub name: String,
    pub kind: Kind,
    pub text: String,
}

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { files(&path, into) } else { into.push(path) }
    }
}

fn texts_of(folders: &[&str]) -> Vec<Input> {
    let mut paths = Vec::new();
    for folder in folders {
        files(&project().join(folder), &mut paths);
    }
    let mut inputs = Vec::new();
    for path in paths {
        let name = path.strip_prefix(project()).unwrap().display().to_string().replace('\\', "/");
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let parts: Vec<&str> = if path.extension().is_some_and(|end| end == "set") { text.split("== ").collect() } else { Vec::new() };
        for part in parts {
            if let Some((head, body)) = part.split_once(" ==\n")
                && let Some(kind) = Kind::of(head)
            {
                inputs.push(Input { name: format!("{name}:{head}"), kind, text: body.to_owned() });
            }
        }
        if let Some(kind) = Kind::of(&name) {
            inputs.push(Input { name, kind, text });
        }
    }
    inputs
}

/// Inputs that once broke something, or are made to.
pub fn kept() -> Vec<Input> {
    texts_of(&["tests/cases/fuzz"])
}

/// Rules that a generator writes, which load: mutations of them often do too.
fn written(seed: u8) -> Vec<Input> {
    let choices: Vec<u8> = (0..400_u32).map(|at| (at * 151 + u32::from(seed) * 57 + at * at / 7).to_le_bytes()[0]).collect();
    let script = |(name, table, text): (String, String, String)| {
        let params = table.lines().find(|line| line.starts_with("params")).unwrap_or_default().to_owned();
        Input { name: format!("written {seed}, {name}"), kind: Kind::Script, text: format!("//:{params}\n{text}") }
    };
    rules(&mut Dice::new(&choices)).into_iter().map(script).collect()
}

/// Every text that there is.
pub fn all() -> Vec<Input> {
    let mut all = texts_of(&["config", "rules", "tests/cases", "tests/scenarios"]);
    all.extend((0..40_u8).flat_map(written));
    for kind in Kind::ALL {
        assert!(all.iter().filter(|input| input.kind == kind).count() > 2, "texts of {}", kind.end());
    }
    all
}
