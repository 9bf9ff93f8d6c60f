//! The database: the only module that knows DuckDB.
//!
//! A [`Db`] is one open database. Reading gives the *row relation*, a SELECT with the columns of [`crate::fields::FIELDS`],
//! whatever the tables beneath are called; writing is one transaction each.

mod aliases;
mod base_relation;
mod bases;
mod catalog;
mod contexts;
mod copy;
mod doubts;
mod extension;
mod failure;
mod forget;
mod freeze;
mod keys;
pub mod landing;
mod layout;
mod list;
mod migrate;
mod names;
mod narrow;
mod open;
mod overview;
mod place;
mod rebuild;
mod relation;
mod ruled;
mod rules;
mod schema;
mod score;
mod stored;
mod versions;

pub use aliases::{SHIPPED as SHIPPED_SETTINGS, SchemaNames};
pub(crate) use aliases::{check_settings, is_column, schema_words};
pub use copy::{Copied, Rows};
pub use failure::{DAMAGED, MEND};
pub use forget::Forgotten;
pub use list::{Filter, Listing, What};
pub use names::{Hardware, Model};
pub(crate) use open::refuse_path;
pub use open::{Access, Db};
pub use ruled::{RULED, Ruled};
pub use rules::Judged;
pub use schema::SchemaReport;
pub use stored::{Replaced, StoredScore};
pub use versions::{Added, VersionEntry};
