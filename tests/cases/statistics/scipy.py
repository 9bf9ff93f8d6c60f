#!/usr/bin/env python3
"""What scipy makes of the numbers that tests/it/statistics.rs computes: writes scipy.json beside this file.

    python3 -m pip install scipy
    python3 tests/cases/statistics/scipy.py            # writes scipy.json
    python3 tests/cases/statistics/scipy.py --check    # compares only; ends with 1 when a value differs

Welch's test is on logarithms. Its cases are made-up numbers and the repeated runs of MLPerf Training v5.0 and v5.1
(tests/data, Apache-2.0): every piece of hardware with three runs or more in both rounds.
"""

import csv
import json
import math
import pathlib
import sys
from collections import defaultdict

# This file's own folder must not hide the package of the same name.
HERE = pathlib.Path(__file__).resolve().parent
sys.path = [entry for entry in sys.path if pathlib.Path(entry or ".").resolve() != HERE]

import numpy  # noqa: E402
from scipy import stats  # noqa: E402


def runs(version):
    """Times to train by model and hardware: one list of runs for the first configuration that has three or more."""
    found = defaultdict(lambda: defaultdict(list))
    with open(HERE.parent.parent / "data" / f"mlperf_training_{version}.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["time_to_train_s"] and row["status"] == "ok":
                hardware = (row["model"], row["hardware"], row["hardware_count"], row["batch_size"])
                found[hardware][row["submitter"], row["framework"]].append(float(row["time_to_train_s"]))
    first = {}
    for hardware, configurations in found.items():
        enough = [values for _, values in sorted(configurations.items()) if len(values) >= 3]
        if enough:
            first[hardware] = enough[0]
    return first


def welch(name, before, after):
    one, two = numpy.log(before), numpy.log(after)
    test = stats.ttest_ind(two, one, equal_var=False)
    interval = test.confidence_interval(0.95)
    df = float(test.df)
    spread = math.sqrt((one.var(ddof=1) * (len(one) - 1) + two.var(ddof=1) * (len(two) - 1)) / (len(one) + len(two) - 2))
    return {
        "name": name,
        "before": [float(x) for x in before],
        "after": [float(x) for x in after],
        "t": float(test.statistic),
        "df": df,
        "p": float(test.pvalue),
        "low_percent": 100 * math.expm1(interval.low),
        "high_percent": 100 * math.expm1(interval.high),
        "g": (two.mean() - one.mean()) / spread * (1 - 3 / (4 * df - 1)),
    }


def strata(pairs):
    """Several matched pairs: the mean of their differences, Welch and Satterthwaite's degrees of freedom over all."""
    logs = [(numpy.log(before), numpy.log(after)) for before, after in pairs]
    estimate = numpy.mean([after.mean() - before.mean() for before, after in logs])
    parts = [(side.var(ddof=1) / len(side), len(side) - 1) for pair in logs for side in pair]
    variance = sum(part for part, _ in parts)
    df = variance**2 / sum(part**2 / free for part, free in parts)
    error = math.sqrt(variance) / len(pairs)
    return {"pairs": pairs, "df": df, "error": error, "p": float(2 * stats.t.sf(abs(estimate / error), df))}


def holm(p_values):
    order = sorted(range(len(p_values)), key=lambda at: p_values[at])
    adjusted, highest = [0.0] * len(p_values), 0.0
    for place, at in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - place) * p_values[at]))
        adjusted[at] = highest
    return {"p": p_values, "adjusted": adjusted}


def expected():
    random = numpy.random.default_rng(20_261_125)
    t_points = [(t, df) for t in (0.0, 0.1, 1.0, 2.5, 7.0, 40.0) for df in (1.0, 1.7, 2.0, 4.0, 7.3, 30.0, 400.0, 1e5)]
    made_up = [
        welch("five runs a side, 10 % slower", [400, 404, 398, 401, 397], [361, 359, 364, 357, 360]),
        welch("three and four runs, nothing much", [5.1, 5.0, 5.3], [5.2, 5.05, 5.15, 5.3]),
        welch("one side does not spread", [1500, 1500, 1500], [1510, 1540, 1525]),
    ]
    before, after = runs("v5.0"), runs("v5.1")
    real = [welch(" ".join(map(str, key)), before[key], after[key]) for key in sorted(before) if key in after]
    lists = [list(numpy.exp(random.normal(6, 0.02 * (1 + at % 3), size=3 + at % 4))) for at in range(6)]
    return {
        "t_two_sided": [[t, df, float(2 * stats.t.sf(t, df))] for t, df in t_points],
        "t_quantile": [[inside, df, float(stats.t.ppf(0.5 + inside / 2, df))] for inside in (0.5, 0.95, 0.9995) for df in (1.0, 2.4, 8.0, 57.0, 2000.0)],
        "chi_square_above": [[x, df, float(stats.chi2.sf(x, df))] for x in (0.0, 0.5, 3.0, 20.0, 130.0) for df in (1.0, 2.0, 7.0, 99.0)],
        "bartlett": [
            {"values": [[float(x) for x in one] for one in lists], "p": float(stats.bartlett(*[numpy.log(one) for one in lists]).pvalue)},
            {"values": [[float(x) for x in one] for one in lists[::3]], "p": float(stats.bartlett(*[numpy.log(one) for one in lists[::3]]).pvalue)},
        ],
        "holm": [holm([0.01, 0.04, 0.03, 0.005]), holm([0.5]), holm([0.2, 0.2, 0.9])],
        "welch": made_up + real,
        "strata": [strata([([400, 404, 398], [361, 359, 364]), ([50, 51, 50.5, 50.2], [49.8, 50.1, 50.4])])],
    }


def alike(one, two):
    if isinstance(one, dict):
        return isinstance(two, dict) and one.keys() == two.keys() and all(alike(one[key], two[key]) for key in one)
    if isinstance(one, list):
        return isinstance(two, list) and len(one) == len(two) and all(map(alike, one, two))
    if isinstance(one, float) or isinstance(two, float):
        return math.isclose(one, two, rel_tol=1e-9, abs_tol=1e-300)
    return one == two


def main():
    file = HERE / "scipy.json"
    found = expected()
    if "--check" in sys.argv[1:]:
        known = json.loads(file.read_text(encoding="utf-8"))
        if not alike(json.loads(json.dumps(found)), known):
            sys.exit(f"{file.name} is not what scipy says; run this script without --check and look at what differs")
        print(f"{file.name}: {len(found['welch'])} tests and the rest as scipy says")
    else:
        file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
