//! The one integration binary.
#![expect(unreachable_pub, reason = "a test binary exports nothing: `pub` here means within the tests")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails there")]

mod bad_input;
mod binary;
mod check;
mod check_page;
mod commands;
mod compare;
mod compare_real;
mod compare_verdicts;
mod defects;
mod diff;
mod diff_sides;
mod documentation;
mod documents;
#[cfg(unix)]
mod full_disk;
mod fuzz;
mod gate;
mod import;
mod import_files;
mod landing;
mod lower;
mod lower_answers;
mod mended;
mod narrow;
#[cfg(unix)]
mod not_files;
mod oracle;
mod properties;
mod reach;
mod reach_properties;
mod recompute;
#[cfg(unix)]
mod rollback;
mod rule_text;
mod rules;
mod scale;
mod scenario_files;
mod scenario_record;
mod scenario_report;
#[cfg(unix)]
mod scenario_review;
mod scenario_test;
mod scenarios;
mod schema_fixtures;
mod schema_rebuild;
mod schema_variants;
mod segments;
mod stability;
mod statistics;
mod statistics_simulated;
mod structure;
mod support;
mod survey;
mod tables;
mod trend;
mod versions;
mod versions_faults;
mod versions_replay;
mod versions_snapshots;
mod watch;
mod watch_editors;
mod watch_pty;
mod watch_torture;
mod worked;
