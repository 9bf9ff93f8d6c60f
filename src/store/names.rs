//! Models, hardware, tasks and versions by name.

use duckdb::Row;
use jiff::Timestamp;

use super::base_relation::label;
use super::failure::told;
use super::{Db, bases};
use crate::error::nearest_by_words;
use crate::{Error, Result};

/// A machine-learning model in the database.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Its key.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its family, such as `llama`.
    pub family: Option<String>,
    /// Its size, millions of parameters.
    pub parameters_million: Option<f64>,
}

/// A piece of hardware in the database: one device kind and count.
#[derive(Clone, Debug, PartialEq)]
pub struct Hardware {
    /// Its key.
    pub id: i64,
    /// Name and count, `NVIDIA H200 x8`.
    pub label: String,
    /// Name of one device.
    pub name: String,
    /// Number of devices.
    pub device_count: i64,
    /// cuda, rocm, cpu, ...
    pub hardware_type: Option<String>,
    /// Memory of one device, MB.
    pub memory_mb: Option<f64>,
}

impl Hardware {
    /// Whether this is its label, its name or its type.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        self.label == name || self.name == name || self.hardware_type.as_deref() == Some(name)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used in map_err")]
fn failed(error: duckdb::Error) -> Error {
    told("the database could not be read", &error)
}

fn model(row: &Row<'_>) -> duckdb::Result<Model> {
    Ok(Model { id: row.get(0)?, name: row.get(1)?, family: row.get(2)?, parameters_million: row.get(3)? })
}

impl Db {
    /// Makes a model of that name, unless there is one.
    ///
    /// # Errors
    /// A read-only database.
    pub fn add_model(&mut self, name: &str) -> Result<()> {
        let now = Timestamp::now().as_microsecond();
        let (conn, layout) = self.parts();
        let transaction = conn.transaction().map_err(failed)?;
        bases::add_model(&transaction, layout, name, now)?;
        transaction.commit().map_err(failed)
    }

    /// Returns every model, by name.
    ///
    /// # Errors
    /// A database without benchmark tables.
    pub fn models(&self) -> Result<Vec<Model>> {
        let sql = format!(
            "SELECT model_id, model, model_family, parameters_million FROM ({}) AS m WHERE own_id = model_id ORDER BY model, model_id",
            self.layout().model_relation()?
        );
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let rows = statement.query_map([], model).map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }

    /// Returns the model of that name, or else of that id.
    ///
    /// # Errors
    /// Unknown: exit code 2, with the nearest names.
    pub fn model(&self, name_or_id: &str) -> Result<Model> {
        let sql = format!(
            "SELECT model_id, model, model_family, parameters_million FROM ({}) AS m
             WHERE own_id = model_id AND (model = $1 OR model_id = $2) ORDER BY model <> $1, model_id LIMIT 1",
            self.layout().model_relation()?
        );
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let mut found = statement.query(duckdb::params![name_or_id, name_or_id.parse::<i64>().ok()]).map_err(failed)?;
        if let Some(row) = found.next().map_err(failed)? {
            return model(row).map_err(failed);
        }
        // All of them only for a message that names the nearest.
        let models = self.models()?;
        if models.is_empty() {
            return Err(Error::input(format!("unknown model `{name_or_id}`: the database holds no model"))
                .help("`suitor import FILE` brings benchmark rows in"));
        }
        let error = Error::unknown("model", name_or_id, models.iter().map(|model| model.name.as_str()));
        Err(if error.help.is_none() { error.help("`suitor list models` shows them all") } else { error })
    }

    /// Returns every piece of hardware, by label.
    ///
    /// # Errors
    /// A database without benchmark tables.
    pub fn hardware(&self) -> Result<Vec<Hardware>> {
        let sql = format!(
            "SELECT hardware_id, {} AS label, hardware_name, device_count, hardware_type, device_memory_mb
             FROM ({}) AS h WHERE own_id = hardware_id ORDER BY label, hardware_id",
            label("h"),
            self.layout().hardware_relation()?
        );
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let rows = statement
            .query_map([], |row| {
                Ok(Hardware {
                    id: row.get(0)?,
                    label: row.get(1)?,
                    name: row.get(2)?,
                    device_count: row.get(3)?,
                    hardware_type: row.get(4)?,
                    memory_mb: row.get(5)?,
                })
            })
            .map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }

    /// Checks that each of these is a label, a name or a type of some hardware.
    ///
    /// # Errors
    /// Unknown: exit code 2, with the nearest names, or with those that there are.
    pub fn known_hardware(&self, wanted: &[String]) -> Result<()> {
        if wanted.is_empty() {
            return Ok(());
        }
        let hardware = self.hardware()?;
        for one in wanted {
            if !hardware.iter().any(|known| known.is_named(one)) {
                let types = hardware.iter().filter_map(|known| known.hardware_type.as_deref());
                let names = hardware.iter().flat_map(|known| [known.label.as_str(), known.name.as_str()]);
                let all: Vec<&str> = types.chain(names).collect();
                let error = Error::unknown("hardware", one, all.iter().copied()).meant(&nearest_by_words(one, all.iter().copied()));
                return Err(match error.help {
                    Some(_) => error,
                    None if hardware.is_empty() => error.help("the database holds no hardware"),
                    None => Error::unknown_listed("hardware", one, all),
                });
            }
        }
        Ok(())
    }

    /// Returns the tasks that the model has rows of, by name.
    ///
    /// # Errors
    /// A database without benchmark tables.
    pub fn tasks_of(&self, model_id: i64) -> Result<Vec<String>> {
        let sql =
            format!("SELECT DISTINCT task FROM ({}) AS r WHERE model_id = {model_id} ORDER BY task", self.row_relation_of(&["task"])?);
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let rows = statement.query_map([], |row| row.get(0)).map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }

    /// Returns every (key of a model, task) that some row has, by task and key.
    ///
    /// # Errors
    /// A database without benchmark tables.
    pub fn models_with_tasks(&self) -> Result<Vec<(i64, String)>> {
        let relation = self.row_relation()?;
        let sql = format!("SELECT DISTINCT model_id, task FROM ({relation}) AS r WHERE task IS NOT NULL ORDER BY task, model_id");
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }

    /// Returns every task that some row says, by name.
    ///
    /// # Errors
    /// A database without benchmark tables.
    pub fn tasks(&self) -> Result<Vec<String>> {
        let sql = format!("SELECT DISTINCT task FROM ({}) AS r ORDER BY task", self.row_relation_of(&["task"])?);
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let rows = statement.query_map([], |row| row.get(0)).map_err(failed)?;
        rows.collect::<duckdb::Result<_>>().map_err(failed)
    }
}
