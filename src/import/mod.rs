//! Import: benchmark files of many formats, each described by one TOML mapping, become rows of the database.

mod batch;

pub use batch::{Batch, Column, EXTRA, TextColumn, columns};
