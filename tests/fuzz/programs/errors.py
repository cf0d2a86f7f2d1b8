"""What goes wrong: groups and except*, chains, tracebacks as text, recursion that is caught, context managers."""


class Errors:
    def error(self):
        return (
            self.pick("ValueError", "KeyError", "TypeError", "MyError", "ZeroDivisionError", "OSError")
            + f"({self.literal(self.pick('str', 'int'))})"
        )

    def group(self, depth=2):
        inside = [
            self.group(depth - 1) if depth and self.chance(30) else self.error()
            for _ in range(self.rng.randrange(1, 4))
        ]
        return f"ExceptionGroup({self.literal('str')}, [{', '.join(inside)}])"

    def groups(self):
        kinds = self.some(
            self.rng.randrange(1, 4),
            "ValueError",
            "(KeyError, TypeError)",
            "MyError",
            "ArithmeticError",
            "OSError",
            "Exception",
        )
        self.code(
            """
            def tell(e, depth=0):
                if isinstance(e, BaseExceptionGroup):
                    show('  ' * depth + e.message, len(e.exceptions))
                    for x in e.exceptions: tell(x, depth + 1)
                else: show('  ' * depth + repr(e))
        """
        )
        self.add("try:")
        self.add("    try:")
        self.add(f"        raise {self.pick(self.group(), self.group(), self.group(), self.error())}")
        for kind in kinds:
            self.add(f"    except* {kind}{self.pick(' as g', '')}:")
            self.add(
                "        "
                + self.pick(
                    "show('caught')",
                    "tell(sys.exception())",
                    f"raise {self.error()}",
                    "raise",
                    "pass",
                    "show(type(sys.exception()).__name__)",
                )
            )
        if self.chance(30):
            self.add("    else: show('else')")
        if self.chance(30):
            self.add("    finally: show('finally')")
        self.add("except Exception as e: tell(e); show(type(e.__context__).__name__, type(e.__cause__).__name__)")
        self.code(
            f"""
            g = {self.group()}
            a, b = g.split({self.pick("ValueError", "(KeyError, OSError)", "lambda e: e.args == (0,)", "MyError")})
            for part in (a, b, g.subgroup({self.pick("ValueError", "LookupError", "lambda e: True", "5")})):
                if part is not None: tell(part)
                else: show(part)
        """
        )

    def chains(self):
        self.code(
            f"""
            def a(x): return {self.pick("x[0] + 1", "x.name", "1 / x", "int(x)", "b(x)['k']", "missing(x)", "len(x) + len(b(x))", "x()")}
            def b(x): raise {self.error()}{self.pick("", "", " from None", " from MyError(x)")}
            try:
                try:
                    {self.pick("a", "b", "(lambda q: a(q))")}({self.expr(self.any_type(), 1)})
                {self.pick("except Exception as e: raise " + self.error() + self.pick("", " from e", " from None"),
                           "except ValueError: b(2)",
                           "finally: show('cleanup')",
                           "except Exception as e: e.add_note('noted'); raise")}
            except Exception as e:
                show(type(e).__name__, str(e), getattr(e, '__notes__', None), e.__suppress_context__, repr(e.__cause__), repr(e.__context__))
                import traceback
                print(traceback.format_exc())
                {self.pick("show(e.__traceback__.tb_lineno > 0)", "show([f.name for f in traceback.extract_tb(e.__traceback__)])",
                           "show(traceback.format_exception_only(e))", "raise")}
        """
        )

    def tracebacks(self):
        """Several frames and lines, with the marks under what failed."""
        inner = self.pick(
            "x['a']['b']",
            "(x + 1) * (x / 0)",
            "x.real.nothing.at_all",
            "[y.z for y in (x, x)]",
            "f(x)(x)",
            "{**x}",
            "'%d' % x",
            "max(x, key=lambda v: v.q)",
            "sorted([x, 'a'])",
            "x[1:][0]",
            "f'{x:{x}}'",
            "x @ x",
            "-x + ~x + x.y",
            "int(str(x) + 'z')",
            "not x.done",
            "(x if x else x).up",
            "x < 'a' < x",
            "next(v for v in [x] if v.bad)",
        )
        self.code(
            f"""
            import traceback
            def f(x):
                return {inner}
            class Thing:
                def run(self, x, *more):
                    {self.pick("return f(x)", "value = f(x); return value", "return [f(v) for v in (x,)]", "return (f(x) +" + chr(10) + "                        f(x))",
                               "yield f(x)", "with open([x]) as h: return h", "for v in x: f(v)", "return max(map(f, [x]))", "assert f(x), 'no'", "del x.y")}
                {self.pick("__call__", "__getitem__", "other")} = run
            def go(n, x):
                if n: return go(n - 1, x)
                got = {self.pick("Thing().run(x)", "Thing()(x)", "Thing()[x]", "Thing().run(x, 1,)", "(lambda: Thing().run(x))()")}
                return list(got) if hasattr(got, '__next__') else got
            try:
                show(go({self.pick(0, 1, 2, 5, 9)}, {self.expr(self.any_type(), 1)}))
            except Exception as e:
                print(traceback.format_exc({self.pick("", "", "limit=2", "limit=-1", "chain=False")}))
        """
        )

    def recursion(self):
        self.code(
            f"""
            class Deep:
                def {self.pick("__repr__(self): return repr(self)", "__len__(self): return len(self)",
                               "__eq__(self, o): return self == o", "__call__(self): return self()", "__iter__(self): yield from self",
                               "__getitem__(self, k): return self[k]", "__add__(self, o): return self + o", "__hash__(self): return hash(self)",
                               "__bool__(self): return bool(self)", "__str__(self): return f'{self}'")}
            def down(n): return {self.pick("down(n + 1)", "1 + down(n + 1)", "[down(n + 1)]", "sorted([1, 2], key=down)", "list(map(down, [n]))", "max([n, 1], key=lambda v: down(v))")}
            def depth(n):
                try: return depth(n + 1)
                except RecursionError: return n > 100
            d = Deep()
            for attempt in (lambda: down(0), lambda: {self.pick("repr(d)", "len(d)", "d == d", "d()", "list(d)", "d[0]", "d + 1", "hash(d)", "bool(d)", "str(d)")}, lambda: depth(0)):
                try: show('fine' if attempt() is not None else None)
                except RecursionError as e: show('RecursionError', str(e).split(' while')[0].split(' in ')[0])
                except Exception as e: show(type(e).__name__)
        """
        )

    def contexts(self):
        self.code(
            f"""
            import contextlib
            @contextlib.contextmanager
            def manager(name):
                show('enter ' + name)
                try: yield {self.pick("name", "name, 1", "None")}
                {self.pick("except ValueError as e: show('swallowed', str(e))", "finally: show('leave ' + name)", "except KeyError: raise RuntimeError('other')",
                           "except ZeroDivisionError: yield 2", "except MyError as e: raise")}
                {self.pick("show('after')", "pass", "yield 3")}
            class Manager:
                def __enter__(self): {self.pick("return self", "return 5", "raise MyError('enter')", "show('in')")}
                def __exit__(self, kind, value, tb): show(kind and kind.__name__, repr(value), tb is None); {self.pick("return True", "return False", "return None", "raise KeyError('exit')", "return 'yes'")}
            for step in range(2):
                try:
                    with {self.pick("manager('a') as x, Manager() as y", "Manager() as x, manager('b') as y", "(manager('c') as x, manager('d') as y)",
                                    "contextlib.suppress(KeyError, MyError) as x, Manager() as y", "contextlib.nullcontext(3) as x, manager('e') as y",
                                    "contextlib.ExitStack() as x, Manager() as y")}:
                        show(x is None, y is None)
                        {self.pick("if step: raise " + self.error(), "if step: break", "if step: continue", "1 / step", "pass", "x.enter_context(manager('z'))", "x.callback(show, 'callback', step)")}
                    show('behind')
                except Exception as e: show(type(e).__name__, str(e), type(e.__context__).__name__)
                else: show('no error')
        """
        )
