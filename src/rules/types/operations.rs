//! What operators and functions make of which types: the engine is asked, with sample values of each type.

use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{LazyLock, Mutex, PoisonError};

use rhai::{Array, Dynamic, Engine, Map, Scope};

use super::value::{Kinds, Value};
use crate::rules::Limits;
use crate::rules::engine::{self, PairRecord, ParamsRecord, RequestRecord};
use crate::rules::records::{Pair, RuleRequest};
use crate::rules::run;

/// What is done with values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Operation {
    /// An operator before one value or between two.
    Sign(String),
    /// `a += b`: the new value of `a`.
    Assign(String),
    /// A function.
    Call(String),
    /// `a.name`
    Property(String),
    /// `a[b]`
    Index,
}

impl Operation {
    /// The text that does it to `a`, `b`, `c`, ...
    fn text(&self, count: usize) -> String {
        let names = &NAMES[..count.min(NAMES.len())];
        match self {
            Self::Sign(sign) if count == 1 => format!("{sign}a"),
            Self::Sign(sign) => format!("a {sign} b"),
            Self::Assign(sign) => format!("a {sign}= b; a"),
            Self::Call(name) => format!("{name}({})", names.join(", ")),
            Self::Property(name) => format!("a.{name}"),
            Self::Index => "a[b]".to_owned(),
        }
    }
}

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// Answers that were given, and the engine that gives them.
struct Asked {
    engine: Engine,
    /// Functions whose result may be anything.
    open_ended: BTreeSet<String>,
    /// Functions with the numbers of arguments that they take.
    arities: BTreeSet<(String, usize)>,
    known: Mutex<HashMap<(Operation, Vec<Kinds>), Kinds>>,
}

static ASKED: LazyLock<Asked> = LazyLock::new(|| {
    let engine = engine::engine(&std::collections::BTreeMap::new(), &Limits::default());
    let listed = engine.collect_fn_metadata(
        None,
        |info| Some((info.metadata.name.to_string(), info.metadata.num_params, info.metadata.return_type.to_string())),
        true,
    );
    let arities = listed.iter().map(|(name, count, _)| (name.clone(), *count)).collect();
    let open = |result: &String| result.is_empty() || result.contains("Dynamic");
    let open_ended = listed.into_iter().filter(|(.., result)| open(result)).map(|(name, ..)| name).collect();
    Asked { engine, open_ended, arities, known: Mutex::default() }
});

/// Whether the language has a function of that name for so many arguments.
pub(super) fn takes(name: &str, count: usize) -> bool {
    ASKED.arities.contains(&(name.to_owned(), count))
}

/// The types that the result may have; none when it fails for every combination of the types.
pub(super) fn ask(operation: &Operation, values: &[&Value]) -> Kinds {
    if values.len() > NAMES.len() || values.is_empty() {
        return Kinds::ANY;
    }
    // What may be anything may also be what fits, unless the others never do.
    let sets: Vec<Kinds> = values.iter().map(|value| if value.kinds.has(Kinds::OTHER) { Kinds::ANY } else { value.kinds }).collect();
    if sets.contains(&Kinds::ANY) || sets.contains(&Kinds::NONE) {
        return Kinds::ANY;
    }
    let mut result = Kinds::NONE;
    for kinds in combinations(&sets) {
        result = result.or(of_kinds(operation, &kinds));
    }
    result
}

fn combinations(sets: &[Kinds]) -> Vec<Vec<Kinds>> {
    sets.iter().fold(vec![Vec::new()], |all, set| {
        all.iter().flat_map(|before| set.each().map(move |kind| before.iter().copied().chain([kind]).collect())).collect()
    })
}

/// The type of the result for values of these types; none when it fails.
fn of_kinds(operation: &Operation, kinds: &[Kinds]) -> Kinds {
    let key = (operation.clone(), kinds.to_vec());
    if let Some(known) = ASKED.known.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return *known;
    }
    let answer = try_samples(operation, kinds);
    ASKED.known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, answer);
    answer
}

fn try_samples(operation: &Operation, kinds: &[Kinds]) -> Kinds {
    let mut picks: Vec<Vec<Dynamic>> = vec![Vec::new()];
    for kind in kinds {
        let samples = samples(*kind);
        picks = samples
            .iter()
            .flat_map(|sample| picks.iter().map(move |pick| pick.iter().cloned().chain([sample.clone()]).collect()))
            .collect();
    }
    let holds_any = kinds.first().is_some_and(|first| first.has(Kinds::LIST.or(Kinds::MAP)));
    let open = match operation {
        Operation::Sign(sign) => sign == "??" || (holds_any && sign == "+"),
        Operation::Assign(_) | Operation::Property(_) => false,
        Operation::Index => holds_any,
        Operation::Call(name) => ASKED.open_ended.contains(name),
    };
    for pick in picks {
        if let Ok(value) = evaluate(operation, &pick) {
            return if open { Kinds::ANY } else { Kinds::of(&value) };
        }
    }
    Kinds::NONE
}

/// Values of a type, so chosen that what works for any value of it works for one of these.
fn samples(kind: Kinds) -> Vec<Dynamic> {
    match kind {
        Kinds::INTEGER => vec![1.into(), 0.into(), 2.into(), 10.into()],
        Kinds::NUMBER => vec![0.5.into(), 1.0.into(), 2.0.into()],
        Kinds::TEXT => vec!["1".into(), "ab".into()],
        Kinds::CHAR => vec!['1'.into()],
        Kinds::BOOLEAN => vec![true.into()],
        Kinds::MISSING => vec![Dynamic::UNIT],
        Kinds::LIST => vec![
            Array::new().into(),
            vec![Dynamic::from(1), 2.into()].into(),
            vec![Dynamic::from("a"), "b".into()].into(),
            vec![Dynamic::from(0.5), 1.5.into()].into(),
            vec![Dynamic::TRUE].into(),
        ],
        Kinds::MAP => vec![Map::new().into(), Map::from([("a".into(), 1.into())]).into()],
        Kinds::RANGE => vec![(0_i64..3).into(), (0_i64..=3).into()],
        Kinds::PAIR => vec![Dynamic::from(PairRecord::new(&Pair::default(), false))],
        Kinds::REQUEST => vec![Dynamic::from(RequestRecord::new(&RuleRequest::default(), false))],
        Kinds::PARAMS => vec![Dynamic::from(ParamsRecord)],
        _ => Vec::new(),
    }
}

/// What the operation makes of values, or why it fails.
pub(super) fn evaluate(operation: &Operation, values: &[Dynamic]) -> Result<Dynamic, String> {
    let mut scope = Scope::new();
    for (name, value) in NAMES.iter().zip(values) {
        scope.push_dynamic(*name, value.clone());
    }
    engine::begin(0);
    let engine = &ASKED.engine;
    let ast = engine.compile_with_scope(&scope, operation.text(values.len())).map_err(|error| error.to_string())?;
    let outcome = catch_unwind(AssertUnwindSafe(|| engine.eval_ast_with_scope::<Dynamic>(&mut scope, &ast)));
    outcome.map_err(|_| "the script engine breaks down".to_owned())?.map_err(|error| run::words(error.unwrap_inner(), &Limits::default()).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Functions that can only be given what no sample is: a function pointer, a byte array, a type of their own.
    fn beyond(types: &[std::any::TypeId]) -> bool {
        let known = |id: &std::any::TypeId| {
            use std::any::TypeId;
            let ids = [
                TypeId::of::<i64>(),
                TypeId::of::<f64>(),
                TypeId::of::<rhai::ImmutableString>(),
                TypeId::of::<&str>(),
                TypeId::of::<String>(),
                TypeId::of::<char>(),
                TypeId::of::<bool>(),
                TypeId::of::<()>(),
                TypeId::of::<Array>(),
                TypeId::of::<Map>(),
            ];
            ids.contains(id)
        };
        !types.iter().all(known)
    }

    #[test]
    fn samples_are_such_that_every_function_works_on_some_of_its_types() {
        let engine = &ASKED.engine;
        let listed = engine.collect_fn_metadata(
            None,
            |info| Some((info.metadata.name.to_string(), info.metadata.param_types.to_vec(), info.metadata.return_type.to_string())),
            true,
        );
        let mut dead = Vec::new();
        for (name, types, result) in listed {
            let callable = name.starts_with(|c: char| c.is_alphabetic()) && !name.contains('$') && name != "eval";
            // What only ever raises is registered to say so.
            if !callable || types.is_empty() || types.len() > NAMES.len() || beyond(&types) || result == "!" {
                continue;
            }
            let kinds: Vec<Kinds> = types.iter().map(|id| kind_of(*id)).collect();
            if of_kinds(&Operation::Call(name.clone()), &kinds).is_none() {
                dead.push(format!("{name} {kinds:?} -> {result}"));
            }
        }
        assert!(dead.is_empty(), "{dead:#?}");
    }

    fn kind_of(id: std::any::TypeId) -> Kinds {
        use std::any::TypeId;
        match id {
            id if id == TypeId::of::<i64>() => Kinds::INTEGER,
            id if id == TypeId::of::<f64>() => Kinds::NUMBER,
            id if id == TypeId::of::<char>() => Kinds::CHAR,
            id if id == TypeId::of::<bool>() => Kinds::BOOLEAN,
            id if id == TypeId::of::<()>() => Kinds::MISSING,
            id if id == TypeId::of::<Array>() => Kinds::LIST,
            id if id == TypeId::of::<Map>() => Kinds::MAP,
            _ => Kinds::TEXT,
        }
    }

    #[test]
    fn the_engine_says_what_fits() {
        let sign = |sign: &str, a: Kinds, b: Kinds| ask(&Operation::Sign(sign.to_owned()), &[&Value::of(a), &Value::of(b)]);
        assert_eq!(sign("+", Kinds::INTEGER, Kinds::NUMBER), Kinds::NUMBER);
        assert_eq!(sign("+", Kinds::INTEGER.or(Kinds::TEXT), Kinds::INTEGER), Kinds::INTEGER.or(Kinds::TEXT));
        assert_eq!(sign("<", Kinds::INTEGER, Kinds::TEXT), Kinds::NONE);
        assert_eq!(sign("<", Kinds::NUMBER.or(Kinds::MISSING), Kinds::INTEGER), Kinds::BOOLEAN);
        assert_eq!(sign("==", Kinds::TEXT, Kinds::MISSING), Kinds::BOOLEAN);
        assert_eq!(sign("==", Kinds::TEXT, Kinds::NUMBER), Kinds::NONE);
        assert_eq!(sign("*", Kinds::PAIR, Kinds::NUMBER), Kinds::NONE);
    }
}
