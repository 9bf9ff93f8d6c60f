//! Where rows are read from: the results of the database, or what snapshots froze.

use super::Db;
use super::version_alias::Version;
use crate::Result;
use crate::fields::FIELDS;
use crate::scoring::plan::VersionRows;

/// Where rows are read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Source {
    /// The results as they are now.
    #[default]
    Results,
    /// The rows of these snapshots, by id; of several, each is a side, in this order.
    Frozen(Vec<i64>),
}

impl Db {
    /// The same database, whose rows are those that snapshots froze: one, as it was; several side by side, on one scale.
    /// Models, hardware and versions are those of now.
    ///
    /// # Errors
    /// No further connection can be made (exit code 1).
    pub(crate) fn over(&self, snapshots: &[i64]) -> Result<Self> {
        let conn = self.conn().try_clone().map_err(|error| super::failure::told("the snapshots could not be read", &error))?;
        Ok(Self::of_parts(conn, self.aliases(), self.layout().clone(), Source::Frozen(snapshots.to_vec())))
    }

    /// Whether rows have two sides: the relation has the column `side` then, from 0.
    pub(crate) fn has_sides(&self) -> bool {
        matches!(self.source(), Source::Frozen(snapshots) if snapshots.len() > 1)
    }

    /// Which rows a version means here: in a snapshot they were chosen when it was made.
    pub(crate) fn rows_of(&self, version: &Version) -> VersionRows {
        match self.source() {
            Source::Results => VersionRows::Linked(version.id),
            Source::Frozen(_) => VersionRows::Frozen,
        }
    }

    /// The row relation of the source, of all fields or of some.
    pub(super) fn relation(&self, wanted: Option<&[&str]>) -> Result<String> {
        match self.source() {
            Source::Results => self.layout().rows(wanted),
            Source::Frozen(snapshots) => Ok(frozen(snapshots, wanted)),
        }
    }
}

fn frozen(snapshots: &[i64], wanted: Option<&[&str]>) -> String {
    let fields: Vec<&str> =
        FIELDS.iter().map(|field| field.name).filter(|name| wanted.is_none_or(|wanted| wanted.contains(name))).collect();
    let fields = fields.join(", ");
    match snapshots {
        [one] => format!("SELECT row_id, model_id, hardware_id, {fields} FROM suitor_snapshot_row WHERE snapshot_id = {one}"),
        several => {
            let sides = several.iter().enumerate().map(|(side, id)| format!("({side}, {id})")).collect::<Vec<_>>().join(", ");
            format!(
                "SELECT row_id, model_id, hardware_id, side, {fields} FROM suitor_snapshot_row JOIN (VALUES {sides}) AS sides(side, snapshot_id) USING (snapshot_id)"
            )
        }
    }
}
