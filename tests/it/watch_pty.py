"""Drives `suitor watch` in a pseudo-terminal as a person does: BINARY, FOLDER, WHICH (`first`, `ways`, `mounted` or `poll`).

Prints how long it took from a save to the new ranking, and fails when something did not come, or when a line is wider than the terminal.
"""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time

binary, folder, which = sys.argv[1:4]
os.chdir(folder)
COLUMNS = 80
LATENCY = 'name = "latency"\nweight = 0.3', 'name = "latency"\nweight = 3'
SCORING = "config/scoring.toml"


class Terminal:
    """A running `suitor watch --model m --task inference` in a terminal of 80 columns."""

    def __init__(self, *args):
        self.shown, self.at = b"", 0
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            for name in ("NO_COLOR", "COLUMNS", "SUITOR_DB"):
                os.environ.pop(name, None)
            os.environ.update(TERM="xterm")
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
            # The shell says how its child ended, as it says it to people; without the trap it would end with it.
            line = 'trap : INT; "$0" watch --model m --task inference "$@"; echo "exit code $?"'
            # A test run in the background hands an ignored Ctrl-C down.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.execvp("sh", ["sh", "-c", line, binary, *args])

    def plain(self):
        return re.sub(rb"\x1b\[[0-9;]*m", b"", self.shown)

    def until(self, pattern):
        """Reads until the pattern was shown after the last one; a line may be folded at any blank of it."""
        pattern = pattern.replace(b" ", rb"\s+")
        deadline = time.time() + 90
        while True:
            found = re.search(pattern, self.plain()[self.at :], re.S)
            if found:
                self.at += found.end()
                return
            if time.time() > deadline:
                self.fail("did not come: %r" % pattern)
            if select.select([self.terminal], [], [], 0.2)[0]:
                try:
                    data = os.read(self.terminal, 65536)
                except OSError:
                    data = b""
                self.shown += data
                if not data and not re.search(pattern, self.plain()[self.at :], re.S):
                    self.fail("ended before: %r" % pattern)

    def fail(self, why):
        sys.stderr.write(self.shown.decode(errors="replace"))
        sys.exit(why)

    def wins(self, winner):
        """The winner is another, is said to be, and the new ranking is drawn."""
        self.until(b"winner [AB] -> %s" % winner)
        self.until(rb"#  hardware.*1  %s .*rule set [0-9a-f]{12}, data" % winner)

    def end(self):
        os.write(self.terminal, b"\x03")
        self.until(rb"exit code 130")
        os.waitpid(self.pid, 0)
        for line in self.plain().decode().replace("\r", "").split("\n"):
            # A line of a script with the mark under it stays whole.
            if len(line) > COLUMNS and " | " not in line:
                self.fail("wider than the terminal: %r" % line)


def read(name):
    with open(name) as file:
        return file.read()


def write(name, text):
    with open(name, "w") as file:
        file.write(text)


def edited(name, old, new):
    text = read(name)
    assert old in text, "%s does not say %s" % (name, old)
    return text.replace(old, new, 1)


def edit(name, old, new):
    write(name, edited(name, old, new))


def save_like_vim(name, text):
    """The old text to a backup, the new one under the old name, the backup away."""
    write(os.path.join(os.path.dirname(name), "4913"), "")
    os.remove(os.path.join(os.path.dirname(name), "4913"))
    os.rename(name, name + "~")
    write(name, text)
    os.remove(name + "~")


def git(*args):
    own = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *own, *args], check=True, stdout=subprocess.DEVNULL)


def imported(name, speed):
    """An import in another terminal, which nothing may keep from its database."""
    write(name + ".csv", "model,hardware,task,batch_size,throughput_items_per_second,latency_ms_mean\nm,%s,inference,1,%s,0.5\n" % (name, speed))
    subprocess.run([binary, "import", "--quiet", name + ".csv"], check=True, stdout=subprocess.DEVNULL)


def first():
    watch = Terminal()
    watch.until(rb"watching config and rules.*1  A .*2  B .*rule set [0-9a-f]{12}, data")
    saved = time.time()
    edit(SCORING, *LATENCY)
    watch.until(rb"config/scoring.toml changed: rule set [0-9a-f]{12} -> [0-9a-f]{12}.*winner A -> B.*rank 2 -> 1  B")
    watch.until(rb"#  hardware.*1  B .*2  A ")
    took = time.time() - saved
    edit("rules/stale.rhai", "fn adjust(", "fn adjst(")
    watch.until(rb"rules/stale.rhai changed: STALE: rule set [0-9a-f]{12} stays in.*error\[R\d+\].*rules/stale.rhai:\d+:\d+.*\^\^\^")
    edit("rules/stale.rhai", "fn adjst(", "fn adjust(")
    watch.until(rb"the files are again those of rule set")
    watch.end()
    print("%.0f ms from save to the new ranking" % (1000 * took))


def ways():
    git("init", "--quiet", "--initial-branch", "main")
    git("add", "config", "rules")
    git("commit", "--quiet", "-m", "as shipped")
    git("checkout", "--quiet", "-b", "other")
    edit(SCORING, *LATENCY)
    git("commit", "--quiet", "-a", "-m", "latency counts")
    git("checkout", "--quiet", "main")
    before, after = read(SCORING), edited(SCORING, *LATENCY)
    watch = Terminal()
    watch.until(rb"1  A .*2  B .*rule set [0-9a-f]{12}, data")
    # vim: by a backup and a rename.
    save_like_vim(SCORING, after)
    watch.wins(b"B")
    # VS Code: truncated and written in place; and a formatter on save.
    write(SCORING, before)
    write(SCORING, before + "\n")
    watch.wins(b"A")
    # A new file over the old one.
    write(SCORING + ".tmp", after)
    os.rename(SCORING + ".tmp", SCORING)
    watch.wins(b"B")
    # Another revision, and back.
    git("checkout", "--quiet", "--force", "main")
    watch.wins(b"A")
    git("checkout", "--quiet", "other")
    watch.wins(b"B")
    git("checkout", "--quiet", "main")
    watch.wins(b"A")
    # Half of it, long enough to be seen, then the rest: nobody is told of a fault.
    told = watch.plain().count(b"STALE")
    with open(SCORING, "w") as file:
        file.write(after[: len(after) // 3])
        file.flush()
        time.sleep(0.8)
        file.write(after[len(after) // 3 :])
    watch.wins(b"B")
    if watch.plain().count(b"STALE") != told:
        watch.fail("a half written file was told of")
    # The folder deleted and restored.
    shutil.copytree("config", "kept")
    shutil.rmtree("config")
    watch.until(rb"scoring.toml removed: STALE: rule set [0-9a-f]{12} stays in")
    shutil.copytree("kept", "config")
    watch.until(rb"the files are again those of rule set")
    write(SCORING, before)
    watch.wins(b"A")
    # An import in another terminal.
    imported("C", 1000000)
    watch.until(rb"the rows of the database changed.*winner A -> C.*1  C ")
    watch.end()


def mounted():
    """As Kubernetes mounts a ConfigMap: each file a link through `..data`, which is a link to a folder with the texts."""
    for part in ("config", "rules"):
        for version in ("..one", "..two"):
            shutil.copytree(part, os.path.join("new", part, version), ignore=lambda _, names: [name for name in names if not os.path.splitext(name)[1]])
        os.symlink("..one", os.path.join("new", part, "..data"))
        for name in os.listdir(os.path.join("new", part, "..one")):
            os.symlink(os.path.join("..data", name), os.path.join("new", part, name))
    edit("new/config/..two/scoring.toml", *LATENCY)

    def point(version):
        os.symlink(version, "new/config/..data_tmp")
        os.rename("new/config/..data_tmp", "new/config/..data")

    watch = Terminal("--config", "new/config", "--rules", "new/rules")
    watch.until(rb"1  A .*2  B .*rule set [0-9a-f]{12}, data")
    point("..two")
    watch.wins(b"B")
    point("..one")
    watch.wins(b"A")
    watch.end()


def poll():
    before, after = read(SCORING), edited(SCORING, *LATENCY)
    watch = Terminal("--poll", "0.2")
    watch.until(rb"by looking again and again.*1  A .*2  B .*rule set [0-9a-f]{12}, data")
    save_like_vim(SCORING, after)
    watch.wins(b"B")
    write(SCORING, before)
    watch.wins(b"A")
    os.rename("config", "away")
    watch.until(rb"scoring.toml removed: STALE: rule set [0-9a-f]{12} stays in")
    os.rename("away", "config")
    watch.until(rb"the files are again those of rule set")
    imported("C", 1000000)
    watch.until(rb"the rows of the database changed.*winner A -> C.*1  C ")
    watch.end()


{"first": first, "ways": ways, "mounted": mounted, "poll": poll}[which]()
