//! From points to hardware: the best point of each cell, the mean over cells, the order.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::cells::{Cells, Scored};
use super::points::Point;
use super::{Ask, Config, round12, ties};

/// One ranked piece of hardware.
#[derive(Clone, Debug)]
pub struct Ranked {
    pub hardware: String,
    pub uncontested: bool,
    pub provenance: String,
    pub compatibility: f64,
    pub confidence: f64,
    pub suitability: f64,
    pub results: i64,
    /// Contested cells that it is in, and all of them.
    pub coverage: (i64, i64),
    pub interval: Option<[f64; 2]>,
    pub tie_group: usize,
    pub compared_with_previous: Option<bool>,
    /// Its best point of each cell that counts.
    pub cells: Vec<Scored>,
    /// The best of those, as its place in `cells`.
    pub best: usize,
}

/// What came of an ask.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// In order.
    pub ranked: Vec<Ranked>,
    /// Hardware that no point is left of after limits.
    pub limited: Vec<String>,
    /// Hardware with points, none of which could be scored, and hardware whose rows are no results.
    pub not_scored: Vec<String>,
}

fn weakness(provenance: &str) -> usize {
    ["measured", "simulated", "estimated"].iter().position(|known| *known == provenance).expect("one of the three")
}

fn text(a: Option<&String>, b: Option<&String>) -> Ordering {
    (a.is_none(), a).cmp(&(b.is_none(), b))
}

/// Better first.
fn compare(a: &Scored, b: &Scored) -> Ordering {
    let throughput = |point: &Point| point.mean("throughput_items_per_second").unwrap_or(f64::MIN);
    let batch = |point: &Point| (point.batch_size.is_none(), point.batch_size);
    let (p, q) = (&a.point, &b.point);
    weakness(&p.provenance)
        .cmp(&weakness(&q.provenance))
        .then(b.suitability.total_cmp(&a.suitability))
        .then(throughput(q).total_cmp(&throughput(p)))
        .then(batch(p).cmp(&batch(q)))
        .then(text(p.precision.as_ref(), q.precision.as_ref()))
        .then(text(p.framework.as_ref(), q.framework.as_ref()))
        .then(text(p.item_unit.as_ref(), q.item_unit.as_ref()))
}

fn compare_over_cells(a: &Scored, b: &Scored) -> Ordering {
    let cells = || a.point.cell.iter().zip(&b.point.cell);
    compare(a, b).then_with(|| cells().map(|(x, y)| text(x.as_ref(), y.as_ref())).find(|order| order.is_ne()).unwrap_or(Ordering::Equal))
}

pub fn rank(cells: Cells, ask: &Ask, config: &Config) -> Outcome {
    // Best point of each hardware in each cell.
    let mut best: BTreeMap<String, BTreeMap<Vec<Option<String>>, Scored>> = BTreeMap::new();
    for scored in cells.scored {
        let of = best.entry(scored.point.hardware.clone()).or_default();
        match of.get(&scored.point.cell) {
            Some(other) if compare(other, &scored).is_le() => {}
            _ => {
                of.insert(scored.point.cell.clone(), scored);
            }
        }
    }
    let contested: BTreeSet<Vec<Option<String>>> =
        best.values().flat_map(BTreeMap::values).filter(|scored| scored.contested).map(|scored| scored.point.cell.clone()).collect();
    let of = contested.len();
    let mut outcome = Outcome::default();
    for (hardware, all) in &best {
        let uncontested = all.values().all(|scored| !scored.contested);
        let counted: Vec<Scored> = all.values().filter(|scored| uncontested || scored.contested).cloned().collect();
        let m = counted.len() as f64;
        let k = if uncontested { 0.0 } else { (of - counted.len()) as f64 };
        let (compatibility, confidence) = if ask.ratio {
            let geometric = |of: fn(&Scored) -> f64| counted.iter().map(|scored| of(scored).powf(1.0 / m)).product::<f64>();
            (geometric(|one| one.compatibility), geometric(|one| one.confidence) * (m + config.floor * k) / (m + k))
        } else {
            let sum = |of: fn(&Scored) -> f64| counted.iter().map(of).sum::<f64>();
            (sum(|one| one.compatibility) / m, (sum(|one| one.confidence) + config.floor * k) / (m + k))
        };
        let (compatibility, confidence) = (round12(compatibility), round12(confidence));
        let first = (0..counted.len()).min_by(|a, b| compare_over_cells(&counted[*a], &counted[*b])).expect("a cell");
        let weakest = counted.iter().map(|scored| scored.point.provenance.clone()).max_by_key(|name| weakness(name)).expect("a cell");
        outcome.ranked.push(Ranked {
            hardware: hardware.clone(),
            uncontested,
            provenance: weakest,
            compatibility,
            confidence,
            suitability: round12(compatibility * confidence),
            results: counted.iter().map(|scored| i64::try_from(scored.point.n).expect("few rows")).sum(),
            coverage: (if uncontested { 0 } else { counted.len() as i64 }, of as i64),
            interval: ties::interval(&counted, confidence, ask, config),
            tie_group: 0,
            compared_with_previous: None,
            cells: counted,
            best: first,
        });
    }
    outcome.ranked.sort_by(|a, b| {
        a.uncontested
            .cmp(&b.uncontested)
            .then(weakness(&a.provenance).cmp(&weakness(&b.provenance)))
            .then(b.suitability.total_cmp(&a.suitability))
            .then(b.compatibility.total_cmp(&a.compatibility))
            .then(a.hardware.cmp(&b.hardware))
    });
    ties::group(&mut outcome.ranked);
    for at in 1..outcome.ranked.len() {
        let cells = |one: &Ranked| one.cells.iter().map(|scored| scored.point.cell.clone()).collect::<BTreeSet<_>>();
        outcome.ranked[at].compared_with_previous = Some(!cells(&outcome.ranked[at]).is_disjoint(&cells(&outcome.ranked[at - 1])));
    }
    outcome.limited = cells.had_points.difference(&cells.left).cloned().collect();
    outcome.not_scored = cells.left.iter().filter(|hardware| !best.contains_key(*hardware)).cloned().collect();
    outcome
}
