//! How far the fields of a relation of pairs go, asked before its rules are written as a query.

use super::Db;
use super::score::failed;
use crate::Result;
use crate::rules::RuleSet;
use crate::rules::fields::{FieldKind, PAIR};
use crate::rules::lower::{Extents, Found, SCORE};
use crate::scoring::sql::name;

impl Db {
    /// Of a relation (a table, or a SELECT in parentheses) with the fields of `pair` and `suitability`, as far as the rules may read them. The
    /// least and greatest numbers are asked apart from the rest: of a table DuckDB knows them without reading it.
    pub(super) fn extents(&self, rules: &RuleSet, relation: &str) -> Result<Extents> {
        let asked: Vec<usize> = (0..PAIR.len()).filter(|at| may_read(rules, PAIR[*at].name)).collect();
        let columns: Vec<(String, FieldKind)> =
            asked.iter().map(|at| (name(PAIR[*at].name), PAIR[*at].kind)).chain([(name(SCORE), FieldKind::Number)]).collect();
        let numbers = columns.iter().filter(|(_, kind)| matches!(kind, FieldKind::Integer | FieldKind::Number));
        let ends: Vec<String> = numbers.flat_map(|(column, _)| [format!("min({column})"), format!("max({column})")]).collect();
        let texts = columns.iter().filter(|(_, kind)| *kind == FieldKind::Text).map(|(column, _)| format!("max(strlen({column}))"));
        let counts = columns.iter().map(|(column, _)| format!("count({column})"));
        let counts: Vec<String> = ["count(*)".to_owned()].into_iter().chain(counts).chain(texts).collect();
        let mut ends = self.numbers(&ends, relation)?.into_iter();
        let mut counts = self.numbers(&counts, relation)?.into_iter();
        let rows = counts.next().flatten();
        let present: Vec<Option<f64>> = counts.by_ref().take(columns.len()).collect();
        let found = columns.iter().zip(present).map(|((_, kind), present)| {
            let ends = match kind {
                FieldKind::Text => counts.next().flatten().map(|most| (0.0, most)),
                FieldKind::Boolean => present.filter(|present| *present > 0.0).map(|_| (0.0, 0.0)),
                FieldKind::Integer | FieldKind::Number => ends.next().flatten().zip(ends.next().flatten()),
            };
            Found { ends, missing: present != rows }
        });
        let mut found: Vec<Found> = found.collect();
        let score = found.pop().unwrap_or_default();
        let mut fields = vec![None; PAIR.len()];
        for (at, found) in asked.into_iter().zip(found) {
            fields[at] = Some(found);
        }
        Ok(Extents::new(&fields, score, rules.limits.string))
    }

    /// Numbers that a relation comes to.
    fn numbers(&self, wanted: &[String], relation: &str) -> Result<Vec<Option<f64>>> {
        let wanted: Vec<String> = wanted.iter().map(|one| format!("CAST({one} AS DOUBLE)")).collect();
        let sql = format!("SELECT {} FROM {relation} AS r", wanted.join(", "));
        self.conn().query_row(&sql, [], |row| (0..wanted.len()).map(|at| row.get(at)).collect()).map_err(failed)
    }
}

/// Whether a field is named in a script or its conditions. Of one that is not, nothing need be known.
fn may_read(rules: &RuleSet, field: &str) -> bool {
    rules.rules.iter().any(|rule| rule.file.text.contains(field) || field == "hardware_type" && !rule.when.hardware_types.is_empty())
}
