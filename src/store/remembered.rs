//! Answers that a database gave before, kept as long as nothing in it changes.
//!
//! Another process cannot write to a file that is open here, so that only a [`Db`] itself changes its data: whatever takes it as
//! `&mut` to write goes through [`Db::parts`], [`Db::conn_mut`], [`Db::conn_to_store`] or [`Db::land`], and each of them forgets everything.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;

use super::Db;
use super::filled::Filled;

/// How many are kept. An answer takes up to some hundred KB.
const MOST: usize = 32;

/// What was made of the data as it is.
#[derive(Default)]
pub(super) struct Remembered {
    /// What was answered, by everything that the answer hangs on beside the data.
    answers: RefCell<HashMap<String, Box<dyn Any + Send>>>,
    /// What the temporary tables hold.
    filled: Filled,
}

impl Remembered {
    /// Forgets everything: the data may change.
    pub(super) fn forget(&self) {
        self.answers.borrow_mut().clear();
        self.filled.forget();
    }
}

impl Db {
    /// What the temporary tables of the scoring query hold.
    pub(super) fn filled(&self) -> &Filled {
        &self.remembered().filled
    }

    /// What was remembered under this key since the data last changed.
    pub(crate) fn recall<T: Clone + 'static>(&self, key: &str) -> Option<T> {
        self.remembered().answers.borrow().get(key).and_then(|kept| kept.downcast_ref::<T>()).cloned()
    }

    /// Remembers a value until the data may have changed.
    pub(crate) fn remember<T: Send + 'static>(&self, key: String, value: T) {
        let mut kept = self.remembered().answers.borrow_mut();
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(key, Box::new(value));
    }
}
