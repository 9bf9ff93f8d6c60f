//! Runs rules inside the database.

use std::ops::ControlFlow;

use duckdb::types::ValueRef;
use duckdb::{Row, ToSql};

use super::Db;
use super::score::failed;
use crate::rules::fields::{FieldKind, FieldValue, PAIR};
use crate::rules::interpret;
use crate::rules::lower::{Asked, Cell, Compiled, Extents, HookAt, Output, Progress, Reader, SCORE, Segment, lower};
use crate::rules::records::{Pair, RuleRequest, Verdict};
use crate::rules::{Engine, Evaluator, RuleSet};
use crate::scoring::sql::name;
use crate::{Error, Result};

/// The pairs under judgement, by their number `k`.
const PAIRS: &str = "suitor_judged";

/// Pairs from which on a query pays: planning it costs as much as interpreting these. Measured (benches/README.md): a query is lowered and
/// planned in about 13 ms and 2.5 to 3 ms more a rule; a rule is interpreted in 9 us a pair. So the rules that ship break even at 600 pairs,
/// one rule alone at 1,700, a hundred at 270.
pub(super) const WORTH_A_QUERY: usize = 600;

/// What became of the pairs, and how.
#[derive(Debug)]
pub struct Judged {
    /// One a pair.
    pub verdicts: Vec<Verdict>,
    /// Pairs that were interpreted whole: all of them, or those on which a rule might have come to an error.
    pub interpreted: usize,
    /// Hooks that were part of a query, and hooks that were interpreted in their place.
    pub hooks: (usize, usize),
}

impl Db {
    /// Applies the rules to pairs with their suitability, by the engine of the set. The same verdicts as [`Evaluator::judge`] one by one.
    /// `model_of_pair`: `request.model` is the model of each pair.
    ///
    /// # Errors
    /// Those of [`Evaluator::judge`] on the first pair that has one; a query that fails.
    pub fn judge(
        &self,
        rules: &RuleSet,
        pairs: &[(&Pair, f64)],
        request: &RuleRequest,
        model_of_pair: bool,
        strict: bool,
    ) -> Result<Judged> {
        let asked = Asked { request, model_of_pair };
        let compiled = match rules.engine {
            Engine::Auto => pairs.len() >= WORTH_A_QUERY,
            Engine::Interpreted => false,
            Engine::Compiled => true,
        };
        let mut progress: Vec<Progress> = pairs.iter().map(|(_, suitability)| Progress::new(*suitability)).collect();
        let mut hooks = (0, 0);
        if compiled {
            let lowered = lower(rules, asked, &Extents::of_pairs(pairs, rules.limits.string));
            hooks = lowered.hooks();
            for segment in &lowered.segments {
                match segment {
                    Segment::Compiled(compiled) => {
                        if let Err(error) = self.run_compiled(rules, compiled, pairs, &mut progress) {
                            // Who asks for a query is told what became of it; else it is only slower.
                            if rules.engine == Engine::Compiled {
                                return Err(error);
                            }
                            for one in &mut progress {
                                one.suspect = true;
                            }
                            break;
                        }
                    }
                    Segment::Interpreted(hooks) => {
                        let mut own = Own::new(asked);
                        let mut ended = false;
                        for ((pair, _), progress) in pairs.iter().zip(&mut progress) {
                            if ended {
                                progress.suspect = true;
                            } else {
                                ended = run_interpreted(rules, hooks, pair, own.of(pair), strict, progress).is_break();
                            }
                        }
                    }
                }
            }
        } else {
            for one in &mut progress {
                one.suspect = true;
            }
        }
        let evaluator = rules.evaluator();
        let mut own = Own::new(asked);
        let mut judged = Judged { verdicts: Vec::with_capacity(pairs.len()), interpreted: 0, hooks };
        for ((pair, suitability), progress) in pairs.iter().zip(progress) {
            let request = own.of(pair);
            let verdict = if let Some(verdict) = progress.verdict(rules, pair, *suitability, request) {
                verdict
            } else {
                judged.interpreted += 1;
                evaluator.judge(pair, *suitability, request, strict)?
            };
            judged.verdicts.push(verdict);
        }
        Ok(judged)
    }

    fn run_compiled(&self, rules: &RuleSet, compiled: &Compiled, pairs: &[(&Pair, f64)], progress: &mut [Progress]) -> Result<()> {
        self.fill_judged(pairs, progress, &compiled.fields())?;
        let reader = Reader::new(compiled, rules);
        let sql = compiled.sql(PAIRS, &["k".to_owned()], Output::Verdicts, rules.limits.string);
        let count = compiled.roots(Output::Verdicts).len();
        let mut statement = self.conn().prepare(&sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        let mut cells = Vec::with_capacity(count);
        while let Some(row) = rows.next().map_err(failed)? {
            let k = usize::try_from(row.get::<_, i64>(0).map_err(failed)?).unwrap_or(usize::MAX);
            cells.clear();
            for at in 1..=count {
                cells.push(cell(row, at)?);
            }
            if let (Some((pair, _)), Some(progress)) = (pairs.get(k), progress.get_mut(k)) {
                reader.read(&cells, pair, progress);
            }
        }
        Ok(())
    }

    /// Puts the pairs that go on into a table, with the fields that are used.
    fn fill_judged(&self, pairs: &[(&Pair, f64)], progress: &[Progress], used: &[usize]) -> Result<()> {
        let mut columns = vec!["k BIGINT".to_owned(), format!("{} DOUBLE", name(SCORE))];
        columns.extend(used.iter().map(|at| {
            let kind = match PAIR[*at].kind {
                FieldKind::Integer => "BIGINT",
                FieldKind::Number => "DOUBLE",
                FieldKind::Text => "VARCHAR",
                FieldKind::Boolean => "BOOLEAN",
            };
            format!("{} {kind}", name(PAIR[*at].name))
        }));
        self.conn().execute_batch(&format!("CREATE OR REPLACE TEMP TABLE {PAIRS} ({})", columns.join(", "))).map_err(failed)?;
        let mut rows = self.conn().appender(PAIRS).map_err(failed)?;
        for (k, ((pair, _), progress)) in (0_i64..).zip(pairs.iter().zip(progress)) {
            if !progress.goes_on() {
                continue;
            }
            let fields: Vec<Box<dyn ToSql + '_>> = used.iter().map(|at| to_sql((PAIR[*at].get)(pair))).collect();
            let mut values: Vec<&dyn ToSql> = vec![&k, &progress.score];
            values.extend(fields.iter().map(|field| &**field));
            rows.append_row(values.as_slice()).map_err(failed)?;
        }
        rows.flush().map_err(failed)
    }
}

/// The request of each pair.
pub(super) struct Own<'a> {
    asked: Asked<'a>,
    last: Option<RuleRequest>,
}

impl<'a> Own<'a> {
    pub(super) fn new(asked: Asked<'a>) -> Self {
        Self { asked, last: None }
    }

    pub(super) fn of(&mut self, pair: &Pair) -> &RuleRequest {
        if !self.asked.model_of_pair {
            return self.asked.request;
        }
        match &mut self.last {
            Some(last) if last.model == pair.model => {}
            last => *last = Some(RuleRequest { model: pair.model.clone(), ..self.asked.request.clone() }),
        }
        self.last.as_ref().unwrap_or(self.asked.request)
    }
}

/// Runs hooks one after the other, while the pair is in; where one fails, the pair is to be judged whole. Breaks where the command ends with
/// that failure: no pair after this one is of interest.
pub(super) fn run_interpreted(
    rules: &RuleSet,
    hooks: &[HookAt],
    pair: &Pair,
    request: &RuleRequest,
    strict: bool,
    progress: &mut Progress,
) -> ControlFlow<()> {
    for at in hooks {
        if !progress.goes_on() {
            break;
        }
        match interpret::outcome(&rules.rules[at.rule], pair, request, at.adjusts.then_some(progress.score)) {
            None => {}
            Some(Ok(outcome)) => progress.note(*at, outcome),
            Some(Err(failure)) => {
                progress.suspect = true;
                return if failure.ends_command(strict) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
            }
        }
    }
    ControlFlow::Continue(())
}

fn to_sql(value: FieldValue<'_>) -> Box<dyn ToSql + '_> {
    match value {
        FieldValue::Missing => Box::new(None::<i64>),
        FieldValue::Integer(integer) => Box::new(integer),
        FieldValue::Number(number) => Box::new(number),
        FieldValue::Text(text) => Box::new(text),
        FieldValue::Boolean(truth) => Box::new(truth),
    }
}

fn cell(row: &Row<'_>, at: usize) -> Result<Cell> {
    Ok(match row.get_ref(at).map_err(failed)? {
        ValueRef::Null => Cell::Missing,
        ValueRef::Boolean(truth) => Cell::Truth(truth),
        ValueRef::BigInt(integer) => Cell::Integer(integer),
        ValueRef::Double(number) => Cell::Number(number),
        ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
        other => return Err(Error::failed(format!("the rules as a query gave {:?}", other.data_type()))),
    })
}
