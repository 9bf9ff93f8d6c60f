//! Nodes as nested SELECTs: what is used more than once, or too deep, becomes a column of an inner one.
//!
//! A column of one SELECT is never used in the same SELECT: it would be copied into each use.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::bounds::Bounds;
use super::extents::{Extent, computed_with};
use super::forms::Forms;
use super::nodes::{Column, Id, Node, Nodes};
use super::sql::type_name;
use super::uses::Uses;
use crate::rules::fields::{FieldKind, PAIR};
use crate::scoring::sql::name;

/// Operations within each other in one column.
const MOST_DEEP: usize = 24;

/// What a SELECT is made from.
pub(super) struct Source<'a> {
    /// The relation: a table, or a SELECT in parentheses.
    pub(super) relation: &'a str,
    /// Its columns that are passed on.
    pub(super) carried: &'a [String],
    /// The longest text that is computed with, bytes.
    pub(super) string: usize,
}

/// A SELECT with the columns carried and one for each root, by its name. The name of the column that says a row's fields lie
/// outside those that are computed with is `bad`.
pub(super) fn select(nodes: &Nodes, source: &Source<'_>, roots: &[(String, Id)], bad: &str) -> String {
    let forms = Forms::of(nodes, roots);
    let plan = Plan::of(&forms, roots);
    let mut sql = fields(nodes, &plan, source, bad);
    let mut ready: BTreeSet<Id> = BTreeSet::new();
    for level in 1..=plan.levels {
        let made: Vec<Id> = plan.columns.iter().filter(|(_, at)| **at == level).map(|(id, _)| *id).collect();
        let kept: Vec<Id> = ready.iter().copied().filter(|id| plan.last_use.get(id).is_some_and(|last| *last > level)).collect();
        let mut columns: Vec<String> = source.carried.iter().map(|carried| name(carried)).collect();
        columns.push(name(bad));
        columns.extend(
            plan.fields.iter().filter(|(id, _)| plan.last_use.get(id).is_some_and(|last| *last > level)).map(|(_, column)| column.clone()),
        );
        columns.extend(kept.iter().map(|id| column(*id)));
        let known = |id: Id| if ready.contains(&id) { Some(column(id)) } else { plan.fields.get(&id).cloned() };
        columns.extend(made.iter().map(|id| format!("{} AS {}", forms.sql(*id, &known), column(*id))));
        sql = format!("SELECT {}\nFROM ({sql}) AS s{level}", columns.join(", "));
        ready.extend(made);
        ready.retain(|id| plan.last_use.get(id).is_some_and(|last| *last > level));
    }
    let known = |id: Id| if ready.contains(&id) { Some(column(id)) } else { plan.fields.get(&id).cloned() };
    let mut columns: Vec<String> = source.carried.iter().map(|carried| name(carried)).collect();
    columns.push(name(bad));
    columns.extend(roots.iter().map(|(root, id)| format!("{} AS {}", forms.sql(*id, &known), name(root))));
    format!("SELECT {}\nFROM ({sql}) AS s{}", columns.join(", "), plan.levels + 1)
}

/// How often a column is passed on from one SELECT to the next, in the SELECTs of these roots: what DuckDB plans.
pub(super) fn carried(nodes: &Nodes, roots: &[(String, Id)]) -> usize {
    let plan = Plan::of(&Forms::of(nodes, roots), roots);
    plan.last_use.iter().map(|(id, last)| last - plan.columns.get(id).copied().unwrap_or(0)).sum()
}

fn column(id: Id) -> String {
    format!("n{}", id.0)
}

/// Which nodes become columns, and where.
struct Plan {
    /// The level of each.
    columns: BTreeMap<Id, usize>,
    /// Columns of the relation that are used, with their names.
    fields: BTreeMap<Id, String>,
    /// The last level that reads a column; one beyond the levels for the roots.
    last_use: HashMap<Id, usize>,
    levels: usize,
}

impl Plan {
    fn of(forms: &Forms<'_>, roots: &[(String, Id)]) -> Self {
        let nodes = forms.nodes;
        let uses = Uses::of(forms, roots);
        let mut plan = Self { columns: BTreeMap::new(), fields: BTreeMap::new(), last_use: HashMap::new(), levels: 0 };
        let mut level: HashMap<Id, usize> = HashMap::new();
        let mut depth: HashMap<Id, usize> = HashMap::new();
        for id in &forms.reached {
            if let Node::Column(found) = nodes.get(*id) {
                plan.fields.insert(*id, inner_name(*found));
                continue;
            }
            let parts = forms.parts(*id);
            let below = parts.iter().map(|part| level.get(part).copied().unwrap_or(0)).max().unwrap_or(0);
            let deep = 1 + parts.iter().map(|part| depth.get(part).copied().unwrap_or(0)).max().unwrap_or(0);
            let shared = !parts.is_empty() && uses.pays(forms, *id);
            if shared || deep > MOST_DEEP {
                plan.columns.insert(*id, below + 1);
                plan.levels = plan.levels.max(below + 1);
                level.insert(*id, below + 1);
                depth.insert(*id, 0);
            } else {
                level.insert(*id, below);
                depth.insert(*id, deep);
            }
        }
        plan.note_uses(forms, roots);
        plan
    }

    fn note_uses(&mut self, forms: &Forms<'_>, roots: &[(String, Id)]) {
        let mut readers: Vec<(Id, usize)> = self.columns.iter().map(|(id, level)| (*id, *level)).collect();
        let mut open: Vec<(Id, usize)> = Vec::new();
        for (id, level) in readers.drain(..) {
            open.extend(forms.parts(id).into_iter().map(|part| (part, level)));
        }
        open.extend(roots.iter().map(|(_, id)| (*id, self.levels + 1)));
        let mut seen: BTreeSet<(Id, usize)> = BTreeSet::new();
        while let Some((id, level)) = open.pop() {
            if !seen.insert((id, level)) {
                continue;
            }
            if self.columns.contains_key(&id) || self.fields.contains_key(&id) {
                let last = self.last_use.entry(id).or_default();
                *last = (*last).max(level);
            } else {
                open.extend(forms.parts(id).into_iter().map(|part| (part, level)));
            }
        }
    }
}

fn inner_name(column: Column) -> String {
    match column {
        Column::Field(at) => format!("f{at}"),
        Column::Score => "f".to_owned(),
    }
}

pub(super) fn field_name(column: Column) -> &'static str {
    match column {
        Column::Field(at) => PAIR[at].name,
        Column::Score => super::SCORE,
    }
}

/// The innermost SELECT: fields that are used, those outside what is computed with left out and noted.
fn fields(nodes: &Nodes, plan: &Plan, source: &Source<'_>, bad: &str) -> String {
    let mut columns: Vec<String> = source.carried.iter().map(|carried| name(carried)).collect();
    let mut outside = Vec::new();
    // Bounds may have been relied on where nothing is left of the field itself.
    for id in nodes.columns() {
        let inner = plan.fields.get(&id);
        let Node::Column(found) = nodes.get(id) else { continue };
        let column = &name(field_name(*found));
        let kind = type_name(nodes.kind(id));
        let extent = match found {
            Column::Field(at) => nodes.extents.field(*at),
            Column::Score => nodes.extents.score(),
        };
        if extent != Extent::Open {
            columns.extend(inner.map(|inner| format!("{column}::{kind} AS {inner}")));
            continue;
        }
        let (range, optional) = match found {
            Column::Field(at) => (range(*at, column, source.string), PAIR[*at].optional),
            Column::Score => {
                let bounds = nodes.bounds(id);
                (Some(format!("{column} BETWEEN {} AND {}", literal(bounds.least), literal(bounds.most))), false)
            }
        };
        let value = if let Some(range) = &range {
            outside.push(if optional { format!("NOT ({range})") } else { format!("({range}) IS NOT TRUE") });
            format!("CASE WHEN {range} THEN {column} END::{kind}")
        } else {
            outside.extend((!optional).then(|| format!("{column} IS NULL")));
            format!("{column}::{kind}")
        };
        columns.extend(inner.map(|inner| format!("{value} AS {inner}")));
    }
    let outside = if outside.is_empty() { "false".to_owned() } else { format!("coalesce({}, false)", outside.join(" OR ")) };
    columns.push(format!("{outside} AS {}", name(bad)));
    format!("SELECT {}\nFROM {} AS s0", columns.join(", "), source.relation)
}

/// What a field must be to be computed with; `None` when it may be anything.
fn range(at: usize, column: &str, string: usize) -> Option<String> {
    let Bounds { least, most } = computed_with(at, string);
    match PAIR[at].kind {
        FieldKind::Boolean => None,
        FieldKind::Text => Some(format!("strlen({column}) <= {most:.0}")),
        FieldKind::Number => Some(format!("{column} BETWEEN {} AND {}", literal(least), literal(most))),
        FieldKind::Integer => Some(format!("{column} BETWEEN {least:.0}::BIGINT AND {most:.0}::BIGINT")),
    }
}

fn literal(value: f64) -> String {
    crate::scoring::sql::number(value)
}
