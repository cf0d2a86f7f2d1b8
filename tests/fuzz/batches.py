"""What the programs that search for crashes have in common: batch after batch, each of its own seed, until the time is up."""

import argparse
import os
import random
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def parser(description):
    """A command line with the flags that all of them have."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--mini", default=os.path.join(ROOT, "build", "mini"))
    made.add_argument("--seconds", type=float, default=30)
    made.add_argument("--batches", type=int, default=None, help="how many, instead of --seconds")
    made.add_argument("--seed", type=int, default=None)
    return made


def run(options, run_batch):
    """Calls run_batch(mini, seed), which gives a finding or None; prints findings and the sum; returns the exit status."""
    seed = options.seed if options.seed is not None else random.randrange(10**9)
    end = time.monotonic() + options.seconds
    passed = failed = 0
    while True:
        finding = run_batch(os.path.abspath(options.mini), seed)
        if finding is None:
            passed += 1
        else:
            failed += 1
            print(f"FAIL seed {seed}: {finding}", flush=True)
        seed += 1
        if time.monotonic() > end if options.batches is None else passed + failed >= options.batches:
            break
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
