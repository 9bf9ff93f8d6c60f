//! Running scenarios: rows into memory, the question asked, the expectations held against the answer.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::body::{Listed, body, refusal};
use super::data::DataSets;
use super::expect::{Checked, Fired, Unmet};
use super::file::Scenario;
use super::snapshot::Info;
use crate::Result;
use crate::import::{Aliases, Mappings};
use crate::recommend::{Answer, HardwareRecommender, Request};
use crate::rules::{Coverage, RuleErrors, RuleSet};
use crate::store::Db;

/// What a scenario gave.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The text that is held against the snapshot.
    pub body: String,
    /// What it rests on.
    pub info: Info,
    /// Expectations that are not met.
    pub unmet: Vec<Unmet>,
    /// Rules by what they did.
    pub fired: Fired,
    /// Everything that was ranked; `None` when the question was refused, as expected.
    pub answer: Option<Answer>,
    /// The branches of the rules that it took, where they were watched.
    pub coverage: Option<Coverage>,
    /// How long it took.
    pub took: Duration,
    pub(super) listed: Listed,
}

/// Runs scenarios by one rule set; each set of rows is imported once.
pub struct Runner<'a> {
    rules: &'a RuleSet,
    sets: DataSets<'a>,
    without: BTreeMap<String, RuleSet>,
    watch: bool,
}

impl<'a> Runner<'a> {
    /// Prepares to run these scenarios; the rows are imported by `mappings` and `aliases`.
    #[must_use]
    pub fn new(scenarios: &[Scenario], rules: &'a RuleSet, mappings: &'a Mappings, aliases: &'a Aliases) -> Self {
        Self { rules, sets: DataSets::new(scenarios, mappings, aliases), without: BTreeMap::new(), watch: false }
    }

    /// With `watch`, the branches that the rules take are counted too, which asks every question once more.
    #[must_use]
    pub fn watch(mut self, watch: bool) -> Self {
        self.watch = watch;
        self
    }

    /// Runs one of them.
    ///
    /// # Errors
    /// Rows that cannot be read, a question that is refused and not expected to be (exit code 2), a rule that fails (exit code 1).
    pub fn run(&mut self, scenario: &Scenario) -> Result<Ran> {
        let started = Instant::now();
        let db = self.sets.of(scenario)?;
        let expected = scenario.expect.exit.as_ref().map_or(0, |exit| exit.value);
        let info = info(self.rules, &db, &scenario.ask.value.model)?;
        let request = Request { top_k: None, ..scenario.ask.value.request()? };
        let answer = match self.ask(scenario, &db, &request) {
            Ok(answer) => answer,
            Err(error) if error.exit_code() == expected => {
                let (body, listed) = (refusal(&error), Listed::default());
                let (unmet, fired) = (Vec::new(), Fired::default());
                return Ok(Ran { body, info, unmet, fired, answer: None, coverage: None, took: started.elapsed(), listed });
            }
            Err(error) => return Err(error),
        };
        let fired = Fired::of(&answer);
        let checked = Checked {
            answer: &answer,
            fired: &fired,
            rules: self.rules.rules.iter().map(|rule| rule.id.as_str()).collect(),
            hardware: db.hardware()?.into_iter().map(|one| one.label).collect(),
        };
        let mut unmet = scenario.expect.unmet(&checked);
        unmet.extend(ending(scenario, &answer, expected));
        unmet.extend(self.decisive(scenario, &db, &request, &answer)?);
        unmet.sort_by_key(|one| one.span.start);
        let coverage = if self.watch { Some(HardwareRecommender::new(&db, self.rules).coverage(&request)?) } else { None };
        let body = body(&answer, scenario.ask.value.top_k);
        let listed = Listed::of(&answer);
        Ok(Ran { body, info, unmet, fired, answer: Some(answer), coverage, took: started.elapsed(), listed })
    }

    fn ask(&self, scenario: &Scenario, db: &Db, request: &Request) -> Result<Answer> {
        let strict = scenario.ask.value.strict;
        if strict && !self.rules.warnings.is_empty() {
            return Err(RuleErrors(self.rules.warnings.clone()).into());
        }
        HardwareRecommender::new(db, self.rules).strict(strict).recommend_hardware(request)
    }

    /// Rules said to be decisive without which the order is the same.
    fn decisive(&mut self, scenario: &Scenario, db: &Db, request: &Request, answer: &Answer) -> Result<Vec<Unmet>> {
        let mut unmet = Vec::new();
        for rule in &scenario.expect.decisive {
            if !self.rules.rules.iter().any(|one| one.id == rule.value) {
                continue;
            }
            if !self.without.contains_key(&rule.value) {
                self.without.insert(rule.value.clone(), self.rules.without(&rule.value)?);
            }
            let other = HardwareRecommender::new(db, &self.without[&rule.value]).recommend_hardware(request)?;
            if order(&other) == order(answer) {
                unmet.push(Unmet { message: format!("without rule `{}` the order is the same", rule.value), span: rule.span.clone() });
            }
        }
        Ok(unmet)
    }
}

/// What a ranking of a model's rows rests on.
pub(super) fn info(rules: &RuleSet, db: &Db, model: &str) -> Result<Info> {
    let data = match db.model(model) {
        Ok(model) => db.rows_fingerprint(model.id)?.chars().take(12).collect(),
        // The question will be refused.
        Err(error) if error.exit_code() == 2 => "none".to_owned(),
        Err(error) => return Err(error),
    };
    Ok(Info { rule_set: rules.short().to_owned(), data, engine: engine() })
}

/// What gives rules and scores their meaning.
#[must_use]
pub fn engine() -> String {
    format!("suitor {}, {}", env!("CARGO_PKG_VERSION"), RuleSet::engine_version())
}

fn order(answer: &Answer) -> Vec<&str> {
    answer.recommendations.iter().map(|one| one.hardware.as_str()).collect()
}

/// An answer that ends otherwise than expected.
fn ending(scenario: &Scenario, answer: &Answer, expected: u8) -> Option<Unmet> {
    let is = if answer.ranked == 0 { 3 } else { 0 };
    if is == expected {
        return None;
    }
    let words = |code: u8| match code {
        0 => "an answer",
        3 => "nothing feasible",
        2 => "a question that is refused",
        _ => "a rule that fails",
    };
    let span = scenario.expect.exit.as_ref().map_or(&scenario.ask.span, |exit| &exit.span).clone();
    Some(Unmet { message: format!("exit code {is} ({}), expected {expected} ({})", words(is), words(expected)), span })
}
