//! Times as files write them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Microseconds since 1970 in UTC of an ISO date or time, of `YYYYMMDD-HHMMSS`, or of seconds since 1970.
///
/// A time without a zone is taken as UTC, a date as its midnight.
pub(crate) fn microseconds(text: &str) -> Option<i64> {
    let text = text.trim();
    let civil = |time: DateTime| time.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp().as_microsecond());
    // A plain date first: to find out that it is no timestamp takes longer than to read it.
    if let [_, _, _, _, b'-', _, _, b'-', _, _] = text.as_bytes()
        && let Ok(date) = text.parse::<Date>()
    {
        return civil(date.at(0, 0, 0, 0));
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time.as_microsecond());
    }
    if text.len() >= 9 && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse::<i64>().ok()?.checked_mul(if text.len() >= 13 { 1_000 } else { 1_000_000 });
    }
    if let Ok(time) = text.parse::<DateTime>() {
        return civil(time);
    }
    DateTime::strptime("%Y%m%d-%H%M%S", text).ok().and_then(civil)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_way_that_the_formats_write_them() {
        let noon = Some(1_784_289_600_000_000);
        assert_eq!(microseconds("2026-07-17T12:00:00Z"), noon);
        assert_eq!(microseconds("2026-07-17T14:00:00+02:00"), noon);
        assert_eq!(microseconds("2026-07-17 12:00:00"), noon);
        assert_eq!(microseconds("20260717-120000"), noon);
        assert_eq!(microseconds("1784289600"), noon);
        assert_eq!(microseconds("1784289600000"), noon);
        assert_eq!(microseconds("2026-07-17"), Some(1_784_246_400_000_000));
        assert_eq!(microseconds("yesterday"), None);
    }
}
