//! The statistics say what scipy says: `tests/cases/statistics/scipy.py` makes the expected values.

use serde_json::Value;
use suitor::statistics::{Sample, family, holm, special, welch};

use crate::support::project;

fn expected() -> Value {
    let file = project().join("tests/cases/statistics/scipy.json");
    serde_json::from_str(&std::fs::read_to_string(file).expect("expected values")).expect("JSON")
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(number).collect()
}

#[track_caller]
fn near(what: &str, found: f64, expected: f64, relative: f64) {
    assert!((found - expected).abs() <= relative * expected.abs() + 1e-300, "{what}: {found:e}, scipy says {expected:e}");
}

#[test]
fn tails_and_quantiles_are_those_of_scipy() {
    let expected = expected();
    for (kind, function) in [
        ("t_two_sided", special::t_two_sided as fn(f64, f64) -> f64),
        ("t_quantile", special::t_quantile),
        ("chi_square_above", special::chi_square_above),
    ] {
        let cases = expected[kind].as_array().unwrap();
        assert!(cases.len() >= 15, "{kind}");
        for case in cases {
            let case = numbers(case);
            near(&format!("{kind}({}, {})", case[0], case[1]), function(case[0], case[1]), case[2], 2e-10);
        }
    }
}

#[test]
fn welch_on_logs_is_that_of_scipy_on_made_up_and_on_real_runs() {
    let expected = expected();
    let cases = expected["welch"].as_array().unwrap();
    assert!(cases.len() > 20, "MLPerf's repeats are among them");
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let sample = |side: &str| Sample::of(&numbers(&case[side])).unwrap();
        let tested = welch(&[(sample("before"), sample("after"))]).unwrap_or_else(|| panic!("{name} is tested"));
        // Where a side hardly spreads its spread is what rounding leaves: scipy itself warns of that.
        let tolerance = 1e-6;
        // What does not differ at all has a t of no more than rounding.
        if number(&case["p"]) < 0.999_999 {
            near(&format!("{name}: t"), tested.estimate / tested.error, number(&case["t"]), tolerance);
            near(&format!("{name}: g"), tested.effect_size.unwrap(), number(&case["g"]), tolerance);
        }
        near(&format!("{name}: df"), tested.df, number(&case["df"]), tolerance);
        near(&format!("{name}: p"), tested.p_value, number(&case["p"]), tolerance);
        let [low, high] = tested.interval_percent();
        near(&format!("{name}: low"), low, number(&case["low_percent"]), tolerance);
        near(&format!("{name}: high"), high, number(&case["high_percent"]), tolerance);
    }
}

#[test]
fn several_matched_pairs_are_tested_together() {
    for case in expected()["strata"].as_array().unwrap() {
        let sample = |values: &Value| Sample::of(&numbers(values)).unwrap();
        let pairs: Vec<(Sample, Sample)> =
            case["pairs"].as_array().unwrap().iter().map(|pair| (sample(&pair[0]), sample(&pair[1]))).collect();
        let tested = welch(&pairs).unwrap();
        near("df", tested.df, number(&case["df"]), 1e-9);
        near("error", tested.error, number(&case["error"]), 1e-9);
        near("p", tested.p_value, number(&case["p"]), 1e-9);
    }
}

#[test]
fn bartlett_and_holm_are_as_they_should_be() {
    let expected = expected();
    for case in expected["bartlett"].as_array().unwrap() {
        let samples: Vec<Sample> = case["values"].as_array().unwrap().iter().map(|one| Sample::of(&numbers(one)).unwrap()).collect();
        near("bartlett", family::bartlett(&samples).unwrap(), number(&case["p"]), 1e-9);
    }
    for case in expected["holm"].as_array().unwrap() {
        for (found, expected) in holm(&numbers(&case["p"])).iter().zip(numbers(&case["adjusted"])) {
            near("holm", *found, expected, 1e-15);
        }
    }
}

#[test]
fn what_cannot_be_tested_is_not() {
    let sample = |values: &[f64]| Sample::of(values).unwrap();
    assert_eq!(welch(&[]), None);
    assert_eq!(welch(&[(sample(&[1.0, 1.1]), sample(&[2.0, 2.1, 2.2]))]), None, "two runs of a side");
    // Nothing spreads: memory, say, that is the same to the byte each time. Nothing is known of the noise.
    assert_eq!(welch(&[(sample(&[1500.0; 3]), sample(&[1510.0; 3]))]), None);
}

#[test]
fn the_script_agrees_where_scipy_is() {
    let python = std::env::var("SUITOR_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has_scipy = std::process::Command::new(&python).args(["-c", "import scipy"]).output().is_ok_and(|out| out.status.success());
    if !has_scipy {
        eprintln!("skipped: `{python}` has no scipy, so the committed values are not compared with it");
        return;
    }
    let out = std::process::Command::new(&python).arg(project().join("tests/cases/statistics/scipy.py")).arg("--check").output().unwrap();
    assert!(out.status.success(), "{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
}
