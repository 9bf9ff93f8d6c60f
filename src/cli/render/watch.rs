//! What a watch tells, for people.

use super::numbers::{delta, score};
use crate::Result;
use crate::cli::output::{Column, Sheet, push_fault, push_folded, table};
use crate::recommend::{Answer, Request};
use crate::watch::{Event, FileNews, Moves};

/// Moves of scores alone that are told of; of the rest their number.
const SCORES: usize = 3;
/// Moves of ranks, comings and goings that are told of, each.
const RANKS: usize = 10;

/// An event in lines, the first with the time of day.
pub(in crate::cli) fn told(event: &Event, time: &str, width: usize, color: bool) -> String {
    let paint = |code: &str, text: &str| if color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() };
    // What is folded stands under the first words, not under the time.
    let headed = |line: &str| {
        let mut text = "\n".to_owned();
        push_folded(&mut text, &format!("{time}  {line}"), width, "          ");
        text
    };
    match event {
        Event::Reloaded { files, from, to, warnings, moves } => {
            let hashes = if from == to { format!("rule set {}", &to[..12]) } else { format!("rule set {} -> {}", &from[..12], &to[..12]) };
            // Colour comes after folding, which counts letters.
            let mut text = headed(&format!("{}{hashes}", changed(files))).replace(&to[..12], &paint("32", &to[..12]));
            for warning in warnings {
                push_folded(&mut text, &format!("  warning: {warning}"), width, "  ");
            }
            text + told_moves(moves, width).as_str()
        }
        Event::Refused { files, active, on_disk, rendered, .. } => {
            let disk = on_disk.as_ref().map_or_else(|| "the files on disk are".to_owned(), |hash| format!("{} on disk is", &hash[..12]));
            let line = format!("STALE: rule set {} stays in force, {disk} at fault", &active[..12]);
            let mut text = headed(&format!("{}{line}", changed(files))).replacen("STALE:", &paint("1;31", "STALE:"), 1);
            text.push('\n');
            push_fault(&mut text, rendered.trim_end(), "", width);
            text
        }
        Event::Restored { active } => {
            let line = format!("the files are again those of rule set {}, which is in force", &active[..12]);
            headed(&line).replace(&active[..12], &paint("32", &active[..12]))
        }
        Event::DataChanged { moves } => headed("the rows of the database changed") + told_moves(moves, width).as_str(),
        Event::DataUnavailable { reason } => headed(&format!("the rankings are those of before: {}", reason.replace('\n', "; "))),
        Event::Started { .. } | Event::Notice { .. } => String::new(),
    }
}

/// `config/scoring.toml changed, rules/a.rhai added: `.
fn changed(files: &[FileNews]) -> String {
    let named: Vec<String> = files.iter().map(|file| format!("{} {}", file.file, file.change)).collect();
    if named.is_empty() { String::new() } else { format!("{}: ", named.join(", ")) }
}

fn told_moves(all: &[Moves], width: usize) -> String {
    let mut text = String::new();
    let still = all.iter().filter(|moves| moves.is_empty()).count();
    for moves in all.iter().filter(|moves| !moves.is_empty()) {
        for line in moved(moves) {
            push_folded(&mut text, &line, width, "    ");
        }
    }
    match (still, all.len()) {
        (0, _) => {}
        (_, 1) => text.push_str("  no score moved\n"),
        (still, all) if still == all => text.push_str(&format!("  no score moved in {all} rankings\n")),
        (still, _) => text.push_str(&format!("  no score moved in {still} other ranking{}\n", if still == 1 { "" } else { "s" })),
    }
    text
}

/// The moves of one ranking in lines, what matters most first.
fn moved(moves: &Moves) -> Vec<String> {
    let ask = moves.task.as_ref().map_or_else(|| moves.model.clone(), |task| format!("{}, {task}", moves.model));
    if let Some(error) = &moves.error {
        return vec![format!("  {ask}: {}", error.replace('\n', "; "))];
    }
    let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "nothing".to_owned());
    let mut lines = vec![match &moves.winner {
        Some(winner) => format!("  {ask}: winner {} -> {}", name(&winner.from), name(&winner.to)),
        None => format!("  {ask}: the same winner"),
    }];
    let ranks = moves.ranks.iter().map(|one| {
        let scores = format!("{} -> {} ({})", score(one.score_from), score(one.score_to), delta(one.score_to - one.score_from));
        format!("    rank {} -> {}  {}  {scores}", one.from, one.to, one.hardware)
    });
    push_some(&mut lines, ranks, RANKS, "rank");
    push_some(
        &mut lines,
        moves.entered.iter().map(|one| format!("    entered at {}  {}  {}", one.rank, one.hardware, score(one.score))),
        RANKS,
        "entry",
    );
    push_some(
        &mut lines,
        moves.left.iter().map(|one| format!("    left rank {}  {}  {}", one.rank, one.hardware, one.why)),
        RANKS,
        "leaver",
    );
    let scores = moves
        .scores
        .iter()
        .map(|one| format!("    score  {}  {} -> {} ({})", one.hardware, score(one.from), score(one.to), delta(one.to - one.from)));
    push_some(&mut lines, scores, SCORES, "score");
    lines
}

fn push_some(lines: &mut Vec<String>, all: impl ExactSizeIterator<Item = String>, most: usize, what: &str) {
    let more = all.len().saturating_sub(most);
    lines.extend(all.take(most));
    if more > 0 {
        let plural = match (what, more) {
            (what, 1) => what.to_owned(),
            ("entry", _) => "entries".to_owned(),
            (what, _) => format!("{what}s"),
        };
        lines.push(format!("    and {more} more {plural}"));
    }
}

/// The winner of each ranking.
pub(in crate::cli) fn winners(answers: &[(Request, Result<Answer>)], width: usize, color: bool) -> String {
    let columns = vec![
        Column::text("model", 0),
        Column::word("task", 1),
        Column::text("winner", 0),
        Column::number("score", 0),
        Column::number("ranked", 2),
    ];
    let rows = answers.iter().map(|(request, answer)| match answer {
        Ok(answer) => {
            let first = answer.recommendations.first();
            vec![
                answer.request.model.clone(),
                answer.request.task.clone(),
                first.map_or_else(|| "nothing".to_owned(), |first| first.hardware.clone()),
                first.map(|first| score(first.score)).unwrap_or_default(),
                answer.ranked.to_string(),
            ]
        }
        Err(error) => {
            vec![request.model.clone(), request.task.clone().unwrap_or_default(), error.message.clone(), String::new(), String::new()]
        }
    });
    let sheet = Sheet { columns, rows: rows.collect(), ..Sheet::default() };
    if sheet.rows.is_empty() { String::new() } else { format!("\n{}", table(&sheet.plain(), width, color)) }
}
