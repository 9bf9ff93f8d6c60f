//! The schema of config/import/*.toml.

use serde_json::{Value, json};

use super::build::{about, boolean, fields, list, number, open_table, root, table, text, texts};
use crate::fields::Role;

/// A mapping of one format.
pub(super) fn mapping() -> Value {
    let condition = table(
        &[
            ("column", text("the column, key or JSON pointer")),
            ("is", texts("its text is one of these")),
            ("not", texts("its text is none of these")),
            ("matches", text("its text fits the regular expression")),
            ("present", boolean("whether it has a value at all")),
        ],
        &["column"],
    );
    let conditions = list(&json!({ "$ref": "#/definitions/condition" }), "all of these hold");
    let take = table(
        &[
            (
                "from",
                text("a column; a key or JSON pointer; `^/...` from the root of the document; `@/...` in the companion; `path:GROUP`"),
            ),
            ("value", json!({ "description": "a constant" })),
            ("product", texts("the product of these columns")),
            ("join", texts("these columns, with blanks between them")),
            ("minus", texts("the first of these minus the second")),
            ("when", conditions.clone()),
            ("null_if", texts("texts that mean that there is no value")),
            ("matches", text("the part of the text that fits: the first group, or all of it")),
            ("map", about(open_table(&[], &json!({ "type": "string" })), "texts by others; what is not listed stays")),
            ("lower", boolean("make letters small")),
            ("divide_by", text("the column by which to divide")),
            ("scale", number(None, None, "the factor to multiply by")),
            ("reciprocal", number(None, None, "the value becomes this divided by it")),
            ("unit", text("the column that says the unit")),
            ("units", about(open_table(&[], &json!({ "type": "number" })), "factors by unit")),
        ],
        &[],
    );
    let spec = json!({ "anyOf": [
        { "type": "string" },
        { "$ref": "#/definitions/take" },
        { "type": "array", "items": { "anyOf": [{ "type": "string" }, { "$ref": "#/definitions/take" }] } }
    ] });
    let one = json!({ "$ref": "#/definitions/spec" });
    let by_field = open_table(&fields(&[Role::Model, Role::Hardware, Role::Workload, Role::Point, Role::Metric, Role::Origin]), &one);
    let detect = table(
        &[
            ("columns", texts("columns of a CSV header")),
            ("keys", texts("keys of the document, or of its first record")),
            ("without", texts("keys that it must not have")),
            ("contains", text("a text near its beginning")),
        ],
        &[],
    );
    let refuse =
        table(&[("when", conditions.clone()), ("reason", text("what to say; {COLUMN} stands for its value"))], &["when", "reason"]);
    let companion = table(
        &[
            ("format", text("its format")),
            ("files", texts("names to look for from the file's folder; `*` stands for anything, `{group}` for a group of `path`")),
        ],
        &["format", "files"],
    );
    let row = table(&[("when", conditions), ("fields", about(by_field.clone(), "its fields, beside those of every row"))], &["fields"]);
    let mut schema = root(
        "Suitor: config/import/*.toml",
        "How files of one format become benchmark rows",
        table(
            &[
                ("format", text("the format's name, for --as")),
                ("title", text("what it is, in a few words")),
                ("readers", list(&json!({ "enum": ["csv", "json", "key-value", "mllog"] }), "how files of it are read")),
                ("detect", list(&detect, "how a file of it is recognised: one of these must hold, all of what it says")),
                ("path", texts("regular expressions over the file's path, whose named groups fields may take; the first that fits")),
                ("companion", about(companion, "a file beside the imported one that says more")),
                ("records", text("where the records are in a JSON document (a JSON pointer)")),
                ("describes", boolean("the file describes something and has no results of its own")),
                ("metadata", boolean("whether columns that no field takes are kept")),
                ("ignore", texts("columns that are known and not kept")),
                ("refuse", list(&refuse, "records that cannot be used, each with the reason")),
                ("warn", list(&refuse, "records that land with a warning")),
                ("key", about(one.clone(), "what identifies a record in its source; never a line number")),
                ("fields", about(by_field, "fields of every row")),
                ("row", list(&row, "rows that a record gives; one row with `fields` when there are none")),
            ],
            &["format", "title", "readers"],
        ),
    );
    schema["definitions"] = json!({ "condition": condition, "take": take, "spec": spec });
    schema
}
