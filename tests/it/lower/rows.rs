//! Rows and requests with the values at which arithmetic, comparison and texts differ.

use suitor::rules::{Pair, RuleRequest};

/// Numbers from a seed: the same everywhere.
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// One below `count`.
    pub fn below(&mut self, count: usize) -> usize {
        usize::try_from((self.next() >> 33) % count as u64).unwrap()
    }

    /// Whether one in `count` is it.
    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| u8::try_from(self.next() >> 56).unwrap()).collect()
    }
}

const SMALL: [f64; 14] = [0.0, 1.0, 0.5, 0.25, 2.0, 3.0, 4.0, 8.0, 100.0, 0.75, 1.5, 7.0, 0.1, 24_000.0];
const EDGES: [f64; 16] = [
    -0.0,
    f64::MIN_POSITIVE,
    5e-324,
    1e-310,
    1e-100,
    1e100,
    9.999_999_999_999_999e99,
    1e101,
    1e308,
    f64::MAX,
    9_007_199_254_740_993.0,
    9.2e18,
    0.1 + 0.2,
    1e13,
    1e-7,
    123_456_789.123_456_79,
];

/// A number at an edge, on or beside a constant of the rules, or between them.
pub fn number(numbers: &mut Numbers) -> f64 {
    let base = numbers.of(&SMALL);
    let signed = if numbers.one_in(4) { -1.0 } else { 1.0 };
    signed
        * match numbers.below(12) {
            0 => numbers.of(&EDGES),
            1 => base.next_up(),
            2 => base.next_down(),
            3 => base * 1e12,
            4 => (numbers.next() >> 11) as f64 / 9_007_199_254_740_992.0,
            5 => f64::from_bits(numbers.next() & 0x7fdf_ffff_ffff_ffff),
            _ => base,
        }
}

/// An integer at an edge, or a small one.
pub fn integer(numbers: &mut Numbers) -> i64 {
    let small = [0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 100, 1000, 365, 366];
    let edges = [
        i64::MAX,
        i64::MIN,
        i64::MIN + 1,
        999_999_999_999,
        1_000_000_000_000,
        1_000_000_000_001,
        9_007_199_254_740_993,
        3_037_000_500,
        -3_037_000_500,
    ];
    let value = if numbers.one_in(14) { numbers.of(&edges) } else { numbers.of(&small) };
    if numbers.one_in(5) { value.wrapping_neg() } else { value }
}

fn amount(numbers: &mut Numbers) -> f64 {
    let value = number(numbers);
    // Now and then a row that the pipeline could not give.
    if numbers.one_in(40) { value } else { value.abs() }
}

fn count(numbers: &mut Numbers) -> i64 {
    let value = integer(numbers);
    if numbers.one_in(40) { value } else { value.checked_abs().unwrap_or(1) }
}

fn share(numbers: &mut Numbers) -> f64 {
    let value = number(numbers);
    if numbers.one_in(60) { value } else { value.clamp(0.0, 1.0) }
}

const WORDS: [&str; 30] = [
    "fp8",
    "fp16",
    "int8",
    "fp4",
    "cuda",
    "rocm",
    "cpu",
    "mps",
    "webgpu",
    "webnn",
    "vision",
    "llama",
    "whisper",
    "llava",
    "A100",
    "T4",
    "NVIDIA GeForce RTX 3090",
    "h",
    "",
    " ",
    "\u{a0}",
    "e\u{301}",
    "\u{e9}",
    "🦀 x",
    "a\0b",
    "a'b\"c\\",
    "straße",
    "ﬀ",
    "Z",
    "\n\t",
];

pub fn word(numbers: &mut Numbers, usual: &[&str]) -> String {
    if numbers.one_in(6) { numbers.of(&WORDS).to_owned() } else { numbers.of(usual).to_owned() }
}

fn maybe<T>(numbers: &mut Numbers, value: impl FnOnce(&mut Numbers) -> T) -> Option<T> {
    (!numbers.one_in(4)).then(|| value(numbers))
}

/// A pair with its suitability.
pub fn pair(numbers: &mut Numbers) -> (Pair, f64) {
    let pair = Pair {
        model: word(numbers, &["m", "bert"]),
        model_family: maybe(numbers, |numbers| word(numbers, &["vision", "audio", "llama", "multimodal"])),
        parameters_million: maybe(numbers, number),
        hardware: word(numbers, &["h", "NVIDIA A100 x8", "Apple M2"]),
        hardware_name: word(numbers, &["A10", "T4", "h", "NVIDIA A100", "Blackwell B200"]),
        hardware_type: word(numbers, &["cuda", "rocm", "cpu", "mps", "", "webgpu", "openvino"]),
        device_count: count(numbers).max(1),
        device_memory_mb: maybe(numbers, number),
        batch_size: maybe(numbers, integer),
        precision: maybe(numbers, |numbers| word(numbers, &["fp8", "fp16", "int8", "fp4", "bf16"])),
        framework: maybe(numbers, |numbers| word(numbers, &["vllm", "x"])),
        scenario: maybe(numbers, |numbers| word(numbers, &["offline", "server"])),
        throughput: maybe(numbers, amount),
        latency_ms: maybe(numbers, amount),
        ttft_ms: maybe(numbers, amount),
        tpot_ms: maybe(numbers, amount),
        memory_peak_mb: maybe(numbers, amount),
        energy_j_per_item: maybe(numbers, amount),
        results: count(numbers),
        failed_results: count(numbers),
        spread: maybe(numbers, amount),
        age_days: maybe(numbers, integer),
        provenance: word(numbers, &["measured", "simulated", "estimated"]),
        uncontested: numbers.one_in(2),
        coverage: share(numbers),
        compatibility: share(numbers),
        confidence: share(numbers),
    };
    let score = (share(numbers).clamp(0.0, 1.0) * 1e12).round() / 1e12;
    let score = if numbers.one_in(50) { number(numbers) } else { score };
    (pair, score)
}

pub fn many(numbers: &mut Numbers, count: usize) -> Vec<(Pair, f64)> {
    (0..count).map(|_| pair(numbers)).collect()
}

const NUMBERS: [fn(&mut Pair) -> &mut Option<f64>; 9] = [
    |pair| &mut pair.parameters_million,
    |pair| &mut pair.device_memory_mb,
    |pair| &mut pair.throughput,
    |pair| &mut pair.latency_ms,
    |pair| &mut pair.ttft_ms,
    |pair| &mut pair.tpot_ms,
    |pair| &mut pair.memory_peak_mb,
    |pair| &mut pair.energy_j_per_item,
    |pair| &mut pair.spread,
];
const INTEGERS: [fn(&mut Pair) -> &mut Option<i64>; 2] = [|pair| &mut pair.batch_size, |pair| &mut pair.age_days];
const COUNTS: [fn(&mut Pair) -> &mut i64; 3] = [|pair| &mut pair.device_count, |pair| &mut pair.results, |pair| &mut pair.failed_results];
const SHARES: [fn(&mut Pair) -> &mut f64; 3] = [|pair| &mut pair.coverage, |pair| &mut pair.compatibility, |pair| &mut pair.confidence];
const TEXTS: [fn(&mut Pair) -> &mut Option<String>; 4] =
    [|pair| &mut pair.model_family, |pair| &mut pair.precision, |pair| &mut pair.framework, |pair| &mut pair.scenario];

/// Lets rows keep within bounds, as those of a table do: of most fields no row lies at an edge, some no row has, some every row.
pub fn narrow(numbers: &mut Numbers, rows: &mut [(Pair, f64)]) {
    fn said<T: Clone>(numbers: &mut Numbers, rows: &mut [(Pair, f64)], field: fn(&mut Pair) -> &mut Option<T>, usual: &T) {
        let kind = numbers.below(4);
        for (pair, _) in rows {
            let value = field(pair);
            match kind {
                0 => *value = None,
                1 => *value = Some(value.take().unwrap_or_else(|| usual.clone())),
                _ => {}
            }
        }
    }
    fn bounds(numbers: &mut Numbers) -> (f64, f64) {
        let (one, other) = (numbers.of(&SMALL), numbers.of(&SMALL));
        let least = if numbers.one_in(4) { -other } else { one.min(other) };
        (least, one.max(other))
    }
    for field in NUMBERS {
        said(numbers, rows, field, &1.0);
        let (least, most) = bounds(numbers);
        // Now and then a field is at its edges in spite of it.
        if !numbers.one_in(6) {
            for (pair, _) in &mut *rows {
                *field(pair) = field(pair).map(|value| value.clamp(least, most));
            }
        }
    }
    for field in INTEGERS {
        said(numbers, rows, field, &1);
        let (least, most) = (numbers.of(&[-366, 0, 1, 3]), numbers.of(&[3, 8, 366, 1_000_000]));
        for (pair, _) in &mut *rows {
            *field(pair) = field(pair).map(|value| value.clamp(least, most));
        }
    }
    for field in TEXTS {
        said(numbers, rows, field, &"fp8".to_owned());
    }
    for field in COUNTS {
        let most = numbers.of(&[1, 2, 3, 9, 1_000_000_000_000]);
        for (pair, _) in &mut *rows {
            *field(pair) = (*field(pair)).clamp(1, most);
        }
    }
    for field in SHARES {
        let most = numbers.of(&[0.25, 0.5, 1.0]);
        for (pair, _) in &mut *rows {
            *field(pair) = field(pair).clamp(0.0, most);
        }
    }
    let most = numbers.of(&[0.5, 1.0]);
    for (_, score) in rows {
        *score = score.clamp(0.0, most);
    }
}

/// A question.
pub fn request(numbers: &mut Numbers) -> RuleRequest {
    let names = ["latency-sensitive", "memory-constrained"];
    let requirements: Vec<String> = names.iter().filter(|_| numbers.one_in(2)).map(|&name| name.to_owned()).collect();
    RuleRequest {
        model: word(numbers, &["m", "bert"]),
        task: maybe(numbers, |numbers| word(numbers, &["inference", "training"])),
        batch_size: maybe(numbers, integer),
        precision: maybe(numbers, |numbers| word(numbers, &["fp8", "fp16", "int8", ""])),
        version: None,
        latency_sensitive: requirements.iter().any(|name| name == "latency-sensitive"),
        memory_constrained: requirements.iter().any(|name| name == "memory-constrained"),
        requirements,
        profile: ["documented", "ratio"][numbers.below(2)].to_owned(),
        as_of: maybe(numbers, integer),
    }
}
