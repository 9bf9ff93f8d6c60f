//! The schemas know exactly the keys that the readers of the files know.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::rules::RuleSet;

/// Where in a schema a table is, and a TOML text that has an unknown key there, `zzzzqqqq`.
const SCORING: &[(&str, &str)] = &[
    ("", "zzzzqqqq = 1"),
    ("/properties/confidence", "[confidence]\nzzzzqqqq = 1"),
    ("/properties/component/items", "[[component]]\nzzzzqqqq = 1"),
    ("/properties/component/items/properties/metrics/items", "[[component]]\nname = \"a\"\nweight = 1\nmetrics = [{ zzzzqqqq = 1 }]"),
    ("/properties/tasks/additionalProperties", "[tasks.inference]\nzzzzqqqq = 1"),
    ("/properties/requirements/additionalProperties", "[requirements.fast]\nzzzzqqqq = 1"),
];
const RULES: &[(&str, &str)] = &[
    ("", "zzzzqqqq = 1"),
    ("/properties/rule/items", "[[rule]]\nzzzzqqqq = 1"),
    ("/properties/rule/items/properties/when", "[[rule]]\nwhen = { zzzzqqqq = 1 }"),
];

fn keys(schema: &Value, place: &str) -> BTreeSet<String> {
    let table = schema.pointer(place).unwrap_or_else(|| panic!("{place} is not in the schema"));
    assert_eq!(table["additionalProperties"], Value::Bool(false), "{place} takes any key");
    table["properties"].as_object().unwrap().keys().cloned().collect()
}

/// The names in backticks after `expected one of`.
fn listed(message: &str) -> BTreeSet<String> {
    let list = message.split("expected one of").nth(1).or_else(|| message.split("expected").nth(1)).unwrap_or_else(|| panic!("{message}"));
    list.lines().next().unwrap().split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn schema(name: &str) -> Value {
    schemas().into_iter().find(|(known, _)| *known == name).unwrap().1
}

/// What the reader of a rule set says about an unknown key of one of its files.
fn complaint(file: &str, text: &str) -> String {
    let files: Vec<(&str, &str)> =
        crate::rules::embedded::FILES.iter().map(|(name, shipped)| (*name, if *name == file { text } else { *shipped })).collect();
    let errors = RuleSet::compile(&files).unwrap_err();
    let error = errors.0.iter().find(|error| error.kind.to_string().contains("zzzzqqqq"));
    error.unwrap_or_else(|| panic!("{}", errors.render())).render()
}

#[test]
fn schemas_of_the_rule_set_know_the_keys_that_its_reader_knows() {
    for (name, file, places) in [("scoring", "config/scoring.toml", SCORING), ("rules", "config/rules.toml", RULES)] {
        for (place, text) in places {
            assert_eq!(keys(&schema(name), place), listed(&complaint(file, text)), "{name} {place}");
        }
    }
}

#[test]
fn the_schema_of_mappings_knows_the_keys_that_its_reader_knows() {
    let head = "format = \"f\"\ntitle = \"t\"\nreaders = [\"csv\"]\n";
    let places = [
        ("", "zzzzqqqq = 1".to_owned()),
        ("/properties/detect/items", format!("{head}detect = [{{ zzzzqqqq = 1 }}]")),
        ("/properties/companion", format!("{head}companion = {{ zzzzqqqq = 1 }}")),
        ("/properties/refuse/items", format!("{head}refuse = [{{ zzzzqqqq = 1 }}]")),
        ("/properties/row/items", format!("{head}[[row]]\nzzzzqqqq = 1")),
        ("/definitions/condition", format!("{head}[[row]]\nwhen = [{{ zzzzqqqq = 1 }}]")),
        ("/definitions/take", format!("{head}[fields]\nmodel = {{ zzzzqqqq = 1 }}")),
    ];
    for (place, text) in places {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("import")).unwrap();
        std::fs::write(folder.path().join("import/f.toml"), &text).unwrap();
        let error = crate::import::Mappings::load(folder.path()).unwrap_err().to_string();
        assert_eq!(keys(&schema("mapping"), place), listed(&error), "{place}: {error}");
    }
}

#[test]
fn the_shipped_files_name_schemas_that_hold_of_them() {
    let settings = [
        ("suitor", crate::store::SHIPPED_SETTINGS),
        ("aliases", crate::import::SHIPPED_ALIASES),
        ("scoring", crate::rules::embedded::FILES[0].1),
        ("rules", crate::rules::embedded::FILES[1].1),
    ];
    let mappings = crate::import::SHIPPED_MAPPINGS.iter().map(|(_, text)| ("mapping", *text));
    for (name, text) in settings.into_iter().chain(mappings) {
        let whole = schema(name);
        let value: toml::Value = toml::from_str(text).unwrap();
        let mut faults = Vec::new();
        validate(&serde_json::to_value(&value).unwrap(), &whole, &whole, name, &mut faults);
        assert!(faults.is_empty(), "{name}: {faults:#?}");
        let up = if name == "mapping" { "../" } else { "./" };
        assert!(text.starts_with(&format!("#:schema {up}schema/{name}.json\n")), "{name}: {}", text.lines().next().unwrap());
    }
}

#[test]
fn the_written_schemas_are_current() {
    for (name, schema) in schemas() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(FOLDER).join(format!("{name}.json"));
        if std::env::var_os("SUITOR_ACCEPT").is_some() {
            std::fs::write(&path, text(&schema)).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == text(&schema), "config/schema/{name}.json is not current: `suitor rules schema --write` writes it");
    }
}

#[test]
fn a_schema_refuses_what_the_reader_refuses() {
    let whole = schema("scoring");
    for text in
        ["missing = \"medium\"", "cell_by = [\"scenarioo\"]", "[confidence]\nfloor = 2.0\nfull_at = 5", "[[component]]\nname = \"A\""]
    {
        let value = serde_json::to_value(toml::from_str::<toml::Value>(text).unwrap()).unwrap();
        let mut faults = Vec::new();
        validate(&value, &whole, &whole, "scoring", &mut faults);
        assert!(faults.iter().any(|fault| !fault.contains("is missing")), "{text}: {faults:?}");
    }
}

#[test]
fn definitions_and_vocabulary_hold_every_field() {
    let rules = RuleSet::embedded().unwrap();
    let all = vocabulary(&rules);
    let text = definitions(&rules);
    for entry in &all {
        assert!(text.contains(&format!("fn get {}(", entry.name)), "{entry:?}");
    }
    let count = |record: &str| all.iter().filter(|entry| entry.record == record).count();
    assert_eq!(count("pair"), crate::rules::fields::PAIR.len());
    assert_eq!(count("request"), crate::rules::fields::REQUEST.len());
    assert_eq!(count("weights"), 4);
    let values = |name: &str| all.iter().find(|entry| entry.name == name).unwrap().values.join(" ");
    assert_eq!(
        (values("task"), values("profile"), values("hardware")),
        ("inference training".into(), "documented ratio".into(), String::new())
    );
    assert!(
        values("hardware_type").starts_with("cpu cuda rocm ") && text.contains("/// known values: \"inference\", \"training\"\n"),
        "{text}"
    );
    assert!(text.contains("fn get spread(pair: pair) -> f64?;") && text.contains("fn get results(pair: pair) -> i64;"), "{text}");
}

/// What of a value is not as a schema says: the keywords that these schemas use.
fn validate(value: &Value, schema: &Value, root: &Value, at: &str, faults: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        return validate(value, root.pointer(name.trim_start_matches('#')).unwrap(), root, at, faults);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let fits = any.iter().any(|one| {
            let mut inner = Vec::new();
            validate(value, one, root, at, &mut inner);
            inner.is_empty()
        });
        if !fits {
            faults.push(format!("{at}: {value} fits none"));
        }
        return;
    }
    let is = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        other => panic!("{other}"),
    };
    let kinds: Vec<&str> = match &schema["type"] {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        Value::String(one) => vec![one.as_str()],
        _ => Vec::new(),
    };
    if !kinds.is_empty() && !kinds.iter().any(|kind| is(kind)) {
        faults.push(format!("{at}: {value} is not {kinds:?}"));
    }
    if schema["enum"].as_array().is_some_and(|allowed| !allowed.contains(value)) {
        faults.push(format!("{at}: {value} is none of the words"));
    }
    if let (Some(pattern), Some(text)) = (schema["pattern"].as_str(), value.as_str())
        && !regex::Regex::new(pattern).unwrap().is_match(text)
    {
        faults.push(format!("{at}: {text} does not fit"));
    }
    if let Some(number) = value.as_f64()
        && (schema["minimum"].as_f64().is_some_and(|least| number < least) || schema["maximum"].as_f64().is_some_and(|most| number > most))
    {
        faults.push(format!("{at}: {number} is out of bounds"));
    }
    for (place, item) in value.as_array().into_iter().flatten().enumerate() {
        validate(item, &schema["items"], root, &format!("{at}/{place}"), faults);
    }
    let Some(members) = value.as_object() else { return };
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !members.contains_key(name) {
            faults.push(format!("{at}: `{name}` is missing"));
        }
    }
    for (name, member) in members {
        match (&schema["properties"][name], &schema["additionalProperties"]) {
            (Value::Null, Value::Bool(false)) => faults.push(format!("{at}: `{name}` is unknown")),
            (Value::Null, Value::Object(_)) => validate(member, &schema["additionalProperties"], root, &format!("{at}/{name}"), faults),
            (Value::Null, _) => {}
            (own, _) => validate(member, own, root, &format!("{at}/{name}"), faults),
        }
    }
}
