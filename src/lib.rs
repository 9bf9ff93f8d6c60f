//! Suitor ranks the hardware that suits a machine-learning model, by rules that people can read, edit and test.
//!
//! The way of the data, through [`import`], [`store`], [`scoring`], [`rules`] and [`recommend`]:
//! benchmark rows -> cells -> operating points -> component scores -> compatibility -> confidence -> rules -> rank -> present.

pub mod check;
mod columns;
pub mod compare;
pub mod diff;
mod digits;
pub mod editor;
pub mod error;
pub mod fields;
pub mod import;
mod integration;
pub mod recommend;
pub mod rules;
pub mod scenario;
pub mod scoring;
pub mod stability;
pub mod statistics;
pub mod store;
mod text_file;
pub mod trend;
pub mod versions;
pub mod watch;

pub mod cli;

pub use error::{Error, Result};
pub use integration::ModelRegistryIntegration;
