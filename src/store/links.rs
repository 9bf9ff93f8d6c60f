//! Which results belong to which versions: many to many.

use duckdb::Connection;

use super::Db;
use super::failure::told;
use super::list::Filter;
use super::version_alias::Version;
use crate::error::listed;
use crate::versions::Choice;
use crate::{Error, Result};

/// Which results are meant.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'a> {
    /// Those of these ids.
    Ids(&'a [i64]),
    /// Those of the model that meet all of these.
    Where(&'a [Choice]),
    /// All of the model.
    All,
}

/// What linking did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// Tag of the version.
    pub version: String,
    /// Links that are new.
    pub linked: i64,
    /// Results that were linked before.
    pub already: i64,
    /// Whether the version is new.
    pub created: bool,
    /// Tags and names, in backticks, of which the tag of a new version is probably a misspelling.
    pub near: Vec<String>,
}

/// What unlinking did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unlinked {
    /// Links that are gone.
    pub unlinked: i64,
    /// Results that were not linked to the version.
    pub not_linked: i64,
}

/// How many values a message lists.
const VALUES: usize = 8;

#[expect(clippy::needless_pass_by_value, reason = "used in map_err")]
fn failed(error: duckdb::Error) -> Error {
    told("the links could not be read or written", &error).help("nothing was changed")
}

impl Db {
    /// Links results to a version of a model, which is made when no version has that tag or name. Returns how many links are new.
    ///
    /// # Errors
    /// See [`Db::link`].
    pub fn link_results(&mut self, model_id: i64, tag: &str, ids: &[i64], now: i64) -> Result<i64> {
        self.link(model_id, tag, Wanted::Ids(ids), now).map(|done| done.linked)
    }

    /// Links results to a version of a model, which is made when no version has that tag or name. One transaction.
    /// `now`: microseconds since 1970, UTC.
    ///
    /// # Errors
    /// Ids that do not exist, or that belong to another model; filters that nothing meets: exit code 2, naming them; nothing is
    /// linked then.
    pub fn link(&mut self, model_id: i64, tag: &str, wanted: Wanted<'_>, now: i64) -> Result<Linked> {
        if matches!(wanted, Wanted::Ids([])) {
            return Err(Error::input("no result is named").help("--result-ids 1,2,3; `suitor list results` shows the ids"));
        }
        self.layout().need("model_version_results")?;
        let known = self.version(model_id, tag).ok();
        let created = known.is_none();
        let near = if created {
            self.refuse_tag(model_id, tag)?;
            self.misspelt_version(model_id, tag)?
        } else {
            Vec::new()
        };
        let relation = self.row_relation()?;
        self.refuse_nothing(model_id, wanted)?;
        let transaction = self.conn_mut().transaction().map_err(failed)?;
        let count = want(&transaction, &relation, model_id, wanted, "linked")?;
        let version = match known {
            Some(version) => version,
            None => Version {
                id: transaction
                    .query_row(
                        &format!(
                            "INSERT INTO model_registry_versions (model_id, version_tag, created_at) VALUES (?, ?, make_timestamp({now}::BIGINT))
                             RETURNING id"
                        ),
                        duckdb::params![model_id, tag],
                        |row| row.get(0),
                    )
                    .map_err(failed)?,
                tag: tag.to_owned(),
            },
        };
        let added = transaction
            .execute(
                "INSERT INTO model_version_results (version_id, result_id)
                 SELECT ?, w.id FROM suitor_wanted AS w
                 WHERE NOT EXISTS (SELECT 1 FROM model_version_results AS x WHERE x.version_id = ? AND x.result_id = w.id) ORDER BY w.id",
                duckdb::params![version.id, version.id],
            )
            .map_err(failed)?;
        transaction.execute_batch("DROP TABLE suitor_wanted").map_err(failed)?;
        transaction.commit().map_err(failed)?;
        let linked = i64::try_from(added).unwrap_or(i64::MAX);
        Ok(Linked { version: version.tag, linked, already: count - linked, created, near })
    }

    /// Takes the links of results to a version away; the results, the version and its snapshots stay. One transaction.
    ///
    /// # Errors
    /// Ids that do not exist, or that belong to another model; filters that nothing meets: exit code 2, naming them; nothing is
    /// unlinked then.
    pub fn unlink(&mut self, model_id: i64, version: &Version, wanted: Wanted<'_>) -> Result<Unlinked> {
        if matches!(wanted, Wanted::Ids([])) {
            return Err(Error::input("no result is named").help("--result-ids 1,2,3; `suitor list results` shows the ids"));
        }
        self.layout().need("model_version_results")?;
        let relation = self.row_relation()?;
        self.refuse_nothing(model_id, wanted)?;
        let transaction = self.conn_mut().transaction().map_err(failed)?;
        let count = match wanted {
            // A link may outlive its result.
            Wanted::All => {
                let sql = format!(
                    "CREATE OR REPLACE TEMP TABLE suitor_wanted AS SELECT result_id AS id FROM model_version_results WHERE version_id = {}",
                    version.id
                );
                transaction.execute_batch(&sql).map_err(failed)?;
                transaction.query_row("SELECT count(*) FROM suitor_wanted", [], |row| row.get(0)).map_err(failed)?
            }
            _ => want(&transaction, &relation, model_id, wanted, "unlinked")?,
        };
        let gone = transaction
            .execute("DELETE FROM model_version_results WHERE version_id = ? AND result_id IN (SELECT id FROM suitor_wanted)", [version.id])
            .map_err(failed)?;
        transaction.execute_batch("DROP TABLE suitor_wanted").map_err(failed)?;
        transaction.commit().map_err(failed)?;
        let unlinked = i64::try_from(gone).unwrap_or(i64::MAX);
        Ok(Unlinked { unlinked, not_linked: count - unlinked })
    }

    /// Says which of the filters no result of the model meets, and what there is instead.
    fn refuse_nothing(&self, model_id: i64, wanted: Wanted<'_>) -> Result<()> {
        let Wanted::Where(choices) = wanted else { return Ok(()) };
        let relation = self.row_relation()?;
        let any = |conditions: &str| -> Result<bool> {
            let sql = format!("SELECT EXISTS (SELECT 1 FROM ({relation}) AS r WHERE model_id = {model_id}{conditions})");
            self.conn().query_row(&sql, [], |row| row.get(0)).map_err(failed)
        };
        if any(&conditions(choices))? {
            return Ok(());
        }
        let alone = choices.iter().find_map(|choice| match any(&conditions(std::slice::from_ref(choice))) {
            Ok(true) => None,
            Ok(false) => Some(Ok(choice)),
            Err(error) => Some(Err(error)),
        });
        let Some(choice) = alone.transpose()? else {
            let all = choices.iter().map(|choice| format!("`{}`", choice.said())).collect::<Vec<_>>().join(", ");
            return Err(Error::input(format!("no result meets all of {all}, though some meet each")));
        };
        let scope = Filter { model_id: Some(model_id), ..Filter::default() }.scope();
        let (values, more) = self.values_of(choice.field(), &scope, VALUES)?;
        let error = Error::input(format!("no result of the model meets `{}`", choice.said()));
        Err(match listed(values.iter().map(String::as_str), VALUES) {
            Some(shown) if more > 0 => error.help(format!("the values of {} are {shown} and {more} more", choice.field())),
            Some(shown) => error.help(format!("the values of {} are {shown}", choice.field())),
            None => error.help(format!("no result of the model says its {}", choice.field())),
        })
    }
}

/// Conditions, each after an AND.
fn conditions(choices: &[Choice]) -> String {
    choices.iter().flat_map(|choice| [" AND ", choice.sql()]).collect()
}

/// Fills `suitor_wanted` with the ids that are meant; returns how many.
fn want(conn: &Connection, relation: &str, model_id: i64, wanted: Wanted<'_>, done: &str) -> Result<i64> {
    let sql = match wanted {
        Wanted::Ids(ids) => {
            let values = ids.iter().map(|id| format!("({id})")).collect::<Vec<_>>().join(", ");
            format!("SELECT DISTINCT id FROM (VALUES {values}) AS w(id)")
        }
        Wanted::Where(choices) => {
            format!("SELECT row_id AS id FROM ({relation}) AS r WHERE model_id = {model_id} AND row_id IS NOT NULL{}", conditions(choices))
        }
        Wanted::All => format!("SELECT row_id AS id FROM ({relation}) AS r WHERE model_id = {model_id} AND row_id IS NOT NULL"),
    };
    conn.execute_batch(&format!("CREATE OR REPLACE TEMP TABLE suitor_wanted AS SELECT id::BIGINT AS id FROM ({sql}) AS w"))
        .map_err(failed)?;
    if matches!(wanted, Wanted::Ids(_)) {
        refuse_ids(conn, relation, model_id, done)?;
    }
    conn.query_row("SELECT count(*) FROM suitor_wanted", [], |row| row.get(0)).map_err(failed)
}

/// Refuses ids that no result has, or that a result of another model has.
fn refuse_ids(conn: &Connection, relation: &str, model_id: i64, done: &str) -> Result<()> {
    let (mut missing, mut foreign) = (Vec::new(), Vec::new());
    let sql = format!(
        "SELECT DISTINCT w.id, r.model_id, r.model FROM suitor_wanted AS w LEFT JOIN ({relation}) AS r ON r.row_id = w.id
         WHERE r.model_id IS DISTINCT FROM {model_id} ORDER BY w.id"
    );
    let mut statement = conn.prepare(&sql).map_err(failed)?;
    let mut rows = statement.query([]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let (id, model): (i64, Option<String>) = (row.get(0).map_err(failed)?, row.get(2).map_err(failed)?);
        match model {
            None => missing.push(id.to_string()),
            Some(model) => foreign.push(format!("{id} (of `{model}`)")),
        }
    }
    let mut faults = Vec::new();
    if !missing.is_empty() {
        faults.push(format!("there is no result {}", missing.join(", ")));
    }
    if !foreign.is_empty() {
        faults.push(format!("of another model: {}", foreign.join(", ")));
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(Error::input(format!("nothing was {done}: {}", faults.join("; "))).help("`suitor list results --model M` shows the ids"))
}
