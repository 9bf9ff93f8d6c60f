//! Landing: rows come once, a file is whole or not at all, versions are made and linked.

use suitor::import::Batch;
use suitor::store::Db;
use suitor::store::landing::{FileRecord, Landed};

use crate::support::{batch, no_rules};

const NOW: i64 = 1_700_000_000_000_000;
const TABLE: &str = "model,hardware_norm,hardware_count,task,throughput_items_per_second,model_family,version_tag\n\
    m,A,1,inference,100,,v1\nm,A,8,inference,700,llama,v1\nm,B,1,inference,50,,v2\nn,B,1,training,10,,";

fn record(file: &str) -> FileRecord {
    FileRecord { file: file.to_owned(), format: "test".to_owned(), rows_read: 4, ..FileRecord::default() }
}

fn land(db: &mut Db, rows: Batch, dry_run: bool) -> Landed {
    let mut landing = db.land().expect("a landing");
    landing.append(rows).expect("rows that fit");
    landing.finish(&record("table.csv"), NOW, dry_run).expect("rows that land")
}

fn rows() -> Batch {
    batch(TABLE, "table.csv")
}

#[test]
fn rows_land_once_with_their_versions() {
    let mut db = Db::open_in_memory().expect("a database");
    assert_eq!(land(&mut db, rows(), false), Landed { added: 4, duplicate: 0, versions: 2, linked: 3 });
    assert_eq!(land(&mut db, rows(), false), Landed { added: 0, duplicate: 4, versions: 0, linked: 0 });
    let models: Vec<(String, Option<String>)> = db.models().expect("models").into_iter().map(|model| (model.name, model.family)).collect();
    assert_eq!(models, [("m".to_owned(), Some("llama".to_owned())), ("n".to_owned(), None)]);
    let labels: Vec<String> = db.hardware().expect("hardware").into_iter().map(|one| one.label).collect();
    assert_eq!(labels.len(), 3);
    assert!(labels.contains(&"A x8".to_owned()), "{labels:?}");
}

#[test]
fn the_same_row_twice_in_a_file_with_one_key_is_a_duplicate() {
    let mut db = Db::open_in_memory().expect("a database");
    let mut landing = db.land().expect("a landing");
    landing.append(rows()).expect("rows that fit");
    landing.append(rows()).expect("the same rows");
    landing.append(Batch::new()).expect("no rows");
    let landed = landing.finish(&record("table.csv"), NOW, false).expect("rows that land");
    assert_eq!((landed.added, landed.duplicate), (4, 4));
}

#[test]
fn a_dry_run_says_the_same_and_leaves_nothing() {
    let mut db = Db::open_in_memory().expect("a database");
    let dry = land(&mut db, rows(), true);
    assert!(db.models().expect("models").is_empty() && db.hardware().expect("hardware").is_empty());
    assert_eq!(dry, land(&mut db, rows(), false));
}

#[test]
fn a_landing_that_is_dropped_leaves_nothing() {
    let mut db = Db::open_in_memory().expect("a database");
    {
        let mut landing = db.land().expect("a landing");
        landing.append(rows()).expect("rows that fit");
    }
    assert!(db.models().expect("models").is_empty());
    // The next one begins empty.
    let next = db.land().expect("a landing").finish(&record("empty.csv"), NOW, false).expect("nothing to land");
    assert_eq!(next, Landed::default());
}

#[test]
fn a_later_file_fills_what_an_earlier_one_left_open_and_changes_nothing_else() {
    let mut db = Db::open_in_memory().expect("a database");
    let first = "model,hardware_norm,task,throughput_items_per_second,model_family,hardware_memory_gb,params_m\nm,A,inference,1,,24,";
    let second =
        "model,hardware_norm,task,throughput_items_per_second,model_family,hardware_memory_gb,params_m\nm,A,inference,2,llama,48,7000";
    land(&mut db, batch(first, "one.csv"), false);
    land(&mut db, batch(second, "two.csv"), false);
    let model = db.model("m").expect("the model");
    assert_eq!((model.family.as_deref(), model.parameters_million), (Some("llama"), Some(7000.0)));
    assert_eq!(db.hardware().expect("hardware")[0].memory_mb, Some(24_000.0));
}

#[test]
fn a_version_is_answered_from_its_linked_rows_alone() {
    let mut db = Db::open_in_memory().expect("a database");
    land(&mut db, rows(), false);
    let rules = no_rules();
    let recommender = suitor::recommend::HardwareRecommender::new(&db, &rules);
    let request =
        |version: &str| suitor::recommend::Request { model: "m".to_owned(), version: Some(version.to_owned()), ..Default::default() };
    let labels = |version: &str| -> Vec<String> {
        let answer = recommender.recommend_hardware(&request(version)).expect("an answer");
        answer.recommendations.into_iter().map(|one| one.hardware).collect()
    };
    assert_eq!(labels("v1"), ["A x8", "A"]);
    assert_eq!(labels("v2"), ["B"]);
    assert_eq!(recommender.recommend_hardware(&request("v3")).expect_err("no such version").exit_code(), 2);
}
