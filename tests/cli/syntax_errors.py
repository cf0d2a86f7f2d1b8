"""A syntax error shows file, line, source line and a caret at the right place."""

from _help import expect, run_script

# source, line, the line as shown, column of the first caret (from 0)
PLACES = [
    ("x = 1\nif x\n    pass\n", 2, "if x", 4),
    ("print(1 2)\n", 1, "print(1 2)", 6),
    ("x = (1, 2]\n", 1, "x = (1, 2]", 9),
    ("x = [1, 2\n", 1, "x = [1, 2", 4),
    ("a = 1\n   b = 2\n", 2, "b = 2", 0),
    ("y = 'abc\n", 1, "y = 'abc", 4),
    ("f() = 1\n", 1, "f() = 1", 0),
    ("def f():\n    x = = 1\n", 2, "x = = 1", 4),
    ("x = 1a\n", 1, "x = 1a", 4),
    ("while True print(1)\n", 1, "while True print(1)", 11),
    ("return 5\n", 1, "return 5", 0),
    ("é = $\n", 1, "é = $", 4),
    ("print 'x'\n", 1, "print 'x'", 0),
    ("x = {1: 2, 3}\n", 1, "x = {1: 2, 3}", 11),
    ("for x in:\n    pass\n", 1, "for x in:", 8),
    ("break\n", 1, "break", 0),
]


def _make(source, line, shown, column):
    def case(mini, scratch):
        outcome = run_script(mini, scratch, source)
        expect(outcome, code=1, out="", err_has=["Error: "])
        lines = outcome.err.rstrip("\n").split("\n")
        where = [i for i, s in enumerate(lines) if s.startswith('  File "') and s.endswith(f", line {line}")]
        assert where, f"no 'File ..., line {line}' in\n{outcome.err}"
        i = where[-1]
        assert lines[i + 1] == "    " + shown, f"shown: {lines[i + 1]!r}\n{outcome.err}"
        if lines[-1].startswith("IndentationError: unexpected indent"):
            return      # CPython shows no caret here
        caret = lines[i + 2].find("^")
        assert caret == 4 + column, f"caret at {caret - 4}, expected {column}\n{outcome.err}"
    return case


for _place in PLACES:
    _name = "".join(c if c.isalnum() else "_" for c in _place[2]).strip("_")
    globals()[f"case_caret_in__{_name}"] = _make(*_place)
