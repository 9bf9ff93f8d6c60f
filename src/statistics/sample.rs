//! What is known of repeated runs: their number, and mean and spread of the logarithms.

/// Runs of one metric at one operating point, on the scale of natural logarithms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// How many runs; at least 1.
    pub n: i64,
    /// Mean of the logs.
    pub mean: f64,
    /// Sample standard deviation of the logs (divisor n - 1); 0 for one run, of which nothing is known.
    pub sd: f64,
}

impl Sample {
    /// Reads values above 0; `None` when there is none, or one is not a finite number above 0.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        if values.is_empty() || values.iter().any(|value| !value.is_finite() || *value <= 0.0) {
            return None;
        }
        // The first value as the unit: equal values give a spread of exactly 0.
        let unit = values[0];
        let logs: Vec<f64> = values.iter().map(|value| (value / unit).ln()).collect();
        let n = logs.len() as f64;
        let mean = logs.iter().sum::<f64>() / n;
        let squares: f64 = logs.iter().map(|log| (log - mean) * (log - mean)).sum();
        let sd = if logs.len() > 1 { (squares / (n - 1.0)).sqrt() } else { 0.0 };
        Some(Self { n: i64::try_from(values.len()).unwrap_or(i64::MAX), mean: mean + unit.ln(), sd })
    }

    /// Degrees of freedom of the spread.
    #[must_use]
    pub fn df(&self) -> f64 {
        (self.n - 1) as f64
    }

    /// The variance of one run.
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.sd * self.sd
    }

    /// The variance of the mean.
    #[must_use]
    pub fn variance_of_mean(&self) -> f64 {
        self.variance() / self.n as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_run_has_no_spread_and_what_is_no_quantity_is_refused() {
        let one = Sample::of(&[400.0]).unwrap();
        assert!(one.n == 1 && (one.mean - 400.0_f64.ln()).abs() < 1e-15 && one.sd.to_bits() == 0);
        assert_eq!(Sample::of(&[]), None);
        assert_eq!(Sample::of(&[1.0, 0.0]), None);
        assert_eq!(Sample::of(&[1.0, f64::NAN]), None);
        assert!(Sample::of(&[0.1, 0.1, 0.1]).unwrap().sd.to_bits() == 0, "equal values spread by nothing");
    }
}
