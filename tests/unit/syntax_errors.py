#!/usr/bin/env python3
"""Runs CPython 3.13 on each program of syntax_errors.txt and writes what it says below it.

    tests/unit/syntax_errors.py PYTHON      where PYTHON is a CPython 3.13

To add a program, add a line "> program" and run this. A program is one line, with \\n, \\t and \\\\
for what cannot stand in one; test_parser.c wants mini to print the same.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

TABLE = pathlib.Path(__file__).with_suffix(".txt")


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


def main():
    head = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line[:1] == "#"]
    programs = [line[2:] for line in TABLE.read_text(encoding="utf-8").splitlines()
                if line[:2] == "> "]
    out = head[:]
    with tempfile.TemporaryDirectory() as folder:
        for program in programs:
            error = error_of(sys.argv[1], unescape(program), pathlib.Path(folder))
            out.append("> " + program)
            out.extend(("| " + line).rstrip() for line in error.splitlines())
    TABLE.write_text("\n".join(out) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
