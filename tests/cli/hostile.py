"""Sources and programs that are out to break the interpreter."""

from _help import expect, mini_only, run_script


def case_nul_bytes(mini, scratch):
    expect(run_script(mini, scratch, b"print(1)\nx = '\0'\n"), code=1, err_has=["null bytes"])


def case_not_utf8(mini, scratch):
    expect(run_script(mini, scratch, b"print(1)\nx = '\xff'\n"), code=1, out="",
           err_has=["SyntaxError", "line 2"])


def case_empty_and_comment_only(mini, scratch):
    for text in ("", "\n", "# nothing", "\n\n   \n", "\\\n", "pass"):
        expect(run_script(mini, scratch, text), code=(0, 1) if text == "\\\n" else 0, err_has=[""])


def _ends_in_exception(mini, scratch, text, code=1):
    """Whatever it is called: an exception with a traceback, not a signal."""
    outcome = run_script(mini, scratch, text, seconds=60)
    expect(outcome, code=code, err_has=["Error"] if code == 1 else [""])


def case_nested_brackets(mini, scratch):
    for opening, closing in ("()", "[]", "{}"):
        _ends_in_exception(mini, scratch, "x = " + opening * 100000 + closing * 100000 + "\n")
        _ends_in_exception(mini, scratch, "x = " + opening * 100000)


def case_nested_calls_subscripts_attributes(mini, scratch):
    _ends_in_exception(mini, scratch, "x = " + "f(" * 100000 + ")" * 100000)
    _ends_in_exception(mini, scratch, "x = " + "a[" * 100000 + "]" * 100000)


@mini_only
def case_long_chains(mini, scratch):
    for text in ("x = " + "-" * 100000 + "1\n", "x = " + "not " * 100000 + "1\n",
                 "x = 1" + " + 1" * 100000 + "\n", "x = 2" + " ** 1" * 100000 + "\n",
                 "x = 1" + " if 1 else 2" * 20000 + "\n", "x = " + "lambda: " * 50000 + "1\n",
                 "x = 1\nx" + ".real" * 100000 + "\n", "x = [" + "1, " * 200000 + "]\n",
                 "x = 1" + " and 1" * 100000 + "\n", "x = 1" + " < 1" * 50000 + "\n",
                 "x = " + "'a' " * 50000 + "\n", "x = " + "y = " * 20000 + "1\n",
                 "x = f'" + "{1}" * 50000 + "'\n", "x = " + "await " * 1000 + "1\n"):
        outcome = run_script(mini, scratch, text, seconds=60)
        expect(outcome, code=(0, 1), err_has=[""])


@mini_only
def case_nested_blocks(mini, scratch):
    for head in ("if 1:", "while 1:", "for i in [1]:", "try:", "with x:", "def f():", "class C:"):
        for depth in (50, 5000):
            lines = [" " * i + head for i in range(depth)] + [" " * depth + "pass"]
            source = "if 0:\n" + "".join(" " + s + "\n" for s in lines)
            expect(run_script(mini, scratch, source, seconds=60), code=(0, 1), err_has=[""])
    elifs = "if 0:\n pass\n" + "elif 0:\n pass\n" * 20000
    expect(run_script(mini, scratch, elifs, seconds=60), code=(0, 1), err_has=[""])


@mini_only
def case_many_of_everything(mini, scratch):
    names = "\n".join(f"name{i} = {i}" for i in range(70000)) + "\nprint(name69999)\n"
    expect(run_script(mini, scratch, names, seconds=60), out="69999\n")
    constants = "x = [" + ", ".join(f"{i}.5" for i in range(70000)) + "]\nprint(len(x), x[-1])\n"
    expect(run_script(mini, scratch, constants, seconds=60), out="70000 69999.5\n")
    functions = "\n".join(f"def f{i}(): return {i}" for i in range(10000)) + "\nprint(f9999())\n"
    expect(run_script(mini, scratch, functions, seconds=60), out="9999\n")


@mini_only
def case_large_functions(mini, scratch):
    variables = "def f():\n" + "".join(f"    v{i} = {i}\n" for i in range(2000)) + \
        "    return v0 + v1999\nprint(f())\n"
    outcome = run_script(mini, scratch, variables, seconds=60)
    expect(outcome, code=(0, 1), err_has=[""])
    assert outcome.code == 1 or outcome.out == "1999\n", outcome.out
    loop = "def f():\n    n = 0\n    for i in range(2):\n" + "        n += 1\n" * 50000 + \
        "    return n\nprint(f())\n"
    outcome = run_script(mini, scratch, loop, seconds=60)
    expect(outcome, code=(0, 1), err_has=[""])
    assert outcome.code == 1 or outcome.out == "100000\n", outcome.out
    call = "def f(*a, **k):\n    return len(a), len(k)\nprint(f(" + "1, " * 3000 + \
        ", ".join(f"k{i}=1" for i in range(3000)) + "))\n"
    outcome = run_script(mini, scratch, call, seconds=60)
    expect(outcome, code=(0, 1), err_has=[""])
    assert outcome.code == 1 or outcome.out == "(3000, 3000)\n", outcome.out


def case_recursion_of_100000(mini, scratch):
    text = """
import sys
sys.setrecursionlimit(110000)
def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)
print(depth(100000))
"""
    expect(run_script(mini, scratch, text), out="100000\n")


@mini_only
def case_endless_recursion_with_a_large_limit(mini, scratch):
    text = """
import sys
sys.setrecursionlimit(10 ** 6)
def f(n):
    return f(n + 1) + 1
try:
    f(0)
except (RecursionError, MemoryError) as e:
    print("caught")
"""
    expect(run_script(mini, scratch, text, flags=["--max-memory", "512M"], seconds=60), out="caught\n")


RECURSIONS = {
    "repr": "class C:\n    def __repr__(self):\n        return repr(self)\nrepr(C())\n",
    "str_format": "class C:\n    def __str__(self):\n        return f'{self}'\nstr(C())\n",
    "eq": "class C:\n    def __eq__(self, o):\n        return self == o\nC() == C()\n",
    "add": "class C:\n    def __add__(self, o):\n        return self + o\nC() + 1\n",
    "getattr": "class C:\n    def __getattr__(self, n):\n        return getattr(self, n + 'x')\nC().a\n",
    "property": "class C:\n    @property\n    def p(self):\n        return self.p\nC().p\n",
    "hash_in_dict": "class C:\n    def __hash__(self):\n        return hash((self,))\n{C(): 1}\n",
    "call": "class C:\n    def __call__(self):\n        return self()\nC()()\n",
    "iter": "class C:\n    def __iter__(self):\n        return iter(list(self))\nlist(C())\n",
    "sort_key": "def f(x):\n    return sorted([1, 2], key=f)\nf(1)\n",
    "map": "def f(x):\n    return list(map(f, [1]))\nf(1)\n",
    "generator": "def g():\n    yield from g()\nlist(g())\n",
    "init": "class C:\n    def __init__(self):\n        C()\nC()\n",
    "new_class": "def f():\n    class C:\n        f()\nf()\n",
    "with": "class C:\n    def __enter__(self):\n        with self:\n            pass\n"
            "    def __exit__(self, *a):\n        pass\nwith C():\n    pass\n",
    "len_bool": "class C:\n    def __bool__(self):\n        return bool(self)\nbool(C())\n",
    "contains": "class C:\n    def __contains__(self, x):\n        return x in self\n1 in C()\n",
    "comprehension": "def f():\n    return [f() for _ in [1]]\nf()\n",
    "import_hook_print": "import sys\nclass W:\n    def write(self, s):\n        print(s)\n"
                         "    def flush(self):\n        pass\nold = sys.stdout\nsys.stdout = W()\n"
                         "try:\n    print('x')\nfinally:\n    sys.stdout = old\n",
}


def _make(text):
    def case(mini, scratch):
        caught = "try:\n" + "".join("    " + s + "\n" for s in text.splitlines()) + \
            "except RecursionError as e:\n    print('RecursionError')\nprint('goes on')\n"
        expect(run_script(mini, scratch, caught, seconds=30), out="RecursionError\ngoes on\n")
    return case


for _name, _text in RECURSIONS.items():
    globals()["case_endless_recursion_through_" + _name] = _make(_text)


DEEP = """
x = None
for i in range(100000):
    x = {make}
try:
    {use}
    print("fine")
except RecursionError:
    print("RecursionError")
del x
print("goes on")
"""


@mini_only
def case_deep_structures(mini, scratch):
    for make in ("[x]", "(x,)", "{'k': x}"):
        for use in ("repr(x)", "x == eval_copy(x)", "str(x)", "hash(x) if type(x) is tuple else 0"):
            text = "def eval_copy(v):\n    y = None\n    for i in range(100000):\n        y = " + \
                make.replace("x", "y") + "\n    return y\n" + DEEP.format(make=make, use=use)
            outcome = run_script(mini, scratch, text, seconds=60)
            expect(outcome, out_has=["goes on\n"])


def case_self_containing_structures(mini, scratch):
    text = """
a = []
a.append(a)
d = {}
d["d"] = d
t = (a,)
print(a, d, t, len(repr(a)))
try:
    print(a == [a])
    b = []
    b.append(b)
    print(a == b)
except RecursionError:
    print("RecursionError")
"""
    outcome = run_script(mini, scratch, text)
    expect(outcome, out_has=["[[...]] {'d': {...}} ([[...]],) 7\n"])


@mini_only
def case_huge_numbers_and_repetitions(mini, scratch):
    for expression in ("'x' * 10 ** 18", "[0] * 10 ** 18", "1 << 10 ** 18", "10 ** 10 ** 10",
                       "bytes(10 ** 18)", "'%1000000000000d' % 1", "f'{1:1000000000000}'",
                       "'x'.ljust(10 ** 18)", "range(10 ** 18)[::1] and list(range(10 ** 18))",
                       "(1,) * 10 ** 18", "'a' * (2 ** 63 - 1)", "[1] * 2 ** 64", "'x'.zfill(10 ** 15)"):
        text = f"try:\n    x = {expression}\nexcept (MemoryError, OverflowError, ValueError) as e:\n" \
               "    print('caught')\n"
        expect(run_script(mini, scratch, text, flags=["--max-memory", "200M"], seconds=60), out="caught\n")


def case_modifying_during_callbacks(mini, scratch):
    text = """
class Evil:
    def __init__(self, f):
        self.f = f
    def __eq__(self, other):
        self.f()
        return False
    def __hash__(self):
        return 1
    def __lt__(self, other):
        self.f()
        return True
    def __repr__(self):
        self.f()
        return "E"
    def __index__(self):
        self.f()
        return 0
a = [1, 2, 3]
e = Evil(a.clear)
a.append(e)
print(5 in a, a)
a[:] = [e, e, e]
print(repr(a), a)
a[:] = [1, 2, 3]
print([x for x in a if a.clear() is None])
a[:] = [1, 2, 3]
try:
    print(a[e])
except IndexError as x:
    print(x)
a[:] = [3, e, 1, e]
try:
    a.sort()
    print("sorted")
except (ValueError, TypeError) as x:
    print(type(x).__name__)
d = {}
k = Evil(d.clear)
for i in range(10):
    d[Evil(lambda: None)] = i
try:
    d[k] = 1
    print(len(d) >= 0)
except RuntimeError as x:
    print("RuntimeError")
s = {Evil(lambda: None)}
try:
    s.add(Evil(s.clear))
    print(len(s) >= 0)
except RuntimeError:
    print("RuntimeError")
a = [1, 2, 3]
a[:] = (a.clear() or x for x in [7, 8])
print(a)
print(max([1, 2, 3], key=lambda x: a.clear() or x), a)
"""
    expect(run_script(mini, scratch, text), out_has=["[7, 8]\n3 []\n"])


def case_exceptions_in_odd_places(mini, scratch):
    text = """
class Bad(Exception):
    def __str__(self):
        raise ValueError("no text")
    __repr__ = __str__
raise Bad()
"""
    expect(run_script(mini, scratch, text), code=1, err_has=["Bad", "<exception str() failed>"])
    text = "import sys\nsys.stderr = None\n1 / 0\n"
    expect(run_script(mini, scratch, text), code=1, err_has=[""])
    text = "import sys\nsys.stdout = None\nprint('nothing')\n"
    expect(run_script(mini, scratch, text), out="")
