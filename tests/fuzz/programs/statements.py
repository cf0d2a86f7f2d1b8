"""Statements: assignments, loops, branches, exceptions, functions."""


class Statements:
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
        what = self.pick(
            "ValueError",
            "TypeError",
            "(KeyError, IndexError)",
            "ZeroDivisionError",
            "LookupError",
            "Exception",
            "ArithmeticError",
        )
        self.add(f"except {what} as e:")
        self.indent += 1
        self.add("show(type(e).__name__, str(e), e.args)")
        if self.chance(30):
            self.add(
                self.pick(
                    "raise",
                    "raise ValueError('again') from e",
                    "raise KeyError('other')",
                    "raise RuntimeError(str(e)) from None",
                )
            )
        self.indent -= 1
        if self.chance(40):
            self.add("else:")
            self.block(1, self.show)
        if self.chance(40):
            self.add("finally:")
            self.block(1, self.show)

    def throw(self):
        self.add(
            f"if {self.expr('bool', 1)}: raise {self.pick('ValueError', 'KeyError', 'IndexError', 'MyError')}({self.expr('str', 1)})"
        )

    def function(self):
        r = self.rng
        name = f"f{self.n_names}"
        self.n_names += 1
        parameters = self.pick(
            "a", "a, b=2", "a, *args", "a, b=1, *, c=3", "a, /, b", "*args, **kw", "*, k", "a, b, c=(1,)", ""
        )
        names = [p.strip(" *").split("=")[0] for p in parameters.split(",") if p.strip(" *") not in ("", "/")]
        self.add(f"def {name}({parameters}): return ({''.join(n + ', ' for n in names if n and n[0].isalpha())})")
        for _ in range(r.randrange(1, 4)):
            self.add(
                f"show({name}({self.pick('', '1', '1, 2', '1, 2, 3', 'a=1', '1, b=5', '*[1, 2]', '**dict(a=1)', '1, c=2', 'k=4', '1, a=1', '1, z=9', '*range(4), k=1')}))"
            )

    def closure(self):
        self.add("def outer(n):")
        self.add("    def inner(k=1):")
        self.add("        nonlocal n; n " + self.pick("+=", "*=", "-=") + " k; return n")
        self.add("    return inner")
        self.add(f"f = outer({self.literal('int')}); show(f(), f({self.literal('int')}), f(2))")
        self.add(f"show([h() for h in [lambda i=i: i {self.pick('+', '*', '-')} 1 for i in range(3)]])")
