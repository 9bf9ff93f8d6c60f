//! Databases that exist already, under each of the schemas that are found in the wild.

use suitor::recommend::{HardwareRecommender, Request};
use suitor::rules::RuleSet;
use suitor::scoring::Scoring;
use suitor::store::{Access, Db, Filter, SchemaNames, What};
use suitor::{Error, ModelRegistryIntegration};

use crate::schema_fixtures::{ALL, MODELS, Row, WRITABLE, answer, build, canonical, dump, execute, land, numbers, open, ranking, value};

fn scoring() -> Scoring {
    RuleSet::embedded().unwrap().scoring.clone()
}

#[test]
fn every_variant_gives_the_canonical_ranking() {
    let expected = ranking(&canonical(), &MODELS);
    assert_eq!(expected[0].1.len(), 4);
    for variant in ALL {
        let (_folder, path) = build(variant);
        assert_eq!(ranking(&open(&path, Access::Read), &MODELS), expected, "{variant}, read-only, as it is");
        open(&path, Access::Write).create_schema().unwrap_or_else(|error| panic!("{variant}: {error}"));
        assert_eq!(ranking(&open(&path, Access::Write), &MODELS[..1]), expected[..1], "{variant}, extended");
        assert_eq!(ranking(&open(&path, Access::Read), &MODELS[1..2]), expected[1..2], "{variant}, extended, read-only");
    }
}

#[test]
fn create_schema_keeps_every_row_and_does_nothing_the_second_time() {
    for variant in ALL {
        let (_folder, path) = build(variant);
        let before = dump(&path);
        let report = open(&path, Access::Write).create_schema().unwrap();
        assert!(report.done.iter().any(|line| line.starts_with("model_version_results")), "{variant}: {report:?}");
        let after = dump(&path);
        for (table, rows) in &before {
            let extension =
                ["model_registry_versions", "hardware_model_compatibility", "task_recommendations", "hardware_compatibility_snapshots"];
            if !extension.contains(&table.as_str()) {
                assert_eq!(after.get(table), Some(rows), "{variant}: {table}");
            }
        }
        let again = open(&path, Access::Write).create_schema().unwrap();
        assert_eq!(again.done, Vec::<String>::new(), "{variant}");
        assert_eq!(dump(&path), after, "{variant}");
    }
}

#[test]
fn links_and_scores_work_on_every_variant() {
    let rules = crate::support::no_rules();
    for variant in ALL {
        let (_folder, path) = build(variant);
        let mut db = open(&path, Access::Write);
        db.create_schema().unwrap();
        let filter = Filter { model_id: Some(db.model("resnet50").unwrap().id), ..Filter::default() };
        let results = db.list(What::Results, &filter, &scoring()).unwrap();
        let ids: Vec<i64> = results.rows.iter().map(|row| row[0].as_i64().unwrap()).take(3).collect();
        let mut registry = ModelRegistryIntegration::new(&mut db);
        assert_eq!(registry.link_test_results("resnet50", "v9", &ids).unwrap(), 3, "{variant}");
        assert_eq!(registry.link_test_results("resnet50", "v9", &ids).unwrap(), 0, "{variant}");
        assert!(registry.link_test_results("bert-base", "v9", &ids).is_err(), "{variant}: results of another model");
        let scores = registry.calculate_suitability_scores(&rules, None, None, false).unwrap();
        assert!(scores.pairs.count().unwrap().0 >= 12, "{variant}");
        drop(scores);
        drop(registry.calculate_suitability_scores(&rules, None, None, false).unwrap());
        drop(db);
        let db = open(&path, Access::Read);
        let request = Request { version: Some("v9".into()), ..Request::default() };
        let linked: Vec<String> = answer(&db, "resnet50", request).recommendations.into_iter().map(|one| one.hardware).collect();
        assert_eq!(linked, ["NVIDIA A100"], "{variant}");
        let request = Request { model: "resnet50".into(), ..Request::default() };
        let stored = HardwareRecommender::new(&db, &rules).stored_recommendations(&request).unwrap();
        assert_eq!(stored.pairs[0].hardware, "AMD MI210", "{variant}");
        assert!(stored.pairs.iter().all(|pair| pair.stale.is_empty()), "{variant}: {stored:?}");
        assert_eq!(db.version_history(db.model("resnet50").unwrap().id).unwrap()[0].version, "v9", "{variant}");
        assert!(db.list(What::Versions, &Filter::default(), &scoring()).unwrap().total >= 1, "{variant}");
    }
}

/// Rows of a model that is new, on hardware that is new, known, and known in another count.
fn new_rows() -> Vec<Row> {
    let rows = numbers().into_iter().filter(|row| row.model == "resnet50");
    rows.map(|row| {
        let (hardware, hardware_type, device_count) = match row.hardware.as_str() {
            "AMD MI210" => ("NVIDIA H200", "cuda", 8),
            "Apple M2 Ultra" => ("NVIDIA A100", "cuda", 4),
            "Intel Xeon" => ("Intel Xeon", "cpu", 1),
            other => (other, "cuda", 1),
        };
        let (hardware, hardware_type) = (hardware.to_owned(), hardware_type.to_owned());
        Row { model: "new-net".into(), hardware, hardware_type, device_count, line: row.line + 100, version: Some("v1".into()), ..row }
    })
    .collect()
}

#[test]
fn imported_rows_land_in_every_variant_once_and_can_be_forgotten() {
    let mut reference = canonical();
    land(&mut reference, &new_rows(), false);
    let names = ["bert-base", "new-net"];
    let expected = ranking(&reference, &names);
    assert_eq!(expected[1].1.iter().map(|one| format!("{one:?}")).filter(|one| one.contains("NVIDIA A100 x4")).count(), 1);
    for variant in WRITABLE {
        let (_folder, path) = build(variant);
        open(&path, Access::Write).create_schema().unwrap();
        let before = dump(&path);
        let mut db = open(&path, Access::Write);
        let landed = land(&mut db, &new_rows(), true);
        assert_eq!((landed.added, landed.versions, landed.linked), (12, 1, 12), "{variant}: dry run");
        drop(db);
        assert_eq!(without_sequences(dump(&path)), without_sequences(before.clone()), "{variant}: dry run");

        let mut db = open(&path, Access::Write);
        let landed = land(&mut db, &new_rows(), false);
        assert_eq!((landed.added, landed.duplicate, landed.versions, landed.linked), (12, 0, 1, 12), "{variant}");
        assert_eq!(ranking(&db, &names), expected, "{variant}");
        drop(db);
        let once = dump(&path);
        // Suitor fills what is unknown in tables of its own, which the flat variant has.
        let own = |table: &str| variant == "flat" && table == "hardware_platforms";
        for (table, rows) in before.iter().filter(|(table, _)| !own(table)) {
            let kept = &once[table];
            assert!(
                rows.iter().filter(|row| !row.starts_with("CREATE")).all(|row| kept.contains(row) || table.ends_with("_seq")),
                "{variant}: {table}"
            );
        }
        let mut db = open(&path, Access::Write);
        let again = land(&mut db, &new_rows(), false);
        assert_eq!((again.added, again.duplicate, again.versions, again.linked), (0, 12, 0, 0), "{variant}");
        let row =
            &db.list(What::Results, &Filter { name: Some("new-net".into()), limit: Some(1), ..Filter::default() }, &scoring()).unwrap();
        let of = |name: &str| row.rows[0][row.columns.iter().position(|column| column == name).unwrap()].clone();
        assert_eq!((of("source_file"), of("source_key"), of("precision")), ("new.csv".into(), "113".into(), "fp16".into()), "{variant}");
        assert_eq!(of("tested_at"), "2025-10-09T08:53:20Z", "{variant}");

        let error = db.forget("new.cvs").unwrap_err();
        assert_eq!((error.exit_code(), error.help.as_deref()), (2, Some("did you mean `new.csv`?")), "{variant}");
        let gone = db.forget("new.csv").unwrap();
        assert_eq!((gone.results, gone.links, gone.imports), (12, 12, 2), "{variant}");
        assert_eq!(ranking(&db, &names[..1]), expected[..1], "{variant}");
        drop(db);
        let left = dump(&path);
        for table in before.keys().filter(|table| !table.ends_with("_seq")) {
            let stays = ["models", "hardware_platforms", "suitor_model_extra", "suitor_hardware_extra", "model_registry_versions"];
            if !stays.contains(&table.as_str()) {
                assert_eq!(left[table], before[table], "{variant}: {table}");
            }
        }
    }
}

fn without_sequences(mut all: std::collections::BTreeMap<String, Vec<String>>) -> Vec<(String, Vec<String>)> {
    all.retain(|name, _| !name.ends_with("_seq"));
    all.into_iter().collect()
}

#[test]
fn a_view_takes_no_imported_rows_and_says_so() {
    let (_folder, path) = build("views");
    let mut db = open(&path, Access::Write);
    db.create_schema().unwrap();
    let error = db.land().unwrap().finish(&suitor::store::landing::FileRecord::default(), 0, false).unwrap_err();
    assert_eq!((error.exit_code(), error.message.as_str()), (2, "`performance_results` is a view, so rows cannot be added to it"));
}

#[test]
fn training_rows_zeros_power_and_incompatibilities_are_read_as_what_they_are() {
    let (_folder, path) = build("documented");
    let db = open(&path, Access::Read);
    let model = db.model("bert-base").unwrap();
    assert_eq!(db.tasks_of(model.id).unwrap(), ["inference", "training"]);
    let rows = db.row_relation().unwrap();
    drop(db);
    let failed = format!("SELECT string_agg(hardware || ' ' || task, ', ' ORDER BY task) FROM ({rows}) WHERE status IS NOT NULL");
    assert_eq!(value(&path, &failed), "Apple M2 Ultra inference, Apple M2 Ultra training");
    assert_eq!(value(&path, &format!("SELECT power_watts FROM ({rows}) WHERE row_id = 1")), "250.0");
    assert_eq!(value(&path, &format!("SELECT latency_ms_mean FROM ({rows}) WHERE row_id = 1")), "2.5");
    assert_eq!(value(&path, &format!("SELECT latency_ms_mean FROM ({rows}) WHERE row_id = 103")), "null");
    assert_eq!(value(&path, &format!("SELECT device_memory_mb FROM ({rows}) WHERE row_id = 1")), "80000.0");
    assert_eq!(value(&path, &format!("SELECT count(*) FROM ({rows}) WHERE content_hash IS NULL OR length(content_hash) <> 32")), "0");
    execute(
        &path,
        "UPDATE performance_batch_results SET latency_ms = batch_id, memory_usage_mb = 10; INSERT INTO performance_batch_results VALUES (3, 103, 1, 16, 4, 12)",
    );
    let samples = format!("SELECT latency_ms_mean || ' ' || latency_ms_p50 || ' ' || memory_peak_mb FROM ({rows}) WHERE row_id = 103");
    assert_eq!(value(&path, &samples), "2.5 2.5 12.0");
}

#[test]
fn simulated_and_failed_rows_stay_what_they_are() {
    let (_folder, path) = build("simulated");
    let mut db = open(&path, Access::Write);
    let report = db.create_schema().unwrap();
    assert!(report.warnings.iter().any(|line| line.contains("1 rows of `models` repeat")), "{report:?}");
    let listed = answer(&db, "bert-base", Request::default()).recommendations;
    let last = listed.last().unwrap();
    assert_eq!((last.hardware.as_str(), last.hardware_type.as_deref()), ("Intel Xeon (openvino)", Some("openvino")));
    assert!(format!("{last:?}").contains("simulated"), "{last:?}");
    let rows = db.row_relation().unwrap();
    drop(db);
    let statuses = format!("SELECT string_agg(row_id || ' ' || status, ', ' ORDER BY row_id) FROM ({rows}) WHERE status IS NOT NULL");
    assert_eq!(value(&path, &statuses), "202 out_of_memory, 203 error, 2000000000002 incompatible");
    assert_eq!(value(&path, &format!("SELECT count(*) FROM ({rows}) WHERE image_size = 224")), "39");
}

#[test]
fn power_of_another_pair_is_not_taken() {
    let (_folder, path) = build("test_results");
    let rows = open(&path, Access::Read).row_relation().unwrap();
    let watts =
        format!("SELECT string_agg(row_id || ' ' || power_watts, ', ' ORDER BY row_id) FROM ({rows}) WHERE power_watts IS NOT NULL");
    assert_eq!(value(&path, &watts), "1 250.0");
}

#[test]
fn efficiency_becomes_energy_and_length_becomes_tokens() {
    let (_folder, path) = build("detected");
    let rows = open(&path, Access::Read).row_relation().unwrap();
    assert_eq!(value(&path, &format!("SELECT energy_j_per_item || ' ' || input_tokens FROM ({rows}) WHERE row_id = 1")), "0.5 128");
}

#[test]
fn a_failed_result_of_a_success_column_gives_no_point() {
    let (_folder, path) = build("logged");
    let mut db = open(&path, Access::Write);
    let report = db.create_schema().unwrap();
    assert!(report.warnings.iter().any(|line| line == "not read: `test_results`"), "{report:?}");
    let listed = answer(&db, "bert-base", Request::default()).recommendations;
    assert_eq!(listed[3].hardware, "Intel Xeon");
}

#[test]
fn models_that_a_flat_table_gains_are_seen_at_once() {
    let (_folder, path) = build("flat");
    open(&path, Access::Write).create_schema().unwrap();
    execute(
        &path,
        "INSERT INTO benchmark_performance (model, hardware, device, batch_size, throughput) VALUES ('vit', 'cuda', 'RTX 4090', 1, 10)",
    );
    assert_eq!(answer(&open(&path, Access::Read), "vit", Request::default()).recommendations[0].hardware, "RTX 4090");
    let mut db = open(&path, Access::Write);
    ModelRegistryIntegration::new(&mut db).calculate_suitability_scores(&RuleSet::embedded().unwrap(), Some("vit"), None, false).unwrap();
    assert_eq!(db.stored_scores(db.model("vit").unwrap().id, None).unwrap()[0].hardware, "RTX 4090");
}

#[test]
fn names_of_ones_own_come_from_suitor_toml() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.duckdb");
    execute(
        &path,
        "CREATE TABLE netze (nr INTEGER, titel VARCHAR); CREATE TABLE geraete (nr INTEGER, titel VARCHAR);
         CREATE TABLE messungen (nr INTEGER, netz INTEGER, geraet INTEGER, durchsatz_je_minute DOUBLE);
         INSERT INTO netze VALUES (1, 'vit'); INSERT INTO geraete VALUES (1, 'GPU A'), (2, 'GPU B'); INSERT INTO messungen VALUES (1, 1, 1, 600), (2, 1, 2, 1200)",
    );
    let error: Error = open(&path, Access::Read).models().unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert_eq!(error.message, "the database has no benchmark table `models`: it holds `geraete`, `messungen`, `netze`");
    let settings = "[schema.models]\ntables = [\"netze\"]\nmodel_id = [\"nr\"]\nmodel_name = [\"titel\"]\n
        [schema.hardware]\ntables = [\"geraete\"]\nhardware_id = [\"nr\"]\ndevice_name = [\"titel\"]\n
        [schema.results]\ntables = [\"messungen\"]\nresult_id = [\"nr\"]\nmodel_id = [\"netz\"]\nhardware_id = [\"geraet\"]\nthroughput_items_per_second = [\"durchsatz_je_minute / 60\"]\n";
    std::fs::write(folder.path().join("suitor.toml"), settings).unwrap();
    let mut db = Db::open_with(&path, Access::Write, SchemaNames::load(folder.path()).unwrap()).unwrap();
    let report = db.create_schema().unwrap();
    assert!(report.found.iter().any(|line| line.contains("throughput_items_per_second = durchsatz_je_minute / 60.0")), "{report:?}");
    let first = &answer(&db, "vit", Request::default()).recommendations[0];
    assert_eq!((first.hardware.as_str(), first.metrics["throughput_items_per_second"].value), ("GPU B", 20.0));
    land(&mut db, &new_rows(), false);
    assert_eq!(answer(&db, "new-net", Request::default()).recommendations.len(), 4);
    drop(db);
    assert_eq!(value(&path, "SELECT max(durchsatz_je_minute) FROM messungen WHERE netz = 2"), "324000.0");
}

#[test]
fn a_base_table_without_what_is_needed_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd.duckdb");
    execute(&path, "CREATE TABLE models (uuid VARCHAR, title VARCHAR)");
    let error = open(&path, Access::Write).create_schema().unwrap_err();
    assert_eq!((error.exit_code(), error.message.as_str()), (2, "table `models` has no column for `model_id`: it has `uuid`, `title`"));
}

#[test]
fn a_hash_of_another_kind_is_no_obstacle() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.duckdb");
    execute(
        &path,
        "CREATE TABLE models (id INTEGER, name VARCHAR); INSERT INTO models VALUES (1, 'resnet50');
         CREATE TABLE hardware_platforms (id INTEGER, type VARCHAR, name VARCHAR); INSERT INTO hardware_platforms VALUES (1, 'cuda', 'A'), (2, 'cuda', 'B');
         CREATE TABLE performance_results (id INTEGER, model_id INTEGER, hardware_id INTEGER, batch_size INTEGER, throughput DOUBLE, content_hash VARCHAR);
         INSERT INTO performance_results VALUES (1, 1, 1, 8, 100, 'xyz'), (2, 1, 2, 8, 50, 'xyz'), (3, 1, 2, 8, 52, NULL)",
    );
    let found = answer(&open(&path, Access::Read), "resnet50", Request::default());
    assert_eq!(found.recommendations.iter().map(|one| (one.hardware.as_str(), one.results)).collect::<Vec<_>>(), [("A", 1), ("B", 2)]);
}
