//! Room on the stack for scripts that go deep: an overflow would end the process, and no limit of the engine counts it.
//!
//! Depth comes from calls (nested expressions, over all functions open at once) and from data (lists within lists: clearing
//! them away takes a call a level). What a script can reach is read from its text; most reach little and run where they are.

use std::collections::BTreeMap;
use std::thread;

use rhai::{AST, ASTNode, Dynamic, Expr, Module, Stmt};

use super::limits::Limits;
use super::observe::{note_all, noted};
use super::script::Function;

/// Levels that fit on the stack of any thread (2 MB), also unoptimised: of calls, and of data.
const ANYWHERE: Room = Room { calls: 80, data: 64 };
/// What a level of calls takes at most, bytes.
const CALL: usize = 48 << 10;
/// What a level of data takes at most, bytes.
const DATUM: usize = 16 << 10;
/// Functions that call each other without end are known by this many steps.
const STEPS: usize = 8;

/// Levels that may be open at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// Expressions and blocks, over all functions open.
    calls: usize,
    /// Lists and maps within each other.
    data: usize,
}

/// What one function does to the stack.
struct Shape<'a> {
    depth: usize,
    /// Places that may put a value into a list or a map.
    builds: usize,
    calls: Vec<&'a str>,
}

impl Room {
    /// What the functions of a script may reach.
    pub(crate) fn of(functions: &[Function], limits: &Limits) -> Self {
        let mut shapes: BTreeMap<&str, Shape<'_>> = BTreeMap::new();
        let mut endless = false;
        for function in functions {
            let mut shape = Shape { depth: 0, builds: 0, calls: Vec::new() };
            AST::new(function.body.clone(), Module::new()).walk(&mut |path: &[ASTNode<'_>]| {
                // The copy of a script that notes its way nests deeper: a condition by two.
                shape.depth = shape.depth.max(path.len() + path.len() / 2);
                match path.last() {
                    Some(ASTNode::Expr(Expr::FnCall(call, _) | Expr::MethodCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _))) => {
                        shape.builds += 1;
                        endless |= ["call", "Fn", "curry"].contains(&call.name.as_str());
                        shape
                            .calls
                            .extend(functions.iter().find(|known| known.name == call.name.as_str()).map(|known| known.name.as_str()));
                    }
                    Some(ASTNode::Expr(Expr::Array(..) | Expr::Map(..)) | ASTNode::Stmt(Stmt::Assignment(..))) => shape.builds += 1,
                    Some(ASTNode::Stmt(Stmt::While(..) | Stmt::Do(..) | Stmt::For(..))) => shape.builds = usize::MAX / 4,
                    _ => {}
                }
                true
            });
            // A closure is a function without a name of its own.
            endless |= function.name.starts_with("anon$");
            let known = shapes.entry(&function.name).or_insert(Shape { depth: 0, builds: 0, calls: Vec::new() });
            known.depth = known.depth.max(shape.depth);
            known.builds = known.builds.saturating_add(shape.builds);
            known.calls.extend(shape.calls);
        }
        let deepest = shapes.values().map(|shape| shape.depth + 2).max().unwrap_or(0);
        let all = Self { calls: deepest * (limits.call_levels + 1), data: limits.list + limits.map };
        if endless {
            return all;
        }
        let reached = shapes.keys().map(|name| reach(&shapes, name, &mut Vec::new(), all));
        reached.fold(Self { calls: 0, data: 0 }, |most, one| Self { calls: most.calls.max(one.calls), data: most.data.max(one.data) })
    }

    fn fits_anywhere(self) -> bool {
        self.calls <= ANYWHERE.calls && self.data <= ANYWHERE.data
    }
}

/// What a function and those that it calls reach, or `all` when it may call itself.
fn reach<'a>(shapes: &BTreeMap<&'a str, Shape<'a>>, name: &'a str, open: &mut Vec<&'a str>, all: Room) -> Room {
    let Some(shape) = shapes.get(name) else { return Room { calls: 0, data: 0 } };
    if open.contains(&name) || open.len() > STEPS || shape.calls.len() > 1 << STEPS {
        return all;
    }
    open.push(name);
    let mut room = Room { calls: shape.depth + 2, data: shape.builds };
    let mut below = 0;
    for called in &shape.calls {
        let reached = reach(shapes, called, open, all);
        below = below.max(reached.calls);
        room.data = room.data.saturating_add(reached.data);
        if reached == all {
            break;
        }
    }
    open.pop();
    Room { calls: (room.calls + below).min(all.calls), data: room.data.min(all.data) }
}

/// Runs a call that may reach so deep, on a thread of its own where this one's stack may be too small.
pub(crate) fn with_room<T: Send>(room: Room, call: impl FnOnce() -> T + Send) -> Result<T, String> {
    if room.fits_anywhere() {
        return Ok(call());
    }
    let size = room.calls * CALL + room.data * DATUM + (1 << 20);
    thread::scope(|scope| {
        // What the run notes on its way is noted on its thread, and belongs to this one.
        let noting = || noted(call);
        match thread::Builder::new()
            .name("rule".to_owned())
            .stack_size(size)
            .spawn_scoped(scope, noting)
            .map(thread::ScopedJoinHandle::join)
        {
            Ok(Ok((value, trail))) => {
                note_all(trail);
                Ok(value)
            }
            Ok(Err(_)) => Err("its thread panicked".to_owned()),
            Err(error) => Err(format!("no thread for its levels of nesting: {error}")),
        }
    })
}

/// A result without what lies deeper than one level, so that it can be handled anywhere; no hook may return more.
pub(crate) fn shallow(value: Dynamic) -> Dynamic {
    let mut value = flat(value.flatten(), false);
    if let Ok(mut map) = value.as_map_mut() {
        map.values_mut().for_each(|inner| *inner = flat(inner.take().flatten(), true));
    }
    value
}

/// An empty one of its kind in place of a list, of a closure with what it holds, and of a map within a map.
fn flat(value: Dynamic, within: bool) -> Dynamic {
    match value.type_name() {
        "array" => rhai::Array::new().into(),
        "map" if within => rhai::Map::new().into(),
        "Fn" => rhai::FnPtr::new("f").map_or(Dynamic::UNIT, Dynamic::from),
        _ => value,
    }
}
