//! Weights, cells, confidence, profiles, ties.

use super::*;

const TWO: &str =
    "batch_size,throughput_items_per_second,latency_ms_mean,memory_peak_mb,energy_j_per_item\nA,1,100,10,1000,2\nB,1,80,5,500,1";

#[test]
fn weights_are_base_by_task_by_requirement() {
    weights_are(&answer(TWO, plain()), [0.48, 0.36, 0.16, 0.0]);
    // 0.6, 0.45 x 3, 0.2 of 2.15
    weights_are(&answer(TWO, requiring("latency-sensitive")), [0.6 / 2.15, 1.35 / 2.15, 0.2 / 2.15, 0.0]);
    // 0.6, 0.45, 0.2 x 3 of 1.65
    weights_are(&answer(TWO, requiring("memory-constrained")), [0.6 / 1.65, 0.45 / 1.65, 0.6 / 1.65, 0.0]);
    // energy set to 0.6: of 1.85
    weights_are(&answer(TWO, requiring("energy-saving")), [0.6 / 1.85, 0.45 / 1.85, 0.2 / 1.85, 0.6 / 1.85]);
    // training: 0.5 x 1.5, 0.3 x 0.5, 0.2 x 1.5 of 1.2
    let table =
        TWO.replace("item\n", "item,task\n").replace("A,1,100,10,1000,2", "A,1,100,10,1000,2,training").replace("500,1", "500,1,training");
    let training = answer(&table, Request { task: Some("training".to_owned()), ..plain() });
    weights_are(&training, [0.625, 0.125, 0.25, 0.0]);
}

#[test]
fn a_component_of_weight_0_is_shown_and_counts_nothing() {
    let found = answer(TWO, plain());
    near(of(&found, "A").components["energy"].expect("shown"), 0.5);
    // 0.48 + 0.18 + 0.08
    near(of(&found, "A").compatibility, 0.74);
    // It does not make hardware contested either.
    let alone = answer("batch_size,energy_j_per_item,throughput_items_per_second,item_unit\nA,1,1,5,x\nB,1,2,,x", plain());
    assert!(of(&alone, "A").uncontested);
    assert_eq!(alone.not_scored[0].hardware, "B", "nothing of weight above 0 is known of it");
}

#[test]
fn requirements_change_the_order() {
    // Plain: A 0.48 + 0.36 x 0.6 + 0.16 x 0.5 = 0.776, B 0.48 x 0.6 + 0.36 + 0.16 = 0.808.
    let table = "batch_size,throughput_items_per_second,latency_ms_mean,memory_peak_mb\nA,1,100,10,1000\nB,1,60,6,500\nC,1,95,7,2000";
    assert_eq!(order(&answer(table, plain())), ["B", "C", "A"]);
    // C: 0.456 + 0.36 x 6/7 + 0.16 x 0.25 = 0.804571428571; with memory x 3: (0.57 + 0.45 x 6/7 + 0.15) / 1.65 = 0.670129870130,
    // A: (0.6 + 0.27 + 0.3) / 1.65 = 0.709090909091.
    near(of(&answer(table, plain()), "C").compatibility, 0.804_571_428_571);
    let found = answer(table, requiring("memory-constrained"));
    assert_eq!(order(&found), ["B", "A", "C"]);
    near(of(&found, "C").compatibility, 0.670_129_870_130);
    near(of(&found, "A").compatibility, 0.709_090_909_091);
}

#[test]
fn confidence_grows_with_the_number_of_results_to_five() {
    // A 1 row, B 3, C 5, D 7: 0.84, 0.92, 1, 1.
    let mut table = "throughput_items_per_second".to_owned();
    for (hardware, rows) in [("A", 1), ("B", 3), ("C", 5), ("D", 7)] {
        table += &format!("\n{hardware},10").repeat(rows);
    }
    let found = answer(&table, plain());
    for (hardware, n, confidence) in [("A", 1, 0.84), ("B", 3, 0.92), ("C", 5, 1.0), ("D", 7, 1.0)] {
        near(of(&found, hardware).confidence, confidence);
        assert_eq!(of(&found, hardware).results, n);
    }
    // Equal scores: by label.
    assert_eq!(order(&found), ["C", "D", "B", "A"]);
}

#[test]
fn over_cells_compatibility_is_the_mean_of_its_own_and_confidence_of_all() {
    // S: A 100, B 50. T: A, B and C 10 each.
    let table = "scenario,throughput_items_per_second\nA,S,100\nB,S,50\nA,T,10\nB,T,10\nC,T,10";
    let found = answer(table, plain());
    // A 1 x 0.84. C 1 x (0.84 + 0.8) / 2. B (0.5 + 1) / 2 x 0.84.
    assert_eq!(order(&found), ["A", "C", "B"]);
    near(of(&found, "A").score, 0.84);
    near(of(&found, "C").score, 0.82);
    near(of(&found, "B").score, 0.63);
    assert_eq!((of(&found, "C").coverage.cells, of(&found, "C").coverage.of), (1, 2));
    assert_eq!((of(&found, "A").results, of(&found, "C").results), (2, 1));
    // ratio: B sqrt(0.5 x 1) x 0.84; C 1 x 0.84 x (1 + 0.8) / 2.
    let found = answer(table, Request { profile: Some(Profile::Ratio), ..plain() });
    near(of(&found, "B").compatibility, 0.5_f64.sqrt());
    near(of(&found, "B").score, 0.593_969_696_197);
    near(of(&found, "C").confidence, 0.756);
}

#[test]
fn ratio_is_the_weighted_geometric_mean() {
    // Weights 4/7 and 3/7. A: 1^(4/7) x 0.5^(3/7) = 0.742997144569. B: 0.8^(4/7) = 0.880284084112.
    let table = "batch_size,throughput_items_per_second,latency_ms_mean\nA,1,100,10\nB,1,80,5";
    let found = answer(table, ratio());
    near(of(&found, "A").compatibility, 0.742_997_144_569);
    near(of(&found, "B").compatibility, 0.880_284_084_112);
    // D lacks memory (weight 1/4, median of 1 and 0.25 is 0.625) and has throughput 0.8: own 0.8,
    // 0.8^(3/4) x 0.625^(1/4) = 0.752120618617.
    let table = "batch_size,throughput_items_per_second,memory_peak_mb\nA,1,100,1000\nB,1,100,4000\nD,1,80,";
    let found = answer(table, ratio());
    near(of(&found, "D").components["memory"].expect("imputed"), 0.625);
    near(of(&found, "D").compatibility, 0.752_120_618_617);
}

#[test]
fn hardware_whose_intervals_overlap_the_first_are_a_tie() {
    // A: 99 and 101, mean 100, s = sqrt 2, t(0.975, 1) = 12.7062047362, half width t s / sqrt 2 = 12.7062047362: from 0.872937952638
    // (capped at 1 above), x 0.88 for two results: [0.768185398321, 0.88]. C 95: 0.95 x 0.84 = 0.798, within. B 90: 0.756, below.
    let table = "throughput_items_per_second\nA,99\nA,101\nB,90\nC,95";
    let found = answer(table, plain());
    assert_eq!(order(&found), ["A", "C", "B"]);
    let [low, high] = of(&found, "A").interval.expect("two rows");
    assert!((low - 0.768_185_398_321).abs() < 1e-9, "{low}");
    near(high, 0.88);
    assert_eq!(of(&found, "C").interval, None);
    assert_eq!(found.recommendations.iter().map(|one| one.tie_group).collect::<Vec<_>>(), [1, 1, 2]);
}

#[test]
fn the_best_point_is_of_highest_suitability_then_throughput_then_smaller_batch() {
    // Batch 8 and 16 tie at 100 items per second: the smaller one. Batch 4 has more results but 80 of 100.
    let table = "batch_size,throughput_items_per_second,memory_peak_mb\nA,16,100,900\nA,8,100,700\nA,4,80,300\nB,1,50,";
    let found = answer(table, plain());
    let a = of(&found, "A");
    assert_eq!(a.recommended_batch_size, Some(8));
    assert_eq!(a.memory_requirement, Some(700.0));
}

#[test]
fn stored_pairs_take_base_weights_and_the_cells_of_every_task() {
    // Base 0.5 and 0.3 of 0.8. Inference: A 1 and 0.5: 0.8125. Training, another cell: A 0.5 in throughput alone.
    let table = whole(
        "task,batch_size,throughput_items_per_second,latency_ms_mean\nA,inference,1,100,10\nB,inference,1,80,5\nA,training,1,10,\nB,training,1,20,",
    );
    let (db, rules) = (db_from_text(&table), no_rules());
    let recommender = suitor::recommend::HardwareRecommender::new(&db, &rules);
    let pairs = recommender.calculate(None, None).and_then(|scores| scores.pairs.read()).expect("scores");
    let a = pairs.iter().find(|pair| pair.hardware == "A").expect("A is scored");
    near(a.compatibility, f64::midpoint(0.8125, 0.5));
    near(a.suitability, f64::midpoint(0.8125, 0.5) * 0.84);
    // Nothing to score is no fault.
    let empty = db_from_text(&whole("status,throughput_items_per_second\nA,error,1"));
    let none = suitor::recommend::HardwareRecommender::new(&empty, &rules).calculate(None, None).expect("no scores");
    assert_eq!(none.pairs.count().expect("a count"), (0, 0));
    // Filters apply after normalisation: the same number when A is asked for alone.
    let alone = recommender.calculate(Some("m"), Some("A")).and_then(|scores| scores.pairs.read()).expect("scores");
    assert_eq!(alone.len(), 1);
    near(alone[0].suitability, a.suitability);
    assert_eq!(alone[0].rank, a.rank);
}
