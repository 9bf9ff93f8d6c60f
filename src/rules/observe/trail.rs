//! What a run notes on its way, on this thread.

use std::cell::RefCell;

use rhai::{Array, Dynamic};

/// The function around a whole condition.
pub(crate) const IF: &str = "__if";
/// The function around a part of a condition.
pub(crate) const LEAF: &str = "__leaf";
/// The function before the result of a `switch` arm.
pub(crate) const SWITCH: &str = "__arm";

/// One note.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    /// A condition came to a truth value.
    If(usize, bool),
    /// A part of a condition did, on these values.
    Leaf(usize, bool, Vec<String>),
    /// An arm was taken.
    Arm(usize),
}

/// A loop may note without end: what comes later says no more.
const MOST: usize = 10_000;

thread_local! {
    static TRAIL: RefCell<Vec<Event>> = const { RefCell::new(Vec::new()) };
}

fn push(event: Event) {
    TRAIL.with_borrow_mut(|trail| {
        if trail.len() < MOST {
            trail.push(event);
        }
    });
}

fn id(number: i64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Notes a condition; its value passes through.
pub(crate) fn note_if(number: i64, value: Dynamic) -> Dynamic {
    if let Ok(holds) = value.as_bool() {
        push(Event::If(id(number), holds));
    }
    value
}

/// Notes a part of a condition; its value passes through.
#[expect(clippy::needless_pass_by_value, reason = "the engine hands values over")]
pub(crate) fn note_leaf(number: i64, seen: Array, value: Dynamic) -> Dynamic {
    if let Ok(holds) = value.as_bool() {
        push(Event::Leaf(id(number), holds, seen.iter().map(shown).collect()));
    }
    value
}

/// Notes an arm.
pub(crate) fn note_arm(number: i64) {
    push(Event::Arm(id(number)));
}

/// Runs something and returns its result with what it noted.
pub(crate) fn noted<T>(run: impl FnOnce() -> T) -> (T, Vec<Event>) {
    TRAIL.take();
    let result = run();
    (result, TRAIL.take())
}

/// Adds what was noted on another thread.
pub(crate) fn note_all(trail: Vec<Event>) {
    trail.into_iter().for_each(push);
}

/// A value in a few letters.
fn shown(value: &Dynamic) -> String {
    const MOST: usize = 40;
    let text = if value.is_unit() {
        "()".to_owned()
    } else if let Some(list) = value.read_lock::<Array>() {
        format!("{} items", list.len())
    } else {
        format!("{value:?}")
    };
    if text.chars().count() > MOST { text.chars().take(MOST - 3).chain("...".chars()).collect() } else { text }
}
