//! All integration tests, in one binary.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod schema_fixtures;
mod schema_rebuild;
mod schema_variants;
