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

/// The same as numbers, as Suitor's query gives steps: the line that decided, which reason, and the values in it that are not fields; the texts are
/// made where they are read.
pub(crate) fn steps_as_values() -> String {
    let steps = (1..=RULES).map(|at| format!("score_{at}, CASE WHEN fires_{at} THEN 0 ELSE -1 END AS reason_{at}"));
    let steps: Vec<String> = steps.chain(LINES.iter().map(|(hook, line)| format!("{line} AS line_{hook}"))).collect();
    format!(
        "{LEVELS}SELECT pair_id, {EXCLUDED}, {EXCLUDED_VALUES}, {}, round(free * 100e0)::BIGINT AS free_percent, \
         round(spread * 1000e0) / 10e0 AS spread_percent, 3 - results AS lack, wait, round(coverage * 100e0) AS coverage_percent FROM told",
        steps.join(", ")
    )
}

/// The lines of the scripts that decided, of hooks of which more than one can: three of `exclude`, then by their numbers those of `adjust`.
pub(crate) const LINES: [(&str, &str); 13] = [
    (
        "excluding_1",
        "CASE WHEN provenance = 'measured' OR device_memory_mb IS NULL THEN 29 WHEN memory_peak_mb > capacity THEN 33 WHEN memory_peak_mb IS NOT NULL THEN 35 \
     WHEN parameters_million IS NULL THEN 37 WHEN need > capacity THEN 41 ELSE 40 END",
    ),
    ("excluding_2", "CASE WHEN beyond AND hardware_type IN ('webnn', 'webgpu') THEN 38 ELSE 36 END"),
    ("excluding_3", "CASE WHEN consumer AND device_count > 4 THEN 9 ELSE 8 END"),
    (
        "1",
        "CASE WHEN provenance <> 'measured' OR memory_peak_mb IS NULL OR device_memory_mb IS NULL THEN 46 WHEN fires_1 THEN 51 ELSE 50 END",
    ),
    ("3", "CASE WHEN fires_3 THEN 32 ELSE 30 END"),
    ("4", "CASE WHEN fires_4 THEN 11 ELSE 10 END"),
    ("5", "CASE WHEN fires_5 THEN 11 ELSE 8 END"),
    ("6", "CASE WHEN fires_6 THEN 7 ELSE 4 END"),
    ("7", "CASE WHEN fires_7 THEN 6 ELSE 4 END"),
    ("9", "CASE WHEN fires_9 THEN 7 ELSE 5 END"),
    ("10", "CASE WHEN energy_j_per_item IS NULL THEN 4 WHEN fires_10 THEN 8 ELSE 6 END"),
    ("11", "CASE WHEN fires_11 THEN 15 ELSE 14 END"),
    ("12", "CASE WHEN fires_12 THEN 7 ELSE 4 END"),
];

const EXCLUDED: &str =
    "CASE excluded_by WHEN 'memory_fit' THEN 0 WHEN 'web_mobile_limits' THEN 1 WHEN 'consumer_cards' THEN 2 ELSE -1 END AS excluded";
const EXCLUDED_VALUES: &str = "round(memory_peak_mb / 100e0) / 10e0 AS peak_gb, round(capacity / 100e0) / 10e0 AS capacity_gb, \
     round(need / 100e0) / 10e0 AS need_gb, format, CASE most_advised WHEN 0 THEN 'small' ELSE 'medium' END AS advised";
