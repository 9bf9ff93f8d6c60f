//! Where a rule set to compare with comes from: a folder, a git revision, or the binary.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::git;
use super::run::Named;
use crate::rules::{RULES, RuleErrors, RuleSet, SCORING};
use crate::{Error, Result};

/// Where a rule set is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Against {
    /// The set inside the binary.
    Shipped,
    /// A folder that holds config/ and rules/, or scoring.toml, rules.toml and the scripts (or rules/ with the scripts).
    Folder(PathBuf),
    /// A revision of the git repository that holds the folders of the set on disk.
    Revision(String),
}

impl FromStr for Against {
    type Err = Error;

    /// `shipped`, `git:REV`, or a folder.
    fn from_str(text: &str) -> Result<Self> {
        match text.strip_prefix("git:") {
            Some(revision) if revision.trim().is_empty() || revision.starts_with('-') => {
                Err(Error::input(format!("`--against {text}` names no revision")).help("for example git:HEAD~1, git:main or git:v1.2"))
            }
            Some(revision) => Ok(Self::Revision(revision.to_owned())),
            None if text == "shipped" => Ok(Self::Shipped),
            None => Ok(Self::Folder(PathBuf::from(text))),
        }
    }
}

impl Against {
    /// Reads the set; `config` and `rules` are the folders of the set on disk, whose places in the repository count for a revision.
    ///
    /// # Errors
    /// No such folder, revision or files, and every fault of the files: exit code 2, said to be of the set before.
    pub fn load(&self, config: &Path, rules: &Path) -> Result<Named> {
        match self {
            Self::Shipped => Ok(Named { name: SHIPPED.to_owned(), rules: RuleSet::embedded()? }),
            Self::Folder(folder) => {
                let (config, rules) = folders(folder)?;
                checked(folder.display().to_string(), RuleSet::load(&config, &rules))
            }
            Self::Revision(revision) => {
                let (commit, files) = git::read(revision, config, rules)?;
                checked(format!("git:{revision} ({})", commit.get(..12).unwrap_or(&commit)), RuleSet::compile(&files))
            }
        }
    }
}

/// How the set inside the binary is called.
pub const SHIPPED: &str = "the shipped rule set";

fn checked(name: String, set: Result<RuleSet, RuleErrors>) -> Result<Named> {
    match set {
        Ok(rules) => Ok(Named { name, rules }),
        Err(errors) => Err(Error::input(format!("the rule set before, {name}, is at fault\n\n{}", errors.render()))),
    }
}

/// The folders of scoring.toml and rules.toml, and of the scripts.
fn folders(folder: &Path) -> Result<(PathBuf, PathBuf)> {
    if !folder.is_dir() {
        return Err(Error::input(format!("`--against {}`: there is no such folder", folder.display()))
            .help("a git revision is named git:REV, the rule set inside the binary `shipped`"));
    }
    let holds =
        |config: &Path| [SCORING, RULES].iter().filter_map(|name| name.strip_prefix("config/")).any(|name| config.join(name).exists());
    let (config, rules) = (folder.join("config"), folder.join("rules"));
    if holds(&config) {
        Ok((config, rules))
    } else if holds(folder) {
        let scripts = if rules.is_dir() { rules } else { folder.to_path_buf() };
        Ok((folder.to_path_buf(), scripts))
    } else {
        Err(Error::input(format!("`--against {}`: there is no rule set in this folder", folder.display()))
            .help("expected config/scoring.toml and config/rules.toml in it, or scoring.toml and rules.toml"))
    }
}
