//! The file beside an imported one that says more of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use regex::Regex;
use serde_json::Value as Json;

use super::content::{Content, read, recognise};
use super::mapping::{Companion, Mapping};
use super::mappings::Mappings;
use crate::{Error, Result};

/// Named groups of the first pattern of a mapping that fits a path.
pub(crate) fn path_groups(mapping: &Mapping, path: &Path) -> Result<BTreeMap<String, String>> {
    // The absolute path, so that a pattern may reach above the folder that the command runs in.
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let text = whole.to_string_lossy().replace('\\', "/");
    for pattern in &mapping.path {
        let regex = Regex::new(pattern)
            .map_err(|error| Error::input(format!("mapping `{}`: `{pattern}` is no regular expression: {error}", mapping.format)))?;
        if let Some(found) = regex.captures(&text) {
            let groups = regex.capture_names().flatten().filter_map(|name| Some((name.to_owned(), found.name(name)?.as_str().to_owned())));
            return Ok(groups.collect());
        }
    }
    Ok(BTreeMap::new())
}

/// The companion of a file: the only one of its format among `named`, or else the first that is found beside it.
pub(crate) fn find(
    companion: &Companion,
    path: &Path,
    groups: &BTreeMap<String, String>,
    named: &[(PathBuf, String, Json)],
    mappings: &Mappings,
) -> Result<Option<Json>> {
    let mut given = named.iter().filter(|(_, format, _)| *format == companion.format);
    if let (Some((_, _, document)), None) = (given.next(), given.next()) {
        return Ok(Some(document.clone()));
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    for pattern in &companion.files {
        let mut name = pattern.clone();
        for (group, text) in groups {
            name = name.replace(&format!("{{{group}}}"), text);
        }
        if name.contains('{') {
            continue;
        }
        for candidate in candidates(folder, &name) {
            if candidate != path
                && let Content::Json(document) = read(&candidate)?
                && recognise(&Content::Json(document.clone()), mappings, "").is_ok_and(|mapping| mapping.format == companion.format)
            {
                return Ok(Some(document));
            }
        }
    }
    Ok(None)
}

/// The files of a name in which `*` stands for anything, in order.
fn candidates(folder: &Path, name: &str) -> Vec<PathBuf> {
    let Some((before, after)) = name.split_once('*') else {
        let path = folder.join(name);
        return if path.is_file() { vec![path] } else { Vec::new() };
    };
    let mut found: Vec<PathBuf> = std::fs::read_dir(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after) && path.is_file()
        })
        .collect();
    found.sort();
    found
}
