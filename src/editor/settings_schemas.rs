//! Schemas of suitor.toml, aliases.toml and scenarios.

use serde_json::{Map, Value, json};

use super::build::{about, boolean, choice, integer, list, number, open_table, root, table, text, texts};
use crate::rules::limits::RANGES;
use crate::store::schema_words;

/// suitor.toml.
pub(super) fn suitor() -> Value {
    let columns = texts("columns, best first; a column may carry a unit, such as \"memory_gb * 1000\"");
    let mut kinds: Vec<(&str, Value)> =
        vec![("ok", texts("words in a status column that mean success")), ("training", texts("values of test_case that mean training"))];
    kinds.extend(schema_words().into_iter().map(|(kind, fields)| {
        let keys: Map<String, Value> = std::iter::once(("tables", texts("names of the table, best first")))
            .chain(fields.into_iter().map(|field| (field, columns.clone())))
            .map(|(name, schema)| (name.to_owned(), schema))
            .collect();
        (kind, json!({ "type": "object", "properties": keys, "additionalProperties": false }))
    }));
    let bound = |least: f64, most: f64| number(Some(least), Some(most), "how much one hook may use up on one pair");
    let limits: Vec<(&str, Value)> = RANGES.iter().map(|(key, least, most)| (*key, bound(*least as f64, *most as f64))).collect();
    let resources = [("threads", integer(1, "threads that work on it")), ("memory_limit", text("memory that it may take, such as 2GiB"))];
    let keys = [
        ("schema", about(table(&kinds, &[]), "names that a benchmark database may use")),
        ("sandbox", about(table(&limits, &[]), "limits of rule scripts")),
        ("database", about(table(&resources, &[]), "how much of the machine a database may use")),
    ];
    root("Suitor: suitor.toml", "Settings of the process", table(&keys, &[]))
}

/// aliases.toml.
pub(super) fn aliases() -> Value {
    let hardware = table(
        &[
            ("name", text("its one name")),
            ("type", text("cuda, rocm, cpu, ...")),
            ("memory_gb", number(Some(0.0), None, "memory of one device by its data sheet, GB")),
            ("aliases", texts("other names of it")),
        ],
        &["name"],
    );
    let model = table(&[("name", text("its one name")), ("aliases", texts("other names of it"))], &["name"]);
    let kind = table(&[("matches", text("a regular expression over the name")), ("type", text("the hardware type"))], &["matches", "type"]);
    root(
        "Suitor: aliases.toml",
        "Names that mean the same hardware or the same model",
        table(
            &[
                ("hardware", list(&hardware, "one piece of hardware with its names")),
                ("model", list(&model, "one model with its names")),
                ("hardware_type", list(&kind, "types of hardware that is not listed, by its name")),
            ],
            &[],
        ),
    )
}

/// tests/scenarios/*.toml.
pub(super) fn scenario() -> Value {
    let several =
        |words: &str| json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }], "description": words });
    let ask = table(
        &[
            ("model", text("the model, by name or id")),
            ("task", text("the task; left out, the only one with rows")),
            ("batch-size", integer(1, "only rows of this batch size")),
            ("precision", text("only rows of this precision")),
            ("scenario", text("only rows of this scenario (Offline, Server, ...)")),
            ("where", several("pins: FIELD=VALUE, or FIELD~TEXT")),
            ("version", text("only rows linked to this model version")),
            ("latency-sensitive", boolean("the requirement latency-sensitive")),
            ("memory-constrained", boolean("the requirement memory-constrained")),
            ("require", several("requirements of scoring.toml")),
            ("limit", several("limits: METRIC<=X")),
            ("only", several("labels, names or types of hardware")),
            ("max-devices", integer(1, "hardware with more devices is left out")),
            ("per-device", boolean("compare by the device")),
            ("profile", choice(&["documented", "ratio"], "how weights are applied")),
            ("as-of", text("the day that ages are counted up to, YYYY-MM-DD")),
            ("strict", boolean("warnings and rules that fail are faults")),
            ("top-k", integer(0, "how many are shown; 0 shows all")),
        ],
        &["model"],
    );
    let expect = table(
        &[
            ("winner", text("the first of the list")),
            ("order", texts("hardware in this order; others may stand between")),
            ("excluded", texts("hardware that a rule or a limit takes out")),
            ("absent", texts("hardware that is neither ranked nor excluded")),
            ("fired", texts("rules that fire on some hardware")),
            ("silent", texts("rules that fire on none")),
            ("decisive", texts("rules without which the order would be another")),
            ("note", several("a text in one of the notes")),
            ("score", about(open_table(&[], &json!({ "type": "number" })), "scores by hardware")),
            ("tolerance", number(Some(0.0), None, "how far a score may be off")),
            ("exit", integer(0, "how `recommend` ends")),
        ],
        &[],
    );
    root(
        "Suitor: tests/scenarios/*.toml",
        "What is asked of which rows, and what must hold of the answer",
        table(
            &[
                ("title", text("what it shows, in a sentence")),
                ("data", several("files of rows")),
                ("rows", text("rows as CSV")),
                ("frozen", boolean("rows are taken as they are, as `suitor test record` writes them")),
                ("ask", about(ask, "recommend's flags by their names")),
                ("expect", about(expect, "what must hold of the answer, beside its snapshot")),
            ],
            &["title", "ask"],
        ),
    )
}
