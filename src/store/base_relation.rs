//! Models and hardware as every query sees them, composed from whatever the tables are called.

use super::layout::{Found, Layout};
use crate::Result;
use crate::fields::Type;

/// Keys of what a flat table names begin above this: its rows have none of their own.
pub(super) const FLAT_IDS: &str = "1000000000000";

/// The label of a row of [`Layout::hardware_relation`].
pub(super) fn label(of: &str) -> String {
    format!("{of}.hardware_name || CASE WHEN {of}.device_count = 1 THEN '' ELSE ' x' || {of}.device_count END")
}

impl Layout {
    /// A SELECT of `own_id` (the key that rows refer to), `model_id` (that of the first model of the name), `model`,
    /// `model_family`, `parameters_million`.
    pub(super) fn model_relation(&self) -> Result<String> {
        let known = match (&self.models, &self.flat) {
            (Some(models), _) => self.table_models(models),
            (None, Some(_)) => "SELECT 0::BIGINT AS own_id, 0::BIGINT AS model_id, '' AS model, NULL::VARCHAR AS model_family, NULL::DOUBLE AS parameters_million WHERE false".to_owned(),
            (None, None) => return Err(self.lacking("models")),
        };
        let Some(flat) = &self.flat else { return Ok(known) };
        let rows = flat_rows(flat);
        Ok(format!(
            "SELECT * FROM ({known}) AS known UNION ALL
             SELECT id, id, name, NULL, NULL FROM (
               SELECT {FLAT_IDS} + row_number() OVER (ORDER BY name) AS id, name FROM (SELECT DISTINCT suitor_model AS name FROM ({rows}) AS f) AS n
               WHERE name NOT IN (SELECT model FROM ({known}) AS k)) AS unknown"
        ))
    }

    fn table_models(&self, found: &Found) -> String {
        if found.own {
            return format!(
                "SELECT model_id AS own_id, model_id, model_name AS model, nullif(model_family, '') AS model_family, parameters_million FROM {}",
                found.name()
            );
        }
        let key = found.read("model_id", "t", Type::Integer).unwrap_or_default();
        let name = found.read("model_name", "t", Type::Text).unwrap_or_default();
        let (join, side) = self.side("suitor_model_extra", "model_id", &key);
        let family = either(found.read("model_family", "t", Type::Text), side.map(|x| format!("{x}.model_family")), Type::Text);
        let millions =
            either(found.read("parameters_million", "t", Type::Number), side.map(|x| format!("{x}.parameters_million")), Type::Number);
        format!(
            "SELECT own_id, min(own_id) OVER named AS model_id, model, first_value(family IGNORE NULLS) OVER whole AS model_family,
               first_value(size IGNORE NULLS) OVER whole AS parameters_million
             FROM (SELECT {key} AS own_id, coalesce({name}, 'model ' || {key}) AS model, {family} AS family, {millions} AS size FROM {} AS t{join}{}) AS t
             WINDOW named AS (PARTITION BY model),
               whole AS (PARTITION BY model ORDER BY own_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)",
            found.name(),
            once(found, "model_id", &key)
        )
    }

    /// A SELECT of `own_id`, `hardware_id` (that of the first of the same name, count and type), `base_name` (as the
    /// table says it), `hardware_name` (with the type where two types share a name), `device_count`, `hardware_type`,
    /// `device_memory_mb`.
    pub(super) fn hardware_relation(&self) -> Result<String> {
        let known = match (&self.hardware, &self.flat) {
            (Some(hardware), _) => self.table_hardware(hardware),
            (None, Some(_)) => {
                "SELECT 0::BIGINT AS own_id, 0::BIGINT AS hardware_id, '' AS base_name, '' AS hardware_name, 1::BIGINT AS device_count,
               NULL::VARCHAR AS hardware_type, NULL::DOUBLE AS device_memory_mb WHERE false"
                    .to_owned()
            }
            (None, None) => return Err(self.lacking("hardware_platforms")),
        };
        let Some(flat) = &self.flat else { return Ok(known) };
        let rows = flat_rows(flat);
        Ok(format!(
            "SELECT * FROM ({known}) AS known UNION ALL
             SELECT id, id, name, name, 1, type, NULL FROM (
               SELECT {FLAT_IDS} + row_number() OVER (ORDER BY name) AS id, name, type
               FROM (SELECT suitor_hardware AS name, min(suitor_type) AS type FROM ({rows}) AS f GROUP BY suitor_hardware) AS n
               WHERE name NOT IN (SELECT hardware_name FROM ({known}) AS k WHERE device_count = 1)) AS unknown"
        ))
    }

    fn table_hardware(&self, found: &Found) -> String {
        if found.own {
            return format!(
                "SELECT hardware_id AS own_id, hardware_id, device_name AS base_name, device_name AS hardware_name, device_count,
                   nullif(hardware_type, '') AS hardware_type, memory_gb * 1000 AS device_memory_mb FROM {}",
                found.name()
            );
        }
        let key = found.read("hardware_id", "t", Type::Integer).unwrap_or_default();
        let (join, side) = self.side("suitor_hardware_extra", "hardware_id", &key);
        let extra = |column: &str| side.map(|x| format!("{x}.{column}"));
        let name = either(extra("device_name"), found.read("device_name", "t", Type::Text), Type::Text);
        let count = either(found.read("device_count", "t", Type::Integer), extra("device_count"), Type::Integer);
        let kind = either(found.read("hardware_type", "t", Type::Text), extra("hardware_type"), Type::Text);
        let memory = either(found.read("device_memory_mb", "t", Type::Number), extra("device_memory_mb"), Type::Number);
        format!(
            "SELECT own_id, min(own_id) OVER (PARTITION BY base_name, device_count, kind) AS hardware_id, base_name,
               CASE WHEN min(coalesce(kind, '')) OVER same = max(coalesce(kind, '')) OVER same THEN base_name
                 ELSE base_name || ' (' || coalesce(kind, 'unknown type') || ')' END AS hardware_name,
               device_count, kind AS hardware_type,
               max(memory) OVER (PARTITION BY base_name, device_count, kind) AS device_memory_mb
             FROM (SELECT own_id, coalesce(name, kind, 'hardware ' || own_id) AS base_name, CASE WHEN count >= 1 THEN count ELSE 1 END AS device_count, kind,
                     CASE WHEN memory > 0 THEN memory END AS memory
                   FROM (SELECT {key} AS own_id, {name} AS name, {count} AS count, {kind} AS kind, {memory} AS memory FROM {} AS t{join}{}) AS t) AS t
             WINDOW same AS (PARTITION BY base_name, device_count)",
            found.name(),
            once(found, "hardware_id", &key)
        )
    }

    /// The join with a side table of Suitor's, where there is one: the text, and the name to read it by.
    pub(super) fn side(&self, table: &str, key: &str, of: &str) -> (String, Option<&'static str>) {
        if self.has(table) { (format!(" LEFT JOIN {table} AS x ON x.{key} = {of}"), Some("x")) } else { (String::new(), None) }
    }
}

/// Where nothing keeps a key from being there twice: the end of a SELECT that takes each once, always the same row.
fn once(found: &Found, field: &str, key: &str) -> String {
    if found.is_unique(field) {
        String::new()
    } else {
        format!(" QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY CAST(t AS VARCHAR)) = 1")
    }
}

/// The first of two values that is there.
fn either(first: Option<String>, second: Option<String>, kind: Type) -> String {
    match (first, second) {
        (Some(first), Some(second)) => format!("coalesce({first}, {second})"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => format!("NULL::{}", kind.sql()),
    }
}

/// The rows of a flat table with `suitor_row`, `suitor_model`, `suitor_hardware`, `suitor_type`.
///
/// Which of `hardware` and `device` is the type and which the name is seen by the words: `cuda` is a type.
pub(super) fn flat_rows(found: &Found) -> String {
    let read = |field| found.read(field, "t", Type::Text);
    let (hardware, device) = (read("hardware"), read("device"));
    let hardware = hardware.unwrap_or_else(|| "NULL::VARCHAR".to_owned());
    let device = device.unwrap_or_else(|| "NULL::VARCHAR".to_owned());
    let kind = |value: &str| format!("split_part(lower({value}), ':', 1)");
    let types = "('cpu', 'cuda', 'rocm', 'mps', 'openvino', 'webnn', 'webgpu', 'qualcomm', 'qnn', 'tpu', 'xpu', 'gpu')";
    let row = if found.table.view { "row_number() OVER ()" } else { "t.rowid" };
    format!(
        "SELECT *, CASE WHEN min(coalesce(suitor_type, '')) OVER named = max(coalesce(suitor_type, '')) OVER named THEN suitor_name
           ELSE suitor_name || ' (' || coalesce(suitor_type, 'unknown type') || ')' END AS suitor_hardware
         FROM (SELECT t.*, {row} AS suitor_row, {} AS suitor_model,
                 CASE WHEN {h} IN {types} THEN coalesce({device}, {hardware}) WHEN {d} IN {types} THEN coalesce({hardware}, {device}) ELSE coalesce({device}, {hardware}) END AS suitor_name,
                 CASE WHEN {h} IN {types} THEN {h} WHEN {d} IN {types} THEN {d} END AS suitor_type
               FROM {} AS t) AS t
         WHERE suitor_model IS NOT NULL AND suitor_name IS NOT NULL WINDOW named AS (PARTITION BY suitor_name)",
        read("model").unwrap_or_default(),
        found.name(),
        h = kind(&hardware),
        d = kind(&device),
    )
}
