//! Adds every score up again from nothing but what `explain --format json` prints.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use suitor::recommend::request::Request;
use suitor::recommend::HardwareRecommender;
use suitor::rules::RuleSet;
use suitor::scoring::Profile;

use crate::oracle::Config;
use crate::support::{db_from_csv, own_tables, scoring_toml};

const NEAR: f64 = 1e-11;

/// Models asked about; each answer gives many pairs.
const MODELS: usize = if cfg!(debug_assertions) { 14 } else { 140 };

#[track_caller]
fn near(what: &str, found: f64, expected: f64) {
    assert!((found - expected).abs() <= NEAR, "{what}: {found}, printed {expected}");
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap_or_else(|| panic!("{value} is no object"))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// Sum of weight x component, or under `ratio` the product of component ^ weight.
fn combine(cell: &Value, ratio: bool) -> f64 {
    let (weights, components) = (object(&cell["weights"]), object(&cell["components"]));
    let terms = weights.iter().filter(|(_, weight)| number(weight) > 0.0).map(|(name, weight)| (number(weight), number(&components[name])));
    if ratio { terms.map(|(weight, score)| score.powf(weight)).product() } else { terms.map(|(weight, score)| weight * score).sum() }
}

/// From metrics to score, along everything that was printed of one piece of hardware.
fn recompute(printed: &Value, ratio: bool, higher: &BTreeMap<String, bool>) {
    let cells = printed["cells"].as_array().expect("cells");
    for cell in cells {
        near("weights of a cell", object(&cell["weights"]).values().map(number).sum(), 1.0);
        for (component, metric) in object(&cell["component_metrics"]) {
            let Some(field) = metric.as_str() else { continue };
            let measured = &cell["metrics"][field];
            let (value, reference) = (number(&measured["value"]), number(&measured["reference"]));
            let score = if higher[field] { value / reference } else { reference / value };
            near(component, score.min(1.0), number(&cell["components"][component]));
        }
        near("compatibility of a cell", combine(cell, ratio), number(&cell["compatibility"]));
        near("suitability of a cell", number(&cell["compatibility"]) * number(&cell["confidence"]), number(&cell["suitability"]));
    }
    let count = cells.len() as f64;
    let compatibility = if ratio {
        cells.iter().map(|cell| combine(cell, ratio).powf(1.0 / count)).product::<f64>()
    } else {
        cells.iter().map(|cell| combine(cell, ratio)).sum::<f64>() / count
    };
    near("compatibility", compatibility, number(&printed["compatibility"]));
    let suitability = compatibility * number(&printed["confidence"]);
    near("suitability", suitability, number(&printed["suitability"]));
    let trace = printed["trace"].as_array().expect("a trace");
    let by_rules: f64 = trace.iter().filter(|step| !["compatibility", "confidence"].contains(&step["step"].as_str().unwrap_or(""))).map(|step| number(&step["delta"])).sum();
    near("score", suitability + by_rules, number(&printed["score"]));
    near("sum of the trace", trace.iter().map(|step| number(&step["delta"])).sum(), number(&printed["score"]));
    let mut so_far = 0.0;
    for step in trace {
        so_far += number(&step["delta"]);
        near("a step of the trace", so_far, number(&step["score"]));
    }
}

#[test]
fn every_score_can_be_added_up_from_its_explanation() {
    let db = db_from_csv(&own_tables());
    let rules = RuleSet::embedded().expect("the shipped rules");
    let higher: BTreeMap<String, bool> =
        Config::read(&scoring_toml()).components.iter().flat_map(|one| one.metrics.clone()).map(|metric| (metric.field, metric.higher)).collect();
    let recommender = HardwareRecommender::new(&db, &rules);
    let models = db.models().expect("models");
    let mut pairs = 0;
    let mut several_cells = 0;
    for (at, model) in models.iter().step_by(models.len().div_ceil(MODELS)).enumerate() {
        let task = db.tasks_of(model.id).expect("tasks").into_iter().next().expect("a task");
        let profile = if at % 2 == 0 { Profile::Documented } else { Profile::Ratio };
        let request = Request { model: model.name.clone(), task: Some(task), profile: Some(profile), ..Request::default() };
        let answer = recommender.recommend_hardware(&request).expect("an answer");
        for one in &answer.recommendations {
            let printed = serde_json::to_value(one).expect("JSON");
            recompute(&printed, profile == Profile::Ratio, &higher);
            pairs += 1;
            several_cells += usize::from(one.cells.len() > 1);
        }
        // `explain` prints the same, and against another hardware the terms of the difference.
        let (Some(first), Some(last)) = (answer.recommendations.first(), answer.recommendations.last()) else { continue };
        let explained = recommender.explain(&request, &first.hardware, Some(&last.hardware)).expect("an explanation");
        let printed = serde_json::to_value(&explained).expect("JSON");
        assert_eq!(printed["subject"]["ranked"], serde_json::to_value(first).expect("JSON"));
        recompute(&printed["subject"]["ranked"], profile == Profile::Ratio, &higher);
        let difference = &printed["difference"];
        let terms: f64 = difference["terms"].as_array().expect("terms").iter().map(|term| number(&term["delta"])).sum();
        assert!((terms - number(&difference["score"])).abs() < 1e-9, "{}: {terms}, printed {}", model.name, difference["score"]);
        assert!((first.score - last.score - terms).abs() < 1e-9, "{}: terms {terms}", model.name);
    }
    assert!(pairs >= 30 && several_cells >= 3, "{pairs} pairs, {several_cells} over several cells");
}
