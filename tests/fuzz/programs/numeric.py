"""Expressions of numbers: integers, floats, fractions, complex, truth. `expr` is the door to those of all types."""

MATH_OF_ONE = (
    "sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh exp exp2 expm1 log log2 log10 log1p sqrt cbrt fabs "
    "gamma lgamma erf erfc degrees radians ulp modf frexp isfinite isnan isinf".split()
)
MATH_OF_TWO = "atan2 copysign fmod hypot pow remainder nextafter log isclose".split()
CMATH = (
    "sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh exp log log10 sqrt polar isfinite isnan isinf".split()
)


class Numbers:
    def expr(self, type_name, depth=2):
        """An expression that mostly has the type."""
        if self.chance(3):
            return f"({self.expr(self.pick('int', 'float', 'str', 'list', 'none', 'tuple', 'bytes'), depth)})"
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
            lambda: f"{self.pick('-', '+', '~', 'abs', 'int', 'hash_of')}({e('int', d)})",
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
        return (
            "["
            + ", ".join(self.expr(self.pick("float", "float", "int", "bool"), d) for _ in range(self.rng.randrange(4)))
            + "]"
        )

    def make_fraction(self, d):
        e = self.expr
        other = lambda: e(self.pick("fraction", "int", "float", "bool", "complex"), d)
        return self.pick(
            lambda: f"Fraction({e('int', d)}, {e('int', d)})",
            lambda: f"Fraction({e('float', d)})",
            lambda: f"Fraction({self.pick('1/3', ' -2/4', '1.25', '1e-2', '3/0', 'x', '1_0')!r})",
            lambda: f"({e('fraction', d)} {self.pick('+', '-', '*', '/', '//', '%', '<', '==')} {other()})",
            lambda: f"({other()} {self.pick('+', '-', '*', '/', '//', '%', '>=', '!=')} {e('fraction', d)})",
            lambda: f"({e('fraction', d)} ** {self.pick(0, 1, 2, -1, -3, 0.5)})",
            lambda: f"{self.pick('-', 'abs', 'int', 'float', 'round', 'hash_of', 'math.floor', 'math.ceil')}({e('fraction', d)})",
            lambda: f"format({e('fraction', d)}, {self.spec('float')!r})",
        )()

    def fraction_literal(self):
        return f"Fraction({self.rng.randrange(-30, 30)}, {self.rng.randrange(1, 12)})"

    def make_complex(self, d):
        e = self.expr
        other = lambda: e(self.pick("complex", "complex", "int", "float", "bool"), d)
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
