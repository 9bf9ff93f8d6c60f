//! Asking about each change in a terminal, one key a change.

use std::io::{Read as _, Write as _};

use super::context::Context;
use super::output::push_folded;
use super::render;
use crate::scenario::{Decision, Snapshots, Tested};
use crate::{Error, Result, error::Kind};

/// Asks about every ranking that is not its snapshot, and does what is answered. What is skipped keeps waiting.
pub(super) fn review(all: &mut [Tested], snapshots: &Snapshots, data: bool, context: &Context) -> Result<()> {
    let changed: Vec<usize> = (0..all.len()).filter(|at| all[*at].changed()).collect();
    let mut rest: Option<Answer> = None;
    for (number, at) in changed.iter().enumerate() {
        let tested = &mut all[*at];
        let answer = if let Some(answer) = rest {
            answer
        } else {
            say(&format!("\n{}", render::change(tested, (number + 1, changed.len()), context.width, context.color)))?;
            let (answer, all_that_follow) = ask(tested, data, context.width)?;
            rest = all_that_follow.then_some(answer);
            answer
        };
        match answer {
            Answer::Accept => tested.accept(snapshots, data)?,
            Answer::Reject => tested.reject(snapshots)?,
            Answer::Skip => tested.decision = Some(Decision::Skipped),
        }
    }
    if !changed.is_empty() {
        say("")?;
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Accept,
    Reject,
    Skip,
}

/// One answer, and whether it is for all that follow.
fn ask(tested: &Tested, data: bool, width: usize) -> Result<(Answer, bool)> {
    let (whole, short) =
        ("[a]ccept  [r]eject  [s]kip  capitals: all that follow  [q]uit: ", "[a]ccept [r]eject [s]kip [A][R][S] all [q]uit: ");
    loop {
        let key = key(if width > whole.len() { whole } else { short })?;
        let (word, answer) = match key {
            b'a' => ("accept", Some((Answer::Accept, false))),
            b'A' => ("accept all that follow", Some((Answer::Accept, true))),
            b'r' => ("reject", Some((Answer::Reject, false))),
            b'R' => ("reject all that follow", Some((Answer::Reject, true))),
            b's' => ("skip", Some((Answer::Skip, false))),
            b'S' => ("skip all that follow", Some((Answer::Skip, true))),
            // The end of the input, ctrl-D and escape too.
            b'q' | 0 | 4 | 27 => ("quit", Some((Answer::Skip, true))),
            3 => {
                say("")?;
                return Err(Error {
                    kind: Kind::Interrupted,
                    message: "interrupted: what was not decided keeps waiting".to_owned(),
                    help: None,
                });
            }
            _ => ("?", None),
        };
        say(word)?;
        match (answer, tested.obstacle(data)) {
            (Some((Answer::Accept, false)), Some(Decision::Unmet)) => {
                explain("it cannot be accepted: an expectation of the scenario is not met; mend the rules, or the scenario", width)?;
            }
            (Some((Answer::Accept, false)), Some(_)) => {
                explain("it cannot be accepted: its rows moved too; --review --accept-data accepts such changes", width)?;
            }
            (Some(answer), _) => return Ok(answer),
            (None, _) => {}
        }
    }
}

/// Asks, and waits for one key. The terminal hands out single keys before the question is there: one that is pressed at once, while it is
/// being switched, would wait for the end of a line.
fn key(question: &str) -> Result<u8> {
    let failed = |error: std::io::Error| Error::failed(format!("no key could be read: {error}"));
    crossterm::terminal::enable_raw_mode().map_err(failed)?;
    let mut byte = [0];
    let read = prompt(question).map(|()| std::io::stdin().read(&mut byte));
    crossterm::terminal::disable_raw_mode().map_err(failed)?;
    match read? {
        Ok(0) => Ok(0),
        Ok(_) => Ok(byte[0]),
        Err(error) => Err(failed(error)),
    }
}

fn prompt(text: &str) -> Result<()> {
    let mut stderr = std::io::stderr();
    stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush()).map_err(|error| Error::failed(format!("the terminal is gone: {error}")))
}

/// Says a long line, folded.
fn explain(line: &str, width: usize) -> Result<()> {
    let mut text = String::new();
    push_folded(&mut text, line, width, "  ");
    prompt(&text)
}

fn say(line: &str) -> Result<()> {
    prompt(&format!("{line}\n"))
}
