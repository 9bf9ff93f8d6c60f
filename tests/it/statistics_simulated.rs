//! How often the statistics are wrong: simulated runs, seeded, each share with its sampling error.

use suitor::statistics::random::SplitMix;
use suitor::statistics::{Hypothesis, LEVEL, Sample, bootstrap, decide, steps};

/// Runs of one metric: log-normal around `level`.
fn runs(random: &mut SplitMix, n: usize, level: f64, noise: f64) -> Sample {
    let values: Vec<f64> = (0..n).map(|_| level * (noise * random.normal()).exp()).collect();
    Sample::of(&values).unwrap()
}

/// A share of `of`, with its 95 % sampling error.
struct Share {
    share: f64,
    error: f64,
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2} % +- {:.2}", 100.0 * self.share, 100.0 * self.error)
    }
}

fn share(hits: usize, of: usize) -> Share {
    let share = hits as f64 / of as f64;
    Share { share, error: 1.96 * (share * (1.0 - share) / of as f64).sqrt() }
}

/// A comparison of `metrics` x `hardware`, `n` runs a side; `noise` by hardware; the first metric of the first hardware changes.
struct Comparison<'a> {
    metrics: usize,
    hardware: usize,
    n: usize,
    noise: &'a dyn Fn(usize) -> f64,
    change: f64,
}

impl Comparison<'_> {
    /// How often `hit` holds of the decisions.
    fn simulate(&self, times: usize, seed: u64, hit: impl Fn(&[bool]) -> bool) -> Share {
        let mut random = SplitMix(seed);
        let mut hits = 0;
        for _ in 0..times {
            let mut family = Vec::new();
            for metric in 0..self.metrics {
                for hardware in 0..self.hardware {
                    let noise = (self.noise)(hardware);
                    let factor = if family.is_empty() { 1.0 + self.change } else { 1.0 };
                    let before = runs(&mut random, self.n, 100.0, noise);
                    let after = runs(&mut random, self.n, 100.0 * factor, noise);
                    family.push(Hypothesis { kind: metric.to_string(), pairs: vec![(before, after)] });
                }
            }
            let decided: Vec<bool> = decide(&family).iter().map(|one| one.is_some_and(|one| one.significant)).collect();
            hits += usize::from(hit(&decided));
        }
        share(hits, times)
    }
}

/// The standard deviation of logs by hardware.
type Noise = fn(usize) -> f64;

/// Kinds of noise: what is alike, what differs by hardware, one that is noisier than all others.
const NOISES: [(&str, Noise); 4] = [
    ("2 % everywhere", |_| 0.02),
    ("one at 4 %", |hardware| if hardware == 0 { 0.04 } else { 0.02 }),
    ("a tenth at 3 %", |hardware| if hardware % 10 == 0 { 0.03 } else { 0.02 }),
    ("0.5 % to 8 %", |hardware| 0.005 * 2.0_f64.powi(i32::try_from(hardware % 5).unwrap_or(0))),
];

#[test]
fn without_a_change_significance_is_rare() {
    let mut seed = 1;
    for (name, noise) in NOISES {
        for (metrics, hardware, n, times) in [(1, 1, 3, 2000), (1, 10, 5, 500), (1, 20, 5, 400), (2, 20, 4, 200), (1, 50, 3, 200)] {
            seed += 1;
            let found = Comparison { metrics, hardware, n, noise: &noise, change: 0.0 }.simulate(times, seed, |all| all.contains(&true));
            println!("no change, {name}, {metrics} metrics x {hardware} hardware, {n} runs a side: any significant in {found} of {times}");
            // Three sampling errors (of 95 % / 1.96 each) above the level are chance; more is not.
            let chance = 3.0 * (LEVEL * (1.0 - LEVEL) / times as f64).sqrt();
            assert!(found.share <= LEVEL + chance, "{name} {metrics} x {hardware}, n = {n}: {found}");
        }
    }
}

#[test]
fn a_change_of_ten_per_cent_is_found() {
    for (metrics, hardware, times) in [(1, 1, 500), (1, 5, 500), (1, 19, 400), (2, 10, 400), (3, 10, 400), (2, 25, 400), (1, 500, 40)] {
        for change in [-0.1, 0.1] {
            let family = metrics * hardware;
            let found = Comparison { metrics, hardware, n: 5, noise: &|_| 0.02, change }.simulate(times, 77 + family as u64, |all| all[0]);
            println!("{change:+.1} in one of {family} tests, 5 runs a side, 2 % noise: found in {found} of {times}");
            let chance = 3.0 * (0.95 * 0.05 / times as f64).sqrt();
            assert!(family > 50 || found.share >= 0.95 - chance, "{family} tests: {found}");
            assert!(found.share > 0.5, "{family} tests: {found}");
        }
    }
}

#[test]
fn the_bootstrap_interval_holds_the_truth() {
    // A score of two components, one of which is at its cap in neither side: 0.6 x value / 100 + 0.4 x 50 / latency.
    let score = |logs: &[f64]| 0.6 * logs[0].exp() / 110.0 + 0.4 * 50.0 / logs[1].exp();
    let change = |logs: &[f64]| score(&logs[2..]) / score(&logs[..2]) - 1.0;
    let truth = change(&[100.0_f64.ln(), 60.0_f64.ln(), 90.0_f64.ln(), 62.0_f64.ln()]);
    for n in [3, 5, 10] {
        let (mut random, times) = (SplitMix(5), 300);
        let mut held = 0;
        for at in 0..times {
            let samples: Vec<Sample> = [100.0, 60.0, 90.0, 62.0].iter().map(|level| runs(&mut random, n, *level, 0.03)).collect();
            let [low, high] = bootstrap::interval(&samples, change, at).unwrap();
            held += usize::from(low <= truth && truth <= high);
        }
        let found = share(held, usize::try_from(times).unwrap());
        println!("95 % interval of a score's change, {n} runs each: holds the truth in {found} of {times}");
        assert!((0.91..=0.995).contains(&found.share), "n = {n}: {found}");
    }
}

/// A series of ten, `shift` from place `at` on.
fn series(random: &mut SplitMix, noise: f64, at: usize, shift: f64) -> Vec<f64> {
    (0..10).map(|place| 100.0 * if place >= at { 1.0 + shift } else { 1.0 } * (noise * random.normal()).exp()).collect()
}

#[test]
fn planted_steps_are_found_and_hardly_any_where_there_is_none() {
    let mut random = SplitMix(9);
    let times = 1000;
    for noise in [0.005, 0.02, 0.1] {
        let alarms = (0..times).filter(|_| !steps(&series(&mut random, noise, 10, 0.0), LEVEL).is_empty()).count();
        let found = share(alarms, times);
        println!("series of 10 without a step, {} % noise: a step is said in {found} of {times}", 100.0 * noise);
        assert!(found.share <= LEVEL + 3.0 * (LEVEL * (1.0 - LEVEL) / times as f64).sqrt(), "{found}");
    }
    let (mut hits, mut exact, mut all, mut more) = (0, 0, 0, 0);
    for at in 1..10 {
        for shift in [-0.1, 0.1] {
            let mut here = 0;
            for _ in 0..200 {
                let found = steps(&series(&mut random, 0.02, at, shift), LEVEL);
                let near = |step: &suitor::statistics::Step| step.at.abs_diff(at) <= 1 && step.change_percent.signum() * shift > 0.0;
                here += usize::from(found.iter().any(near));
                exact += usize::from(found.iter().any(|step| step.at == at));
                more += usize::from(found.len() > 1);
            }
            println!("{:+.0} % from place {at} of 10 on, 2 % noise: found in {}", 100.0 * shift, share(here, 200));
            (hits, all) = (hits + here, all + 200);
        }
    }
    println!(
        "all places: found in {}, at the very place in {}, further steps in {}",
        share(hits, all),
        share(exact, all),
        share(more, all)
    );
    assert!(share(hits, all).share >= 0.95, "{}", share(hits, all));
    assert!(share(more, all).share <= LEVEL, "{}", share(more, all));
}

#[test]
fn a_step_without_any_noise_is_found_and_equal_values_have_none() {
    let found = steps(&[100.0, 100.0, 100.0, 90.0, 90.0, 90.0], LEVEL);
    assert_eq!(found.iter().map(|step| step.at).collect::<Vec<_>>(), [3]);
    assert!((found[0].change_percent + 10.0).abs() < 1e-9 && found[0].p_value < 1e-12);
    assert!(steps(&[7.0; 10], LEVEL).is_empty() && steps(&[1.0, 2.0, 9.0], LEVEL).is_empty() && steps(&[], LEVEL).is_empty());
    // Down and up again.
    let there_and_back = [100.0, 101.0, 99.5, 100.2, 80.0, 80.4, 79.7, 100.1, 99.6, 100.4];
    assert_eq!(steps(&there_and_back, LEVEL).iter().map(|step| step.at).collect::<Vec<_>>(), [4, 7]);
}
