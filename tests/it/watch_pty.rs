//! `suitor watch` on a terminal.

use std::process::Command;

use crate::support::{project, say};
use crate::watch::folder_of_rules;

/// Runs a part of the script that plays the person; returns what it printed.
fn play(which: &str) -> String {
    let folder = folder_of_rules();
    let script = project().join("tests/it/watch_pty.py");
    let ended = Command::new("python3").arg(script).arg(env!("CARGO_BIN_EXE_suitor")).arg(folder.path()).arg(which).output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    String::from_utf8_lossy(&ended.stdout).trim().to_owned()
}

#[test]
fn on_a_terminal_the_new_ranking_is_drawn_and_ctrl_c_ends_with_130() {
    say(&format!("watch on a terminal: {}", play("first")));
}

#[test]
fn on_a_terminal_every_way_of_saving_ends_in_the_new_ranking() {
    play("ways");
}

#[test]
fn on_a_terminal_a_mounted_folder_is_swapped_at_once() {
    play("mounted");
}

#[test]
fn on_a_terminal_looking_again_and_again_finds_the_same() {
    play("poll");
}
