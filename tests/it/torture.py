"""Edits a rule set on disk in random order and in every way that editors have: FOLDER, JOURNAL, SEED, EDITS.

The journal gets the hash of every set whose files were all whole on disk, a line each, before the last file of it is in place.
Valid sets are marked `good`; the floor of confidence and how which file was written follow. The last line is the set that stays.
"""

import hashlib
import os
import random
import re
import shutil
import sys
import time

folder, journal, seed, edits = sys.argv[1], open(sys.argv[2], "a", buffering=1), int(sys.argv[3]), int(sys.argv[4])
chance = random.Random(seed)
state = {}
for part in ("config", "rules"):
    for name in os.listdir(os.path.join(folder, part)):
        if name in ("scoring.toml", "rules.toml") or name.endswith(".rhai"):
            with open(os.path.join(folder, part, name), newline="") as file:
                state[part + "/" + name] = file.read()


def key(name):
    return (name != "config/scoring.toml", name != "config/rules.toml", name)


def note(after, good, what):
    digest = hashlib.sha256(len(after).to_bytes(8, "little"))
    for name in sorted(after, key=key):
        for part in (name.encode(), after[name].encode()):
            digest.update(len(part).to_bytes(8, "little"))
            digest.update(part)
    floor = re.search("floor = (.*)", after["config/scoring.toml"])
    said = (digest.hexdigest(), "good" if good else "faulty", floor.group(1) if floor else "none", what)
    journal.write("%s %s %s %s\n" % said)


def put(name, text, good):
    """Writes one file in one of the ways of editors."""
    path = os.path.join(folder, name)
    way = chance.choice(("rename", "vim", "in place", "pieces"))
    note({**state, name: text}, good, name + " " + way)
    if way == "rename":
        with open(path + ".tmp", "w") as file:
            file.write(text)
        os.rename(path + ".tmp", path)
    elif way == "vim" and os.path.exists(path):
        os.rename(path, path + "~")
        with open(path, "w") as file:
            file.write(text)
        os.remove(path + "~")
    elif way == "pieces":
        with open(path, "w") as file:
            cuts = sorted(chance.sample(range(1, max(2, len(text) - 2)), 2)) if len(text) > 8 else []
            last = 0
            for cut in cuts + [len(text)]:
                file.write(text[last:cut])
                file.flush()
                time.sleep(chance.random() * 0.02)
                last = cut
    else:
        with open(path, "w") as file:
            file.write(text)
    state[name] = text


def pause(most):
    time.sleep(chance.random() * most)


def scoring(number):
    # The end of every file is needed, so that no beginning of it is a set of its own.
    return base["config/scoring.toml"].replace("floor = 0.8", "floor = 0.%06d" % number)


base = dict(state)
start, rest = base["config/scoring.toml"].split("[confidence]", 1)
section, _, after = rest.partition("\n\n")
base["config/scoring.toml"] = start + after.rstrip("\n") + "\n\n[confidence]" + section.rstrip("\n") + "\n"
assert "floor = 0.8" in base["config/scoring.toml"].rsplit("[confidence]", 1)[1]
put("config/scoring.toml", base["config/scoring.toml"], True)
stale = "rules/stale.rhai"
for number in range(edits):
    what = chance.choice(("scoring", "scoring", "script", "broken script", "broken toml", "both", "folder", "touch", "other script"))
    if what == "scoring":
        put("config/scoring.toml", scoring(100000 + number), True)
    elif what == "script":
        put(stale, base[stale].replace("365.0", "%d.0" % (100 + number)), True)
    elif what == "other script":
        put("rules/scatter.rhai", "// %d\n" % number + base["rules/scatter.rhai"], True)
    elif what == "broken script":
        put(stale, "// %d\n" % number + base[stale].replace("fn adjust", "fn adjst"), False)
        pause(0.05)
        if chance.random() < 0.8:
            put(stale, base[stale], True)
    elif what == "broken toml":
        put("config/scoring.toml", scoring(100000 + number).replace("floor", "flor"), False)
        pause(0.05)
        put("config/scoring.toml", scoring(200000 + number), True)
    elif what == "both":
        # Only together a set: the script reads a parameter that the list must give.
        name = "most_%d" % number
        put(stale, base[stale].replace("params.most", "params." + name), False)
        pause(0.03)
        put("config/rules.toml", base["config/rules.toml"].replace("most = 0.3", name + " = 0.3"), True)
        if chance.random() < 0.5:
            pause(0.4)
        put(stale, base[stale], False)
        pause(0.03)
        put("config/rules.toml", base["config/rules.toml"], True)
    elif what == "folder":
        away = os.path.join(folder, "away")
        os.rename(os.path.join(folder, "rules"), away)
        pause(0.02)
        if chance.random() < 0.5:
            os.rename(away, os.path.join(folder, "rules"))
        else:
            shutil.copytree(away, os.path.join(folder, "rules"))
            shutil.rmtree(away)
    else:
        os.utime(os.path.join(folder, stale))
    pause(0.6 if chance.random() < 0.06 else 0.01)
put(stale, base[stale], True)
put("config/scoring.toml", scoring(999999), True)
