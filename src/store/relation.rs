//! The row relation: one SELECT with the columns that the planner reads, composed from whatever the tables are called.

use super::Db;
use super::catalog::literal;
use super::layout::{Found, Layout};
use crate::fields::{FIELDS, Field, Role, Type};
use crate::import::EXTRA;
use crate::{Error, Result};

/// Keys of rows that have none of their own, or whose own mean something else, begin above this: flat rows, then
/// incompatibilities.
const FLAT_IDS: &str = "1000000000000";
const INCOMPATIBLE_IDS: &str = "2000000000000";

/// The fields that a result row keeps: all but those of its model and its hardware.
pub(super) fn row_fields() -> impl Iterator<Item = &'static Field> {
    FIELDS.iter().filter(|field| !matches!(field.role, Role::Model | Role::Hardware))
}

/// The columns of `suitor_result_extra` beside its key, `import_id` left out.
pub(super) fn extra_fields() -> impl Iterator<Item = &'static Field> {
    row_fields().chain(EXTRA.iter().filter(|field| field.name != "version_tag"))
}

/// The label of a row of [`Layout::hardware_relation`].
pub(super) fn label(of: &str) -> String {
    format!("{of}.hardware_name || CASE WHEN {of}.device_count = 1 THEN '' ELSE ' x' || {of}.device_count END")
}

impl Db {
    /// Returns the text of a SELECT giving `row_id`, `model_id`, `hardware_id`, then the columns of [`FIELDS`] with the
    /// guarantees that are written there.
    ///
    /// # Errors
    /// No benchmark tables (exit code 2).
    pub fn row_relation(&self) -> Result<String> {
        self.layout().rows()
    }
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
        let size =
            either(found.read("parameters_million", "t", Type::Number), side.map(|x| format!("{x}.parameters_million")), Type::Number);
        format!(
            "SELECT own_id, min(own_id) OVER named AS model_id, model, first_value(family IGNORE NULLS) OVER whole AS model_family,
               first_value(size IGNORE NULLS) OVER whole AS parameters_million
             FROM (SELECT {key} AS own_id, coalesce({name}, 'model ' || {key}) AS model, {family} AS family, {size} AS size FROM {} AS t{join}) AS t
             WINDOW named AS (PARTITION BY model),
               whole AS (PARTITION BY model ORDER BY own_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)",
            found.name()
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
                   FROM (SELECT {key} AS own_id, {name} AS name, {count} AS count, {kind} AS kind, {memory} AS memory FROM {} AS t{join}) AS t) AS t
             WINDOW same AS (PARTITION BY base_name, device_count)",
            found.name()
        )
    }

    /// The join with a side table of Suitor's, where there is one: the text, and the name to read it by.
    fn side(&self, table: &str, key: &str, of: &str) -> (String, Option<&'static str>) {
        if self.has(table) { (format!(" LEFT JOIN {table} AS x ON x.{key} = {of}"), Some("x")) } else { (String::new(), None) }
    }

    /// The row relation.
    pub(super) fn rows(&self) -> Result<String> {
        let mut parts = Vec::new();
        if let Some(results) = &self.results {
            let rows = self.result_rows(results)?;
            parts.push(if results.own { rows } else { hashed(&rows) });
        }
        if let Some(flat) = &self.flat {
            parts.push(hashed(&self.flat_relation(flat)?));
        }
        if parts.is_empty() {
            return Err(self.lacking("performance_results"));
        }
        if let Some(compatibility) = &self.compatibility
            && let Some(rows) = self.incompatible(compatibility, &parts[0])?
        {
            parts.push(hashed(&rows));
        }
        Ok(parts.join("\nUNION ALL\n"))
    }

    fn result_rows(&self, found: &Found) -> Result<String> {
        for (field, base) in [("model_id", self.models_table()?), ("hardware_id", self.hardware_table()?)] {
            if let Some(column) = base.column(field).filter(|column| !column.is_integer()) {
                let lack = format!("keys of type {} in `{}`, and whole numbers are expected", column.kind, column.name);
                return Err(self.refuse(&base.table.name, &lack));
            }
        }
        let key = found.read("result_id", "r", Type::Integer);
        let row_id = key.clone().unwrap_or_else(|| "r.rowid + 1".to_owned());
        let model = found.read("model_id", "r", Type::Integer).unwrap_or_default();
        let hardware = found.read("hardware_id", "r", Type::Integer).unwrap_or_default();
        let mut joins = String::new();
        let mut about = Beside::default();
        if let Some(key) = key.as_ref().filter(|_| !found.own) {
            let (join, side) = self.side("suitor_result_extra", "result_id", key);
            joins += &join;
            about.extra = side.is_some();
        }
        if let (Some(batches), Some(key)) = (&self.batches, &key) {
            joins += &batch_join(batches, key);
            about.batch_latency = batches.has("latency_ms");
            about.batch_memory = batches.has("memory_mb");
        }
        if let (Some(power), Some(key)) = (self.power_of(found), &key) {
            joins += &power_join(power, key, &model, &hardware);
            about.power = true;
        }
        let own_models = self.models.as_ref().is_some_and(|models| models.own);
        let own_hardware = self.hardware.as_ref().is_some_and(|hardware| hardware.own);
        Ok(format!(
            "SELECT {row_id} AS row_id, {} AS model_id, {} AS hardware_id,\n  {}\nFROM {} AS r{joins}\nJOIN ({}) AS m ON m.own_id = {model} JOIN ({}) AS h ON h.own_id = {hardware}",
            if own_models { &model } else { "m.model_id" },
            if own_hardware { &hardware } else { "h.hardware_id" },
            self.columns(found, &about),
            found.name(),
            self.model_relation()?,
            self.hardware_relation()?
        ))
    }

    /// The power table, when its key is that of these results and not of another table's.
    fn power_of(&self, results: &Found) -> Option<&Found> {
        let power = self.power.as_ref()?;
        let key = power.column("result_id")?;
        let of_tests = key.name.to_lowercase().contains("test");
        (!of_tests || results.table.name.eq_ignore_ascii_case("test_results") || !self.has("test_results")).then_some(power)
    }

    fn flat_relation(&self, found: &Found) -> Result<String> {
        Ok(format!(
            "SELECT {FLAT_IDS} + {} AS row_id, m.model_id, h.hardware_id,\n  {}\nFROM ({}) AS r
             JOIN ({}) AS m ON m.model = r.suitor_model AND m.own_id = m.model_id
             JOIN ({}) AS h ON h.hardware_name = r.suitor_hardware AND h.device_count = 1 AND h.own_id = h.hardware_id",
            found.read("result_id", "r", Type::Integer).unwrap_or_else(|| "r.suitor_row + 1".to_owned()),
            self.columns(found, &Beside::default()),
            flat_rows(found),
            self.model_relation()?,
            self.hardware_relation()?
        ))
    }

    /// The columns of [`FIELDS`] of rows `r` of a table with models `m` and hardware `h`.
    fn columns(&self, found: &Found, about: &Beside) -> String {
        let all = FIELDS.iter().map(|field| match field.name {
            "hardware" => format!("{} AS hardware", label("h")),
            name if field.role == Role::Model => format!("m.{name}"),
            name if field.role == Role::Hardware => format!("h.{name}"),
            name => format!("{} AS {name}", self.value(found, field, about)),
        });
        all.collect::<Vec<_>>().join(",\n  ")
    }

    /// A field's value in a row `r`.
    fn value(&self, found: &Found, field: &Field, about: &Beside) -> String {
        let plain = found.read(field.name, "r", field.kind);
        if found.own && field.name == "content_hash" {
            // Imported rows have one; what was inserted by hand is told apart by its key and main metrics.
            let by_hand = "r.result_id, r.throughput_items_per_second, r.latency_ms_mean, r.memory_peak_mb";
            return format!("coalesce(r.content_hash, md5(concat_ws('|', {by_hand})))");
        }
        if found.own {
            return plain.map_or_else(|| format!("NULL::{}", field.kind.sql()), |plain| guarded(field, &plain));
        }
        let extra = about.extra.then(|| format!("x.{}", field.name));
        let among = |words: &[String]| words.iter().map(|word| literal(word)).collect::<Vec<_>>().join(", ");
        let parts: Vec<Option<String>> = match field.name {
            "task" => {
                let case = found.read("test_case", "r", Type::Text).filter(|_| !self.training.is_empty());
                let case = case.map(|case| format!("CASE WHEN lower({case}) IN ({}) THEN 'training' END", among(&self.training)));
                vec![extra, plain, case, Some("'inference'".to_owned())]
            }
            "provenance" => {
                // Another word is the weakest: never more than was said.
                let said = plain.map(|said| {
                    format!("CASE WHEN {said} IS NULL THEN NULL WHEN lower({said}) IN ('measured', 'simulated', 'estimated') THEN lower({said}) ELSE 'estimated' END")
                });
                let simulated =
                    found.raw("is_simulated", "r").map(|flag| format!("CASE WHEN TRY_CAST({flag} AS BOOLEAN) THEN 'simulated' END"));
                let reason = found.read("simulation_reason", "r", Type::Text).filter(|_| !found.has("is_simulated"));
                let reason = reason.map(|reason| format!("CASE WHEN {reason} IS NOT NULL THEN 'simulated' END"));
                vec![extra, said, simulated, reason, Some("'measured'".to_owned())]
            }
            "status" => {
                let word = plain.map(|word| match self.ok.is_empty() {
                    true => word,
                    false => format!("CASE WHEN lower({word}) NOT IN ({}) THEN {word} END", among(&self.ok)),
                });
                let success = found.raw("success", "r").map(|flag| format!("CASE WHEN NOT TRY_CAST({flag} AS BOOLEAN) THEN 'failed' END"));
                let error = found.read("error", "r", Type::Text);
                let error = error.map(|error| format!("CASE WHEN lower({error}) <> 'none' THEN {error} END"));
                vec![extra, word, success, error]
            }
            "image_size" => {
                let shape = found.read("input_shape", "r", Type::Text).map(|shape| square(&shape));
                vec![plain, extra, shape]
            }
            "latency_ms_mean" => vec![plain, extra, about.batch_latency.then(|| "b.mean".to_owned())],
            "latency_ms_p50" => vec![plain, extra, about.batch_latency.then(|| "b.p50".to_owned())],
            "memory_peak_mb" => vec![plain, extra, about.batch_memory.then(|| "b.memory".to_owned())],
            "power_watts" => vec![plain, extra, about.power.then(|| "p.watts".to_owned())],
            _ => vec![plain, extra],
        };
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        match parts.as_slice() {
            [] => format!("NULL::{}", field.kind.sql()),
            [one] => guarded(field, one),
            several if field.role == Role::Metric => {
                // A zero is no measurement, and must not hide one.
                let known = several.iter().map(|part| format!("nullif({part}, 0)")).collect::<Vec<_>>().join(", ");
                guarded(field, &format!("coalesce({known})"))
            }
            several => guarded(field, &format!("coalesce({})", several.join(", "))),
        }
    }

    /// Pairs that were found not to run, as failed rows of every task that the model has rows of.
    fn incompatible(&self, found: &Found, rows: &str) -> Result<Option<String>> {
        let flag = found.raw("is_compatible", "c").map(|flag| format!("TRY_CAST({flag} AS BOOLEAN) = false"));
        let says = |field| {
            found
                .read(field, "c", Type::Text)
                .map(|word| format!("lower({word}) IN ('incompatible', 'unsupported', 'not_supported', 'failed')"))
        };
        let conditions: Vec<String> = [flag, says("compatibility_status"), says("compatibility_type")].into_iter().flatten().collect();
        if conditions.is_empty() || self.models.is_none() || self.hardware.is_none() {
            return Ok(None);
        }
        let columns = FIELDS.iter().map(|field| {
            let value = match field.name {
                "hardware" => label("h"),
                "task" => "t.task".to_owned(),
                "provenance" => "'measured'".to_owned(),
                "status" => "'incompatible'".to_owned(),
                "source" => literal(&found.table.name),
                name if field.role == Role::Model => format!("m.{name}"),
                name if field.role == Role::Hardware => format!("h.{name}"),
                _ => format!("NULL::{}", field.kind.sql()),
            };
            format!("{value} AS {}", field.name)
        });
        let read = |field| found.read(field, "c", Type::Integer).unwrap_or_default();
        Ok(Some(format!(
            "SELECT {INCOMPATIBLE_IDS} + {} AS row_id, m.model_id, h.hardware_id,\n  {}\nFROM {} AS c
             JOIN ({}) AS m ON m.own_id = {} JOIN ({}) AS h ON h.own_id = {}
             JOIN (SELECT DISTINCT model_id, task FROM ({rows}) AS r) AS t ON t.model_id = m.model_id
             WHERE coalesce({}, false)",
            read("row_id"),
            columns.collect::<Vec<_>>().join(", "),
            found.name(),
            self.model_relation()?,
            read("model_id"),
            self.hardware_relation()?,
            read("hardware_id"),
            conditions.join(" OR ")
        )))
    }

    /// Says why the database cannot do what needs Suitor's own tables.
    pub(super) fn need(&self, table: &str) -> Result<()> {
        if self.has(table) && self.has("suitor_schema") {
            return Ok(());
        }
        Err(Error::input(format!("the database has no table `{table}` of Suitor's")).help("`suitor create-schema` adds what is missing"))
    }
}

/// Rows with a content hash for those that have none, from everything that scoring reads.
fn hashed(rows: &str) -> String {
    let content = FIELDS
        .iter()
        .filter(|field| field.role != Role::Origin || ["status", "tested_at"].contains(&field.name))
        .map(|field| field.name)
        .collect::<Vec<_>>()
        .join(", ");
    format!(
        "SELECT * REPLACE (coalesce(content_hash, md5(CAST(ROW({content}) AS VARCHAR))) AS content_hash) FROM (\n{rows}\n) AS rows_read"
    )
}

/// What else is joined to result rows.
#[derive(Default)]
struct Beside {
    extra: bool,
    batch_latency: bool,
    batch_memory: bool,
    power: bool,
}

fn guarded(field: &Field, value: &str) -> String {
    match field.role {
        Role::Metric => format!("CASE WHEN {value} > 0 AND {value} < 1e12 THEN {value} END"),
        _ => value.to_owned(),
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

/// Side of the square in a shape: two equal numbers next to each other at its end, a number of channels after them or not.
fn square(shape: &str) -> String {
    let numbers = format!("regexp_extract_all({shape}, '\\d+')");
    format!(
        "CASE WHEN len({numbers}) >= 3 AND {numbers}[-1] = {numbers}[-2] THEN TRY_CAST({numbers}[-1] AS BIGINT)
         WHEN len({numbers}) >= 3 AND {numbers}[-2] = {numbers}[-3] THEN TRY_CAST({numbers}[-2] AS BIGINT) END"
    )
}

/// Exact mean, so that threads change no bit.
fn mean(value: &str) -> String {
    format!("CAST(sum(CAST({value} AS DECIMAL(38, 12))) / count({value}) AS DOUBLE)")
}

fn batch_join(batches: &Found, key: &str) -> String {
    let positive = |field| {
        let value = batches.read(field, "s", Type::Number).unwrap_or_else(|| "NULL::DOUBLE".to_owned());
        format!("CASE WHEN {value} > 0 AND {value} < 1e12 THEN {value} END")
    };
    let id = batches.read("result_id", "s", Type::Integer).unwrap_or_default();
    format!(
        " LEFT JOIN (SELECT id, {} AS mean, CASE WHEN count(ms) >= 2 THEN median(ms) END AS p50, max(mb) AS memory
          FROM (SELECT {id} AS id, {} AS ms, {} AS mb FROM {} AS s) AS s GROUP BY id) AS b ON b.id = {key}",
        mean("ms"),
        positive("latency_ms"),
        positive("memory_mb"),
        batches.name()
    )
}

fn power_join(power: &Found, key: &str, model: &str, hardware: &str) -> String {
    let read = |field| power.read(field, "s", Type::Integer);
    let watts = power.read("power_watts", "s", Type::Number).unwrap_or_default();
    let same = |id: Option<String>, of: &str, column: &str| match id {
        Some(_) => format!(" AND (p.{column} IS NULL OR p.{column} = {of})"),
        None => String::new(),
    };
    let kept = |id: Option<String>| id.unwrap_or_else(|| "NULL::BIGINT".to_owned());
    format!(
        " LEFT JOIN (SELECT id, min(model) AS model, min(hardware) AS hardware, {} AS watts
          FROM (SELECT {} AS id, {} AS model, {} AS hardware, {watts} AS w FROM {} AS s) AS s WHERE w > 0 AND w < 1e12 GROUP BY id) AS p ON p.id = {key}{}{}",
        mean("w"),
        read("result_id").unwrap_or_default(),
        kept(read("model_id")),
        kept(read("hardware_id")),
        power.name(),
        same(read("model_id"), model, "model"),
        same(read("hardware_id"), hardware, "hardware"),
    )
}

/// The rows of a flat table with `suitor_row`, `suitor_model`, `suitor_hardware`, `suitor_type`.
///
/// Which of `hardware` and `device` is the type and which the name is seen by the words: `cuda` is a type.
fn flat_rows(found: &Found) -> String {
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
