//! The database: the only module that knows DuckDB.
//!
//! A [`Db`] is one open database. Reading gives the *row relation*, a SELECT with the columns of [`crate::fields::FIELDS`],
//! whatever the tables beneath are called; writing is one transaction each.

mod aliases;
mod base_relation;
mod bases;
mod catalog;
mod catalogue;
mod contexts;
mod copy;
mod doubts;
mod extension;
mod extents;
mod failure;
mod filled;
mod forget;
mod freeze;
mod keys;
pub mod landing;
mod layout;
mod links;
mod list;
mod migrate;
mod names;
mod narrow;
mod open;
mod overview;
mod place;
mod rebuild;
mod relation;
mod remembered;
mod resources;
mod ruled;
mod rules;
mod schema;
mod score;
mod scored;
mod segments;
mod snapshot_read;
mod snapshots;
mod source;
mod stored;
mod version_alias;
mod versions;

pub use aliases::{SHIPPED as SHIPPED_SETTINGS, SchemaNames};
pub(crate) use aliases::{check_settings, is_column, schema_words};
pub(crate) use catalogue::PairFilter;
pub use copy::{Copied, Rows};
pub use failure::{DAMAGED, MEND};
pub use forget::Forgotten;
pub use links::{Linked, Unlinked, Wanted};
pub use list::{Filter, Listing, What};
pub use names::{Hardware, Model};
pub(crate) use open::refuse_path;
pub use open::{Access, Db, PATIENCE};
pub(crate) use resources::KEYS as DATABASE_KEYS;
pub use resources::{MOST_THREADS, Memory, Resources};
pub use ruled::{RULED, Ruled};
pub use rules::Judged;
pub use schema::SchemaReport;
pub(crate) use score::Part;
pub use scored::Scored;
pub(crate) use snapshots::NewSnapshot;
pub use stored::{Replaced, StoredScore};
pub use version_alias::{LATEST, Moved, Version};
pub use versions::{Added, VersionEntry};
