//! How far the fields of a relation of pairs go, asked before its rules are written as a query.

use super::Db;
use super::score::failed;
use crate::Result;
use crate::rules::fields::{FieldKind, PAIR};
use crate::rules::lower::{Extents, Found, SCORE};
use crate::scoring::sql::name;

impl Db {
    /// Of a relation (a table, or a SELECT in parentheses) with the fields of `pair` and `suitability`. The least and greatest numbers are
    /// asked apart from the rest: of a table DuckDB knows them without reading it.
    pub(super) fn extents(&self, relation: &str, string: usize) -> Result<Extents> {
        let columns: Vec<(String, FieldKind)> =
            PAIR.iter().map(|field| (name(field.name), field.kind)).chain([(name(SCORE), FieldKind::Number)]).collect();
        let is_number = |kind: FieldKind| matches!(kind, FieldKind::Integer | FieldKind::Number);
        let numbers = columns.iter().filter(|(_, kind)| is_number(*kind));
        let ends: Vec<String> = numbers.flat_map(|(column, _)| [format!("min({column})"), format!("max({column})")]).collect();
        let counts = columns.iter().map(|(column, _)| format!("count({column})"));
        let texts = columns.iter().filter(|(_, kind)| *kind == FieldKind::Text);
        let counts: Vec<String> =
            ["count(*)".to_owned()].into_iter().chain(counts).chain(texts.map(|(column, _)| format!("max(strlen({column}))"))).collect();
        let mut ends = self.numbers(&ends, relation)?.into_iter();
        let mut counts = self.numbers(&counts, relation)?.into_iter();
        let rows = counts.next().flatten();
        let present: Vec<Option<f64>> = counts.by_ref().take(columns.len()).collect();
        let mut found: Vec<Found> = columns
            .iter()
            .zip(present)
            .map(|((_, kind), present)| {
                let ends = match kind {
                    FieldKind::Text => counts.next().flatten().map(|most| (0.0, most)),
                    FieldKind::Boolean => present.filter(|present| *present > 0.0).map(|_| (0.0, 0.0)),
                    FieldKind::Integer | FieldKind::Number => ends.next().flatten().zip(ends.next().flatten()),
                };
                Found { ends, missing: present != rows }
            })
            .collect();
        let score = found.pop().unwrap_or_default();
        Ok(Extents::new(&found, score, string))
    }

    /// Numbers that a relation comes to.
    fn numbers(&self, wanted: &[String], relation: &str) -> Result<Vec<Option<f64>>> {
        let wanted: Vec<String> = wanted.iter().map(|one| format!("CAST({one} AS DOUBLE)")).collect();
        let sql = format!("SELECT {} FROM {relation} AS r", wanted.join(", "));
        self.conn().query_row(&sql, [], |row| (0..wanted.len()).map(|at| row.get(at)).collect()).map_err(failed)
    }
}
