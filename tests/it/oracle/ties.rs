//! Score intervals from run-to-run noise, and the groups that they make.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::cells::{Scored, mean};
use super::hardware::Ranked;
use super::{Ask, Config};

/// mean +- t s / sqrt n of each metric, carried through to the score; `None` when no metric rests on two rows.
pub fn interval(cells: &[Scored], confidence: f64, ask: &Ask, config: &Config) -> Option<[f64; 2]> {
    let mut any = false;
    let mut ends: [Vec<f64>; 2] = [Vec::new(), Vec::new()];
    for scored in cells {
        let mut terms: [Vec<(f64, f64)>; 2] = [Vec::new(), Vec::new()];
        for (k, component) in config.components.iter().enumerate() {
            if scored.weights[k] <= 0.0 {
                continue;
            }
            let score = scored.components[k].expect("weighted components are scored");
            let mut width = [score, score];
            if let Some((place, reference)) = scored.basis[k] {
                let metric = &component.metrics[place];
                let stat = scored.point.metrics[&metric.field];
                if let Some(sd) = stat.sd {
                    any = true;
                    let n = stat.n as f64;
                    let half = t975(stat.n - 1) * sd / n.sqrt();
                    let (low, high) = (stat.mean - half, stat.mean + half);
                    width = if metric.higher {
                        [(low / reference).max(0.0), (high / reference).min(1.0)]
                    } else {
                        [reference / high, if low > 0.0 { (reference / low).min(1.0) } else { 1.0 }]
                    };
                    width[0] = width[0].min(1.0);
                }
            }
            for end in 0..2 {
                terms[end].push((scored.weights[k], width[end]));
            }
        }
        for end in 0..2 {
            ends[end].push(mean(&terms[end], ask.ratio));
        }
    }
    let over = |values: &[f64]| {
        let cells = values.len() as f64;
        mean(&values.iter().map(|value| (1.0 / cells, *value)).collect::<Vec<_>>(), ask.ratio) * confidence
    };
    any.then(|| [over(&ends[0]), over(&ends[1])])
}

/// Going down the list, hardware joins the group of the first when their intervals overlap; another class begins anew.
pub fn group(list: &mut [Ranked]) {
    let bounds = |one: &Ranked| one.interval.unwrap_or([one.suitability, one.suitability]);
    let (mut group, mut first) = (0, 0);
    for at in 0..list.len() {
        let (one, head) = (&list[at], &list[first]);
        let class = one.uncontested == head.uncontested && one.provenance == head.provenance;
        let apart = bounds(one)[1] < bounds(head)[0] || bounds(one)[0] > bounds(head)[1];
        if at == 0 || !class || apart {
            group += 1;
            first = at;
        }
        list[at].tie_group = group;
    }
}

/// The 97.5 % quantile of Student's t, by integrating the density and halving.
///
/// With x = tan(angle) sqrt(nu) the density (1 + x x / nu)^(-(nu + 1) / 2) dx is cos(angle)^(nu - 1), but for a constant, over
/// [0, pi / 2): smooth, so that Simpson's rule is exact to rounding.
fn t975(degrees: usize) -> f64 {
    static KNOWN: Mutex<BTreeMap<usize, f64>> = Mutex::new(BTreeMap::new());
    if let Some(known) = KNOWN.lock().expect("no test panics here").get(&degrees) {
        return *known;
    }
    let nu = degrees as f64;
    let part = |to: f64| {
        let steps = 2000;
        let width = to / f64::from(steps);
        let at = |step: i32| (f64::from(step) * width).cos().max(0.0).powf(nu - 1.0);
        let inside: f64 = (1..steps).map(|step| at(step) * if step % 2 == 1 { 4.0 } else { 2.0 }).sum();
        (at(0) + at(steps) + inside) * width / 3.0
    };
    let whole = part(std::f64::consts::FRAC_PI_2);
    let (mut low, mut high) = (0.0, std::f64::consts::FRAC_PI_2);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if part(middle) < 0.95 * whole {
            low = middle;
        } else {
            high = middle;
        }
    }
    let quantile = low.tan() * nu.sqrt();
    KNOWN.lock().expect("no test panics here").insert(degrees, quantile);
    quantile
}

#[test]
fn quantiles_are_those_of_the_tables() {
    for (degrees, expected) in [(1, 12.706_204_736), (2, 4.302_652_73), (4, 2.776_445_105), (10, 2.228_138_852), (100, 1.983_971_519)] {
        assert!((t975(degrees) - expected).abs() < 1e-8, "{degrees}: {}", t975(degrees));
    }
}
