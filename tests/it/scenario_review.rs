//! `suitor test --review` in a pseudo-terminal, as a person meets it.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use pty_process::blocking::{Command, Pty, open};

use crate::scenario_test::{PREFER_B, ROWS, add_rule, files, home, read, scenario, write};

/// A command in a terminal of 100 columns.
struct Terminal {
    pty: std::sync::Arc<Pty>,
    child: std::process::Child,
    arrives: Receiver<Vec<u8>>,
    seen: String,
}

impl Terminal {
    fn new(folder: &Path, args: &[&str]) -> Self {
        let (pty, pts) = open().unwrap();
        pty.resize(pty_process::Size::new(40, 100)).unwrap();
        let command = Command::new(env!("CARGO_BIN_EXE_suitor")).args(args).current_dir(folder).env("TERM", "xterm").env_remove("NO_COLOR");
        let child = command.env_remove("COLUMNS").env_remove("SUITOR_DB").spawn(pts).unwrap();
        let pty = std::sync::Arc::new(pty);
        let (sender, arrives) = channel();
        let reads = std::sync::Arc::clone(&pty);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            // A terminal whose other side is gone ends in an error.
            while let Ok(read @ 1..) = (&*reads).read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { pty, child, arrives, seen: String::new() }
    }

    /// Waits for a text after what was waited for before; returns what stands up to it.
    fn wait(&mut self, text: &str) -> String {
        let end = Instant::now() + Duration::from_mins(2);
        loop {
            if let Some(at) = self.seen.find(text) {
                let rest = self.seen.split_off(at + text.len());
                return std::mem::replace(&mut self.seen, rest);
            }
            let left = end.saturating_duration_since(Instant::now());
            let Ok(bytes) = self.arrives.recv_timeout(left) else { panic!("no `{text}` after:\n{}", self.seen) };
            self.seen += &String::from_utf8_lossy(&bytes);
        }
    }

    fn press(&mut self, key: &str) {
        (&*self.pty).write_all(key.as_bytes()).unwrap();
    }

    /// Waits for the end; returns the exit code and what was printed after the last wait.
    fn end(mut self) -> (i32, String) {
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        while let Ok(bytes) = self.arrives.recv_timeout(Duration::from_secs(10)) {
            self.seen += &String::from_utf8_lossy(&bytes);
        }
        (code, self.seen)
    }
}

const ASKED: &str = "[q]uit: ";

#[test]
fn each_change_is_shown_and_decided_by_one_key() {
    let home = home();
    let at = home.path();
    write(at, "tests/scenarios/gpus.toml", &scenario("Three GPUs", ROWS, ""));
    write(at, "tests/scenarios/zzz.toml", &scenario("A new one", ROWS, ""));
    add_rule(at, "prefer_b", PREFER_B);
    let rejected = read(at, "snapshots/more.snap");
    let mut terminal = Terminal::new(at, &["test", "--review"]);
    let shown = terminal.wait(ASKED);
    assert!(shown.contains("(1 of 3)") && shown.contains("Three GPUs"), "{shown}");
    assert!(shown.contains("rank 2 -> 1  GPU B") && shown.contains("\x1b[31m-   1  0.8400"), "{shown}");
    assert!(!shown.contains("(2 of 3)"));
    // A key that means nothing asks again.
    terminal.press("x");
    terminal.wait(ASKED);
    terminal.press("a");
    // A key pressed before the terminal listens is echoed first.
    let shown = terminal.wait(ASKED);
    assert!(shown.contains("accept") && shown.contains("(2 of 3)") && shown.contains("The same again"), "{shown}");
    assert!(read(at, "snapshots/gpus.snap").contains("prefer_b"));
    terminal.press("r");
    let shown = terminal.wait(ASKED);
    assert!(shown.contains("(3 of 3)") && shown.contains("there is no snapshot of it yet"), "{shown}");
    terminal.press("s");
    let (code, shown) = terminal.end();
    assert_eq!(code, 3, "{shown}");
    assert!(shown.contains("gpus: accepted") && shown.contains("more: rejected") && shown.contains("zzz: skipped"), "{shown}");
    assert_eq!(read(at, "snapshots/more.snap"), rejected);
    assert_eq!(files(&at.join("snapshots")), ["gpus.snap", "more.snap", "zzz.snap.new"]);
    // All that follow at once.
    let mut terminal = Terminal::new(at, &["test", "--review"]);
    terminal.wait(ASKED);
    terminal.press("A");
    let (code, shown) = terminal.end();
    assert_eq!(code, 0, "{shown}");
    assert_eq!(files(&at.join("snapshots")), ["gpus.snap", "more.snap", "zzz.snap"]);
    assert!(read(at, "snapshots/more.snap").contains("prefer_b"));
    // Nothing to decide: nothing is asked.
    let (code, shown) = Terminal::new(at, &["test", "--review"]).end();
    assert!(code == 0 && !shown.contains("[a]ccept"), "{shown}");
}

#[test]
fn what_may_not_be_accepted_says_why_and_quitting_leaves_the_rest() {
    let home = home();
    let at = home.path();
    write(at, "tests/scenarios/gpus.toml", &scenario("Three GPUs", &ROWS.replace("900", "950"), ""));
    write(at, "tests/scenarios/more.toml", &scenario("The same again", ROWS, "winner = \"GPU C\"\n"));
    add_rule(at, "prefer_b", PREFER_B);
    let before = [read(at, "snapshots/gpus.snap"), read(at, "snapshots/more.snap")];
    let mut terminal = Terminal::new(at, &["test", "--review"]);
    terminal.wait(ASKED);
    terminal.press("a");
    let shown = terminal.wait(ASKED);
    assert!(shown.contains("its rows moved too; --review --accept-data accepts such changes"), "{shown}");
    terminal.press("s");
    terminal.wait(ASKED);
    terminal.press("a");
    let shown = terminal.wait(ASKED);
    assert!(shown.contains("an expectation of the scenario is not met"), "{shown}");
    terminal.press("q");
    let (code, shown) = terminal.end();
    assert_eq!(code, 3, "{shown}");
    assert_eq!([read(at, "snapshots/gpus.snap"), read(at, "snapshots/more.snap")], before);
    assert_eq!(files(&at.join("snapshots")), ["gpus.snap", "gpus.snap.new", "more.snap", "more.snap.new"]);
    // Interrupted, it ends as interrupted commands do.
    let mut terminal = Terminal::new(at, &["test", "--review"]);
    terminal.wait(ASKED);
    terminal.press("\x03");
    assert_eq!(terminal.end().0, 130);
    // With the flag, rows that moved are accepted too.
    let mut terminal = Terminal::new(at, &["test", "gpus", "--review", "--accept-data"]);
    terminal.wait(ASKED);
    terminal.press("a");
    assert_eq!(terminal.end().0, 0);
    assert!(read(at, "snapshots/gpus.snap").contains("prefer_b"));
}
