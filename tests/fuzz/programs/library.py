"""The modules that programs use most: dataclasses, enum, functools, itertools, collections, and a little of ten others."""


class Library:
    def dataclasses(self):
        options = ", ".join(
            self.some(
                self.rng.randrange(3),
                "frozen=True",
                "order=True",
                "slots=True",
                "kw_only=True",
                "eq=False",
                "repr=False",
                "unsafe_hash=True",
                "init=False",
                "match_args=False",
            )
        )
        default = self.pick(
            "1",
            "'d'",
            "dataclasses.field(default_factory=list)",
            "dataclasses.field(default=2, repr=False)",
            "dataclasses.field(compare=False, default=0)",
            "dataclasses.field(init=False, default=9)",
            "dataclasses.field(kw_only=True, default=3)",
            "[]",
            "None",
            "dataclasses.field()",
        )
        self.code(
            f"""
            import dataclasses, typing
            try:
                @dataclasses.dataclass{self.pick("", f"({options})", f"({options})")}
                class D{self.pick("", "(Mixin)", "(typing.Generic[typing.TypeVar('T')])")}:
                    a: int
                    b: {self.pick("str", "'list[int]'", "typing.ClassVar[int]", "dataclasses.InitVar[int]", "int | None")} = {default}
                    {self.pick("c: float = 2.5", "c = 3", "c: tuple = ()", "_: dataclasses.KW_ONLY; c: int = 4", "c: int")}
                    {self.pick("pass", "def __post_init__(self, *more): self.made = more", "def area(self): return self.a * 2", "def __eq__(self, o): return 'mine'", "def __repr__(self): return 'own'")}
                @dataclasses.dataclass{self.pick("", "(frozen=True)", "(order=True)", "(kw_only=True)")}
                class E(D):
                    {self.pick("d: int = 7", "a: str = 'over'", "pass", "d: int")}
            except Exception as e: show(type(e).__name__, str(e)); return
        """
        )
        self.add("d = None")
        self.attempts(1, "d = D(3)")
        self.attempts(
            8,
            "D(1)",
            "D(1, 2)",
            "D(a=1, b='x')",
            "D()",
            "D(1, 2, 3, 4)",
            "E(1)",
            "E(1, 2, 3, 4)",
            "D(1) == D(1)",
            "D(1) < D(2)",
            "hash(d) == hash(d)",
            "dataclasses.asdict(D(1))",
            "dataclasses.astuple(D(1))",
            "dataclasses.replace(D(1), a=5)",
            "[(f.name, f.kw_only, f.init) for f in dataclasses.fields(D)]",
            "D.__match_args__",
            "D(1).c",
            "D(1).a + 1",
            "dataclasses.is_dataclass(E)",
            "D(1) == E(1)",
            "sorted([D(2), D(1)])",
            "E.__annotations__",
            "D(1).made",
            "D(1).area()",
            "D.__slots__",
            "dataclasses.make_dataclass('M', ['x', ('y', int, 5)])(1)",
            "D(z=1)",
            "D.b",
            "D(1).zz",
        )
        self.attempts(2, "d.a = 4", "del d.a", "d.z = 1", "d", "vars(d)")

    def enums(self):
        kind = self.pick("Enum", "IntEnum", "Flag", "IntFlag", "StrEnum", "Enum", "str, enum.Enum", "int, enum.Enum")
        values = self.pick(
            ("1", "2", "4"),
            ("enum.auto()", "enum.auto()", "enum.auto()"),
            ("8", "3", "5") if "Flag" in kind else ("'a'", "'b'", "'c'"),
            ("1", "1", "2"),
            ("(1, 2)", "(3,)", "3") if "Flag" not in kind else ("1", "3", "~1"),
            ("5", "enum.auto()", "A"),
        )
        self.code(
            f"""
            import enum
            try:
                {self.pick("pass", "@enum.unique")}
                class K({"enum." if "," not in kind else ""}{kind}{self.pick("", "", ", boundary=enum.STRICT" if "Flag" in kind else "")}):
                    A = {values[0]}
                    B = {values[1]}
                    C = {values[2]}
                    {self.pick("pass", "def tell(self): return self.name.lower()", "_ignore_ = ['D']; D = 5", "@property" + chr(10) + "                    def twice(self): return self.value * 2", "ALIAS = A",
                               "@classmethod" + chr(10) + "                    def _missing_(cls, v): return cls.A if v == 'zero' else None", "def __str__(self): return 'str ' + self.name",
                               "__order__ = 'A B C'", "x: int = 5", "Z = lambda self: 1", "def _generate_next_value_(name, start, count, last): return name")}
            except Exception as e: show(type(e).__name__, str(e)); return
        """
        )
        self.attempts(
            9,
            "K.A",
            "K.A.value, K.B.value, K.C.value",
            "list(K)",
            "K(1)",
            "K['B']",
            "K['X']",
            "K('zero')",
            "K(99)",
            "K.A == 1, K.A is K(K.A.value)",
            "K.A < K.B",
            "K.A | K.B",
            "K.A & K.C",
            "~K.A",
            "str(K.B)",
            "f'{K.B}'",
            "format(K.A, '>8')",
            "len(K), K.A in K",
            "1 in K",
            "K.A.name",
            "K.A.tell()",
            "K.A.twice",
            "K.__members__",
            "K.A = 3",
            "del K.A",
            "K.A.value = 2",
            "K.X",
            "K.A.B",
            "isinstance(K.A, int)",
            "hash(K.A) == hash(K.A)",
            "{K.A: 1}[K.A]",
            "class L(K): pass",
            "class L(K): Z = 1",
            "K(3)",
            "K(7)",
            "[*K.A]",
            "K.A + 1",
            "sorted(K, key=lambda k: k.name)",
            "enum.Enum('F', 'x y')(2)",
            "[k.name for k in reversed(K)]",
            "K.A._value_",
            "repr(K), type(K).__name__",
            "K.__doc__",
            "bool(K.A)",
            "K.D",
            "K.ALIAS",
            "K.x",
            "'%s %r' % (K.A, K.B)",
            "int(K.A)",
            "dir(K.A)[-1]",
        )

    def functional(self):
        e = self.expr
        pair = self.pick(
            "operator.add", "operator.mul", "max", "lambda a, b: (a, b)", "lambda a, b: a + b", "operator.sub"
        )
        self.add("import functools, itertools, operator")
        self.code(
            f"""
            @functools.lru_cache({self.pick("", "maxsize=2", "None", "typed=True")})
            def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
            @functools.singledispatch
            def kind(x): return 'object'
            @kind.register
            def _(x: int): return 'int'
            @kind.register({self.pick("list", "str", "(tuple)", "dict")})
            def _(x): return 'special'
            @functools.total_ordering
            class T:
                def __init__(self, n): self.n = n
                def __eq__(self, o): return self.n == o.n
                def {self.pick("__lt__(self, o): return self.n < o.n", "__ge__(self, o): return self.n >= o.n", "__gt__(self, o): return NotImplemented")}
                @functools.cached_property
                def big(self): show('computed'); return self.n * 100
            t = T({self.literal('int')})
        """
        )
        self.attempts(
            7,
            f"functools.reduce({pair}, {e('list', 2)})",
            f"functools.reduce({pair}, {e('list', 2)}, {e('int', 1)})",
            f"fib({self.pick(0, 5, 20)}), fib.cache_info()",
            "fib.cache_clear(), fib.cache_info()",
            f"functools.partial({self.pick('int', 'divmod', 'max')}, {e('int', 1)})({e('int', 1)})",
            f"kind({e(self.any_type(), 1)}), kind(True)",
            f"t < T({e('int', 1)}), t >= T(3), t <= T(1)",
            "t.big, t.big, sorted(vars(t))",
            f"sorted({e('list', 2)}, key=functools.cmp_to_key(lambda a, b: len(str(a)) - len(str(b))))",
            "functools.partial(print, 1, sep='').args",
            f"operator.{self.pick('itemgetter(0)', 'itemgetter(0, 1)', 'itemgetter(slice(1))', 'attrgetter(chr(114) + chr(101) + chr(97) + chr(108))', 'methodcaller(chr(117) + chr(112))', 'neg', 'index', 'length_hint', 'not_')}({e(self.any_type(), 1)})",
            "functools.partialmethod(fib, 1).args",
            "fib.__wrapped__.__name__, fib.cache_parameters()",
            "functools.reduce(operator.add, [])",
            f"operator.{self.pick('concat', 'contains', 'countOf', 'indexOf')}({e('list', 1)}, {e('list', 1)})",
        )

    def iterators(self):
        e = self.expr
        self.add("import itertools as it, operator")
        seq = lambda: e(self.pick("list", "str", "tuple", "list", "int"), 1)
        n = lambda: self.pick(0, 1, 2, 3, -1, "None")
        self.attempts(
            8,
            f"list(it.chain({seq()}, {seq()}))",
            f"list(it.chain.from_iterable([{seq()}, {seq()}]))",
            f"list(it.combinations({seq()}, {n()}))",
            f"list(it.permutations({seq()}, {n()}))[:30]",
            f"list(it.product({seq()}, {seq()}, repeat={self.pick(0, 1, 1, 2)}))[:20]",
            f"list(it.combinations_with_replacement({seq()}, {n()}))[:30]",
            f"list(it.islice({seq()}, {n()}, {n()}, {n()}))",
            f"list(it.islice(it.count({e(self.pick('int', 'float'), 1)}, {e(self.pick('int', 'float'), 1)}), 4))",
            f"list(it.islice(it.cycle({seq()}), 7))",
            f"list(it.repeat({e('str', 1)}, {n()}))[:5]" if self.chance(20) else "list(it.repeat(1, 3))",
            f"list(it.accumulate({seq()}{self.pick('', ', operator.mul', ', max', ', initial=1', ', lambda a, b: (a, b)')}))",
            f"[(k, list(g)) for k, g in it.groupby({seq()}{self.pick('', ', key=str', ', bool')})]",
            f"list(it.takewhile({self.pick('bool', 'lambda x: x != 1', 'None')}, {seq()}))",
            f"list(it.dropwhile({self.pick('bool', 'str')}, {seq()}))",
            f"list(it.filterfalse({self.pick('None', 'bool', 'callable')}, {seq()}))",
            f"list(it.starmap({self.pick('pow', 'max', 'lambda *a: a')}, zip({seq()}, {seq()})))",
            f"list(it.zip_longest({seq()}, {seq()}, fillvalue={e('str', 0)}))",
            f"list(it.compress({seq()}, {seq()}))",
            f"list(it.pairwise({seq()}))",
            f"list(it.batched({seq()}, {n()}{self.pick('', ', strict=True')}))",
            f"[list(t) for t in it.tee({seq()}, {n()})]",
            f"list(zip({seq()}, {seq()}, strict=True))",
            f"list(map(lambda a, b: (b, a), {seq()}, {seq()}))",
            f"list(enumerate({seq()}, {n()}))",
            f"list(reversed({seq()}))",
            f"max({seq()}, key=str, default='none')",
            f"min({seq()}, default={e('int', 0)})",
            f"sum({seq()}, {e(self.pick('int', 'list', 'float'), 1)})",
            f"list(iter(iter({seq()}).__next__, 1))[:3]",
            f"next(iter({seq()}), 'end')",
            f"list(range({n()}, {n()}, {n()}))",
            f"dict.fromkeys({seq()}, 0)",
        )

    def collections(self):
        e = self.expr
        self.add("import collections as co")
        start = self.pick(
            f"co.deque({e('list', 2)}{self.pick('', ', 3', ', maxlen=2', ', 0')})",
            f"co.Counter({e(self.pick('str', 'list', 'dict'), 1)})",
            f"co.defaultdict({self.pick('int', 'list', 'None', 'lambda: 7')}, {e('dict', 1)})",
            f"co.OrderedDict({self.dict_literal(1)})",
            f"co.ChainMap({e('dict', 1)}, {e('dict', 1)})",
            "co.namedtuple('P', 'x y', defaults=[5])(1)",
            f"co.UserDict({e('dict', 1)})",
            f"co.UserList({e('list', 1)})",
            f"co.UserString({e('str', 1)})",
        )
        self.add(f"c = {start}")
        # Left out: OrderedDict of what is no pairs, pop() of it without a key, attributes of a defaultdict (gaps/rare_messages).
        pairs = self.dict_literal(1) if "OrderedDict" in start else e(self.pick("str", "dict", "list"), 1)
        item = lambda: e(self.pick("int", "str"), 1)
        self.attempts(
            10,
            "c",
            "len(c), bool(c)",
            f"c.append({item()})",
            f"c.appendleft({item()})",
            "c.pop()" if "OrderedDict" not in start else "c.pop('a', 1)",
            "c.popleft()",
            f"c.rotate({self.pick(1, -1, 5)})",
            f"c.extend({e('str', 1)})",
            f"c.extendleft({e('list', 1)})",
            f"c[{item()}]",
            f"c[{item()}] = {item()}",
            f"del c[{item()}]",
            "c.most_common(2)",
            f"c.update({pairs})",
            f"c.subtract({e('str', 1)})",
            "c.total()",
            "sorted(c.elements())",
            f"c + c",
            f"c - type(c)({pairs})",
            "c & c",
            "c | c",
            "+c",
            "-c",
            "c == type(c)(c)",
            f"{item()} in c",
            "list(c)",
            "list(reversed(c))",
            f"c.move_to_end({item()}{self.pick('', ', last=False')})",
            "c.popitem()",
            "c.popitem(last=False)",
            f"c.get({item()})",
            f"c.setdefault({item()}, 3)",
            "list(c.items())",
            "c.new_child({'n': 1})",
            "c.parents",
            "c.maps",
            "c.x, c.y",
            "c._asdict()",
            "c._replace(x=3)",
            "c._replace(z=3)",
            "c._fields, c._field_defaults",
            "c.x = 3" if "defaultdict" not in start else "c.x",
            f"c.insert(1, {item()})",
            f"c.remove({item()})",
            f"c.index({item()})",
            f"c.count({item()})",
            "c.copy()",
            "c.clear()",
            "c.reverse()",
            "c * 2",
            "c < c",
            "c.maxlen",
            "c.default_factory",
            "c[0:1]",
            "hash(c) == hash(c)",
            "c.upper()",
            "c.__missing__('m')",
            f"type(c).fromkeys('ab', {item()})",
            "[k for k in c][:2]",
            "c.fromhex",
            "{**c}",
            "[*c]",
            "dict(c)",
            "c | {'q': 1}",
            "c.keys() & {'a'}",
            "list(c.values())",
        )

    def modules(self):
        """A call or two of modules that most programs know."""
        e, n = self.expr, self.rng.randrange
        self.add(
            "import heapq, bisect, string, copy, textwrap, json, re, struct, datetime, statistics, decimal, operator, random, operator, pprint, io, types, zlib, base64, shlex, calendar"
        )
        text = lambda: f"str({e('str', 1)})"
        numbers = lambda: self.numbers(1)
        D = (
            lambda: f"decimal.Decimal({self.pick('1.10', '-0', '1E+3', '3', 'NaN', '0.001', 'Infinity', '-7.25', '123456789.987654321')!r})"
        )
        when = (
            lambda: f"datetime.{self.pick(f'date({n(1, 4000)}, {n(1, 13)}, {n(1, 31)})', f'datetime({n(1, 4000)}, {n(1, 13)}, {n(1, 32)}, {n(24)}, {n(60)})', f'timedelta({n(-99, 99)}, {n(90000)}, {n(10**7)})', f'timedelta(hours={n(-50, 50)})')}"
        )
        pattern = lambda: self.pick(
            "a",
            "[a-c]+",
            r"(\w)(\w)?",
            r"(?P<first>.)",
            "b*",
            "^|$",
            r"\b",
            "(a|b)*c",
            "(?i)A",
            ".",
            r"[^\W\d]",
            "(",
            "x{2,1}",
            "(?<=a)b",
            "a??",
            r"(\s+)",
            "(?:ab)+?",
            "(?P<1>a)",
            r"\1(a)",
        )
        replacement = lambda: self.pick(
            "'-'", r"r'<\1>'", r"r'[\g<0>]'", r"r'\g<first>'", "lambda m: m[0] * 2", r"r'\n\\'", "5"
        )
        fmt = self.pick("<hB", ">i", "3s", "!d", "?x", "<q", "2H", "b", "z", "<0s", "p", ">f", "@l")
        self.attempts(
            7,
            f"heapq.{self.pick('nlargest', 'nsmallest')}({n(4)}, [{self.small_int()}, {e('bool', 1)}, 2.5, {self.small_int()}]{self.pick('', ', key=str')})",
            f"heapq.heapify(h := {numbers()}) or h",
            f"list(heapq.merge([1, 4], [{self.small_int()}], {self.pick('[2, 6]', '[2.5]', '(3, 3)')}))",
            f"bisect.{self.pick('bisect', 'bisect_left', 'insort')}({numbers()}, {e('int', 1)})",
            f"string.Template({self.pick('$a ${b}', '$$', '$', '${x', '$a$c')!r}).{self.pick('substitute', 'safe_substitute')}(a={e('int', 1)}, b=2)",
            f"string.capwords({text()})",
            f"string.Formatter().format('{{0!r:>{{1}}}}', {text()}, 9)",
            f"copy.deepcopy({e(self.any_type(), 2)})",
            f"textwrap.{self.pick('fill', 'wrap')}({text()} + ' the quick brown fox jumps', {self.pick(5, 10, 30, 0)})",
            f"textwrap.shorten({text()} * 3, {self.pick(5, 12)})",
            f"textwrap.indent({text()} + chr(10) + 'b', '> ')",
            f"json.dumps({e(self.any_type(), 2)}{self.pick('', ', indent=1', ', sort_keys=True', ', ensure_ascii=False', ', default=str', ', separators=(chr(44), chr(58))')})",
            f"json.loads({self.pick('[1, 2.5, null]', '{}', '[1,]', 'nul', '1e400', '-0', chr(34), '  true ', '{1: 2}', '[NaN]', '01')!r})",
            f"json.loads(json.dumps({e(self.pick('list', 'dict', 'str', 'float', 'int'), 2)}))",
            f"re.{self.pick('findall', 'split', 'match', 'search', 'fullmatch')}(r'{pattern()}', {text()})",
            f"re.{self.pick('sub', 'subn')}(r'{pattern()}', {replacement()}, {text()})",
            f"[m.span() for m in re.finditer(r'{pattern()}', {text()})]",
            f"re.escape({text()})",
            f"struct.pack({fmt!r}, {self.pick('1', '1, 2', repr(b'ab'), '2.5', '', '300, 1', '-1')})",
            f"struct.unpack({fmt!r}, {e('bytes', 1)})",
            f"struct.calcsize({fmt!r})",
            f"{when()} {self.pick('-', '+', '<', '==')} {when()}",
            f"str({when()}), repr({when()})",
            f"({when()}).{self.pick('isoformat()', 'weekday()', 'timetuple()[:6]', 'total_seconds()', 'isocalendar()', 'ctime()', 'year', 'days', 'toordinal()')}",
            f"({when()}).strftime({self.pick('%Y-%m-%d', '%j %a %b', '%H:%M:%S', '%d/%m/%y %p', '%U %w %%')!r})",
            f"statistics.{self.pick('mean', 'median', 'mode', 'stdev', 'pvariance', 'fmean', 'quantiles', 'multimode', 'median_low')}({numbers()})",
            f"{D()} {self.pick('+', '-', '*', '/', '//', '%', '<', '==', '**')} {self.pick(D(), D(), e('int', 1))}",
            f"{D()}.quantize(decimal.Decimal({self.pick('0.01', '1', '1E1')!r}))",
            f"str({D()}), f'{{{D()}:{self.pick('.2f', 'e', '>10', ',', 'g')}}}'",
            f"{D()}.{self.pick('as_tuple()', 'normalize()', 'sqrt()', 'to_integral_value()', 'is_nan()', 'adjusted()', 'copy_abs()', 'exp()', 'ln()')}",
            f"random.Random({n(99)}).{self.pick('random()', 'randrange(100)', 'sample(range(50), 4)', 'choices([1, 2, 3], k=4)', 'gauss(0, 1)', 'uniform(1, 2)', 'randint(1, 6)', 'getrandbits(70)', 'shuffle([])', 'betavariate(1, 2)', 'triangular()', 'randbytes(3)')}",
            f"pprint.pformat({e(self.pick('list', 'dict', 'tuple', 'str'), 2)}, width={self.pick(10, 40)})",
            f"io.StringIO({text()}).{self.pick('read(2)', 'readline()', 'getvalue()', 'readlines()', 'write(5)', 'seek(-1)', 'truncate(1)')}",
            f"zlib.crc32({e('bytes', 1)}), zlib.decompress(zlib.compress({e('bytes', 1)}))",
            f"base64.b64encode({e('bytes', 1)}), base64.b64decode({self.pick('YWI=', 'YW', '!', '')!r})",
            f"shlex.split({self.pick('a b', 'a ' + chr(34) + 'b c' + chr(34), chr(39), 'x # y', 'a' + chr(92) + ' b')!r})",
            f"calendar.monthrange({n(1, 3000)}, {n(1, 14)})",
            "types.SimpleNamespace(a=1, b='x')",
        )
