//! Suitor's own tables: what they look like, for making them and for telling them from other software's.

use super::catalog::{Catalog, Table, quote};
use super::layout::{Found, Layout};
use super::relation::extra_fields;

/// One of the four extension tables. Its first columns are fixed by the design; further ones come after them.
pub(super) struct Extension {
    /// Its name.
    pub(super) name: &'static str,
    /// The sequence of its ids.
    pub(super) sequence: &'static str,
    /// Columns after `id` with their types; `{model}`, `{hardware}` and `{version}` are references.
    pub(super) columns: &'static [(&'static str, &'static str)],
    /// The natural key.
    pub(super) key: &'static [&'static str],
}

/// The four, parents before children.
pub(super) const EXTENSIONS: [Extension; 4] = [
    Extension {
        name: "model_registry_versions",
        sequence: "suitor_version_seq",
        columns: &[
            ("model_id", "{model}"),
            ("version_tag", "VARCHAR NOT NULL"),
            ("version_hash", "VARCHAR"),
            ("created_at", "TIMESTAMP"),
            ("metadata", "JSON"),
        ],
        key: &["model_id", "version_tag"],
    },
    Extension {
        name: "hardware_model_compatibility",
        sequence: "suitor_compatibility_seq",
        columns: &[
            ("model_id", "{model}"),
            ("hardware_id", "{hardware}"),
            ("compatibility_score", "DOUBLE"),
            ("suitability_score", "DOUBLE"),
            ("recommended_batch_size", "BIGINT"),
            ("recommended_precision", "VARCHAR"),
            ("memory_requirement", "DOUBLE"),
            ("created_at", "TIMESTAMP"),
            ("last_updated", "TIMESTAMP"),
            ("notes", "VARCHAR"),
            ("final_score", "DOUBLE"),
            ("confidence", "DOUBLE"),
            ("results", "BIGINT"),
            ("components", "JSON"),
            ("provenance", "VARCHAR"),
            ("rule_set", "VARCHAR"),
            ("engine_version", "VARCHAR"),
            ("data_fingerprint", "VARCHAR"),
        ],
        key: &["model_id", "hardware_id"],
    },
    Extension {
        name: "task_recommendations",
        sequence: "suitor_recommendation_seq",
        columns: &[
            ("task_type", "VARCHAR NOT NULL"),
            ("model_id", "{model}"),
            ("hardware_id", "{hardware}"),
            ("suitability_score", "DOUBLE"),
            ("created_at", "TIMESTAMP"),
            ("last_updated", "TIMESTAMP"),
            ("final_score", "DOUBLE"),
            ("rank", "BIGINT"),
            ("confidence", "DOUBLE"),
            ("results", "BIGINT"),
            ("provenance", "VARCHAR"),
            ("rule_set", "VARCHAR"),
            ("engine_version", "VARCHAR"),
            ("data_fingerprint", "VARCHAR"),
        ],
        key: &["task_type", "model_id", "hardware_id"],
    },
    Extension {
        name: "hardware_compatibility_snapshots",
        sequence: "suitor_snapshot_seq",
        columns: &[
            ("model_id", "{model}"),
            ("version_id", "{version}"),
            ("hardware_id", "{hardware}"),
            ("compatibility_score", "DOUBLE"),
            ("suitability_score", "DOUBLE"),
            ("recommended_batch_size", "BIGINT"),
            ("recommended_precision", "VARCHAR"),
            ("memory_requirement", "DOUBLE"),
            ("created_at", "TIMESTAMP"),
            ("revision", "BIGINT NOT NULL DEFAULT 1"),
            ("final_score", "DOUBLE"),
            ("rank", "BIGINT"),
            ("confidence", "DOUBLE"),
            ("results", "BIGINT"),
            ("components", "JSON"),
            ("provenance", "VARCHAR"),
            ("notes", "VARCHAR"),
            ("rule_set", "VARCHAR"),
            ("engine_version", "VARCHAR"),
            ("data_fingerprint", "VARCHAR"),
        ],
        key: &["version_id", "hardware_id", "revision"],
    },
];

/// Types of the columns that refer to other tables, with the references where the other table has a key.
pub(super) struct References {
    model: String,
    hardware: String,
    version: String,
}

impl References {
    /// Those that the tables allow: a foreign key must have the very type of what it refers to.
    pub(super) fn of(layout: &Layout, catalog: &Catalog) -> Self {
        let base = |found: Option<&Found>, field: &str| {
            let Some(found) = found else { return "BIGINT NOT NULL".to_owned() };
            match found.column(field) {
                Some(column) if found.is_keyed(field) => {
                    format!("{} NOT NULL REFERENCES {} ({})", column.kind, found.name(), quote(&column.name))
                }
                _ => "BIGINT NOT NULL".to_owned(),
            }
        };
        let versions = catalog.get("model_registry_versions");
        let version = match versions.and_then(|table| table.column("id").map(|column| (table, column))) {
            Some((table, column)) if !table.is_key(&["id"]) => format!("{} NOT NULL", column.kind),
            Some((_, column)) => format!("{} NOT NULL REFERENCES model_registry_versions (id)", column.kind),
            None => "BIGINT NOT NULL REFERENCES model_registry_versions (id)".to_owned(),
        };
        Self { model: base(layout.models.as_ref(), "model_id"), hardware: base(layout.hardware.as_ref(), "hardware_id"), version }
    }

    fn fill(&self, kind: &str) -> String {
        kind.replace("{model}", &self.model).replace("{hardware}", &self.hardware).replace("{version}", &self.version)
    }
}

impl Extension {
    /// The statement that makes it.
    pub(super) fn create(&self, references: &References) -> String {
        let columns: Vec<String> = self.columns.iter().map(|(name, kind)| format!(",\n  {name} {}", references.fill(kind))).collect();
        let columns = columns.concat();
        format!(
            "CREATE SEQUENCE IF NOT EXISTS {seq};\nCREATE TABLE IF NOT EXISTS {} (\n  id BIGINT PRIMARY KEY DEFAULT nextval('{seq}'){columns},\n  UNIQUE ({})\n);\n",
            self.name,
            self.key.join(", "),
            seq = self.sequence
        )
    }

    /// The type that values of a column have, without its constraints; `None` for a reference.
    pub(super) fn plain(kind: &str) -> Option<&str> {
        if kind.starts_with('{') { None } else { kind.split(' ').next() }
    }

    /// Whether the table is as Suitor makes it.
    pub(super) fn is_ours(&self, table: &Table) -> bool {
        let as_made = self.columns.iter().zip(table.columns.iter().skip(1)).all(|((name, kind), column)| {
            column.name == *name && Self::plain(kind).map_or_else(|| column.is_integer(), |kind| column.kind == kind)
        });
        self.is_complete(table) && as_made && table.is_key(self.key)
    }

    /// The columns that a table made by an older Suitor lacks: it has the others, in their order, and ends with them. `None` for any
    /// other table.
    pub(super) fn of_old(&self, table: &Table) -> Option<&'static [(&'static str, &'static str)]> {
        let has = table.columns.len().checked_sub(1).filter(|has| (1..self.columns.len()).contains(has))?;
        let old = Self { columns: &self.columns[..has], ..*self };
        // A column that may not be null cannot be added to rows that are there.
        let added = &self.columns[has..];
        (old.is_ours(table) && added.iter().all(|(_, kind)| Self::plain(kind) == Some(kind))).then_some(added)
    }

    /// Whether Suitor can work with the table: its columns are there, ids come from the sequence.
    pub(super) fn is_complete(&self, table: &Table) -> bool {
        table.column("id").is_some_and(super::catalog::TableColumn::has_sequence)
            && self.columns.iter().all(|(name, _)| table.column(name).is_some())
    }
}

/// The tables that come with the extensions.
pub(super) fn further(references: &References) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS suitor_schema (version INTEGER NOT NULL, applied_at TIMESTAMP);
-- Which results belong to which model versions: many to many.
CREATE TABLE IF NOT EXISTS model_version_results (
  version_id {},
  result_id BIGINT NOT NULL,
  PRIMARY KEY (version_id, result_id)
);
CREATE SEQUENCE IF NOT EXISTS suitor_import_seq;
CREATE TABLE IF NOT EXISTS suitor_imports (
  import_id BIGINT PRIMARY KEY DEFAULT nextval('suitor_import_seq'),
  file VARCHAR NOT NULL,
  format VARCHAR NOT NULL,
  sha256 VARCHAR,
  rows_read BIGINT,
  rows_added BIGINT,
  rows_duplicate BIGINT,
  rows_refused BIGINT,
  created_at TIMESTAMP
);
",
        references.version
    )
}

/// The side tables: what a benchmark table has no column for.
pub(super) fn side_tables() -> String {
    let columns: Vec<String> = extra_fields().map(|field| format!(",\n  {} {}", field.name, field.kind.sql())).collect();
    let columns = columns.concat();
    format!(
        "CREATE TABLE IF NOT EXISTS suitor_model_extra (model_id BIGINT PRIMARY KEY, model_family VARCHAR, parameters_million DOUBLE);
CREATE TABLE IF NOT EXISTS suitor_hardware_extra (
  hardware_id BIGINT PRIMARY KEY, device_name VARCHAR, device_count BIGINT, hardware_type VARCHAR, device_memory_mb DOUBLE);
CREATE TABLE IF NOT EXISTS suitor_result_extra (\n  result_id BIGINT NOT NULL,\n  import_id BIGINT{columns}\n);
"
    )
}

/// Names of the tables of snapshots and aliases.
pub(super) const SNAPSHOT_TABLES: [&str; 5] =
    ["suitor_snapshot", "suitor_snapshot_row", "suitor_snapshot_point", "suitor_rule_file", "suitor_version_alias"];

/// What snapshots keep beside the scores of `hardware_compatibility_snapshots`, and the names that move from version to version.
pub(super) fn snapshot_tables() -> String {
    let columns: Vec<String> = crate::fields::FIELDS.iter().map(|field| format!(",\n  {} {}", field.name, field.kind.sql())).collect();
    let columns = columns.concat();
    format!(
        "CREATE SEQUENCE IF NOT EXISTS suitor_revision_seq;
-- One row a snapshot: what it was made of.
CREATE TABLE IF NOT EXISTS suitor_snapshot (
  snapshot_id BIGINT PRIMARY KEY DEFAULT nextval('suitor_revision_seq'),
  model_id BIGINT NOT NULL,
  version_id BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  created_at TIMESTAMP,
  all_results BOOLEAN NOT NULL,
  result_count BIGINT NOT NULL,
  point_count BIGINT NOT NULL,
  hardware_count BIGINT NOT NULL,
  as_of BIGINT,
  inputs VARCHAR NOT NULL,
  data_fingerprint VARCHAR NOT NULL,
  rule_set VARCHAR NOT NULL,
  engine_version VARCHAR NOT NULL,
  limits JSON NOT NULL,
  UNIQUE (version_id, revision)
);
-- The results as they were read: what a replay scores, whatever it asks.
CREATE TABLE IF NOT EXISTS suitor_snapshot_row (\n  snapshot_id BIGINT NOT NULL,\n  row_id BIGINT,\n  model_id BIGINT,\n  hardware_id BIGINT{columns}\n);
-- The operating points that they made under the rule set: metrics with number, mean and spread, also of their logarithms.
CREATE TABLE IF NOT EXISTS suitor_snapshot_point (
  snapshot_id BIGINT NOT NULL,
  point_id BIGINT NOT NULL,
  hardware_id BIGINT NOT NULL,
  hardware VARCHAR,
  cell JSON,
  batch_size BIGINT,
  precision VARCHAR,
  framework VARCHAR,
  item_unit VARCHAR,
  provenance VARCHAR,
  results BIGINT,
  metrics JSON
);
-- The files of the rule sets, each set once.
CREATE TABLE IF NOT EXISTS suitor_rule_file (
  rule_set VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  text VARCHAR NOT NULL,
  PRIMARY KEY (rule_set, name)
);
CREATE TABLE IF NOT EXISTS suitor_version_alias (
  model_id BIGINT NOT NULL,
  alias VARCHAR NOT NULL,
  version_id BIGINT NOT NULL,
  moved_at TIMESTAMP,
  PRIMARY KEY (model_id, alias)
);
"
    )
}
