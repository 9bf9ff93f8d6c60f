//! Digits: numbers rounded as every score is, bytes as hex.

/// Returns the number to 12 decimals, half away from zero.
#[must_use]
pub(crate) fn round12(value: f64) -> f64 {
    (value * 1e12).round() / 1e12
}

/// Returns bytes as hex digits, two a byte.
#[must_use]
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let mut out = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        out.push(DIGITS[usize::from(byte >> 4)]);
        out.push(DIGITS[usize::from(byte & 15)]);
    }
    out
}
