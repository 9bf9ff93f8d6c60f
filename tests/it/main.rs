//! All integration tests, in one binary.

mod schema_fixtures;
mod schema_rebuild;
mod schema_variants;
