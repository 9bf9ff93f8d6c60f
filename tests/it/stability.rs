//! How much an answer hangs on its weights: crossings worked out by hand, shares against exact areas, what must never change.

use std::collections::BTreeMap;

use suitor::recommend::HardwareRecommender;
use suitor::recommend::request::Request;
use suitor::rules::RuleSet;
use suitor::scoring::Profile;
use suitor::stability::{Change, Options, Stability};

use crate::binary::{done, folder_of_rows, suitor};
use crate::support::{ask, db_from_text, no_rules, rules_of, scoring_toml};

/// Rows of model `m` at batch 1: hardware, throughput, latency, memory.
fn table(rows: &[(&str, f64, f64, f64)]) -> String {
    let mut text = "model,task,batch_size,hardware_norm,throughput_items_per_second,latency_ms_mean,memory_peak_mb\n".to_owned();
    for (hardware, throughput, latency, memory) in rows {
        text += &format!("m,inference,1,{hardware},{throughput},{latency},{memory}\n");
    }
    text
}

fn request() -> Request {
    Request { model: "m".to_owned(), task: Some("inference".to_owned()), ..Request::default() }
}

fn measure_by(rows: &[(&str, f64, f64, f64)], rules: &RuleSet, request: &Request, options: Options) -> Stability {
    HardwareRecommender::new(&db_from_text(&table(rows)), rules).stability(request, options).unwrap()
}

fn measure(rows: &[(&str, f64, f64, f64)]) -> Stability {
    measure_by(rows, &no_rules(), &request(), Options { samples: 512, seed: 1 })
}

fn change<'a>(stability: &'a Stability, component: &str) -> &'a Change {
    stability.changes.iter().find(|change| change.component == component).unwrap()
}

fn share(stability: &Stability, hardware: &str) -> f64 {
    stability.candidates.iter().find(|one| one.hardware == hardware).unwrap().share
}

/// A has twice the throughput, B half the latency; weights of inference 0.48, 0.36, 0.16.
const TWO: &[(&str, f64, f64, f64)] = &[("A", 100.0, 10.0, 1000.0), ("B", 50.0, 5.0, 1000.0)];

/// A shipped rule set with one rule that multiplies the score of B.
fn rule(body: &str) -> RuleSet {
    let rules = "[[rule]]\nscript = \"b.rhai\"\ntitle = \"B\"\nenabled = true\n";
    let script = format!("{body}\n");
    let files = [("config/scoring.toml", scoring_toml()), ("config/rules.toml", rules.to_owned()), ("rules/b.rhai", script)];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    RuleSet::compile(&files).unwrap_or_else(|errors| panic!("{}", errors.render()))
}

#[test]
fn two_candidates_cross_where_it_was_worked_out_by_hand() {
    let found = measure(TWO);
    assert_eq!(found.winner.as_deref(), Some("A"));
    // A scores t + l/2 + m, B t/2 + l + m: A is first while throughput weighs more than latency.
    // Latency to l, the others in proportion: throughput 0.48/0.64 (1 - l) = l at l = 3/7; 4/3 of what it was.
    let up = change(&found, "latency").up.as_ref().unwrap();
    assert!(up.weight >= 3.0 / 7.0 - 1e-11 && up.weight - 3.0 / 7.0 < 2e-9, "{up:?}");
    assert!((up.factor - 4.0 / 3.0).abs() < 1e-7 && up.winner.as_deref() == Some("B"), "{up:?}");
    assert!(change(&found, "latency").down.is_none());
    // Throughput to t: latency 0.36/0.52 (1 - t) = t at t = 9/22.
    let down = change(&found, "throughput").down.as_ref().unwrap();
    assert!((down.weight - 9.0 / 22.0).abs() < 2e-9 && (down.factor - 0.75).abs() < 1e-7, "{down:?}");
    // Memory is alike, whatever it weighs; energy has no weight.
    let memory = change(&found, "memory");
    assert!(memory.up.is_none() && memory.down.is_none() && memory.without.as_deref() == Some("A"));
    assert_eq!(found.changes.len(), 3);
    assert_eq!(change(&found, "throughput").without.as_deref(), Some("B"));
    assert_eq!(change(&found, "latency").without.as_deref(), Some("A"));
    // By symmetry half of the weight space each.
    assert!((share(&found, "A") - 0.5).abs() < 0.01 && (share(&found, "B") - 0.5).abs() < 0.01, "{:?}", found.candidates);
    assert!(found.none_share.abs() < f64::EPSILON);
}

#[test]
fn weights_are_varied_on_the_full_score_after_the_rules() {
    let options = Options { samples: 256, seed: 3 };
    // B x 0.9: with latency at l, A scores 1 - l/2 and B 0.9 (0.625 + 0.375 l): l = 0.4375 / 0.8375.
    let adjusted = measure_by(
        TWO,
        &rule("fn adjust(score, pair, request) { if pair.hardware_name == \"B\" { score * 0.9 } else { score } }"),
        &request(),
        options,
    );
    let up = change(&adjusted, "latency").up.as_ref().unwrap();
    assert!((up.weight - 0.437_5 / 0.837_5).abs() < 2e-9, "{up:?}");
    // The rule excludes B: nothing can put it first.
    let excluded = measure_by(
        TWO,
        &rule("fn exclude(pair, request) { if pair.hardware_name == \"B\" { \"not here\" } else { () } }"),
        &request(),
        options,
    );
    assert!(excluded.changes.iter().all(|change| change.up.is_none() && change.down.is_none()));
    assert!((share(&excluded, "A") - 1.0).abs() < f64::EPSILON && excluded.candidates.len() == 1);
    // What the rule sets weights to is what is varied.
    let weighed = measure_by(TWO, &rule("fn weigh(weights, request) { weights.latency = 4.0; weights }"), &request(), options);
    assert_eq!(weighed.winner.as_deref(), Some("B"));
    assert!((weighed.weights["latency"] - 4.0 / 4.8).abs() < 1e-12, "{:?}", weighed.weights);
    assert!((change(&weighed, "latency").down.as_ref().unwrap().weight - 3.0 / 7.0).abs() < 2e-9);
}

type Point = (f64, f64);

/// What of a convex polygon lies where a x + b y + c >= 0.
fn clipped(polygon: &[Point], (a, b, c): (f64, f64, f64)) -> Vec<Point> {
    let side = |(x, y): Point| a * x + b * y + c;
    let mut kept = Vec::new();
    for (at, &from) in polygon.iter().enumerate() {
        let to = polygon[(at + 1) % polygon.len()];
        let (one, two) = (side(from), side(to));
        if one >= 0.0 {
            kept.push(from);
        }
        if (one < 0.0) != (two < 0.0) {
            let part = one / (one - two);
            kept.push((from.0 + part * (to.0 - from.0), from.1 + part * (to.1 - from.1)));
        }
    }
    kept
}

fn area(polygon: &[Point]) -> f64 {
    let doubled: f64 = polygon
        .iter()
        .enumerate()
        .map(|(at, (x, y))| {
            let (next_x, next_y) = polygon[(at + 1) % polygon.len()];
            x * next_y - next_x * y
        })
        .sum();
    doubled.abs() / 2.0
}

/// The share of the triangle of weights (x, y, 1 - x - y) in which each scores highest.
fn areas(scores: &[[f64; 3]]) -> Vec<f64> {
    let regions = scores.iter().enumerate().map(|(i, own)| {
        let mut region = vec![(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)];
        for (j, other) in scores.iter().enumerate() {
            if i != j && !region.is_empty() {
                let d: Vec<f64> = own.iter().zip(other).map(|(own, other)| own - other).collect();
                region = clipped(&region, (d[0] - d[2], d[1] - d[2], d[2]));
            }
        }
        area(&region) * 2.0
    });
    regions.collect()
}

#[test]
fn shares_are_the_areas_of_the_regions_in_the_triangle_of_weights() {
    let rules = rules_of(&scoring_toml().replace("full_at = 5", "full_at = 1"));
    let sets: [&[(&str, f64, f64, f64)]; 3] = [
        &[
            ("A", 100.0, 10.0, 2000.0),
            ("B", 60.0, 6.0, 1500.0),
            ("C", 30.0, 9.0, 500.0),
            ("D", 80.0, 7.5, 900.0),
            ("E", 20.0, 20.0, 4000.0),
        ],
        &[("A", 100.0, 20.0, 1000.0), ("B", 90.0, 10.0, 1100.0), ("C", 95.0, 11.0, 800.0)],
        &[("A", 10.0, 10.0, 10.0), ("B", 9.0, 9.0, 20.0), ("C", 12.0, 14.0, 12.0), ("D", 11.0, 8.0, 40.0)],
    ];
    for rows in sets {
        let best =
            rows.iter().fold([0.0_f64, f64::MAX, f64::MAX], |best, row| [best[0].max(row.1), best[1].min(row.2), best[2].min(row.3)]);
        let scores: Vec<[f64; 3]> = rows.iter().map(|row| [row.1 / best[0], best[1] / row.2, best[2] / row.3]).collect();
        let expected = areas(&scores);
        assert!((expected.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{expected:?}");
        let found = measure_by(rows, &rules, &request(), Options::default());
        for (row, expected) in rows.iter().zip(&expected) {
            let one = found.candidates.iter().find(|one| one.hardware == row.0).unwrap();
            assert!((one.share - expected).abs() < 0.01, "{one:?}: {expected}");
            // The stated error is one: three times it is never too little.
            assert!((one.share - expected).abs() < 3.0 * one.error, "{one:?}: {expected}");
        }
    }
}

const THREE: &[(&str, f64, f64, f64)] = &[("A", 100.0, 10.0, 2000.0), ("B", 60.0, 6.0, 1500.0), ("C", 30.0, 9.0, 500.0)];

#[test]
fn a_seed_draws_the_same_again_and_another_agrees_within_the_error() {
    let text = |seed: u64| {
        let found = measure_by(THREE, &no_rules(), &request(), Options { samples: 480, seed });
        assert!((found.candidates.iter().map(|one| one.share).sum::<f64>() + found.none_share - 1.0).abs() < 1e-12);
        (serde_json::to_string(&found).unwrap(), found)
    };
    let ((first, one), (again, _), (other, two)) = (text(5), text(5), text(6));
    assert_eq!(first, again);
    assert_ne!(first, other);
    for (one, two) in one.candidates.iter().zip(&two.candidates) {
        assert!((one.share - two.share).abs() <= 2.0 * (one.error + two.error), "{one:?} {two:?}");
    }
}

#[test]
fn units_and_the_order_of_rows_change_nothing() {
    let mut scaled: Vec<_> = THREE.iter().map(|(name, a, b, c)| (*name, a * 8.0, b * 4.0, c * 2.0)).collect();
    scaled.reverse();
    let (one, two) = (measure(THREE), measure(&scaled));
    let parts = |of: &Stability| serde_json::to_string(&(&of.candidates, &of.changes, &of.left_out, &of.profiles)).unwrap();
    assert_eq!(parts(&one), parts(&two));
}

#[test]
fn who_gets_better_wins_no_less_and_needs_no_more() {
    let (mut last_share, mut last_weight) = (0.0, 1.0);
    for latency in [7.0, 6.0, 5.0, 4.0, 3.0] {
        let found = measure(&[("A", 100.0, 10.0, 1000.0), ("B", 50.0, latency, 1000.0), ("C", 10.0, 30.0, 900.0)]);
        let (share, weight) = (share(&found, "B"), change(&found, "latency").up.as_ref().map_or(0.0, |up| up.weight));
        if found.winner.as_deref() == Some("A") {
            assert!(weight > 0.0 && weight < last_weight, "{latency}: {weight} after {last_weight}");
            last_weight = weight;
        }
        assert!(share >= last_share, "{latency}: {share} after {last_share}");
        last_share = share;
    }
    assert!(last_share > 0.3);
}

/// What came first, what comes first, whether they differ, and pairs that change places.
type Left<'a> = (Option<&'a str>, Option<&'a str>, bool, usize);

#[test]
fn leaving_out_the_third_that_turns_two_around_is_named() {
    // With C (ten times the throughput, ten times the latency) B stands above A: 4/7 0.1 + 3/7 0.6 against 4/7 0.06 + 3/7.
    // Without it A: 4/7 + 3/7 0.6 against 4/7 0.6 + 3/7.
    let rows = "model,task,batch_size,hardware_norm,throughput_items_per_second,latency_ms_mean\n\
        m,inference,1,A,100,10\nm,inference,1,B,60,6\nm,inference,1,C,1000,100\n";
    let db = db_from_text(rows);
    let rules = no_rules();
    let found = HardwareRecommender::new(&db, &rules).stability(&request(), Options { samples: 64, seed: 0 }).unwrap();
    let left: BTreeMap<&str, Left<'_>> = found
        .left_out
        .iter()
        .map(|one| (one.hardware.as_str(), (one.before.as_deref(), one.after.as_deref(), one.flips, one.swaps)))
        .collect();
    assert_eq!(left["C"], (Some("B"), Some("A"), true, 1));
    assert_eq!(left["A"], (Some("C"), Some("C"), false, 0));
    assert_eq!(left.len(), 3);
    // Each is what an answer without that hardware says.
    for without in ["A", "B", "C"] {
        let only = ["A", "B", "C"].iter().filter(|name| **name != without).map(|name| (*name).to_owned()).collect();
        let answer = ask(&db, &rules, &Request { only, ..request() });
        assert_eq!(left[without].1, Some(answer.recommendations[0].hardware.as_str()), "without {without}");
    }
}

#[test]
fn the_profiles_agreement_is_that_of_the_two_answers() {
    let rows = [("A", 100.0, 10.0, 2000.0), ("B", 60.0, 6.0, 1500.0), ("C", 30.0, 9.0, 500.0), ("D", 99.0, 60.0, 400.0)];
    let db = db_from_text(&table(&rows));
    let rules = no_rules();
    let orders: Vec<Vec<String>> = [Profile::Documented, Profile::Ratio]
        .iter()
        .map(|profile| {
            let answer = ask(&db, &rules, &Request { profile: Some(*profile), ..request() });
            answer.recommendations.into_iter().map(|one| one.hardware).collect()
        })
        .collect();
    assert_ne!(orders[0], orders[1], "rows that the profiles rank alike show nothing");
    let place = |order: &[String], name: &String| order.iter().position(|one| one == name).unwrap();
    let (mut sum, mut pairs) = (0.0, 0.0);
    for (at, one) in orders[0].iter().enumerate() {
        for two in &orders[0][at + 1..] {
            sum += if place(&orders[1], one) < place(&orders[1], two) { 1.0 } else { -1.0 };
            pairs += 1.0;
        }
    }
    for profile in [Profile::Documented, Profile::Ratio] {
        let asked = Request { profile: Some(profile), ..request() };
        let found = HardwareRecommender::new(&db, &rules).stability(&asked, Options { samples: 16, seed: 0 }).unwrap();
        let profiles = found.profiles.unwrap();
        assert_eq!((profiles.documented.as_ref(), profiles.ratio.as_ref()), (orders[0].first(), orders[1].first()));
        assert_eq!(profiles.agree, orders[0][0] == orders[1][0]);
        assert!((profiles.kendall_tau.unwrap() - sum / pairs).abs() < 1e-12, "{profiles:?}");
    }
}

const ROWS: &str = "model,task,batch_size,hardware,throughput_items_per_second,latency_ms_mean,memory_peak_mb\n\
    m,inference,1,A,100,10,1000\nm,inference,1,B,50,5,1000\n";

#[test]
fn the_table_says_what_it_would_take_and_the_exit_code_whether_there_is_an_answer() {
    let folder = folder_of_rows(ROWS);
    done(folder.path(), &["init", "--quiet"]);
    std::fs::write(folder.path().join("config/rules.toml"), "").unwrap();
    let ask = ["stability", "--model", "m", "--task", "inference", "--samples", "64"];
    let table = done(folder.path(), &ask);
    assert!(table.contains("latency 0.360: B first at 0.429 (x 1.333)"), "{table}");
    assert!(table.contains("throughput 0.480: B first at 0.409 (x 0.750); at weight 0 B first"), "{table}");
    assert!(table.contains("memory 0.160: A stays first at any weight"), "{table}");
    assert!(table.contains('█') && table.contains("64 weight sets"), "{table}");
    let csv = done(folder.path(), &[&ask[..], &["--format", "csv"]].concat());
    assert!(csv.starts_with("rank,hardware,score,share,error\n1,A,") && csv.lines().count() == 3, "{csv}");
    let nothing = suitor(folder.path(), &["stability", "--model", "m", "--task", "training"]);
    assert!(nothing.code == 3 && nothing.printed.contains("nothing is ranked"), "{nothing:?}");
    assert_eq!(suitor(folder.path(), &["stability", "--model", "m", "--samples", "0"]).code, 2);
}

#[test]
fn a_recommendation_says_which_weight_doubled_or_halved_puts_another_first() {
    let db = db_from_text(&table(TWO));
    let answer = ask(&db, &no_rules(), &request());
    // Latency doubled: 0.48, 0.72, 0.16 of 1.36. Throughput halved: 0.24, 0.36, 0.16 of 0.76. Else throughput stays above latency.
    let found: Vec<(&str, f64, Option<&str>)> =
        answer.sensitivity.iter().flatten().map(|one| (one.component.as_str(), one.weight, one.winner.as_deref())).collect();
    assert_eq!(found.len(), 2, "{found:?}");
    for ((component, weight, winner), (name, expected)) in found.iter().zip([("throughput", 0.24 / 0.76), ("latency", 0.72 / 1.36)]) {
        assert!(*component == name && (weight - expected).abs() < 1e-12 && *winner == Some("B"), "{found:?}");
    }
    // Each is what an answer by the changed file says.
    for (line, changed, winner) in
        [("weight = 0.3", "weight = 0.6", "B"), ("weight = 0.3", "weight = 0.15", "A"), ("weight = 0.2", "weight = 0.4", "A")]
    {
        let scoring = scoring_toml();
        assert!(scoring.contains(line));
        let answer = ask(&db, &rules_of(&scoring.replace(line, changed)), &request());
        assert_eq!(answer.recommendations[0].hardware, winner, "{changed}");
    }
    // One that is best in everything stays first; a single component has nothing to weigh.
    let best = ask(&db_from_text(&table(&[("A", 100.0, 5.0, 900.0), ("B", 50.0, 10.0, 1000.0)])), &no_rules(), &request());
    assert_eq!(best.sensitivity.map(|all| all.len()), Some(0));
    let alone = scoring_toml().replace("weight = 0.3", "weight = 0").replace("weight = 0.2", "weight = 0");
    assert!(ask(&db, &rules_of(&alone), &request()).sensitivity.is_none());
}

#[test]
fn a_share_of_none_or_all_is_no_more_exact_than_its_draws() {
    // A is better in everything: each of 64 draws is A's. A true share p leaves 64 draws without it with a chance of (1 - p)^64.
    let folder = folder_of_rows(&ROWS.replace("B,50,5", "B,50,20"));
    let ask = ["stability", "--model", "m", "--samples", "64"];
    let table = done(folder.path(), &ask);
    assert!(table.contains("100 %  ████████  < 4.6 %") && table.contains("0 %  ········  < 4.6 %"), "{table}");
    assert!(table.contains("+- 95 %\n<: no draw, or every draw, won: the one-sided 95 % bound of so many draws\n"), "{table}");
    let json: serde_json::Value = serde_json::from_str(&done(folder.path(), &[&ask[..], &["--format", "json"]].concat())).unwrap();
    for (one, share) in json["candidates"].as_array().unwrap().iter().zip([1.0, 0.0]) {
        assert_eq!(one["share"], share);
        assert!(((1.0 - one["error"].as_f64().unwrap()).powi(64) - 0.05).abs() < 1e-9, "{one}");
    }
    crate::documents::conforms(&json, &crate::documents::schema(folder.path(), "stability"));
}
