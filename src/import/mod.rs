//! Import: benchmark files of many formats, each described by one TOML mapping, become rows of the database.
//!
//! The way of a file: content -> mapping ([`Mappings`]) -> records -> rows ([`Batch`]) or reasons against them -> store.

mod aliases;
mod batch;
mod checks;
mod companion;
mod content;
mod expression;
mod json;
mod mapping;
mod mappings;
mod metadata;
mod names;
mod place;
mod read;
mod record;
mod report;
mod row;
mod run;
mod time;

pub use aliases::{Aliases, SHIPPED as SHIPPED_ALIASES};
pub(crate) use aliases::{check_text as check_aliases, key as alias_key};
pub use batch::{Batch, Column, EXTRA, TextColumn, columns};
pub(crate) use json::Unambiguous;
pub(crate) use mappings::check_text as check_mapping;
pub use mappings::{Mappings, SHIPPED as SHIPPED_MAPPINGS};
pub use report::{FileReport, Merged, Refused, Report};
pub(crate) use row::mappable_fields;
pub use run::{Options, Progress, import};
