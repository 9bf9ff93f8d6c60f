//! The row relation: one SELECT with the columns that the planner reads.

use super::Db;
use crate::Result;
use crate::fields::{FIELDS, Role, Type};

impl Db {
    /// Returns the text of a SELECT giving `row_id`, `model_id`, `hardware_id`, then the columns of [`FIELDS`] with the
    /// guarantees that are written there.
    ///
    /// # Errors
    /// No benchmark tables (exit code 2).
    pub fn row_relation(&self) -> Result<String> {
        let columns: Vec<String> = FIELDS
            .iter()
            .map(|field| {
                let name = field.name;
                match (field.role, field.kind, name) {
                    (_, _, "model") => "m.model_name AS model".to_owned(),
                    (_, _, "model_family") => "nullif(m.model_family, '') AS model_family".to_owned(),
                    (_, _, "parameters_million") => "m.parameters_million".to_owned(),
                    (_, _, "hardware") => {
                        "h.device_name || CASE WHEN h.device_count = 1 THEN '' ELSE ' x' || h.device_count END AS hardware".to_owned()
                    }
                    (_, _, "hardware_name") => "h.device_name AS hardware_name".to_owned(),
                    (_, _, "device_count") => "h.device_count".to_owned(),
                    (_, _, "hardware_type") => "nullif(h.hardware_type, '') AS hardware_type".to_owned(),
                    (_, _, "device_memory_mb") => "h.memory_gb * 1000 AS device_memory_mb".to_owned(),
                    (Role::Metric, ..) => format!("CASE WHEN r.{name} > 0 AND r.{name} < 1e12 THEN r.{name} END AS {name}"),
                    (_, Type::Text, _) => format!("nullif(r.{name}, '') AS {name}"),
                    _ => format!("r.{name}"),
                }
            })
            .collect();
        Ok(format!(
            "SELECT r.result_id AS row_id, r.model_id, r.hardware_id,\n  {}\nFROM performance_results AS r JOIN models AS m USING (model_id) JOIN hardware_platforms AS h USING (hardware_id)",
            columns.join(",\n  ")
        ))
    }
}
