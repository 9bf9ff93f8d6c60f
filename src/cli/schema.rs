//! `suitor schema`.

use std::io::Write;

use super::output::{Outcome, unwritten};
use crate::Result;

/// Print the JSON Schema (draft-07) of what a command prints with --format json
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct Args {
    /// The command
    #[arg(value_enum)]
    command: Document,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Document {
    Recommend,
    Import,
    CalculateScores,
    Check,
    Test,
    TestRecord,
    Diff,
    /// Of one line of `watch`
    Watch,
    RulesHistory,
    RulesRollback,
    Stability,
    AddVersion,
    AliasVersion,
    LinkTests,
    UnlinkTests,
    VersionHistory,
    CreateSnapshot,
    CompareVersions,
    /// Of `compare-versions --models all`
    CompareVersionsAll,
    Gate,
    Trend,
}

pub(super) fn run(args: Args, out: &mut dyn Write) -> Result<Outcome> {
    let text = match args.command {
        Document::Recommend => include_str!("schema/recommend.json"),
        Document::Import => include_str!("schema/import.json"),
        Document::Check => include_str!("schema/check.json"),
        Document::Stability => include_str!("schema/stability.json"),
        Document::CalculateScores => include_str!("schema/calculate-scores.json"),
        Document::Test => include_str!("schema/test.json"),
        Document::TestRecord => include_str!("schema/test-record.json"),
        Document::Diff => include_str!("schema/diff.json"),
        Document::Watch => include_str!("schema/watch.json"),
        Document::RulesHistory => include_str!("schema/rules-history.json"),
        Document::RulesRollback => include_str!("schema/rules-rollback.json"),
        Document::AddVersion => include_str!("schema/add-version.json"),
        Document::AliasVersion => include_str!("schema/alias-version.json"),
        Document::LinkTests => include_str!("schema/link-tests.json"),
        Document::UnlinkTests => include_str!("schema/unlink-tests.json"),
        Document::VersionHistory => include_str!("schema/version-history.json"),
        Document::CreateSnapshot => include_str!("schema/create-snapshot.json"),
        Document::CompareVersions => include_str!("schema/compare-versions.json"),
        Document::CompareVersionsAll => include_str!("schema/compare-versions-all.json"),
        Document::Gate => include_str!("schema/gate.json"),
        Document::Trend => include_str!("schema/trend.json"),
    };
    out.write_all(text.as_bytes()).map_err(|error| unwritten(&error))?;
    Ok(Outcome::Done)
}
