//! The page that derives every number of one piece of hardware.

use super::answer::{replayed, short};
use super::numbers::{delta, figure, memory, score};
use crate::cli::output::{Column, Sheet, remarks};
use crate::recommend::answer::{CellScore, Recommendation};
use crate::recommend::words::question;
use crate::recommend::{Difference, Explanation, Subject};
use crate::rules::Lowering;

/// The page for people.
pub(in crate::cli) fn explanation(page: &Explanation) -> Sheet {
    let mut lines = vec![question(&page.request)];
    lines.extend(page.replayed.as_ref().map(replayed));
    subject(&mut lines, &page.subject, page.ranked);
    if let Some(against) = &page.against {
        match against {
            Subject::Ranked(other) => {
                lines.push(format!("against: {}, rank {} of {}, score {}", other.hardware, other.rank, page.ranked, score(other.score)));
            }
            _ => subject(&mut lines, against, page.ranked),
        }
    }
    if let Some(difference) = &page.difference {
        terms(&mut lines, difference);
    }
    lines.extend(remarks(&page.notes, &page.warnings));
    lines.extend(page.rules.iter().filter_map(interpreted));
    lines.push(format!("rule set {}, data {}", short(&page.rule_set), short(&page.data_fingerprint)));
    Sheet { above: lines, ..Sheet::default() }
}

/// A rule that is no part of a query; the others need no words.
fn interpreted(rule: &Lowering) -> Option<String> {
    let why = rule.refused.as_ref()?;
    Some(format!("rule {} is interpreted, whatever --engine says [{}:{}]: {}", rule.rule, why.file, why.line, why.why))
}

fn subject(lines: &mut Vec<String>, subject: &Subject, ranked: usize) {
    match subject {
        Subject::Excluded(one) => lines.push(format!("{}: excluded by {}: {}", one.hardware, one.rule, one.reason)),
        Subject::NotScored(one) => lines.push(format!("{}: not scored: {}", one.hardware, one.reason)),
        Subject::Ranked(one) => derivation(lines, one, ranked),
    }
}

fn derivation(lines: &mut Vec<String>, one: &Recommendation, ranked: usize) {
    lines.push(format!("{}: rank {} of {ranked}, score {}", one.hardware, one.rank, score(one.score)));
    let mut about = vec![if one.results == 1 { "1 result".to_owned() } else { format!("{} results", one.results) }, one.provenance.clone()];
    about.extend(one.recommended_batch_size.map(|batch| format!("batch {batch}")));
    about.extend(one.recommended_precision.iter().cloned());
    about.extend(one.memory_requirement.map(|mb| format!("needs {}", memory(mb))));
    if one.uncontested {
        about.push("uncontested: compared with nothing but its own results".to_owned());
    } else {
        about.push(format!("in {} of {} contested cells", one.coverage.cells, one.coverage.of));
    }
    if let Some([low, high]) = one.interval {
        about.push(format!("score between {} and {} by the spread of its results", score(low), score(high)));
    }
    lines.push(format!("  {}", about.join(", ")));
    for cell in &one.cells {
        cell_lines(lines, cell);
    }
    lines.push("from the cells to the score".to_owned());
    for step in &one.trace {
        let name = step.rule.as_ref().map_or_else(|| step.step.clone().unwrap_or_default(), |rule| format!("rule {rule}"));
        let place = step.source.as_ref().map(|source| format!(" [{source}]")).unwrap_or_default();
        let reason = step.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let change = if step.fired { format!("{} -> {}", delta(step.delta), score(step.score)) } else { "did not fire".to_owned() };
        lines.push(format!("  {name:<24} {change}{reason}{place}"));
    }
}

fn cell_lines(lines: &mut Vec<String>, cell: &CellScore) {
    let named: Vec<String> = cell.cell.iter().filter_map(|(field, value)| value.as_ref().map(|value| format!("{field} {value}"))).collect();
    let point: Vec<String> =
        cell.point.iter().filter_map(|(field, value)| value.as_ref().map(|value| format!("{field} {value}"))).collect();
    lines.push(format!("cell: {}", if named.is_empty() { "all rows".to_owned() } else { named.join(", ") }));
    lines.push(format!("  its best point: {}; {} {}", point.join(", "), cell.n, if cell.n == 1 { "row" } else { "rows" }));
    for (name, value) in &cell.components {
        let weight = cell.weights.get(name).copied().unwrap_or(0.0);
        let basis = cell.component_metrics.get(name).and_then(Option::as_ref);
        let text = match (value, basis, basis.and_then(|metric| cell.metrics.get(metric))) {
            (Some(value), Some(metric), Some(measured)) => {
                let spread = measured.spread.map(|spread| format!(" (n {}, s {})", measured.n, figure(spread))).unwrap_or_default();
                let higher = measured.value <= measured.reference * (1.0 + 1e-9)
                    && (value * measured.reference - measured.value).abs() <= 1e-6 * measured.value.max(1e-9);
                let formula = if higher {
                    format!("{} / best {}", figure(measured.value), figure(measured.reference))
                } else {
                    format!("best {} / {}", figure(measured.reference), figure(measured.value))
                };
                format!("{metric}: {formula}{spread} = {}", score(*value))
            }
            (Some(value), ..) => format!("not measured: imputed {}", score(*value)),
            (None, ..) => "nothing in this cell has it".to_owned(),
        };
        if weight > 0.0 || basis.is_some() {
            lines.push(format!(
                "  {name:<12} {text}; x weight {weight:.3}{}",
                value.map(|value| format!(" = {}", score(value * weight))).unwrap_or_default()
            ));
        } else {
            lines.push(format!("  {name:<12} {text}"));
        }
    }
    lines.push(format!(
        "  compatibility {} x confidence {} = {}",
        score(cell.compatibility),
        score(cell.confidence),
        score(cell.suitability)
    ));
}

fn terms(lines: &mut Vec<String>, difference: &Difference) {
    lines.push(format!("the difference of the scores, {}, is made of", delta(difference.score)));
    let mut terms: Vec<_> = difference.terms.iter().filter(|term| term.delta.abs() > 0.0).collect();
    terms.sort_by(|a, b| b.delta.abs().total_cmp(&a.delta.abs()).then_with(|| a.term.cmp(&b.term)));
    for term in terms {
        lines.push(format!("  {:<24} {} ({:.4} against {:.4})", term.term, delta(term.delta), term.subject, term.against));
    }
}

/// The page as data: one line a step of the derivation, and a term of the difference.
pub(in crate::cli) fn explanation_data(page: &Explanation) -> Sheet {
    let mut rows = Vec::new();
    for (role, subject) in [("subject", Some(&page.subject)), ("against", page.against.as_ref())] {
        match subject {
            Some(Subject::Ranked(one)) => {
                for step in &one.trace {
                    let name = step.rule.clone().or_else(|| step.step.clone()).unwrap_or_default();
                    rows.push(vec![
                        role.to_owned(),
                        one.hardware.clone(),
                        name,
                        step.delta.to_string(),
                        step.score.to_string(),
                        step.fired.to_string(),
                        step.source.clone().unwrap_or_default(),
                        step.reason.clone().unwrap_or_default(),
                    ]);
                }
            }
            Some(Subject::Excluded(one)) => rows.push(aside(role, &one.hardware, "excluded", &format!("{}: {}", one.rule, one.reason))),
            Some(Subject::NotScored(one)) => rows.push(aside(role, &one.hardware, "not_scored", &one.reason)),
            None => {}
        }
    }
    if let Some(difference) = &page.difference {
        for term in &difference.terms {
            rows.push(vec![
                "difference".to_owned(),
                String::new(),
                term.term.clone(),
                term.delta.to_string(),
                String::new(),
                String::new(),
                String::new(),
                format!("{} against {}", term.subject, term.against),
            ]);
        }
    }
    let columns = ["part", "hardware", "step", "delta", "score", "fired", "source", "reason"].map(|name| Column::text(name, 0)).to_vec();
    Sheet { columns, rows, below: remarks(&page.notes, &page.warnings), ..Sheet::default() }
}

fn aside(role: &str, hardware: &str, step: &str, reason: &str) -> Vec<String> {
    [role, hardware, step, "", "", "", "", reason].map(str::to_owned).to_vec()
}
