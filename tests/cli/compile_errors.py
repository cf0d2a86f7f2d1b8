"""What the compiler refuses is refused in the words and at the place of CPython 3.13.

compile_errors.txt holds the programs; tests/unit/syntax_errors.py says how it is made.
"""

import os

from _help import mini_only, write

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "compile_errors.txt")


def unescape(text):
    return (text.replace("\\\\", "\0").replace("\\n", "\n").replace("\\t", "\t")
            .replace("\0", "\\"))


def programs():
    """Pairs of a program and what is expected of it on stderr."""
    found = []
    with open(TABLE, encoding="utf-8") as f:
        for line in f:
            if line.startswith("> "):
                found.append((unescape(line[2:].rstrip("\n")), []))
            elif line.startswith("|"):
                found[-1][1].append(line[2:].rstrip())
    return found


@mini_only
def case_errors_are_those_of_cpython(mini, scratch):
    wrong = []
    for program, expected in programs():
        write(scratch, "x.mini", program)
        outcome = mini.run([os.path.join(scratch, "x.mini")], "", scratch, 20.0)
        got = [line.rstrip().replace(scratch + os.sep, "")
               for line in outcome.err.splitlines()]
        if got != expected or outcome.code != 1:
            wrong.append("\n".join([repr(program), "expected", *expected, "got", *got]))
    assert not wrong, f"{len(wrong)} programs differ\n" + "\n".join(wrong[:20])
