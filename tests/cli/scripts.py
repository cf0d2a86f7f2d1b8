"""The programs of scripts/ run, small, and say what their first lines promise."""

import os
import re

from _help import expect, luck, mini_only, patient
from run import ROOT


def _run(mini, name, *args, flags=(), seconds=60):
    return mini.run([*flags, os.path.join(ROOT, "scripts", name + ".mini"), *args], seconds=seconds)


def case_experiment(mini, scratch):
    outcome = _run(mini, "gil_experiment", "2", "0.2", seconds=120)
    expect(outcome, out_has=["2 workers on", "computing   once", "with the GIL", "2 processes", "waiting"])
    rows = re.findall(r"(\d+\.\d\d) s +(\d+\.\d) x +(\d+\.\d\d) s", outcome.out)
    assert len(rows) == (6 if mini.is_python else 8), outcome.out


def case_threading_basics(mini, scratch):
    outcome = _run(mini, "examples/threading_basics")
    expect(outcome, out_has=["1. counted down in counter\n1. alive after join: False\n",
                             "3. together: [(0, 0), (1, 1), (2, 4), (3, 9), (4, 16)]\n",
                             "4. order: ['main', 'waiter']\n5. threads alive at the end: 2\n"])


def case_cpu_bound_threading(mini, scratch):
    expect(_run(mini, "examples/cpu_bound_threading", "5000"), out_has=["speed-up: ", "same results: True\n"])


def case_cpu_bound_multiprocessing(mini, scratch):
    expect(_run(mini, "examples/cpu_bound_multiprocessing", "5000"),
           out_has=["one process:    669 primes", "same results: True\nexit codes: [0, 0]\n"])


def case_io_bound_threading(mini, scratch):
    expect(_run(mini, "examples/io_bound_threading"), out_has=["8 answers\n", "same answers: True\n"])


@patient
def case_shared_memory_gil_limitations(mini, scratch):
    outcome = _run(mini, "examples/shared_memory_gil_limitations")
    expect(outcome, out_has=["3. the same under a lock:          400\n",
                             "4. append loses nothing:           True\n"])
    luck(int(re.search(r"^2\..* (\d+)$", outcome.out, re.M).group(1)) < 400, outcome.out)


@mini_only
@patient
def case_shared_memory_loses_updates_when_switched_often(mini, scratch):
    outcome = _run(mini, "examples/shared_memory_gil_limitations",
                   flags=["-X", "gil=1", "--switch-every", "1", "--seed", "1"], seconds=120)
    expect(outcome, out_has=["3. the same under a lock:          400\n"])
    luck(int(re.search(r"^1\..* (\d+)$", outcome.out, re.M).group(1)) < 40000, outcome.out)


def case_multiprocessing_basics(mini, scratch):
    outcome = _run(mini, "examples/multiprocessing_basics")
    expect(outcome, err_has=["ValueError: in the child"], out="".join(line + "\n" for line in (
        "1. hello you from child, another process: True", "2. returns: exit code 0",
        "2. exits: exit code 3", "2. raises: exit code 1", "2. terminated: exit code -15",
        "3. in the child: 100", "3. in the parent: 1",
        "4. through the pipe: ['line 0', 'line 1', 'line 2']")))


@patient
def case_download_threads(mini, scratch):
    outcome = _run(mini, "examples/download_threads")
    expect(outcome, out_has=["one after another", "in 5 threads", "times faster"])
    luck(float(re.search(r"are (\S+) times", outcome.out).group(1)) > 1.5, outcome.out)


def _convoy(mini, *flags):
    outcome = _run(mini, "examples/convoy", "20", flags=flags)
    expect(outcome, out_has=["20 requests each; "])
    return [float(ms) for ms in re.findall(r"median +(\S+) ms", outcome.out)]


@patient
def case_convoy(mini, scratch):
    alone, convoy = _convoy(mini, *([] if mini.is_python else ["-X", "gil=1"]))
    luck(convoy > 3 * alone, (alone, convoy))


@mini_only
@patient
def case_convoy_is_shorter_with_a_shorter_interval(mini, scratch):
    _, convoy = _convoy(mini, "-X", "gil=1", "--switch-interval", "0.1")
    _, short = _convoy(mini, "-X", "gil=1", "--switch-interval", "0.0001")
    luck(convoy > 2 * short, (short, convoy))


@mini_only
@patient
def case_convoy_is_called_by_its_name(mini, scratch):
    outcome = _run(mini, "examples/convoy", "30", flags=["-X", "gil=1", "--timeline"])
    expect(outcome, err_has=["~ I/O"])
    luck("Convoy: thread 'echo'" in outcome.err, outcome.err)


@patient
def case_lessons(mini, scratch):
    for lesson, out in (("01_two_threads_one_lock", "done: 2 threads, 5000000 steps each\n"),
                        ("03_a_lock_of_your_own", "counted to 60\n")):
        expect(_run(mini, "lessons/" + lesson), out=out)
    outcome = _run(mini, "lessons/02_waiting_needs_no_lock")
    luck("half as long: False" not in outcome.out, outcome.out)
    expect(outcome, out="6 naps one after another, then 6 naps at once\nat once took less than half as long: True\n")
