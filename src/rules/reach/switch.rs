//! Goes through a `switch`: arms with a literal first, then those with a range, then the one for all others.

use rhai::{BinaryExpr, Expr, Position, SwitchCasesCollection};

use super::labels::{self, Label};
use super::range::Range;
use super::state::State;
use super::texts::Texts;
use super::value::{Other, Place, Value};
use super::walk::{Walk, Walked, Ways, few};

/// Goes through a `switch`.
pub(super) fn walk<'a>(
    walk: &mut Walk<'a>,
    on: &'a Expr,
    cases: &'a SwitchCasesCollection,
    position: Position,
    state: State,
) -> Walked<Ways> {
    let ways = walk.expression(on, state)?;
    let read = if matches!(on, Expr::Stmt(_)) { None } else { labels::read(walk.file, cases, position) };
    let Some(arms) = read else { return any_arm(walk, cases, ways) };
    for (_, value) in &ways {
        walk.notes.switches_at(position, on, &arms, cases, value);
    }
    let mut open = ways;
    let mut taken: Vec<(usize, State)> = Vec::new();
    let ranged = |label: &Label| matches!(label, Label::Integers(..));
    for ranges in [false, true] {
        for (at, arm) in arms.iter().enumerate() {
            let labels: Vec<&Label> = arm.labels.iter().filter(|label| ranged(label) == ranges).collect();
            if labels.is_empty() {
                continue;
            }
            let mut left = Vec::new();
            for (state, value) in open {
                let (fits, rest) = split(&state, &value, &labels);
                for (state, value) in fits {
                    for (state, holds) in walk.condition(&cases.expressions[at].lhs, state)? {
                        if holds {
                            taken.push((at, state));
                        } else {
                            left.push((state, value.clone()));
                        }
                    }
                }
                left.extend(rest);
            }
            open = few(left);
        }
    }
    let mut ways = Vec::new();
    match cases.def_case {
        Some(at) => taken.extend(open.into_iter().map(|(state, _)| (at, state))),
        None => ways.extend(open.into_iter().map(|(state, _)| (state, Value::missing()))),
    }
    for (at, state) in taken {
        walk.notes.takes_arm(position, at);
        let result = &cases.expressions[at].rhs;
        let mut taken = walk.expression(result, state)?;
        if !matches!(result, Expr::Stmt(_)) {
            for (state, _) in &mut taken {
                state.from = result.start_position();
            }
        }
        ways.extend(taken);
    }
    Ok(few(ways))
}

/// Any arm may be taken, or none.
fn any_arm<'a>(walk: &mut Walk<'a>, cases: &'a SwitchCasesCollection, ways: Ways) -> Walked<Ways> {
    let mut all = Vec::new();
    for (mut state, _) in ways {
        state.exact = false;
        for BinaryExpr { lhs, rhs } in &cases.expressions {
            for (state, _) in walk.condition(lhs, state.clone())? {
                all.extend(walk.expression(rhs, state)?);
            }
        }
        if cases.def_case.is_none() {
            all.push((state, Value::missing()));
        }
    }
    Ok(few(all))
}

/// The ways on which the value is one of the labels, and those on which it is none.
fn split(state: &State, value: &Value, labels: &[&Label]) -> (Ways, Ways) {
    let vague = labels.contains(&&Label::Unknown) || value.other != Other::No;
    if vague {
        let state = State { exact: false, ..state.clone() };
        return (vec![(state.clone(), value.clone())], vec![(state, value.clone())]);
    }
    let texts = Texts::of(labels.iter().filter_map(|label| if let Label::Text(text) = label { Some(text) } else { None }));
    let mut named = Value { texts, ..Value::default() };
    let mut numbers: Vec<Range<i64>> = Vec::new();
    let mut floats = false;
    for label in labels {
        match label {
            Label::Truth(truth) => named = named.join(&Value::truth(*truth)),
            Label::Missing => named.missing = true,
            Label::Integer(integer) => numbers.push(Range::one(*integer)),
            Label::Integers(from, to) => {
                numbers.extend(Range::new(*from, *to));
                // A number may be in a range of integers.
                floats |= value.floats.is_some();
            }
            Label::Text(_) | Label::Unknown => {}
        }
    }
    let mut fits = vec![value.meet(&named)];
    fits.extend(numbers.iter().map(|range| value.meet(&Value::ints(*range))));
    if floats {
        fits.push(Value { floats: value.floats, place: value.place, ..Value::default() });
    }
    fits.retain(|fit| !fit.is_empty());
    let mut rest = value.minus(&named);
    let mut exact = !floats;
    for range in numbers {
        let inner = rest.ints.is_some_and(|all| range.lo > all.lo && range.hi < all.hi);
        exact &= !inner;
        rest.ints = rest.ints.and_then(|all| all.minus(range));
    }
    let both = fits.len() + usize::from(!rest.is_empty()) > 1;
    let told = matches!(value.place, Some(Place::Field(_)));
    let go = |value: Value, exact: bool| {
        let mut state = state.clone();
        state.exact &= !both || told && exact;
        state.narrow(value.place, &value).then_some((state, value))
    };
    (
        fits.into_iter().filter_map(|fit| go(fit, !floats)).collect(),
        if rest.is_empty() { Vec::new() } else { go(rest, exact).into_iter().collect() },
    )
}
