//! Versions of a model: adding them, which results belong to them, the names that move between them.

use std::path::Path;

use serde_json::Value as Json;

use crate::binary::{done, folder_of_rows, suitor};
use crate::documents::{conforms, described, schema};
use crate::schema_fixtures::{execute, value};

/// Ids 1 to 5 are of `m`, 6 of `other`.
const ROWS: &str = "model,hardware,task,batch_size,throughput_items_per_second,source,tested_at
m,A,inference,1,400,MLCommons,2026-01-31T23:00:00Z
m,B,inference,1,200,MLCommons,2026-02-01T01:00:00Z
m,A,inference,2,440,mlcommons 2,2026-02-10T00:00:00Z
m,B,inference,2,210,own,2026-03-01T00:00:00Z
m,C,inference,1,100,own,
other,A,inference,1,7,own,2026-03-01T00:00:00Z
";

/// The database of a folder.
pub fn base(at: &Path) -> std::path::PathBuf {
    at.join("benchmark_db.duckdb")
}

/// A command's JSON, which conforms to its schema.
#[track_caller]
pub fn json(at: &Path, args: &[&str]) -> Json {
    let text = done(at, &[args, &["--format", "json"]].concat());
    let document = serde_json::from_str(&text).unwrap();
    let name = if args[0] == "explain" { "" } else { args[0] };
    if !name.is_empty() {
        let schema = schema(at, name);
        conforms(&document, &schema);
        described(&schema, name);
    }
    document
}

/// Exit code and message of a command that must fail, which prints nothing.
#[track_caller]
pub fn refused(at: &Path, args: &[&str]) -> (i32, String) {
    let ended = suitor(at, args);
    assert_eq!(ended.printed, "", "{args:?}");
    assert_ne!(ended.code, 0, "{args:?}");
    (ended.code, ended.said)
}

/// Ids of the results linked to a version.
fn linked(at: &Path, tag: &str) -> String {
    value(
        &base(at),
        &format!(
            "SELECT string_agg(result_id::VARCHAR, ' ' ORDER BY result_id) FROM model_version_results AS l
             JOIN model_registry_versions AS v ON v.id = l.version_id WHERE version_tag = '{tag}'"
        ),
    )
}

#[test]
fn a_version_is_added_once_and_its_empty_fields_are_filled_once() {
    let folder = folder_of_rows(ROWS);
    let at = folder.path();
    let add = |more: &[&str]| json(at, &[&["add-version", "--model", "m", "--version", "v1"], more].concat())["state"].clone();
    assert_eq!(add(&["--hash", "abc"]), "created");
    assert_eq!(add(&["--hash", "abc"]), "unchanged");
    assert_eq!(add(&["--metadata", r#"{"a": 1, "b": [2]}"#]), "filled");
    assert_eq!(add(&["--hash", "abc", "--metadata", r#"{"b":[2],"a":1}"#]), "unchanged", "the order of keys is no content");
    let (code, said) = refused(at, &["add-version", "--model", "m", "--version", "v1", "--hash", "abd", "--metadata", r#"{"a":2}"#]);
    assert_eq!(code, 2);
    assert!(
        said.contains("version `v1` exists with hash `abc`, not `abd`, and with metadata `{\"a\":1,\"b\":[2]}`, not `{\"a\":2}`"),
        "{said}"
    );
    // A version that linking made is filled as well.
    done(at, &["link-tests", "--model", "m", "--version", "v2", "--result-ids", "1"]);
    assert_eq!(json(at, &["add-version", "--model", "m", "--version", "v2", "--hash", "x"])["state"], "filled");
    let history = json(at, &["version-history", "--model", "m"]);
    let versions: Vec<(&str, &str, i64)> = history["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["version"].as_str().unwrap(), one["hash"].as_str().unwrap(), one["linked_results"].as_i64().unwrap()))
        .collect();
    assert_eq!(versions, [("v2", "x", 1), ("v1", "abc", 0)], "newest first");
    assert_eq!(history["versions"][1]["metadata"]["b"][0], 2);
    let newest = json(at, &["version-history", "--model", "m", "--limit", "1"]);
    assert_eq!(newest["versions"].as_array().unwrap().len(), 1);
    assert_eq!(newest["versions"][0]["version"], "v2");
}

#[test]
fn results_are_linked_by_what_they_say() {
    let folder = folder_of_rows(ROWS);
    let at = folder.path();
    let link = |tag: &str, wheres: &[&str]| {
        let mut args = vec!["link-tests", "--model", "m", "--version", tag];
        for one in wheres {
            args.extend(["--where", *one]);
        }
        let found = json(at, &args);
        (found["linked"].as_i64().unwrap(), found["already_linked"].as_i64().unwrap())
    };
    assert_eq!(link("source", &["source=MLCommons"]), (2, 0));
    assert_eq!(linked(at, "source"), "1 2");
    assert_eq!(link("source", &["source~mlcommons"]), (1, 2), "contains, in any case");
    // February: row 1 is of the evening before, row 4 of the first of March; row 5 has no date.
    assert_eq!(link("february", &["tested_at>=2026-02-01", "tested_at<=2026-02-28"]), (2, 0));
    assert_eq!(linked(at, "february"), "2 3");
    assert_eq!(link("january", &["tested_at=2026-01-31"]), (1, 0));
    assert_eq!(link("after", &["tested_at>2026-02-10"]), (1, 0), "a day is all of it");
    assert_eq!(linked(at, "after"), "4");
    assert_eq!(link("file", &["file=rows.csv", "batch_size>=2"]), (2, 0), "rows of the other model stay");
    assert_eq!(linked(at, "file"), "3 4");
    let said = |wheres: &[&str]| {
        let mut args = vec!["link-tests", "--model", "m", "--version", "never"];
        for one in wheres {
            args.extend(["--where", *one]);
        }
        let (code, said) = refused(at, &args);
        assert_eq!(code, 2);
        said
    };
    let none = said(&["batch_size=1", "source=ML"]);
    assert!(none.contains("no result of the model meets `source=ML`"), "{none}");
    assert!(none.contains("the values of source are `MLCommons`, `mlcommons 2`, `own`"), "{none}");
    assert!(said(&["source=own", "batch_size=2", "tested_at<2026-01-01"]).contains("no result of the model meets `tested_at<2026-01-01`"));
    assert!(said(&["source=MLCommons", "batch_size=2"]).contains("no result meets all of `source=MLCommons`, `batch_size=2`"));
    assert!(said(&["sorce=x"]).contains("did you mean `source`"));
    assert_eq!(suitor(at, &["link-tests", "--model", "m", "--version", "v"]).code, 2, "ids or filters are needed");
    let both = suitor(at, &["link-tests", "--model", "m", "--version", "v", "--result-ids", "1", "--where", "source=own"]);
    assert_eq!(both.code, 2, "not both");
    let tags = value(&base(at), "SELECT count(*) FROM model_registry_versions WHERE version_tag IN ('never', 'v')");
    assert_eq!(tags, "0", "what failed has made no version");
}

#[test]
fn links_are_taken_away_and_results_stay() {
    let folder = folder_of_rows(ROWS);
    let at = folder.path();
    done(at, &["link-tests", "--model", "m", "--version", "v1", "--result-ids", "1,2,3,4"]);
    let unlink = |more: &[&str]| {
        let found = json(at, &[&["unlink-tests", "--model", "m", "--version", "v1"], more].concat());
        (found["unlinked"].as_i64().unwrap(), found["not_linked"].as_i64().unwrap())
    };
    assert_eq!(unlink(&["--result-ids", "1,5"]), (1, 1));
    assert_eq!(unlink(&["--where", "source=MLCommons"]), (1, 1));
    assert_eq!(linked(at, "v1"), "3 4");
    let (code, said) = refused(at, &["unlink-tests", "--model", "m", "--version", "v1", "--result-ids", "3,6,99"]);
    assert_eq!(code, 2);
    assert!(said.contains("nothing was unlinked: there is no result 99; of another model: 6 (of `other`)"), "{said}");
    let (code, said) = refused(at, &["unlink-tests", "--model", "m", "--version", "v2", "--all"]);
    assert!(code == 2 && said.contains("unknown version `v2`\nhelp: there are `v1`"), "{said}");
    assert_eq!(linked(at, "v1"), "3 4");
    assert_eq!(unlink(&["--all"]), (2, 0));
    assert_eq!(value(&base(at), "SELECT count(*) FROM performance_results"), "6");
    assert_eq!(value(&base(at), "SELECT count(*) FROM model_registry_versions"), "1");
}

#[test]
fn a_name_moves_from_version_to_version() {
    let folder = folder_of_rows(ROWS);
    let at = folder.path();
    done(at, &["link-tests", "--model", "m", "--version", "v1", "--result-ids", "1,2"]);
    done(at, &["link-tests", "--model", "m", "--version", "v2", "--result-ids", "3,4"]);
    let alias = |more: &[&str]| {
        let moved = json(at, &[&["alias-version", "--model", "m"], more].concat());
        (moved["from"].as_str().map(str::to_owned), moved["to"].as_str().map(str::to_owned))
    };
    let some = |tag: &str| Some(tag.to_owned());
    // Of version `tag`: the batch size that its rows have.
    let asked = |name: &str| {
        let answer = json(at, &["recommend", "--model", "m", "--version", name]);
        (
            answer["request"]["version"].as_str().unwrap().to_owned(),
            answer["recommendations"][0]["recommended_batch_size"].as_i64().unwrap(),
        )
    };
    assert_eq!(asked("latest"), ("v2".to_owned(), 2), "the newest, by itself");
    assert_eq!(alias(&["--alias", "champion", "--version", "v1"]), (None, some("v1")));
    assert_eq!(asked("champion"), ("v1".to_owned(), 1));
    assert_eq!(alias(&["--alias", "champion", "--version", "latest"]), (some("v1"), some("v2")));
    assert_eq!(asked("champion"), ("v2".to_owned(), 2));
    assert_eq!(alias(&["--alias", "latest", "--version", "v1"]), (None, some("v1")));
    assert_eq!(asked("latest"), ("v1".to_owned(), 1));
    let aliases = |at: &Path| {
        let history = json(at, &["version-history", "--model", "m"]);
        history["versions"].as_array().unwrap().iter().map(|one| one["aliases"].to_string()).collect::<Vec<_>>()
    };
    assert_eq!(aliases(at), [r#"["champion"]"#, r#"["latest"]"#]);
    assert_eq!(alias(&["--alias", "latest", "--remove"]), (some("v1"), None));
    assert_eq!(aliases(at), [r#"["champion","latest"]"#, "[]"]);
    // Linking to a name is linking to the version that has it.
    let linked_to = json(at, &["link-tests", "--model", "m", "--version", "champion", "--result-ids", "5"]);
    assert_eq!(linked_to["version"], "v2");
    assert_eq!(linked_to["linked"], 1);
    assert_eq!(linked(at, "v2"), "3 4 5");
    // A name is no tag, and a tag no name.
    let said = |args: &[&str]| {
        let (code, said) = refused(at, args);
        assert_eq!(code, 2, "{said}");
        said
    };
    assert!(said(&["alias-version", "--model", "m", "--alias", "v1", "--version", "v2"]).contains("`v1` is the tag of a version"));
    assert!(said(&["add-version", "--model", "m", "--version", "champion"]).contains("`champion` is a name that moves"));
    assert!(said(&["add-version", "--model", "m", "--version", "latest"]).contains("`latest` means the newest version by itself"));
    assert!(said(&["link-tests", "--model", "other", "--version", "latest", "--result-ids", "6"]).contains("`latest` means the newest"));
    assert!(
        said(&["alias-version", "--model", "m", "--alias", "champion", "--version", "v3"]).contains("there are `v2`, `v1`, `champion`")
    );
    assert!(said(&["recommend", "--model", "m", "--version", "champoin"]).contains("did you mean `champion`?"));
    assert!(said(&["alias-version", "--model", "m", "--alias", "champ", "--remove"]).contains("did you mean `champion`?"));
    assert_eq!(alias(&["--alias", "champion", "--remove"]), (some("v2"), None));
    assert!(said(&["alias-version", "--model", "m", "--alias", "champion", "--remove"]).contains("has a name beside its tag"));
}

#[test]
fn what_versions_print_is_for_people_too() {
    let folder = folder_of_rows(ROWS);
    let at = folder.path();
    assert_eq!(
        done(at, &["version-history", "--model", "m"]),
        "model 'm' has no version; `suitor add-version` or `suitor link-tests` makes one\n"
    );
    assert_eq!(
        done(at, &["link-tests", "--model", "m", "--version", "v1", "--result-ids", "1,2,2"]),
        "linked 2 test result(s) to model 'm' version 'v1'; the version is new\n"
    );
    assert_eq!(
        done(at, &["link-tests", "--model", "m", "--version", "v1", "--where", "batch_size=1"]),
        "linked 1 test result(s) to model 'm' version 'v1'; 2 linked before\n"
    );
    assert_eq!(
        done(at, &["unlink-tests", "--model", "m", "--version", "v1", "--result-ids", "5,4"]),
        "unlinked 1 test result(s) from model 'm' version 'v1'; 1 were not linked to it\n"
    );
    assert_eq!(
        done(at, &["alias-version", "--model", "m", "--alias", "champion", "--version", "v1"]),
        "'champion' of model 'm' means version 'v1'\n"
    );
    let csv = done(at, &["version-history", "--model", "m", "--format", "csv"]);
    assert!(csv.starts_with("version,aliases,hash,created,results,snapshots,metadata\nv1,\"champion, latest\",,2"), "{csv}");
    let markdown = done(at, &["version-history", "--model", "m", "--format", "markdown"]);
    assert!(markdown.contains("| v1      | champion, latest |"), "{markdown}");
}

#[test]
fn tags_names_and_content_that_cannot_be_are_refused() {
    let folder = folder_of_rows(ROWS);
    let at = folder.path();
    done(at, &["add-version", "--model", "m", "--version", "1.0"]);
    let said = |args: &[&str]| {
        let (code, said) = refused(at, args);
        assert_eq!(code, 2, "{said}");
        said
    };
    let long = "x".repeat(5000);
    for (name, fault) in [
        ("", "is empty"),
        (" 1.0", "` 1.0` begins with a blank"),
        ("1.0 ", "`1.0 ` ends with a blank"),
        ("a\u{1b}[2J", "`a\\u{1b}[2J` holds the control character `\\u{1b}`"),
        (long.as_str(), "has 5000 characters, expected 200 at most"),
    ] {
        assert!(said(&["add-version", "--model", "m", "--version", name]).contains(fault), "{fault}");
        assert!(said(&["link-tests", "--model", "m", "--result-ids", "1", "--version", name]).contains(fault), "{fault}");
        assert!(said(&["alias-version", "--model", "m", "--version", "1.0", "--alias", name]).contains(fault), "{fault}");
    }
    let hash = said(&["add-version", "--model", "m", "--version", "1.0", "--hash", ""]);
    assert!(hash.contains("the hash is empty") && hash.contains("leave --hash out"), "{hash}");
    let twice = said(&["add-version", "--model", "m", "--version", "1.0", "--metadata", r#"{"a":1,"a":2}"#]);
    assert!(twice.contains("is ambiguous: the key `a` stands twice in one object"), "{twice}");
    assert_eq!(json(at, &["add-version", "--model", "m", "--version", "1.0"])["state"], "unchanged");
    assert_eq!(value(&base(at), "SELECT string_agg(version_tag, '|') FROM model_registry_versions"), "1.0");
    // Other software's tags are named without harm, and can still be used.
    let sql =
        "INSERT INTO model_registry_versions (model_id, version_tag) SELECT model_id, 'a' || chr(27) || '[2J' FROM model_registry_versions";
    duckdb::Connection::open(base(at)).unwrap().execute_batch(sql).unwrap();
    let unknown = said(&["recommend", "--model", "m", "--version", "zzz"]);
    assert!(unknown.contains("`a\\u{1b}[2J`") && !unknown.contains('\u{1b}'), "{unknown:?}");
    done(at, &["link-tests", "--model", "m", "--version", "a\u{1b}[2J", "--result-ids", "1"]);
}

#[test]
fn an_import_trims_tags_and_refuses_rows_whose_tag_cannot_be_one() {
    let long = "x".repeat(201);
    let rows = format!(
        "model,hardware,task,batch_size,throughput_items_per_second,release\n\
         m,A,inference,1,400,1.0\nm,B,inference,1,200,\" 1.0 \"\nm,C,inference,1,100,a\u{7}b\nm,D,inference,1,50,{long}\nm,E,inference,1,25,\" \"\n"
    );
    let folder = folder_of_rows(ROWS);
    let at = folder.path();
    std::fs::write(at.join("tagged.csv"), rows).unwrap();
    let ended = suitor(at, &["import", "tagged.csv", "--versions-from", "release", "--format", "json"]);
    let printed = &ended.printed;
    assert!(printed.contains("the version's tag `a\\\\u{7}b` holds the control character `\\\\u{7}`"), "{printed}{}", ended.said);
    assert!(printed.contains("has 201 characters, expected 200 at most"), "{printed}");
    assert_eq!(value(&base(at), "SELECT string_agg(version_tag, '|') FROM model_registry_versions"), "1.0");
    assert_eq!(value(&base(at), "SELECT count(*) FROM model_version_results"), "2");
}

/// The rule is that of `add-version`.
#[test]
fn an_import_refuses_rows_whose_tag_means_a_version_already() {
    let folder = folder_of_rows(ROWS);
    let at = folder.path();
    done(at, &["add-version", "--model", "m", "--version", "v1"]);
    done(at, &["alias-version", "--model", "m", "--alias", "champion", "--version", "v1"]);
    let head = "model,hardware,task,batch_size,throughput_items_per_second,release\n";
    let rows = "m,A,inference,4,400,latest\nm,B,inference,4,200,champion\nother,B,inference,4,7,champion\nnew,C,inference,4,1, latest\nm,C,inference,4,3,v2\n";
    std::fs::write(at.join("tagged.csv"), format!("{head}{rows}")).unwrap();
    let page = json(at, &["import", "tagged.csv", "--versions-from", "release"]);
    let file = &page["files"][0];
    let refused: Vec<(i64, &str)> =
        file["refused"].as_array().unwrap().iter().map(|one| (one["line"].as_i64().unwrap(), one["reason"].as_str().unwrap())).collect();
    let latest = "`latest` means the newest version by itself, expected a tag of the version's own";
    let name = "`champion` is a name that moves from version to version, expected a tag of the version's own";
    assert_eq!(refused, [(2, latest), (3, name), (5, latest)], "a name is one of its model only");
    assert_eq!((&file["rows_added"], &file["versions_added"]), (&2.into(), &2.into()));
    let tags = "SELECT string_agg(version_tag, '|' ORDER BY id) FROM model_registry_versions";
    assert_eq!(value(&base(at), tags), "v1|champion|v2");
    // A version of that tag that other software made is one.
    let sql = "INSERT INTO model_registry_versions (model_id, version_tag) SELECT model_id, 'latest' FROM models WHERE model_name = 'm'";
    duckdb::Connection::open(base(at)).unwrap().execute_batch(sql).unwrap();
    let again = json(at, &["import", "tagged.csv", "--versions-from", "release"]);
    assert_eq!((&again["files"][0]["rows_added"], &again["files"][0]["rows_linked"]), (&1.into(), &1.into()));
}

/// Other software may keep a version without a tag (in a table that another one holds to: it stays as it is), or numbers as tags: neither
/// is in the way of results.
#[test]
fn an_import_lands_beside_versions_whose_tags_are_no_text() {
    let none = "INSERT INTO model_registry_versions (id, model_id, version_tag) VALUES (9, 1, NULL);
        CREATE TABLE releases (id INTEGER, version_id INTEGER REFERENCES model_registry_versions (id))";
    let numbers = "CREATE TABLE model_registry_versions (id INTEGER PRIMARY KEY, model_id INTEGER, version_tag INTEGER);
        INSERT INTO model_registry_versions VALUES (1, 1, 7)";
    for (variant, foreign) in [("extended", none), ("documented", numbers)] {
        let (_folder, path) = crate::schema_fixtures::build(variant);
        let at = path.parent().unwrap();
        std::fs::rename(&path, base(at)).unwrap();
        execute(&base(at), foreign);
        let head = "model,hardware,task,batch_size,throughput_items_per_second";
        let rows = "bert-base,A,inference,128,400,latest\nbert-base,B,inference,128,300,\n";
        std::fs::write(at.join("tagged.csv"), format!("{head},release\n{rows}")).unwrap();
        let page = json(at, &["import", "tagged.csv", "--versions-from", "release"]);
        let file = &page["files"][0];
        assert_eq!((&file["rows_added"], &file["rows_refused"]), (&1.into(), &1.into()), "{variant}: {page}");
        std::fs::write(at.join("plain.csv"), format!("{head}\nbert-base,A,inference,64,400\n")).unwrap();
        assert_eq!(json(at, &["import", "plain.csv"])["files"][0]["rows_added"], 1, "{variant}");
    }
}

#[test]
fn a_file_is_named_by_its_own_name_or_its_path() {
    let folder = folder_of_rows(ROWS);
    let at = folder.path();
    std::fs::create_dir(at.join("lab")).unwrap();
    let row = "model,hardware,task,batch_size,throughput_items_per_second\nm,Z,inference,1,";
    std::fs::write(at.join("lab/results.csv"), format!("{row}40\n")).unwrap();
    std::fs::write(at.join("lab/old-results.csv"), format!("{row}41\n")).unwrap();
    done(at, &["import", "lab/results.csv", "lab/old-results.csv"]);
    for (tag, choice) in [("own", "file=results.csv"), ("field", "source_file=results.csv"), ("path", "file=lab/results.csv")] {
        assert_eq!(json(at, &["link-tests", "--model", "m", "--version", tag, "--where", choice])["linked"], 1, "{choice}");
    }
    let (code, said) = refused(at, &["link-tests", "--model", "m", "--version", "other", "--where", "file=other/results.csv"]);
    assert!(code == 2 && said.contains("lab/results.csv"), "{said}");
}

#[test]
fn a_new_version_is_said_to_be_new_and_a_slip_is_warned_of() {
    let folder = folder_of_rows(ROWS);
    let at = folder.path();
    let link = ["link-tests", "--model", "m", "--result-ids", "1", "--version"];
    let linked_to = |tag: &str| json(at, &[&link[..], &[tag]].concat());
    assert_eq!((&linked_to("v1.0")["created"], linked_to("v1.0")["created"].as_bool()), (&Json::from(true), Some(false)));
    done(at, &["alias-version", "--model", "m", "--alias", "champion", "--version", "v1.0"]);
    assert_eq!(linked_to("v1.1")["warnings"], serde_json::json!([]), "another number is another version");
    let warning = "the version `champoin` is new; did you mean `champion`?";
    let ended = suitor(at, &[&link[..], &["champoin"]].concat());
    assert_eq!(ended.printed, "linked 1 test result(s) to model 'm' version 'champoin'; the version is new\n");
    assert_eq!((ended.code, ended.said), (0, format!("warning: {warning}\n")));
    assert_eq!(linked_to("champoin")["warnings"], serde_json::json!([]), "it is there now");
    let add = ["add-version", "--model", "m", "--version"];
    let ended = suitor(at, &[&add[..], &["v1.O"]].concat());
    assert_eq!((ended.code, ended.said.as_str()), (0, "warning: the version `v1.O` is new; did you mean `v1.0`?\n"));
    assert_eq!(json(at, &[&add[..], &["v1.O"]].concat())["warnings"], serde_json::json!([]), "it is there now");
    assert_eq!(json(at, &[&add[..], &["v1.2"]].concat())["warnings"], serde_json::json!([]), "another number is another version");
    assert_eq!(linked_to("latst")["warnings"][0], "the version `latst` is new; did you mean `latest`?");
    let (_, said) = refused(at, &["recommend", "--model", "m", "--version", "ltest"]);
    assert!(said.contains("`latest`"), "{said}");
}

#[test]
fn unknown_hardware_is_answered_with_what_has_such_a_word() {
    let mut rows = "model,hardware,task,batch_size,throughput_items_per_second\nm,NVIDIA B200 SXM,inference,1,90\n".to_owned();
    for n in 0..30 {
        rows.push_str(&format!("m,Maker Device{n} Board,inference,1,{}\n", 10 + n));
    }
    let folder = folder_of_rows(&rows);
    let at = folder.path();
    for version in ["v1", "v2"] {
        done(at, &["link-tests", "--model", "m", "--version", version, "--where", "batch_size=1"]);
        done(at, &["create-snapshot", "--model", "m", "--version", version]);
    }
    let (code, said) = refused(at, &["trend", "--model", "m", "--hardware", "B2000"]);
    assert_eq!(code, 2);
    assert!(said.contains("unknown hardware `B2000`\nhelp: did you mean `NVIDIA B200 SXM`?"), "{said}");
}
