"""What all makers share: choosing, adding lines, names of locals and what they hold, literals."""

import textwrap


class Base:
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

    def code(self, text):
        """Lines that are written as they stand there."""
        for line in textwrap.dedent(text).strip("\n").split("\n"):
            self.add(line)

    def some(self, n, *items):
        """n of the items, each of them once, in any order."""
        return self.rng.sample(items, min(n, len(items)))

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
        return str(
            self.pick(
                0,
                1,
                -1,
                2,
                3,
                7,
                -5,
                10,
                255,
                r.randrange(-100, 100),
                r.randrange(-(10**6), 10**6),
                2**31,
                2**49,
                -(2**49),
                2**50,
                2**63 - 1,
                2**64,
                r.randrange(10**18, 10**22),
                -r.randrange(10**25),
            )
        )

    def float_literal(self):
        r = self.rng
        return self.pick(
            "0.0",
            "-0.0",
            "1.0",
            "0.1",
            "-2.5",
            "1e10",
            "1e-7",
            "1e22",
            "123456.789",
            "float('inf')",
            "float('nan')",
            repr(r.uniform(-10, 10)),
            repr(r.uniform(-1e6, 1e6)),
            repr(r.random() * 10.0 ** r.randrange(-20, 20)),
        )

    def complex_literal(self):
        r = self.rng
        return self.pick(
            "0j",
            "1j",
            "-0j",
            "2.5j",
            "(1+2j)",
            "(-3-0.5j)",
            "1e200j",
            "complex('nan')",
            "complex(0, float('inf'))",
            "complex(-0.0, 0.0)",
            f"complex({r.uniform(-10, 10)!r}, {r.uniform(-10, 10)!r})",
            f"({r.randrange(-9, 9)}+{r.randrange(9)}j)",
        )

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
        return (
            "(" + "".join(self.expr(self.element_type(), depth - 1) + ", " for _ in range(n)).rstrip() + ")"
            if n
            else "()"
        )

    def hashable(self, depth=1):
        return self.expr(self.pick("int", "str", "str", "bool", "none", "tuple_of_ints"), depth)

    def tuple_of_ints_literal(self):
        return f"({self.rng.randrange(5)}, {self.rng.randrange(5)})"

    def set_literal(self, depth=1):
        """Of small integers: the order of others is not promised."""
        items = ", ".join(str(self.rng.randrange(8)) for _ in range(self.rng.randrange(1, 6)))
        return "{" + items + "}"

    def dict_literal(self, depth=1):
        return (
            "{"
            + ", ".join(
                f"{self.hashable(0)}: {self.expr(self.element_type(), depth - 1)}" for _ in range(self.rng.randrange(4))
            )
            + "}"
        )

    def literal(self, type_name):
        return getattr(self, type_name + "_literal")()

    def any_type(self):
        return self.pick(
            "int",
            "int",
            "float",
            "str",
            "str",
            "bool",
            "list",
            "list",
            "tuple",
            "dict",
            "set",
            "bytes",
            "none",
            "complex",
        )
