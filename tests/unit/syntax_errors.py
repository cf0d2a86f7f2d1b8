#!/usr/bin/env python3
"""Runs CPython 3.13 on each program of a table of wrong programs and writes what it says below it.

    tests/unit/syntax_errors.py PYTHON [TABLE]      where PYTHON is a CPython 3.13

The tables are syntax_errors.txt, for what the parser finds (test_parser.c), and
../cli/compile_errors.txt, for what the compiler finds (../cli/compile_errors.py). To add a
program, add a line "> program" and run this. A program is one line, with \\n, \\t and \\\\
for what cannot stand in one; mini has to print the same.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

TABLES = [pathlib.Path(__file__).with_suffix(".txt"),
          pathlib.Path(__file__).parent.parent / "cli" / "compile_errors.txt"]


def unescape(text):
    return (text.replace("\\\\", "\0").replace("\\n", "\n").replace("\\t", "\t")
            .replace("\0", "\\"))


def error_of(python, program, folder):
    (folder / "x.mini").write_text(program, encoding="utf-8")
    run = subprocess.run([python, "-W", "ignore", "x.mini"], cwd=folder, stdin=subprocess.DEVNULL,
                         capture_output=True, text=True, encoding="utf-8", timeout=60)
    if "Traceback" in run.stderr or run.returncode == 0:
        raise SystemExit(f"no syntax error: {program!r}")
    return run.stderr.replace(os.path.join(folder.resolve(), "x.mini"), "x.mini")


def update(python, table):
    lines = table.read_text(encoding="utf-8").splitlines()
    out = [line for line in lines if line[:1] == "#"]
    programs = [line[2:] for line in lines if line[:2] == "> "]
    with tempfile.TemporaryDirectory() as folder:
        for program in programs:
            error = error_of(python, unescape(program), pathlib.Path(folder))
            out.append("> " + program)
            out.extend(("| " + line).rstrip() for line in error.splitlines())
    table.write_text("\n".join(out) + "\n", encoding="utf-8")


def main():
    for table in [pathlib.Path(name) for name in sys.argv[2:]] or TABLES:
        update(sys.argv[1], table)


if __name__ == "__main__":
    main()
