//! Extension tables of other software, older and newer schemas.

use suitor::recommend::Request;
use suitor::store::{Access, Db};

use crate::schema_fixtures::{answer, build, canonical, dump, execute, open, ranking, value};

#[test]
fn tables_of_other_software_are_made_anew_with_their_rows_and_ids() {
    let (_folder, path) = build("extended");
    let report = open(&path, Access::Write).create_schema().unwrap();
    assert!(report.done.iter().any(|line| line.contains("hardware_compatibility_snapshots anew") && line.contains("2 rows")), "{report:?}");
    assert!(report.warnings.iter().any(|line| line.contains("refer to `models`")), "{report:?}");
    let one = |sql: &str| value(&path, sql);
    assert_eq!(one("SELECT string_agg(id || version_tag, ', ' ORDER BY id) FROM model_registry_versions"), "3v1, 8v1");
    assert_eq!(one("SELECT string_agg(metadata::VARCHAR, ', ' ORDER BY id) FROM model_registry_versions"), "{\"k\": 1}, \"no json\"");
    assert_eq!(
        one("SELECT id || ' ' || compatibility_score || ' ' || notes || ' ' || reviewer FROM hardware_model_compatibility"),
        "4 0.75 seen ann"
    );
    assert_eq!(one("SELECT string_agg(id || ' ' || revision, ', ' ORDER BY id) FROM hardware_compatibility_snapshots"), "11 1, 12 2");
    let types = "SELECT string_agg(DISTINCT data_type, ', ') FROM duckdb_columns() WHERE column_name IN ('compatibility_score', 'suitability_score', 'memory_requirement')";
    assert_eq!(one(types), "DOUBLE");
    let mut db = open(&path, Access::Write);
    let model = db.model("resnet50").unwrap().id;
    db.add_version(model, "v2", None, None, 0).unwrap();
    assert_eq!(db.version_history(model).unwrap().iter().find(|one| one.version == "v2").unwrap().id, 9);
    let stored = db.stored_scores(db.model("bert-base").unwrap().id, None).unwrap();
    assert_eq!((stored[0].suitability, stored[0].provenance.as_str(), stored[0].rule_set.as_str()), (0.5, "estimated", ""));
}

#[test]
fn the_four_tables_have_the_columns_of_the_design_first() {
    for variant in ["short", "extended", "documented"] {
        let (_folder, path) = build(variant);
        open(&path, Access::Write).create_schema().unwrap();
        let columns = |table: &str, first: usize| {
            let sql = format!(
                "SELECT string_agg(column_name, ', ' ORDER BY column_index) FROM duckdb_columns() WHERE table_name = '{table}' AND column_index <= {first}"
            );
            value(&path, &sql)
        };
        assert_eq!(columns("model_registry_versions", 6), "id, model_id, version_tag, version_hash, created_at, metadata");
        assert_eq!(
            columns("hardware_model_compatibility", 12),
            "id, model_id, hardware_id, compatibility_score, suitability_score, recommended_batch_size, recommended_precision, memory_requirement, created_at, last_updated, notes, final_score"
        );
        assert_eq!(columns("task_recommendations", 7), "id, task_type, model_id, hardware_id, suitability_score, created_at, last_updated");
        assert_eq!(
            columns("hardware_compatibility_snapshots", 10),
            "id, model_id, version_id, hardware_id, compatibility_score, suitability_score, recommended_batch_size, recommended_precision, memory_requirement, created_at"
        );
        let key = if variant == "short" { "id" } else { "model_id" };
        let references = "SELECT constraint_text FROM duckdb_constraints() WHERE table_name = 'model_registry_versions' AND constraint_type = 'FOREIGN KEY'";
        assert_eq!(value(&path, references), format!("FOREIGN KEY (model_id) REFERENCES models({key})"), "{variant}");
    }
}

#[test]
fn rows_that_the_keys_forbid_are_named_and_nothing_changes() {
    let (_folder, path) = build("extended");
    execute(&path, "INSERT INTO hardware_model_compatibility (id, model_id, hardware_id) VALUES (5, 1, 1), (6, 77, 1)");
    let before = dump(&path);
    let error = open(&path, Access::Write).create_schema().unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert!(error.message.contains("rows 4, 5 of `hardware_model_compatibility` have the same model_id, hardware_id"), "{error}");
    assert!(error.message.contains("row 6 of `hardware_model_compatibility` has model_id 77, which is not in \"models\""), "{error}");
    assert_eq!(dump(&path), before);
}

#[test]
fn a_version_table_that_the_results_refer_to_is_completed_where_it_stands() {
    let (_folder, path) = build("extended");
    execute(
        &path,
        "CREATE TABLE releases (id INTEGER, version_id INTEGER REFERENCES model_registry_versions (id)); INSERT INTO releases VALUES (1, 3)",
    );
    let mut db = open(&path, Access::Write);
    let report = db.create_schema().unwrap();
    assert!(report.done.iter().any(|line| line.starts_with("model_registry_versions completed where it stands: `releases`")), "{report:?}");
    let model = db.model("llama-7b").unwrap().id;
    assert_eq!(db.link_results(model, "v1", &[36], 0).unwrap(), 1);
    assert_eq!(db.version_history(model).unwrap()[0].id, 9);
    assert_eq!(db.create_schema().unwrap().done, Vec::<String>::new());
}

#[test]
fn versions_that_a_column_of_the_results_names_are_linked() {
    let (_folder, path) = build("short");
    let mut db = open(&path, Access::Write);
    let report = db.create_schema().unwrap();
    assert!(report.done.contains(&"12 links of results to versions, by `performance_results`.`model_version_id`".to_owned()), "{report:?}");
    let request = Request { version: Some("v1.0".into()), ..Request::default() };
    assert_eq!(answer(&db, "bert-base", request).recommendations.len(), 4);
}

#[test]
fn a_schema_of_the_first_version_is_brought_forward() {
    let (_folder, path) = build("documented");
    open(&path, Access::Write).create_schema().unwrap();
    execute(
        &path,
        "DROP TABLE suitor_model_extra; DROP TABLE suitor_hardware_extra; DROP TABLE suitor_result_extra; DELETE FROM suitor_schema",
    );
    let expected = ranking(&canonical(), &["bert-base"]);
    assert_eq!(ranking(&open(&path, Access::Read), &["bert-base"]), expected);
    let report = open(&path, Access::Write).create_schema().unwrap();
    assert_eq!(report.done, ["suitor_hardware_extra", "suitor_model_extra", "suitor_result_extra", "schema version 2", "schema version 3"]);
    assert_eq!(value(&path, "SELECT max(version) FROM suitor_schema WHERE applied_at IS NOT NULL"), "3");
    assert_eq!(ranking(&open(&path, Access::Read), &["bert-base"]), expected);
}

#[test]
fn a_newer_schema_is_refused_however_it_is_opened() {
    let (_folder, path) = build("detected");
    open(&path, Access::Write).create_schema().unwrap();
    execute(&path, "INSERT INTO suitor_schema VALUES (99, NULL)");
    for access in [Access::Read, Access::Write, Access::Create] {
        let error = Db::open(&path, access).err().unwrap();
        assert_eq!(error.exit_code(), 2);
        assert!(error.message.contains("has schema version 99, and this suitor knows versions up to 3"), "{error}");
    }
}

#[test]
fn what_needs_suitors_tables_says_how_to_make_them() {
    let (_folder, path) = build("documented");
    let mut db = open(&path, Access::Write);
    let model = db.model("bert-base").unwrap().id;
    for error in [db.add_version(model, "v1", None, None, 0).unwrap_err(), db.link_results(model, "v1", &[1], 0).unwrap_err()] {
        assert_eq!(error.exit_code(), 2);
        assert_eq!(error.help.as_deref(), Some("`suitor create-schema` adds what is missing"));
    }
    assert_eq!(db.version_history(model).unwrap(), []);
    assert_eq!(db.stored_scores(model, None).unwrap(), []);
}
