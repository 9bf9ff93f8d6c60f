//! `item in list`, where the list is known.

use super::state::State;
use super::texts::Texts;
use super::value::{Other, Place, Value};

/// The ways on from `item in list`, and whether it holds there.
pub(super) fn membership(state: &State, list: &[Value], item: &Value) -> Vec<(State, bool)> {
    if list.is_empty() {
        return vec![(state.clone(), false)];
    }
    let texts: Option<Vec<&str>> = list.iter().map(|one| one.texts.as_ref().and_then(Texts::one).filter(|_| one.is_one())).collect();
    let simple = item.other == Other::No && item.number().is_none() && !item.yes && !item.no;
    let Some(listed) = texts.filter(|_| simple).and_then(Texts::of) else {
        return [true, false].map(|holds| (inexact(state), holds)).into();
    };
    let within = item.texts.as_ref().and_then(|texts| texts.meet(&listed));
    let without = Value { texts: item.texts.as_ref().and_then(|texts| texts.minus(&listed)), ..item.plain() };
    // The missing value is in no list of texts.
    let outcomes = [(Value { texts: within, ..Value::default() }, true), (without, false)];
    let both = outcomes.iter().all(|(value, _)| !value.is_empty());
    let told = matches!(item.place, Some(Place::Field(_)));
    let mut ways = Vec::new();
    for (value, holds) in outcomes {
        let mut state = state.clone();
        state.exact &= !both || told;
        if !value.is_empty() && state.narrow(item.place, &value) {
            ways.push((state, holds));
        }
    }
    ways
}

fn inexact(state: &State) -> State {
    State { exact: false, ..state.clone() }
}
