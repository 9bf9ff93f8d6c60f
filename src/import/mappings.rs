//! The mappings in force: the shipped ones, and those of `config/import/*.toml` added or put in their place.

use std::path::Path;

use super::mapping::Mapping;
use crate::{Error, Result, text_file};

/// Name and text of every shipped mapping.
pub const SHIPPED: &[(&str, &str)] = &[
    ("bench-serve.toml", include_str!("../../config/import/bench-serve.toml")),
    ("inferencex.toml", include_str!("../../config/import/inferencex.toml")),
    ("llama-bench.toml", include_str!("../../config/import/llama-bench.toml")),
    ("llm-perf.toml", include_str!("../../config/import/llm-perf.toml")),
    ("llmfit.toml", include_str!("../../config/import/llmfit.toml")),
    ("mlperf-inference.toml", include_str!("../../config/import/mlperf-inference.toml")),
    ("mlperf-log.toml", include_str!("../../config/import/mlperf-log.toml")),
    ("mlperf-system.toml", include_str!("../../config/import/mlperf-system.toml")),
    ("mlperf-training.toml", include_str!("../../config/import/mlperf-training.toml")),
    ("optimum-2023.toml", include_str!("../../config/import/optimum-2023.toml")),
    ("optimum-benchmark.toml", include_str!("../../config/import/optimum-benchmark.toml")),
    ("optimum-config.toml", include_str!("../../config/import/optimum-config.toml")),
    ("optimum-report.toml", include_str!("../../config/import/optimum-report.toml")),
    ("suitor.toml", include_str!("../../config/import/suitor.toml")),
    ("timm.toml", include_str!("../../config/import/timm.toml")),
];

/// All mappings, by name.
#[derive(Clone, Debug)]
pub struct Mappings(pub(crate) Vec<Mapping>);

impl Mappings {
    /// The shipped mappings, with those of `CONFIG/import/*.toml` on top: one of the same name takes its place.
    ///
    /// # Errors
    /// A file that is no mapping (exit code 2), with the line at fault.
    pub fn load(config: &Path) -> Result<Self> {
        let mut all: Vec<Mapping> = SHIPPED.iter().map(|(name, text)| parse(text, name)).collect::<Result<_>>()?;
        let folder = config.join("import");
        let mut files: Vec<_> = match std::fs::read_dir(&folder) {
            Ok(entries) => entries.filter_map(|entry| Some(entry.ok()?.path())).collect(),
            Err(_) => Vec::new(),
        };
        files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
        files.sort();
        for path in files {
            let shown = path.display().to_string();
            let text = text_file::text(&path, text_file::SETTINGS)?;
            let mapping = parse(&text, &shown)?;
            match all.iter_mut().find(|other| other.format == mapping.format) {
                Some(place) => *place = mapping,
                None => all.push(mapping),
            }
        }
        all.sort_by(|a, b| a.format.cmp(&b.format));
        Ok(Self(all))
    }

    /// Name and title of every format that gives rows, by name.
    pub fn titles(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter(|mapping| !mapping.describes).map(|mapping| (mapping.format.as_str(), mapping.title.as_str()))
    }

    /// The mapping of that name.
    ///
    /// # Errors
    /// No such format: the nearest names (exit code 2).
    pub(crate) fn named(&self, name: &str) -> Result<&Mapping> {
        let known = || self.0.iter().map(|mapping| mapping.format.as_str());
        self.0.iter().find(|mapping| mapping.format == name).ok_or_else(|| {
            let error = Error::unknown("format", name, known());
            if error.help.is_some() { error } else { error.help(format!("the formats are {}", known().collect::<Vec<_>>().join(", "))) }
        })
    }
}

/// Whether the text of a mapping can be used.
///
/// # Errors
/// Its first fault (exit code 2).
pub(crate) fn check_text(text: &str, file: &str) -> Result<()> {
    parse(text, file).map(|_| ())
}

fn parse(text: &str, shown: &str) -> Result<Mapping> {
    let mapping: Mapping = toml::from_str(text).map_err(|error| Error::input(format!("{shown}: {}", error.to_string().trim_end())))?;
    if mapping.readers.is_empty() {
        return Err(Error::input(format!("{shown}: `readers` is empty, expected `csv`, `json`, `key-value` or `mllog`")));
    }
    Ok(mapping)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_mapping_is_read() {
        let all = Mappings::load(Path::new("no such folder")).unwrap();
        assert_eq!(all.0.len(), SHIPPED.len());
    }

    #[test]
    fn a_misspelt_key_is_named_with_its_line() {
        let error = parse("format = \"x\"\ntitle = \"x\"\nreaders = [\"csv\"]\nfeilds = {}\n", "x.toml").unwrap_err().to_string();
        assert!(error.contains("line 4") && error.contains("feilds"), "{error}");
    }
}
