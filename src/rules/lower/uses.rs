//! How often and where nodes are used: what is worth a column of its own.

use std::collections::{HashMap, HashSet};

use super::forms::Forms;
use super::nodes::{Function, Id, Node};

/// Places in which a test of one field is said over again, when rows come to them on a condition only.
const MOST_SAID_AGAIN: usize = 4;

/// The uses of the nodes that are said.
#[derive(Default)]
pub(super) struct Uses {
    count: HashMap<Id, usize>,
    /// Nodes with a use to which every row comes.
    always: HashSet<Id>,
}

impl Uses {
    pub(super) fn of(forms: &Forms<'_>, roots: &[(String, Id)]) -> Self {
        let mut uses = Self::default();
        for (_, id) in roots {
            uses.add(*id, true);
        }
        // Parts are made before what is made of them, so numbers go up, and all uses of a node are known when it is come to.
        for id in forms.reached.iter().rev() {
            let always = uses.always.contains(id) || uses.pays(forms, *id);
            match forms.get(*id) {
                // What follows the first condition is asked of the rows for which it does not hold.
                Node::Case(arms, last) => {
                    for (at, (condition, value)) in arms.iter().enumerate() {
                        uses.add(*condition, always && at == 0);
                        uses.add(*value, false);
                    }
                    uses.add(*last, false);
                }
                node => {
                    for (at, part) in node.parts().into_iter().enumerate() {
                        let said = if at == 0 { forms.nodes.says_first(*id) } else { 1 };
                        (0..said).for_each(|_| uses.add(part, always));
                    }
                }
            }
        }
        uses
    }

    fn add(&mut self, id: Id, always: bool) {
        *self.count.entry(id).or_default() += 1;
        if always {
            self.always.insert(id);
        }
    }

    /// Whether it costs less to keep it in a column than to compute it wherever it is used.
    pub(super) fn pays(&self, forms: &Forms<'_>, id: Id) -> bool {
        let count = self.count.get(&id).copied().unwrap_or(0);
        let again = !self.always.contains(&id) && count <= MOST_SAID_AGAIN && is_test_of_field(forms, id);
        count > 1 && !again && !is_cheap(forms, id)
    }
}

/// Whether it asks one thing of one field. A column of it would be computed for all rows.
fn is_test_of_field(forms: &Forms<'_>, id: Id) -> bool {
    let is_test = match forms.get(id) {
        Node::Compare(..) | Node::Among(..) => true,
        Node::Apply(function, _) => matches!(function, Function::Contains | Function::StartsWith | Function::EndsWith),
        _ => false,
    };
    is_test && forms.parts(id).iter().all(|part| forms.nodes.is_constant(*part) || matches!(forms.get(*part), Node::Column(_)))
}

/// Whether it costs next to nothing.
fn is_cheap(forms: &Forms<'_>, id: Id) -> bool {
    let is_column = |id: Id| matches!(forms.get(id), Node::Column(_));
    match forms.get(id) {
        Node::Missing(of) => is_column(*of),
        Node::Not(of) => is_column(*of) || matches!(forms.get(*of), Node::Missing(of) if is_column(*of)),
        Node::Apply(Function::ToNumber, parts) => is_column(parts[0]),
        _ => false,
    }
}
