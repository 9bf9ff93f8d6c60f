//! What many rows of a file have in common (model, hardware, software, source): it lands once, and rows name it by number.
//!
//! A million rows repeat a few thousand such combinations; a text costs the database more than any number.

use std::collections::HashMap;

use crate::fields::{Field, Role, Type};
use crate::import::{Batch, Column, columns};

/// How many combinations are remembered, so that a file in which each row has another takes no more memory. One that is met
/// again after it was forgotten gets a further number.
const REMEMBERED: usize = 100_000;

/// Whether a field is part of the context of a row, and not of the row itself.
pub(super) fn is_shared(field: &Field) -> bool {
    let of_the_row = ["source_key", "content_hash", "metadata", "version_tag"].contains(&field.name);
    matches!(field.role, Role::Model | Role::Hardware) || (field.kind == Type::Text && !of_the_row)
}

/// The contexts met so far.
#[derive(Default)]
pub(super) struct Contexts {
    numbers: HashMap<Box<[u8]>, i64>,
    next: i64,
    /// The values of one row, kept for its room.
    key: Vec<u8>,
}

impl Contexts {
    /// Returns the number of each row's context, and the rows in which one stands for the first time, in order.
    pub(super) fn number(&mut self, batch: &Batch) -> (Vec<Option<i64>>, Vec<usize>) {
        let shared: Vec<&Column> = columns()
            .zip(&batch.columns)
            .filter(|(field, column)| is_shared(field) && has_value(column))
            .map(|(_, column)| column)
            .collect();
        // Which columns have values is part of the key: the next batch may have others.
        let present: Vec<bool> = columns().zip(&batch.columns).map(|(field, column)| is_shared(field) && has_value(column)).collect();
        let mut numbers = Vec::with_capacity(batch.rows);
        let mut new = Vec::new();
        for row in 0..batch.rows {
            self.key.clear();
            self.key.extend(present.iter().map(|present| u8::from(*present)));
            for column in &shared {
                push(&mut self.key, column, row);
            }
            let number = if let Some(number) = self.numbers.get(self.key.as_slice()) {
                *number
            } else {
                if self.numbers.len() >= REMEMBERED {
                    self.numbers.clear();
                }
                let number = self.next;
                self.next += 1;
                self.numbers.insert(self.key.as_slice().into(), number);
                new.push(row);
                number
            };
            numbers.push(Some(number));
        }
        (numbers, new)
    }
}

/// Appends a value so that no two rows of other values look alike.
fn push(key: &mut Vec<u8>, column: &Column, row: usize) {
    let number = |key: &mut Vec<u8>, value: Option<[u8; 8]>| {
        key.push(u8::from(value.is_some()));
        key.extend(value.unwrap_or_default());
    };
    match column {
        Column::Text(texts) => {
            let text = texts.get(row);
            // One more than the length: 0 is no text.
            key.extend(text.map_or(0, |text| text.len() as u64 + 1).to_le_bytes());
            key.extend(text.unwrap_or_default().as_bytes());
        }
        Column::Integer(values) | Column::Time(values) => number(key, values[row].map(i64::to_le_bytes)),
        Column::Number(values) => number(key, values[row].map(f64::to_le_bytes)),
    }
}

/// Whether any row has a value.
pub(super) fn has_value(column: &Column) -> bool {
    match column {
        Column::Text(texts) => texts.valid.contains(&true),
        Column::Number(values) => values.iter().any(Option::is_some),
        Column::Integer(values) | Column::Time(values) => values.iter().any(Option::is_some),
    }
}

/// The values of these rows.
pub(super) fn pick(column: &Column, rows: &[usize]) -> Column {
    match column {
        Column::Text(texts) => {
            let mut picked = crate::import::TextColumn::default();
            for row in rows {
                picked.push(texts.get(*row));
            }
            Column::Text(picked)
        }
        Column::Integer(values) => Column::Integer(rows.iter().map(|row| values[*row]).collect()),
        Column::Time(values) => Column::Time(rows.iter().map(|row| values[*row]).collect()),
        Column::Number(values) => Column::Number(rows.iter().map(|row| values[*row]).collect()),
    }
}
