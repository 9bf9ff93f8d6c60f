//! What chooses rows and points: pins, narrowing, limits, per device, division, task.

use super::*;

const BATCHES: &str = "batch_size,framework,throughput_items_per_second\nA,1,CUDA 12,50\nA,8,cuda 11,100\nB,1,rocm,60\nB,,rocm,500";

#[test]
fn a_pin_chooses_rows_first_and_a_null_never_matches() {
    // All: A 100 / 500. Batch 1: A 50 / 60, B 60 / 60; B's row without a batch size is out.
    near(of(&answer(BATCHES, plain()), "A").compatibility, 0.2);
    let found = answer(BATCHES, pinned("batch_size", "1"));
    near(of(&found, "A").compatibility, 0.833_333_333_333);
    near(of(&found, "B").compatibility, 1.0);
    // A part of the text, any case: only A.
    let part = Pin { field: "framework".to_owned(), how: Match::Contains, value: "CuDa".to_owned() };
    let found = answer(BATCHES, Request { pins: vec![part], ..plain() });
    assert_eq!(order(&found), ["A"]);
    assert!(of(&found, "A").uncontested);
    // A pin of token counts is exact, though cells are not.
    let tokens = "input_tokens,throughput_items_per_second\nA,1000,50\nB,1024,100\nC,1000,40";
    near(of(&answer(tokens, plain()), "A").compatibility, 0.5);
    let found = answer(tokens, pinned("input_tokens", "1000"));
    assert_eq!(order(&found), ["A", "C"]);
    near(of(&found, "A").compatibility, 1.0);
}

#[test]
fn narrowing_leaves_the_others_out_before_anything_is_normalised() {
    let table = "hardware_type,hardware_count,throughput_items_per_second\nA,cuda,8,100\nA,cuda,1,40\nB,rocm,1,50\nC,cpu,1,10";
    near(of(&answer(table, plain()), "B").compatibility, 0.5);
    let found = answer(table, Request { max_devices: Some(4), ..plain() });
    assert_eq!(order(&found), ["B", "A", "C"]);
    near(of(&found, "A").compatibility, 0.8);
    let found = answer(table, Request { only: vec!["A".to_owned(), "cpu".to_owned()], ..plain() });
    // `A` is a name: both counts of it, and one of them is called so; `A x8` is the other.
    assert_eq!(order(&found), ["A x8", "A", "C"]);
    let found = answer(table, Request { only: vec!["A x8".to_owned(), "rocm".to_owned()], ..plain() });
    assert_eq!(order(&found), ["A x8", "B"]);
}

#[test]
fn limits_drop_points_before_anything_is_normalised() {
    // A 10 ms, B 30 ms, C without: C does not meet it either. What is left is held against A's own 50.
    let table = "batch_size,throughput_items_per_second,latency_ms_p99\nA,1,50,10\nB,1,100,30\nC,1,80,\nA,2,70,40";
    let found = answer(table, limited("latency_ms_p99<=20"));
    assert_eq!(order(&found), ["A"]);
    near(of(&found, "A").compatibility, 1.0);
    assert!(!of(&found, "A").uncontested, "contest is judged before limits");
    assert_eq!(of(&found, "A").recommended_batch_size, Some(1));
    let excluded: Vec<(&str, &str)> = found.excluded.iter().map(|one| (one.hardware.as_str(), one.rule.as_str())).collect();
    assert_eq!(excluded, [("B", "limit"), ("C", "limit")]);
    assert!(found.excluded[0].reason.contains("latency_ms_p99<=20") && found.excluded[0].reason.contains("30"), "{:?}", found.excluded);
    // Exactly at the limit is within `<=` and not within `<`.
    assert_eq!(order(&answer(table, limited("latency_ms_p99<=10"))), ["A"]);
    let none = answer(table, limited("latency_ms_p99<10"));
    assert!(none.recommendations.is_empty());
    assert!(none.notes.iter().any(|note| note.contains("relax to latency_ms_p99<=10")), "{:?}", none.notes);
}

#[test]
fn the_metric_that_a_point_takes_is_settled_before_limits() {
    // At batch 1 both have a mean latency. The limit takes B's point at batch 1 away; A keeps its metric, held against itself.
    let table = "batch_size,throughput_items_per_second,latency_ms_mean,latency_ms_p50\nA,1,50,5,4\nB,1,40,4,6\nB,8,90,,3\nA,8,80,,2";
    let found = answer(table, limited("throughput_items_per_second>=45"));
    let b = of(&found, "B");
    assert_eq!(b.recommended_batch_size, Some(8));
    // B at batch 8: throughput 1; latency by the median at batch 8: 2 / 3. 4/7 + 2/7 = 6/7.
    near(b.compatibility, 0.857_142_857_143);
    // A at batch 8: 80/90 x 4/7 + 3/7 = 0.936507936508; A at batch 1: 50/90 x 4/7 + 3/7 is less.
    near(of(&found, "A").compatibility, 0.936_507_936_508);
}

#[test]
fn per_device_divides_throughput_and_memory_and_multiplies_time_to_train() {
    // Throughput a device: A 100, B 150. Memory a device: A 2000, B 3000. Weights 3/4 and 1/4.
    let table = "hardware_count,batch_size,throughput_items_per_second,memory_peak_mb\nA,4,1,400,8000\nB,1,1,150,3000";
    let per_device = || Request { per_device: true, ..plain() };
    let found = answer(table, plain());
    near(of(&found, "A x4").compatibility, 0.75 + 0.25 * 0.375);
    let found = answer(table, per_device());
    // A 0.75 x 2/3 + 0.25 = 0.75; B 0.75 + 0.25 x 2/3.
    near(of(&found, "A x4").compatibility, 0.75);
    near(of(&found, "B").compatibility, 0.916_666_666_667);
    assert_eq!(of(&found, "A x4").memory_requirement, Some(2000.0));
    // Limits speak of what is divided.
    let found = answer(table, Request { limits: vec!["throughput_items_per_second>=120".parse().expect("a limit")], ..per_device() });
    assert_eq!(order(&found), ["B"]);
    // 10 s on four devices are 40 device seconds.
    let table = "task,hardware_count,time_to_train_s\nA,training,4,10\nB,training,1,30";
    let training = || Request { task: Some("training".to_owned()), ..plain() };
    near(of(&answer(table, training()), "B").compatibility, 0.333_333_333_333);
    near(of(&answer(table, Request { per_device: true, ..training() }), "A x4").compatibility, 0.75);
}

#[test]
fn an_ask_that_pins_neither_division_nor_suite_is_answered_for_the_one_with_most_hardware() {
    let table = "division,suite,throughput_items_per_second\nA,open,edge,100\nB,open,edge,50\nC,open,edge,25\nA,closed,edge,10\nB,closed,edge,40\nB,closed,edge,40";
    let found = answer(table, plain());
    assert_eq!(order(&found), ["A", "B", "C"]);
    assert!(found.notes.iter().any(|note| note.contains("closed")), "{:?}", found.notes);
    let found = answer(table, pinned("division", "closed"));
    assert_eq!(order(&found), ["B", "A"]);
    near(of(&found, "A").compatibility, 0.25);
    // Equal numbers of hardware: most rows.
    let found = answer(&table.replace("C,open,edge,25\n", ""), plain());
    assert_eq!(order(&found), ["B", "A"]);
}

#[test]
fn rows_that_are_no_results_choose_no_division() {
    // Open has three pieces of hardware, but nothing that a component is made of: closed is answered, and said to be.
    let table = "division,throughput_items_per_second,power_watts\nA,open,,1\nB,open,,2\nC,open,,3\nA,closed,100,\nB,closed,50,";
    let found = answer(table, plain());
    assert_eq!(order(&found), ["A", "B"]);
    assert!(!found.notes.iter().any(|note| note.contains("answered for division open")), "{:?}", found.notes);
    assert!(found.request.pins.iter().all(|pin| pin.value == "closed"), "{:?}", found.request.pins);
}

#[test]
fn training_and_inference_do_not_meet() {
    let table = "task,throughput_items_per_second\nA,inference,100\nB,inference,50\nB,training,1000\nC,training,500";
    let found = answer(table, plain());
    assert_eq!(order(&found), ["A", "B"]);
    near(of(&found, "B").compatibility, 0.5);
    let found = answer(table, Request { task: Some("training".to_owned()), ..plain() });
    assert_eq!(order(&found), ["B", "C"]);
    // Which of the two must be said.
    let (db, rules) = (db_from_text(&whole(table)), no_rules());
    let request = Request { model: "m".to_owned(), ..plain() };
    let error = suitor::recommend::HardwareRecommender::new(&db, &rules).recommend_hardware(&request).expect_err("two tasks");
    assert_eq!(error.exit_code(), 2);
}

#[test]
fn where_nothing_is_measured_a_prior_says_that_it_is_an_estimate() {
    // Of m there are training rows only. Priors of vision: cuda 0.9, cpu 0.4; no result has confidence 0.8.
    let table = "task,model_family,hardware_type,throughput_items_per_second\nA,training,vision,cuda,100\nB,training,vision,cpu,10\nC,training,vision,fpga,10";
    let found = answer(table, plain());
    assert_eq!(order(&found), ["A", "B"]);
    for (hardware, score) in [("A", 0.72), ("B", 0.32)] {
        let one = of(&found, hardware);
        near(one.score, score);
        assert_eq!((one.results, one.provenance.as_str()), (0, "estimated"));
    }
    assert!(found.notes.iter().any(|note| note.contains("estimates")), "{:?}", found.notes);
    // Where every run failed, a guess would contradict what was seen.
    let found = answer("model_family,hardware_type,status,throughput_items_per_second\nA,vision,cuda,error,5", plain());
    assert!(found.recommendations.is_empty(), "{:?}", order(&found));
    assert!(found.notes.iter().any(|note| note.contains("every run") && note.contains("failed: 1 row")), "{:?}", found.notes);
}
