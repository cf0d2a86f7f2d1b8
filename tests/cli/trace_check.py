#!/usr/bin/env python3
"""Holds trace files against the format of interp/trace/README.md, strictly.

    tests/cli/trace_check.py FILE...        says what is wrong; exit status 1 if anything is

Beyond the form it checks that a trace can be true: the states of a thread follow each other without
a gap and add up to its lifetime exactly, nobody runs beside the holder of a GIL, counters say what
the slices say, arrows begin in a run and end at the begin of one.
"""

import bisect
import collections
import json
import math
import re
import sys
from decimal import Decimal

STATES = ("run", "compute", "gil", "lock", "io", "sleep", "wait", "stop")
CALL_TRACK = 1000000
HEADER = {"format": int, "version": str, "script": str, "mode": str, "policy": str, "interval_us": int,
          "cores": int, "seed": (int, type(None)), "lost_events": int, "wall_us": Decimal, "verdict": list,
          "sources": dict, "threads": list}
ARGUMENTS = {"at", "in", "object", "made_at", "why", "owner", "owner_at"}
PLACE = re.compile(r"(?s).+:\d+\Z")


class Problem(Exception):
    pass


def need(condition, *what):
    if not condition:
        raise Problem(" ".join(map(str, what)))


# ---- JSON, more strictly than the module json reads it ----

def _unique(pairs):
    found = dict(pairs)
    need(len(found) == len(pairs), "a key twice:", [key for key, _ in pairs])
    return found


def _no_constant(name):
    raise Problem(f"{name} is no JSON")


def parse(data):
    text = data.decode("utf-8")
    return json.loads(text, object_pairs_hook=_unique, parse_float=Decimal, parse_constant=_no_constant)


def ns(value):
    """Microseconds with three decimals as an integer of ns."""
    need(isinstance(value, Decimal), "no time with decimals:", repr(value))
    scaled = value * 1000
    need(scaled == int(scaled), "more than three decimals:", value)
    need(scaled >= 0, "a time before the begin:", value)
    return int(scaled)


def duration(value):
    """The same, for a `dur`, which is a tenth of a ns short; a call's may be shorter."""
    need(isinstance(value, Decimal) and value >= 0, "no duration:", repr(value))
    exact = math.ceil(value * 1000)
    need(exact - value * 1000 >= (0 if exact == 0 else Decimal("0.1")), "not a tenth of a ns short:", value)
    return exact


# ---- The parts of a file ----

Slice = collections.namedtuple("Slice", "begin end state name args")


class Track:
    def __init__(self):
        self.slices = []
        self.name = None
        self.order = None


class Trace:
    """A file that has been checked; what is in it, with times in ns."""

    def __init__(self, data):
        top = parse(data)
        need(isinstance(top, dict) and list(top) == ["displayTimeUnit", "otherData", "traceEvents"],
             "not the three members, in order")
        need(top["displayTimeUnit"] == "ns", "displayTimeUnit", top["displayTimeUnit"])
        self.header = top["otherData"]
        self.tracks = collections.defaultdict(Track)        # by (pid, tid)
        self.calls = collections.defaultdict(list)
        self.processes = {}                                 # pid: [name, order]
        self.flows = collections.defaultdict(dict)          # id: phase: (ns, pid, tid)
        self.counters = collections.defaultdict(list)       # (pid, name): [(ns, value)]
        self.instants = collections.defaultdict(list)       # name: [(ns, pid, tid, args)]
        self._check_header()
        for event in top["traceEvents"]:
            try:
                self._read(event)
            except (KeyError, Problem) as e:
                raise Problem(f"{e!r} in {event}") from None
        self._check_names()
        for thread in self.header["threads"]:
            self._check_thread(thread)
        need(len(self.header["threads"]) == len(self.tracks), "threads in the header:",
             len(self.header["threads"]), "tracks:", len(self.tracks))
        self._check_calls()
        self._check_instants()
        self._check_counters()
        if self.header["lost_events"] == 0:
            self._check_flows()
            self._check_lock()

    def _check_header(self):
        need(list(self.header) == list(HEADER), "header:", list(self.header))
        for key, kind in HEADER.items():
            need(isinstance(self.header[key], kind), "header:", key, "is", repr(self.header[key]))
        need(self.header["mode"] in ("gil", "no-gil"), "mode", self.header["mode"])
        need(self.header["cores"] >= 1, "no cores")
        self.wall = ns(self.header["wall_us"])
        need(self.header["verdict"], "no verdict")
        for verdict in self.header["verdict"]:
            need(verdict["text"].startswith(verdict["kind"] + ": "), "verdict:", verdict)
        for name, text in self.header["sources"].items():
            need(isinstance(text, str) and name, "source of", repr(name))

    def _read(self, event):
        phase, pid, tid = event["ph"], event["pid"], event["tid"]
        need(type(pid) is int and type(tid) is int and pid > 0 and tid > 0, "pid or tid")
        need(isinstance(event["name"], str) and event["name"], "name")
        at = None
        if phase != "M":
            at = ns(event["ts"])
            need(at <= self.wall, "later than the end")
        reader = {"M": self._metadata, "X": self._slice, "s": self._flow, "f": self._flow,
                  "C": self._counter, "i": self._instant}.get(phase)
        need(reader, "phase", phase)
        reader(event, pid, tid, at)

    def _metadata(self, event, pid, tid, _):
        name, args = event["name"], event["args"]
        if name.startswith("process_"):
            record, i = self.processes.setdefault(pid, [None, None]), name == "process_sort_index"
        else:
            record, i = self._names.setdefault((pid, tid), [None, None]), name == "thread_sort_index"
        key = "sort_index" if i else "name"
        need(name in ("process_name", "process_sort_index", "thread_name", "thread_sort_index"), name)
        need(list(args) == [key] and isinstance(args[key], int if i else str), "args")
        need(record[i] is None, "said twice")
        record[i] = args[key]

    def _slice(self, event, pid, tid, at):
        end = at + duration(event["dur"])
        need(end <= self.wall, "ends after the end")
        args = event.get("args", {})
        need(args or "args" not in event, "empty args")
        for key, value in args.items():
            need(key in ARGUMENTS and isinstance(value, str) and value, "argument", key)
            need(key not in ("at", "made_at", "owner_at") or PLACE.match(value), "no place:", value)
        if event["cat"] == "call":
            need(tid > CALL_TRACK, "a call on a thread's track")
            self.calls[pid, tid - CALL_TRACK].append((at, end, event["name"]))
            return
        need(event["cat"] in STATES and tid < CALL_TRACK, "category", event["cat"])
        self.tracks[pid, tid].slices.append(Slice(at, end, event["cat"], event["name"], args))

    def _flow(self, event, pid, tid, at):
        need(event["cat"] == "handover" and type(event["id"]) is int, "a flow of another kind")
        need(event["ph"] == "s" or event["bp"] == "e", "binding point")
        need(event["ph"] not in self.flows[event["id"]], "the id twice")
        self.flows[event["id"]][event["ph"]] = (at, pid, tid)

    def _counter(self, event, pid, _, at):
        (value,) = event["args"].values()
        need(type(value) is int and value >= 0, "value")
        self.counters[pid, event["name"]].append((at, value))

    def _instant(self, event, pid, tid, at):
        need(event["s"] in ("t", "p"), "scope")
        self.instants[event["name"]].append((at, pid, tid, event["args"]))

    @property
    def _names(self):
        return self.__dict__.setdefault("_track_names", {})

    # ---- What must be so ----

    def _check_names(self):
        orders = [order for _, order in self.processes.values()]
        need(sorted(orders) == list(range(len(orders))), "order of processes:", orders)
        need(all(name for name, _ in self.processes.values()), "a process without a name")
        for thread in self.header["threads"]:
            pid, tid = thread["pid"], thread["tid"]
            need(pid in self.processes, "a process without metadata:", pid)
            name, order = self._names.pop((pid, tid), (None, None))
            need(name == thread["name"] and order is not None, "name of track", pid, tid, name)
            calls = self._names.pop((pid, tid + CALL_TRACK), None)
            need((calls is not None) == ((pid, tid) in self.calls), "name of the calls of", pid, tid)
            need(calls is None or calls == [name + ": calls", order + 1], "calls are called", calls)
            self.tracks[pid, tid].name = name
        need(not self._names, "metadata of nobody:", self._names)

    def _check_thread(self, thread):
        who = f"thread {thread['name']!r} ({thread['pid']}, {thread['tid']})"
        need(list(thread) == ["pid", "tid", "name", "begin_us", "end_us", "cpu_us", "forced", "voluntary",
                              "states_us"], who, "has", list(thread))
        begin, end = ns(thread["begin_us"]), ns(thread["end_us"])
        need(begin <= end, who, "ends before it begins")
        sums = dict.fromkeys(STATES, 0)
        at = begin
        for piece in self.tracks[thread["pid"], thread["tid"]].slices:
            need(piece.begin == at, who, "has a gap or overlap at", at, "ns:", piece)
            sums[piece.state] += piece.end - piece.begin
            at = piece.end
        need(at == end, who, "ends at", end, "but its slices at", at)
        states = {key: ns(value) for key, value in thread["states_us"].items()}
        need(states == sums, who, "adds up to", sums, "and says", states)
        need(sum(states.values()) == end - begin, who, "lives", end - begin, "ns but has", states)
        if thread["cpu_us"] is not None:
            ns(thread["cpu_us"])

    def _check_calls(self):
        for key, calls in self.calls.items():
            life = self.tracks[key].slices
            stack = []
            last = 0
            for begin, end, name in calls:
                need(begin >= last, key, "calls out of order at", name)
                last = begin
                while stack and stack[-1] <= begin:
                    stack.pop()
                need(not stack or end <= stack[-1], key, name, "ends after its caller")
                need(life and life[0].begin <= begin and end <= life[-1].end, key, name, "outside its thread")
                stack.append(end)

    def _check_instants(self):
        need(set(self.instants) <= {"fork", "exit", "mode", "collection"}, "instants:", set(self.instants))
        for _, pid, tid, _ in (i for found in self.instants.values() for i in found):
            need((pid, tid) in self.tracks, "an instant of nobody:", pid, tid)
        children = [args["child"] for _, _, _, args in self.instants["fork"]]
        need(len(children) == len(self.processes) - 1, "forks:", children, "processes:", list(self.processes))
        need(set(children) <= set(self.processes), "a fork of nobody:", children)

    def _expected_counters(self, pid):
        changes = collections.defaultdict(lambda: [0, 0])
        for (p, _), track in self.tracks.items():
            if p == pid:
                for piece in track.slices:
                    for i, states in enumerate((("gil",), ("gil", "run", "compute"))):
                        if piece.state in states:
                            changes[piece.begin][i] += 1
                            changes[piece.end][i] -= 1
        values, rows = [0, 0], ([], [])
        for at in sorted(changes):
            for i in range(2):
                values[i] += changes[at][i]
                rows[i].append((at, values[i]))
        return rows

    def _check_counters(self):
        need({name for _, name in self.counters} <= {"GIL waiters", "runnable threads"}, "counters")
        for pid in self.processes:
            for name, expected in zip(("GIL waiters", "runnable threads"), self._expected_counters(pid)):
                found = self.counters[pid, name]
                need(found == sorted(found), name, "out of order")
                times = [at for at, _ in found]
                for at, value in expected:
                    i = bisect.bisect_right(times, at) - 1
                    need((found[i][1] if i >= 0 else 0) == value, name, "of", pid, "at", at, "is", value,
                         "the counter says", found[i] if i >= 0 else "nothing")
                need(not found or found[-1][1] == 0, name, "does not end with 0")

    def _check_flows(self):
        for number, ends in self.flows.items():
            need(set(ends) == {"s", "f"}, "an arrow without its other end:", number)
            (at, pid, tid), (to, to_pid, to_tid) = ends["s"], ends["f"]
            need(pid == to_pid, "an arrow between processes:", number)
            need(tid != to_tid, "an arrow to its own begin:", number)
            need(at <= to, "an arrow backwards:", number)
            giver, taker = self._slice_at(pid, tid, at), self._slice_at(to_pid, to_tid, to)
            need(giver is not None and giver.state == "run" and giver.end - 1 <= at, "arrow", number,
                 "starts at", at, "in", giver)
            need(taker is not None and taker.state == "run" and taker.begin == to, "arrow", number,
                 "ends at", to, "in", taker)

    def _slice_at(self, pid, tid, at):
        """The last one that begins at or before `at`; of several that do at the same time, the run."""
        slices = self.tracks[pid, tid].slices
        i = bisect.bisect_right(slices, at, key=lambda s: s.begin) - 1 if sys.version_info >= (3, 10) else \
            bisect.bisect_right([s.begin for s in slices], at) - 1
        same = [s for s in slices[max(0, i - 2):i + 1] if i >= 0 and s.begin == slices[i].begin]
        return next((s for s in same if s.state == "run"), slices[i]) if i >= 0 else None

    def _has_gil(self, pid):
        """Times at which the GIL was switched, and to what."""
        return sorted((at, args["gil"] == "on") for at, p, _, args in self.instants["mode"] if p == pid)

    def overlaps(self, pid):
        """Pairs of runs of the process at once: (ns, whether there was a GIL, run, run)."""
        runs = sorted(((piece.begin, piece.end, track.name, str(piece.args)) for (p, _), track in self.tracks.items()
                      if p == pid for piece in track.slices if piece.state == "run"))
        modes = self._has_gil(pid)
        last = None
        for run in runs:
            if last is not None and run[0] < last[1]:
                i = bisect.bisect_right(modes, (run[0], True)) - 1
                has_gil = modes[i][1] if i >= 0 else self.header["mode"] == "gil"
                yield min(run[1], last[1]) - run[0], has_gil, last, run
            if last is None or run[1] > last[1]:
                last = run

    def overlap(self, pid):
        """How long threads of the process ran at once, in ns: {while there was a GIL, while there was none}."""
        found = {True: 0, False: 0}
        for length, has_gil, _, _ in self.overlaps(pid):
            found[has_gil] += length
        return found

    def _check_lock(self):
        for pid in self.processes:
            for length, has_gil, one, other in self.overlaps(pid):
                need(not has_gil, "two threads of", pid, "ran at once for", length, "ns under the GIL:", one, other)


def check(path):
    """The Trace, or AssertionError with what is wrong."""
    with open(path, "rb") as f:
        data = f.read()
    try:
        return Trace(data)
    except (Problem, ValueError, KeyError, TypeError) as e:
        raise AssertionError(f"{path}: {e}") from e


def main():
    failed = False
    for path in sys.argv[1:]:
        try:
            trace = check(path)
            print(f"{path}: {len(trace.tracks)} threads, {sum(len(t.slices) for t in trace.tracks.values())} "
                  f"slices, {len(trace.flows)} hand-overs")
        except AssertionError as e:
            failed = True
            print(e)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
