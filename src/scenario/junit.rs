//! What became of the scenarios as JUnit XML, which most CI systems show.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::suite::{Against, Tested};

/// The report as XML: a test case a scenario, and one for each snapshot without a scenario.
#[must_use]
pub fn junit(all: &[Tested], orphans: &[PathBuf]) -> String {
    let errors = all.iter().filter(|one| one.ran.is_err()).count();
    let failures = all.iter().filter(|one| one.ran.is_ok() && !one.passed()).count() + orphans.len();
    let seconds = |took: std::time::Duration| format!("{:.3}", took.as_secs_f64());
    let took = seconds(all.iter().map(|one| one.took).sum());
    let counts = format!("tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" time=\"{took}\"", all.len() + orphans.len());
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(out, "<testsuites name=\"suitor test\" {counts}>\n  <testsuite name=\"scenarios\" {counts} skipped=\"0\">");
    for one in all {
        let _ = write!(
            out,
            "    <testcase classname=\"scenarios\" name={} file={} time=\"{}\"",
            attribute(&one.scenario.name),
            attribute(&one.scenario.file.name),
            seconds(one.took)
        );
        let (tag, kind, message, text) = match (&one.ran, one.passed()) {
            (_, true) => {
                out.push_str("/>\n");
                continue;
            }
            (Err(error), _) => ("error", if error.exit_code() == 2 { "input" } else { "failed" }, first(&error.message), error.to_string()),
            (Ok(ran), _) => {
                let kind = if ran.unmet.is_empty() { "snapshot" } else { "expectation" };
                let (lines, since) = (explained(one), since(one));
                let message = [Some(first(&lines)), since].into_iter().flatten().collect::<Vec<_>>().join("; ");
                ("failure", kind, message, lines)
            }
        };
        let _ =
            write!(out, ">\n      <{tag} type=\"{kind}\" message={}>{}</{tag}>\n    </testcase>\n", attribute(&message), text_of(&text));
    }
    for orphan in orphans {
        let path = orphan.display().to_string().replace('\\', "/");
        let name = orphan.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let _ = write!(
            out,
            "    <testcase classname=\"snapshots\" name={} file={} time=\"0.000\">\n      <failure type=\"orphan\" message=\"no scenario has this snapshot\"/>\n    </testcase>\n",
            attribute(&name),
            attribute(&path)
        );
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

/// Why a scenario did not pass, in lines.
fn explained(one: &Tested) -> String {
    let mut lines = Vec::new();
    if let Ok(ran) = &one.ran {
        lines.extend(ran.unmet.iter().map(|unmet| format!("{}: {}", one.scenario.line(&unmet.span), unmet.message)));
    }
    match one.against {
        Against::Same => {}
        Against::Missing => lines.push("there is no snapshot of it yet".to_owned()),
        Against::Differs => {
            lines.extend(one.moves.iter().map(ToString::to_string));
            if one.moves.is_empty() {
                lines.push("the ranking is the same, its text is not".to_owned());
            }
            lines.extend(since(one));
            lines.push(one.diff.trim_end().to_owned());
        }
    }
    lines.join("\n")
}

/// Which of rules, data and engine moved, where the ranking is not its snapshot.
fn since(one: &Tested) -> Option<String> {
    one.moved.as_ref().filter(|_| one.against == Against::Differs).map(ToString::to_string)
}

fn first(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// A quoted attribute.
fn attribute(text: &str) -> String {
    format!("\"{}\"", text_of(text).replace('"', "&quot;").replace('\n', "&#10;").replace('\t', "&#9;"))
}

/// Text without what XML cannot hold.
fn text_of(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        assert_eq!(attribute("a<b>&\"c\"\u{1}\n"), "\"a&lt;b&gt;&amp;&quot;c&quot;\u{fffd}&#10;\"");
    }
}
