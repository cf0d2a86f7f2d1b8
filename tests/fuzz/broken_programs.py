#!/usr/bin/env python3
"""Breaks programs and compares what mini and python3 say about them.

    tests/fuzz/broken_programs.py                       5,000 programs from a new seed
    tests/fuzz/broken_programs.py --count 50000 --seed 7
    tests/fuzz/broken_programs.py --classes             a line for each kind of difference, most frequent first

A program is a few lines of a script in tests/conformance or tests/bench with one or two mistakes:
a token deleted, doubled, exchanged, replaced; an indentation changed; a line lost; the text cut.
Both compile it; compared are the type of the exception, its message, line, column and end. What
differs is printed with both answers and is a failure.
"""

import argparse
import collections
import concurrent.futures
import glob
import os
import random
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests"))

import run  # noqa: E402  (it knows where python3.13 is)

BATCH = 250
SECONDS = 120
MOST_LINES = 14

DRIVER = '''
import warnings
warnings.simplefilter("ignore")
for source in SOURCES:
    try:
        compile(source, "x", "exec")
        print("fine")
    except SyntaxError as e:
        print(type(e).__name__, ascii(e.msg), e.lineno, e.offset, e.end_lineno, e.end_offset)
    except BaseException as e:
        print(type(e).__name__, ascii(str(e)))
'''

TOKEN = re.compile(r"""\s+|#.*|[rbfuRBFU]{0,2}(?:'''|\"\"\"|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")"""
                   r"""|\w+|\*\*=?|//=?|<<=?|>>=?|[-+*/%&|^@<>=!:]=|->|\.\.\.|.""")
INSERTED = ("( ) [ ] { } , : ; . = == := + - * ** / @ -> ! ~ is not in and or if else elif for while def class return yield "
            "lambda import from as with try except finally raise del global nonlocal pass break continue assert async await "
            "match case type None True x 1 'a' f'{x}' f'{' ' \" ''' \\ ? $ 0x 1_ * ** *x **x else: try: x=1 (x,) [x] {x} {x:1}"
            ).split(" ")


def corpus():
    paths = sorted(glob.glob(os.path.join(ROOT, "tests", "conformance", "*", "*.mini")))
    paths += sorted(glob.glob(os.path.join(ROOT, "tests", "bench", "programs", "*.mini")))
    texts = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            texts.append(re.sub(r" *# expect.*", "", file.read()).split("\n"))
    return texts


def piece(rng, texts):
    """A few lines, from the begin of one that is not indented."""
    lines = rng.choice(texts)
    begins = [i for i, line in enumerate(lines) if line[:1].strip()] or [0]
    begin = rng.choice(begins)
    return "\n".join(lines[begin:begin + rng.randint(1, MOST_LINES)]) + "\n"


def break_tokens(rng, text):
    tokens = TOKEN.findall(text)
    places = [i for i, token in enumerate(tokens) if token.strip()]
    if not places:
        return text
    i = rng.choice(places)
    j = rng.choice(places)
    kind = rng.randrange(6)
    if kind == 0:
        del tokens[i]
    elif kind == 1:
        tokens.insert(i, tokens[i])
    elif kind == 2:
        k = places[min(places.index(i) + 1, len(places) - 1)]
        tokens[i], tokens[k] = tokens[k], tokens[i]
    elif kind == 3:
        tokens[i] = tokens[j]
    elif kind == 4:
        tokens[i] = rng.choice(INSERTED)
    else:
        tokens.insert(i, rng.choice(INSERTED) + rng.choice(["", " "]))
    return "".join(tokens)


def break_lines(rng, text):
    lines = text.split("\n")
    i = rng.randrange(len(lines))
    kind = rng.randrange(7)
    if kind == 0:
        lines[i] = rng.choice([" ", "  ", "    ", "\t"]) + lines[i]
    elif kind == 1:
        lines[i] = lines[i][rng.randint(1, 4):]
    elif kind == 2:
        del lines[i]
    elif kind == 3:
        lines.insert(i, lines[i])
    elif kind == 4 and i + 1 < len(lines):
        lines[i] += rng.choice(["", " ", ";", "\\"]) + lines.pop(i + 1)
    elif kind == 5:
        lines[i] = lines[i].rstrip(":").rstrip()
    else:
        return text[:rng.randint(0, len(text))]
    return "\n".join(lines)


def broken(rng, texts):
    text = piece(rng, texts)
    for _ in range(rng.choice([1, 1, 1, 2])):
        text = rng.choice([break_tokens, break_tokens, break_tokens, break_lines])(rng, text)
    return text


def answers(program, sources):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "driver.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write("SOURCES = [\n" + "".join(ascii(s) + ",\n" for s in sources) + "]\n" + DRIVER)
        try:
            done = subprocess.run([program, path], capture_output=True, text=True, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return ["timeout"] * len(sources)
    lines = done.stdout.split("\n")[:-1]
    return lines + [f"exit {done.returncode} {done.stderr[-300:]}"] * (len(sources) - len(lines))


def check_batch(seed, numbers, texts, mini, python):
    sources = [broken(random.Random(f"{seed} {n}"), texts) for n in numbers]
    pairs = zip(sources, answers(python, sources), answers(mini, sources))
    return [(n, *pair) for n, pair in zip(numbers, pairs) if pair[1] != pair[2]]


def class_of(answer):
    """The answer without places and names."""
    kind, _, rest = answer.partition(" ")
    message = re.sub(r"[' ]+(?:\S+ ){3}\S+$", "", rest)
    return kind + " " + re.sub(r"\d+", "N", re.sub(r"'[^']*'", "'_'", message))[:100]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--mini", default=os.path.join(ROOT, "build", "mini"))
    parser.add_argument("--python", default=None, help="default: the newest there is; older than 3.13 is refused")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--most", type=int, default=20, help="failures to print")
    parser.add_argument("--classes", action="store_true", help="count the kinds of differences")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.randrange(10**9)
    python = run.Python(options.python)
    if python.version is None or python.version < (3, 13):
        print("there is no python3.13 to compare with\n0 passed, 0 failed")
        return 0
    texts = corpus()
    batches = [range(i, min(i + BATCH, options.count)) for i in range(0, options.count, BATCH)]
    failures = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for found in pool.map(lambda b: check_batch(seed, b, texts, options.mini, python.program), batches):
            failures += found
    if options.classes:
        kinds = collections.defaultdict(list)
        for number, source, left, right in failures:
            kinds[class_of(left), class_of(right)].append((source, left, right))
        for (left, right), examples in sorted(kinds.items(), key=lambda item: -len(item[1])):
            source, one, other = min(examples, key=lambda example: len(example[0]))
            print(f"{len(examples):5} {left}  /  {right}\n{source!r}\n    {one}\n    {other}")
    else:
        for number, source, left, right in failures[:options.most]:
            print(f"FAIL program {number} of seed {seed}\n{source}\n  python3: {left}\n  mini:    {right}\n")
    print(f"seed {seed}\n{options.count - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
