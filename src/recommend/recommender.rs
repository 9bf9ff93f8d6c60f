//! Answers requests: which hardware for this model and this task.

use super::answer::{Answer, Asked, SCHEMA_VERSION, Sensitivity};
use super::judge::{Judged, apply, judge, score, weights_for, winner};
use super::notes::{self, Context};
use super::request::{Match, Pin, Request};
use super::sensitivity::{probes, sensitivity};
use super::{aside, assemble, prior};
use crate::rules::records::RuleRequest;
use crate::rules::{Coverage, RuleSet};
use crate::scoring::plan::{Scope, WeightSet};
use crate::scoring::{Limit, Profile, weights};
use crate::store::{Db, Model, Version};
use crate::{Error, Result};

/// Ranks hardware for a model and a task, from the rows of a database, by a rule set.
///
/// The same rows and the same rule set give the same answer, byte for byte. What is asked again before the database is written to is
/// answered from memory.
///
/// ```
/// use suitor::{recommend::{HardwareRecommender, Request}, rules::RuleSet, store::Db};
/// # let folder = tempfile::tempdir().unwrap();
/// # let file = folder.path().join("rows.csv");
/// # std::fs::write(
/// #     &file,
/// #     "model,hardware,task,batch_size,throughput_items_per_second,latency_ms_mean\n\
/// #      resnet50,NVIDIA A100,inference,1,400,5\nresnet50,NVIDIA L4,inference,1,200,3\nresnet50,NVIDIA A100,training,32,90,\nresnet50,NVIDIA L4,training,32,30,\n",
/// # ).unwrap();
/// # let none = std::path::Path::new("no such folder");
/// # let (mappings, aliases) = (suitor::import::Mappings::load(none)?, suitor::import::Aliases::load(none)?);
///
/// let mut db = Db::open_in_memory()?;
/// db.create_schema()?;
/// // Four results of resnet50 are imported here: inference and training on an A100 and on an L4.
/// # suitor::import::import(&mut db, &[file], &mappings, &aliases, &Default::default(), &mut |_| ())?;
/// let rules = RuleSet::embedded()?;
/// let request = Request { model: "resnet50".into(), task: Some("inference".into()), ..Request::default() };
///
/// // The A100 has twice the throughput, the L4 the lower latency.
/// let answer = HardwareRecommender::new(&db, &rules).recommend_hardware(&request)?;
/// assert_eq!(answer.recommendations[0].hardware, "NVIDIA A100");
/// assert_eq!(answer.recommendations[1].components["throughput"], Some(0.5));
///
/// // Where latency matters most, the other one wins.
/// let sensitive = Request { requirements: vec!["latency-sensitive".into()], ..request };
/// let answer = HardwareRecommender::new(&db, &rules).recommend_hardware(&sensitive)?;
/// assert_eq!(answer.recommendations[0].hardware, "NVIDIA L4");
///
/// // The recommendations of a task, for every model, stored.
/// let stored = HardwareRecommender::update_task_recommendations(&mut db, &rules, "training")?;
/// let pairs = stored.pairs.read()?;
/// assert_eq!((pairs[0].hardware.as_str(), pairs[0].rank), ("NVIDIA A100", Some(1)));
/// drop(stored);
/// assert!(HardwareRecommender::update_task_recommendations(&mut db, &rules, "dancing").is_err());
/// # Ok::<(), suitor::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct HardwareRecommender<'a> {
    pub(crate) db: &'a Db,
    pub(crate) rules: &'a RuleSet,
    pub(crate) strict: bool,
    /// Rows that are scored at once, where many models are.
    pub(crate) at_once: i64,
}

/// Rows that are scored at once: what is made of them on the way takes some hundred MB, so that it stays within a small
/// `--memory-limit`, and the time for a catalogue grows with its rows.
const AT_ONCE: i64 = 1_000_000;

/// A request with every name resolved.
pub(crate) struct Resolved {
    pub model: String,
    pub task: String,
    pub scope: Scope,
    pub rule_request: RuleRequest,
    pub requirements: Vec<String>,
    pub weight_notes: Vec<String>,
    pub pinned_division: bool,
}

/// What stands beside the ranking: answers by other weights and arithmetic.
#[derive(Default)]
pub(super) struct Beside {
    /// The other profile and its winner, when it is another one.
    other: Option<(Profile, String)>,
    /// What one weight doubled or halved does; `None` where there is nothing to weigh.
    sensitivity: Option<Vec<Sensitivity>>,
}

impl<'a> HardwareRecommender<'a> {
    /// Answers from `db` by `rules`.
    #[must_use]
    pub fn new(db: &'a Db, rules: &'a RuleSet) -> Self {
        Self { db, rules, strict: false, at_once: AT_ONCE }
    }

    /// With `strict`, a rule that fails on a pair fails the request (exit code 1) instead of leaving that hardware unscored.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Scores a catalogue in parts of about so many rows, at least one model each; the scores are the same.
    #[must_use]
    pub fn at_once(mut self, rows: u32) -> Self {
        self.at_once = i64::from(rows.max(1));
        self
    }

    /// Ranks hardware for the request: one recommendation a piece of hardware, best first, at most `top_k`.
    ///
    /// An empty list is an answer too (nothing feasible, nothing measured and no prior): its notes say why.
    ///
    /// # Errors
    /// Unknown model, task, version, requirement, field or hardware: exit code 2, with the nearest names.
    pub fn recommend_hardware(&self, request: &Request) -> Result<Answer> {
        // Everything that an answer hangs on, beside the data.
        let key = format!("{request:?}; {} {:?} {:?} {}", self.rules.hash, self.rules.limits, self.rules.engine, self.strict);
        if let Some(answer) = self.db.recall(&key) {
            return Ok(answer);
        }
        let resolved = self.resolve(request)?;
        let (mut judged, beside) = self.judged(&resolved)?;
        judged.tell_why(self.rules, &resolved.rule_request, request.top_k.unwrap_or(usize::MAX));
        let answer = self.answer(request, &resolved, &judged, beside);
        self.db.remember(key, answer.clone());
        Ok(answer)
    }

    /// The branches of the rules that answering a request takes: every candidate counts, whether it is shown or not.
    ///
    /// # Errors
    /// Those of [`Self::recommend_hardware`].
    pub fn coverage(&self, request: &Request) -> Result<Coverage> {
        let resolved = self.resolve(request)?;
        let (judged, _) = self.judged(&resolved)?;
        let mut coverage = Coverage::of(self.rules);
        let asked = weights::asked(&self.rules.scoring, Some(&resolved.task), &resolved.rule_request.requirements)?;
        self.rules.cover_weigh(&asked, &resolved.rule_request, &mut coverage);
        for (scored, _) in &judged.pairs {
            self.rules.cover(&scored.pair, scored.suitability, &resolved.rule_request, &mut coverage);
        }
        Ok(coverage)
    }

    /// The model, the task and the weights that a request means.
    pub(crate) fn resolve(&self, request: &Request) -> Result<Resolved> {
        let model = self.db.model(&request.model)?;
        let task = self.task(&model.name, model.id, request.task.as_deref())?;
        let as_of = request.as_of.map_or_else(|| self.db.newest_day(), |day| Ok(Some(day)))?;
        let version = request.version.as_ref().map(|name| self.db.version(model.id, name)).transpose()?;
        self.db.known_hardware(&request.only)?;
        self.resolved(request, &model, task, version.as_ref(), as_of)
    }

    /// What a request means for a model and a task whose names are resolved; those of the request are not looked at.
    pub(super) fn resolved(
        &self,
        request: &Request,
        model: &Model,
        task: String,
        version: Option<&Version>,
        as_of: Option<i64>,
    ) -> Result<Resolved> {
        let scoring = &self.rules.scoring;
        let requirements = request.requirements.clone();
        let pinned =
            |field: &str| request.pins.iter().find(|pin| pin.field == field && pin.how == Match::Equal).map(|pin| pin.value.clone());
        let profile = request.profile.unwrap_or(scoring.profile);
        let rule_request = RuleRequest {
            model: model.name.clone(),
            task: Some(task.clone()),
            batch_size: pinned("batch_size").and_then(|value| value.parse().ok()),
            precision: pinned("precision"),
            version: version.map(|version| version.tag.clone()),
            latency_sensitive: requirements.iter().any(|name| name == "latency-sensitive"),
            memory_constrained: requirements.iter().any(|name| name == "memory-constrained"),
            requirements: requirements.clone(),
            profile: profile.name().to_owned(),
            as_of,
        };
        let (weights, weight_notes) = weights_for(self.rules, Some(&task), &rule_request)?;
        let mut limits: Vec<Limit> = request.limits.clone();
        for name in &requirements {
            limits.extend(scoring.requirements.get(name).map(|requirement| requirement.limits.clone()).unwrap_or_default());
        }
        let pinned_division = request.pins.iter().any(|pin| pin.field == "division" || pin.field == "suite");
        let scope = Scope {
            model_id: Some(model.id),
            among: None,
            task: Some(task.clone()),
            pins: request.pins.clone(),
            version: version.map(|version| self.db.rows_of(version)),
            only: request.only.clone(),
            max_devices: request.max_devices,
            per_device: request.per_device,
            choose_division: !pinned_division,
            limits,
            weights,
            profile,
        };
        Ok(Resolved { model: model.name.clone(), task, scope, rule_request, requirements, weight_notes, pinned_division })
    }

    fn task(&self, model: &str, model_id: i64, asked: Option<&str>) -> Result<String> {
        if let Some(task) = asked.filter(|task| self.rules.scoring.tasks.contains_key(*task)) {
            return Ok(task.to_owned());
        }
        let known = self.db.tasks_of(model_id)?;
        match asked {
            Some(task) => {
                let declared = self.rules.scoring.tasks.keys().map(String::as_str);
                let all: Vec<&str> = known.iter().map(String::as_str).chain(declared).collect();
                if all.contains(&task) { Ok(task.to_owned()) } else { Err(Error::unknown_listed("task", task, all)) }
            }
            None => match known.as_slice() {
                [one] => Ok(one.clone()),
                [] => Err(Error::input(format!("no benchmark row of `{model}` says a task")).help("name one with --task")),
                several => {
                    Err(Error::input(format!("`{model}` has rows of several tasks: {}", several.join(", "))).help("name one with --task"))
                }
            },
        }
    }

    /// Scores and judges; where nothing is measured, from priors. With what other weights would say.
    pub(super) fn judged(&self, resolved: &Resolved) -> Result<(Judged, Beside)> {
        let Resolved { scope, rule_request, .. } = resolved;
        let profile = match scope.profile {
            Profile::Documented => Profile::Ratio,
            Profile::Ratio => Profile::Documented,
        };
        // A `weigh` hook may ask for the profile.
        let request = RuleRequest { profile: profile.name().to_owned(), ..rule_request.clone() };
        let (weights, _) = weights_for(self.rules, Some(&resolved.task), &request)?;
        let together = scope.weights.iter().zip(&weights).all(|(own, other)| (*own > 0.0) == (*other > 0.0));
        let probes = probes(scope);
        let mut others = if together { vec![WeightSet { weights: weights.clone(), profile }] } else { Vec::new() };
        others.extend(probes.iter().map(|probe| probe.set.clone()));
        let mut scored = score(self.db, self.rules, scope, &others)?;
        let mut sets = std::mem::take(&mut scored.sets).into_iter();
        let own = sets.next().unwrap_or_default();
        let other = if together { sets.next() } else { None };
        let mut judged = scored.judge(self.db, self.rules, scope, rule_request, self.strict, own)?;
        if judged.overview.rows == 0 && judged.overview.failed == 0 && judged.set_aside.is_empty() && resolved.is_plain() {
            let estimated = prior::estimates(&self.db.model(&resolved.model)?, &self.db.hardware()?, &self.rules.scoring, scope);
            judged.pairs = apply(self.db, self.rules, estimated, rule_request, self.strict)?;
        }
        judged.without_result = self.db.without_result(&scored.plan.rows, &self.rules.scoring, scope, &judged.overview)?;
        judged.without_result.retain(|one| judged.pairs.iter().all(|(scored, _)| scored.hardware_id != one.hardware_id));
        let mut beside = Beside::default();
        let Some(first) = judged.winner().filter(|_| judged.overview.rows > 0) else { return Ok((judged, beside)) };
        if !probes.is_empty() {
            beside.sensitivity = Some(sensitivity(self.db, self.rules, &probes, sets, rule_request, self.strict, first)?);
        }
        let pairs = match other {
            Some(pairs) => apply(self.db, self.rules, pairs, &request, self.strict)?,
            None => judge(self.db, self.rules, &Scope { weights, profile, ..scope.clone() }, &request, self.strict)?.pairs,
        };
        beside.other = winner(&pairs).filter(|other| *other != first).map(|other| (profile, other.to_owned()));
        Ok((judged, beside))
    }

    fn answer(&self, request: &Request, resolved: &Resolved, judged: &Judged, beside: Beside) -> Answer {
        let scoring = &self.rules.scoring;
        let (notes, warnings) = notes::notes(&Context { db: self.db, rules: self.rules, request, resolved, judged, other: beside.other });
        let (excluded, not_scored) = aside::aside(scoring, &resolved.scope, &judged.pairs, &judged.set_aside, &judged.without_result);
        let mut recommendations = assemble::recommendations(scoring, &resolved.scope, judged);
        let ranked = recommendations.len();
        recommendations.truncate(request.top_k.unwrap_or(usize::MAX));
        Answer {
            schema_version: SCHEMA_VERSION,
            request: asked(request, resolved, judged),
            rule_set: self.rules.hash.clone(),
            data_fingerprint: judged.overview.fingerprint.clone(),
            recommendations,
            ranked,
            excluded,
            not_scored,
            sensitivity: beside.sensitivity,
            replayed: None,
            notes,
            warnings,
        }
    }
}

impl Resolved {
    /// Whether nothing but model and task was asked, so that a prior may stand in for missing rows.
    pub(super) fn is_plain(&self) -> bool {
        self.scope.pins.is_empty() && self.scope.version.is_none() && self.scope.limits.is_empty()
    }
}

impl Judged {
    /// Label of the first.
    pub(crate) fn winner(&self) -> Option<&str> {
        winner(&self.pairs)
    }
}

/// The question as it was understood.
pub(crate) fn asked(request: &Request, resolved: &Resolved, judged: &Judged) -> Asked {
    let mut pins = request.pins.clone();
    if !resolved.pinned_division && judged.overview.divisions.len() > 1 {
        let (division, suite, ..) = &judged.overview.divisions[0];
        for (field, value) in [("division", division), ("suite", suite)] {
            if let Some(value) = value {
                pins.push(Pin { field: field.to_owned(), how: Match::Equal, value: value.clone() });
            }
        }
    }
    Asked {
        model: resolved.model.clone(),
        task: resolved.task.clone(),
        pins,
        version: resolved.rule_request.version.clone(),
        requirements: resolved.requirements.clone(),
        limits: resolved.scope.limits.iter().map(ToString::to_string).collect(),
        only: request.only.clone(),
        max_devices: request.max_devices,
        per_device: request.per_device,
        top_k: request.top_k,
        profile: resolved.scope.profile.name().to_owned(),
        as_of: judged.as_of,
    }
}
