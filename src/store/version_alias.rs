//! Which version a name means: its tag, or a name that moves from version to version.

use std::collections::BTreeMap;

use super::Db;
use super::failure::told;
use crate::error::shown;
use crate::versions::tag::{self, Known};
use crate::{Error, Result};

/// The name that means the newest version unless it is given to another.
pub const LATEST: &str = "latest";

/// A version of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its key.
    pub id: i64,
    /// Its tag.
    pub tag: String,
}

/// What giving a name to a version did.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Moved {
    /// The tag of the version that had the name before; null when none had it.
    pub from: Option<String>,
    /// The tag of the version that has it now; null when it was taken away (`latest` means the newest version then).
    pub to: Option<String>,
}

#[expect(clippy::needless_pass_by_value, reason = "used in map_err")]
fn failed(error: duckdb::Error) -> Error {
    told("the versions could not be read or written", &error).help("nothing was changed")
}

impl Db {
    /// Returns the version of a model that a tag or a name given to one (`champion`, `latest`) means; a tag comes first.
    ///
    /// # Errors
    /// Unknown: exit code 2, with the nearest tags and names.
    pub fn version(&self, model_id: i64, name: &str) -> Result<Version> {
        if !self.layout().has("model_registry_versions") {
            return Err(Error::unknown("version", name, []).help("the database holds no model version; `suitor add-version` adds one"));
        }
        let known = self.version_tags(model_id)?;
        if let Some(version) = known.iter().find(|version| version.tag == name) {
            return Ok(version.clone());
        }
        let aliases = self.version_aliases(model_id)?;
        if let Some((_, id)) = aliases.iter().find(|(alias, _)| alias == name)
            && let Some(version) = known.iter().find(|version| version.id == *id)
        {
            return Ok(version.clone());
        }
        if name == LATEST
            && let Some(newest) = known.first()
        {
            return Ok(newest.clone());
        }
        let latest = known.first().map(|_| LATEST);
        let names = known.iter().map(|version| version.tag.as_str()).chain(aliases.iter().map(|(alias, _)| alias.as_str())).chain(latest);
        let none = "the model has no version yet; `suitor add-version` adds one, `suitor import --versions-from` makes them";
        Err(Error::unknown_listed("version", name, names).or_help(none))
    }

    /// The versions of a model, newest first.
    pub(super) fn version_tags(&self, model_id: i64) -> Result<Vec<Version>> {
        let sql = "SELECT id, version_tag FROM model_registry_versions WHERE model_id = ? ORDER BY created_at DESC NULLS LAST, id DESC";
        let mut statement = self.conn().prepare(sql).map_err(failed)?;
        let rows = statement.query_map([model_id], |row| Ok(Version { id: row.get(0)?, tag: row.get(1)? })).map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }

    /// The tags and names of versions of which `name` is probably a misspelling, each in backticks.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) fn misspelt_version(&self, model_id: i64, name: &str) -> Result<Vec<String>> {
        let (tags, aliases) = (self.version_tags(model_id)?, self.version_aliases(model_id)?);
        let latest = tags.first().map(|_| LATEST);
        let known = tags.iter().map(|version| version.tag.as_str()).chain(aliases.iter().map(|(alias, _)| alias.as_str())).chain(latest);
        Ok(tag::misspelt(name, known).into_iter().map(|other| format!("`{}`", shown(other))).collect())
    }

    /// The names given to versions of a model, each with the key of its version; by name.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn version_aliases(&self, model_id: i64) -> Result<Vec<(String, i64)>> {
        if !self.layout().has("suitor_version_alias") {
            return Ok(Vec::new());
        }
        let sql = "SELECT alias, version_id FROM suitor_version_alias WHERE model_id = ? ORDER BY alias";
        let mut statement = self.conn().prepare(sql).map_err(failed)?;
        let rows = statement.query_map([model_id], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }

    /// Gives a name to a version of a model, which takes it from any other; with `None` takes the name away.
    /// `now`: microseconds since 1970, UTC.
    ///
    /// # Errors
    /// A name that cannot be one (see `add_version`), the tag of a version, a name to take away that no version has: exit code 2.
    pub fn move_alias(&mut self, model_id: i64, alias: &str, to: Option<&Version>, now: i64) -> Result<Moved> {
        self.layout().need("suitor_version_alias")?;
        let known = self.version_tags(model_id)?;
        if known.iter().any(|version| version.tag == alias) {
            return Err(Error::input(format!("`{alias}` is the tag of a version")).help("give a name that no version has as its tag"));
        }
        let aliases = self.version_aliases(model_id)?;
        let before = aliases.iter().find(|(name, _)| name == alias).map(|(_, id)| *id);
        if before.is_none() && to.is_some() {
            tag::refuse("a name for a version", alias)?;
        }
        let from = before.and_then(|id| known.iter().find(|version| version.id == id)).map(|version| version.tag.clone());
        let transaction = self.conn_mut().transaction().map_err(failed)?;
        match to {
            Some(version) => transaction
                .execute(
                    &format!(
                        "INSERT INTO suitor_version_alias (model_id, alias, version_id, moved_at) VALUES (?, ?, ?, make_timestamp({now}::BIGINT))
                         ON CONFLICT (model_id, alias) DO UPDATE SET version_id = excluded.version_id, moved_at = excluded.moved_at"
                    ),
                    duckdb::params![model_id, alias, version.id],
                )
                .map_err(failed)?,
            None if before.is_none() => {
                let error = Error::unknown_listed("name of a version", alias, aliases.iter().map(|(name, _)| name.as_str()));
                return Err(if aliases.is_empty() { error.help("no version of the model has a name beside its tag") } else { error });
            }
            None => transaction
                .execute("DELETE FROM suitor_version_alias WHERE model_id = ? AND alias = ?", duckdb::params![model_id, alias])
                .map_err(failed)?,
        };
        transaction.commit().map_err(failed)?;
        Ok(Moved { from, to: to.map(|version| version.tag.clone()) })
    }

    /// Refuses a tag for a new version that means another one already.
    pub(super) fn refuse_tag(&self, model_id: i64, tag: &str) -> Result<()> {
        let tags = self.version_tags(model_id)?.into_iter().map(|version| version.tag).collect();
        let names = self.version_aliases(model_id)?.into_iter().map(|(alias, _)| alias).collect();
        Known { tags, names }.refuse_tag("a version's tag", tag)
    }

    /// What the versions of every model that has one are called, by name of the model.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) fn known_versions(&self) -> Result<BTreeMap<String, Known>> {
        let mut all: BTreeMap<String, Known> = BTreeMap::new();
        for (model, tag) in self.named("model_registry_versions", "version_tag")? {
            all.entry(model).or_default().tags.insert(tag);
        }
        for (model, name) in self.named("suitor_version_alias", "alias")? {
            all.entry(model).or_default().names.insert(name);
        }
        Ok(all)
    }

    /// The name of the model and a column, as text, of each row of a table that has one; nothing where the table is not there. Tables of
    /// other software may keep numbers as tags, or none.
    fn named(&self, table: &str, column: &str) -> Result<Vec<(String, String)>> {
        if !self.layout().has(table) {
            return Ok(Vec::new());
        }
        let models = self.layout().model_relation()?;
        let sql = format!(
            "SELECT m.model, CAST(v.{column} AS VARCHAR) FROM {table} AS v JOIN ({models}) AS m ON m.own_id = v.model_id
             WHERE m.model IS NOT NULL AND v.{column} IS NOT NULL"
        );
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }
}
