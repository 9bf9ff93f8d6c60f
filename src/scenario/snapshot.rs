//! Expected rankings as files that `cargo insta review` reads too: a YAML header between two `---`, then the text.
//!
//! Only the text is compared. The header says what it was accepted under: rule set, data and engine.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::text_file::{self, Unread};
use crate::{Error, Result};

/// What a ranking rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Info {
    /// The first 12 digits of the rule set's hash.
    pub rule_set: String,
    /// The first 12 digits of the hash of the model's rows.
    pub data: String,
    /// What gives rules and scores their meaning: Suitor and the engine of the scripts, with their versions.
    pub engine: String,
}

/// One snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The scenario's file.
    pub source: String,
    /// The scenario's title.
    pub description: String,
    /// What it was accepted under; `None` when the header does not say.
    pub info: Option<Info>,
    /// The text.
    pub body: String,
}

impl Snapshot {
    /// Reads a snapshot's text; what the header does not have is empty.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.replace("\r\n", "\n");
        let Some((header, body)) = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")) else {
            return Self { body: normal(&text), ..Self::default() };
        };
        let mut snapshot = Self { body: normal(body), ..Self::default() };
        let mut info = Info::default();
        let mut inside = false;
        for line in header.lines() {
            let nested = line.starts_with(' ');
            let Some((key, value)) = line.trim().split_once(':') else { continue };
            let value = scalar(value.trim());
            match (nested, key) {
                (false, "source") => snapshot.source = value,
                (false, "description") => snapshot.description = value,
                (true, "rule_set") if inside => info.rule_set = value,
                (true, "data") if inside => info.data = value,
                (true, "engine") if inside => info.engine = value,
                _ => {}
            }
            if !nested {
                inside = key == "info";
            }
        }
        snapshot.info = (info != Info::default()).then_some(info);
        snapshot
    }

    /// The text of the file.
    #[must_use]
    pub fn render(&self) -> String {
        let mut out = String::from("---\n");
        let mut line = |key: &str, value: &str| out.push_str(&format!("{key}: {}\n", yaml(value)));
        line("source", &self.source);
        line("description", &self.description);
        if let Some(info) = &self.info {
            out.push_str("info:\n");
            let mut line = |key: &str, value: &str| out.push_str(&format!("  {key}: {}\n", yaml(value)));
            line("rule_set", &info.rule_set);
            line("data", &info.data);
            line("engine", &info.engine);
        }
        out.push_str("---\n");
        out.push_str(&normal(&self.body));
        out.push('\n');
        out
    }
}

/// The text as it is compared: line breaks alike, none at the end.
pub(super) fn normal(body: &str) -> String {
    body.replace("\r\n", "\n").trim_end().to_owned()
}

/// A text as a YAML value, bare where it cannot be mistaken, as insta writes it.
fn yaml(text: &str) -> String {
    let first = text.chars().next().is_none_or(|c| "&*?|-<>=!%@. ~".contains(c));
    let inside = text.contains(|c: char| ":{}[],#`\"'\\".contains(c) || c.is_control());
    let words = ["yes", "no", "true", "false", "on", "off", "null"];
    let word = words.iter().any(|word| text.eq_ignore_ascii_case(word));
    let number = text.starts_with("0x") || text.parse::<f64>().is_ok();
    if !(first || inside || word || number || text.ends_with(' ')) {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The text of a YAML value in one line.
fn scalar(value: &str) -> String {
    if let Some(inner) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        // JSON's escapes are YAML's too; what is no JSON is taken as it stands.
        return serde_json::from_str(value).unwrap_or_else(|_| inner.to_owned());
    }
    match value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        Some(inner) => inner.replace("''", "'"),
        None => value.to_owned(),
    }
}

/// The folder of the snapshots.
#[derive(Clone, Debug)]
pub struct Snapshots {
    folder: PathBuf,
}

impl Snapshots {
    /// The snapshots of a folder, which need not be there yet.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The file of a scenario's snapshot.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.snap"))
    }

    /// The file of a ranking that waits to be accepted or rejected.
    #[must_use]
    pub fn pending(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.snap.new"))
    }

    /// Reads the snapshot of a scenario; `None` when there is none.
    ///
    /// # Errors
    /// A file that cannot be read (exit code 1); what can be no snapshot, such as a folder or a pipe (exit code 2).
    pub fn read(&self, name: &str) -> Result<Option<Snapshot>> {
        let path = self.path(name);
        match text_file::bytes(&path, text_file::DOCUMENT) {
            Ok(bytes) => Ok(Some(Snapshot::parse(&String::from_utf8_lossy(&bytes)))),
            Err(Unread::Missing(_)) => Ok(None),
            Err(Unread::Unfit(what)) => Err(Error::input(what)),
            Err(Unread::Failed(what)) => Err(Error::failed(what)),
        }
    }

    /// Puts a snapshot in force, and takes away what waited.
    ///
    /// # Errors
    /// A folder that cannot be written (exit code 1).
    pub fn accept(&self, name: &str, snapshot: &Snapshot) -> Result<()> {
        replace(&self.path(name), &snapshot.render())?;
        self.reject(name)
    }

    /// Leaves a snapshot for a decision.
    ///
    /// # Errors
    /// A folder that cannot be written (exit code 1).
    pub fn leave(&self, name: &str, snapshot: &Snapshot) -> Result<()> {
        replace(&self.pending(name), &snapshot.render())
    }

    /// Takes away what waits, if something does.
    ///
    /// # Errors
    /// A file that cannot be removed (exit code 1).
    pub fn reject(&self, name: &str) -> Result<()> {
        let path = self.pending(name);
        match std::fs::remove_file(&path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(Error::failed(format!("`{}` could not be removed: {error}", path.display()))),
        }
    }

    /// Files of snapshots, waiting ones among them, that belong to none of these scenarios, by name.
    #[must_use]
    pub fn orphans(&self, names: &[String]) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return Vec::new() };
        let mut orphans: Vec<PathBuf> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|file| {
                let stem = file.strip_suffix(".snap").or_else(|| file.strip_suffix(".snap.new"));
                stem.is_some_and(|stem| !stem.starts_with('.') && !names.iter().any(|name| name == stem))
            })
            .map(|file| self.folder.join(file))
            .collect();
        orphans.sort();
        orphans
    }
}

/// Writes a file whole or not at all: beside its place under another name, then in one step to its place.
///
/// # Errors
/// The folder cannot be written (exit code 1); what was there stays.
pub(super) fn replace(path: &Path, text: &str) -> Result<()> {
    replace_all(&[(path, text)])
}

/// Writes several files, all of them or none: none goes to its place before all are written.
///
/// # Errors
/// A folder that cannot be written, a disk that is full (exit code 1); what was there stays.
pub(super) fn replace_all(files: &[(&Path, &str)]) -> Result<()> {
    let failed = |path: &Path, error: &std::io::Error| Error::failed(format!("`{}` could not be written: {error}", path.display()));
    let mut waiting = Waiting(Vec::new());
    for (path, text) in files {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            std::fs::create_dir_all(folder).map_err(|error| failed(path, &error))?;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let beside = folder.unwrap_or(Path::new(".")).join(format!(".{name}.{}.tmp", std::process::id()));
        waiting.0.push(beside.clone());
        std::fs::File::create(&beside)
            .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
            .map_err(|error| failed(path, &error))?;
    }
    for ((path, _), beside) in files.iter().zip(&waiting.0) {
        std::fs::rename(beside, path).map_err(|error| failed(path, &error))?;
    }
    Ok(())
}

/// Files beside their places, which are taken away when they do not go there.
struct Waiting(Vec<PathBuf>);

impl Drop for Waiting {
    fn drop(&mut self) {
        for beside in &self.0 {
            let _ = std::fs::remove_file(beside);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_reads_back_whatever_its_title_says() {
        for title in
            ["plain", "with: a colon", "\"quoted\" and \\", "- a list?", "true", "123", "1e5", "Ünïcode · ~", "tab\tand 'this'", ""]
        {
            let info = Info { rule_set: "1e5555555555".to_owned(), data: "012345678901".to_owned(), engine: "rhai 1.27.0".to_owned() };
            let snapshot = Snapshot {
                source: "tests/scenarios/a.toml".to_owned(),
                description: title.to_owned(),
                info: Some(info),
                body: "a\n  b".to_owned(),
            };
            assert_eq!(Snapshot::parse(&snapshot.render()), snapshot, "{title}");
            assert_eq!(Snapshot::parse(&snapshot.render().replace('\n', "\r\n")), snapshot, "{title}");
        }
    }

    #[test]
    fn a_file_is_written_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/a.snap");
        replace(&path, "one").unwrap();
        replace(&path, "two").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }
}
