//! Where the columns that are worked on stand in a row: found when Suitor is compiled, because every row needs them.

use super::batch::EXTRA;
use crate::fields::FIELDS;

/// How many columns a row has.
pub(crate) const COUNT: usize = FIELDS.len() + EXTRA.len();

pub(crate) const MODEL: usize = place("model");
pub(crate) const HARDWARE: usize = place("hardware");
pub(crate) const HARDWARE_NAME: usize = place("hardware_name");
pub(crate) const DEVICE_COUNT: usize = place("device_count");
pub(crate) const HARDWARE_TYPE: usize = place("hardware_type");
pub(crate) const DEVICE_MEMORY: usize = place("device_memory_mb");
pub(crate) const TASK: usize = place("task");
pub(crate) const PROVENANCE: usize = place("provenance");
/// Counts that are at least 1.
pub(crate) const AT_LEAST_ONE: &[usize] = &[place("batch_size"), place("image_size")];
pub(crate) const STATUS: usize = place("status");
pub(crate) const SOURCE_FILE: usize = place("source_file");
pub(crate) const SOURCE_KEY: usize = place("source_key");
pub(crate) const CONTENT_HASH: usize = place("content_hash");
pub(crate) const METADATA: usize = place("metadata");
pub(crate) const VERSION_TAG: usize = place("version_tag");

/// Percentiles of one quantity, which must not fall.
pub(crate) const ORDERED: &[&[usize]] = &[
    &[place("latency_ms_p50"), place("latency_ms_p90"), place("latency_ms_p99")],
    &[place("ttft_ms_p50"), place("ttft_ms_p99")],
    &[place("tpot_ms_p50"), place("tpot_ms_p99")],
];

/// The place of a column among [`columns`](super::columns). A name that is none does not compile.
const fn place(name: &str) -> usize {
    let mut at = 0;
    while !same(if at < FIELDS.len() { FIELDS[at].name } else { EXTRA[at - FIELDS.len()].name }, name) {
        at += 1;
    }
    at
}

const fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}
