"""--timeline: each kind of verdict, for a script that earns it and one that nearly does.

The scripts are in _verdicts/. Their sizes are such that a loaded machine changes the figures and seldom the verdict; when it
does, the run was another one than was meant, and the script runs again.
"""

import functools
import os
import re

from _help import expect, luck, mini_only, patient
from run import Skip

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_verdicts")
CORES = 2
GIL = ["-X", "gil=1"]
NO_GIL = ["--no-gil"]
# Long enough that whoever wants the GIL has come before it is free again, also on a loaded machine.
LONG_INTERVAL = [*GIL, "--switch-interval", "0.05"]


def once(case):
    """For what sets its flags itself, so that the other variants would do the same; and has enough cores."""
    @mini_only
    @patient
    @functools.wraps(case)
    def run_it(mini, scratch):
        if mini.is_no_gil or mini.sanitizer:
            raise Skip("runs in the plain build, with its own flags")
        if len(os.sched_getaffinity(0)) < CORES:
            raise Skip("one core")
        return case(mini, scratch)
    return run_it


def _two_cores():
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])


def verdicts_of(mini, scratch, name, flags):
    """The verdicts on the script, the first one first: {kind: text}."""
    path = os.path.join(HERE, name + ".mini")
    process = mini.start([*flags, "--timeline", path], cwd=scratch, preexec_fn=_two_cores)
    outcome = mini.finish(process, "", 60)
    expect(outcome, err_has=["\n\n"])
    assert f" {CORES} cores " in " ".join(outcome.err.split()), outcome.err
    told = re.findall(r"^([A-Z][a-z]+): ((?:.+\n)(?:  .+\n)*)", outcome.err.split("\n\n")[-1] + "\n", re.M)
    assert told, outcome.err
    return {kind: " ".join(text.split()) for kind, text in told}, outcome.err


def _case(kind, instead, flags, pattern, doc):
    @once
    def case(mini, scratch):
        told, screen = verdicts_of(mini, scratch, kind.lower(), flags)
        luck(next(iter(told)) == kind, screen)
        luck(re.search(pattern, told[kind]), f"{pattern}\n{screen}")
        told, screen = verdicts_of(mini, scratch, kind.lower() + "_nearly", flags)
        luck(kind not in told, screen)
        luck(instead in told, screen)
    case.__doc__ = doc
    return case


case_serialized = _case(
    "Serialized", "Computing", GIL,
    r"^[23](\.\d)? threads wanted the CPU, \d\.\d\d ran on average.*; the GIL was held \d+% of the time, "
    r"\d+ forced switch(es)?\. 2 cores could give \d\.\dx: try --no-gil$",
    "two threads compute at once; one after the other")
case_overlapped = _case(
    "Overlapped", "Waiting", GIL, r"^[56](\.\d)? threads waited for I/O at once.*; the GIL was idle \d+% of the time\. "
    r"Threads serve such work well: --no-gil would change little$",
    "five threads read at once; five sleep one after the other")
case_convoy = _case(
    "Convoy", "Overlapped", LONG_INTERVAL,
    r"^thread 'echo' of process \d+ waited \S+ m?s for the GIL after \d+ of its 48 I/O calls, and ran .*\. "
    r"Who computes keeps it for a switch interval \(50\.0 ms\): try a shorter --switch-interval, or --no-gil$",
    "requests while another thread computes; while another thread sleeps")
@mini_only
@patient
def case_deadlocked(mini, scratch):
    """Two threads have what the other one wants; one waits for a thread that is not stuck so."""
    halves = ["thread 'Thread-1 (worker)' waits for Lock 'second', which thread 'Thread-2 (worker)' took at deadlocked.mini:14",
              "thread 'Thread-2 (worker)' waits for Lock 'first', which thread 'Thread-1 (worker)' took at deadlocked.mini:14"]
    for name, is_told in ("deadlocked", True), ("deadlocked_nearly", False):
        outcome = mini.run(["--timeline", os.path.join(HERE, name + ".mini")], "", scratch)
        expect(outcome, out="ends\n", err_has=["MainThread"])
        text = " ".join(outcome.err.split())
        luck(("Deadlocked: thread" in text) == is_told, text)
        luck(all((half in text) == is_told for half in halves), text)


case_contended = _case(
    "Contended", "Overlapped", GIL,
    r"^\d+% of the time of [34] threads went into waiting for Lock 'counter_lock', held .* at contended\.mini:10\. Hold it only",
    "a lock is held while its holder sleeps; only for a moment")
case_starved = _case(
    "Starved", "Serialized", GIL,
    r"^thread 'counter' wanted the CPU for \S+ m?s and ran \S+ m?s of it; an even share was \S+ m?s\. "
    r"It waited up to \S+ m?s at once .*\. A long call keeps the GIL until it returns: split it up, or try --no-gil$",
    "another thread computes in long calls; in short ones")
case_parallel = _case(
    "Parallel", "Computing", GIL, r"^\d\.\d\d of 2 cores busy; [23](\.\d)? processes ran at once",
    "two processes compute at once; one after the other")
case_oversubscribed = _case(
    "Oversubscribed", "Parallel", GIL, r"^[3-8](\.\d)? processes on 2 cores.*\. 2 at a time would be done as soon$",
    "eight processes on two cores; two on two")
case_unbalanced = _case(
    "Unbalanced", "Parallel", GIL,
    r"^process \d+ had work for \S+ m?s, the other \S+ m?s; evenly spread over 2 cores it would take \S+ m?s\. Smaller pieces",
    "one process has ten times the work of the other; the same")


@once
def case_one_thread(mini, scratch):
    for name, kind in (("computing", "Computing"), ("waiting", "Waiting")):
        told, screen = verdicts_of(mini, scratch, name, GIL)
        luck([k for k in told if k != "Disturbed"] == [kind], screen)


@once
def case_without_the_gil_threads_are_parallel(mini, scratch):
    told, screen = verdicts_of(mini, scratch, "serialized", NO_GIL)
    luck("Parallel" in told, screen)
    assert "Serialized" not in told, screen
