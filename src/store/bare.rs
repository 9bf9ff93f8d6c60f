//! Columns of results that hold nothing which readers are guarded against. Found once before very many rows are read: a guard is computed for every
//! row, and a text behind one is no longer told from others by its place in a dictionary.

use super::Db;
use super::layout::{Found, Layout};
use super::score::failed;
use super::source::Source;
use crate::Result;
use crate::fields::{FIELDS, Field, Role, Type};

/// Fields of Suitor's own table of results whose columns are read as they are, until rows are written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bare(Vec<&'static str>);

impl Bare {
    /// Whether the field is one of them.
    pub(super) fn contains(&self, field: &Field) -> bool {
        self.0.contains(&field.name)
    }
}

impl Db {
    /// Finds them. DuckDB knows the least and greatest value of each piece of a column, and reads only pieces that may hold what is looked for.
    ///
    /// # Errors
    /// The database cannot be read (exit code 1).
    pub(crate) fn bare(&self) -> Result<Bare> {
        let Some(found) = self.layout().results.as_ref().filter(|found| found.own && *self.source() == Source::Results) else {
            return Ok(Bare::default());
        };
        let guarded: Vec<(&Field, Vec<String>)> = FIELDS.iter().filter_map(|field| Some((field, looked_for(found, field)?))).collect();
        let looks = guarded.iter().flat_map(|(field, conditions)| {
            conditions.iter().map(|condition| format!("(SELECT '{}' FROM {} AS r WHERE {condition} LIMIT 1)", field.name, found.name()))
        });
        let sql = looks.collect::<Vec<_>>().join(" UNION ALL ");
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let held: Vec<String> = statement.query_map([], |row| row.get(0)).and_then(Iterator::collect).map_err(failed)?;
        Ok(Bare(guarded.iter().map(|(field, _)| field.name).filter(|name| held.iter().all(|held| held != name)).collect()))
    }

    /// As [`Db::row_relation_of`], without guards on these.
    pub(crate) fn row_relation_of_many(&self, fields: &[&str], bare: &Bare) -> Result<String> {
        match self.source() {
            Source::Results => Layout { bare: bare.clone(), ..self.layout().clone() }.rows(Some(fields)),
            Source::Frozen(_) => self.row_relation_of(fields),
        }
    }
}

/// What a column of this field is guarded against, each a condition that DuckDB holds against the ends of its pieces; nothing where it is not, or is
/// read through a conversion or in another unit. What is no number is above every number there.
fn looked_for(found: &Found, field: &Field) -> Option<Vec<String>> {
    let column = found.raw(field.name, "r")?;
    let as_it_is = if field.kind == Type::Text { format!("nullif({column}, '')") } else { column.clone() };
    if found.read(field.name, "r", field.kind)? != as_it_is {
        return None;
    }
    match (field.role, field.kind) {
        (Role::Model | Role::Hardware, _) => None,
        _ if field.name == "content_hash" => Some(vec![format!("{column} IS NULL")]),
        (Role::Metric, Type::Number) => Some(vec![format!("{column} <= 0"), format!("{column} >= 1e12")]),
        (_, Type::Text) => Some(vec![format!("{column} = ''")]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fields of text, a metric and the hash: one of each kind of guard.
    const LOOKED_AT: [&str; 4] = ["content_hash", "latency_ms_mean", "scenario", "throughput_items_per_second"];

    #[test]
    fn a_column_is_bare_until_it_holds_what_is_guarded_against() {
        let db = Db::open_in_memory().unwrap();
        let change = |sql: &str| db.conn().execute_batch(sql).unwrap();
        change(
            "INSERT INTO performance_results BY NAME SELECT range AS result_id, 1 AS model_id, 1 AS hardware_id, 't' AS task,
               'measured' AS provenance, 'a' AS scenario, 1 + range AS latency_ms_mean,
               1 + range AS throughput_items_per_second, 'x' || range AS content_hash FROM range(5000)",
        );
        let bare = || {
            let bare = db.bare().unwrap();
            LOOKED_AT.into_iter().filter(|name| FIELDS.iter().any(|field| field.name == *name && bare.contains(field))).collect::<Vec<_>>()
        };
        let without = |name: &str| LOOKED_AT.into_iter().filter(|other| *other != name).collect::<Vec<_>>();
        assert_eq!(bare(), LOOKED_AT);
        for (column, value) in [
            ("content_hash", "NULL"),
            ("latency_ms_mean", "'nan'::DOUBLE"),
            ("latency_ms_mean", "'-inf'::DOUBLE"),
            ("latency_ms_mean", "0"),
            ("throughput_items_per_second", "1e12"),
            ("scenario", "''"),
        ] {
            change(&format!(
                "CREATE OR REPLACE TEMP TABLE was AS SELECT {column} AS value FROM performance_results WHERE result_id = 4711"
            ));
            change(&format!("UPDATE performance_results SET {column} = {value} WHERE result_id = 4711"));
            assert_eq!(bare(), without(column), "{column} = {value}");
            change(&format!("UPDATE performance_results SET {column} = (SELECT value FROM was) WHERE result_id = 4711"));
            assert_eq!(bare(), LOOKED_AT, "{column} as before");
        }
        // What is not there needs no guard.
        change("UPDATE performance_results SET scenario = NULL, latency_ms_mean = NULL WHERE result_id = 4711");
        assert_eq!(bare(), LOOKED_AT);
    }
}
