//! The twelve rules in Rust over columns: what the logic costs where nothing is general.

use crate::data::{Columns, RULES};

/// A column a result.
#[derive(Default)]
pub(crate) struct Told {
    /// By which rule, and why.
    pub(crate) excluded: Vec<Option<(&'static str, String)>>,
    /// `None` where it was excluded.
    pub(crate) score: Vec<Option<f64>>,
    /// One vector a rule; empty without steps.
    pub(crate) delta: [Vec<f64>; RULES],
    /// The same.
    pub(crate) reason: [Vec<Option<String>>; RULES],
}

const FOUR_BIT: [&str; 9] = ["int4", "uint4", "fp4", "nvfp4", "mxfp4", "4bit", "q4_0", "q4_k_m", "q4_k_s"];
const EIGHT_BIT: [&str; 6] = ["int8", "uint8", "fp8", "mxfp8", "8bit", "q8_0"];
const BLACKWELL: [&str; 14] = [
    "Blackwell",
    "B100",
    "B200",
    "B300",
    "GB200",
    "GB300",
    "RTX 5050",
    "RTX 5060",
    "RTX 5070",
    "RTX 5080",
    "RTX 5090",
    "Thor",
    "DGX Spark",
    "GB10",
];
const BEFORE_ADA: [&str; 24] = [
    "A100", "A10", "A16", "A2", "A30", "A40", "A800", "A4000", "A5000", "A6000", "RTX 2060", "RTX 2070", "RTX 2080", "RTX 3050",
    "RTX 3060", "RTX 3070", "RTX 3080", "RTX 3090", "GTX", "T4", "V100", "P100", "Titan", "Orin",
];
const BEFORE_AMPERE: [&str; 8] = ["RTX 2060", "RTX 2070", "RTX 2080", "GTX", "T4", "V100", "P100", "Titan"];

/// Runs the rules for inference without a pinned precision; with `steps`, the delta and the reason of each.
pub(crate) fn run(columns: &Columns, steps: bool) -> Told {
    let rows = columns.suitability.len();
    let mut told = Told { excluded: Vec::with_capacity(rows), score: Vec::with_capacity(rows), ..Told::default() };
    for at in 0..rows {
        let row = Row { columns, at };
        let excluded = row.excluded();
        if excluded.is_some() {
            told.excluded.push(excluded);
            told.score.push(None);
            for rule in (0..RULES).filter(|_| steps) {
                told.delta[rule].push(f64::NAN);
                told.reason[rule].push(None);
            }
            continue;
        }
        let mut score = columns.suitability[at];
        for rule in 0..RULES {
            let factor = row.factor(rule);
            let before = score;
            score = factor.map_or(score, |factor| (score * factor * 1e12).round() / 1e12);
            if steps {
                told.delta[rule].push(score - before);
                told.reason[rule].push(factor.map(|_| row.reason(rule)));
            }
        }
        told.excluded.push(None);
        told.score.push(Some(score.clamp(0.0, 1.0)));
    }
    told
}

struct Row<'a> {
    columns: &'a Columns,
    at: usize,
}

impl Row<'_> {
    fn count(&self) -> f64 {
        self.columns.device_count[self.at] as f64
    }

    fn capacity(&self) -> Option<f64> {
        Some(self.columns.device_memory_mb[self.at]? * self.count())
    }

    fn measured(&self) -> bool {
        self.columns.provenance[self.at] == "measured"
    }

    fn consumer(&self) -> bool {
        let name = &self.columns.hardware_name[self.at];
        name.starts_with("NVIDIA GeForce") || name.starts_with("AMD Radeon")
    }

    fn wait(&self) -> Option<f64> {
        self.columns.ttft_ms[self.at].or(self.columns.latency_ms[self.at])
    }

    fn free(&self) -> Option<f64> {
        Some((1.0 - self.columns.memory_peak_mb[self.at]? / self.capacity()?).max(0.0))
    }

    fn excluded(&self) -> Option<(&'static str, String)> {
        let c = self.columns;
        if let Some(why) = self.too_large() {
            return Some(("memory_fit", why));
        }
        if matches!(c.hardware_type[self.at].as_str(), "webnn" | "webgpu")
            && let Some(most) = self.beyond()
        {
            return Some(("web_mobile_limits", self.advised_text(most)));
        }
        (self.consumer() && c.device_count[self.at] > 4)
            .then(|| ("consumer_cards", format!("{}: consumer cards in systems of more than 4", c.hardware[self.at])))
    }

    fn too_large(&self) -> Option<String> {
        let c = self.columns;
        if self.measured() {
            return None;
        }
        let capacity = self.capacity()?;
        if let Some(peak) = c.memory_peak_mb[self.at] {
            return (peak > capacity)
                .then(|| format!("needs {:?} GB by {} peak, has {:?} GB", gb(peak), c.provenance[self.at], gb(capacity)));
        }
        let millions = c.parameters_million[self.at]?;
        let format = c.precision[self.at].as_deref().unwrap_or("unknown");
        let bytes = if FOUR_BIT.contains(&format) {
            0.5
        } else if EIGHT_BIT.contains(&format) {
            1.0
        } else if format == "fp32" {
            4.0
        } else {
            2.0
        };
        let need = millions * bytes * 1.2;
        (need > capacity).then(|| {
            let (need, capacity) = (gb(need), gb(capacity));
            format!("needs about {need:?} GB ({millions:?} million parameters, precision {format}, headroom x1.2), has {capacity:?} GB")
        })
    }

    /// The largest size advised, when the model is larger.
    fn beyond(&self) -> Option<u8> {
        let c = self.columns;
        if self.measured() {
            return None;
        }
        let (family, millions) = (c.model_family[self.at].as_deref()?, c.parameters_million[self.at]?);
        let kind = c.hardware_type[self.at].as_str();
        let most = match family {
            "text_generation" | "llama" | "mistral" | "mixtral" | "qwen" | "gemma" | "phi" | "gpt" | "falcon" | "deepseek" => match kind {
                "mps" => 1,
                "openvino" | "webnn" | "webgpu" => 0,
                _ => 2,
            },
            "vision" | "resnet" | "vit" | "convnext" | "swin" => u8::from(!matches!(kind, "webnn" | "webgpu")) + 1,
            "audio" | "whisper" | "wav2vec" => match kind {
                "mps" | "openvino" => 1,
                "webnn" | "webgpu" => 0,
                _ => 2,
            },
            "multimodal" | "llava" | "clip" | "blip" => {
                if matches!(kind, "mps" | "openvino" | "webnn" | "webgpu") {
                    0
                } else {
                    2
                }
            }
            _ => 2,
        };
        let size = u8::from(millions >= 1000.0) + u8::from(millions >= 10_000.0);
        (size > most).then_some(most)
    }

    fn advised_text(&self, most: u8) -> String {
        let c = self.columns;
        let family = c.model_family[self.at].as_deref().unwrap_or_default();
        let name = if most == 0 { "small" } else { "medium" };
        format!("{} only supports {family} models up to {name} size (a prior, not a measurement)", c.hardware[self.at])
    }

    fn lacks_units(&self) -> bool {
        let c = self.columns;
        let Some(precision) = c.precision[self.at].as_deref() else { return false };
        let name = &c.hardware_name[self.at];
        let any = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
        let four = matches!(precision, "fp4" | "nvfp4" | "mxfp4");
        let eight = matches!(precision, "fp8" | "mxfp8");
        match c.hardware_type[self.at].as_str() {
            "cpu" | "mps" | "openvino" | "webgpu" | "webnn" => four || eight,
            "cuda" if four => !any(&BLACKWELL),
            "cuda" if eight => any(&BEFORE_ADA),
            "cuda" if precision == "bf16" => any(&BEFORE_AMPERE),
            _ => false,
        }
    }

    /// What a rule multiplies the score by, when it fires.
    fn factor(&self, rule: usize) -> Option<f64> {
        let (c, at) = (self.columns, self.at);
        match rule {
            0 => (self.measured() && self.free()? < 0.1).then_some(0.95),
            1 => self.beyond().map(|_| 0.5),
            2 => self.lacks_units().then(|| if self.measured() { 0.97 } else { 0.7 }),
            3 => (c.results[at] >= 2 && c.spread[at]? > 0.105).then_some(0.9),
            4 => c.age_days[at].filter(|days| *days > 365).map(|days| 1.0 - (0.1 * ((days - 365) as f64 / 365.0)).min(0.3)),
            5 => (c.failed_results[at] != 0)
                .then(|| 1.0 - c.failed_results[at] as f64 * 1.0 / (c.results[at] + c.failed_results[at]) as f64 * 0.5),
            6 => (c.results[at] < 3).then(|| 1.0 - 0.05 * (3 - c.results[at]) as f64),
            7 => match c.device_count[at] {
                1 => None,
                2 => Some(0.99),
                4 => Some(0.98),
                _ => Some(0.96),
            },
            8 => self.wait().filter(|wait| *wait > 200.0).map(|wait| 1.0 - 0.2 * ((wait - 200.0) / 2000.0).min(1.0)),
            9 => c.energy_j_per_item[at].filter(|joules| *joules > 0.5).map(|joules| if joules > 5.0 { 0.9 } else { 0.97 }),
            10 => (self.consumer() && c.parameters_million[at]? >= 1000.0).then_some(0.93),
            _ => (!c.uncontested[at] && c.coverage[at] < 0.5).then(|| {
                let factor = 0.8 + (1.0 - 0.8) * c.coverage[at] / 0.5;
                if c.confidence[at] > 0.95 { factor + (1.0 - factor) / 2.0 } else { factor }
            }),
        }
    }

    /// What a rule that fires says.
    fn reason(&self, rule: usize) -> String {
        let (c, at) = (self.columns, self.at);
        let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
        match rule {
            0 => {
                let (peak, capacity) = (gb(number(c.memory_peak_mb[at])), gb(number(self.capacity())));
                let free = (number(self.free()) * 100.0).round();
                format!("peak {peak:?} GB of {capacity:?} GB leaves {free} % free, asked 10 %")
            }
            1 => self.advised_text(self.beyond().unwrap_or_default()),
            2 => format!("{} has no units for {}", c.hardware_name[at], c.precision[at].as_deref().unwrap_or_default()),
            3 => format!("results scatter by {:?} %, more than 10.5 %", (number(c.spread[at]) * 1000.0).round() / 10.0),
            4 => format!("newest result is {} days old (more than 365)", c.age_days[at].unwrap_or_default()),
            5 => format!("{} failed beside {} that count", c.failed_results[at], c.results[at]),
            6 => format!("rests on {} results, {} short of 3", c.results[at], 3 - c.results[at]),
            7 => format!("a system of {} devices", c.device_count[at]),
            8 => format!("first answer after {:?} ms", number(self.wait())),
            9 => format!("{:?} J an item", number(c.energy_j_per_item[at])),
            10 => "a consumer card for a model of this size".to_owned(),
            _ => format!("compared in {:?} % of the cells", (c.coverage[at] * 100.0).round()),
        }
    }
}

fn gb(mb: f64) -> f64 {
    (mb / 100.0).round() / 10.0
}
