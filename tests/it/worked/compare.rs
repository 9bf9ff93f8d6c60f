//! What is held against what: cells, points, component scores, contest, imputation.

use super::*;

#[test]
fn a_component_is_value_by_best_and_weights_are_shared_by_those_that_are_there() {
    // Throughput: A 1, B 0.8. Latency: A 5 / 10 = 0.5, B 1. Nobody has memory: 0.48 and 0.36 of 0.84 are 4/7 and 3/7.
    // A: 4/7 + 3/14 = 11/14, x 0.84 = 0.66. B: 3.2/7 + 3/7 = 6.2/7, x 0.84 = 0.744.
    let answer = answer("batch_size,throughput_items_per_second,latency_ms_mean\nA,1,100,10\nB,1,80,5", plain());
    assert_eq!(order(&answer), ["B", "A"]);
    let (a, b) = (of(&answer, "A"), of(&answer, "B"));
    near(a.compatibility, 11.0 / 14.0);
    near(a.score, 0.66);
    near(b.compatibility, 6.2 / 7.0);
    near(b.score, 0.744);
    near(a.components["latency"].expect("compared"), 0.5);
    assert_eq!(a.components["memory"], None, "out of the cell");
    near(a.cells[0].weights["throughput"], 4.0 / 7.0);
    near(a.metrics["latency_ms_mean"].reference, 5.0);
}

#[test]
fn what_hardware_lacks_is_the_median_but_never_above_its_own() {
    // Weights of throughput and memory: 0.48 and 0.16 of 0.64, 3/4 and 1/4. Memory: A 1, B 0.5, C 0.25; median 0.5.
    // D: own 1, imputed 0.5: 0.75 + 0.125 = 0.875. E: own 0.2, imputed min(0.5, 0.2): 0.2.
    let table = "batch_size,throughput_items_per_second,memory_peak_mb\nA,1,100,1000\nB,1,100,2000\nC,1,100,4000\nD,1,100,\nE,1,20,";
    let found = answer(table, plain());
    near(of(&found, "B").compatibility, 0.875);
    let d = of(&found, "D");
    near(d.compatibility, 0.875);
    near(d.components["memory"].expect("imputed"), 0.5);
    assert_eq!(d.missing, ["latency", "memory"], "imputed, and out of the cell");
    near(of(&found, "E").compatibility, 0.2);
    near(of(&found, "E").components["memory"].expect("imputed"), 0.2);
    // Without C the median is that of the middle two, (1 + 0.5) / 2: D 0.75 + 0.1875.
    let found = answer(&table.replace("C,1,100,4000\n", ""), plain());
    near(of(&found, "D").compatibility, 0.9375);
}

#[test]
fn other_ways_to_treat_what_is_missing() {
    let table = "batch_size,throughput_items_per_second,memory_peak_mb\nA,1,100,1000\nB,1,100,2000\nD,1,80,";
    let by =
        |way: &str| answer_by(table, &rules_of(&scoring_toml().replace("missing = \"median\"", &format!("missing = \"{way}\""))), plain());
    // share: 0.8 alone; zero: 3/4 x 0.8; exclude: not in the list.
    near(of(&by("share"), "D").compatibility, 0.8);
    near(of(&by("zero"), "D").compatibility, 0.6);
    let found = by("exclude");
    assert_eq!(order(&found), ["A", "B"]);
    assert_eq!(found.not_scored[0].hardware, "D");
}

#[test]
fn a_metric_that_half_of_the_hardware_lacks_compares_nothing() {
    // Latency at batch 1 is that of two of five that have a latency: no group. Throughput alone decides.
    let table = "batch_size,throughput_items_per_second,latency_ms_mean\nA,1,50,1\nB,1,40,9\nC,8,100,20\nD,16,80,30\nE,32,60,40";
    let found = answer(table, plain());
    assert_eq!(order(&found), ["C", "D", "E", "A", "B"]);
    near(of(&found, "A").compatibility, 0.5);
    assert_eq!(of(&found, "A").components["latency"], None);
    // With C at batch 1 too it is three of five: A 1/1, C 1/20, and D and E take the median of 1, 1/9, 1/20.
    let found = answer(&table.replace("C,8", "C,1"), plain());
    near(of(&found, "D").components["latency"].expect("imputed"), 0.111_111_111_111);
    near(of(&found, "C").components["latency"].expect("compared"), 0.05);
}

#[test]
fn the_first_metric_in_a_group_is_taken_and_units_are_apart() {
    // latency_ms_mean comes first but only A has it; all three have the median.
    let table = "batch_size,latency_ms_mean,latency_ms_p50\nA,1,3,4\nB,1,,8\nC,1,,16";
    let found = answer(table, plain());
    assert_eq!(found.recommendations[0].cells[0].component_metrics["latency"].as_deref(), Some("latency_ms_p50"));
    near(of(&found, "C").compatibility, 0.25);
    // Images against samples compares nothing; a row without a unit joins the point that has one.
    let table = "item_unit,throughput_items_per_second\nA,images,100\nA,,200\nB,images,75\nC,samples,10";
    let found = answer(table, plain());
    let a = of(&found, "A");
    assert_eq!(a.results, 2);
    near(a.metrics["throughput_items_per_second"].value, 150.0);
    near(of(&found, "B").compatibility, 0.5);
    assert!(of(&found, "C").uncontested);
    // Of several units the smallest by text is joined.
    let table = "item_unit,throughput_items_per_second\nA,tokens,1000\nA,images,100\nA,,200\nB,images,75";
    near(of(&answer(table, plain()), "A").metrics["throughput_items_per_second"].value, 150.0);
}

#[test]
fn what_is_held_against_itself_is_uncontested_and_comes_last() {
    // In the cell Server C is alone: it is the best of its own points, which says nothing.
    let table = "scenario,batch_size,throughput_items_per_second\nA,Offline,1,100\nB,Offline,1,50\nC,Server,1,10\nC,Server,2,20";
    let found = answer(table, plain());
    assert_eq!(order(&found), ["A", "B", "C"]);
    let c = of(&found, "C");
    assert!(c.uncontested && !of(&found, "B").uncontested);
    near(c.compatibility, 1.0);
    near(c.confidence, 0.84);
    assert_eq!((c.coverage.cells, c.coverage.of), (0, 1));
    assert_eq!((c.recommended_batch_size, c.results), (Some(2), 1));
    assert_eq!(c.compared_with_previous, Some(false));
    assert_eq!(of(&found, "B").compared_with_previous, Some(true));
    // A cell where B is alone does not count for B, which is contested elsewhere.
    let found = answer(&table.replace("C,Server", "B,Server"), plain());
    assert_eq!(of(&found, "B").cells.len(), 1);
    near(of(&found, "B").score, 0.42);
}

#[test]
fn only_successful_rows_give_metrics_and_a_point_is_the_mean_of_its_rows() {
    // A: mean of 90 and 110, the failed 1000 left out; n = 2: 0.8 + 0.2 x 2/5 = 0.88.
    let table = "status,throughput_items_per_second,power_watts\nA,ok,90,\nA,OK,110,\nA,error,1000,\nB,,50,\nC,failed,60,\nB,,,300";
    let found = answer(table, plain());
    assert_eq!(order(&found), ["A", "B"]);
    near(of(&found, "A").score, 0.88);
    let measured = &of(&found, "A").metrics["throughput_items_per_second"];
    assert_eq!(measured.n, 2);
    near(measured.spread.expect("two rows"), 200_f64.sqrt());
    // B's row of power alone is no result: no component is made of it.
    assert_eq!(of(&found, "B").results, 1);
    near(of(&found, "B").score, 0.42);
}

#[test]
fn measured_points_go_before_faster_simulated_ones() {
    // What is divided by is the best measured value, 100; the simulated 400 is capped at 1.
    let table = "provenance,framework,throughput_items_per_second\nA,measured,x,80\nA,simulated,x,400\nB,measured,x,100\nC,simulated,x,400\nD,estimated,x,500";
    let found = answer(table, plain());
    assert_eq!(order(&found), ["B", "A", "C", "D"]);
    near(of(&found, "A").compatibility, 0.8);
    near(of(&found, "C").compatibility, 1.0);
    assert_eq!(of(&found, "C").provenance, "simulated");
    near(of(&found, "D").metrics["throughput_items_per_second"].reference, 100.0);
    // All simulated: the best of them.
    let found = answer("provenance,throughput_items_per_second\nC,simulated,400\nD,simulated,100", plain());
    near(of(&found, "D").compatibility, 0.25);
}

#[test]
fn token_counts_meet_at_the_nearest_power_of_two() {
    // 171 and 185 are nearer to 128 than to 256; 192 is halfway and goes up, as does 300 down to 256. 0 stays 0.
    let cells = |one: &str, two: &str| {
        let found = answer(&format!("input_tokens,throughput_items_per_second\nA,{one},100\nB,{two},50"), plain());
        (!of(&found, "B").uncontested).then(|| of(&found, "B").cells[0].cell["input_tokens"].clone())
    };
    let bucket = |text: &str| Some(Some(text.to_owned()));
    assert_eq!(cells("1000", "1024"), bucket("1024"));
    assert_eq!(cells("171", "185"), bucket("128"));
    assert_eq!(cells("192", "300"), bucket("256"));
    assert_eq!(cells("191", "192"), None);
    assert_eq!(cells("1", "2"), None);
    assert_eq!(cells("3", "4"), bucket("4"));
    assert_eq!(cells("0", "1"), None);
    assert_eq!(cells("0", "0"), bucket("0"));
    assert_eq!(cells("0", ""), None);
}
