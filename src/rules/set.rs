//! The rule set: every file of it, checked as a whole, identified by one hash.

use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::scoring::Scoring;

use super::error::RuleErrorKind;
use super::evaluate::Engine;
use super::faults::{Faults, RuleError, RuleErrors};
use super::level::Level;
use super::limits::Limits;
use super::meaning;
use super::reach;
use super::rule::Rule;
use super::rules_file;
use super::scoring_file;
use super::source::Source;
use super::toml_read::Reader;

/// Name of the file of weights inside the set.
pub const SCORING: &str = "config/scoring.toml";
/// Name of the file that lists the rules inside the set.
pub const RULES: &str = "config/rules.toml";

/// A whole rule set, checked and compiled; never changes once it is made.
#[derive(Debug)]
pub struct RuleSet {
    /// Weights, tasks, requirements, confidence and priors.
    pub scoring: Scoring,
    /// The rules, in the order in which they take effect, disabled ones among them.
    pub rules: Vec<Rule>,
    /// SHA-256 over names and texts of all files, hex.
    pub hash: String,
    /// The files, in order: scoring.toml, rules.toml, then the scripts by name.
    pub files: Vec<Arc<Source>>,
    /// What may be wrong with it, though it loads.
    pub warnings: Vec<RuleError>,
    /// What else there is to say: scripts that the check cannot follow everywhere.
    pub notes: Vec<RuleError>,
    /// Whether it is the shipped set.
    pub embedded: bool,
    /// What its scripts may use up: no part of the set, and not in its hash.
    pub limits: Limits,
    /// How its rules are applied: no part of the set either; results are the same.
    pub engine: Engine,
}

impl RuleSet {
    /// The set that ships inside the binary.
    ///
    /// # Errors
    /// When the shipped files are at fault, which a test rules out.
    pub fn embedded() -> Result<Self, RuleErrors> {
        let mut set = Self::compile(super::embedded::FILES)?;
        set.embedded = true;
        Ok(set)
    }

    /// The set of two folders: the whole of it from disk when scoring.toml or rules.toml is there, else the shipped one.
    ///
    /// # Errors
    /// Every fault of every file; a file that is missing or cannot be read is a fault too.
    pub fn load(config_dir: &Path, rules_dir: &Path) -> Result<Self, RuleErrors> {
        let files = match super::disk::read_settled(config_dir, rules_dir) {
            Some(files) => files?,
            None => super::disk::read(config_dir, rules_dir)?,
        };
        Self::of_disk(files.as_deref(), &Limits::load(config_dir)?, None)
    }

    /// The set of the files that were read from disk; the shipped one where there are none. `before`: a set that may have some of
    /// the scripts already.
    pub(crate) fn of_disk(files: Option<&[(String, String)]>, limits: &Limits, before: Option<&Self>) -> Result<Self, RuleErrors> {
        match files {
            Some(files) => Self::check(files, limits, before, Faults::default()).compiled(),
            None => Ok(Self { embedded: true, ..Self::check(super::embedded::FILES, limits, before, Faults::default()).compiled()? }),
        }
    }

    /// Checks and compiles the files (name, text) of a set: `config/scoring.toml`, `config/rules.toml`, `rules/NAME.rhai`.
    /// Its scripts are held by the shipped limits.
    ///
    /// # Errors
    /// Every fault of every file.
    pub fn compile<N: AsRef<str>, T: AsRef<str>>(files: &[(N, T)]) -> Result<Self, RuleErrors> {
        Self::compile_within(files, &Limits::default())
    }

    /// The same with limits of its scripts.
    ///
    /// # Errors
    /// Every fault of every file.
    pub fn compile_within<N: AsRef<str>, T: AsRef<str>>(files: &[(N, T)], limits: &Limits) -> Result<Self, RuleErrors> {
        Self::check(files, limits, None, Faults::default()).compiled()
    }

    /// The set of other files under the same limits; scripts that both have are not checked again.
    pub(crate) fn compile_like<N: AsRef<str>, T: AsRef<str>>(&self, files: &[(N, T)]) -> Result<Self, RuleErrors> {
        Self::check(files, &self.limits, Some(self), Faults::default()).compiled()
    }

    /// Checks the files (name, text) of a set, and says everything that was found of them. `before`: a set that may have some of
    /// the scripts already; `faults`: what is known to be wrong with them already.
    pub(crate) fn check<N: AsRef<str>, T: AsRef<str>>(
        files: &[(N, T)],
        limits: &Limits,
        before: Option<&Self>,
        mut faults: Faults,
    ) -> Checked {
        let files = sources(files);
        let find = |name: &str| files.iter().find(|file| file.name == name);
        for name in [SCORING, RULES] {
            if find(name).is_none() && !faults.names(name) {
                let file = Arc::new(Source::new(name, "", 0));
                faults.add(&file, 0..0, RuleErrorKind::MissingFile(format!("`{name}`"))).help =
                    Some("a rule set comes whole from disk or whole from the binary".to_owned());
            }
        }
        let (scoring, declared) = find(SCORING).map(|file| scoring_file::check(&mut Reader { file, faults: &mut faults })).unzip();
        let listed = rules_file::check(find(RULES), &declared.unwrap_or_default(), &files, *limits, before, &mut faults);
        if let (Some(file), Some(scoring)) = (find(SCORING), &scoring) {
            meaning::check(file, scoring, &listed.rules, &files, &mut faults);
        }
        reach::check(find(RULES), &listed, &mut faults);
        Checked { hash: hash(&files), files, scoring, rules: listed.rules, limits: *limits, faults: faults.sorted() }
    }

    /// The fault of a task and requirements of scoring.toml that together leave no component with a weight, with its place.
    pub(crate) fn zeroed(&self, task: Option<&str>, requirements: &[String]) -> crate::Error {
        let file = self.files.iter().find(|file| file.name == SCORING);
        match file {
            Some(file) => RuleErrors(vec![scoring_file::zeroed_together(file, task, requirements)]).into(),
            None => crate::Error::input("all weights are 0, so that nothing can be compared"),
        }
    }

    /// The same set with one rule switched off. It is another set, so its hash is another.
    pub(crate) fn without(&self, id: &str) -> Result<Self, RuleErrors> {
        let files: Vec<(&str, &str)> = self.files.iter().map(|file| (file.name.as_str(), file.text.as_str())).collect();
        let mut other = Self { engine: self.engine, ..self.compile_like(&files)? };
        for rule in other.rules.iter_mut().filter(|rule| rule.id == id) {
            rule.enabled = false;
        }
        other.hash = hash_of(&[("set", self.hash.as_str()), ("without", id)]);
        Ok(other)
    }

    /// The first 12 hex digits of the hash: how a rule set is named to people.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.hash[..12]
    }

    /// The version of the engine that gives the scripts their meaning.
    #[must_use]
    pub fn engine_version() -> &'static str {
        "rhai 1.27.0"
    }
}

/// What the files of a set came to.
pub(crate) struct Checked {
    /// The hash of the files.
    pub(crate) hash: String,
    /// The files in their order.
    pub(crate) files: Vec<Arc<Source>>,
    /// The weights; whole only when there is no error.
    scoring: Option<Scoring>,
    /// The rules that rules.toml lists, those at fault without a script.
    pub(crate) rules: Vec<Rule>,
    /// What its scripts may use up.
    limits: Limits,
    /// Errors, warnings and notes, in order of file and place.
    pub(crate) faults: Vec<RuleError>,
}

impl Checked {
    /// The set, or its errors.
    fn compiled(self) -> Result<RuleSet, RuleErrors> {
        let Self { hash, files, scoring, rules, limits, faults } = self;
        let (errors, others): (Vec<_>, Vec<_>) = faults.into_iter().partition(|fault| fault.kind.level() == Level::Error);
        let (warnings, notes) = others.into_iter().partition(|fault| fault.kind.level() == Level::Warning);
        match scoring {
            Some(scoring) if errors.is_empty() => {
                Ok(RuleSet { scoring, rules, hash, files, warnings, notes, embedded: false, limits, engine: Engine::Auto })
            }
            _ => Err(RuleErrors(errors)),
        }
    }
}

#[cfg(test)]
impl Checked {
    /// The set as it would run if its errors did not keep it from loading.
    pub(crate) fn whatever_is_wrong(self) -> RuleSet {
        let Self { hash, files, scoring, rules, limits, .. } = self;
        RuleSet {
            scoring: scoring.unwrap(),
            rules,
            hash,
            files,
            warnings: Vec::new(),
            notes: Vec::new(),
            embedded: false,
            limits,
            engine: Engine::Auto,
        }
    }
}

/// The files in their order: scoring.toml, rules.toml, then the others by name.
fn sources<N: AsRef<str>, T: AsRef<str>>(files: &[(N, T)]) -> Vec<Arc<Source>> {
    let mut named: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_ref(), text.as_ref())).collect();
    named.sort_by_key(|(name, _)| (*name != SCORING, *name != RULES, *name));
    named.into_iter().enumerate().map(|(order, (name, text))| Arc::new(Source::new(name, text, order))).collect()
}

/// The hash of a set of these files.
pub(crate) fn hash_of<N: AsRef<str>, T: AsRef<str>>(files: &[(N, T)]) -> String {
    hash(&sources(files))
}

/// SHA-256 over the number of files and, for each in order, the lengths and bytes of name and text.
#[must_use]
pub(crate) fn hash(files: &[Arc<Source>]) -> String {
    let mut digest = Sha256::new();
    digest.update((files.len() as u64).to_le_bytes());
    for file in files {
        for part in [&file.name, &file.text] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part.as_bytes());
        }
    }
    crate::digits::hex(&digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_set_loads_without_a_warning() {
        let set = RuleSet::embedded().unwrap_or_else(|errors| panic!("{}", errors.render()));
        let shown: Vec<String> = set.warnings.iter().map(RuleError::render).collect();
        assert!(shown.is_empty(), "{shown:#?}");
        let weights: Vec<(&str, f64)> = set.scoring.components.iter().map(|c| (c.name.as_str(), c.weight)).collect();
        assert_eq!(weights, [("throughput", 0.5), ("latency", 0.3), ("memory", 0.2), ("energy", 0.0)]);
        assert_eq!(set.scoring.priors.len(), 40);
    }
}
