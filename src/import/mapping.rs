//! The mapping of one format, as its TOML file says it: how a file is recognised, and which column becomes which field.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};

/// One file of `config/import/`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mapping {
    /// The format's name, for `--as`.
    pub format: String,
    /// What it is, in a few words.
    pub title: String,
    /// How files of it are read.
    pub readers: Vec<Reader>,
    /// How a file of it is recognised: one of these must hold, all of what it says.
    #[serde(default)]
    pub detect: Vec<Detect>,
    /// Regular expressions over the file's path, `/` between its parts, whose named groups fields may take; the first that fits.
    #[serde(default)]
    pub path: Vec<String>,
    /// A file beside this one that says more (the system that an MLPerf log was made on).
    pub companion: Option<Companion>,
    /// Where the records are in a JSON document (a JSON pointer); the document or its array when left out.
    pub records: Option<String>,
    /// Whether the file describes something and has no results of its own.
    #[serde(default)]
    pub describes: bool,
    /// Whether columns that no field takes are kept as metadata.
    #[serde(default = "yes")]
    pub metadata: bool,
    /// Columns that are taken by name into account but not kept (long lists, constant noise).
    #[serde(default)]
    pub ignore: Vec<String>,
    /// Records that cannot be used, each with the reason.
    #[serde(default)]
    pub refuse: Vec<Refuse>,
    /// Records that land with a warning.
    #[serde(default)]
    pub warn: Vec<Refuse>,
    /// What identifies a record in its source, so that real repeats stay apart; never a line number.
    pub key: Option<Spec>,
    /// Fields of every row.
    #[serde(default)]
    pub fields: BTreeMap<String, Spec>,
    /// Rows that a record gives; one row with `fields` when there are none.
    #[serde(default)]
    pub row: Vec<RowSpec>,
}

fn yes() -> bool {
    true
}

/// How a file is cut into records.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Reader {
    /// Comma-separated values with a header.
    Csv,
    /// A JSON document, or one a line.
    Json,
    /// Lines of `key : value`: one record.
    KeyValue,
    /// Lines with `:::MLLOG` and a JSON object: one record of `KEY/value`, `KEY/time_ms`, `KEY/metadata/NAME`.
    Mllog,
}

/// What a file must have to be of the format.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Detect {
    /// Columns of a CSV header.
    pub columns: Vec<String>,
    /// Keys (or JSON pointers) of the document, or of the first record of its array.
    pub keys: Vec<String>,
    /// Keys that it must not have.
    pub without: Vec<String>,
    /// A text near its beginning.
    pub contains: Option<String>,
}

/// A file beside the imported one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Companion {
    /// Its format: such a file named on the same command line serves too.
    pub format: String,
    /// Names to look for from the file's folder, in order; `*` stands for anything, `{group}` for a group of `path`.
    pub files: Vec<String>,
}

/// Records with a reason against them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refuse {
    /// Which ones.
    pub when: Vec<Condition>,
    /// What to say; `{COLUMN}` stands for its value.
    pub reason: String,
}

/// One row of a record.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RowSpec {
    /// Records that give this row.
    #[serde(default)]
    pub when: Vec<Condition>,
    /// Its fields, beside those of every row.
    pub fields: BTreeMap<String, Spec>,
}

/// A test of one column.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Condition {
    /// The column, key or JSON pointer.
    pub column: String,
    /// Its text is one of these.
    pub is: Option<Vec<String>>,
    /// Its text is none of these (a missing one is none of them).
    pub not: Option<Vec<String>>,
    /// Its text fits the regular expression.
    pub matches: Option<String>,
    /// Whether it has a value at all.
    pub present: Option<bool>,
}

/// Where a field's value comes from: alternatives, the first with a value counts.
#[derive(Clone, Debug)]
pub(crate) struct Spec(pub Vec<Take>);

/// One way to get a value.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Take {
    /// A column of a CSV; a key or JSON pointer, `^/...` from the root of the document, `@/...` in the companion;
    /// `path:GROUP` for a named group of `path`.
    pub from: Option<String>,
    /// A constant.
    pub value: Option<toml::Value>,
    /// The product of these columns.
    pub product: Vec<String>,
    /// These columns, those that have a value, with blanks between them.
    pub join: Vec<String>,
    /// The first of these minus the second.
    pub minus: Vec<String>,
    /// Only where these hold.
    pub when: Vec<Condition>,
    /// Texts that mean that there is no value.
    pub null_if: Vec<String>,
    /// The part of the text that fits: the first group, or all of it; no value when nothing fits.
    pub matches: Option<String>,
    /// Texts by others; what is not listed stays as it is.
    pub map: BTreeMap<String, String>,
    /// Whether to make letters small.
    pub lower: bool,
    /// The column by which to divide.
    pub divide_by: Option<String>,
    /// The factor to multiply by.
    pub scale: Option<f64>,
    /// The value becomes this divided by it.
    pub reciprocal: Option<f64>,
    /// The column that says the unit, and the factor of each unit; another unit is refused.
    pub unit: Option<String>,
    /// Factors by unit.
    pub units: BTreeMap<String, f64>,
}

impl Take {
    /// A plain column.
    #[must_use]
    pub(crate) fn column(name: impl Into<String>) -> Self {
        Self { from: Some(name.into()), ..Self::default() }
    }

    /// Whether the value is taken as it stands.
    pub(crate) fn is_plain(&self) -> bool {
        let changed = self.divide_by.is_some() || self.scale.is_some() || self.reciprocal.is_some() || self.unit.is_some();
        let chosen = !self.when.is_empty() || !self.null_if.is_empty() || self.matches.is_some();
        !changed && !chosen && self.map.is_empty() && !self.lower
    }

    /// A constant text.
    #[must_use]
    pub(crate) fn constant(text: impl Into<String>) -> Self {
        Self { value: Some(toml::Value::String(text.into())), ..Self::default() }
    }
}

impl<'de> Deserialize<'de> for Spec {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Spec;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column's name, a table such as { from = \"COLUMN\", scale = 1000.0 }, or a list of these")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Spec, E> {
                Ok(Spec(vec![Take::column(name)]))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Spec, A::Error> {
                Take::deserialize(MapAccessDeserializer::new(map)).map(|take| Spec(vec![take]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Spec, A::Error> {
                let mut all = Vec::new();
                while let Some(Spec(takes)) = seq.next_element()? {
                    all.extend(takes);
                }
                Ok(Spec(all))
            }
        }
        deserializer.deserialize_any(Any)
    }
}
