#!/usr/bin/env python3
"""Runs random programs under mini and under python3 and compares what they print.

    tests/fuzz/random_programs.py                       2,000 programs from a new seed
    tests/fuzz/random_programs.py --count 20000 --seed 7
    tests/fuzz/random_programs.py --seed 7 --show 123   prints program 123 of that seed
    tests/fuzz/random_programs.py --topic match         programs of one topic only

A program is a function of a few statements over one topic, drawn by the makers in programs/. Its
results are printed by repr, an exception by type and message. Operands are mostly of the right
type and sometimes not, so that messages are compared as well. A program says the same each time:
nothing in it hangs on addresses, the time, the order of a set of strings or their hashes. Programs
run in batches, a process each, since a start costs more than a program. What differs is printed
with both outputs and is a failure; differences that are known stand in tests/conformance/gaps/ and
are avoided here, with the reason beside it.
"""

import argparse
import concurrent.futures
import os
import random
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests"))

import programs  # noqa: E402
import run  # noqa: E402  (it knows where python3.13 is)

BATCH = 50
SECONDS = 60

PRELUDE = '''\
import cmath
import math
import sys
from fractions import Fraction


def show(*values):
    for v in values:
        print(type(v).__name__, repr(v))


def hash_of(value):
    """The hash of a number, which is promised; of others only that it stays the same."""
    h = hash(value)
    is_promised = isinstance(value, (int, float, complex, Fraction)) and value == value
    return h if is_promised else h == hash(value)


def run(number, program):
    print("#", number)
    try:
        program()
    except Exception as e:
        chain = []
        while e is not None and len(chain) < 4:
            chain.append(f"{type(e).__name__}: {e}")
            e = e.__cause__ or (None if e.__suppress_context__ else e.__context__)
        print("raised", " < ".join(chain))

'''

DEFINITIONS = '''\
class MyError(ValueError): pass
class Base:
    x = 0
    def __init__(self, *args, **kwargs): self.args_ = args
class Mixin: pass
'''


def make(seed, number, topic):
    lines = programs.Maker(random.Random(f"{seed}/{number}")).program(topic)
    return f"def p{number}():\n" + "\n".join(lines) + "\n"


def batch_text(seed, numbers, topic):
    parts = [PRELUDE, DEFINITIONS]
    for n in numbers:
        parts.append(make(seed, n, topic))
        parts.append(f"run({n}, p{n})\n")
    return "\n".join(parts)


def execute(command, text):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "programs.py")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        try:
            done = subprocess.run([*command, path], stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS,
                                  env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"})
        except subprocess.TimeoutExpired:
            return None, "no end"
    err = done.stderr.decode("utf-8", "replace")
    code = f"exit status {done.returncode}\n" if done.returncode else ""
    out = done.stdout.decode("utf-8", "replace")
    return re.sub(r" at 0x[0-9a-f]+", " at 0x", out).replace(folder, ""), code + err


def split(output):
    """{number: what that program printed}"""
    parts = {}
    for part in ("\n" + (output or "")).split("\n# ")[1:]:
        number, _, rest = part.partition("\n")
        parts[int(number)] = rest
    return parts


def check_batch(seed, numbers, topic, mini, python):
    text = batch_text(seed, numbers, topic)
    expected, expected_err = execute(python, text)
    got, got_err = execute(mini, text)
    left, right = split(expected), split(got)
    failures = []
    for n in numbers:
        if left.get(n) != right.get(n):
            failures.append((n, left.get(n, "(nothing)\n" + expected_err[-400:]), right.get(n, "(nothing)\n" + got_err[-400:])))
    return failures


def first_difference(left, right):
    a, b = left.split("\n"), right.split("\n")
    for i in range(max(len(a), len(b))):
        x, y = (s[i] if i < len(s) else "(no more)" for s in (a, b))
        if x != y:
            return x, y
    return "", ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--show", type=int, metavar="N", help="print program N and end")
    parser.add_argument("--topic", choices=programs.Maker.TOPICS, help="programs of this topic only")
    parser.add_argument("--mini", default=os.path.join(ROOT, "build", "mini"))
    parser.add_argument("--python", default=None, help="default: the newest there is; older than 3.13 is refused")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--most", type=int, default=20, help="failures to print")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.randrange(10**9)
    if options.show is not None:
        print(batch_text(seed, [options.show], options.topic))
        return 0
    python = run.Python(options.python)
    if python.version is None or python.version < (3, 13):
        print("there is no python3.13 to compare with\n0 passed, 0 failed")
        return 0
    batches = [range(i, min(i + BATCH, options.count)) for i in range(0, options.count, BATCH)]
    n_failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for failures in pool.map(lambda b: check_batch(seed, b, options.topic, [options.mini], [python.program]), batches):
            for number, left, right in failures:
                n_failed += 1
                if n_failed <= options.most:
                    x, y = first_difference(left, right)
                    print(f"FAIL program {number} of seed {seed}\n{make(seed, number, options.topic)}"
                          f"  python3: {x}\n  mini:    {y}\n")
    print(f"seed {seed}")
    print(f"{options.count - n_failed} passed, {n_failed} failed")
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
