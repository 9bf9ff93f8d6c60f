//! Help for those who write rules: JSON Schemas of the TOML files, definitions of what scripts may read, the vocabulary, a template.

mod build;
mod definitions;
mod mapping_schema;
mod rule_schemas;
mod settings_schemas;
mod template;
#[cfg(test)]
mod tests;
mod vocabulary;

use serde_json::Value;

use crate::scoring::Scoring;

pub use definitions::definitions;
pub use template::{NewRule, new_rule};
pub use vocabulary::{Entry, vocabulary};

/// Where the schemas stand beside the TOML files: a folder of the configuration.
pub const FOLDER: &str = "schema";

/// The schemas (JSON Schema, draft-07) by the name of their file without `.json`.
///
/// Names that a rule set declares itself (components, tasks, requirements) are those of `scoring` in the key completion of
/// `multiply` and the like; others are allowed, because the file that declares them may have changed since.
#[must_use]
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("scoring", rule_schemas::scoring()),
        ("rules", rule_schemas::rules()),
        ("suitor", settings_schemas::suitor()),
        ("aliases", settings_schemas::aliases()),
        ("mapping", mapping_schema::mapping()),
        ("scenario", settings_schemas::scenario()),
    ]
}

/// A schema as the text of its file.
#[must_use]
pub fn text(schema: &Value) -> String {
    let mut text = serde_json::to_string_pretty(schema).unwrap_or_default();
    text.push('\n');
    text
}

/// The components that scripts read in `weights`.
fn components(scoring: &Scoring) -> impl Iterator<Item = &str> {
    scoring.components.iter().map(|component| component.name.as_str())
}
