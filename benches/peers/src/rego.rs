//! The twelve rules in Rego: compiled once into a program of Regorus' virtual machine, which is kept.
//!
//! docs/rvm/vm-runtime.md and benches/rvm_benchmark.rs ("hot") of `regorus`: load a program once, then `set_input` and `execute` for each
//! input. Documentation of `Engine::compile_with_entrypoint`: compile a policy once and evaluate it on many inputs.

use std::collections::BTreeMap;
use std::sync::Arc;

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::program::Program;
use regorus::rvm::vm::RegoVM;
use regorus::{CompiledPolicy, Engine, Rc, Value};

use crate::data::{Keyed, RULES};
use crate::outcome::Outcome;

const RESULT: &str = "data.suitor.result";

/// Parses and compiles the policy.
pub(crate) fn policy() -> CompiledPolicy {
    let mut engine = Engine::new();
    engine.add_policy("rules.rego".to_owned(), include_str!("rules.rego").to_owned()).expect("the policy is sound");
    engine.compile_with_entrypoint(&Rc::from(RESULT)).expect("the policy compiles")
}

/// The policy as a program of the virtual machine.
pub(crate) fn program(policy: &CompiledPolicy) -> Arc<Program> {
    Compiler::compile_from_policy(policy, &[RESULT]).expect("the policy becomes a program")
}

/// Runs the program on each pair, in one virtual machine.
pub(crate) fn run(program: &Arc<Program>, pairs: &[Keyed]) -> Vec<Outcome> {
    let keys = Keys::new();
    let mut machine = RegoVM::new();
    machine.load_program(Arc::clone(program));
    let mut judge = |keyed| {
        machine.set_input(keys.input(keyed));
        outcome(&machine.execute().expect("the program runs"))
    };
    pairs.iter().map(&mut judge).collect()
}

/// Evaluates the compiled policy on each pair by the interpreter of syntax trees.
pub(crate) fn interpret(policy: &CompiledPolicy, pairs: &[Keyed]) -> Vec<Outcome> {
    let keys = Keys::new();
    pairs.iter().map(|keyed| outcome(&policy.eval_with_input(keys.input(keyed)).expect("the policy is evaluated"))).collect()
}

/// Names of fields and common texts, made once: values of Rego are counted references.
struct Keys(BTreeMap<&'static str, Value>);

const FIELDS: [&str; 20] = [
    "suitability",
    "model_family",
    "parameters_million",
    "hardware_name",
    "hardware_type",
    "device_count",
    "device_memory_mb",
    "precision",
    "latency_ms",
    "ttft_ms",
    "memory_peak_mb",
    "energy_j_per_item",
    "results",
    "failed_results",
    "spread",
    "age_days",
    "provenance",
    "uncontested",
    "coverage",
    "confidence",
];

impl Keys {
    fn new() -> Self {
        Self(FIELDS.iter().map(|name| (*name, Value::from(*name))).collect())
    }

    fn input(&self, keyed: &Keyed) -> Value {
        let pair = &keyed.pair;
        let mut fields: BTreeMap<Value, Value> = BTreeMap::new();
        let mut add = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                fields.insert(self.0[name].clone(), value);
            }
        };
        let text = |value: &str| Some(Value::from(value));
        let texts = |value: &Option<String>| value.as_deref().map(Value::from);
        add("suitability", Some(keyed.suitability.into()));
        add("model_family", texts(&pair.model_family));
        add("parameters_million", pair.parameters_million.map(Value::from));
        add("hardware_name", text(&pair.hardware_name));
        add("hardware_type", text(&pair.hardware_type));
        add("device_count", Some(pair.device_count.into()));
        add("device_memory_mb", pair.device_memory_mb.map(Value::from));
        add("precision", texts(&pair.precision));
        add("latency_ms", pair.latency_ms.map(Value::from));
        add("ttft_ms", pair.ttft_ms.map(Value::from));
        add("memory_peak_mb", pair.memory_peak_mb.map(Value::from));
        add("energy_j_per_item", pair.energy_j_per_item.map(Value::from));
        add("results", Some(pair.results.into()));
        add("failed_results", Some(pair.failed_results.into()));
        add("spread", pair.spread.map(Value::from));
        add("age_days", pair.age_days.map(Value::from));
        add("provenance", text(&pair.provenance));
        add("uncontested", Some(pair.uncontested.into()));
        add("coverage", Some(pair.coverage.into()));
        add("confidence", Some(pair.confidence.into()));
        Value::from(fields)
    }
}

fn outcome(result: &Value) -> Outcome {
    if let Ok(rule) = result["excluded"].as_i64() {
        return Outcome::Excluded(usize::try_from(rule).expect("a rule"));
    }
    let scores = &result["scores"];
    Outcome::Scores(std::array::from_fn::<f64, RULES, _>(|at| scores[at].as_f64().expect("a score")))
}
