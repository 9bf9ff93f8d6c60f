"""Drives `suitor watch` in a pseudo-terminal: BINARY, FOLDER. Prints what the terminal showed, and fails when something did not come."""

import os
import pty
import re
import select
import sys
import time

binary, folder = sys.argv[1:3]
os.chdir(folder)
pid, terminal = pty.fork()
if pid == 0:
    os.environ.update(TERM="xterm", COLUMNS="100")
    os.environ.pop("NO_COLOR", None)
    # The shell says how its child ended, as it says it to people; without the trap it would end with it.
    os.execvp("sh", ["sh", "-c", 'trap : INT; "$0" watch --model m --task inference; echo "exit code $?"', binary])

shown = b""


def until(pattern, after=0):
    """Reads until the pattern was shown, and returns where it ends."""
    global shown
    deadline = time.time() + 90
    while True:
        found = re.search(pattern, re.sub(rb"\x1b\[[0-9;]*m", b"", shown)[after:], re.S)
        if found:
            return after + found.end()
        if time.time() > deadline:
            sys.stderr.write(shown.decode(errors="replace"))
            sys.exit("did not come: %r" % pattern)
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                data = b""
            if not data and not re.search(pattern, re.sub(rb"\x1b\[[0-9;]*m", b"", shown)[after:], re.S):
                sys.stderr.write(shown.decode(errors="replace"))
                sys.exit("ended before: %r" % pattern)
            shown += data


def edit(name, old, new):
    with open(name) as file:
        text = file.read()
    assert old in text
    with open(name, "w") as file:
        file.write(text.replace(old, new, 1))


latency = 'name = "latency"\nweight = 0.3', 'name = "latency"\nweight = 3'
at = until(rb"watching config and rules.*1  A .*2  B .*rule set [0-9a-f]{12}, data")
saved = time.time()
edit("config/scoring.toml", *latency)
at = until(rb"config/scoring.toml changed: rule set [0-9a-f]{12} -> [0-9a-f]{12}.*winner A -> B.*rank 2 -> 1  B", at)
at = until(rb"#  hardware.*1  B .*2  A ", at)
took = time.time() - saved
edit("rules/stale.rhai", "fn adjust(", "fn adjst(")
at = until(rb"rules/stale.rhai changed: STALE: rule set [0-9a-f]{12} stays in force.*error\[R\d+\].*rules/stale.rhai:\d+:\d+.*\^\^\^", at)
edit("rules/stale.rhai", "fn adjst(", "fn adjust(")
at = until(rb"the files are again those of rule set", at)
os.write(terminal, b"\x03")
until(rb"exit code 130", at)
os.waitpid(pid, 0)
print("%.0f ms from save to the new ranking" % (1000 * took))
