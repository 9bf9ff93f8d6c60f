//! What is known at a place of a script: which rows come there, and the variables in sight.

use super::nodes::{Id, Nodes};
use super::value::{Kind, Value};

/// A place of a script.
#[derive(Clone, Debug)]
pub(super) struct State {
    /// Which rows come here.
    pub(super) live: Id,
    /// The variables with their values, those of the callers before those in sight.
    pub(super) variables: Vec<(String, Value)>,
    /// Where those in sight begin.
    pub(super) base: usize,
    /// How often a variable was given a value.
    pub(super) writes: usize,
    /// The line of the result that was marked last.
    pub(super) line: Value,
}

impl State {
    pub(super) fn new(nodes: &mut Nodes, live: Id, line: usize) -> Self {
        let line = nodes.integer(i64::try_from(line).unwrap_or(0));
        Self { live, variables: Vec::new(), base: 0, writes: 0, line: Value::one(nodes, Kind::Integer(line)) }
    }

    /// Whether no row comes here.
    pub(super) fn is_dead(&self, nodes: &Nodes) -> bool {
        nodes.as_truth(self.live) == Some(false)
    }

    pub(super) fn declare(&mut self, name: &str, value: Value) {
        self.variables.push((name.to_owned(), value));
    }

    pub(super) fn variable(&self, name: &str) -> Option<&Value> {
        let at = self.position(name)?;
        Some(&self.variables[at].1)
    }

    /// Gives a variable another value; `false` when it is not in sight.
    pub(super) fn assign(&mut self, name: &str, value: Value) -> bool {
        let Some(at) = self.position(name) else { return false };
        self.variables[at].1 = value;
        self.writes += 1;
        true
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.variables.iter().rposition(|(known, _)| known == name).filter(|at| *at >= self.base)
    }

    /// The place where ways meet that come from one place and have the same variables in sight; with a value.
    pub(super) fn join(nodes: &mut Nodes, mut ways: Vec<(Self, Value)>) -> Option<(Self, Value)> {
        ways.retain(|(state, _)| !state.is_dead(nodes));
        if ways.len() < 2 {
            return ways.pop();
        }
        let lives: Vec<Id> = ways.iter().map(|(state, _)| state.live).collect();
        let count = ways.iter().map(|(state, _)| state.variables.len()).min().unwrap_or(0);
        let mut joined = ways[0].0.clone();
        joined.live = nodes.or(&lives);
        joined.writes = ways.iter().map(|(state, _)| state.writes).max().unwrap_or(0);
        joined.variables.truncate(count);
        // Which way it was need only be told apart among the rows that come here.
        let told: Vec<Id> = lives.iter().map(|live| nodes.without(joined.live, *live)).collect();
        for at in 0..count {
            let values: Vec<(Id, Value)> =
                told.iter().zip(&ways).map(|(live, (state, _))| (*live, state.variables[at].1.clone())).collect();
            joined.variables[at].1 = Value::join(nodes, &values);
        }
        let lines: Vec<(Id, Value)> = told.iter().zip(&ways).map(|(live, (state, _))| (*live, state.line.clone())).collect();
        joined.line = Value::join(nodes, &lines);
        let values: Vec<(Id, Value)> = told.iter().zip(ways).map(|(live, (_, value))| (*live, value)).collect();
        let value = Value::join(nodes, &values);
        Some((joined, value))
    }
}

impl Nodes {
    /// A condition without what another says already.
    fn without(&mut self, live: Id, condition: Id) -> Id {
        let known = self.atoms(live);
        let left: Vec<Id> = self.atoms(condition).into_iter().filter(|atom| !known.contains(atom)).collect();
        self.and(&left)
    }
}
