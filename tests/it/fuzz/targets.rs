//! What is done with a text, and what must hold then.

use std::path::Path;
use std::process::Command;

use sha2::{Digest as _, Sha256};
use suitor::check::check;
use suitor::import::{Aliases, Mappings};
use suitor::recommend::HardwareRecommender;
use suitor::recommend::request::Request;
use suitor::rules::{Coverage, Evaluator, Level, Limits, Pair, RuleError, RuleRequest, RuleSet, Source, Verdict, Weights};
use suitor::scenario::Scenario;
use suitor::store::{Db, SchemaNames};

use super::Told;
use super::corpus::{Input, Kind};
use crate::support::{db_from_text, project};

const SCORING: &str = include_str!("../../../config/scoring.toml");
const ROWS: &str = "model,hardware_norm,task,hardware_type,batch_size,precision,throughput_items_per_second,latency_mean_ms\n\
    m,A,inference,cuda,1,fp16,10,5\nm,A,inference,cuda,8,fp16,40,9\nm,B,inference,cpu,1,int8,2,50\nm,C,training,rocm,1,fp32,3,20\n";

/// What inputs are run on.
pub struct Bench {
    folder: tempfile::TempDir,
    scripts: Vec<(String, String)>,
    db: Db,
    pairs: Vec<(Pair, RuleRequest)>,
}

impl Bench {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for part in ["config/import", "rules"] {
            std::fs::create_dir_all(folder.path().join(part)).unwrap();
        }
        let mut scripts: Vec<(String, String)> = std::fs::read_dir(project().join("rules"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (format!("rules/{}", path.file_name().unwrap().display()), std::fs::read_to_string(&path).unwrap()))
            .collect();
        scripts.push(("rules/adjust.rhai".to_owned(), "fn adjust(score, pair, request) { score * 0.9 }".to_owned()));
        scripts.sort();
        Self { folder, scripts, db: db_from_text(ROWS), pairs: pairs() }
    }
}

/// A row with everything, one with little, and one with everything missing.
fn pairs() -> Vec<(Pair, RuleRequest)> {
    let text = |text: &str| Some(text.to_owned());
    let full = Pair {
        model: "m".to_owned(),
        model_family: text("llama"),
        parameters_million: Some(7_000.0),
        hardware: "NVIDIA A10 x2".to_owned(),
        hardware_name: "NVIDIA A10".to_owned(),
        hardware_type: "cuda".to_owned(),
        device_count: 2,
        device_memory_mb: Some(24_000.0),
        batch_size: Some(8),
        precision: text("fp8"),
        framework: text("vllm"),
        scenario: text("server"),
        throughput: Some(100.0),
        latency_ms: Some(12.5),
        ttft_ms: Some(100.0),
        tpot_ms: Some(10.0),
        memory_peak_mb: Some(23_000.0),
        energy_j_per_item: Some(1.5),
        results: 4,
        failed_results: 2,
        spread: Some(0.3),
        age_days: Some(900),
        provenance: "measured".to_owned(),
        uncontested: false,
        coverage: 1.0,
        compatibility: 0.75,
        confidence: 0.8,
    };
    let little =
        Pair { precision: text(""), throughput: Some(0.0), age_days: Some(-1), hardware_type: "webgpu".to_owned(), ..Pair::default() };
    let request = RuleRequest {
        model: "m".to_owned(),
        task: text("inference"),
        batch_size: Some(8),
        precision: text("fp16"),
        version: text("v1"),
        requirements: vec!["latency-sensitive".to_owned()],
        latency_sensitive: true,
        memory_constrained: false,
        profile: "documented".to_owned(),
        as_of: Some(20_000),
    };
    let training = RuleRequest { task: text("training"), ..RuleRequest::default() };
    vec![(full, request), (little, training), (Pair::default(), RuleRequest::default())]
}

/// Runs an input.
pub fn run(bench: &Bench, input: &Input) -> Told {
    let text = input.text.as_str();
    match input.kind {
        Kind::Script => {
            let table = text.lines().next().and_then(|line| line.strip_prefix("//:")).unwrap_or("params = { a = 1, b = 0.5 }");
            let list = |table: &str| format!("[[rule]]\nscript = \"case\"\ntitle = \"case\"\n{table}\n");
            let files = |list: String| set(&[], [SCORING, list.as_str()], Some(text));
            let table = if RuleSet::compile(&files(list(table))).is_ok() { list(table) } else { list("params = { a = 1, b = 0.5 }") };
            rule_set(bench, &files(table), text)
        }
        Kind::Scoring => rule_set(bench, &set(&[], [text, ""], None), text),
        Kind::Rules => rule_set(bench, &set(&bench.scripts, [SCORING, text], None), text),
        Kind::Settings => settings(bench, text),
        Kind::Aliases => one_file(bench, "aliases.toml", text, |config| Aliases::load(config).map(|_| ())),
        Kind::Mapping => one_file(bench, "import/case.toml", text, |config| Mappings::load(config).map(|_| ())),
        Kind::Scenario => scenario(bench, text),
    }
}

fn set(scripts: &[(String, String)], [scoring, rules]: [&str; 2], script: Option<&str>) -> Vec<(String, String)> {
    let mut files = vec![("config/scoring.toml".to_owned(), scoring.to_owned()), ("config/rules.toml".to_owned(), rules.to_owned())];
    files.extend(scripts.iter().cloned());
    files.extend(script.map(|text| ("rules/case.rhai".to_owned(), text.to_owned())));
    files
}

/// What is done only with some inputs, because it takes time: the same ones each time.
fn now_and_then(text: &str, of: u8) -> bool {
    Sha256::digest(text.as_bytes())[0] % of == 0
}

fn rule_set(bench: &Bench, files: &[(String, String)], text: &str) -> Told {
    let limits = Limits { operations: 20_000, ..Limits::default() };
    let compiled = RuleSet::compile_within(files, &limits);
    if now_and_then(text, 4) {
        for folder in ["config", "rules"] {
            for entry in std::fs::read_dir(bench.folder.path().join(folder)).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    std::fs::remove_file(path).unwrap();
                }
            }
        }
        for (name, text) in files {
            std::fs::write(bench.folder.path().join(name), text).unwrap();
        }
        let errors = checked(bench, text)?;
        let expected = compiled.as_ref().err().map_or(0, |errors| errors.0.len());
        if errors != expected {
            return Err(format!("`check` finds {errors} errors, loading finds {expected}"));
        }
    }
    let set = match compiled {
        Ok(set) => set,
        Err(errors) => {
            let _ = errors.render();
            return said(&errors.0).map(|said| format!("faulty {said}"));
        }
    };
    let mut told = format!("sound {}{}", said(&set.warnings)?, said(&set.notes)?);
    for branch in Coverage::of(&set).branches.keys() {
        let file = set.files.iter().find(|file| file.name == format!("rules/{}.rhai", branch.rule)).unwrap();
        inside(file, branch.line)?;
    }
    let weights: Weights = set.scoring.components.iter().map(|component| (component.name.clone(), component.weight)).collect();
    for (pair, request) in &bench.pairs {
        told.push_str(&match set.evaluator().weigh(&weights, request) {
            Ok((weights, _)) if weights.values().any(|weight| !weight.is_finite() || *weight < 0.0) => return Err(format!("{weights:?}")),
            Ok((weights, notes)) => format!("; {weights:?} {}", notes.len()),
            Err(error) => failed(&set, &error)?,
        });
        told.push_str(&judged(&set, pair, request)?);
    }
    if now_and_then(text, 16) {
        for task in ["inference", "training"] {
            let request = Request { model: "m".to_owned(), task: Some(task.to_owned()), ..Request::default() };
            let recommender = HardwareRecommender::new(&bench.db, &set);
            let answer = recommender.recommend_hardware(&request).map(|answer| format!("{:?}", answer.recommendations));
            told.push_str(&answer.or_else(|error| failed(&set, &error))?);
            recommender.coverage(&request).map(|_| String::new()).or_else(|error| failed(&set, &error))?;
        }
    }
    Ok(told)
}

/// Judges a pair, strictly and not: both say the same, and scores are scores.
fn judged(set: &RuleSet, pair: &Pair, request: &RuleRequest) -> Told {
    let plain = set.evaluator().judge(pair, 0.6, request, false);
    let strict = set.evaluator().judge(pair, 0.6, request, true);
    match (plain, strict) {
        (Ok(Verdict::Failed { message, .. }), Err(error)) if error.message == message => failed(set, &error),
        (Err(one), Err(other)) if one.message == other.message || one.message.contains("`seconds`") => failed(set, &one),
        (Ok(one), Ok(other)) if one == other => {
            if let Verdict::Scored { score, .. } = &one
                && !(0.0..=1.0).contains(score)
            {
                return Err(format!("a score of {score}"));
            }
            Ok(format!("; {one:?}"))
        }
        (plain, strict) => Err(format!("{plain:?}\n--- and strictly\n{strict:?}")),
    }
}

/// A failure that may be: of the script, with a place in it.
fn failed(set: &RuleSet, error: &suitor::Error) -> Told {
    let text = error.message.as_str();
    if text.contains("broke down") || text.contains(" Error: ") || text.contains("INTERNAL") {
        return Err(text.to_owned());
    }
    for file in &set.files {
        let place = text.split_once(&format!("at {}:", file.name)).map(|(_, place)| place.split(':').next().unwrap_or_default());
        if let Some(line) = place {
            inside(file, line.parse().map_err(|_| text.to_owned())?)?;
        }
    }
    Ok(format!("; {text}"))
}

fn inside(file: &Source, line: usize) -> Result<(), String> {
    let lines = file.text.matches('\n').count() + 1;
    if line == 0 || line > lines { Err(format!("line {line} of {}, which has {lines}", file.name)) } else { Ok(()) }
}

/// Shows faults in every way; their places lie in the file, between characters.
fn said(faults: &[RuleError]) -> Told {
    let mut all = String::new();
    for fault in faults {
        if fault.file.text.get(fault.span.clone()).is_none() {
            return Err(format!("the place {:?} is not in a file of {} bytes: {}", fault.span, fault.file.text.len(), fault.kind));
        }
        if let Some((line, _)) = fault.place() {
            inside(&fault.file, line)?;
        }
        let (render, line) = (fault.render(), fault.line());
        if render.contains("broke down") || render.contains("panicked") {
            return Err(render);
        }
        all.push_str(&format!("{} ", fault.kind.code()));
        if all.len() < 400 {
            all.push_str(&line);
        }
    }
    Ok(all)
}

/// What `check` says of the folder: the number of errors. Now and then the command itself prints it.
fn checked(bench: &Bench, text: &str) -> Result<usize, String> {
    let report = check(&bench.folder.path().join("config"), &bench.folder.path().join("rules")).map_err(|error| error.message)?;
    said(&report.faults)?;
    if now_and_then(text, 64) {
        let format = ["json", "sarif", "github", "table"][text.len() % 4];
        printed(bench.folder.path(), format, report.passes(false))?;
    }
    Ok(report.count(Level::Error))
}

fn printed(folder: &Path, format: &str, passes: bool) -> Result<(), String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_suitor"));
    let ended = command.current_dir(folder).args(["check", "--format", format]).env_remove("SUITOR_DB").output().unwrap();
    let (out, said) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    if ended.status.code() != Some(if passes { 0 } else { 2 }) || said.contains("panicked") {
        return Err(format!("`check --format {format}` ended with {}: {said}", ended.status));
    }
    let document = ["json", "sarif"].contains(&format);
    if document && let Err(error) = serde_json::from_str::<serde_json::Value>(&out) {
        return Err(format!("`check --format {format}` printed no JSON: {error}"));
    }
    Ok(())
}

/// A file of settings is read for work when `check` has nothing against it.
fn one_file(bench: &Bench, name: &str, text: &str, load: impl Fn(&Path) -> suitor::Result<()>) -> Told {
    let config = bench.folder.path().join("config");
    for other in ["scoring.toml", "rules.toml", "suitor.toml", "aliases.toml", "import/case.toml"] {
        let _ = std::fs::remove_file(config.join(other));
    }
    for entry in std::fs::read_dir(bench.folder.path().join("rules")).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
    // A small set of rules beside it: the shipped one takes longer to check than the file.
    std::fs::write(config.join("scoring.toml"), SCORING).unwrap();
    std::fs::write(config.join("rules.toml"), "").unwrap();
    std::fs::write(config.join(name), text).unwrap();
    let loaded = load(&config);
    let errors = checked(bench, text)?;
    let _ = std::fs::remove_file(config.join(name));
    match loaded {
        Ok(()) => Ok(format!("sound {errors}")),
        Err(error) if errors == 0 => Err(format!("`check` finds nothing, loading says: {error}")),
        Err(error) => Ok(format!(
            "faulty {errors} {}",
            error.message.chars().take(80).collect::<String>().replace(bench.folder.path().to_str().unwrap(), "")
        )),
    }
}

fn settings(bench: &Bench, text: &str) -> Told {
    let limits = Limits::parse(text);
    let said = limits.as_ref().err().map_or(Ok(String::new()), |errors| said(&errors.0))?;
    let names = one_file(bench, "suitor.toml", text, |config| SchemaNames::load(config).map(|_| ()))?;
    Ok(format!("{names} {said}"))
}

fn scenario(bench: &Bench, text: &str) -> Told {
    match Scenario::parse("case", "case.toml", bench.folder.path(), text) {
        Ok(scenario) => {
            inside(&scenario.file, scenario.place(&scenario.ask.span).0)?;
            Ok(format!("sound {:?}", scenario.expect))
        }
        Err(faults) if faults.is_empty() => Err("neither a scenario nor a fault".to_owned()),
        Err(faults) => {
            let mut all = String::from("faulty ");
            for fault in &faults {
                if fault.file.text.get(fault.span.clone()).is_none() {
                    return Err(format!("the place {:?} is not in the file: {}", fault.span, fault.message));
                }
                let _ = fault.render();
                all.push_str(&format!("{} ", fault.code.code()));
            }
            let _ = suitor::scenario::together(&faults);
            Ok(all)
        }
    }
}
