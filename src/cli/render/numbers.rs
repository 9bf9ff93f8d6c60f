//! Numbers for people: few digits, units where they help, bars.

/// A score in [0, 1] with three decimals; `<0.001` rather than a zero that is none.
pub(in crate::cli) fn score(value: f64) -> String {
    if value > 0.0 && value < 0.000_5 { "<0.001".to_owned() } else { format!("{value:.3}") }
}

/// A signed difference of scores.
pub(super) fn delta(value: f64) -> String {
    if value.abs() < 0.000_5 && value.abs() > 1e-12 { format!("{value:+.1e}") } else { format!("{value:+.3}") }
}

/// A quantity with about four digits, thousands apart.
pub(in crate::cli) fn figure(value: f64) -> String {
    let size = value.abs();
    if size >= 1000.0 || (size - size.trunc()).abs() < 1e-12 && size >= 1.0 {
        return grouped(value.round());
    }
    let decimals = if size >= 100.0 {
        1
    } else if size >= 10.0 {
        2
    } else if size >= 0.01 || size <= 0.0 {
        3
    } else {
        return format!("{value:.2e}");
    };
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A count, thousands apart.
pub(in crate::cli) fn count(value: i64) -> String {
    grouped(value as f64)
}

fn grouped(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 { format!("-{text}") } else { text }
}

/// Memory: MB below 10,000, else GB (1 GB = 1000 MB).
pub(in crate::cli) fn memory(mb: f64) -> String {
    if mb < 10_000.0 { format!("{} MB", figure(mb)) } else { format!("{} GB", figure((mb / 100.0).round() / 10.0)) }
}

/// A bar of eight characters' width for a score in [0, 1], in eighths of a character.
pub(super) fn bar(value: f64) -> String {
    const WIDTH: usize = 8;
    let eighths = (value.clamp(0.0, 1.0) * (WIDTH * 8) as f64).round();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 64")]
    let eighths = eighths as usize;
    let mut text = "█".repeat(eighths / 8);
    if !eighths.is_multiple_of(8) {
        text.push(['▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8 - 1]);
    }
    let used = text.chars().count();
    text.push_str(&"·".repeat(WIDTH - used));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short_and_never_a_false_zero() {
        assert_eq!(figure(24_065.29), "24,065");
        assert_eq!(figure(158.201), "158.2");
        assert_eq!(figure(0.405), "0.405");
        assert_eq!(figure(1_234_567.0), "1,234,567");
        assert_eq!(figure(8.0), "8");
        assert_eq!(figure(0.000_012), "1.20e-5");
        assert_eq!(score(0.000_2), "<0.001");
        assert_eq!(memory(1307.14), "1,307 MB");
        assert_eq!(memory(80_000.0), "80 GB");
    }

    #[test]
    fn a_bar_is_always_as_wide() {
        for value in [0.0, 0.003, 0.5, 0.999, 1.0] {
            assert_eq!(bar(value).chars().count(), 8, "{value}");
        }
        assert_eq!(bar(0.5), "████····");
    }
}
