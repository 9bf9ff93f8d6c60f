//! The database: the only module that knows DuckDB.
//!
//! A [`Db`] is one open database. Reading gives the *row relation*, a SELECT with the columns of [`crate::fields::FIELDS`],
//! whatever the tables beneath are called; writing is one transaction each.

mod aliases;
mod base_relation;
mod bases;
mod catalog;
mod copy;
mod doubts;
mod extension;
mod forget;
pub mod landing;
mod layout;
mod list;
mod migrate;
mod names;
mod open;
mod place;
mod rebuild;
mod relation;
mod schema;
mod score;
mod stored;
mod versions;

pub use aliases::{Aliases, SHIPPED as SHIPPED_SETTINGS};
pub use copy::{Copied, Rows};
pub use forget::Forgotten;
pub use list::{Filter, Listing, What};
pub use names::{Hardware, Model};
pub use open::{Access, Db};
pub use schema::SchemaReport;
pub use stored::StoredScore;
pub use versions::{Added, VersionEntry};
