//! Finds fields that may be missing and are computed or compared with before they are known to be there.
//!
//! Goes through every function in the order of evaluation and keeps what is known on the way: guards are `x != ()`,
//! `x == ()` with an early return, `x ?? y` and `type_of(x)`, joined by `&&`, `||` and `!`. What it cannot prove is a
//! fault. Scripts with loops, closures or `try` are left to the run time, where the same use of `()` is an error.

mod dynamic;
mod flow;
mod known;

use std::sync::Arc;

use rhai::{AST, Position};

use super::faults::Faults;
use super::script::Function;
use super::source::Source;
use flow::{Flow, nothing};
use known::Known;

pub(crate) use dynamic::{calls_by_pointer, catches, dynamic, is_dynamic};

/// Reports fields that are used although they may be missing.
pub(crate) fn check(file: &Arc<Source>, ast: &AST, functions: &[Function], faults: &mut Faults) {
    if is_dynamic(ast) {
        return;
    }
    for function in functions {
        let mut flow = Flow { file, faults, function };
        let mut known = Known::default();
        let result = if function.body.is_empty() { Some(nothing(Position::NONE)) } else { flow.block(&function.body, &mut known) };
        if !known.ended {
            flow.returned(result);
        }
    }
}
