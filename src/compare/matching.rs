//! Which operating points of two versions may be held against each other. Pure.

use std::collections::BTreeMap;

use super::answer::{Both, OfPoint, PointChange};
use crate::scoring::{Direction, Metric};
use crate::statistics::Sample;
use crate::versions::snapshot::{FrozenPoint, Samples};

/// A metric at a point that both sides have.
pub(super) struct Matched<'a> {
    /// The points, before and after.
    points: [&'a FrozenPoint; 2],
    /// Its values, before and after.
    pub values: [&'a Samples; 2],
}

impl Matched<'_> {
    /// As samples of logs.
    pub(super) fn pair(&self) -> (Sample, Sample) {
        (sample(self.values[0]), sample(self.values[1]))
    }

    /// Whether both sides have runs enough for a test.
    pub(super) fn has_runs(&self, fewest: i64) -> bool {
        self.n().iter().all(|n| *n >= fewest)
    }

    fn n(&self) -> [i64; 2] {
        self.values.map(|values| i64::try_from(values.n).unwrap_or(i64::MAX))
    }

    /// Its figures.
    pub(super) fn said(&self) -> PointChange {
        let [before, after] = self.values.map(|values| values.mean);
        let names = self.points.iter().flat_map(|point| point.cell.keys().chain(point.point.keys()));
        let of = |name: &String| {
            let [before, after] = self.points.map(|point| point.cell.get(name).or_else(|| point.point.get(name)).cloned().flatten());
            match (before, after) {
                (None, None) => None,
                (Some(one), Some(two)) if one == two => Some(OfPoint::Same(one)),
                sides => Some(OfPoint::Differs(Both::of(sides.into()))),
            }
        };
        PointChange {
            point: names.filter_map(|name| Some((name.clone(), of(name)?))).collect(),
            before,
            after,
            change_percent: change_percent(before, after),
            n: self.n(),
        }
    }
}

/// (after / before - 1) x 100, exactly 0 where both are the same.
pub(super) fn change_percent(before: f64, after: f64) -> f64 {
    if before.to_bits() == after.to_bits() { 0.0 } else { 100.0 * (after - before) / before }
}

pub(super) fn sample(values: &Samples) -> Sample {
    Sample { n: i64::try_from(values.n).unwrap_or(i64::MAX), mean: values.log_mean, sd: values.log_spread.unwrap_or(0.0) }
}

/// The fields of a point but its software configuration.
const BUT_SOFTWARE: [&str; 4] = ["batch_size", "precision", "item_unit", "provenance"];

/// The points of one hardware, before and after, that may be compared by a metric, cell by cell.
///
/// In a cell these are the points that agree on everything. Where there is none, those that agree on all but the software
/// (which is what a version often changes), and where there is none either, those that agree on what the metric is compared by
/// at all (`same` in scoring.toml) and on the provenance; of several on one side, the best. Points that only one side has are chosen on neither
/// side by how good they are before a point of the same configuration is found, because the best of a side looks better than it is.
pub(super) fn matched<'a>(points: [&[&'a FrozenPoint]; 2], metric: &Metric) -> Vec<Matched<'a>> {
    let software: Vec<&str> = BUT_SOFTWARE.into_iter().chain(["framework"]).collect();
    let loose: Vec<&str> = metric.same.iter().map(String::as_str).chain(["provenance"]).collect();
    let mut cells: BTreeMap<i64, [Vec<&FrozenPoint>; 2]> = BTreeMap::new();
    for (side, points) in points.into_iter().enumerate() {
        for point in points.iter().filter(|point| point.metrics.contains_key(&metric.field)) {
            cells.entry(point.cell_id).or_default()[side].push(point);
        }
    }
    let mut all = Vec::new();
    for sides in cells.values() {
        let by = |fields: &[&str]| agreeing([&sides[0], &sides[1]], fields, metric);
        let found = [software.as_slice(), &BUT_SOFTWARE, &loose].into_iter().map(by).find(|found| !found.is_empty());
        all.extend(found.unwrap_or_default());
    }
    all
}

/// The best point of either side, for each combination of these fields that both have.
fn agreeing<'a>(sides: [&[&'a FrozenPoint]; 2], fields: &[&str], metric: &Metric) -> Vec<Matched<'a>> {
    let [before, after] = sides.map(|points| {
        let mut best: BTreeMap<Vec<Option<&str>>, (&'a FrozenPoint, &'a Samples)> = BTreeMap::new();
        for point in points {
            let key = fields.iter().map(|field| point.point.get(*field).and_then(Option::as_deref)).collect();
            let Some(values) = point.metrics.get(&metric.field) else { continue };
            let better = |known: &Samples| match metric.better {
                Direction::Higher => values.mean > known.mean,
                Direction::Lower => values.mean < known.mean,
            };
            if best.get(&key).is_none_or(|(_, known)| better(known)) {
                best.insert(key, (point, values));
            }
        }
        best
    });
    let pair = |(key, (point, values)): (_, (&'a FrozenPoint, &'a Samples))| {
        let (other, others) = before.get(&key)?;
        Some(Matched { points: [other, point], values: [others, values] })
    };
    after.into_iter().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(cell_id: i64, batch: &str, framework: &str, throughput: f64) -> FrozenPoint {
        let field = |name: &str, value: &str| (name.to_owned(), (!value.is_empty()).then(|| value.to_owned()));
        FrozenPoint {
            side: 0,
            point_id: 1,
            cell_id,
            hardware_id: 1,
            hardware: "A100".into(),
            cell: [field("task", "inference")].into(),
            point: [field("batch_size", batch), field("framework", framework), field("provenance", "measured")].into(),
            results: 1,
            metrics: [("throughput_items_per_second".to_owned(), Samples::new(throughput, vec![throughput]))].into(),
        }
    }

    /// What is compared with what, by the unit alone.
    fn compared(before: &[FrozenPoint], after: &[FrozenPoint]) -> Vec<(f64, f64)> {
        let metric = Metric { field: "throughput_items_per_second".into(), better: Direction::Higher, same: vec!["item_unit".into()] };
        let (before, after): (Vec<&FrozenPoint>, Vec<&FrozenPoint>) = (before.iter().collect(), after.iter().collect());
        matched([&before, &after], &metric).iter().map(|one| (one.values[0].mean, one.values[1].mean)).collect()
    }

    #[test]
    fn a_field_that_differs_has_both_sides() {
        let metric = Metric { field: "throughput_items_per_second".into(), better: Direction::Higher, same: vec!["item_unit".into()] };
        let (before, after) = (point(1, "8", "torch 2.1", 400.0), point(1, "8", "torch 2.4", 440.0));
        let said = matched([&[&before], &[&after]], &metric)[0].said().point;
        assert_eq!(said["batch_size"], OfPoint::Same("8".into()));
        assert_eq!(said["framework"], OfPoint::Differs(Both { before: Some("torch 2.1".into()), after: Some("torch 2.4".into()) }));
    }

    #[test]
    fn like_is_held_against_like() {
        let before = [point(1, "1", "torch 2.1", 100.0), point(1, "8", "torch 2.1", 400.0), point(2, "1", "torch 2.1", 7.0)];
        // The same configuration, whatever else there is.
        let after = [point(1, "1", "torch 2.1", 90.0), point(1, "16", "torch 2.1", 900.0)];
        assert_eq!(compared(&before, &after), [(100.0, 90.0)]);
        // Another software: by batch size, the best of each side.
        let after = [point(1, "8", "torch 2.4", 440.0), point(1, "8", "torch 2.4 compiled", 480.0)];
        assert_eq!(compared(&before, &after), [(400.0, 480.0)]);
        // Another batch size: throughput may be compared across them, best against best.
        assert_eq!(compared(&before, &[point(1, "64", "torch 2.4", 500.0)]), [(400.0, 500.0)]);
        // Another cell is another question.
        assert_eq!(compared(&before, &[point(3, "1", "torch 2.1", 90.0)]), []);
    }
}
