//! Names that an existing database may use: `[schema]` of suitor.toml.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use crate::{Error, Result, text_file};

/// The shipped suitor.toml.
pub const SHIPPED: &str = include_str!("../../config/suitor.toml");

static EMBEDDED: LazyLock<std::result::Result<Arc<SchemaNames>, Error>> =
    LazyLock::new(|| SchemaNames::parse(SHIPPED, "config/suitor.toml").map(Arc::new));

/// Under which names a benchmark database may keep what Suitor reads.
#[derive(Clone, Debug, PartialEq)]
pub struct SchemaNames {
    /// Words of a status that mean success, lower case.
    pub(super) ok: Vec<String>,
    /// Values of `test_case` that mean training, lower case.
    pub(super) training: Vec<String>,
    tables: BTreeMap<String, TableAliases>,
}

/// The names of one kind of table and of its columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct TableAliases {
    /// Names of the table, best first.
    pub(super) tables: Vec<String>,
    /// By field: columns, best first.
    pub(super) fields: BTreeMap<String, Vec<Alias>>,
}

/// A column and how its values become the field's.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Alias {
    /// Name of the column.
    pub(super) column: String,
    /// Its unit.
    pub(super) unit: Unit,
}

/// What turns a column's values into the field's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Unit {
    /// They are the same.
    Same,
    /// Value x factor.
    Times(f64),
    /// Value / divisor.
    Over(f64),
    /// Dividend / value.
    Inverse(f64),
}

impl Unit {
    /// The field's value from the column's.
    pub(super) fn read(self, column: &str) -> String {
        match self {
            Self::Same => column.to_owned(),
            Self::Times(by) => format!("{column} * {by:?}::DOUBLE"),
            Self::Over(by) => format!("{column} / {by:?}::DOUBLE"),
            Self::Inverse(of) => format!("{of:?}::DOUBLE / nullif({column}, 0)"),
        }
    }

    /// The column's value from the field's.
    pub(super) fn write(self, field: &str) -> String {
        match self {
            Self::Same => field.to_owned(),
            Self::Times(by) => format!("{field} / {by:?}::DOUBLE"),
            Self::Over(by) => format!("{field} * {by:?}::DOUBLE"),
            Self::Inverse(of) => format!("{of:?}::DOUBLE / nullif({field}, 0)"),
        }
    }
}

impl SchemaNames {
    /// The shipped ones.
    ///
    /// # Errors
    /// Never, as long as the shipped file is sound, which a test holds.
    pub fn embedded() -> Result<Arc<Self>> {
        EMBEDDED.clone()
    }

    /// Those of suitor.toml in the folder, or the shipped ones when it has none.
    ///
    /// # Errors
    /// A file that cannot be read, or with a fault (exit code 2).
    pub fn load(config_dir: &Path) -> Result<Arc<Self>> {
        let path = config_dir.join("suitor.toml");
        if !path.exists() {
            return Self::embedded();
        }
        let shown = path.display().to_string();
        let text = text_file::text(&path, text_file::SETTINGS)?;
        Self::parse(&text, &shown).map(Arc::new)
    }

    /// Reads the text of a suitor.toml; without `[schema]` the shipped names hold.
    fn parse(text: &str, file: &str) -> Result<Self> {
        let whole: toml::Table = toml::from_str(text).map_err(|error| Error::input(format!("{file}: {}", error.to_string().trim_end())))?;
        if let Some(key) = whole.keys().find(|key| !TOP.contains(&key.as_str())) {
            return Err(misplaced("key", key, "at the top of the file", TOP.iter().copied(), &at(text, file, &[key])));
        }
        let Some(schema) = whole.get("schema") else { return Self::embedded().map(|shipped| (*shipped).clone()) };
        let schema = schema.as_table().ok_or_else(|| Error::input(format!("{file}: `schema` is not a table")))?;
        let mut aliases = Self { ok: Vec::new(), training: Vec::new(), tables: BTreeMap::new() };
        for (key, value) in schema {
            match (key.as_str(), value) {
                ("ok", words) => aliases.ok = lower(&texts(words, file, "ok in [schema]")?),
                ("training", words) => aliases.training = lower(&texts(words, file, "training in [schema]")?),
                (kind, toml::Value::Table(entries)) if KINDS.iter().any(|(known, _)| *known == kind) => {
                    aliases.tables.insert(kind.to_owned(), table(kind, entries, text, file)?);
                }
                (kind, _) => {
                    let known = KINDS.iter().map(|(known, _)| *known).chain(["ok", "training"]);
                    return Err(misplaced("key", kind, "in [schema]", known, &at(text, file, &["schema", kind])));
                }
            }
        }
        Ok(aliases)
    }

    /// The names of one kind of table; none when the file does not say any.
    pub(super) fn of(&self, kind: &str) -> TableAliases {
        self.tables.get(kind).cloned().unwrap_or_default()
    }
}

/// What a suitor.toml may hold.
const TOP: &[&str] = &["schema", "sandbox", "database"];

/// `FILE:LINE` of a key, named by the tables that it stands in; the file alone where it cannot be found.
fn at(text: &str, file: &str, path: &[&str]) -> String {
    fn byte(table: &toml::de::DeTable<'_>, path: &[&str]) -> Option<usize> {
        let (first, rest) = path.split_first()?;
        let (key, value) = table.iter().find(|(key, _)| key.get_ref() == first)?;
        if rest.is_empty() { Some(key.span().start) } else { byte(value.get_ref().as_table()?, rest) }
    }
    let place = toml::de::DeTable::parse(text).ok().and_then(|table| byte(table.get_ref(), path));
    place
        .and_then(|place| text.get(..place))
        .map_or_else(|| file.to_owned(), |before| format!("{file}:{}", before.matches('\n').count() + 1))
}

/// A key that means nothing where it stands, with the nearest that would.
fn misplaced<'a>(what: &str, key: &str, place: &str, known: impl IntoIterator<Item = &'a str>, file: &str) -> Error {
    let error = Error::unknown_listed(what, key, known);
    Error { message: format!("{file}: {} {place}", error.message), ..error }
}

/// The kinds of tables, and the fields that are theirs beyond those of every result row.
const KINDS: &[(&str, &[&str])] = &[
    ("models", &["model_id", "model_name", "model_family", "parameters_million", "created_at"]),
    ("hardware", &["hardware_id", "device_name", "device_count", "hardware_type", "device_memory_mb", "created_at"]),
    ("results", &["result_id", "model_id", "hardware_id", "run_id", "version_id", "import_id"]),
    ("flat", &["result_id", "model", "hardware", "device"]),
    ("batches", &["result_id", "latency_ms", "memory_mb"]),
    ("power", &["result_id", "model_id", "hardware_id", "power_watts"]),
    ("compatibility", &["row_id", "model_id", "hardware_id", "is_compatible", "compatibility_status", "compatibility_type"]),
    ("runs", &["run_id", "test_name", "test_type", "started_at", "completed_at", "success"]),
];

/// Fields of a result row that no field of [`crate::fields::FIELDS`] is, but that say one.
const SPECIAL: &[&str] = &["test_case", "input_shape", "is_simulated", "simulation_reason", "success", "error", "published_at", "metadata"];

/// The kinds of tables of `[schema]`, each with the fields that it may name columns for.
pub(crate) fn schema_words() -> Vec<(&'static str, Vec<&'static str>)> {
    KINDS.iter().map(|(kind, _)| (*kind, fields_of(kind))).collect()
}

fn fields_of(kind: &str) -> Vec<&'static str> {
    let own = KINDS.iter().find(|(known, _)| *known == kind).map_or(&[][..], |(_, fields)| fields);
    let is_rows = kind == "results" || kind == "flat";
    let rows = super::relation::row_fields().map(|field| field.name).chain(SPECIAL.iter().copied());
    own.iter().copied().chain(rows.filter(|_| is_rows)).collect()
}

fn table(kind: &str, entries: &toml::Table, text: &str, file: &str) -> Result<TableAliases> {
    let known = fields_of(kind);
    let mut made = TableAliases::default();
    for (key, value) in entries {
        let place = format!("{key} in [schema.{kind}]");
        let file = &at(text, file, &["schema", kind, key]);
        let names = texts(value, file, &place)?;
        if key == "tables" {
            made.tables = names;
        } else if known.contains(&key.as_str()) {
            let columns = names.iter().map(|name| alias(name, file, &place)).collect::<Result<_>>()?;
            made.fields.insert(key.clone(), columns);
        } else {
            let known = known.iter().copied().chain(["tables"]);
            return Err(misplaced("field", key, &format!("in [schema.{kind}]"), known, file));
        }
    }
    Ok(made)
}

/// `NAME`, `NAME * NUMBER`, `NAME / NUMBER` or `NUMBER / NAME`.
fn alias(text: &str, file: &str, place: &str) -> Result<Alias> {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite() && *number > 0.0);
    let made = |column: &str, unit| Some(Alias { column: column.trim().to_owned(), unit }).filter(|alias| !alias.column.is_empty());
    let parsed = match (text.split_once('*'), text.split_once('/')) {
        (Some((column, by)), _) => number(by).and_then(|by| made(column, Unit::Times(by))),
        (None, Some((left, right))) => match (number(left), number(right)) {
            (Some(of), None) => made(right, Unit::Inverse(of)),
            (None, Some(by)) => made(left, Unit::Over(by)),
            _ => None,
        },
        (None, None) => made(text, Unit::Same),
    };
    parsed.ok_or_else(|| {
        Error::input(format!("{file}: `{text}` ({place}) is no column"))
            .help("expected `NAME`, `NAME * NUMBER`, `NAME / NUMBER` or `NUMBER / NAME`, the number above 0")
    })
}

/// Whether a text names a column, with or without a factor.
pub(crate) fn is_column(text: &str) -> bool {
    alias(text, "", "").is_ok()
}

/// Whether the text of a suitor.toml can be used.
///
/// # Errors
/// Its first fault (exit code 2).
pub(crate) fn check_settings(text: &str, file: &str) -> Result<()> {
    SchemaNames::parse(text, file).map(|_| ())
}

fn texts(value: &toml::Value, file: &str, place: &str) -> Result<Vec<String>> {
    let wrong = || Error::input(format!("{file}: {place} is not a list of texts"));
    let items = value.as_array().ok_or_else(wrong)?;
    items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
}

fn lower(words: &[String]) -> Vec<String> {
    words.iter().map(|word| word.to_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_names_load() {
        let aliases = SchemaNames::embedded().unwrap();
        let memory = &aliases.of("hardware").fields["device_memory_mb"];
        assert!(memory.contains(&Alias { column: "memory_gb".into(), unit: Unit::Times(1000.0) }));
        let energy = &aliases.of("results").fields["energy_j_per_item"];
        assert_eq!(energy[1].unit, Unit::Inverse(1.0));
        assert_eq!(aliases.training, ["training", "fine_tuning"]);
    }

    #[test]
    fn a_misspelt_field_is_named_with_the_nearest() {
        let error = SchemaNames::parse("[schema.models]\nmodel_nam = [\"n\"]", "suitor.toml").unwrap_err();
        assert_eq!(error.message, "suitor.toml:2: unknown field `model_nam` in [schema.models]");
        assert!(error.help.unwrap().contains("`model_name`"));
        let error = SchemaNames::parse("[schema.model]\nid = []", "suitor.toml").unwrap_err();
        assert!(error.message.starts_with("suitor.toml:1: unknown key `model`"), "{error}");
        let error = SchemaNames::parse("# names\n[shema.models]\nid = []", "suitor.toml").unwrap_err();
        assert_eq!(error.message, "suitor.toml:2: unknown key `shema` at the top of the file");
        assert!(error.help.unwrap().contains("`schema`"));
        let error = SchemaNames::parse("[schema.hardware]\ndevice_memory_mb = [\"gb * x\"]", "suitor.toml").unwrap_err();
        assert!(error.message.contains("`gb * x`"), "{error}");
        assert_eq!(error.exit_code(), 2);
    }

    #[test]
    fn a_file_without_schema_keeps_the_shipped_names() {
        assert_eq!(SchemaNames::parse("", "suitor.toml").unwrap(), *SchemaNames::embedded().unwrap());
    }
}
