//! `suitor demo`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Parser as _;
use serde_json::Value as Json;

use super::context::{CONFIG, Context, Format, RULES};
use super::output::{Outcome, unwritten};
use super::{Cli, execute};
use crate::text_file::{self, Unread};
use crate::{Error, Result};

/// Show Suitor at work: a database of real, openly licensed results, and rankings from it
///
/// Writes the sample files and a database into a folder, and prints each command that it runs, so that it can be typed.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Folder for the sample files and the database
    #[arg(long, default_value = "suitor-demo", value_name = "DIR")]
    dir: PathBuf,
}

/// The sample: name and content, with its licences. Sources and attribution are in the README among them.
const FILES: &[(&str, &str)] = &[
    ("timm_infer.csv", include_str!("../../tests/data/timm_infer.csv")),
    ("mlperf_training_v5.0.csv", include_str!("../../tests/data/mlperf_training_v5.0.csv")),
    ("llmfit_community.csv", include_str!("../../tests/data/llmfit_community.csv")),
    ("README.md", include_str!("../../tests/data/README.md")),
];

/// What is asked: two models of each task.
const ASKED: &[&[&str]] = &[
    &["recommend", "--model", "resnet50", "--task", "inference"],
    &["recommend", "--model", "Llama-3.2-3B-Instruct-Q4_K_M.gguf", "--task", "inference", "--latency-sensitive"],
    &["recommend", "--model", "llama2_70b_lora", "--task", "training"],
    &["recommend", "--model", "bert", "--task", "training", "--max-devices", "8"],
];

#[derive(serde::Serialize)]
struct Done {
    schema_version: u32,
    steps: Vec<Step>,
    warnings: Vec<String>,
}

#[derive(serde::Serialize)]
struct Step {
    command: String,
    output: Json,
}

pub(super) fn run(args: &Args, context: &Context, out: &mut dyn Write) -> Result<Outcome> {
    if context.global.names_database() {
        let message = format!("`--db-path {}`: the demo makes a database of its own", context.global.db_path.display());
        return Err(Error::input(message).help("--dir names the folder of the demo and its database"));
    }
    let failed = |path: &Path, error: &std::io::Error| Error::failed(format!("`{}` could not be written: {error}", path.display()));
    std::fs::create_dir_all(&args.dir).map_err(|error| failed(&args.dir, &error))?;
    for (name, text) in FILES {
        let path = args.dir.join(name);
        let there = text_file::bytes(&path, text_file::DOCUMENT);
        if !matches!(there, Err(Unread::Missing(_))) && there.map_or(true, |there| there != text.as_bytes()) {
            return Err(Error::input(format!("nothing was written: there is another `{}` already", path.display()))
                .help("name an empty folder with --dir"));
        }
    }
    for (name, text) in FILES {
        let path = args.dir.join(name);
        std::fs::write(&path, text).map_err(|error| failed(&path, &error))?;
    }
    let database = args.dir.join("demo.duckdb").display().to_string();
    let file = |name: &str| args.dir.join(name).display().to_string();
    // The rankings of the first file come before the other files are read, because people look before they read.
    let mut commands = vec![vec!["import".to_owned(), file(FILES[0].0)], owned(ASKED[0])];
    commands.push(vec!["import".to_owned(), file(FILES[1].0), file(FILES[2].0)]);
    commands.push(vec!["calculate-scores".to_owned(), "--model".to_owned(), "resnet50".to_owned()]);
    commands.extend(ASKED[1..].iter().map(|asked| owned(asked)));
    let json = context.global.format == Format::Json;
    let given = folders(context);
    let mut steps = Vec::new();
    for command in commands {
        let mut typed = vec!["suitor".to_owned(), "--db-path".to_owned(), database.clone()];
        typed.extend(given.clone());
        typed.extend(command);
        let shown = typed.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
        let mut inner = context.clone();
        inner.global.db_path = PathBuf::from(&database);
        let cli = Cli::try_parse_from(&typed).map_err(|error| Error::failed(error.to_string()))?;
        if json {
            let mut printed = Vec::new();
            execute(cli.command, &inner, &mut printed).map_err(|error| inner.named(error))?;
            let output = serde_json::from_slice(&printed).map_err(|error| Error::failed(format!("`{shown}` printed no JSON: {error}")))?;
            steps.push(Step { command: shown, output });
        } else {
            writeln!(out, "$ {shown}").map_err(|error| unwritten(&error))?;
            execute(cli.command, &inner, out).map_err(|error| inner.named(error))?;
            writeln!(out).map_err(|error| unwritten(&error))?;
            out.flush().map_err(|error| unwritten(&error))?;
        }
    }
    if json {
        let done = Done { schema_version: crate::recommend::answer::SCHEMA_VERSION, steps, warnings: Vec::new() };
        let text = serde_json::to_string_pretty(&done).map_err(|error| Error::failed(error.to_string()))?;
        writeln!(out, "{text}").map_err(|error| unwritten(&error))?;
    } else {
        let next = format!(
            "suitor --db-path {} explain --model resnet50 --task inference --hardware 'NVIDIA GeForce RTX 4090'",
            std::iter::once(&database).chain(&given).map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
        );
        writeln!(out, "Next: why is it ranked so?\n$ {next}").map_err(|error| unwritten(&error))?;
    }
    Ok(Outcome::Done)
}

/// The folders of settings and rules as they were given, so that what is printed does the same again.
fn folders(context: &Context) -> Vec<String> {
    let all = [("--config", &context.global.config, CONFIG), ("--rules", &context.global.rules, RULES)];
    let given = all.into_iter().filter(|(_, folder, default)| folder.as_os_str() != *default);
    given.flat_map(|(flag, folder, _)| [flag.to_owned(), folder.display().to_string()]).collect()
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./=:".contains(c));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}
