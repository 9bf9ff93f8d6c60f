//! How fast a million-row CSV is imported into a new database file: parsing, checking, hashing, storing, duplicates told apart.
//!
//! `cargo bench --bench import`. The target is 200,000 rows/s on two cores (criterion prints elements a second).

#![expect(clippy::expect_used, reason = "a benchmark that cannot go on fails there")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use suitor::import::{Aliases, Mappings, Options, import};
use suitor::store::{Access, Db};

const ROWS: usize = 1_000_000;

/// Writes rows under the header of the real tidy files: skewed models, several cells, missing metrics.
fn generate(path: &Path) {
    let header = "source,source_version,model,model_family,model_version,task,hardware,hardware_norm,hardware_type,hardware_count,hardware_memory_gb,batch_size,precision,scenario,throughput_items_per_second,item_unit,latency_ms_mean,latency_ms_p50,latency_ms_p90,latency_ms_p99,ttft_ms_mean,ttft_ms_p50,ttft_ms_p99,tpot_ms_mean,tpot_ms_p50,tpot_ms_p99,memory_peak_mb,power_watts,energy_j_per_item,time_to_train_s,input_tokens,output_tokens,params_m,gmacs,image_size,nodes,host_cpu,division,suite,status,accuracy_raw,tested_at,published_at,submitter,framework,url_or_path_in_source,license\n";
    let hardware =
        ["NVIDIA GeForce RTX 3090", "NVIDIA GeForce RTX 4090", "NVIDIA H100-SXM5-80GB", "AMD Instinct MI300X", "Intel Core i9-10940X"];
    let mut text = String::with_capacity(ROWS * 300);
    text.push_str(header);
    for row in 0..ROWS {
        // A multiplicative hash: the same rows on every machine.
        let random = (row as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
        let model = (random % 1000) * (random % 7) / 6;
        let batch = 1 << (random % 11);
        let throughput = 50.0 + (random % 100_000) as f64 / 7.0;
        let latency = f64::from(batch) / throughput * 1000.0;
        let memory = if random.is_multiple_of(3) { format!("{}", 900 + batch * 11) } else { String::new() };
        let device = hardware[(random % 5) as usize];
        let _ = writeln!(
            text,
            "bench,v1,model_{model},family_{},,inference,{device},,,1,,{batch},fp16,offline,{throughput:.2},images,{latency:.3},,,,,,,,,,{memory},,,,,,{}.5,4.1,224,1,AMD EPYC 9374F,,,ok,,2026-05-0{}T10:00:00Z,2026-06-01,someone,pt2.4.0,run-{row},Apache-2.0",
            model % 12,
            10 + model,
            1 + random % 9,
        );
    }
    std::fs::write(path, text).expect("the file can be written");
}

fn bench(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("million.csv");
    generate(&file);
    let nowhere = PathBuf::from("no such folder");
    let (mappings, aliases) = (Mappings::load(&nowhere).expect("shipped"), Aliases::load(&nowhere).expect("shipped"));
    let mut group = c.benchmark_group("import");
    group.sample_size(10).throughput(Throughput::Elements(ROWS as u64));
    let mut number = 0;
    group.bench_function("million rows of CSV", |b| {
        b.iter_batched(
            || {
                number += 1;
                let mut db = Db::open(&folder.path().join(format!("{number}.duckdb")), Access::Create).expect("a new database");
                db.create_schema().expect("a new schema");
                db
            },
            |mut db| {
                let report =
                    import(&mut db, std::slice::from_ref(&file), &mappings, &aliases, &Options::default(), &mut |_| ()).expect("it lands");
                assert_eq!(report.files[0].rows_added, ROWS as i64);
                black_box(report)
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
