//! Terminals of 80 and of 60 columns: no line of what people read runs past the edge.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::binary::{done, suitor_at};
use crate::scenario_test::{add_rule, read, scenario, write};

const ROWS: &str = "model,hardware,task,batch_size,throughput_items_per_second,latency_ms_mean,memory_peak_mb,item_unit
llama2-70b-99.9-lora,NVIDIA H200-SXM-141GB x8,inference,8,1000,5,30000,images
llama2-70b-99.9-lora,NVIDIA GH200 144GB Grace Hopper Superchip,inference,8,900,3,29000,images
llama2-70b-99.9-lora,AMD Instinct MI300X 192GB HBM3 x8,inference,8,400,9,31000,images
llama2-70b-99.9-lora,Intel Xeon Platinum 8592+ (openvino) x2,inference,8,200,2,9000,images
";

const RULE: &str = "fn exclude(pair, request) {
  if pair.hardware_name == \"AMD Instinct MI300X 192GB HBM3\" && (request.task ?? \"\") == \"inference\" && pair.results >= 1 { \"it is not sold where this is to run, and nobody knows when that will change\" }
}
fn adjust(score, pair, request) {
  if pair.device_count == 2 && request.latency_sensitive && pair.results > 100 && pair.uncontested { return score * 0.5; }
  if pair.device_count == 1 { #{ score: min(score * 1.2, 1.0), reason: \"one device alone is easier to buy, to cool and to feed than eight of them\" } } else { score }
}
";

fn home() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let text = scenario("Four pieces of hardware whose names are as long as those that people give them", ROWS, "")
        .replace("\"net\"", "\"llama2-70b-99.9-lora\"");
    write(at, "tests/scenarios/llama2_70b_99_9_lora_inference_on_four_pieces_of_hardware.toml", &text);
    write(at, "rows.csv", ROWS);
    done(at, &["init", "--quiet"]);
    done(at, &["import", "--quiet", "rows.csv"]);
    done(at, &["test", "--accept"]);
    add_rule(at, "one_device_alone", RULE);
    write(at, "snapshots/a_scenario_that_was_renamed_long_ago_and_whose_snapshot_was_left.snap", "old");
    folder
}

/// No line is wider, unless it is one word (a path) behind its margin.
#[track_caller]
fn fits(text: &str, columns: usize) {
    for line in text.lines() {
        let wide = line.chars().count();
        assert!(wide <= columns || !line.trim().contains(' '), "{wide} columns instead of {columns}: `{line}` in\n{text}");
    }
}

#[test]
fn what_test_prints_fits_a_narrow_terminal_and_no_word_of_it_is_lost() {
    let home = home();
    let at = home.path();
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let whole = suitor_at(at, 1000, &["test", "--coverage"]);
    assert_eq!(whole.code, 3);
    for columns in [80, 60] {
        let ended = suitor_at(at, columns, &["test", "--coverage"]);
        fits(&ended.printed, columns);
        assert_eq!(words(&ended.printed), words(&whole.printed));
        // What is folded of a line does not begin where lines of the text begin.
        let folded = |line: &&str| line.starts_with("        ") && !line.starts_with("                 ");
        let ranked = ended.printed.lines().filter(folded).find(|line| line.contains("| batch") && !line.contains("0."));
        assert!(ranked.is_none(), "{ranked:?} in\n{}", ended.printed);
        fits(&suitor_at(at, columns, &["test", "--check"]).printed, columns);
        // A rule that fails on the rows, and a question that cannot be asked.
        let file = "tests/scenarios/llama2_70b_99_9_lora_inference_on_four_pieces_of_hardware.toml";
        let before = read(at, file);
        write(at, file, &before.replace("model = \"llama", "model = \"lama"));
        fits(&suitor_at(at, columns, &["test"]).printed, columns);
        write(at, file, &before);
    }
}

#[test]
fn what_diff_stability_and_history_print_fits_a_narrow_terminal() {
    let home = home();
    let at = home.path();
    for columns in [80, 60] {
        for args in [
            &["diff", "--against", "shipped"][..],
            &["stability", "--model", "llama2-70b-99.9-lora", "--samples", "64"],
            &["stability", "--model", "llama2-70b-99.9-lora", "--samples", "64", "--latency-sensitive"],
            &["rules", "history"],
            &["test", "record", "--model", "llama2-70b-99.9-lora", "--force", "--title", "t"],
        ] {
            let ended = suitor_at(at, columns, args);
            assert_eq!(ended.code, 0, "{args:?}: {}", ended.said);
            assert!(!ended.printed.is_empty());
            fits(&ended.printed, columns);
        }
    }
}

#[test]
fn what_watch_prints_fits_a_narrow_terminal() {
    let home = home();
    let at = home.path();
    for columns in [80, 60] {
        let out = at.join("watched.txt");
        let mut watch = Command::new(env!("CARGO_BIN_EXE_suitor"))
            .current_dir(at)
            .args(["watch", "--model", "llama2-70b-99.9-lora"])
            .env("COLUMNS", columns.to_string())
            .env_remove("SUITOR_DB")
            .stdout(std::fs::File::create(&out).unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let told = |text: &str| {
            let began = Instant::now();
            while !std::fs::read_to_string(&out).unwrap().contains(text) {
                assert!(began.elapsed() < Duration::from_secs(90), "no `{text}` in {}", std::fs::read_to_string(&out).unwrap());
                std::thread::sleep(Duration::from_millis(20));
            }
        };
        told("winner");
        let rule = read(at, "rules/one_device_alone.rhai");
        write(at, "rules/one_device_alone.rhai", &rule.replace("score * 1.2", "score * 0.2"));
        told("rank 1 ->");
        write(at, "rules/one_device_alone.rhai", &rule.replace("pair.uncontested {", "pair.uncontestd {"));
        told("STALE");
        write(at, "rules/one_device_alone.rhai", &rule);
        told(" -> 1  ");
        let _ = watch.kill();
        let _ = watch.wait();
        let text = std::fs::read_to_string(&out).unwrap();
        // A line of a script with the mark under it stays whole.
        let words: Vec<&str> = text.lines().filter(|line| !line.contains(" | ")).collect();
        fits(&words.join("\n"), columns);
    }
}
