//! Ranks many models at once: one plan for all that are asked alike, instead of one each. The lists are those that
//! [`super::HardwareRecommender`] gives one by one, to the last bit of a score.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::answer::{Excluded, NotScored};
use super::assemble::{interval, tie_groups};
use super::judge::{in_order, whole_peaks};
use super::recommender::Resolved;
use super::request::Request;
use super::{HardwareRecommender, aside, prior};
use crate::rules::RuleSet;
use crate::rules::records::{Pair, Verdict};

use crate::scoring::plan::{self, Purpose, Scope, WeightSet};
use crate::scoring::result::{Overview, ScoredPair, SetAside};
use crate::store::{Db, Hardware, Model, Version};
use crate::{Error, Result};

/// Many questions that differ in model and task only, over the rows of one database.
///
/// What was scored is kept: asking again by rules that score alike reads nothing from the rows.
pub struct Survey<'a> {
    db: &'a Db,
    terms: Request,
    asks: Vec<Ask>,
    as_of: Option<i64>,
    hardware: Vec<Hardware>,
    scored: RefCell<HashMap<String, Rc<Scored>>>,
}

/// One of the questions.
#[derive(Clone, Debug, PartialEq)]
struct Ask {
    model: Model,
    task: String,
    version: Option<Version>,
}

/// The list that answers one question, without its derivation.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// Name of the model.
    pub model: String,
    /// The task.
    pub task: String,
    /// Best first.
    pub ranked: Vec<Ranked>,
    /// What rules and limits took out, by label.
    pub excluded: Vec<Excluded>,
    /// What could not be scored, by label; hardware without any result is left out.
    pub not_scored: Vec<NotScored>,
}

/// One ranked piece of hardware.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// Label.
    pub hardware: String,
    /// Suitability after the rules, in [0, 1].
    pub score: f64,
    /// Hardware with the same number cannot be told apart by their noise.
    pub tie_group: usize,
}

/// Answers of one rule set.
#[derive(Clone, Debug)]
pub struct Answers {
    /// One a question, in the order asked for.
    pub rankings: Vec<Ranking>,
    /// Order-free sum of the content hashes of the rows used, hex.
    pub data_fingerprint: String,
}

/// What one plan gave.
struct Scored {
    pairs: Vec<ScoredPair>,
    set_aside: Vec<SetAside>,
    print: (u64, u64),
}

/// What rules made of one question.
#[derive(Default)]
struct Part {
    pairs: Vec<(ScoredPair, Verdict)>,
    set_aside: Vec<SetAside>,
}

impl<'a> Survey<'a> {
    /// Makes the questions: `models` x `tasks`; where either is empty, the pairs of it that have rows. `terms` says everything else
    /// (its model, task and top_k are not looked at). By task, then model.
    ///
    /// # Errors
    /// Unknown model, version or hardware to narrow to; a task that neither a row has nor `declared` (those of
    /// scoring.toml) names (exit code 2, with the nearest names); no row at all.
    pub fn new(db: &'a Db, terms: Request, models: &[String], tasks: &[String], declared: &[&str]) -> Result<Self> {
        let known = db.models_with_tasks()?;
        let named = models.iter().map(|name| db.model(name)).collect::<Result<Vec<Model>>>()?;
        for task in tasks {
            let all = || known.iter().map(|(_, task)| task.as_str()).chain(declared.iter().copied());
            if !all().any(|known| known == task) {
                return Err(Error::unknown_listed("task", task, all()));
            }
        }
        if terms.version.is_some() && models.is_empty() {
            return Err(Error::input("`--version` needs `--model`: a version is one of a model"));
        }
        db.known_hardware(&terms.only)?;
        let all = if models.is_empty() { db.models()? } else { named };
        let by_id: BTreeMap<i64, &Model> = all.iter().map(|model| (model.id, model)).collect();
        let mut pairs: Vec<(String, &Model)> = if models.is_empty() || tasks.is_empty() {
            let wanted = |task: &String| tasks.is_empty() || tasks.contains(task);
            known.iter().filter(|(_, task)| wanted(task)).filter_map(|(id, task)| Some((task.clone(), *by_id.get(id)?))).collect()
        } else {
            tasks.iter().flat_map(|task| by_id.values().map(|model| (task.clone(), *model))).collect()
        };
        pairs.sort_by(|a, b| (&a.0, &a.1.name, a.1.id).cmp(&(&b.0, &b.1.name, b.1.id)));
        pairs.dedup();
        if pairs.is_empty() {
            return Err(Error::input("no benchmark row to rank by").help("`suitor import FILE` brings benchmark rows in"));
        }
        let version = |model: &Model| terms.version.as_ref().map(|name| db.version(model.id, name)).transpose();
        let asks = pairs
            .into_iter()
            .map(|(task, model)| Ok(Ask { model: model.clone(), task, version: version(model)? }))
            .collect::<Result<Vec<Ask>>>()?;
        let as_of = terms.as_of.map_or_else(|| db.newest_day(), |day| Ok(Some(day)))?;
        Ok(Self { db, terms, asks, as_of, hardware: db.hardware()?, scored: RefCell::default() })
    }

    /// How many questions there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.asks.len()
    }

    /// Answers the questions with these numbers by a rule set.
    ///
    /// # Errors
    /// An unknown requirement (exit code 2); weights that a rule made useless, a limit of the sandbox, and with `strict` any failure
    /// of a rule (exit code 1).
    pub fn answer(&self, rules: &RuleSet, which: &[usize], strict: bool) -> Result<Answers> {
        let recommender = HardwareRecommender::new(self.db, rules).strict(strict);
        let mut resolved = Vec::with_capacity(which.len());
        for at in which {
            let ask = &self.asks[*at];
            resolved.push(recommender.resolved(&self.terms, &ask.model, ask.task.clone(), ask.version.as_ref(), self.as_of)?);
        }
        let (mut rankings, mut print) = (vec![None; which.len()], (0_u64, 0_u64));
        for members in alike(&resolved) {
            let scored = self.score(rules, &resolved, &members)?;
            print = (print.0.wrapping_add(scored.print.0), print.1.wrapping_add(scored.print.1));
            let parts = self.judge(rules, &resolved, &members, &scored, strict)?;
            for (at, part) in members.iter().zip(parts) {
                rankings[*at] = Some(ranking(rules, &resolved[*at], &part));
            }
        }
        let rankings = rankings.into_iter().flatten().collect();
        Ok(Answers { rankings, data_fingerprint: format!("{:016x}{:016x}", print.0, print.1) })
    }

    /// Hardware of one question that has rows but no result under a rule set: label and reason. A query of its own.
    ///
    /// # Errors
    /// Those of [`Self::answer`].
    pub fn without_result(&self, rules: &RuleSet, at: usize) -> Result<Vec<NotScored>> {
        let ask = &self.asks[at];
        let recommender = HardwareRecommender::new(self.db, rules);
        let resolved = recommender.resolved(&self.terms, &ask.model, ask.task.clone(), ask.version.as_ref(), self.as_of)?;
        let rows = self.rows(rules, &resolved.scope)?;
        let mut overview = Overview::default();
        if plan::chooses_division(&rules.scoring, &resolved.scope) {
            overview.divisions = self.db.divisions(&format!("({})", plan::divisions(&rows)))?;
        }
        let without = self.db.without_result(&rows, &rules.scoring, &resolved.scope, &overview)?;
        Ok(aside::aside(&rules.scoring, &resolved.scope, [], [], &without).1)
    }

    /// The rows that a scope picks, as SQL.
    fn rows(&self, rules: &RuleSet, scope: &Scope) -> Result<String> {
        plan::rows(&self.db.row_relation_of(&plan::columns(&rules.scoring, scope))?, &rules.scoring, scope)
    }

    /// Scores questions that are asked alike, or takes what the same plan gave before by the same weights.
    fn score(&self, rules: &RuleSet, resolved: &[Resolved], members: &[usize]) -> Result<Rc<Scored>> {
        let (scoring, scope) = (&rules.scoring, &resolved[members[0]].scope);
        let relation = self.db.row_relation_of(&plan::columns(scoring, scope))?;
        let (relation, scope) = match (members, scope.version) {
            ([_], _) | (_, Some(_)) => (relation, scope.clone()),
            _ => {
                let ids: Vec<String> = members.iter().filter_map(|at| resolved[*at].scope.model_id).map(|id| id.to_string()).collect();
                let relation = format!("SELECT * FROM (\n{relation}\n) AS every WHERE model_id IN ({})", ids.join(", "));
                (relation, Scope { model_id: None, ..scope.clone() })
            }
        };
        let plan = plan::plan(&relation, scoring, &scope, Purpose::default())?;
        let set = WeightSet { weights: scope.weights.clone(), profile: scope.profile };
        let key = format!("{}\n{}", plan.stages(), plan.weighing(std::slice::from_ref(&set)));
        if let Some(known) = self.scored.borrow().get(&key) {
            return Ok(Rc::clone(known));
        }
        let print = self.db.run_plan(&plan)?.print;
        let mut pairs = self.db.weigh_bare(&plan, scoring, std::slice::from_ref(&set))?.pop().unwrap_or_default();
        whole_peaks(&mut pairs, &scope);
        let scored = Rc::new(Scored { pairs, set_aside: self.db.set_aside(&scope)?, print });
        self.scored.borrow_mut().insert(key, Rc::clone(&scored));
        Ok(scored)
    }

    /// Applies the rules to what was scored, and puts it in order; where nothing is measured, priors stand in.
    fn judge(&self, rules: &RuleSet, resolved: &[Resolved], members: &[usize], scored: &Scored, strict: bool) -> Result<Vec<Part>> {
        let place: BTreeMap<i64, usize> =
            members.iter().enumerate().filter_map(|(place, at)| Some((resolved[*at].scope.model_id?, place))).collect();
        let mut parts: Vec<Part> = members.iter().map(|_| Part::default()).collect();
        for aside in &scored.set_aside {
            if let Some(place) = place.get(&aside.model_id) {
                parts[*place].set_aside.push(aside.clone());
            }
        }
        let mut pairs = scored.pairs.clone();
        pairs.extend(self.estimates(rules, resolved, members, scored)?);
        pairs.retain(|pair| place.contains_key(&pair.model_id));
        // Questions that are asked alike differ in the model alone.
        let request = &resolved[members[0]].rule_request;
        for pair in &mut pairs {
            pair.pair.age_days = request.as_of.zip(pair.tested_day).map(|(now, then)| now - then);
        }
        let known: Vec<(&Pair, f64)> = pairs.iter().map(|pair| (&pair.pair, pair.suitability)).collect();
        let verdicts = self.db.judge(rules, &known, request, true, strict)?.verdicts;
        for (pair, verdict) in pairs.into_iter().zip(verdicts) {
            parts[place[&pair.model_id]].pairs.push((pair, verdict));
        }
        for part in &mut parts {
            in_order(&mut part.pairs);
        }
        Ok(parts)
    }

    /// Estimates for the questions that no row answers.
    fn estimates(&self, rules: &RuleSet, resolved: &[Resolved], members: &[usize], scored: &Scored) -> Result<Vec<ScoredPair>> {
        let first = &resolved[members[0]];
        let measured: std::collections::BTreeSet<i64> =
            scored.pairs.iter().map(|pair| pair.model_id).chain(scored.set_aside.iter().map(|aside| aside.model_id)).collect();
        let bare = |at: &&usize| resolved[**at].scope.model_id.is_some_and(|id| !measured.contains(&id));
        let open: Vec<&usize> = members.iter().filter(bare).collect();
        if open.is_empty() || !first.is_plain() || rules.scoring.priors.is_empty() {
            return Ok(Vec::new());
        }
        let failed = self.db.failed_by_model(&self.rows(rules, &Scope { model_id: None, ..first.scope.clone() })?)?;
        let models: BTreeMap<i64, &Model> = self.asks.iter().map(|ask| (ask.model.id, &ask.model)).collect();
        let asked = open.into_iter().filter_map(|at| Some((&resolved[*at].scope, *models.get(&resolved[*at].scope.model_id?)?)));
        Ok(asked
            .filter(|(_, model)| !failed.contains_key(&model.id))
            .flat_map(|(scope, model)| prior::estimates(model, &self.hardware, &rules.scoring, scope))
            .collect())
    }
}

/// Groups of questions that one plan answers: those of one task, version, weights, limits and profile; in the order of their first.
fn alike(resolved: &[Resolved]) -> Vec<Vec<usize>> {
    let same = |a: &Scope, b: &Scope| {
        let bits = |scope: &Scope| scope.weights.iter().map(|weight| weight.to_bits()).collect::<Vec<u64>>();
        a.task == b.task && a.version.is_none() && b.version.is_none() && bits(a) == bits(b)
    };
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (at, one) in resolved.iter().enumerate() {
        match groups.iter_mut().find(|group| same(&resolved[group[0]].scope, &one.scope)) {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    groups
}

fn ranking(rules: &RuleSet, resolved: &Resolved, part: &Part) -> Ranking {
    let (excluded, not_scored) = aside::aside(&rules.scoring, &resolved.scope, &part.pairs, &part.set_aside, &[]);
    let scores = || {
        part.pairs.iter().filter_map(|(scored, verdict)| match verdict {
            Verdict::Scored { score, .. } => Some((scored, *score)),
            _ => None,
        })
    };
    let bounds = |scored: &ScoredPair, score: f64| interval(scored, score).unwrap_or([score, score]);
    let groups =
        tie_groups(scores().map(|(scored, score)| (scored.pair.uncontested, scored.pair.provenance.as_str(), bounds(scored, score))));
    let ranked = scores()
        .zip(groups)
        .map(|((scored, score), tie_group)| Ranked { hardware: scored.pair.hardware.clone(), score, tie_group })
        .collect();
    Ranking { model: resolved.model.clone(), task: resolved.task.clone(), ranked, excluded, not_scored }
}

impl Ranking {
    /// Label of the first.
    #[must_use]
    pub fn winner(&self) -> Option<&str> {
        self.ranked.first().map(|first| first.hardware.as_str())
    }
}
