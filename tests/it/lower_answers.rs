//! Whole answers over the project's own benchmark tables are the same by compiled and by interpreted rules, to the byte.

use suitor::recommend::{HardwareRecommender, Request, Survey};
use suitor::rules::{Engine, RuleSet};
use suitor::store::Db;

use crate::support::{db_from_csv, own_tables};

/// The shipped rules, a rule that reads `request.model`, and one in the middle that is interpreted.
fn sets(engine: Engine) -> [RuleSet; 2] {
    let shipped = RuleSet::embedded().unwrap();
    let mut files: Vec<(String, String)> = shipped.files.iter().map(|file| (file.name.clone(), file.text.clone())).collect();
    let list = &mut files[1].1;
    let first = list.find("[[rule]]").unwrap();
    list.insert_str(
        first,
        "[[rule]]\nscript = \"own\"\ntitle = \"t\"\n\n[[rule]]\nscript = \"turns\"\ntitle = \"t\"\n\n[[rule]]\nscript = \"off\"\ntitle = \"t\"\nenabled = false\n\n",
    );
    let own = "fn adjust(score, pair, request) {\n    if request.model.len() % 2 == 0 { #{ score: score * 0.99, reason: `asked for ${request.model}` } } else { score }\n}\n";
    let turns = "fn exclude(pair, request) {\n    let n = 0;\n    while n < pair.results { n += 3; }\n    if n == 12 { `${pair.hardware} in ${n / 3} turns` }\n}\n\
        fn adjust(score, pair, request) {\n    let n = 1;\n    while n < pair.device_count { n *= 2; }\n    if n > 64 { score - n / 1000.0 } else { score }\n}\n";
    for (name, text) in [("own", own), ("turns", turns), ("off", own)] {
        files.push((format!("rules/{name}.rhai"), text.to_owned()));
    }
    let more = RuleSet::compile(&files).unwrap_or_else(|errors| panic!("{}", errors.render()));
    [shipped, more].map(|set| RuleSet { engine, ..set })
}

#[track_caller]
fn agree(db: &Db, interpreted: &RuleSet, compiled: &RuleSet) {
    let scores = |rules: &RuleSet| {
        let recommender = HardwareRecommender::new(db, rules);
        let scores = recommender.calculate(None, None).unwrap();
        let stored = scores.pairs.read().unwrap();
        let tasks: Vec<String> =
            ["inference", "training"].iter().map(|task| serde_json::to_string(&recommender.task_scores(task).unwrap()).unwrap()).collect();
        (stored.len(), serde_json::to_string(&scores).unwrap(), format!("{stored:?}"), tasks)
    };
    let (one, other) = (scores(interpreted), scores(compiled));
    assert!(one.0 > 300, "{}", one.0);
    assert!(one == other, "stored scores are not the same");
    let survey = Survey::new(db, Request::default(), &[], &[], &[]).unwrap();
    let which: Vec<usize> = (0..survey.count()).collect();
    let (one, other) = (survey.answer(interpreted, &which, false).unwrap(), survey.answer(compiled, &which, false).unwrap());
    assert!(one.rankings == other.rankings, "rankings are not the same");
    let requirements = vec!["memory-constrained".to_owned()];
    for (model, task) in [("resnet50", "inference"), ("bert", "training")] {
        let request =
            Request { model: model.to_owned(), task: Some(task.to_owned()), requirements: requirements.clone(), ..Request::default() };
        let answer =
            |rules: &RuleSet| serde_json::to_string(&HardwareRecommender::new(db, rules).recommend_hardware(&request).unwrap()).unwrap();
        assert_eq!(answer(interpreted), answer(compiled));
    }
}

#[test]
fn answers_over_real_rows_are_the_same_by_either_engine() {
    let db = db_from_csv(&own_tables());
    for (interpreted, compiled) in sets(Engine::Interpreted).iter().zip(&sets(Engine::Compiled)) {
        agree(&db, interpreted, compiled);
    }
}

#[test]
fn a_rule_that_is_no_part_of_the_query_is_named_with_its_line() {
    let [shipped, more] = sets(Engine::Auto);
    assert!(shipped.lowering().iter().all(|rule| rule.compiled && rule.refused.is_none()));
    let refused: Vec<String> = more
        .lowering()
        .iter()
        .filter_map(|rule| rule.refused.as_ref().map(|why| format!("{} {} {}:{} {}", rule.rule, why.hook, why.file, why.line, why.why)))
        .collect();
    assert_eq!(refused, ["turns exclude rules/turns.rhai:3 a loop whose turns are not known beforehand"]);
}
