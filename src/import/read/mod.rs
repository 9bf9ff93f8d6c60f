//! Readers: a file becomes records, and each record goes through the mapping.

mod lines;
mod text;
mod tree;

pub(crate) use lines::csv;
pub(crate) use text::{key_value, mllog};
pub(crate) use tree::json;
