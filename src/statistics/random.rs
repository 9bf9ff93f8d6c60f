//! Numbers that are the same on every machine: SplitMix64 and what is drawn by it.

/// SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Clone, Debug)]
pub struct SplitMix(
    /// The state; any number begins a series of its own.
    pub u64,
);

impl SplitMix {
    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Standard normal (polar method of Marsaglia; the second of each pair is thrown away).
    pub fn normal(&mut self) -> f64 {
        loop {
            let (u, v) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let s = u * u + v * v;
            if s > 0.0 && s < 1.0 {
                return u * (-2.0 * s.ln() / s).sqrt();
            }
        }
    }

    /// Chi-square with `df` >= 1 degrees of freedom (gamma variates of Marsaglia and Tsang).
    pub fn chi_square(&mut self, df: f64) -> f64 {
        let shape = df / 2.0;
        // Below 1 the method needs a shape one higher, and a power of a uniform number.
        let lift = if shape < 1.0 { self.unit().powf(1.0 / shape) } else { 1.0 };
        let d = if shape < 1.0 { shape + 1.0 } else { shape } - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && self.unit().ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return 2.0 * d * v * lift;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and variance of so many draws.
    fn moments(mut draw: impl FnMut() -> f64) -> (f64, f64) {
        let all: Vec<f64> = (0..20_000).map(|_| draw()).collect();
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        (mean, all.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / all.len() as f64)
    }

    #[test]
    fn draws_have_the_moments_of_their_distributions() {
        let mut random = SplitMix(11);
        let (mean, variance) = moments(|| random.normal());
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
        for df in [1.0, 2.0, 4.0, 9.0] {
            // Mean df, variance 2 df; five standard errors of either.
            let (mean, variance) = moments(|| random.chi_square(df));
            assert!((mean - df).abs() < 5.0 * (2.0 * df / 20_000.0).sqrt(), "{df}: mean {mean}");
            assert!((variance / (2.0 * df) - 1.0).abs() < 0.2, "{df}: variance {variance}");
        }
    }
}
