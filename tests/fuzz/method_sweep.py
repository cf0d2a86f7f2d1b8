#!/usr/bin/env python3
"""Calls every method of every built-in type, and every builtin, with the same arguments under mini and python3.

    tests/fuzz/method_sweep.py                        everything; what differs, most frequent messages first
    tests/fuzz/method_sweep.py --only list str        owners whose name begins so
    tests/fuzz/method_sweep.py --most 100             differences to print (20)

A script goes over dir() of each type and calls each method of a fresh receiver with a fixed set of
argument lists: none, one, two, three of each sort of value, and keywords. Each call makes one line: the
receiver, the method, the arguments, then the repr of the result (an iterator's items) and what became of
the receiver, or the exception's type and message. Both interpreters must write the same lines. Nothing
is drawn by chance, so the sweep is the same each time. What is known to differ stands in KNOWN, with its reason.
"""

import argparse
import collections
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests"))

import run  # noqa: E402  (it knows where python3.13 is)

SECONDS = 300

# Methods that are not compared: (owner or None for all, name, why).
LEFT_OUT = [
    (None, "__sizeof__", "sizes are each interpreter's own"),
    (None, "__reduce__", "there is no pickle"),
    (None, "__reduce_ex__", "there is no pickle"),
    (None, "__getstate__", "there is no pickle"),
    (None, "__setstate__", "there is no pickle"),
    (None, "__getnewargs__", "there is no pickle"),
    (None, "__getnewargs_ex__", "there is no pickle"),
    (None, "__hash__", "hashes of strings are drawn at start"),
    (None, "__dir__", "lists what is left out here, too"),
    (None, "__doc__", "documentation is in our own words"),
    (None, "__class__", "a call of the class; swept as a constructor"),
    (None, "__subclasshook__", "there is one, of object, which messages name"),
    (None, "__class_getitem__", "there is one for all classes, which instances do not see"),
    (None, "__buffer__", "there is no buffer protocol for scripts"),
    (None, "__release_buffer__", "there is no buffer protocol for scripts"),
    (None, "__alloc__", "memory is each interpreter's own"),
    ("builtins", "__build_class__", "a helper of CPython's compiler"),
    ("builtins", "breakpoint", "starts a debugger"),
    ("builtins", "copyright", "documentation is in our own words"),
    ("builtins", "credits", "documentation is in our own words"),
    ("builtins", "license", "documentation is in our own words"),
    ("builtins", "exit", "ends the run"),
    ("builtins", "quit", "ends the run"),
    ("builtins", "help", "documentation is in our own words"),
    ("builtins", "input", "reads a terminal"),
    ("builtins", "open", "works on files"),
    ("builtins", "id", "addresses"),
    ("builtins", "hash", "hashes of strings are drawn at start"),
    ("builtins", "globals", "of the sweep itself"),
    ("builtins", "locals", "of the sweep itself"),
    ("builtins", "vars", "of the sweep itself"),
    ("builtins", "dir", "of the sweep itself"),
]

# Differences that are known: (pattern of the line of python3, pattern of mini's, why).
KNOWN = [
    ("__i?r?mul__ .* cannot be interpreted as an integer", "can't multiply sequence by non-int",
     "the method and the operator are one function, which says what the operator says"),
]

SCRIPT = r'''
import sys, collections, itertools, functools, types
try:
    import array
except ImportError:
    array = None
sys.set_int_max_str_digits(1000)

class Index:
    def __index__(self): return 2
    def __repr__(self): return "Index()"

class Plain:
    def __repr__(self): return "Plain()"

class Sub(list):
    pass

def gen():
    received = yield 1
    yield received
    yield 3

def two(*args): return len(args)

Point = collections.namedtuple("Point", "x y", defaults=[5])

RECEIVERS = {
    "int": ["5", "-2**70"],
    "bool": ["True"],
    "float": ["2.5", "float('inf')", "-3.0"],
    "complex": ["(1+2j)"],
    "str": ["'abc'", "''", "'a,b c'", "'Aß1'"],
    "bytes": ["b'abc'", "b''", "b'a,b c'"],
    "bytearray": ["bytearray(b'abc')", "bytearray()"],
    "memoryview": ["memoryview(b'abc')", "memoryview(bytearray(b'xy'))"],
    "list": ["[3, 1, 2]", "[]", "['a', 'b']"],
    "tuple": ["(3, 1, 2)", "()"],
    "range": ["range(5)", "range(10, 0, -3)"],
    "slice": ["slice(1, 5, 2)", "slice(None)"],
    "dict": ["{'a': 1, 2: 'b'}", "{}"],
    "dict_keys": ["{'a': 1, 2: 'b'}.keys()"],
    "dict_values": ["{'a': 1, 2: 'b'}.values()"],
    "dict_items": ["{'a': 1, 2: 'b'}.items()"],
    "set": ["{1, 2, 3}", "set()"],
    "frozenset": ["frozenset({1, 2})", "frozenset()"],
    "mappingproxy": ["types.MappingProxyType({'a': 1})"],
    "deque": ["collections.deque([3, 1, 2])", "collections.deque([1, 2], 2)", "collections.deque()"],
    "OrderedDict": ["collections.OrderedDict([('a', 1), ('b', 2)])", "collections.OrderedDict()"],
    "defaultdict": ["collections.defaultdict(list, {'a': 1})"],
    "Counter": ["collections.Counter('aab')"],
    "namedtuple": ["Point(1, 2)"],
    "ChainMap": ["collections.ChainMap({'a': 1}, {'b': 2})"],
    "UserDict": ["collections.UserDict(a=1)"],
    "UserList": ["collections.UserList([3, 1, 2])"],
    "UserString": ["collections.UserString('abc')"],
    "array": ["array.array('i', [1, 2, 3])"],
    "NoneType": ["None"],
    "ellipsis": ["..."],
    "NotImplementedType": ["NotImplemented"],
    "object": ["Plain()"],
    "generator": ["gen()"],
    "function": ["gen"],
    "builtin_function": ["len", "[].append"],
    "method": ["Plain().__repr__"],
    "property": ["property()"],
    "staticmethod": ["staticmethod(two)"],
    "classmethod": ["classmethod(two)"],
    "partial": ["functools.partial(two, 1)"],
    "ValueError": ["ValueError('x', 1)"],
    "KeyError": ["KeyError('k')"],
    "OSError": ["OSError(2, 'No', 'f')"],
    "StopIteration": ["StopIteration(3)"],
    "SystemExit": ["SystemExit(3)"],
    "ImportError": ["ImportError('m', name='n')"],
    "NameError": ["NameError('m', name='n')"],
    "UnicodeDecodeError": ["UnicodeDecodeError('utf-8', b'abc', 0, 1, 'why')"],
    "SyntaxError": ["SyntaxError('m', ('f', 1, 2, 't', 1, 3))"],
    "ExceptionGroup": ["ExceptionGroup('g', [ValueError(1), KeyError(2)])"],
    "list_iterator": ["iter([3, 1, 2])"],
    "enumerate": ["enumerate('ab')"],
    "zip": ["zip('ab', [1, 2])"],
    "map": ["map(str, [1, 2])"],
    "filter": ["filter(None, [0, 1])"],
    "reversed": ["reversed([1, 2])"],
    "generic_alias": ["list[int]"],
    "union": ["int | str"],
    "SimpleNamespace": ["types.SimpleNamespace(a=1)"],
}

CLASSES = """int bool float complex str bytes bytearray memoryview list tuple range slice dict set frozenset object type
property staticmethod classmethod super enumerate zip map filter reversed BaseException Exception ValueError KeyError OSError
StopIteration SystemExit ImportError NameError AttributeError UnicodeDecodeError UnicodeEncodeError SyntaxError
BaseExceptionGroup ExceptionGroup collections.deque collections.OrderedDict collections.defaultdict
collections.Counter collections.ChainMap collections.UserDict collections.UserList collections.UserString Point
array.array functools.partial functools.reduce functools.cmp_to_key functools.lru_cache functools.wraps
collections.namedtuple types.MappingProxyType types.SimpleNamespace types.GenericAlias""".split()

VALUES = ["0", "1", "-1", "2", "3", "2**70", "2.5", "None", "True", "''", "'a'", "'b'", "'abc'", "','", "b''", "b'a'", "b','",
          "[]", "[1, 2]", "['a']", "()", "(1, 2)", "('a', 'b')", "{}", "{'a': 1}", "{1, 2}", "frozenset({2})", "range(2)",
          "slice(1, 2)", "slice(None, None, -1)", "Index()", "Plain()", "len", "str", "int", "ValueError", "...", "1j", "bytearray(b'a')",
          "iter([1, 2])", "[(1, 2)]", "[[1, 2], [3]]", "memoryview(b'a')", "collections.deque([1])", "'utf-8'"]
PAIRS = ["1, 2", "0, 1", "'a', 'b'", "'a', 1", "1, 'a'", "None, None", "b'a', b'b'", "[1], [2]", "-1, 0", "2**70, 1", "'a', None",
         "None, 1", "2.5, 1", "1, 2.5", "Plain(), Plain()", "1, -1", "str, [1, 2]", "len, 'ab'", "'a', 'utf-8'", "b'a', 'utf-8'", "slice(0, 1), [9]",
         "slice(0, 2, 2), [9, 8]", "[1, 2], 0", "'abc', {}", "b'a', 1", "Index(), 1", "(1, 2), (3, 4)", "{'a': 1}, {'b': 2}", "5, ' '"]
TRIPLES = ["1, 2, 3", "'a', 'b', 1", "'a', 'b', 'c'", "None, None, None", "0, 1, 2", "b'a', b'b', 1", "'a', 0, 1", "'a', (), {}", "1, 0, 5", "2, 3, 5",
           "'a', 'b', -1", "ValueError, ValueError(1), None"]
LONGER = ["1, 2, 3, 4", "'a', 'b', 'c', 'd', 'e'"]
KEYWORDS = ["x=1", "key=1", "key=None", "1, x=1", "'a', x=1", "default=1", "sep=','", "maxsplit=1", "reverse=True", "reverse='a'", "encoding='utf-8'",
            "1, 2, x=3", "a=1, b=2", "start=1", "iterable=[1]", "object=1", "name='n'", "strict=True", "[1], key=len"]
ARGUMENTS = [""] + VALUES + PAIRS + TRIPLES + LONGER + KEYWORDS

def clean(text):
    while " at 0x" in text:
        at = text.index(" at 0x")
        end = at + 6
        while end < len(text) and text[end] in "0123456789abcdef":
            end += 1
        text = text[:at] + " at" + text[end:]
    return text

def takes_forever(text, arguments):
    """2**70 squared seventy times."""
    return "2**70" in text + arguments and ("pow" in text or "**" in text.replace("2**70", ""))

def text_of(value):
    """Its repr, of sets in an order that both have."""
    if type(value) in (set, frozenset):
        return type(value).__name__ + " of " + ", ".join(sorted(map(repr, value)))
    return repr(value)

def show(value, depth=0):
    if hasattr(type(value), "__next__") and depth < 2:
        items = []
        try:
            for item in value:
                items.append(show(item, depth + 1))
                if len(items) > 5:
                    break
        except Exception as e:
            items.append(type(e).__name__ + ": " + str(e))
        return type(value).__name__ + " of " + ", ".join(items)
    text = text_of(value)
    return text if len(text) < 300 else text[:300]

def state(receiver):
    try:
        return text_of(receiver)[:300]
    except Exception as e:
        return type(e).__name__

def call(owner, name, receiver, arguments, call_text, scope):
    try:
        result = show(eval(call_text, globals(), scope))
    except BaseException as e:
        result = type(e).__name__ + ": " + str(e)
        if isinstance(e, KeyboardInterrupt):
            raise
    if "r" in scope and type(scope["r"]).__name__ not in QUIET:
        result += " -> " + state(scope["r"])
    print(ascii(clean(owner + " :: " + name + " :: " + receiver + " :: " + arguments + " :: " + result)))

QUIET = {"generator", "list_iterator", "enumerate", "zip", "map", "filter", "list_reverseiterator"}

def sweep_methods(owner, receivers, left_out):
    for receiver in receivers:
        for name in NAMES[owner]:
            if (None, name) in left_out or (owner, name) in left_out:
                continue
            for arguments in ARGUMENTS:
                if takes_forever(receiver + name, arguments):
                    continue
                try:
                    scope = {"r": eval(receiver)}
                except Exception as e:
                    print(owner + " :: ? :: " + receiver + " ::  :: " + type(e).__name__ + ": " + str(e))
                    break
                if callable(getattr(scope["r"], name, None)):
                    call(owner, name, receiver, arguments, "r." + name + "(" + arguments + ")", scope)
                else:
                    call(owner, name, receiver, "", "r." + name, scope)
                    break

def sweep_callable(owner, name):
    for arguments in ARGUMENTS:
        if not takes_forever(name, arguments):
            call(owner, name, "", arguments, name + "(" + arguments + ")", {})

OPERATORS = ["r + v", "r - v", "r * v", "r / v", "r // v", "r % v", "r ** v", "r @ v", "r & v", "r | v", "r ^ v", "r << v", "r >> v", "r < v", "r <= v",
             "r == v", "r != v", "v in r", "r[v]", "divmod(r, v)", "v + r", "v * r", "v % r", "v in r", "r is v", "[*r, v]", "{**r}", "r(*v)", "r(**v)"]
STATEMENTS = ["r += v", "r -= v", "r *= v", "r |= v", "r &= v", "r ^= v", "r[v] = 5", "del r[v]", "r[v] += 1", "r.x = v", "del r.x", "a, b = r",
              "a, *b = r", "a, b, c, d = r", "for a in r: pass", "for a, b in r: pass", "with r: pass", "raise r", "raise ValueError from r", "-r", "~r", "+r", "not r", "f'{r:>5}'", "f'{r:d}'",
              "f'{r:.2f}'", "'%d' % r", "'%s' % r", "'%5.1f' % r", "r.x", "r.__name__", "r()", "await_ = r.__await__", "len(r)", "r[0]", "r['a']", "r[0] = 1", "del r[0]",
              "r[0:1]", "r[0:1] = v", "r[::2] = v", "del r[0:1]", "str(r)", "bytes(r)", "int(r)", "float(r)", "list(r)", "dict(r)", "set(r)", "abs(r)", "round(r)", "iter(r)", "next(r)",
              "isinstance(1, r)", "issubclass(int, r)", "{r: 1}", "{r}", "sorted(r)", "sum(r)", "max(r)", "range(r)", "chr(r)", "ord(r)", "reversed(r)",
              "exec(r)", "import_ = __import__(r)", "getattr(r, v)", "setattr(r, v, 1)", "hasattr(r, v)", "print(*r)", "print(**r)", "print(r, sep=v)", "open(r, v)",
              "int(r, v)", "str(r, v)", "pow(r, v, 3)", "r[v:v]", "r[v:v] = r", "lambda: r\nyield_ = v", "[a for a in r]", "sum(r, v)", "min(r, v)", "enumerate(r, v)"]

def sweep_operators(owner, receivers):
    for receiver in receivers:
        for operation in OPERATORS + STATEMENTS:
            is_statement = operation in STATEMENTS
            for value in VALUES if "v" in operation else ["0"]:
                if takes_forever(operation + receiver, value):
                    continue
                try:
                    scope = {"r": eval(receiver), "v": eval(value)}
                except Exception as e:
                    print(owner + " :: op :: " + receiver + " :: " + operation + " with " + value + " :: " + str(e))
                    continue
                if operation == "open(r, v)" or "print" in operation and operation.endswith("*r)"):
                    continue
                try:
                    if is_statement:
                        exec(operation, globals(), scope)
                        result = "ok"
                    else:
                        result = show(eval(operation, globals(), scope))
                except BaseException as e:
                    result = type(e).__name__ + ": " + str(e)
                if type(scope["r"]).__name__ not in QUIET:
                    result += " -> " + state(scope["r"])
                print(ascii(clean(owner + " :: op :: " + receiver + " :: " + operation + " with " + value + " :: " + result)))

def main():
    import builtins
    left_out = set(LEFT_OUT)
    wanted = lambda name: not ONLY or any(name.startswith(o) for o in ONLY)
    for owner, receivers in RECEIVERS.items():
        if wanted(owner):
            sweep_methods(owner, receivers, left_out)
            if OPERATE:
                sweep_operators(owner, receivers)
    if wanted("classes"):
        for name in CLASSES:
            sweep_callable("classes", name)
    if wanted("builtins"):
        for name in NAMES["builtins"]:
            if ("builtins", name) not in left_out and not isinstance(getattr(builtins, name, None), type):
                sweep_callable("builtins", name)
    for module in MODULES:
        if wanted(module):
            globals()[module] = __import__(module)
            for name in NAMES[module]:
                if (module, name) not in left_out:
                    sweep_callable(module, module + "." + name)

main()
'''


MODULES = "math itertools functools operator heapq bisect copy collections string textwrap statistics".split()

# Run by python3: the names that each owner has there, which mini is asked for.
LIST_NAMES = r"""
import builtins, importlib, types
print(repr({
    **{owner: dir(eval(receivers[0])) for owner, receivers in RECEIVERS.items()},
    "builtins": [n for n in dir(builtins) if callable(getattr(builtins, n)) and not n.startswith("_") or n == "__import__"],
    **{m: [n for n in importlib.import_module(m).__all__ if callable(getattr(importlib.import_module(m), n))]
       if hasattr(importlib.import_module(m), "__all__") else
       [n for n in dir(importlib.import_module(m)) if not n.startswith("_") and callable(getattr(importlib.import_module(m), n))]
       for m in MODULES}}))
"""


def execute(program, text):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "sweep.py")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        done = subprocess.run([program, path], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS,
                              env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"})
    if done.returncode:
        sys.exit(f"{program} ended with {done.returncode}: {done.stderr.decode('utf-8', 'replace')[-2000:]}")
    return done.stdout.decode().split("\n")[:-1]


def text_for(names, only, operate):
    head = "\n".join(f"{name} = {value!r}" for name, value in [
        ("NAMES", names), ("MODULES", MODULES), ("LEFT_OUT", [(owner, name) for owner, name, _ in LEFT_OUT]),
        ("ONLY", only), ("OPERATE", operate)])
    return head + "\n" + SCRIPT


def by_call(lines):
    """{call: line}, where a call that is made twice has a number."""
    seen, found = collections.Counter(), {}
    for line in lines:
        call = " :: ".join(line.split(" :: ")[:4])
        seen[call] += 1
        found[call, seen[call]] = line
    return found


def is_known(left, right):
    return any(re.search(a, left) and re.search(b, right) for a, b, _ in KNOWN)


def kind_of(left, right):
    """What the difference is, without the particulars: to count those that have one cause."""
    _, name, _, _, rest = (left.split(" :: ", 4) + [""] * 5)[:5]
    return name + ": " + re.sub(r"'[^']*'|\d+", "_", rest.split(" -> ")[0])[:70] if rest else left


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--mini", default=os.path.join(ROOT, "build", "mini"))
    parser.add_argument("--python", default=None, help="default: the newest there is; older than 3.13 is refused")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--no-operators", action="store_true")
    parser.add_argument("--plain", action="store_true", help="only methods without underscores in front; no operators")
    parser.add_argument("--most", type=int, default=20)
    options = parser.parse_args()
    python = run.Python(options.python)
    if python.version is None or python.version < (3, 13):
        print("there is no python3.13 to compare with\n0 passed, 0 failed")
        return 0
    names = eval("".join(execute(python.program, text_for({}, options.only, False).replace("\nmain()\n", LIST_NAMES))))
    if options.plain:
        names = {owner: [n for n in of_owner if not n.startswith("_")] for owner, of_owner in names.items()}
    text = text_for(names, options.only, not (options.no_operators or options.plain))
    expected, got = by_call(execute(python.program, text)), by_call(execute(options.mini, text))
    different = [(a, got.get(call, "(nothing)")) for call, a in expected.items()
                 if a != got.get(call) and not is_known(a, got.get(call, ""))]
    kinds = collections.defaultdict(list)
    for a, b in different:
        kinds[kind_of(a, b)].append((a, b))
    for kind, pairs in sorted(kinds.items(), key=lambda item: -len(item[1]))[:options.most]:
        print(f"{len(pairs)} x {kind}\n  python3: {pairs[0][0]}\n  mini:    {pairs[0][1]}")
    print(f"{len(expected) - len(different)} passed, {len(different)} failed")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
