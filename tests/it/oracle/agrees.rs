//! Both implementations on real rows: every number of every model, task and way of asking.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use suitor::recommend::HardwareRecommender;
use suitor::recommend::answer::{Answer, CellScore, Recommendation};
use suitor::recommend::request::{Match, Pin, Request};
use suitor::scoring::Profile;
use suitor::store::StoredScore;

use super::cells::Scored;
use super::{Ask, Config, Outcome, Ranked, Row, read, score};
use crate::support::{ask, db_from_csv, no_rules, own_tables, say, scoring_toml, shared_tables};

/// How far apart two numbers may be: both are rounded to 1e-12 at each step.
const NEAR: f64 = 1e-11;

/// How many pairs of model and task are asked about, spread evenly over all of them.
struct Sample {
    /// In one way each, every pair in the next.
    once: usize,
    /// In every way.
    every_way: usize,
    /// Whether `SUITOR_TEST_ALL` asks about every pair in every way: of the whole tables that would take hours.
    all_ways: bool,
}

#[test]
fn recommendations_of_the_sample_data_agree_with_the_oracle() {
    recommendations_agree(
        &own_tables(),
        &Sample { once: if cfg!(debug_assertions) { 40 } else { usize::MAX }, every_way: 6, all_ways: true },
    );
}

#[test]
fn recommendations_of_the_whole_tables_agree_with_the_oracle() {
    recommendations_agree(&shared_tables(), &Sample { once: 100, every_way: 2, all_ways: false });
}

#[test]
fn stored_pairs_of_the_sample_data_agree_with_the_oracle() {
    stored_pairs_agree(&own_tables());
}

#[test]
fn stored_pairs_of_the_whole_tables_agree_with_the_oracle() {
    stored_pairs_agree(&shared_tables());
}

fn rows_by_model(tables: &[PathBuf]) -> BTreeMap<String, Vec<Row>> {
    let mut rows: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for table in tables {
        for row in read(&std::fs::read_to_string(table).expect("a table")) {
            rows.entry(row.model.clone()).or_default().push(row);
        }
    }
    rows
}

/// The ways of asking about the rows of one model and task, by name.
fn variants(rows: &[&Row], model: &str, task: &str, config: &Config) -> Vec<(String, Request, Ask)> {
    let plain = Request { model: model.to_owned(), task: Some(task.to_owned()), top_k: Some(1_000_000), ..Request::default() };
    let oracle = Ask {
        task: Some(task.to_owned()),
        pins: Vec::new(),
        only: Vec::new(),
        max_devices: None,
        per_device: false,
        limits: Vec::new(),
        weights: config.weights(Some(task), &[]),
        ratio: config.ratio,
        choose_division: true,
    };
    let mut all = vec![("plain".to_owned(), plain.clone(), oracle.clone())];
    for (requirements, ratio) in [
        (vec!["latency-sensitive"], false),
        (vec!["memory-constrained"], false),
        (vec!["energy-saving", "latency-sensitive"], true),
        (vec![], true),
    ] {
        let named = requirements.iter().map(|name| (*name).to_owned()).collect();
        let profile = if ratio { Profile::Ratio } else { Profile::Documented };
        all.push((
            format!("{requirements:?} {}", profile.name()),
            Request { requirements: named, profile: Some(profile), ..plain.clone() },
            Ask { weights: config.weights(Some(task), &requirements), ratio, ..oracle.clone() },
        ));
    }
    all.push(("per device".to_owned(), Request { per_device: true, ..plain.clone() }, Ask { per_device: true, ..oracle.clone() }));
    for (field, part) in [("batch_size", false), ("precision", false), ("scenario", true), ("framework", true)] {
        let Some(value) = commonest(rows, field) else { continue };
        let value = if part { value.chars().take(4).collect::<String>().to_uppercase() } else { value };
        let how = if part { Match::Contains } else { Match::Equal };
        all.push((
            format!("{field} {value}"),
            Request { pins: vec![Pin { field: field.to_owned(), how, value: value.clone() }], ..plain.clone() },
            Ask { pins: vec![(field.to_owned(), part, value)], ..oracle.clone() },
        ));
    }
    for (metric, op) in [("latency_ms_mean", "<="), ("throughput_items_per_second", ">="), ("time_to_train_s", "<="), ("ttft_ms_p99", "<")]
    {
        let mut values: Vec<f64> = rows.iter().filter_map(|row| row.metrics.get(metric).copied()).collect();
        if values.is_empty() {
            continue;
        }
        values.sort_by(f64::total_cmp);
        // Beside a value, never on one: means may differ in the last bit.
        let bound = values[values.len() / 2] * 1.000_001;
        let limit = format!("{metric}{op}{bound}").parse().expect("a limit");
        all.push((
            format!("{metric}{op}{bound}"),
            Request { limits: vec![limit], per_device: op == "<", ..plain.clone() },
            Ask { limits: vec![(metric.to_owned(), op.to_owned(), bound)], per_device: op == "<", ..oracle.clone() },
        ));
    }
    let most = rows.iter().map(|row| row.devices).max().unwrap_or(1);
    if most > 1 {
        let cap = most - 1;
        all.push((
            format!("at most {cap} devices"),
            Request { max_devices: u32::try_from(cap).ok(), ..plain.clone() },
            Ask { max_devices: Some(cap), ..oracle.clone() },
        ));
    }
    if let Some(row) = rows.first() {
        let only = vec![row.hardware_name.clone(), rows[rows.len() - 1].hardware.clone()];
        all.push((format!("only {only:?}"), Request { only: only.clone(), ..plain }, Ask { only, ..oracle }));
    }
    all
}

fn commonest(rows: &[&Row], field: &str) -> Option<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for value in rows.iter().filter_map(|row| row.get(field)) {
        *counts.entry(value).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(value, _)| value)
}

fn recommendations_agree(tables: &[PathBuf], sample: &Sample) {
    if tables.is_empty() {
        return;
    }
    let (db, rules, config) = (db_from_csv(tables), no_rules(), Config::read(&scoring_toml()));
    let all = rows_by_model(tables);
    let questions: Vec<(&String, &Vec<Row>, String)> = all
        .iter()
        .flat_map(|(model, rows)| {
            let tasks: BTreeSet<String> = rows.iter().filter_map(|row| row.get("task")).collect();
            tasks.into_iter().map(move |task| (model, rows, task))
        })
        .collect();
    let everything = std::env::var_os("SUITOR_TEST_ALL").is_some();
    let once = if everything { 1 } else { questions.len().div_ceil(sample.once).max(1) };
    let every_way = if everything && sample.all_ways { 1 } else { questions.len().div_ceil(sample.every_way).max(1) };
    if !everything {
        say(&format!(
            "SAMPLED: of {} pairs of model and task {} in one way of asking, one in {every_way} in all ways; SUITOR_TEST_ALL=1 takes all",
            questions.len(),
            if once == 1 { "every one".to_owned() } else { format!("one in {once}") },
        ));
    }
    let (mut differences, mut compared) = (Vec::new(), 0);
    for (at, (model, rows, task)) in questions.iter().enumerate() {
        let in_sample = at % every_way == 0;
        if !in_sample && at % once != 0 {
            continue;
        }
        let of_task: Vec<&Row> = rows.iter().filter(|row| row.get("task").as_ref() == Some(task)).collect();
        let ways = variants(&of_task, model, task, &config);
        let only = at / once % ways.len();
        for (_, (name, request, oracle)) in ways.into_iter().enumerate().filter(|(way, _)| in_sample || *way == only) {
            let outcome = score(rows, &oracle, &config);
            let answer = ask(&db, &rules, &request);
            compared += outcome.ranked.len();
            let found = differ(&answer, &outcome, &oracle, &config);
            differences.extend(found.into_iter().map(|what| format!("{model}, {task}, {name}: {what}")));
        }
    }
    assert!(compared > 100, "only {compared} scores were compared");
    report(&differences);
}

fn report(differences: &[String]) {
    let shown: Vec<&str> = differences.iter().take(40).map(String::as_str).collect();
    assert!(differences.is_empty(), "{} differences (code, oracle):\n{}", differences.len(), shown.join("\n"));
}

fn stored_pairs_agree(tables: &[PathBuf]) {
    if tables.is_empty() {
        return;
    }
    let (db, rules, config) = (db_from_csv(tables), no_rules(), Config::read(&scoring_toml()));
    let all = rows_by_model(tables);
    let recommender = HardwareRecommender::new(&db, &rules);
    let scores = recommender.calculate(None, None).expect("stored pairs");
    let mut tasks: Vec<(Option<String>, Vec<StoredScore>)> = vec![(None, scores.pairs.read().expect("they can be read"))];
    for task in all.values().flatten().filter_map(|row| row.get("task")).collect::<BTreeSet<_>>() {
        let scores = recommender.task_scores(&task).expect("the scores of a task");
        tasks.push((Some(task), scores.pairs.read().expect("they can be read")));
    }
    let (mut differences, mut compared) = (Vec::new(), 0);
    for (task, pairs) in tasks {
        let weights = config.weights(task.as_deref(), &[]);
        let oracle = Ask {
            task: task.clone(),
            pins: Vec::new(),
            only: Vec::new(),
            max_devices: None,
            per_device: false,
            limits: Vec::new(),
            weights,
            ratio: config.ratio,
            choose_division: false,
        };
        let mut by_model: BTreeMap<&str, Vec<&StoredScore>> = BTreeMap::new();
        for pair in &pairs {
            by_model.entry(&pair.model).or_default().push(pair);
        }
        for (model, rows) in &all {
            let expected = score(rows, &oracle, &config).ranked;
            let found = by_model.remove(model.as_str()).unwrap_or_default();
            compared += expected.len();
            let labels =
                (found.iter().map(|one| &one.hardware).collect::<Vec<_>>(), expected.iter().map(|one| &one.hardware).collect::<Vec<_>>());
            if labels.0 != labels.1 {
                differences.push(format!("{model}, {task:?}: order {labels:?}"));
                continue;
            }
            for (at, (one, other)) in found.iter().zip(&expected).enumerate() {
                let mut here = Differences::new(format!("{model}, {task:?}, {}", one.hardware));
                let best = &other.cells[other.best].point;
                here.number("compatibility", one.compatibility, other.compatibility);
                here.number("confidence", one.confidence, other.confidence);
                here.number("suitability", one.suitability, other.suitability);
                here.number("final score", one.final_score.unwrap_or(f64::NAN), other.suitability);
                here.same("rank", &one.rank, &Some(at as i64 + 1));
                here.same("results", &one.results, &other.results);
                here.same("batch size", &one.recommended_batch_size, &best.batch_size);
                here.same("precision", &one.recommended_precision, &best.precision);
                here.maybe("memory", one.memory_requirement, best.mean("memory_peak_mb"));
                here.same("provenance", &one.provenance, &other.provenance);
                here.same("uncontested", &one.notes.as_ref().is_some_and(|notes| notes.contains("uncontested")), &other.uncontested);
                differences.extend(here.found);
            }
        }
        differences.extend(by_model.into_keys().map(|model| format!("{model}, {task:?}: only the code knows it")));
    }
    assert!(compared > 100, "only {compared} scores were compared");
    report(&differences);
}

/// Collects what is not the same.
struct Differences {
    at: String,
    found: Vec<String>,
}

impl Differences {
    fn new(at: String) -> Self {
        Self { at, found: Vec::new() }
    }

    fn same<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, one: &T, other: &T) {
        if one != other {
            self.found.push(format!("{}: {what}: {one:?}, {other:?}", self.at));
        }
    }

    /// Scores: near by difference. Metrics, which may be large: near by ratio.
    fn number(&mut self, what: &str, one: f64, other: f64) {
        let near = (one - other).abs() <= NEAR * other.abs().max(1.0);
        if !near {
            self.found.push(format!("{}: {what}: {one}, {other}", self.at));
        }
    }

    fn maybe(&mut self, what: &str, one: Option<f64>, other: Option<f64>) {
        match (one, other) {
            (Some(one), Some(other)) => self.number(what, one, other),
            _ => self.same(what, &one, &other),
        }
    }
}

/// What an answer has that the oracle has not, or otherwise, in words.
pub fn differ(answer: &Answer, outcome: &Outcome, asked: &Ask, config: &Config) -> Vec<String> {
    let mut all = Differences::new("answer".to_owned());
    let limited: Vec<String> = answer.excluded.iter().filter(|one| one.rule == "limit").map(|one| one.hardware.clone()).collect();
    all.same("excluded", &limited, &outcome.limited);
    all.same("not scored", &answer.not_scored.iter().map(|one| one.hardware.clone()).collect(), &outcome.not_scored);
    let labels = |names: Vec<&String>| names.into_iter().cloned().collect::<Vec<_>>();
    let found = labels(answer.recommendations.iter().map(|one| &one.hardware).collect());
    let expected = labels(outcome.ranked.iter().map(|one| &one.hardware).collect());
    all.same("order", &found, &expected);
    all.same("ranked", &answer.ranked, &outcome.ranked.len());
    for one in &answer.recommendations {
        if let Some(other) = outcome.ranked.iter().find(|other| other.hardware == one.hardware) {
            all.found.extend(hardware_differs(one, other, asked, config));
        }
    }
    all.found
}

fn hardware_differs(one: &Recommendation, other: &Ranked, asked: &Ask, config: &Config) -> Vec<String> {
    let mut here = Differences::new(one.hardware.clone());
    here.number("compatibility", one.compatibility, other.compatibility);
    here.number("confidence", one.confidence, other.confidence);
    here.number("suitability", one.suitability, other.suitability);
    here.number("score", one.score, other.suitability);
    here.same("results", &one.results, &other.results);
    here.same("coverage", &(one.coverage.cells, one.coverage.of), &other.coverage);
    here.same("uncontested", &one.uncontested, &other.uncontested);
    here.same("provenance", &one.provenance, &other.provenance);
    here.same("compared with previous", &one.compared_with_previous, &other.compared_with_previous);
    here.same("tie group", &one.tie_group, &other.tie_group);
    here.maybe("interval from", one.interval.map(|ends| ends[0]), other.interval.map(|ends| ends[0]));
    here.maybe("interval to", one.interval.map(|ends| ends[1]), other.interval.map(|ends| ends[1]));
    let best = &other.cells[other.best];
    here.same("batch size", &one.recommended_batch_size, &best.point.batch_size);
    here.same("precision", &one.recommended_precision, &best.point.precision);
    here.maybe("memory", one.memory_requirement, best.point.mean("memory_peak_mb"));
    for (k, component) in config.components.iter().enumerate() {
        let known: Vec<f64> = other.cells.iter().filter_map(|cell| cell.components[k]).collect();
        let mean = (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64);
        here.maybe(&component.name, one.components[&component.name], mean);
        here.number(&format!("weight of {}", component.name), one.weights[&component.name], asked.weights[k]);
    }
    let all: Vec<String> = other.cells.iter().flat_map(|cell| missing(cell, asked, config)).collect();
    let declared = config.components.iter().map(|component| component.name.clone());
    here.same("missing", &one.missing, &declared.filter(|name| all.contains(name)).collect());
    let names: Vec<&str> = std::iter::once("task").chain(config.cell_by.iter().map(String::as_str)).collect();
    let key = |cell: &CellScore| names.iter().map(|name| cell.cell[*name].clone()).collect::<Vec<_>>();
    let found: BTreeMap<_, &CellScore> = one.cells.iter().map(|cell| (key(cell), cell)).collect();
    here.same("number of cells", &found.len(), &other.cells.len());
    for expected in &other.cells {
        match found.get(&expected.point.cell) {
            None => here.found.push(format!("{}: no cell {:?}", one.hardware, expected.point.cell)),
            Some(cell) => here.found.extend(cell_differs(&one.hardware, cell, expected, asked, config)),
        }
    }
    here.found
}

fn cell_differs(hardware: &str, one: &CellScore, other: &Scored, asked: &Ask, config: &Config) -> Vec<String> {
    let mut here = Differences::new(format!("{hardware} in {:?}", other.point.cell));
    here.same("contested", &one.contested, &other.contested);
    here.same("n", &one.n, &(other.point.n as i64));
    here.number("compatibility", one.compatibility, other.compatibility);
    here.number("confidence", one.confidence, other.confidence);
    here.number("suitability", one.suitability, other.suitability);
    for (field, value) in &one.point {
        here.same(field, value, &other.point.get(field));
    }
    for (k, component) in config.components.iter().enumerate() {
        let name = &component.name;
        here.maybe(name, one.components[name], other.components[k]);
        here.number(&format!("weight of {name}"), one.weights[name], other.weights[k]);
        let metric = other.basis[k].map(|(place, _)| component.metrics[place].field.clone());
        here.same(&format!("metric of {name}"), &one.component_metrics[name], &metric);
        if let (Some(field), Some((_, reference))) = (metric, other.basis[k]) {
            let Some(measured) = one.metrics.get(&field) else {
                here.found.push(format!("{hardware}: {field} is not shown"));
                continue;
            };
            let stat = other.point.metrics[&field];
            here.number(&field, measured.value, stat.mean);
            here.number(&format!("reference of {field}"), measured.reference, reference);
            here.same(&format!("n of {field}"), &measured.n, &(stat.n as i64));
            // A spread is a small difference of large numbers: near by the size of those.
            let spread = (measured.spread.map(|spread| spread / stat.mean), stat.sd.map(|sd| sd / stat.mean));
            here.maybe(&format!("spread of {field}"), spread.0, spread.1);
        }
    }
    here.same("missing", &one.missing, &missing(other, asked, config));
    here.found
}

/// Components of weight above 0 that the point does not have.
fn missing(scored: &Scored, asked: &Ask, config: &Config) -> Vec<String> {
    let names = config.components.iter().enumerate().filter(|(k, _)| asked.weights[*k] > 0.0 && scored.basis[*k].is_none());
    names.map(|(_, component)| component.name.clone()).collect()
}
