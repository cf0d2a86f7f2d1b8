#!/usr/bin/env python3
"""Runs random programs under mini and under python3 and compares what they print.

    tests/fuzz/random_programs.py                       2,000 programs from a new seed
    tests/fuzz/random_programs.py --count 20000 --seed 7
    tests/fuzz/random_programs.py --seed 7 --show 123   prints program 123 of that seed

A program is a function of a few statements over one topic: arithmetic, strings, containers,
formatting, classes, generators, exceptions. Its results are printed by repr, an exception by
type and message. Operands are mostly of the right type and sometimes not, so that messages
are compared as well. Programs run in batches, a process each, since a start costs more than a
program. What differs is printed with both outputs and is a failure; differences that are
known stand in tests/conformance/gaps/ and are avoided here, with the reason beside it.
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

import run  # noqa: E402  (it knows where python3.13 is)

BATCH = 50

MATH_OF_ONE = "sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh exp exp2 expm1 log log2 log10 log1p sqrt cbrt fabs " \
    "gamma lgamma erf erfc degrees radians ulp modf frexp isfinite isnan isinf".split()
MATH_OF_TWO = "atan2 copysign fmod hypot pow remainder nextafter log isclose".split()
CMATH = "sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh exp log log10 sqrt polar isfinite isnan isinf".split()
SECONDS = 60

PRELUDE = '''\
import cmath
import math
from fractions import Fraction


def show(*values):
    for v in values:
        print(type(v).__name__, repr(v))


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


class Maker:
    """Makes one program. Names of locals are v0, v1, ...; `types` says what each holds."""

    def __init__(self, rng):
        self.rng = rng
        self.lines = []
        self.types = {}
        self.indent = 1
        self.n_names = 0

    # ---- choosing ----

    def pick(self, *items):
        return self.rng.choice(items)

    def chance(self, percent):
        return self.rng.randrange(100) < percent

    def add(self, line):
        self.lines.append("    " * self.indent + line)

    def new_name(self, type_name):
        name = f"v{self.n_names}"
        self.n_names += 1
        self.types[name] = type_name
        return name

    def known(self, type_name):
        return [n for n, t in self.types.items() if t == type_name]

    # ---- literals ----

    def int_literal(self):
        r = self.rng
        return str(self.pick(0, 1, -1, 2, 3, 7, -5, 10, 255, r.randrange(-100, 100), r.randrange(-10**6, 10**6),
                             2**31, 2**49, -2**49, 2**50, 2**63 - 1, 2**64, r.randrange(10**18, 10**22),
                             -r.randrange(10**25)))

    def float_literal(self):
        r = self.rng
        return self.pick("0.0", "-0.0", "1.0", "0.1", "-2.5", "1e10", "1e-7", "1e22", "123456.789", "float('inf')",
                         "float('nan')", repr(r.uniform(-10, 10)), repr(r.uniform(-1e6, 1e6)),
                         repr(r.random() * 10.0**r.randrange(-20, 20)))

    def complex_literal(self):
        r = self.rng
        return self.pick("0j", "1j", "-0j", "2.5j", "(1+2j)", "(-3-0.5j)", "1e200j", "complex('nan')", "complex(0, float('inf'))",
                         "complex(-0.0, 0.0)", f"complex({r.uniform(-10, 10)!r}, {r.uniform(-10, 10)!r})",
                         f"({r.randrange(-9, 9)}+{r.randrange(9)}j)")

    def str_literal(self):
        r = self.rng
        letters = self.pick("abc", "abcABC ", "xyz \\t-", "0123456789", "a,b;c", "é€aß𝒳", "%s{}", " ")
        text = "".join(r.choice(letters) for _ in range(self.pick(0, 1, 2, 3, 5, 8)))
        return repr(text.replace("\\t", "\t"))

    def bytes_literal(self):
        return repr(bytes(self.rng.choice(b"abc \x00\xff%0A") for _ in range(self.rng.randrange(5))))

    def bool_literal(self):
        return self.pick("True", "False")

    def none_literal(self):
        return "None"

    def container(self, opening, closing, depth, n=None):
        n = self.rng.randrange(5) if n is None else n
        return opening + ", ".join(self.expr(self.element_type(), depth - 1) for _ in range(n)) + closing

    def element_type(self):
        return self.pick("int", "int", "int", "str", "str", "float", "bool", "tuple", "none", "complex")

    def list_literal(self, depth=1):
        return self.container("[", "]", depth)

    def tuple_literal(self, depth=1):
        n = self.rng.randrange(4)
        return "(" + "".join(self.expr(self.element_type(), depth - 1) + ", " for _ in range(n)).rstrip() + ")" \
            if n else "()"

    def hashable(self, depth=1):
        return self.expr(self.pick("int", "str", "str", "bool", "none", "tuple_of_ints"), depth)

    def tuple_of_ints_literal(self):
        return f"({self.rng.randrange(5)}, {self.rng.randrange(5)})"

    def set_literal(self, depth=1):
        """Of small integers: the order of others is not promised."""
        items = ", ".join(str(self.rng.randrange(8)) for _ in range(self.rng.randrange(1, 6)))
        return "{" + items + "}"

    def dict_literal(self, depth=1):
        return "{" + ", ".join(f"{self.hashable(0)}: {self.expr(self.element_type(), depth - 1)}"
                               for _ in range(self.rng.randrange(4))) + "}"

    def literal(self, type_name):
        return getattr(self, type_name + "_literal")()

    # ---- expressions ----

    def expr(self, type_name, depth=2):
        """An expression that mostly has the type."""
        if self.chance(3):
            type_name = self.pick("int", "float", "str", "list", "none", "tuple", "bytes")
        names = self.known(type_name)
        if names and self.chance(50):
            return self.rng.choice(names)
        make = getattr(self, "make_" + type_name, None)
        if depth <= 0 or make is None or self.chance(35):
            return self.literal(type_name)
        return make(depth - 1)

    def small_int(self):
        return str(self.pick(-3, -2, -1, 0, 1, 2, 3, 4, 5, 9, 17))

    def make_int(self, d):
        e = self.expr
        return self.pick(
            lambda: f"({e('int', d)} {self.pick('+', '-', '*', '//', '%', '&', '|', '^')} {e('int', d)})",
            lambda: f"({e('int', d)} {self.pick('<<', '>>')} {self.pick(0, 1, 3, 50, 64, 130)})",
            lambda: f"({e('int', d)} ** {self.pick(0, 1, 2, 3, 5, 20)})",
            lambda: f"{self.pick('-', '+', '~', 'abs', 'int', 'hash')}({e('int', d)})",
            lambda: f"len({e(self.pick('str', 'list', 'tuple', 'dict', 'set', 'bytes'), d)})",
            lambda: f"int({e('float', d)})",
            lambda: f"round({e('float', d)})",
            lambda: f"divmod({e('int', d)}, {e('int', d)})[{self.pick(0, 1)}]",
            lambda: f"pow({e('int', d)}, {self.pick(0, 1, 2, 5, 77)}, {self.pick(1, 7, -13, 10**9 + 7)})",
            lambda: f"({e('int', d)}).bit_length()",
            lambda: f"{e('str', d)}.{self.pick('find', 'count', 'rfind')}({e('str', d)})",
            lambda: f"{e('str', d)}.index({e('str', d)})",
            lambda: f"sum([{e('int', d)}, {e('int', d)}])",
            lambda: f"{self.pick('max', 'min')}({e('int', d)}, {e('int', d)}, {e('int', d)})",
            lambda: f"int({self.str_literal()})",
            lambda: f"int({repr(self.pick('12', ' -7 ', '1_000', 'ff', '0x1f', '101', '', '1__0', '٣'))}, "
                    f"{self.pick(10, 16, 2, 0, 36)})",
            lambda: f"ord({e('str', d)})",
            lambda: f"({e('int', d)} if {e('bool', d)} else {e('int', d)})",
            lambda: f"{e('list', d)}.count({e('int', d)})",
            lambda: f"math.{self.pick('gcd', 'lcm')}({e('int', d)}, {e('int', d)})",
            lambda: f"math.{self.pick('isqrt', 'floor', 'ceil', 'trunc')}({e(self.pick('int', 'float'), d)})",
            lambda: f"math.{self.pick('comb', 'perm')}({self.small_int()}, {self.small_int()})",
            lambda: f"({e('int', d)}).{self.pick('bit_count', 'conjugate', 'as_integer_ratio', 'is_integer', '__index__')}()",
            lambda: f"round({e('int', d)}, {self.pick(-1, -2, -5, 0, 2)})",
            lambda: f"int.from_bytes({e('bytes', d)}, {self.pick(repr('big'), repr('little'))})",
        )()

    def make_float(self, d):
        e = self.expr
        return self.pick(
            lambda: f"({e('float', d)} {self.pick('+', '-', '*', '/', '//', '%')} {e(self.pick('int', 'float'), d)})",
            lambda: f"({e('int', d)} / {e('int', d)})",
            lambda: f"float({e('int', d)})",
            lambda: f"float({repr(self.pick('1.5', ' 2e3 ', 'nan', '-inf', '1_0.5', 'x', '.5', '1e400'))})",
            lambda: f"round({e('float', d)}, {self.small_int()})",
            lambda: f"abs({e('float', d)})",
            lambda: f"({e('float', d)} ** {self.pick(2, 3, 0.5, -1, 1.5, -0.3)})",
            lambda: f"({e('int', d)} ** {self.pick(0.5, -1, -2.0, 1.5)})",
            lambda: f"divmod({e('float', d)}, {e('float', d)})",
            lambda: f"({e('complex', d)}).{self.pick('real', 'imag')}",
            lambda: f"math.{self.pick(*MATH_OF_ONE)}({e(self.pick('float', 'float', 'int'), d)})",
            lambda: f"math.{self.pick(*MATH_OF_TWO)}({e(self.pick('float', 'int'), d)}, {e('float', d)})",
            lambda: f"math.{self.pick('fsum', 'prod', 'sumprod', 'dist', 'hypot')}({self.numbers(d)}, {self.numbers(d)})",
            lambda: f"math.{self.pick('fsum', 'prod')}({self.numbers(d)})",
            lambda: f"sum({self.numbers(d)})",
            lambda: f"float.fromhex(({e('float', d)}).hex())",
        )()

    def numbers(self, d):
        return "[" + ", ".join(self.expr(self.pick("float", "float", "int", "bool"), d) for _ in range(self.rng.randrange(4))) + "]"

    def make_fraction(self, d):
        e = self.expr
        other = lambda: e(self.pick('fraction', 'int', 'float', 'bool', 'complex'), d)
        return self.pick(
            lambda: f"Fraction({e('int', d)}, {e('int', d)})",
            lambda: f"Fraction({e('float', d)})",
            lambda: f"Fraction({self.pick('1/3', ' -2/4', '1.25', '1e-2', '3/0', 'x', '1_0')!r})",
            lambda: f"({e('fraction', d)} {self.pick('+', '-', '*', '/', '//', '%', '<', '==')} {other()})",
            lambda: f"({other()} {self.pick('+', '-', '*', '/', '//', '%', '>=', '!=')} {e('fraction', d)})",
            lambda: f"({e('fraction', d)} ** {self.pick(0, 1, 2, -1, -3, 0.5)})",
            lambda: f"{self.pick('-', 'abs', 'int', 'float', 'round', 'hash', 'math.floor', 'math.ceil')}({e('fraction', d)})",
            lambda: f"format({e('fraction', d)}, {self.spec('float')!r})",
        )()

    def fraction_literal(self):
        return f"Fraction({self.rng.randrange(-30, 30)}, {self.rng.randrange(1, 12)})"

    def make_complex(self, d):
        e = self.expr
        other = lambda: e(self.pick('complex', 'complex', 'int', 'float', 'bool'), d)
        return self.pick(
            lambda: f"({e('complex', d)} {self.pick('+', '-', '*', '/')} {other()})",
            lambda: f"({other()} {self.pick('+', '-', '*', '/')} {e('complex', d)})",
            lambda: f"({e('complex', d)} ** {self.pick(0, 1, 2, 3, -1, -2, 7, 0.5, 1.5, '1j', '(2-1j)')})",
            lambda: f"({e('float', d)} ** {self.pick('1j', '(1+2j)', 0.5, 1.5)})",
            lambda: f"({e('complex', d)} {self.pick('//', '%', '<', '==', '!=')} {other()})",
            lambda: f"complex({e('float', d)}, {e(self.pick('float', 'int', 'complex'), d)})",
            lambda: f"complex({self.pick('1+2j', '(1j)', ' -j ', '1e3', '1_0-.5j', '1+', 'j2', 'nan-infj', '')!r})",
            lambda: f"({e('complex', d)}).conjugate()",
            lambda: f"cmath.{self.pick(*CMATH)}({e(self.pick('complex', 'complex', 'float'), d)})",
            lambda: f"{self.pick('-', '+', 'abs', 'bool')}({e('complex', d)})",
            lambda: f"sum([{e('complex', d)}, {e('float', d)}, {e('complex', d)}])",
        )()

    def make_bool(self, d):
        e = self.expr
        t = self.pick("int", "float", "str", "tuple", "list")
        return self.pick(
            lambda: f"({e(t, d)} {self.pick('<', '<=', '==', '!=', '>', '>=')} {e(t, d)})",
            lambda: f"({e('int', d)} {self.pick('<', '==', '>')} {e('float', d)})",
            lambda: f"({e('int', d)} < {e('int', d)} <= {e('int', d)})",
            lambda: f"(not {e(self.pick('int', 'str', 'list'), d)})",
            lambda: f"({e('bool', d)} {self.pick('and', 'or')} {e('bool', d)})",
            lambda: f"({e('int', d)} {self.pick('in', 'not in')} {e(self.pick('list', 'tuple', 'set', 'dict'), d)})",
            lambda: f"({e('str', d)} in {e('str', d)})",
            lambda: f"{e('str', d)}.{self.pick('startswith', 'endswith')}({e('str', d)})",
            lambda: f"{e('str', d)}.{self.pick('isalpha', 'isdigit', 'isspace', 'isupper', 'islower', 'istitle')}()",
            lambda: f"{self.pick('any', 'all')}({e('list', d)})",
            lambda: f"isinstance({e(self.pick('int', 'str', 'bool', 'list'), d)}, {self.pick('int', 'str', '(int, list)')})",
            lambda: f"({e('set', d)} {self.pick('<=', '<', '>', '==')} {e('set', d)})",
            lambda: f"({e('list', d)} is {e('none', d)})",
        )()

    def make_str(self, d):
        e = self.expr
        method = self.pick("upper", "lower", "strip", "title", "capitalize", "swapcase", "lstrip", "rstrip", "casefold")
        return self.pick(
            lambda: f"({e('str', d)} + {e('str', d)})",
            lambda: f"({e('str', d)} * {self.small_int()})",
            lambda: f"{e('str', d)}[{self.small_int()}]",
            lambda: f"{e('str', d)}[{self.slice()}]",
            lambda: f"{e('str', d)}.{method}()",
            lambda: f"{e('str', d)}.{self.pick('center', 'ljust', 'rjust')}({self.small_int()}, '*')",
            lambda: f"{e('str', d)}.zfill({self.small_int()})",
            lambda: f"{e('str', d)}.replace({e('str', d)}, {e('str', d)}, {self.pick(-1, 0, 1, 2)})",
            lambda: f"{e('str', d)}.join({self.pick(self.strings(d), e('list', d))})",
            lambda: f"{e('str', d)}.{self.pick('removeprefix', 'removesuffix')}({e('str', d)})",
            lambda: f"{e('str', d)}.expandtabs({self.pick(1, 4, 8)})",
            lambda: f"{self.pick('str', 'repr', 'ascii')}({e(self.any_type(), d)})",
            lambda: f"{self.pick('hex', 'bin', 'oct')}({e('int', d)})",
            lambda: f"chr({self.pick(65, 97, 233, 8364, 0x1D4B3, -1, 0x110000)})",
            lambda: self.formatted(d),
            lambda: self.formatted(d),
            lambda: self.percent(d),
            lambda: self.template(d),
            lambda: f"{e('bytes', d)}.decode({self.pick('', repr('latin-1'), repr('utf-8') + ', ' + repr('replace'))})",
        )()

    def strings(self, d):
        return "[" + ", ".join(self.expr("str", d) for _ in range(self.rng.randrange(4))) + "]"

    def slice(self):
        part = lambda: self.pick("", self.small_int())
        return f"{part()}:{part()}" + self.pick("", "", f":{self.pick(1, 2, -1, -2, 3, 0)}")

    def spec(self, kind):
        align = self.pick("", "", "<", ">", "^", "*^", "0>", "é<") + ""
        width = self.pick("", "", "5", "12", "08")
        if kind == "int":
            return align + self.pick("", "+", " ", "-") + self.pick("", "#") + width + self.pick("", ",", "_") \
                + self.pick("", "d", "x", "X", "o", "b", "c", "n", "e", ".2f", "%", "s", "q")
        if kind == "float":
            return align + self.pick("", "+", " ") + self.pick("", "#") + width + self.pick("", ",", "_") \
                + self.pick("", ".0", ".1", ".3", ".10", ".17") + self.pick("", "f", "e", "g", "G", "%", "E", "F", "d")
        if kind == "complex":
            return align + self.pick("", "+", " ") + self.pick("", "#") + self.pick("", "25", "30", "010") + self.pick("", ",", "_") \
                + self.pick("", ".0", ".1", ".3", ".17") + self.pick("", "", "f", "e", "g", "G", "%", "d")
        return align + self.pick("", "5", "12") + self.pick("", ".0", ".2", ".5") + self.pick("", "s", "d")

    def field(self, d, quote):
        kind = self.pick("int", "int", "float", "float", "str", "complex")
        inner = self.expr(kind, d)
        if quote in inner or "\n" in inner or "\\" in inner:
            inner = self.pick("1234567", "-2.75", "0")
        conversion = self.pick("", "", "", "!r", "!s", "!a")
        spec = self.spec("str" if conversion else kind)
        text = self.pick("", "", "=")
        if "#" in inner: # which Python takes for a comment there (gaps/hash_in_debug_text)
            text = ""
        return "{" + inner + text + conversion + (":" + spec if spec else "") + "}"

    def formatted(self, d):
        if self.chance(50):
            kind = self.pick("int", "float", "str", "complex")
            return f"format({self.expr(kind, d)}, {self.spec(kind)!r})"
        return "f\"" + self.pick("", "a", "{{", "é ") + self.field(d, '"') + self.pick("", "|", self.field(d, '"')) + '"'

    def percent(self, d):
        flags = self.pick("", "", "-", "0", "+", " ", "#") + self.pick("", "", "5", "10") + self.pick("", ".0", ".3")
        kind, letter = self.pick(("int", "d"), ("int", "x"), ("int", "o"), ("float", "f"), ("float", "e"), ("float", "g"),
                                 ("str", "s"), ("str", "r"), ("int", "c"), ("float", "d"), ("str", "d"), ("int", "i"), ("complex", "s"), ("complex", "f"))
        return f"({'%' + flags + letter!r} % ({self.expr(kind, d)},))"

    def template(self, d):
        kind = self.pick("int", "float", "str", "complex")
        text = self.pick("{}", "{0}", "{x}", "{0!r}", "{x!r:>8}", "{0:" + self.spec(kind) + "}", "{}{}", "{0}{}", "{y}", "{0[0]}",
                         "{x.real}", "{{}}{}", "{")
        return f"{text!r}.format({self.expr(kind, d)}, x={self.expr(kind, d)})"

    def make_bytes(self, d):
        e = self.expr
        return self.pick(
            lambda: f"({e('bytes', d)} + {e('bytes', d)})",
            lambda: f"{e('bytes', d)}[{self.slice()}]",
            lambda: f"{e('str', d)}.encode()",
            lambda: f"bytes({e('list', d)})",
            lambda: f"{e('bytes', d)}.{self.pick('upper', 'strip', 'hex', 'title')}()",
            lambda: f"{e('bytes', d)}.replace({e('bytes', d)}, {e('bytes', d)})",
            lambda: f"{e('bytes', d)}.split({e('bytes', d)})",
            lambda: f"({self.pick(0, 1, 255, 256, -1, 70000)}).to_bytes({self.pick(1, 2, 4)}, 'big')",
        )()

    def make_list(self, d):
        e = self.expr
        return self.pick(
            lambda: self.list_literal(d),
            lambda: f"({e('list', d)} + {e('list', d)})",
            lambda: f"({e('list', d)} * {self.pick(0, 1, 2, -1)})",
            lambda: f"{e('list', d)}[{self.slice()}]",
            lambda: f"sorted({e(self.pick('list', 'set', 'tuple'), d)}{self.pick('', ', reverse=True', ', key=str', ', key=repr')})",
            lambda: f"list({e(self.pick('tuple', 'str', 'set', 'dict', 'list', 'bytes'), d)})",
            lambda: f"list(range({self.small_int()}, {self.small_int()}{self.pick('', ', 2', ', -1', ', 0')}))",
            lambda: f"[x for x in {e('list', d)} if x]",
            lambda: f"[(i, x) for i, x in enumerate({e('list', d)}, {self.small_int()})]",
            lambda: f"[x * 2 for x in {e('list', d)}]",
            lambda: f"list(zip({e('list', d)}, {e('str', d)}))",
            lambda: f"list(map({self.pick('str', 'repr', 'len', 'bool', 'int', 'lambda x: (x, x)')}, {e('list', d)}))",
            lambda: f"list(filter({self.pick('None', 'lambda x: x != 1', 'callable')}, {e('list', d)}))",
            lambda: f"list(reversed({e(self.pick('list', 'tuple', 'str', 'dict'), d)}))",
            lambda: f"{e('str', d)}.{self.pick('split', 'rsplit')}({self.pick('', repr(','), repr('a'), repr(' ') + ', 1', repr(''))})",
            lambda: f"{e('str', d)}.splitlines()",
            lambda: f"list({e('dict', d)}.{self.pick('items', 'keys', 'values')}())",
            lambda: f"[*{e('list', d)}, *{e(self.pick('tuple', 'str', 'int'), d)}]",
        )()

    def make_tuple(self, d):
        e = self.expr
        return self.pick(
            lambda: self.tuple_literal(d),
            lambda: f"({e('tuple', d)} + {e('tuple', d)})",
            lambda: f"tuple({e(self.pick('list', 'str', 'int'), d)})",
            lambda: f"{e('tuple', d)}[{self.slice()}]",
            lambda: f"({e('tuple', d)} * {self.pick(0, 1, 2)})",
            lambda: f"{e('str', d)}.{self.pick('partition', 'rpartition')}({e('str', d)})",
            lambda: f"divmod({e('int', d)}, {e('int', d)})",
            lambda: f"({e('float', 0)}).as_integer_ratio()",
        )()

    def make_set(self, d):
        e = self.expr
        return self.pick(
            lambda: f"({e('set', d)} {self.pick('|', '&', '-', '^')} {e('set', d)})",
            lambda: f"{{x % 5 for x in {e('set', d)}}}",
            lambda: f"{e('set', d)}.{self.pick('union', 'intersection', 'difference', 'symmetric_difference')}([1, 2, 3])",
            lambda: f"set(range({self.pick(0, 3, 6)}))",
        )()

    def make_dict(self, d):
        e = self.expr
        return self.pick(
            lambda: self.dict_literal(d),
            lambda: f"{{**{e('dict', d)}, {self.hashable(d)}: {e('int', d)}}}",
            lambda: f"({e('dict', d)} | {e('dict', d)})",
            lambda: f"{{k: v for v, k in enumerate({e('str', d)})}}",
            lambda: f"dict(zip({e('str', d)}, {e('list', d)}))",
            lambda: f"dict.fromkeys({e('str', d)}, {e('int', d)})",
            lambda: f"dict({e('list', d)})",
        )()

    def any_type(self):
        return self.pick("int", "int", "float", "str", "str", "bool", "list", "list", "tuple", "dict", "set", "bytes", "none", "complex")

    # ---- statements ----

    def assign(self):
        type_name = self.any_type()
        value = self.expr(type_name, 3)
        name = self.new_name(type_name)
        self.add(f"{name} = {value}")
        return name

    def show(self):
        if self.types and self.chance(50):
            self.add(f"show({', '.join(self.rng.sample(list(self.types), min(len(self.types), 3)))})")
        else:
            self.add(f"show({self.expr(self.any_type(), 3)})")

    def change(self):
        """A method or statement that changes a container or rebinds a name."""
        lists, dicts, sets, ints = (self.known(t) for t in ("list", "dict", "set", "int"))
        options = []
        e = self.expr
        if lists:
            n = self.rng.choice(lists)
            options += [f"{n}.append({e('int', 1)})", f"{n}.extend({e(self.pick('list', 'str', 'int'), 1)})",
                        f"{n}.insert({self.small_int()}, {e('str', 1)})", f"show({n}.pop({self.pick('', self.small_int())}))",
                        f"{n}.remove({e('int', 1)})", f"{n}.reverse()", f"{n}.sort({self.pick('', 'key=str', 'reverse=True, key=repr')})",
                        f"{n}[{self.small_int()}] = {e('int', 1)}", f"del {n}[{self.pick(self.small_int(), self.slice())}]",
                        f"{n}[{self.slice()}] = {e(self.pick('list', 'str', 'tuple', 'int'), 1)}", f"{n} += {e('list', 1)}",
                        f"{n} *= {self.pick(0, 1, 2)}", f"show({n}.index({e('int', 1)}))", f"a, *b = {n}; show(a, b)",
                        f"a, b = {n}; show(a, b)"]
        if dicts:
            n = self.rng.choice(dicts)
            k = self.hashable(1)
            options += [f"{n}[{k}] = {e('int', 1)}", f"show({n}[{k}])", f"show({n}.get({k}, {e('str', 1)}))", f"del {n}[{k}]",
                        f"show({n}.pop({k}{self.pick('', ', None')}))", f"{n}.update({e('dict', 1)})",
                        f"show({n}.setdefault({k}, {e('int', 1)}))", f"show({n}.popitem())", f"{n} |= {e('dict', 1)}",
                        f"{n}[{e('list', 1)}] = 1"]
        if sets:
            n = self.rng.choice(sets)
            options += [f"{n}.add({self.rng.randrange(8)})", f"{n}.discard({self.rng.randrange(8)})",
                        f"{n}.remove({self.rng.randrange(8)})", f"{n} {self.pick('|=', '&=', '-=', '^=')} {e('set', 1)}",
                        f"{n}.update({e('set', 1)})"]
        if ints:
            n = self.rng.choice(ints)
            options += [f"{n} {self.pick('+=', '-=', '*=', '//=', '%=', '&=', '|=', '^=')} {e('int', 1)}", f"{n} += {e('float', 1)}"]
        if options:
            self.add(self.rng.choice(options))
        else:
            self.assign()

    def block(self, n, *statements):
        self.indent += 1
        before = dict(self.types)
        for _ in range(n):
            self.rng.choice(statements)()
        self.types = before
        self.indent -= 1

    def loop(self):
        if self.chance(50):
            self.add(f"for i in {self.expr(self.pick('list', 'str', 'tuple', 'set', 'int'), 2)}:")
            self.block(self.rng.randrange(1, 3), self.show, self.change, self.leave)
        else:
            self.add(f"for i in range({self.pick(1, 2, 4)}):")
            self.types["i"] = "int"
            self.block(self.rng.randrange(1, 4), self.show, self.change, self.assign, self.leave)
            self.types.pop("i", None)
        if self.chance(40):
            self.add("else:")
            self.block(1, self.show)

    def leave(self):
        self.add(f"if {self.expr('bool', 2)}: {self.pick('break', 'continue', 'pass')}")

    def branch(self):
        self.add(f"if {self.expr(self.pick('bool', 'bool', 'list', 'str', 'int'), 2)}:")
        self.block(self.rng.randrange(1, 3), self.show, self.change, self.assign)
        if self.chance(60):
            self.add("else:")
            self.block(1, self.show, self.change)

    def attempt(self):
        self.add("try:")
        self.block(self.rng.randrange(1, 3), self.show, self.change, self.assign, self.throw)
        what = self.pick("ValueError", "TypeError", "(KeyError, IndexError)", "ZeroDivisionError", "LookupError", "Exception",
                         "ArithmeticError")
        self.add(f"except {what} as e:")
        self.indent += 1
        self.add("show(type(e).__name__, str(e), e.args)")
        if self.chance(30):
            self.add(self.pick("raise", "raise ValueError('again') from e", "raise KeyError('other')", "raise RuntimeError(str(e)) from None"))
        self.indent -= 1
        if self.chance(40):
            self.add("else:")
            self.block(1, self.show)
        if self.chance(40):
            self.add("finally:")
            self.block(1, self.show)

    def throw(self):
        self.add(f"if {self.expr('bool', 1)}: raise {self.pick('ValueError', 'KeyError', 'IndexError', 'MyError')}({self.expr('str', 1)})")

    def klass(self):
        r = self.rng
        name = f"C{self.n_names}"
        base = self.pick("", "", "(Base)", "(Exception)", "(Base, Mixin)", "(dict)", "(int)", "(list)", "(str)")
        self.add(f"class {name}{base}:")
        self.indent += 1
        if self.chance(50):
            self.add(f"x = {self.literal('int')}")
        if self.chance(60) and base in ("", "(Base)", "(Base, Mixin)"):
            self.add(f"def __init__(self, a{self.pick('', '=' + self.literal('int'))}, *rest, k={self.literal('str')}):")
            self.add("    self.a = a; self.rest = rest; self.k = k")
        for special, body in r.sample([
                ("__repr__(self)", "return f'<{type(self).__name__}>'"),
                ("__add__(self, other)", self.pick("return ('add', other)", "return NotImplemented")),
                ("__radd__(self, other)", "return ('radd', other)"),
                ("__eq__(self, other)", self.pick("return True", "return NotImplemented", "return 'eq'")),
                ("__lt__(self, other)", self.pick("return True", "return NotImplemented")),
                ("__hash__(self)", self.pick("return 5", "return 'x'")),
                ("__bool__(self)", self.pick("return False", "return 1")),
                ("__len__(self)", self.pick("return 3", "return -1", "return 'n'")),
                ("__getitem__(self, key)", self.pick("return key", "raise IndexError(key)", "return (key, 1)[key]")),
                ("__contains__(self, item)", "return item"),
                ("__call__(self, *args, **kwargs)", "return args, kwargs"),
                ("__iter__(self)", self.pick("return iter([1, 2])", "yield 7", "return 3")),
                ("__getattr__(self, name)", self.pick("return name", "raise AttributeError(name)")),
                ("__str__(self)", self.pick("return 'text'", "return 4")),
                ("__format__(self, spec)", "return spec + '!'"),
                ("__index__(self)", self.pick("return 2", "return 'i'")),
                ("__enter__(self)", "return self"),
                ("__iadd__(self, other)", "return [other]"),
                ("__neg__(self)", "return 'neg'"),
                ("method(self, p, /, q=2, *, r=3)", "return p, q, r"),
                ], r.randrange(1, 6)):
            self.add(f"def {special}: {body}")
        if self.chance(30):
            self.add("@property")
            self.add("def prop(self): return self.x")
        if self.chance(30):
            self.add(self.pick("@staticmethod", "@classmethod"))
            self.add("def make(*args): return len(args)")
        self.add("pass")
        self.indent -= 1
        argument = self.pick("", self.literal("int"), self.literal("int"), self.literal("str"), "1, 2, k='z'", "b=1")
        self.add(f"o = {name}({argument})")
        for _ in range(r.randrange(2, 5)):
            self.add(self.pick(
                "show(o == o, o != 3)", "show(o + 1)", "show(1 + o)", "show(len(o))", "show(bool(o))", "show(o[0], o[1])",
                "show(3 in o)", "show(o(1, 2, z=3))", "show(list(o))", "show(o.nothing)", "show(str(o))", "show(f'{o:>4}')",
                "show([5, 6, 7][o])", "show(o < o, o > 2)", "show(o.method(1))", "show(o.method(p=1))", "show(o.method(1, 2, 3))",
                "show(o.prop)", "o.prop = 1", "show(o.make(1))", f"show({name}.make(1, 2))", "o += 5; show(o)", "show(-o)",
                "show(isinstance(o, Base), type(o).__mro__[1].__name__)", "show(hash(o) == hash(o))", "o.y = 1; show(vars(o))",
                "show(o.a, o.rest, o.k)", "del o.x", "show(o.x); o.x = 9; show(o.x, type(o).__name__)", "show({o: 1} == {o: 1})",
                "show(getattr(o, 'x', 'none'), hasattr(o, 'y'))", "show(super(type(o), o).__init__)if 0 else show(1)",
                "\n".join(["with o as p:", "    " * (self.indent + 1) + "show(p is o)"]), "show(o @ 2)", "show(abs(o))", "show(int(o))"))

    def generator(self):
        name = f"g{self.n_names}"
        self.n_names += 1
        self.add(f"def {name}(n):")
        self.indent += 1
        self.add("try:")
        self.indent += 1
        self.add("for i in range(n):")
        self.add("    " + self.pick("yield i", "x = yield i; show(x)", "yield i, n", "yield from 'ab'", "yield from [i, i]"))
        if self.chance(40):
            self.add(self.pick("return 'end'", "yield 'last'", "raise ValueError('gen')", "raise StopIteration(1)",
                               "r = yield from (k for k in range(2)); show(r)"))
        self.indent -= 1
        self.add(self.pick("except ValueError as e: yield ('caught', str(e))", "finally: show('finally')",
                           "except GeneratorExit: show('exit'); raise", "except GeneratorExit: yield 1"))
        self.indent -= 1
        self.add(f"g = {name}({self.pick(0, 1, 2, 3)})")
        # Closed at a time of its own: CPython would do it when nothing refers to it any more (gaps/generator_close).
        self.add("try:")
        self.indent += 1
        for _ in range(self.rng.randrange(2, 6)):
            self.add(self.pick("show(next(g))", "show(next(g, 'none'))", "show(g.send(5))", "show(g.send(None))", "show(list(g))",
                               "show(g.throw(ValueError('in')))", "show(g.throw(KeyError))", "g.close()", "show(sum(x for x in range(4)))",
                               "for x in g: show(x); break", "a, b = g; show(a, b)", "show(max(g))", "show(dict(enumerate(g)))",
                               "show(type(g).__name__, g.__name__)"))
        self.indent -= 1
        self.add("finally: g.close()")

    def function(self):
        r = self.rng
        name = f"f{self.n_names}"
        self.n_names += 1
        parameters = self.pick("a", "a, b=2", "a, *args", "a, b=1, *, c=3", "a, /, b", "*args, **kw", "*, k", "a, b, c=(1,)", "")
        names = [p.strip(" *").split("=")[0] for p in parameters.split(",") if p.strip(" *") not in ("", "/")]
        self.add(f"def {name}({parameters}): return ({''.join(n + ', ' for n in names if n and n[0].isalpha())})")
        for _ in range(r.randrange(1, 4)):
            self.add(f"show({name}({self.pick('', '1', '1, 2', '1, 2, 3', 'a=1', '1, b=5', '*[1, 2]', '**dict(a=1)', '1, c=2', 'k=4', '1, a=1', '1, z=9', '*range(4), k=1')}))")

    def closure(self):
        self.add("def outer(n):")
        self.add("    def inner(k=1):")
        self.add("        nonlocal n; n " + self.pick("+=", "*=", "-=") + " k; return n")
        self.add("    return inner")
        self.add(f"f = outer({self.literal('int')}); show(f(), f({self.literal('int')}), f(2))")
        self.add(f"show([h() for h in [lambda i=i: i {self.pick('+', '*', '-')} 1 for i in range(3)]])")

    def arithmetic(self):
        for _ in range(self.rng.randrange(2, 5)):
            self.add(f"show({self.expr(self.pick('int', 'float', 'int', 'bool', 'complex', 'fraction'), 4)})")

    def text(self):
        for _ in range(self.rng.randrange(2, 5)):
            self.add(f"show({self.expr(self.pick('str', 'str', 'list', 'bytes', 'tuple'), 3)})")

    def program(self):
        """The lines of one program's function body."""
        topic = self.pick(self.arithmetic, self.text, self.klass, self.generator, self.function, self.closure, None, None, None)
        if topic is not None:
            topic()
        else:
            for _ in range(self.rng.randrange(3, 9)):
                self.rng.choice([self.assign, self.assign, self.assign, self.show, self.change, self.change, self.loop,
                                 self.branch, self.attempt])()
            if self.types:
                self.add(f"show({', '.join(self.types)})")
        return self.lines or ["    pass"]


DEFINITIONS = '''\
class MyError(ValueError): pass
class Base:
    x = 0
    def __init__(self, *args, **kwargs): self.args_ = args
class Mixin: pass
'''


def make(seed, number):
    lines = Maker(random.Random(f"{seed}/{number}")).program()
    return f"def p{number}():\n" + "\n".join(lines) + "\n"


def batch_text(seed, numbers):
    parts = [PRELUDE, DEFINITIONS]
    for n in numbers:
        parts.append(make(seed, n))
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
    return re.sub(r" at 0x[0-9a-f]+", " at 0x", out), code + err


def split(output):
    """{number: what that program printed}"""
    parts = {}
    for part in ("\n" + (output or "")).split("\n# ")[1:]:
        number, _, rest = part.partition("\n")
        parts[int(number)] = rest
    return parts


def check_batch(seed, numbers, mini, python):
    text = batch_text(seed, numbers)
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
    parser.add_argument("--mini", default=os.path.join(ROOT, "build", "mini"))
    parser.add_argument("--python", default=None, help="default: the newest there is; older than 3.13 is refused")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--most", type=int, default=20, help="failures to print")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.randrange(10**9)
    if options.show is not None:
        print(batch_text(seed, [options.show]))
        return 0
    python = run.Python(options.python)
    if python.version is None or python.version < (3, 13):
        print("there is no python3.13 to compare with\n0 passed, 0 failed")
        return 0
    batches = [range(i, min(i + BATCH, options.count)) for i in range(0, options.count, BATCH)]
    n_failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for failures in pool.map(lambda b: check_batch(seed, b, [options.mini], [python.program]), batches):
            for number, left, right in failures:
                n_failed += 1
                if n_failed <= options.most:
                    x, y = first_difference(left, right)
                    print(f"FAIL program {number} of seed {seed}\n{make(seed, number)}"
                          f"  python3: {x}\n  mini:    {y}\n")
    print(f"seed {seed}")
    print(f"{options.count - n_failed} passed, {n_failed} failed")
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
