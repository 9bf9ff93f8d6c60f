//! Watches rules run: which branches are taken, on what values, and why a rule left a score as it is.
//!
//! A script's text is compiled a second time with a note put around each condition and before each `switch` arm. That copy
//! runs only where somebody asks (an explanation, coverage); its results are those of the script itself.

mod coverage;
mod instrument;
mod run;
mod trail;
mod why;

use rhai::{AST, Engine, Scope};

use super::script::{self, Hook};
use super::source::Source;
use super::text;

pub use coverage::{Branch, Coverage, Way};
pub(crate) use trail::{IF, LEAF, SWITCH, note_all, note_arm, note_if, note_leaf, noted};
pub(crate) use why::explain;

/// The copy of a script that notes its way.
#[derive(Debug)]
pub(crate) struct Observed {
    /// What may be noted, by number.
    pub(crate) marks: instrument::Marks,
    hooks: Vec<(&'static str, Hook)>,
}

impl Observed {
    /// Makes the copy; `None` where the text is of a shape that takes no notes.
    pub(crate) fn compile(engine: &Engine, file: &Source) -> Option<Self> {
        // Names that a note shows may be out of scope where the text is unusual: then without them.
        [true, false].into_iter().find_map(|values| {
            let (text, marks) = instrument::instrument(&file.text, values);
            let mut scope = Scope::new();
            scope.push_constant("params", ());
            let ast: AST = engine.compile_with_scope(&scope, &text).ok()?;
            let noted = Source::new(file.name.clone(), text, file.order);
            let functions = script::functions(&noted, &ast);
            let hooks = script::HOOKS
                .iter()
                .filter_map(|(name, _)| {
                    let function = functions.iter().find(|function| function.name == *name)?;
                    let line = file.line_column(text::definition_of(file, name, function.params.len()).start).0;
                    Some((*name, Hook { ast: AST::new(function.body.clone(), ast.shared_lib().clone()), line }))
                })
                .collect();
            Some(Self { marks, hooks })
        })
    }

    /// A hook by its name.
    pub(crate) fn hook(&self, name: &str) -> Option<&Hook> {
        self.hooks.iter().find(|(own, _)| *own == name).map(|(_, hook)| hook)
    }
}

#[cfg(test)]
mod tests;
