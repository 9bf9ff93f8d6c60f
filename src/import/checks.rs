//! What makes a row a result: metrics that can be, percentiles in order; and the hash that tells two results apart.

use sha2::{Digest, Sha256};

pub(crate) use crate::digits::hex;

use super::expression::Reason;
use super::place::{AT_LEAST_ONE, CONTENT_HASH, ORDERED, PROVENANCE, SOURCE_FILE, SOURCE_KEY, STATUS};
use super::row::{Row, Value};
use crate::fields::{FIELDS, Role};

/// Checks a row and says whether its run failed; a failed run keeps no metrics.
///
/// # Errors
/// No metric at all; one that is zero, negative or not finite; percentiles out of order; a provenance that does not exist.
pub(crate) fn check(row: &mut Row<'_>) -> Result<bool, Reason> {
    let failed = match &row[STATUS] {
        Some(Value::Text(status)) => !status.eq_ignore_ascii_case("ok"),
        _ => false,
    };
    let metrics = FIELDS.iter().enumerate().filter(|(_, field)| field.role == Role::Metric);
    if failed {
        metrics.for_each(|(at, _)| row[at] = None);
        return Ok(true);
    }
    for at in AT_LEAST_ONE {
        if let Some(Value::Integer(value)) = row[*at]
            && value < 1
        {
            return Err(format!("{} is {value}, expected 1 or more", FIELDS[*at].name));
        }
    }
    let mut any = false;
    for (at, field) in metrics {
        if let Some(Value::Number(value)) = row[at] {
            if !value.is_finite() || value <= 0.0 || value >= 1e12 {
                let said = if value.abs() >= 1e12 { format!("{value:e}") } else { value.to_string() };
                let most = if value >= 1e12 { " and below 1e12" } else { "" };
                return Err(format!("{} is {said}, expected a number above 0{most}", field.name));
            }
            any = true;
        }
    }
    if !any {
        return Err("no metric".to_owned());
    }
    for places in ORDERED {
        let mut before: Option<(usize, f64)> = None;
        for at in *places {
            if let Some(Value::Number(value)) = row[*at] {
                if let Some((lower, least)) = before.filter(|(_, least)| value < *least) {
                    let (lower, name) = (FIELDS[lower].name, FIELDS[*at].name);
                    return Err(format!("percentiles out of order: {lower} is {least}, {name} is {value}"));
                }
                before = Some((*at, value));
            }
        }
    }
    if let Some(Value::Text(provenance)) = &row[PROVENANCE]
        && !["measured", "simulated", "estimated"].contains(&provenance.as_ref())
    {
        return Err(format!("provenance is `{provenance}`, expected `measured`, `simulated` or `estimated`"));
    }
    Ok(false)
}

/// The hash of a row's content: 32 hex digits of SHA-256 over every field but the file, with the key that the source gives it.
///
/// The place in the file is not part of it, so that the same measurement twice is one.
///
/// `content` is room to put what is hashed: hashing it in one piece is faster than value by value.
pub(crate) fn content_hash(row: &Row<'_>, key: Option<&str>, content: &mut Vec<u8>) -> String {
    content.clear();
    for (at, value) in row.iter().enumerate().take(FIELDS.len()) {
        if [SOURCE_FILE, SOURCE_KEY, CONTENT_HASH].contains(&at) {
            continue;
        }
        #[expect(clippy::cast_possible_truncation, reason = "a few dozen columns")]
        let place = at as u8;
        match value {
            None => {}
            Some(Value::Text(text)) => {
                content.extend([place, 0]);
                content.extend((text.len() as u64).to_le_bytes());
                content.extend(text.as_bytes());
            }
            Some(Value::Integer(value) | Value::Time(value)) => {
                content.extend([place, 1]);
                content.extend(value.to_le_bytes());
            }
            Some(Value::Number(value)) => {
                content.extend([place, 2]);
                content.extend(value.to_bits().to_le_bytes());
            }
        }
    }
    if let Some(key) = key {
        content.push(u8::MAX);
        content.extend(key.as_bytes());
    }
    hex(&Sha256::digest(content)[..16])
}
