//! Two snapshots on one scale: what a comparison is made of.

use super::{Takes, VersionControlSystem};
use crate::ModelRegistryIntegration;
use crate::recommend::judge::{Scored, score};
use crate::recommend::{HardwareRecommender, Request};
use crate::rules::RuleSet;
use crate::scoring::result::ScoredPair;
use crate::store::Db;

/// v1 has results 1 and 2 and v2 results 3 to 5: A got faster, B is gone, C came, and so did a second run of A.
const ROWS: &str = "model,hardware,task,batch_size,throughput_items_per_second,latency_ms_mean,tested_at
m,A,inference,1,400,5,2026-01-01T00:00:00Z
m,B,inference,1,200,4,2026-01-01T00:00:00Z
m,A,inference,1,400,4,2026-02-01T00:00:00Z
m,C,inference,1,100,10,2026-02-01T00:00:00Z
m,A,inference,1,600,4,2026-02-02T00:00:00Z
";

fn rules() -> RuleSet {
    let scoring = crate::rules::RuleSet::embedded().unwrap().files[0].text.clone();
    RuleSet::compile(&[("config/scoring.toml", scoring.as_str()), ("config/rules.toml", "")]).unwrap()
}

/// A database with a snapshot of v1 and one of v2; their keys.
fn database(rules: &RuleSet) -> (Db, [i64; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rows.csv");
    std::fs::write(&file, ROWS).unwrap();
    let none = std::path::Path::new("no such folder");
    let (mappings, aliases) = (crate::import::Mappings::load(none).unwrap(), crate::import::Aliases::load(none).unwrap());
    let mut db = Db::open_in_memory().unwrap();
    crate::import::import(&mut db, &[file], &mappings, &aliases, &crate::import::Options::default(), &mut |_| ()).unwrap();
    let ids = [("v1", &[1, 2][..]), ("v2", &[3, 4, 5])].map(|(tag, ids)| {
        ModelRegistryIntegration::new(&mut db).link_test_results("m", tag, ids).unwrap();
        VersionControlSystem::new(&mut db).create_compatibility_snapshot(rules, "m", tag, Takes::Linked).unwrap().snapshot.id
    });
    (db, ids)
}

fn request() -> Request {
    Request { model: "m".into(), task: Some("inference".into()), version: Some("v1".into()), ..Request::default() }
}

fn scored(db: &Db, rules: &RuleSet) -> Scored {
    let request = request();
    let scope = HardwareRecommender::new(db, rules).resolve(&request).unwrap().scope;
    score(db, rules, &scope, &[]).unwrap()
}

fn said(pairs: &[ScoredPair]) -> Vec<(&str, usize, i64, u64)> {
    pairs.iter().map(|one| (one.pair.hardware.as_str(), one.side, one.pair.results, one.suitability.to_bits())).collect()
}

#[test]
fn both_sides_are_held_against_the_best_of_the_two() {
    let rules = rules();
    let (db, ids) = database(&rules);
    let both = db.over(&ids).unwrap();
    let scored = scored(&both, &rules);
    // The best throughput is 500 (the mean of 400 and 600), the best latency 4; inference weighs throughput 0.6 and latency 0.45, memory is out.
    let (throughput, latency) = (0.6 / 1.05, 0.45 / 1.05);
    let expected = [
        ("A", 0, 1, throughput * 0.8 + latency * 0.8),
        ("A", 1, 2, throughput + latency),
        ("B", 0, 1, throughput * 0.4 + latency),
        ("C", 1, 1, throughput * 0.2 + latency * 0.4),
    ];
    let pairs = &scored.sets[0];
    assert_eq!(pairs.len(), expected.len());
    for (pair, (hardware, side, results, compatibility)) in pairs.iter().zip(expected) {
        assert_eq!((pair.pair.hardware.as_str(), pair.side, pair.pair.results), (hardware, side, results));
        assert!((pair.pair.compatibility - compatibility).abs() < 1e-9, "{hardware} {side}: {}", pair.pair.compatibility);
        let basis = pair.best_entry().unwrap().components[0].basis.unwrap();
        assert!((basis.reference - 500.0).abs() < 1e-9);
    }
    // The points, with the values that a test of significance is made of.
    let points = both.samples(&scored.plan, &rules.scoring).unwrap();
    let of = |hardware: &str, side: usize| points.iter().find(|point| point.hardware == hardware && point.side == side).unwrap();
    assert_eq!(points.len(), 4);
    let mut values = of("A", 1).metrics["throughput_items_per_second"].values.clone();
    values.sort_by(f64::total_cmp);
    assert_eq!(values, [400.0, 600.0]);
    assert_eq!(of("A", 0).metrics["latency_ms_mean"].values, [5.0]);
    assert_eq!(of("A", 1).point_id, pairs[1].best_entry().unwrap().point_id);
    assert_eq!(of("C", 1).cell["task"].as_deref(), Some("inference"));
}

#[test]
fn what_a_limit_takes_is_set_aside_on_its_side() {
    let rules = rules();
    let (db, ids) = database(&rules);
    let both = db.over(&ids).unwrap();
    // A of v1 has a latency of 5, C of 10.
    let limited = Request { limits: vec!["latency_ms_mean<5".parse().unwrap()], ..request() };
    let scope = HardwareRecommender::new(&both, &rules).resolve(&limited).unwrap().scope;
    let scored = score(&both, &rules, &scope, &[]).unwrap();
    let kept: Vec<(&str, usize)> = scored.sets[0].iter().map(|one| (one.pair.hardware.as_str(), one.side)).collect();
    assert_eq!(kept, [("A", 1), ("B", 0)]);
    let aside: Vec<(String, usize)> = both.set_aside(&scope).unwrap().into_iter().map(|one| (one.hardware, one.side)).collect();
    assert_eq!(aside, [("A".to_owned(), 0), ("C".to_owned(), 1)]);
}

#[test]
fn a_snapshot_beside_itself_is_the_same_on_both_sides_and_as_alone() {
    let rules = rules();
    let (db, [_, second]) = database(&rules);
    let alone = scored(&db.over(&[second]).unwrap(), &rules);
    let twice = scored(&db.over(&[second, second]).unwrap(), &rules);
    let side = |side: usize| {
        let pairs = twice.sets[0].iter().filter(|one| one.side == side).cloned().map(|one| ScoredPair { side: 0, ..one });
        pairs.collect::<Vec<ScoredPair>>()
    };
    assert_eq!(said(&side(0)), said(&alone.sets[0]));
    assert_eq!(said(&side(1)), said(&alone.sets[0]));
    assert_eq!(alone.sets[0].len(), 2);
}
