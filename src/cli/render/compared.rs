//! Two versions compared, as a table, as a comment for a pull request, as lines for GitHub Actions and as data.

use super::check::{message, property};
use super::numbers::{figure, memory};
use crate::cli::Format;
use crate::cli::markdown::{escaped, escaped_html};
use crate::cli::output::{Column, Sheet, remarks};
use crate::compare::answer::{Both, Change, Comparison, MetricChange, Parts, State, Test};

/// The comparison for people: what changed in a line, then hardware by hardware; in Markdown what stayed the same is folded away.
pub(in crate::cli) fn compared(page: &Comparison, format: Format) -> Vec<Sheet> {
    let markdown = format == Format::Markdown;
    let largest = page.changes.iter().filter_map(|change| change.score_change).fold(0.0_f64, |most, change| most.max(change.abs()));
    let (same, moved): (Vec<&Change>, Vec<&Change>) = page.changes.iter().partition(|change| change.state == State::Same);
    let columns = vec![
        Column::text("hardware", 0),
        Column::word("", 0),
        Column::number("score", 0),
        Column::word("95 %", 4),
        Column::word("", 3),
        Column::word("rank", 2),
        Column::text("metrics", 0),
        Column::text("recommended", 3),
        Column::text("cause", 1),
    ];
    let mut first =
        Sheet { above: summary(page, markdown), columns, rows: moved.iter().map(|one| row(one, largest)).collect(), below: Vec::new() };
    let mut below = Vec::new();
    let text = |line: String| if markdown { escaped(&line) } else { line };
    below.extend(page.changes.iter().filter(|change| change.significant).map(|change| text(format!("{}: {}", word(change), why(change)))));
    below.extend(page.changes.iter().filter_map(uncounted).map(text));
    if !same.is_empty() {
        let names: Vec<&str> = same.iter().map(|change| change.hardware.as_str()).collect();
        if markdown {
            below.push(format!("<details><summary>{} the same</summary>{}</details>", names.len(), escaped_html(&names.join(", "))));
        } else {
            below.push(format!("the same: {}", names.join(", ")));
        }
    }
    if page.changes.iter().any(|change| change.metrics.values().any(|metric| metric.significant)) {
        below.push(text("* significant".to_owned()));
    }
    below.extend(remarks(&page.notes, &page.warnings).into_iter().map(text));
    first.below = below;
    vec![first]
}

/// What became of how many.
fn summary(page: &Comparison, markdown: bool) -> Vec<String> {
    let side = |side: &crate::compare::answer::Side| format!("{} (revision {})", side.version, side.revision);
    let totals = page.totals;
    let worse = match totals.regressions {
        0 => "no regression".to_owned(),
        1 => "1 regression".to_owned(),
        n => format!("{n} regressions"),
    };
    let worse = if markdown { format!("**{worse}**") } else { worse };
    let counts =
        [(totals.changed, "changed"), (totals.compared - totals.changed, "the same"), (totals.added, "added"), (totals.removed, "removed")];
    let counts: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let counts = if counts.is_empty() { String::new() } else { format!("; {}", counts.join(", ")) };
    let versions = format!("{}: {} -> {}", page.model, side(&page.version1), side(&page.version2));
    vec![format!("{}: {worse}{counts}", if markdown { escaped(&versions) } else { versions })]
}

fn row(change: &Change, largest: f64) -> Vec<String> {
    let mark = match change.state {
        State::Added => "added",
        State::Removed if !change.regression => "removed",
        _ => word(change),
    };
    let interval = change.score_interval.map(|[low, high]| format!("{low:+.1} to {high:+.1}")).unwrap_or_default();
    let score = match (change.score_change, &change.without_score.after) {
        (Some(percent), _) => signed(percent),
        (None, Some(_)) => "none".to_owned(),
        (None, None) => String::new(),
    };
    vec![
        change.hardware.clone(),
        mark.to_owned(),
        score,
        interval,
        change.score_change.map(|percent| bar(percent, largest)).unwrap_or_default(),
        moved(&change.rank, ToString::to_string),
        metrics(change),
        recommended(change),
        cause(change.cause.score, change.score_change),
    ]
}

/// What its significant changes come to.
fn word(change: &Change) -> &'static str {
    match (change.regression, change.significant) {
        (true, _) => "worse",
        // What is for the worse is a regression.
        (false, true) => "better",
        (false, false) => "",
    }
}

/// Its significant changes, and what says that they are.
fn why(change: &Change) -> String {
    format!("{}: {} ({})", change.hardware, change.reasons.join(", "), said(change.test))
}

/// What of it is more than noise and does not count.
fn uncounted(change: &Change) -> Option<String> {
    (!change.uncounted.is_empty()).then(|| format!("does not count: {}: {}", change.hardware, change.uncounted.join(", ")))
}

fn signed(percent: f64) -> String {
    if percent.abs() < 0.05 {
        if percent.abs() > 0.0 { format!("{percent:+.1e} %") } else { "0 %".to_owned() }
    } else {
        format!("{percent:+.1} %")
    }
}

/// A bar of up to eight blocks for a change, held against the largest of the page; its first character says which way.
fn bar(percent: f64, largest: f64) -> String {
    if percent.abs() <= 0.0 || largest <= 0.0 {
        return String::new();
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 8")]
    let blocks = (8.0 * percent.abs() / largest).round().clamp(1.0, 8.0) as usize;
    format!("{}{}", if percent < 0.0 { '▼' } else { '▲' }, "█".repeat(blocks))
}

fn moved<T: PartialEq>(both: &Both<T>, text: impl Fn(&T) -> String) -> String {
    match (&both.before, &both.after) {
        (Some(one), Some(two)) if one == two => text(one),
        (None, None) => String::new(),
        (one, two) => {
            let side = |side: &Option<T>| side.as_ref().map_or_else(|| "-".to_owned(), &text);
            format!("{} -> {}", side(one), side(two))
        }
    }
}

/// The metrics that moved, the significant ones marked; of hardware that only one side has, what it measured.
fn metrics(change: &Change) -> String {
    let name = |name: &str| name.trim_end_matches("_items_per_second").to_owned();
    let one = |(field, metric): (&String, &MetricChange)| match (metric.change_percent, metric.before, metric.after) {
        (Some(percent), ..) if percent.abs() > 0.0 => {
            Some(format!("{} {}{}", name(field), signed(percent), if metric.significant { " *" } else { "" }))
        }
        (Some(_), ..) | (None, None, None) => None,
        (None, Some(one), Some(two)) => Some(format!("{} {} | {}", name(field), figure(one), figure(two))),
        (None, Some(value), None) | (None, None, Some(value)) => Some(format!("{} {}", name(field), figure(value))),
    };
    change.metrics.iter().filter_map(one).collect::<Vec<_>>().join(", ")
}

/// What else is recommended than before.
fn recommended(change: &Change) -> String {
    let mut parts = Vec::new();
    if change.recommended_batch_size.before != change.recommended_batch_size.after {
        parts.push(format!("batch {}", moved(&change.recommended_batch_size, ToString::to_string)));
    }
    if change.recommended_precision.before != change.recommended_precision.after {
        parts.push(moved(&change.recommended_precision, Clone::clone));
    }
    if change.memory_requirement.before.map(f64::to_bits) != change.memory_requirement.after.map(f64::to_bits) {
        parts.push(moved(&change.memory_requirement, |mb| memory(*mb)));
    }
    if matches!(change.state, State::Added | State::Removed) { String::new() } else { parts.join(", ") }
}

fn cause(parts: Option<Parts>, change: Option<f64>) -> String {
    let Some(parts) = parts.filter(|_| change.is_some_and(|change| change.abs() > 0.0)) else { return String::new() };
    let all = [("data", parts.data), ("weights", parts.weights), ("rules", parts.rules)];
    let counted: Vec<(&str, f64)> = all.into_iter().filter(|(_, part)| part.abs() >= 0.05).collect();
    match counted.as_slice() {
        [] => String::new(),
        [(name, _)] => (*name).to_owned(),
        several => several.iter().map(|(name, part)| format!("{name} {part:+.1}")).collect::<Vec<_>>().join(", "),
    }
}

fn said(test: Option<Test>) -> &'static str {
    match test {
        Some(Test::Welch) => "Welch's t, Holm",
        Some(Test::WelchPooled) => "t with pooled variance, Holm",
        Some(Test::Threshold) => "by threshold, not tested",
        Some(Test::Exclusion) => "a rule",
        Some(Test::Failure) => "failed runs",
        None => "not tested",
    }
}

/// Lines for GitHub Actions: an error for each regression, a warning for what is gone and what may be wrong, a notice for what got
/// better, what does not count and what a reader must know. `notes`: those of all pages together.
pub(in crate::cli) fn annotations(pages: &[Comparison], notes: &[String]) -> String {
    let line = |level: &str, title: &str, said: &str| format!("::{level} title={}::{}\n", property(title), message(said));
    let mut text = String::new();
    let mut warnings: Vec<&String> = Vec::new();
    for page in pages {
        let versions = format!("{} {} -> {}", page.model, page.version1.version, page.version2.version);
        for change in &page.changes {
            match (change.regression, change.significant, change.state) {
                (true, ..) => text.push_str(&line("error", &versions, &why(change))),
                (false, true, _) => text.push_str(&line("notice", &versions, &why(change))),
                (false, false, State::Removed) => {
                    text.push_str(&line("warning", &versions, &format!("{}: no results any more", change.hardware)));
                }
                _ => {}
            }
        }
        let beside = page.changes.iter().filter_map(uncounted).chain(page.notes.iter().cloned());
        text.extend(beside.map(|said| line("notice", &versions, &said)));
        // Warnings are of the rule set, which models share.
        warnings.extend(page.warnings.iter().filter(|one| !warnings.contains(one)).collect::<Vec<_>>());
    }
    text.extend(notes.iter().map(|note| line("notice", "suitor compare-versions", note)));
    text.extend(warnings.into_iter().map(|warning| line("warning", "rules", warning)));
    text
}

/// The line for GitHub Actions that says how a gate ended.
pub(in crate::cli) fn verdict(model: &str, passed: bool, verdict: &str) -> String {
    format!("::{} title={}::{}\n", if passed { "notice" } else { "error" }, property(&format!("suitor gate, {model}")), message(verdict))
}

/// The comparison as data: a line for each metric of each piece of hardware, numbers in full. `notes`: those of all pages together.
pub(in crate::cli) fn compared_data(pages: &[Comparison], notes: &[String]) -> Sheet {
    let names = "model,version1,version2,hardware,hardware_type,state,score_change,score_low,score_high,compatibility_change,suitability_change,rank_before,\
rank_after,cause_data,cause_weights,cause_rules,metric,before,after,change_percent,p_value,p_adjusted,effect_size,low_percent,high_percent,points,metric_significant,\
metric_counts,metric_test,significant,test,regression,reasons,uncounted";
    let word = |test: Option<Test>| {
        test.and_then(|test| serde_json::to_value(test).ok()).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let mut rows = Vec::new();
    for page in pages {
        for change in &page.changes {
            let state = serde_json::to_value(change.state).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default();
            let rank = |rank: Option<i64>| rank.map(|rank| rank.to_string()).unwrap_or_default();
            let part = |of: fn(&Parts) -> f64| number(change.cause.score.as_ref().map(of));
            let head = vec![
                page.model.clone(),
                page.version1.version.clone(),
                page.version2.version.clone(),
                change.hardware.clone(),
                change.hardware_type.clone().unwrap_or_default(),
                state,
                number(change.score_change),
                number(change.score_interval.map(|[low, _]| low)),
                number(change.score_interval.map(|[_, high]| high)),
                number(change.compatibility_change),
                number(change.suitability_change),
                rank(change.rank.before),
                rank(change.rank.after),
                part(|parts| parts.data),
                part(|parts| parts.weights),
                part(|parts| parts.rules),
            ];
            let tail = [
                change.significant.to_string(),
                word(change.test),
                change.regression.to_string(),
                change.reasons.join("; "),
                change.uncounted.join("; "),
            ];
            let metric = |(name, metric): (&String, &MetricChange)| {
                [
                    name.clone(),
                    number(metric.before),
                    number(metric.after),
                    number(metric.change_percent),
                    number(metric.p_value),
                    number(metric.p_adjusted),
                    number(metric.effect_size),
                    number(metric.interval.map(|[low, _]| low)),
                    number(metric.interval.map(|[_, high]| high)),
                    metric.points.len().to_string(),
                    metric.significant.to_string(),
                    metric.counts.to_string(),
                    word(metric.test),
                ]
            };
            rows.extend(change.metrics.iter().map(|one| head.iter().cloned().chain(metric(one)).chain(tail.clone()).collect()));
        }
    }
    let several = pages.len() > 1;
    let of = |page: &Comparison, line: String| if several { format!("{}: {line}", page.model) } else { line };
    let mut below: Vec<String> = Vec::new();
    for page in pages {
        below.extend(remarks(&page.notes, &[]).into_iter().map(|line| of(page, line)));
    }
    below.extend(remarks(notes, &[]));
    for warning in pages.iter().flat_map(|page| remarks(&[], &page.warnings)) {
        if !below.contains(&warning) {
            below.push(warning);
        }
    }
    Sheet { columns: names.split(',').map(|name| Column::text(name, 0)).collect(), rows, below, ..Sheet::default() }
}
