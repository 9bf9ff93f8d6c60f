//! Conditions and choices, simplified as they are made: what is known is not asked.

use std::rc::Rc;

use super::bounds::Bounds;
use super::extents::Extent;
use super::nodes::{Column, Id, Node, Nodes, Sign, Type};

/// Parts of one condition that are held against each other.
const MOST_SIMPLIFIED: usize = 40;

impl Nodes {
    pub(super) fn not(&mut self, of: Id) -> Id {
        if let Some(known) = self.negated(of) {
            return known;
        }
        let opposite = self.opposite(of);
        self.note_negated(of, opposite);
        opposite
    }

    fn opposite(&mut self, of: Id) -> Id {
        match self.get(of).clone() {
            Node::Truth(truth) => self.truth(!truth),
            Node::Not(inner) => inner,
            Node::And(parts) => {
                let parts: Vec<Id> = parts.iter().map(|part| self.not(*part)).collect();
                self.or(&parts)
            }
            Node::Or(parts) => {
                let parts: Vec<Id> = parts.iter().map(|part| self.not(*part)).collect();
                self.and(&parts)
            }
            _ => self.add(Node::Not(of), Type::Truth, Bounds::NONE),
        }
    }

    pub(super) fn and(&mut self, parts: &[Id]) -> Id {
        self.connect(parts, true)
    }

    pub(super) fn or(&mut self, parts: &[Id]) -> Id {
        self.connect(parts, false)
    }

    /// `and` (`all`) or `or` of parts.
    fn connect(&mut self, parts: &[Id], all: bool) -> Id {
        let mut flat: Vec<Id> = Vec::new();
        for part in parts {
            match (self.get(*part), all) {
                (Node::Truth(truth), _) if *truth == all => {}
                (Node::Truth(_), _) => return *part,
                (Node::And(inner), true) | (Node::Or(inner), false) => flat.extend(inner.iter()),
                _ => flat.push(*part),
            }
        }
        // What was connected so before is at odds with itself nowhere.
        let settled = match parts.first().map(|first| self.get(*first)) {
            Some(Node::And(inner)) if all => inner.len(),
            Some(Node::Or(inner)) if !all => inner.len(),
            _ => 0,
        };
        let mut kept: Vec<Id> = flat[..settled].to_vec();
        for part in flat.split_off(settled) {
            let opposite = self.not(part);
            if kept.contains(&opposite) {
                return self.truth(!all);
            }
            if !kept.contains(&part) {
                kept.push(part);
            }
        }
        let kept = self.simplified(kept, all);
        let kept = if all { kept } else { self.factored(kept) };
        match kept.as_slice() {
            [] => self.truth(all),
            [one] => *one,
            several => {
                let several: Rc<[Id]> = several.into();
                self.add(if all { Node::And(several) } else { Node::Or(several) }, Type::Truth, Bounds::NONE)
            }
        }
    }

    /// What must all hold for a condition to hold.
    pub(super) fn atoms(&self, condition: Id) -> Vec<Id> {
        match self.get(condition) {
            Node::And(parts) => parts.to_vec(),
            Node::Truth(true) => Vec::new(),
            _ => vec![condition],
        }
    }

    /// What all parts have in common stands before them.
    fn factored(&mut self, parts: Vec<Id>) -> Vec<Id> {
        if parts.len() < 2 {
            return parts;
        }
        let lists: Vec<Vec<Id>> = parts.iter().map(|part| self.atoms(*part)).collect();
        let common: Vec<Id> = lists[0].iter().copied().filter(|atom| lists[1..].iter().all(|list| list.contains(atom))).collect();
        if !common.is_empty() {
            let rest: Vec<Id> = lists
                .iter()
                .map(|list| {
                    let own: Vec<Id> = list.iter().copied().filter(|atom| !common.contains(atom)).collect();
                    self.and(&own)
                })
                .collect();
            let rest = self.or(&rest);
            let mut whole = common;
            whole.push(rest);
            return vec![self.and(&whole)];
        }
        parts
    }

    /// The parts of an `or` (of an `and`, where `all`), fewer and shorter: `a or (a and b)` as `a`, `a or (not a and b)` as `a or b`,
    /// `(a and b) or (a and not b)` as `a`; what a script asks at a place is there for all rows that come to it.
    fn simplified(&mut self, parts: Vec<Id>, all: bool) -> Vec<Id> {
        let lists: Vec<Vec<Id>> = parts.iter().map(|part| self.within(*part, all)).collect();
        if !(2..=MOST_SIMPLIFIED).contains(&lists.len()) || lists.iter().all(|list| list.len() < 2) {
            return parts;
        }
        let mut shorter = None;
        'found: for (at, list) in lists.iter().enumerate() {
            for (other, longer) in lists.iter().enumerate() {
                if at == other || list.len() > longer.len() {
                    continue;
                }
                let mut apart = list.iter().copied().filter(|part| !longer.contains(part));
                match (apart.next(), apart.next()) {
                    (None, _) => shorter = Some((other, None)),
                    (Some(part), None) => {
                        let opposite = self.not(part);
                        if longer.contains(&opposite) {
                            // Of two that differ in nothing else this leaves what they share, which takes in the other.
                            shorter = Some((other, Some(opposite)));
                        }
                    }
                    _ => {}
                }
                if shorter.is_some() {
                    break 'found;
                }
            }
        }
        let Some((at, without)) = shorter else { return parts };
        let mut parts = parts;
        match without {
            None => {
                parts.remove(at);
            }
            Some(atom) => {
                let rest: Vec<Id> = lists[at].iter().copied().filter(|part| *part != atom).collect();
                parts[at] = self.connect(&rest, !all);
            }
        }
        // Fewer or shorter: this ends.
        let whole = self.connect(&parts, all);
        match (self.get(whole), all) {
            (Node::And(parts), true) | (Node::Or(parts), false) => parts.to_vec(),
            _ => vec![whole],
        }
    }

    /// The parts of a part of an `or` (of an `and`, where `all`).
    fn within(&self, part: Id, all: bool) -> Vec<Id> {
        match (self.get(part), all) {
            (Node::And(parts), false) | (Node::Or(parts), true) => parts.to_vec(),
            _ => vec![part],
        }
    }

    /// A condition where another holds: known when that says so.
    pub(super) fn under(&mut self, live: Id, condition: Id) -> Id {
        let known = self.atoms(live);
        if known.is_empty() {
            return condition;
        }
        if known.contains(&condition) {
            return self.truth(true);
        }
        let opposite = self.not(condition);
        if known.contains(&opposite) {
            return self.truth(false);
        }
        if let Some(known) = self.narrowed.get(&(live, condition)) {
            return *known;
        }
        let narrowed = match self.get(condition).clone() {
            Node::And(parts) => {
                let parts: Vec<Id> = parts.iter().map(|part| self.under(live, *part)).collect();
                self.and(&parts)
            }
            Node::Or(parts) => {
                let parts: Vec<Id> = parts.iter().map(|part| self.under(live, *part)).collect();
                self.or(&parts)
            }
            _ => return condition,
        };
        self.narrowed.insert((live, condition), narrowed);
        narrowed
    }

    pub(super) fn missing(&mut self, of: Id) -> Id {
        if self.is_constant(of) {
            return self.truth(false);
        }
        if let Node::Column(Column::Field(at)) = self.get(of) {
            match self.extents.field(*at) {
                Extent::Absent => return self.truth(true),
                Extent::Within { everywhere: true, .. } => return self.truth(false),
                _ => {}
            }
        }
        self.add(Node::Missing(of), Type::Truth, Bounds::NONE)
    }

    /// A comparison of two of the same type.
    pub(super) fn compare(&mut self, sign: Sign, a: Id, b: Id) -> Id {
        let known = match (self.get(a), self.get(b)) {
            (Node::Truth(a), Node::Truth(b)) => Some(a.cmp(b)),
            (Node::Integer(a), Node::Integer(b)) => Some(a.cmp(b)),
            (Node::Number(a), Node::Number(b)) => f64::from_bits(*a).partial_cmp(&f64::from_bits(*b)),
            (Node::Text(a), Node::Text(b)) => Some(a.cmp(b)),
            _ => None,
        };
        if let Some(order) = known {
            return self.truth(match sign {
                Sign::Equal => order.is_eq(),
                Sign::Less => order.is_lt(),
                Sign::LessOrEqual => order.is_le(),
            });
        }
        if sign == Sign::Equal && self.kind(a) == Type::Truth {
            for (one, other) in [(a, b), (b, a)] {
                match self.as_truth(one) {
                    Some(true) => return other,
                    Some(false) => return self.not(other),
                    None => {}
                }
            }
        }
        self.add(Node::Compare(sign, a, b), Type::Truth, Bounds::NONE)
    }

    /// Whether it is one of these constants of its type.
    pub(super) fn among(&mut self, of: Id, items: &[Id]) -> Id {
        if items.len() < 3 || self.is_constant(of) || self.kind(of) != Type::Text {
            let each: Vec<Id> = items.iter().map(|item| self.compare(Sign::Equal, of, *item)).collect();
            return self.or(&each);
        }
        self.add(Node::Among(of, items.into()), Type::Truth, Bounds::NONE)
    }

    /// The value of the first condition that holds; the last holds when no other does.
    pub(super) fn case(&mut self, arms: &[(Id, Id)]) -> Id {
        let mut kept: Vec<(Id, Id)> = Vec::new();
        for (condition, value) in arms {
            let condition = self.after(&kept, *condition);
            match self.as_truth(condition) {
                Some(false) => {}
                Some(true) => {
                    kept.push((condition, *value));
                    break;
                }
                None => kept.push((condition, *value)),
            }
        }
        let Some((_, last)) = kept.pop() else { return arms.last().map_or_else(|| self.truth(false), |(_, value)| *value) };
        while kept.last().is_some_and(|(_, value)| *value == last) {
            kept.pop();
        }
        if kept.is_empty() {
            return last;
        }
        if self.kind(last) == Type::Truth
            && let [(condition, value)] = kept.as_slice()
        {
            let (condition, value) = (*condition, *value);
            let other = self.not(condition);
            match (self.as_truth(value), self.as_truth(last)) {
                (Some(true), Some(false)) => return condition,
                (Some(false), Some(true)) => return other,
                (Some(false), None) => return self.and(&[other, last]),
                (Some(true), None) => return self.or(&[condition, last]),
                (None, Some(false)) => return self.and(&[condition, value]),
                (None, Some(true)) => return self.or(&[other, value]),
                _ => {}
            }
        }
        let bounds = kept.iter().map(|(_, value)| self.bounds(*value)).fold(self.bounds(last), Bounds::join);
        let kind = self.kind(last);
        self.add(Node::Case(kept.into(), last), kind, bounds)
    }

    /// A condition after others that did not hold, without what that says.
    fn after(&mut self, before: &[(Id, Id)], condition: Id) -> Id {
        let mut atoms = self.atoms(condition);
        for (earlier, _) in before {
            let failed = self.atoms(*earlier);
            let open: Vec<Id> = failed.iter().copied().filter(|atom| !atoms.contains(atom)).collect();
            if let [one] = open.as_slice() {
                let opposite = self.not(*one);
                atoms.retain(|atom| *atom != opposite);
            }
        }
        self.and(&atoms)
    }
}
