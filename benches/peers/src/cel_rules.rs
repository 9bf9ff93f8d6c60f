//! The twelve rules in CEL: a program a hook, compiled once, over one context whose variables are resolved from the pair at hand.
//!
//! README of `cel`: compile a program once, execute it on a context. Documentation of `cel::context::VariableResolver`: a resolver that hands
//! out prepared values by reference copies nothing on the way. CEL has no variables of its own, so the score goes from program to
//! program outside; it is rounded there too.

use std::sync::Arc;

use cel::common::types::{CelBool, CelDouble, CelInt, CelNull, CelString};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{Context, Env, Program, Value, extensions};

use crate::data::{EXCLUDING, Keyed, RULES};
use crate::outcome::Outcome;

const CONSUMER: &str = "(hardware_name.startsWith('NVIDIA GeForce') || hardware_name.startsWith('AMD Radeon'))";
const CAPACITY: &str = "(device_memory_mb * double(device_count))";
/// Guards come first.
const BEYOND: &str = "(provenance != 'measured' && model_family != null && parameters_million != null \
    && (parameters_million >= 10000.0 ? 2 : parameters_million >= 1000.0 ? 1 : 0) > ( \
      model_family in text_generation ? (hardware_type == 'mps' ? 1 : hardware_type == 'openvino' || hardware_type == 'webnn' || hardware_type == 'webgpu' ? 0 : 2) \
      : model_family in vision ? (hardware_type == 'webnn' || hardware_type == 'webgpu' ? 1 : 2) \
      : model_family in audio ? (hardware_type == 'mps' || hardware_type == 'openvino' ? 1 : hardware_type == 'webnn' || hardware_type == 'webgpu' ? 0 : 2) \
      : model_family in multimodal ? (hardware_type == 'mps' || hardware_type == 'openvino' || hardware_type == 'webnn' || hardware_type == 'webgpu' ? 0 : 2) : 2))";

/// Lists that rules look into: variables of the context, since a list in a program is made anew each time it is met.
const LISTS: [(&str, &[&str]); 11] = [
    ("four_bit", &["int4", "uint4", "fp4", "nvfp4", "mxfp4", "4bit", "q4_0", "q4_k_m", "q4_k_s"]),
    ("eight_bit", &["int8", "uint8", "fp8", "mxfp8", "8bit", "q8_0"]),
    ("four_bit_floats", &["fp4", "nvfp4", "mxfp4"]),
    ("eight_bit_floats", &["fp8", "mxfp8"]),
    ("text_generation", &["text_generation", "llama", "mistral", "mixtral", "qwen", "gemma", "phi", "gpt", "falcon", "deepseek"]),
    ("vision", &["vision", "resnet", "vit", "convnext", "swin"]),
    ("audio", &["audio", "whisper", "wav2vec"]),
    ("multimodal", &["multimodal", "llava", "clip", "blip"]),
    (
        "blackwell",
        &[
            "Blackwell",
            "B100",
            "B200",
            "B300",
            "GB200",
            "GB300",
            "RTX 5050",
            "RTX 5060",
            "RTX 5070",
            "RTX 5080",
            "RTX 5090",
            "Thor",
            "DGX Spark",
            "GB10",
        ],
    ),
    (
        "before_ada",
        &[
            "A100", "A10", "A16", "A2", "A30", "A40", "A800", "A4000", "A5000", "A6000", "RTX 2060", "RTX 2070", "RTX 2080", "RTX 3050",
            "RTX 3060", "RTX 3070", "RTX 3080", "RTX 3090", "GTX", "T4", "V100", "P100", "Titan", "Orin",
        ],
    ),
    ("before_ampere", &["RTX 2060", "RTX 2070", "RTX 2080", "GTX", "T4", "V100", "P100", "Titan"]),
];

fn excludes() -> [String; EXCLUDING.len()] {
    [
        format!(
            "provenance != 'measured' && device_memory_mb != null && (memory_peak_mb != null ? memory_peak_mb > {CAPACITY} : \
             parameters_million != null && parameters_million * (precision in four_bit ? 0.5 : precision in eight_bit ? 1.0 : precision == 'fp32' ? 4.0 : 2.0) * 1.2 > {CAPACITY})"
        ),
        format!("(hardware_type == 'webnn' || hardware_type == 'webgpu') && {BEYOND}"),
        format!("{CONSUMER} && device_count > 4"),
    ]
}

fn adjusts() -> [String; RULES] {
    [
        format!(
            "provenance == 'measured' && memory_peak_mb != null && device_memory_mb != null && math.greatest(0.0, 1.0 - memory_peak_mb / {CAPACITY}) < 0.1 ? score * 0.95 : score"
        ),
        format!("{BEYOND} ? score * 0.5 : score"),
        "precision != null && (hardware_type == 'cpu' || hardware_type == 'mps' || hardware_type == 'openvino' || hardware_type == 'webgpu' || hardware_type == 'webnn' \
           ? precision in four_bit_floats || precision in eight_bit_floats \
           : hardware_type == 'cuda' && (precision in four_bit_floats ? !blackwell.exists(part, hardware_name.contains(part)) \
           : precision in eight_bit_floats ? before_ada.exists(part, hardware_name.contains(part)) \
           : precision == 'bf16' && before_ampere.exists(part, hardware_name.contains(part)))) \
         ? score * (provenance == 'measured' ? 0.97 : 0.7) : score"
            .to_owned(),
        "spread != null && results >= 2 && spread > 0.105 ? score * 0.9 : score".to_owned(),
        "age_days != null && age_days > 365 ? score * (1.0 - math.least(0.3, 0.1 * (double(age_days - 365) / 365.0))) : score".to_owned(),
        "failed_results != 0 ? score * (1.0 - double(failed_results) / double(results + failed_results) * 0.5) : score".to_owned(),
        "results < 3 ? score * (1.0 - 0.05 * double(3 - results)) : score".to_owned(),
        "device_count != 1 ? score * (device_count == 2 ? 0.99 : device_count == 4 ? 0.98 : 0.96) : score".to_owned(),
        "ttft_ms != null ? (ttft_ms > 200.0 ? score * (1.0 - 0.2 * math.least(1.0, (ttft_ms - 200.0) / 2000.0)) : score) \
         : latency_ms != null && latency_ms > 200.0 ? score * (1.0 - 0.2 * math.least(1.0, (latency_ms - 200.0) / 2000.0)) : score"
            .to_owned(),
        "energy_j_per_item != null && energy_j_per_item > 0.5 ? score * (energy_j_per_item > 5.0 ? 0.9 : 0.97) : score".to_owned(),
        format!("{CONSUMER} && parameters_million != null && parameters_million >= 1000.0 ? score * 0.93 : score"),
        "!uncontested && coverage < 0.5 ? score * (confidence > 0.95 ? \
           (0.8 + (1.0 - 0.8) * coverage / 0.5) + (1.0 - (0.8 + (1.0 - 0.8) * coverage / 0.5)) / 2.0 : 0.8 + (1.0 - 0.8) * coverage / 0.5) : score"
            .to_owned(),
    ]
}

/// The programs, and what they are executed with.
pub(crate) struct Rules {
    env: Arc<Env>,
    excludes: Vec<Program>,
    adjusts: Vec<Program>,
}

/// Compiles every hook.
pub(crate) fn compile() -> Rules {
    let mut env = Env::stdlib();
    env.add_extension(extensions::math).expect("the extension is added");
    let env = Arc::new(env);
    let program = |text: &String| env.compile(text).unwrap_or_else(|error| panic!("{text}\n{error}"));
    Rules { excludes: excludes().iter().map(program).collect(), adjusts: adjusts().iter().map(program).collect(), env: Arc::clone(&env) }
}

/// Executes the programs on each pair.
pub(crate) fn run(rules: &Rules, pairs: &[Keyed]) -> Vec<Outcome> {
    let mut shared = Context::with_env(Arc::clone(&rules.env));
    for (name, items) in LISTS {
        shared.add_variable_from_value(name, items.iter().map(|item| Value::from(*item)).collect::<Vec<Value>>());
    }
    pairs.iter().map(|keyed| judge(rules, &shared, keyed)).collect()
}

fn judge(rules: &Rules, shared: &Context<'_, '_>, keyed: &Keyed) -> Outcome {
    let mut row = Row::of(keyed);
    for (program, (rule, _)) in rules.excludes.iter().zip(EXCLUDING) {
        if row.execute(shared, program) == Value::Bool(true) {
            return Outcome::Excluded(rule);
        }
    }
    let mut scores = [0.0; RULES];
    for (program, score) in rules.adjusts.iter().zip(&mut scores) {
        let Value::Float(new) = row.execute(shared, program) else { panic!("a score is a number") };
        *score = (new * 1e12).round() / 1e12;
        row.score = CelDouble::from(*score);
    }
    Outcome::Scores(scores)
}

/// A pair as values of CEL; texts are borrowed.
struct Row<'a> {
    score: CelDouble,
    model_family: Maybe<CelString<'a>>,
    parameters_million: Maybe<CelDouble>,
    hardware_name: CelString<'a>,
    hardware_type: CelString<'a>,
    device_count: CelInt,
    device_memory_mb: Maybe<CelDouble>,
    precision: Maybe<CelString<'a>>,
    latency_ms: Maybe<CelDouble>,
    ttft_ms: Maybe<CelDouble>,
    memory_peak_mb: Maybe<CelDouble>,
    energy_j_per_item: Maybe<CelDouble>,
    results: CelInt,
    failed_results: CelInt,
    spread: Maybe<CelDouble>,
    age_days: Maybe<CelInt>,
    provenance: CelString<'a>,
    uncontested: CelBool,
    coverage: CelDouble,
    confidence: CelDouble,
}

enum Maybe<T> {
    Known(T),
    Missing(CelNull),
}

impl<T> Maybe<T> {
    fn of(value: Option<impl Into<T>>) -> Self {
        value.map_or(Self::Missing(CelNull), |value| Self::Known(value.into()))
    }
}

impl<T: Val> Maybe<T> {
    fn value<'b>(&'b self) -> &'b (dyn Val + 'b) {
        match self {
            Self::Known(value) => value,
            Self::Missing(null) => null,
        }
    }
}

impl<'a> Row<'a> {
    fn of(keyed: &'a Keyed) -> Self {
        let pair = &keyed.pair;
        Self {
            score: keyed.suitability.into(),
            model_family: Maybe::of(pair.model_family.as_deref()),
            parameters_million: Maybe::of(pair.parameters_million),
            hardware_name: pair.hardware_name.as_str().into(),
            hardware_type: pair.hardware_type.as_str().into(),
            device_count: pair.device_count.into(),
            device_memory_mb: Maybe::of(pair.device_memory_mb),
            precision: Maybe::of(pair.precision.as_deref()),
            latency_ms: Maybe::of(pair.latency_ms),
            ttft_ms: Maybe::of(pair.ttft_ms),
            memory_peak_mb: Maybe::of(pair.memory_peak_mb),
            energy_j_per_item: Maybe::of(pair.energy_j_per_item),
            results: pair.results.into(),
            failed_results: pair.failed_results.into(),
            spread: Maybe::of(pair.spread),
            age_days: Maybe::of(pair.age_days),
            provenance: pair.provenance.as_str().into(),
            uncontested: pair.uncontested.into(),
            coverage: pair.coverage.into(),
            confidence: pair.confidence.into(),
        }
    }

    fn execute(&self, shared: &Context<'_, '_>, program: &Program) -> Value {
        let mut scope = shared.new_inner_scope();
        scope.set_variable_resolver(self);
        program.execute(&scope).expect("the program runs")
    }
}

impl VariableResolver for Row<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let value: &dyn Val = match variable {
            "score" => &self.score,
            "model_family" => self.model_family.value(),
            "parameters_million" => self.parameters_million.value(),
            "hardware_name" => &self.hardware_name,
            "hardware_type" => &self.hardware_type,
            "device_count" => &self.device_count,
            "device_memory_mb" => self.device_memory_mb.value(),
            "precision" => self.precision.value(),
            "latency_ms" => self.latency_ms.value(),
            "ttft_ms" => self.ttft_ms.value(),
            "memory_peak_mb" => self.memory_peak_mb.value(),
            "energy_j_per_item" => self.energy_j_per_item.value(),
            "results" => &self.results,
            "failed_results" => &self.failed_results,
            "spread" => self.spread.value(),
            "age_days" => self.age_days.value(),
            "provenance" => &self.provenance,
            "uncontested" => &self.uncontested,
            "coverage" => &self.coverage,
            "confidence" => &self.confidence,
            _ => return None,
        };
        Some(CowVal::Borrowed(value))
    }
}
