//! What was recommended then: a snapshot's own rows and rule set, asked again.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::snapshot::Snapshot;
use crate::recommend::{HardwareRecommender, Request};
use crate::rules::RuleSet;
use crate::store::{Db, Model, Version};
use crate::{Error, Result};

/// Which snapshot is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// That of this revision.
    Revision(i64),
    /// The newest that was made up to this moment: UTC, as ISO 8601 to the second.
    Until(String),
}

impl std::str::FromStr for Moment {
    type Err = Error;

    /// A revision (`2`), a day (`2026-11-25`, all of it) or a moment (`2026-11-25T12:00:00Z`).
    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        if let Ok(revision) = text.parse::<i64>() {
            return Ok(Self::Revision(revision));
        }
        if let Ok(day) = text.parse::<Date>().map_err(|_| ()).and_then(|day| if text.len() == 10 { Ok(day) } else { Err(()) }) {
            return Ok(Self::Until(format!("{day}T23:59:59Z")));
        }
        let moment: Timestamp = text.parse().map_err(|_| {
            Error::input(format!("`{text}` is neither a revision nor a date"))
                .help("a revision such as 2, a day such as 2026-11-25, or a moment such as 2026-11-25T12:00:00Z")
        })?;
        Ok(Self::Until(moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()))
    }
}

/// Finds the snapshot of a model that is meant; without a version, among those of all its versions.
///
/// # Errors
/// There is none, or several versions have that revision: exit code 2, with what there is.
pub fn find(db: &Db, model: &Model, version: Option<&Version>, moment: &Moment) -> Result<Snapshot> {
    let of = |one: &Snapshot| version.is_none_or(|version| one.version_id == version.id);
    let all: Vec<Snapshot> = db.snapshots(model.id)?.into_iter().filter(of).collect();
    let whose = version.map_or_else(|| format!("model `{}`", model.name), |version| format!("version `{}`", version.tag));
    let Some(oldest) = all.last() else {
        return Err(Error::input(format!("{whose} has no snapshot")).help("`suitor create-snapshot` makes one"));
    };
    match moment {
        Moment::Revision(revision) => {
            let found: Vec<&Snapshot> = all.iter().filter(|one| one.revision == *revision).collect();
            match found.as_slice() {
                [one] => Ok((*one).clone()),
                [] => {
                    let known = all.iter().map(|one| one.revision).max().unwrap_or(0);
                    Err(Error::input(format!("{whose} has no revision {revision}")).help(format!("the newest revision is {known}")))
                }
                several => {
                    let tags = several.iter().map(|one| format!("`{}`", one.version)).collect::<Vec<_>>().join(", ");
                    Err(Error::input(format!("several versions of `{}` have a revision {revision}: {tags}", model.name))
                        .help("--version names one"))
                }
            }
        }
        Moment::Until(moment) => {
            let made = |one: &&Snapshot| one.created_at.as_ref().is_some_and(|at| at <= moment);
            all.iter().find(made).cloned().ok_or_else(|| {
                let first = oldest.created_at.clone().unwrap_or_default();
                Error::input(format!("{whose} has no snapshot from before {moment}")).help(format!("the oldest was made at {first}"))
            })
        }
    }
}

/// A snapshot opened for questions: its rows, and the rule set that was in force when it was made.
///
/// ```
/// use suitor::{ModelRegistryIntegration, recommend::Request, rules::RuleSet, store::Db, versions::{Replay, Takes, VersionControlSystem}};
/// # let folder = tempfile::tempdir().unwrap();
/// # let file = folder.path().join("rows.csv");
/// # std::fs::write(
/// #     &file,
/// #     "model,hardware,task,batch_size,throughput_items_per_second,latency_ms_mean\n\
/// #      resnet50,NVIDIA A100,inference,1,400,5\nresnet50,NVIDIA L4,inference,1,200,3\n",
/// # ).unwrap();
/// # let none = std::path::Path::new("no such folder");
/// # let (mappings, aliases) = (suitor::import::Mappings::load(none)?, suitor::import::Aliases::load(none)?);
///
/// let mut db = Db::open_in_memory()?;
/// // Two results of resnet50 are imported here, of an A100 and of an L4.
/// # suitor::import::import(&mut db, &[file], &mappings, &aliases, &Default::default(), &mut |_| ())?;
/// ModelRegistryIntegration::new(&mut db).link_test_results("resnet50", "v1.0", &[1, 2])?;
/// let rules = RuleSet::embedded()?;
/// VersionControlSystem::new(&mut db).create_compatibility_snapshot(&rules, "resnet50", "v1.0", Takes::Linked)?;
///
/// // Whatever becomes of results and rules: this is what was recommended then.
/// let request = Request { model: "resnet50".into(), task: Some("inference".into()), version: Some("v1.0".into()), ..Request::default() };
/// let replay = Replay::open(&db, &request, &"1".parse()?)?;
/// let answer = replay.recommender().recommend_hardware(&replay.request(&request))?;
/// assert_eq!(answer.recommendations[0].hardware, "NVIDIA A100");
/// assert_eq!(answer.rule_set, rules.hash);
/// # Ok::<(), suitor::Error>(())
/// ```
pub struct Replay {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// The rule set of then.
    pub rules: RuleSet,
    /// The database as a reader of the snapshot sees it.
    pub(crate) db: Db,
}

/// Which snapshot an answer is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// Tag of the version.
    pub version: String,
    /// Revision of the snapshot.
    pub revision: i64,
    /// When it was made, UTC, ISO 8601.
    pub created_at: Option<String>,
    /// Whether it holds all results of the model, and not only those linked to the version.
    pub all_results: bool,
}

impl Replay {
    /// Opens the snapshot that a question about the past means: of the request's model, and of its version where it names one.
    ///
    /// # Errors
    /// Unknown model or version, no such snapshot: exit code 2. A snapshot that is damaged: exit code 1.
    pub fn open(db: &Db, request: &Request, moment: &Moment) -> Result<Self> {
        let model = db.model(&request.model)?;
        let version = request.version.as_ref().map(|name| db.version(model.id, name)).transpose()?;
        let snapshot = find(db, &model, version.as_ref(), moment)?;
        db.whole_snapshot(&snapshot)?;
        Ok(Self { rules: db.snapshot_rules(&snapshot)?, db: db.over(&[snapshot.id])?, snapshot })
    }

    /// Answers from what the snapshot holds.
    #[must_use]
    pub fn recommender(&self) -> HardwareRecommender<'_> {
        HardwareRecommender::new(&self.db, &self.rules)
    }

    /// The request as it was understood then: of the version's rows, ages counted up to that day.
    #[must_use]
    pub fn request(&self, request: &Request) -> Request {
        let version = (!self.snapshot.all_results).then(|| self.snapshot.version.clone());
        Request { version, as_of: request.as_of.or(self.snapshot.as_of), ..request.clone() }
    }

    /// Says which snapshot it is.
    #[must_use]
    pub fn said(&self) -> Replayed {
        let Snapshot { version, revision, created_at, all_results, .. } = self.snapshot.clone();
        Replayed { version, revision, created_at, all_results }
    }

    /// What may be wrong with it: another engine may give the same scripts another meaning.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let (then, now) = (self.snapshot.engine_version.as_str(), RuleSet::engine_version());
        if then == now { Vec::new() } else { vec![format!("the snapshot was scored by {then}, and this is {now}: scores may differ")] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_revision_a_day_or_a_time() {
        assert_eq!("2".parse(), Ok(Moment::Revision(2)));
        assert_eq!("2026-11-25".parse(), Ok(Moment::Until("2026-11-25T23:59:59Z".into())));
        assert_eq!("2026-11-25T12:00:00+02:00".parse(), Ok(Moment::Until("2026-11-25T10:00:00Z".into())));
        let error = "yesterday".parse::<Moment>().unwrap_err();
        assert_eq!((error.exit_code(), error.message.as_str()), (2, "`yesterday` is neither a revision nor a date"));
    }
}
