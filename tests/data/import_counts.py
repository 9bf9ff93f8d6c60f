#!/usr/bin/env python3
"""Counts, without Suitor, what an import of each sample file must find: tests/data/import_counts.csv.

Usage: python3 tests/data/import_counts.py [--check] [SHARED_DATA]   (default ../shared/data beside the project)
With --check nothing is written: exit 1 when the committed counts are not those found.

The rules, from the design:
- A row is one benchmark result: one model on one hardware at one setting. A record that reports several phases with
  throughputs of their own (forward and generate of optimum-benchmark 2023) is one row a phase.
- Refused: a row without any metric, unless its status says that the run failed (failed runs are kept and counted);
  a metric that is zero, negative or NaN; percentiles out of order.
- Duplicate: the fields of the benchmark row and the key that the source gives it are those of an earlier row.
  Columns that are no field of a row (a quality score joined on, a tokenizer) do not make a second measurement.
  A line number is no key: the same measurement on two lines is one.
- Hardware or model that a file does not state is given by the user (`--map`) and does not refuse the row.
"""

import csv
import json
import math
import pathlib
import re
import sys

import pandas as pd

HERE = pathlib.Path(__file__).resolve().parent
CHECK = "--check" in sys.argv
ARGUMENTS = [argument for argument in sys.argv[1:] if argument != "--check"]
SHARED = pathlib.Path(ARGUMENTS[0]) if ARGUMENTS else HERE.parents[1].parent / "shared" / "data"

# The metrics of a benchmark row. Percentiles of one quantity must not fall.
METRICS = [
    "throughput_items_per_second", "latency_ms_mean", "latency_ms_p50", "latency_ms_p90", "latency_ms_p99",
    "ttft_ms_mean", "ttft_ms_p50", "ttft_ms_p99", "tpot_ms_mean", "tpot_ms_p50", "tpot_ms_p99",
    "memory_peak_mb", "power_watts", "energy_j_per_item", "time_to_train_s",
]
ORDERED = [
    ["latency_ms_p50", "latency_ms_p90", "latency_ms_p99"],
    ["ttft_ms_p50", "ttft_ms_p99"],
    ["tpot_ms_p50", "tpot_ms_p99"],
]
# Columns of the tidy CSV that are no field of a benchmark row and no key of the source.
NO_FIELD = ["accuracy_raw", "host_cpu", "nodes", "gmacs", "published_at", "license"]


def number(value):
    """A number, or None where the source says nothing."""
    if value is None or (isinstance(value, str) and value.strip() == ""):
        return None
    return float(value)


def verdict(row):
    """`added` or `refused`, and why."""
    metrics = {name: number(row.get(name)) for name in METRICS}
    failed = str(row.get("status") or "ok").lower() != "ok"
    present = {name: value for name, value in metrics.items() if value is not None}
    if not present:
        return ("added", "failed run kept without metrics") if failed else ("refused", "no metric")
    for name, value in present.items():
        if not math.isfinite(value) or value <= 0:
            return "refused", f"{name} is {value}"
    for names in ORDERED:
        values = [present[name] for name in names if name in present]
        if values != sorted(values):
            return "refused", f"{' > '.join(names)}"
    return "added", ""


def count(rows):
    """rows: (key, row) pairs in file order -> (read, added, duplicate, refused, reasons)."""
    seen, added, duplicate, refused, why = set(), 0, 0, 0, {}
    for key, row in rows:
        said, reason = verdict(row)
        if reason:
            why[reason] = why.get(reason, 0) + 1
        if said == "refused":
            refused += 1
            continue
        identity = (key, json.dumps(row, sort_keys=True, default=str))
        if identity in seen:
            duplicate += 1
        else:
            seen.add(identity)
            added += 1
    return added + duplicate + refused, added, duplicate, refused, "; ".join(f"{n} x {r}" for r, n in why.items())


def table(path):
    return pd.read_csv(path, dtype=str, keep_default_na=False).to_dict("records")


def tidy(path):
    for line in table(path):
        key = line.pop("url_or_path_in_source")
        yield key, {name: value for name, value in line.items() if name not in NO_FIELD}


def timm(path):
    for line in table(path):
        kind = "train" if "train_samples_per_sec" in line else "infer"
        yield None, {
            "model": line["model"],
            "image_size": line[f"{kind}_img_size"],
            "batch_size": number(line[f"{kind}_batch_size"]),
            "throughput_items_per_second": line[f"{kind}_samples_per_sec"],
            "latency_ms_mean": line[f"{kind}_step_time"],
            "params": line["param_count"],
        }


def mlperf_inference(path):
    """A result is identified by id, model, scenario and place; SingleStream reports p90 and MultiStream p99 latency."""
    percentile = {"SingleStream": "latency_ms_p90", "MultiStream": "latency_ms_p99"}
    for result in json.loads(path.read_text()):
        latency = result["Performance_Units"].startswith("Latency")
        metric = percentile[result["Scenario"]] if latency else "throughput_items_per_second"
        row = {metric: result["Performance_Result"], "unit": result["Performance_Units"]}
        if result.get("has_power"):
            row["power" if result["Power_Units"] != "Watts" else "power_watts"] = result["Power_Result"]
        fields = ["ID", "Submitter", "UsedModel", "Scenario", "Category", "Suite", "Accelerator", "a#", "Nodes", "weight_data_types", "Software"]
        row |= {name: result[name] for name in fields}
        yield result["Location"], row


def mlperf_log(path):
    """One summary is one result; INVALID means that the run failed."""
    text = path.read_text()
    said = dict(re.findall(r"^\s*([^:\n]+?)\s*:\s*(.+?)\s*$", text, re.M))
    ns = {"latency_ms_p50": "50.00 percentile latency (ns)", "latency_ms_p90": "90.00 percentile latency (ns)",
          "latency_ms_p99": "99.00 percentile latency (ns)"}
    row = {name: int(said[label]) / 1e6 for name, label in ns.items() if label in said}
    row["throughput_items_per_second"] = said.get("Completed samples per second") or said.get("QPS w/o loadgen overhead")
    row["status"] = "ok" if said["Result is"] == "VALID" else said["Result is"]
    yield None, row


def mlperf_training(path):
    events = [json.loads(line.split(":::MLLOG ", 1)[1]) for line in path.read_text().splitlines() if ":::MLLOG " in line]
    start = next(e for e in events if e["key"] == "run_start")["time_ms"]
    stop = next(e for e in events if e["key"] == "run_stop")
    status = "ok" if stop["metadata"]["status"] == "success" else stop["metadata"]["status"]
    yield None, {"time_to_train_s": (stop["time_ms"] - start) / 1000, "status": status}


def llm_perf(path):
    """Measured columns alone: the score, architecture and end-to-end columns are joined on or derived."""
    no_field = {"Open LLM Score (%)", "Architecture 🏛️", "End-to-End (s)"}
    for line in table(path):
        row = {name: value for name, value in line.items() if name not in no_field}
        row |= {"throughput_items_per_second": line["Decode (tokens/s)"], "ttft_ms_mean": line["Prefill (s)"],
                "tpot_ms_mean": line["Per Token (s)"], "memory_peak_mb": line["Memory (MB)"],
                "energy_j_per_item": 3.6e6 / float(line["Energy (tokens/kWh)"])}
        yield None, row


def optimum(path):
    """Sections forward or prefill/decode of one run are one row; `load` is no inference."""
    document = json.loads(path.read_text())
    report = document.get("report", document)
    row = {}
    for section, metric in [("forward", "latency_ms_mean"), ("prefill", "ttft_ms_mean"), ("per_token", "tpot_ms_mean")]:
        if report.get(section):
            row[metric] = report[section]["latency"]["mean"] * 1000
    for section in ("forward", "decode"):
        if report.get(section) and report[section]["throughput"]:
            row["throughput_items_per_second"] = report[section]["throughput"]["value"]
    yield None, row


def optimum_2023(path):
    phases = {"forward": "forward.throughput(samples/s)", "generate": "generate.throughput(tokens/s)",
              "training": "training.throughput(samples/s)"}
    for line in table(path):
        for phase, column in phases.items():
            if column in line:
                setting = {name: value for name, value in line.items() if name.startswith(("backend", "benchmark", "model", "experiment"))}
                result = {"phase": phase, "throughput_items_per_second": line[column],
                          "latency_ms_mean": line.get(f"{phase}.latency(s)")}
                yield line.get("experiment_name"), setting | result


def bench_serve(path):
    run = json.loads(path.read_text())
    row = {"model": run["model_id"], "date": run["date"], "throughput_items_per_second": run["output_throughput"]}
    for metric in ("ttft", "tpot"):
        for name, stat in [("mean", "mean"), ("median", "p50"), ("p99", "p99")]:
            value = run.get(f"{name}_{metric}_ms", run.get(f"{name}_{metric}"))
            row[f"{metric}_ms_{stat}"] = value
    yield None, row


def inferencex(path):
    run = json.loads(path.read_text())
    row = {"throughput_items_per_second": run["tput_per_gpu"]}
    for metric in ("ttft", "tpot"):
        row |= {f"{metric}_ms_mean": run[f"mean_{metric}"], f"{metric}_ms_p50": run[f"median_{metric}"], f"{metric}_ms_p99": run[f"p99_{metric}"]}
    yield None, row


def llama_bench(path):
    if path.suffix == ".csv":
        header, *lines = csv.reader(path.open(newline=""))
        if any(len(line) != len(header) for line in lines):
            return  # broken as a file: nothing of it lands
    tests = json.loads(path.read_text()) if path.suffix == ".json" else table(path)
    for test in tests:
        yield None, {**{k: str(test[k]) for k in ("model_type", "gpu_info", "n_prompt", "n_gen", "test_time")},
                     "throughput_items_per_second": test["avg_ts"]}


def llmfit(path):
    document = json.loads(path.read_text())
    for result in document["results"]:
        yield document["submittedAtUnix"], {"model": result["model"], "provider": result["provider"],
                                            "throughput_items_per_second": result["avgTps"], "ttft_ms_mean": result["avgTtftMs"]}


def nothing(_):
    return []


HARDWARE = "hardware is not in the file: give it (--set hardware=...)"
FILES = [
    ("formats/timm_benchmark_infer_*.csv", "timm", timm, "hardware, precision and version are in the original file name only"),
    ("formats/timm_benchmark_train_*.csv", "timm", timm, "hardware, precision and version are in the original file name only"),
    ("formats/mlperf_inference_summary_results.json", "mlperf-inference", mlperf_inference,
     "a latency in p90 (SingleStream) or p99 (MultiStream) is a metric: the row lands"),
    ("formats/mlperf_log_summary_*.txt", "mlperf-log", mlperf_log, "model is in the folder's name only; hardware is in mlperf_system.json beside it"),
    ("formats/mlperf_system.json", "mlperf-system", nothing, "describes hardware: no result of its own"),
    ("formats/mlperf_training_result_0.txt", "mlperf-training", mlperf_training, "hardware is in mlperf_training_system.json beside it"),
    ("formats/mlperf_training_system.json", "mlperf-system", nothing, "describes hardware: no result of its own"),
    ("formats/llm_perf_*.csv", "llm-perf", llm_perf, HARDWARE),
    ("formats/optimum_benchmark.json", "optimum-benchmark", optimum, "device is cpu: the T4 of the host was not used"),
    ("formats/optimum_benchmark_config.json", "optimum-config", nothing, "describes a run: no result of its own"),
    ("formats/optimum_benchmark_report.json", "optimum-report", optimum, "model and hardware are in optimum_benchmark_config.json beside it"),
    ("formats/optimum_full_report_2023.csv", "optimum-2023", optimum_2023, "two rows a line: forward (samples/s) and generate (tokens/s)"),
    ("formats/vllm_bench_serve_*.json", "bench-serve", bench_serve, HARDWARE),
    ("formats/inferencex_bench_serving_seconds.json", "bench-serve", bench_serve, HARDWARE + "; latencies in seconds"),
    ("formats/inferencex_agg.json", "inferencex", inferencex, "throughput is per GPU"),
    ("formats/llama_bench.json", "llama-bench", llama_bench, "prompt processing and generation are two scenarios"),
    ("formats/llama_bench.csv", "llama-bench", llama_bench, "broken as published: 41 fields under a header of 42"),
    ("formats/llama_bench_whole.csv", "llama-bench", llama_bench, "the JSON sample as llama-bench writes it to CSV"),
    ("formats/llmfit_community.json", "llmfit", llmfit, ""),
    ("original/timm/benchmark-*.csv", "timm", timm, "a line without a result, and without a status that says that the run failed, is refused"),
    ("original/mlperf/inference_*_summary_results.json", "mlperf-inference", mlperf_inference,
     "a latency in p90 (SingleStream) or p99 (MultiStream) is a metric: the row lands"),
    ("original/llm-perf/*.csv", "llm-perf", llm_perf, HARDWARE + "; lines that repeat a measurement with another Open LLM Score or Architecture are duplicates"),
    ("original/optimum-benchmark/running-*.csv", "optimum-2023", optimum_2023, "two rows a line: forward (samples/s) and generate (tokens/s)"),
    ("original/optimum-benchmark/training-*.csv", "optimum-2023", optimum_2023, "one row a line: training (samples/s)"),
    ("*.csv", "suitor", tidy, "key: url_or_path_in_source"),
]


def lines():
    yield ["file", "format", "rows_read", "rows_added", "rows_duplicate", "rows_refused", "comment"]
    for root in (SHARED, HERE):
        for pattern, name, read, comment in FILES:
            for path in sorted(root.glob(pattern)):
                if path.name.startswith(("cloud_prices", "import_counts")):
                    continue
                *numbers, why = count(read(path))
                file = str(path.relative_to(root)) if root == SHARED else f"tests/data/{path.relative_to(root)}"
                yield [file, name, *map(str, numbers), "; ".join(filter(None, [comment, why]))]


def main():
    kept = HERE / "import_counts.csv"
    if CHECK:
        # What the whole tables gave stays as it is where they are not at hand.
        committed = [line for line in csv.reader(kept.open(newline=""))]
        found = list(lines())
        missing = [line for line in found if line not in committed]
        own = [line for line in committed if line[0].startswith("tests/data/") and line not in found]
        for line in missing + own:
            print("differs:", ",".join(line))
        print(f"{len(found) - 1} counts checked")
        sys.exit(1 if missing or own else 0)
    with kept.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(lines())


if __name__ == "__main__":
    main()
