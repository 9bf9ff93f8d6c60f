//! Explaining one piece of hardware, and why it stands above or below another.

use std::collections::BTreeMap;

use serde::Serialize;

use super::answer::{Answer, Asked, Excluded, NotScored, Recommendation};
use super::narrowing;
use super::recommender::HardwareRecommender;
use super::request::Request;
use crate::error::listed;
use crate::rules::Lowering;
use crate::scoring::Profile;
use crate::versions::Replayed;
use crate::{Error, Result};

/// Every number behind one piece of hardware.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// [`super::answer::SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The question as it was understood.
    pub request: Asked,
    /// SHA-256 of the rule set, hex.
    pub rule_set: String,
    /// Order-free sum of the content hashes of the rows used, hex.
    pub data_fingerprint: String,
    /// How many hardware were ranked.
    pub ranked: usize,
    /// The hardware asked for.
    pub subject: Subject,
    /// What it is held against.
    pub against: Option<Subject>,
    /// Where the two differ, when both are ranked.
    pub difference: Option<Difference>,
    /// Which rules `--engine compiled` makes part of the query, and why it interprets the others.
    pub rules: Vec<Lowering>,
    /// The snapshot that it is from; left out when it is of the results of now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replayed: Option<Replayed>,
    /// What a reader must know.
    pub notes: Vec<String>,
    /// What may be wrong with data or rules.
    pub warnings: Vec<String>,
}

/// What became of one piece of hardware.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// It is in the list.
    Ranked(Box<Recommendation>),
    /// A rule or a limit took it out.
    Excluded(Excluded),
    /// It could not be scored.
    NotScored(NotScored),
}

/// Why one score is not the other: terms that sum to the difference (to 1e-9).
#[derive(Clone, Debug, Serialize)]
pub struct Difference {
    /// Score of the subject minus that of the other.
    pub score: f64,
    /// The terms.
    pub terms: Vec<Term>,
}

/// One part of a difference.
#[derive(Clone, Debug, Serialize)]
pub struct Term {
    /// `component NAME`, `confidence`, `rule NAME`.
    pub term: String,
    /// What the subject has there: weighted component score, confidence, or what the rule added.
    pub subject: f64,
    /// What the other has there.
    pub against: f64,
    /// What this part adds to the difference of scores.
    pub delta: f64,
}

impl HardwareRecommender<'_> {
    /// Explains `hardware` (a label, a name or a hardware type that means one) within the request; with `against`, the
    /// difference of the two term by term.
    ///
    /// # Errors
    /// Those of [`Self::recommend_hardware`]; hardware that is not among the candidates, or a name that means several (exit code 2).
    pub fn explain(&self, request: &Request, hardware: &str, against: Option<&str>) -> Result<Explanation> {
        let answer = self.recommend_hardware(&Request { top_k: None, ..request.clone() })?;
        let subject = self.find(request, &answer, hardware)?;
        let other = against.map(|label| self.find(request, &answer, label)).transpose()?;
        let difference = match (&subject, &other) {
            (Subject::Ranked(one), Some(Subject::Ranked(two))) => {
                Some(difference(one, two, answer.request.profile == Profile::Ratio.name()))
            }
            _ => None,
        };
        Ok(Explanation {
            schema_version: answer.schema_version,
            request: answer.request,
            rule_set: answer.rule_set,
            data_fingerprint: answer.data_fingerprint,
            ranked: answer.ranked,
            subject,
            against: other,
            difference,
            rules: self.rules.lowering(),
            replayed: None,
            notes: answer.notes,
            warnings: answer.warnings,
        })
    }

    /// What became of hardware; hardware that is not among the candidates is said to be left out by what leaves it out.
    fn find(&self, request: &Request, answer: &Answer, wanted: &str) -> Result<Subject> {
        if let Some(subject) = find(answer, wanted)? {
            return Ok(subject);
        }
        let scope = self.resolve(request)?.scope;
        let labels: Vec<&str> = labels(answer).map(|(label, ..)| label).collect();
        // A name that no hardware has is answered as everywhere.
        self.db.known_hardware(&[wanted.to_owned()])?;
        let left_out = narrowing::left_out(self.db, &scope, request.version.as_deref(), answer, wanted)?;
        Err(match left_out {
            None => Error::input(format!("`{wanted}` is not among the candidates")).help(candidates(&labels)),
            Some(error) if error.help.is_none() && !labels.is_empty() => error.help(candidates(&labels)),
            Some(error) => error,
        })
    }
}

/// Label, name and type of each candidate.
fn labels(answer: &Answer) -> impl Iterator<Item = (&str, &str, Option<&str>)> {
    answer
        .recommendations
        .iter()
        .map(|one| (one.hardware.as_str(), one.hardware_name.as_str(), one.hardware_type.as_deref()))
        .chain(answer.excluded.iter().map(|one| (one.hardware.as_str(), one.hardware.as_str(), None)))
        .chain(answer.not_scored.iter().map(|one| (one.hardware.as_str(), one.hardware.as_str(), None)))
}

/// The candidate that a name means; `None` when there is none of it.
fn find(answer: &Answer, wanted: &str) -> Result<Option<Subject>> {
    let all: Vec<(&str, &str, Option<&str>)> = labels(answer).collect();
    let exact: Vec<&str> = all.iter().filter(|(label, ..)| *label == wanted).map(|(label, ..)| *label).collect();
    let loose =
        || all.iter().filter(|(_, name, kind)| *name == wanted || *kind == Some(wanted)).map(|(label, ..)| *label).collect::<Vec<_>>();
    let matching = if exact.is_empty() { loose() } else { exact };
    let label = match matching.as_slice() {
        [one] => *one,
        [] => return Ok(None),
        several => {
            let names = several.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ");
            return Err(Error::input(format!("`{wanted}` means several pieces of hardware: {names}")).help("name one by its label"));
        }
    };
    if let Some(one) = answer.recommendations.iter().find(|one| one.hardware == label) {
        return Ok(Some(Subject::Ranked(Box::new(one.clone()))));
    }
    if let Some(one) = answer.excluded.iter().find(|one| one.hardware == label) {
        return Ok(Some(Subject::Excluded(one.clone())));
    }
    let one = answer.not_scored.iter().find(|one| one.hardware == label);
    one.map(|one| Some(Subject::NotScored(one.clone()))).ok_or_else(|| Error::failed(format!("`{label}` has no outcome")))
}

/// Compatibility, confidence and rules, each with its share of the difference.
///
/// A product's difference is shared by the mean of the other factor: ab - cd = (a - c)(b + d)/2 + (b - d)(a + c)/2, which
/// is exact. Under `ratio` a component's share is that of its logarithm.
fn difference(one: &Recommendation, two: &Recommendation, ratio: bool) -> Difference {
    let mean_confidence = f64::midpoint(one.confidence, two.confidence);
    let mean_compatibility = f64::midpoint(one.compatibility, two.compatibility);
    let (parts_one, parts_two) = (parts(one, ratio), parts(two, ratio));
    // ln a - ln b times the logarithmic mean is a - b.
    let scale = if ratio { logarithmic_mean(one.compatibility, two.compatibility) } else { 1.0 };
    let mut terms: Vec<Term> = parts_one
        .iter()
        .map(|(name, value)| {
            let other = parts_two.get(name).copied().unwrap_or(0.0);
            Term { term: format!("component {name}"), subject: *value, against: other, delta: (value - other) * scale * mean_confidence }
        })
        .collect();
    terms.push(Term {
        term: "confidence".to_owned(),
        subject: one.confidence,
        against: two.confidence,
        delta: (one.confidence - two.confidence) * mean_compatibility,
    });
    let rules = |from: &Recommendation| -> BTreeMap<String, f64> {
        from.trace.iter().skip(2).map(|step| (step.rule.clone().or_else(|| step.step.clone()).unwrap_or_default(), step.delta)).collect()
    };
    let (rules_one, rules_two) = (rules(one), rules(two));
    let names: std::collections::BTreeSet<&String> = rules_one.keys().chain(rules_two.keys()).collect();
    for name in names {
        let (subject, against) = (rules_one.get(name).copied().unwrap_or(0.0), rules_two.get(name).copied().unwrap_or(0.0));
        if subject.abs() > 0.0 || against.abs() > 0.0 {
            terms.push(Term { term: format!("rule {name}"), subject, against, delta: subject - against });
        }
    }
    Difference { score: one.score - two.score, terms }
}

/// Per component: weight x score, in the mean over the cells (under `ratio`, weight x logarithm of the score).
fn parts(one: &Recommendation, ratio: bool) -> BTreeMap<String, f64> {
    let mut sums: BTreeMap<String, f64> = one.weights.keys().map(|name| (name.clone(), 0.0)).collect();
    let cells = one.cells.len().max(1) as f64;
    for cell in &one.cells {
        for (name, score) in &cell.components {
            let weight = cell.weights.get(name).copied().unwrap_or(0.0);
            if let (Some(score), Some(sum)) = (score, sums.get_mut(name))
                && weight > 0.0
            {
                *sum += weight * if ratio { score.max(1e-300).ln() } else { *score } / cells;
            }
        }
    }
    sums
}

fn logarithmic_mean(a: f64, b: f64) -> f64 {
    if (a - b).abs() < 1e-12 || a <= 0.0 || b <= 0.0 { f64::midpoint(a, b) } else { (a - b) / (a.ln() - b.ln()) }
}

fn candidates(labels: &[&str]) -> String {
    format!("the candidates are {}", listed(labels.iter().copied(), 6).unwrap_or_default())
}
