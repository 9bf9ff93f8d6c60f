//! Scenario files that are at fault: each is named with its place, all at once, and nothing runs.

use crate::binary::suitor;
use crate::scenario_test::write;

#[test]
fn a_scenario_at_fault_is_named_with_its_place() {
    insta::glob!("../cases/scenarios", "*.toml", |path| {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        write(at, "tests/scenarios/case.toml", &std::fs::read_to_string(path).unwrap());
        write(at, "tests/data/rows.csv", "model,hardware,task,throughput_items_per_second,latency_ms_mean\nnet,L4,inference,100,1\n");
        write(at, "tests/data/zeros.csv", "model,hardware,task,throughput_items_per_second,latency_ms_mean\nnet,L4,inference,0,\n");
        write(at, "tests/data/cut.csv", "model,hardware,task,throughput_items_per_second,latency_ms_mean\nnet,L4,infer");
        let ended = suitor(at, &["test"]);
        assert_eq!(ended.code, 2, "{}{}", ended.printed, ended.said);
        assert!(!at.join("snapshots").exists(), "nothing is written");
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => true }, {
            insta::assert_snapshot!(format!("exit code {}\n{}{}", ended.code, ended.printed, ended.said));
        });
    });
}

/// Faults of several files come together.
#[test]
fn faults_of_all_files_are_said_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "tests/scenarios/one.toml", "title = 1\n");
    write(at, "tests/scenarios/two.toml", "title = \n");
    write(at, "tests/scenarios/bad name.toml", "title = \"t\"\n");
    let ended = suitor(at, &["test"]);
    assert_eq!(ended.code, 2);
    for code in ["S001", "S003", "S004", "S008"] {
        assert!(ended.said.contains(&format!("error[{code}]")), "{code}: {}", ended.said);
    }
    assert!(ended.said.contains("--> tests/scenarios/one.toml:1:9"), "{}", ended.said);
    assert!(ended.said.contains("faults in the scenarios"), "{}", ended.said);
    // What is not asked for is not looked at.
    assert!(!suitor(at, &["test", "two"]).said.contains("one.toml"));
}
