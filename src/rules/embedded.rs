//! The files of the shipped rule set, inside the binary.

/// Name and text of every file of the shipped set.
pub const FILES: &[(&str, &str)] =
    &[("config/scoring.toml", include_str!("../../config/scoring.toml")), ("config/rules.toml", include_str!("../../config/rules.toml"))];
