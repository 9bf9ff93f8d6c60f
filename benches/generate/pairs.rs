//! Pairs as rules read them, as many as wanted, and rule sets of any size: the twelve of the benchmarks are the six that ship and the six
//! of benches/rules.

use suitor::rules::{RuleRequest, RuleSet};

/// The scripts of benches/rules, in their order.
const FURTHER: [(&str, &str); 6] = [
    ("few_results", include_str!("../rules/few_results.rhai")),
    ("large_systems", include_str!("../rules/large_systems.rhai")),
    ("first_token", include_str!("../rules/first_token.rhai")),
    ("energy", include_str!("../rules/energy.rhai")),
    ("consumer_cards", include_str!("../rules/consumer_cards.rhai")),
    ("narrow_coverage", include_str!("../rules/narrow_coverage.rhai")),
];
/// The scripts that ship, in their order.
const SHIPPED: [(&str, &str); 6] = [
    ("memory_fit", include_str!("../../rules/memory_fit.rhai")),
    ("web_mobile_limits", include_str!("../../rules/web_mobile_limits.rhai")),
    ("precision_support", include_str!("../../rules/precision_support.rhai")),
    ("scatter", include_str!("../../rules/scatter.rhai")),
    ("stale", include_str!("../../rules/stale.rhai")),
    ("failed_runs", include_str!("../../rules/failed_runs.rhai")),
];

/// A rule set of so many rules: the twelve in their order, over again under further names.
pub(crate) fn rules(count: usize) -> RuleSet {
    let tables = [include_str!("../../config/rules.toml"), include_str!("../rules/further.toml")];
    let tables: Vec<toml::Table> = tables.iter().map(|text| text.parse().expect("a list of rules")).collect();
    let listed: Vec<&toml::Value> = tables.iter().flat_map(|table| table["rule"].as_array().expect("[[rule]]")).collect();
    let scripts: Vec<(&str, &str)> = SHIPPED.iter().chain(&FURTHER).copied().collect();
    assert_eq!((listed.len(), scripts.len()), (12, 12));
    let mut list = String::new();
    let mut files = vec![("config/scoring.toml".to_owned(), include_str!("../../config/scoring.toml").to_owned())];
    for at in 0..count {
        let (name, text) = scripts[at % 12];
        let mut entry = listed[at % 12].as_table().expect("a table").clone();
        assert_eq!(entry["script"].as_str(), Some(name), "rules are listed in the order of their scripts");
        let name = if at < 12 { name.to_owned() } else { format!("{name}_{}", at / 12) };
        entry.insert("script".to_owned(), name.clone().into());
        let whole: toml::Table = [("rule".to_owned(), toml::Value::Array(vec![entry.into()]))].into_iter().collect();
        list += &whole.to_string();
        files.push((format!("rules/{name}.rhai"), text.to_owned()));
    }
    files.push(("config/rules.toml".to_owned(), list));
    RuleSet::compile(&files).unwrap_or_else(|errors| panic!("{}", errors.render()))
}

/// The question that the pairs are judged for.
pub(crate) fn request() -> RuleRequest {
    RuleRequest { task: Some("inference".to_owned()), profile: "documented".to_owned(), as_of: Some(20_500), ..RuleRequest::default() }
}

/// A SELECT in parentheses of so many pairs: `model_id`, `hardware_id`, every field that a rule reads, `suitability`. The same each time.
pub(crate) fn relation(pairs: u64) -> String {
    // One number is hashed: the hash of two is that of the first, turned by the second, so that all fields would hang together.
    let u = |k: u32| format!("((hash(i * 64 + {k}) >> 11)::DOUBLE / 9007199254740992::DOUBLE)");
    let one_of = |k: u32, values: &[&str]| {
        let listed = values.iter().map(|value| if *value == "NULL" { "NULL".to_owned() } else { format!("'{value}'") }).collect::<Vec<_>>();
        format!("([{}])[1 + floor({} * {})::BIGINT]::VARCHAR", listed.join(", "), values.len(), u(k))
    };
    let known = |k: u32, share: f64, value: String| format!("(CASE WHEN {} < {share} THEN {value} END)", u(k));
    let fields: Vec<(&str, String)> = vec![
        ("model", "('model ' || (i // 100))".to_owned()),
        ("model_family", one_of(1, &["vision", "resnet", "llama", "qwen", "text_generation", "audio", "multimodal", "NULL"])),
        ("parameters_million", known(2, 0.95, format!("round(exp(2.5 + 9 * {} ** 2), 1)", u(3)))),
        ("hardware", "(hardware_name || CASE WHEN device_count = 1 THEN '' ELSE ' x' || device_count END)".to_owned()),
        ("hardware_name", String::new()),
        ("hardware_type", one_of(4, &["cuda", "cuda", "cuda", "rocm", "cpu", "tpu", "mps", "openvino", "webgpu", "webnn"])),
        ("device_count", String::new()),
        ("device_memory_mb", known(6, 0.9, format!("([16000, 24000, 40000, 80000, 141000])[1 + floor(5 * {})::BIGINT]::DOUBLE", u(7)))),
        ("batch_size", known(8, 0.97, format!("([1, 8, 32, 128])[1 + floor(4 * {})::BIGINT]::BIGINT", u(9)))),
        ("precision", one_of(10, &["fp16", "fp16", "bf16", "fp32", "int8", "fp8", "NULL"])),
        ("framework", one_of(11, &["pytorch 2.4", "tensorrt 10", "NULL"])),
        ("scenario", one_of(12, &["Offline", "Server", "NULL"])),
        ("throughput", known(13, 0.94, format!("round(10 + 5000 * {}, 3)", u(14)))),
        ("latency_ms", known(15, 0.85, format!("round(1 + 900 * {} ** 3, 3)", u(16)))),
        ("ttft_ms", known(17, 0.3, format!("round(5 + 2500 * {} ** 2, 3)", u(18)))),
        ("tpot_ms", known(17, 0.3, format!("round(1 + 90 * {}, 3)", u(19)))),
        ("memory_peak_mb", known(20, 0.6, format!("round(500 + 200000 * {} ** 3, 1)", u(21)))),
        ("energy_j_per_item", known(22, 0.1, format!("round(8 * {} ** 2, 5)", u(23)))),
        ("results", format!("(1 + floor(8 * {} ** 2))::BIGINT", u(24))),
        ("failed_results", format!("floor(1.2 * {})::BIGINT", u(25))),
        ("spread", known(26, 0.5, format!("(0.2 * {} ** 3)", u(27)))),
        ("age_days", known(28, 0.99, format!("floor(1200 * {})::BIGINT", u(29)))),
        ("provenance", one_of(30, &["measured", "measured", "measured", "measured", "simulated", "estimated"])),
        ("uncontested", format!("({} < 0.1)", u(31))),
        ("coverage", format!("(floor(10 * {}) / 10)", u(32))),
        ("compatibility", format!("round({}, 12)", u(33))),
        ("confidence", format!("round(0.84 + 0.16 * {}, 12)", u(34))),
    ];
    let listed = fields.iter().map(|(name, value)| if value.is_empty() { (*name).to_owned() } else { format!("{value} AS {name}") });
    format!(
        "(SELECT model_id, hardware_id, {}, round(round({}, 12) * round(0.84 + 0.16 * {}, 12), 12) AS suitability FROM (
            SELECT i, (1 + i // 100)::BIGINT AS model_id, (1 + i % 100)::BIGINT AS hardware_id, {} AS hardware_name,
              ([1, 1, 2, 4, 8])[1 + floor(5 * {})::BIGINT]::BIGINT AS device_count FROM range({pairs}) AS r(i)))",
        listed.collect::<Vec<_>>().join(", "),
        u(33),
        u(34),
        one_of(
            40,
            &[
                "NVIDIA H100 SXM 80GB",
                "NVIDIA A100 PCIe 40GB",
                "NVIDIA GeForce RTX 4090",
                "NVIDIA GeForce RTX 3090",
                "NVIDIA T4",
                "AMD Instinct MI300X",
                "AMD Radeon RX 7900 XTX",
                "Intel Xeon 6980P"
            ]
        ),
        u(5),
    )
}
