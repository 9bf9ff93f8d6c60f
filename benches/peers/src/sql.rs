//! The query written by hand beside the query that Suitor makes of the rules, in one database, in turns.

use std::time::Instant;

use duckdb::Connection;
use suitor::rules::{RuleRequest, RuleSet};
use suitor::store::Db;

use crate::data::{EXCLUDING, Keyed, RULES};
use crate::hand;
use crate::outcome::{Outcome, Truth};

/// A query, the table that its rows are put into, and how long that took at least.
pub(crate) struct Query {
    /// Also the table's.
    pub(crate) name: &'static str,
    sql: String,
    pub(crate) seconds: f64,
}

/// What Suitor makes of the rules for these pairs: for scores, and with every step.
pub(crate) fn lowered(db: &Db, rules: &RuleSet, request: &RuleRequest) -> [String; 2] {
    [false, true].map(|steps| {
        let query = db.rule_query(rules, "pairs", &["pair_id"], request, steps).expect("the pairs can be read");
        query.expect("the twelve rules are one query")
    })
}

/// Runs each query so many times, one after the other, over and over.
pub(crate) fn run(conn: &Connection, [scores, steps]: [String; 2], runs: usize) -> Vec<Query> {
    let mut queries = [
        ("hand_scores", hand::scores()),
        ("suitor_scores", scores),
        ("hand_steps", hand::steps()),
        ("hand_steps_as_values", hand::steps_as_values()),
        ("suitor_steps", steps),
    ]
    .map(|(name, sql)| Query { name, sql, seconds: f64::INFINITY });
    for _ in 0..runs {
        for Query { name, sql, seconds } in &mut queries {
            let began = Instant::now();
            conn.execute_batch(&format!("CREATE OR REPLACE TEMP TABLE {name} AS {sql}"))
                .unwrap_or_else(|error| panic!("{name}: {error}\n{sql}"));
            *seconds = seconds.min(began.elapsed().as_secs_f64());
        }
    }
    queries.into()
}

/// Panics unless both queries say the same of every pair, and by hand what the interpreter says of the sample, to the letter.
pub(crate) fn check(conn: &Connection, pairs: &[Keyed], truths: &[Truth]) {
    let none = |what: &str, sql: &str| {
        let found: i64 = conn.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{what}: {error}\n{sql}"));
        assert_eq!(found, 0, "{what}");
    };
    none(
        "pairs on which Suitor's scores differ from those by hand",
        "SELECT count(*) FROM hand_scores AS h JOIN suitor_scores AS s USING (pair_id) \
         WHERE s.suspect OR h.why IS DISTINCT FROM s.why OR (h.why IS NULL AND h.final_score IS DISTINCT FROM s.score)",
    );
    none(
        "pairs on which Suitor's steps differ from those by hand",
        "SELECT count(*) FROM hand_steps_as_values AS h JOIN suitor_steps AS s USING (pair_id) \
         WHERE NOT s.suspect AND (h.excluded <> s.excluded OR (h.excluded < 0 AND h.score_12 IS DISTINCT FROM s.score))",
    );
    none(
        "pairs on which the two queries by hand differ",
        "SELECT count(*) FROM hand_steps AS a JOIN hand_scores AS b USING (pair_id) WHERE a.final_score IS DISTINCT FROM b.final_score \
         OR 'excluded by ' || a.excluded_by || ': ' || a.excluded_why IS DISTINCT FROM b.why",
    );
    for table in ["hand_scores", "suitor_scores", "hand_steps", "hand_steps_as_values", "suitor_steps"] {
        none(
            &format!("pairs that are missing in {table}"),
            &format!("SELECT (SELECT count(*) FROM pairs) - (SELECT count(*) FROM {table})"),
        );
    }
    check_lines(conn, pairs, truths);
    let told = |at: usize| format!("delta_{at}, reason_{at}");
    let told: Vec<String> = (1..=RULES).map(told).collect();
    let mut statement = conn
        .prepare(&format!("SELECT excluded_by, excluded_why, {} FROM hand_steps WHERE pair_id = ?", told.join(", ")))
        .expect("a query of one pair");
    // A part of the sample: a look-up a pair.
    let every = (pairs.len() / 1000).max(1);
    for (keyed, truth) in pairs.iter().zip(truths).step_by(every) {
        statement
            .query_row([keyed.key], |row| {
                let by: Option<String> = row.get(0)?;
                let by = by.map(|by| EXCLUDING.iter().find(|(_, id)| *id == by).expect("a rule that excludes").0);
                if let Outcome::Excluded(rule) = truth.outcome {
                    assert_eq!((by, row.get::<_, Option<String>>(1)?), (Some(rule), Some(truth.why.clone())), "{:?}", keyed.pair);
                    return Ok(());
                }
                assert_eq!(by, None, "{:?}", keyed.pair);
                for (at, step) in truth.steps.iter().enumerate() {
                    let (delta, reason): (f64, Option<String>) = (row.get(2 + 2 * at)?, row.get(3 + 2 * at)?);
                    let expected = step.reason.clone().filter(|_| step.fired);
                    assert_eq!((delta.to_bits(), reason), (step.delta.to_bits(), expected), "{} of {:?}", step.rule, keyed.pair);
                }
                Ok(())
            })
            .expect("a pair");
    }
}

/// Panics unless the lines by hand are those that decided by the interpreter.
fn check_lines(conn: &Connection, pairs: &[Keyed], truths: &[Truth]) {
    let adjusting: Vec<usize> = hand::LINES.iter().filter_map(|(hook, _)| hook.parse().ok()).collect();
    let columns: Vec<String> = adjusting.iter().map(|rule| format!("line_{rule}")).collect();
    let mut statement =
        conn.prepare(&format!("SELECT {} FROM hand_steps_as_values WHERE pair_id = ?", columns.join(", "))).expect("a query of one pair");
    for (keyed, truth) in pairs.iter().zip(truths).filter(|(_, truth)| !truth.steps.is_empty()).step_by((pairs.len() / 1000).max(1)) {
        let lines = |row: &duckdb::Row<'_>| (0..adjusting.len()).map(|at| row.get::<_, i64>(at)).collect::<duckdb::Result<Vec<i64>>>();
        let lines = statement.query_row([keyed.key], lines).expect("a pair");
        for (rule, line) in adjusting.iter().zip(lines) {
            let step = &truth.steps[rule - 1];
            let decided = step.source.as_ref().and_then(|source| source.rsplit(':').next());
            assert_eq!(decided, Some(line.to_string().as_str()), "{} of {:?}", step.rule, keyed.pair);
        }
    }
}

/// Final score and why there is none, of every pair in the order of the keys.
pub(crate) fn scores(conn: &Connection) -> Vec<(Option<f64>, Option<String>)> {
    let mut statement = conn.prepare("SELECT final_score, why FROM hand_scores ORDER BY pair_id").expect("a query");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("the scores are read");
    rows.collect::<duckdb::Result<_>>().expect("a score")
}
