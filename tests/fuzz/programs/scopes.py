"""Names and functions: closures, decorators, comprehensions, assignment expressions, unpacking, what is unbound."""


class Scopes:
    def closure(self):
        self.add("def outer(n):")
        self.add("    def inner(k=1):")
        self.add("        nonlocal n; n " + self.pick("+=", "*=", "-=") + " k; return n")
        self.add("    return inner")
        self.add(f"f = outer({self.literal('int')}); show(f(), f({self.literal('int')}), f(2))")
        self.add(f"show([h() for h in [lambda i=i: i {self.pick('+', '*', '-')} 1 for i in range(3)]])")
        if self.chance(50):
            self.code(
                f"""
                def counter():
                    total, calls = {self.literal('int')}, 0
                    def add(x):
                        nonlocal total, calls
                        calls += 1
                        {self.pick("total += x", "total = total, x", "del total", "total = [total, *x]")}
                        return total
                    def report(): return total, calls, add.__code__.co_freevars
                    return add, report
                add, report = counter()
                show(report(), add({self.expr('int', 1)}))
                show(add({self.expr(self.pick('int', 'list'), 1)}), report())
            """
            )

    def unbound(self):
        """Names that are not there, sometimes: the messages say which and offer another."""
        self.code(
            f"""
            def f(flag):
                if flag: value = {self.literal('int')}
                {self.pick("return value", "del value; return 1", "value += 1; return value", "return valeu", "return lambda: value",
                           "return [value for _ in range(2)]", "return value, flagg")}
            try:
                got = f({self.pick(0, 1)})
                show(got() if callable(got) else got)
            except NameError as e:
                show(type(e).__name__, str(e), e.name)
            class C:
                x = {self.literal('int')}
                y = [x for _ in range(2)] if {self.literal('bool')} else x
                def get(self): return {self.pick("x", "self.x", "C.x", "self.z", "self.xx", "__class__.x")}
            show(C.y, C().get())
        """
        )

    def comprehensions(self):
        source = self.expr(self.pick("list", "tuple", "str", "dict"), 2)
        element = self.pick("x", "(x, y)", "[x for x in 'ab']", "(y := x)", "lambda: x", "f'{x!r:>4}'", "x and y")
        outer = self.pick("", " for y in range(2)", " for y in (x, 1)", " if x", " if not x", " for y in [x] if y == x")
        if "y" in element and ":=" not in element and "for y" not in outer:
            self.add("y = 'outside'")
        self.add("x = 'kept'")
        if ":=" in element and "for y" in outer:
            outer = " if x"
        opening, closing = self.pick("[]", "()", "()")
        self.add(f"made = {opening}{element} for x in {source}{outer}{closing}")
        self.add("show(x, [item() if callable(item) else item for item in made])")
        self.add(
            f"show({{k: v for k, v in zip({self.expr('str', 1)}, {self.expr('list', 1)})}}, sum(1 for _ in {self.expr('list', 1)}))"
        )
        if self.chance(40):
            self.add(
                f"show([[i * j for j in range(i)] for i in range({self.pick(0, 2, 4)})], [i for row in [[1], [2, 3]] for i in row])"
            )

    def walrus(self):
        self.code(
            f"""
            if (n := {self.expr('int', 2)}) > {self.literal('int')}: show('more', n)
            else: show('less', n)
            items = {self.expr('list', 2)}
            while (n := len(items)) > 1: items = items[{self.pick('1:', ':-1', '::2')}]
            show(n, items, [last := item for item in items], [(a := 1), a + 1], (b := {self.expr('str', 1)}) + b)
            show(any((hit := item) == {self.expr('int', 1)} for item in [1, 2, {self.expr('int', 1)}]), hit)
        """
        )

    def stars(self):
        targets = self.pick(
            "a, *b", "*a, b", "a, *b, c", "a, (b, *c)", "[a, b]", "a, b, c", "*a,", "a, (b, c), *d", "(a, b), c"
        )
        names = [n for n in "abcd" if n in targets]
        value = self.pick(
            self.expr("list", 2),
            self.expr("str", 1),
            self.expr("tuple", 1),
            "[1, [2, 3], 4]",
            "(1, 'ab')",
            "'xyz'",
            "['pq', 5]",
        )
        self.add(f"{targets} = {value}")
        self.add(f"show({', '.join(names)})")
        self.add(f"for {targets} in [{value}]: show({', '.join(names)})")
        self.add(
            f"show([*{self.expr('tuple', 1)}, 0, *{self.expr('str', 1)}], (*{self.expr('list', 1)},), {{**{self.expr('dict', 1)}, 'k': 1}})"
        )
        self.code(
            f"""
            def f(a, *args, k=0, **kw): return a, args, k, kw
            show(f(*{self.expr('list', 1)}, {self.literal('int')}, **{{'k': 1, {self.pick("'z'", "'a'", "3", "'k2'")}: 2}}))
            show(f({self.literal('str')}, *{self.expr('str', 1)}, {self.pick("k=5", "y=5", "**dict(q=1)", "**{'k': 2}, **{'k': 3}")}))
        """
        )

    def decorators(self):
        self.code(
            f"""
            import functools
            log = []
            def note(tag{self.pick("", "=None", ", *more")}):
                def wrap(f):
                    {self.pick("@functools.wraps(f)", "pass")}
                    def call(*args, **kwargs):
                        log.append((tag, args, sorted(kwargs)))
                        {self.pick("return f(*args, **kwargs)", "return [f(*args, **kwargs)]", "return f(*args)", "return f(args)")}
                    return call
                return wrap
            @note({self.literal('str')})
            @note({self.literal('int')})
            def work(a, b={self.literal('int')}):
                'Works.'
                return {self.pick("a, b", "a + b", "a // b", "a[b]")}
            show(work.__name__, work.__doc__, work.__qualname__.rsplit('.', 1)[-1])
            try:
                show(work({self.expr('int', 1)}), work({self.expr(self.pick('int', 'str', 'list'), 1)}, b={self.expr('int', 1)}))
            finally:
                show(log)
        """
        )

    def deleting(self):
        """Slices with assignment and deletion, of lists and bytearrays, and names deleted."""
        lines = []
        for _ in range(self.rng.randrange(2, 6)):
            a, b = self.pick(
                ("items", self.expr(self.pick("list", "str", "tuple", "int"), 1)),
                ("data", self.pick("b'xy'", "[1, 255]", "[256]", "bytearray(3)", "'s'", "5", "range(3)")),
            )
            lines.append(
                self.pick(
                    f"{a}[{self.slice()}] = {b}",
                    f"del {a}[{self.slice()}]",
                    f"{a}[{self.small_int()}:] = {b}",
                    f"del {a}[{self.small_int()}]",
                    f"{a}[{self.small_int()}] = 7",
                    f"{a} += {b}",
                    f"{a} *= {self.pick(0, 2, -1)}",
                    f"{a}[slice({self.small_int()}, None)] = {b}",
                    f"{a}.insert({self.small_int()}, 65)",
                    f"{a}.extend({b})",
                    f"show({a}.pop({self.pick('', self.small_int())}))",
                    f"{a}.reverse()",
                    f"{a}.remove(65)",
                )
            )
        self.add(f"items, data = {self.list_literal(1)} + [65, 2], bytearray({self.bytes_literal()} + b'A.c')")
        for line in lines:
            self.code(
                f"""
                try: {line}
                except Exception as e: show(type(e).__name__, str(e))
            """
            )
        self.add("show(items, data)")
        self.add(
            self.pick(
                "del items, data; show(items)",
                "del items[:], data[:]; show(items, data)",
                "show(data.hex(' '), len(items))",
            )
        )
