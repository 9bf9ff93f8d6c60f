//! Schemas of scoring.toml and rules.toml.

use serde_json::{Value, json};

use super::build::{about, boolean, choice, fields, list, number, open_table, root, table, text, texts};
use crate::fields::Role;
use crate::rules::HARDWARE_TYPES;

/// Components and tasks that are shipped: offered as keys, others are allowed.
const COMPONENTS: [&str; 4] = ["throughput", "latency", "memory", "energy"];
/// What a threshold is named for, beside components.
const CHANGES: [&str; 6] = ["compatibility", "suitability", "throughput", "latency", "memory", "energy"];
const TASKS: [&str; 2] = ["inference", "training"];

/// scoring.toml.
pub(super) fn scoring() -> Value {
    let workload: Vec<&str> = fields(&[Role::Workload]).into_iter().filter(|name| *name != "task").collect();
    let weight = number(Some(0.0), None, "only the proportions matter");
    let factors = |words: &str| about(open_table(&COMPONENTS, &weight), words);
    let metric = table(
        &[
            ("field", choice(&fields(&[Role::Metric]), "the metric")),
            ("better", choice(&["higher", "lower"], "which values are better")),
            ("same", list(&json!({ "enum": fields(&[Role::Point]) }), "fields in which two points must agree to be compared by it")),
        ],
        &["field", "better"],
    );
    let component = table(
        &[
            ("name", json!({ "type": "string", "pattern": "^[a-z][a-z0-9_]*$", "description": "its name in tables, JSON and `weights`" })),
            ("weight", number(Some(0.0), None, "base weight; weights are renormalised to sum 1; 0: shown, not counted")),
            ("metrics", list(&metric, "in order of preference: the first that enough of a cell's hardware has is taken")),
        ],
        &["name", "weight", "metrics"],
    );
    let percent = json!({ "type": "number", "exclusiveMinimum": 0, "description": "per cent" });
    let task = table(&[("multiply", factors("factors of the base weights, by component"))], &[]);
    let requirement = table(
        &[
            ("multiply", factors("factors by component, on top of the task's")),
            ("set", factors("weights that replace base x task, so that a component of weight 0 can come in")),
            ("limits", texts("what points must meet, such as \"ttft_ms_p99<=500\"")),
        ],
        &[],
    );
    let fraction = number(Some(0.0), Some(1.0), "suitability, an estimate");
    root(
        "Suitor: scoring.toml",
        "How measured results become scores",
        table(
            &[
                ("cell_by", list(&json!({ "enum": workload }), "fields that two results must agree on to be compared")),
                ("missing", choice(&["median", "share", "zero", "exclude"], "what a component that was not measured counts as")),
                ("profile", choice(&["documented", "ratio"], "weighted arithmetic means, or weighted geometric means")),
                (
                    "confidence",
                    table(
                        &[
                            ("floor", number(Some(0.0), Some(1.0), "confidence of no run at all")),
                            ("full_at", number(Some(1.0), None, "runs from which on confidence is 1")),
                        ],
                        &["floor", "full_at"],
                    ),
                ),
                ("component", list(&component, "components of compatibility, each a score in (0, 1]")),
                ("tasks", about(open_table(&TASKS, &task), "what a task does to the base weights")),
                ("requirements", about(open_table(&[], &requirement), "named requirements: --require NAME")),
                (
                    "priors",
                    about(
                        open_table(&[], &open_table(HARDWARE_TYPES, &fraction)),
                        "where nothing is measured: by family and hardware type",
                    ),
                ),
                ("thresholds", about(open_table(&CHANGES, &percent), "changes between versions that count where noise is not known")),
            ],
            &["cell_by", "missing", "profile", "confidence", "component"],
        ),
    )
}

/// rules.toml.
pub(super) fn rules() -> Value {
    let single = json!({ "type": ["number", "string", "boolean"] });
    let param = json!({ "anyOf": [single, { "type": "array", "items": { "type": ["number", "string", "boolean", "array"] } }] });
    let when = table(
        &[
            ("tasks", texts("tasks that it is for")),
            ("requirements", texts("requirements of which one must be in force")),
            ("hardware_types", texts("hardware types that it is for")),
        ],
        &[],
    );
    let rule = table(
        &[
            ("script", text("the script's file name in rules/, without .rhai")),
            ("title", text("what it does, in a few words")),
            ("source", text("where the knowledge comes from")),
            ("enabled", boolean("false: kept, but without effect")),
            ("when", about(when, "where it applies; left out, everywhere")),
            ("params", about(open_table(&[], &param), "numbers and texts to tune without touching the script: `params.NAME` there")),
        ],
        &["script", "title"],
    );
    root(
        "Suitor: rules.toml",
        "The rules in the order in which they take effect",
        table(&[("rule", list(&rule, "one rule: a script in rules/ with its parameters"))], &[]),
    )
}
