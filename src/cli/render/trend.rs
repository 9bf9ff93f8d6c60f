//! A trend as a table with a bar a version, and as data.

use super::numbers::{bar, figure, score};
use crate::cli::output::{Column, Sheet, remarks};
use crate::trend::{Series, Trend};

/// The versions of each piece of hardware from top to bottom, the steps marked.
pub(in crate::cli) fn trend(page: &Trend) -> Sheet {
    let most = page.series.iter().flat_map(|series| &series.values).filter_map(|value| value.value).fold(0.0_f64, f64::max);
    let is_score = page.metric == "score";
    let said = |value: f64| if is_score { score(value) } else { figure(value) };
    let mut rows = Vec::new();
    for series in &page.series {
        let mut last: Option<f64> = None;
        for (at, value) in series.values.iter().enumerate() {
            let change = value.value.zip(last).map(|(now, before)| format!("{:+.1} %", 100.0 * (now / before - 1.0))).unwrap_or_default();
            rows.push(vec![
                if at == 0 { series.hardware.clone() } else { String::new() },
                value.version.clone(),
                value.value.map_or_else(|| "-".to_owned(), said),
                change,
                value.value.map(|value| bar(if most > 0.0 { value / most } else { 0.0 })).unwrap_or_default(),
                if value.n > 0 { value.n.to_string() } else { String::new() },
                step(series, &value.version),
            ]);
            last = value.value.or(last);
        }
    }
    let mut below: Vec<String> = Vec::new();
    for series in page.series.iter().filter(|series| !series.point.is_empty()) {
        let fields: Vec<String> = series.point.iter().map(|(name, value)| format!("{name} {value}")).collect();
        below.push(format!("{}: at {}", series.hardware, fields.join(", ")));
    }
    below.extend(remarks(&page.notes, &page.warnings));
    Sheet {
        above: vec![format!("{}: {} over {} versions", page.model, page.metric, page.versions.len())],
        columns: vec![
            Column::text("hardware", 0),
            Column::text("version", 0),
            Column::number(page.metric.trim_end_matches("_items_per_second"), 0),
            Column::number("change", 1),
            Column::word("", 2),
            Column::number("n", 3),
            Column::text("step", 0),
        ],
        rows,
        below,
    }
}

/// What stands beside a version where the level steps.
fn step(series: &Series, version: &str) -> String {
    let Some(step) = series.steps.iter().find(|step| step.version == version) else { return String::new() };
    let word = match step.better {
        Some(true) => "better",
        Some(false) => "worse",
        None => "step",
    };
    let p = if step.p_value < 0.001 { "p < 0.001".to_owned() } else { format!("p = {:.3}", step.p_value) };
    format!("{word}: {:+.1} % from here on ({:+.1} to {:+.1}, {p})", step.change_percent, step.interval[0], step.interval[1])
}

/// The trend as data: a line for each version of each piece of hardware, numbers in full.
pub(in crate::cli) fn trend_data(page: &Trend) -> Sheet {
    let names =
        ["model", "metric", "hardware", "version", "revision", "value", "n", "step_percent", "step_low", "step_high", "step_p_value"];
    let mut rows = Vec::new();
    for series in &page.series {
        for value in &series.values {
            let step = series.steps.iter().find(|step| step.version == value.version);
            let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
            rows.push(vec![
                page.model.clone(),
                page.metric.clone(),
                series.hardware.clone(),
                value.version.clone(),
                value.revision.to_string(),
                number(value.value),
                value.n.to_string(),
                number(step.map(|step| step.change_percent)),
                number(step.map(|step| step.interval[0])),
                number(step.map(|step| step.interval[1])),
                number(step.map(|step| step.p_value)),
            ]);
        }
    }
    let below = remarks(&page.notes, &page.warnings);
    Sheet { columns: names.map(|name| Column::text(name, 0)).to_vec(), rows, below, ..Sheet::default() }
}
