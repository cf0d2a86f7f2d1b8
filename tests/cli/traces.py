"""--trace, --stats: what they write about real runs is held against the format and against what is known of the run."""

import glob
import json
import os
import re
import shutil

import trace_check
from _help import expect, mini_only, run_script, write
from run import ROOT, Script, Skip

SMALL = {"gil_experiment": ["2", "0.02"], "cpu_bound_threading": ["2000"], "cpu_bound_multiprocessing": ["2000"],
         "convoy": ["5"]}
# Words of scripts that have more than one thread or process.
SEVERAL = re.compile(r"threading|_thread|os\.fork|multiprocessing|asyncio|concurrent|socket|subprocess|import gil|_together")
# Enough for a long trace; of a longer one the form is checked, and what fits into it.
TRACE_MEMORY = "2M"


def _trace(mini, scratch, path, args=(), flags=(), stdin="", code=None, env=None):
    """The checked trace of a run."""
    out = os.path.join(scratch, os.path.basename(os.fsdecode(path)) + ".json")
    outcome = mini.run(["--trace", out, *flags, path, *args], stdin, scratch, 60, env)
    assert not outcome.late, path
    assert code is None or outcome.code == code, (path, outcome.code, outcome.err)
    return trace_check.check(out)


@mini_only
def case_traces_of_all_scripts(mini, scratch):
    paths = sorted(glob.glob(os.path.join(ROOT, "scripts", "**", "*.mini"), recursive=True))
    assert len(paths) > 8, paths
    for path in paths:
        name = os.path.basename(path)[:-len(".mini")]
        trace = _trace(mini, scratch, path, SMALL.get(name, []), code=0)
        assert path in trace.header["sources"], list(trace.header["sources"])
        with open(path, encoding="utf-8") as f:
            assert trace.header["sources"][path] == f.read()


def _check_all(mini, scratch, folder, at_least):
    """The traces of the tests of the folder that have several threads or processes: their form, their sums, and that no two
    threads of a process run at once while it has a GIL."""
    n = 0
    for path in sorted(glob.glob(os.path.join(ROOT, "tests", folder, "[!_]*.mini"))):
        script = Script(path)
        flags = script.headers.get("options", "").split()
        with open(path, encoding="utf-8", errors="replace") as f:
            if not SEVERAL.search(f.read()) or "--trace" in flags or script.why_skipped(mini.variant, None) is not None:
                continue
        args = script.headers.get("small args", script.headers.get("args", "")).split()
        here = os.path.join(scratch, str(n))
        os.mkdir(here)
        trace = _trace(mini, here, path, args, flags, script.stdin, env={"MINI_TRACE_MEMORY": TRACE_MEMORY})
        shutil.rmtree(here)
        n += trace.header["lost_events"] == 0
    assert n >= at_least, n


@mini_only
def case_traces_of_conformance_tests(mini, scratch):
    _check_all(mini, scratch, "conformance/*", 80)


@mini_only
def case_traces_of_stress_tests(mini, scratch):
    if mini.sanitizer:
        raise Skip("runs in the plain build")
    _check_all(mini, scratch, "stress", 60)


COMPUTE = """
import threading
def work():
    n = 1500000
    while n > 0:
        n -= 1
threads = [threading.Thread(target=work, name=f"w{i}") for i in range(2)]
for t in threads:
    t.start()
for t in threads:
    t.join()
"""


@mini_only
def case_threads_run_at_once_only_without_the_gil(mini, scratch):
    path = write(scratch, "compute.mini", COMPUTE)
    (pid,) = (trace := _trace(mini, scratch, path, flags=["-X", "gil=1"], code=0)).processes
    assert trace.overlap(pid)[True] == 0
    assert trace.header["mode"] == "gil" and any(s.state == "gil" for t in trace.tracks.values() for s in t.slices)
    for _ in range(20 if len(os.sched_getaffinity(0)) > 1 else 1):
        (pid,) = (trace := _trace(mini, scratch, path, flags=["--no-gil"], code=0)).processes
        assert trace.header["mode"] == "no-gil"
        if trace.overlap(pid)[False] > 0:
            return
        # Other programs may have the other core for as long as this takes.
    assert len(os.sched_getaffinity(0)) == 1, "never at once"


@mini_only
def case_a_library_computes_without_the_gil(mini, scratch):
    """That is neither running, which would be two at once under the GIL, nor waiting."""
    path = write(scratch, "hashes.mini", """
import hashlib, threading, zlib
data = b"x" * 3_000_000
hashlib.sha256().hexdigest(), zlib.compress(b"")     # what is made at the first use is made here
def work():
    for _ in range(5):
        hashlib.sha256(data).hexdigest()
        zlib.compress(data)
threads = [threading.Thread(target=work, name=f"w{i}") for i in range(2)]
for t in threads:
    t.start()
for t in threads:
    t.join()
""")
    trace = _trace(mini, scratch, path, code=0)
    for name in "w0", "w1":
        (track,) = (t for t in trace.tracks.values() if t.name == name)
        states = [s.state for s in track.slices]
        # Without the GIL a thread may meet the other at a lock of the interpreter's own.
        assert states.count("compute") >= 10 and not {"io", "sleep"} & set(states), states
        before = [a for a, b in zip(track.slices, track.slices[1:]) if b.state == "compute"]
        assert all(s.args["why"] == "goes on computing in a library" for s in before), before


@mini_only
def case_names_of_all_kinds_are_valid_json(mini, scratch):
    name = 'quote " back\\ new\nline \x01 \u00e4 \U0001f600'
    text = f"""
import threading, time
lock = threading.Lock()
def held():
    with lock:
        time.sleep(0.01)
threads = [threading.Thread(target=held, name={name!r}) for _ in range(2)]
threads.append(threading.Thread(target=held, name="\\udc80 alone"))
for t in threads:
    t.start()
for t in threads:
    t.join()
"""
    path = os.path.join(scratch.encode(), b'a "b\\ \xff\n.mini')
    with open(path, "wb") as f:
        f.write(text.encode() + b"# \xc3\xa4 </script>\n")
    trace = _trace(mini, scratch, path, code=0)
    names = [track.name for track in trace.tracks.values()]
    assert names.count(name) == 2, names
    assert any("alone" in n for n in names), names


@mini_only
def case_an_end_by_force_leaves_a_trace(mini, scratch):
    path = write(scratch, "killed.mini", "import os, threading, time\n"
                 "begun = threading.Event()\ndef nap():\n    begun.set()\n    time.sleep(60)\n"
                 "threading.Thread(target=nap, daemon=True).start()\n"
                 "begun.wait()\nos.kill(os.getpid(), 9)\n")
    trace = _trace(mini, scratch, path, code=-9)
    assert len(trace.tracks) == 2, trace.tracks


@mini_only
def case_folded_stacks(mini, scratch):
    path = write(scratch, "sleeps.mini", "import time\ndef naps():\n    time.sleep(0.2)\nnaps()\n")
    out = os.path.join(scratch, "out.folded")
    expect(mini.run(["--trace", out, path], cwd=scratch))
    with open(out, encoding="utf-8") as f:
        lines = f.read().splitlines()
    for line in lines:
        assert re.fullmatch(r"[^;]+ \(\d+\);[^;]+;[^;]+;[^;]+ \d+", line), line
    (nap,) = (line for line in lines if ";sleep;" in line)
    assert "MainThread;sleep;naps (" in nap and ":3) " in nap, nap
    assert int(nap.rsplit(" ", 1)[1]) >= 200000, nap


@mini_only
def case_statistics(mini, scratch):
    path = write(scratch, "compute.mini", COMPUTE)
    outcome = mini.run(["-X", "gil=1", "--stats", "--json", path], cwd=scratch)
    expect(outcome, err_has=["{"])
    stats = json.loads(outcome.err)
    assert stats["format"] == 1 and stats["mode"] == "gil", stats
    assert (stats["threads"], stats["processes"]) == (3, 1), stats
    assert 0 < stats["gil"]["held_us"] <= stats["wall_us"], stats
    assert 0 < stats["parallelism"] <= 1, stats
    assert stats["gil"]["acquired"] >= 3 and stats["lost_events"] == 0, stats
    assert stats["cpu_us"] is None or stats["cpu_us"] > 0, stats
    screen = mini.run(["-X", "gil=1", "--stats", path], cwd=scratch)
    expect(screen, err_has=["  wall ", "  CPU ", "  parallelism ", "  acquired ", "  hand-overs ", "  collections ",
                            "  peak, resident "])
    assert len(screen.err.splitlines()) <= 24, screen.err
    assert max(map(len, screen.err.splitlines())) <= 80, screen.err


@mini_only
def case_instructions_are_counted_alike(mini, scratch):
    """--stats counts in a loop of its own; --switch-every makes the watched one count."""
    path = write(scratch, "all_kinds.mini", """
import os
def gen(n):
    for i in range(n):
        yield i
def delegating(n):
    return (yield from gen(n))
def fails(n):
    if n == 0:
        raise ValueError(n)
    fails(n - 1)
total = sum(delegating(50)) + sum(x for x in gen(20)) + sum(sorted([3, 1, 2], key=lambda x: -x))
for n in range(5):
    try:
        fails(n)
    except ValueError:
        total += 1
while total < 5000:
    total += 1
if os.fork() == 0:      # counts for itself, from here on
    while total < 6000:
        total += 1
    os._exit(0)
os.wait()
""")
    def count(*flags):
        outcome = mini.run([*flags, "--stats", "--json", path], cwd=scratch)
        expect(outcome, err_has=["{"])
        return json.loads(outcome.err)["instructions"]
    assert count() == count("--switch-every", "1000") > 8000


@mini_only
def case_timeline_is_for_stderr(mini, scratch):
    outcome = run_script(mini, scratch, "print('out')\n", flags=["--timeline"])
    expect(outcome, out="out\n", err_has=["MainThread ", "# runs", "of\nthread "])
    assert re.search(r"^(Computing|Waiting): ", outcome.err, re.M), outcome.err
    assert "\x1b" not in outcome.err, outcome.err
