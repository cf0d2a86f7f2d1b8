"""The programs that mini began with, run as their authors wrote them (tests/cli/_seeds)."""

import os
import re

from _help import Skip, alone, expect, luck, mini_only, patient

SEEDS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_seeds")


def _run(mini, name, flags=(), seconds=60):
    if mini.is_python:
        flags = ()
    return mini.run([*flags, os.path.join(SEEDS, name + ".mini")], seconds=seconds)


def case_create_threads(mini, scratch):
    outcome = _run(mini, "create_threads")
    lines = sorted(outcome.out.splitlines())      # the two threads print when they come to it
    expect(outcome)
    assert lines == ["Processing", "Processing..."], outcome.out


@alone
@patient
def case_two_orders_sleep(mini, scratch):
    outcome = _run(mini, "two_orders_sleep")
    lines = sorted(outcome.out.splitlines())
    expect(outcome)
    assert lines == sorted(f"{what} order with id={n}" for what in ("Processing", "Finished processing")
                           for n in (10, 20)), outcome.out
    luck(1.0 <= outcome.seconds < mini.limit(1.7), f"took {outcome.seconds:.2f} s")


def case_two_orders_cpu(mini, scratch):
    if mini.sanitizer or mini.is_python or mini.is_small:
        raise Skip("200 million rounds")
    outcome = _run(mini, "two_orders_cpu")
    expect(outcome)
    assert outcome.out.count("Finished") == 2, outcome.out


@alone
@patient
def case_simple_tasks(mini, scratch):
    outcome = _run(mini, "simple_tasks")
    expect(outcome, out_has=["Task C completed"])
    faster = float(re.search(r"([\d.]+)x faster", outcome.out).group(1))
    luck(faster > (2.7 if not mini.sanitizer else 1.5), outcome.out)


def case_lock_counter(mini, scratch):
    expect(_run(mini, "lock_counter"), out_has=["Final counter value: 900\n", "SUCCESS"])


def case_race_condition_with_a_lock_is_right(mini, scratch):
    expect(_run(mini, "race_condition", seconds=120), out_has=["Safe result: 300000"])


@mini_only
@patient
def case_race_condition_loses_updates(mini, scratch):
    if mini.is_no_gil or mini.sanitizer:
        raise Skip("the lesson is about the GIL")
    for seed in "123":
        outcome = _run(mini, "race_condition", ["--switch-every", "1", "--seed", seed], 120)
        expect(outcome, out_has=["Safe result: 300000"])
        unsafe = int(re.search(r"Unsafe result: (\d+)", outcome.out).group(1))
        luck(unsafe < 300000, outcome.out)
