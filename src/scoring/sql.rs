//! Values and names as SQL text.

/// A text literal; quotes doubled.
#[must_use]
pub(crate) fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// A DOUBLE literal. Written with an exponent, because a bare `1.5` would be a DECIMAL.
#[must_use]
pub(crate) fn number(value: f64) -> String {
    format!("{value:e}::DOUBLE")
}

/// A quoted name.
#[must_use]
pub(crate) fn name(value: &str) -> String {
    format!("\"{}\"", value.replace('"', "\"\""))
}

/// Joins lines with a comma and a line break.
#[must_use]
pub(crate) fn list<I: IntoIterator<Item = String>>(items: I) -> String {
    items.into_iter().collect::<Vec<_>>().join(",\n    ")
}
