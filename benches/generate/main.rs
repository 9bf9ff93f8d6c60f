//! Makes a benchmark database: `cargo run --release --example generate -- FILE ROWS [SEED]`.

#![expect(clippy::expect_used, reason = "a benchmark that cannot go on fails there")]

#[path = "mod.rs"]
mod generate;

use std::path::Path;

use generate::{Shape, database};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().expect("FILE ROWS [SEED]");
    let rows = arguments.next().and_then(|rows| rows.replace('_', "").parse().ok()).expect("ROWS is a whole number");
    let seed = arguments.next().map_or(1, |seed| seed.parse().expect("SEED is a whole number"));
    database(Path::new(&file), Shape { seed, ..Shape::of(rows) });
}
