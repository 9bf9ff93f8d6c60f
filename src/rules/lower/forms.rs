//! How conditions are said: one by itself, another through what is said anyway.
//!
//! What a script comes to in one way and in the other are opposites, and conditions of later lines hold those of earlier ones, so a graph
//! has many that are another one turned round, or another one and more. Both laws hold with `NULL` too: `NOT (a AND b)` is
//! `NOT a OR NOT b`, and parts of an `AND` can be taken together.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::nodes::{Id, Node, Nodes};

/// Nodes as they are said for some roots.
pub(super) struct Forms<'a> {
    pub(super) nodes: &'a Nodes,
    others: HashMap<Id, Node>,
    /// What is said, in the order in which it can be: parts before what is made of them.
    pub(super) reached: BTreeSet<Id>,
}

impl<'a> Forms<'a> {
    /// For these roots.
    pub(super) fn of(nodes: &'a Nodes, roots: &[(String, Id)]) -> Self {
        let mut forms = Self { nodes, others: HashMap::new(), reached: BTreeSet::new() };
        forms.reach(roots);
        let connected: Vec<Connected> = forms.reached.iter().filter_map(|id| Connected::of(nodes, *id)).collect();
        for (at, one) in connected.iter().enumerate() {
            let other = nodes.negated(one.id).filter(|other| *other < one.id && forms.reached.contains(other));
            // The opposite of what is said through another is that other's opposite, so that nothing is turned twice.
            let form = match other {
                Some(other) => Some(Node::Not(other)),
                None => one.through(&connected[..at]),
            };
            if let Some(form) = form {
                forms.others.insert(one.id, form);
            }
        }
        forms.reach(roots);
        forms
    }

    fn reach(&mut self, roots: &[(String, Id)]) {
        self.reached.clear();
        let mut open: Vec<Id> = roots.iter().map(|(_, id)| *id).collect();
        while let Some(id) = open.pop() {
            if self.reached.insert(id) {
                open.extend(self.parts(id));
            }
        }
    }

    /// What is said of a node.
    pub(super) fn get(&self, id: Id) -> &Node {
        self.others.get(&id).unwrap_or_else(|| self.nodes.get(id))
    }

    /// What that is made of.
    pub(super) fn parts(&self, id: Id) -> Vec<Id> {
        self.get(id).parts()
    }
}

/// An `AND` or an `OR`.
struct Connected {
    id: Id,
    all: bool,
    parts: Rc<[Id]>,
}

impl Connected {
    fn of(nodes: &Nodes, id: Id) -> Option<Self> {
        match nodes.get(id) {
            Node::And(parts) => Some(Self { id, all: true, parts: Rc::clone(parts) }),
            Node::Or(parts) => Some(Self { id, all: false, parts: Rc::clone(parts) }),
            _ => None,
        }
    }

    /// Through the largest of those before it that it holds whole.
    fn through(&self, before: &[Self]) -> Option<Node> {
        let held = |one: &&Self| {
            one.all == self.all && one.parts.len() < self.parts.len() && one.parts.iter().all(|part| self.parts.contains(part))
        };
        let largest = before.iter().filter(held).max_by_key(|one| one.parts.len())?;
        let rest = self.parts.iter().copied().filter(|part| !largest.parts.contains(part));
        let parts: Rc<[Id]> = std::iter::once(largest.id).chain(rest).collect();
        Some(if self.all { Node::And(parts) } else { Node::Or(parts) })
    }
}
