//! Importing files: recognise, read, check, land.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::aliases::Aliases;
use super::checks::hex;
use super::companion;
use super::content::{self, Content};
use super::mapping::{Mapping, Reader, Spec, Take};
use super::mappings::Mappings;
use super::read;
use super::report::{FileReport, Merged, Refused, Report};
use super::row::{Given, Rows, Sink, fits, settable};
use crate::store::Db;
use crate::store::landing::{FileRecord, Landed, Landing};
use crate::versions::tag::Known;
use crate::{Error, Result};

/// How files are imported.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The format of all files (`--as`); recognised by content when `None`.
    pub format: Option<String>,
    /// Column and field (`--map COLUMN=FIELD`): stands above the mapping.
    pub columns: Vec<(String, String)>,
    /// Field and constant (`--set FIELD=VALUE`): stands above the mapping.
    pub constants: Vec<(String, String)>,
    /// The column of the model's version (`--versions-from`): makes versions and links the rows.
    pub versions_from: Option<String>,
    /// Do everything, then undo it.
    pub dry_run: bool,
    /// Make the tables that the database lacks together with the first file that lands: a broken one makes none.
    pub make_tables: bool,
    /// The time to record, microseconds since 1970, UTC.
    pub now: i64,
}

/// How far the import of a file is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The file.
    pub file: &'a str,
    /// Bytes read.
    pub bytes: u64,
    /// Bytes of the whole file.
    pub of: u64,
    /// Rows taken so far.
    pub rows: i64,
}

/// Imports files one after the other, each in a transaction of its own.
///
/// # Errors
/// Faults of the options or of the database. A file that is broken is in the report's `errors`; the others land.
pub fn import(
    db: &mut Db,
    files: &[PathBuf],
    mappings: &Mappings,
    aliases: &Aliases,
    options: &Options,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Report> {
    let fields = given_fields(options)?;
    let mut report = Report::default();
    let mut read = Vec::new();
    let mut described = Vec::new();
    for path in files {
        match identify(path, mappings, options) {
            Ok((mapping, Content::Json(document))) if mapping.describes => described.push((path.clone(), mapping.format.clone(), document)),
            Ok(found) => read.push((path, found)),
            Err(error) => report.errors.push(error),
        }
    }
    for (path, format, _) in &described {
        report.files.push(FileReport { file: path.display().to_string(), format: format.clone(), ..FileReport::default() });
    }
    let mut make_tables = options.make_tables;
    for (path, (mapping, content)) in read {
        let versions = if can_tag(mapping, &content, &fields) { db.known_versions()? } else { BTreeMap::new() };
        let one = One { path, shown: path.display().to_string(), mapping, options, fields: &fields, versions: &versions };
        let mut landing = db.land()?;
        if make_tables {
            landing.make_tables()?;
        }
        match one.land(landing, &content, mappings, aliases, &described, progress) {
            Ok(landed) => {
                make_tables &= options.dry_run;
                report.files.push(landed);
            }
            Err(error) if error.kind == crate::error::Kind::Input => report.errors.push(error),
            Err(error) => return Err(error),
        }
    }
    Ok(report)
}

fn given_fields(options: &Options) -> Result<BTreeMap<String, Spec>> {
    let mut fields = BTreeMap::new();
    for (_, field) in &options.columns {
        settable(field)?;
    }
    for (name, value) in &options.constants {
        let (_, field) = settable(name)?;
        fits(field, value)
            .map_err(|expected| Error::input(format!("the field `{name}` cannot be `{value}` in every row, expected {expected}")))?;
    }
    let columns = options.columns.iter().map(|(column, field)| (field, Take::column(column)));
    let constants = options.constants.iter().map(|(field, value)| (field, Take::constant(value)));
    for (field, take) in columns.chain(constants) {
        if fields.insert(field.clone(), Spec(vec![take])).is_some() {
            return Err(Error::input(format!("the field `{field}` is given twice")));
        }
    }
    if let Some(column) = &options.versions_from {
        fields.insert("version_tag".to_owned(), Spec(vec![Take::column(column)]));
    }
    Ok(fields)
}

/// Whether a row of the file can name a version.
fn can_tag(mapping: &Mapping, content: &Content, given: &BTreeMap<String, Spec>) -> bool {
    let header = if let Content::Csv(columns) = content { Some(columns) } else { None };
    let specs = std::iter::once(&mapping.fields).chain(mapping.row.iter().map(|row| &row.fields)).chain([given]);
    let mut takes = specs.filter_map(|fields| fields.get("version_tag")).flat_map(|spec| &spec.0);
    takes.any(|take| match &take.from {
        Some(column) => column.starts_with("path:") || header.is_none_or(|header| header.contains_key(column)),
        None => true,
    })
}

fn identify<'m>(path: &Path, mappings: &'m Mappings, options: &Options) -> Result<(&'m Mapping, Content)> {
    let named = options.format.as_deref().map(|name| mappings.named(name)).transpose()?;
    let content = content::read(path)?;
    let shown = path.display().to_string();
    let mapping = match named {
        Some(mapping) => mapping,
        None => content::recognise(&content, mappings, &shown)?,
    };
    let fits = match content {
        Content::Csv(_) => mapping.readers.contains(&Reader::Csv),
        Content::Json(_) => mapping.readers.contains(&Reader::Json),
        Content::Text(_) => mapping.readers.iter().any(|reader| matches!(reader, Reader::KeyValue | Reader::Mllog)),
    };
    if fits { Ok((mapping, content)) } else { Err(Error::input(format!("{shown}: not a file that the format `{}` reads", mapping.format))) }
}

/// One file on its way.
struct One<'a> {
    path: &'a Path,
    shown: String,
    mapping: &'a Mapping,
    options: &'a Options,
    fields: &'a BTreeMap<String, Spec>,
    versions: &'a BTreeMap<String, Known>,
}

impl One<'_> {
    fn land(
        &self,
        mut landing: Landing<'_>,
        content: &Content,
        mappings: &Mappings,
        aliases: &Aliases,
        described: &[(PathBuf, String, Json)],
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<FileReport> {
        let groups = companion::path_groups(self.mapping, self.path)?;
        let companion = match &self.mapping.companion {
            Some(companion) => companion::find(companion, self.path, &groups, described, mappings)?,
            None => None,
        };
        let header = if let Content::Csv(columns) = content { Some(columns) } else { None };
        // A log that is cut off is said to be so before anything that it lacks is asked for.
        let document = match content {
            Content::Json(document) => Cow::Borrowed(document),
            Content::Text(text) if self.mapping.readers.contains(&Reader::Mllog) => Cow::Owned(read::mllog(text, &self.shown)?),
            Content::Text(text) => Cow::Owned(read::key_value(text)),
            Content::Csv(_) => Cow::Owned(Json::Null),
        };
        self.columns_exist(header)?;
        let given = Given { file: &self.shown, fields: self.fields, path: &groups, has_companion: companion.is_some() };
        let rows = Rows::new(self.mapping, aliases, self.versions, header, &given)?;
        let mut all = Sink::default();
        let sha256;
        if header.is_some() {
            let of = std::fs::metadata(self.path).map_or(0, |data| data.len());
            // Reading and storing go on at the same time; the channel is short, so that memory stays flat.
            let (sender, receiver) = mpsc::sync_channel::<(Sink, u64)>(2);
            let (rows, path, shown) = (&rows, self.path, self.shown.as_str());
            sha256 = std::thread::scope(|scope| {
                let reader = scope.spawn(move || {
                    read::csv(rows, path, shown, |sink, bytes| {
                        sender.send((sink, bytes)).map_err(|_| Error::failed("the rows could not be stored"))
                    })
                });
                let mut stored = Ok(());
                for (mut sink, bytes) in receiver {
                    stored = landing.append(std::mem::take(&mut sink.batch));
                    if stored.is_err() {
                        break;
                    }
                    gather(&mut all, sink);
                    progress(Progress { file: shown, bytes, of, rows: all.read });
                }
                let read = reader.join().map_err(|_| Error::failed(format!("{shown}: reading failed")))?;
                stored.and(read)
            })?;
        } else {
            let bytes = std::fs::read(self.path).map_err(|error| Error::input(format!("`{}` cannot be read: {error}", self.shown)))?;
            sha256 = hex(&Sha256::digest(&bytes));
            read::json(&rows, &document, self.mapping.records.as_deref(), companion.as_ref(), &self.shown, &mut all)?;
            landing.append(std::mem::take(&mut all.batch))?;
        }
        let record = FileRecord {
            file: self.shown.clone(),
            format: self.mapping.format.clone(),
            sha256,
            rows_read: all.read,
            rows_refused: i64::try_from(all.refused.len()).unwrap_or(i64::MAX),
        };
        let landed = landing.place(&record, self.options.now)?;
        let doubts = if landed.added > 0 { landing.doubts(&self.shown)? } else { Vec::new() };
        landing.end(self.options.dry_run)?;
        let mut report = report(record, landed, all);
        report.warnings.extend(self.overruled(header));
        report.warnings.extend(doubts);
        Ok(report)
    }

    /// Fields that `--set` takes from a file that says them itself.
    fn overruled(&self, header: Option<&BTreeMap<String, usize>>) -> Vec<String> {
        let says = |take: &Take| match &take.from {
            Some(column) if column.starts_with("path:") => false,
            Some(column) => header.is_none_or(|header| header.contains_key(column)),
            None => !take.product.is_empty() || !take.join.is_empty(),
        };
        let own = |field: &String| self.mapping.fields.get(field).is_some_and(|spec| spec.0.iter().any(says));
        let fields = self.options.constants.iter().map(|(field, _)| field).filter(|field| own(field));
        fields.map(|field| format!("`{field}` is the one of --set in every row, though the file has its own")).collect()
    }

    /// The columns that the user names must be there.
    fn columns_exist(&self, header: Option<&BTreeMap<String, usize>>) -> Result<()> {
        let named = self.options.columns.iter().map(|(column, _)| column).chain(&self.options.versions_from);
        for column in named {
            if let Some(header) = header.filter(|header| !header.contains_key(column)) {
                let mut error = Error::unknown("column", column, header.keys().map(String::as_str));
                error.message = format!("{}: {}", self.shown, error.message);
                return Err(error);
            }
        }
        Ok(())
    }
}

fn gather(all: &mut Sink, part: Sink) {
    all.read += part.read;
    all.refused.extend(part.refused);
    all.warnings.extend(part.warnings);
    all.merged.extend(part.merged);
}

fn report(record: FileRecord, landed: Landed, all: Sink) -> FileReport {
    let mut merged: Vec<Merged> = all.merged.into_iter().map(|(from, to)| Merged { from, to }).collect();
    merged.sort();
    let line = |place: String| match place.strip_prefix("line ").and_then(|digits| digits.parse::<u64>().ok()) {
        Some(line) => line.into(),
        None => place.into(),
    };
    FileReport {
        file: record.file,
        format: record.format,
        rows_read: record.rows_read,
        rows_added: landed.added,
        rows_duplicate: landed.duplicate,
        rows_refused: record.rows_refused,
        refused: all.refused.into_iter().map(|(place, reason)| Refused { line: line(place), reason }).collect(),
        warnings: all.warnings.into_iter().map(|(place, text)| format!("{place}: {text}")).collect(),
        merged,
        versions_added: landed.versions,
        rows_linked: landed.linked,
    }
}
