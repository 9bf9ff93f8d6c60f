//! Student's t distribution: the quantile that a confidence interval of a mean needs.

/// Degrees of freedom beyond which the quantile of the last one listed is used (it differs by under 0.6 % from the limit 1.96).
pub(crate) const MAX_DF: usize = 200;

/// Returns the two-sided 95 % quantile t(0.975, df) for df = 1..=`most`, in order; at most [`MAX_DF`] of them.
///
/// Solves P(|T| > t) = 0.05 by bisection, with the closed forms of the distribution function for whole degrees of
/// freedom (Abramowitz and Stegun, 26.7.3 and 26.7.4). Accurate to 1e-12.
#[must_use]
pub(crate) fn quantiles(most: usize) -> Vec<f64> {
    (1..=most.min(MAX_DF)).map(quantile).collect()
}

fn quantile(df: usize) -> f64 {
    let (mut low, mut high) = (1.0_f64, 13.0_f64);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if inside(middle, df) < 0.95 { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// P(|T| <= t).
fn inside(t: f64, df: usize) -> f64 {
    let n = df as f64;
    let theta = (t / n.sqrt()).atan();
    let (sin, cos) = theta.sin_cos();
    if df == 1 {
        return 2.0 * theta / std::f64::consts::PI;
    }
    // Odd: A = 2/pi {theta + sin [cos + 2/3 cos^3 + ...]}; even: A = sin {1 + 1/2 cos^2 + ...}; up to cos^(n-2).
    let (first, mut k) = if df % 2 == 1 { (cos, 3) } else { (1.0, 2) };
    let (mut term, mut sum) = (first, first);
    while k + 2 <= df {
        term *= cos * cos * (k as f64 - 1.0) / k as f64;
        sum += term;
        k += 2;
    }
    if df % 2 == 1 { 2.0 / std::f64::consts::PI * (theta + sin * sum) } else { sin * sum }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_agree_with_the_tables() {
        // scipy.stats.t.ppf(0.975, df)
        for (df, expected) in [
            (1, 12.706_204_736_174_694),
            (2, 4.302_652_729_749_462),
            (3, 3.182_446_305_283_708),
            (4, 2.776_445_105_197_793),
            (5, 2.570_581_835_636_315),
            (10, 2.228_138_851_986_274),
            (29, 2.045_229_642_132_703),
            (100, 1.983_971_518_523_552),
            (200, 1.971_896_223_633_909),
        ] {
            assert!((quantiles(MAX_DF)[df - 1] - expected).abs() < 1e-9, "{df}: {} vs {expected}", quantiles(MAX_DF)[df - 1]);
        }
    }
}
