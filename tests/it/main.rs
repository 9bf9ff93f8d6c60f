//! The one integration binary.
#![expect(unreachable_pub, reason = "a test binary exports nothing: `pub` here means within the tests")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails there")]

mod bad_input;
mod binary;
mod commands;
mod defects;
mod documentation;
mod documents;
mod import;
mod landing;
mod oracle;
mod properties;
mod recompute;
mod rules;
mod scenarios;
mod schema_fixtures;
mod schema_rebuild;
mod schema_variants;
mod stability;
mod structure;
mod support;
mod tables;
mod worked;
