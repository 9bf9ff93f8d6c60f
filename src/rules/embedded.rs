//! The files of the shipped rule set, inside the binary.

/// Name and text of every file of the shipped set.
pub const FILES: &[(&str, &str)] = &[
    ("config/scoring.toml", include_str!("../../config/scoring.toml")),
    ("config/rules.toml", include_str!("../../config/rules.toml")),
    ("rules/failed_runs.rhai", include_str!("../../rules/failed_runs.rhai")),
    ("rules/memory_fit.rhai", include_str!("../../rules/memory_fit.rhai")),
    ("rules/precision_support.rhai", include_str!("../../rules/precision_support.rhai")),
    ("rules/scatter.rhai", include_str!("../../rules/scatter.rhai")),
    ("rules/stale.rhai", include_str!("../../rules/stale.rhai")),
    ("rules/web_mobile_limits.rhai", include_str!("../../rules/web_mobile_limits.rhai")),
];
