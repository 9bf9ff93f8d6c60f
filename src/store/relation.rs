//! The row relation: one SELECT with the columns that the planner reads, composed from whatever the tables are called.

use super::Db;
use super::base_relation::{FLAT_IDS, flat_rows, label};
use super::catalog::literal;
use super::layout::{Found, Layout};
use crate::fields::{FIELDS, Field, Role, Type};
use crate::import::EXTRA;
use crate::{Error, Result};

/// Keys of incompatibilities begin above this: their own mean something else.
const INCOMPATIBLE_IDS: &str = "2000000000000";

/// The fields that a result row keeps: all but those of its model and its hardware.
pub(super) fn row_fields() -> impl Iterator<Item = &'static Field> {
    FIELDS.iter().filter(|field| !matches!(field.role, Role::Model | Role::Hardware))
}

/// The columns of `suitor_result_extra` beside its key, `import_id` left out.
pub(super) fn extra_fields() -> impl Iterator<Item = &'static Field> {
    row_fields().chain(EXTRA.iter().filter(|field| field.name != "version_tag"))
}

impl Db {
    /// Returns the text of a SELECT giving `row_id`, `model_id`, `hardware_id`, then the columns of [`FIELDS`] with the
    /// guarantees that are written there.
    ///
    /// # Errors
    /// No benchmark tables (exit code 2).
    pub fn row_relation(&self) -> Result<String> {
        self.relation(None)
    }

    /// As [`Db::row_relation`], with only these of the fields, in the order of [`FIELDS`]: shorter, and planned sooner.
    ///
    /// # Errors
    /// No benchmark tables (exit code 2).
    pub(crate) fn row_relation_of(&self, fields: &[&str]) -> Result<String> {
        self.relation(Some(fields))
    }
}

impl Layout {
    /// The row relation, of all fields or of some.
    pub(super) fn rows(&self, wanted: Option<&[&str]>) -> Result<String> {
        // A hash that is not kept is one of every field.
        let hashes = wanted.is_none_or(|fields| fields.contains(&"content_hash"));
        let of = if hashes { None } else { wanted };
        let finish = |rows: String| match (hashes, wanted) {
            (true, Some(fields)) => format!("SELECT row_id, model_id, hardware_id, {} FROM ({}) AS whole", in_order(fields), hashed(&rows)),
            (true, None) => hashed(&rows),
            (false, _) => rows,
        };
        let mut parts = Vec::new();
        if let Some(results) = &self.results {
            parts.push(if results.own { self.result_rows(results, wanted)? } else { finish(self.result_rows(results, of)?) });
        }
        if let Some(flat) = &self.flat {
            parts.push(finish(self.flat_relation(flat, of)?));
        }
        if parts.is_empty() {
            return Err(self.lacking("performance_results"));
        }
        if let Some(compatibility) = &self.compatibility {
            let tasks = match (&self.results, &self.flat) {
                (Some(results), _) => self.result_rows(results, Some(&["task"]))?,
                (None, Some(flat)) => self.flat_relation(flat, Some(&["task"]))?,
                (None, None) => return Err(self.lacking("performance_results")),
            };
            if let Some(rows) = self.incompatible(compatibility, &tasks, of)? {
                parts.push(finish(rows));
            }
        }
        Ok(parts.join("\nUNION ALL\n"))
    }

    fn result_rows(&self, found: &Found, wanted: Option<&[&str]>) -> Result<String> {
        for (field, base) in [("model_id", self.models_table()?), ("hardware_id", self.hardware_table()?)] {
            if let Some(column) = base.column(field).filter(|column| !column.is_integer()) {
                let lack = format!("keys of type {} in `{}`, and whole numbers are expected", column.kind, column.name);
                return Err(self.refuse(&base.table.name, &lack));
            }
        }
        let key = found.read("result_id", "r", Type::Integer);
        let row_id = key.clone().unwrap_or_else(|| if found.table.view { "row_number() OVER ()" } else { "r.rowid + 1" }.to_owned());
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
            self.columns(found, &about, wanted),
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

    fn flat_relation(&self, found: &Found, wanted: Option<&[&str]>) -> Result<String> {
        Ok(format!(
            "SELECT {FLAT_IDS} + {} AS row_id, m.model_id, h.hardware_id,\n  {}\nFROM ({}) AS r
             JOIN ({}) AS m ON m.model = r.suitor_model AND m.own_id = m.model_id
             JOIN ({}) AS h ON h.hardware_name = r.suitor_hardware AND h.device_count = 1 AND h.own_id = h.hardware_id",
            found.read("result_id", "r", Type::Integer).unwrap_or_else(|| "r.suitor_row + 1".to_owned()),
            self.columns(found, &Beside::default(), wanted),
            flat_rows(found),
            self.model_relation()?,
            self.hardware_relation()?
        ))
    }

    /// The columns of [`FIELDS`] of rows `r` of a table with models `m` and hardware `h`.
    fn columns(&self, found: &Found, about: &Beside, wanted: Option<&[&str]>) -> String {
        let all = fields_of(wanted).map(|field| match field.name {
            "hardware" => format!("{} AS hardware", label("h")),
            name if field.role == Role::Model => format!("m.{name}"),
            name if field.role == Role::Hardware => format!("h.{name}"),
            name => format!("{} AS {name}", self.value(found, field, about)),
        });
        all.collect::<Vec<_>>().join(",\n  ")
    }

    /// A field's value in a row `r`.
    fn value(&self, found: &Found, field: &Field, about: &Beside) -> String {
        if found.own
            && self.bare.contains(field)
            && let Some(raw) = found.raw(field.name, "r")
        {
            return raw;
        }
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
                let word = plain.map(|word| {
                    if self.ok.is_empty() { word } else { format!("CASE WHEN lower({word}) NOT IN ({}) THEN {word} END", among(&self.ok)) }
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
    fn incompatible(&self, found: &Found, rows: &str, wanted: Option<&[&str]>) -> Result<Option<String>> {
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
        let columns = fields_of(wanted).map(|field| {
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

/// The fields asked for, in the order of [`FIELDS`].
fn fields_of<'a>(wanted: Option<&'a [&'a str]>) -> impl Iterator<Item = &'static Field> + 'a {
    FIELDS.iter().filter(move |field| wanted.is_none_or(|wanted| wanted.contains(&field.name)))
}

fn in_order(wanted: &[&str]) -> String {
    fields_of(Some(wanted)).map(|field| field.name).collect::<Vec<_>>().join(", ")
}

/// Rows with a content hash for those that have none, or another kind of one, from everything that scoring reads.
fn hashed(rows: &str) -> String {
    let content = FIELDS
        .iter()
        .filter(|field| field.role != Role::Origin || ["status", "tested_at"].contains(&field.name))
        .map(|field| field.name)
        .collect::<Vec<_>>()
        .join(", ");
    format!(
        "SELECT * REPLACE (coalesce(CASE WHEN regexp_full_match(content_hash, '[0-9a-f]{{32}}') THEN content_hash END, md5(CAST(ROW({content}) AS VARCHAR))) AS content_hash) FROM (\n{rows}\n) AS rows_read"
    )
}

/// What else is joined to result rows.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each says whether one join is there")]
struct Beside {
    extra: bool,
    batch_latency: bool,
    batch_memory: bool,
    power: bool,
}

/// A value without what is no measurement. What this and [`Found::read`] take out is looked for in `bare.rs`.
fn guarded(field: &Field, value: &str) -> String {
    match field.role {
        Role::Metric => format!("CASE WHEN {value} > 0 AND {value} < 1e12 THEN {value} END"),
        _ => value.to_owned(),
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
