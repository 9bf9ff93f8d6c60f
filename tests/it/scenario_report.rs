//! `suitor test`: its report as JSON, CSV, Markdown and JUnit XML, and the coverage of the rules.

use serde_json::Value as Json;

use crate::binary::{Ended, done, suitor};
use crate::documents::{conforms, schema};
use crate::scenario_test::{PREFER_B, ROWS, add_rule, home, read, scenario, write};

fn json(ended: &Ended) -> Json {
    serde_json::from_str(&ended.printed).unwrap_or_else(|error| panic!("{error}: {}{}", ended.printed, ended.said))
}

#[test]
fn the_json_report_is_as_its_schema_says() {
    let home = home();
    let at = home.path();
    let of_test = schema(at, "test");
    let good = suitor(at, &["test", "--format", "json"]);
    assert_eq!(good.code, 0);
    conforms(&json(&good), &of_test);
    assert_eq!(json(&good)["scenarios"][0]["state"], "pass");
    assert_eq!(good.printed, suitor(at, &["test", "--format", "json"]).printed);
    add_rule(at, "prefer_b", PREFER_B);
    add_rule(at, "no_c", "fn exclude(pair, request) { if pair.hardware == \"GPU C\" { \"no\" } }\n");
    write(at, "snapshots/gone.snap", "old");
    write(at, "tests/scenarios/new.toml", &scenario("New", &ROWS.replace("900", "901"), ""));
    write(at, "tests/scenarios/wrong.toml", &scenario("Wrong", ROWS, "").replace("\"net\"", "\"x\""));
    let ended = suitor(at, &["test", "--format", "json", "--check"]);
    assert_eq!(ended.code, 2);
    let report = json(&ended);
    conforms(&report, &of_test);
    assert_eq!((&report["passed"], &report["failed"], &report["errors"]), (&0.into(), &3.into(), &1.into()));
    let gpus = &report["scenarios"][0];
    assert_eq!(gpus["unmet"][0]["line"], 12);
    let moves: Vec<String> =
        gpus["moves"].as_array().unwrap().iter().map(|one| format!("{} {} {}", one["hardware"], one["was"], one["is"])).collect();
    assert_eq!(
        moves,
        [
            r#""GPU B" {"state":"ranked","rank":2} {"state":"ranked","rank":1}"#,
            r#""GPU A" {"state":"ranked","rank":1} {"state":"ranked","rank":2}"#,
            r#""GPU C" {"state":"ranked","rank":3} {"state":"excluded"}"#,
        ]
    );
    assert_eq!((&gpus["moved"]["rules"]["moved"], &gpus["moved"]["data"]["moved"]), (&true.into(), &false.into()));
    assert_eq!(report["scenarios"][2]["snapshot"], "missing");
    assert_eq!(report["scenarios"][3]["state"], "error");
    assert_eq!(report["orphans"][0], "snapshots/gone.snap");
    // The other forms hold a line a scenario.
    let csv = suitor(at, &["test", "--format", "csv", "--check"]).printed;
    assert_eq!(csv.lines().count(), 5, "{csv}");
    assert!(csv.starts_with("state,scenario,file,what\nfail,gpus,"), "{csv}");
    assert!(suitor(at, &["test", "--format", "markdown", "--check"]).printed.contains("| fail  | gpus"));
}

/// Elements of an XML document in order, attributes unescaped; panics where it is not well formed.
fn elements(xml: &str) -> Vec<(String, Vec<(String, String)>)> {
    let unescaped = |text: &str| {
        assert!(!text.contains('<'), "{text}");
        let mut rest = text;
        while let Some((_, after)) = rest.split_once('&') {
            let (entity, after) = after.split_once(';').unwrap_or_else(|| panic!("a bare & in {text}"));
            assert!(["amp", "lt", "gt", "quot", "#10", "#9"].contains(&entity), "&{entity};");
            rest = after;
        }
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#10;", "\n").replace("&amp;", "&")
    };
    assert!(!xml.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
    let mut rest = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").unwrap();
    let (mut open, mut all) = (Vec::new(), Vec::new());
    while let Some((text, after)) = rest.split_once('<') {
        unescaped(text);
        let (tag, after) = after.split_once('>').unwrap();
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
            continue;
        }
        let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
        let mut attributes = Vec::new();
        while let Some((key, after)) = rest.trim_start().split_once("=\"") {
            let (value, after) = after.split_once('"').unwrap();
            attributes.push((key.to_owned(), unescaped(value)));
            rest = after;
        }
        assert_eq!(rest.trim(), "", "{tag}");
        all.push((name.to_owned(), attributes));
        if !empty {
            open.push(name.to_owned());
        }
    }
    assert!(open.is_empty(), "{open:?} are not closed");
    all
}

#[test]
fn the_junit_file_is_xml_and_counts_what_failed() {
    let home = home();
    let at = home.path();
    let strange = ROWS.replace("GPU B", "GPU <B> & \"\"C\"\"");
    let strange = strange.replace("GPU <B> & \"\"C\"\"", "\"GPU <B> & \"\"C\"\"\"");
    let text = format!(
        "title = \"strange\"\nrows = '''\n{strange}'''\n[ask]\nmodel = \"net\"\ntask = \"inference\"\n[expect]\nwinner = 'GPU <B> & \"C\"'\n"
    );
    write(at, "tests/scenarios/strange.toml", &text);
    write(at, "tests/scenarios/wrong.toml", &scenario("Wrong", ROWS, "").replace("\"net\"", "\"x\""));
    write(at, "snapshots/gone.snap", "old");
    let ended = suitor(at, &["test", "--check", "--junit", "out/report.xml"]);
    assert_eq!(ended.code, 2, "{}", ended.said);
    let all = elements(&read(at, "out/report.xml"));
    let of = |name: &str| all.iter().filter(|one| one.0 == name).collect::<Vec<_>>();
    let get = |one: &(String, Vec<(String, String)>), key: &str| one.1.iter().find(|own| own.0 == key).map(|own| own.1.clone()).unwrap();
    let suite = of("testsuite")[0];
    assert_eq!((get(suite, "tests"), get(suite, "failures"), get(suite, "errors")), ("5".to_owned(), "2".to_owned(), "1".to_owned()));
    let names: Vec<String> = of("testcase").iter().map(|one| get(one, "name")).collect();
    assert_eq!(names, ["gpus", "more", "strange", "wrong", "gone.snap"]);
    assert_eq!(of("failure").len(), 2);
    let message = get(of("failure")[0], "message");
    assert!(message.ends_with("the winner is GPU A, expected GPU <B> & \"C\": it is at 2"), "{message}");
    assert_eq!(get(of("error")[0], "type"), "input");
}

#[test]
fn the_junit_file_says_what_moved_beneath_a_ranking() {
    let home = home();
    let at = home.path();
    write(at, "tests/scenarios/gpus.toml", &scenario("Three GPUs", ROWS, ""));
    write(at, "tests/scenarios/more.toml", &scenario("The same again", &ROWS.replace("900", "950"), ""));
    add_rule(at, "prefer_b", PREFER_B);
    assert_eq!(suitor(at, &["test", "--check", "--junit", "report.xml"]).code, 3);
    let xml = read(at, "report.xml");
    let all = elements(&xml);
    let failures: Vec<&Vec<(String, String)>> = all.iter().filter(|one| one.0 == "failure").map(|one| &one.1).collect();
    let message = |at: usize| failures[at].iter().find(|own| own.0 == "message").unwrap().1.clone();
    assert!(message(0).starts_with("rank 2 -> 1  GPU B; moved since it was accepted: rules ("), "{}", message(0));
    assert!(message(0).ends_with("); not moved: data and engine"), "{}", message(0));
    assert!(message(1).contains("; moved since it was accepted: rules (") && message(1).contains("), data ("), "{}", message(1));
    // The text has it between the moves and the lines.
    let text = xml.split("</failure>").next().unwrap().rsplit("\">").next().unwrap();
    let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("no `{what}` in {text}"));
    assert!(place("rank 1 -&gt; 2  GPU A\n") < place("\nmoved since it was accepted: rules ("));
    assert!(place("not moved: data and engine\n") < place("-   1  0.8400"));
    // A scenario that only fails its expectation has the ranking of its snapshot: nothing is said to have moved.
    std::fs::remove_dir_all(at.join("config")).unwrap();
    std::fs::remove_dir_all(at.join("rules")).unwrap();
    write(at, "tests/scenarios/gpus.toml", &scenario("Three GPUs", ROWS, "winner = \"GPU C\"\n"));
    assert_eq!(suitor(at, &["test", "gpus", "--check", "--junit", "report.xml"]).code, 3);
    assert!(!read(at, "report.xml").contains("moved since"));
    // CSV and Markdown say it too.
    add_rule(at, "prefer_b", PREFER_B);
    let csv = suitor(at, &["test", "more", "--check", "--format", "csv"]).printed;
    assert!(csv.contains("; moved since it was accepted: rules ("), "{csv}");
}

#[test]
fn coverage_names_the_branches_that_no_scenario_takes() {
    let home = home();
    let at = home.path();
    let script = "fn adjust(score, pair, request) {
  if pair.hardware == \"GPU B\" {
    return score * 0.9;
  }
  if pair.hardware == \"GPU X\" { score * 0.5 } else { score }
}
";
    write(at, "config/scoring.toml", &read(crate::support::project(), "config/scoring.toml"));
    write(
        at,
        "config/rules.toml",
        "[[rule]]\nscript = \"of_b\"\ntitle = \"of B\"\n[[rule]]\nscript = \"other\"\ntitle = \"of training\"\nwhen = { tasks = [\"training\"] }\n",
    );
    write(at, "rules/of_b.rhai", script);
    write(at, "rules/other.rhai", "fn exclude(pair, request) { if pair.results > 9 { \"many\" } }\n");
    done(at, &["test", "--accept"]);
    let ended = suitor(at, &["test", "--coverage"]);
    // of_b: the hook, both ways of the first condition, one of the second; other: nothing of its hook and its two ways.
    let expected = "pass   gpus\npass   more\n\n2 passed\ncoverage: 4 of 8 branches (50 %), 1 of 2 rules fired
  of_b     4 of   5 branches, fired in 2 scenarios
    rules/of_b.rhai:5:6: never true: pair.hardware == \"GPU X\"
  other    0 of   3 branches, fired in no scenario
    rules/other.rhai:1:1: `exclude` never ran
    rules/other.rhai:1:32: never reached: pair.results > 9
";
    assert_eq!((ended.code, ended.printed.as_str()), (0, expected), "{}", ended.said);
    assert_eq!(suitor(at, &["test", "--min-coverage", "50"]).code, 0);
    let ended = suitor(at, &["test", "--min-coverage", "50.1"]);
    assert_eq!(ended.code, 3);
    assert!(ended.printed.contains("(50 %), 1 of 2 rules fired, less than the 50.1 % asked for\n"), "{}", ended.printed);
    assert_eq!(suitor(at, &["test", "--min-coverage", "101"]).code, 2);
    let report = json(&suitor(at, &["test", "--coverage", "--format", "json"]));
    conforms(&report, &schema(at, "test"));
    assert_eq!((&report["coverage"]["taken"], &report["coverage"]["of"]), (&4.into(), &8.into()));
    assert_eq!(report["coverage"]["rules"][0]["untaken"][0]["way"], "holds");
}
