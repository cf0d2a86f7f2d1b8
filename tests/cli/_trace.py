"""Traces for the command line cases: making one, reading it, and what must hold for every one.

Times become whole nanoseconds, so sums are exact.
"""

import json
import os

from _help import expect, write

# What a script prints of itself: report("sleep", seconds) for the thread that calls.
PREAMBLE = """
import threading, time, sys
def report(what, seconds):
    print(threading.current_thread().name, what, f"{seconds:.6f}", sep="|", flush=True)
def compute(cpu_s):
    "Uses so much processor time; returns what it really used."
    begin = time.thread_time()
    while time.thread_time() - begin < cpu_s:
        n = 0
        for i in range(2000):
            n += i
    return time.thread_time() - begin
class measured:
    "with measured('sleep'): ... reports the time it took."
    def __init__(self, what):
        self.what = what
    def __enter__(self):
        self.begin = time.perf_counter()
    def __exit__(self, *exc):
        report(self.what, time.perf_counter() - self.begin)
def start(*targets):
    threads = [threading.Thread(target=f, name=f.__name__) for f in targets]
    for t in threads:
        t.start()
    return threads
def join(threads):
    for t in threads:
        t.join()
"""


class Trace:
    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            whole = json.load(f, parse_float=nanoseconds)
        self.data = whole["otherData"]
        self.events = whole["traceEvents"]
        self.threads = self.data["threads"]

    def thread(self, name, pid=None):
        found = [t for t in self.threads if t["name"] == name and pid in (None, t["pid"])]
        assert len(found) == 1, f"{len(found)} threads named {name!r}: {[t['name'] for t in self.threads]}"
        return found[0]

    def pids(self):
        return sorted({t["pid"] for t in self.threads})

    def spans(self, thread):
        """(begin, end, state, event), in order."""
        return sorted((e["ts"], e["ts"] + e["dur"], e["cat"], e) for e in self.events
                      if e["ph"] == "X" and e["cat"] != "call" and (e["pid"], e["tid"]) == (thread["pid"], thread["tid"])
                      ) if not hasattr(self, "_spans") else self._spans.get((thread["pid"], thread["tid"]), [])

    def index(self):
        """Makes spans() fast."""
        spans = {}
        for e in self.events:
            if e["ph"] == "X" and e["cat"] != "call":
                spans.setdefault((e["pid"], e["tid"]), []).append((e["ts"], e["ts"] + e["dur"], e["cat"], e))
        for one in spans.values():
            one.sort(key=lambda s: s[:2])
        self._spans = spans
        return self

    def runs(self, pid):
        """All runs of a process: (begin, end, thread's number), in order."""
        return sorted((begin, end, t["tid"]) for t in self.threads if t["pid"] == pid
                      for begin, end, state, _ in self.spans(t) if state == "run")


def nanoseconds(text):
    """Microseconds; a duration is a tenth of a nanosecond short (interp/trace/README.md)."""
    return round(float(text) * 1000)


def overlaps(runs):
    """Pairs of neighbours in time that run at once."""
    found = []
    last = None
    for run in runs:
        if last is not None and run[0] < last[1]:
            found.append((last, run))
        if last is None or run[1] > last[1]:
            last = run
    return found


def check(trace, is_complete=True):
    """What holds for every trace: each thread is in one state from its begin to its end, and the sums say so."""
    assert trace.data["format"] == 1
    assert not is_complete or trace.data["lost_events"] == 0, trace.data["lost_events"]
    for thread in trace.threads:
        where = f"thread {thread['name']} of {thread['pid']}"
        at = thread["begin_us"]
        sums = {}
        for begin, end, state, _ in trace.spans(thread):
            assert begin == at, f"{where}: a gap or an overlap at {at}: {begin}"
            assert end > begin, f"{where}: nothing from {begin}"
            sums[state] = sums.get(state, 0) + end - begin
            at = end
        assert at == thread["end_us"], f"{where} ends at {thread['end_us']}, its states at {at}"
        told = {state: n for state, n in thread["states_us"].items() if n}
        assert told == sums, f"{where}: {told} and {sums}"
        assert sum(sums.values()) == thread["end_us"] - thread["begin_us"], where
    has_always_gil = trace.data["mode"] == "gil" and all(e["name"] != "mode" or e["ts"] == 0 for e in trace.events
                                                         if e["ph"] == "i")
    for pid in trace.pids() if has_always_gil else ():
        pairs = overlaps(trace.runs(pid))
        assert not pairs, f"two threads of {pid} hold the GIL at once: {pairs[:3]}"
    return trace


def record(mini, scratch, text, flags=(), code=0, err="", preamble=PREAMBLE, env=None, seconds=60.0, args=()):
    """Run a script with --trace: (Trace, what it reported as {(thread, what): seconds}, Outcome)."""
    script = write(scratch, "script.mini", preamble + text)
    path = os.path.join(scratch, "trace.json")
    if os.path.exists(path):
        os.remove(path)
    outcome = mini.run([*flags, "--trace", path, script, *args], "", scratch, seconds, env)
    expect(outcome, code=code, err=err)
    return check(Trace(path).index()), reports(outcome.out), outcome


def reports(out):
    found = {}
    for line in out.splitlines():
        parts = line.split("|")
        if len(parts) == 3:
            found[parts[0], parts[1]] = found.get((parts[0], parts[1]), 0) + float(parts[2])
    return found
