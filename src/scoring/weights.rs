//! Weights: base x task x requirements, then rules, then renormalised to sum 1.

use crate::rules::records::Weights;
use crate::{Error, Result};

use super::Scoring;

/// Returns base x task x requirements, before rules and before renormalising.
///
/// A `set` of a requirement replaces base x task; then the factors of all requirements apply. A task that scoring.toml
/// does not name leaves the weights alone. With `task` and `requirements` empty: the base weights.
///
/// # Errors
/// An unknown requirement (exit code 2), with the nearest names.
pub fn asked(scoring: &Scoring, task: Option<&str>, requirements: &[String]) -> Result<Weights> {
    let mut weights: Weights = scoring.components.iter().map(|component| (component.name.clone(), component.weight)).collect();
    if let Some(task) = task.and_then(|task| scoring.tasks.get(task)) {
        for (component, factor) in &task.multiply {
            scale(&mut weights, component, *factor);
        }
    }
    for name in requirements {
        let requirement = scoring
            .requirements
            .get(name)
            .ok_or_else(|| Error::unknown_listed("requirement", name, scoring.requirements.keys().map(String::as_str)))?;
        for (component, weight) in &requirement.set {
            weights.insert(component.clone(), *weight);
        }
    }
    for name in requirements {
        for (component, factor) in &scoring.requirements[name].multiply {
            scale(&mut weights, component, *factor);
        }
    }
    Ok(weights)
}

fn scale(weights: &mut Weights, component: &str, factor: f64) {
    if let Some(weight) = weights.get_mut(component) {
        *weight *= factor;
    }
}

/// Divides the weights by their sum.
///
/// # Errors
/// A weight that is negative or not finite, or a sum of 0 (exit code 1: only a rule can bring it about).
pub fn renormalise(scoring: &Scoring, weights: &Weights) -> Result<Vec<f64>> {
    let listed: Vec<f64> = scoring.components.iter().map(|component| weights.get(&component.name).copied().unwrap_or(0.0)).collect();
    if let Some(at) = listed.iter().position(|weight| !weight.is_finite() || *weight < 0.0) {
        return Err(Error::failed(format!("weight `{}` became {}, expected a number >= 0", scoring.components[at].name, listed[at])));
    }
    let sum: f64 = listed.iter().sum();
    if sum <= 0.0 || !sum.is_finite() {
        return Err(Error::failed("all weights became 0, so that nothing can be compared"));
    }
    Ok(listed.iter().map(|weight| weight / sum).collect())
}
