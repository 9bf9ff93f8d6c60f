//! Making snapshots.

use serde::Serialize;

use super::snapshot::Snapshot;
use crate::recommend::HardwareRecommender;
use crate::rules::RuleSet;
use crate::store::{Db, NewSnapshot, StoredScore};
use crate::{Error, Result};

/// Which results a snapshot takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Takes {
    /// Those linked to its version.
    #[default]
    Linked,
    /// All of the model.
    All,
}

/// What making a snapshot did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Made {
    /// Whether it is new; else the newest one was made of the same already.
    pub created: bool,
    /// The snapshot.
    pub snapshot: Snapshot,
    /// What it stored of each hardware, by rank.
    #[serde(skip)]
    pub scores: Vec<StoredScore>,
    /// What a reader must know.
    pub notes: Vec<String>,
}

/// Makes a snapshot of a version, named by its tag or a name given to it. `now`: microseconds since 1970, UTC.
///
/// # Errors
/// Unknown model or version, no result to take: exit code 2.
pub(super) fn create(db: &mut Db, rules: &RuleSet, model: &str, version: &str, takes: Takes, now: i64) -> Result<Made> {
    let model = db.model(model)?;
    let version = db.version(model.id, version)?;
    let inputs = db.snapshot_inputs(model.id, &version, takes == Takes::All)?;
    if inputs.results == 0 {
        return Err(match takes {
            Takes::Linked => Error::input(format!("no result is linked to version `{}` of `{}`", version.tag, model.name))
                .help("`suitor link-tests` links results to a version; --all-results takes all results of the model"),
            Takes::All => Error::input(format!("`{}` has no result", model.name)).help("`suitor import FILE` brings benchmark rows in"),
        });
    }
    let own = (takes == Takes::Linked).then(|| (version.tag.as_str(), db.rows_of(&version)));
    let scored = HardwareRecommender::new(db, rules).version_scores(&model, own, inputs.as_of)?;
    let new = NewSnapshot { inputs: &inputs, rules, scores: &scored.scores, points: &scored.points, fingerprint: &scored.fingerprint };
    let (revision, created) = db.store_snapshot(&new, now)?;
    let snapshot = db.snapshots(model.id)?.into_iter().find(|one| one.version_id == version.id && one.revision == revision);
    let snapshot = snapshot.ok_or_else(|| Error::failed(format!("revision {revision} of version `{}` is not there", version.tag)))?;
    let scores = db.snapshot_scores(&snapshot)?;
    Ok(Made { created, snapshot, scores, notes: scored.notes })
}
