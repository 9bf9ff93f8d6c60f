//! Many questions at once are answered as one by one: same order, same scores to the bit, same exclusions.

use suitor::recommend::many::Ranking;
use suitor::recommend::request::{Match, Pin};
use suitor::recommend::{Answer, HardwareRecommender, Request, Survey};
use suitor::rules::RuleSet;
use suitor::store::Db;

use crate::support::{ask, db_from_csv, db_from_text, no_rules, own_tables};

/// Answers all questions at once, and every `step`-th alone.
#[track_caller]
fn agrees(db: &Db, rules: &RuleSet, terms: &Request, models: &[String], step: usize) -> usize {
    let survey = Survey::new(db, terms.clone(), models, &[], &[]).unwrap();
    let which: Vec<usize> = (0..survey.count()).collect();
    let all = survey.answer(rules, &which, false).unwrap().rankings;
    assert_eq!(all.len(), survey.count());
    for (at, one) in all.iter().enumerate().step_by(step) {
        let request = Request { model: one.model.clone(), task: Some(one.task.clone()), ..terms.clone() };
        let alone = ask(db, rules, &request);
        same(one, &alone);
        let without = survey.without_result(rules, at).unwrap();
        let mut not_scored: Vec<_> = one.not_scored.iter().chain(&without).cloned().collect();
        not_scored.sort_by(|a, b| a.hardware.cmp(&b.hardware));
        assert_eq!(not_scored, alone.not_scored, "{} {}", one.model, one.task);
    }
    all.len()
}

#[track_caller]
fn same(one: &Ranking, alone: &Answer) {
    let many: Vec<_> = one.ranked.iter().map(|ranked| (&ranked.hardware, ranked.score.to_bits(), ranked.tie_group)).collect();
    let single: Vec<_> = alone.recommendations.iter().map(|ranked| (&ranked.hardware, ranked.score.to_bits(), ranked.tie_group)).collect();
    assert_eq!(many, single, "{} {}", one.model, one.task);
    assert_eq!(one.excluded, alone.excluded, "{} {}", one.model, one.task);
}

#[test]
fn all_questions_at_once_are_answered_as_one_by_one() {
    let db = db_from_csv(&own_tables());
    let rules = RuleSet::embedded().unwrap();
    let count = agrees(&db, &rules, &Request::default(), &[], 90);
    assert!(count > 400, "{count}");
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
    let few = named(&["resnet50", "bert", "llama2_70b_lora", "llama2-70b-99"]);
    let sensitive = Request { requirements: named(&["latency-sensitive"]), per_device: true, ..Request::default() };
    agrees(&db, &rules, &sensitive, &few, 2);
    let limits = vec!["throughput_items_per_second>=100".parse().unwrap()];
    let scenario = Pin { field: "scenario".to_owned(), how: Match::Equal, value: "Server".to_owned() };
    agrees(&db, &rules, &Request { limits, pins: vec![scenario], ..Request::default() }, &few, 2);
}

#[test]
fn rows_without_a_unit_join_the_same_points_among_many_models() {
    // A's third row joins `images`, the first unit by text; B's second row has a batch size of its own, and nothing to join.
    let of = |model: &str, factor: u32| {
        let row = |hardware: &str, throughput: u32, batch: u32, unit: &str, size: &str| {
            format!("{model},{hardware},cuda,inference,{},{batch},{unit},{size}\n", throughput * factor)
        };
        [
            row("A", 10, 8, "images", "224"),
            row("A", 70, 8, "samples", "224"),
            row("A", 30, 8, "", "224"),
            row("B", 16, 8, "images", "224"),
            row("B", 90, 32, "", "224"),
            row("B", 5, 8, "", "96"),
            row("A", 4, 8, "images", "96"),
        ]
        .concat()
    };
    let header = "model,hardware_norm,hardware_type,task,throughput_items_per_second,batch_size,item_unit,image_size\n";
    let db = db_from_text(&[header, &of("one", 1), &of("two", 3)].concat());
    assert_eq!(agrees(&db, &no_rules(), &Request::default(), &[], 1), 2);
    // A has 20 images/s over two rows, B has 16 over one; at the other size nothing is compared.
    let (rules, expected) = (no_rules(), [("A", 2, 1.0), ("B", 1, 0.8)]);
    let scores = HardwareRecommender::new(&db, &rules).calculate(None, None).unwrap().pairs.read().unwrap();
    let pairs: Vec<_> = scores.iter().map(|pair| (pair.hardware.as_str(), pair.results, pair.compatibility)).collect();
    assert_eq!(pairs, [expected, expected].concat());
}

#[test]
fn priors_stand_in_where_nothing_is_measured_and_failed_runs_forbid_it() {
    let rows = "model,model_family,hardware_norm,hardware_type,task,throughput_items_per_second,status,division,suite\n\
        measured,vision,A,cuda,inference,10,ok,closed,v4\nmeasured,vision,B,cpu,inference,5,ok,closed,v4\n\
        measured,vision,C,cpu,inference,50,ok,open,v5\nelsewhere,vision,C,cpu,inference,50,ok,open,v5\n\
        elsewhere,vision,A,cuda,training,50,ok,open,v5\nfailed,vision,B,cpu,inference,,oom,,\nother,unheard,B,cpu,training,5,ok,,\n";
    let db = db_from_text(rows);
    let rules = RuleSet::embedded().unwrap();
    agrees(&db, &rules, &Request::default(), &[], 1);
    for only in ["cuda", "C"] {
        let count = agrees(&db, &rules, &Request { only: vec![only.to_owned()], ..Request::default() }, &[], 1);
        assert_eq!(count, 5);
    }
    let survey = Survey::new(&db, Request { only: vec!["cuda".to_owned()], ..Request::default() }, &[], &[], &[]).unwrap();
    let rankings = survey.answer(&rules, &[0, 1, 2, 3, 4], false).unwrap().rankings;
    let listed: Vec<(&str, &str, usize)> = rankings.iter().map(|one| (one.model.as_str(), one.task.as_str(), one.ranked.len())).collect();
    let expected = [
        ("elsewhere", "inference", 1),
        ("failed", "inference", 1),
        ("measured", "inference", 1),
        ("elsewhere", "training", 1),
        ("other", "training", 0),
    ];
    assert_eq!(listed, expected);
}
