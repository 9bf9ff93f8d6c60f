//! Versions that were really published: what changed between rounds of MLPerf and releases of PyTorch, and that it is said rightly.

use std::path::{Path, PathBuf};

use suitor::compare::answer::{Change, Test};
use suitor::compare::{Comparison, State, Wanted, compare, sweep};
use suitor::import::{Aliases, Mappings, Options, import};
use suitor::rules::RuleSet;
use suitor::store::Db;
use suitor::trend::{Request, trend};
use suitor::versions::{Takes, VersionControlSystem};

use crate::binary::sample;
use crate::support::{project, say};

/// A database of these files, whose rounds or releases are versions.
fn versions_of(files: &[PathBuf]) -> Db {
    let none = Path::new("no such folder");
    let mut db = Db::open_in_memory().unwrap();
    let options = Options { versions_from: Some("source_version".to_owned()), ..Options::default() };
    let (mappings, aliases) = (Mappings::load(none).unwrap(), Aliases::load(none).unwrap());
    import(&mut db, files, &mappings, &aliases, &options, &mut |_| ()).unwrap();
    db
}

/// Snapshots of these versions of a model; versions that it does not have are passed over.
fn snapshots(db: &mut Db, rules: &RuleSet, model: &str, versions: &[&str]) {
    for version in versions {
        let made = VersionControlSystem::new(db).create_compatibility_snapshot(rules, model, version, Takes::Linked);
        assert!(
            made.as_ref().map_or_else(|error| error.message.contains("unknown version"), |made| made.created),
            "{model} {version}: {made:?}"
        );
    }
}

fn between(one: &str, two: &str) -> Wanted {
    Wanted { versions: [one.to_owned(), two.to_owned()], ..Wanted::default() }
}

fn of<'a>(page: &'a Comparison, hardware: &str) -> &'a Change {
    page.changes.iter().find(|change| change.hardware == hardware).unwrap_or_else(|| panic!("no {hardware}"))
}

/// The change of a metric, per cent, to one decimal, and what says whether it is significant.
fn metric(change: &Change, name: &str) -> (String, bool, Option<Test>) {
    let metric = &change.metrics[name];
    (metric.change_percent.map_or_else(String::new, |percent| format!("{percent:+.1}")), metric.significant, metric.test)
}

/// What must hold whatever the numbers are.
fn sound(page: &Comparison) {
    for change in &page.changes {
        for (whole, parts) in [(change.compatibility_change, change.cause.compatibility), (change.score_change, change.cause.score)] {
            assert_eq!(whole.is_some(), parts.is_some(), "{} {}", page.model, change.hardware);
            if let (Some(whole), Some(parts)) = (whole, parts) {
                assert!((whole - parts.data - parts.weights - parts.rules).abs() < 1e-9, "{} {}: {parts:?}", page.model, change.hardware);
            }
        }
        let both = matches!(change.state, State::Changed | State::Same);
        assert_eq!(both, change.shared.before.is_some() && change.shared.after.is_some(), "{} {}", page.model, change.hardware);
        for metric in change.metrics.values() {
            assert!(metric.p_value.is_none() || metric.points.iter().any(|point| point.n.iter().all(|n| *n >= 3)), "{}", change.hardware);
        }
    }
}

#[test]
fn mlperf_inference_from_v4_1_to_v5_0() {
    let mut db = versions_of(&[sample("mlperf_inference_v4.1.csv"), sample("mlperf_inference_v5.0.csv")]);
    let rules = RuleSet::embedded().unwrap();
    for model in db.models().unwrap() {
        snapshots(&mut db, &rules, &model.name, &["v4.1", "v5.0"]);
    }
    let all = sweep(&db, &between("v4.1", "v5.0"), &mut |_, _| ()).unwrap();
    all.models.iter().for_each(sound);
    assert_eq!(all.models.len(), 12);
    let page = |model: &str| all.models.iter().find(|one| one.model == model).unwrap();
    // The same eight H100 in the same cells, measured by several submitters: a third faster with the software of half a year later.
    let h100 = of(page("llama2-70b-99"), "NVIDIA H100 SXM 80GB x8");
    assert_eq!(metric(h100, "throughput_items_per_second"), ("+32.4".to_owned(), true, Some(Test::Welch)));
    // v5.0 says no latency, and v4.1 does: the score falls for that, and no regression is made of it.
    let b200 = of(page("llama2-70b-99"), "NVIDIA B200 SXM");
    assert!(b200.score_change < Some(-30.0) && !b200.alike && !b200.regression, "{b200:?}");
    assert_eq!(metric(b200, "throughput_items_per_second"), ("+10.6".to_owned(), true, Some(Test::Threshold)));
    // One piece of hardware of 12 models is said to have got worse.
    let worse: Vec<(&str, &str)> = all
        .models
        .iter()
        .flat_map(|one| one.changes.iter().filter(|change| change.regression).map(|change| (one.model.as_str(), change.hardware.as_str())))
        .collect();
    assert_eq!(worse, [("resnet", "NVIDIA H100 NVL 94GB x8")]);
    assert_eq!(all.totals.regressions, 1);
}

#[test]
fn mlperf_training_from_v5_0_to_v5_1() {
    let mut db = versions_of(&[sample("mlperf_training_v5.0.csv"), sample("mlperf_training_v5.1.csv")]);
    let rules = RuleSet::embedded().unwrap();
    for model in ["llama2_70b_lora", "retinanet"] {
        snapshots(&mut db, &rules, model, &["v5.0", "v5.1"]);
    }
    let all = sweep(&db, &between("v5.0", "v5.1"), &mut |_, _| ()).unwrap();
    all.models.iter().for_each(sound);
    assert_eq!(all.family_size, 36);
    let [llama, retinanet] = all.models.as_slice() else { panic!("two models") };
    // Ten runs a side: what looks like a change and is one, and what looks like one and is not.
    let time = |hardware: &str| metric(of(llama, hardware), "time_to_train_s");
    assert_eq!(time("NVIDIA GB200 x512"), ("-16.2".to_owned(), true, Some(Test::Welch)));
    assert_eq!(time("NVIDIA B200 SXM x8"), ("-12.4".to_owned(), true, Some(Test::Welch)));
    assert_eq!(time("NVIDIA GB200 x72"), ("-10.8".to_owned(), false, Some(Test::Welch)));
    assert_eq!(time("NVIDIA B200 SXM x64"), ("+9.2".to_owned(), true, Some(Test::Welch)));
    assert!(of(llama, "NVIDIA B200 SXM x64").regression);
    // Time to train scatters with the number of epochs, samples a second hardly: 1.7 % are told from noise.
    assert_eq!(metric(of(llama, "AMD Instinct MI300X x8"), "throughput_items_per_second"), ("+1.7".to_owned(), true, Some(Test::Welch)));
    // The v5.1 runs of these are those of v5.0, run for run.
    for hardware in ["NVIDIA GB200 x8", "NVIDIA GB200 x72", "NVIDIA GB200 x512"] {
        assert_eq!(of(retinanet, hardware).state, State::Same, "{hardware}");
    }
    // Of the 64 B200 another submitter's system is left, four times as slow.
    assert!(of(retinanet, "NVIDIA B200 SXM x64").score_change < Some(-70.0));
    assert_eq!(of(retinanet, "NVIDIA B200 SXM x128").state, State::Added);
    assert_eq!(of(retinanet, "NVIDIA H200 x64").state, State::Removed);
}

#[test]
fn one_gpu_under_successive_releases_of_pytorch() {
    let mut db = versions_of(&[sample("timm_infer.csv")]);
    let rules = RuleSet::embedded().unwrap();
    let releases = ["pt1.10", "pt1.11", "pt1.12", "pt1.13", "pt2.1.0", "pt2.4.0"];
    snapshots(&mut db, &rules, "resnet50", &releases);
    let throughput = Some("throughput_items_per_second".to_owned());
    let request = Request { model: "resnet50".to_owned(), hardware: Some("NVIDIA GeForce RTX 3090".to_owned()), metric: throughput };
    let page = trend(&db, &request).unwrap();
    assert_eq!(page.versions, releases);
    let [series] = page.series.as_slice() else { panic!("one GPU") };
    let values: Vec<String> = series.values.iter().map(|value| format!("{:.0}", value.value.unwrap())).collect();
    assert_eq!(values, ["3544", "3529", "3676", "3669", "3687", "3730"]);
    // 4 % with PyTorch 1.12, for good.
    let [step] = series.steps.as_slice() else { panic!("{:?}", series.steps) };
    assert_eq!((step.version.as_str(), format!("{:+.1}", step.change_percent)), ("pt1.12", "+4.4".to_owned()));
    // One run a release: nothing is tested, and half a per cent is below every threshold.
    let page = compare(&db, "resnet50", &between("pt1.13", "pt2.1.0")).unwrap();
    sound(&page);
    let gpu = of(&page, "NVIDIA GeForce RTX 3090");
    assert_eq!(metric(gpu, "throughput_items_per_second"), ("+0.5".to_owned(), false, Some(Test::Threshold)));
    assert_eq!((page.family_size, page.totals.regressions), (0, 0));
}

#[test]
fn all_of_mlperf_training_where_the_whole_tables_are() {
    let folder = std::env::var_os("SUITOR_SHARED_DATA").map_or_else(|| project().join("../shared/data"), PathBuf::from);
    let files = ["mlperf_training_v5.0.csv", "mlperf_training_v5.1.csv"].map(|file| folder.join(file));
    if !files.iter().all(|file| file.is_file()) {
        say(&format!(
            "SKIPPED: no whole tables in {} (SUITOR_SHARED_DATA names another folder): MLPerf Training v5.0 to v5.1",
            folder.display()
        ));
        return;
    }
    let mut db = versions_of(&files);
    let rules = RuleSet::embedded().unwrap();
    for model in db.models().unwrap() {
        snapshots(&mut db, &rules, &model.name, &["v5.0", "v5.1"]);
    }
    let all = sweep(&db, &between("v5.0", "v5.1"), &mut |_, _| ()).unwrap();
    all.models.iter().for_each(sound);
    assert!(all.models.len() >= 3 && all.family_size >= 36, "{} models, {} tests", all.models.len(), all.family_size);
    say(&format!("MLPerf Training v5.0 to v5.1, all models: {:?}, {} tests", all.totals, all.family_size));
}
