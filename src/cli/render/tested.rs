//! What became of scenarios, for people: passes too, by name; what moved before the text.

use crate::cli::output::{Column, Sheet, push_fault, push_folded};
use crate::cli::test::Report;
use crate::rules::Way;
use crate::scenario::{Against, Covered, CoveredRule, Decision, Tested, Untaken};

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

/// What stands before the lines of one scenario.
const MARGIN: &str = "       ";

/// The page that lines are written on.
struct Page {
    out: String,
    ink: Ink,
    /// Columns of the terminal.
    width: usize,
}

impl Page {
    fn new(width: usize, color: bool) -> Self {
        Self { out: String::new(), ink: Ink::new(color), width }
    }

    /// A line from the left edge, folded; the first time that `painted` stands in it, it is painted.
    fn line(&mut self, text: &str, painted: &str, ink: &str) {
        let mut folded = String::new();
        push_folded(&mut folded, text, self.width, "  ");
        if !ink.is_empty() {
            folded = folded.replacen(painted, &format!("{ink}{painted}{}", self.ink.off), 1);
        }
        self.out.push_str(&folded);
    }

    /// A line behind the margin, folded.
    fn inner(&mut self, text: &str) {
        push_folded(&mut self.out, &format!("{MARGIN}{text}"), self.width, "  ");
    }

    /// A line of a text that was compared: what is folded of it stands far enough to the right not to be taken for a line.
    fn compared(&mut self, text: &str) {
        const INDENT: &str = "          ";
        let ink = match text.chars().next() {
            Some('-') => self.ink.red,
            Some('+') => self.ink.green,
            _ => "",
        };
        let off = if ink.is_empty() { "" } else { self.ink.off };
        let width = self.width.saturating_sub(MARGIN.len());
        let mut folded = String::new();
        // A line that did not change begins with a blank, where the others have their sign.
        push_folded(&mut folded, &held(text.trim_end(), width.saturating_sub(INDENT.len() + 2)), width, INDENT);
        for line in folded.lines() {
            self.out.push_str(&format!("{MARGIN}{ink}{}{off}\n", line.replace(HELD, " ")));
        }
    }
}

/// Stands for a blank at which a line is not folded; texts are cleaned of it.
const HELD: &str = "\u{1}";

/// The line with the words of each part held together (a name, a remark), unless the part is wider than `room`.
fn held(line: &str, room: usize) -> String {
    let hold = |part: &str| if part.chars().count() <= room { part.replace(' ', HELD) } else { part.to_owned() };
    let columns = |cell: &str| cell.split("  ").map(hold).collect::<Vec<_>>().join("  ");
    let held = line.split(" | ").map(columns).collect::<Vec<_>>().join(&format!(" |{HELD}"));
    // Of several blanks between two columns one may be left over at the beginning of a part.
    held.replace(&format!("  {HELD}"), "   ")
}

/// The report; after a review the changes themselves are not shown again.
pub(in crate::cli) fn tested(report: &Report<'_>, width: usize, color: bool, brief: bool) -> String {
    let mut page = Page::new(width, color);
    for one in report.all {
        let (word, ink) = if one.passed() {
            ("pass ", page.ink.green)
        } else if one.ran.is_err() {
            ("ERROR", page.ink.red)
        } else {
            ("FAIL ", page.ink.red)
        };
        page.line(&format!("{word}  {}{}", one.scenario.name, decided(one)), word, ink);
        if !one.passed() {
            lines(&mut page, one, brief);
        }
    }
    if !page.out.is_empty() {
        page.out.push('\n');
    }
    for line in below(report) {
        page.line(&line, "", "");
    }
    if let Some(coverage) = &report.coverage {
        uncovered(&mut page, coverage);
    }
    page.out
}

/// Each rule with the branches that no scenario took.
fn uncovered(page: &mut Page, coverage: &Covered) {
    let width = coverage.rules.iter().map(|rule| rule.rule.chars().count()).max().unwrap_or(0);
    for rule in &coverage.rules {
        let fired = match rule.fired {
            0 => "fired in no scenario".to_owned(),
            1 => "fired in 1 scenario".to_owned(),
            many => format!("fired in {many} scenarios"),
        };
        page.line(&format!("  {:width$}  {:>3} of {:>3} branches, {fired}", rule.rule, rule.taken, rule.of), "", "");
        for (branch, what) in untaken(rule) {
            page.line(&format!("    {}:{}:{}: {}", rule.file, branch.line, branch.column, clean(&what)), "", "");
        }
    }
}

/// The branches that no scenario took, in words; a condition that nothing came to is one line, though two branches hang on it.
fn untaken(rule: &CoveredRule) -> Vec<(&Untaken, String)> {
    let other = |branch: &Untaken, way: Way| {
        let same = |one: &&Untaken| (one.line, one.column, &one.text) == (branch.line, branch.column, &branch.text);
        rule.untaken.iter().filter(same).any(|one| one.way == way)
    };
    let said = rule.untaken.iter().filter_map(|branch| {
        let what = match branch.way {
            Way::Ran => format!("`{}` never ran", branch.text),
            Way::Holds if other(branch, Way::Fails) => format!("never reached: {}", branch.text),
            Way::Fails if other(branch, Way::Holds) => return None,
            Way::Holds => format!("never true: {}", branch.text),
            Way::Fails => format!("never false: {}", branch.text),
            Way::Arm => format!("never taken: {}", branch.text),
        };
        Some((branch, what))
    });
    said.collect()
}

/// One change, to be decided; `number` and `of` say which of how many it is.
pub(in crate::cli) fn change(one: &Tested, (number, of): (usize, usize), width: usize, color: bool) -> String {
    let mut page = Page::new(width, color);
    let (name, bold) = (&one.scenario.name, page.ink.bold);
    page.line(&format!("({number} of {of}) {name}: {}", clean(&one.scenario.title)), name, bold);
    lines(&mut page, one, false);
    page.out
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
fn lines(page: &mut Page, one: &Tested, brief: bool) {
    let ran = match &one.ran {
        Ok(ran) => ran,
        Err(error) => {
            let said: String = error.to_string().lines().map(|line| clean(line) + "\n").collect();
            // Faults of rules bring their places.
            if error.message.starts_with("error[") {
                push_fault(&mut page.out, &said, MARGIN, page.width);
            } else {
                let place = one.scenario.line(&one.scenario.ask.span);
                format!("{place}: {said}").lines().for_each(|line| page.inner(line));
            }
            return;
        }
    };
    for unmet in &ran.unmet {
        page.inner(&format!("{}: {}", one.scenario.line(&unmet.span), clean(&unmet.message)));
    }
    if brief || one.against == Against::Same {
        return;
    }
    if one.against == Against::Missing {
        page.inner("there is no snapshot of it yet");
    }
    one.moves.iter().for_each(|moved| page.inner(&clean(&moved.to_string())));
    if one.against == Against::Differs && one.moves.is_empty() {
        page.inner(&match &one.score {
            Some((hardware, was, is)) => format!("no rank moved; the largest change of a score is {was} -> {is}  {}", clean(hardware)),
            None => "no rank and no score moved".to_owned(),
        });
    }
    if let Some(moved) = &one.moved {
        page.inner(&moved.to_string());
    }
    one.diff.lines().for_each(|line| page.compared(&clean(line)));
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
        // What was just refused is not advised again.
        let refused = |decision| report.all.iter().any(|one| one.changed() && one.decision == Some(decision));
        let how = match (refused(Decision::DataMoved), refused(Decision::Unmet)) {
            (true, _) => "`suitor test --accept --accept-data` accepts those too whose rows moved",
            (false, true) => "one whose expectations are not met is not accepted: mend its rules or its `[expect]`",
            (false, false) => "`suitor test --accept` accepts all",
        };
        lines.push(format!("{waiting} {are} {verb} as .snap.new: `suitor test --review` asks about each, {how}"));
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
                let since = one.moved.as_ref().filter(|_| one.against == Against::Differs).map(ToString::to_string);
                unmet.chain(missing).chain(text).chain(one.moves.iter().map(ToString::to_string)).chain(since).collect()
            }
        };
        vec![state.to_owned(), one.scenario.name.clone(), one.scenario.file.name.clone(), what.join("; ")]
    });
    Sheet { above: Vec::new(), columns, rows: rows.collect(), below: below(report) }
}

/// Without what would act on a terminal.
fn clean(text: &str) -> String {
    crate::columns::written_out(text, Some('\t'))
}
