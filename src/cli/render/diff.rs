//! Two rule sets compared, as tables and as a comment for a pull request.

use super::answer::short;
use super::numbers::{delta, score};
use crate::cli::Format;
use crate::cli::markdown::{code, escaped};
use crate::cli::output::{Column, Sheet, remarks};
use crate::diff::RuleDiff;
use crate::diff::answer::{Cause, Edit, How, Move, RankingDiff, Standing, State};

/// A move with the ranking that it is of.
type Moved<'a> = (&'a RankingDiff, &'a Move);

/// The comparison for people: what changed in a line, other winners, what is in or out, ranks, scores, and the edits. `top_k` is how many
/// moves of rank and score are shown; 0 is all.
pub(in crate::cli) fn diff(page: &RuleDiff, top_k: usize, format: Format) -> Vec<Sheet> {
    let markdown = format == Format::Markdown;
    let mut sheets = vec![Sheet { above: summary(page, markdown), ..winners(page) }];
    let (out, ranks, scores) = (in_or_out(page), ranks(page), scores(page));
    let sections = [
        (
            title(out.len(), "piece of hardware in or out", "pieces of hardware in or out"),
            sheet_of(&out, out_columns(), out.len(), out_row, page),
        ),
        (title(ranks.len(), "other rank", "other ranks"), sheet_of(&ranks, rank_columns(), top(top_k, ranks.len()), rank_row, page)),
        (title(scores.len(), "other score", "other scores"), sheet_of(&scores, score_columns(), top(top_k, scores.len()), score_row, page)),
        (title(page.edits.len(), "edit", "edits"), edits(page)),
    ];
    let mut open = false;
    for (title, mut sheet) in sections {
        if sheet.rows.is_empty() {
            continue;
        }
        if markdown {
            sheet.above = open.then(|| "</details>".to_owned()).into_iter().collect();
            sheet.above.push(format!("<details><summary>{title}</summary>"));
            open = true;
        } else {
            sheet.above = vec![title];
        }
        sheets.push(sheet);
    }
    let mut last = Sheet::default();
    last.above.extend(open.then(|| "</details>".to_owned()));
    let said = remarks(&page.notes, &page.warnings).into_iter();
    last.below.extend(said.map(|line| if markdown { escaped(&line) } else { line }));
    let data = page.after.data_fingerprint.as_ref().map_or_else(String::new, |print| format!(", data {}", short(print)));
    last.below.push(format!("rule set {} -> {}{data}", short(&page.before.rule_set), short(&page.after.rule_set)));
    sheets.push(last);
    sheets
}

/// `1 other rank`, `7 other ranks`.
fn title(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

fn top(top_k: usize, all: usize) -> usize {
    if top_k == 0 { all } else { top_k.min(all) }
}

/// What changed, in a line or two.
fn summary(page: &RuleDiff, markdown: bool) -> Vec<String> {
    let totals = &page.totals;
    let quoted = |name: &str| if markdown { code(name) } else { name.to_owned() };
    let sides = format!("{} -> {}", quoted(&page.before.name), quoted(&page.after.name));
    if page.compared == 0 {
        return vec![sides];
    }
    let winners = match (totals.winners, page.compared) {
        (0, 1) => "the winner stays".to_owned(),
        (0, all) => format!("the winner stays in all {all} rankings"),
        (1, 1) => "another winner".to_owned(),
        (n, all) => format!("another winner in {n} of {all} rankings"),
    };
    let winners = if markdown { format!("**{winners}**") } else { winners };
    let mut lines = vec![format!("{sides}: {winners}")];
    if totals.rankings > 0 {
        let largest = totals.largest.map_or_else(String::new, |largest| format!(", the largest by {}", delta(largest)));
        lines.push(format!(
            "{}; {} newly excluded, {} admitted; {}; {}{largest}",
            title(totals.rankings, "ranking changed", "rankings changed"),
            totals.excluded,
            totals.admitted,
            title(totals.ranks, "other rank", "other ranks"),
            title(totals.scores, "other score", "other scores"),
        ));
    }
    lines
}

fn winners(page: &RuleDiff) -> Sheet {
    let place = |label: &Option<String>, value: Option<f64>| match (label, value) {
        (Some(label), Some(value)) => format!("{label} {}", score(value)),
        _ => "none".to_owned(),
    };
    let rows = page.rankings.iter().filter_map(|one| {
        let winner = one.winner.as_ref()?;
        let tied = if winner.tied { ", tied with it" } else { "" };
        let after = format!("{}{tied}", place(&winner.after, winner.score_after));
        Some(vec![one.model.clone(), one.task.clone(), place(&winner.before, winner.score_before), after, cause(page, &winner.cause)])
    });
    let columns = vec![
        Column::text("model", 0),
        Column::word("task", 3),
        Column::text("winner before", 0),
        Column::text("winner after", 0),
        Column::text("cause", 0),
    ];
    Sheet { columns, rows: rows.collect(), ..Sheet::default() }
}

fn moves(page: &RuleDiff) -> impl Iterator<Item = Moved<'_>> {
    page.rankings.iter().flat_map(|one| one.moves.iter().map(move |moved| (one, moved)))
}

fn in_or_out(page: &RuleDiff) -> Vec<Moved<'_>> {
    let ranked = |standing: &Standing| standing.state == State::Ranked;
    let mut all: Vec<Moved<'_>> =
        moves(page).filter(|(_, moved)| moved.cause.is_some() && !(ranked(&moved.before) && ranked(&moved.after))).collect();
    // What left a list stands first, then what came in, then what is out for another reason.
    all.sort_by_key(|(_, moved)| (!ranked(&moved.before), !ranked(&moved.after)));
    all
}

fn ranks(page: &RuleDiff) -> Vec<Moved<'_>> {
    let by = |moved: &Move| moved.before.rank.zip(moved.after.rank).map_or(0, |(was, is)| was.abs_diff(is));
    let mut all: Vec<Moved<'_>> = moves(page).filter(|(_, moved)| by(moved) > 0).collect();
    // Where it hurts most: the best rank of the two, then how far it went.
    all.sort_by_key(|(_, moved)| (moved.before.rank.min(moved.after.rank), std::cmp::Reverse(by(moved))));
    all
}

fn scores(page: &RuleDiff) -> Vec<Moved<'_>> {
    let by = |moved: &Move| moved.score_delta.map_or(0.0, f64::abs);
    let mut all: Vec<Moved<'_>> = moves(page).filter(|(_, moved)| moved.score_cause.is_some()).collect();
    all.sort_by(|a, b| by(b.1).total_cmp(&by(a.1)));
    all
}

fn sheet_of(
    all: &[Moved<'_>],
    columns: Vec<Column>,
    shown: usize,
    row: fn(&RuleDiff, &Moved<'_>) -> Vec<String>,
    page: &RuleDiff,
) -> Sheet {
    let below = if shown < all.len() { vec![format!("{shown} of {} shown; --top-k 0 shows all", all.len())] } else { Vec::new() };
    Sheet { columns, rows: all.iter().take(shown).map(|one| row(page, one)).collect(), below, ..Sheet::default() }
}

fn named(columns: impl IntoIterator<Item = Column>) -> Vec<Column> {
    let first = [Column::text("model", 0), Column::word("task", 4), Column::text("hardware", 0)];
    first.into_iter().chain(columns).chain([Column::text("cause", 0)]).collect()
}

fn row_of(one: &RankingDiff, moved: &Move, cells: impl IntoIterator<Item = String>, cause: String) -> Vec<String> {
    [one.model.clone(), one.task.clone(), moved.hardware.clone()].into_iter().chain(cells).chain([cause]).collect()
}

fn out_columns() -> Vec<Column> {
    named([Column::text("before", 0), Column::text("after", 0)])
}

fn out_row(page: &RuleDiff, (one, moved): &Moved<'_>) -> Vec<String> {
    let place = |standing: &Standing| {
        let reason = standing.reason.as_deref().unwrap_or_default();
        match (standing.state, standing.rank, &standing.rule) {
            (State::Ranked, Some(rank), _) => format!("rank {rank}"),
            (State::Excluded, _, Some(rule)) => format!("excluded ({rule}): {reason}"),
            (State::NotScored, ..) => format!("not scored: {reason}"),
            _ => "not a candidate".to_owned(),
        }
    };
    row_of(one, moved, [place(&moved.before), place(&moved.after)], maybe(page, moved.cause.as_ref()))
}

fn rank_columns() -> Vec<Column> {
    named([Column::word("rank", 0), Column::number("score", 3), Column::number("by", 2)])
}

fn rank_row(_: &RuleDiff, (one, moved): &Moved<'_>) -> Vec<String> {
    let rank = |standing: &Standing| standing.rank.map(|rank| rank.to_string()).unwrap_or_default();
    let cells = [
        format!("{} -> {}", rank(&moved.before), rank(&moved.after)),
        moved.after.score.map(score).unwrap_or_default(),
        moved.score_delta.filter(|by| by.abs() > 0.0).map(delta).unwrap_or_default(),
    ];
    row_of(one, moved, cells, moved.cause.as_ref().map(numbers).unwrap_or_default())
}

fn score_columns() -> Vec<Column> {
    named([Column::word("score", 0), Column::number("by", 2)])
}

fn score_row(_: &RuleDiff, (one, moved): &Moved<'_>) -> Vec<String> {
    let value = |standing: &Standing| standing.score.map(score).unwrap_or_default();
    let cells = [format!("{} -> {}", value(&moved.before), value(&moved.after)), moved.score_delta.map(delta).unwrap_or_default()];
    let mut why = moved.score_cause.as_ref().map(numbers).unwrap_or_default();
    if moved.score_parts.len() > 1 {
        let parts: Vec<String> = moved.score_parts.iter().map(|part| format!("edit {} {}", part.edit, delta(part.delta))).collect();
        why = format!("{why} ({})", parts.join(", "));
    }
    row_of(one, moved, cells, why)
}

fn maybe(page: &RuleDiff, found: Option<&Cause>) -> String {
    found.map(|found| cause(page, found)).unwrap_or_default()
}

/// The edits that did it, with the name of one that did it alone: `edit 1: component.latency.weight`.
fn cause(page: &RuleDiff, cause: &Cause) -> String {
    let name = match (cause.edits.as_slice(), cause.how) {
        ([only], How::Alone) => page.edits.get(only - 1).map(|edit| format!(": {}", edit.name)),
        _ => None,
    };
    format!("{}{}", numbers(cause), name.unwrap_or_default())
}

/// The edits that did it: `edit 1`, `edits 1 + 3 jointly`.
fn numbers(cause: &Cause) -> String {
    if let ([only], How::Alone) = (cause.edits.as_slice(), cause.how) {
        return format!("edit {only}");
    }
    let numbers: Vec<String> = cause.edits.iter().take(4).map(ToString::to_string).collect();
    let more = cause.edits.len().saturating_sub(4);
    let numbers = format!("{}{}", numbers.join(" + "), if more > 0 { format!(" and {more} more") } else { String::new() });
    match (cause.how, cause.narrowed) {
        (How::EachNeeded, _) => format!("edits {numbers} jointly, each needed"),
        (_, true) => format!("edits {numbers} jointly"),
        (_, false) => format!("some of edits {numbers} jointly"),
    }
}

fn edits(page: &RuleDiff) -> Sheet {
    let compared = page.compared > 0;
    let mut columns = vec![Column::number("#", 0), Column::text("edit", 0)];
    if compared {
        columns.extend(["winners", "in/out", "ranks", "scores"].map(|name| Column::number(name, 1)));
    }
    let row = |edit: &Edit| {
        let mut row = vec![edit.id.to_string(), edit.label.clone()];
        if compared {
            let caused = edit.caused;
            row.extend([caused.winners, caused.standings, caused.ranks, caused.scores].map(|n| n.to_string()));
        }
        row
    };
    Sheet { columns, rows: page.edits.iter().map(row).collect(), ..Sheet::default() }
}

/// The comparison as data: a line for each piece of hardware that moved, numbers in full.
pub(in crate::cli) fn diff_data(page: &RuleDiff) -> Sheet {
    let names = [
        "model",
        "task",
        "hardware",
        "state_before",
        "rank_before",
        "score_before",
        "state_after",
        "rank_after",
        "score_after",
        "score_delta",
        "cause",
        "cause_edits",
        "score_cause",
        "score_cause_edits",
        "reason_before",
        "reason_after",
    ];
    let text = |value: Option<String>| value.unwrap_or_default();
    let state = |state: State| {
        match state {
            State::Ranked => "ranked",
            State::Excluded => "excluded",
            State::NotScored => "not_scored",
            State::Absent => "absent",
        }
        .to_owned()
    };
    let place = |standing: &Standing| {
        [state(standing.state), text(standing.rank.map(|rank| rank.to_string())), text(standing.score.map(|score| score.to_string()))]
    };
    let how = |cause: Option<&Cause>| {
        let word = cause.map(|cause| match cause.how {
            How::Alone => "alone",
            How::EachNeeded => "each_needed",
            How::Together => "together",
        });
        let edits = cause.map(|cause| cause.edits.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
        [word.unwrap_or_default().to_owned(), text(edits)]
    };
    let rows = moves(page).map(|(one, moved)| {
        let mut row = vec![one.model.clone(), one.task.clone(), moved.hardware.clone()];
        row.extend(place(&moved.before));
        row.extend(place(&moved.after));
        row.push(text(moved.score_delta.map(|by| by.to_string())));
        row.extend(how(moved.cause.as_ref()));
        row.extend(how(moved.score_cause.as_ref()));
        row.extend([text(moved.before.reason.clone()), text(moved.after.reason.clone())]);
        row
    });
    let below = remarks(&page.notes, &page.warnings);
    Sheet { columns: names.map(|name| Column::text(name, 0)).to_vec(), rows: rows.collect(), below, ..Sheet::default() }
}
