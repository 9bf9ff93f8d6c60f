//! What became of scenarios, for people: passes too, by name; what moved before the text.

use crate::cli::output::{Column, Sheet};
use crate::cli::test::Report;
use crate::rules::Way;
use crate::scenario::{Against, Covered, Decision, Moved, Rest, Tested};

/// How a report is coloured, if it is.
struct Ink {
    green: &'static str,
    red: &'static str,
    bold: &'static str,
    off: &'static str,
}

impl Ink {
    fn new(color: bool) -> Self {
        if color {
            Self { green: "\x1b[32m", red: "\x1b[31m", bold: "\x1b[1m", off: "\x1b[0m" }
        } else {
            Self { green: "", red: "", bold: "", off: "" }
        }
    }
}

/// The report; after a review the changes themselves are not shown again.
pub(in crate::cli) fn tested(report: &Report<'_>, color: bool, brief: bool) -> String {
    let ink = Ink::new(color);
    let mut out = String::new();
    for one in report.all {
        let (word, ink_of) = if one.passed() {
            ("pass ", ink.green)
        } else if one.ran.is_err() {
            ("ERROR", ink.red)
        } else {
            ("FAIL ", ink.red)
        };
        out.push_str(&format!("{ink_of}{word}{}  {}{}\n", ink.off, one.scenario.name, decided(one)));
        if !one.passed() {
            lines(&mut out, one, &ink, brief);
        }
    }
    if !out.is_empty() {
        out.push('\n');
    }
    for line in below(report) {
        out.push_str(&line);
        out.push('\n');
    }
    if let Some(coverage) = &report.coverage {
        uncovered(&mut out, coverage);
    }
    out
}

/// Each rule with the branches that no scenario took.
fn uncovered(out: &mut String, coverage: &Covered) {
    let width = coverage.rules.iter().map(|rule| rule.rule.chars().count()).max().unwrap_or(0);
    for rule in &coverage.rules {
        let fired = match rule.fired {
            0 => "fired in no scenario".to_owned(),
            1 => "fired in 1 scenario".to_owned(),
            many => format!("fired in {many} scenarios"),
        };
        out.push_str(&format!("  {:width$}  {:>3} of {:>3} branches, {fired}\n", rule.rule, rule.taken, rule.of));
        for branch in &rule.untaken {
            let what = match branch.way {
                Way::Ran => format!("`{}` never ran", branch.text),
                Way::Holds => format!("never true: {}", branch.text),
                Way::Fails => format!("never false: {}", branch.text),
                Way::Arm => format!("never taken: {}", branch.text),
            };
            out.push_str(&format!("    {}:{}:{}: {}\n", rule.file, branch.line, branch.column, clean(&what)));
        }
    }
}

/// One change, to be decided.
pub(in crate::cli) fn change(one: &Tested, color: bool) -> String {
    let ink = Ink::new(color);
    let mut out = format!("{}{}{}: {}\n", ink.bold, one.scenario.name, ink.off, clean(&one.scenario.title));
    lines(&mut out, one, &ink, false);
    out
}

fn decided(one: &Tested) -> &'static str {
    match one.decision {
        Some(Decision::Accepted) => ": accepted",
        Some(Decision::Rejected) => ": rejected",
        Some(Decision::Skipped) => ": skipped",
        Some(Decision::DataMoved) => ": not accepted, because the rows moved too (--accept-data accepts it)",
        Some(Decision::Unmet) => ": not accepted, because an expectation is not met",
        None => "",
    }
}

/// Why it did not pass, indented: expectations, moves, what moved beneath, the text.
fn lines(out: &mut String, one: &Tested, ink: &Ink, brief: bool) {
    let mut push = |line: &str| out.push_str(&format!("       {line}\n"));
    let ran = match &one.ran {
        Ok(ran) => ran,
        Err(error) => {
            if !error.message.starts_with("error[") {
                let place = one.scenario.line(&one.scenario.ask.span);
                error.to_string().lines().enumerate().for_each(|(at, line)| {
                    push(&if at == 0 { format!("{place}: {}", clean(line)) } else { clean(line) });
                });
                return;
            }
            error.to_string().lines().for_each(|line| push(&clean(line)));
            return;
        }
    };
    for unmet in &ran.unmet {
        push(&format!("{}: {}", one.scenario.line(&unmet.span), clean(&unmet.message)));
    }
    if brief || one.against == Against::Same {
        return;
    }
    if one.against == Against::Missing {
        push("there is no snapshot of it yet");
    }
    one.moves.iter().for_each(|moved| push(&clean(&moved.to_string())));
    if one.against == Against::Differs && one.moves.is_empty() {
        push(&match &one.score {
            Some((hardware, was, is)) => format!("no rank moved; the largest change of a score is {was} -> {is}  {}", clean(hardware)),
            None => "no rank and no score moved".to_owned(),
        });
    }
    if let Some(moved) = &one.moved {
        push(&since(moved));
    }
    for line in one.diff.lines() {
        let line = clean(line);
        match line.chars().next() {
            Some('-') => push(&format!("{}{line}{}", ink.red, ink.off)),
            Some('+') => push(&format!("{}{line}{}", ink.green, ink.off)),
            _ => push(line.trim_end()),
        }
    }
}

/// What of rules, data and engine moved, and what did not.
fn since(moved: &Moved) -> String {
    let all = [("rules", &moved.rules), ("data", &moved.data), ("engine", &moved.engine)];
    if all.iter().all(|(_, rest)| rest.moved.is_none()) {
        return "the snapshot does not say which rules, data and engine it was accepted under".to_owned();
    }
    let said = |(name, rest): &(&str, &Rest)| format!("{name} ({} -> {})", rest.was.as_deref().unwrap_or("unknown"), rest.is);
    let names = |moved: bool| all.iter().filter(|(_, rest)| (rest.moved == Some(true)) == moved).collect::<Vec<_>>();
    let (moved, same) = (names(true), names(false));
    let same = same.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" and ");
    if moved.is_empty() {
        return "since it was accepted neither rules nor data nor the versions of the engine moved: Suitor itself computes otherwise"
            .to_owned();
    }
    let moved = moved.iter().map(|one| said(one)).collect::<Vec<_>>().join(", ");
    if same.is_empty() {
        format!("moved since it was accepted: {moved}")
    } else {
        format!("moved since it was accepted: {moved}; not moved: {same}")
    }
}

/// What stands under the list.
fn below(report: &Report<'_>) -> Vec<String> {
    let (passed, failed, errors) = report.counts();
    let mut parts = vec![format!("{passed} passed")];
    if failed > 0 {
        parts.push(format!("{failed} failed"));
    }
    if errors > 0 {
        parts.push(format!("{errors} could not be run"));
    }
    let mut lines = vec![parts.join(", ")];
    let waiting = report.all.iter().filter(|one| one.changed() && !matches!(one.decision, Some(Decision::Accepted | Decision::Rejected)));
    let waiting = waiting.count();
    if waiting > 0 && !report.check {
        let (are, verb) = if waiting == 1 { ("ranking", "waits") } else { ("rankings", "wait") };
        lines.push(format!(
            "{waiting} {are} {verb} as .snap.new: `suitor test --review` asks about each, `suitor test --accept` accepts all"
        ));
    }
    lines.extend(report.orphans.iter().map(|path| {
        let path = path.display().to_string().replace('\\', "/");
        format!("orphan: {} has no scenario: remove it, or give it one", clean(&path))
    }));
    lines.extend(report.coverage.as_ref().map(|coverage| {
        // Rounded down, so that 100 % is all of them.
        let percent = (coverage.percent * 10.0).floor() / 10.0;
        let least =
            coverage.least.filter(|_| !coverage.enough()).map(|least| format!(", less than the {least} % asked for")).unwrap_or_default();
        let fired = coverage.rules.iter().filter(|rule| rule.fired > 0).count();
        let rules = coverage.rules.len();
        format!("coverage: {} of {} branches ({percent} %), {fired} of {rules} rules fired{least}", coverage.taken, coverage.of)
    }));
    lines
}

/// The report as a table, for CSV and Markdown.
pub(in crate::cli) fn tested_sheet(report: &Report<'_>) -> Sheet {
    let columns = vec![Column::word("state", 0), Column::text("scenario", 0), Column::text("file", 0), Column::text("what", 0)];
    let rows = report.all.iter().map(|one| {
        let state = if one.passed() {
            "pass"
        } else if one.ran.is_err() {
            "error"
        } else {
            "fail"
        };
        let what: Vec<String> = match &one.ran {
            Err(error) => vec![error.message.lines().next().unwrap_or_default().to_owned()],
            Ok(ran) => {
                let unmet = ran.unmet.iter().map(|unmet| format!("line {}: {}", one.scenario.place(&unmet.span).0, unmet.message));
                let missing = (one.against == Against::Missing).then(|| "no snapshot yet".to_owned());
                let text = (one.against == Against::Differs && one.moves.is_empty()).then(|| "no rank moved, the text did".to_owned());
                unmet.chain(missing).chain(text).chain(one.moves.iter().map(ToString::to_string)).collect()
            }
        };
        vec![state.to_owned(), one.scenario.name.clone(), one.scenario.file.name.clone(), what.join("; ")]
    });
    Sheet { above: Vec::new(), columns, rows: rows.collect(), below: below(report) }
}

/// Without what would act on a terminal.
fn clean(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if c.is_control() && c != '\t' {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
        out
    })
}
