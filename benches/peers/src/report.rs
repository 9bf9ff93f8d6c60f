//! What was measured, as a table or as JSON.

use serde_json::{Value, json};

/// One way to apply the rules.
pub(crate) struct Line {
    /// A word for JSON.
    pub(crate) id: &'static str,
    /// What it is.
    pub(crate) what: &'static str,
    /// What comes out.
    pub(crate) gives: &'static str,
    /// Pairs that were timed.
    pub(crate) pairs: usize,
    pub(crate) seconds: f64,
}

impl Line {
    fn nanoseconds(&self) -> f64 {
        self.seconds / self.pairs as f64 * 1e9
    }
}

/// A ratio that is to be held.
pub(crate) struct Target {
    pub(crate) over: &'static str,
    pub(crate) under: &'static str,
    pub(crate) bound: Bound,
}

pub(crate) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

/// A run.
pub(crate) struct Report {
    pub(crate) pairs: usize,
    pub(crate) threads: u32,
    pub(crate) lines: Vec<Line>,
    pub(crate) targets: Vec<Target>,
    /// Against which the others are held.
    pub(crate) base: &'static str,
}

impl Report {
    fn of(&self, id: &str) -> f64 {
        self.lines.iter().find(|line| line.id == id).expect("a line").nanoseconds()
    }

    fn held(&self) -> impl Iterator<Item = (&Target, f64, bool)> {
        self.targets.iter().map(|target| {
            let ratio = self.of(target.over) / self.of(target.under);
            let held = match target.bound {
                Bound::AtLeast(bound) => ratio >= bound,
                Bound::AtMost(bound) => ratio <= bound,
            };
            (target, ratio, held)
        })
    }

    pub(crate) fn text(&self) -> String {
        let threads = match self.threads {
            1 => "one thread each".to_owned(),
            more => format!("{more} threads for what DuckDB runs, one for the others"),
        };
        let mut lines =
            vec![format!("12 rules over {} pairs, {threads}; every result was checked against Suitor's interpreter", self.pairs)];
        lines.push(format!("{:<58} {:<48} {:>9} {:>10} {:>8}", "", "gives", "timed", "ns a pair", "ratio"));
        for line in &self.lines {
            let ratio = line.nanoseconds() / self.of(self.base);
            lines.push(format!("{:<58} {:<48} {:>9} {:>10.1} {:>8.2}", line.what, line.gives, line.pairs, line.nanoseconds(), ratio));
        }
        for (target, ratio, held) in self.held() {
            let (bound, value) = match target.bound {
                Bound::AtLeast(value) => ("at least", value),
                Bound::AtMost(value) => ("at most", value),
            };
            let held = if held { "held" } else { "missed" };
            lines.push(format!("{} / {}: {ratio:.2} ({bound} {value}: {held})", target.over, target.under));
        }
        lines.join("\n")
    }

    pub(crate) fn json(&self) -> Value {
        let lines = self.lines.iter().map(|line| {
            json!({
                "id": line.id, "what": line.what, "gives": line.gives, "pairs_timed": line.pairs, "seconds": line.seconds,
                "ns_per_pair": line.nanoseconds(), "ratio": line.nanoseconds() / self.of(self.base)
            })
        });
        let targets = self.held().map(|(target, ratio, held)| {
            let (bound, value) = match target.bound {
                Bound::AtLeast(value) => ("at_least", value),
                Bound::AtMost(value) => ("at_most", value),
            };
            json!({ "over": target.over, "under": target.under, "ratio": ratio, bound: value, "held": held })
        });
        json!({
            "pairs": self.pairs, "threads": self.threads, "rules": 12, "lines": lines.collect::<Vec<_>>(), "targets": targets.collect::<Vec<_>>()
        })
    }
}
