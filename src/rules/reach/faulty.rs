//! What can still be said of a script with errors: which of its hooks are without, together with all that they call.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use rhai::{AST, ASTNode, Expr, Module, Stmt};

use crate::rules::faults::Faults;
use crate::rules::script::{Function, HOOKS, Script};
use crate::rules::source::Source;

/// The hooks that have an error, or call a function that has one; `None` when it is not known where the errors end.
pub(super) fn hooks(script: &Script, file: &Arc<Source>, faults: &Faults) -> Option<BTreeSet<&'static str>> {
    if !faults.any_error_in(file) {
        return Some(BTreeSet::new());
    }
    let places = faults.places_in(file);
    if faults.is_unread(file) || places.iter().any(Range::is_empty) {
        return None;
    }
    // What stands between two functions counts to the first.
    let mut faulty: BTreeSet<&str> =
        places.iter().filter_map(|place| owner(&script.functions, place.start)).map(|function| function.name.as_str()).collect();
    loop {
        let calls_one = |function: &&Function| calls(function).iter().any(|name| faulty.contains(name.as_str()));
        let callers: Vec<&str> = script.functions.iter().filter(calls_one).map(|function| function.name.as_str()).collect();
        let before = faulty.len();
        faulty.extend(callers);
        if faulty.len() == before {
            break;
        }
    }
    Some(HOOKS.iter().map(|(name, _)| *name).filter(|name| faulty.contains(name)).collect())
}

/// Whether a place is in a hook itself, not in a function that others call too.
pub(super) fn in_a_hook(functions: &[Function], place: usize) -> bool {
    owner(functions, place).is_some_and(|function| HOOKS.iter().any(|(name, _)| *name == function.name))
}

/// The function that a place is in, or comes after.
fn owner(functions: &[Function], place: usize) -> Option<&Function> {
    functions.iter().filter(|function| function.span.start <= place).max_by_key(|function| function.span.start)
}

/// The names of all that a function calls.
fn calls(function: &Function) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    AST::new(function.body.clone(), Module::new()).walk(&mut |path| {
        if let Some(ASTNode::Expr(Expr::FnCall(call, _) | Expr::MethodCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _))) = path.last() {
            names.insert(call.name.to_string());
        }
        true
    });
    names
}
