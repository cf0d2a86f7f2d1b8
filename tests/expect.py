#!/usr/bin/env python3
"""Writes the `# expect:` comments of conformance scripts from what python3 does with them.

    tests/expect.py tests/conformance/list/pop.mini ...
    tests/expect.py --check-version python3.11 tests/conformance

The script is run by the oracle (python3.13 unless --python names another); each line of
output is attributed to the top-level statement that was running, and written behind it or,
where a statement printed several lines, below it. A statement at top level that is compound
gets its comments inside where that is the order of printing. An uncaught exception becomes
`# expect error:` on the line that raised; a script that has an `# expect stderr:` line gets
all of stderr at its end instead. Comments of an earlier run are replaced, so the
result should be read as a diff: the oracle says what is, not what the author meant.

--check-version runs the scripts under an older python3 and adds `# python: 3.13` to those
that print something else there (messages changed from version to version).
"""

import argparse
import ast
import json
import os
import re
import subprocess
import sys
import tempfile
import warnings

import run

warnings.simplefilter("ignore")

WIDTH = 90

# Runs a script in __main__ as python3 would, and notes which lines were being executed by the
# module itself at each write to stdout.
RECORDER = r'''
import atexit, json, os, sys, threading, types
path, events_path = sys.argv[1], sys.argv[2]
sys.argv[1:] = sys.argv[3:]
sys.argv[0] = path
sys.path[0] = os.path.dirname(path)
events = []
pid = os.getpid()
main = threading.main_thread().ident
class Recorder:
    encoding = "utf-8"
    def __init__(self, under):
        self.under = under
    def write(self, text):
        frame, line = sys._current_frames().get(main), 0
        while frame is not None:
            if frame.f_code.co_filename == path and frame.f_code.co_name == "<module>":
                line = frame.f_lineno
            frame = frame.f_back
        events.append((line, text))
        return self.under.write(text)
    def __getattr__(self, name):
        return getattr(self.under, name)
def save():
    if os.getpid() == pid:
        with open(events_path, "w") as f:
            json.dump(events, f)
sys.stdout = Recorder(sys.stdout)
atexit.register(save)
script = types.ModuleType("__main__")
script.__file__ = path
script.__builtins__ = __builtins__
sys.modules["__main__"] = script
with open(path, "rb") as f:
    code = compile(f.read(), path, "exec")
exec(code, script.__dict__)
'''


def strip(text):
    """The script without expectations of an earlier run."""
    lines = []
    for line in text.split("\n"):
        if re.match(r"^\s*# expect( error| stderr)?:( |$)", line):
            continue
        lines.append(re.sub(r"\s+# expect( error)?:( .*)?$", "", line))
    return "\n".join(lines)


def record(script, python):
    """(events or None, Outcome, path) of the script under the oracle."""
    outcome, path = run.run_script(script, python)
    with tempfile.TemporaryDirectory(prefix="mini-expect-") as scratch:
        target = run.mirror(script, os.path.join(scratch, "mirror"))
        recorder, events = (os.path.join(scratch, n) for n in ("recorder.py", "events"))
        with open(recorder, "w") as f:
            f.write(RECORDER)
        _, words = run.arguments(script, python)
        python.run([recorder, target, events] + words, script.stdin, scratch)
        try:
            with open(events) as f:
                found = json.load(f)
        except (OSError, ValueError):
            found = None
        if found is not None and "".join(t for _, t in found).replace(target, path) != outcome.out:
            found = None
    return found, outcome, path


def output_lines(events):
    """[(line number of the script, text of one output line)]"""
    result, buffer, first = [], "", 0
    for number, text in events:
        for piece in re.split(r"(\n)", text):
            if piece == "\n":
                result.append((first or number, buffer))
                buffer, first = "", 0
            elif piece:
                buffer += piece
                first = first or number
    if buffer:
        result.append((first, buffer))
    return result


def end_of_simple(tree, number):
    """Last line of the innermost simple statement around a line."""
    best = number
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and node.lineno <= number <= node.end_lineno:
            if not hasattr(node, "body") or isinstance(node, ast.Expr):
                best = node.end_lineno
    return best


def place(tree, outputs):
    """{line number: [texts]}: behind or below which line of the script each output stands."""
    places = {}
    for statement in tree.body:
        first = min(n.lineno for n in [statement] + getattr(statement, "decorator_list", []))
        mine = [o for o in outputs if first <= o[0] <= statement.end_lineno]
        numbers = [end_of_simple(tree, o[0]) for o in mine]
        if hasattr(statement, "body") and numbers == sorted(set(numbers)):
            places.update((n, [text]) for n, (_, text) in zip(numbers, mine))
        elif mine:
            places.setdefault(statement.end_lineno, []).extend(text for _, text in mine)
    return places


def comment_of(text):
    return "# expect: " + text if text else "# expect:"


def beside(line, comment):
    """The line with the comment behind it."""
    width = 26 if len(line) <= 24 else (len(line) + 5) // 4 * 4
    return line.ljust(width) + comment


def annotate(text, script, events, outcome, path):
    """The text with expectations in their places; at its end where no place is known."""
    lines = text.rstrip("\n").split("\n")
    error = error_of(outcome, path, script)
    whole = outcome.out.replace(path, "$FILE").split("\n")
    whole = whole[:-1] if whole[-1] == "" else whole
    try:
        places = place(ast.parse(text), output_lines(events or []))
    except SyntaxError:
        places = {}
    if [t for n in sorted(places) for t in places[n]] != whole:
        places = {len(lines): whole}
    result = []
    for number, line in enumerate(lines, 1):
        texts = places.get(number, [])
        if len(texts) == 1 and len(beside(line, comment_of(texts[0]))) <= WIDTH:
            line, texts = beside(line, comment_of(texts[0])), []
        if error and error[0] == number:
            line = beside(line, "# expect error: " + error[1])
        indent = re.match(r"\s*", line).group()
        result += [line] + [indent + comment_of(t) for t in texts]
    if script.stderr is not None:
        result += [("# expect stderr: " + t).rstrip() for t in run.stderr_lines(outcome.err, path)]
    return "\n".join(result) + "\n"


def error_of(outcome, path, script):
    """(line, "Type: message") of an uncaught exception, or None."""
    if outcome.code == 0 or script.stderr is not None or "expect exit" in script.headers:
        return None
    lines = run.stderr_lines(outcome.err, path)
    places = [int(m.group(2)) for m in map(run.PLACE.match, lines) if m and m.group(1) == "$FILE"]
    if not lines or not places:
        sys.exit(f"{script.name}: exit status {outcome.code} without a traceback:\n{outcome.err}")
    return places[-1], lines[-1]


def fill(path, python):
    script = run.Script(os.path.abspath(path))
    if "mini only" in script.headers or re.search(r"^\s*(import|from) gil\b", script.text, re.M):
        return "left alone (mini only)"
    text = strip(script.text)
    write(path, text)
    script.text = text
    events, outcome, where = record(script, python)
    if outcome.late:
        return "no end"
    write(path, annotate(text, script, events, outcome, where))
    script = run.Script(os.path.abspath(path))
    problems = run.check_script(script, python)
    return "\n    ".join(problems) if problems else None


def write(path, text):
    with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="\n") as f:
        f.write(text)


def mark_version(path, old, version):
    script = run.Script(os.path.abspath(path))
    if script.why_skipped("python3", old) or not run.check_script(script, old.interpreter):
        return None
    lines = script.text.split("\n")
    lines.insert(0, "# python: " + version)
    text = "\n".join(lines)
    write(path, text)
    return "marked # python: " + version


def scripts_in(paths):
    for path in paths:
        if not os.path.isdir(path):
            yield path
            continue
        for folder, subfolders, names in os.walk(path):
            subfolders[:] = sorted(d for d in subfolders if not d.startswith("_")
                                   and not os.path.exists(os.path.join(folder, d, "__init__.mini")))
            yield from (os.path.join(folder, n) for n in sorted(names) if run.is_script(folder, n))


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", metavar="FILE")
    parser.add_argument("--python", help="the oracle")
    parser.add_argument("--check-version", metavar="PYTHON", help="mark what differs in this one")
    args = parser.parse_args(argv)
    python = run.Python(args.check_version or args.python)
    if not python.program:
        sys.exit("tests/expect.py: no such python3")
    python.interpreter = run.Interpreter("python3", python.program)
    for path in scripts_in(args.paths):
        if args.check_version:
            said = mark_version(path, python, "3.13")
        else:
            said = fill(path, python.interpreter)
        if said:
            print(f"{path}: {said}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
