//! `suitor watch` on a terminal.

use std::process::Command;

use crate::support::{project, say};
use crate::watch::folder_of_rules;

#[test]
fn on_a_terminal_the_new_ranking_is_drawn_and_ctrl_c_ends_with_130() {
    let folder = folder_of_rules();
    let script = project().join("tests/it/watch_pty.py");
    let ended = Command::new("python3").arg(script).arg(env!("CARGO_BIN_EXE_suitor")).arg(folder.path()).output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    say(&format!("watch on a terminal: {}", String::from_utf8_lossy(&ended.stdout).trim()));
}
