//! What a file holds, as far as its format can be told from it; and the format that it is of.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde_json::Value as Json;

use super::json::{Unambiguous, fault};
use super::mapping::{Detect, Mapping, Reader};
use super::mappings::Mappings;
use crate::{Error, Result};

/// A file, read as far as needed to tell what it is.
pub(crate) enum Content {
    /// A CSV with these columns.
    Csv(BTreeMap<String, usize>),
    /// A JSON document; several, one a line, are a list.
    Json(Json),
    /// Other text, whole.
    Text(String),
}

const SNIFF: u64 = 256 * 1024;

/// Reads what tells the format: the header of a CSV, the whole of anything else.
///
/// # Errors
/// A file that is not there or empty, that is not UTF-8 text, JSON that is cut off or malformed (exit code 2), with the line.
pub(crate) fn read(path: &Path) -> Result<Content> {
    let shown = path.display();
    if path.is_dir() {
        return Err(Error::input(format!("`{shown}` is a folder, expected a file")).help(format!("name its files: {shown}/*")));
    }
    if path.metadata().is_ok_and(|data| !data.is_file()) {
        return Err(
            Error::input(format!("`{shown}` is no regular file, and it has to be read more than once")).help("save it to a file first")
        );
    }
    let file = File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::input(format!("there is no file `{shown}`")),
        _ => Error::input(format!("`{shown}` cannot be read: {error}")),
    })?;
    let mut start = Vec::new();
    file.take(SNIFF).read_to_end(&mut start).map_err(|error| Error::input(format!("`{shown}` cannot be read: {error}")))?;
    let head = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start);
    let first = head.iter().copied().find(|byte| !byte.is_ascii_whitespace());
    match first {
        None => Err(Error::input(format!("`{shown}` is empty"))),
        Some(0) => Err(Error::input(format!("`{shown}` is not text"))),
        Some(b'{' | b'[') => json(path).map(Content::Json),
        Some(_) if head.starts_with(b"===") || find(head, ":::MLLOG") || find(head, "MLPerf Results Summary") => {
            text(path).map(Content::Text)
        }
        Some(_) => header(head, &shown.to_string()).map(Content::Csv),
    }
}

fn find(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

fn text(path: &Path) -> Result<String> {
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(|error| Error::input(format!("`{shown}` cannot be read: {error}")))?;
    String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        Error::input(format!("{shown}:{line}: not UTF-8 text"))
    })
}

fn json(path: &Path) -> Result<Json> {
    let text = text(path)?;
    let shown = path.display();
    let text = text.trim_start_matches('\u{feff}');
    let mut documents = Vec::new();
    for document in serde_json::Deserializer::from_str(text).into_iter::<Unambiguous>() {
        let Unambiguous(document) = document.map_err(|error| {
            let what = fault(&error);
            let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
            let shown_line: String = line.chars().take(120).collect();
            let mark = " ".repeat(error.column().saturating_sub(1).min(120));
            Error::input(format!("{shown}:{}:{}: {what}: {error}\n  | {shown_line}\n  | {mark}^", error.line(), error.column()))
        })?;
        documents.push(document);
    }
    Ok(if documents.len() == 1 { documents.remove(0) } else { Json::Array(documents) })
}

/// The columns of a header.
fn header(head: &[u8], shown: &str) -> Result<BTreeMap<String, usize>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(head);
    let mut record = csv::ByteRecord::new();
    let found = reader.read_byte_record(&mut record).map_err(|error| Error::input(format!("{shown}:1: {error}")))?;
    if !found {
        return Err(Error::input(format!("`{shown}` is empty")));
    }
    let mut columns = BTreeMap::new();
    for (at, name) in record.iter().enumerate() {
        let name = std::str::from_utf8(name).map_err(|_| Error::input(format!("{shown}:1: the header is not UTF-8 text")))?.trim();
        if !name.is_empty() && columns.insert(name.to_owned(), at).is_some() {
            return Err(Error::input(format!("{shown}:1: two columns are called `{name}`")));
        }
    }
    Ok(columns)
}

/// The mapping that a file is of.
///
/// # Errors
/// No mapping knows it, or two know it as well (exit code 2).
pub(crate) fn recognise<'m>(content: &Content, mappings: &'m Mappings, shown: &str) -> Result<&'m Mapping> {
    let mut best: Vec<(usize, &Mapping)> = Vec::new();
    for mapping in &mappings.0 {
        if let Some(weight) = mapping.detect.iter().filter_map(|detect| weight(detect, content, mapping)).max() {
            best.push((weight, mapping));
        }
    }
    best.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    match best.as_slice() {
        [] => Err(unknown(content, mappings, shown)),
        [(first, one), (second, other), ..] if first == second => {
            Err(Error::input(format!("{shown}: the file could be `{}` or `{}`", one.format, other.format))
                .help("say which with --as FORMAT"))
        }
        [(_, mapping), ..] => Ok(mapping),
    }
}

/// How much a file fulfils a description: the number of things asked for, `None` when one is missing.
fn weight(detect: &Detect, content: &Content, mapping: &Mapping) -> Option<usize> {
    match content {
        Content::Csv(columns) => {
            let fits = mapping.readers.contains(&Reader::Csv) && detect.columns.iter().all(|name| columns.contains_key(name));
            (fits && !detect.columns.is_empty()).then_some(detect.columns.len())
        }
        Content::Json(document) => {
            let first = document.as_array().and_then(|items| items.first()).unwrap_or(document);
            let has = |key: &String| if key.starts_with('/') { first.pointer(key).is_some() } else { first.get(key).is_some() };
            let fits = mapping.readers.contains(&Reader::Json) && detect.keys.iter().all(has) && !detect.without.iter().any(has);
            (fits && !detect.keys.is_empty()).then_some(detect.keys.len())
        }
        Content::Text(text) => detect.contains.as_ref().filter(|wanted| text.contains(wanted.as_str())).map(|_| 1),
    }
}

fn unknown(content: &Content, mappings: &Mappings, shown: &str) -> Error {
    let has = match content {
        Content::Csv(columns) => {
            let mut names: Vec<(&String, &usize)> = columns.iter().collect();
            names.sort_by_key(|(_, at)| **at);
            format!("its columns are {}", list(names.into_iter().map(|(name, _)| name.as_str())))
        }
        Content::Json(document) => {
            let first = document.as_array().and_then(|items| items.first()).unwrap_or(document);
            match first.as_object() {
                Some(object) => format!("its keys are {}", list(object.keys().map(String::as_str))),
                None => "it holds no objects".to_owned(),
            }
        }
        Content::Text(_) => "it is text".to_owned(),
    };
    let formats =
        mappings.0.iter().filter(|mapping| !mapping.describes).map(|mapping| mapping.format.as_str()).collect::<Vec<_>>().join(", ");
    Error::input(format!("{shown}: no known format: {has}"))
        .help(format!("say which with --as FORMAT ({formats}), for a CSV of your own --as suitor with --map COLUMN=FIELD, or add a mapping to config/import/"))
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    let shown = all.iter().take(8).cloned().collect::<Vec<_>>().join(", ");
    if all.len() > 8 { format!("{shown} and {} more", all.len() - 8) } else { shown }
}
