//! The same catalogue by the SQL that a person would write: a process of its own, and whether both processes say the same.

use std::path::Path;

use duckdb::{AccessMode, Config, Connection, Row};

/// One query over the tables of a generated database.
const SQL: &str = include_str!("by_hand.sql");
/// How far two numbers may be apart, relatively: the query takes plain averages where the scores rest on exact sums.
const CLOSE: f64 = 1e-9;

/// The query as a person writes it first, or with means of operating points that are exact, as Suitor promises them: the same bits whatever the
/// order of the rows. Its spreads and its means over cells still hang on that order.
#[derive(Clone, Copy)]
pub(crate) enum Means {
    Plain,
    Exact,
}

/// The exact mean as a function of the query's session.
const EXACT: &str = "CREATE TEMP MACRO exact(x) AS
  CASE WHEN avg((x * 1e18::DOUBLE)::HUGEINT) / 1e18::DOUBLE <= min(x) * (1 + 1e-15::DOUBLE) + 1e-18::DOUBLE THEN min(x)
    ELSE avg((x * 1e18::DOUBLE)::HUGEINT) / 1e18::DOUBLE END";

impl Means {
    fn sql(self) -> String {
        let (means, rest) = SQL.split_once("stddev_samp").expect("means come before spreads");
        match self {
            Self::Plain => SQL.to_owned(),
            Self::Exact => format!("{}stddev_samp{rest}", means.replace("avg(", "exact(")),
        }
    }
}

/// Runs the query and prints its rows as CSV.
pub(crate) fn print(database: &Path, threads: i64, limit: &str, means: Means) {
    let config = Config::default().threads(threads).and_then(|config| config.max_memory(limit));
    let config = config.and_then(|config| config.access_mode(AccessMode::ReadOnly)).expect("settings that DuckDB knows");
    let conn = Connection::open_with_flags(database, config).expect("the database opens");
    conn.execute_batch(EXACT).expect("a function");
    let mut statement = conn.prepare(&means.sql()).unwrap_or_else(|error| panic!("by_hand.sql: {error}"));
    let mut rows = statement.query([]).unwrap_or_else(|error| panic!("by_hand.sql: {error}"));
    let mut out = csv::Writer::from_writer(std::io::BufWriter::new(std::io::stdout().lock()));
    out.write_record(COLUMNS).expect("it prints");
    while let Some(row) = rows.next().expect("a further row") {
        out.write_record(printed(row).expect("columns of the types of by_hand.sql")).expect("it prints");
    }
    out.flush().expect("it prints");
}

/// The columns of `calculate-scores --format csv`, and what it stores beside them.
const COLUMNS: [&str; 15] = [
    "model",
    "hardware",
    "compatibility_score",
    "suitability_score",
    "final_score",
    "confidence",
    "results",
    "recommended_batch_size",
    "recommended_precision",
    "memory_requirement",
    "provenance",
    "notes",
    "rank",
    "components",
    "data_fingerprint",
];

fn printed(row: &Row<'_>) -> duckdb::Result<[String; 15]> {
    let text = |at| row.get::<_, Option<String>>(at).map(Option::unwrap_or_default);
    let whole = |at| row.get::<_, Option<i64>>(at).map(|value| value.map(|value| value.to_string()).unwrap_or_default());
    let number = |at| row.get::<_, Option<f64>>(at).map(|value| value.map(|value| value.to_string()).unwrap_or_default());
    Ok([
        text(0)?,
        text(1)?,
        number(2)?,
        number(3)?,
        number(4)?,
        number(5)?,
        whole(6)?,
        whole(7)?,
        text(8)?,
        number(9)?,
        text(10)?,
        text(11)?,
        whole(12)?,
        text(13)?,
        text(14)?,
    ])
}

/// Compares what the two processes printed, pair by pair in the order of the ranks: how many pairs there are.
///
/// # Panics
/// Anything differs: another pair at a place of the ranking, a text, a whole number, or a number by more than [`CLOSE`].
pub(crate) fn compare(suitor: &Path, by_hand: &Path) -> usize {
    let read = |path: &Path| -> Vec<csv::StringRecord> {
        let rows = csv::Reader::from_path(path).expect("what a process printed").into_records();
        rows.collect::<Result<_, _>>().expect("CSV")
    };
    let (ours, theirs) = (read(suitor), read(by_hand));
    assert_eq!(ours.len(), theirs.len(), "pairs of calculate-scores, and of by_hand.sql");
    let (mut model, mut place) = (String::new(), 0_u64);
    for (ours, theirs) in ours.iter().zip(&theirs) {
        if ours[0] != *model {
            (model, place) = (ours[0].to_owned(), 0);
        }
        place += 1;
        for (column, name) in COLUMNS[..12].iter().enumerate() {
            let (our, their) = (&ours[column], &theirs[column]);
            let close = |our: f64, their: f64| (our - their).abs() <= CLOSE * our.abs();
            let alike = our == their || matches!((our.parse(), their.parse()), (Ok(our), Ok(their)) if close(our, their));
            assert!(alike, "{name} of {ours:?} at place {place}: by_hand.sql says {theirs:?}");
        }
        // A pair has a rank when it has a score.
        let rank = if ours[4].is_empty() { String::new() } else { place.to_string() };
        assert_eq!(rank, theirs[12], "rank of {ours:?}");
    }
    ours.len()
}
