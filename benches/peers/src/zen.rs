//! The twelve rules in GoRules Zen: one expression node, compiled once.
//!
//! <https://docs.gorules.io/developers/overview/performance>: compile a decision once and evaluate it many times; decision tables and
//! expression nodes are the quick ones, function nodes (JavaScript) the slow ones. One node rather than twelve spares the passing from node
//! to node. <https://docs.gorules.io/developers/sdks/rust>: `Decision::evaluate` in an asynchronous runtime.

use serde_json::{Value, json};
use suitor::rules::Pair;
use zen_engine::model::GraphContent;
use zen_engine::{Decision, Variable};
use zen_expression::variable::VariableMap;

use crate::data::{Keyed, RULES};
use crate::outcome::Outcome;

/// Key and expression, in their order; `$` is what the node has made so far. Numbers are decimals. `null` where a rule does not fire.
const EXPRESSIONS: &[(&str, &str)] = &[
    ("capacity", "device_memory_mb != null ? device_memory_mb * device_count : null"),
    ("format", "precision ?? 'unknown'"),
    (
        "need",
        "parameters_million != null ? parameters_million * ($.format in ['int4', 'uint4', 'fp4', 'nvfp4', 'mxfp4', '4bit', 'q4_0', 'q4_k_m', 'q4_k_s'] ? 0.5 \
         : $.format in ['int8', 'uint8', 'fp8', 'mxfp8', '8bit', 'q8_0'] ? 1 : $.format == 'fp32' ? 4 : 2) * 1.2 : null",
    ),
    (
        "advised",
        "model_family in ['text_generation', 'llama', 'mistral', 'mixtral', 'qwen', 'gemma', 'phi', 'gpt', 'falcon', 'deepseek'] \
           ? (hardware_type == 'mps' ? 1 : hardware_type in ['openvino', 'webnn', 'webgpu'] ? 0 : 2) \
         : model_family in ['vision', 'resnet', 'vit', 'convnext', 'swin'] ? (hardware_type in ['webnn', 'webgpu'] ? 1 : 2) \
         : model_family in ['audio', 'whisper', 'wav2vec'] ? (hardware_type in ['mps', 'openvino'] ? 1 : hardware_type in ['webnn', 'webgpu'] ? 0 : 2) \
         : model_family in ['multimodal', 'llava', 'clip', 'blip'] ? (hardware_type in ['mps', 'openvino', 'webnn', 'webgpu'] ? 0 : 2) : 2",
    ),
    (
        "beyond",
        "provenance != 'measured' and model_family != null and parameters_million != null \
         and (parameters_million >= 10000 ? 2 : parameters_million >= 1000 ? 1 : 0) > $.advised",
    ),
    ("consumer", "startsWith(hardware_name, 'NVIDIA GeForce') or startsWith(hardware_name, 'AMD Radeon')"),
    (
        "excluded",
        "provenance != 'measured' and $.capacity != null and (memory_peak_mb ?? $.need) != null and (memory_peak_mb ?? $.need) > $.capacity ? 0 \
         : $.beyond and hardware_type in ['webnn', 'webgpu'] ? 1 : $.consumer and device_count > 4 ? 10 : null",
    ),
    (
        "score1",
        "$.excluded != null ? null : provenance == 'measured' and memory_peak_mb != null and $.capacity != null \
         and max([0, 1 - memory_peak_mb / $.capacity]) < 0.1 ? round(suitability * 0.95, 12) : suitability",
    ),
    ("score2", "$.excluded != null ? null : $.beyond ? round($.score1 * 0.5, 12) : $.score1"),
    (
        "lacks",
        "precision == null ? false : hardware_type in ['cpu', 'mps', 'openvino', 'webgpu', 'webnn'] ? precision in ['fp4', 'nvfp4', 'mxfp4', 'fp8', 'mxfp8'] \
         : hardware_type != 'cuda' ? false \
         : precision in ['fp4', 'nvfp4', 'mxfp4'] ? not some(['Blackwell', 'B100', 'B200', 'B300', 'GB200', 'GB300', 'RTX 5050', 'RTX 5060', 'RTX 5070', 'RTX 5080', 'RTX 5090', 'Thor', 'DGX Spark', 'GB10'], contains(hardware_name, #)) \
         : precision in ['fp8', 'mxfp8'] ? some(['A100', 'A10', 'A16', 'A2', 'A30', 'A40', 'A800', 'A4000', 'A5000', 'A6000', 'RTX 2060', 'RTX 2070', 'RTX 2080', 'RTX 3050', 'RTX 3060', 'RTX 3070', 'RTX 3080', 'RTX 3090', 'GTX', 'T4', 'V100', 'P100', 'Titan', 'Orin'], contains(hardware_name, #)) \
         : precision == 'bf16' ? some(['RTX 2060', 'RTX 2070', 'RTX 2080', 'GTX', 'T4', 'V100', 'P100', 'Titan'], contains(hardware_name, #)) : false",
    ),
    ("score3", "$.excluded != null ? null : $.lacks ? round($.score2 * (provenance == 'measured' ? 0.97 : 0.7), 12) : $.score2"),
    ("score4", "$.excluded != null ? null : spread != null and results >= 2 and spread > 0.105 ? round($.score3 * 0.9, 12) : $.score3"),
    (
        "score5",
        "$.excluded != null ? null : age_days != null and age_days > 365 ? round($.score4 * (1 - min([0.3, 0.1 * ((age_days - 365) / 365)])), 12) : $.score4",
    ),
    (
        "score6",
        "$.excluded != null ? null : failed_results != 0 ? round($.score5 * (1 - failed_results / (results + failed_results) * 0.5), 12) : $.score5",
    ),
    ("score7", "$.excluded != null ? null : results < 3 ? round($.score6 * (1 - 0.05 * (3 - results)), 12) : $.score6"),
    (
        "score8",
        "$.excluded != null ? null : device_count != 1 ? round($.score7 * (device_count == 2 ? 0.99 : device_count == 4 ? 0.98 : 0.96), 12) : $.score7",
    ),
    ("wait", "ttft_ms ?? latency_ms"),
    (
        "score9",
        "$.excluded != null ? null : $.wait != null and $.wait > 200 ? round($.score8 * (1 - 0.2 * min([1, ($.wait - 200) / 2000])), 12) : $.score8",
    ),
    (
        "score10",
        "$.excluded != null ? null : energy_j_per_item != null and energy_j_per_item > 0.5 ? round($.score9 * (energy_j_per_item > 5 ? 0.9 : 0.97), 12) : $.score9",
    ),
    (
        "score11",
        "$.excluded != null ? null : $.consumer and parameters_million != null and parameters_million >= 1000 ? round($.score10 * 0.93, 12) : $.score10",
    ),
    ("narrow", "0.8 + (1 - 0.8) * coverage / 0.5"),
    (
        "score12",
        "$.excluded != null ? null : not uncontested and coverage < 0.5 ? round($.score11 * (confidence > 0.95 ? $.narrow + (1 - $.narrow) / 2 : $.narrow), 12) : $.score11",
    ),
];

/// A decision of input, expressions and output, compiled.
pub(crate) fn decision() -> Decision {
    let expressions = EXPRESSIONS.iter().map(|(key, value)| json!({ "id": key, "key": key, "value": value }));
    let graph = json!({
        "nodes": [
            { "id": "in", "type": "inputNode", "name": "pair" },
            { "id": "rules", "type": "expressionNode", "name": "rules", "content": { "expressions": expressions.collect::<Vec<_>>(), "passThrough": false } },
            { "id": "out", "type": "outputNode", "name": "scores" }
        ],
        "edges": [
            { "id": "first", "type": "edge", "sourceId": "in", "targetId": "rules" },
            { "id": "second", "type": "edge", "sourceId": "rules", "targetId": "out" }
        ]
    });
    let content: GraphContent = serde_json::from_value(graph).expect("a graph");
    let mut decision = Decision::from(content);
    decision.validate().expect("a sound graph");
    decision.compile();
    decision
}

/// Evaluates the decision on each pair.
pub(crate) fn run(decision: &Decision, pairs: &[Keyed]) -> Vec<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let mut outcomes = Vec::with_capacity(pairs.len());
        for keyed in pairs {
            let response = decision.evaluate(input(&keyed.pair, keyed.suitability)).await.expect("the decision is made");
            outcomes.push(outcome(&response.result));
        }
        outcomes
    })
}

fn input(pair: &Pair, suitability: f64) -> Variable {
    let mut fields = VariableMap::with_capacity(24);
    let mut add = |key: &str, value: Variable| fields.insert(Variable::key(key), value);
    let text = |value: &str| Variable::String(value.into());
    let number = |value: f64| Variable::from(Value::from(value));
    let whole = |value: i64| Variable::from(Value::from(value));
    let texts = |value: &Option<String>| value.as_deref().map_or(Variable::Null, text);
    let numbers = |value: Option<f64>| value.map_or(Variable::Null, number);
    add("suitability", number(suitability));
    add("model_family", texts(&pair.model_family));
    add("parameters_million", numbers(pair.parameters_million));
    add("hardware_name", text(&pair.hardware_name));
    add("hardware_type", text(&pair.hardware_type));
    add("device_count", whole(pair.device_count));
    add("device_memory_mb", numbers(pair.device_memory_mb));
    add("precision", texts(&pair.precision));
    add("latency_ms", numbers(pair.latency_ms));
    add("ttft_ms", numbers(pair.ttft_ms));
    add("memory_peak_mb", numbers(pair.memory_peak_mb));
    add("energy_j_per_item", numbers(pair.energy_j_per_item));
    add("results", whole(pair.results));
    add("failed_results", whole(pair.failed_results));
    add("spread", numbers(pair.spread));
    add("age_days", pair.age_days.map_or(Variable::Null, whole));
    add("provenance", text(&pair.provenance));
    add("uncontested", Variable::Bool(pair.uncontested));
    add("coverage", number(pair.coverage));
    add("confidence", number(pair.confidence));
    Variable::from_object(fields)
}

fn outcome(result: &Variable) -> Outcome {
    let number = |key: &str| result.dot(key).and_then(|value| value.to_value().as_f64());
    match number("excluded") {
        Some(rule) => Outcome::Excluded(rule as usize),
        None => Outcome::Scores(std::array::from_fn::<f64, RULES, _>(|at| number(&format!("score{}", at + 1)).expect("a score"))),
    }
}
