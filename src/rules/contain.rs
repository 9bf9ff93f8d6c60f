//! Keeps a panic of the script engine within the call that it happened in.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    static SAID: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs a call of the script engine; when it panics, returns what the panic said, and nothing is printed.
pub(crate) fn contained<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if INSIDE.get() {
                let text = panic.payload_as_str().unwrap_or("without a word");
                let place = panic.location().map(|place| format!(" (line {} of {})", place.line(), file_name(place.file())));
                SAID.set(format!("{text}{}", place.unwrap_or_default()));
            } else {
                before(panic);
            }
        }));
    });
    let outer = INSIDE.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(call));
    INSIDE.set(outer);
    outcome.map_err(|_| SAID.take())
}

/// The end of a path that says which file it is on every machine.
fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
