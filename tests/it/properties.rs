//! Properties that hold for any rows.
//!
//! The shared columns of a generated row are drawn from few values, so that rows meet in cells, points and groups, and ties are common.

use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use suitor::recommend::answer::Recommendation;
use suitor::recommend::request::{Match, Pin, Request};
use suitor::recommend::{Answer, HardwareRecommender};
use suitor::rules::{Engine, RuleSet};
use suitor::scoring::Profile;

use crate::oracle::{self, Ask, Config};
use crate::support::{ask, db_from_text, no_rules, scoring_toml};

const METRICS: [&str; 8] = [
    "throughput_items_per_second",
    "latency_ms_mean",
    "latency_ms_p50",
    "tpot_ms_mean",
    "memory_peak_mb",
    "energy_j_per_item",
    "time_to_train_s",
    "power_watts",
];

/// One generated row.
#[derive(Clone, Debug)]
struct Row {
    hardware: &'static str,
    devices: u32,
    task: &'static str,
    scenario: &'static str,
    division: &'static str,
    tokens: &'static str,
    batch_size: &'static str,
    precision: &'static str,
    item_unit: &'static str,
    provenance: &'static str,
    status: &'static str,
    /// Quarters; `None` is blank.
    metrics: [Option<u32>; 8],
}

/// A table of the rows, all of one model.
fn table(rows: &[Row]) -> String {
    let mut text = format!(
        "model,hardware_norm,hardware_count,task,scenario,division,input_tokens,batch_size,precision,item_unit,provenance,status,{}\n",
        METRICS.join(",")
    );
    for row in rows {
        let Row { hardware, devices, task, scenario, division, tokens, batch_size, precision, item_unit, provenance, status, metrics } =
            row;
        let metrics = metrics.map(|value| value.map_or(String::new(), |quarters| (f64::from(quarters) / 4.0).to_string())).join(",");
        let _ = writeln!(
            text,
            "m,{hardware},{devices},{task},{scenario},{division},{tokens},{batch_size},{precision},{item_unit},{provenance},{status},{metrics}"
        );
    }
    text
}

/// How often a value is there, in tenths.
fn metric(tenths: u32) -> impl Strategy<Value = Option<u32>> {
    (0..10_u32, 1_u32..60).prop_map(move |(chance, quarters)| (chance < tenths).then_some(quarters))
}

fn metrics() -> impl Strategy<Value = [Option<u32>; 8]> {
    [metric(8), metric(6), metric(4), metric(2), metric(6), metric(4), metric(1), metric(4)]
}

/// The first value seven times in ten, else one of the others.
fn mostly(first: &'static str, others: &[&'static str]) -> impl Strategy<Value = &'static str> {
    prop_oneof![7 => Just(first), 3 => select(others.to_vec())]
}

fn any_row() -> impl Strategy<Value = Row> {
    let workload = (
        mostly("inference", &["training"]),
        mostly("S", &["T", ""]),
        mostly("", &["closed", "open"]),
        mostly("", &["1000", "1024", "171", "192"]),
    );
    let point = (
        mostly("1", &["8", ""]),
        mostly("", &["fp16"]),
        mostly("images", &["", "tokens"]),
        mostly("measured", &["simulated", "estimated"]),
        mostly("", &["ok", "OK", "error"]),
    );
    (select(vec!["A", "B", "C", "D"]), prop_oneof![8 => Just(1_u32), 2 => Just(4)], workload, point, metrics()).prop_map(
        |(hardware, devices, (task, scenario, division, tokens), (batch_size, precision, item_unit, provenance, status), metrics)| Row {
            hardware,
            devices,
            task,
            scenario,
            division,
            tokens,
            batch_size,
            precision,
            item_unit,
            provenance,
            status,
            metrics,
        },
    )
}

/// A measured row of inference at batch 1 in cell S, with one metric.
fn row(hardware: &'static str, throughput: u32) -> Row {
    let mut metrics = [None; 8];
    metrics[0] = Some(throughput);
    Row {
        hardware,
        devices: 1,
        task: "inference",
        scenario: "S",
        division: "",
        tokens: "",
        batch_size: "1",
        precision: "",
        item_unit: "images",
        provenance: "measured",
        status: "",
        metrics,
    }
}

fn request(task: &str) -> Request {
    Request { model: "m".to_owned(), task: Some(task.to_owned()), ..Request::default() }
}

/// The same question for the oracle, with nothing pinned.
fn inference(config: &Config, requirements: &[&str], profile: Profile) -> Ask {
    Ask {
        task: Some("inference".to_owned()),
        pins: Vec::new(),
        only: Vec::new(),
        max_devices: None,
        per_device: false,
        limits: Vec::new(),
        weights: config.weights(Some("inference"), requirements),
        ratio: profile == Profile::Ratio,
        choose_division: true,
    }
}

fn of(rows: &[Row], request: &Request) -> Answer {
    ask(&db_from_text(&table(rows)), &no_rules(), request)
}

/// Cases are few, because each asks a database of its own; `PROPTEST_CASES` takes more.
fn cases(few: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(if cfg!(debug_assertions) {
        few
    } else {
        2 * few
    });
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 100, ..ProptestConfig::default() }
}

fn profile() -> impl Strategy<Value = Profile> {
    select(vec![Profile::Documented, Profile::Ratio])
}

const REQUIREMENTS: [&str; 3] = ["latency-sensitive", "memory-constrained", "energy-saving"];

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn generated_rows_agree_with_the_oracle(
        rows in vec(any_row(), 4..48),
        profile in profile(),
        requirement in prop::option::of(select(REQUIREMENTS.to_vec())),
        per_device in any::<bool>(),
        pin in prop::option::weighted(0.3, select(vec![("batch_size", "1"), ("scenario", "S"), ("division", "open"), ("input_tokens", "1000"), ("item_unit", "images")])),
        limit in prop::option::weighted(0.3, select(vec![("latency_ms_mean", "<=", 7.1), ("throughput_items_per_second", ">", 6.1), ("power_watts", "<", 9.1)])),
    ) {
        let (db, config, rules) = (db_from_text(&table(&rows)), Config::read(&scoring_toml()), no_rules());
        let requirements: Vec<&str> = requirement.into_iter().collect();
        let asked = Ask {
            pins: pin.iter().map(|(field, value)| ((*field).to_owned(), false, (*value).to_owned())).collect(),
            per_device,
            limits: limit.iter().map(|(metric, op, bound)| ((*metric).to_owned(), (*op).to_owned(), *bound)).collect(),
            ..inference(&config, &requirements, profile)
        };
        let request = Request {
            pins: pin.iter().map(|(field, value)| Pin { field: (*field).to_owned(), how: Match::Equal, value: (*value).to_owned() }).collect(),
            limits: limit.iter().map(|(metric, op, bound)| format!("{metric}{op}{bound}").parse().expect("a limit")).collect(),
            requirements: requirements.iter().map(|name| (*name).to_owned()).collect(),
            per_device,
            profile: Some(profile),
            ..request("inference")
        };
        let differences = oracle::differ(&ask(&db, &rules, &request), &oracle::score(&oracle::read(&table(&rows)), &asked, &config), &asked, &config);
        prop_assert!(differences.is_empty(), "{}\n{}", differences.join("\n"), table(&rows));
    }

    #[test]
    fn scores_are_fractions_and_the_trace_sums_to_them(rows in vec(any_row(), 1..24), profile in profile()) {
        let answer = of(&rows, &Request { profile: Some(profile), ..request("inference") });
        for one in &answer.recommendations {
            for score in [one.score, one.suitability, one.compatibility, one.confidence].into_iter().chain(one.components.values().copied().flatten()) {
                prop_assert!((0.0..=1.0).contains(&score), "{}: {score}", one.hardware);
            }
            prop_assert!(one.interval.is_none_or(|[low, high]| 0.0 <= low && low <= one.score + 1e-9 && one.score <= high + 1e-9 && high <= 1.0 + 1e-9), "{:?}", one.interval);
            let sum: f64 = one.trace.iter().map(|step| step.delta).sum();
            prop_assert!((sum - one.score).abs() < 1e-11, "{}: {sum}, {}", one.hardware, one.score);
        }
    }
}

proptest! {
    #![proptest_config(cases(10))]

    #[test]
    fn the_order_of_rows_changes_nothing((rows, shuffled) in vec(any_row(), 1..24).prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))) {
        let bytes = |rows: &[Row]| serde_json::to_string_pretty(&of(rows, &request("inference"))).expect("JSON");
        prop_assert_eq!(bytes(&rows), bytes(&shuffled));
    }

    #[test]
    fn training_rows_change_nothing_for_inference(rows in vec(any_row(), 1..24)) {
        for task in ["inference", "training"] {
            let alone: Vec<Row> = rows.iter().filter(|row| row.task == task).cloned().collect();
            if alone.is_empty() {
                continue;
            }
            let bytes = |rows: &[Row]| serde_json::to_string_pretty(&of(rows, &request(task))).expect("JSON");
            prop_assert_eq!(bytes(&rows), bytes(&alone));
        }
    }

    #[test]
    fn more_throughput_never_lowers_a_score(
        rows in vec(metrics(), 2..6),
        which in any::<prop::sample::Index>(),
        more in 1_u32..200,
        profile in profile(),
    ) {
        // One point a piece of hardware, one cell, everybody with a throughput.
        let names = ["A", "B", "C", "D", "E", "F"];
        let mut all: Vec<Row> = rows.iter().zip(names).map(|(metrics, hardware)| Row { metrics: *metrics, ..row(hardware, 1) }).collect();
        for row in &mut all {
            row.metrics[0] = row.metrics[0].or(Some(7));
            row.metrics[6] = None;
        }
        let which = which.index(all.len());
        let hardware = all[which].hardware;
        let request = Request { profile: Some(profile), ..request("inference") };
        let score = |rows: &[Row]| of(rows, &request).recommendations.iter().find(|one| one.hardware == hardware).map(|one| one.score);
        let before = score(&all);
        all[which].metrics[0] = all[which].metrics[0].map(|value| value + more);
        let after = score(&all);
        prop_assert!(after >= before.map(|before| before - 1e-11), "{before:?} became {after:?}");
    }

    #[test]
    fn under_ratio_a_third_candidate_swaps_no_other_two(
        cells in vec((select(vec!["S", "T", "U"]), filled(), filled(), any::<bool>(), 1_usize..4), 1..4),
        third in vec((select(vec!["C", "D"]), select(vec!["S", "T", "U", "V"]), metrics()), 1..6),
    ) {
        let cell = |hardware, scenario, metrics| Row { scenario, metrics, ..row(hardware, 1) };
        let mut few: Vec<Row> = Vec::new();
        for (scenario, mut a, mut b, memory, runs) in cells {
            if !memory {
                (a[4], b[4]) = (None, None);
            }
            few.push(cell("B", scenario, b));
            // More runs of one of them, so that confidence differs.
            few.extend(std::iter::repeat_n(cell("A", scenario, a), runs));
        }
        let many: Vec<Row> = few.iter().cloned().chain(third.into_iter().map(|(hardware, scenario, metrics)| cell(hardware, scenario, metrics))).collect();
        let pin = Pin { field: "batch_size".to_owned(), how: Match::Equal, value: "1".to_owned() };
        let request = Request { profile: Some(Profile::Ratio), pins: vec![pin], ..request("inference") };
        let (before, after) = (of(&few, &request), of(&many, &request));
        let find = |answer: &Answer, hardware: &str| answer.recommendations.iter().find(|one| one.hardware == hardware).cloned().expect("ranked");
        let ([a, b], [a_after, b_after]) = (["A", "B"].map(|hardware| find(&before, hardware)), ["A", "B"].map(|hardware| find(&after, hardware)));
        prop_assume!(taken(&a) == taken(&b) && taken(&a) == taken(&a_after) && taken(&b) == taken(&b_after));
        prop_assume!(![&a, &b, &a_after, &b_after].iter().any(|one| imputed(one)) && (a.score - b.score).abs() > 1e-9);
        prop_assert_eq!(a.score > b.score, a_after.score > b_after.score, "{} {}, then {} {}", a.score, b.score, a_after.score, b_after.score);
    }
}

/// Holds an answer for inference under `ratio` against the oracle.
fn agreed(rows: &[Row], requirement: &str) -> Answer {
    let (config, rules) = (Config::read(&scoring_toml()), no_rules());
    let asked = inference(&config, &[requirement], Profile::Ratio);
    let request = Request { requirements: vec![requirement.to_owned()], profile: Some(Profile::Ratio), ..request("inference") };
    let answer = ask(&db_from_text(&table(rows)), &rules, &request);
    let differences = oracle::differ(&answer, &oracle::score(&oracle::read(&table(rows)), &asked, &config), &asked, &config);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    answer
}

/// A geometric mean with a 0 in it is 0, however small the weight and however many cells there are beside.
#[test]
fn a_zero_end_of_an_interval_is_zero_over_any_number_of_cells() {
    let scenarios = ["S", "T", "U", "V", "W", "X", "Y", "Z"];
    let mut rows = Vec::new();
    for (at, scenario) in scenarios.into_iter().enumerate() {
        for hardware in ["A", "B"] {
            let mut one = Row { scenario, ..row(hardware, 40) };
            (one.metrics[1], one.metrics[4]) = (Some(8), Some(12));
            if at == 0 {
                // Two runs this far apart: nothing is known of their mean but that it is above 0.
                let mut other = one.clone();
                other.metrics[0] = Some(4);
                rows.push(other);
            }
            rows.push(one);
        }
    }
    for one in &agreed(&rows, "latency-sensitive").recommendations {
        assert_eq!(one.coverage.cells, 8, "{}", one.hardware);
        let low = one.interval.expect("two runs are an interval")[0];
        assert!(low.abs() < f64::MIN_POSITIVE, "{}: {low:e}", one.hardware);
    }
}

/// What is simulated or estimated may be better than the best that was measured: neither its score nor an end of its interval is above 1.
#[test]
fn an_estimate_beyond_what_was_measured_counts_as_the_best_at_either_end() {
    let mut rows = [row("A", 52), row("A", 57), row("B", 20)];
    for row in &mut rows[..2] {
        row.provenance = "estimated";
    }
    let answer = agreed(&rows, "memory-constrained");
    let estimated = answer.recommendations.iter().find(|one| one.hardware == "A").expect("ranked");
    let [low, high] = estimated.interval.expect("two runs are an interval");
    assert!((estimated.compatibility - 1.0).abs() < 1e-12 && low <= high && high <= estimated.confidence, "{low} {high}");
}

/// Metrics with throughput, latency and memory there.
fn filled() -> impl Strategy<Value = [Option<u32>; 8]> {
    [metric(10), metric(10), metric(3), metric(2), metric(10), metric(3), metric(0), metric(0)]
}

/// Whether a score of it rests on no metric of its own.
fn imputed(one: &Recommendation) -> bool {
    one.cells.iter().any(|cell| cell.missing.iter().any(|name| cell.components[name].is_some()))
}

/// Each cell that counts, with the metric of each component.
fn taken(one: &Recommendation) -> Vec<String> {
    one.cells.iter().map(|cell| format!("{:?} {:?} {}", cell.cell, cell.component_metrics, cell.contested)).collect()
}

#[test]
fn each_requirement_changes_the_order_of_some_two() {
    for requirement in REQUIREMENTS {
        let turned = (1..40).any(|other| {
            // A is faster in throughput, B better in everything else.
            let mut rows = [row("A", 40), row("B", other)];
            for (row, value) in rows.iter_mut().zip([40, 25]) {
                row.metrics[1] = Some(value);
                row.metrics[4] = Some(value);
                row.metrics[5] = Some(value);
            }
            let winner = |requirements: Vec<String>| {
                of(&rows, &Request { requirements, ..request("inference") }).recommendations[0].hardware.clone()
            };
            winner(Vec::new()) == "A" && winner(vec![requirement.to_owned()]) == "B"
        });
        assert!(turned, "{requirement} changes no order");
    }
}

/// Points of eight cells that differ in nothing that puts them in order but in their cell, which is then the first by its text.
#[test]
fn of_best_points_that_nothing_tells_apart_the_first_cell_has_its_own() {
    const SCENARIOS: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let rules = [Engine::Compiled, Engine::Interpreted].map(|engine| RuleSet { engine, ..no_rules() });
    let mut rows: Vec<Row> = SCENARIOS
        .iter()
        .zip(1..)
        .flat_map(|(scenario, at)| {
            ["H100", "L4", "T4"].map(|hardware| {
                let mut one = Row { scenario, ..row(hardware, 400) };
                one.metrics[4] = Some(4_000 * at);
                one
            })
        })
        .collect();
    for turn in 0..SCENARIOS.len() {
        rows.rotate_left(if turn % 2 == 0 { 5 } else { 3 });
        let db = db_from_text(&table(&rows));
        for rules in &rules {
            let recommender = HardwareRecommender::new(&db, rules);
            let scores = recommender.calculate(None, None).unwrap().pairs.read().unwrap();
            let stored: Vec<Option<f64>> = scores.iter().map(|one| one.memory_requirement).collect();
            assert_eq!(stored, [Some(1_000.0); 3], "turn {turn}, {:?}", rules.engine);
            let answer = ask(&db, rules, &request("inference"));
            let shown: Vec<Option<f64>> = answer.recommendations.iter().map(|one| one.memory_requirement).collect();
            assert_eq!(shown, [Some(1_000.0); 3], "turn {turn}, {:?}", rules.engine);
        }
    }
}
