//! Estimates where nothing is measured: a suitability per model family and hardware type, always labelled.

use crate::rules::records::Pair;
use crate::scoring::Scoring;
use crate::scoring::plan::Scope;
use crate::scoring::result::ScoredPair;
use crate::store::{Hardware, Model};

/// One estimate a piece of known hardware whose type has a prior for the model's family; empty without family or prior.
pub(super) fn estimates(model: &Model, known: &[Hardware], scoring: &Scoring, scope: &Scope) -> Vec<ScoredPair> {
    let Some(family) = model.family.clone() else { return Vec::new() };
    let group = |hardware_type: &str| scoring.priors.iter().find(|prior| prior.family == family && prior.hardware_type == hardware_type);
    let confidence = scoring.confidence.floor;
    let mut all = Vec::new();
    for hardware in known {
        let admitted = scope.max_devices.is_none_or(|most| hardware.device_count <= i64::from(most));
        if !admitted || !(scope.only.is_empty() || scope.only.iter().any(|only| hardware.is_named(only))) {
            continue;
        }
        let Some(prior) = hardware.hardware_type.as_deref().and_then(group) else { continue };
        all.push(ScoredPair {
            model_id: model.id,
            hardware_id: hardware.id,
            side: 0,
            pair: Pair {
                model: model.name.clone(),
                model_family: Some(family.clone()),
                parameters_million: model.parameters_million,
                hardware: hardware.label.clone(),
                hardware_name: hardware.name.clone(),
                hardware_type: hardware.hardware_type.clone().unwrap_or_default(),
                device_count: hardware.device_count,
                device_memory_mb: hardware.memory_mb,
                provenance: "estimated".to_owned(),
                uncontested: true,
                compatibility: prior.suitability,
                confidence,
                ..Pair::default()
            },
            suitability: crate::digits::round12(prior.suitability * confidence),
            interval: None,
            cells: 0,
            of: 0,
            tested_day: None,
            entries: Vec::new(),
            best: 0,
        });
    }
    all
}
