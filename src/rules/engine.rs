//! The engine that scripts run in: its limits, and what it leaves out (eval, imports, output, clock, randomness).

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use rhai::packages::{
    ArithmeticPackage, BasicArrayPackage, BasicFnPackage, BasicIteratorPackage, BasicMapPackage, BasicMathPackage, BasicStringPackage,
    LogicPackage, MoreStringPackage, Package,
};
use rhai::{Dynamic, Engine, FuncRegistration, Module, OptimizationLevel, RhaiNativeFunc, Variant};

use super::bounded;
use super::fields::{Field, FieldValue, PAIR, REQUEST};
use super::limits::Limits;
use super::observe;
use super::operators;
use super::records::{Pair, RuleRequest};
use super::rule::Param;

const MAX_EXPRESSION_DEPTH: usize = 64;
const MAX_FUNCTIONS: usize = 200;

/// The name of the function that notes which result a hook took. The checker lets no script call a name with `__`.
pub(crate) const MARK: &str = "__mark";

thread_local! {
    static LINE: Cell<usize> = const { Cell::new(0) };
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Begins an evaluation on this thread.
pub(crate) fn begin(line: usize) {
    LINE.set(line);
    DEADLINE.set(None);
}

/// The line of the last result that was marked on this thread.
pub(crate) fn marked() -> usize {
    LINE.get()
}

/// The values of a record by the position of their field, and which of them were read.
#[derive(Debug)]
pub(crate) struct Values {
    values: Vec<Dynamic>,
    reads: Option<Mutex<Vec<usize>>>,
}

impl Values {
    /// Takes the values out of a record; `watch` notes which are read.
    pub(crate) fn of<R>(fields: &[Field<R>], record: &R, watch: bool) -> Self {
        let values = fields.iter().map(|field| dynamic((field.get)(record))).collect();
        Self { values, reads: watch.then(Mutex::default) }
    }

    fn read(&self, at: usize) -> Dynamic {
        if let Some(Ok(mut reads)) = self.reads.as_ref().map(Mutex::lock)
            && !reads.contains(&at)
        {
            reads.push(at);
        }
        self.values.get(at).cloned().unwrap_or(Dynamic::UNIT)
    }

    /// Position and value of the fields read, in the order of reading.
    pub(crate) fn seen(&self) -> Vec<(usize, Dynamic)> {
        let reads = self.reads.as_ref().and_then(|reads| reads.lock().ok().map(|reads| reads.clone())).unwrap_or_default();
        reads.into_iter().filter_map(|at| Some((at, self.values.get(at)?.clone()))).collect()
    }
}

fn dynamic(value: FieldValue<'_>) -> Dynamic {
    match value {
        FieldValue::Missing => Dynamic::UNIT,
        FieldValue::Integer(integer) => integer.into(),
        FieldValue::Number(number) => number.into(),
        FieldValue::Text(text) => text.into(),
        FieldValue::Boolean(boolean) => boolean.into(),
    }
}

/// `pair` in a script.
#[derive(Clone, Debug)]
pub(crate) struct PairRecord(pub(crate) Arc<Values>);

/// `request` in a script.
#[derive(Clone, Debug)]
pub(crate) struct RequestRecord(pub(crate) Arc<Values>);

/// `params` in a script.
#[derive(Clone, Debug)]
pub(crate) struct ParamsRecord;

impl PairRecord {
    /// Makes the record that scripts read.
    pub(crate) fn new(pair: &Pair, watch: bool) -> Self {
        Self(Arc::new(Values::of(PAIR, pair, watch)))
    }
}

impl RequestRecord {
    /// Makes the record that scripts read.
    pub(crate) fn new(request: &RuleRequest, watch: bool) -> Self {
        Self(Arc::new(Values::of(REQUEST, request, watch)))
    }
}

/// Makes the engine of one rule.
#[must_use]
pub(crate) fn engine(params: &BTreeMap<String, Param>, limits: &Limits) -> Engine {
    let mut engine = Engine::new_raw();
    engine.register_global_module(functions());
    // What is registered later is found first.
    engine.register_global_module(own());
    bounded::register(&mut engine, limits);
    #[cfg(test)]
    engine.register_fn("panics_in_tests", || panic!("as the test asked"));
    limit(&mut engine, limits);
    engine.register_type_with_name::<PairRecord>("pair").register_type_with_name::<RequestRecord>("request");
    engine.register_type_with_name::<ParamsRecord>("params");
    for (name, param) in params {
        let value = param_value(param);
        engine.register_get(name, move |_: &mut ParamsRecord| value.clone());
    }
    let params = Dynamic::from(ParamsRecord);
    #[expect(deprecated, reason = "the crate marks it volatile, not deprecated; its version is pinned")]
    engine.on_var(move |name, _, _| Ok((name == "params").then(|| params.clone())));
    engine
}

/// What Suitor adds to the language, the same for every rule: made once, since a set has an engine for each of its rules.
#[derive(Default)]
pub(crate) struct Own(Module);

impl Own {
    pub(crate) fn register_fn<A: 'static, const N: usize, const X: bool, R: Variant + Clone, const F: bool>(
        &mut self,
        name: &str,
        function: impl RhaiNativeFunc<A, N, X, R, F> + Send + Sync + 'static,
    ) -> &mut Self {
        FuncRegistration::new(name).in_global_namespace().set_into_module(&mut self.0, function);
        self
    }
}

fn own() -> rhai::Shared<Module> {
    static OWN: std::sync::LazyLock<rhai::Shared<Module>> = std::sync::LazyLock::new(|| {
        let mut own = Own::default();
        operators::register(&mut own);
        for (at, field) in PAIR.iter().enumerate() {
            FuncRegistration::new_getter(field.name).set_into_module(&mut own.0, move |pair: &mut PairRecord| pair.0.read(at));
        }
        for (at, field) in REQUEST.iter().enumerate() {
            FuncRegistration::new_getter(field.name).set_into_module(&mut own.0, move |request: &mut RequestRecord| request.0.read(at));
        }
        own.register_fn(observe::IF, observe::note_if).register_fn(observe::LEAF, observe::note_leaf);
        own.register_fn(observe::SWITCH, observe::note_arm);
        own.register_fn(MARK, |line: i64| LINE.set(usize::try_from(line).unwrap_or(0)));
        own.0.into()
    });
    std::sync::Arc::clone(&OWN)
}

/// Constants of the script, read as `global::NAME`.
pub(crate) fn register_constants(engine: &mut Engine, constants: Module) {
    engine.register_static_module("global", constants.into());
}

rhai::def_package! {
    /// What scripts may call, in one module: functions are looked up anew in every evaluation.
    ///
    /// The core of the language's own packages is left out (`sleep`, `exit`, `parse_json`), and so is time.
    Functions(_module): ArithmeticPackage, BasicStringPackage, BasicIteratorPackage, BasicFnPackage, LogicPackage, BasicMathPackage,
        BasicArrayPackage, BasicMapPackage, MoreStringPackage
    {}
}

fn functions() -> rhai::Shared<Module> {
    static FUNCTIONS: std::sync::LazyLock<Functions> = std::sync::LazyLock::new(Functions::new);
    FUNCTIONS.as_shared_module()
}

fn limit(engine: &mut Engine, limits: &Limits) {
    let time = limits.time();
    engine
        .set_optimization_level(OptimizationLevel::None)
        .set_max_operations(limits.operations)
        .set_max_call_levels(limits.call_levels)
        .set_max_expr_depths(MAX_EXPRESSION_DEPTH, MAX_EXPRESSION_DEPTH)
        .set_max_variables(limits.variables)
        .set_max_functions(MAX_FUNCTIONS)
        .set_max_modules(0)
        .set_max_string_size(limits.string)
        .set_max_array_size(limits.list)
        .set_max_map_size(limits.map)
        .set_strict_variables(true)
        .set_fail_on_invalid_map_property(true)
        .set_fast_operators(false)
        .disable_symbol("eval")
        .disable_symbol("import")
        .disable_symbol("export")
        // A closure that holds itself doubles with every step, and no limit counts what closures hold.
        .disable_symbol("curry")
        .on_print(|_| {})
        .on_debug(|_, _, _| {});
    engine.on_progress(move |operations| {
        if operations % 256 != 0 {
            return None;
        }
        let now = Instant::now();
        match DEADLINE.get() {
            None => {
                DEADLINE.set(Some(now + time));
                None
            }
            Some(deadline) => (now > deadline).then_some(Dynamic::UNIT),
        }
    });
}

/// The value of a parameter in a script.
pub(crate) fn param_value(param: &Param) -> Dynamic {
    match param {
        Param::Integer(integer) => (*integer).into(),
        Param::Number(number) => (*number).into(),
        Param::Boolean(boolean) => (*boolean).into(),
        Param::Text(text) => text.into(),
        Param::List(items) => items.iter().map(param_value).collect::<rhai::Array>().into(),
    }
}
