#!/usr/bin/env python3
"""Checks what the compiler does not: the direction of includes, and some habits of the tree.

    tests/lint/layers.py        prints each offence and "N passed, N failed" (files)

Dependencies point down only: runtime/base < grammar; runtime/base < runtime/*.h < runtime/gc
< runtime/objects < runtime/builtins, runtime/modules; all of them < interp. The doors
runtime/call.h and runtime/block.h are declared below and implemented above.
"""

import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

RANKS = [("runtime/base/", 0), ("grammar/", 1), ("runtime/gc/", 3), ("runtime/objects/", 4),
         ("runtime/builtins/", 5), ("runtime/modules/", 5), ("runtime/", 2), ("interp/", 6),
         ("tests/", 7)]
# Upward includes that were decided, with the reason.
DECIDED = {
    ("runtime/context.h", "runtime/gc/heap.h"): "a thread's own blocks are part of its context",
    ("runtime/gc/heap.c", "runtime/objects/exception.h"): "a full heap is a MemoryError",
    ("runtime/gc/mark.c", "runtime/objects/shape.h"): "a shape is marked through its objects",
}
SOURCES = (".c", ".h", ".re", ".y", ".inc", ".def")


def rank(path):
    return next(r for prefix, r in RANKS if path.startswith(prefix))


def may_include(path, target):
    if (path, target) in DECIDED:
        return True
    if path.startswith("grammar/"):
        return target.startswith(("grammar/", "runtime/base/"))
    if target.startswith("grammar/"):
        return path.startswith(("interp/", "tests/"))
    if path.startswith("runtime/") and path.count("/") == 1 and path.endswith(".c"):
        return rank(target) < 6     # what stands at the top of runtime/ ties its parts together
    return rank(target) <= rank(path)


def offences(path, text):
    for number, line in enumerate(text.split("\n"), 1):
        include = re.match(r'\s*#\s*include "([^"]+)"', line)
        if include:
            target = include.group(1)
            if "/" not in target:
                yield number, f'include "{target}" is not written from the root'
            elif target.startswith(tuple(p for p, _ in RANKS)) and not may_include(path, target):
                yield number, f'"{target}" lies above'
        if "\t" in line:
            yield number, "a tab"
        if line != line.rstrip():
            yield number, "blanks at the end of the line"
        if re.search(r"\b(FIXME|XXX|HACK)\b", line):
            yield number, "a mark of unfinished work"
    if not text.endswith("\n"):
        yield text.count("\n") + 1, "no newline at the end"


def sources():
    for top in ("runtime", "grammar", "interp", "tests"):
        for folder, subfolders, names in os.walk(os.path.join(ROOT, top)):
            subfolders.sort()
            for name in sorted(names):
                if name.endswith(SOURCES):
                    yield os.path.relpath(os.path.join(folder, name), ROOT)


def main():
    passed = failed = 0
    for path in sources():
        full = os.path.join(ROOT, path)
        with open(full, encoding="utf-8") as f:
            found = list(offences(path, f.read()))
        for number, what in found:
            print(f"{path}:{number}: {what}")
        passed, failed = passed + (not found), failed + bool(found)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
