//! Which snapshots are compared.

use super::answer::{Comparison, Sweep, Totals};
use super::run::Prepared;
use crate::recommend::answer::SCHEMA_VERSION;
use crate::statistics::decide;
use crate::store::{Db, Model};
use crate::versions::snapshot::Snapshot;
use crate::{Error, Result};

/// The versions to compare.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Tags or names of the versions, before and after.
    pub versions: [String; 2],
    /// Revisions of their snapshots; `None` is the newest.
    pub revisions: [Option<i64>; 2],
    /// A change of fewer per cent does not count, however sure it is: it is shown, and is no regression.
    pub min_change: f64,
}

/// Compares two versions of a model by their snapshots.
///
/// # Errors
/// Unknown model or version, a version without a snapshot or without that revision: exit code 2. No snapshot is made.
pub fn compare(db: &Db, model: &str, wanted: &Wanted) -> Result<Comparison> {
    let model = db.model(model)?;
    let snapshots = [snapshot(db, &model, wanted, 0)?, snapshot(db, &model, wanted, 1)?];
    let prepared = [Prepared::new(db, model, snapshots, wanted.min_change)?];
    let (mut comparisons, _) = decided(&prepared);
    comparisons.pop().ok_or_else(|| Error::failed("nothing was compared"))
}

/// Compares two versions of every model that has snapshots of both; one correction over all tests of all models.
///
/// # Errors
/// No model has snapshots of both (exit code 2). `progress` is told how many models of how many are done.
pub fn sweep(db: &Db, wanted: &Wanted, progress: &mut dyn FnMut(usize, usize)) -> Result<Sweep> {
    let mut pairs = Vec::new();
    let mut without = Vec::new();
    for model in db.models()? {
        match (snapshot(db, &model, wanted, 0), snapshot(db, &model, wanted, 1)) {
            (Ok(before), Ok(after)) => pairs.push((model, [before, after])),
            (Err(_), Err(_)) => {}
            (Err(_), Ok(_)) | (Ok(_), Err(_)) => without.push(model.name),
        }
    }
    if pairs.is_empty() {
        let [one, two] = &wanted.versions;
        return Err(Error::input(format!("no model has snapshots of both `{one}` and `{two}`"))
            .help("`suitor create-snapshot --model M --version V` makes one"));
    }
    let of = pairs.len();
    let mut prepared = Vec::with_capacity(of);
    for (done, (model, snapshots)) in pairs.into_iter().enumerate() {
        prepared.push(Prepared::new(db, model, snapshots, wanted.min_change)?);
        progress(done + 1, of);
    }
    let (models, family_size) = decided(&prepared);
    let mut totals = Totals::default();
    for one in models.iter().map(|one| one.totals) {
        totals.compared += one.compared;
        totals.changed += one.changed;
        totals.added += one.added;
        totals.removed += one.removed;
        totals.significant += one.significant;
        totals.regressions += one.regressions;
    }
    let mut notes = Vec::new();
    if !without.is_empty() {
        let names = crate::error::listed(without.iter().map(String::as_str), 5).unwrap_or_default();
        notes.push(format!("not compared, because one of the two has no snapshot: {names}"));
    }
    let warnings = models.first().map(|one| one.warnings.clone()).unwrap_or_default();
    Ok(Sweep { schema_version: SCHEMA_VERSION, models, family_size, totals, notes, warnings })
}

/// Decides over all tests together.
fn decided(prepared: &[Prepared]) -> (Vec<Comparison>, usize) {
    let family: Vec<_> = prepared.iter().flat_map(Prepared::hypotheses).collect();
    let decisions = decide(&family);
    let size = decisions.iter().flatten().count();
    let mut decisions = decisions.into_iter();
    (prepared.iter().map(|one| one.finish(&mut decisions, size)).collect(), size)
}

/// The snapshot of one side.
fn snapshot(db: &Db, model: &Model, wanted: &Wanted, side: usize) -> Result<Snapshot> {
    let version = db.version(model.id, &wanted.versions[side])?;
    let of_version: Vec<Snapshot> = db.snapshots(model.id)?.into_iter().filter(|one| one.version_id == version.id).collect();
    let newest = of_version.iter().map(|one| one.revision).max();
    let Some(newest) = newest else {
        return Err(Error::input(format!("version `{}` of `{}` has no snapshot", version.tag, model.name)).help(format!(
            "`suitor create-snapshot --model {} --version {}` makes one; a comparison makes none by itself",
            model.name, version.tag
        )));
    };
    let revision = wanted.revisions[side].unwrap_or(newest);
    of_version.into_iter().find(|one| one.revision == revision).ok_or_else(|| {
        Error::input(format!("version `{}` of `{}` has no revision {revision}", version.tag, model.name))
            .help(format!("the newest revision is {newest}"))
    })
}
