//! What makes a row a result: metrics that can be, percentiles in order; and the hash that tells two results apart.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::expression::Reason;
use super::row::{CONTENT, Row, Value, place};
use crate::fields::{FIELDS, Role};

/// Percentiles of one quantity, which must not fall.
const ORDERED: &[&[&str]] =
    &[&["latency_ms_p50", "latency_ms_p90", "latency_ms_p99"], &["ttft_ms_p50", "ttft_ms_p99"], &["tpot_ms_p50", "tpot_ms_p99"]];

/// Checks a row and says whether its run failed; a failed run keeps no metrics.
///
/// # Errors
/// No metric at all; one that is zero, negative or not finite; percentiles out of order; a provenance that does not exist.
pub(crate) fn check(row: &mut Row<'_>) -> Result<bool, Reason> {
    let failed = match &row[place("status")] {
        Some(Value::Text(status)) => !status.eq_ignore_ascii_case("ok"),
        _ => false,
    };
    let metrics = FIELDS.iter().enumerate().filter(|(_, field)| field.role == Role::Metric);
    if failed {
        metrics.for_each(|(at, _)| row[at] = None);
        return Ok(true);
    }
    let mut any = false;
    for (at, field) in metrics {
        if let Some(Value::Number(value)) = row[at] {
            if !value.is_finite() || value <= 0.0 || value >= 1e12 {
                return Err(format!("{} is {value}, expected a number above 0", field.name));
            }
            any = true;
        }
    }
    if !any {
        return Err("no metric".to_owned());
    }
    for names in ORDERED {
        let mut before: Option<(&str, f64)> = None;
        for name in *names {
            if let Some(Value::Number(value)) = row[place(name)] {
                if let Some((lower, least)) = before.filter(|(_, least)| value < *least) {
                    return Err(format!("percentiles out of order: {lower} is {least}, {name} is {value}"));
                }
                before = Some((name, value));
            }
        }
    }
    if let Some(Value::Text(provenance)) = &row[place("provenance")]
        && !["measured", "simulated", "estimated"].contains(&provenance.as_ref())
    {
        return Err(format!("provenance is `{provenance}`, expected `measured`, `simulated` or `estimated`"));
    }
    Ok(false)
}

/// The hash of a row's content: 32 hex digits of SHA-256 over every field but the file, with the key that the source gives it.
///
/// The place in the file is not part of it, so that the same measurement twice is one.
pub(crate) fn content_hash(row: &Row<'_>, key: Option<&str>) -> String {
    let mut digest = Sha256::new();
    for (at, (value, field)) in row.iter().zip(FIELDS).enumerate().take(CONTENT) {
        if ["source_file", "source_key", "content_hash"].contains(&field.name) {
            continue;
        }
        #[expect(clippy::cast_possible_truncation, reason = "a few dozen columns")]
        let place = at as u8;
        match value {
            None => {}
            Some(Value::Text(text)) => {
                digest.update([place, 0]);
                digest.update((text.len() as u64).to_le_bytes());
                digest.update(text.as_bytes());
            }
            Some(Value::Integer(value) | Value::Time(value)) => {
                digest.update([place, 1]);
                digest.update(value.to_le_bytes());
            }
            Some(Value::Number(value)) => {
                digest.update([place, 2]);
                digest.update(value.to_bits().to_le_bytes());
            }
        }
    }
    if let Some(key) = key {
        digest.update([u8::MAX]);
        digest.update(key.as_bytes());
    }
    digest.finalize().iter().take(16).fold(String::with_capacity(32), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
