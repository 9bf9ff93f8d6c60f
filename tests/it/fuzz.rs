//! Whatever stands in a rule, a TOML file or a scenario: no crash, no hang, no partial effect.
//!
//! Inputs are mutations of every file of the project and of `tests/cases/fuzz/`, where inputs are kept that once broke
//! something. `SUITOR_FUZZ_SECONDS` says how long (3 by default), `SUITOR_SEED` where to begin.

mod corpus;
mod mutate;
mod targets;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use suitor::rules::live::{LiveRules, Reload};
use suitor::rules::{RuleErrors, RuleSet};

use crate::support::{project, say};
use corpus::{Input, Kind};
use mutate::{Dice, mutated};
use targets::Bench;

/// What an input came to: what was said of it, in few words, or which property does not hold.
type Told = Result<String, String>;

fn seconds() -> f64 {
    std::env::var("SUITOR_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(3.0)
}

fn seed() -> u64 {
    let now = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(1, |since| since.as_secs());
    std::env::var("SUITOR_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(now)
}

/// Where inputs are put while they run, so that one which ends the process is there afterwards.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs inputs on a thread with the stack of an ordinary one (2 MB): an overflow is a real one.
struct Runner {
    inputs: Sender<Input>,
    outcomes: Receiver<Told>,
    bound: Duration,
    running: PathBuf,
}

impl Runner {
    fn start(name: &str) -> Self {
        let (inputs, given) = channel::<Input>();
        let (told, outcomes) = channel();
        let worker = move || {
            let bench = Bench::new();
            for input in given {
                if told.send(twice(&bench, &input)).is_err() {
                    return;
                }
            }
        };
        std::thread::Builder::new().stack_size(2 << 20).spawn(worker).unwrap();
        let running = folder().join(format!("running-{name}-{}", std::process::id()));
        let mut runner = Self { inputs, outcomes, bound: Duration::from_mins(5), running };
        // How slow the machine is: a case like any other, of which a thousand a minute is a good pace.
        let text = "fn adjust(score, pair, request) { if pair.results > 3 { score * 0.9 } else { score } }".to_owned();
        let usual = Instant::now();
        runner.run(&Input { name: "usual".to_owned(), kind: Kind::Script, text }).unwrap();
        runner.bound = Duration::from_secs(30).max(usual.elapsed() * 100);
        runner
    }

    /// What an input comes to; a hang is a failure too.
    fn run(&self, input: &Input) -> Told {
        std::fs::write(&self.running, &input.text).unwrap();
        self.inputs.send(input.clone()).map_err(|_| "the thread of the inputs is gone".to_owned())?;
        self.outcomes.recv_timeout(self.bound).unwrap_or_else(|_| Err(format!("took more than {:?}", self.bound)))
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.running);
    }
}

/// The same input twice: what is said must be the same.
fn twice(bench: &Bench, input: &Input) -> Told {
    let once = || {
        catch_unwind(AssertUnwindSafe(|| targets::run(bench, input))).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err(format!("panicked: {}", text.unwrap_or_default()))
        })
    };
    let (first, second) = (once()?, once()?);
    if first != second && !first.contains("`seconds`") && !second.contains("`seconds`") {
        return Err(format!("said two things:\n{first}\n--- and\n{second}"));
    }
    Ok(first)
}

/// Ends the test: the input is kept, and how to make it a case is said.
fn broken(input: &Input, seed: u64, count: usize, what: &str) -> ! {
    let path = folder().join(format!("{seed}-{count}.{}", input.kind.end()));
    std::fs::write(&path, &input.text).unwrap();
    panic!(
        "{what}\ninput: {} (target {}, from {}, SUITOR_SEED={seed}, input {count})\nkeep it: cp {} tests/cases/fuzz/NAME.{}",
        path.display(),
        input.kind.end(),
        input.name,
        path.display(),
        input.kind.end(),
    );
}

#[test]
fn inputs_that_were_kept_break_nothing() {
    let runner = Runner::start("kept");
    let mut kinds = BTreeSet::new();
    for (count, input) in corpus::kept().into_iter().enumerate() {
        kinds.insert(input.kind);
        if let Err(what) = runner.run(&input) {
            broken(&input, 0, count, &what);
        }
    }
    assert_eq!(kinds.len(), Kind::ALL.len(), "each target has inputs: {kinds:?}");
}

#[test]
fn mutated_inputs_break_nothing() {
    let runner = Runner::start("mutated");
    let (seed, length) = (seed(), Duration::from_secs_f64(seconds()));
    let mut pool = corpus::all();
    let mut dice = Dice::new(seed);
    let mut seen: BTreeSet<(Kind, String)> = BTreeSet::new();
    let mut counts: BTreeMap<Kind, (usize, usize)> = BTreeMap::new();
    let begin = Instant::now();
    let mut count = 0;
    while begin.elapsed() < length || count < 50 {
        let kind = Kind::ALL[dice.below(Kind::ALL.len() + 3) % Kind::ALL.len()];
        let input = mutated(&pool, kind, &mut dice);
        match runner.run(&input) {
            Err(what) => broken(&input, seed, count, &what),
            Ok(told) => {
                let sound = told.starts_with("sound");
                let entry = counts.entry(kind).or_default();
                entry.0 += 1;
                entry.1 += usize::from(sound);
                // An input of which something new is said is worth going on from.
                let shape: String = told.chars().filter(|c| !c.is_ascii_digit()).take(160).collect();
                if input.text.len() < 20_000 && pool.len() < 5_000 && (seen.insert((kind, shape)) || sound && dice.below(4) == 0) {
                    pool.push(input);
                }
            }
        }
        count += 1;
    }
    let shown: Vec<String> =
        counts.iter().map(|(kind, (all, sound))| format!("{}: {all} ({sound} without an error)", kind.end())).collect();
    say(&format!("fuzzing, seed {seed}: {count} inputs in {:.0} s; {}", begin.elapsed().as_secs_f64(), shown.join(", ")));
}

/// A folder with the shipped set, written out.
fn shipped() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for part in ["config", "rules"] {
        std::fs::create_dir(folder.path().join(part)).unwrap();
        for entry in std::fs::read_dir(project().join(part)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                std::fs::copy(&path, folder.path().join(part).join(path.file_name().unwrap())).unwrap();
            }
        }
    }
    folder
}

#[test]
fn a_broken_file_never_comes_into_force() {
    let folder = shipped();
    let (config, rules) = (folder.path().join("config"), folder.path().join("rules"));
    let live = LiveRules::load(&config, &rules).unwrap();
    let files: Vec<(PathBuf, Kind)> = [
        (config.join("scoring.toml"), Kind::Scoring),
        (config.join("rules.toml"), Kind::Rules),
        (config.join("suitor.toml"), Kind::Settings),
        (rules.join("memory_fit.rhai"), Kind::Script),
        (rules.join("stale.rhai"), Kind::Script),
    ]
    .to_vec();
    let texts: Vec<Vec<u8>> = files.iter().map(|(path, _)| std::fs::read(path).unwrap()).collect();
    let (seed, pool) = (seed(), corpus::all());
    let mut dice = Dice::new(seed);
    let (begin, length) = (Instant::now(), Duration::from_secs_f64(seconds() / 3.0));
    let (mut kept, mut swapped) = (0, 0);
    while begin.elapsed() < length || kept + swapped < 8 {
        let at = dice.below(files.len());
        let mut bytes = match dice.below(4) {
            0 => mutated(&pool, files[at].1, &mut dice).text.into_bytes(),
            1 => texts[at].clone(),
            _ => mutate::of(&String::from_utf8_lossy(&texts[at]), files[at].1, &mut dice).into_bytes(),
        };
        if dice.below(8) == 0 && !bytes.is_empty() {
            let place = dice.below(bytes.len());
            bytes[place] = 0xff;
        }
        std::fs::write(&files[at].0, &bytes).unwrap();
        let before = live.current().hash.clone();
        let whole = RuleSet::load(&config, &rules);
        let reload = live.reload();
        let (after, state) = (live.current().hash.clone(), live.state());
        let what = format!("seed {seed}, {}: {reload:?}, {state:?}", files[at].0.display());
        assert_eq!(state.active, after, "{what}");
        match &whole {
            Ok(set) => {
                assert_eq!(after, set.hash, "{what}");
                assert!(!state.stale && state.refused.is_none(), "{what}");
                swapped += 1;
            }
            Err(errors) => {
                assert_eq!(after, before, "{what}");
                assert!(reload == Reload::Kept && state.stale && state.refused.is_some(), "{what}: {}", RuleErrors::render(errors));
                kept += 1;
            }
        }
        // Most files are mended at once, so that sets come into force again.
        if whole.is_err() && dice.below(4) > 0 {
            for ((path, _), text) in files.iter().zip(&texts) {
                std::fs::write(path, text).unwrap();
            }
            assert_ne!(live.reload(), Reload::Kept, "{what}");
        }
    }
    say(&format!("files written over, seed {seed}: {kept} refused, {swapped} in force"));
}
