"""Classes with special methods of every kind, and generators, used rightly and wrongly."""


class Classes:
    def klass(self):
        r = self.rng
        name = f"C{self.n_names}"
        base = self.pick("", "", "(Base)", "(Exception)", "(Base, Mixin)", "(dict)", "(int)", "(list)", "(str)")
        self.add(f"class {name}{base}:")
        self.indent += 1
        if self.chance(50):
            self.add(f"x = {self.literal('int')}")
        if self.chance(60) and base in ("", "(Base)", "(Base, Mixin)"):
            self.add(
                f"def __init__(self, a{self.pick('', '=' + self.literal('int'))}, *rest, k={self.literal('str')}):"
            )
            self.add("    self.a = a; self.rest = rest; self.k = k")
        for special, body in r.sample(
            [
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
            ],
            r.randrange(1, 6),
        ):
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
            self.add(
                self.pick(
                    "show(o == o, o != 3)",
                    "show(o + 1)",
                    "show(1 + o)",
                    "show(len(o))",
                    "show(bool(o))",
                    "show(o[0], o[1])",
                    "show(3 in o)",
                    "show(o(1, 2, z=3))",
                    "show(list(o))",
                    "show(o.nothing)",
                    "show(str(o))",
                    "show(f'{o:>4}')",
                    "show([5, 6, 7][o])",
                    "show(o < o, o > 2)",
                    "show(o.method(1))",
                    "show(o.method(p=1))",
                    "show(o.method(1, 2, 3))",
                    "show(o.prop)",
                    "o.prop = 1",
                    "show(o.make(1))",
                    f"show({name}.make(1, 2))",
                    "o += 5; show(o)",
                    "show(-o)",
                    "show(isinstance(o, Base), type(o).__mro__[1].__name__)",
                    "show(hash(o) == hash(o))",
                    "o.y = 1; show(vars(o))",
                    "show(o.a, o.rest, o.k)",
                    "del o.x",
                    "show(o.x); o.x = 9; show(o.x, type(o).__name__)",
                    "show({o: 1} == {o: 1})",
                    "show(getattr(o, 'x', 'none'), hasattr(o, 'y'))",
                    "show(super(type(o), o).__init__)if 0 else show(1)",
                    "\n".join(["with o as p:", "    " * (self.indent + 1) + "show(p is o)"]),
                    "show(o @ 2)",
                    "show(abs(o))",
                    "show(int(o))",
                )
            )

    def generator(self):
        name = f"g{self.n_names}"
        self.n_names += 1
        self.add(f"def {name}(n):")
        self.indent += 1
        self.add("try:")
        self.indent += 1
        self.add("for i in range(n):")
        self.add(
            "    " + self.pick("yield i", "x = yield i; show(x)", "yield i, n", "yield from 'ab'", "yield from [i, i]")
        )
        if self.chance(40):
            self.add(
                self.pick(
                    "return 'end'",
                    "yield 'last'",
                    "raise ValueError('gen')",
                    "raise StopIteration(1)",
                    "r = yield from (k for k in range(2)); show(r)",
                )
            )
        self.indent -= 1
        self.add(
            self.pick(
                "except ValueError as e: yield ('caught', str(e))",
                "finally: show('finally')",
                "except GeneratorExit: show('exit'); raise",
                "except GeneratorExit: yield 1",
            )
        )
        self.indent -= 1
        self.add(f"g = {name}({self.pick(0, 1, 2, 3)})")
        # Closed at a time of its own: CPython would do it when nothing refers to it any more (gaps/generator_close).
        self.add("try:")
        self.indent += 1
        for _ in range(self.rng.randrange(2, 6)):
            self.add(
                self.pick(
                    "show(next(g))",
                    "show(next(g, 'none'))",
                    "show(g.send(5))",
                    "show(g.send(None))",
                    "show(list(g))",
                    "show(g.throw(ValueError('in')))",
                    "show(g.throw(KeyError))",
                    "g.close()",
                    "show(sum(x for x in range(4)))",
                    "for x in g: show(x); break",
                    "a, b = g; show(a, b)",
                    "show(max(g))",
                    "show(dict(enumerate(g)))",
                    "show(type(g).__name__, g.__name__)",
                )
            )
        self.indent -= 1
        self.add("finally: g.close()")
