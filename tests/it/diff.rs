//! `suitor diff`: what two rule sets change on the same data, and which edit changed it, by the binary in a real git repository.

use std::path::Path;
use std::process::Command;

use serde_json::{Value as Json, json};

use crate::binary::{done, folder_of, folder_of_rows, suitor, suitor_at};
use crate::documents::{conforms, described, document, schema};

/// A beats B as long as latency weighs less than 0.8 of throughput: by the shipped weights it is 0.45 / 0.6.
///
/// A 0.6 / 1.05 x 1 + 0.45 / 1.05 x 4 / 8 = 0.785714, B 0.6 / 1.05 x 0.6 + 0.45 / 1.05 x 1 = 0.771429; one result each: x 0.84.
pub const ROWS: &str = "model,hardware,task,batch_size,throughput_items_per_second,latency_ms_mean,status\n\
    m,A,inference,1,100,8,ok\nm,B,inference,1,60,4,ok\nm,C,inference,1,10,20,ok\n\
    n,A,inference,1,100,,ok\nn,B,inference,1,50,,ok\nn,A,inference,1,,,oom\n\
    t,B,training,1,50,,ok\n";

/// Runs git in a folder, which must end well.
pub fn git(folder: &Path, args: &[&str]) -> String {
    let ended = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false"])
        .args(args)
        .output()
        .unwrap();
    assert!(ended.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&ended.stderr));
    String::from_utf8(ended.stdout).unwrap()
}

/// A database of rows with the shipped rule set beside it, committed.
pub fn repository(rows: &str) -> tempfile::TempDir {
    let folder = folder_of_rows(rows);
    committed(folder.path());
    folder
}

fn committed(folder: &Path) {
    done(folder, &["init", "--quiet"]);
    git(folder, &["init", "--quiet"]);
    git(folder, &["add", "config", "rules"]);
    git(folder, &["commit", "--quiet", "-m", "rules"]);
}

/// Replaces a text that is there once in a file.
pub fn edit(folder: &Path, file: &str, from: &str, to: &str) {
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    assert_eq!(text.matches(from).count(), 1, "`{from}` in {file}");
    std::fs::write(folder.join(file), text.replace(from, to)).unwrap();
}

pub const SCORING: &str = "config/scoring.toml";
pub const RULES: &str = "config/rules.toml";

/// Weights of latency and throughput.
fn weigh(folder: &Path, throughput: &str, latency: &str) {
    edit(folder, SCORING, "name = \"throughput\"\nweight = 0.5", &format!("name = \"throughput\"\nweight = {throughput}"));
    edit(folder, SCORING, "name = \"latency\"\nweight = 0.3", &format!("name = \"latency\"\nweight = {latency}"));
}

fn ranking<'a>(page: &'a Json, model: &str) -> &'a Json {
    let found = page["rankings"].as_array().unwrap().iter().find(|one| one["model"] == model);
    found.unwrap_or_else(|| panic!("{model} did not change: {page:#}"))
}

fn moved<'a>(page: &'a Json, model: &str, hardware: &str) -> &'a Json {
    let found = ranking(page, model)["moves"].as_array().unwrap().iter().find(|one| one["hardware"] == hardware);
    found.unwrap_or_else(|| panic!("{hardware} did not move: {page:#}"))
}

fn names(page: &Json) -> Vec<&str> {
    page["edits"].as_array().unwrap().iter().map(|edit| edit["name"].as_str().unwrap()).collect()
}

fn near(found: &Json, expected: f64) {
    assert!((found.as_f64().unwrap() - expected).abs() < 1e-9, "{found} is not {expected}");
}

#[test]
fn a_weight_changes_the_winner_and_is_its_cause() {
    let folder = repository(ROWS);
    let at = folder.path();
    weigh(at, "0.5", "0.6");
    // A second edit that no row feels.
    edit(at, SCORING, "energy = 0.6", "energy = 0.7");
    let page = document(at, &["diff"]);
    assert_eq!(names(&page), ["requirements.energy-saving.set.energy", "component.latency.weight"]);
    assert_eq!(page["edits"][1]["label"], "component.latency.weight 0.3 -> 0.6");
    assert_eq!(page["edits"][1]["parts"][0]["before"], 0.3);
    assert_eq!(page["edits"][0]["caused"], json!({ "winners": 0, "standings": 0, "ranks": 0, "scores": 0 }));
    assert_eq!(page["edits"][1]["caused"], json!({ "winners": 1, "standings": 0, "ranks": 2, "scores": 3 }));
    assert_eq!(page["compared"], 3);
    let alone = json!({ "how": "alone", "edits": [2], "narrowed": true });
    let winner = &ranking(&page, "m")["winner"];
    assert_eq!((&winner["before"], &winner["after"], &winner["cause"]), (&"A".into(), &"B".into(), &alone));
    near(&winner["score_before"], 0.84 * (0.6 + 0.45 * 0.5) / 1.05);
    near(&winner["score_after"], 0.84 * (0.6 * 0.6 + 0.9) / 1.5);
    let a = moved(&page, "m", "A");
    assert_eq!((&a["before"]["rank"], &a["after"]["rank"], &a["cause"], &a["score_cause"]), (&1.into(), &2.into(), &alone, &alone));
    near(&a["score_delta"], 0.84 * ((0.6 + 0.9 * 0.5) / 1.5 - (0.6 + 0.45 * 0.5) / 1.05));
    assert_eq!(a["score_parts"], json!([{ "edit": 2, "delta": a["score_delta"] }]));
    // Where only throughput is known, its weight is 1 whatever it says.
    assert_eq!(page["rankings"].as_array().unwrap().len(), 1);
    // What was compared can be narrowed: by model, by task.
    assert_eq!(document(at, &["diff", "--model", "n", "--model", "t"])["totals"]["rankings"], 0);
    assert_eq!(document(at, &["diff", "--task", "training"])["compared"], 1);
    // The requirement makes B the winner by both.
    assert_eq!(document(at, &["diff", "--latency-sensitive"])["totals"]["winners"], 0);
}

#[test]
fn edits_that_change_the_winner_only_together_are_a_joint_cause() {
    let folder = repository(ROWS);
    let at = folder.path();
    // Latency against throughput 0.465 / 0.6 and 0.45 / 0.576 stay below 0.8, 0.465 / 0.576 does not.
    weigh(at, "0.48", "0.31");
    edit(at, RULES, "[rule.params]\nweight = 0.5", "[rule.params]\nweight = 0.4");
    let page = document(at, &["diff"]);
    assert_eq!(names(&page), ["component.throughput.weight", "component.latency.weight", "rule.failed_runs.params.weight"]);
    let each = json!({ "how": "each_needed", "edits": [1, 2], "narrowed": true });
    assert_eq!(ranking(&page, "m")["winner"]["cause"], each);
    assert_eq!(moved(&page, "m", "B")["cause"], each);
    // Neither alone brings back the score; each has a part in it.
    assert_eq!(moved(&page, "m", "A")["score_cause"], json!({ "how": "together", "edits": [1, 2], "narrowed": true }));
    assert_eq!(moved(&page, "m", "A")["score_parts"].as_array().unwrap().len(), 2);
    // n hangs on the rule alone: one of two runs on A failed, which costs 0.84 x 0.5 x 0.5, then 0.84 x 0.4 x 0.5.
    let n = moved(&page, "n", "A");
    assert_eq!(n["score_cause"], json!({ "how": "alone", "edits": [3], "narrowed": true }));
    assert!(n["score_delta"].as_f64().unwrap() > 0.0);
}

#[test]
fn edits_of_which_each_would_do_are_a_joint_cause_too() {
    let folder = repository(ROWS);
    let at = folder.path();
    weigh(at, "0.2", "0.6");
    edit(at, RULES, "max_age_days = 365", "max_age_days = 300");
    let page = document(at, &["diff", "--model", "m"]);
    assert_eq!(page["edits"].as_array().unwrap().len(), 3);
    assert_eq!(ranking(&page, "m")["winner"]["cause"], json!({ "how": "together", "edits": [1, 2], "narrowed": true }));
    let text = done(at, &["diff", "--model", "m"]);
    assert!(text.contains("edits 1 + 2 jointly") && !text.contains("each needed"), "{text}");
}

#[test]
fn a_rule_that_comes_excludes_and_one_that_goes_admits() {
    let folder = repository(ROWS);
    let at = folder.path();
    let list = std::fs::read_to_string(at.join(RULES)).unwrap();
    std::fs::write(at.join(RULES), format!("{list}\n[[rule]]\nscript = \"no_a\"\ntitle = \"Not A\"\n")).unwrap();
    std::fs::write(
        at.join("rules/no_a.rhai"),
        "fn exclude(pair, request) {\n    if pair.hardware == \"A\" { return \"we have none\"; }\n    ()\n}\n",
    )
    .unwrap();
    let page = document(at, &["diff"]);
    assert_eq!(names(&page), ["rule.no_a with rules/no_a.rhai"]);
    assert_eq!(page["totals"]["excluded"], 2);
    let a = moved(&page, "m", "A");
    assert_eq!((&a["before"]["state"], &a["after"]["state"]), (&"ranked".into(), &"excluded".into()));
    assert_eq!((&a["after"]["rule"], &a["after"]["reason"]), (&"no_a".into(), &"we have none".into()));
    assert_eq!((&a["cause"]["edits"], &a["score_delta"]), (&json!([1]), &Json::Null));
    assert_eq!(ranking(&page, "n")["winner"]["after"], "B");
    // The other way round, the set with the rule is the one before.
    git(at, &["add", "config", "rules"]);
    git(at, &["commit", "--quiet", "-m", "not A"]);
    git(at, &["revert", "--no-edit", "HEAD"]);
    let back = document(at, &["diff", "--against", "git:HEAD~1"]);
    assert_eq!((&back["totals"]["admitted"], &back["totals"]["excluded"]), (&2.into(), &0.into()));
    assert_eq!(moved(&back, "m", "A")["before"]["reason"], "we have none");
}

#[test]
fn a_limit_of_a_requirement_and_the_order_of_rules_are_edits() {
    let folder = repository(ROWS);
    let at = folder.path();
    let rule = |name: &str| format!("[[rule]]\nscript = \"{name}\"\ntitle = \"{name}\"\n");
    std::fs::write(at.join("rules/half.rhai"), "fn adjust(score, pair, request) { score * 0.5 }\n").unwrap();
    std::fs::write(at.join("rules/less.rhai"), "fn adjust(score, pair, request) { score - 0.1 }\n").unwrap();
    let list = std::fs::read_to_string(at.join(RULES)).unwrap();
    std::fs::write(at.join(RULES), format!("{list}\n{}{}", rule("half"), rule("less"))).unwrap();
    git(at, &["add", "."]);
    git(at, &["commit", "--quiet", "-m", "two rules"]);
    std::fs::write(at.join(RULES), format!("{list}\n{}{}", rule("less"), rule("half"))).unwrap();
    edit(at, SCORING, "[requirements.latency-sensitive]\n", "[requirements.latency-sensitive]\nlimits = [\"latency_ms_mean<=5\"]\n");
    let page = document(at, &["diff", "--model", "m", "--latency-sensitive"]);
    let found = names(&page);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0], "requirements.latency-sensitive.limits");
    assert!(page["edits"][1]["label"].as_str().unwrap().contains(" moved from place "), "{page:#}");
    let a = moved(&page, "m", "A");
    assert_eq!((&a["after"]["rule"], &a["cause"]["edits"]), (&"limit".into(), &json!([1])));
    // (s / 2) - 0.1 became (s - 0.1) / 2: 0.05 more, beside what it gains where A is no longer the fastest.
    let b = moved(&page, "m", "B");
    let part = b["score_parts"].as_array().unwrap().iter().find(|part| part["edit"] == 2).unwrap();
    near(&part["delta"], 0.05);
}

#[test]
fn edits_that_do_not_check_without_each_other_are_one() {
    let folder = repository(ROWS);
    let at = folder.path();
    edit(at, RULES, "[rule.params]\nweight = 0.5", "[rule.params]\nshare = 0.4");
    let script = std::fs::read_to_string(at.join("rules/failed_runs.rhai")).unwrap();
    std::fs::write(at.join("rules/failed_runs.rhai"), script.replace("params.weight", "params.share")).unwrap();
    weigh(at, "0.5", "0.6");
    let page = document(at, &["diff"]);
    let edits = page["edits"].as_array().unwrap();
    let parts: Vec<usize> = edits.iter().map(|edit| edit["parts"].as_array().unwrap().len()).collect();
    assert_eq!(parts, [1, 3], "{page:#}");
    assert_eq!(moved(&page, "n", "A")["score_cause"]["edits"], json!([2]));
    assert_eq!(ranking(&page, "m")["winner"]["cause"]["edits"], json!([1]));
    assert!(
        page["notes"].to_string().contains("taken as one because they do not go one without the other: the parts of edit 2"),
        "{page:#}"
    );
}

#[test]
fn very_many_edits_are_taken_together_by_table() {
    let folder = repository(ROWS);
    let at = folder.path();
    let text = std::fs::read_to_string(at.join(SCORING)).unwrap();
    let (head, priors) = text.split_once("[priors.").unwrap();
    std::fs::write(at.join(SCORING), format!("{head}[priors.{}", priors.replace(" = 0.", " = 0.0"))).unwrap();
    weigh(at, "0.5", "0.6");
    let page = document(at, &["diff"]);
    assert_eq!(page["edits"].as_array().unwrap().len(), 6, "{:?}", names(&page));
    assert_eq!(ranking(&page, "m")["winner"]["cause"]["how"], "alone");
    assert!(page["notes"].to_string().contains("more than 32 edits"), "{page:#}");
}

#[test]
fn comments_change_the_hash_and_no_ranking() {
    let folder = repository(ROWS);
    let at = folder.path();
    let same = document(at, &["diff"]);
    assert_eq!((&same["before"]["rule_set"], &same["edits"]), (&same["after"]["rule_set"], &json!([])));
    assert!(done(at, &["diff", "--fail-on", "any"]).contains("no difference: both are the same rule set"));
    edit(at, SCORING, "full_at = 5", "full_at = 5 # as before");
    edit(at, "rules/stale.rhai", "fn adjust(score, pair, request) {", "// Old.\nfn adjust( score, pair, request ) {");
    edit(at, RULES, "title = \"Old results count a little less\"", "title = \"Old results count less\"");
    // Nothing has to be read from the database.
    let args = ["diff", "--fail-on", "any", "--db-path", "nowhere.duckdb"];
    let page = document(at, &args);
    assert_ne!(page["before"]["rule_set"], page["after"]["rule_set"]);
    let changes: Vec<&Json> = page["edits"].as_array().unwrap().iter().map(|edit| &edit["parts"][0]["change"]).collect();
    assert_eq!(changes, ["layout", "changed", "layout"]);
    assert_eq!((&page["compared"], &page["rankings"]), (&0.into(), &json!([])));
    let text = done(at, &args);
    assert!(text.contains("every ranking stays as it is") && text.contains("rules/stale.rhai: comments and layout"), "{text}");
    // A rule that differs and moves nothing here is tried, and said to move nothing.
    edit(at, RULES, "max_age_days = 365", "max_age_days = 300");
    let text = done(at, &["diff", "--fail-on", "any"]);
    assert!(text.contains("the winner stays in all 3 rankings") && text.contains("the rule sets differ, and no ranking does"), "{text}");
}

#[test]
fn a_gate_ends_with_3() {
    let folder = repository(ROWS);
    let at = folder.path();
    let code = |gate: &str| suitor(at, &["diff", "--fail-on", gate]).code;
    // The score of A under n moves, and no winner does.
    edit(at, RULES, "[rule.params]\nweight = 0.5", "[rule.params]\nweight = 0.4");
    assert_eq!((code("winner-change"), code("any")), (0, 3));
    weigh(at, "0.5", "0.6");
    assert_eq!((code("winner-change"), code("any")), (3, 3));
    assert_eq!(suitor(at, &["diff"]).code, 0);
    assert_eq!(suitor(at, &["diff", "--fail-on", "winner-change", "--model", "n"]).code, 0);
}

/// Hashes of commits, sets and data differ where the shipped files do.
fn without_hashes(text: &str) -> String {
    regex::Regex::new("[0-9a-f]{12}").unwrap().replace_all(text, "............").into_owned()
}

#[test]
fn it_prints_for_the_terminal_for_a_pull_request_and_as_data() {
    let folder = repository(ROWS);
    let at = folder.path();
    weigh(at, "0.48", "0.31");
    edit(at, RULES, "[rule.params]\nweight = 0.5", "[rule.params]\nweight = 0.4");
    edit(
        at,
        "rules/scatter.rhai",
        "fn adjust(score, pair, request) {",
        "fn exclude(pair, request) {\n    if pair.hardware == \"C\" { return \"too slow | for us\"; }\n    ()\n}\n\nfn adjust(score, pair, request) {",
    );
    let markdown = done(at, &["diff", "--format", "markdown"]);
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!("diff_markdown", without_hashes(&markdown));
        insta::assert_snapshot!("diff_80", without_hashes(&suitor_at(at, 80, &["diff"]).printed));
    });
    for width in [60, 80, 120, 200] {
        for line in suitor_at(at, width, &["diff"]).printed.lines() {
            assert!(line.chars().count() <= width && line == line.trim_end(), "{width}: {line}");
        }
    }
    let csv = done(at, &["diff", "--format", "csv"]);
    assert!(csv.starts_with("model,task,hardware,state_before,") && csv.contains("too slow | for us"), "{csv}");
    assert_eq!(csv.lines().count(), 1 + 4, "{csv}");
    let text = done(at, &["diff", "--top-k", "1"]);
    assert!(text.contains("1 of 2 shown; --top-k 0 shows all"), "{text}");
    let of_diff = schema(at, "diff");
    described(&of_diff, "diff");
    for args in
        [&["diff"][..], &["diff", "--against", "shipped", "--latency-sensitive", "--where", "batch_size=1"], &["diff", "--model", "t"]]
    {
        conforms(&document(at, args), &of_diff);
    }
    // The unchanged set: nothing ranked.
    git(at, &["stash", "--quiet"]);
    conforms(&document(at, &["diff"]), &of_diff);
}

#[test]
fn names_of_sets_and_what_is_said_below_are_no_markup() {
    let folder = repository(ROWS);
    let at = folder.path();
    done(at, &["init", "--quiet", "--config", "a`<b>/config", "--rules", "a`<b>/rules"]);
    weigh(at, "0.48", "0.31");
    std::fs::write(at.join("rules/<i>*star*.rhai"), "fn adjust(score, pair, request) { score }\n").unwrap();
    let markdown = done(at, &["diff", "--against", "a`<b>", "--format", "markdown"]);
    assert!(markdown.starts_with("`` a`<b> `` -> `config and rules`"), "{markdown}");
    let warning = markdown.lines().find(|line| line.starts_with("- warning: ")).unwrap_or_else(|| panic!("{markdown}"));
    let outside: String = warning.split('`').step_by(2).collect();
    assert!(warning.contains("star") && !outside.contains("<i>") && !outside.replace("\\*", "").contains('*'), "{warning}");
}

/// What `recommend` says by a set: hardware with rank and bits of the score.
fn recommended(folder: &Path, set: &[&str], model: &str, task: &str) -> Vec<(String, u64)> {
    let args = [&["recommend", "--model", model, "--task", task, "--top-k", "0", "--format", "json"][..], set].concat();
    let answer: Json = serde_json::from_str(&suitor(folder, &args).printed).unwrap();
    let list = answer["recommendations"].as_array().unwrap().iter();
    list.map(|one| (one["hardware"].as_str().unwrap().to_owned(), one["score"].as_f64().unwrap().to_bits())).collect()
}

#[test]
fn ranks_and_scores_are_those_of_recommend_by_either_set() {
    let folder = folder_of(&["timm_infer.csv", "mlperf_training_v5.0.csv", "llmfit_community.csv"]);
    let at = folder.path();
    committed(at);
    done(at, &["init", "--quiet", "--config", "old/config", "--rules", "old/rules"]);
    weigh(at, "0.4", "0.9");
    edit(at, RULES, "max_spread = 0.105", "max_spread = 0.02");
    let page = document(at, &["diff"]);
    assert!(page["compared"].as_u64().unwrap() > 300 && page["totals"]["rankings"].as_u64().unwrap() > 20, "{}", page["totals"]);
    let old = ["--config", "old/config", "--rules", "old/rules"];
    let asked = [("llama2_70b_lora", "training"), ("Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf", "inference"), ("resnet50", "inference")];
    for (model, task) in asked {
        let (before, after) = (recommended(at, &old, model, task), recommended(at, &[], model, task));
        let none = json!([]);
        let moves = page["rankings"].as_array().unwrap().iter().find(|one| one["model"] == model).map_or(&none, |one| &one["moves"]);
        let place = |list: &[(String, u64)], hardware: &str| list.iter().position(|one| one.0 == hardware).map(|at| (at + 1, list[at].1));
        for (hardware, _) in &after {
            let (was, is) = (place(&before, hardware), place(&after, hardware));
            let found = moves.as_array().unwrap().iter().find(|one| one["hardware"] == *hardware);
            assert_eq!(found.is_some(), was != is, "{model} {hardware}");
            let Some(found) = found else { continue };
            for (side, expected) in [("before", was), ("after", is)] {
                let listed = found[side]["rank"]
                    .as_u64()
                    .map(|rank| (usize::try_from(rank).unwrap(), found[side]["score"].as_f64().unwrap().to_bits()));
                assert_eq!(listed, expected, "{model} {hardware} {side}");
            }
        }
    }
}
