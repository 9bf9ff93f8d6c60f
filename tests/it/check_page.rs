//! What `suitor check` prints for people: within the width of the terminal, the underlined part beneath what is at fault.

use std::path::Path;

use suitor::rules::codes::CODES;

use crate::binary::suitor_at;
use crate::check::folder_of_case;
use crate::support::project;

/// The page of the set with faults in every file, and the folder.
fn page(columns: usize) -> (tempfile::TempDir, String) {
    let folder = folder_of_case(&project().join("tests/cases/rules/rejected/faults_everywhere.set"));
    // A line that is wider than any terminal, the fault far to the right, behind tabs and characters of two columns.
    let text = format!(
        "fn adjust(score, pair, request) {{\n\t/* {} 漢字 */ if pair.results > 1 {{ return scroe * 0.9; }} // {}\n\tscore\n}}\n",
        "long ".repeat(30),
        "and longer ".repeat(30)
    );
    std::fs::write(folder.path().join("rules/when.rhai"), text).unwrap();
    let ended = suitor_at(folder.path(), columns, &["check", "-v"]);
    assert_eq!(ended.code, 2, "{}", ended.said);
    (folder, ended.printed)
}

/// How many columns a line takes, of the characters that are used here.
fn wide(line: &str) -> usize {
    line.chars().map(|c| if "漢字".contains(c) { 2 } else { 1 }).sum()
}

#[test]
fn every_line_fits_the_terminal() {
    for columns in [120, 80, 60, 50] {
        let (_, page) = page(columns);
        for line in page.lines() {
            assert!(wide(line) <= columns, "{columns}: {line}");
        }
        let folder = tempfile::tempdir().unwrap();
        let codes = CODES.iter().map(|code| vec!["check", "--explain", code.code]);
        for asked in codes.chain([vec!["check", "--explain"], vec!["check"]]) {
            let printed = suitor_at(folder.path(), columns, &asked).printed;
            for line in printed.lines() {
                // A word is not broken.
                let word = line.split(' ').map(str::len).max().unwrap_or(0);
                assert!(wide(line) <= columns || word + 16 > columns, "{columns}, {asked:?}: {line}");
            }
        }
    }
}

#[test]
fn what_is_underlined_is_what_is_at_fault_at_any_width() {
    for columns in [400, 120, 80, 60, 40] {
        let (folder, page) = page(columns);
        let lines: Vec<&str> = page.lines().collect();
        let mut seen = 0;
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.trim_start().starts_with("--> ")) {
            let mut place = line.trim_start().trim_start_matches("--> ").rsplitn(3, ':');
            let (Some(Ok(column)), Some(Ok(row)), Some(file)) =
                (place.next().map(str::parse::<usize>), place.next().map(str::parse::<usize>), place.next())
            else {
                continue;
            };
            seen += 1;
            let (shown, carets) = (lines[at + 2], lines[at + 3]);
            let under: String = carets.chars().skip_while(|c| *c != '^').collect();
            assert!(under.chars().all(|c| c == '^'), "{carets}");
            let from = carets.find('^').unwrap();
            let mut columns_before = 0;
            let covered: String = shown
                .chars()
                .filter(|c| {
                    let here = columns_before;
                    columns_before += wide(&c.to_string());
                    (from..from + under.len()).contains(&here)
                })
                .collect();
            let text = std::fs::read_to_string(folder.path().join(Path::new(file))).unwrap();
            let told: String = text.lines().nth(row - 1).unwrap().chars().skip(column - 1).collect();
            assert!(!covered.is_empty() && told.starts_with(covered.as_str()), "{file}:{row}:{column}\n{shown}\n{carets}");
        }
        assert!(seen > 20, "{page}");
    }
}

#[test]
fn without_a_code_every_code_is_told_with_its_meaning() {
    let folder = tempfile::tempdir().unwrap();
    let printed = suitor_at(folder.path(), 60, &["check", "--explain"]).printed;
    for code in CODES {
        assert!(printed.contains(&format!("{} ({}): ", code.code, code.level.word())), "{printed}");
    }
    let unfolded = printed.split_whitespace().collect::<Vec<_>>().join(" ");
    for code in CODES {
        assert!(unfolded.contains(&code.about.split_whitespace().collect::<Vec<_>>().join(" ")), "{}", code.code);
    }
}
