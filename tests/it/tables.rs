//! The printed tables at four widths of the terminal, as snapshots; no line is wider than the terminal unless a single word is.

use std::path::Path;

use crate::binary::{done, folder_of, folder_of_rows, suitor_at};

const WIDTHS: [usize; 4] = [60, 80, 120, 200];

/// Columns that a text takes: two for wide characters.
fn width_of(text: &str) -> usize {
    text.chars().map(|c| if ('\u{1100}'..='\u{115f}').contains(&c) || ('\u{2e80}'..='\u{ffe6}').contains(&c) { 2 } else { 1 }).sum()
}

/// Prints at every width, checks the widths, and holds the lot against one snapshot a width.
fn printed(name: &str, folder: &Path, args: &[&str], code: i32, always: &[&str]) {
    for width in WIDTHS {
        let ended = suitor_at(folder, width, args);
        assert_eq!(ended.code, code, "{args:?}: {}", ended.said);
        for line in ended.printed.lines() {
            let words = line.split_whitespace().count();
            assert!(width_of(line) <= width || words == 1, "{name}: {} columns at {width}: {line}", width_of(line));
            assert_eq!(line, line.trim_end(), "{name}: blanks at the end");
        }
        for text in always {
            assert!(ended.printed.contains(text), "{name}: no `{text}` at {width}:\n{}", ended.printed);
        }
        insta::with_settings!({ omit_expression => true, description => args.join(" ") }, {
            insta::assert_snapshot!(format!("{name}_{width}"), ended.printed);
        });
    }
}

#[test]
fn recommendations_fit_the_terminal() {
    let folder = folder_of(&[
        "timm_infer.csv",
        "timm_train.csv",
        "mlperf_training_v5.0.csv",
        "mlperf_inference_v4.1.csv",
        "optimum_benchmark_examples.csv",
    ]);
    let at = folder.path();
    printed(
        "recommend",
        at,
        &["recommend", "--model", "resnet50", "--task", "inference"],
        0,
        &["hardware", "score", "Intel Core i9-10940X", "0.840"],
    );
    printed(
        "recommend_ties",
        at,
        &["recommend", "--model", "llama2_70b_lora", "--max-devices", "8", "--top-k", "0"],
        0,
        &["score", "tied with #2"],
    );
    let limited = ["recommend", "--model", "llama2-70b-99", "--scenario", "Server", "--latency-sensitive", "--limit", "ttft_ms_p99<=500"];
    printed("recommend_limit", at, &limited, 0, &["hardware", "score", "excluded: "]);
    printed(
        "recommend_memory",
        at,
        &["recommend", "--model", "BAAI/bge-base-en-v1.5", "--memory-constrained"],
        0,
        &["score", "uncontested"],
    );
    let question = ["explain", "--model", "llama2_70b_lora", "--max-devices", "8", "--hardware", "NVIDIA GB200 x8"];
    printed("explain", at, &question, 0, &["rank 2 of"]);
    let against = [&question[..], &["--against", "NVIDIA B200 SXM x8"]].concat();
    printed("explain_against", at, &against, 0, &["the difference of the scores"]);
    printed("list_models", at, &["list", "models", "--name", "resnet"], 0, &["id", "model", "results"]);
    printed("list_results", at, &["list", "results", "--model", "resnet50", "--limit", "4"], 0, &["id", "model", "hardware"]);
    printed(
        "calculate_scores",
        at,
        &["calculate-scores", "--model", "resnet50", "--dry-run"],
        0,
        &["model", "hardware", "suitability", "score"],
    );
}

#[test]
fn imports_fit_the_terminal() {
    let folder = folder_of(&[]);
    for file in ["mlperf_training_v5.0.csv", "optimum_benchmark_examples.csv"] {
        std::fs::copy(crate::binary::sample(file), folder.path().join(file)).unwrap();
    }
    std::fs::write(
        folder.path().join("bad.csv"),
        "model,hardware,task,throughput_items_per_second,latency_ms_mean\nm,A,inference,100,5\nm,A,inference,0,5\nm,B,inference,-3,5\n",
    )
    .unwrap();
    let args = ["import", "--dry-run", "mlperf_training_v5.0.csv", "optimum_benchmark_examples.csv", "bad.csv"];
    printed("import", folder.path(), &args, 0, &["read", "added", "duplicate", "refused: bad.csv:3"]);
}

#[test]
fn long_and_wide_names_are_folded_not_cut() {
    let rows = "model,hardware,task,throughput_items_per_second\n\
        m,富岳 アーム 処理装置 計算機 二号 大規模並列,inference,100\n\
        m,AnAcceleratorWhoseNameIsOneWordOfSixtyCharactersAndMoreThanThat,inference,50\n";
    let folder = folder_of_rows(rows);
    printed("recommend_names", folder.path(), &["recommend", "--model", "m"], 0, &["score", "0.840"]);
    // Whatever is folded is all there.
    let narrow: String = suitor_at(folder.path(), 60, &["recommend", "--model", "m"]).printed.split_whitespace().collect();
    assert!(narrow.contains("富岳アーム"), "{narrow}");
    let csv = done(folder.path(), &["recommend", "--model", "m", "--format", "csv"]);
    assert!(csv.contains("AnAcceleratorWhoseNameIsOneWordOfSixtyCharactersAndMoreThanThat"), "{csv}");
}
