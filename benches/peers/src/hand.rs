//! The twelve rules as one query written by hand.

use crate::data::RULES;

const LEVELS: &str = include_str!("hand.sql");

/// The reason of each rule in the words of its script.
const REASONS: [&str; RULES] = [
    "'peak ' || round(memory_peak_mb / 100e0) / 10e0 || ' GB of ' || round(capacity / 100e0) / 10e0 || ' GB leaves ' || round(free * 100e0)::BIGINT || ' % free, asked 10 %'",
    "hardware || ' only supports ' || model_family || ' models up to ' || CASE most_advised WHEN 0 THEN 'small' ELSE 'medium' END || ' size (a prior, not a measurement)'",
    "hardware_name || ' has no units for ' || precision",
    "'results scatter by ' || round(spread * 1000e0) / 10e0 || ' %, more than 10.5 %'",
    "'newest result is ' || age_days || ' days old (more than 365)'",
    "failed_results || ' failed beside ' || results || ' that count'",
    "'rests on ' || results || ' results, ' || (3 - results) || ' short of 3'",
    "'a system of ' || device_count || ' devices'",
    "'first answer after ' || wait || ' ms'",
    "energy_j_per_item || ' J an item'",
    "'a consumer card for a model of this size'",
    "'compared in ' || round(coverage * 100e0) || ' % of the cells'",
];

/// The key, the final score, why there is none: what Suitor stores of a catalogue.
pub(crate) fn scores() -> String {
    format!("{LEVELS}SELECT pair_id, final_score, 'excluded by ' || excluded_by || ': ' || excluded_why AS why FROM told")
}

/// The key, who excluded it and why, the final score, the delta and the reason of each rule, as texts.
pub(crate) fn steps() -> String {
    let steps = (1..=RULES).map(|at| {
        let before = if at == 1 { "suitability".to_owned() } else { format!("score_{}", at - 1) };
        format!(
            "CASE WHEN excluded_by IS NULL THEN score_{at} - {before} END AS delta_{at}, \
             CASE WHEN excluded_by IS NULL AND fires_{at} THEN {} END AS reason_{at}",
            REASONS[at - 1]
        )
    });
    let steps: Vec<String> = steps.collect();
    format!("{LEVELS}SELECT pair_id, excluded_by, excluded_why, final_score, {} FROM told", steps.join(", "))
}

/// The same as numbers, as Suitor's query gives steps: which reason, and the values in it that are not fields; the texts are made where
/// they are read.
pub(crate) fn steps_as_values() -> String {
    let steps = (1..=RULES).map(|at| format!("score_{at}, CASE WHEN fires_{at} THEN 0 ELSE -1 END AS reason_{at}"));
    let steps: Vec<String> = steps.collect();
    format!(
        "{LEVELS}SELECT pair_id, {EXCLUDED}, {EXCLUDED_VALUES}, {}, round(free * 100e0)::BIGINT AS free_percent, \
         round(spread * 1000e0) / 10e0 AS spread_percent, 3 - results AS lack, wait, round(coverage * 100e0) AS coverage_percent FROM told",
        steps.join(", ")
    )
}

const EXCLUDED: &str =
    "CASE excluded_by WHEN 'memory_fit' THEN 0 WHEN 'web_mobile_limits' THEN 1 WHEN 'consumer_cards' THEN 2 ELSE -1 END AS excluded";
const EXCLUDED_VALUES: &str = "round(memory_peak_mb / 100e0) / 10e0 AS peak_gb, round(capacity / 100e0) / 10e0 AS capacity_gb, \
     round(need / 100e0) / 10e0 AS need_gb, format, CASE most_advised WHEN 0 THEN 'small' ELSE 'medium' END AS advised";
